"""A self-check on its way: which screens were shown, and what was answered on each. It prints nothing, keeps nothing.

Who changes an earlier answer may come by other screens. The next question is chosen from what stands on the way only,
as if nothing else had been told. For the result everything counts that was told, also on a screen that is no longer on
the way, unless it disagrees with what was answered since: an answer is lost only to the answer that contradicts it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256
from typing import Any

from ruggespraak.consult import Case, Screen, agrees, next_screen, read_case, urgent_alarms, with_answers
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
    was pointed at on the body chart; ``met``: the urgent alarms that have interrupted, and still stand.
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
        """What counts for the result: the way, and what else was told that agrees with it. Who stops early has not
        said yet what would set anything aside, so then everything counts."""
        if not self.done:
            return Case(on=self.on, answers=self.answers, unclear=self.unclear, answered_by=self.answered_by)
        case = self.case()
        for id, value in self.answers.items():
            if id not in case.answers and id not in case.unclear and agrees(case, {id: value}):
                case = with_answers(case, {id: value})
        return with_answers(case, {}, (self.unclear | case.unclear) - case.answers.keys())


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
    mine = set(findings_of(screen)) - _told_on_its_own_screen(check, reading)
    answers = {id: value for id, value in check.answers.items() if id not in mine}
    then = replace(
        check,
        answers={**answers, **reading.answers},
        unclear=check.unclear - mine | reading.unclear,
        shown=(check.shown | set(screen.items)) - set(rest),
        places=tuple(places) if has_chart(screen) else check.places,
    )
    then = replace(then, met=check.met & set(urgent_alarms(then.told())))
    return _onward(then if number == len(check.screens) else replace(then, screens=check.screens[:number]))


def _told_on_its_own_screen(check: Check, reading: Reading) -> set[str]:
    """What the chart can tell, but was asked by itself: pointing anew does not take it back, unless it denies it."""
    if reading.answers.get("leg_pain") is False:
        return set()
    return {id for id in OF_THE_CHART if id in check.shown and id not in reading.answers}


def _onward(check: Check) -> Check:
    """Along the screens that had their turn already, up to the first that had not."""
    while not check.screens or check.done:
        asked = {id for screen in check.screens for id in screen.items}
        screen = next_screen(check.case(), asked)
        if screen is None:
            return check
        check = replace(check, screens=(*check.screens, screen))
    return check


def interrupted(check: Check) -> bool:
    """Whether an urgent alarm stands that has not interrupted yet."""
    return not check.met.issuperset(urgent_alarms(check.told()))


def acknowledged(check: Check) -> Check:
    """The check after its interruption was shown."""
    return replace(check, met=frozenset(urgent_alarms(check.told())))


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
