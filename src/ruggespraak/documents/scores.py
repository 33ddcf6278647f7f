"""Somebody's own scores over time, as a drawing and as a table. For pain lower is better, always.

Beside pain in the back the drawing shows what groups of people with new back pain had on average, on the source's own
days and with its intervals; between those days nothing is drawn. The own scores are joined, because they are of one
person; what lay between two of them is not known either, and the caption says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise

from ruggespraak.course.recovery import Curve, Point
from ruggespraak.documents.content import Picture, Table
from ruggespraak.documents.pictures import FAR, MILESTONES, along, how_long, moment
from ruggespraak.documents.svg import PLAIN, SMALL, WIDTH, box, dot, fill, rule, stroke, svg, write
from ruggespraak.pathway.texts import long_date, text

Scores = Mapping[str, Sequence[tuple[date, float]]]

SCORED = ("pain_back_nrs", "pain_leg_nrs", "activity_score")
WITH_A_GROUP = "pain_back_nrs"  # the only score of which a source has a curve of the same measure
HIGHEST = 10.0  # of every score
LEFT, RIGHT = 34.0, WIDTH - 20
PANEL = 110.0  # height of the plot of one score
HEAD, KEY, FOOT = 66.0, 19.0, 44.0  # above it, above it with the key, and below it


def course_plot(scores: Scores, onset: date | None, today: date, lang: str, band: Curve | None = None) -> Picture:
    """A plot for each score that was given. ``scores``: finding -> (day, 0-10), of those in ``SCORED``.

    ``onset``: the day on which the pain began; where it is not known, time counts from the first score and no group is
    drawn. ``band``: the curve of a group's mean pain (a part of a 0-100 scale), for pain in the back.
    Raises ValueError without any score.
    """
    given = _given(scores)
    if not given:
        raise ValueError("no scores to draw")
    start = onset or min(day for listed in given.values() for day, _ in listed)
    points = _points(band, (today - start).days) if band and onset else ()
    knots = _knots(max((today - start).days, *(point.day for point in points), MILESTONES[0]))
    parts, y = [], 0.0
    for id, listed in given.items():
        group = points if id == WITH_A_GROUP else ()
        y = y + HEAD + (KEY if group else 0)
        own = [((day - start).days, score) for day, score in listed]
        parts += [
            _head(id, y, bool(group), lang),
            _axes(knots, y, lang),
            _today(_x((today - start).days, knots), y, lang),
        ]
        parts += [_bar(_x(point.day, knots), y, point) for point in group]
        parts.append(_own(own, knots, y, lang))
        y += PANEL + FOOT
    alt = _told(given, points, lang)
    return Picture("course", svg(y, alt, parts), alt, _caption(given, points, onset, (today - start).days, lang))


def course_table(scores: Scores, onset: date | None, today: date, lang: str) -> Table:
    """Every score in words, the newest first. ``today``: a score of a later day is not there yet."""
    given = _given(scores)
    first = onset or min((day for listed in given.values() for day, _ in listed), default=today)
    rows = [
        (day, long_date(day, lang), how_long((day - first).days, lang), _name(id, lang), _figure(score, lang))
        for id, listed in given.items()
        for day, score in listed
        if day <= today
    ]
    head = tuple(text("letters", "scores_table", part, lang) for part in ("date", "day", "what", "score"))
    newest_first = sorted(rows, key=lambda row: row[0], reverse=True)
    return Table(text("letters", "scores_table", "caption", lang), head, tuple(row[1:] for row in newest_first))


def _given(scores: Scores) -> dict[str, list[tuple[date, float]]]:
    """The scores in their order, by day. Raises ValueError for one that has no words."""
    if strange := set(scores) - set(SCORED):
        raise ValueError(f"no score {min(strange)!r}: choose from {', '.join(SCORED)}")
    return {id: sorted(scores[id]) for id in SCORED if scores.get(id)}


def _points(band: Curve, last: int) -> tuple[Point, ...]:
    """The points up to today and the first one after it: what comes later is not asked yet."""
    passed = tuple(point for point in band.points if point.day <= last)
    return passed + tuple(point for point in band.points if point.day > last)[:1]


def _knots(last: float) -> tuple[float, ...]:
    """The days that lie equally far apart, up to the first one that holds everything."""
    all_of_them = (0.0, *MILESTONES, max(FAR, last))
    many = next(n for n, knot in enumerate(all_of_them) if knot >= last)
    return all_of_them[: many + 1]


def _x(day: float, knots: Sequence[float]) -> float:
    return LEFT + along(day, knots) * (RIGHT - LEFT)


def _name(id: str, lang: str) -> str:
    return text("letters", f"scores_{id}", "name", lang)


def _figure(score: float, lang: str) -> str:
    return f"{score:.1f}".removesuffix(".0").replace(".", "," if lang == "nl" else ".")


def _plot(part: str, lang: str, **values: object) -> str:
    found = text("letters", "scores_plot", part, lang)
    return found.format(**values) if values else found


# Drawing


def _level(score: float, top: float) -> float:
    return top + PANEL * (1 - score / HIGHEST)


def _head(id: str, top: float, group: bool, lang: str) -> str:
    """Above a plot: the name of the score, what its ends mean, and what is whose."""
    y = top - HEAD - (KEY if group else 0)
    ends = [text("letters", f"scores_{id}", part, lang) for part in ("high", "low")]
    parts = [write(0, y + PLAIN, [_name(id, lang)], PLAIN, bold=True)]
    parts.append(write(0, y + 34, [f"{HIGHEST:g} = {ends[0]}, 0 = {ends[1]}"]))
    if group:
        parts += [dot(6, y + 49, 4.5, fill("accent")), write(18, y + 53.5, [_plot("score", lang)])]
        parts += [_interval(118, y + 43, y + 55), write(130, y + 53.5, [_plot("band", lang)])]
    return "".join(parts)


def _axes(knots: Sequence[float], top: float, lang: str) -> str:
    parts = []
    for score in (0.0, HIGHEST / 2, HIGHEST):
        y = _level(score, top)
        parts.append(rule(LEFT, y, RIGHT, y, stroke("line", 1.5 if score == 0 else 0.5)))
        parts.append(write(LEFT - 12, y + 4.5, [f"{score:g}"], anchor="end"))
    foot = _level(0, top)
    for knot in knots:
        named = moment(knot, lang) if knot else text("pictures", "road", "begin", lang)
        x, anchor = (_x(knot, knots), "middle") if knot else (4.0, "start")
        if knot == knots[-1]:
            x, anchor = WIDTH - 2, "end"
        parts.append(rule(_x(knot, knots), foot, _x(knot, knots), foot + 5, stroke("line")))
        parts.append(write(x, foot + 18, [named], anchor=anchor))
    return "".join(parts)


def _today(x: float, top: float, lang: str) -> str:
    anchor = "start" if x < 40 else "end" if x > WIDTH - 40 else "middle"
    line = rule(x, top - 6, x, top + PANEL, stroke("accent", 1.5, "3 4"))
    return line + write(x, top - 10, [_plot("today", lang)], SMALL, "accent", anchor, bold=True)


def _bar(x: float, top: float, point: Point) -> str:
    """The group's mean on one day, as the interval that the source gives."""
    assert point.low is not None
    assert point.high is not None
    mean = _level(point.fraction * HIGHEST, top)
    bar = _interval(x, _level(point.high * HIGHEST, top), _level(point.low * HIGHEST, top))
    return bar + rule(x - 9, mean, x + 9, mean, stroke("mark", 2.5))


