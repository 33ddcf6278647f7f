"""The care giver's pages: a worklist, a patient on one page, an examination, letters, a review with the patient.

There are no accounts yet: the practice's side is only there on one's own machine (``settings.PRACTICE``), and who acts
is the practice whose worklist was opened in this session. A patient of another practice does not exist for it. No name,
answer or finding is ever in an address, and no page may be kept by a browser.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial, wraps
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _

from ruggespraak.clinic import record
from ruggespraak.clinic.models import Episode, Patient, Practice
from ruggespraak.clinic.sharing import CodeError, take
from ruggespraak.clinic.worklist import REASONS as PRESSING
from ruggespraak.clinic.worklist import Row, counts, worklist
from ruggespraak.consult import Case, Decision, Screen, decide, none_of_these, urgent_alarms
from ruggespraak.consult.ready import ready
from ruggespraak.consult.screens import NOT_EXAMINED, checklist_of
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
from ruggespraak.documents.examination import dermatomes, mrc, reflexes
from ruggespraak.documents.letters import ADDRESSEES, letter, work_plan
from ruggespraak.documents.pdf import pdf
from ruggespraak.documents.result import alarm_card, sentence
from ruggespraak.documents.weigh import weigh_surgery
from ruggespraak.logic import Value
from ruggespraak.pathway.editions import DEFAULT
from ruggespraak.pathway.findings import CLINICIAN, VOCABULARY
from ruggespraak.pathway.texts import LANGUAGES, item, long_date, table, term
from ruggespraak.web import forms
from ruggespraak.web.check import (
    Check,
    Reading,
    answered,
    begin,
    fingerprint,
    from_session,
    has_chart,
    to_session,
)
from ruggespraak.web.forms import Form
from ruggespraak.web.forms import Row as Question
from ruggespraak.web.pages import context, lang_of, pdf_response, today
from ruggespraak.web.practice_patient import ADDRESSED, REASONS, Opened, fact_of, late, light, listed

PRACTICE, NEW = "practice", "new_patient"
"""Keys of the session: the practice whose worklist was opened; a patient who is being asked now."""
A_PAGE = 50  # rows of the worklist
OLDEST = 120  # years
LONGEST_NAME, LONGEST_REASON = 120, 1000  # letters
access = logging.getLogger("ruggespraak.access")

View = Callable[..., HttpResponse]


def opened(request: HttpRequest, patient: Patient, what: str) -> None:  # noqa: ARG001 (who it is comes with accounts)
    """Notes that a record was read: by which role of which practice, of whom, and which page. No name, no content."""
    access.info("%s of %s opened %s: %s", patient.practice.profession, patient.practice_id, patient.id, what)


# Who may see what


def practice_page(view: View) -> View:
    """A page that no browser keeps and no search engine lists."""

    @wraps(view)
    def guarded(request: HttpRequest, **values: Any) -> HttpResponse:
        found = view(request, **values)
        found["Cache-Control"] = "no-store"
        found["X-Robots-Tag"] = "noindex"
        return found

    return guarded


def of_practice(view: View) -> View:
    """A page of a practice; from then on this session acts for it."""

    @wraps(view)
    @practice_page
    def guarded(request: HttpRequest, practice: UUID, **values: Any) -> HttpResponse:
        found = get_object_or_404(Practice, pk=practice)
        request.session[PRACTICE] = str(found.id)
        return view(request, practice=found, **values)

    return guarded


def of_episode(view: View) -> View:
    """A page about a patient of the practice of this session; of another practice, or erased, there is none."""

    @wraps(view)
    @practice_page
    def guarded(request: HttpRequest, episode: UUID, **values: Any) -> HttpResponse:
        mine = request.session.get(PRACTICE)
        if mine is None:
            return redirect("practices")
        rows = Episode.objects.select_related("patient__practice", "practice").filter(practice_id=mine)
        found = get_object_or_404(rows, pk=episode)
        if found.patient.erased:
            raise Http404
        opened(request, found.patient, view.__name__)
        return view(request, episode=found, **values)

    return guarded


def _problem(request: HttpRequest, status: int, title: str, says: str, onward: str) -> HttpResponse:
    found = context(request) | {"title": title, "says": says, "onward": onward}
    return render(request, "practice/problem.html", found, status=status)


def _tampered(request: HttpRequest, onward: str) -> HttpResponse:
    """A form that the page cannot have sent."""
    return _problem(request, 400, _("This form cannot be read"), _("Nothing was written in the record."), onward)


def _stale(request: HttpRequest, onward: str) -> HttpResponse:
    """Somebody wrote in the record since this page was opened, or the button was pressed twice."""
    says = _("Somebody wrote in this record after you opened the page. Look at it first. Nothing was written now.")
    return _problem(request, 409, _("This record has changed"), says, onward)


# The worklist


@practice_page
def practices(request: HttpRequest) -> HttpResponse:
    """The practices, by name."""
    return render(
        request, "practice/practices.html", context(request) | {"practices": Practice.objects.order_by("name")}
    )


@of_practice
def work(request: HttpRequest, practice: Practice) -> HttpResponse:
    """Who needs somebody now, and why; and a box for the code of a patient who comes with a kept result."""
    mistakes: list[tuple[str, str]] = []
    if request.method == "POST":
        identity, mistakes = _identity(request.POST)
        if identity is None:
            return _tampered(request, reverse("worklist", kwargs={"practice": practice.id}))
        if not mistakes:
            try:
                episode = take(request.POST.get("code", ""), practice, identity, today())
            except CodeError:
                mistakes = [("code", _("Nobody kept a result with this code. It is wrong, used before, or too old."))]
            else:
                return redirect("episode", episode=episode.id)
    return _worklist_page(request, practice, mistakes)


def _worklist_page(request: HttpRequest, practice: Practice, mistakes: list[tuple[str, str]]) -> HttpResponse:
    counted = counts(practice, today())
    asked = request.GET.get("page", "1")
    pages = max(1, -(-sum(counted.values()) // A_PAGE))
    page = min(max(int(asked), 1), pages) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1
    shown, _total = worklist(practice, today(), (page - 1) * A_PAGE, A_PAGE)
    for row in shown:
        opened(request, row.episode.patient, "worklist")
    found = {
        "practice": practice,
        "today": sentence(long_date(today(), lang_of())),
        "counted": [(REASONS[reason], counted[reason]) for reason in PRESSING],
        "rows": [_listed(row) for row in shown],
        "page": page,
        "pages": pages,
        "errors": mistakes,
        "sent": request.POST,
    }
    return render(request, "practice/worklist.html", context(request) | found)


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


def _identity(sent: Mapping[str, str]) -> tuple[dict[str, Any] | None, list[tuple[str, str]]]:
    """Who the patient is, with what is wrong with it by field; None for a form that no page sent."""
    name, born, email = (sent.get(field, "").strip() for field in ("name", "born", "email"))
    if sent.get("lang") not in LANGUAGES:
        return None, []
    mistakes = []
    if not 0 < len(name) <= LONGEST_NAME:
        mistakes.append(("name", _("Fill in a name.")))
    years = range(today().year - OLDEST, today().year + 1)
    if not (born.isascii() and born.isdigit() and int(born[:5]) in years):
        mistakes.append(("born", _("Fill in the year of birth in four figures.")))
    if email and not _is_email(email):
        mistakes.append(("email", _("This is no e-mail address. Without one, leave it empty.")))
    return {"name": name, "born": int(born) if not mistakes else 0, "email": email, "lang": sent["lang"]}, mistakes


def _is_email(typed: str) -> bool:
    try:
        validate_email(typed)
    except ValidationError:
        return False
    return True


# The patient on one page


@of_episode
def patient(request: HttpRequest, episode: Episode) -> HttpResponse:
    """Everything about one patient; and what the care giver does, each a fact in the record."""
    if request.method == "POST":
        return _do(request, episode)
    return _patient_page(request, episode, [])


def _patient_page(request: HttpRequest, episode: Episode, mistakes: list[tuple[str, str]]) -> HttpResponse:
    here = Opened(episode, lang_of(), today())
    found = {
        "here": here,
        "episode": episode,
        "practice": episode.practice,
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
        "errors": mistakes,
        "sent": request.POST if mistakes else {},
    }
    return render(request, "practice/patient.html", context(request) | found)


def _addressees(episode: Episode) -> list[str]:
    """To whom this practice writes: to everybody but its own profession."""
    return [to for to in ADDRESSEES if to != episode.practice.profession]


def _do(request: HttpRequest, episode: Episode) -> HttpResponse:
    """One thing that the care giver did. Nothing is written unless the record still is as the page showed it."""
    onward = reverse("episode", kwargs={"episode": episode.id})
    what = request.POST.get("do", "")
    if what == "choose":
        return _choose(request, episode)
    if what == "hand_over" and not request.POST.get("to"):
        return _patient_page(request, episode, [("to", _("Choose to whom the patient is handed over."))])
    event = _event(what, request.POST.get("to", ""), episode)
    if event is None:
        return _tampered(request, onward)
    return redirect(onward) if _written(request, episode, _adding(episode, event)) else _stale(request, onward)


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


def _written(request: HttpRequest, episode: Episode, *writes: Callable[[], object]) -> bool:
    """Writes all of this, if the record still is as the page showed it."""
    with transaction.atomic():
        held = Episode.objects.select_for_update().get(pk=episode.pk)
        if request.POST.get("so_far") != str(held.facts_so_far):
            return False
        for write in writes:
            write()
    return True


def _adding(episode: Episode, event: Event) -> Callable[[], object]:
    return partial(record.add, episode, event, episode.practice.profession)


def _choose(request: HttpRequest, episode: Episode) -> HttpResponse:
    """Follows or deviates from each advice that was answered. A deviation needs its reason."""
    onward = reverse("episode", kwargs={"episode": episode.id})
    here = Opened(episode, lang_of(), today())
    new, mistakes = [], []
    for number, line in enumerate(here.plan(), 1):
        chosen = request.POST.get(f"choice-{line.id}", "")
        reason = request.POST.get(f"reason-{line.id}", "").strip()[:LONGEST_REASON]
        if chosen not in ("", "follow", "deviate"):
            return _tampered(request, onward)
        if chosen == "deviate" and not reason:
            mistakes.append((f"reason-{number}", _("Say why you deviate from this advice.")))
            continue
        reason = reason if chosen == "deviate" else ""
        if chosen and (chosen, reason) != (line.chosen, line.reason):
            new.append((line.id, reason))
    if mistakes:
        return _patient_page(request, episode, mistakes)
    by = episode.practice.profession
    keeps = [partial(record.choose, here.stored[-1], advice, not reason, reason, by) for advice, reason in new]
    return redirect(f"{onward}#advice") if _written(request, episode, *keeps) else _stale(request, onward)


# Forms of answers


FORM = "practice"
NONE = "none"
EXAMINED = ("strength", "reflexes", "perineum", "blood")
MEASURED = ("fever_c", "foot_drop", "heel_walk_fails", "toe_walk_fails")
"""What a patient can tell too, and an examination tells better."""
ASKED_AGAIN = ("course", "relief_sufficient", "pain_back_nrs", "pain_leg_nrs", "activity_score")


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that belong together. ``none``: what a box says that answers no to all that was left alone."""

    id: str
    title: str
    why: str
    none: str
    rows: tuple[Question, ...]


