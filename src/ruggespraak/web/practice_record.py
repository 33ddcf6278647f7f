"""The pages about one patient: everything on one page, an examination, a correction, letters, a review together.

What a care giver does is a fact with its author. It is written, and noted in the access log, in one transaction, or
not at all; and only while the record still is as the page showed it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _

from ruggespraak.clinic import log, record
from ruggespraak.clinic.log import What
from ruggespraak.clinic.models import Account, Episode
from ruggespraak.clinic.roles import CARE_GIVERS, Act
from ruggespraak.clinic.sealing import ErasedError
from ruggespraak.course import (
    Answers,
    Contact,
    EditionChanged,
    Event,
    HandOver,
    HandOverConfirmed,
    Recovery,
    Relapse,
    Status,
)
from ruggespraak.documents.content import Document
from ruggespraak.documents.letters import ADDRESSEES, letter, work_plan
from ruggespraak.documents.pdf import pdf
from ruggespraak.documents.weigh import weigh_surgery
from ruggespraak.pathway.editions import DEFAULT
from ruggespraak.pathway.findings import VOCABULARY
from ruggespraak.pathway.texts import long_date, term
from ruggespraak.web import forms
from ruggespraak.web.access import Acting, closed_for, of_record, page_of
from ruggespraak.web.check import Check
from ruggespraak.web.pages import lang_of, pdf_response, today
from ruggespraak.web.practice_forms import (
    form_page,
    groups_of,
    nothing_said,
    read_form,
    says_something,
    shared,
    stale,
    tampered,
)
from ruggespraak.web.practice_patient import ADDRESSED, Opened, fact_of, late, listed
from ruggespraak.web.smart_write_back import can_be_sent, was_sent

LONGEST_REASON = 1000  # letters
DECIDED = ("edition", "open_to")
"""What a button of the patient's page does that is more than writing."""

# The patient on one page


@of_record(Act.READ, changes=Act.WRITE)
def patient(request: HttpRequest, acting: Acting, episode: Episode) -> HttpResponse:
    """Everything about one patient; and what the care giver does, each a fact in the record."""
    if request.method == "POST":
        return _do(request, acting, episode)
    return _patient_page(request, acting, episode, [])


def _patient_page(
    request: HttpRequest, acting: Acting, episode: Episode, mistakes: list[tuple[str, str]]
) -> HttpResponse:
    here = Opened(episode, lang_of(), today())
    found = {
        "here": here,
        "episode": episode,
        "age": today().year - here.who["born"],
        "lang_name": {"nl": _("Dutch"), "en": _("English")}[here.who.get("lang", "nl")],
        "document": here.document(),
        "next_on": here.now.next_contact and long_date(here.now.next_contact, lang_of()),
        "why": here.now.why_text(lang_of()),
        "late": late(episode, today()),
        "phone": here.now.channel == "phone",
        "handed_to": ADDRESSED.get(here.now.handed_to or "", ""),
        "handed_over": here.now.status is Status.HANDED_OVER,
        "closed": here.now.status is Status.CLOSED,
        "verdict": here.verdict(),
        "examine": listed(term(id, lang_of()) for id in here.decision.examine),
        "answers": {name: listed(terms) for name, terms in here.answers().items()},
        "known": here.answers()["known"],
        "letters": [(to, ADDRESSED[to]) for to in _addressees(episode)],
        "hand_over_to": [(to, ADDRESSED[to]) for to in ADDRESSED if to != episode.practice.profession],
        "works": here.case.answers.get("works") is not False,
        "decides": acting.may(Act.DECIDE),
        "chooses_who": _chooses_who(acting, episode),
        "open_to": set(episode.patient.only_for.values_list("pk", flat=True)),
        "colleagues": _colleagues(acting),
        "me": acting.account,
        "sends_back": can_be_sent(request, acting, episode),
        "was_sent": was_sent(episode),
        "errors": mistakes,
        "sent": request.POST if mistakes else {},
    }
    return render(request, "practice/patient.html", shared(request, acting) | found)


