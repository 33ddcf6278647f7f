"""What the model's answers are worth: how far they move with the parameters and, apart from that, with luck.

A draw is one value for every parameter that varies, by its distribution in ``parameters.toml``, in a scrambled Sobol
design. All draws and options share their random numbers: the same people have the same luck. So part of the error by
luck is the same in all draws: it does not show in how far they differ, and more draws do not average it out.
``economics.split_variance`` presumes that each draw has luck of its own; here luck and parameters are told apart by the
batches, which hold the same people in every draw: see ``interval``.

What the intervals leave out: parameters vary apart from each other, also where a source would move two together; what
was fitted varies over its whole range of ``parameters.toml``, far wider than the targets allow, unless a posterior is
given; and the structure of the model, and what is fixed, stay as they are. A QALY is a year in full health; only
pain takes from it, care does not change when anybody dies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ruggespraak.population import people as country
from ruggespraak.population.calibrate import Posterior
from ruggespraak.population.economics import (
    EVPPI_DRAWS,
    Acceptability,
    Bar,
    Comparison,
    Plane,
    acceptability,
    compare,
    draw,
    evppi,
    plane,
    sobol,
    tornado,
)
from ruggespraak.population.kernel.tally import MEASURES
from ruggespraak.population.money import PERSPECTIVES, Rates, cost, present, quality_lost, used
from ruggespraak.population.parameters import Parameters
from ruggespraak.population.report import scale, unit
from ruggespraak.population.simulate import Floats, Progress, Run, Z, simulate, summed

Rows = list[dict[str, Any]]

# Euros per QALY: the Dutch classes by severity of the disease, from memory (M); which of them fits back pain was not
# looked up, so the one in the middle is an own choice.
CLASSES = (20_000.0, 50_000.0, 80_000.0)
THRESHOLD = CLASSES[1]
THRESHOLDS = np.arange(0.0, 100_001, 1_000)
TAILS = (0.025, 0.975)
MOST_IMPORTANT = 10
PEOPLE = (10_000, 20_000, 50_000, 100_000, 200_000)
FEWEST_DRAWS = 16  # from which convergence is shown: own choice
RATES = Rates()
MONEY = ("cost", "qaly", "net_benefit")
OUTCOMES = (*PERSPECTIVES, "qaly", *MEASURES)
SCALES = np.array([scale(measure) for measure in MEASURES])
ABOUT = {
    "nl": "Een interval bevat 95 % van de trekkingen van de parameters; de fout door toeval (Monte Carlo) staat er los "
    "van. Drempels: de Nederlandse klassen van 20, 50 en 80 duizend euro per QALY, uit het geheugen; welke bij "
    "rugpijn hoort is een eigen keuze.",
    "en": "An interval holds 95 % of the draws of the parameters; the error by luck (Monte Carlo) stands apart. "
    "Thresholds: the Dutch classes of 20, 50 and 80 thousand euros per QALY, from memory; which one fits back pain is "
    "an own choice.",
}


class UncertaintyError(ValueError):
    """An analysis that cannot be: what was given, and what was expected."""


def outcome(found: Floats, name: str, perspective: str = "friction", threshold: float = THRESHOLD) -> Floats:
    """[...]: one outcome of found [..., OUTCOMES], for the country.

    "cost" (euros of the perspective) and "qaly" over the whole run, discounted; "net_benefit" (euros: QALYs at the
    threshold, less cost); or a measure, a year, in the unit of ``report``. Raises UncertaintyError for another name.
    """
    if name not in MONEY and name not in MEASURES:
        raise UncertaintyError(f"outcome {name!r}: one of {', '.join(MONEY)} or a measure such as 'scan' expected")
    if perspective not in PERSPECTIVES:
        raise UncertaintyError(f"perspective {perspective!r}: one of {', '.join(PERSPECTIVES)} expected")
    if not 0 <= threshold < float("inf"):
        raise UncertaintyError(f"threshold {threshold}: euros per QALY, 0 or more, expected")
    euros: Floats = found[..., OUTCOMES.index(perspective)]
    if name == "cost":
        return euros
    if name == "net_benefit":
        benefit: Floats = threshold * found[..., OUTCOMES.index("qaly")] - euros
        return benefit
    one: Floats = found[..., OUTCOMES.index(name)]
    return one


def extra(batches: Floats) -> Floats:
    """[..., options, batches]: each option less the first one, batch by batch, so that shared luck cancels."""
    found: Floats = batches - batches[..., :1, :]
    return found


def _found(run: Run, rates: Rates, threads: int) -> Floats:
    return _outcomes(used(simulate(run, threads)), run.parameters, rates)


def _outcomes(resources: Floats, parameters: Parameters, rates: Rates) -> Floats:
    """[options, batches, OUTCOMES] from resources [options, batches, years, measures]."""
    costs = [present(cost(resources, parameters, perspective), rates.costs) for perspective in PERSPECTIVES]
    gained = -present(quality_lost(resources, parameters), rates.effects)
    return np.concatenate([np.stack([*costs, gained], axis=-1), resources.mean(axis=2) * SCALES], axis=-1)


@dataclass(frozen=True)
class Draws:
    """A probabilistic sensitivity analysis. ``values`` [draws, ids]: what was drawn.

    ``found`` [draws, options, BATCHES, OUTCOMES] is what each draw came to and ``base`` [options, BATCHES, OUTCOMES]
    the run with the parameters as they are, both for the country (``outcome``). ``left_out``: draws in which the
    points of a course do not rise; there is no such country, so the others are draws of those that can be.
    """

    run: Run
    rates: Rates
    ids: tuple[str, ...]
    values: Floats
    found: Floats
    base: Floats
    left_out: int

    def each(self, name: str, perspective: str = "friction", threshold: float = THRESHOLD) -> Floats:
        """[draws, options]: an outcome for the country."""
        total: Floats = outcome(self.found, name, perspective, threshold).sum(axis=-1)
        return total

    def differences(
        self, name: str, perspective: str = "friction", threshold: float = THRESHOLD
    ) -> tuple[Floats, Floats]:
        """[draws, options]: an outcome less that of the first option, and the Monte-Carlo standard error of it."""
        return summed(extra(outcome(self.found, name, perspective, threshold)))


def design(parameters: Parameters, number: int, seed: int, fitted: Posterior | None = None) -> tuple[list[str], Floats]:
    """The ids that vary, and their values [number, ids].

    With ``fitted``, what was fitted comes from one row of the posterior, so that it stays together; which row is one
    more dimension of the design. Raises UncertaintyError where nothing varies, ValueError as ``economics.sobol``.
    """
    together = fitted.ids if fitted else ()
    vary = [one for id, one in parameters.known.items() if one.distribution != "fixed" and id not in together]
    if not vary and not fitted:
        raise UncertaintyError("parameters: all are fixed, at least one that varies expected")
    u = sobol(number, len(vary) + bool(fitted), seed)
    columns = [draw(one.distribution, one.low, one.value, one.high, u[:, at]) for at, one in enumerate(vary)]
    if fitted:
        columns += list(fitted.draws[(u[:, -1] * len(fitted.draws)).astype(int)].T)
    return [*(one.id for one in vary), *together], np.column_stack(columns)


def draws(
    run: Run,
    number: int,
    seed: int = 1,
    fitted: Posterior | None = None,
    rates: Rates = RATES,
    threads: int = 2,
    progress: Progress | None = None,
) -> Draws:
    """Runs it once for each of ``number`` draws, a power of two. ``seed`` is that of the design; luck is ``run.seed``.

    The same arguments give the same arrays, to the bit. A draw is not cut off at low and high: those are the bounds of
    a 95 % interval. ``progress`` is called with how many draws are done, and of how many. Raises ValueError, of
    whichever kind, that says what cannot be.
    """
    ids, values = design(run.parameters, number, seed, fitted)
    base = _found(run, rates, threads)
    kept, found = [], []
    for at, row in enumerate(values.tolist()):
        drawn = replace(run, parameters=run.parameters.drawn(dict(zip(ids, row, strict=True))))
        if _problem(drawn) is None:
            kept.append(at)
            found.append(_found(drawn, rates, threads))
        if progress:
            progress(at + 1, number)
    if len(kept) < 2:
        raise UncertaintyError(f"draws: {len(kept)} of {number} can be run, at least 2 expected")
    return Draws(run, rates, tuple(ids), values[kept], np.stack(found), base, number - len(kept))


def _problem(run: Run) -> ValueError | None:
    """Why the tables of these parameters cannot be made, if so."""
    try:
        run.given  # noqa: B018
    except ValueError as error:
        return error
    return None


@dataclass(frozen=True)
class Interval:
    """What the draws say of one figure: their mean, and their 95 % interval from ``low`` to ``high``.

    ``monte_carlo``: standard error of the mean by luck. ``parameters``: standard deviation between draws by the
    parameters alone; the interval has the luck of each draw in it too, less so with more people.
    """

    mean: float
    low: float
    high: float
    monte_carlo: float
    parameters: float


def interval(batches: Floats) -> Interval:
    """The interval of [draws, batches], where a figure is the sum of its batches.

    Luck is shared between draws and not between batches. So the error by luck is how far the batches differ in their
    mean over the draws; and two batches move together over the draws only by the parameters: their covariance is the
    parameters' variance, each batch being its part of the whole.
    """
    number = batches.shape[1]
    sums = batches.sum(axis=1)
    together = sums.var(ddof=1) - batches.var(axis=0, ddof=1).sum()  # number * (number - 1) covariances
    low, high = np.quantile(sums, TAILS)
    _, error = summed(batches.mean(axis=0))
    deviation = np.sqrt(max(together, 0.0) * number / (number - 1))
    return Interval(float(sums.mean()), float(low), float(high), float(error), float(deviation))


@dataclass(frozen=True)
class Against:
    """An option less the first one, for the country over the whole run; ``measures``: a year.

    ``compared``: the ICER of the means, in words; ``at_base``: that of the parameters as they are. They differ where
    a value is not the mean of its distribution. ``plane`` has the share of draws in each quadrant.
    """

    option: str
    cost: Interval
    qaly: Interval
    net_benefit: Interval
    compared: Comparison
    at_base: Comparison
    plane: Plane
    measures: dict[str, Interval]


@dataclass(frozen=True)
class Partial:
    """What it is worth to know one parameter: ``evppi`` [CLASSES], euros for the country over the whole run.

    ``correlation``: the largest rank correlation, of either sign, with the net benefit of an option over the first.
    """

    id: str
    correlation: float
    evppi: Floats


@dataclass(frozen=True)
class Summary:
    """What the draws say, in one perspective. EVPI of ``acceptability``: euros for the country over the whole run."""

    perspective: str
    options: tuple[str, ...]
    threshold: float
    draws: int
    left_out: int
    against: tuple[Against, ...]
    acceptability: Acceptability
    partial: tuple[Partial, ...]


def summary(found: Draws, perspective: str = "friction", threshold: float = THRESHOLD) -> Summary:
    """Every option against the first; which to choose at each of THRESHOLDS; the parameters that matter most.

    ``threshold`` is that of the net benefit. The parameters are ranked by their correlation with it, because EVPPI is
    0 for all of them where one option is best whatever they are; below 64 draws ``partial`` is empty. Luck in a draw
    makes EVPI somewhat larger. Raises UncertaintyError for one option, and as ``outcome`` does.
    """
    _at_least_two(found.run)
    # As differences: beside the euros of the whole country they would lose their last digits.
    costs, qalys = found.differences("cost", perspective)[0], found.differences("qaly")[0]
    return Summary(
        perspective,
        tuple(option.id for option in found.run.options),
        threshold,
        len(costs),
        found.left_out,
        tuple(_against(found, place, perspective, threshold) for place in range(1, len(found.run.options))),
        acceptability(costs, qalys, THRESHOLDS),
        tuple(_partial(found, costs, qalys, threshold)) if len(costs) >= EVPPI_DRAWS else (),
    )


def _at_least_two(run: Run) -> None:
    if len(run.options) < 2:
        raise UncertaintyError(f"options: {run.options[0].id} given, at least one more to compare it with expected")


def _against(found: Draws, place: int, perspective: str, threshold: float) -> Against:
    def of(name: str) -> Interval:
        return interval(extra(outcome(found.found, name, perspective, threshold))[:, place])

    def at_base(name: str) -> float:
        return float(extra(outcome(found.base, name, perspective))[place].sum())

    costs, qalys = (found.differences(name, perspective)[0][:, place] for name in ("cost", "qaly"))
    money = {name: of(name) for name in MONEY}
    return Against(
        found.run.options[place].id,
        **money,
        compared=compare(money["cost"].mean, money["qaly"].mean, 0, 0),
        at_base=compare(at_base("cost"), at_base("qaly"), 0, 0),
        plane=plane(costs, qalys),
        measures={name: of(name) for name in MEASURES},
    )


def _partial(found: Draws, costs: Floats, qalys: Floats, threshold: float) -> list[Partial]:
    correlation = _correlation(found.values, threshold * qalys - costs)
    largest = np.take_along_axis(correlation, np.abs(correlation).argmax(axis=1)[:, None], axis=1)[:, 0]
    order = np.argsort(-np.abs(largest), kind="stable")[:MOST_IMPORTANT]
    return [
        Partial(found.ids[at], float(largest[at]), evppi(costs, qalys, CLASSES, found.values[:, at])) for at in order
    ]


def _correlation(values: Floats, results: Floats) -> Floats:
    """[parameters, options]: Spearman's rank correlation; 0 where nothing varies."""
    from scipy.stats import rankdata  # here: it is slow to import

    columns = [rankdata(some, axis=0) - (len(some) + 1) / 2 for some in (values, results)]
    length = [np.sqrt((column**2).sum(axis=0)) for column in columns]
    product = np.outer(*length)
    found: Floats = np.divide(columns[0].T @ columns[1], product, out=np.zeros_like(product), where=product > 0)
    return found