def groups_of(case: Case, decision: Decision, again: bool) -> dict[str, tuple[str, ...]]:
    """What is asked on the examination form, by group. ``again``: how it goes and what is open are asked with it."""
    used = ready(case.edition).alphabet.masks
    mine = [id for id, one in VOCABULARY.items() if (one.who == CLINICIAN and id in used) or id in MEASURED]
    found = {name: tuple(id for id in mine if checklist_of(id) == name) for name in EXAMINED}
    found["other"] = tuple(id for id in mine if checklist_of(id) not in EXAMINED)
    if again:
        found["course"] = ASKED_AGAIN
        found["open"] = tuple(id for id in decision.ask if id not in {*mine, *ASKED_AGAIN})
    return {name: ids for name, ids in found.items() if ids}


def _groups(by_group: Mapping[str, Sequence[str]], rows: Iterable[Question], lang: str) -> list[Group]:
    asked = {row.id: row for row in rows}
    titles = {"other": _("Other findings"), "course": _("How it goes now"), "open": _("Still to be asked")}
    made = []
    for name, ids in by_group.items():
        texts = table("screens").get(name)
        title, why, none = (texts[part][lang] if texts else "" for part in ("title", "why", "none"))
        none = "" if name in NOT_EXAMINED else none
        made.append(Group(name, title or titles[name], why, none, tuple(asked[id] for id in ids)))
    return made


