"""What can be asked: a finding has an id, a type, a range and a person who can answer it.

A finding that nobody asked and a finding that somebody could not answer are both *unknown* to the rules. Unknown is
never absent.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal as OneOf

from ruggespraak.logic.expression import Compare, Expression, In, Kleene

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

Value = bool | int | float | str | date
Answers = Mapping[str, Value | None]
"""Finding id -> value. An id that is left out, or None, is unknown."""

Kind = OneOf["boolean", "number", "choice", "date"]


class AnswerError(ValueError):
    """A value that this finding cannot have: wrong type, out of range, not one of the choices."""

    def __init__(self, finding: str, value: object, expected: str) -> None:
        super().__init__(f"{finding}: {value!r} given, {expected} expected")
        self.finding = finding
        self.value = value
        self.expected = expected

    def __reduce__(self) -> tuple[type[AnswerError], tuple[str, object, str]]:
        return AnswerError, (self.finding, self.value, self.expected)


@dataclass(frozen=True, slots=True)
class Finding(Expression):
    """One scalar fact about one person. A boolean finding is itself an expression: "it is present".

    ``minimum`` and ``maximum`` are inclusive and in ``unit``; ``worse`` is the direction in which the finding becomes
    more alarming (``present``, ``absent``, ``higher``, ``lower``, or one of the choices; empty where none is meant);
    ``who`` says who can answer it.
    """

    id: str
    kind: Kind = "boolean"
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    worse: str = ""
    who: str = ""

    def __repr__(self) -> str:
        return self.id

    def __lt__(self, limit: float) -> Compare:
        return Compare(self._number(), "<", limit)

    def __le__(self, limit: float) -> Compare:
        return Compare(self._number(), "<=", limit)

    def __gt__(self, limit: float) -> Compare:
        return Compare(self._number(), ">", limit)

    def __ge__(self, limit: float) -> Compare:
        return Compare(self._number(), ">=", limit)

    def one_of(self, *choices: str) -> In:
        """True when the answer is one of these choices."""
        if self.kind != "choice":
            raise TypeError(f"{self.id} is a {self.kind}, not a choice")
        if strangers := set(choices) - set(self.choices):
            raise ValueError(f"{self.id} has no choice {sorted(strangers)}; it has {list(self.choices)}")
        return In(self, frozenset(choices))

    def _number(self) -> Finding:
        if self.kind != "number":
            raise TypeError(f"{self.id} is a {self.kind}, not a number: it cannot be compared")
        return self

    def children(self) -> tuple[Expression, ...]:
        return ()

    def value(self, answers: Answers) -> Kleene:
        answer = answers.get(self.id)
        if answer is None or isinstance(answer, bool):
            return answer
        raise AnswerError(self.id, answer, "yes or no (true or false)")

    @property
    def expected(self) -> str:
        """What an answer must look like, in words."""
        if self.kind == "boolean":
            return "true, false or null"
        if self.kind == "date":
            return "a date as YYYY-MM-DD"
        if self.kind == "choice":
            return "one of " + ", ".join(self.choices)
        low = f" from {self.minimum:g}" if self.minimum is not None else ""
        high = f" to {self.maximum:g}" if self.maximum is not None else ""
        return f"a number{low}{high}" + (f" ({self.unit})" if self.unit else "")

    def accept(self, raw: object) -> Value:
        """The value as the rules use it. Raises AnswerError for a value that cannot be."""
        if self.kind == "boolean" and isinstance(raw, bool):
            return raw
        if self.kind == "choice" and isinstance(raw, str) and raw in self.choices:
            return raw
        if self.kind == "date" and isinstance(raw, date) and not isinstance(raw, datetime):
            return raw
        if self.kind == "date" and (found := read_date(raw)):
            return found
        if (
            self.kind == "number"
            and isinstance(raw, int | float)
            and not isinstance(raw, bool)
            and abs(raw) < math.inf  # neither infinite nor NaN
            and (self.minimum is None or raw >= self.minimum)
            and (self.maximum is None or raw <= self.maximum)
        ):
            return raw
        raise AnswerError(self.id, raw, self.expected)


def read_date(raw: object) -> date | None:
    """The date that ``YYYY-MM-DD`` names; None for anything else."""
    if isinstance(raw, str) and _DATE.fullmatch(raw):
        try:
            return date.fromisoformat(raw)
        except ValueError:
            return None
    return None


class Vocabulary(Mapping[str, Finding]):
    """All findings of a guideline, in their order."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self._findings = {finding.id: finding for finding in findings}

    def __getitem__(self, finding: str) -> Finding:
        return self._findings[finding]

    def __iter__(self) -> Iterator[str]:
        return iter(self._findings)

    def __len__(self) -> int:
        return len(self._findings)

    def nearest(self, stranger: str) -> str | None:
        """The known id that looks most like this unknown one, if any does."""
        near = difflib.get_close_matches(stranger, self._findings, n=1, cutoff=0.6)
        return near[0] if near else None
