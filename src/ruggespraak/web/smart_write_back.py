"""Sending a decision back to the system that opened the patient: shown in full, confirmed, sent once, and said what
became of it.

What is sent is what the record holds: what was told on the day of the decision, as a QuestionnaireResponse, and the
plan with what the care giver did with it, as a CarePlan. Answers of earlier days are left out: they would come back as
told today. Each has a name that follows from the decision, and is sent on the condition that nothing has that name
there yet; what is known to have arrived is not sent again, whether that system keeps to the condition or not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from html import unescape
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from ruggespraak.clinic import elsewhere, log, record
from ruggespraak.clinic.log import What
from ruggespraak.clinic.models import Decision, Episode, Fact, KnownElsewhere
from ruggespraak.clinic.roles import Act
from ruggespraak.consult import Case, decide, read_case
from ruggespraak.course import Answers
from ruggespraak.fhir.names import Resource
from ruggespraak.fhir.write.care import care_plan
from ruggespraak.fhir.write.consult import questionnaire_response
from ruggespraak.fhir.write.resource import About
from ruggespraak.pathway.texts import long_date
from ruggespraak.web.access import Acting, of_record, page_of
from ruggespraak.web.fhir_client import FhirServerError, create
from ruggespraak.web.fhir_record import chosen
from ruggespraak.web.pages import lang_of
from ruggespraak.web.practice_forms import problem, shared, stale
from ruggespraak.web.smart import WRITTEN, allows
from ruggespraak.web.smart_same import same_person
from ruggespraak.web.smart_session import Launch, claimed, forget_all, keep, launch_for, launch_of

WITHIN = 8.0  # seconds for each

CALLED = {"QuestionnaireResponse": _("The answers of %(day)s"), "CarePlan": _("The plan of %(day)s")}
NEW, THERE, NOT_ALLOWED = "new", "there", "not_allowed"
RESULT: Mapping[str, Any] = {
    NEW: _("Sent."),
    THERE: _("It was there already. Nothing was sent twice."),
    NOT_ALLOWED: _("Not sent: the other system did not allow it when you opened the patient."),
    "timeout": _("The other system does not answer. Perhaps it arrived: look there before you try again."),
    "unreachable": _("Not sent: the other system cannot be reached."),
    "refused": _("Not sent: the other system no longer allows it. Open the patient there again."),
}
NOT_TAKEN = _("Not sent: the other system does not take it.")


@dataclass(frozen=True, slots=True)
class Sending:
    """One resource on its way: what it is called, its words, all of it, and what became of it."""

    resource: Resource
    result: str = ""

    @property
    def name(self) -> str:
        """By which it is known here and there, so that it is kept once."""
        named = self.resource["identifier"]
        first = named[0] if isinstance(named, list) else named
        return f"{first['system']}|{first['value']}"

    @property
    def called(self) -> str:
        day = self.resource.get("authored") or self.resource["created"]
        return CALLED[self.resource["resourceType"]] % {"day": long_date(date.fromisoformat(day[:10]), lang_of())}

    @property
    def lines(self) -> list[str]:
        """What it says to who reads it there."""
        return [unescape(line) for line in re.findall(r"<p>(.*?)</p>", self.resource["text"]["div"], re.DOTALL)]

    @property
    def whole(self) -> str:
        return json.dumps(self.resource, ensure_ascii=False, indent=2)

    @property
    def says(self) -> str:
        return str(RESULT.get(self.result, NOT_TAKEN)) if self.result else ""

    @property
    def arrived(self) -> bool:
        return self.result in (NEW, THERE)


def can_be_sent(request: HttpRequest, acting: Acting, episode: Episode) -> Launch | None:
    """The launch with which the last decision can be sent back; None where there is none, or it was sent."""
    launch = launch_for(request, episode) if acting.may(Act.DECIDE) else None
    if launch is None or not any(allows(launch.grant.scopes, kind, "c") for kind in WRITTEN):
        return None
    known = _known(launch, episode)
    last = _last(episode)
    return launch if known and last and known.sent_id != last.fact_id else None


def _known(launch: Launch, episode: Episode) -> KnownElsewhere | None:
    """Who this is there, while that is still the patient of this record."""
    found = elsewhere.known(episode.practice, launch.server.url, launch.grant.patient)
    return found if found and found.patient_id == episode.patient_id else None


def _last(episode: Episode) -> Decision | None:
    rows = Decision.objects.filter(fact__episode=episode).select_related("fact__episode__patient", "fact__author")
    return rows.order_by("fact__number").last()


def was_sent(episode: Episode) -> bool:
    """Whether the last decision is in another system."""
    last = _last(episode)
    return last is not None and episode.patient.elsewhere.filter(sent=last.fact).exists()


@of_record(Act.DECIDE)
def write_back(request: HttpRequest, acting: Acting, episode: Episode) -> HttpResponse:
    """Shows what would be sent, and sends it."""
    launch, last = can_be_sent(request, acting, episode), _last(episode)
    back = reverse("episode", kwargs={"episode": episode.id})
    if launch is None or last is None:
        return redirect(back)
    sending = [Sending(one) for one in _resources(last, launch)]
    if request.method != "POST":
        return _page(request, acting, episode, launch, sending)
    if request.POST.get("so_far") != str(episode.facts_so_far) or request.POST.get("shown") != _shown(sending):
        return stale(request, back)
    if not claimed(request, launch, len(sending) * WITHIN):
        says = _("You pressed twice. Look on the page of the patient whether it arrived.")
        return problem(request, 409, str(_("It is being sent already")), str(says), back)
    launch = launch_of(request, launch.id) or launch  # as it is now: part of it may have arrived meanwhile
    log.note(What.EXPORT, acting.actor, page_of(request), [episode.patient])
    sending = [_sent(one, launch) for one in sending]
    if all(one.arrived or one.result == NOT_ALLOWED for one in sending):
        _done(request, launch, episode, last.fact)
    else:
        keep(request, replace(launch, arrived=tuple(one.name for one in sending if one.arrived)))
    return _page(request, acting, episode, launch, sending)


def _page(
    request: HttpRequest, acting: Acting, episode: Episode, launch: Launch, sending: list[Sending]
) -> HttpResponse:
    found = {
        "sending": sending,
        "server": launch.server.name,
        "known_as": launch.known_as,
        "record": episode.patient.who,
        "same": same_person(episode.patient.who, launch.known_as),
        "back": reverse("episode", kwargs={"episode": episode.id}),
        "so_far": episode.facts_so_far,
        "shown": _shown(sending),
        "tried": request.method == "POST",
        "again": any(one.result and not one.arrived and one.result != NOT_ALLOWED for one in sending),
    }
    return render(request, "practice/smart_write_back.html", shared(request, acting) | found)


def _shown(sending: list[Sending]) -> str:
    """What stands on the page, in one figure: that is sent, or nothing."""
    return sha256("".join(one.whole for one in sending).encode()).hexdigest()


def _resources(last: Decision, launch: Launch) -> list[Resource]:
    """What the record holds of the last decision, in its own language. The same decision gives the same resources.

    Without the ids that we would give them: that server names what it keeps.
    """
    fact = last.fact
    case = read_case(record.known(last)["case"])
    about = About(
        patient=f"Patient/{launch.grant.patient}",
        key=f"{fact.episode_id} {fact.number}",
        lang=record.LANG,
        at=fact.at,
        author={"type": "Practitioner", "display": fact.author.name} if fact.author else None,
    )
    with override(record.LANG):
        made = [care_plan(decide(case, record.LANG), about, "active", progress=chosen(last))]
    told = _of_that_day(case, fact)
    if told.answers or told.unclear:
        made.insert(0, questionnaire_response(told, about))
    return [{name: value for name, value in one.items() if name != "id"} for one in made]


def _of_that_day(case: Case, fact: Fact) -> Case:
    """What was told, or put right, on the day of this fact."""
    written = [one for one in record.history(fact.episode) if one.fact.on == fact.on and not one.corrected]
    events = [one.event for one in written if isinstance(one.event, Answers)]
    ids = {id for one in events for id in (*one.told, *one.unclear)}
    answers = {id: value for id, value in case.answers.items() if id in ids}
    return replace(case, answers=answers, unclear=case.unclear & ids)


def _sent(one: Sending, launch: Launch) -> Sending:
    if not allows(launch.grant.scopes, one.resource["resourceType"], "c"):
        return Sending(one.resource, NOT_ALLOWED)
    if one.name in launch.arrived:
        return Sending(one.resource, THERE)
    try:
        new = create(launch.server, one.resource, launch.grant.token, WITHIN, f"identifier={one.name}")
    except FhirServerError as error:
        return Sending(one.resource, error.kind)
    return Sending(one.resource, NEW if new else THERE)


def _done(request: HttpRequest, launch: Launch, episode: Episode, fact: Fact) -> None:
    """It is there: every token for this patient goes, and the record knows that this decision was sent."""
    if known := _known(launch, episode):
        known.sent = fact
        known.save()
    forget_all(request, episode)


urlpatterns: list[Any] = [
    path("practice/episode/<uuid:episode>/write-back/", write_back, name="write_back"),
]
