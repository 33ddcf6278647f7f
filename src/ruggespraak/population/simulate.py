"""Runs the country: so many people, so many years, under one or more options, with the same luck in each.

People are dealt into BATCHES by their number. A batch is counted apart, whatever thread or machine it runs on: sums of
whole numbers, so the result is the same to the bit, and how far the batches differ is the Monte-Carlo error.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from threading import Event
from typing import Any

import numpy as np
import numpy.typing as npt

from ruggespraak.pathway.editions import DEFAULT
from ruggespraak.pathway.rules import Edition
from ruggespraak.population import compiled
from ruggespraak.population.care import Care, care
from ruggespraak.population.kernel.given import LAW
from ruggespraak.population.kernel.tally import BANDS, CARRIED, CAUSES, GROUPS, MEASURES, STATES, WEEKS, YEAR, size
from ruggespraak.population.parameters import Parameters, parameters
from ruggespraak.population.people import total
from ruggespraak.population.scenarios import AS_NOW, Scenario, scenario
from ruggespraak.population.tables import Given, given

Counts = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

BATCHES = 64
Z = 1.96  # standard errors on either side of a 95 % interval
MOST_PEOPLE, MOST_YEARS = 1_000_000_000, 100
AT_ONCE = 50_000  # lives of a thread before it looks whether it was stopped: half a second at most
Progress = Callable[[int, int], None]


class RunError(ValueError):
    """A run that cannot be: what was given, and what was expected."""


@dataclass(frozen=True, slots=True)
class Option:
    """One way to care for the country: an edition of the pathway, and what people do of it."""

    edition: Edition | str = DEFAULT
    scenario: Scenario = field(default_factory=lambda: scenario(AS_NOW))

    @property
    def id(self) -> str:
        """The edition and the scenario: "current/as_now"."""
        name = self.edition if isinstance(self.edition, str) else self.edition.id
        return f"{name}/{self.scenario.id}"


@dataclass(frozen=True)
class Run:
    """What is run. The same run gives the same counts, to the bit.

    ``since``: the year from which the options hold; before it, and before the run, the first option does. ``born``:
    people born a year, in the size of the run.
    """

    people: int = 100_000
    years: int = 10
    seed: int = 1
    options: tuple[Option, ...] = (Option(),)
    parameters: Parameters = field(default_factory=parameters)
    since: int = 0
    born: int = 0

    def __post_init__(self) -> None:
        for name, value, least, most in (
            ("people", self.people, BATCHES, MOST_PEOPLE),
            ("years", self.years, 1, MOST_YEARS),
            ("seed", self.seed, 0, 2**63 - 1),
            ("since", self.since, 0, self.years),
            ("born", self.born, 0, MOST_PEOPLE),
        ):
            if not least <= value <= most:
                raise RunError(f"{name}: {value} given, {least} to {most} expected")
        if not self.options:
            raise RunError("options: none given, at least one expected")
        if len({option.id for option in self.options}) < len(self.options):
            raise RunError(f"options: {', '.join(option.id for option in self.options)} given, each once expected")

    @cached_property
    def given(self) -> Given:
        """The tables of the parameters. Raises TableError."""
        return given(self.parameters)

    @cached_property
    def care(self) -> tuple[Care, ...]:
        """The table of care of each option."""
        return tuple(care(option.edition) for option in self.options)

    @property
    def lives(self) -> int:
        """Everybody who lives in the run: who is alive when it begins, and who is born."""
        return self.people + self.born * self.years

    @property
    def weight(self) -> float:
        """How many people one of the run stands for."""
        return total() / self.people

    @cached_property
    def digest(self) -> str:
        """The hash of all that decides the counts: numbers, tables, editions, scenarios, and the kernel itself.

        Of the tables their contents: that of people, say, has a file of its own and is in no parameter.
        """
        said = [f"{self.people} {self.years} {self.seed} {self.since} {self.born}", self.parameters.digest]
        tables = [getattr(self.given, name) for name in self.given.__slots__] + [one.cells for one in self.care]
        said += [hashlib.sha256(np.ascontiguousarray(table).tobytes()).hexdigest() for table in tables]
        said += [table.fingerprint for table in self.care]
        said += [str(option.scenario.policy(self.parameters).tolist()) for option in self.options]
        said += [compiled.sources()]
        return hashlib.sha256("\n".join(said).encode()).hexdigest()


@dataclass(frozen=True)
class Result:
    """Counts of a run: [options, BATCHES, size(years)], for the people of the run (``run.weight`` scales them up)."""

    run: Run
    counts: Counts

    @cached_property
    def digest(self) -> str:
        """The hash of every count."""
        return hashlib.sha256(np.ascontiguousarray(self.counts).data).hexdigest()

    @property
    def yearly(self) -> Counts:
        """[options, batches, years, sexes, bands, measures]."""
        shape = (*self.counts.shape[:2], self.run.years, 2, BANDS, len(MEASURES))
        return self.counts[..., : int(np.prod(shape[2:]))].reshape(shape)

    @property
    def by_cause(self) -> Counts:
        """[options, batches, causes, measures], over the whole run."""
        start = self.run.years * 2 * BANDS * len(MEASURES)
        length = len(CAUSES) * len(MEASURES)
        return self.counts[..., start : start + length].reshape(*self.counts.shape[:2], len(CAUSES), len(MEASURES))

    @property
    def weeks(self) -> Counts:
        """[options, batches, groups, weeks since the onset, states]: how many are in each state."""
        length = len(GROUPS) * WEEKS * len(STATES)
        steps = self.counts[..., -length:].reshape(*self.counts.shape[:2], len(GROUPS), WEEKS, len(STATES))
        found: Counts = steps.cumsum(axis=3)
        return found

    def total(self, measure: str) -> Floats:
        """[options, batches]: a measure over the whole run, for the country."""
        summed: Floats = self.yearly[..., MEASURES.index(measure)].sum(axis=(2, 3, 4)) * self.run.weight
        return summed

    def a_year(self, measure: str) -> tuple[Floats, Floats]:
        """Per option: a measure a year for the country, and the Monte-Carlo standard error of it."""
        return summed(self.total(measure) / self.run.years)


def summed(batches: Floats) -> tuple[Floats, Floats]:
    """The sum over the last axis (batches), and its Monte-Carlo standard error by how far the batches differ.

    Where people is no multiple of BATCHES some batches have one person more. That too makes them differ: the error of
    years lived is then too large, by 14 % at 20,000 people and by nine tenths at 500; other measures differ far more
    between people. A difference between options has none of this.
    """
    number = batches.shape[-1]
    error = batches.std(axis=-1, ddof=1) * np.sqrt(number)
    return batches.sum(axis=-1), error


def simulate(run: Run, threads: int = 2, progress: Progress | None = None) -> Result:
    """Runs it. Raises TableError, ParameterError or ScenarioError before anything runs."""
    return Result(run, counted(run, 0, run.lives, threads, progress))


def counted(run: Run, low: int, high: int, threads: int = 2, progress: Progress | None = None) -> Counts:
    """The counts of the persons low to high: [options, BATCHES, size]. Those of all shards add up to those of the run.

    ``progress`` is called with how many batches are done, and of how many.
    """
    arguments = prepared(run)
    lives = compiled.compiled()
    counts = np.zeros((len(run.options), BATCHES, size(run.years)), dtype=np.int64)
    no_log = np.zeros((0, 6), dtype=np.int64)
    parts = [(option, batch) for option in range(len(run.options)) for batch in range(BATCHES)]
    stopped = Event()

    def one(part: tuple[int, int]) -> None:
        option, batch = part
        me = np.zeros(CARRIED, dtype=np.int64)
        for first in range(low + (batch - low) % BATCHES, high, BATCHES * AT_ONCE):
            if stopped.is_set():
                return
            until = min(first + BATCHES * AT_ONCE, high)
            lives(counts[part], no_log, me, first, until, BATCHES, *arguments[option])

    with ThreadPoolExecutor(threads) as pool:
        try:
            for number, _ in enumerate(pool.map(one, parts), 1):
                if progress:
                    progress(number, len(parts))
        except BaseException:
            stopped.set()
            raise
    return counts


def prepared(run: Run) -> list[tuple[Any, ...]]:
    """Per option, what the kernel is given after the persons: everything is checked before anything runs."""
    tables, policies = run.given, [option.scenario.policy(run.parameters) for option in run.options]
    found: list[tuple[Any, ...]] = []
    for policy, table in zip(policies, run.care, strict=True):
        before = policies[0].copy()
        before[LAW] = policy[LAW]  # how fast people recover is nature, not care: it holds from birth on
        rows = np.stack([before, policy]), np.stack([run.care[0].cells, table.cells])
        one = (tables.guide, tables.levels, tables.tables, tables.chances, tables.causes)
        found.append((run.people, max(run.born * run.years, 1), run.years, run.seed, *one, *rows, run.since * YEAR))
    return found
