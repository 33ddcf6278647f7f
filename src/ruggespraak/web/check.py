"""A self-check on its way: which screens were shown, and what was answered on each. It prints nothing, keeps nothing.

Only what stands on a screen of the way counts. Who changes an earlier answer may come by other screens; what was told
on a screen that is no longer on the way waits there, should it come back, and counts for nothing until then. That is
safe: a question is left out only where no answer to it can change the decision (property 10, "enough asked").
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256
from typing import Any

from ruggespraak.consult import Case, Decision, Screen, next_screen, read_case, urgent_alarms
from ruggespraak.consult.case import UNCLEAR, plain
from ruggespraak.logic import Value
from ruggespraak.pathway.findings import VOCABULARY

OF_THE_CHART = ("leg_pain_side", "leg_pain_below_knee", "pain_location")
"""What pointing at the body chart can answer beside the questions of its screen."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one page of the form answers. What is in neither is left open: it is never a no."""

    answers: Mapping[str, Value] = field(default_factory=dict)
    unclear: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Check:
    """Where a self-check is. Immutable.

    ``answers``, ``unclear``: everything that was ever told; ``shown``: findings that had their turn; ``places``: what
    was pointed at on the body chart; ``met``: the urgent alarms that have interrupted.
    """

    on: date
    answered_by: str = "patient"
    answers: Mapping[str, Value] = field(default_factory=dict)
    unclear: frozenset[str] = frozenset()
    shown: frozenset[str] = frozenset()
    screens: tuple[Screen, ...] = ()
    places: tuple[str, ...] = ()
    met: frozenset[str] = frozenset()

    @property
    def done(self) -> bool:
        """Every screen of the way had its turn: no question is left that can change the decision."""
        return bool(self.screens) and self.shown.issuperset(self.screens[-1].items)

    @property
    def at(self) -> int:
        """The number of the screen to answer now; one more than there are screens when all is answered."""
        return len(self.screens) + self.done

    def case(self) -> Case:
        """What counts for the next question: the answers on the screens of the way."""
        on_the_way = {id for screen in self.screens for id in findings_of(screen)}
        return Case(
            on=self.on,
            answers={id: value for id, value in self.answers.items() if id in on_the_way},
            unclear=self.unclear & on_the_way,
            answered_by=self.answered_by,
        )

    def told(self) -> Case:
        """What counts for the result. Who stops early has not answered what would make the rest harmless, so then
        everything that was ever told counts."""
        if self.done:
            return self.case()
        return Case(on=self.on, answers=self.answers, unclear=self.unclear, answered_by=self.answered_by)


def findings_of(screen: Screen) -> tuple[str, ...]:
    """Everything that this screen can answer: its items, and what the body chart adds where it stands there."""
    return (*screen.items, *OF_THE_CHART) if has_chart(screen) else screen.items


def has_chart(screen: Screen) -> bool:
    """Whether this screen asks where it hurts: that is pointed at."""
    return "low_back_pain" in screen.items or "leg_pain" in screen.items


def fingerprint(screen: Screen) -> str:
    """Tells one screen from another, so that a page of another tab is never read as an answer to this one."""
    return sha256(" ".join((screen.id, *screen.items)).encode()).hexdigest()[:16]


def begin(on: date, answered_by: str) -> Check:
    """The first screen."""
    return _onward(Check(on=on, answered_by=answered_by))


def answered(
    check: Check, number: int, reading: Reading, places: Collection[str] = (), rest: Collection[str] = ()
) -> Check:
    """The check after an answer to screen ``number`` (from 1); what follows is asked anew where that is needed.

    ``rest``: items of the screen that have not had their turn yet; while there are any, the same screen is next.
    """
    screen = check.screens[number - 1]
    mine = set(findings_of(screen))
    answers = {id: value for id, value in check.answers.items() if id not in mine}
    then = replace(
        check,
        answers={**answers, **reading.answers},
        unclear=check.unclear - mine | reading.unclear,
        shown=(check.shown | set(screen.items)) - set(rest),
        places=tuple(places) if has_chart(screen) else check.places,
    )
    return _onward(then if number == len(check.screens) else replace(then, screens=check.screens[:number]))


def _onward(check: Check) -> Check:
    """Along the screens that had their turn already, up to the first that had not."""
    while not check.screens or check.done:
        asked = {id for screen in check.screens for id in screen.items}
        screen = next_screen(check.case(), asked)
        if screen is None:
            return check
        check = replace(check, screens=(*check.screens, screen))
    return check


def interrupted(check: Check, decision: Decision) -> bool:
    """Whether an urgent alarm stands that has not interrupted yet."""
    return not check.met.issuperset(urgent_alarms(decision))


def acknowledged(check: Check, decision: Decision) -> Check:
    """The check after its interruption was shown; an alarm that no longer stands may interrupt again."""
    return replace(check, met=frozenset(urgent_alarms(decision)))


# Between two requests


def to_session(check: Check) -> dict[str, Any]:
    """The check as JSON has it."""
    return {
        "on": check.on.isoformat(),
        "answered_by": check.answered_by,
        "answers": {id: plain(value) for id, value in check.answers.items()},
        "unclear": sorted(check.unclear),
        "shown": sorted(check.shown),
        "screens": [[screen.checklist, *screen.items] for screen in check.screens],
        "places": list(check.places),
        "met": sorted(check.met),
    }


def from_session(kept: Mapping[str, Any]) -> Check:
    """The check as it was. Raises CaseError or KeyError for what ``to_session`` cannot have written."""
    findings = {**kept["answers"], **dict.fromkeys(kept["unclear"], UNCLEAR)}
    case = read_case({"on": kept["on"], "answered_by": kept["answered_by"], "findings": findings})
    return Check(
        on=case.on,
        answered_by=case.answered_by,
        answers=case.answers,
        unclear=case.unclear,
        shown=frozenset(kept["shown"]),
        screens=tuple(_screen(one) for one in kept["screens"]),
        places=tuple(kept["places"]),
        met=frozenset(kept["met"]),
    )


def _screen(kept: Iterable[str | None]) -> Screen:
    checklist, *items = kept
    return Screen(tuple(VOCABULARY[id].id for id in items if id), checklist)
