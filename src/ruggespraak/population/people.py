"""Who lives in the Netherlands, by age and sex, and how they die. The figures, with source and status: ``people.toml``.

**How many of each age.** Statistics Netherlands (CBS) gives five bands of age. A monotone curve (PCHIP) through the
running total at their edges gives one-year ages and keeps every band exactly. People of 80 and over are spread as in a
stationary population, by the years that a life table lets people live at each age; these are knots of the same curve.

**Men and women.** At each age the odds of being a man are the ratio at birth times the years lived by men over those
lived by women; one factor on all these odds gives the known totals of men and women. All is then scaled to one total.

**Who is alive and who will die.** The table of death is of 1995/96-1999/2000, in intervals of mostly five years, with
the same force of mortality throughout an interval. Who is alive today lived under older death, so under the table as it
was published: the odds then need a factor of 1.01 only. Who lives on does so under that table with one factor on the
force of mortality for each sex, so that life expectancy at birth is the newer one.

Own choices where figures are lacking: the force of women from 90 on is that of men times their ratio at 85-89; the
force from 105 on grows once more as from 95 to 100, and stays; nobody outlives the 120th birthday; between two
birthdays people die evenly.
"""

from __future__ import annotations

import hashlib
import math
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from ruggespraak.population.kept import kept
from ruggespraak.population.kernel.age import LAST
from ruggespraak.population.laws import LEVELS, Floats, Table

MEN, WOMEN = 0, 1
AGES = 106  # 0 to 104 one by one, and 105 and over


@dataclass(frozen=True, slots=True)
class Figures:
    """What ``people.toml`` says. Ages in years; of two, men come first."""

    band_from: tuple[float, ...]
    band_people: tuple[float, ...]
    sexes: tuple[float, ...]
    total: float
    born: float
    death_from: tuple[float, ...]
    death_to: float
    deaths: tuple[tuple[float, ...], ...]
    expectancy: tuple[float, ...]


def read(words: str) -> Figures:
    """The figures in the text of ``people.toml``. Raises ValueError where one is missing or cannot be."""
    found = tomllib.loads(words)
    everybody = _number(found, "bands.total")
    bands = _numbers(found, "bands.people", 5, below=everybody)
    if sum(bands) != everybody:
        raise ValueError(f"people.toml: bands.people add up to {sum(bands)}, expected bands.total, {everybody}")
    return Figures(
        band_from=_numbers(found, "bands.from", 5, below=AGES),
        band_people=bands,
        sexes=(_number(found, "sexes.men"), _number(found, "sexes.women")),
        total=_number(found, "country.total"),
        born=_number(found, "born.ratio"),
        death_from=_numbers(found, "death.from", 22, below=AGES),
        death_to=_number(found, "death.to"),
        deaths=(_numbers(found, "death.men", 22, below=1), _numbers(found, "death.women", 19, below=1)),
        expectancy=(_number(found, "expectancy_men.years"), _number(found, "expectancy_women.years")),
    )


def _numbers(found: dict[str, Any], name: str, count: int, below: float) -> tuple[float, ...]:
    part, _, key = name.partition(".")
    given = found.get(part, {}).get(key)
    if not isinstance(given, Sequence) or len(given) != count:
        raise ValueError(f"people.toml: {name} is {given}, expected {count} numbers")
    for one in given:
        if not isinstance(one, int | float) or not 0 <= one < below:
            raise ValueError(f"people.toml: {name} holds {one}, expected a number from 0 that is below {below}")
    return tuple(given)


def _number(found: dict[str, Any], name: str) -> float:
    part, _, key = name.partition(".")
    given = found.get(part, {}).get(key)
    if not isinstance(given, int | float) or not 0 < given < math.inf:
        raise ValueError(f"people.toml: {name} is {given}, expected a number above 0")
    return given


@cache
def figures() -> Figures:
    """The figures of ``people.toml``. Raises ValueError as ``read`` does."""
    return read(files(__package__).joinpath("people.toml").read_text(encoding="utf-8"))


def total() -> int:
    """How many people the country has."""
    return round(figures().total)


def life_expectancy(left: Floats) -> Floats:
    """Years from birth, of [..., LAST + 1] shares left at each birthday."""
    expected: Floats = _lived(left).sum(axis=-1)
    return expected


def published() -> Floats:
    """[2, LAST + 1]: the share left at each birthday by the table of death as it was published."""
    return _left(_forces())


