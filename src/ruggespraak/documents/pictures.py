"""The pictures of a result: where somebody is on the road, what happened to 100 people, and what the sources say.

Patients understand a picture that they know (a road, a hundred people) better than a line graph, so those come first
and the points of the sources after them. Nothing is promised: the road says when to look again and not when the pain is
over; each array of people is one outcome on one day in one source; nothing is drawn between two points. A picture of
people passes the eight items of IPDAS on probabilities by its caption (``chance``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import pi, sin

from ruggespraak.course.recovery import Curve, Point
from ruggespraak.documents.content import Picture, Table
from ruggespraak.documents.svg import (
    BOLD_LETTER,
    LARGE,
    LINE,
    PLAIN,
    SMALL,
    WIDTH,
    box,
    dot,
    fill,
    fit,
    person,
    rule,
    stroke,
    svg,
    write,
)
from ruggespraak.pathway.numbers import CHRONIC_FROM, NO_IMPROVEMENT_FROM, RECHECK_ON, VERY_LONG_FROM
from ruggespraak.pathway.rules import Status
from ruggespraak.pathway.texts import text, word

MILESTONES = tuple(float(day) for day in (RECHECK_ON, NO_IMPROVEMENT_FROM, CHRONIC_FROM, VERY_LONG_FROM))
PEOPLE = 100
DAYS = {"year": 365, "month": 30, "week": 7, "day": 1}  # the longest that fits exactly names the time of a figure


# Time in words, and along a line


def moment(day: float, lang: str) -> str:
    """A day as its source names it: 14 is 2 weeks, 90 is 3 months, 31 is 31 days."""
    unit = next(unit for unit, days in DAYS.items() if day >= days and day % days == 0)
    return _span(int(day) // DAYS[unit], unit, lang)


def how_long(days: float, lang: str) -> str:
    """About so long, as somebody would say it: days up to two weeks, then weeks (to 4 months), months and years."""
    for unit, least in (("year", 730), ("month", 120), ("week", 14)):
        if days >= least:
            return _span(int(days // DAYS[unit]), unit, lang)
    return _span(int(days), "day", lang) if days >= 1 else text("pictures", "time", "less", lang)


def _span(many: int, unit: str, lang: str) -> str:
    return text("pictures", "time", unit if many == 1 else f"{unit}s", lang).format(n=many)


def along(day: float, knots: Sequence[float]) -> float:
    """How far this day lies (0-1) on a line on which these days lie equally far apart."""
    for n, (start, end) in enumerate(pairwise(knots)):
        if day <= end:
            return (n + max(0.0, day - start) / (end - start)) / (len(knots) - 1)
    return 1.0


# The road


@dataclass(frozen=True, slots=True)
class Stop:
    """A moment on the road. ``own``: the patient's own next moment, which stands on the right with the own place."""

    day: float
    name: str
    says: str = ""
    own: bool = False


ROAD = 312.0  # height of the drawing
BEGIN, LATER = 294.0, 34.0  # where the road begins, and where the last stretch ends
FAR = 1826.0  # days (five years): where the last stretch, after the last milestone, ends
LEFT, RIGHT = 122.0, 204.0  # words on the left end here, boards on the right begin here
BOARD = 54.0  # the least distance between two boards


def milestones(lang: str, says: bool = True) -> tuple[Stop, ...]:
    """The moments that everybody passes; ``says``: with what is worth asking then."""
    return tuple(
        Stop(day, moment(day, lang), text("pictures", f"stop_{day:.0f}", "says", lang) if says else "")
        for day in MILESTONES
    )


