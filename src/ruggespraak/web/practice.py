"""The practice's pages begin here: where one works, and the worklist. The others are in modules of their own.

Each page says what is done on it, and ``access`` who may. No name, answer or finding is ever in an address, and no page
may be kept by a browser.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _

from ruggespraak.clinic import log
from ruggespraak.clinic.log import What
from ruggespraak.clinic.models import Account, Episode
from ruggespraak.clinic.roles import MAY, Act, Role
from ruggespraak.clinic.sharing import CodeError, take
from ruggespraak.clinic.worklist import REASONS as PRESSING
from ruggespraak.clinic.worklist import Row, counts, worklist
from ruggespraak.documents.result import sentence
from ruggespraak.pathway.rules import Urgency
from ruggespraak.pathway.texts import long_date, word
from ruggespraak.web import (
    emergency,
    practice_audit,
    practice_cards,
    practice_log,
    practice_members,
    practice_new,
    practice_record,
)
from ruggespraak.web.access import ROLES, Acting, closed_among, for_care_givers, of_practice
from ruggespraak.web.pages import context, lang_of, today
from ruggespraak.web.practice_forms import identity_in, shared, tampered
from ruggespraak.web.practice_patient import REASONS, late, light
from ruggespraak.web.smart_launch import servers_of

A_PAGE = 50  # rows of the worklist


# Where one works


@for_care_givers
def practices(request: HttpRequest, account: Account) -> HttpResponse:
    """The practices where somebody works, with what they do there."""
    held: dict[Any, list[Role]] = {}
    for one in account.memberships.filter(until=None).select_related("practice").order_by("practice__name"):
        held.setdefault(one.practice, []).append(Role(one.role))
    found = {
        "practices": [(practice, [ROLES[role] for role in roles], _work_of(roles)) for practice, roles in held.items()]
    }
    return render(request, "practice/practices.html", context(request) | found)


def _work_of(roles: list[Role]) -> list[tuple[str, str]]:
    """The pages on which these roles work."""
    pages = {
        Act.WORK: ("worklist", _("Worklist")),
        Act.MEMBERS: ("members", _("Who works here")),
        Act.CARDS: ("cards", _("Advice cards")),
        Act.AUDIT: ("audit", _("Our care and the pathway")),
        Act.LOG: ("log", _("Access log")),
    }
    return [page for act, page in pages.items() if MAY[act] & set(roles)]


# The worklist


@of_practice(Act.WORK)
def work(request: HttpRequest, acting: Acting) -> HttpResponse:
    """Who needs somebody now, and why; and a box for the code of a patient who comes with a kept result."""
    mistakes: list[tuple[str, str]] = []
    if request.method == "POST":
        identity, mistakes = identity_in(request.POST)
        if identity is None:
            return tampered(request, reverse("worklist", kwargs={"practice": acting.practice.id}))
        if not mistakes:
            try:
                episode = _taken(acting, request.POST.get("code", ""), identity)
            except CodeError:
                mistakes = [("code", _("Nobody kept a result with this code. It is wrong, used before, or too old."))]
            else:
                return redirect("episode", episode=episode.id)
    return _worklist_page(request, acting, mistakes)


@transaction.atomic
def _taken(acting: Acting, code: str, identity: dict[str, Any]) -> Episode:
    episode = take(code, acting.practice, identity, today())
    log.note(What.WRITE, acting.actor, "worklist", [episode.patient])
    return episode


def _worklist_page(request: HttpRequest, acting: Acting, mistakes: list[tuple[str, str]]) -> HttpResponse:
    counted = counts(acting.practice, today())
    asked = request.GET.get("page", "1")
    pages = max(1, -(-sum(counted.values()) // A_PAGE))
    page = min(max(int(asked), 1), pages) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1
    shown, _total = worklist(acting.practice, today(), (page - 1) * A_PAGE, A_PAGE)
    patients = [row.episode.patient for row in shown]
    closed = closed_among(patients, acting.account)
    log.note(What.READ, acting.actor, "worklist", [one for one in patients if one.pk not in closed])
    found = {
        "today": sentence(long_date(today(), lang_of())),
        "counted": [(REASONS[reason], counted[reason]) for reason in PRESSING],
        "servers": [one.name for one in servers_of(acting.practice)],
        "rows": [_closed(row) if row.episode.patient_id in closed else _listed(row) for row in shown],
        "page": page,
        "pages": pages,
        "errors": mistakes,
        "sent": request.POST,
    }
    return render(request, "practice/worklist.html", shared(request, acting) | found)


def _listed(row: Row) -> dict[str, Any]:
    """One line of the worklist."""
    episode, who, small = row.episode, row.episode.patient.who, light(row.episode)
    assert episode.next_contact
    return {
        "reason": REASONS[row.reason],
        "pressing": row.reason in ("alarm", "not_confirmed"),
        "why": small.why_text(lang_of()),
        "name": who["name"],
        "born": who["born"],
        "url": reverse("episode", kwargs={"episode": episode.id}),
        "on": long_date(episode.next_contact, lang_of()),
        "late": late(episode, today()),
        "how": _("by phone") if small.channel == "phone" else _("by message"),
    }


def _closed(row: Row) -> dict[str, Any]:
    """The line of a record that is not open to this care giver: no more than how urgent it is, so that no alarm is
    lost."""
    return {
        "reason": word(f"urgency.{Urgency(row.episode.concern)}.name", lang_of()),
        "pressing": row.episode.alarm_open,
        "why": "",
        "name": _("Closed record"),
        "born": "",
        "url": reverse("emergency", kwargs={"episode": row.episode.id}),
        "on": "",
        "late": "",
        "how": "",
    }


urlpatterns: list[Any] = [
    path("practice/", practices, name="practices"),
    path("practice/<uuid:practice>/", work, name="worklist"),
    *practice_new.urlpatterns,
    *practice_record.urlpatterns,
    *emergency.urlpatterns,
    *practice_members.urlpatterns,
    *practice_cards.urlpatterns,
    *practice_audit.urlpatterns,
    *practice_log.urlpatterns,
]
