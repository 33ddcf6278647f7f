"""The probe in SimPy: a process for each person.

All in one environment, as its manual shows; and, as they never meet, each in an environment of her own, whose queue
never holds more than one event. That is quicker, and no slower the more people there are, but nothing of SimPy is left
then but its events.
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
        self.since, self.a_day = 0.0, 0  # what is being paid: since when, euros a day

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

    def paid(self, now: float) -> None:
        self.cost += self.a_day * (now - self.since)
        self.since = now


def lives(people: int, seed: int) -> tuple[np.ndarray, int]:
    """What each person costs, in euros, and the episodes of all: in one environment."""
    chance, env = random.Random(seed), simpy.Environment()
    persons = [Person(chance) for _ in range(people)]
    for person in persons:
        env.process(person.life(env))
    env.run(until=model.DAYS)
    return totals(persons)


def lives_apart(people: int, seed: int) -> tuple[np.ndarray, int]:
    """The same, each in an environment of her own."""
    chance = random.Random(seed)
    persons = [Person(chance) for _ in range(people)]
    for person in persons:
        env = simpy.Environment()
        env.process(person.life(env))
        env.run(until=model.DAYS)
    return totals(persons)


def totals(persons: list[Person]) -> tuple[np.ndarray, int]:
    for person in persons:
        person.paid(model.DAYS)
    return np.array([person.cost for person in persons]), sum(person.episodes for person in persons)
