"""What a patient does with her own result: keeps it, gives it to her practice, checks in, sees her course.

Two keys open these pages, and neither says who she is. The *code* of a kept result is shown once and typed once: it is
never in an address, a cookie or a log. For the rest of this visit the session remembers it, locked with the key that
only her browser has, as her answers are: so a page that is loaded again, or read in the other language, shows the same
code, and one result is not kept twice. The *link* to check in is signed; its address is the secret, so a form that is
sent there needs no session, and reading it gives no cookie. Who finds the link reads no name: what has a name in it
(all that is kept, as a file) asks for her birth year first, and so does erasing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from ruggespraak import course
from ruggespraak.clinic import record, sharing
from ruggespraak.clinic.models import Episode, Patient
from ruggespraak.consult import (
    Case,
    CaseError,
    Decision,
    Screen,
    as_json,
    decide,
    none_of_these,
    read_case,
    urgent_alarms,
)
from ruggespraak.consult.case import UNCLEAR as NOT_KNOWN
from ruggespraak.course import Answers, Recovery, Relapse, Status, Verdict
from ruggespraak.course.episode import PHONE_FROM
from ruggespraak.course.expected_course import GROUP, Standing, standings
from ruggespraak.documents.content import Block, Card, Document, Paragraph, Part, Points, Section, Table
from ruggespraak.documents.pdf import printed
from ruggespraak.documents.personal import personal
from ruggespraak.documents.result import NOT_THE_GP, alarm_card, result, sentence
from ruggespraak.documents.scores import SCORED, WITH_A_GROUP, course_plot, course_table
from ruggespraak.pathway.findings import VOCABULARY
from ruggespraak.pathway.rules import Complaint
from ruggespraak.pathway.texts import item, long_date, table, text, told, word
from ruggespraak.web import forms
from ruggespraak.web.check import Check
from ruggespraak.web.pages import context, lang_of, pdf_response, today
from ruggespraak.web.self_check import View, personal_page, with_result

ACCESS = logging.getLogger("ruggespraak.access")
CODE, OPENED = "code", "opened"
"""Keys of the session: the code of the result that was kept in this visit; the kept result that a code opened."""

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

TRIES, LOCKED_FOR = 5, 24 * 60 * 60  # wrong birth years, and seconds until the next try (own choice)


# Keeping a result


@with_result
def kept(request: HttpRequest, check: Check, case: Case) -> HttpResponse:  # noqa: ARG001
    """The code of this result. Sending the form keeps it; reading shows the code again in the same visit."""
    code = _code_of(request, case)
    if code is None and request.method != "POST":
        return redirect("result")
    if code is None:
        code = request.session[CODE] = sharing.keep(case)
    found = {"code": code.split("-"), "days": sharing.KEPT_FOR.days}
    return render(request, "mine/kept.html", context(request) | found)


def _code_of(request: HttpRequest, case: Case) -> str | None:
    """The code of this visit, if it still opens exactly this result."""
    code: str | None = request.session.get(CODE)
    try:
        return code if code and sharing.look(code) == case else None
    except sharing.CodeError:  # a practice took it, or it is too old
        return None


@personal_page
def open_again(request: HttpRequest) -> HttpResponse:
    """Asks for the code. What it opens is in the session then, so that no address needs the code."""
    found: dict[str, Any] = {"errors": [], "days": sharing.KEPT_FOR.days}
    if request.method != "POST":
        return render(request, "mine/open.html", context(request) | found)
    try:
        case = sharing.look(request.POST.get("code", ""))
    except sharing.CodeError:
        found["errors"] = [("code", _("No result has this code. It is wrong, too old, or your practice has it."))]
        return render(request, "mine/open.html", context(request) | found)
    request.session.cycle_key()
    request.session[OPENED] = as_json(case)
    return redirect("mine_opened")


def with_opened(view: View) -> View:
    """A page of a kept result that was opened in this visit."""

    @wraps(view)
    @personal_page
    def guarded(request: HttpRequest, **values: Any) -> HttpResponse:
        try:
            case = read_case(request.session[OPENED])
        except (KeyError, CaseError):
            return redirect("mine_open")
        ACCESS.info("kept result: read")  # nobody's name is known here
        return view(request, case=case, **values)

    return guarded


@with_opened
def opened(request: HttpRequest, case: Case) -> HttpResponse:
    """A kept result, as it was read on the day of the check. Sending the form closes it."""
    if request.method == "POST":
        del request.session[OPENED]
        return redirect("mine_open")
    found = {"document": personal(case, lang_of()), "on": long_date(case.on, lang_of())}
    return render(request, "mine/opened.html", context(request) | found)


@with_opened
def opened_pdf(_request: HttpRequest, case: Case, paper: str) -> HttpResponse:
    """The same on paper."""
    return pdf_response(printed(personal(case, lang_of()), paper), f"ruggespraak-{paper}")


# By the link


def by_link(what: str) -> Callable[[View], View]:
    """A page of the patient whom the link belongs to: ``what`` is written in the log of who read what, no more."""

    def made(view: View) -> View:
        @csrf_exempt  # who does not know this address cannot forge a form for it
        @wraps(view)
        @personal_page
        def guarded(request: HttpRequest, token: str, **values: Any) -> HttpResponse:
            try:
                episode = sharing.episode_of(token)
            except sharing.LinkError:
                return _no_link(request)
            ACCESS.info("patient %s: %s", episode.patient_id, what)
            return view(request, token=token, episode=episode, **values)

        return guarded

    return made


def _no_link(request: HttpRequest) -> HttpResponse:
    """The link is wrong, too old, or of a patient who was erased: one page for all, so that it tells nothing."""
    lines = (
        _("Links stop working after %(days)s days. Perhaps a piece of it is missing.")
        % {"days": sharing.LINK_LASTS.days},
        _("Phone your practice. They can send you a new link."),
        _("Do you need help now? Phone your GP, or 112 if your life is in danger."),
    )
    found = {"title": _("This link does not work any more"), "lines": lines, "token": ""}
    return render(request, "mine/problem.html", context(request) | found, status=404)


def _unread(request: HttpRequest, token: str) -> HttpResponse:
    """A form that the page cannot have sent."""
    found = {"title": _("We cannot read this answer"), "lines": (_("What you sent just now was not read."),)}
    return render(request, "mine/problem.html", context(request) | found | {"token": token}, status=400)


def _reader(now: course.Episode) -> str:
    """Who reads these pages: the patient, or who answers for her."""
    lay = (one.answered_by for one in reversed(now.events) if isinstance(one, Answers))
    return next((by for by in lay if by != "clinician"), "patient")


def _case(now: course.Episode, on: date) -> Case:
    """What is known today, for a lay reader, also where a care giver examined her."""
    return replace(course.case_on(now, on), answered_by=_reader(now))


def _presses(now: course.Episode) -> bool:
    """Somebody must see her today or sooner, and has not."""
    return now.alarm_open and now.concern >= PHONE_FROM


# Checking in


@by_link("check-in")
def check_in(request: HttpRequest, token: str, episode: Episode) -> HttpResponse:
    """At most three questions on one page. What is left alone stays open; sending adds one fact."""
    now, on = record.replayed(episode), today()
    screen = _screen(now)
    if request.method != "POST":
        return _check_in_page(request, token, now, screen, None, {})
    sent = _as_fields(dict(request.POST.lists()))
    none = sent.pop(NONE, None) == [forms.ON]
    try:
        found = forms.read(screen, {**sent, forms.GO: [forms.ON]}, on, lang_of())
    except forms.TamperedError:
        return _unread(request, token)
    answers, unclear = dict(found.reading.answers), found.reading.unclear
    mistakes = dict(found.mistakes) or _mistakes(answers, unclear, none)
    if mistakes:
        return _check_in_page(request, token, now, screen, {**sent, **({NONE: [forms.ON]} if none else {})}, mistakes)
    if none:
        answers |= none_of_these(Screen(SIGNS, "alarm"))
    by = _reader(now)
    record.add(episode, Answers(on, answers, unclear, by), by)
    return redirect("mine_course", token=token)


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
        "by_proxy": _reader(now) == "proxy",
        "presses": _presses(now),
        "ended": now.ended,
    }
    return render(request, "mine/check_in.html", context(request) | found)


# Where she stands


@by_link("where she stands")
def my_course(request: HttpRequest, token: str, episode: Episode) -> HttpResponse:
    """How it goes. While somebody must see her today, that is all the page says first."""
    now, on, lang = record.replayed(episode), today(), lang_of()
    case = _case(now, on)
    decision = decide(case, lang)
    stands = standings(now, on)
    found = {
        "token": token,
        "thanks": now.last == on and isinstance(now.events[-1], Answers),
        "by_proxy": _reader(now) == "proxy",
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


@by_link("leaflet")
def leaflet_pdf(_request: HttpRequest, token: str, episode: Episode, paper: str) -> HttpResponse:  # noqa: ARG001
    """Her leaflet as it is today; the lines for the GP are left out, for the practice has the record."""
    document = personal(_case(record.replayed(episode), today()), lang_of())
    sections = tuple(one for one in document.sections if one.id != "for_gp")
    return pdf_response(printed(replace(document, sections=sections), paper), f"ruggespraak-{paper}")


@by_link("recovery")
def over(request: HttpRequest, token: str, episode: Episode) -> HttpResponse:
    """'It is over': not while an alarm is open, for feeling better does not lift it."""
    return _says(request, token, episode, Recovery(today()), when=lambda now: not (now.ended or now.alarm_open))


@by_link("relapse")
def back(request: HttpRequest, token: str, episode: Episode) -> HttpResponse:
    """'It came back': the questions begin anew."""
    return _says(request, token, episode, Relapse(today()), when=lambda now: now.ended, onward="mine")


def _says(
    request: HttpRequest,
    token: str,
    episode: Episode,
    event: Recovery | Relapse,
    when: Callable[[course.Episode], bool],
    onward: str = "mine_course",
) -> HttpResponse:
    """One click that is a fact, once."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    now = record.replayed(episode)
    if when(now):
        record.add(episode, event, _reader(now))
    return redirect(onward, token=token)


