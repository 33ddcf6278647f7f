"""What was done with the advice cards that a practice's own system showed (CDS Hooks): followed, or set aside and why.

It is about no patient, and about no care giver: only how often. A card that nobody touched is never told to us, so
there is no share of anything here.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _

from ruggespraak.clinic.models import CardFeedback
from ruggespraak.clinic.roles import Act
from ruggespraak.fhir.cards.card import Kind
from ruggespraak.pathway.texts import long_date, table, text
from ruggespraak.web.access import Acting, of_practice
from ruggespraak.web.cds_feedback import ACCEPTED, OTHER
from ruggespraak.web.pages import lang_of, today
from ruggespraak.web.practice_forms import shared

PERIOD = timedelta(days=365)  # before now (own choice)


@of_practice(Act.CARDS)
def cards(request: HttpRequest, acting: Acting) -> HttpResponse:
    """How often each kind of card was taken or set aside in the last year, the one that was set aside most first."""
    found = {"rows": _rows(acting), "errors": [], "since": long_date(today() - PERIOD, lang_of())}
    return render(request, "practice/cards.html", shared(request, acting) | found)


def _rows(acting: Acting) -> list[dict[str, Any]]:
    whose = Q(practice=acting.practice.pk)
    if settings.DEMO:
        whose |= Q(practice=None)  # there anybody may ask, for nobody's practice
    told = CardFeedback.objects.filter(whose, at__gte=timezone.now() - PERIOD)
    taken: Counter[str] = Counter()
    reasons: dict[str, Counter[str]] = {}
    for one in told.values("kind", "outcome", "reason").annotate(times=Count("pk")):
        if one["outcome"] == ACCEPTED:
            taken[one["kind"]] += one["times"]
        else:
            reasons.setdefault(one["kind"], Counter())[one["reason"]] += one["times"]
    rows = [
        {
            "name": text("cards", kind, "name", lang_of()),
            "taken": taken[kind],
            "aside": reasons.get(kind, Counter()).total(),
            "reasons": [(_reason(reason), times) for reason, times in reasons.get(kind, Counter()).most_common()],
        }
        for kind in map(str, Kind)
        if kind in taken or kind in reasons
    ]
    return sorted(rows, key=lambda row: -row["aside"])


def _reason(code: str) -> str:
    if not code:
        return _("no reason given")
    return _("another reason") if code == OTHER else str(table("cards")[f"reason_{code}"][lang_of()])


urlpatterns: list[Any] = [path("practice/<uuid:practice>/cards/", cards, name="cards")]
