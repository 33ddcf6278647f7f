"""How long things take: laws of time as tables for the kernel, and the levels that belong to chances.

Times are given in days and tabulated in hours. A course of pain is a log-logistic law, or one through published points:
between two points, and beyond the last two, the log of the odds of "over by then" is a straight line in the log of
time, as in a log-logistic law. A law may be defective: a share to whom it never happens.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from ruggespraak.population.kernel.quantile import CELLS, KNOTS, OCTAVES

Floats = npt.NDArray[np.float64]
Table = npt.NDArray[np.int64]

HOURS = 24  # in a day
NEVER = 1 << 36  # hours, 8 million years; times a level of an octave it still fits 63 bits
LEVELS = 1 << 32


def shares() -> Floats:
    """The share left at each knot of a table, from 1 down to 2**-27."""
    octave, cell = np.divmod(np.arange(KNOTS), CELLS)
    return np.where(octave < OCTAVES, 2.0**-octave * (1 - cell / (2 * CELLS)), 2.0**-OCTAVES)


def table(days_left: Callable[[Floats], Floats]) -> Table:
    """The hours at each knot, from the days after which a share is left. What is beyond NEVER is NEVER."""
    with np.errstate(divide="ignore", over="ignore"):
        hours = np.asarray(days_left(shares()), dtype=float) * HOURS
    found: Table = np.where(hours < NEVER, np.round(np.minimum(hours, NEVER)), NEVER).astype(np.int64)
    return found


def log_logistic(median: float, shape: float) -> Table:
    """S(t) = 1 / (1 + (t / median)**shape); ``median`` in days."""
    return table(lambda left: median * ((1 - left) / left) ** (1 / shape))


def through(points: Sequence[tuple[float, float]]) -> Table:
    """The law through (day, share that is over by then), at least two, both rising.

    Raises ValueError where the points do not rise.
    """
    days, over = np.array(points, dtype=float).T
    if len(points) < 2 or not (np.all(np.diff(days) > 0) and np.all(np.diff(over) > 0)):
        raise ValueError(f"points of a course must rise in days and in share, at least two of them: {points}")
    at, odds = np.log(days), np.log(over / (1 - over))

    def days_left(left: Floats) -> Floats:
        wanted = np.log((1 - left) / left)
        part = np.clip(np.searchsorted(odds, wanted) - 1, 0, len(odds) - 2)
        slope = (at[part + 1] - at[part]) / (odds[part + 1] - odds[part])
        result: Floats = np.exp(np.where(np.isinf(wanted), -np.inf, at[part] + (wanted - odds[part]) * slope))
        return result

    return table(days_left)


def level(share: float) -> int:
    """The 32-bit level of a chance: a uniform word below it happens with this chance; 1 is always."""
    return round(share * LEVELS)
