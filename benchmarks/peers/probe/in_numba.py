"""The probe in the way of the product: one life is one function of whole numbers, on its own draws and its own tables.

Time in hours, money in sixths of a euro (so that a day of 8 or 12 euros is a whole number an hour).
"""

from __future__ import annotations

import numba
import numpy as np
from peers.probe import model

from ruggespraak.population import laws
from ruggespraak.population.kernel.philox import philox
from ruggespraak.population.kernel.quantile import quantile

EURO = 6
HOURS = 24
DAYS = model.DAYS * HOURS
SCAN_ON, CHRONIC_ON = model.SCAN_ON * HOURS, model.CHRONIC_ON * HOURS
SCAN_LEVEL, CHRONIC_LEVEL = laws.level(model.SCAN_SHARE), laws.level(model.CHRONIC_SHARE)
ONSET, SCAN = model.ONSET * EURO, model.SCAN * EURO
ACUTE, CHRONIC = model.ACUTE * EURO // HOURS, model.CHRONIC * EURO // HOURS

FIRST, AGAIN, RECOVERY, LASTING = range(4)  # rows of the tables
EPISODE, CHRONICITY = range(2)  # purposes of a draw

TABLES = np.stack(
    [
        laws.table(lambda left: -np.log(left) / model.FIRST),
        laws.table(lambda left: -np.log(left) / model.AGAIN),
        laws.table(lambda left: model.SCALE * (-np.log(left)) ** (1 / model.SHAPE)),
        laws.table(lambda left: -np.log(left) * model.CHRONIC_MEAN),
    ]
)

philox = numba.njit(philox)
quantile = numba.njit(quantile)


@numba.njit
def life(person, seed, tables):
    """What one person costs, and how often she falls ill."""
    now, cost, episodes, row = 0, 0, 0, FIRST
    while True:
        onset, recovery, scan, chronic = philox(person, episodes, EPISODE, 0, seed, 0)
        now += quantile(tables, row, onset)
        if now >= DAYS:
            return cost, episodes
        row, left = AGAIN, DAYS - now
        ill = quantile(tables, RECOVERY, recovery)
        cost += ONSET
        if ill > SCAN_ON and left > SCAN_ON and scan < SCAN_LEVEL:
            cost += SCAN
        if ill > CHRONIC_ON and left > CHRONIC_ON and chronic < CHRONIC_LEVEL:
            lasting = quantile(tables, LASTING, philox(person, episodes, CHRONICITY, 0, seed, 0)[0])
            cost += ACUTE * CHRONIC_ON + CHRONIC * min(lasting, left - CHRONIC_ON)
            ill = CHRONIC_ON + lasting
        else:
            cost += ACUTE * min(ill, left)
        now += ill
        episodes += 1


@numba.njit
def all_lives(costs, seed, tables):
    episodes = 0
    for person in range(costs.size):
        costs[person], more = life(person, seed, tables)
        episodes += more
    return episodes


def lives(people: int, seed: int) -> tuple[np.ndarray, int]:
    """What each person costs, in 1/EURO, and the episodes of all."""
    costs = np.empty(people, np.int64)
    return costs, all_lives(costs, seed, TABLES)
