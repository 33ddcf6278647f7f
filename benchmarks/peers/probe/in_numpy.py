"""The probe in NumPy: a pass over arrays for each next episode, of those who have one, in blocks of people."""

from __future__ import annotations

import numpy as np
from peers.probe import model

BLOCK = 65_536  # people


def block(costs: np.ndarray, chance: np.random.Generator) -> int:
    """Adds up what each of these people costs; gives the episodes of all."""
    episodes = 0
    who = np.arange(len(costs))
    now = chance.standard_exponential(len(who)) / model.FIRST
    while True:
        here = now < model.DAYS
        who, now = who[here], now[here]
        if not len(who):
            return episodes
        episodes += len(who)
        left = model.DAYS - now
        ill = model.SCALE * chance.standard_exponential(len(who)) ** (1 / model.SHAPE)
        cost = model.ONSET + model.ACUTE * np.minimum(ill, left)

        scanned = np.flatnonzero((ill > model.SCAN_ON) & (left > model.SCAN_ON))
        cost[scanned] += model.SCAN * (chance.random(len(scanned)) < model.SCAN_SHARE)

        chronic = np.flatnonzero((ill > model.CHRONIC_ON) & (left > model.CHRONIC_ON))
        chronic = chronic[chance.random(len(chronic)) < model.CHRONIC_SHARE]
        lasting = chance.standard_exponential(len(chronic)) * model.CHRONIC_MEAN
        after = np.minimum(lasting, left[chronic] - model.CHRONIC_ON)
        cost[chronic] += model.CHRONIC * after
        cost[chronic] -= model.ACUTE * (np.minimum(ill[chronic], left[chronic]) - model.CHRONIC_ON)
        ill[chronic] = model.CHRONIC_ON + lasting

        costs[who] += cost
        now += ill + chance.standard_exponential(len(who)) / model.AGAIN


def lives(people: int, seed: int) -> tuple[np.ndarray, int]:
    """What each person costs, in euros, and the episodes of all."""
    costs, chance = np.zeros(people), np.random.default_rng(seed)
    return costs, sum(block(costs[first : first + BLOCK], chance) for first in range(0, people, BLOCK))