@dataclass(frozen=True)
class OneWay:
    """Each parameter at ``low`` [ids] and ``high`` [ids], all others as they are.

    ``found`` [ids, 2, options, BATCHES, OUTCOMES] and ``base`` [options, BATCHES, OUTCOMES], as in ``Draws``.
    """

    run: Run
    ids: tuple[str, ...]
    low: Floats
    high: Floats
    found: Floats
    base: Floats

    def bars(
        self, option: int = 1, name: str = "net_benefit", perspective: str = "friction", threshold: float = THRESHOLD
    ) -> tuple[Bar, ...]:
        """The tornado of an outcome of an option (by place) less that of the first, the widest bar first."""
        at = self._extra(self.found, option, name, perspective, threshold).sum(axis=-1)
        return tornado({id: (float(low), float(high)) for id, (low, high) in zip(self.ids, at, strict=True)})

    def rows(
        self, option: int = 1, name: str = "net_benefit", perspective: str = "friction", threshold: float = THRESHOLD
    ) -> Rows:
        """The bars as rows. ``error``: Monte-Carlo standard error of the swing; a bar under two of them says nothing.

        A fitted parameter with the range of ``parameters.toml`` has a bar far wider than its targets allow.
        """
        chosen = (option, name, perspective, threshold)
        at = self._extra(self.found, *chosen)
        _, error = summed(at[:, 1] - at[:, 0])
        base = float(self._extra(self.base, *chosen).sum())
        known = self.run.parameters.known
        rows = []
        for bar in self.bars(*chosen):
            one, place = known[bar.name], self.ids.index(bar.name)
            rows.append(
                {
                    "option": self.run.options[option].id,
                    "outcome": name,
                    "perspective": perspective,
                    "threshold": threshold,
                    "parameter": one.id,
                    "unit": one.unit,
                    "fitted": one.fitted,
                    "own_choice": one.own_choice,
                    "low": float(self.low[place]),
                    "high": float(self.high[place]),
                    "at_low": bar.at_low,
                    "at_base": base,
                    "at_high": bar.at_high,
                    "swing": bar.swing,
                    "error": float(error[place]),
                }
            )
        return rows

    def _extra(self, found: Floats, option: int, name: str, perspective: str, threshold: float) -> Floats:
        """[..., BATCHES]."""
        if not 1 <= option < len(self.run.options):
            raise UncertaintyError(f"option {option}: 1 to {len(self.run.options) - 1} expected, 0 is compared with")
        one: Floats = extra(outcome(found, name, perspective, threshold))[..., option, :]
        return one