def _interval(x: float, high: float, low: float) -> str:
    return box(x - 5, high, 10, low - high, fill("mark"), 2)


def _own(listed: Sequence[tuple[int, float]], knots: Sequence[float], top: float, lang: str) -> str:
    """The own scores, joined; the first and the last one with their figure."""
    own = [(_x(day, knots), _level(score, top)) for day, score in listed]
    parts = [rule(*here, *there, stroke("accent", 1.2)) for here, there in pairwise(own)]
    parts += [dot(*here, 6, fill("paper")) + dot(*here, 4.5, fill("accent")) for here in own]
    for n in sorted({0, len(own) - 1}):
        x, y = own[n]
        beside, anchor = (x + 9, "start") if x < WIDTH / 2 else (x - 9, "end")
        above = y - 5 if y > top + 16 else y + 16
        parts.append(write(beside, above, [_figure(listed[n][1], lang)], PLAIN, "ink", anchor, bold=True))
    return "".join(parts)


# In words


def _told(given: Mapping[str, list[tuple[date, float]]], group: Sequence[Point], lang: str) -> str:
    """Every score, and every figure of the group that is drawn."""
    said = []
    for id, listed in given.items():
        each = "; ".join(
            _plot("point", lang, score=_figure(score, lang), date=long_date(day, lang)) for day, score in listed
        )
        said.append(f"{_name(id, lang)}: {each}.")
        if group and id == WITH_A_GROUP:
            said.append(_plot("group", lang, points="; ".join(_of_the_group(point, lang) for point in group)))
    return " ".join([*said, *_better(given, lang)])


def _of_the_group(point: Point, lang: str) -> str:
    assert point.low is not None
    assert point.high is not None
    mean, low, high = (_figure(part * HIGHEST, lang) for part in (point.fraction, point.low, point.high))
    if point.day == 0:
        return _plot("group_start", lang, score=mean, low=low, high=high)
    return _plot("group_point", lang, score=mean, low=low, high=high, moment=moment(point.day, lang))


def _better(given: Mapping[str, object], lang: str) -> list[str]:
    pain = [_plot("pain", lang)] if any(id.startswith("pain") for id in given) else []
    return pain + ([_plot("doing", lang)] if "activity_score" in given else [])


def _caption(given: Mapping[str, object], group: Sequence[Point], onset: date | None, days: int, lang: str) -> str:
    since = _plot("since_onset" if onset else "since_score", lang, time=how_long(days, lang))
    people = [_plot("people", lang)] if group and WITH_A_GROUP in given else []
    return " ".join([since, *_better(given, lang), _plot("between", lang), *people])
