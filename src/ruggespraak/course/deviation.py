"""Is recovery on course? Said at the pathway's own moments (PATHWAY §7): days 14, 28, 42 and 84 from the onset.

**The rule**, of one episode on one day; the first line that fits counts:

1. *Recovered* is on course.
2. While somebody must be seen today or sooner and was not, nothing calm is said: *worse* when that is new in this
   episode, *cannot be said* when it was so from the start.
3. *Worse*, on any day: the newest answer is "worse"; or pain is two points higher, or the activities two points lower,
   than their first score in this episode.
4. *Cannot be said*: nobody told when the pain began; or it is not yet day 14.
5. *Slower*, from day 42 on: "the pain is not reduced enough", whatever else is told.
6. "The same" or "not clearly better" is *slower*; otherwise "better", "clearly better" or "reduced enough" is *on
   course*. Where there are no words, scores speak, each beside its first: pain two points lower or activities two
   points higher is *on course*; so is less change when no score has two points left to gain; else it is *slower*.
   Fewer than two scores say nothing.

An answer counts for 14 days. Compared is what this person told, first and now, never a person with a group's curve:
half of a group is slower than its median, and that is no deviation (``expected_course`` says where she stands beside a
group, which moves no contact). Unknown is not no: who did not say how it goes is neither slower nor on course. The days
are those of the episode's edition. How much change counts is sourced for activities (PSFS) and an own choice for pain.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from ruggespraak.course.episode import PHONE_FROM, Episode, Status
from ruggespraak.course.instruments import ACTIVITY_CHANGE
from ruggespraak.logic import Value
from ruggespraak.pathway.editions import edition
from ruggespraak.pathway.numbers import CHRONIC_FROM, PSYCHOSOCIAL_ON, RECHECK_ON, WEIGH_SURGERY_FROM
from ruggespraak.pathway.rules import Parameter
from ruggespraak.pathway.rules import Status as Claim

# An edition may have other days by these names; the reasons below keep those of the current one in their ids.
MILESTONES = (RECHECK_ON, PSYCHOSOCIAL_ON, WEIGH_SURGERY_FROM, CHRONIC_FROM)
PAIN_CHANGE = Parameter("pain_change", 2, "0-10", (), Claim.OWN_CHOICE)
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

    ``day``: days since the onset; ``milestone``: the last one that has passed, as a day. None when not known.
    """

    verdict: Verdict
    reason: str
    day: int | None = None
    milestone: int | None = None


def deviation(episode: Episode, on: date) -> Deviation:
    """How recovery goes on this day, on what was told up to now."""
    day = (on - episode.onset).days if episode.onset else None
    passed = [one for one in MILESTONES if day is not None and number(episode, one) <= day]
    verdict, reason = _verdict(episode, on, day, passed)
    return Deviation(verdict, reason, day, number(episode, passed[-1]) if passed else None)


def number(episode: Episode, current: Parameter) -> int:
    """A number of the pathway as it is in the episode's edition: ``number(episode, RECHECK_ON)``."""
    return int(edition(episode.edition).parameter(current.name))


def _verdict(episode: Episode, on: date, day: int | None, passed: list[Parameter]) -> tuple[Verdict, str]:
    if episode.status is Status.RECOVERED:
        return Verdict.ON_COURSE, "recovered"
    if episode.alarm_open and episode.concern >= PHONE_FROM:
        first = next((one.urgency for one in episode.decisions if one.on >= episode.opened), PHONE_FROM)
        return (Verdict.WORSE, "new_alarm") if first < PHONE_FROM else (Verdict.UNKNOWN, "alarm_first")
    if worse := _worse(episode, on):
        return Verdict.WORSE, worse
    if day is None:
        return Verdict.UNKNOWN, "onset_unknown"
    if not passed:
        return Verdict.UNKNOWN, "too_early"
    if WEIGH_SURGERY_FROM in passed and newest(episode, "relief_sufficient", on) is False:
        return Verdict.SLOWER, "relief_not_enough"
    better = _better(episode, on)
    if better is None:
        return Verdict.UNKNOWN, "not_told"
    return (Verdict.ON_COURSE, "on_course") if better else (Verdict.SLOWER, f"slower_{int(passed[-1])}")


def _worse(episode: Episode, on: date) -> str | None:
    """What says that it got worse."""
    if newest(episode, "course", on) == "worse":
        return "got_worse"
    for finding, enough, sign in SCORES:
        changed = change(episode, finding, on)
        if changed is not None and changed * sign <= -enough:
            return "activity_fell" if finding == "activity_score" else "pain_rose"
    return None


def _better(episode: Episode, on: date) -> bool | None:
    """Whether it got better; None when nothing that was told says so or denies it."""
    course, improving = newest(episode, "course", on), newest(episode, "improving", on)
    if course == "same" or improving is False:
        return False
    if course == "better" or improving is True or newest(episode, "relief_sufficient", on) is True:
        return True
    told = [
        (changed * sign >= enough, _left(episode, finding, on, sign) < enough)
        for finding, enough, sign in SCORES
        if (changed := change(episode, finding, on)) is not None
    ]
    return any(gained for gained, _ in told) or all(nothing_left for _, nothing_left in told) if told else None


def _left(episode: Episode, finding: str, on: date, sign: int) -> float:
    """How many points a fresh score still lies from the good end of its scale of 0-10."""
    score = newest(episode, finding, on)
    assert isinstance(score, int | float)
    return score if sign < 0 else 10 - score


def newest(episode: Episode, finding: str, on: date) -> Value | None:
    """The newest answer, if it is fresh: until the alarms are checked again, as long as after the onset."""
    said = [(day, value) for day, value in episode.said(finding) if day <= on]
    fresh = timedelta(days=number(episode, RECHECK_ON))
    return said[-1][1] if said and on - said[-1][0] < fresh else None


def change(episode: Episode, finding: str, on: date) -> float | None:
    """The newest score, if it is fresh, less the first one of this episode; None when there are no two."""
    said = [value for day, value in episode.said(finding) if day <= on]
    now = newest(episode, finding, on)
    if len(said) < 2 or not isinstance(now, int | float) or not isinstance(said[0], int | float):
        return None
    return now - said[0]
