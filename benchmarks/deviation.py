"""How often the rule of ``course/deviation.py`` is wrong, on simulated people whose true course is known.

``python benchmarks/deviation.py`` prints the tables, ``--json`` the figures, and ``--write`` puts the tables into
``docs/deviation.md``. The same seed gives the same figures. Real people decide nothing here: no data of real courses
were to be had, so this says what the rule does *if* people are as they are made below, and each of those choices is
our own but for the two that name a source.

Judged are the scores alone (pain in the back and own activities). In use the words "better", "same" and "worse" come
first; how people choose such words is not known well enough to make up.
"""

from __future__ import annotations

import argparse
import json
from bisect import bisect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from math import exp, log, sqrt
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from ruggespraak.course import MILESTONES, Answers, Episode, Verdict, deviation, expected
from ruggespraak.course.episode import Answer, Decided
from ruggespraak.course.expected_course import Place, place_beside, standings
from ruggespraak.course.instruments import ACTIVITY_CHANGE
from ruggespraak.pathway.rules import Complaint, Urgency

PAGE = Path(__file__).parent.parent / "docs" / "deviation.md"
SEED = 20260115
PEOPLE = 1_000  # of each course
DAYS = tuple(int(moment) for moment in MILESTONES)
ONSET = date(2026, 1, 15)

# People: own choices, but for the mean at the start (MENEZ) and the error of an activity score (PSFS).
(CURVE,) = (curve for curve in expected("nonspecific") if curve.id == "curve_menez_mean_pain_new")
MEAN_AT_START = 10 * CURVE.points[0].fraction
SPREAD_AT_START = 2.0
LEAST_AT_START = 1.0
COMES_BY = 10  # the first score is given on a day from 0 to this one
HINDRANCE = (0.7, 1.2)  # how much less somebody can do, for each point of pain
MISSED = 0.25  # of the moments pass without an answer
PAIN_ERROR = 1.0  # standard deviation of a pain score around the truth
LARGE_ERROR = 2.0  # the same, as a second look
# The smallest change that is no chance with 90% certainty is 1.645 x sqrt(2) x this.
ACTIVITY_ERROR = ACTIVITY_CHANGE / (1.645 * sqrt(2))
RISE = 3.0  # points of pain that "worsens" adds by day 84
RELAPSE = (30, 70)  # the day on which pain comes back, fully within a week


def as_the_group(day: float) -> float:
    """What is left of the first pain when it goes as MENEZ's mean. Between its points is drawn here, in a simulation
    that needs every day; the rule itself draws nothing there."""
    points = [(point.day, log(point.fraction / CURVE.points[0].fraction)) for point in CURVE.points]
    place = min(bisect([at for at, _ in points], day), len(points) - 1)
    (day_0, left_0), (day_1, left_1) = points[place - 1 : place + 1]
    return exp(left_0 + (left_1 - left_0) * (day - day_0) / (day_1 - day_0))


Truth = Callable[[float], float]


def fast(start: float, _: Random) -> tuple[Truth, float]:
    return lambda day: start * exp(-day / 14), DAYS[0]


def as_expected(start: float, _: Random) -> tuple[Truth, float]:
    return lambda day: start * as_the_group(day), DAYS[0]


def slow(start: float, _: Random) -> tuple[Truth, float]:
    return lambda day: start * 0.5 ** (day / 84), DAYS[0]


def stays(start: float, _: Random) -> tuple[Truth, float]:
    return lambda _: start, DAYS[0]


def relapses(start: float, pick: Random) -> tuple[Truth, float]:
    back = pick.randint(*RELAPSE)

    def truth(day: float) -> float:
        left = as_the_group(min(day, back))
        return start * (left + (1 - left) * min(1.0, max(0.0, (day - back) / 7)))

    return truth, back + 7


def worsens(start: float, _: Random) -> tuple[Truth, float]:
    return lambda day: min(start, 10 - RISE) + RISE * day / 84, DAYS[0]


# Each gives a person's true pain by day, and the day from which the rule could see that it goes wrong.
WELL = {"fast": fast, "as_expected": as_expected}
NOT_WELL = {"slow": slow, "stays": stays, "relapses": relapses, "worsens": worsens}


@dataclass(frozen=True, slots=True)
class Said:
    """What the rule said of one person on one day, from the scores alone."""

    day: int
    verdict: Verdict
    place: Place

    @property
    def slower_or_worse(self) -> bool:
        return self.verdict in (Verdict.SLOWER, Verdict.WORSE)

    @property
    def behind_or_worse(self) -> bool:
        return self.place in (Place.BEHIND, Place.WORSE)


