"""Scenarios: what people do of what the pathway says, and beside it. A scenario is a few changes to practice as now."""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from ruggespraak.population.kernel.given import POLICY
from ruggespraak.population.kernel.tally import DAY
from ruggespraak.population.laws import Table, level
from ruggespraak.population.parameters import Parameters

AS_NOW = "as_now"
LAWS = ("kngf", "leaflet")
DAYS = ("nothing_before", "no_surgery_before")
SIXTEENTHS = 1 << 16  # the share of patience is a fraction of this


class ScenarioError(ValueError):
    """A scenario that does not exist, or that cannot be."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario: its names, and what it changes in practice as it is now (shares, days, or a law of recovery)."""

    id: str
    nl: str
    en: str
    changes: dict[str, float | str]

    def called(self, lang: str) -> str:
        """Its name in "nl" or "en"."""
        return self.nl if lang == "nl" else self.en

    def policy(self, parameters: Parameters) -> Table:
        """What the kernel is given: [len(POLICY)] levels and hours, in the order of ``kernel.given``.

        Raises ScenarioError where a change names nothing of the policy, or cannot be.
        """
        if strangers := set(self.changes) - set(POLICY):
            raise ScenarioError(f"scenario {self.id}: {', '.join(sorted(strangers))} is none of {', '.join(POLICY)}")
        values: dict[str, float | str] = {"law": LAWS[0], "patience": 1.0}
        values |= {one.id.partition(".")[2]: one.value for one in parameters.group("practice")}
        values |= self.changes
        return np.array([self._number(name, values.get(name, 0.0)) for name in POLICY], dtype=np.int64)

    def _number(self, name: str, value: float | str) -> int:
        if name == "law":
            if value not in LAWS:
                raise ScenarioError(f"scenario {self.id}: law {value!r} given, one of {LAWS} expected")
            return LAWS.index(str(value))
        if isinstance(value, str) or value < 0 or (name not in DAYS and value > 1):
            expected = "a number of days" if name in DAYS else "a share from 0 to 1"
            raise ScenarioError(f"scenario {self.id}: {name} {value!r} given, {expected} expected")
        if name in DAYS:
            # nothing_before is compared with days, no_surgery_before with hours
            return round(value) if name == "nothing_before" else round(value * DAY)
        return round(value * SIXTEENTHS) if name == "patience" else level(value)


@cache
def scenarios() -> dict[str, Scenario]:
    """Every scenario, by id, in the order of the file."""
    listed = tomllib.loads(files(__package__).joinpath("scenarios.toml").read_text(encoding="utf-8"))
    return {
        id: Scenario(id, one["nl"], one["en"], {name: v for name, v in one.items() if name not in ("nl", "en")})
        for id, one in listed.items()
    }


def scenario(id: str) -> Scenario:
    """The scenario with this id. Raises ScenarioError, with the nearest one named."""
    known = scenarios()
    if id not in known:
        near = difflib.get_close_matches(id, known, 1)
        meant = f"; did you mean {near[0]}?" if near else ""
        raise ScenarioError(f"scenario {id!r} does not exist; choose from {', '.join(known)}{meant}")
    return known[id]
