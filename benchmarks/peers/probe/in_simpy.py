"""The probe in SimPy: a process for each person, in an environment of her own.

Quicker than all processes in one environment: they never meet, and its queue would hold them all.
"""

from __future__ import annotations

import random
from collections.abc import Generator

import numpy as np
import simpy

from peers.probe import model


class Person:
    def __init__(self, chance: random.Random) -> None:
        self.chance, self.cost, self.episodes = chance, 0.0, 0

    def life(self, env: simpy.Environment) -> Generator[simpy.Timeout, None, None]:
        chance, rate = self.chance, model.FIRST
        while True:
            yield env.timeout(chance.expovariate(rate))
            rate = model.AGAIN
            self.episodes += 1
            self.cost += model.ONSET
            ill = chance.weibullvariate(model.SCALE, model.SHAPE)
            self.since, self.a_day = env.now, model.ACUTE
            yield env.timeout(min(ill, model.SCAN_ON))
            if ill > model.SCAN_ON:
                if chance.random() < model.SCAN_SHARE:
                    self.cost += model.SCAN
                yield env.timeout(min(ill, model.CHRONIC_ON) - model.SCAN_ON)
                if ill > model.CHRONIC_ON:
                    if chance.random() < model.CHRONIC_SHARE:
                        self.paid(env.now)
                        self.a_day = model.CHRONIC
                        yield env.timeout(chance.expovariate(1 / model.CHRONIC_MEAN))
                    else:
                        yield env.timeout(ill - model.CHRONIC_ON)
            self.paid(env.now)
            self.a_day = 0

    a_day, since = 0, 0.0

    def paid(self, now: float) -> None:
        self.cost += self.a_day * (now - self.since)
        self.since = now


def lives(people: int, seed: int) -> tuple[np.ndarray, int]:
    """What each person costs, in euros, and the episodes of all."""
    chance, costs, episodes = random.Random(seed), np.empty(people), 0
    for one in range(people):
        env, person = simpy.Environment(), Person(chance)
        env.process(person.life(env))
        env.run(until=model.DAYS)
        person.paid(model.DAYS)
        costs[one] = person.cost
        episodes += person.episodes
    return costs, episodes
