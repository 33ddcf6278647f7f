"""What a patient does behind her link: she tells how it goes, and sees where she stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from ruggespraak import course
from ruggespraak.clinic import log, record
from ruggespraak.clinic.log import Actor, What
from ruggespraak.clinic.models import Episode
from ruggespraak.consult import Case, Decision, Screen, decide, none_of_these, urgent_alarms
from ruggespraak.course import Answers, Event, Recovery, Relapse, Status, Verdict
from ruggespraak.course.episode import PHONE_FROM
from ruggespraak.course.expected_course import GROUP, Standing, standings
from ruggespraak.documents.content import Block, Card, Paragraph, Part, Points
from ruggespraak.documents.pdf import printed
from ruggespraak.documents.personal import personal
from ruggespraak.documents.result import NOT_THE_GP, alarm_card, result, sentence
from ruggespraak.documents.scores import SCORED, WITH_A_GROUP, course_plot, course_table
from ruggespraak.pathway.rules import Complaint
from ruggespraak.pathway.texts import long_date, table, text, word
from ruggespraak.web import forms, mine_account, mine_everything, mine_kept, mine_looked
from ruggespraak.web.check import Check
from ruggespraak.web.mine_link import LINK, by_link, unread
from ruggespraak.web.pages import context, lang_of, pdf_response, today

SIGNS = (
    "saddle_numbness", "urinary_retention", "urinary_incontinence_new", "faecal_incontinence_new",
    "sexual_dysfunction_new", "weakness_progressive", "foot_drop", "weak_leg_reported", "bilateral_radicular",
    "gait_unsteady", "fever_reported",
)  # fmt: skip
"""Alarms that can begin on the way: cauda equina, weakness, the cord, infection. What was a matter of history or of the
first hours was asked at first; more lines than these are not read in a minute (own choice)."""
HOW = "course"
DOING = "activity_score"
NONE = "none"


def _case(now: course.Episode, on: date, by: str) -> Case:
    """What is known today, for a lay reader, also where a care giver examined her."""
    return replace(course.case_on(now, on), answered_by=by)


def _presses(now: course.Episode) -> bool:
    """Somebody must see her today or sooner, and has not."""
    return now.alarm_open and now.concern >= PHONE_FROM


# Checking in


@csrf_exempt
@by_link
def check_in(request: HttpRequest, token: str, episode: Episode, me: Actor) -> HttpResponse:
    """At most three questions on one page. What is left alone stays open; sending adds one fact."""
    now, on = record.replayed(episode), today()
    screen = _screen(now)
    if request.method != "POST":
        return _check_in_page(request, token, me, now, screen, None, {})
    sent = _as_fields(dict(request.POST.lists()))
    none = sent.pop(NONE, None) == [forms.ON]
    try:
        found = forms.read(screen, {**sent, forms.GO: [forms.ON]}, on, lang_of())
    except forms.TamperedError:
        return unread(request, token)
    answers, unclear = dict(found.reading.answers), found.reading.unclear
    mistakes = dict(found.mistakes) or _mistakes(answers, unclear, none)
    if mistakes:
        sent |= {NONE: [forms.ON]} if none else {}
        return _check_in_page(request, token, me, now, screen, sent, mistakes)
    if none:
        answers |= none_of_these(Screen(SIGNS, "alarm"))
    _told(episode, me, Answers(on, answers, unclear, me.role), "check_in")
    return redirect("mine_course", token=token)


def _told(episode: Episode, me: Actor, event: Event, page: str) -> None:
    """A fact and its row in the access log: both, or neither."""
    with transaction.atomic():
        record.add(episode, event, me.role)
        log.note(What.WRITE, me, page, [episode.patient])


def _screen(now: course.Episode) -> Screen:
    """All that is asked: the alarms, how it goes, and two scores, the pain where it is worst for this complaint."""
    leg = now.decision is not None and now.decision.complaint is Complaint.RADICULAR
    return Screen((*SIGNS, HOW, "pain_leg_nrs" if leg else "pain_back_nrs", DOING), "alarm")


def _as_fields(sent: dict[str, list[str]]) -> dict[str, list[str]]:
    """A score is picked from a row that ends with "I do not know": as ``forms`` reads a number."""
    return {
        f"{id}-{forms.UNCLEAR}" if id in SCORED and values == [forms.UNCLEAR] else id: values
        for id, values in sent.items()
    }


def _mistakes(answers: dict[str, Any], unclear: frozenset[str], none: bool) -> dict[str, str]:
    if none and any(id in answers or id in unclear for id in SIGNS):
        return {NONE: _("You chose an answer and also ‘None of these’. Choose one of the two.")}
    if not answers and not unclear and not none:
        return {NONE: _("You have not chosen an answer yet.")}
    return {}


def _check_in_page(
    request: HttpRequest,
    token: str,
    me: Actor,
    now: course.Episode,
    screen: Screen,
    sent: dict[str, list[str]] | None,
    mistakes: dict[str, str],
) -> HttpResponse:
    lang = lang_of()
    shown = forms.rows(screen, Check(on=today()), lang, sent, mistakes, again=False)
    alarms, texts = table("screens")["alarm"], table("findings")
    signs, (how, *scores) = shown[: len(SIGNS)], shown[len(SIGNS) :]
    found = {
        "token": token,
        "signs": signs,
        "title": alarms["title"][lang],
        "why": alarms["why"][lang],
        "none_label": alarms["none"][lang],
        "none_chosen": bool(sent and NONE in sent),
        "how": replace(how, label=texts[HOW]["question"][lang]),
        "scores": [(replace(row, label=texts[row.id]["question"][lang]), row.id == DOING) for row in scores],
        "signs_error": mistakes.get(NONE, ""),
        "errors": [
            (row.at, mistakes[id]) for row, id in zip(shown, (NONE, *screen.items[1:]), strict=True) if id in mistakes
        ],
        "by_proxy": me.role == "proxy",
        "presses": _presses(now),
        "ended": now.ended,
    }
    return render(request, "mine/check_in.html", context(request) | found)


# Where she stands


@csrf_exempt
@by_link
def my_course(request: HttpRequest, token: str, episode: Episode, me: Actor) -> HttpResponse:
    """How it goes. While somebody must see her today, that is all the page says first."""
    now, on, lang = record.replayed(episode), today(), lang_of()
    case = _case(now, on, me.role)
    decision = decide(case, lang)
    stands = standings(now, on)
    found = {
        "token": token,
        "thanks": now.last == on and isinstance(now.events[-1], Answers),
        "by_proxy": me.role == "proxy",
        "card": _card(now, case, decision, lang) if now.alarm_open else None,
        "first": _phoned_first(decision),
        "standings": [_standing(one, lang) for one in stands],
        "advice": _advice(now, on, lang),
        "still_open": not now.ended and any(id not in case.answers and id not in case.unclear for id in SIGNS),
        "ended": now.ended,
        "recovered": now.status is Status.RECOVERED,
        "next_contact": now.next_contact and long_date(now.next_contact, lang),
        "by_phone": now.channel == "phone",
        "why": now.why_text(lang),
        "calls": tuple(_when_to_call(decision, case.answered_by, lang)),
        "picture": tuple(_picture(now, stands, on, lang)),
    }
    return render(request, "mine/alarm.html" if _presses(now) else "mine/course.html", context(request) | found)


def _card(now: course.Episode, case: Case, decision: Decision, lang: str) -> Card:
    """What an open alarm asks of her. Time or other answers do not lift it: then the card says that it stands."""
    if decision.urgency < now.concern:
        first = Paragraph(text("recovery", "deviation_alarm_first", "says", lang), strong=True)
        return Card(str(now.concern), sentence(word(f"urgency.{now.concern}.headline", lang)), (first,))
    if alarms := urgent_alarms(case):
        return alarm_card(decision, alarms, lang, case.answered_by)
    card = result(decision, lang, case.answered_by).card
    assert card is not None
    return replace(card, blocks=tuple(_bare(card.blocks)))


def _phoned_first(decision: Decision) -> str:
    """Who is phoned: the GP, or who comes instead."""
    refer = decision.refer
    return refer[0].to if refer and refer[0].to in NOT_THE_GP else "gp"


def _standing(one: Standing, lang: str) -> dict[str, str]:
    """A name is given only beside a group: to be level with one's own start is no expectation."""
    names = {"ahead": _("Ahead"), "level": _("Level"), "behind": _("A little behind")}
    return {
        "place": str(one.place) if one.beside == "group" else "",
        "name": names.get(str(one.place), "") if one.beside == "group" else "",
        "what": text("letters", f"scores_{one.finding}", "name", lang) if one.finding else "",
        "says": one.words(lang),
    }


