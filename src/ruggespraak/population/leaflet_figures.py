"""Can the leaflet's "5 % new a year" and "three quarters ever" both be about the first back pain of a life?

Nobody has a first time twice. So in a population that stays as large as it is, the first times in a year are the births
in a year times the share who ever get it, at whatever age. All here are exact sums over the people and the life tables
of ``people``, and over the law of a first pain in ``tables``: no luck, no run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ruggespraak.population import people
from ruggespraak.population.kernel.given import FIRST
from ruggespraak.population.laws import LEVELS, Floats
from ruggespraak.population.parameters import Parameters, parameters
from ruggespraak.population.tables import given
from ruggespraak.population.targets import targets
from ruggespraak.wording import number, short

NEW, EVER = 0.05, 0.75  # the leaflet: S13 of pathway/sources.csv
ADULT = 18
AGE = np.arange(people.AGES) + 0.5  # people of an age are on average half a year older


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read the figures, as shares.

    ``new``: of all people, who have their first pain in a year. ``ever_of_adults`` and ``ever_of_all``: who ever had
    it. ``a_year``: of who never had it and is ``begins`` years old or older, who have it for the first time.
    """

    id: str
    new: float
    ever_of_adults: float
    ever_of_all: float
    a_year: float
    begins: float


def life() -> float:
    """Years that a newborn may expect to live, of boys and girls together."""
    men, women = people.life_expectancy(people.rescaled())
    boys = people.figures().born
    return float((boys * men + women) / (boys + 1))


def births() -> float:
    """Births a year with which a population of this size stays as it is."""
    return people.total() / life()


def first_times(ever: float = 1.0) -> float:
    """First times in a year, as a share of all people, where this share of newborns has it at some age."""
    return ever / life()


def most_at_once() -> float:
    """The largest share of all people who are of one age: year after year, no law by age gives more first times."""
    of_age = people.cells().sum(axis=0)
    return float(of_age.max() / of_age.sum())


def of_the_never(id: str, a_year: float, begins: float = 0.0) -> Reading:
    """A share of who never had it has it for the first time, each year from an age on; by age as people live today."""
    of_age = people.cells().sum(axis=0)
    never = (1 - a_year) ** np.maximum(AGE - begins, 0)
    new = float((of_age * never * a_year)[begins < AGE].sum() / of_age.sum())
    return Reading(id, new, _ever(1 - never, ADULT), _ever(1 - never), a_year, begins)


def _ever(ever: Floats, since: int = 0) -> float:
    """The mean over the people from an age on of a share [AGES] or [2, AGES]."""
    cells = people.cells()[:, since:]
    return float((cells * ever[..., since:]).sum() / cells.sum())


def a_year_for(ever_of_adults: float = EVER) -> float:
    """The share of who never had it that must have it each year from birth, so that so many adults ever had it."""
    return _solved(lambda a_year: of_the_never("", a_year).ever_of_adults - ever_of_adults, 0.001, 0.5)


def begins_for(a_year: float = NEW, ever_of_adults: float = EVER) -> float:
    """The age from which so many of who never had it must have it each year, so that so many adults ever had it."""
    return _solved(lambda begins: of_the_never("", a_year, begins).ever_of_adults - ever_of_adults, 0.0, 60.0)


def _solved(missed: Callable[[float], float], low: float, high: float) -> float:
    from scipy.optimize import brentq  # here: it is slow to import

    return float(brentq(missed, low, high))


def of_the_model(parameters: Parameters) -> Reading:
    """What the parameters come to, before anybody lives. Raises TableError."""
    levels = given(parameters).levels[FIRST : FIRST + 2] / LEVELS
    ever = 1 - parameters["onset.never"]
    cells = people.cells()
    had = ever * (1 - (levels[:, :-1] + levels[:, 1:]) / 2)  # in the middle between two birthdays
    had, next_year = had[:, : people.AGES], had[:, 1 : people.AGES + 1]
    new = float((cells * (next_year - had)).sum() / cells.sum())
    return Reading("model", new, _ever(had, ADULT), _ever(had), new / (1 - _ever(had)), 0.0)


def readings(known: Parameters | None = None) -> tuple[Reading, ...]:
    """The readings side by side: 5 % of who never had it, from birth and from the age that fits; what fits from birth;
    and the model."""
    return (
        of_the_never("from_birth", NEW),
        of_the_never("from_age", NEW, begins_for()),
        of_the_never("that_fits", a_year_for()),
        of_the_model(known or parameters()),
    )


SAID = {
    "nl": "De folder zegt: driekwart van de mensen heeft ooit rugklachten, en elk jaar is 5 % nieuw. Gaat dat allebei "
    "over de eerste keer in iemands leven? Niet als het 5 % van alle mensen is. Niemand heeft twee keer een eerste "
    "keer. Om even groot te blijven, heeft Nederland elk jaar {births} geboorten nodig: {most} % van alle mensen. Veel "
    "meer eerste keren kunnen er dus niet zijn. Krijgt driekwart het ooit, dan zijn het er {first}: {share} %. Maar "
    "5 % is {five} mensen. Dat zijn er ongeveer zo veel als de nieuwe gevallen die de huisarts ziet, {cases} per jaar. "
    "Misschien zijn die bedoeld. De meesten van hen hadden al eerder rugpijn. Rekent u 5 % van de mensen die het nog "
    "nooit hadden, dan past het wel bij driekwart. Maar dan zijn het ongeveer {never} mensen per jaar.",
    "en": "The leaflet says: three quarters of people ever have back trouble, and each year 5 % are new. Are both "
    "about the first time in a life? Not if it is 5 % of all people. Nobody has a first time twice. To stay as large "
    "as it is, the country needs {births} births each year: {most} % of all people. So there cannot be many more first "
    "times. If three quarters ever get it, there are {first}: {share} %. But 5 % is {five} people. That is about "
    "as many as the new cases that GPs see, {cases} a year. Perhaps those are meant. Most of them had back pain "
    "before. Taken as 5 % of the people who never had it, the figure does fit three quarters. But then it is about "
    "{never} people a year.",
}


def finding(lang: str) -> str:
    """The answer in a few short sentences, in "nl" or "en"."""
    everybody = people.total()
    (cases,) = (one.value for one in targets() if one.id == "new_gp_cases")
    return SAID[lang].format(
        births=_round(births(), lang),
        most=number(100 * first_times(), lang, 1),
        first=_round(births() * EVER, lang),
        share=number(100 * first_times(EVER), lang, 1),
        five=_round(NEW * everybody, lang),
        cases=_round(cases, lang),
        never=_round(of_the_never("from_age", NEW, begins_for()).new * everybody, lang),
    )


def _round(people: float, lang: str) -> str:
    """To ten thousands."""
    return short(round(people, -4), lang)
