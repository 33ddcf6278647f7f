"""The probe in starsim: one module, in steps of a week.

All that follows an onset is drawn at the onset, as its own diseases do (``set_prognoses``), so a week costs one look at
who is healthy and one chance for each of them. (To draw the next onset ahead too would be quicker, but on the grid each
then comes half a week late, and the mean cost no longer agrees.) Without ageing, and without the results of people at
each step. With common random numbers, which are its default, and without, which is quicker.
"""

from __future__ import annotations

import math
import os

import numpy as np

os.environ.setdefault("STARSIM_INSTALL_FONTS", "0")  # else the first import writes into its own package
import starsim as ss
from peers.probe import model

WEEK = 7


class BackPain(ss.Module):
    def __init__(self) -> None:
        super().__init__()
        self.define_pars(
            first=ss.bernoulli(p=1 - math.exp(-model.FIRST * WEEK)),
            again=ss.bernoulli(p=1 - math.exp(-model.AGAIN * WEEK)),
            recovery=ss.weibull(c=model.SHAPE, scale=model.SCALE),
            scan=ss.bernoulli(p=model.SCAN_SHARE),
            chronic=ss.bernoulli(p=model.CHRONIC_SHARE),
            lasting=ss.expon(scale=model.CHRONIC_MEAN),
        )
        self.define_states(
            ss.FloatArr("well_on", default=0.0),
            ss.FloatArr("cost", default=0.0),
            ss.BoolArr("before", default=False),
        )
        self.episodes = 0

    def step(self) -> None:
        today = self.ti * WEEK
        well = self.well_on <= today
        ill = self.pars.first.filter((well & ~self.before).uids) + self.pars.again.filter((well & self.before).uids)
        if len(ill):
            self.falls_ill(ill, today)

    def falls_ill(self, ill: ss.uids, today: int) -> None:
        left = model.DAYS - today
        days = self.pars.recovery.rvs(ill)
        cost = model.ONSET + model.ACUTE * np.minimum(days, left)
        if left > model.SCAN_ON:
            scanned = self.pars.scan.rvs(ill) & (days > model.SCAN_ON)
            cost[scanned] += model.SCAN
        if left > model.CHRONIC_ON:
            late = days > model.CHRONIC_ON
            chronic = np.flatnonzero(late)[self.pars.chronic.rvs(ill[late])]
            lasting = self.pars.lasting.rvs(ill[chronic])
            cost[chronic] += model.CHRONIC * np.minimum(lasting, left - model.CHRONIC_ON)
            cost[chronic] -= model.ACUTE * (np.minimum(days[chronic], left) - model.CHRONIC_ON)
            days[chronic] = model.CHRONIC_ON + lasting
        self.cost[ill] += cost
        self.well_on[ill] = today + days
        self.before[ill] = True
        self.episodes += len(ill)


def lives(people: int, seed: int) -> tuple[np.ndarray, int]:
    """What each person costs, in euros, and the episodes of all."""
    weeks = model.DAYS // WEEK
    sim = ss.Sim(
        n_agents=people,
        rand_seed=seed,
        start=0,
        dur=weeks - 1,  # and the first
        dt=1,
        modules=BackPain(),
        people_results=False,
        verbose=0,
    )
    sim.run()
    pain = sim.custom.backpain
    assert pain.ti == weeks - 1, f"{pain.ti + 1} steps, not {weeks}"
    return np.asarray(pain.cost.values, dtype=float), pain.episodes


def lives_quicker(people: int, seed: int) -> tuple[np.ndarray, int]:
    """The same without common random numbers."""
    with ss.options.context(crn=False):
        return lives(people, seed)