@cache
def rescaled() -> Floats:
    """[2, LAST + 1]: the share left at each birthday, with the newer life expectancy."""
    from scipy.optimize import brentq  # here: it is slow to import

    def with_expectancy(forces: Floats, years: float) -> Floats:
        factor = brentq(lambda factor: life_expectancy(_left(factor * forces)) - years, 0.1, 10)
        return _left(factor * forces)

    return np.stack([with_expectancy(*sex) for sex in zip(_forces(), figures().expectancy, strict=True)])


def _forces() -> Floats:
    """[2, LAST]: the force of mortality in a year, at each age of the published table."""
    found = figures()
    years = np.diff([*found.death_from, found.death_to]).astype(int)
    men, women = (-np.log1p(-np.array(chances)) / years[: len(chances)] for chances in found.deaths)
    unread = slice(len(women), None)
    women = np.append(women, men[unread] * women[-1] / men[len(women) - 1])
    forces = np.stack([men, women])
    last = forces[:, -1:] ** 2 / forces[:, -2:-1]
    return np.hstack([np.repeat(forces, years, axis=1), np.repeat(last, LAST - years.sum(), axis=1)])


def _left(forces: Floats) -> Floats:
    """The shares left at the birthdays before, between and after these years."""
    left: Floats = np.exp(-np.insert(np.cumsum(forces, axis=-1), 0, 0, axis=-1))
    return left


def _lived(left: Floats) -> Floats:
    """The part of each year of age that somebody born may expect to live: people die evenly between two birthdays."""
    lived: Floats = (left[..., :-1] + left[..., 1:]) / 2
    return lived


def cells(total: float | None = None) -> Floats:
    """[2, AGES]: people by sex (0 men, 1 women) and age in years (the last: 105 and over).

    ``total``: of all people, by default that of ``people.toml``.
    """
    from scipy.optimize import brentq  # here: it is slow to import

    found = figures()
    lived = _lived(published()) * [[found.born], [1]]
    lived = np.hstack([lived[:, : AGES - 1], lived[:, AGES - 1 :].sum(axis=1, keepdims=True)])
    people = _people(lived.sum(axis=0))
    odds = lived[MEN] / lived[WOMEN]

    def men(factor: float) -> Floats:
        of_each_age: Floats = people * (factor * odds / (1 + factor * odds))
        return of_each_age

    wanted = people.sum() * found.sexes[MEN] / sum(found.sexes)
    of_men = men(brentq(lambda factor: men(factor).sum() - wanted, 0.1, 10))
    scaled: Floats = np.stack([of_men, people - of_men]) * ((found.total if total is None else total) / people.sum())
    return scaled


def _people(lived: Floats) -> Floats:
    """[AGES]: people of each age, from the bands, and from the years lived at each age in the open band."""
    from scipy.interpolate import PchipInterpolator  # here: it is slow to import

    found = figures()
    *starts, open_from = (int(age) for age in found.band_from)
    oldest = np.cumsum(lived[open_from:])
    below = np.cumsum([0, *found.band_people[:-1]])
    knots = [*starts, *range(open_from, AGES + 1)]
    running = np.append(below, below[-1] + found.band_people[-1] * oldest / oldest[-1])
    people: Floats = np.diff(PchipInterpolator(knots, running)(np.arange(AGES + 1)))
    return people


def guide() -> Table:
    """[2 * AGES + 1]: levels from 0 to 2**32 that rise. Who has the word r is in cell c: guide[c] <= r < guide[c + 1].

    Cell c is of age c // 2 and sex c % 2, so that neighbours are alike. How far r is into its cell is how far the
    person is into the year of age.
    """
    return kept(f"guide-{_sources()}", _guide)


def _guide() -> Table:
    running = np.insert(np.cumsum(cells().T), 0, 0)
    levels: Table = np.round(running / running[-1] * LEVELS).astype(np.int64)
    return levels


def survival() -> Table:
    """[2, LAST + 1]: the level of the share left at each birthday, with the newer life expectancy. It never rises.

    The first is 2**32, as ``laws.level`` has it for what is certain: every word lies below it, everybody is born alive.
    """
    return kept(f"survival-{_sources()}", lambda: np.round(rescaled() * LEVELS).astype(np.int64))


@cache
def _sources() -> str:
    """The hash of what both are made from."""
    found = hashlib.sha256()
    for name in ("people.py", "people.toml"):
        found.update(files(__package__).joinpath(name).read_bytes())
    return found.hexdigest()[:16]
