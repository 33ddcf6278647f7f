"""What a run says, as plain numbers: a year in the country, per option, and against the first one.

A difference is taken person by person, with the same luck in both, so its Monte-Carlo error is far smaller than that of
either side. ``error`` is one standard error; how sure the parameters are is another matter (``uncertainty``).
"""

from __future__ import annotations

import importlib.metadata
import platform
from typing import Any, TypeVar

import numpy as np

import ruggespraak
from ruggespraak.population import compiled
from ruggespraak.population.kernel.tally import CAUSES, DAY, MEASURES, YEAR
from ruggespraak.population.money import (
    ABOUT,
    PAYERS,
    PERSPECTIVES,
    PRICE_YEAR,
    Rates,
    by_payer,
    cost,
    present,
    quality_lost,
    used,
)
from ruggespraak.population.parameters import parameters
from ruggespraak.population.scenarios import scenario
from ruggespraak.population.simulate import Floats, Option, Result, Run, RunError, summed

IN_YEARS = ("lived", "lived_ever")
IN_DAYS = ("pain_mild", "pain_moderate", "pain_severe", "sick", "sick_friction", "disabled")
OF_A_CAUSE = ("gp_cases", "alarms", "alarms_missed", "hours_late")
PACKAGES = ("numba", "numpy", "scipy")
KINDS = {int: "a whole number", float: "a number", str: "a text", list: "a list", dict: "an object"}  # of JSON
T = TypeVar("T")


def unit(measure: str) -> str:
    """What a measure counts: years, days, hours or pieces."""
    if measure in IN_YEARS:
        return "years"
    return "days" if measure in IN_DAYS else "hours" if measure == "hours_late" else "number"


def scale(measure: str) -> float:
    """From what the kernel counts to the unit of the report."""
    return 1 / YEAR if measure in IN_YEARS else 1 / DAY if measure in IN_DAYS else 1.0


def _figures(batches: Floats) -> list[dict[str, float]]:
    """Per option, of [options, batches]: value and error, and both of the difference from the first option."""
    value, error = summed(batches)
    extra, extra_error = summed(batches - batches[:1])
    return [
        {"value": v, "error": e, "extra": x, "extra_error": xe}
        for v, e, x, xe in zip(value.tolist(), error.tolist(), extra.tolist(), extra_error.tolist(), strict=True)
    ]


def report(result: Result, rates: Rates | None = None, draws: int = 0) -> dict[str, Any]:
    """Everything that is shown of a run. All amounts are a year in the country, unless they say ``whole_run``.

    ``draws``: of the parameters, where ``uncertainty`` is asked too.
    """
    rates = rates or Rates()
    run, everything = result.run, used(result)  # options, batches, years, measures
    a_year = everything.mean(axis=2)
    measures = {
        name: _figures(a_year[..., place] * scale(name)) for place, name in enumerate(MEASURES) if name != "deaths"
    }
    euros = {
        perspective: _figures(cost(everything, run.parameters, perspective).mean(axis=-1))
        for perspective in PERSPECTIVES
    }
    payers = by_payer(everything, run.parameters)
    whole = {
        perspective: _figures(present(cost(everything, run.parameters, perspective), rates.costs))
        for perspective in PERSPECTIVES
    }
    lost = quality_lost(everything, run.parameters)
    by_cause: Floats = result.by_cause.astype(np.float64) * (run.weight / run.years)
    causes = {
        cause: {name: _figures(by_cause[..., row, MEASURES.index(name)]) for name in OF_A_CAUSE}
        for row, cause in enumerate(CAUSES)
    }
    return {
        "manifest": manifest(result, rates, draws),
        "options": [
            {
                "option": option.id,
                "edition": run.care[place].edition,
                "scenario": option.scenario.id,
                "measures": {name: {"unit": unit(name), **found[place]} for name, found in measures.items()},
                "euros": {name: found[place] for name, found in euros.items()},
                "payers": {name: _figures(payers[name].mean(axis=-1))[place] for name in PAYERS},
                "causes": {
                    cause: {name: found[place] for name, found in ones.items()} for cause, ones in causes.items()
                },
                "quality_lost": _figures(lost.mean(axis=-1))[place],
                "whole_run": {
                    "euros": {name: found[place] for name, found in whole.items()},
                    "quality_lost": _figures(present(lost, rates.effects))[place],
                },
            }
            for place, option in enumerate(run.options)
        ],
        "about": ABOUT,
    }


