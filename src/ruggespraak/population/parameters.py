"""The numbers of the country, each with its unit, range, source and how well that was seen (``parameters.toml``).

One file drives the model, its description, the tornado and the draws of the uncertainty analysis.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from ruggespraak.pathway.rules import Status
from ruggespraak.population.economics import DISTRIBUTIONS

SHARES = ("share",)  # a unit that starts so lies between 0 and 1


class ParameterError(ValueError):
    """A parameter that cannot be: which, what was given, what was expected."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number. ``low`` and ``high``: the 95 % interval, of a uniform distribution the whole range.

    ``because``: keys of ``pathway/sources.csv``; ``fitted``: found by calibration.
    """

    id: str
    value: float
    low: float
    high: float
    unit: str
    distribution: str
    because: tuple[str, ...]
    status: Status
    note: str = ""
    fitted: bool = False

    @property
    def own_choice(self) -> bool:
        """Whether no source states it."""
        return self.status is Status.OWN_CHOICE

    def checked(self) -> Parameter:
        """Itself. Raises ParameterError where it cannot be."""
        if self.distribution not in DISTRIBUTIONS:
            raise ParameterError(f"{self.id}: distribution {self.distribution!r}, one of {DISTRIBUTIONS} expected")
        if not self.low <= self.value <= self.high:
            raise ParameterError(f"{self.id}: {self.value:g} given, {self.low:g} to {self.high:g} expected")
        if not 0 <= self.low <= self.high <= self.most:
            raise ParameterError(f"{self.id}: {self.low:g} to {self.high:g} given, 0 to {self.most:g} expected")
        return self

    @property
    def most(self) -> float:
        """What its unit allows at most; the least is 0."""
        return 1.0 if self.unit.startswith(SHARES) else float("inf")


@dataclass(frozen=True, slots=True)
class Parameters(Mapping[str, float]):
    """All of them, by id: ``parameters["price.scan"]`` is its value."""

    known: Mapping[str, Parameter]

    def __getitem__(self, id: str) -> float:
        return self.known[id].value

    def __iter__(self) -> Any:
        return iter(self.known)

    def __len__(self) -> int:
        return len(self.known)

    def __hash__(self) -> int:
        return hash(self.digest)

    def group(self, name: str) -> list[Parameter]:
        """Those whose id begins with this group."""
        return [one for id, one in self.known.items() if id.startswith(f"{name}.")]

    def changed(self, values: Mapping[str, float]) -> Parameters:
        """The same with other values, each within its range.

        Raises ParameterError for an id that does not exist and a value outside its range.
        """
        return Parameters({id: one.checked() for id, one in self._with(values).items()})

    def drawn(self, values: Mapping[str, float]) -> Parameters:
        """The same with drawn values. One of twenty draws lies beyond a 95 % interval, so only the unit bounds them.

        Raises ParameterError for an id that does not exist and a value that its unit does not allow.
        """
        found = self._with(values)
        for one in (found[id] for id in values):
            if not 0 <= one.value <= one.most:
                raise ParameterError(f"{one.id}: {one.value:g} drawn, 0 to {one.most:g} expected")
        return Parameters(found)

    def _with(self, values: Mapping[str, float]) -> dict[str, Parameter]:
        for id in values:
            if id not in self.known:
                near = difflib.get_close_matches(id, self.known, 1)
                meant = f"did you mean {near[0]}?" if near else "docs/population.md lists them"
                raise ParameterError(f"parameter {id!r} does not exist; {meant}")
        return {id: replace(one, value=float(values.get(id, one.value))) for id, one in self.known.items()}

    @property
    def digest(self) -> str:
        """The hash of all values: the same numbers are the same hash."""
        values = {id: one.value for id, one in sorted(self.known.items())}
        return hashlib.sha256(json.dumps(values).encode()).hexdigest()


@cache
def parameters() -> Parameters:
    """The base case. Raises ParameterError where the file cannot be right."""
    listed = tomllib.loads(files(__package__).joinpath("parameters.toml").read_text(encoding="utf-8"))
    found = [_parameter(f"{group}.{name}", one) for group, ones in listed.items() for name, one in ones.items()]
    return Parameters({one.id: one for one in found})


def _parameter(id: str, one: dict[str, Any]) -> Parameter:
    try:
        status, because = Status(one["status"]), tuple(one["because"])
        given: dict[str, Any] = {name: float(one[name]) for name in ("value", "low", "high")}
        given |= {name: one[name] for name in ("unit", "distribution")}
    except (KeyError, ValueError, TypeError) as error:
        raise ParameterError(f"{id}: {error} is missing or wrong in parameters.toml") from None
    note, fitted = one.get("note", ""), one.get("fitted", False)
    return Parameter(id=id, **given, because=because, status=status, note=note, fitted=fitted).checked()