# -- one person -------------------------------------------------------------------------------------------------------

PLAIN = Decided(
    on=ONSET,
    edition="current",
    urgency=Urgency.SELF_CARE,
    not_excluded=Urgency.SELF_CARE,
    complaint=Complaint.NONSPECIFIC,
    suspected=(),
    refer=(),
    review_on=ONSET,
    review="long_run",
)


def person(truth: Truth, pick: Random, pain_error: float) -> Iterator[Said]:
    """One person's moments at which there was an answer."""
    hindrance = pick.uniform(*HINDRANCE)

    def scored(day: int) -> Answers:
        pain = truth(day)
        told = {
            "pain_back_nrs": round(within_scale(pick.gauss(pain, pain_error))),
            "activity_score": round(within_scale(pick.gauss(10 - hindrance * pain, ACTIVITY_ERROR)), 1),
        }
        return Answers(ONSET + timedelta(days=day), told)

    events = [scored(pick.randint(0, COMES_BY))]
    began = (Answer("onset_date", ONSET, ONSET, "patient"),)
    for day in DAYS:
        if pick.random() < MISSED:
            continue
        events.append(scored(day))
        episode = Episode(id="", opened=ONSET, answers=began, events=tuple(events), decisions=(PLAIN,))
        on = ONSET + timedelta(days=day)
        yield Said(day, deviation(episode, on).verdict, standings(episode, on)[0].place)


def within_scale(score: float) -> float:
    return min(10.0, max(0.0, score))


def people(name: str, many: int, pain_error: float) -> list[tuple[float, list[Said]]]:
    """So many people of one true course: from which day it goes wrong, and what was said."""
    pick = Random(f"{SEED} {name}")
    found = []
    for _ in range(many):
        start = min(10.0, max(LEAST_AT_START, pick.gauss(MEAN_AT_START, SPREAD_AT_START)))
        truth, wrong_from = (WELL | NOT_WELL)[name](start, pick)
        found.append((wrong_from, list(person(truth, pick, pain_error))))
    return found


# -- rates ------------------------------------------------------------------------------------------------------------


def percent(found: list[bool]) -> float | None:
    return round(100 * sum(found) / len(found), 1) if found else None


def false_alarms(name: str, many: int, pain_error: float = PAIN_ERROR) -> dict[str, Any]:
    """Of people who recover: how many of those who answered were called worse, slower or behind; and ever."""
    said = [said for _, said in people(name, many, pain_error)]

    def rates(holds: Callable[[Said], bool]) -> dict[str, float | None]:
        by_day = {str(day): percent([holds(one) for these in said for one in these if one.day == day]) for day in DAYS}
        return by_day | {"ever": percent([any(map(holds, these)) for these in said])}

    return {
        "worse": rates(lambda one: one.verdict is Verdict.WORSE),
        "slower": rates(lambda one: one.verdict is Verdict.SLOWER),
        "behind": rates(lambda one: one.place is Place.BEHIND),
        "ahead": rates(lambda one: one.place is Place.AHEAD),
    }


def misses(name: str, many: int) -> dict[str, Any]:
    """Of people who do not recover well: how many of those who answered were missed, never found, and found when.

    ``days late``: from the day on which it goes wrong to the first moment that says so, of those who were found.
    """
    found = people(name, many, PAIN_ERROR)

    def missed(holds: Callable[[Said], bool]) -> dict[str, float | None]:
        return {
            str(day): percent(
                [not holds(one) for wrong, said in found if wrong <= day for one in said if one.day == day]
            )
            for day in DAYS
        }

    first = [
        next((one.day - wrong for one in said if one.day >= wrong and one.slower_or_worse), None)
        for wrong, said in found
    ]
    late = [days for days in first if days is not None]
    return {
        "not slower or worse": missed(lambda one: one.slower_or_worse),
        "not worse": missed(lambda one: one.verdict is Verdict.WORSE),
        "not behind or worse": missed(lambda one: one.behind_or_worse),
        "never slower or worse": percent([days is None for days in first]),
        "days late, median": median(late) if late else None,
    }


def rates(many: int = PEOPLE) -> dict[str, Any]:
    """Every figure."""
    return {
        "seed": SEED,
        "people of each course": many,
        "false alarms": {name: false_alarms(name, many) for name in WELL},
        "false alarms, large error": {name: false_alarms(name, many, LARGE_ERROR) for name in WELL},
        "missed": {name: misses(name, many) for name in NOT_WELL},
    }


