"""The arithmetic of health economics: what more health costs, and how sure that is.

Arrays of probabilistic draws have the shape [draws, options]: row i holds what one draw of all parameters gave for each
option, cost in euros and effect in QALYs (or life years) per person. A threshold is what one unit of effect may cost.
A parameter's range becomes a draw by ``draw``; a design of draws comes from ``sobol``. Nothing here knows of backs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import atan2, degrees, hypot, isfinite, log, sqrt
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Quadrant = Literal["dominates", "dominated", "costs more, does more", "costs less, does less", "no difference"]
Status = Literal["on the frontier", "dominated", "extendedly dominated", "same as the one before"]

QUADRANTS: tuple[Quadrant, ...] = get_args(Quadrant)
DISTRIBUTIONS = ("beta", "gamma", "lognormal", "uniform", "fixed")
INTERVAL = 2 * 1.96  # standard deviations between the bounds of a 95 % interval
ELLIPSE = -2 * log(1 - 0.95)  # chi-square with two degrees of freedom, at 95 %
SOBOL_BITS = 30  # of a coordinate, as scipy makes them
FIFTHS = np.arange(1, 5) / 5  # where EVPPI's spline has its knots: own choice
EVPPI_DRAWS = 64  # at least, for 8 coefficients: own choice


def discount(rate: float, years: int) -> Floats:
    """The factors [years] for years 0, 1, ...: what falls in a year counts as if it fell in the middle of it.

    (1 + rate) ** -(year + 1/2); the middle of the year is an own choice. At its end it would be half a year's factor,
    (1 + rate) ** -1/2, less. Raises ValueError for a rate outside 0-1 or for no years.
    """
    if not 0 <= rate <= 1:
        raise ValueError(f"discount rate {rate}: give a share of 1, such as 0.03")
    if years < 1:
        raise ValueError(f"discount over {years} years: give at least 1")
    return np.asarray((1 + rate) ** -(np.arange(years) + 0.5), dtype=np.float64)


def net_monetary_benefit(cost: npt.ArrayLike, effect: npt.ArrayLike, threshold: float) -> Floats:
    """Effect in euros at the threshold, less cost; shaped as cost and effect are."""
    benefit: Floats = threshold * np.asarray(effect, dtype=float) - np.asarray(cost, dtype=float)
    return benefit


def quadrant(extra_cost: float, extra_effect: float) -> Quadrant:
    """Where a difference lies on the cost-effectiveness plane, in words; on an axis one option dominates."""
    if not (isfinite(extra_cost) and isfinite(extra_effect)):
        raise ValueError(f"a difference of {extra_cost} in cost and {extra_effect} in effect: finite numbers expected")
    if extra_cost == 0 and extra_effect == 0:
        return "no difference"
    if extra_cost <= 0 and extra_effect >= 0:
        return "dominates"
    if extra_cost >= 0 and extra_effect <= 0:
        return "dominated"
    return "costs more, does more" if extra_cost > 0 else "costs less, does less"


@dataclass(frozen=True)
class Comparison:
    """An option less the one it is compared with.

    ``icer`` is euros per unit of effect: paid per unit gained where it costs more and does more, saved per unit lost
    where it costs less and does less. It is None elsewhere: a negative ratio says nothing, the quadrant does.
    """

    extra_cost: float
    extra_effect: float
    quadrant: Quadrant
    icer: float | None


def compare(cost: float, effect: float, with_cost: float, with_effect: float) -> Comparison:
    """The incremental cost, effect and cost-effectiveness ratio (ICER) of an option against another."""
    extra_cost, extra_effect = cost - with_cost, effect - with_effect
    where = quadrant(extra_cost, extra_effect)
    return Comparison(extra_cost, extra_effect, where, extra_cost / extra_effect if where.startswith("costs") else None)


@dataclass(frozen=True)
class Ranked:
    """An option in the incremental analysis; on the frontier it is compared with the one before it there, if any."""

    name: str
    cost: float
    effect: float
    status: Status
    against_previous: Comparison | None


def incremental(options: Mapping[str, tuple[float, float]]) -> tuple[Ranked, ...]:
    """The full incremental analysis of options, name: (cost, effect); sorted by cost, then by most effect.

    An option is dominated where another costs no more and does no less, extendedly dominated where a mix of two others
    does as much for less. What remains is the efficiency frontier, along which the ICERs rise. Raises
    ValueError for what is not finite.
    """
    for name, pair in options.items():
        if not all(map(isfinite, pair)):
            raise ValueError(f"option {name}: cost {pair[0]} and effect {pair[1]}; finite numbers expected")
    order = sorted(options, key=lambda name: (options[name][0], -options[name][1]))
    status: dict[str, Status] = {}
    frontier: list[str] = []
    previous = None
    for name in order:
        cost, effect = options[name]
        if previous is not None and options[previous] == (cost, effect):
            status[name] = "same as the one before"
            continue
        previous = name
        if frontier and effect <= options[frontier[-1]][1]:
            status[name] = "dominated"
            continue
        while len(frontier) > 1 and _slope(options, *frontier[-2:]) > _slope(options, frontier[-1], name):
            status[frontier.pop()] = "extendedly dominated"
        frontier.append(name)
    steps = {name: compare(*options[name], *options[last]) for last, name in pairwise(frontier)}
    return tuple(Ranked(name, *options[name], status.get(name, "on the frontier"), steps.get(name)) for name in order)


def _slope(options: Mapping[str, tuple[float, float]], one: str, other: str) -> float:
    return (options[other][0] - options[one][0]) / (options[other][1] - options[one][1])


@dataclass(frozen=True)
class Acceptability:
    """What to choose at each threshold, and how sure that is (Barton, Briggs and Fenwick, Value in Health 2008).

    ``ceac`` [thresholds, options] is the chance that an option has the highest net benefit, the acceptability curves;
    options that are equal in a draw share it. ``best`` [thresholds] is the option with the highest expected net
    benefit, the one to choose, and ``ceaf`` [thresholds] its chance, the frontier: not always the highest of the
    curves. ``evpi`` [thresholds], euros per person, is the expected value of perfect information: what choosing right
    in every draw would add.
    """

    thresholds: Floats
    ceac: Floats
    best: npt.NDArray[np.int64]
    ceaf: Floats
    evpi: Floats


def acceptability(cost: npt.ArrayLike, effect: npt.ArrayLike, thresholds: npt.ArrayLike) -> Acceptability:
    """CEAC, CEAF and EVPI from cost and effect [draws, options], at thresholds [thresholds].

    Monte-Carlo error in a draw counts as if it were uncertainty of parameters, so it makes EVPI larger. Raises
    ValueError for arrays of another shape, one draw, what is not finite, or a threshold below 0.
    """
    cost, effect, thresholds = _draws(cost, effect, thresholds)
    shape = (len(thresholds), cost.shape[1])
    ceac, mean, perfect = np.empty(shape), np.empty(shape), np.empty(len(thresholds))
    for at, benefit in enumerate(_benefits(cost, effect, thresholds)):
        highest = benefit.max(axis=1, keepdims=True)
        wins = benefit == highest
        ceac[at] = (wins / wins.sum(axis=1, keepdims=True)).mean(axis=0)
        mean[at] = benefit.mean(axis=0)
        perfect[at] = highest.mean()
    best = mean.argmax(axis=1)
    ceaf = ceac[np.arange(len(thresholds)), best]
    return Acceptability(thresholds, ceac, best, ceaf, np.maximum(perfect - mean.max(axis=1), 0))


def evppi(cost: npt.ArrayLike, effect: npt.ArrayLike, thresholds: npt.ArrayLike, parameter: npt.ArrayLike) -> Floats:
    """The expected value of partial perfect information on one parameter [draws]: euros per person [thresholds].

    By regression on the draws themselves (Strong, Oakley and Brennan, Medical Decision Making 2014): expected cost and
    effect given the parameter are fitted by least squares to a cubic spline. Its axis is the normal score of the
    parameter's rank, so that no distribution needs knots of its own; the knots lie at the fifths. A sharp bend is
    rounded off, and the fit follows chance a little: a parameter that matters nothing gets a value just above 0, which
    falls as draws are added. Raises ValueError as ``acceptability`` does, and for fewer than 64 draws.
    """
    cost, effect, thresholds = _draws(cost, effect, thresholds)
    values = np.asarray(parameter, dtype=float)
    if values.shape != cost.shape[:1] or not np.isfinite(values).all():
        raise ValueError(f"parameter has the shape {values.shape}: one finite value for each of {len(cost)} draws")
    if len(values) < EVPPI_DRAWS:
        raise ValueError(f"EVPPI from {len(values)} draws: give at least {EVPPI_DRAWS}")
    basis = _spline(values)
    fitted = [basis @ np.linalg.lstsq(basis, outcome, rcond=None)[0] for outcome in (cost, effect)]
    known = [b.max(axis=1).mean() - b.mean(axis=0).max() for b in _benefits(fitted[0], fitted[1], thresholds)]
    return np.maximum(known, 0)


def _spline(values: Floats) -> Floats:
    """The basis [draws, 8] of a cubic spline over the normal scores of values; equal values have equal scores."""
    from scipy.special import ndtri  # here: it is slow to import

    _, place, many = np.unique(values, return_inverse=True, return_counts=True)
    score = ndtri(np.cumsum(many) / (len(values) + 1))[place]
    powers = [score**power for power in range(4)]
    return np.column_stack(powers + [np.maximum(score - knot, 0) ** 3 for knot in ndtri(FIFTHS)])


def _benefits(cost: Floats, effect: Floats, thresholds: Floats) -> Iterator[Floats]:
    """The net benefit [draws, options] at each threshold, one at a time: all at once may not fit."""
    return (net_monetary_benefit(cost, effect, threshold) for threshold in thresholds)


def _draws(cost: npt.ArrayLike, effect: npt.ArrayLike, thresholds: npt.ArrayLike) -> tuple[Floats, Floats, Floats]:
    cost, effect = np.asarray(cost, dtype=float), np.asarray(effect, dtype=float)
    if cost.ndim != 2 or cost.shape != effect.shape or len(cost) < 2:
        raise ValueError(f"cost {cost.shape} and effect {effect.shape}: both [draws, options], of at least 2 draws")
    for name, outcome in (("cost", cost), ("effect", effect)):
        if not np.isfinite(outcome).all():
            raise ValueError(f"{name} of draw {np.argwhere(~np.isfinite(outcome))[0][0]}: a finite number expected")
    thresholds = np.atleast_1d(np.asarray(thresholds, dtype=float))
    if not (np.isfinite(thresholds) & (thresholds >= 0)).all():
        raise ValueError(f"thresholds {thresholds}: euros per unit of effect, 0 or more")
    return cost, effect, thresholds


@dataclass(frozen=True)
class Plane:
    """The cloud of draws on the cost-effectiveness plane: effect to the right, cost upward.

    The ellipse holds 95 % of a normal cloud with this mean and covariance: half ``axes`` (long, short) and ``angle``
    in degrees from the effect axis to the long one, counter-clockwise, all in the units of the data. ``shares`` has
    every quadrant in words, and adds to 1.
    """

    extra_cost: float
    extra_effect: float
    axes: tuple[float, float]
    angle: float
    shares: dict[Quadrant, float]


def plane(extra_cost: npt.ArrayLike, extra_effect: npt.ArrayLike) -> Plane:
    """The plane of the differences [draws] between an option and what it is compared with.

    Raises ValueError as ``acceptability`` does.
    """
    cost, effect, _ = _draws(np.atleast_2d(extra_cost).T, np.atleast_2d(extra_effect).T, 0.0)
    across, along, up = (float(value) for value in np.cov(effect[:, 0], cost[:, 0])[np.triu_indices(2)])
    # The short axis from the determinant: as a difference it would drown in the variance of cost, 10**12 times larger.
    long = (across + up) / 2 + hypot((across - up) / 2, along)
    short = max(across * up - along**2, 0) / long if long else 0.0
    words = [quadrant(*pair) for pair in zip(cost[:, 0].tolist(), effect[:, 0].tolist(), strict=True)]
    return Plane(
        float(cost.mean()),
        float(effect.mean()),
        (sqrt(ELLIPSE * long), sqrt(ELLIPSE * short)),
        degrees(atan2(2 * along, across - up) / 2),
        {word: words.count(word) / len(words) for word in QUADRANTS},
    )


@dataclass(frozen=True)
class Variance:
    """Variance between draws, and what it consists of: the uncertain parameters, and Monte-Carlo error."""

    between_draws: float
    monte_carlo: float
    parameters: float


def split_variance(estimates: npt.ArrayLike, monte_carlo: npt.ArrayLike) -> Variance:
    """Parameter uncertainty apart from Monte-Carlo error (O'Hagan, Stevenson and Madan, Health Economics 2007).

    ``estimates`` [draws] holds the simulated mean of each draw, ``monte_carlo`` [draws] the Monte-Carlo variance of
    that mean (variance between people / people). The parameters' variance is what remains, never below 0. It presumes
    that draws have their own random numbers: with common ones part of the error is the same in all draws, is not in
    the variance between them, and is then taken off too much. Raises ValueError for shapes that differ, one draw, or a
    variance below 0.
    """
    values, errors = np.asarray(estimates, dtype=float), np.asarray(monte_carlo, dtype=float)
    if values.ndim != 1 or values.shape != errors.shape or len(values) < 2:
        raise ValueError(f"estimates {values.shape} and variances {errors.shape}: both [draws], of at least 2 draws")
    if not (np.isfinite(values).all() and np.isfinite(errors).all() and (errors >= 0).all()):
        raise ValueError("estimates and Monte-Carlo variances: finite numbers expected, and no variance below 0")
    between, noise = float(values.var(ddof=1)), float(errors.mean())
    return Variance(between, noise, max(between - noise, 0.0))


def sobol(draws: int, dimensions: int, seed: int) -> Floats:
    """A scrambled Sobol design [draws, dimensions] of uniforms within 0-1, never 0 or 1 themselves.

    Raises ValueError where draws is no power of two: the design has its balance only there.
    """
    from scipy.stats import qmc  # here: it is slow to import

    if draws < 1 or draws & (draws - 1) or draws > 1 << SOBOL_BITS:
        raise ValueError(f"{draws} draws: give a power of two, such as 1024")
    if not 1 <= dimensions <= qmc.Sobol.MAXDIM:
        raise ValueError(f"{dimensions} dimensions: give 1 to {qmc.Sobol.MAXDIM}")
    corner: Floats = qmc.Sobol(dimensions, bits=SOBOL_BITS, seed=seed).random(draws)
    return corner + 0.5**SOBOL_BITS / 2  # the middle of the cell: its corner can be 0


def draw(distribution: str, low: float, value: float, high: float, u: npt.ArrayLike) -> Floats:
    """The parameter at the uniform(s) u within 0-1, shaped as u; a higher u is never a lower value.

    * beta, on 0-1: mean ``value``, standard deviation (high - low) / 3.92, as if low-high were a 95 % interval;
    * gamma, on 0 and up: the same. Only mean and deviation are kept: the bounds of a skew law lie elsewhere;
    * lognormal: median ``value``, deviation of the log (log high - log low) / 3.92. The 95 % interval is low-high
      where value lies at its geometric middle, as of a published ratio; else it is as wide and moved to the value;
    * uniform: from low to high, whatever the value;
    * fixed: the value, always.

    Raises ValueError that names the distribution, the numbers and what was expected.
    """
    from scipy.special import betaincinv, gammaincinv, ndtri  # here: it is slow to import

    if distribution not in DISTRIBUTIONS:
        raise ValueError(f"distribution {distribution!r}: give one of {', '.join(DISTRIBUTIONS)}")
    told = f"{distribution} of {value:g} ({low:g} to {high:g})"
    if not (isfinite(low) and isfinite(high) and low <= value <= high):
        raise ValueError(f"{told}: the value must lie between its bounds")
    at = np.asarray(u, dtype=float)
    if not ((at > 0) & (at < 1)).all():
        raise ValueError(f"{told}: uniforms between 0 and 1 expected, without 0 and 1 themselves")
    if distribution == "fixed":
        return np.full(at.shape, float(value))
    if low == high:
        raise ValueError(f"{told}: bounds that differ expected; what does not vary is fixed")
    if distribution == "uniform":
        return low + (high - low) * at
    if low < 0 or value == 0 or (distribution == "lognormal" and low == 0):
        raise ValueError(f"{told}: numbers above 0 expected")
    if distribution == "lognormal":
        return np.asarray(value * np.exp(ndtri(at) * (log(high / low) / INTERVAL)))
    variance = ((high - low) / INTERVAL) ** 2
    if distribution == "gamma":
        return np.asarray(gammaincinv(value**2 / variance, at) * variance / value)
    if high > 1 or variance >= value * (1 - value):
        raise ValueError(f"{told}: bounds within 0-1 expected, not too wide for a value so near to 0 or 1")
    size = value * (1 - value) / variance - 1
    return np.asarray(betaincinv(value * size, (1 - value) * size, at))


@dataclass(frozen=True)
class Bar:
    """One bar of a tornado: the outcome with a parameter at its low and at its high bound, all others as they are."""

    name: str
    at_low: float
    at_high: float

    @property
    def swing(self) -> float:
        return abs(self.at_high - self.at_low)


def tornado(outcomes: Mapping[str, tuple[float, float]]) -> tuple[Bar, ...]:
    """The bars of parameter: (outcome at low, outcome at high), the widest first; equally wide in the given order."""
    return tuple(sorted((Bar(name, *pair) for name, pair in outcomes.items()), key=lambda bar: -bar.swing))
