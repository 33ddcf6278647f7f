"""A patient of another system on the practice's own form: filled in with what is known there, each with where it comes
from; confirmed or changed by the care giver, and only then in the record.

What disagrees, is too old, or only gives a reason to ask is marked at its question. What could not be read is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _

from ruggespraak.clinic import elsewhere, log, record
from ruggespraak.clinic.log import What
from ruggespraak.clinic.models import Episode
from ruggespraak.clinic.roles import Act
from ruggespraak.consult import Case, decide
from ruggespraak.course import Answers, Event, Relapse
from ruggespraak.fhir.read import Reading, read
from ruggespraak.fhir.read.elements import element, elements, text
from ruggespraak.fhir.write.resource import readable
from ruggespraak.pathway.findings import VOCABULARY
from ruggespraak.pathway.texts import LANGUAGES, long_date
from ruggespraak.web import forms
from ruggespraak.web.access import Acting, of_practice, of_record, page_of
from ruggespraak.web.fhir_client import FhirServerError
from ruggespraak.web.forms import Form
from ruggespraak.web.pages import lang_of, today
from ruggespraak.web.practice_forms import form_page, groups_of, identity_in, read_form, stale, tampered
from ruggespraak.web.practice_new import standing_alarm
from ruggespraak.web.practice_record import adding, written
from ruggespraak.web.smart_filled import SideBySide, side_by_side
from ruggespraak.web.smart_launch import failed
from ruggespraak.web.smart_origin import missing_lines, notices, origins, passed_lines, said_there, used
from ruggespraak.web.smart_read import read_there
from ruggespraak.web.smart_same import IS, SOMEBODY_ELSE, Namesake, joined, namesakes, parted, same_person
from ruggespraak.web.smart_session import Launch, keep, launch_of

TEMPLATE = "practice/smart_known.html"
WHO_SHE_IS = ("resourceType", "id", "identifier", "name", "birthDate", "gender", "extension", "communication")
"""What is kept of a Patient while the form is filled in: what is asked of her, and what else may be meant by her."""
UNAUTHORIZED = 401  # of HTTP: the token does not count any more
WHO = ("name", "born", "email", "lang")
"""Fields of who a new patient is, beside the questions."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of a patient, there and here. ``episode``: hers in the record, where she is in it."""

    launch: Launch
    reading: Reading
    episode: Episode | None

    @property
    def there(self) -> dict[str, str]:
        """Who she is, as the other system has it."""
        patient, subject = self.launch.resources[0], self.reading.subject
        year, spoken = text(patient.get("birthDate"))[:4], [code[:2] for code in _languages(patient)]
        return {
            "name": readable(subject.name) if subject else "",
            "born": year if year.isascii() and year.isdigit() else "",
            "email": "",
            "lang": next((one for one in spoken if one in LANGUAGES), LANGUAGES[0]),
        }

    @property
    def known_as(self) -> tuple[str, str]:
        """Her name and year of birth there."""
        return self.there["name"], self.there["born"]

    @cached_property
    def beside(self) -> SideBySide:
        """Both, for the form."""
        return side_by_side(self.reading, record.replayed(self.episode) if self.episode else None)

    def groups(self, case: Case) -> dict[str, tuple[str, ...]]:
        """What is asked: what is known there, what an examination finds, how it goes, and what is still open."""
        asked = groups_of(case, decide(case), again=True)
        still = asked.pop("open", ())
        placed = {id for ids in asked.values() for id in ids}
        said = said_there(self.reading) - placed
        known = tuple(id for id in VOCABULARY if id in said)
        found = {"known": known, **asked, "ask": tuple(id for id in still if id not in said)}
        return {name: ids for name, ids in found.items() if ids}


def _languages(patient: Mapping[str, Any]) -> Iterator[str]:
    """The codes of the languages that she speaks, the preferred one first."""
    spoken = elements(patient, "communication")
    for one in sorted(spoken, key=lambda it: it.get("preferred") is not True):
        for coding in elements(element(one, "language"), "coding"):
            yield text(coding.get("code"))


@of_practice(Act.WORK)
def known(request: HttpRequest, acting: Acting, launch: str) -> HttpResponse:
    """The form of who was opened. A patient who is in the record already is found there; else she is new."""
    opened = launch_of(request, launch)
    if opened is None or opened.server.practice != acting.practice.id:
        return failed(request, "ended", acting.practice)
    if opened.episode:
        return redirect("episode", episode=opened.episode)
    if request.method != "POST" or not opened.resources:  # what she sends was asked of what was read then
        if not opened.lasts:
            return failed(request, "ended", acting.practice)
        try:
            opened = read_there(opened)
        except FhirServerError as error:
            return failed(request, "ended" if error.status == UNAUTHORIZED else error.kind, acting.practice)
    here = elsewhere.known(acting.practice, opened.server.url, opened.grant.patient)
    episode = here.patient.episodes.order_by("opened", "pk").last() if here else None
    if episode is None:
        log.note(What.READ, acting.actor, page_of(request))
        return _form(request, acting, Known(launch=opened, reading=_read(opened), episode=None))
    found: HttpResponse = _in_the_record(request, episode=episode.pk, launch=opened)
    return found


@of_record(Act.WRITE)
def _in_the_record(request: HttpRequest, acting: Acting, episode: Episode, launch: Launch) -> HttpResponse:
    return _form(request, acting, Known(launch=launch, reading=_read(launch), episode=episode))