def one_way(
    run: Run,
    fitted: Posterior | None = None,
    rates: Rates = RATES,
    threads: int = 2,
    progress: Progress | None = None,
) -> OneWay:
    """Runs it with each parameter at its low and at its high, also one that the draws leave fixed but has a range.

    With ``fitted``, what was fitted goes to the ends of its 95 % interval there. Prices and the value of quality need
    no new run. ``progress`` is called with how many parameters are done, and of how many. Raises UncertaintyError for
    one option, and for a bound with which the country cannot be.
    """
    _at_least_two(run)
    ends = {id: (one.low, one.high) for id, one in run.parameters.known.items() if one.low < one.high}
    if fitted:
        inner = np.quantile(fitted.draws, TAILS, axis=0).tolist()
        ends |= {id: (low, high) for id, low, high in zip(fitted.ids, *inner, strict=True)}
    resources = used(simulate(run, threads))
    found = []
    for done, (id, pair) in enumerate(ends.items(), 1):
        for value in pair:
            changed = replace(run, parameters=run.parameters.changed({id: value}))
            if id.startswith(("price.", "quality.")):
                found.append(_outcomes(resources, changed.parameters, rates))
            elif (problem := _problem(changed)) is None:
                found.append(_found(changed, rates, threads))
            else:
                raise UncertaintyError(f"{id} at {value:g}, all others as they are: {problem}")
        if progress:
            progress(done, len(ends))
    base = _outcomes(resources, run.parameters, rates)
    low, high = np.array(list(ends.values())).T
    return OneWay(run, tuple(ends), low, high, np.reshape(found, (len(ends), 2, *base.shape)), base)


