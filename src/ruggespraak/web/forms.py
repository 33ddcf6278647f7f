"""One page of the self-check: what its form shows, and how what comes back is read.

Reading is strict: a field that the page does not have, a value that it does not offer, or two values where one was
asked is no answer but a form that was tampered with. What a person can do wrong (a number out of range, a date that
is none) is a mistake with words of its own. Nothing is read by halves: with one mistake, nothing counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from ruggespraak.consult import Screen, none_of_these
from ruggespraak.logic import Finding, Value
from ruggespraak.pathway.findings import VOCABULARY
from ruggespraak.pathway.texts import choice, item, long_date, table, unit_of
from ruggespraak.web.check import Check, Reading, findings_of, has_chart

YES, NO, UNCLEAR = "yes", "no", "unclear"
GO, SCREEN, PLACE, TOKEN = "go", "screen", "place", "csrfmiddlewaretoken"
ON, NONE, REST_NO, REST_UNCLEAR, REST_OPEN = "on", "none", "rest_no", "rest_unclear", "rest_open"
"""What the buttons below a list say: go on; none of these; and of what was left alone: no, not known, leave it open."""

UNITS = {"days": 1, "weeks": 7, "months": 30, "years": 365}
"""How a person may give a number of days. A month is 30 days and a year 365 (as in ``course/recovery.py``)."""

FIGURE = re.compile(r"[0-9]{1,6}(?:[.,][0-9]{1,2})?")
PARTS_OF_A_DATE = ("day", "month", "year")

LEGS = {"left": ("upper_leg_left", "lower_leg_left"), "right": ("upper_leg_right", "lower_leg_right")}
PLACES = (
    "thoracic", "flank", "low_back", "buttock_left", "buttock_right", "groin",
    "upper_leg_left", "upper_leg_right", "lower_leg_left", "lower_leg_right",
)  # fmt: skip
NO_PLACE, PLACE_UNCLEAR = "no_pain", "unclear"
"""Beside the places of the body chart: no pain in back or leg, and not known."""

CHART_ITEMS = ("low_back_pain", "leg_pain")
"""What the body chart asks in the place of rows."""

LOCATION = {
    "low_back": "low_back", "thoracic": "thoracic", "flank": "flank", "groin": "groin",
    "buttock_left": "buttock", "buttock_right": "buttock",
    "upper_leg_left": "leg", "upper_leg_right": "leg", "lower_leg_left": "leg", "lower_leg_right": "leg",
}  # fmt: skip
"""Which choice of ``pain_location`` a place of the chart is; of several the first one counts, the back before a leg."""


class TamperedError(ValueError):
    """A form that this page cannot have sent."""


@dataclass(frozen=True, slots=True)
class Row:
    """One question as the page draws it."""

    id: str
    kind: str
    label: str
    why: str
    at: str = ""
    value: str = ""
    error: str = ""
    open: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    text: str = ""
    units: tuple[tuple[str, str], ...] = ()
    unit: str = ""
    unit_label: str = ""
    hint: str = ""
    unclear: bool = False
    day: str = ""
    month: str = ""
    year: str = ""


@dataclass(frozen=True, slots=True)
class Region:
    """One place of the body chart."""

    id: str
    label: str
    checked: bool


@dataclass(frozen=True, slots=True)
class Sent:
    """What a form brought: the answers, or the mistakes by field; ``rest``: items of a list that were left alone."""

    reading: Reading = field(default_factory=Reading)
    places: tuple[str, ...] = ()
    mistakes: Mapping[str, str] = field(default_factory=dict)
    rest: tuple[str, ...] = ()


# Showing


Form = Mapping[str, Sequence[str]]
"""What was sent: all values by the name of their field."""


def rows(
    screen: Screen, check: Check, lang: str, sent: Form | None, mistakes: Mapping[str, str], again: bool
) -> list[Row]:
    """The questions of this screen, filled in with what was sent just now, or else with what is known.

    Where it hurts is not among them: the body chart asks it. ``again``: what has no answer yet is shown to be open.
    """
    several = len(screen.items) > 1
    found = [_row(VOCABULARY[id], check, lang, several) for id in asked_in_rows(screen)]
    if sent is not None:
        found = [replace(row, **_as_sent(VOCABULARY[row.id], sent)) for row in found]
    return [
        replace(row, at=_anchor(n), error=mistakes.get(row.id, ""), open=again and row.id not in check.shown)
        for n, row in enumerate(found, 1)
    ]


def _anchor(number: int) -> str:
    """Where a row stands on the page. It names no finding: it comes into the address when somebody follows it."""
    return f"field-{number}"


def errors(rows: Sequence[Row], mistakes: Mapping[str, str]) -> list[tuple[str, str]]:
    """Where each mistake is, and what it is, in the order of the page."""
    at = {PLACE: PLACE, **{row.id: row.at for row in rows}}
    return sorted(((at.get(id, PLACE), says) for id, says in mistakes.items()), key=lambda one: one[0])


def asked_in_rows(screen: Screen) -> tuple[str, ...]:
    """The items of this screen that the body chart does not ask."""
    if not has_chart(screen):
        return screen.items
    return tuple(id for id in screen.items if id not in CHART_ITEMS)


def _row(finding: Finding, check: Check, lang: str, several: bool) -> Row:
    texts = table("findings")[finding.id]
    known, unclear = check.answers.get(finding.id), finding.id in check.unclear
    row = {
        "id": finding.id,
        "kind": finding.kind,
        "label": item(finding.id, lang) if several else texts["question"][lang],
        "why": texts["why"][lang],
        "unclear": unclear,
    }
    if finding.kind == "number":
        row |= _number_shown(finding, known, lang)
    elif finding.kind == "date":
        row |= _date_shown(known)
    elif finding.kind == "choice":
        row["choices"] = tuple((value, choice(finding.id, value, lang)) for value in finding.choices)
        row["value"] = UNCLEAR if unclear else str(known or "")
    else:
        row["value"] = (
            UNCLEAR if unclear else {True: YES, False: NO}.get(known is True, "") if known is not None else ""
        )
    return Row(**row)


def _number_shown(finding: Finding, known: Value | None, lang: str) -> dict[str, Any]:
    shown: dict[str, Any] = {"text": "" if known is None else f"{known:g}".replace(".", "," if lang == "nl" else ".")}
    low, high = f"{finding.minimum:.0f}", f"{finding.maximum:.0f}"
    if finding.unit == "days":
        names = {"days": _("days"), "weeks": _("weeks"), "months": _("months"), "years": _("years")}
        shown |= {"units": tuple(names.items()), "unit": "days" if known is not None else ""}
    else:
        shown |= {
            "unit_label": unit_of(finding, lang),
            "hint": _("A number from %(low)s to %(high)s") % {"low": low, "high": high},
        }
    return shown


def _date_shown(known: Value | None) -> dict[str, Any]:
    if not isinstance(known, date):
        return {"hint": _("For example: 27 3 2026")}
    return {"day": str(known.day), "month": str(known.month), "year": str(known.year)}


def _as_sent(finding: Finding, sent: Form) -> dict[str, Any]:
    """What was typed, as it was typed: a mistake is corrected in its place."""
    typed = {name: values[-1] for name, values in sent.items() if values}
    shown: dict[str, Any] = {"unclear": f"{finding.id}-unclear" in typed}
    if finding.kind == "number":
        shown |= {"text": typed.get(finding.id, ""), "unit": typed.get(f"{finding.id}-unit", "")}
    elif finding.kind == "date":
        shown |= {part: typed.get(f"{finding.id}-{part}", "") for part in PARTS_OF_A_DATE}
    else:
        shown["value"] = typed.get(finding.id, "")
    return shown


def regions(check: Check, sent: Form | None) -> list[Region]:
    """The places of the body chart, and which are pointed at."""
    pointed = check.places if sent is None else sent.get(PLACE, ())
    names = {
        "thoracic": _("High in my back"), "flank": _("In my side"), "low_back": _("Low in my back"),
        "buttock_left": _("My left buttock"), "buttock_right": _("My right buttock"), "groin": _("My groin"),
        "upper_leg_left": _("My left upper leg"), "upper_leg_right": _("My right upper leg"),
        "lower_leg_left": _("My left lower leg or foot"), "lower_leg_right": _("My right lower leg or foot"),
        NO_PLACE: _("No pain in my back or legs"), PLACE_UNCLEAR: _("I don't know"),
    }  # fmt: skip
    return [Region(id, name, id in pointed) for id, name in names.items()]


# Reading


def read(screen: Screen, sent: Form, on: date, lang: str) -> Sent:
    """What this form answers. Raises TamperedError for a form that the page cannot have sent."""
    go = _one(sent, GO)
    if go not in (ON, NONE, REST_NO, REST_UNCLEAR, REST_OPEN):
        raise TamperedError(GO)
    _no_strangers(screen, sent)
    answers: dict[str, Value] = {}
    unclear: set[str] = set()
    mistakes: dict[str, str] = {}
    if has_chart(screen):
        _read_chart(sent, answers, unclear, mistakes)
    for id in asked_in_rows(screen):
        _read_one(VOCABULARY[id], sent, on, lang, answers, unclear, mistakes)
    rest = tuple(id for id in screen.items if id not in answers and id not in unclear)
    pointed_at = tuple(id for id in rest if id in CHART_ITEMS and has_chart(screen))
    if go == NONE and (unclear or any(value is not False for value in answers.values())):
        mistakes.setdefault(screen.items[0], _("You also chose an answer. Use this button only if nothing applies."))
    if go == ON and rest and len(screen.items) == 1:
        field = PLACE if pointed_at else rest[0]
        mistakes.setdefault(field, _("Choose an answer. You do not know? Then choose: I don't know."))
    if mistakes:
        return Sent(mistakes=mistakes)
    if go in (NONE, REST_NO):
        # Where it hurts is pointed at: no button says of the whole body that nothing hurts.
        answers |= none_of_these(Screen(tuple(id for id in rest if id not in pointed_at), screen.checklist))
        rest = pointed_at
    elif go != ON:
        unclear |= set(rest) if go == REST_UNCLEAR else set()
        rest = ()
    mine = findings_of(screen)
    return Sent(
        Reading({id: value for id, value in answers.items() if id in mine}, frozenset(unclear & set(mine))),
        tuple(sent.get(PLACE, ())),
        rest=rest,
    )


def _one(sent: Form, name: str) -> str:
    values = sent.get(name, ())
    if len(values) > 1:
        raise TamperedError(name)
    return values[0].strip() if values else ""


def _no_strangers(screen: Screen, sent: Form) -> None:
    expected = {GO, SCREEN, TOKEN}
    if has_chart(screen):
        expected.add(PLACE)
    for id in asked_in_rows(screen):
        expected |= _fields(VOCABULARY[id])
    if strangers := set(sent) - expected:
        raise TamperedError(min(strangers))


def _fields(finding: Finding) -> set[str]:
    """The names of the fields of this question."""
    id, not_known = finding.id, f"{finding.id}-{UNCLEAR}"
    if finding.kind == "date":
        return {not_known, *(f"{id}-{part}" for part in PARTS_OF_A_DATE)}
    if finding.kind == "number":
        return {id, not_known} | ({f"{id}-unit"} if finding.unit == "days" else set())
    return {id}


def _read_chart(sent: Form, answers: dict[str, Value], unclear: set[str], mistakes: dict[str, str]) -> None:
    """What pointing says. Who points has told where it hurts, so elsewhere it does not. Left alone: open."""
    pointed = set(sent.get(PLACE, ()))
    if pointed - {*PLACES, NO_PLACE, PLACE_UNCLEAR}:
        raise TamperedError(PLACE)
    if not pointed:
        return
    if len(pointed) > 1 and pointed & {NO_PLACE, PLACE_UNCLEAR}:
        mistakes[PLACE] = _("You chose a place and also that there is none. Choose one of the two.")
        return
    if PLACE_UNCLEAR in pointed:
        unclear |= set(CHART_ITEMS)
        return
    legs = {side for side, places in LEGS.items() if pointed & set(places)}
    buttocks = {side for side in LEGS if f"buttock_{side}" in pointed}
    answers["low_back_pain"] = "low_back" in pointed
    answers["leg_pain"] = bool(legs | buttocks)  # the question is about buttock or leg
    if sides := legs or (buttocks if len(buttocks) == 1 else ()):
        answers["leg_pain_side"] = "both" if len(sides) == 2 else min(sides)
    if pointed & {"lower_leg_left", "lower_leg_right"}:
        answers["leg_pain_below_knee"] = True
    if found := [location for place, location in LOCATION.items() if place in pointed]:
        answers["pain_location"] = found[0]


def _read_one(
    finding: Finding,
    sent: Form,
    on: date,
    lang: str,
    answers: dict[str, Value],
    unclear: set[str],
    mistakes: dict[str, str],
) -> None:
    """One question: its answer, not known, a mistake, or nothing."""
    value = _one(sent, finding.id)
    not_known = bool(_one(sent, f"{finding.id}-{UNCLEAR}")) or (
        value == UNCLEAR and finding.kind in ("boolean", "choice")
    )
    found: Value | None = None
    if finding.kind == "boolean":
        found = _chosen(finding.id, value, {YES: True, NO: False, UNCLEAR: None, "": None})
    elif finding.kind == "choice":
        found = _chosen(finding.id, value, {**{one: one for one in finding.choices}, UNCLEAR: None, "": None})
    elif finding.kind == "date":
        typed = [_one(sent, f"{finding.id}-{part}") for part in PARTS_OF_A_DATE]
        if any(typed):
            found = _date(typed, on)
            if found is None:
                last = long_date(on, lang)
                mistakes[finding.id] = _("Fill in a day that has been, up to %(last)s.") % {"last": last}
    elif value:
        found = _figure(finding, value, _one(sent, f"{finding.id}-unit"))
        if found is None:
            low, high = f"{finding.minimum:.0f}", f"{finding.maximum:.0f}"
            mistakes[finding.id] = _("Fill in a number from %(low)s to %(high)s.") % {"low": low, "high": high}
        elif finding.unit == "days" and not _one(sent, f"{finding.id}-unit"):
            mistakes[finding.id] = _("Choose days, weeks, months or years.")
    if not_known and found is not None:
        mistakes[finding.id] = _("You filled in an answer and also that you do not know. Choose one of the two.")
    elif not_known and finding.id not in mistakes:
        unclear.add(finding.id)
    elif found is not None:
        answers[finding.id] = found


def _chosen(id: str, value: str, offered: Mapping[str, Value | None]) -> Value | None:
    if value not in offered:
        raise TamperedError(id)
    return offered[value]


def _date(typed: Iterable[str], on: date) -> date | None:
    """The day of these three numbers, if there is such a day and it has been."""
    day, month, year = typed
    if not all(part.isascii() and part.isdigit() and len(part) <= 4 for part in (day, month, year)):
        return None
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return found if date(1900, 1, 1) <= found <= on else None


def _figure(finding: Finding, typed: str, unit: str) -> int | float | None:
    """The number in the unit of the finding; None where it is none, or out of range."""
    if unit and (finding.unit != "days" or unit not in UNITS):
        raise TamperedError(f"{finding.id}-unit")
    if not FIGURE.fullmatch(typed):
        return None
    value = float(typed.replace(",", ".")) * UNITS.get(unit, 1)
    if not (finding.minimum or 0) <= value <= (finding.maximum or 0):
        return None
    return int(value) if value.is_integer() else value
