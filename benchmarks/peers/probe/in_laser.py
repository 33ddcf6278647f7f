"""The probe in LASER: columns of a LaserFrame, and one kernel that goes through them each week, as its manual advises.

All that follows an onset is drawn at the onset, so a week costs one look at each person and one chance for who is well.
The kernel is made for threads (``prange``); here it gets one.
"""

from __future__ import annotations

import math

import laser.core.distributions as laws
import numba
import numpy as np
from laser.core import LaserFrame
from laser.core.random import seed as seeded
from peers.probe import model

WEEK = 7
FIRST, AGAIN = (1 - math.exp(-rate * WEEK) for rate in (model.FIRST, model.AGAIN))

recovery = laws.weibull(model.SHAPE, model.SCALE)
lasting = laws.exponential(model.CHRONIC_MEAN)


@numba.njit(nogil=True, parallel=True)
def week(count, tick, well_on, cost, episodes):
    today = tick * WEEK
    left = model.DAYS - today
    for i in numba.prange(count):
        if well_on[i] <= today and np.random.random() < (AGAIN if episodes[i] else FIRST):
            ill = recovery(tick, 0)
            here = min(ill, left)
            price = model.ONSET + model.ACUTE * here
            if here > model.SCAN_ON and np.random.random() < model.SCAN_SHARE:
                price += model.SCAN
            if here > model.CHRONIC_ON and np.random.random() < model.CHRONIC_SHARE:
                further = lasting(tick, 0)
                price += model.CHRONIC * min(further, left - model.CHRONIC_ON)
                price -= model.ACUTE * (here - model.CHRONIC_ON)
                ill = model.CHRONIC_ON + further
            well_on[i] = today + ill
            cost[i] += price
            episodes[i] += 1


def lives(people: int, seed: int) -> tuple[np.ndarray, int]:
    """What each person costs, in euros, and the episodes of all."""
    numba.set_num_threads(1)
    seeded(seed)
    persons = LaserFrame(people)
    persons.add_scalar_property("well_on", np.float32)
    persons.add_scalar_property("cost", np.float32)
    persons.add_scalar_property("episodes", np.uint8)
    for tick in range(model.DAYS // WEEK):
        week(persons.count, tick, persons.well_on, persons.cost, persons.episodes)
    return persons.cost.astype(float), int(persons.episodes.sum())
