"""Is recovery on course? Said at the pathway's own moments (PATHWAY §7): days 14, 28, 42 and 84 from the onset.

Compared is what this person told, first and now, never a person with a group's curve: half of a group is slower than
its median, and that is no deviation. Unknown is not no: who did not say how it goes is neither slower nor on course.
How much change counts is sourced for activities (two points, PSFS) and an own choice for pain.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from ruggespraak.course.episode import PHONE_FROM, Episode, Status
from ruggespraak.logic import Value
from ruggespraak.pathway.numbers import CHRONIC_FROM, PSYCHOSOCIAL_ON, RECHECK_ON, WEIGH_SURGERY_FROM
from ruggespraak.pathway.rules import Parameter
from ruggespraak.pathway.rules import Status as Claim

MILESTONES = (RECHECK_ON, PSYCHOSOCIAL_ON, WEIGH_SURGERY_FROM, CHRONIC_FROM)
ACTIVITY_CHANGE = Parameter("activity_change", 2, "0-10", ("PSFS",), Claim.READ)
PAIN_CHANGE = Parameter("pain_change", 2, "0-10", (), Claim.OWN_CHOICE)
# An answer about how it goes counts for so long.
FRESH = timedelta(days=int(RECHECK_ON))
# What was scored, how much change counts, and in which direction it is better.
SCORES = (("pain_back_nrs", PAIN_CHANGE, -1), ("pain_leg_nrs", PAIN_CHANGE, -1), ("activity_score", ACTIVITY_CHANGE, 1))


class Verdict(StrEnum):
    """How the course compares with what was told before."""

    ON_COURSE = "on_course"
    SLOWER = "slower"
    WORSE = "worse"
    UNKNOWN = "cannot_be_said"


@dataclass(frozen=True, slots=True)
class Deviation:
    """The verdict, the id of its reason (``deviation_...`` in ``texts/recovery.toml``), and the moment it is about.

    ``day``: days since the onset; ``milestone``: the last of ``MILESTONES`` that has passed. None when not known.
    """

    verdict: Verdict
    reason: str
    day: int | None = None
    milestone: int | None = None


def deviation(episode: Episode, on: date) -> Deviation:
    """How recovery goes on this day, on what was told up to now."""
    day = (on - episode.onset).days if episode.onset else None
    milestone = max((int(moment) for moment in MILESTONES if day is not None and moment <= day), default=None)
    verdict, reason = _verdict(episode, on, day, milestone)
    return Deviation(verdict, reason, day, milestone)


def _verdict(episode: Episode, on: date, day: int | None, milestone: int | None) -> tuple[Verdict, str]:
    if episode.status is Status.RECOVERED:
        return Verdict.ON_COURSE, "recovered"
    if episode.alarm_open and episode.concern >= PHONE_FROM:
        first = next((one.urgency for one in episode.decisions if one.on >= episode.opened), PHONE_FROM)
        return (Verdict.WORSE, "new_alarm") if first < PHONE_FROM else (Verdict.UNKNOWN, "alarm_first")
    if worse := _worse(episode, on):
        return Verdict.WORSE, worse
    if day is None:
        return Verdict.UNKNOWN, "onset_unknown"
    if milestone is None:
        return Verdict.UNKNOWN, "too_early"
    if day >= WEIGH_SURGERY_FROM and _now(episode, "relief_sufficient", on) is False:
        return Verdict.SLOWER, "relief_not_enough"
    better = _better(episode, on)
    if better is None:
        return Verdict.UNKNOWN, "not_told"
    return (Verdict.ON_COURSE, "on_course") if better else (Verdict.SLOWER, f"slower_{milestone}")


def _worse(episode: Episode, on: date) -> str | None:
    """What says that it got worse."""
    if _now(episode, "course", on) == "worse":
        return "got_worse"
    for finding, enough, sign in SCORES:
        change = _change(episode, finding, on)
        if change is not None and change * sign <= -enough:
            return "activity_fell" if finding == "activity_score" else "pain_rose"
    return None


def _better(episode: Episode, on: date) -> bool | None:
    """Whether it got better; None when nothing that was told says so or denies it."""
    course, improving = _now(episode, "course", on), _now(episode, "improving", on)
    if course == "same" or improving is False:
        return False
    if course == "better" or improving is True or _now(episode, "relief_sufficient", on) is True:
        return True
    changes = [(_change(episode, finding, on), enough, sign) for finding, enough, sign in SCORES]
    told = [change * sign >= enough for change, enough, sign in changes if change is not None]
    return any(told) if told else None


def _now(episode: Episode, finding: str, on: date) -> Value | None:
    """The newest answer, if it is fresh."""
    said = [(day, value) for day, value in episode.said(finding) if day <= on]
    return said[-1][1] if said and on - said[-1][0] < FRESH else None


def _change(episode: Episode, finding: str, on: date) -> float | None:
    """The newest score, if it is fresh, less the first one of this episode; None when there are no two."""
    said = [value for day, value in episode.said(finding) if day <= on]
    now = _now(episode, finding, on)
    if len(said) < 2 or not isinstance(now, int | float) or not isinstance(said[0], int | float):
        return None
    return now - said[0]