# All that is kept of her


@by_link("all that is kept")
def everything(request: HttpRequest, token: str, episode: Episode) -> HttpResponse:
    """All that is kept, as a file, or erased: each with her birth year, for these have her name in them or end all."""
    patient = episode.patient
    found: dict[str, Any] = {"token": token, "errors": []}
    if request.method != "POST":
        return render(request, "mine/everything.html", context(request) | found)
    does = {"json": _json, "pdf": _pdf, "erase": _erase}.get(request.POST.get("go", ""))
    if does is None:
        return _unread(request, token)
    if mistake := _wrong_year(patient, request.POST.get("year", "")):
        found["errors"] = [("year", mistake)]
        return render(request, "mine/everything.html", context(request) | found)
    return does(patient)


def _wrong_year(patient: Patient, typed: str) -> str:
    """What is wrong with this birth year. Who finds a link cannot try them all, nor many at the same moment."""
    key = f"wrong-year-{patient.id}"
    cache.add(key, 0, LOCKED_FOR)
    if cache.incr(key) > TRIES:
        return _("This was wrong too often. Try again tomorrow, or phone your practice.")
    if typed.strip() == str(patient.who.get("born")):
        cache.delete(key)
        return ""
    return _("This birth year is not right. Fill in four digits.")


def _json(patient: Patient) -> HttpResponse:
    ACCESS.info("patient %s: export", patient.pk)
    found = JsonResponse(sharing.exported(patient), json_dumps_params={"ensure_ascii": False, "indent": 2})
    found["Content-Disposition"] = 'attachment; filename="ruggespraak.json"'
    return found


