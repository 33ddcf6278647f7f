"""The country with a few things otherwise, so that what must come out of its lives is known beforehand."""

import inspect

import numpy as np

from ruggespraak.population import compiled
from ruggespraak.population.kernel.given import CHANCES, DEATH, FIRST, LATER, POLICY, TABLES
from ruggespraak.population.kernel.lives import lives
from ruggespraak.population.kernel.tally import CARRIED, CAUSES, MEASURES, NOTES, size
from ruggespraak.population.laws import LEVELS, NEVER
from ruggespraak.population.simulate import Run, prepared

ALWAYS = LEVELS
GIVEN = list(inspect.signature(lives).parameters)[6:]  # after what is counted in, and whom
COLUMNS = ("hour", "person", "episode", "cause", "measure", "amount")
ALL = (*MEASURES, *NOTES)  # what a row of the log can be about
LEVEL_ROWS = {"death": DEATH, "first": FIRST, "later": LATER}


def world(run=None, option=0, *, chances=None, policy=None, tables=None, levels=None, **others):
    """What the kernel is given for this run, by name, with changes.

    ``chances``, ``policy``: levels and whole numbers by name, the policy before and after ``since``. ``tables``: rows
    by name. ``levels``: who is left at each birthday, by name, for both sexes. ``others``: whole arguments.
    """
    run = run or Run()
    given = dict(zip(GIVEN, (np.copy(one) if np.ndim(one) else one for one in prepared(run)[option]), strict=True))
    for name, value in (chances or {}).items():
        given["chances"][CHANCES.index(name)] = value
    for name, value in (policy or {}).items():
        given["policies"][:, POLICY.index(name)] = value
    for name, row in (tables or {}).items():
        given["tables"][TABLES.index(name)] = row
    for name, row in (levels or {}).items():
        given["levels"][LEVEL_ROWS[name] : LEVEL_ROWS[name] + 2] = row
    return given | others


def lived(given, low=0, high=None, rows=0, by=None):
    """The counts of the persons low to high, and the rows of their log as columns by name."""
    high = given["cohort"] if high is None else high
    counts, log = np.zeros(size(given["years"]), np.int64), np.zeros((rows, 6), np.int64)
    me = np.zeros(CARRIED, np.int64)
    (by or compiled.compiled())(counts, log, me, low, high, 1, *(given[name] for name in GIVEN))
    if rows:
        assert log[0, 0] < rows, f"{log[0, 0]} rows, room for {rows}"
        log = log[1 : log[0, 0] + 1]
    return counts, dict(zip(COLUMNS, log.T, strict=True))


def of(log, measure):
    """The rows of the log about one measure."""
    chosen = log["measure"] == ALL.index(measure)
    return {name: column[chosen] for name, column in log.items()}


def only(cause):
    """Every case has this cause."""
    return np.repeat((np.arange(len(CAUSES)) >= CAUSES.index(cause)) * ALWAYS, 10).reshape(len(CAUSES), 10).T.copy()


def born_now(guide):
    """Everybody is in the first year of age, half of them women."""
    return np.concatenate([[0, LEVELS // 2], np.full(len(guide) - 2, LEVELS)])


def yearly(counts, years):
    """[years, sexes, bands, measures]."""
    return counts[: years * 2 * 10 * len(MEASURES)].reshape(years, 2, 10, len(MEASURES))


def for_ever(row):
    """A table by which it never happens."""
    return np.full_like(row, NEVER)
