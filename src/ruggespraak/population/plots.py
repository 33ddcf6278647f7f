"""A run in pictures, in Dutch or English: each plot is a function that gives a matplotlib Figure (``drawing.write``).

The first five draw a run (``of_run`` makes them all); the others draw what an uncertainty analysis found, given as
plain arrays. Whatever shows euros or QALYs says what prices are (``money.ABOUT``), and each plot says which run it is
of. Amounts are a year in the country. ``drawing.alt`` tells a plot in one sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse
from matplotlib.ticker import FuncFormatter, MaxNLocator

from ruggespraak.drawing import (
    AMBER,
    BLUE,
    BRICK,
    INK,
    MARGIN,
    PALE_TEAL,
    PLUM,
    ROW,
    SAND,
    SERIES,
    SHEET,
    SMALL,
    SOFT,
    SPACING,
    TEAL,
    WIDE,
    Sheet,
    bare,
    folded,
    label_height,
    labels,
    lines,
    sheet,
    styled,
    swatches,
)
from ruggespraak.pathway.editions import edition as edition_by_id
from ruggespraak.pathway.rules import Edition
from ruggespraak.population import economics, money
from ruggespraak.population.kernel.tally import BANDS, DAY, GROUPS, MEASURES, STATES, WEEKS, YEAR
from ruggespraak.population.parameters import parameters
from ruggespraak.population.simulate import Floats, Result, Run, RunError, Z, summed
from ruggespraak.population.targets import Target, targets
from ruggespraak.population.uncertainty import ABOUT as OF_DRAWS
from ruggespraak.population.words import word
from ruggespraak.wording import JOIN, capital, euro, number, percent, short

MILLION = 1e6
PAIN = ("pain_mild", "pain_moderate", "pain_severe")
# From the bottom of the picture up; who is at home sick is a line across.
STACK = {
    "operated": PLUM, "specialist": BRICK, "physiotherapist": AMBER, "gp": TEAL, "own_care": PALE_TEAL,
    "recovered": SAND,
}  # fmt: skip
SEVERITY = {"mild": "#d8c3d2", "moderate": "#a5708f", "severe": "#4a1c3d"}  # one hue, from light to dark
CASES = TEAL
PAYER = {"insurer": TEAL, "patient": AMBER, "employer": PLUM}
# What is compared: measures that are added up, and how many counts of the kernel are one of what is shown.
COMPARED: dict[str, tuple[tuple[str, ...], float]] = {
    "measure.gp": (("gp",), 1),
    "measure.physiotherapist": (("physiotherapist",), 1),
    "measure.scan": (("scan",), 1),
    "measure.scan_needless": (("scan_needless",), 1),
    "plot.differences.specialists": (("neurologist", "orthopaedist", "rheumatologist"), 1),
    "measure.operation": (("operation",), 1),
    "measure.alarms_missed": (("alarms_missed",), 1),
    "measure.hours_late": (("hours_late",), 1),
    "measure.sick": (("sick",), DAY),
    "plot.differences.pain_days": (PAIN, DAY),
}
LINEAR = 10.0  # per cent on either side of 0 within which the axis of differences stays linear
FOLLOWED = ("gp_cases", "people_in_pain", "operation")
LOW, HIGH = PALE_TEAL, TEAL  # of a bound
DRAWN = 24  # bars of a tornado; the rest does not matter
LEAST = 1e-9  # an axis on which nothing is needs some length


def names(run: Run, lang: str) -> tuple[str, ...]:
    """What the options are called: by their scenario, by their edition, or by both where both differ."""
    titles = [one.title[lang].partition(" (")[0] for one in _editions(run)]
    scenarios = [option.scenario.called(lang) for option in run.options]
    both = [f"{title} · {scenario}" for title, scenario in zip(titles, scenarios, strict=True)]
    found = scenarios if len(set(titles)) == 1 else titles if len(set(scenarios)) == 1 else both
    return tuple(found) if len(set(found)) == len(found) else tuple(option.id for option in run.options)


def _editions(run: Run) -> list[Edition]:
    return [edition_by_id(one.edition) if isinstance(one.edition, str) else one.edition for one in run.options]


def provenance(result: Result, lang: str) -> str:
    """Which run a plot is of."""
    run = result.run
    editions = dict.fromkeys(f"{one.id}@{one.version}" for one in _editions(run))
    return word("plot.provenance", lang).format(
        people=number(run.people, lang), years=run.years, seed=run.seed, editions=", ".join(editions),
        digest=result.digest[:12],
    )  # fmt: skip


def provenance_of_draws(result: Result, lang: str, draws: int, people: int, perspective: str = "friction") -> str:
    """Which run, of how many draws of the parameters with how many people, and what its differences are."""
    said = word("plot.draws", lang).format(
        draws=number(draws, lang), people=number(people, lang), option=names(result.run, lang)[0],
        perspective=word(f"perspective.{perspective}", lang),
    )  # fmt: skip
    return f"{provenance(result, lang)} {said}"


def signed(value: float, lang: str) -> str:
    """In three figures, with a plus above 0."""
    return ("+" if value > 0 else "") + short(value, lang)


def _listed(said: Sequence[str]) -> str:
    return "; ".join(said)


# -- of a run


@styled
def weeks(result: Result, lang: str = "nl", option: int = 0) -> Figure:
    """Where people are in the 52 weeks after an onset, a panel for each group of complaints."""
    people = result.weeks[option].sum(axis=0)  # groups, weeks, states
    notes = [word("plot.weeks.note", lang), provenance(result, lang)]
    tall, step = 1.75, 2.25
    page = _page("weeks", lang, notes, step * len(GROUPS) + 0.1, option=names(result.run, lang)[option])
    told = 0
    recovered = []
    for place, group in enumerate(GROUPS):
        called = word(f"group.{group}", lang)
        page.text(MARGIN, place * step + 0.02, capital(called), fontweight="bold")
        axes = page.panel(MARGIN + 0.4, place * step + 0.22, 5.0, tall)
        seen = people[place][:, [STATES.index(state) for state in STACK]].sum(axis=1)
        followed = int(np.argmin(np.append(seen > 0, False)))  # weeks in which somebody can still be seen
        if followed == 0:
            bare(axes)
            axes.text(0.5, 0.5, word("plot.none", lang), transform=axes.transAxes, ha="center", color=SOFT)
            continue
        share = people[place, :followed] / seen[:followed, None]  # weeks, states
        _weeks_of(axes, share, lang)
        told = max(told, followed - 1)
        recovered.append(f"{called} ({percent(share[-1, STATES.index('recovered')], lang)})")
        if place == len(GROUPS) - 1:
            axes.set_xlabel(word("plot.weeks.axis", lang))
    page.figure.set_label(word("plot.weeks.alt", lang).format(weeks=told, numbers=_listed(recovered)))
    return page.figure


def _weeks_of(axes: Axes, share: Floats, lang: str) -> None:
    """``share``: [weeks, states], of all who can still be seen."""
    week = np.arange(len(share))
    stack = np.stack([share[:, STATES.index(state)] for state in STACK])
    axes.stackplot(week, stack, colors=list(STACK.values()), edgecolor=SHEET, linewidth=0.6)
    at_home = share[:, STATES.index("at_home_sick")]
    halo = [patheffects.withStroke(linewidth=3.4, foreground=SHEET)]
    axes.plot(week, at_home, color=INK, lw=1.6, ls=(0, (4, 1.2)), path_effects=halo)
    axes.set(xlim=(0, WEEKS - 1), ylim=(0, 1), xticks=range(0, WEEKS, 4), yticks=np.linspace(0, 1, 5))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: percent(value, lang)))
    axes.grid(False)
    tops = stack[:, -1].cumsum()
    ends = {state: float(top - part / 2) for state, top, part in zip(STACK, tops, stack[:, -1], strict=True)}
    drawn = {state: ends[state] for state, part in zip(STACK, stack, strict=True) if part.max() > 0.001}
    last = {state: share[-1, STATES.index(state)] for state in (*drawn, "at_home_sick")}
    labels(
        axes,
        [*drawn.values(), float(at_home[-1])],
        [f"{word(f'state.{state}', lang)} {percent(part, lang)}" for state, part in last.items()],
        [*(STACK[state] for state in drawn), INK],
    )


@styled
def burden(result: Result, lang: str = "nl", option: int = 0) -> Figure:
    """Days in pain a person a year, and new cases at the GP per 1,000, by age band; men left, women right."""
    counts = result.yearly[option].sum(axis=(0, 1)).astype(float)  # sexes, bands, measures
    lived = counts[..., MEASURES.index("lived")] / YEAR
    some = np.where(lived > 0, lived, np.inf)  # where nobody lived there is nothing to show
    pain = np.stack([counts[..., MEASURES.index(one)] / DAY / some for one in PAIN], axis=-1)
    cases = counts[..., MEASURES.index("gp_cases")] / some * 1000
    page = _page("burden", lang, [provenance(result, lang)], 3.7, option=names(result.run, lang)[option])
    ages = [f"{10 * band}–{10 * band + 9}" for band in range(BANDS - 1)] + [f"{10 * (BANDS - 1)}+"]
    _pyramid(page, MARGIN, word("plot.burden.pain", lang), pain, list(SEVERITY.values()), ages, lang)
    _pyramid(page, MARGIN + 3.95, word("plot.burden.cases", lang), cases[..., None], [CASES], ages, lang)
    swatches(page, MARGIN, 3.5, [(word(f"plot.burden.{name}", lang), colour) for name, colour in SEVERITY.items()])
    sexes = [word("plot.burden.men", lang), word("plot.burden.women", lang)]
    worst = pain.sum(axis=-1)
    most = np.unravel_index(cases.argmax(), cases.shape)
    said = word("plot.burden.alt", lang).format(
        men=number(worst[0].max(), lang), men_age=ages[worst[0].argmax()],
        women=number(worst[1].max(), lang), women_age=ages[worst[1].argmax()],
        cases=number(cases.max(), lang), cases_sex=sexes[most[0]], cases_age=ages[most[1]],
    )  # fmt: skip
    page.figure.set_label(said)
    return page.figure


def _pyramid(
    page: Sheet, left: float, title: str, of: Floats, colours: Sequence[str], ages: Sequence[str], lang: str
) -> None:
    """``of``: [sexes, bands, parts]."""
    wide, between, tall = 1.5, 0.55, 2.95
    page.text(left, 0, title, fontweight="bold")
    most = max(float(of.sum(axis=-1).max()), LEAST) * 1.25
    for sex, name in enumerate(("men", "women")):
        axes = page.panel(left + sex * (wide + between), 0.45, wide, tall)
        bare(axes)
        axes.set(xlim=(most, 0) if sex == 0 else (0, most), ylim=(-0.5, len(ages) - 0.5), yticks=[])
        before = np.zeros(len(ages))
        for part, colour in enumerate(colours):
            axes.barh(range(len(ages)), of[sex, :, part], left=before, color=colour, height=0.78)
            before = before + of[sex, :, part]
        for band, total in enumerate(before):
            side = "right" if sex == 0 else "left"
            said = number(total, lang, 1 if of.max() < 10 else 0)
            axes.annotate(said, (total, band), (-3 if sex == 0 else 3, 0), textcoords="offset points", ha=side,
                          va="center_baseline", fontsize=SMALL)  # fmt: skip
        page.text(
            left + wide if sex == 0 else left + wide + between, 0.24, word(f"plot.burden.{name}", lang),
            ha="right" if sex == 0 else "left", color=SOFT, fontsize=SMALL,
        )  # fmt: skip
    page.text(left + wide + between / 2, 0.24, word("plot.burden.age", lang), ha="center", color=SOFT, fontsize=SMALL)
    for band, age in enumerate(ages):
        place = 0.45 + tall * (1 - (band + 0.5) / len(ages))
        page.text(left + wide + between / 2, place, age, ha="center", va="center_baseline", fontsize=SMALL)


@styled
def money_by_payer(result: Result, lang: str = "nl") -> Figure:
    """Euros a year by who pays, and of what costs most how much is used, for the options side by side."""
    used, known = money.used(result).mean(axis=2), result.run.parameters  # options, batches, measures
    by_payer = {payer: euros / MILLION for payer, euros in money.by_payer(used, known).items()}
    total, error = summed(np.sum(list(by_payer.values()), axis=0))
    called = [folded(name, 1.7) for name in names(result.run, lang)]
    tall = max(label_height(called), 0.19) * len(called)
    down = tall + 1.02
    notes = [money.ABOUT[lang], word("plot.money.note", lang), provenance(result, lang)]
    page = _page("money", lang, notes, down + 3 * (tall + 0.52) - 0.3)
    left, wide = MARGIN + 1.75, 5.85
    swatches(page, left, 0, [(word(f"payer.{payer}", lang), colour) for payer, colour in PAYER.items()])
    axes = page.panel(left, 0.25, wide, tall)
    most = max(float((total + Z * error).max()), LEAST) * 1.22
    _rows(axes, called, most)
    before = np.zeros(len(called))
    for payer, euros in by_payer.items():
        part = euros.sum(axis=-1)
        axes.barh(range(len(called)), part, left=before, color=PAYER[payer], height=0.8)
        for at, (start, long) in enumerate(zip(before, part, strict=True)):
            if long / most * wide > 0.35:
                axes.text(start + long / 2, at, short(long, lang), ha="center", va="center_baseline", fontsize=SMALL,
                          color=INK if PAYER[payer] == AMBER else "white")  # fmt: skip
        before = before + part
    axes.errorbar(total, range(len(called)), xerr=Z * error, fmt="none", ecolor=INK, elinewidth=1.2, capsize=2)
    for at, (end, off) in enumerate(zip(total, error, strict=True)):
        _after(axes, end + Z * off, at, number(end, lang), bold=True)
    page.text(MARGIN, down - 0.49, word("plot.money.resources", lang), fontweight="bold")
    _resources(page, used, called, _costliest(used, money.prices(known)), (left, down, wide, tall), lang)
    said = [f"{name} ({number(all_of, lang)})" for name, all_of in zip(names(result.run, lang), total, strict=True)]
    page.figure.set_label(word("plot.money.alt", lang).format(numbers=_listed(said)))
    return page.figure


def _costliest(used: Floats, price: Mapping[str, float]) -> list[str]:
    """The nine measures that cost most in the first option."""
    base = used[0].sum(axis=0)
    paid = [one for measures in money.PAYERS.values() for one in measures]
    return sorted(paid, key=lambda one: -base[MEASURES.index(one)] * price[one])[:9]


def _resources(
    page: Sheet, used: Floats, called: Sequence[str], shown: Sequence[str], place: tuple[float, ...], lang: str
) -> None:
    """Three panels in a row; ``place``: left, down, width of a row and height of a panel, in inches."""
    left, down, wide, tall = place
    per = (wide + 0.15) / 3
    for at, measure in enumerate(shown):
        found, _ = summed(used[..., MEASURES.index(measure)] / (DAY if measure == "sick_friction" else 1))
        top, across = down + at // 3 * (tall + 0.52), left + at % 3 * per
        title = folded(capital(word(f"measure.{measure}", lang)), per - 0.1)
        page.text(across, top + 0.03 - ROW * (lines(title) - 1), title, fontsize=SMALL, color=SOFT)
        axes = page.panel(across, top + 0.16, per - 0.15, tall)
        _rows(axes, called if at % 3 == 0 else [""] * len(called), max(float(found.max()), LEAST) * 1.9)
        axes.barh(range(len(called)), found, color=[SOFT] + [BLUE] * (len(called) - 1), height=0.72)
        for row, end in enumerate(found):
            _after(axes, end, row, short(end, lang))


def _rows(axes: Axes, called: Sequence[str], most: float) -> None:
    bare(axes)
    axes.set(xlim=(0, most), ylim=(len(called) - 0.5, -0.5), yticks=range(len(called)))
    axes.set_yticklabels(called, color=INK, linespacing=SPACING)


def _after(axes: Axes, end: float, at: float, said: str, bold: bool = False) -> None:
    axes.annotate(said, (end, at), (4, 0), textcoords="offset points", va="center_baseline", fontsize=SMALL,
                  fontweight="bold" if bold else "normal")  # fmt: skip


@styled
def differences(result: Result, lang: str = "nl") -> Figure:
    """What each option changes against the first, in per cent and in numbers, with 95 % Monte-Carlo intervals.

    Raises RunError for a run of one option.
    """
    called = names(result.run, lang)
    if len(called) < 2:
        raise RunError("differences: a run of 1 option given, 2 or more expected")
    used = money.used(result).mean(axis=2)  # options, batches, measures
    amounts = np.stack(
        [used[..., [MEASURES.index(one) for one in of]].sum(axis=-1) / by for of, by in COMPARED.values()]
    )
    base, _ = summed(amounts[:, 0])
    extra, error = summed(amounts[:, 1:] - amounts[:, :1])  # compared, options
    some = np.where(base > 0, base, np.nan)[:, None]
    share, off = 100 * extra / some, 100 * Z * error / some
    row, gap = 0.185, 0.42
    tall = row * len(COMPARED)
    notes = [word("plot.differences.note", lang), provenance(result, lang)]
    page = _page("differences", lang, notes, (tall + gap) * (len(called) - 1) + 0.15, option=called[0])
    far = float(np.nanmax(np.abs(share) + off, initial=1.0))
    for place in range(len(called) - 1):
        down = place * (tall + gap)
        page.text(MARGIN, down, called[place + 1], fontweight="bold")
        for at, said in ((6.85, word("plot.differences.number", lang)), (7.78, word("plot.differences.of", lang))):
            page.text(at, down + 0.02, said, ha="right", fontsize=SMALL, color=SOFT)
        axes = page.panel(MARGIN + 2.28, down + 0.2, 2.5, tall)
        _dots(axes, share[:, place], off[:, place], far, lang)
        axes.set_yticks(range(len(COMPARED)), [word(id, lang) for id in COMPARED], color=INK)
        for at, (more, wide, was) in enumerate(zip(extra[:, place], Z * error[:, place], base, strict=True)):
            middle = down + 0.2 + row * (at + 0.5)
            change = f"{signed(more, lang)} ± {short(wide, lang)}" if wide else signed(more, lang)
            page.text(6.85, middle, change, ha="right", va="center_baseline", fontsize=SMALL)
            page.text(7.78, middle, short(was, lang), ha="right", va="center_baseline", fontsize=SMALL, color=SOFT)
        if place == len(called) - 2:
            axes.set_xlabel(word(f"plot.differences.{'logarithmic' if far > 100 else 'axis'}", lang))
        else:
            axes.set_xticklabels([])
    page.figure.set_label(_said(called, extra, error, lang))
    return page.figure


def _dots(axes: Axes, share: Floats, off: Floats, far: float, lang: str) -> None:
    if far > 100:
        axes.set_xscale("symlog", linthresh=LINEAR, linscale=1.0)
        ticks = [sign * ten for ten in (10.0, 100.0, 1000.0, 10000.0) for sign in (-1, 1) if ten <= far * 1.1]
        axes.set_xticks([0.0, *(tick for tick in ticks if tick >= -100)])
        axes.minorticks_off()
        axes.set_xlim(-160, max(far * 1.6, 160))
    else:
        axes.set_xlim(-1.12 * far, 1.12 * far)
        axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: signed(value, lang)))
    axes.axvline(0, color=SOFT, lw=0.9)
    axes.set_ylim(len(share) - 0.5, -0.5)
    for at, (middle, wide) in enumerate(zip(share, off, strict=True)):
        if np.isnan(middle):
            continue
        sure = abs(middle) > wide
        axes.plot([middle - wide, middle + wide], [at, at], color=TEAL, lw=1.6)
        axes.plot(middle, at, "o", ms=5.4, mfc=TEAL if sure else SHEET, mec=TEAL, mew=1.3)


def _said(called: Sequence[str], extra: Floats, error: Floats, lang: str) -> str:
    """Of each option what changes surely, as many standard errors from 0 as can be, three at most."""
    sure = np.divide(np.abs(extra), error, out=np.where(extra == 0, 0.0, np.inf), where=error > 0)
    parts = []
    for place, name in enumerate(called[1:]):
        most = [at for at in np.argsort(-sure[:, place], kind="stable")[:3] if sure[at, place] > Z]
        changes = [f"{signed(extra[at, place], lang)} {word(list(COMPARED)[at], lang)}" for at in most]
        parts.append(f"{name} ({', '.join(changes) or '±0'})")
    return word("plot.differences.alt", lang).format(option=called[0], numbers=_listed(parts))


@styled
def over_years(result: Result, lang: str = "nl") -> Figure:
    """New cases at the GP, people in pain and operations in each year of the run, a line for each option."""
    used = money.used(result)  # options, batches, years, measures
    run, called = result.run, names(result.run, lang)
    left, wide = MARGIN + 0.75, 4.6
    tall = max(1.45, label_height([folded(name, WIDE - left - wide - 0.5) for name in called]) * len(called))
    notes = [word("plot.over_years.note", lang), provenance(result, lang)]
    if not run.born:
        notes[0] += " " + word("plot.over_years.closed", lang)
    step = tall + 0.5
    page = _page("over_years", lang, notes, step * len(FOLLOWED) + 0.12)
    year = np.arange(1, run.years + 1)
    parts = []
    for place, measure in enumerate(FOLLOWED):
        page.text(MARGIN, place * step + 0.02, capital(word(f"measure.{measure}", lang)), fontweight="bold")
        axes = page.panel(left, place * step + 0.22, wide, tall)
        found, error = summed(np.moveaxis(used[..., MEASURES.index(measure)], 1, -1))  # options, years
        for at in reversed(range(len(called))):
            colour = SERIES[at % len(SERIES)]
            low, high = found[at] - Z * error[at], found[at] + Z * error[at]
            axes.fill_between(year, low, high, color=colour, alpha=0.1, lw=0)
            axes.plot(year, found[at], color=colour, lw=2.4 if at == 0 else 1.6, marker="o" if run.years == 1 else None)
        axes.set(ylim=(0, float((found + Z * error).max()) * 1.08 or 1.0))
        axes.set_xlim(0.5 if run.years == 1 else 1, max(run.years, 1.5))
        axes.xaxis.set_major_locator(MaxNLocator(10, integer=True))
        axes.yaxis.set_major_locator(MaxNLocator(5))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: short(value, lang)))
        axes.grid(False, axis="x")
        if 0 < run.since < run.years:
            axes.axvline(run.since + 1, color=SOFT, lw=0.9, ls=(0, (2, 2)))
            axes.annotate(word("plot.over_years.since", lang), (run.since + 1, 0), (4, 4), textcoords="offset points",
                          fontsize=SMALL, color=SOFT)  # fmt: skip
        labels(axes, found[:, -1].tolist(), called, [SERIES[at % len(SERIES)] for at in range(len(called))])
        first, last = (short(found[0, at], lang) for at in (0, -1))
        said = word("plot.over_years.from_to", lang)
        parts.append(said.format(first=first, last=last, measure=word(f"measure.{measure}", lang)))
    axes.set_xlabel(word("plot.years_of_run", lang))
    page.figure.set_label(word("plot.over_years.alt", lang).format(option=called[0], numbers=_listed(parts)))
    return page.figure


def of_run(result: Result, lang: str = "nl") -> dict[str, Figure]:
    """Every plot of a run by name, for ``drawing.write``; what changes only where there is something to compare."""
    found = {"weeks": weeks(result, lang), "burden": burden(result, lang), "money": money_by_payer(result, lang)}
    if len(result.run.options) > 1:
        found["differences"] = differences(result, lang)
    return found | {"over_years": over_years(result, lang)}


def _page(name: str, lang: str, notes: Sequence[str], height: float, **filled: str) -> Sheet:
    return sheet(word(f"plot.{name}.title", lang), word(f"plot.{name}.subtitle", lang).format(**filled), notes, height)


# -- of an uncertainty analysis


@styled
def plane(
    differences: Mapping[str, tuple[npt.ArrayLike, npt.ArrayLike]],
    threshold: float,
    about: str,
    lang: str = "nl",
    per: str = "unit.a_person",
) -> Figure:
    """The cost-effectiveness plane. ``differences``: per option its extra cost and extra effect [draws].

    ``threshold``: euros a QALY; ``about``: the provenance; ``per``: what cost and effect are by, the id of a word.
    """
    page = _page("plane", lang, [money.ABOUT[lang], OF_DRAWS[lang], about], 4.75)
    axes = page.panel(MARGIN + 0.75, 0.05, 4.75, 4.2)
    colours = [SERIES[1 + at % (len(SERIES) - 1)] for at in range(len(differences))]
    ends, said, parts = [], [], []
    for (name, (cost, effect)), colour in zip(differences.items(), colours, strict=True):
        found = economics.plane(cost, effect)
        centre = (found.extra_effect, found.extra_cost)
        alpha = max(0.12, min(0.5, 150 / np.size(cost)))
        axes.plot(np.ravel(effect), np.ravel(cost), "o", ms=2.2, mew=0, color=colour, alpha=alpha)
        wide, tall = (2 * axis for axis in found.axes)
        axes.add_patch(Ellipse(centre, wide, tall, angle=found.angle, fill=False, ec=colour, lw=1.8))
        axes.plot(*centre, "P", ms=8, mfc=colour, mec=SHEET, mew=1.2)
        extra = word("plot.plane.extra", lang).format(
            option=name, euro=_plus(found.extra_cost, lang), qaly=signed(found.extra_effect, lang)
        )
        ends.append(found.extra_cost)
        parts.append(extra)
        said.append(extra)
    axes.autoscale_view()
    axes.margins(0.06)
    for zero in (axes.axhline, axes.axvline):
        zero(0, color=SOFT, lw=0.9)
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    axes.plot([left, right], [left * threshold, right * threshold], color=SOFT, lw=1.2, ls=(0, (5, 2)))
    axes.set(xlim=(left, right), ylim=(low, high))
    _along(axes, threshold, word("plot.plane.threshold", lang).format(euro=euro(threshold, lang)))
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: short(value, lang)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: short(value, lang)))
    by = word(per, lang)
    axes.set_xlabel(word("plot.plane.effect", lang).format(per=by))
    axes.set_ylabel(word("plot.plane.cost", lang).format(per=by))
    labels(axes, ends, said, colours, leader=False)
    page.figure.set_label(word("plot.plane.alt", lang).format(numbers=_listed(parts)))
    return page.figure


def _plus(amount: float, lang: str) -> str:
    return ("+" if amount > 0 else "") + euro(amount, lang)


def _along(axes: Axes, slope: float, said: str) -> None:
    """Words at where the line through 0 leaves the panel, at the right or at the top."""
    right, high = axes.get_xlim()[1], axes.get_ylim()[1]
    at_right = slope * right <= high
    place = (right, slope * right) if at_right else (high / slope, high)
    axes.annotate(said, place, (-4, -4), textcoords="offset points", ha="right", va="top", fontsize=SMALL, color=SOFT,
                  bbox={"fc": SHEET, "ec": "none", "pad": 1.5, "alpha": 0.85})  # fmt: skip


@styled
def acceptability(found: economics.Acceptability, options: Sequence[str], about: str, lang: str = "nl") -> Figure:
    """The chance that each option is the best at what a QALY may cost (CEAC), and of the one to choose (CEAF).

    ``options``: their names, in the order of ``found.ceac``; ``about``: the provenance.
    """
    page = _page("acceptability", lang, [money.ABOUT[lang], OF_DRAWS[lang], about], 3.9)
    axes = page.panel(MARGIN + 0.68, 0.05, 4.75, 3.4)
    colours = [SERIES[at % len(SERIES)] for at in range(len(options))]
    axes.plot(found.thresholds, found.ceaf, color=AMBER, lw=8, alpha=0.45, solid_capstyle="butt")
    for at, colour in enumerate(colours):
        axes.plot(found.thresholds, found.ceac[:, at], color=colour, lw=1.9)
    axes.set(xlim=(found.thresholds[0], found.thresholds[-1]), ylim=(0, 1), yticks=np.linspace(0, 1, 5))
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: euro(value, lang)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: percent(value, lang)))
    axes.set_xlabel(word("plot.acceptability.axis", lang))
    axes.set_ylabel(word("plot.acceptability.chance", lang))
    last = found.ceac[-1]
    said = [f"{name} {percent(part, lang)}" for name, part in zip(options, last, strict=True)]
    labels(axes, last.tolist(), said, colours)
    low, high = (euro(found.thresholds[at], lang) for at in (0, -1))
    first, last_of_all = (options[found.best[at]] for at in (0, -1))
    chances = [percent(found.ceaf[at], lang) for at in (0, -1)]
    told = word("plot.acceptability.alt", lang)
    page.figure.set_label(
        told.format(low=low, high=high, first=first, last=last_of_all, first_chance=chances[0], last_chance=chances[1])
    )
    return page.figure


@styled
def tornado(
    bars: Sequence[economics.Bar],
    base: float,
    outcome: str,
    about: str,
    lang: str = "nl",
    ranges: Mapping[str, tuple[float, float]] | None = None,
    of: str = "",
) -> Figure:
    """Which parameters matter: the outcome with each at its low and at its high bound, the widest bars.

    ``bars``: as ``economics.tornado`` sorts them, named by the ids of parameters; ``base``: the outcome as it is;
    ``outcome``: the id of its word ("outcome.net_benefit", "perspective.care", "measure.gp"); ``about``: the
    provenance; ``ranges``: by id the bounds that were taken, where these are not those of ``parameters.toml``;
    ``of``: what the outcome is of.
    """
    bars, known = bars[:DRAWN], parameters().known
    bounds = {id: (one.low, one.high) for id, one in known.items()} | dict(ranges or {})
    notes = [word("plot.tornado.note", lang)] if any(known[bar.name].own_choice for bar in bars) else []
    notes += [about] if outcome.startswith("measure.") else [money.ABOUT[lang], about]
    amount = short if outcome.startswith("measure.") or outcome == "outcome.qaly" else euro
    row = 0.2
    called = capital(word(outcome, lang)) + (f" ({of})" if of else "")
    page = _page("tornado", lang, notes, row * len(bars) + 0.55, outcome=called)
    swatches(page, MARGIN + 3.35, 0, [(word("plot.tornado.low", lang), LOW), (word("plot.tornado.high", lang), HIGH)])
    axes = page.panel(MARGIN + 3.35, 0.27, 4.15, row * len(bars))
    ends = np.array([[bar.at_low, bar.at_high] for bar in bars])
    least, most = min(float(ends.min()), base), max(float(ends.max()), base)
    room = 0.5 * ((most - least) or 1.0)
    bare(axes)
    axes.set(xlim=(least - room, most + room), ylim=(len(bars) - 0.5, -0.5))
    axes.axvline(base, color=SOFT, lw=0.9)
    _bars(axes, bars, base, amount, lang)
    axes.set_yticks(range(len(bars)), [_parameter(bar.name, bounds[bar.name], lang) for bar in bars], color=INK)
    axes.annotate(
        word("plot.tornado.base", lang).format(number=amount(base, lang)), (base, 0), (0, -3),
        xycoords=("data", "axes fraction"), textcoords="offset points", ha="center", va="top", color=SOFT,
        fontsize=SMALL,
    )  # fmt: skip
    parts = [
        f"{word(f'parameter.{bar.name}', lang)} ({amount(bar.at_low, lang)} – {amount(bar.at_high, lang)})"
        for bar in bars[:3]
    ]
    said = word("plot.tornado.alt", lang).format(outcome=called, base=amount(base, lang), numbers=_listed(parts))
    page.figure.set_label(said)
    return page.figure


def _bars(
    axes: Axes, bars: Sequence[economics.Bar], base: float, amount: Callable[[float, str], str], lang: str
) -> None:
    """From the base to what each bound gives, with by how much at its end."""
    for at, bar in enumerate(bars):
        for end, colour in sorted(((bar.at_low, LOW), (bar.at_high, HIGH)), key=lambda one: -abs(one[0] - base)):
            axes.barh(at, end - base, left=base, color=colour, height=0.72)
        pair = (bar.at_low, bar.at_high)
        for end, side in ((min(pair), -1), (max(pair), 1)):
            if side * (end - base) > 0:
                axes.annotate(
                    ("+" if side > 0 else "") + amount(end - base, lang), (end, at), (3 * side, 0),
                    textcoords="offset points", ha="left" if side > 0 else "right", va="center_baseline",
                    fontsize=SMALL,
                )  # fmt: skip


def _parameter(id: str, bounds: tuple[float, float], lang: str) -> str:
    """The name of a parameter, with its range, and a star where it is an own choice."""
    star = "*" if parameters().known[id].own_choice else ""
    return f"{word(f'parameter.{id}', lang)}{star}, {short(bounds[0], lang)} – {short(bounds[1], lang)}"


@styled
def fit(
    reached: Mapping[str, float],
    about: str,
    lang: str = "nl",
    intervals: Mapping[str, tuple[float, float]] | None = None,
) -> Figure:
    """How far the run is from each target (``targets.toml``), in its spread; ``intervals``: 95 % of the posterior.

    ``reached`` and ``intervals`` by the id of the target; ``about``: the provenance.
    """
    known = sorted((one for one in targets() if one.id in reached), key=lambda one: not one.fit)
    notes = [word("plot.fit.note", lang) + (f" {word('plot.fit.interval', lang)}" if intervals else "")]
    row = 0.21
    page = _page("fit", lang, [*notes, money.ABOUT[lang], about], row * len(known) + 0.62)
    axes = page.panel(MARGIN + 2.75, 0.22, 3.0, row * len(known))
    missed = np.array([(reached[one.id] - one.value) / one.spread for one in known])
    ranges = {
        one.id: [(end - one.value) / one.spread for end in intervals[one.id]]
        for one in known
        if intervals and one.id in intervals
    }
    far = max(3.0, *np.abs(missed), *(abs(end) for pair in ranges.values() for end in pair)) * 1.08
    axes.set(xlim=(-far, far), ylim=(len(known) - 0.5, -0.5))
    for wide in (2, 1):
        axes.axvspan(-wide, wide, color=PALE_TEAL, alpha=0.28, lw=0)
    axes.axvline(0, color=SOFT, lw=0.9)
    axes.grid(True, axis="y")
    for at, (one, off) in enumerate(zip(known, missed, strict=True)):
        if one.id in ranges:
            axes.plot(ranges[one.id], [at, at], color=TEAL, lw=1.6)
        axes.plot(off, at, "o", ms=6, mfc=TEAL if one.fit else SHEET, mec=TEAL, mew=1.4)
        middle = 0.22 + row * (at + 0.5)
        for across, figure, colour in ((6.72, reached[one.id], INK), (7.7, one.value, SOFT)):
            page.text(across, middle, _amount(one, figure, lang), ha="right", va="center_baseline", fontsize=SMALL,
                      color=colour)  # fmt: skip
    for across, said in ((6.72, "reached"), (7.7, "target")):
        page.text(across, 0.02, word(f"plot.fit.{said}", lang), ha="right", fontsize=SMALL, color=SOFT)
    axes.set_yticks(range(len(known)), [word(f"target.{one.id}", lang) for one in known], color=INK)
    axes.xaxis.set_major_locator(MaxNLocator(7, integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: signed(value, lang)))
    axes.set_xlabel(word("plot.fit.axis", lang))
    worst = known[int(np.abs(missed).argmax())]
    said = word("plot.fit.alt", lang).format(
        number=len(known), within=int((np.abs(missed) <= 2).sum()), name=word(f"target.{worst.id}", lang),
        reached=_amount(worst, reached[worst.id], lang), target=_amount(worst, worst.value, lang),
    )  # fmt: skip
    page.figure.set_label(said)
    return page.figure


def _amount(target: Target, value: float, lang: str) -> str:
    if target.unit.startswith("share"):
        return f"{number(100 * value, lang, 1)}{JOIN}%"
    return number(value, lang, 0 if target.value >= 100 else 1 if target.value >= 10 else 3)