def _addressees(episode: Episode) -> list[str]:
    """To whom this practice writes: to everybody but its own profession."""
    return [to for to in ADDRESSEES if to != episode.practice.profession]


def _do(request: HttpRequest, acting: Acting, episode: Episode) -> HttpResponse:
    """One thing that the care giver did. Nothing is written unless the record still is as the page showed it."""
    onward = reverse("episode", kwargs={"episode": episode.id})
    what = request.POST.get("do", "")
    if what in DECIDED:
        acting.must(Act.DECIDE, what, episode.patient)
    if what == "open_to":
        return _open_to(request, acting, episode)
    if what == "choose":
        return _choose(request, acting, episode)
    if what == "hand_over" and not request.POST.get("to"):
        return _patient_page(request, acting, episode, [("to", _("Choose to whom the patient is handed over."))])
    event = _event(what, request.POST.get("to", ""), episode)
    if event is None:
        return tampered(request, onward)
    return (
        redirect(onward)
        if written(request, acting, episode, adding(acting, episode, event))
        else stale(request, onward)
    )


def _event(what: str, to: str, episode: Episode) -> Event | None:
    """The fact that this button stands for, where the page has that button now."""
    on, status = today(), Status(episode.status)
    ended = status in (Status.RECOVERED, Status.CLOSED)
    offered: dict[str, tuple[bool, Event]] = {
        "phone": (not ended, Contact(on)),
        "seen": (not ended, Contact(on, seen=True)),
        "hand_over": (not ended and to in ADDRESSED and to != episode.practice.profession, HandOver(on, to)),
        "confirmed": (status is Status.HANDED_OVER, HandOverConfirmed(on)),
        "recovered": (not ended, Recovery(on)),
        "relapse": (ended, Relapse(on)),
        "edition": (not ended, EditionChanged(on, DEFAULT)),
    }
    there, event = offered.get(what, (False, Contact(on)))
    return event if there else None


def written(request: HttpRequest, acting: Acting, episode: Episode, *writes: Callable[[], object]) -> bool:
    """Writes all of this, if the record still is as the page showed it."""
    with transaction.atomic():
        if not _as_shown(request, acting, episode):
            return False
        for write in writes:
            write()
        if writes:
            log.note(What.WRITE, acting.actor, page_of(request), [episode.patient])
    return True


def _as_shown(request: HttpRequest, acting: Acting, episode: Episode) -> bool:
    """Holds the record; whether nobody wrote in it, or closed it, meanwhile. Raises Http404 where she was erased."""
    try:
        held = record.held(episode)
    except ErasedError:
        raise Http404 from None
    as_read = request.POST.get("so_far") == str(held.facts_so_far)
    return as_read and closed_for(acting.account, held.patient) == (acting.emergency is not None)


def adding(acting: Acting, episode: Episode, event: Event) -> Callable[[], object]:
    """Adds this fact, with who did it."""
    return partial(record.add, episode, event, str(acting.role), acting.account)


def _choose(request: HttpRequest, acting: Acting, episode: Episode) -> HttpResponse:
    """Follows or deviates from each advice that was answered. A deviation needs its reason."""
    onward = reverse("episode", kwargs={"episode": episode.id})
    here = Opened(episode, lang_of(), today())
    new, mistakes = [], []
    for number, line in enumerate(here.plan(), 1):
        chosen = request.POST.get(f"choice-{line.id}", "")
        reason = request.POST.get(f"reason-{line.id}", "").strip()[:LONGEST_REASON]
        if chosen not in ("", "follow", "deviate"):
            return tampered(request, onward)
        if chosen == "deviate" and not reason:
            mistakes.append((f"reason-{number}", _("Say why you deviate from this advice.")))
            continue
        reason = reason if chosen == "deviate" else ""
        if chosen and (chosen, reason) != (line.chosen, line.reason):
            new.append((line.id, reason))
    if mistakes:
        return _patient_page(request, acting, episode, mistakes)
    by = (str(acting.role), acting.account)
    keeps = [partial(record.choose, here.stored[-1], advice, not reason, reason, *by) for advice, reason in new]
    return redirect(f"{onward}#advice") if written(request, acting, episode, *keeps) else stale(request, onward)


