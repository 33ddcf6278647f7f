"""The small flow charts of our pages as pictures, without a script from elsewhere: what a code host draws of Mermaid.

Only what our pages use: from left to right, boxes with short lines, arrows with a word. A box stands one column further
than the last that leads to it. An arrow that passes columns has a place of its own in each; one that goes back runs
below.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise

CHARACTER, LINE, PAD, GAP_X, GAP_Y = 6.8, 17, 9, 34, 16  # pixels
SMALLEST = 0.7  # of its size, on a narrow screen; then it is moved sideways
NODE = re.compile(r"(\w+)(?:(\(\[|\[|\{\{|\{)\"?(.*?)\"?(?:\]\)|\]|\}\}|\})(?=\s|$))?")
ARROW = re.compile(r"\s*(?:--+(?:\s*\"([^\"]*)\"\s*--+)?|-\.-)>(?:\|\"?([^|\"]*)\"?\|)?\s*")
ROUND = {"([": 16, "{": 16, "{{": 16}


@dataclass
class Box:
    """A box: its lines, how round it is, and where it stands."""

    lines: list[str]
    round: int = 4
    column: int = 0
    x: float = 0
    y: float = 0
    wide: float = 0  # its column

    @property
    def width(self) -> float:
        return max(map(len, self.lines)) * CHARACTER + 2 * PAD if self.lines else 0

    @property
    def height(self) -> float:
        return len(self.lines) * LINE + 2 * PAD if self.lines else LINE

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


@dataclass
class Arrow:
    """An arrow with its words; ``back``: it closes a circle; ``way``: what stands for it in the columns it passes."""

    start: Box
    end: Box
    words: list[str]
    way: list[Box] = field(default_factory=list)
    back: bool = False
    dashed: bool = False


@dataclass
class Chart:
    boxes: dict[str, Box] = field(default_factory=dict)
    arrows: list[Arrow] = field(default_factory=list)


def read(text: str) -> Chart:
    """The chart of a Mermaid text. Raises ValueError for a line that is none of ours."""
    first, *lines = text.strip().splitlines()
    if first != "flowchart LR":
        raise ValueError(f"only flowchart LR is drawn, not {first!r}")
    chart = Chart()
    for line in map(str.strip, lines):
        place, before, said, dashed = 0, "", "", False
        while place < len(line):
            node = NODE.match(line, place)
            if not node:
                raise ValueError(f"cannot draw {line!r}")
            name, shape, words = node.groups()
            if shape or name not in chart.boxes:
                chart.boxes[name] = Box((words or name).split("<br>"), ROUND.get(shape, 4))
            if before:
                words = said.split("<br>") if said else []
                chart.arrows.append(Arrow(chart.boxes[before], chart.boxes[name], words, dashed=dashed))
            arrow = ARROW.match(line, node.end())
            if not arrow and node.end() < len(line):
                raise ValueError(f"cannot draw {line[node.end() :]!r}")
            if not arrow:
                break
            place, before, said, dashed = arrow.end(), name, arrow[1] or arrow[2] or "", "-.-" in arrow[0]
    return chart


def drawn(text: str) -> str:
    """The chart as SVG, in the colour of the page that it stands on."""
    chart = read(text)
    _columns(chart)
    width, height = _places(chart)
    parts = []
    for arrow in chart.arrows:
        if arrow.back:
            height += LINE * max(1, len(arrow.words)) + 8
        parts.append(_back(arrow, height - 6) if arrow.back else _forth(arrow))
    parts += [_box(one) for one in chart.boxes.values()]
    told = "; ".join(f"{' '.join(one.start.lines)} → {' '.join(one.end.lines)}" for one in chart.arrows)
    return (
        f'<div class="flowchart"><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img" '
        f'style="width: {width:g}px; min-width: {width * SMALLEST:g}px" font-size="13"><title>{escape(told)}</title>'
        f"{''.join(parts)}</svg></div>"
    )


def _columns(chart: Chart) -> None:
    seen: list[Box] = []

    def walk(way: list[Box]) -> None:
        seen.append(way[-1])
        for arrow in chart.arrows:
            if arrow.start is way[-1]:
                arrow.back = any(arrow.end is one for one in way)
                if not any(arrow.end is one for one in seen):
                    walk([*way, arrow.end])

    for box in chart.boxes.values():
        if not any(box is one for one in seen):
            walk([box])
    for _ in chart.boxes:
        for arrow in chart.arrows:
            if not arrow.back:
                arrow.end.column = max(arrow.end.column, arrow.start.column + 1)


def _places(chart: Chart) -> tuple[float, float]:
    """Puts every box in its place, near what leads to it; returns how wide and how high all is."""
    columns: list[list[Box]] = [[] for _ in range(max(one.column for one in chart.boxes.values()) + 1)]
    for box in chart.boxes.values():
        columns[box.column].append(box)
    for arrow in chart.arrows:
        arrow.way = [Box([], column=number) for number in range(arrow.start.column + 1, arrow.end.column)]
        for one in arrow.way:
            columns[one.column].append(one)
    heights = [sum(one.height for one in some) + GAP_Y * (len(some) - 1) for some in columns]
    x, high = 2.0, max(heights) + 4
    for number, some in enumerate(columns):
        y = (high - heights[number]) / 2
        for box in sorted(some, key=lambda box: _level(chart, box)):
            box.x, box.y = x, y
            y += box.height + GAP_Y
        said = [len(line) for one in chart.arrows if one.start.column == number and not one.back for line in one.words]
        x += max(one.width for one in some) + max([GAP_X, *(length * CHARACTER + 24 for length in said)])
        for box in some:
            box.wide = max(one.width for one in some)
    return max(one.x + one.width for one in chart.boxes.values()) + 2, high


def _level(chart: Chart, box: Box) -> float:
    """How high what leads to it stands, in the middle."""
    found = []
    for arrow in chart.arrows:
        steps = [arrow.start, *arrow.way, arrow.end]
        found += [one.middle for one, to in pairwise(steps) if to is box and not arrow.back]
    return sum(found) / len(found) if found else 0


def _box(box: Box) -> str:
    middle = box.x + box.width / 2
    lines = "".join(
        f'<text x="{middle:g}" y="{box.y + PAD + LINE * (number + 0.75):g}" text-anchor="middle" '
        f'fill="currentColor">{escape(line)}</text>'
        for number, line in enumerate(box.lines)
    )
    return (
        f'<rect x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" height="{box.height:g}" rx="{box.round}" '
        f'fill="none" stroke="currentColor"/>{lines}'
    )


def _forth(arrow: Arrow) -> str:
    x, y = arrow.start.x + arrow.start.width, arrow.start.middle
    first = (arrow.way or [arrow.end])[0]
    said = _said(arrow.words, (x + first.x) / 2, (y + first.middle) / 2)
    path = f"M{x:g} {y:g}"
    for one in [*arrow.way, arrow.end]:
        bend = (one.x - x) / 2
        path += f"C{x + bend:g} {y:g} {one.x - bend:g} {one.middle:g} {one.x:g} {one.middle:g}"
        x, y = one.x + (0 if one is arrow.end else one.wide), one.middle
        path += "" if one is arrow.end else f"H{x:g}"
    return _line(arrow, path, f"M{x:g} {y:g}l-8 -4v8z") + said


def _back(arrow: Arrow, below: float) -> str:
    x, right, end = (
        arrow.start.x + arrow.start.width / 2,
        arrow.end.x + arrow.end.width / 2,
        arrow.end.y + arrow.end.height,
    )
    path = f"M{x:g} {arrow.start.y + arrow.start.height:g}V{below:g}H{right:g}V{end:g}"
    return _line(arrow, path, f"M{right:g} {end:g}l-4 8h8z") + _said(arrow.words, (x + right) / 2, below)


def _line(arrow: Arrow, path: str, tip: str) -> str:
    dash = ' stroke-dasharray="4 4"' if arrow.dashed else ""
    return (
        f'<g opacity=".6"><path d="{path}" fill="none" stroke="currentColor"{dash}/>'
        f'<path d="{tip}" fill="currentColor"/></g>'
    )


def _said(words: list[str], x: float, y: float) -> str:
    return "".join(
        f'<text class="said" x="{x:g}" y="{y - 5 - LINE * (len(words) - 1 - number):g}" text-anchor="middle" '
        f'font-style="italic" fill="currentColor">{escape(line)}</text>'
        for number, line in enumerate(words)
    )