def _advice(now: course.Episode, on: date, lang: str) -> str:
    """What the pathway says where recovery is slower, or on course; the rest is said by where she stands."""
    found = course.deviation(now, on)
    if now.ended or found.verdict not in (Verdict.SLOWER, Verdict.ON_COURSE):
        return ""
    return text("recovery", f"deviation_{found.reason}", "says", lang)


def _when_to_call(decision: Decision, answered_by: str, lang: str) -> Iterator[Block]:
    """The parts of her leaflet about phoning. Where they come from, the leaflet says."""
    section = result(decision, lang, answered_by).section("when_to_call")
    return _bare(tuple(block for block in section.blocks if isinstance(block, Part)))


def _bare(blocks: tuple[Block, ...]) -> Iterator[Block]:
    """The blocks without their marks: there is no list of sources here."""
    for block in blocks:
        if isinstance(block, Part):
            yield replace(block, blocks=tuple(_bare(block.blocks)))
        elif isinstance(block, Paragraph | Points):
            yield replace(block, mark=None)
        else:
            yield block


def _picture(now: course.Episode, stands: tuple[Standing, ...], on: date, lang: str) -> Iterator[Block]:
    """Her scores. A group is drawn beside them only where she is compared with it."""
    scores = {
        id: [(day, float(score)) for day, score in now.said(id) if isinstance(score, int | float)] for id in SCORED
    }
    if not any(scores.values()):
        return
    curves = course.expected(now.decision.complaint, now.edition) if now.decision else ()
    beside = any(one.beside == "group" for one in stands)
    band = next((curve for curve in curves if beside and curve.id == GROUP[WITH_A_GROUP]), None)
    yield course_plot(scores, now.onset, on, lang, band)
    yield course_table(scores, now.onset, on, lang)