# Examine, and decide again


@of_record(Act.WRITE)
def examine(request: HttpRequest, acting: Acting, episode: Episode) -> HttpResponse:
    """The examination form: what was found is a fact of today, and the pathway decides again."""
    here = Opened(episode, lang_of(), today())
    by_group = groups_of(here.case, here.decision, again=True)
    back = reverse("episode", kwargs={"episode": episode.id})
    sent = dict(request.POST.lists()) if request.method == "POST" else None
    mistakes: Mapping[str, str] = {}
    if sent is not None:
        try:
            found = read_form(by_group, sent, today())
        except forms.TamperedError:
            # What is asked depends on the record: the form may be of before somebody wrote in it.
            changed = sent.get("so_far") != [str(episode.facts_so_far)]
            return stale(request, back) if changed else tampered(request, back)
        mistakes = found.mistakes or ({} if says_something(found) else {by_group["strength"][0]: nothing_said()})
        if not mistakes:
            events: list[Event] = [Answers(today(), found.reading.answers, found.reading.unclear, "clinician")]
            events += [Contact(today(), seen=True)] if "seen" in sent else []
            adds = [adding(acting, episode, one) for one in events]
            return redirect(back) if written(request, acting, episode, *adds) else stale(request, back)
    values = {"title": _("Examination"), "back": back, "so_far": episode.facts_so_far, "seen": True}
    values["examine"] = listed(term(id, lang_of()) for id in here.decision.examine)
    return form_page(request, acting, by_group, Check(today(), "clinician"), sent, mistakes, values)


@of_record(Act.DECIDE)
def correct(request: HttpRequest, acting: Acting, episode: Episode, number: int) -> HttpResponse:
    """The answers of one day as they should have been. What was decided on them stays."""
    fact = fact_of(episode, number)
    if fact is None or not isinstance(fact.event, Answers):
        raise Http404
    event, back = fact.event, reverse("episode", kwargs={"episode": episode.id})
    ids = tuple(id for id in VOCABULARY if id in event.told or id in event.unclear)
    by_group, mistakes = {"other": ids}, {}
    sent = dict(request.POST.lists()) if request.method == "POST" else None
    if sent is not None:
        try:
            found = read_form(by_group, sent, event.on)
        except forms.TamperedError:
            return tampered(request, back)
        mistakes = dict(found.mistakes) or ({} if says_something(found) else {ids[0]: nothing_said()})
        if not mistakes:
            right = replace(event, answers=found.reading.answers, unclear=found.reading.unclear)
            put_right = partial(record.correct, fact.fact, right, str(acting.role), today(), acting.account)
            return redirect(back) if written(request, acting, episode, put_right) else stale(request, back)
    values = {
        "title": _("Correct the answers of %(day)s") % {"day": long_date(event.on, lang_of())},
        "says": _("The pathway decides again on the corrected answers. The earlier decision stays in the record."),
        "back": back,
        "so_far": episode.facts_so_far,
    }
    known = Check(event.on, event.answered_by, event.told, event.unclear)
    return form_page(request, acting, by_group, known, sent, mistakes, values)


# Who may open the record


def _colleagues(acting: Acting) -> list[Account]:
    """The care givers who work here now."""
    here = {"practice": acting.practice, "until": None, "role__in": [str(role) for role in CARE_GIVERS]}
    ids = acting.practice.members.filter(**here).values("account")
    return list(Account.objects.filter(pk__in=ids).order_by("name"))