def _rows(ids: Sequence[str], known: Check, sent: Form | None, mistakes: Mapping[str, str]) -> list[Question]:
    """The questions. Where it hurts is a plain yes or no here: the care giver has no need of a body chart."""
    lang = lang_of()
    rest = Screen(tuple(id for id in ids if id not in forms.CHART_ITEMS), FORM)
    asked = forms.rows(rest, known, lang, sent, mistakes, False)
    made = {row.id: replace(row, label=_label(row.id, lang)) for row in asked}
    for number, id in enumerate((id for id in ids if id in forms.CHART_ITEMS), 1):
        made[id] = Question(id, "boolean", _label(id, lang), "", f"chart-{number}", _said(id, known, sent))
    return [made[id] for id in ids]


def _label(id: str, lang: str) -> str:
    """The care giver's word for it: what a patient would be asked is put in the patient's words."""
    return item(id, lang) if VOCABULARY[id].who == CLINICIAN else sentence(term(id, lang))


def _said(id: str, known: Check, sent: Form | None) -> str:
    if sent is not None:
        return next(iter(sent.get(id, ())), "")
    if id in known.unclear:
        return forms.UNCLEAR
    return {True: forms.YES, False: forms.NO}.get(known.answers.get(id) is True, "") if id in known.answers else ""