def road(day: float | None, stops: Sequence[Stop], lang: str) -> Picture:
    """The road from the begin, past the stops, and on; a sign where this patient is. ``day``: None where not known.

    It goes from below to above and leaves the picture there: what comes later is open, and nothing stands at the end.
    """
    common = [stop for stop in stops if not stop.own]
    own = [stop for stop in stops if stop.own]
    begin = text("pictures", "road", "begin", lang)
    parts = [_surface(), write(4, BEGIN + 4, [begin], PLAIN, bold=True), _stone(0)]
    parts.append(write(4, 16, [text("pictures", "road", "later", lang)], PLAIN))
    for stop in common:
        y = _height(stop.day)
        parts += [rule(LEFT - 2, y, _middle(y) - 8, y, stroke("line")), _stone(stop.day)]
        parts.append(write(4, y - 2, [stop.name], PLAIN, bold=True))
        parts.append(write(4, y + 14, fit(stop.says, LEFT)))
    heights = _apart(None if day is None else _height(day), [_height(stop.day) for stop in own])
    for stop, y in zip(own, heights[1:], strict=True):
        parts.append(_next_board(stop, y))
    if day is not None:
        parts.append(_sign(day, heights[0], lang))
    named = [f"{stop.name}. {stop.says}".strip() for stop in common]
    here = _here(day, lang)
    alt = " ".join(
        [
            text("pictures", "road", "alt", lang),
            here,
            text("pictures", "road", "stops", lang).format(stops=" ".join(_ended(one) for one in named)),
            *(_ended(f"{stop.name}: {' '.join(stop.says.split())}") for stop in own),
        ]
    )
    return Picture("road", svg(ROAD, alt, parts), alt, f"{here} {text('pictures', 'road', 'caption', lang)}")


def _here(day: float | None, lang: str) -> str:
    if day is None:
        return text("pictures", "road", "unknown", lang)
    return text("pictures", "road", "here", lang).format(time=how_long(day, lang))


def _ended(words: str) -> str:
    return words if words.endswith((".", "?", "!")) else f"{words}."


def _height(day: float) -> float:
    return BEGIN - along(day, (0.0, *MILESTONES, FAR)) * (BEGIN - LATER)


def _middle(y: float) -> float:
    """Where the middle of the road is at this height: it winds."""
    return 165 + 17 * sin((BEGIN - y) / (BEGIN - LATER) * 3 * pi)


def _surface() -> str:
    """The road: wide where it begins, narrow further on, and out of the picture above."""
    heights = range(int(ROAD), -1, -8)

    def edge(side: int) -> list[str]:
        return [f"{_middle(y) + side * (9 + 12 * y / ROAD):.1f} {y}" for y in heights]

    surface = f'<path d="M{"L".join([*edge(-1), *reversed(edge(1))])}z" {fill("soft")}/>'
    middle = "L".join(f"{_middle(y):.1f} {y}" for y in heights)
    return f'{surface}<path d="M{middle}" {stroke("paper", 2, "7 9")}/>'


def _stone(day: float) -> str:
    y = _height(day)
    return dot(_middle(y), y, 7, fill("paper")) + dot(_middle(y), y, 6, stroke("ink", 2.5))


def _apart(here: float | None, others: list[float]) -> list[float]:
    """The heights of the boards, at least one board apart: the own place first, then what lies ahead of it."""
    heights = [BEGIN + 99 if here is None else min(here, BEGIN - 6)]
    for height in others:
        heights.append(min(height, heights[-1] - BOARD))
    lowest = 28.0  # no board sticks out above
    for n in reversed(range(len(heights))):
        heights[n] = max(heights[n], lowest)
        lowest = heights[n] + BOARD
    return heights


def _sign(day: float, y: float, lang: str) -> str:
    """Somebody on the road, and a sign that points at that place."""
    on_road = _height(day)
    x = _middle(on_road)
    left, low, high = RIGHT + 2, y - 22, y + 22
    board = f"M{left} {y:.1f}L{left + 12} {low:.1f}H{WIDTH - 2}V{high:.1f}H{left + 12}z"
    after = text("pictures", "road", "after", lang).format(time=how_long(day, lang))
    return "".join(
        [
            rule(x, on_road, left + 4, y, stroke("accent", 2.5)),
            f'<ellipse cx="{x:.1f}" cy="{on_road:.1f}" rx="13" ry="5" {fill("accent")}/>',
            f'<g transform="translate({x - 10.5:.1f} {on_road - 31:.1f}) scale(1.5)">',
            person(0, 0, stroke("paper", 2.5)) + person(0, 0, fill("accent")),
            "</g>",
            f'<path d="{board}" {fill("accent")}/>',
            write(left + 14, y - 3, [text("pictures", "road", "you", lang)], 14, "paper", bold=True),
            write(left + 14, y + 14, [after], SMALL, "paper"),
        ]
    )


