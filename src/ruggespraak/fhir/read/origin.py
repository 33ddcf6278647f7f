"""What a reading gives: every finding with where it came from, and everything that was not used, with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from ruggespraak.consult import Case
from ruggespraak.consult.case import Problem
from ruggespraak.logic import Value
from ruggespraak.pathway.codes import Code
from ruggespraak.pathway.editions import DEFAULT
from ruggespraak.pathway.findings import CLINICIAN, VOCABULARY


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a finding comes from.

    ``resource``: ``Observation/12``, or ``entry 3`` for one without an id. ``on``: None where no day is given. ``by``:
    ``patient``, ``proxy``, ``clinician``, or empty where that is not said. ``code``: the code of somebody else that
    means this; None where it was said in our own.
    """

    resource: str
    on: date | None
    by: str
    code: Code | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An answer. ``value``: None for what was asked and is not known."""

    finding: str
    value: Value | None
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """Something that does not answer a question, but is a reason to ask it."""

    finding: str
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The person. ``born``: None where the day is not known; ``sex``: at birth, as ``sex_at_birth`` has it."""

    id: str
    name: str
    born: date | None
    sex: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What somebody else's resources say on one day.

    ``found``: by finding, as it holds on that day. ``conflicts``: answers of one day that differ; the most alarming
    counts, and where none is that, the finding is not known. ``older``: what gave way to another answer. ``stale``:
    what is too old, or of no day, and must be asked again. ``passed``: what could not be used, and why.
    """

    on: date
    found: Mapping[str, Found]
    conflicts: tuple[tuple[Found, ...], ...] = ()
    older: tuple[Found, ...] = ()
    stale: tuple[Found, ...] = ()
    hints: tuple[Hint, ...] = ()
    passed: tuple[Problem, ...] = ()
    subject: Subject | None = None

    def case(self, on: date, edition: str = DEFAULT) -> Case:
        """What was found, to decide. Raises ValueError for another day: answers are read as they hold on one day."""
        if on != self.on:
            raise ValueError(f"this was read as of {self.on}; read it again for {on}")
        return Case(
            on=on,
            answers={id: one.value for id, one in self.found.items() if one.value is not None},
            unclear=frozenset(id for id, one in self.found.items() if one.value is None),
            edition=edition,
            answered_by=self._answered_by(),
        )

    def _answered_by(self) -> str:
        """Whose word the case is. A clinician's, as long as all that only an examination gives comes from one.

        Else nothing in it may set an alarm aside as a clinician's finding does (PATHWAY §1). A laboratory seldom names
        itself, and sets nothing aside.
        """
        examined = [one.origin for id, one in self.found.items() if VOCABULARY[id].who == CLINICIAN]
        told = {one.origin.by for one in self.found.values()} - {""}
        if told == {"proxy"}:
            return "proxy"
        by_others = any(one.by != "clinician" and (one.by or one.code is None) for one in examined)
        if by_others or (told and "clinician" not in told):
            return "patient"
        return "clinician"