def _read(by_group: Mapping[str, Sequence[str]], sent: Form, on: date) -> forms.Sent:
    """What this form answers. Raises TamperedError for a form that no page sent."""
    ids = [id for group in by_group.values() for id in group]
    chart = {id: sent.get(id, [""]) for id in ids if id in forms.CHART_ITEMS}
    mine = {name: values for name, values in sent.items() if name not in {*chart, NONE, "so_far", "seen"}}
    rest = Screen(tuple(id for id in ids if id not in chart), FORM)
    found = forms.read(rest, {**mine, forms.GO: [forms.REST_OPEN]}, on, lang_of())
    answers, unclear, mistakes = dict(found.reading.answers), set(found.reading.unclear), dict(found.mistakes)
    for id, values in chart.items():
        if len(values) > 1 or values[0] not in ("", forms.YES, forms.NO, forms.UNCLEAR):
            raise forms.TamperedError(id)
        unclear |= {id} if values[0] == forms.UNCLEAR else set()
        answers |= {id: values[0] == forms.YES} if values[0] in (forms.YES, forms.NO) else {}
    for name in sent.get(NONE, ()):
        if name not in by_group or name in NOT_EXAMINED:
            raise forms.TamperedError(NONE)
        _none(by_group[name], answers, unclear, mistakes)
    return forms.Sent(Reading(answers, frozenset(unclear)), mistakes=mistakes)


def _none(ids: Sequence[str], answers: dict[str, Value], unclear: set[str], mistakes: dict[str, str]) -> None:
    """ "None of these" of one group: no to what was left alone, and a mistake beside anything that was found."""
    if any(id in unclear or answers.get(id) is True for id in ids):
        mistakes.setdefault(ids[0], _("You also chose an answer. Use this button only if nothing applies."))
    left = tuple(id for id in ids if id not in answers and id not in unclear)
    answers |= none_of_these(Screen(left, FORM))


# Examine, and decide again


