"""Where somebody stands beside an expected course: ahead, level or behind. This moves no contact (``deviation`` does).

**The rule**, one line for each outcome that was scored, on one day; the first line that fits counts:

1. While an alarm is open nothing is compared; nor after recovery. Who is *worse* by ``deviation`` is told that alone.
2. It is *too early* until the alarms are checked again (day 14 from the onset).
3. Without a score of the last 14 days nothing *can be said*.
4. Pain in the back of a nonspecific complaint, first scored while it was acute (6 weeks), stands beside the mean pain
   of groups with new back pain (MENEZ: a 95% interval on days 0, 42, 182 and 364 from the onset), on the day of the
   score. On the day of a point: *behind* above its interval, *ahead* below it, else *level*. Between two points:
   *behind* only above the interval of the earlier one, *ahead* only below that of the later one, else *level*: nothing
   is drawn between them, and the price is that "level" is wide there. A whole number is a rounded one, so half a point
   on either side counts as inside.
5. Everything else (leg pain, activities, another complaint, pain that came to us late, after a year) has no curve of
   the same measure: it stands beside her own first score only. *Ahead* of it by two points, else *level* with it; level
   with one's own start is no expectation, and the words say so.

The interval is that of the groups' *mean*: people differ far more, and about half of a group is above its middle. So
"behind" is no alarm. Outcomes are never joined into one: less pain is not being able to do more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ruggespraak.course.deviation import SCORES, Verdict, change, deviation, newest, number
from ruggespraak.course.episode import Episode, Status
from ruggespraak.course.recovery import Curve, Point, expected
from ruggespraak.pathway.numbers import ACUTE_TO, RECHECK_ON
from ruggespraak.pathway.rules import Parameter
from ruggespraak.pathway.rules import Status as Claim
from ruggespraak.pathway.texts import text

ROUNDING = Parameter("score_rounding", 0.5, "0-10", (), Claim.OWN_CHOICE)
# The only score of which a source has a curve of the same measure.
GROUP = {"pain_back_nrs": "curve_menez_mean_pain_new"}


class Place(StrEnum):
    """Where somebody stands."""

    AHEAD = "ahead"
    LEVEL = "level"
    BEHIND = "behind"
    WORSE = "worse"
    UNKNOWN = "cannot_be_said"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody stands with one outcome.

    ``text_id``: its words, in ``texts/recovery.toml``. ``finding``: what was scored; None where it is about the whole
    episode. ``beside``: ``group``, ``start`` or None. ``points``: the points of the group's curve that were looked at.
    """

    place: Place
    text_id: str
    finding: str | None = None
    beside: str | None = None
    points: tuple[Point, ...] = ()

    def words(self, lang: str) -> str:
        """What the patient reads."""
        return text("recovery", self.text_id, "says", lang)


def standings(episode: Episode, on: date) -> tuple[Standing, ...]:
    """Where this person stands on this day, one for each outcome that was scored; never empty."""
    found = deviation(episode, on)
    if found.verdict is Verdict.WORSE:
        return (Standing(Place.WORSE, f"deviation_{found.reason}"),)
    if episode.alarm_open:
        return (Standing(Place.UNKNOWN, "deviation_alarm_first"),)
    if episode.status is Status.RECOVERED:
        return (Standing(Place.UNKNOWN, "deviation_recovered"),)
    if found.day is not None and found.day < number(episode, RECHECK_ON):
        return (Standing(Place.UNKNOWN, "deviation_too_early"),)
    scored = [(finding, enough, sign) for finding, enough, sign in SCORES if newest(episode, finding, on) is not None]
    beside = (
        _beside_group(episode, finding, on) or _beside_start(episode, finding, on, enough, sign)
        for finding, enough, sign in scored
    )
    return tuple(beside) or (Standing(Place.UNKNOWN, "standing_no_score"),)


def place_beside(curve: Curve, day: int, score: float) -> tuple[Place, tuple[Point, ...]] | None:
    """Where a score of 0-10 stands beside a curve of the same scale on this day; None outside the curve's days."""
    earlier, later = curve.at(day)
    if earlier is None or later is None or earlier.high is None or later.low is None:
        return None
    points = (earlier,) if earlier is later else (earlier, later)
    if score - ROUNDING > 10 * earlier.high:
        return Place.BEHIND, points
    if score + ROUNDING < 10 * later.low:
        return Place.AHEAD, points
    return Place.LEVEL, points


def _beside_group(episode: Episode, finding: str, on: date) -> Standing | None:
    curve = _curve(episode, finding)
    said = [(day, score) for day, score in episode.said(finding) if day <= on and isinstance(score, int | float)]
    if curve is None or episode.onset is None or not said:
        return None
    if (said[0][0] - episode.onset).days > number(episode, ACUTE_TO):
        return None
    day, score = said[-1]
    found = place_beside(curve, (day - episode.onset).days, float(score))
    return found and Standing(found[0], f"standing_group_{found[0]}", finding, "group", found[1])


def _curve(episode: Episode, finding: str) -> Curve | None:
    if episode.decision is None:
        return None
    curves = expected(episode.decision.complaint, episode.edition)
    return next((curve for curve in curves if curve.id == GROUP.get(finding)), None)


def _beside_start(episode: Episode, finding: str, on: date, enough: float, sign: int) -> Standing:
    changed = change(episode, finding, on)
    if changed is None:
        return Standing(Place.UNKNOWN, "standing_first_score", finding)
    place = Place.AHEAD if changed * sign >= enough else Place.LEVEL
    return Standing(place, f"standing_{finding}_{place}", finding, "start")