def _pdf(patient: Patient) -> HttpResponse:
    ACCESS.info("patient %s: export", patient.pk)
    return pdf_response(printed(all_in_words(sharing.exported(patient), lang_of()), "a4"), "ruggespraak")


def _erase(patient: Patient) -> HttpResponse:
    ACCESS.info("patient %s: erased", patient.pk)
    record.erase(patient)
    found = redirect("mine_erased")
    found["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return found


def erased(request: HttpRequest) -> HttpResponse:
    """That it is gone."""
    return render(request, "mine/erased.html", context(request))


def all_in_words(kept: dict[str, Any], lang: str) -> Document:
    """What ``sharing.exported`` gives, for a reader: who she is, and of each episode what was told and decided."""
    who = kept["identity"]
    lines = {
        _("Name"): who.get("name"),
        _("Birth year"): who.get("born"),
        _("E-mail address"): who.get("email"),
        _("Language"): _(dict(settings.LANGUAGES).get(who.get("lang"), "–")),
        _("With this practice since"): _day(kept["since"], lang),
    }
    episodes = tuple(_episode_in_words(n, one, lang) for n, one in enumerate(kept["episodes"], 1))
    closing = (_("The file for computers has the same, with every decision in all its details."),)
    who_section = Section(
        "who", _("Who you are"), (Points(tuple(f"{key}: {value or '–'}" for key, value in lines.items())),)
    )
    return Document(lang, _("All that is kept of you"), (who_section, *episodes), closing=closing)


def _episode_in_words(number: int, episode: dict[str, Any], lang: str) -> Section:
    facts = tuple(
        Part(_fact_title(one, lang), (Points(tuple(_said(one["what"], one["says"], lang))),))
        for one in episode["facts"]
    )
    head = (_("Day"), _("How soon"), _("What it is"), _("Next look"))
    rows = tuple(_decided(one, lang) for one in episode["decisions"])
    title = _("Complaint %(number)s, since %(day)s") % {"number": number, "day": _day(episode["opened"], lang)}
    return Section(f"episode_{number}", title, (*facts, Table(_("What the rules said"), head, rows)))


def _day(iso: str, lang: str) -> str:
    return long_date(date.fromisoformat(iso), lang)


def _fact_title(fact: dict[str, Any], lang: str) -> str:
    by = {
        "patient": _("by you"), "proxy": _("by somebody for you"), "gp": _("by the GP"),
        "physiotherapist": _("by the physiotherapist"), "nurse": _("by the nurse"), "system": _("by itself"),
    }  # fmt: skip
    title = f"{_day(fact['on'], lang)}, {by[fact['by']]}"
    return ", ".join([title, _("put right later")]) if fact["corrected"] else title


def _said(what: str, says: dict[str, Any], lang: str) -> Iterator[str]:
    """One fact in words."""
    if what == "answers":
        yield from (_answer(id, value, lang) for id, value in says["findings"].items())
        return
    yield {
        "contact": _("Somebody of the practice examined you.")
        if says.get("seen")
        else _("The practice spoke with you."),
        "silence": _("We heard nothing from you."),
        "recovery": _("You said that it is over."),
        "relapse": _("You said that it came back."),
        "edition": _("From then on other rules counted: %(edition)s.") % {"edition": says.get("edition", "")},
        "hand_over": _("Your care was offered to: %(to)s.") % {"to": says.get("to", "")},
        "confirmed": _("The other side takes over your care."),
    }[what]


def _answer(id: str, value: Any, lang: str) -> str:
    if value == NOT_KNOWN:
        return f"{item(id, lang)}: {word('word.dont_know', lang).lower()}"
    return sentence(told(VOCABULARY[id], VOCABULARY[id].accept(value), lang, "patient"))


def _decided(one: dict[str, Any], lang: str) -> tuple[str, ...]:
    decision = one["decision"]
    soon = sentence(word(f"urgency.{decision['urgency']}.name", lang))
    what = sentence(word(f"complaint.{decision['complaint']}.name", lang))
    return _day(one["on"], lang), soon, what, _day(decision["review"]["on"], lang)


LINK = "mine/<str:token>/"
urlpatterns: list[Any] = [
    path("mine/kept/", kept, name="mine_kept"),
    path("mine/open/", open_again, name="mine_open"),
    path("mine/opened/", opened, name="mine_opened"),
    path("mine/opened-<paper:paper>.pdf", opened_pdf, name="mine_opened_pdf"),
    path("mine/erased/", erased, name="mine_erased"),
    path(LINK, check_in, name="mine"),
    path(f"{LINK}course/", my_course, name="mine_course"),
    path(f"{LINK}leaflet-<paper:paper>.pdf", leaflet_pdf, name="mine_leaflet"),
    path(f"{LINK}over/", over, name="mine_over"),
    path(f"{LINK}back/", back, name="mine_back"),
    path(f"{LINK}everything/", everything, name="mine_everything"),
]