@of_episode
def examine(request: HttpRequest, episode: Episode) -> HttpResponse:
    """The examination form: what was found is a fact of today, and the pathway decides again."""
    here = Opened(episode, lang_of(), today())
    by_group = groups_of(here.case, here.decision, again=True)
    back = reverse("episode", kwargs={"episode": episode.id})
    sent = dict(request.POST.lists()) if request.method == "POST" else None
    mistakes: Mapping[str, str] = {}
    if sent is not None:
        try:
            found = _read(by_group, sent, today())
        except forms.TamperedError:
            # What is asked depends on the record: the form may be of before somebody wrote in it.
            stale = sent.get("so_far") != [str(episode.facts_so_far)]
            return _stale(request, back) if stale else _tampered(request, back)
        mistakes = found.mistakes or ({} if _says_something(found) else {by_group["strength"][0]: _nothing()})
        if not mistakes:
            events: list[Event] = [Answers(today(), found.reading.answers, found.reading.unclear, "clinician")]
            events += [Contact(today(), seen=True)] if "seen" in sent else []
            adds = [_adding(episode, one) for one in events]
            return redirect(back) if _written(request, episode, *adds) else _stale(request, back)
    values = {"title": _("Examination"), "back": back, "so_far": episode.facts_so_far, "seen": True}
    values["examine"] = listed(term(id, lang_of()) for id in here.decision.examine)
    return _form_page(request, by_group, Check(today(), "clinician"), sent, mistakes, values)


def _says_something(found: forms.Sent) -> bool:
    return bool(found.reading.answers or found.reading.unclear)


def _nothing() -> str:
    return str(_("Nothing is filled in. Fill in what you found, or go back."))


def _form_page(
    request: HttpRequest,
    by_group: Mapping[str, Sequence[str]],
    known: Check,
    sent: Form | None,
    mistakes: Mapping[str, str],
    values: Mapping[str, Any],
) -> HttpResponse:
    lang = lang_of()
    rows = _rows([id for group in by_group.values() for id in group], known, sent, mistakes)
    found = {
        "groups": _groups(by_group, rows, lang),
        "none_chosen": (sent or {}).get(NONE, ()),
        "pictures": {"strength": [mrc(lang)], "reflexes": [reflexes(lang), dermatomes(lang)]},
        "errors": forms.errors(rows, mistakes),
        "examine": "",
        "seen": False,
        "so_far": None,
        "says": "",
        "alarm": None,
    }
    return render(request, "practice/form.html", context(request) | found | dict(values))


@of_episode
def correct(request: HttpRequest, episode: Episode, number: int) -> HttpResponse:
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
            found = _read(by_group, sent, event.on)
        except forms.TamperedError:
            return _tampered(request, back)
        mistakes = dict(found.mistakes) or ({} if _says_something(found) else {ids[0]: _nothing()})
        if not mistakes:
            right = replace(event, answers=found.reading.answers, unclear=found.reading.unclear)
            put_right = partial(record.correct, fact.fact, right, episode.practice.profession, today())
            return redirect(back) if _written(request, episode, put_right) else _stale(request, back)
    values = {
        "title": _("Correct the answers of %(day)s") % {"day": long_date(event.on, lang_of())},
        "says": _("The pathway decides again on the corrected answers. The earlier decision stays in the record."),
        "back": back,
        "so_far": episode.facts_so_far,
    }
    known = Check(event.on, event.answered_by, event.told, event.unclear)
    return _form_page(request, by_group, known, sent, mistakes, values)


# Letters and other papers


@of_episode
def letter_pdf(request: HttpRequest, episode: Episode, to: str) -> HttpResponse:  # noqa: ARG001
    """A letter, of what is known today."""
    if to not in _addressees(episode):
        raise Http404
    here = Opened(episode, lang_of(), today())
    made = letter(to, here.case, here.decision, here.about, episode.practice.name, lang_of())
    return pdf_response(pdf(made), f"ruggespraak-letter-{to.replace('_', '-')}")


@of_episode
def work_plan_pdf(request: HttpRequest, episode: Episode) -> HttpResponse:  # noqa: ARG001
    """What a patient can agree on at work. It holds no complaint."""
    here = Opened(episode, lang_of(), today())
    if here.case.answers.get("works") is False:
        raise Http404
    return pdf_response(pdf(work_plan(here.case, here.decision, here.about, lang_of())), "ruggespraak-work-plan")


