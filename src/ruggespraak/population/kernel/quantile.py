"""Draws from any distribution, from one table of whole numbers.

A draw is a level: a word of 32 bits that stands for the share of people to whom it has *not* happened yet. The table
gives the time that belongs to it. Its knots lie by octave, as floating-point numbers do: from 1 to a half, from a half
to a quarter, and so on down to 1 in 134 million, each octave cut in 32. A long tail keeps its shape; what lies between
two knots is interpolated, and rounded. A higher level is never a later time, so what shortens every draw shortens each
one's own.
"""

CELLS = 32  # in an octave
OCTAVES = 27
KNOTS = OCTAVES * CELLS + 1
LAST = 32  # 1 in 2**27: to all below it happens at the last knot
CELL = 26  # bits of a level within a cell, once its highest bit is in front


def quantile(tables, row, level):
    """The time at which a share ``level`` / 2**32 is left, in row ``row`` of ``tables`` (KNOTS whole numbers each)."""
    level = max(level, LAST)
    bits, rest = 0, level
    while rest:  # the octave; in this form compilers know it as one instruction, without a branch to guess
        rest >>= 1
        bits += 1
    level <<= 32 - bits
    knot = (32 - bits) * CELLS + 2 * CELLS - 1 - (level >> CELL)
    early, late = tables[row, knot], tables[row, knot + 1]
    within = level & ((1 << CELL) - 1)
    return late - (((late - early) * within + (1 << (CELL - 1))) >> CELL)
