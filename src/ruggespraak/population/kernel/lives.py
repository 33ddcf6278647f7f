"""Many lives, one after the other, into one array of counts."""

from ruggespraak.population.kernel.life import life


def lives(
    counts,
    log,
    me,
    low,
    high,
    step,
    cohort,
    births,
    years,
    seed,
    guide,
    levels,
    tables,
    chances,
    causes,
    policies,
    cells,
    since,
):
    """Lives the persons low, low + step, ... below high. ``me``: ``tally.CARRIED`` whole numbers of room."""
    for person in range(low, high, step):
        life(
            counts, log, me, person, cohort, births, years, seed, guide, levels, tables, chances, causes, policies,
            cells, since,
        )  # fmt: skip