@dataclass(frozen=True)
class Convergence:
    """How an estimate settles, each option less the first: cost, QALYs and net benefit (MONEY), for the country.

    ``by_people`` and its Monte-Carlo standard ``error`` [sizes, options, 3]: runs of ``people`` [sizes] with the
    parameters as they are. ``by_draws``, ``low`` and ``high`` [steps, options, 3]: mean and 95 % interval of the first
    ``draws`` [steps] of the analysis.
    """

    options: tuple[str, ...]
    people: npt.NDArray[np.int64]
    by_people: Floats
    error: Floats
    draws: npt.NDArray[np.int64]
    by_draws: Floats
    low: Floats
    high: Floats


def convergence(
    found: Draws,
    people: Sequence[int] = PEOPLE,
    perspective: str = "friction",
    threshold: float = THRESHOLD,
    threads: int = 2,
    progress: Progress | None = None,
) -> Convergence:
    """Runs the base case with each of so many people, and takes fewer and fewer of the draws, by powers of two.

    ``progress`` is called with how many runs are done, and of how many. Raises UncertaintyError for one option, and
    RunError for a number of people that cannot be.
    """
    run = found.run
    _at_least_two(run)
    estimates, errors = [], []
    for done, size in enumerate(people, 1):
        sized = replace(run, people=size, born=round(run.born * size / run.people))
        one = _found(sized, found.rates, threads)
        of = [summed(extra(outcome(one, name, perspective, threshold))) for name in MONEY]
        estimates.append(np.stack([estimate for estimate, _ in of], axis=-1))
        errors.append(np.stack([error for _, error in of], axis=-1))
        if progress:
            progress(done, len(people))
    each = np.stack([found.differences(name, perspective, threshold)[0] for name in MONEY], axis=-1)
    steps = [2**k for k in range(len(each).bit_length()) if FEWEST_DRAWS <= 2**k < len(each)] + [len(each)]
    ends = np.stack([np.quantile(each[:step], TAILS, axis=0) for step in steps])
    return Convergence(
        tuple(option.id for option in run.options),
        np.array(people, dtype=np.int64),
        np.stack(estimates),
        np.stack(errors),
        np.array(steps, dtype=np.int64),
        np.stack([each[:step].mean(axis=0) for step in steps]),
        ends[:, 0],
        ends[:, 1],
    )


