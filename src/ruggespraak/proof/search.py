"""Asks Z3 for a patient. What it does not find within its time is never taken for absent."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import z3

from ruggespraak.proof.run import Truth, formula, holds_in

PROVEN, COUNTEREXAMPLE, UNKNOWN = "proven", "counterexample", "unknown"
"""What a search comes to: nobody, somebody, or no answer in time."""
FEW = 12  # answers: a patient of more is shown as found


class GaveUpError(Exception):
    """The solver stopped before it knew."""


@dataclass(slots=True)
class Search:
    """A search for patients of whom ``given`` holds. ``until``: by ``time.monotonic``."""

    given: Sequence[Truth]
    until: float
    solver: z3.Solver = field(init=False)

    def __post_init__(self) -> None:
        self.solver = z3.Solver()
        self.solver.add([formula(part) for part in self.given])

    def one(self, *wanted: Truth) -> z3.ModelRef | None:
        """A model in which this holds too, or None where there is none. Raises GaveUpError."""
        left = self.until - time.monotonic()
        if left <= 0:
            raise GaveUpError
        self.solver.set("timeout", max(1, int(left * 1000)))
        self.solver.push()
        try:
            self.solver.add([formula(part) for part in wanted])
            found = self.solver.check()
            if found == z3.unknown:
                raise GaveUpError
            return self.solver.model() if found == z3.sat else None
        finally:
            self.solver.pop()

    def small(self, few: Iterable[z3.BoolRef], *wanted: Truth) -> z3.ModelRef | None:
        """A model with as few of ``few`` as there can be, one with more than ``FEW`` as it comes."""
        counted = list(few)
        found = self.one(*wanted)
        if found is None:
            return None
        high = sum(holds_in(found, one) for one in counted)
        for n in range(min(high, FEW + 1)):
            if smaller := self.one(*wanted, z3.AtMost(*counted, n)):
                return smaller
        return found