def manifest(result: Result, rates: Rates, draws: int = 0) -> dict[str, Any]:
    """All that it takes to make these counts again, to the bit, and their hash."""
    run = result.run
    base = parameters()
    return {
        "people": run.people,
        "years": run.years,
        "seed": run.seed,
        "since": run.since,
        "born": run.born,
        "options": [
            {"edition": table.edition, "fingerprint": table.fingerprint, "scenario": option.scenario.id}
            for option, table in zip(run.options, run.care, strict=True)
        ],
        "parameters": run.parameters.digest,
        "changed": {id: value for id, value in run.parameters.items() if base[id] != value},
        "kernel": compiled.sources(),
        "versions": {"ruggespraak": ruggespraak.__version__, "python": platform.python_version()}
        | {name: importlib.metadata.version(name) for name in PACKAGES},
        "price_year": PRICE_YEAR,
        "discount": {"costs": rates.costs, "effects": rates.effects},
        "draws": draws,
        "weight": run.weight,
        "run": run.digest,
        "counts": result.digest,
    }


def from_manifest(said: object) -> tuple[Run, Rates]:
    """The run that a manifest describes. Raises RunError where it is none, or this installation would make another."""
    listed = _part(said, "options", list)
    options = [{name: _part(one, name, str) for name in ("edition", "fingerprint", "scenario")} for one in listed]
    numbers = {name: _part(said, name, int) for name in ("people", "years", "seed", "since", "born")}
    _part(said, "draws", int)
    changed, discount = _part(said, "changed", dict), _part(said, "discount", dict)
    rates = Rates(*(_part(discount, name, float) for name in ("costs", "effects")))
    if not (0 <= rates.costs <= 1 and 0 <= rates.effects <= 1):
        raise RunError(f"manifest: discount: {rates.costs:g} and {rates.effects:g} given, 0 to 1 expected")
    hashes = {name: _part(said, name, str) for name in ("parameters", "kernel", "run", "counts")}
    run = Run(
        **numbers,
        options=tuple(Option(one["edition"].rpartition("@")[0], scenario(one["scenario"])) for one in options),
        parameters=parameters().changed({id: _part(changed, id, float) for id in changed}),
    )
    for one, table in zip(options, run.care, strict=True):
        if table.fingerprint != one["fingerprint"]:
            raise RunError(f"manifest: edition {one['edition']} has other rules now; its run cannot be made again")
    if run.parameters.digest != hashes["parameters"]:
        raise RunError("manifest: the parameters of this installation are others; its run cannot be made again")
    if compiled.sources() != hashes["kernel"]:
        raise RunError("manifest: the kernel, or the compiler under it, is another one; the bits cannot be promised")
    if run.digest != hashes["run"]:
        raise RunError("manifest: it is not of the run that it describes: it, a scenario or a table was changed")
    return run, rates


def _part(of: object, name: str, kind: type[T]) -> T:
    """What stands in a manifest under this name. Raises RunError that says what does not fit."""
    found = of.get(name) if isinstance(of, dict) else None
    if kind is float and type(found) is int and abs(found) < 2**53:
        found = float(found)
    if type(found) is not kind:
        given = "nothing" if found is None else repr(found)[:60]
        raise RunError(f"manifest: {name}: {given} given, {KINDS[kind]} expected")
    return found


def rows(result: Result) -> dict[str, np.ndarray[Any, Any]]:
    """The counts as a long table: option, year, sex, age from, measure, a year in the country, Monte-Carlo error."""
    value, error = summed(np.moveaxis(result.yearly.astype(float), 1, -1) * result.run.weight)
    scaled = np.array([scale(name) for name in MEASURES])
    places = np.indices(value.shape).reshape(5, -1)
    return {
        "option": np.array([option.id for option in result.run.options])[places[0]],
        "year": places[1],
        "sex": np.array(["man", "woman"])[places[2]],
        "age_from": places[3] * 10,
        "measure": np.array(MEASURES)[places[4]],
        "unit": np.array([unit(name) for name in MEASURES])[places[4]],
        "value": (value * scaled).ravel(),
        "error": (error * scaled).ravel(),
    }