def tables(said: Summary, single: OneWay | None = None, settling: Convergence | None = None) -> dict[str, Rows]:
    """Rows to print or to write as Parquet: each table has the same columns in every row.

    * ``against``: cost, QALY and net benefit of each option less the first, with ICER and shares of the quadrants;
    * ``measures``: what is counted, a year, each option less the first;
    * ``acceptability``: CEAC per option, the one to choose, CEAF and EVPI at each threshold;
    * ``information``: the parameters that matter most, with EVPPI at each of CLASSES;
    * ``one_way``: the tornado of the net benefit of each option, and ``convergence``, where given.
    """
    rows = {
        "against": [row for one in said.against for row in _rows_against(said, one)],
        "measures": [
            {"option": one.option, "measure": name, "unit": unit(name)} | asdict(figure)
            for one in said.against
            for name, figure in one.measures.items()
        ],
        "acceptability": _rows_acceptability(said),
        "information": [
            {"parameter": one.id, "rank_correlation": one.correlation}
            | {f"evppi_{int(at)}": float(value) for at, value in zip(CLASSES, one.evppi, strict=True)}
            for one in said.partial
        ],
    }
    if single:
        every = range(1, len(single.run.options))
        rows["one_way"] = [
            row for at in every for row in single.rows(at, perspective=said.perspective, threshold=said.threshold)
        ]
    if settling:
        rows["convergence"] = _rows_convergence(settling)
    return rows


