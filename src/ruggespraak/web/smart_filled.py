"""What another system knows and what our record says, side by side: what is filled in, and what waits for an answer.

What stands on the form becomes an answer of today, under the name of who sends it; she may not have looked at each of
them. So what would reassure, what an examination found and how it goes are filled in only when they are of today, and
nothing is that would take an alarm out of our record. They stand beside their question and wait there. What is
alarming is always filled in: overlooking that does no harm.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from ruggespraak.consult import Case, with_answers
from ruggespraak.course import Answer, Episode, Relapse, case_on, step
from ruggespraak.course.answers import signs
from ruggespraak.fhir.read import Found, Reading
from ruggespraak.pathway.findings import CLINICIAN, VOCABULARY
from ruggespraak.web.check import Check
from ruggespraak.web.practice_forms import ASKED_AGAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class SideBySide:
    """``reading``: what is known there. ``case``: ours; None for who is not in our record yet. ``record``: each of our
    answers as it holds today, with its day and who gave it."""

    reading: Reading
    case: Case | None
    record: Mapping[str, Answer]

    @property
    def waiting(self) -> frozenset[str]:
        """What is known there and not filled in."""
        found = self.reading.found.items()
        return frozenset(id for id, one in found if not _is_filled_in(one, self.record.get(id), self.reading.on))

    @property
    def differing(self) -> frozenset[str]:
        """What our record says otherwise."""
        said = {id: one.value for id, one in self.reading.found.items() if id in self.record and one.value is not None}
        return frozenset(id for id, value in said.items() if self.record[id].value != value)

    def decided_on(self) -> Case:
        """Our record and what is filled in: which alarms stand, and what is still to be asked."""
        there, waiting = self.reading.case(self.reading.on), self.waiting
        filled = replace(
            there,
            answers={id: value for id, value in there.answers.items() if id not in waiting},
            unclear=there.unclear - waiting,
        )
        return with_answers(self.case, dict(filled.answers), filled.unclear) if self.case else filled

    def form(self) -> Check:
        """The form as it is first shown. A number as somebody would type it: what was converted may have more digits
        than anybody measures."""
        there, waiting = self.reading.case(self.reading.on), self.waiting
        typed = {id: round(value, 2) if isinstance(value, float) else value for id, value in there.answers.items()}
        answers = {id: value for id, value in typed.items() if id not in waiting}
        return Check(there.on, "clinician", answers, there.unclear - waiting)


def side_by_side(reading: Reading, now: Episode | None) -> SideBySide:
    """``now``: her episode in our record, where she is in it. One that had ended opens again with what is sent: what
    was told of the complaints then is not told of these."""
    if now is None:
        return SideBySide(reading=reading, case=None, record={})
    if now.ended:
        now = step(now, Relapse(reading.on))
    case = case_on(now, reading.on)
    told = {one.finding: one for one in now.answers}
    record = {id: replace(told[id], value=value) for id, value in case.answers.items()}
    return SideBySide(reading=reading, case=case, record=record)


def _is_filled_in(one: Found, mine: Answer | None, today: date) -> bool:
    """``mine``: what our record says of it."""
    id, value, told = one.finding, one.value, one.origin.on
    if value is None:
        return mine is None  # that they do not know it there, takes nothing away here
    if signs().alarming(id, value):
        return True
    reassures = signs().reassures(id, value)
    if told != today and (reassures or id in ASKED_AGAIN or VOCABULARY[id].who == CLINICIAN):
        return False
    if mine is None or mine.value == value:
        return True
    return not reassures and told is not None and told > mine.on
