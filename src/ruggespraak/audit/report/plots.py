"""The figures in pictures, in Dutch or English: all measures, practices side by side, and quarter after quarter.

Each function gives a matplotlib Figure in the style of every other plot (``drawing``); ``drawing.alt`` tells it in one
sentence. Nobody is named in one: a practice is a dot, and the table beside it says which.
"""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from ruggespraak.audit.figures import rate
from ruggespraak.audit.report.tables import ENOUGH, beyond, main, quarter, title
from ruggespraak.audit.report.told import Figures, ours
from ruggespraak.audit.words import word
from ruggespraak.drawing import (
    AMBER,
    INK,
    MARGIN,
    PALE_TEAL,
    SHEET,
    SMALL,
    SOFT,
    TEAL,
    WIDE,
    Sheet,
    bare,
    sheet,
    styled,
    swatches,
)
from ruggespraak.wording import JOIN, number, percent

PARTS = {"not_met": AMBER, "unknown": "#e3dacd", "met": TEAL}
"""From the left: what is unknown stands beside what it could add to."""
WRITTEN = 0.05  # of the bar: a part that is narrower has no room for its number
NEAR, FAR = "#e9ddca", "#f6efe4"  # between the limits of 95 %, and of 99.8 %
TALL, ACROSS = 1.9, 3.95  # inches
TOP = {"funnel": 0.35, "trend": 0.05}  # inches above the panels
STEP = {"funnel": 2.75, "trend": 2.5}  # inches from row to row
QUARTERS = 4  # so many are named along an axis


def drawn(found: Figures, lang: str) -> dict[str, Figure]:
    """Each plot that these figures have enough for, by its name."""
    shown = [one for one in ours(found) if one["of"] and one["met"] is not None]
    made = {"overview": overview(shown, _provenance(found, lang), lang)} if shown else {}
    if apart := [one for one in main(found) if _has_funnel(one)]:
        made["funnel"] = funnel(apart, _provenance(found, lang), lang)
    if followed := [one for one in main(found) if len(_known(one["trend"])) > 1]:
        made["trend"] = trend(followed, _provenance(found, lang), lang)
    return made


def _has_funnel(measure: Figures) -> bool:
    """Whether chance could set practices apart: some of them do otherwise, and one has cases enough to see it."""
    largest = max((row["met"] + row["not_met"] for row in _practices(measure)), default=0)
    differ = bool(measure["funnel"]) and 0 < measure["rate"]["value"] < 1
    return differ and len(_practices(measure)) > 1 and largest >= ENOUGH


def _practices(measure: Figures) -> list[Figures]:
    """Those of which something is known; the cases of no known practice are none."""
    return [row for row in _known(measure["practices"]) if row["practice"] is not None]


def _provenance(found: Figures, lang: str) -> str:
    period = word("report.period", lang).format(**{end: found["manifest"][end] for end in ("since", "until")})
    return f"{found['manifest']['edition']} · {period}"


def _page(name: str, notes: Sequence[str], height: float, lang: str) -> Sheet:
    return sheet(word(f"plot.{name}.title", lang), word(f"plot.{name}.subtitle", lang), notes, height)


@styled
def overview(measures: Sequence[Figures], about: str, lang: str) -> Figure:
    """A bar for each measure, below its name and number: the share otherwise, unknown, and as the pathway says."""
    row, wide = 0.47, WIDE - 2 * MARGIN
    page = _page("overview", [word("report.unknown_is_not_no", lang), about], row * len(measures) + 0.3, lang)
    swatches(page, MARGIN, 0, [(word(f"column.{part}", lang), colour) for part, colour in PARTS.items()])
    for at, one in enumerate(measures):
        down = 0.3 + row * at
        page.text(MARGIN, down, f"{title(one, lang)} ({number(one['of'], lang)})", fontsize=SMALL)
        _bar(page.panel(MARGIN, down + 0.17, wide, 0.2), one, lang)
    said = [
        word("plot.overview.one", lang).format(
            title=title(one, lang), **{part: percent(one[part] / one["of"], lang) for part in ("not_met", "unknown")}
        )
        for one in measures
    ]
    page.figure.set_label(word("plot.overview.alt", lang).format(numbers="; ".join(said)))
    return page.figure


def _bar(axes: Axes, measure: Figures, lang: str) -> None:
    bare(axes)
    axes.set(xlim=(0, 1), ylim=(-0.5, 0.5), yticks=[])
    before = 0.0
    for part, colour in PARTS.items():
        share = measure[part] / measure["of"]
        hatch = "////" if part == "unknown" else None
        axes.barh(0, share, left=before, color=colour, height=1, hatch=hatch, edgecolor=SHEET, linewidth=0.8)
        if share >= WRITTEN and part != "unknown":
            axes.text(before + share / 2, 0, percent(share, lang), ha="center", va="center_baseline", fontsize=SMALL,
                      color="white" if part == "met" else INK)  # fmt: skip
        before += share