def _rows_against(said: Summary, one: Against) -> Rows:
    words = {
        "icer": one.compared.icer,
        "in_words": one.compared.quadrant,
        "icer_at_base": one.at_base.icer,
        "in_words_at_base": one.at_base.quadrant,
    } | {f"share: {name}": share for name, share in one.plane.shares.items()}
    return [
        {"option": one.option, "perspective": said.perspective, "threshold": said.threshold, "outcome": name}
        | asdict(getattr(one, name))
        | {"mean_per_person": getattr(one, name).mean / country.total()}
        | words
        for name in MONEY
    ]


def _rows_acceptability(said: Summary) -> Rows:
    found = said.acceptability
    return [
        {"threshold": float(found.thresholds[at]), "perspective": said.perspective}
        | {f"ceac: {name}": float(chance) for name, chance in zip(said.options, found.ceac[at], strict=True)}
        | {
            "choose": said.options[found.best[at]],
            "ceaf": float(found.ceaf[at]),
            "evpi": float(found.evpi[at]),
            "evpi_per_person": float(found.evpi[at]) / country.total(),
        }
        for at in range(len(found.thresholds))
    ]


def _rows_convergence(found: Convergence) -> Rows:
    spread = Z * found.error
    sides = (
        ("people", found.people, found.by_people, found.by_people - spread, found.by_people + spread),
        ("draws", found.draws, found.by_draws, found.low, found.high),
    )
    return [
        {
            "by": by,
            "number": int(number),
            "option": option,
            "outcome": name,
            "estimate": float(estimate[at, place, which]),
            "low": float(low[at, place, which]),
            "high": float(high[at, place, which]),
        }
        for by, numbers, estimate, low, high in sides
        for place, option in enumerate(found.options)
        if place
        for which, name in enumerate(MONEY)
        for at, number in enumerate(numbers)
    ]
