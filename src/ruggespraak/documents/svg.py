"""What a drawing is made of: words, lines and areas of an SVG, each in a role.

Every drawing is one <svg> with a viewBox and no size, style, script or id, so that it fits any column and two of them
stand on one page. It is made for paper: what has a colour carries it in ``fill`` or in ``stroke`` (never both) beside a
class for its role, so that a page can recolour it with ``.ink[fill] { fill: … } .ink[stroke] { stroke: … }``. Roles:

    ink     words, and lines that must be seen        mark    what is counted: people, points, bars
    line    thin lines, outlines, axes                 accent  the patient's own place, and own next moment
    soft    areas without meaning of their own         paper   what lies on top of an area: the colour of the page
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from textwrap import wrap

COLOURS = {
    "ink": "#2a211c",
    "line": "#857465",
    "soft": "#dfd2c2",
    "mark": "#6d2f5b",
    "accent": "#b4432d",
    "paper": "#ffffff",
}
FACE = "Atkinson Hyperlegible Next, Atkinson Hyperlegible, sans-serif"
WIDTH = 340.0  # of every drawing, in its own units: about the pixels of a phone
SMALL, PLAIN, LARGE = 13.0, 15.0, 20.0  # letters
LETTER, BOLD_LETTER = 0.58, 0.66  # mean width of a letter as a part of its size, in a wide typeface
LINE = 1.25  # from one line of words to the next, as a part of the size


def svg(height: float, alt: str, parts: Iterable[str]) -> str:
    """One drawing of the usual width."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {height:g}" class="drawing" role="img" '
        f'aria-label="{escape(alt)}" font-family="{FACE}" fill="none">'
        f"{''.join(parts)}</svg>"
    )


def fill(role: str) -> str:
    """The attributes of an area in this role."""
    return f'class="{role}" fill="{COLOURS[role]}"'


def stroke(role: str, width: float = 1.0, dashes: str = "") -> str:
    """The attributes of a line in this role."""
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'class="{role}" stroke="{COLOURS[role]}" stroke-width="{width:g}"{dashed}'


def write(
    x: float, y: float, lines: Iterable[str], size: float = SMALL, role: str = "ink", anchor: str = "start",
    bold: bool = False,
) -> str:  # fmt: skip
    """Lines of words; ``y``: the foot of the first one."""
    weight = ' font-weight="bold"' if bold else ""
    return "".join(
        f'<text x="{x:.1f}" y="{y + n * size * LINE:.1f}" font-size="{size:g}" text-anchor="{anchor}"{weight} '
        f"{fill(role)}>{escape(line)}</text>"
        for n, line in enumerate(lines)
    )


def fit(words: str, width: float, size: float = SMALL, bold: bool = False) -> list[str]:
    """The words in lines that fit this width."""
    return wrap(words, int(width / size / (BOLD_LETTER if bold else LETTER)))


def rule(x1: float, y1: float, x2: float, y2: float, look: str) -> str:
    """A line."""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" {look}/>'


def dot(x: float, y: float, radius: float, look: str) -> str:
    """A point of this radius."""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" {look}/>'


def box(x: float, y: float, width: float, height: float, look: str, round: float = 0) -> str:
    """An area, from the upper left corner; ``round``: the radius of its corners."""
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="{round:g}" {look}/>'


def person(x: float, y: float, look: str) -> str:
    """Somebody: 14 wide, 21 high, from the upper left corner."""
    head = f"M{x + 3:g} {y + 4:g}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z"
    return f'<path d="{head}M{x:g} {y + 21:g}v-6a6 6 0 0 1 6 -6h2a6 6 0 0 1 6 6v6z" {look}/>'