@csrf_exempt
@by_link
def leaflet_pdf(_request: HttpRequest, token: str, episode: Episode, me: Actor, paper: str) -> HttpResponse:  # noqa: ARG001
    """Her leaflet as it is today; the lines for the GP are left out, for the practice has the record."""
    document = personal(_case(record.replayed(episode), today(), me.role), lang_of())
    sections = tuple(one for one in document.sections if one.id != "for_gp")
    return pdf_response(printed(replace(document, sections=sections), paper), f"ruggespraak-{paper}")


@csrf_exempt
@by_link
def over(request: HttpRequest, token: str, episode: Episode, me: Actor) -> HttpResponse:
    """'It is over': not while an alarm is open, for feeling better does not lift it."""
    return _says(request, token, episode, me, Recovery(today()), when=lambda now: not (now.ended or now.alarm_open))


@csrf_exempt
@by_link
def back(request: HttpRequest, token: str, episode: Episode, me: Actor) -> HttpResponse:
    """'It came back': the questions begin anew."""
    return _says(request, token, episode, me, Relapse(today()), when=lambda now: now.ended, onward="mine")


def _says(
    request: HttpRequest,
    token: str,
    episode: Episode,
    me: Actor,
    event: Recovery | Relapse,
    when: Callable[[course.Episode], bool],
    onward: str = "mine_course",
) -> HttpResponse:
    """One click that is a fact, once."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    now = record.replayed(episode)
    if when(now):
        _told(episode, me, event, type(event).__name__.lower())
    return redirect(onward, token=token)


urlpatterns: list[Any] = [
    *mine_kept.urlpatterns,
    *mine_account.urlpatterns,
    *mine_looked.urlpatterns,
    *mine_everything.urlpatterns,
    path(LINK, check_in, name="mine"),
    path(f"{LINK}course/", my_course, name="mine_course"),
    path(f"{LINK}leaflet-<paper:paper>.pdf", leaflet_pdf, name="mine_leaflet"),
    path(f"{LINK}over/", over, name="mine_over"),
    path(f"{LINK}back/", back, name="mine_back"),
]