def _next_board(stop: Stop, y: float) -> str:
    on_road = _height(stop.day)
    x, lines = _middle(on_road), stop.says.splitlines()
    return "".join(
        [
            rule(x + 8, on_road, RIGHT + 2, y, stroke("accent", 1.5)),
            dot(x, on_road, 8, fill("paper")) + dot(x, on_road, 6.5, stroke("accent", 3)),
            box(RIGHT, y - 27, WIDTH - RIGHT - 2, 54, fill("paper"), 4),
            box(RIGHT, y - 27, WIDTH - RIGHT - 2, 54, stroke("accent", 1.5), 4),
            write(RIGHT + 6, y - 11, [stop.name], SMALL, bold=True),
            write(RIGHT + 6, y + 4, lines),
        ]
    )


# A hundred people


def chance(curve: Curve, point: Point, lang: str) -> dict[str, str]:
    """What is said below the picture of one figure: how many and when, of whom, counted from when, and how sure."""
    many = _many(point)
    more = "half" if many * 2 == PEOPLE else "more" if many * 2 > PEOPLE else "less"
    number = text("pictures", "icons", "number", lang)
    number = number.format(
        moment=moment(point.day, lang), n=many, rest=PEOPLE - many, share=text("pictures", "share", more, lang)
    )
    return {
        "number": number,
        "outcome": text("recovery", curve.id, "says", lang),
        "group": text("pictures", _group(curve), "group", lang).format(n=point.n),
        "counted": text("pictures", f"counted_{curve.counted_from}", "says", lang),
        "sure": how_sure(point, lang),
    }


def how_sure(point: Point, lang: str) -> str:
    """The spread of a figure in words; that there is none, where the source gives none."""
    told = []
    if point.low is not None and point.high is not None:
        told.append(text("pictures", f"spread_{point.spread}", "says", lang).format(**_bounds(point)))
    elif point.day_low is not None:
        told.append(text("pictures", "spread_days", "says", lang).format(low=point.day_low, high=point.day_high))
    else:
        told.append(text("recovery", "curve_no_spread", "says", lang))
    if point.status is Status.REPORTED:
        told.append(text("recovery", "curve_reported", "says", lang))
    return " ".join(told)


HUNDRED = 228.0  # height of a hundred people, ten by ten
BESIDE = 192.0  # the words begin here


