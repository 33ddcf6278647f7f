"""A record that is open to some of the practice only is opened by another care giver, because somebody is in danger.

It needs a reason, lasts half an hour, and is judged afterwards: the privacy officers of the practice get a mail, and
sign it off in the access log. The patient reads it too. A mail server that is down does not keep the record closed.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ruggespraak.clinic import jobs, log, record
from ruggespraak.clinic.log import What
from ruggespraak.clinic.models import Account, Emergency, Episode, Practice
from ruggespraak.clinic.roles import MAY, Act
from ruggespraak.web.access import Acting, of_closed_record
from ruggespraak.web.practice_forms import shared

LASTS = timedelta(minutes=30)  # own choice, within the 15 to 60 minutes that are usual
LONGEST = 500  # letters
REASONS = {
    "danger": gettext_lazy("The patient is in danger now"),
    "absent": gettext_lazy("It cannot wait, and nobody to whom the record is open can be reached"),
    "asked": gettext_lazy("The patient asks me to help now"),
}


@of_closed_record
def emergency(request: HttpRequest, acting: Acting, episode: Episode) -> HttpResponse:
    """Why; then the record is open to this care giver for a while."""
    mistakes: list[tuple[str, str]] = []
    if request.method == "POST":
        kind, why = request.POST.get("kind", ""), request.POST.get("why", "").strip()
        if kind not in REASONS:
            mistakes.append(("kind", _("Choose why it cannot wait.")))
        if not 0 < len(why) <= LONGEST:
            mistakes.append(
                ("why", _("Write in a few words what is going on, in at most %(n)s letters.") % {"n": LONGEST})
            )
        if not mistakes:
            _open(acting, episode, kind, why)
            _tell(acting.practice)
            return redirect("episode", episode=episode.pk)
        log.note(What.REFUSED, acting.actor, "emergency", [episode.patient])
    found = {
        "episode": episode,
        "reasons": list(REASONS.items()),
        "minutes": LASTS.seconds // 60,
        "longest": LONGEST,
        "errors": mistakes,
        "sent": request.POST,
    }
    return render(request, "practice/emergency.html", shared(request, acting) | found)


@transaction.atomic
def _open(acting: Acting, episode: Episode, kind: str, why: str) -> None:
    with translation.override(record.LANG):
        reason = f"{REASONS[kind]}: {why}"
    actor = replace(acting.actor, emergency=True)
    row = log.note(What.EMERGENCY, actor, "emergency", [episode.patient], reason)
    Emergency.objects.create(account=acting.account, patient=episode.patient, row=row, until=timezone.now() + LASTS)


def _tell(practice: Practice) -> None:
    """A mail to who guards the privacy of this practice. It says nothing about the patient."""
    guards = practice.members.filter(until=None, role__in=[str(role) for role in MAY[Act.LOG]])
    for guard in Account.objects.filter(pk__in=guards.values("account"), is_active=True):
        with translation.override(record.LANG):
            subject = _("A closed record was opened in an emergency")
            says = _("Somebody in your practice opened a closed record. Read why, and sign it off, in the access log:")
            where = settings.SITE + reverse("log", kwargs={"practice": practice.pk})
            jobs.tell.enqueue(guard.email, subject, f"{says}\n\n{where}\n")


urlpatterns: list[Any] = [path("practice/episode/<uuid:episode>/emergency/", emergency, name="emergency")]