@styled
def funnel(measures: Sequence[Figures], about: str, lang: str) -> Figure:
    """A dot for each practice: the share otherwise by how many are known, within what chance alone would make of it."""
    page = _panels("funnel", measures, about, lang)
    named = [("near", NEAR), ("far", FAR), ("inside", TEAL), ("beyond", AMBER)]
    swatches(page, MARGIN, 0, [(word(f"plot.funnel.{name}", lang), colour) for name, colour in named])
    said = []
    for at, one in enumerate(measures):
        axes = _panel(page, "funnel", at, title(one, lang))
        rows = _practices(one)
        out = [row for row in rows if beyond(one, row)]
        _limits(axes, one)
        for some, colour, shape in ((rows, TEAL, "o"), (out, AMBER, "D")):
            known = [row["met"] + row["not_met"] for row in some]
            shares = [row["value"] for row in some]
            axes.plot(known, shares, shape, ms=5, mfc=colour, mec=INK, mew=0.5, ls="", clip_on=False)
        axes.set(xlim=(0, None), ylim=(0, _top([row["value"] for row in rows])))
        axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value, lang)))
        _in_percent(axes, lang)
        axes.set_xlabel(word("plot.funnel.axis", lang))
        said.append(
            word("plot.funnel.one", lang).format(
                title=title(one, lang), beyond=number(len(out), lang), practices=number(len(rows), lang)
            )
        )
    page.figure.set_label(word("plot.funnel.alt", lang).format(numbers="; ".join(said)))
    return page.figure


def _limits(axes: Axes, measure: Figures) -> None:
    limits = measure["funnel"]
    sizes = [one["n"] for one in limits]
    for name, colour in (("998", FAR), ("95", NEAR)):
        low, high = ([one[f"{end}_{name}"] for one in limits] for end in ("low", "high"))
        axes.fill_between(sizes, low, high, color=colour, lw=0)
        if name == "998":
            for edge in (low, high):
                axes.plot(sizes, edge, color=SOFT, lw=0.7)
    axes.axhline(measure["rate"]["value"], color=SOFT, lw=0.9, ls=(0, (4, 2)))


@styled
def trend(measures: Sequence[Figures], about: str, lang: str) -> Figure:
    """A line for each measure: the share otherwise in each quarter, with the interval that chance gives."""
    page = _panels("trend", measures, about, lang)
    starts = sorted({row["from"] for one in measures for row in one["trend"]})
    said = []
    for at, one in enumerate(measures):
        axes = _panel(page, "trend", at, title(one, lang))
        rows = _known(one["trend"])
        places = [starts.index(row["from"]) for row in rows]
        value, low, high = ([row[end] for row in rows] for end in ("value", "low", "high"))
        axes.fill_between(places, low, high, color=PALE_TEAL, alpha=0.45, lw=0)
        axes.plot(places, value, "o-", color=TEAL, ms=4, lw=1.6, clip_on=False)
        axes.set(xlim=(-0.4, len(starts) - 0.6), ylim=(0, _top(high)))
        step = -(-len(starts) // QUARTERS)
        axes.set_xticks(range(0, len(starts), step), [quarter(start, lang) for start in starts[::step]])
        _in_percent(axes, lang)
        first, last = (f"{percent(value[end], lang)} ({quarter(rows[end]['from'], lang)})" for end in (0, -1))
        said.append(word("plot.trend.one", lang).format(title=title(one, lang), first=first, last=last))
    page.figure.set_label(word("plot.trend.alt", lang).format(numbers="; ".join(said)))
    return page.figure


def _known(rows: Sequence[Figures]) -> list[Figures]:
    """The rows of which something is known, with its share and interval."""
    return [{**row, **share} for row in rows if row["met"] is not None and (share := rate(row))]


def _panels(name: str, measures: Sequence[Figures], about: str, lang: str) -> Sheet:
    return _page(name, [about], TOP[name] + STEP[name] * -(-len(measures) // 2), lang)


def _panel(page: Sheet, name: str, at: int, said: str) -> Axes:
    left, down = MARGIN + ACROSS * (at % 2), TOP[name] + STEP[name] * (at // 2)
    page.text(left, down, said, fontsize=SMALL, fontweight="bold")
    return page.panel(left + 0.5, down + 0.22, ACROSS - 0.75, TALL)


def _in_percent(axes: Axes, lang: str) -> None:
    def said(value: float, _: object) -> str:
        share = round(100 * value, 1)
        return f"{number(share, lang, 0 if share.is_integer() else 1)}{JOIN}%"

    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_formatter(FuncFormatter(said))


def _top(shares: Sequence[float]) -> float:
    """Where an axis ends: a little above the highest, and never above everybody."""
    return min(1.0, max(*shares, 0.02) * 1.2 if shares else 1.0)