def icon_array(curve: Curve, point: Point, lang: str) -> Picture:
    """A hundred people, as many of them filled as the source counted. Raises ValueError where it counted no people."""
    if curve.measure != "people":
        raise ValueError(f"{curve.id} counts no people but a {curve.measure}")
    many, outcome, said = _many(point), text("recovery", curve.id, "outcome", lang), chance(curve, point, lang)
    filled, open = fill("mark"), stroke("line", 1.5)
    people = [person(2 + n % 10 * 18, 2 + n // 10 * 22.5, filled if n < many else open) for n in range(PEOPLE)]
    title = fit(outcome, WIDTH - BESIDE, PLAIN, bold=True)
    y = PLAIN + len(title) * PLAIN * LINE
    when = text("pictures", "icons", "after", lang).format(moment=moment(point.day, lang))
    parts = [f'<g class="people">{"".join(people)}</g>', write(BESIDE, PLAIN, title, PLAIN, bold=True)]
    parts.append(write(BESIDE, y, [when], PLAIN))
    for part, count, look, size in (("yes", many, filled, LARGE), ("not_yet", PEOPLE - many, open, PLAIN)):
        lines = fit(text("pictures", "icons", part, lang).format(n=count), WIDTH - BESIDE - 22, size, size == LARGE)
        y += 22 + size
        parts += [person(BESIDE, y - 16, look), write(BESIDE + 22, y, lines, size, bold=size == LARGE)]
        y += (len(lines) - 1) * size * LINE
    alt = text("pictures", "icons", "alt", lang).format(outcome=outcome, number=said["number"])
    return Picture(f"{curve.id}_{point.day}", svg(max(HUNDRED, y + 8), alt, parts), alt, " ".join(said.values()))


def _many(point: Point) -> int:
    return round(point.fraction * PEOPLE)


def _bounds(point: Point) -> dict[str, int]:
    assert point.low is not None
    assert point.high is not None
    return {"low": round(point.low * PEOPLE), "high": round(point.high * PEOPLE)}


def _group(curve: Curve) -> str:
    return f"people_{curve.source}".lower().replace("-", "_")


# All points of the sources


PLOT_LEFT, PLOT_RIGHT = 31.0, WIDTH - 26
PLOT = 84.0  # height of one plot
SHAPES = ("circle", "square")


def recovery_curves(curves: Sequence[Curve], day: float | None, lang: str) -> Iterator[tuple[Picture, list[Curve]]]:
    """What the sources counted, day by day: a plot for each outcome, with its curves.

    ``day``: how long this patient has had the pain; None where that is not known. A mean score is left to the table.
    """
    outcomes: dict[str, list[Curve]] = {}
    for curve in curves:
        if curve.measure == "people":
            outcomes.setdefault(text("recovery", curve.id, "outcome", lang), []).append(curve)
    last = max((point.day for listed in outcomes.values() for curve in listed for point in curve.points), default=0)
    knots = (0.0, *MILESTONES, *([float(last)] if last > MILESTONES[-1] else []))
    for outcome, listed in outcomes.items():
        yield _plot(outcome, listed, day, knots, lang), listed


def _plot(outcome: str, curves: Sequence[Curve], day: float | None, knots: Sequence[float], lang: str) -> Picture:
    """One outcome: its name, whose figures they are (a shape for each source), axes, the own day, and the points."""

    def x(day: float) -> float:
        return PLOT_LEFT + along(day, knots) * (PLOT_RIGHT - PLOT_LEFT)

    title = fit(outcome, WIDTH - 4, PLAIN, bold=True)
    parts = [write(0, PLAIN, title, PLAIN, bold=True)]
    y = PLAIN + (len(title) - 1) * PLAIN * LINE + 19
    for shape, curve in zip(SHAPES, curves, strict=False):
        parts.append(_shape(shape, 8, y - 4.5) + write(20, y, [text("pictures", _group(curve), "short", lang)]))
        y += SMALL * LINE
    if day is not None:
        parts.append(_own_day(x(day), y + 4, lang))
        y += 12
    parts.append(_axes(x, y, knots, lang))
    for n, (shape, curve) in enumerate(zip(SHAPES, curves, strict=False)):
        for point in curve.points:
            parts.append(_drawn(point, shape, x, y, to_the_left=n > 0 or x(point.day) > PLOT_RIGHT - 24))
    told = [
        text("pictures", "plot", "point", lang).format(n=_many(point), moment=moment(point.day, lang))
        for curve in curves
        for point in curve.points
    ]
    says = text("pictures", "plot", "alt", lang).format(outcome=outcome, points="; ".join(told))
    alt = f"{says} {_here(day, lang)}"
    caption = " ".join(_counted(curve, lang) for curve in curves)
    return Picture(f"plot{curves[0].id.removeprefix('curve')}", svg(y + PLOT + 24, alt, parts), alt, caption)


def _counted(curve: Curve, lang: str) -> str:
    """Whose figures, and from which day they are counted: that is not the same for all of them."""
    group = text("pictures", _group(curve), "short", lang)
    since = text("pictures", f"counted_{curve.counted_from}", "says", lang)
    return f"{group[:1].upper()}{group[1:]}: {since[:1].lower()}{since[1:]}"


def _own_day(x: float, y: float, lang: str) -> str:
    anchor = "start" if x < 80 else "end" if x > WIDTH - 80 else "middle"
    shifted = {"start": x - 4, "end": x + 4, "middle": x}[anchor]
    line = rule(x, y + 6, x, y + 14 + PLOT, stroke("accent", 2.5))
    return line + write(shifted, y + 2, [text("pictures", "road", "you", lang)], SMALL, "accent", anchor, bold=True)


def _axes(x: Callable[[float], float], y: float, knots: Sequence[float], lang: str) -> str:
    parts = []
    for many in (0, 50, 100):
        level = y + PLOT * (1 - many / PEOPLE)
        parts.append(rule(PLOT_LEFT, level, PLOT_RIGHT, level, stroke("line", 1.5 if many == 0 else 0.5)))
        parts.append(write(PLOT_LEFT - 5, level + 4.5, [str(many)], anchor="end"))
    for knot in knots:
        named = moment(knot, lang) if knot else text("pictures", "road", "begin", lang)
        at, anchor = (x(knot), "middle") if knot else (4, "start")
        parts.append(rule(x(knot), y + PLOT, x(knot), y + PLOT + 5, stroke("line")))
        parts.append(write(at, y + PLOT + 18, [named], anchor=anchor))
    return "".join(parts)


def _drawn(point: Point, shape: str, x: Callable[[float], float], y: float, to_the_left: bool) -> str:
    """A point with its figure, and a bar for how sure it is: up and down for people, sideways for the day."""

    def level(fraction: float) -> float:
        return y + PLOT * (1 - fraction)

    here, middle = x(point.day), level(point.fraction)
    first, last, bars = here, here, ""
    if point.low is not None and point.high is not None:
        low, high = level(point.low), level(point.high)
        bars += _bar(f"M{here:.1f} {low:.1f}V{high:.1f}M{here - 6:.1f} {low:.1f}h12M{here - 6:.1f} {high:.1f}h12")
    if point.day_low is not None and point.day_high is not None:
        first, last = x(point.day_low), x(point.day_high)
        bars += _bar(
            f"M{first:.1f} {middle:.1f}H{last:.1f}M{first:.1f} {middle - 6:.1f}v12M{last:.1f} {middle - 6:.1f}v12"
        )
    figure, wide = str(_many(point)), len(str(_many(point))) * SMALL * BOLD_LETTER
    beside, anchor, left = (first - 10, "end", first - 11 - wide) if to_the_left else (last + 10, "start", last + 9)
    clear = box(left, middle - 6, wide + 2, 12, fill("paper"))  # so that no line runs through the figure
    words = clear + write(beside, middle + 4.5, [figure], anchor=anchor, bold=True)
    return words + dot(here, middle, 6.5, fill("paper")) + bars + _shape(shape, here, middle)


def _bar(path: str) -> str:
    return f'<path d="{path}" {stroke("mark", 2)}/>'


def _shape(shape: str, x: float, y: float) -> str:
    return dot(x, y, 4.5, fill("mark")) if shape == "circle" else box(x - 4, y - 4, 8, 8, fill("mark"))


def recovery_table(curves: Sequence[Curve], lang: str) -> Table:
    """Every figure of the curves in words; also those that are a mean score."""
    rows = []
    for curve in curves:
        named = f"{text('recovery', curve.id, 'outcome', lang)} ({text('pictures', _group(curve), 'short', lang)})"
        for point in curve.points:
            part = "people" if curve.measure == "people" else "scale"
            when = moment(point.day, lang) if point.day else text("pictures", "road", "begin", lang)
            figure = text("pictures", "table", part, lang).format(n=_many(point))
            rows.append((named, when, figure, _spread(point, lang)))
    head = tuple(text("pictures", "table", part, lang) for part in ("what", "when", "how_many", "how_sure"))
    return Table(text("pictures", "table", "caption", lang), head, tuple(rows))


def _spread(point: Point, lang: str) -> str:
    """The spread, short enough for a cell."""
    if point.low is not None:
        says = text("pictures", "table", "between", lang).format(**_bounds(point))
    elif point.day_low is not None:
        says = text("pictures", "table", "days", lang).format(low=point.day_low, high=point.day_high)
    else:
        says = text("pictures", "table", "not_given", lang)
    return f"{says} ({word('mark.V-2', lang)})" if point.status is Status.REPORTED else says