@of_episode
def weigh(request: HttpRequest, episode: Episode) -> HttpResponse:
    """The page on which patient and doctor weigh an operation together."""
    found = {"document": _weighed(episode), "episode": episode}
    return render(request, "practice/weigh.html", context(request) | found)


@of_episode
def weigh_pdf(request: HttpRequest, episode: Episode) -> HttpResponse:  # noqa: ARG001
    """The same on paper."""
    return pdf_response(pdf(_weighed(episode)), "ruggespraak-weigh")


def _weighed(episode: Episode) -> Any:
    here = Opened(episode, lang_of(), today())
    if not here.radicular:
        raise Http404
    return weigh_surgery(here.case, here.decision, lang_of())


# Direct access: a patient who comes without a letter, or without a kept result


@dataclass(frozen=True, slots=True)
class Asking:
    """A patient who is being asked. ``rest``: the screen of which a part was left alone, or 0."""

    who: dict[str, Any]
    check: Check
    rest: int = 0


def _asking(request: HttpRequest, practice: Practice) -> Asking | None:
    kept = request.session.get(NEW)
    if not kept or kept["practice"] != str(practice.id):
        return None
    return Asking(kept["who"], from_session(kept["check"]), kept["rest"])


def _keep(request: HttpRequest, practice: Practice, asking: Asking) -> None:
    request.session[NEW] = {
        "practice": str(practice.id), "who": asking.who, "check": to_session(asking.check), "rest": asking.rest,
    }  # fmt: skip


@of_practice
def new(request: HttpRequest, practice: Practice) -> HttpResponse:
    """Who the new patient is."""
    mistakes: list[tuple[str, str]] = []
    if request.method == "POST":
        identity, mistakes = _identity(request.POST)
        if identity is None:
            return _tampered(request, reverse("new", kwargs={"practice": practice.id}))
        if not mistakes:
            _keep(request, practice, Asking(identity, begin(today(), "clinician")))
            return redirect("new_question", practice=practice.id, number=1)
    found = {"practice": practice, "errors": mistakes, "sent": request.POST}
    return render(request, "practice/new.html", context(request) | found)


def asking_now(view: View) -> View:
    """A page about a patient who is being asked; without one, who it is is asked first."""

    @wraps(view)
    @of_practice
    def guarded(request: HttpRequest, practice: Practice, **values: Any) -> HttpResponse:
        asking = _asking(request, practice)
        if asking is None:
            return redirect("new", practice=practice.id)
        return view(request, practice=practice, asking=asking, **values)

    return guarded


@asking_now
def new_question(request: HttpRequest, practice: Practice, asking: Asking, number: int) -> HttpResponse:
    """One screen of the self-check, asked by a care giver."""
    check = asking.check
    if not 1 <= number <= len(check.screens):
        return _onward(practice, check)
    screen = check.screens[number - 1]
    if request.method != "POST":
        return _question_page(request, practice, asking, number)
    here = reverse("new_question", kwargs={"practice": practice.id, "number": check.at})
    sent = dict(request.POST.lists())
    if sent.get(forms.SCREEN) != [fingerprint(screen)]:
        return _stale(request, here)
    try:
        found = forms.read(screen, sent, check.on, lang_of())
    except forms.TamperedError:
        return _tampered(request, here)
    if found.mistakes:
        return _question_page(request, practice, asking, number, sent, found.mistakes)
    after = answered(check, number, found.reading, found.places, found.rest)
    _keep(request, practice, Asking(asking.who, after, number if found.rest else 0))
    return _onward(practice, after)


def _onward(practice: Practice, check: Check) -> HttpResponse:
    if check.done:
        return redirect("new_examination", practice=practice.id)
    return redirect("new_question", practice=practice.id, number=check.at)


