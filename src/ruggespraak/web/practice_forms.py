"""What the forms of the practice's pages share: what is asked, how it is read, and what is said when that fails."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from ruggespraak.clinic.models import Account
from ruggespraak.consult import Case, Decision, Screen, none_of_these
from ruggespraak.consult.ready import ready
from ruggespraak.consult.screens import NOT_EXAMINED, checklist_of
from ruggespraak.documents.examination import dermatomes, mrc, reflexes
from ruggespraak.documents.result import sentence
from ruggespraak.logic import Value
from ruggespraak.pathway.findings import CLINICIAN, VOCABULARY
from ruggespraak.pathway.texts import LANGUAGES, item, table, term
from ruggespraak.web import forms
from ruggespraak.web.access import Acting
from ruggespraak.web.check import Check, Reading
from ruggespraak.web.forms import Form
from ruggespraak.web.forms import Row as Question
from ruggespraak.web.pages import context, lang_of, today

OLDEST = 120  # years
LONGEST_NAME = 120  # letters


def shared(request: HttpRequest, acting: Acting) -> dict[str, Any]:
    """What every page of a practice needs; ``opened_until``: when an emergency ends, in which its record is open."""
    opened = acting.emergency
    until = f"{timezone.localtime(opened.until):%H:%M}" if opened else ""
    return context(request) | {"practice": acting.practice, "opened_until": until}


def problem(request: HttpRequest, status: int, title: str, says: str, onward: str) -> HttpResponse:
    found = context(request) | {"title": title, "says": says, "onward": onward}
    return render(request, "practice/problem.html", found, status=status)


def tampered(request: HttpRequest, onward: str) -> HttpResponse:
    """A form that the page cannot have sent."""
    return problem(request, 400, _("This form cannot be read"), _("Nothing was written in the record."), onward)


def stale(request: HttpRequest, onward: str) -> HttpResponse:
    """Somebody wrote in the record since this page was opened, or the button was pressed twice."""
    says = _("Somebody wrote in this record after you opened the page. Look at it first. Nothing was written now.")
    return problem(request, 409, _("This record has changed"), says, onward)


def identity_in(sent: Mapping[str, str]) -> tuple[dict[str, Any] | None, list[tuple[str, str]]]:
    """Who the patient is, with what is wrong with it by field; None for a form that no page sent."""
    name, born, email = (sent.get(field, "").strip() for field in ("name", "born", "email"))
    if sent.get("lang") not in LANGUAGES:
        return None, []
    mistakes = []
    if not is_name(name):
        mistakes.append(("name", _("Fill in a name.")))
    years = range(today().year - OLDEST, today().year + 1)
    if not (born.isascii() and born.isdigit() and int(born[:5]) in years):
        mistakes.append(("born", _("Fill in the year of birth in four figures.")))
    if email and not is_email(email):
        mistakes.append(("email", _("This is no e-mail address. Without one, leave it empty.")))
    return {"name": name, "born": int(born) if not mistakes else 0, "email": email, "lang": sent["lang"]}, mistakes


def is_name(typed: str) -> bool:
    """One line, in letters and signs that can be seen: it stands in lists, letters and logs."""
    return 0 < len(typed) <= LONGEST_NAME and typed.isprintable()


def is_email(typed: str) -> bool:
    """One that an account can have."""
    try:
        Account._meta.get_field("email").clean(typed, None)
    except ValidationError:
        return False
    return True


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
    titles = {
        "known": _("Known there"),
        "other": _("Other findings"),
        "course": _("How it goes now"),
        "open": _("Still to be asked"),
        "ask": _("Still to be asked"),
    }
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


def read_form(by_group: Mapping[str, Sequence[str]], sent: Form, on: date) -> forms.Sent:
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


def says_something(found: forms.Sent) -> bool:
    return bool(found.reading.answers or found.reading.unclear)


def nothing_said() -> str:
    return str(_("Nothing is filled in. Fill in what you found, or go back."))


def form_page(
    request: HttpRequest,
    acting: Acting,
    by_group: Mapping[str, Sequence[str]],
    known: Check,
    sent: Form | None,
    mistakes: Mapping[str, str],
    values: Mapping[str, Any],
    template: str = "practice/form.html",
) -> HttpResponse:
    lang = lang_of()
    rows = _rows([id for group in by_group.values() for id in group], known, sent, mistakes)
    found = {
        "groups": _groups(by_group, rows, lang),
        "none_chosen": (sent or {}).get(NONE, ()),
        "pictures": {"strength": [mrc(lang)], "reflexes": [reflexes(lang), dermatomes(lang)]},
        "examine": "",
        "seen": False,
        "so_far": None,
        "says": "",
        "alarm": None,
    }
    errors = {"errors": [*values.get("errors", ()), *forms.errors(rows, mistakes)]}
    return render(request, template, shared(request, acting) | found | dict(values) | errors)
