"""The life of one person, from birth to death or the end of the run: when the back hurts, and what follows.

A person is a number. Age and sex follow from it by a stride of the golden ratio through the population, so that any
first so many people are a fair sample; luck follows from its address (``address``). What is done about the pain is
looked up in the table of care of the edition in force (``cell``), and weighed with what people in fact do (``policy``).
"""

from ruggespraak.population.kernel.address import BEFORE, DEATH_AND_KIND, NEXT, draw
from ruggespraak.population.kernel.age import age_after, age_at
from ruggespraak.population.kernel.episode import episode
from ruggespraak.population.kernel.given import DEATH, EMPLOYED, EVER, FIRST, LATER, RECURS, WITHIN_YEAR
from ruggespraak.population.kernel.quantile import quantile
from ruggespraak.population.kernel.tally import (
    BORN,
    CAUSE,
    DEATHS,
    EPISODE,
    LIVED,
    LIVED_EVER,
    NONSPECIFIC,
    PERSON,
    SEEN_RADICULAR,
    SEEN_YEAR,
    SEX,
    UNTIL,
    WORKS,
    YEAR,
    YEARS,
    happens,
    lasts,
)

GOLDEN = 2654435769  # 2**32 divided by the golden ratio
NEWBORN = 1 << 40  # numbers of who is born during the run
BOYS = 2199023256  # level of 0.512: 105 boys to 100 girls


def cell_of(guide, rank):
    """The cell of age and sex in which a rank falls: guide[cell] <= rank < guide[cell + 1]."""
    low, high = 0, guide.shape[0] - 1
    while high - low > 1:
        middle = (low + high) // 2
        if guide[middle] <= rank:
            low = middle
        else:
            high = middle
    return low


def life(
    counts, log, me, person, cohort, births, years, seed, guide, levels, tables, chances, causes, policies, cells, since
):
    """Lives one life and counts it.

    ``person``: 0 to ``cohort`` are alive when the run begins, the ``births`` after that are born during it. ``me``:
    room for what is carried. ``policies`` and ``cells``: two rows, before and from hour ``since``.
    """
    end = years * YEAR
    me[YEARS] = years
    me[UNTIL] = end
    me[EPISODE] = 0
    me[CAUSE] = NONSPECIFIC
    me[SEEN_YEAR] = -1
    me[SEEN_RADICULAR] = -1
    if person < cohort:
        me[PERSON] = person
        rank = (person * GOLDEN) & 0xFFFFFFFF
        at = cell_of(guide, rank)
        me[SEX] = at & 1
        me[BORN] = -((at >> 1) * YEAR + (rank - guide[at]) * YEAR // (guide[at + 1] - guide[at]))
    else:
        me[PERSON] = NEWBORN + person - cohort
        sex, _, _, _ = draw(seed, me[PERSON], 0, BEFORE)
        me[SEX] = 0 if sex < BOYS else 1
        me[BORN] = (person - cohort) * end // births
    born, sex = me[BORN], me[SEX]
    dies, ever, first, works = draw(seed, me[PERSON], 0, DEATH_AND_KIND)
    me[WORKS] = 1 if works < chances[EMPLOYED] else 0

    death = born + age_after(levels, DEATH + sex, max(-born, 0), dies)
    happens(counts, log, me, death, DEATHS, 1)
    me[UNTIL] = min(death, end)
    lasts(counts, log, me, born, me[UNTIL], LIVED)
    if ever >= chances[EVER]:
        return

    onset = born + age_at(levels, FIRST + sex, first)
    lasts(counts, log, me, onset, me[UNTIL], LIVED_EVER)
    # From the first pain on, also where that lies long before the run: some pain lasts for decades.
    while onset < me[UNTIL]:
        over = episode(counts, log, me, onset, seed, tables, chances, causes, policies, cells, since)
        again, when, later, _ = draw(seed, me[PERSON], me[EPISODE], NEXT)
        me[CAUSE] = NONSPECIFIC
        me[EPISODE] += 1
        if again < chances[WITHIN_YEAR]:
            onset = over + max(quantile(tables, RECURS, when), 1)
        else:
            onset = born + age_after(levels, LATER + sex, over + YEAR - born, later)
