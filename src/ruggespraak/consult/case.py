"""A case: what is known of one person on one day. Read strictly: nothing is guessed, nothing is lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ruggespraak.logic import AnswerError, Value, read_date
from ruggespraak.pathway.editions import DEFAULT, EDITIONS
from ruggespraak.pathway.findings import VOCABULARY

ANSWERED_BY = ("patient", "proxy", "clinician")
UNCLEAR = "unclear"
LONGEST_SHOWN = 60  # letters of what the sender wrote
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)  # a case outside these is a slip of the pen


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where, what stands there, what was expected; ``says``: in other words than those."""

    place: str
    value: str
    expected: str
    says: str = ""

    def __str__(self) -> str:
        return self.says or f"{self.place}: {self.value} given, {self.expected} expected"


class CaseError(ValueError):
    """A case that cannot be. ``problems``: everything that is wrong; ``readable`` is the rest."""

    def __init__(self, problems: list[Problem], readable: Case) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems
        self.readable = readable


@dataclass(frozen=True, slots=True)
class Case:
    """Answers of one person on one day. An id in neither ``answers`` nor ``unclear`` was not asked.

    ``answers``: finding id -> value in the unit of ``findings.csv`` (dates as ``datetime.date``).
    ``unclear``: asked, and the person does not know.
    """

    on: date
    answers: Mapping[str, Value] = field(default_factory=dict)
    unclear: frozenset[str] = frozenset()
    id: str | None = None
    edition: str = DEFAULT
    answered_by: str = "clinician"


def read_case(raw: object, *, edition: str | None = None, today: date | None = None) -> Case:
    """The case as JSON has it (DESIGN §4). ``edition`` counts where the case names none; ``today`` likewise.

    Raises CaseError with every problem at once.
    """
    problems: list[Problem] = []
    today = today or date.today()
    if not isinstance(raw, dict):
        kind = _kind(raw)
        wrong = Problem("case", kind, "a JSON object", f"a case is a JSON object, not {kind}")
        raise CaseError([wrong], Case(on=today))
    on = _date(raw.get("on"), today, problems)
    answers, unclear = _findings(raw.get("findings"), on, problems)
    case = Case(
        on=on,
        answers=answers,
        unclear=frozenset(unclear),
        id=_id(raw.get("id"), problems),
        edition=_choice("edition", raw.get("edition"), EDITIONS, edition or DEFAULT, problems),
        answered_by=_choice("answered_by", raw.get("answered_by"), ANSWERED_BY, "clinician", problems),
    )
    if problems:
        raise CaseError(problems, case)
    return case


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def _shown(value: object) -> str:
    """The value as the sender wrote it, cut short."""
    if value is None or isinstance(value, bool):
        return str(value).lower().replace("none", "null")
    found = repr(value)
    return found if len(found) <= LONGEST_SHOWN else found[: LONGEST_SHOWN - 3] + "..."


def _id(raw: object, problems: list[Problem]) -> str | None:
    if raw is None or isinstance(raw, str):
        return raw
    if isinstance(raw, int) and not isinstance(raw, bool):
        return str(raw)
    problems.append(Problem("id", _shown(raw), "a text"))
    return None


def _choice(key: str, raw: object, choices: tuple[str, ...], otherwise: str, problems: list[Problem]) -> str:
    if raw is None:
        return otherwise
    if isinstance(raw, str) and raw in choices:
        return raw
    problems.append(Problem(key, _shown(raw), f"one of {', '.join(choices)}"))
    return otherwise


def _date(raw: object, today: date, problems: list[Problem]) -> date:
    if raw is None:
        return today
    if (found := read_date(raw)) and FIRST_DAY <= found <= LAST_DAY:
        return found
    problems.append(Problem("on", _shown(raw), f"a date as YYYY-MM-DD from {FIRST_DAY} to {LAST_DAY}"))
    return today


def _findings(raw: object, on: date, problems: list[Problem]) -> tuple[dict[str, Value], list[str]]:
    answers: dict[str, Value] = {}
    unclear: list[str] = []
    if raw is None:
        return answers, unclear
    if not isinstance(raw, dict):
        problems.append(Problem("findings", _kind(raw), "an object from finding to answer"))
        return answers, unclear
    for id, value in raw.items():
        finding = VOCABULARY.get(id)
        if finding is None:
            problems.append(_stranger(id, value))
        elif value is None:
            continue
        elif value == UNCLEAR:
            unclear.append(id)
        else:
            try:
                answers[id] = _accepted(finding.accept(value), id, on)
            except AnswerError as error:
                problems.append(Problem(id, _shown(value), f"{error.expected} or {UNCLEAR!r}"))
    return answers, unclear


def _stranger(id: str, value: object) -> Problem:
    """An id that no finding has; the one that it looks most like is named."""
    near = VOCABULARY.nearest(id.lower())
    named = id if id.isprintable() and len(id) <= LONGEST_SHOWN else _shown(id)
    says = f"{named}: no such finding" + (f"; did you mean {near}?" if near else "")
    return Problem(named, _shown(value), near or "a finding of the vocabulary", says)


def _accepted(value: Value, id: str, on: date) -> Value:
    if isinstance(value, date) and value > on:
        raise AnswerError(id, value, f"a date that is not after {on} (the date of the case)")
    return value


def plain(value: Value) -> bool | int | float | str:
    """The value as JSON has it."""
    return value.isoformat() if isinstance(value, date) else value


def as_json(case: Case) -> dict[str, Any]:
    """The case as ``read_case`` reads it."""
    findings: dict[str, Any] = {id: plain(value) for id, value in case.answers.items()}
    findings.update(dict.fromkeys(sorted(case.unclear), UNCLEAR))
    return {
        "id": case.id,
        "on": case.on.isoformat(),
        "edition": case.edition,
        "answered_by": case.answered_by,
        "findings": findings,
    }
