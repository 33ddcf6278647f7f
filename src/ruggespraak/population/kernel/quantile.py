"""Draws from any distribution, from one table of whole numbers.

A draw is a level: a word of 32 bits that stands for the share of people to whom it has *not* happened yet. The table
gives the time that belongs to it. Its knots lie by octave, as floating-point numbers do: from 1 to a half, from a half
to a quarter, and so on down to 1 in 134 million, each octave cut in 32. A long tail keeps its shape; what lies between
two knots is interpolated. A higher level is never a later time, so what shortens every draw shortens each one's own.
"""

CELLS = 32  # in an octave
OCTAVES = 27
KNOTS = OCTAVES * CELLS + 1


def quantile(tables, row, level):  # type: ignore[no-untyped-def]
    """The time at which a share ``level`` / 2**32 is left, from row ``row`` of ``tables`` (KNOTS whole numbers each)."""
    octave = 31
    while octave > 5 and (level >> octave) == 0:
        octave -= 1
    level |= 32  # below 1 in 2**27 all are the same
    step = octave - 5
    knot = (31 - octave) * CELLS + 31 - ((level >> step) & 31)
    early, late = tables[row, knot], tables[row, knot + 1]
    return late - (((late - early) * (level & ((1 << step) - 1))) >> step)