def _chooses_who(acting: Acting, episode: Episode) -> bool:
    """Who opened it in an emergency does not choose, unless nobody of those to whom it is open works here any more."""
    some = set(episode.patient.only_for.values_list("pk", flat=True))
    left = acting.emergency is None or not some & {one.pk for one in _colleagues(acting)}
    return left and acting.may(Act.DECIDE)


def _open_to(request: HttpRequest, acting: Acting, episode: Episode) -> HttpResponse:
    """Everybody of the practice, or some; always who chooses."""
    onward = reverse("episode", kwargs={"episode": episode.id})
    if not _chooses_who(acting, episode):
        log.note(What.REFUSED, acting.actor, "open_to", [episode.patient])
        raise PermissionDenied
    whole, some = request.POST.get("open_to", ""), set(request.POST.getlist("some"))
    chosen = [one for one in _colleagues(acting) if str(one.pk) in some]
    if whole not in ("everybody", "some") or len(chosen) != len(some):
        return tampered(request, onward)
    with transaction.atomic():
        if not _as_shown(request, acting, episode):
            return stale(request, onward)
        episode.patient.only_for.set([] if whole == "everybody" else {*chosen, acting.account})
        log.note(What.ACCESS, acting.actor, "open_to", [episode.patient])
    return redirect(f"{onward}#who")


# Letters and other papers


def _paper(request: HttpRequest, acting: Acting, episode: Episode, made: Document, name: str) -> HttpResponse:
    """On paper it leaves the record: that is noted."""
    found = pdf_response(pdf(made), name)
    log.note(What.EXPORT, acting.actor, page_of(request), [episode.patient])
    return found


@of_record(Act.DECIDE)
def letter_pdf(request: HttpRequest, acting: Acting, episode: Episode, to: str) -> HttpResponse:
    """A letter, of what is known today."""
    if to not in _addressees(episode):
        raise Http404
    here = Opened(episode, lang_of(), today())
    made = letter(to, here.case, here.decision, here.about, episode.practice.name, lang_of())
    return _paper(request, acting, episode, made, f"ruggespraak-letter-{to.replace('_', '-')}")


@of_record(Act.DECIDE)
def work_plan_pdf(request: HttpRequest, acting: Acting, episode: Episode) -> HttpResponse:
    """What a patient can agree on at work. It holds no complaint."""
    here = Opened(episode, lang_of(), today())
    if here.case.answers.get("works") is False:
        raise Http404
    made = work_plan(here.case, here.decision, here.about, lang_of())
    return _paper(request, acting, episode, made, "ruggespraak-work-plan")


@of_record(Act.DECIDE)
def weigh(request: HttpRequest, acting: Acting, episode: Episode) -> HttpResponse:
    """The page on which patient and doctor weigh an operation together."""
    found = {"document": _weighed(episode), "episode": episode}
    return render(request, "practice/weigh.html", shared(request, acting) | found)


@of_record(Act.DECIDE)
def weigh_pdf(request: HttpRequest, acting: Acting, episode: Episode) -> HttpResponse:
    """The same on paper."""
    return _paper(request, acting, episode, _weighed(episode), "ruggespraak-weigh")


def _weighed(episode: Episode) -> Document:
    here = Opened(episode, lang_of(), today())
    if not here.radicular:
        raise Http404
    return weigh_surgery(here.case, here.decision, lang_of())


HERE = "practice/episode/<uuid:episode>/"
urlpatterns: list[Any] = [
    path(HERE, patient, name="episode"),
    path(f"{HERE}examination/", examine, name="examination"),
    path(f"{HERE}correct/<int:number>/", correct, name="correct"),
    path(f"{HERE}letter-<slug:to>.pdf", letter_pdf, name="letter"),
    path(f"{HERE}work-plan.pdf", work_plan_pdf, name="work_plan"),
    path(f"{HERE}weigh/", weigh, name="weigh"),
    path(f"{HERE}weigh.pdf", weigh_pdf, name="weigh_pdf"),
]