def _read(launch: Launch) -> Reading:
    return read(launch.resources, today())


def _form(request: HttpRequest, acting: Acting, known: Known) -> HttpResponse:
    """Shows the form, or reads it and writes."""
    case = known.beside.decided_on()
    by_group = known.groups(case)
    if request.method != "POST":
        keep(request, replace(known.launch, resources=_used(known)))
        return _page(request, acting, known, case, by_group)
    if IS in request.POST:
        return _who_it_is(request, acting, known)
    sent = dict(request.POST.lists())
    who, mistakes = identity_in(request.POST) if known.episode is None else ({}, [])
    try:
        found = read_form(by_group, {name: values for name, values in sent.items() if name not in WHO}, today())
    except forms.TamperedError:
        return stale(request, request.path)  # what is asked depends on what is known there and here
    if who is None:
        return tampered(request, request.path)
    if found.mistakes or mistakes:
        return _page(request, acting, known, case, by_group, sent, found.mistakes, mistakes)
    answers = Answers(today(), found.reading.answers, found.reading.unclear, "clinician")
    if known.episode is None:
        return _new(request, acting, known, who, answers)
    return _again(request, acting, known, known.episode, answers)


def _used(known: Known) -> tuple[dict[str, Any], ...]:
    """Who she is, and what says anything: the rest of her record is not ours, be it for minutes."""
    patient, *rest = known.launch.resources
    who = {name: it for name, it in patient.items() if name in WHO_SHE_IS}
    says = used(known.reading)
    return who, *(one for one in rest if f"{one['resourceType']}/{one['id']}" in says)


def _who_it_is(request: HttpRequest, acting: Acting, known: Known) -> HttpResponse:
    """The care giver says that she is somebody of our record, or is not the one as whom she was found."""
    if known.episode is None:
        return joined(request, acting, known.launch, known.known_as)
    if request.POST[IS] == SOMEBODY_ELSE:
        return parted(request, acting, known.launch, known.episode.patient)
    return stale(request, request.path)  # that was said already


def _page(
    request: HttpRequest,
    acting: Acting,
    known: Known,
    case: Case,
    by_group: Mapping[str, tuple[str, ...]],
    sent: Form | None = None,
    mistakes: Mapping[str, str] | None = None,
    who_mistakes: Sequence[tuple[str, str]] = (),
) -> HttpResponse:
    there, reading, lang = known.there, known.reading, lang_of()
    values = {
        "title": _("What is known of this patient"),
        "says": _("Look at each answer. What you send is written in the record, under your name."),
        "back": reverse("worklist", kwargs={"practice": acting.practice.id}),
        "so_far": known.episode.facts_so_far if known.episode else None,
        "alarm": standing_alarm(case),
        "server": known.launch.server.name,
        "there": there,
        "record": known.episode.patient.who if known.episode else None,
        "same": known.episode is None or same_person(known.episode.patient.who, known.known_as),
        "namesakes": [] if known.episode else _records(namesakes(acting, known.known_as)),
        "ended": known.episode is not None and record.replayed(known.episode).ended,
        "who": there if sent is None else request.POST,
        "errors": who_mistakes,
        "missing": missing_lines(known.launch.missing),
        "noticed": notices(known.beside, lang),
        "passed": passed_lines(reading),
        "origins": origins(known.beside, lang),
    }
    return form_page(request, acting, by_group, known.beside.form(), sent, mistakes or {}, values, TEMPLATE)


def _records(found: list[Namesake]) -> list[dict[str, Any]]:
    return [
        {"patient": one.patient.pk, "episode": one.episode.pk, "since": long_date(one.patient.since, lang_of())}
        for one in found
    ]


# Into the record


def _new(request: HttpRequest, acting: Acting, known: Known, who: dict[str, Any], answers: Answers) -> HttpResponse:
    """A new patient, found from now on by what the other system calls her."""
    try:
        episode = _into_the_record(request, acting, known.launch, who, answers)
    except IntegrityError:  # the button was pressed twice, or a colleague was first
        return stale(request, request.path)
    return _done(request, known, episode)


@transaction.atomic
def _into_the_record(
    request: HttpRequest, acting: Acting, launch: Launch, who: dict[str, Any], answers: Answers
) -> Episode:
    patient = record.new_patient(acting.practice, who, today())
    elsewhere.learn(patient, launch.server.url, launch.grant.patient)
    episode = record.open_episode(patient, today())
    record.add(episode, answers, str(acting.role), acting.account)
    log.note(What.WRITE, acting.actor, page_of(request), [patient])
    return episode


def _again(request: HttpRequest, acting: Acting, known: Known, episode: Episode, answers: Answers) -> HttpResponse:
    """More about a patient who is in the record; an episode that had ended opens again."""
    events: list[Event] = [Relapse(today()), answers] if record.replayed(episode).ended else [answers]
    if not written(request, acting, episode, *(adding(acting, episode, one) for one in events)):
        return stale(request, request.path)
    return _done(request, known, episode)


def _done(request: HttpRequest, known: Known, episode: Episode) -> HttpResponse:
    """What was read is in the record now; only the token is still needed, to send something back."""
    written = replace(known.launch, resources=(), missing=(), episode=str(episode.id), known_as=known.known_as)
    keep(request, written)
    return redirect("episode", episode=episode.id)


urlpatterns: list[Any] = [
    path("practice/<uuid:practice>/elsewhere/<slug:launch>/", known, name="smart_known"),
]
