"""Finds the parameters that no source gives, so that the country looks like its published figures (``targets.toml``).

With the same luck in every run the simulator is a function without noise, so least squares find the best fit in some
tens of runs. How sure it is: the posterior under flat priors on the ranges of ``parameters.toml``, by emcee.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from ruggespraak.population.economics import sobol
from ruggespraak.population.parameters import Parameters, parameters
from ruggespraak.population.simulate import Progress, Run, simulate
from ruggespraak.population.targets import misfit, reached, targets

Floats = npt.NDArray[np.float64]
PEOPLE, YEARS = 200_000, 3


@dataclass(frozen=True)
class Fit:
    """The best fit: the parameters, what the country then comes to, chi-squared, and how many runs it took."""

    parameters: Parameters
    reached: dict[str, float]
    chi2: float
    runs: int


def free(parameters: Parameters) -> tuple[str, ...]:
    """The parameters that are fitted."""
    return tuple(one.id for one in parameters.known.values() if one.fitted)


class Country:
    """The simulator as a function from the fitted parameters, each as a share of its range, to what is missed."""

    def __init__(self, base: Parameters, people: int = PEOPLE, years: int = YEARS, seed: int = 1) -> None:
        self.base, self.people, self.years, self.seed = base, people, years, seed
        self.ids = free(base)
        self.low, self.high = (np.array([getattr(base.known[id], end) for id in self.ids]) for end in ("low", "high"))
        self.runs = 0

    def at(self, place: Floats) -> Parameters:
        """The parameters at a place in the unit cube."""
        values = self.low + place * (self.high - self.low)
        return self.base.changed(dict(zip(self.ids, np.clip(values, self.low, self.high).tolist(), strict=True)))

    def place(self) -> Floats:
        """Where the base case stands."""
        values = np.array([self.base[id] for id in self.ids])
        found: Floats = (values - self.low) / (self.high - self.low)
        return found

    def reached(self, place: Floats) -> dict[str, float]:
        """What the country comes to there, for each target: a run."""
        self.runs += 1
        return reached(simulate(Run(people=self.people, years=self.years, seed=self.seed, parameters=self.at(place))))

    def misfit(self, place: Floats) -> Floats:
        """[targets of the fit]: how far each is missed there, in its spread: a run."""
        return misfit(self.reached(place))


def fit(base: Parameters | None = None, people: int = PEOPLE, seed: int = 1, starts: int = 8) -> Fit:
    """The best fit by least squares: from the base case and from places spread over the ranges, the best once more.

    People move by whole numbers, so the misfit has small steps: the derivative is taken over three of a hundred parts
    of a range.
    """
    from scipy.optimize import least_squares

    country = Country(base or parameters(), people // 4, seed=seed)
    spread = sobol(starts, len(country.ids), seed)[: starts - 1] * 0.8 + 0.1

    def best(start: Floats, step: float) -> tuple[float, Floats]:
        found = least_squares(country.misfit, np.clip(start, 0.01, 0.99), bounds=(0, 1), diff_step=step, x_scale=0.1)
        return float(2 * found.cost), found.x

    _, place = min((best(start, 0.03) for start in [country.place(), *spread]), key=lambda one: one[0])
    country.people = people
    chi2, place = best(place, 0.03)
    return Fit(country.at(place), country.reached(place), chi2, country.runs)


@dataclass(frozen=True)
class Posterior:
    """Draws of the fitted parameters: [draws, parameters], and what the country comes to: [draws, targets]."""

    ids: tuple[str, ...]
    draws: Floats
    reached: Floats
    acceptance: float


def posterior(
    base: Parameters,
    walkers: int = 24,
    steps: int = 120,
    people: int = 50_000,
    seed: int = 1,
    progress: Progress | None = None,
) -> Posterior:
    """Walks from the base case under flat priors; the first third of the steps is not kept."""
    import emcee

    country = Country(base, people, seed=seed)
    random = np.random.default_rng(seed)
    start = np.clip(country.place() + 0.02 * random.standard_normal((walkers, len(country.ids))), 0.001, 0.999)

    def log_probability(place: Floats) -> tuple[float, Floats]:
        if np.any(place <= 0) or np.any(place >= 1):
            return -np.inf, np.full(len(targets()), np.nan)
        came = country.reached(place)
        return -0.5 * float(np.sum(misfit(came) ** 2)), np.array([came[one.id] for one in targets()])

    sampler = emcee.EnsembleSampler(walkers, len(country.ids), log_probability)
    sampler.random_state = np.random.RandomState(seed).get_state()
    for step, _ in enumerate(sampler.sample(start, iterations=steps), 1):
        if progress:
            progress(step, steps)
    kept = sampler.get_chain(discard=steps // 3, flat=True)
    return Posterior(
        country.ids,
        country.low + kept * (country.high - country.low),
        np.asarray(sampler.get_blobs(discard=steps // 3, flat=True), dtype=float),
        float(np.mean(sampler.acceptance_fraction)),
    )


def stored() -> Posterior:
    """The posterior that came with this version (``posterior.csv``, of ``docs/making/population.py``): its draws."""
    lines = files(__package__).joinpath("posterior.csv").read_text(encoding="utf-8").splitlines()
    draws = np.array([[float(value) for value in line.split(",")] for line in lines[1:]])
    return Posterior(tuple(lines[0].split(",")), draws, np.empty((len(draws), 0)), float("nan"))