def _question_page(
    request: HttpRequest,
    practice: Practice,
    asking: Asking,
    number: int,
    sent: Form | None = None,
    mistakes: Mapping[str, str] | None = None,
) -> HttpResponse:
    check, lang = asking.check, lang_of()
    screen = check.screens[number - 1]
    several = len(screen.items) > 1
    texts = table("screens" if several else "findings")[screen.id if several else screen.items[0]]
    again = asking.rest == number and not mistakes
    rows = forms.rows(screen, check, lang, sent, mistakes or {}, again)
    back = "new" if number == 1 else "new_question"
    found = {
        "practice": practice,
        "number": number,
        "title": texts["title" if several else "question"][lang],
        "why": texts["why"][lang],
        "rows": rows,
        "several": several,
        "regions": forms.regions(check, sent) if has_chart(screen) else [],
        "chart_error": (mistakes or {}).get(forms.PLACE, ""),
        "none_label": texts["none"][lang] if several else "",
        "screen": fingerprint(screen),
        "errors": forms.errors(rows, mistakes or {}),
        "rest": again,
        "back": reverse(back, kwargs={"practice": practice.id} | ({"number": number - 1} if number > 1 else {})),
        "alarm": _alarm(check.told()),
    }
    return render(request, "practice/question.html", context(request) | found)


def _alarm(case: Case) -> Any:
    """The card of the urgent alarms that stand, while the questions go on; None without any."""
    alarms = urgent_alarms(case)
    return alarm_card(decide(case, lang_of()), alarms, lang_of(), "clinician") if alarms else None


@asking_now
def new_examination(request: HttpRequest, practice: Practice, asking: Asking) -> HttpResponse:
    """What was found on examination; then the patient is in the record, and the pathway decides."""
    case = asking.check.told()
    by_group = groups_of(case, decide(case), again=False)
    here = reverse("new_examination", kwargs={"practice": practice.id})
    sent = dict(request.POST.lists()) if request.method == "POST" else None
    mistakes: Mapping[str, str] = {}
    if sent is not None:
        try:
            found = _read(by_group, sent, today())
        except forms.TamperedError:
            return _tampered(request, here)
        mistakes = found.mistakes
        if not mistakes:
            del request.session[NEW]
            episode = _into_the_record(practice, asking.who, case, found.reading)
            return redirect("episode", episode=episode.id)
    values = {
        "title": _("Examination"),
        "says": _("Leave open what you did not examine: that is never counted as normal."),
        "back": reverse("new_question", kwargs={"practice": practice.id, "number": len(asking.check.screens)}),
        "examine": listed(term(id, lang_of()) for id in decide(case).examine),
        "alarm": _alarm(case),
    }
    return _form_page(request, by_group, Check(today(), "clinician"), sent, mistakes, values)


@transaction.atomic
def _into_the_record(practice: Practice, who: dict[str, Any], case: Case, found: Reading) -> Episode:
    patient = record.new_patient(practice, who, today())
    episode = record.open_episode(patient, today())
    answers = {**case.answers, **found.answers}
    unclear = (case.unclear | found.unclear) - answers.keys()
    record.add(episode, Answers(today(), answers, unclear, "clinician"), practice.profession)
    return episode


OF_ONE = "practice/episode/<uuid:episode>/"
OF_ALL = "practice/<uuid:practice>/"
urlpatterns: list[Any] = [
    path("practice/", practices, name="practices"),
    path(OF_ALL, work, name="worklist"),
    path(f"{OF_ALL}new/", new, name="new"),
    path(f"{OF_ALL}new/<int:number>/", new_question, name="new_question"),
    path(f"{OF_ALL}new/examination/", new_examination, name="new_examination"),
    path(OF_ONE, patient, name="episode"),
    path(f"{OF_ONE}examination/", examine, name="examination"),
    path(f"{OF_ONE}correct/<int:number>/", correct, name="correct"),
    path(f"{OF_ONE}letter-<slug:to>.pdf", letter_pdf, name="letter"),
    path(f"{OF_ONE}work-plan.pdf", work_plan_pdf, name="work_plan"),
    path(f"{OF_ONE}weigh/", weigh, name="weigh"),
    path(f"{OF_ONE}weigh.pdf", weigh_pdf, name="weigh_pdf"),
]