# -- on paper ---------------------------------------------------------------------------------------------------------

NAMES = {
    "fast": "herstelt snel",
    "as_expected": "herstelt als het gemiddelde",
    "slow": "herstelt traag",
    "stays": "blijft gelijk",
    "relapses": "valt terug",
    "worsens": "wordt erger",
}
FALSE = {"worse": "erger", "slower": "trager", "behind": "achter", "ahead": "voor"}
MISSES = {
    "not slower or worse": "niet trager of erger genoemd",
    "not worse": "niet erger genoemd",
    "not behind or worse": "niet achter of erger getoond",
}


def tables(found: dict[str, Any]) -> str:
    """The figures as the page has them, in Dutch."""
    days = [f"dag {day}" for day in DAYS]
    false = [
        [NAMES[name], FALSE[what], *map(shown, row.values())]
        for name, rows in found["false alarms"].items()
        for what, row in rows.items()
    ]
    large = [
        [NAMES[name], FALSE[what], *map(shown, row.values())]
        for name, rows in found["false alarms, large error"].items()
        for what, row in rows.items()
        if what != "ahead"
    ]
    missed = [
        [NAMES[name], MISSES[what], *map(shown, rows[what].values())]
        for name, rows in found["missed"].items()
        for what in MISSES
    ]
    late = [
        [NAMES[name], shown(rows["never slower or worse"]), f"{rows['days late, median']:.0f}"]
        for name, rows in found["missed"].items()
    ]
    return "\n\n".join(
        (
            f"{found['people of each course']} mensen van elk verloop, zaad {found['seed']}.",
            "**Wie herstelt, en wat de regel toch zegt** (van wie op die dag antwoordde; *ooit*: van iedereen)",
            grid(["verloop in waarheid", "gezegd", *days, "ooit"], false),
            f"**Hetzelfde, als een pijncijfer meer schommelt** (standaardafwijking {LARGE_ERROR:g} in plaats van "
            f"{PAIN_ERROR:g})",
            grid(["verloop in waarheid", "gezegd", *days, "ooit"], large),
            "**Wie niet goed herstelt, en wat de regel mist** (van wie op die dag antwoordde; na een terugval vanaf "
            "een week erna)",
            grid(["verloop in waarheid", "gemist", *days], missed),
            "**Hoe laat** (eerste keer trager of erger genoemd; dagen vanaf dag 14, of vanaf een week na de terugval)",
            grid(["verloop in waarheid", "tot en met dag 84 nooit gevonden", "dagen later, mediaan"], late),
        )
    )


def places() -> str:
    """Which pain score stands where, for every kind of day that the curve has."""
    points = [point.day for point in CURVE.points]
    spans = [(str(day), day) for day in points]
    spans += [(f"{before + 1}–{after - 1}", before + 1) for before, after in pairwise(points)]
    rows = []
    for span, day in sorted(spans, key=lambda found: found[1]):
        stands = [place_beside(CURVE, day, score)[0] for score in range(11)]
        rows.append([span, *(scores(stands, place) for place in (Place.AHEAD, Place.LEVEL, Place.BEHIND))])
    return grid(["dag na het begin", "voor", "gelijk", "achter"], rows)


def scores(stands: list[Place], place: Place) -> str:
    there = [score for score, stand in enumerate(stands) if stand is place]
    if not there:
        return "–"
    return str(there[0]) if len(there) == 1 else f"{there[0]}–{there[-1]}"


def grid(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def shown(percentage: float | None) -> str:
    return "–" if percentage is None else f"{percentage:.0f}%"


def page(found: dict[str, Any]) -> str:
    """The page with these figures in it, each block between its marks."""
    whole = PAGE.read_text(encoding="utf-8")
    for name, block in (("places", places()), ("figures", tables(found))):
        begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        before, _, rest = whole.partition(begin)
        whole = f"{before}{begin}\n\n{block}\n\n{end}{rest.partition(end)[2]}"
    return whole


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("--json", action="store_true", help="print the figures as JSON")
    asked.add_argument("--write", action="store_true", help="put the tables into docs/deviation.md")
    chosen = asked.parse_args()
    found = rates()
    if chosen.write:
        PAGE.write_text(page(found), encoding="utf-8")
    print(json.dumps(found, indent=2) if chosen.json else tables(found))


if __name__ == "__main__":
    main()
