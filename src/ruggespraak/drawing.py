"""How every plot looks: a light sheet with a title, panels placed in inches, and below them what must be known.

No plot depends on a display, on the settings of whoever draws it, or on the day: a figure is drawn in this style and no
other, letters are written as outlines, and the same figure is the same file to the byte. The colours are near those of
the website (``web/look/_theme.scss``), and moved apart so that the colour-blind can tell them from each other too.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Rectangle
from matplotlib.textpath import text_to_path

INK, SOFT, LINE, SHEET = "#2a211c", "#5d5047", "#dfd2c2", "#fffcf6"
TEAL, PALE_TEAL, AMBER, PLUM, BRICK, SAND, LILAC, BLUE = (
    "#1f7a72", "#8ac3b6", "#eab13f", "#5a2350", "#b4432d", "#f3ebdf", "#8f7fa8", "#6f9fe0",
)  # fmt: skip
SERIES = (INK, TEAL, AMBER, PLUM, BLUE, BRICK, PALE_TEAL, LILAC)  # of options: the first is the base

WIDE = 8.0  # inches: 800 pixels on a page
MARGIN = 0.22
LARGE, NORMAL, SMALL = 13.0, 8.6, 7.9  # points; at 800 pixels a wide sheet the smallest is 11 pixels high
DPI = 200
SPACING = 1.2  # from line to line, in the height of letters as matplotlib takes it
ROW = SMALL / 72 * 1.164 * SPACING  # inches from line to line of small letters
ASCENT = 0.76  # of small letters with a stem, and of capitals, in points of their size
FONT = "DejaVu Sans"  # comes with matplotlib

STYLE = {
    "font.family": FONT,
    "font.size": NORMAL,
    "text.color": INK,
    "axes.facecolor": SHEET,
    "axes.edgecolor": LINE,
    "axes.labelcolor": SOFT,
    "axes.labelsize": SMALL,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": LINE,
    "grid.linewidth": 0.6,
    "xtick.color": LINE,
    "ytick.color": LINE,
    "xtick.labelcolor": SOFT,
    "ytick.labelcolor": SOFT,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "ytick.major.size": 0,
    "lines.solid_capstyle": "round",
    "svg.fonttype": "path",
    "svg.hashsalt": "ruggespraak",
}
styled = style.context(STYLE, after_reset=True)


@dataclass(frozen=True)
class Sheet:
    """A figure with its title and notes; panels go between them. All measures in inches."""

    figure: Figure
    high: float
    head: float

    def panel(self, left: float, down: float, width: float, height: float) -> Axes:
        """Axes whose top is so far below the head."""
        bottom = self.high - self.head - down - height
        return self.figure.add_axes((left / WIDE, bottom / self.high, width / WIDE, height / self.high))

    def text(self, left: float, down: float, said: str, fontsize: float = NORMAL, **how: Any) -> None:
        """Words so far below the head: their top, or with ``va`` what that names."""
        if "va" not in how:
            down, how["va"] = down + ASCENT * fontsize / 72, "baseline"  # so that words in a row stand on one line
        place = (left / WIDE, (self.high - self.head - down) / self.high)
        self.figure.text(*place, said, fontsize=fontsize, linespacing=SPACING, **how)


def width(said: str, points: float = SMALL) -> float:
    """Inches that words take on one line."""
    letters = FontProperties(family=FONT, size=points)
    return float(text_to_path.get_text_width_height_descent(said, letters, False)[0]) / 72


def folded(said: str, wide: float, points: float = SMALL) -> str:
    """The words on lines of at most so many inches; a word that is longer has a line of its own."""
    made: list[str] = []
    for one in said.split(" "):
        if made and width(f"{made[-1]} {one}", points) <= wide:
            made[-1] += f" {one}"
        else:
            made.append(one)
    return "\n".join(made)


def lines(said: str) -> int:
    return said.count("\n") + 1


def sheet(title: str, subtitle: str, notes: Sequence[str], height: float) -> Sheet:
    """A sheet with so many inches for its panels; each note begins a line at the bottom."""
    above = folded(subtitle, WIDE - 2 * MARGIN, NORMAL)
    below = "\n".join(folded(note, WIDE - 2 * MARGIN) for note in notes)
    head = 0.62 + ROW * 1.1 * lines(above)
    high = head + height + 0.24 + ROW * lines(below)
    figure = Figure(figsize=(WIDE, high), dpi=DPI, facecolor=SHEET)
    left = MARGIN / WIDE
    figure.text(left, 1 - 0.16 / high, title, fontsize=LARGE, fontweight="bold", va="top")
    figure.text(left, 1 - 0.45 / high, above, color=SOFT, va="top", linespacing=SPACING)
    figure.text(left, 0.12 / high, below, color=SOFT, fontsize=SMALL, va="bottom", linespacing=SPACING)
    return Sheet(figure, high, head)


def bare(axes: Axes) -> None:
    """No lines and no ticks: the numbers stand at what they belong to."""
    axes.grid(False)
    axes.tick_params(length=0)
    axes.set_xticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)


def swatches(sheet: Sheet, left: float, down: float, named: Sequence[tuple[str, str]]) -> None:
    """A row of colours with their names, where these cannot stand at the thing itself."""
    for name, colour in named:
        place = (left / WIDE, (sheet.high - sheet.head - down - 0.115) / sheet.high)
        square = Rectangle(place, 0.11 / WIDE, 0.11 / sheet.high, color=colour, transform=sheet.figure.transFigure)
        sheet.figure.add_artist(square)
        sheet.text(left + 0.17, down, name, fontsize=SMALL)
        left += 0.17 + width(name) + 0.25


def spread(wanted: Sequence[float], apart: float, low: float, high: float) -> list[float]:
    """Places as near to the wanted ones as can be (least squares), this far apart, from low to high; in their order."""
    order = np.argsort(wanted, kind="stable")
    pools: list[tuple[float, int]] = []
    for rank, at in enumerate(order):
        pool = (wanted[at] - rank * apart, 1)
        while pools and pools[-1][0] > pool[0]:
            mean, many = pools.pop()
            pool = ((mean * many + pool[0] * pool[1]) / (many + pool[1]), many + pool[1])
        pools.append(pool)
    offsets = np.repeat([mean for mean, _ in pools], [many for _, many in pools])
    top = max(high - (len(order) - 1) * apart, low)
    places = np.empty(len(order))
    places[order] = np.clip(offsets, low, top) + apart * np.arange(len(order))
    found: list[float] = places.tolist()
    return found


def labels(axes: Axes, ends: Sequence[float], said: Sequence[str], colours: Sequence[str], leader: bool = True) -> None:
    """Names at the right of the panel, each at the end of its line or area, moved apart where they would touch."""
    low, high = axes.get_ylim()
    box = axes.get_position()
    tall, wide = box.height * axes.figure.get_figheight(), box.width * WIDE  # type: ignore[union-attr]
    inch = (high - low) / tall
    made = [folded(one, WIDE - 0.1 - box.x1 * WIDE - 0.37) for one in said]
    apart = label_height(made) * inch
    for end, at, name, colour in zip(ends, spread(ends, apart, low + apart / 2, high), made, colours, strict=True):
        across = axes.get_yaxis_transform()
        if leader:
            axes.plot([1, 1 + 0.16 / wide], [end, at], color=colour, lw=1, clip_on=False, transform=across)
        axes.plot([1 + 0.16 / wide, 1 + 0.3 / wide], [at, at], color=colour, lw=5, clip_on=False, transform=across,
                  solid_capstyle="butt")  # fmt: skip
        axes.text(1 + 0.37 / wide, at, name, transform=across, va="center", fontsize=SMALL, linespacing=SPACING)


def label_height(made: Sequence[str]) -> float:
    """Inches from one label to the next, so that the one with most lines fits."""
    return ROW * max(lines(one) for one in made) + 0.02


def alt(figure: Figure) -> str:
    """What the plot shows, in one sentence with its main numbers, for who cannot see it."""
    return str(figure.get_label())


@styled
def svg(figure: Figure) -> str:
    """The plot as SVG: it refers to nothing outside itself, and the same plot is the same text."""
    written = io.StringIO()
    about = {"Title": alt(figure), "Date": None, "Creator": None, "Format": None, "Type": None}
    figure.savefig(written, format="svg", metadata=about)
    head, _, body = written.getvalue().partition("<!DOCTYPE")  # names a DTD elsewhere, which nobody needs
    return head + body[body.index("<svg") :]


@styled
def png(figure: Figure) -> bytes:
    """The plot as PNG, 1600 pixels wide."""
    written = io.BytesIO()
    figure.savefig(written, format="png", metadata={"Software": None, "Description": alt(figure)})
    return written.getvalue()


def write(figures: Mapping[str, Figure], directory: Path) -> list[Path]:
    """Writes each as NAME.svg and NAME.png; returns the files. Raises OSError where the directory cannot be written."""
    directory.mkdir(parents=True, exist_ok=True)
    made: list[Path] = []
    for name, figure in figures.items():
        made += [directory / f"{name}.svg", directory / f"{name}.png"]
        made[-2].write_text(svg(figure), encoding="utf-8", newline="\n")
        made[-1].write_bytes(png(figure))
    return made
