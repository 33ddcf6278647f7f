"""From age to the share left and back, on a share per birthday: who lives still, and who is free of it still.

A search in the birthdays, not a table by octave (``quantile``): of a share that hardly falls in the first 45 years such
a table would make one straight line, and let people die before the age that they have.
"""

from ruggespraak.population.kernel.tally import YEAR

LAST = 120  # the birthday that nobody outlives


def age_at(levels, row, level):
    """Hours of age at which a share ``level`` / 2**32 is left; LAST years where more than that is left for ever."""
    if level < levels[row, LAST]:
        return LAST * YEAR
    alive, step = 0, 64  # a search without branches, which nobody can foresee
    while step > 0:
        middle = min(alive + step, LAST - 1)
        alive = middle if levels[row, middle] > level else alive
        step >>= 1
    before, after = levels[row, alive], levels[row, alive + 1]
    return alive * YEAR + (before - level) * YEAR // (before - after)


def left_at(levels, row, hours):
    """The level of the share left at this age in hours."""
    if hours >= LAST * YEAR:
        return 0
    age = hours // YEAR
    before, after = levels[row, age], levels[row, age + 1]
    return before - (before - after) * (hours - age * YEAR) // YEAR


def age_after(levels, row, age, word):
    """The age in hours at which it happens to who is free of it at this age."""
    left = (left_at(levels, row, age) * (word >> 1)) >> 31  # half a word, so that the product fits 63 bits
    return max(age_at(levels, row, left), age + 1)
