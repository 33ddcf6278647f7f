"""What is being collected while resources are read, one after the other."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from ruggespraak.consult.case import Problem
from ruggespraak.fhir.read.elements import NEVER, Element, When, shown
from ruggespraak.fhir.read.origin import Found, Hint, Origin
from ruggespraak.logic import AnswerError, Value
from ruggespraak.pathway.codes import Code
from ruggespraak.pathway.findings import VOCABULARY

MOST_PROBLEMS = 500
"""That are listed one by one; of the rest only the number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One answer as it was given, and at which moment where that is known."""

    found: Found
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One resource that was sent. ``place``: its name in what we report. ``url``: its address, if that was given.

    ``doubted``: another one has the same id, and nobody knows which of them holds.
    """

    kind: str
    place: str
    url: str
    body: Element
    doubted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A resource with the moment of what it says, and who said it."""

    place: str
    when: When
    by: str


@dataclass(slots=True)
class Heard:
    """Everything so far. ``others``: the resources that are only referred to, by every name that they have."""

    on: date
    others: dict[str, Entry] = field(default_factory=dict)
    said: list[Said] = field(default_factory=list)
    hints: list[Hint] = field(default_factory=list)
    passed: list[Problem] = field(default_factory=list)
    without_code: Counter[str] = field(default_factory=Counter)
    not_read: Counter[str] = field(default_factory=Counter)
    more: int = 0

    def say(self, finding: str, raw: object, source: Source, code: Code | None = None) -> None:
        """This answer was given. None: asked, and not known. One that cannot be is a reason to ask."""
        if source.when.day and source.when.day > self.on:
            self.pass_over(source.place, str(source.when.day), f"a day that is not after {self.on}")
            source = replace(source, when=NEVER)  # a clock that is wrong hides no alarm
        try:
            value = None if raw is None else self._accepted(finding, raw)
        except AnswerError as error:
            self.pass_over(f"{source.place}, {finding}", shown(raw), error.expected)
            self.hint(finding, source, code)
            return
        origin = Origin(resource=source.place, on=source.when.day, by=source.by, code=code)
        self.said.append(Said(found=Found(finding=finding, value=value, origin=origin), at=source.when.at))

    def _accepted(self, finding: str, raw: object) -> Value:
        value = VOCABULARY[finding].accept(raw)
        if isinstance(value, date) and value > self.on:
            raise AnswerError(finding, value, f"a date that is not after {self.on}")
        return value

    def hint(self, finding: str, source: Source, code: Code | None = None) -> None:
        """This is a reason to ask."""
        origin = Origin(resource=source.place, on=source.when.day, by=source.by, code=code)
        self.hints.append(Hint(finding=finding, origin=origin))

    def pass_over(self, place: str, value: str, expected: str) -> None:
        """This cannot be used."""
        if len(self.passed) < MOST_PROBLEMS:
            self.passed.append(Problem(place, value, expected))
        else:
            self.more += 1

    def all_passed(self) -> tuple[Problem, ...]:
        """All that was passed over. What nobody can do anything about is counted by kind."""
        counted = [
            *(
                Problem(kind, f"{n} without a code that we know", "a code of the map")
                for kind, n in self.without_code.items()
            ),
            *(Problem(kind, f"{n} of this kind", "a kind that is read") for kind, n in self.not_read.items()),
            *([Problem("the rest", f"{self.more} more", "none")] if self.more else []),
        ]
        return (*self.passed, *counted)
