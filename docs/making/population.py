"""The figures of the country for its description: ``docs/population.json``, and the plots in ``docs/pictures``.

``python docs/making/population.py`` fits the country to its published figures, walks the posterior, runs every scenario
and a virtual trial; it takes some minutes and needs the extra ``[population]``. With ``--write`` the fitted values go
into ``parameters.toml`` first, so that all figures are of them, and the draws of the posterior into ``posterior.csv``;
without it all but the fit is of the files as they stand.
``generate.py`` lays the page out, and runs nothing.
"""

from __future__ import annotations

import importlib.metadata
import json
import platform
import re
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import trial
from matplotlib.figure import Figure

from ruggespraak import drawing
from ruggespraak.population import leaflet_figures, parameters, plots
from ruggespraak.population.calibrate import PEOPLE, YEARS, Fit, Posterior, fit, posterior
from ruggespraak.population.parameters import Parameters
from ruggespraak.population.report import report
from ruggespraak.population.scenarios import AS_NOW, scenario, scenarios
from ruggespraak.population.simulate import Option, Result, Run, simulate
from ruggespraak.population.targets import misfit, reached, targets

DOCS = Path(__file__).resolve().parents[1]
FILE, PICTURES = DOCS / "population.json", DOCS / "pictures"
VALUES = Path(parameters.__file__).with_suffix(".toml")
POSTERIOR = VALUES.with_name("posterior.csv")
DIGITS = 4  # of a fitted value
SEEDS = range(101, 109)  # luck that the fit has not seen
WALKERS, STEPS, WALKED = 24, 120, 50_000
EVERY = 4  # steps to one that is kept in the file: those between are hardly other draws
TAILS = (0.025, 0.5, 0.975)
OPTIONS = tuple(Option(scenario=scenario(id)) for id in (AS_NOW, *(id for id in scenarios() if id != AS_NOW)))
COMPARED = {"people": 200_000, "years": 10}
CHECKED = {"people": 10_000, "years": 2}  # small enough to be run by a test


def written(text: str, values: Mapping[str, float]) -> str:
    """``parameters.toml`` with these values; all else as it is. Raises ValueError for an id that is not in it."""
    for id, value in values.items():
        text, found = re.subn(rf"(^\[{re.escape(id)}\]\nvalue = ).*$", rf"\g<1>{value:.{DIGITS}g}", text, flags=re.M)
        if found != 1:
            raise ValueError(f"{VALUES.name}: {found} places for {id}, one expected")
    return text


def fitted(found: Fit) -> dict[str, float]:
    """The fitted values, rounded as they are written."""
    known = found.parameters.known.values()
    return {one.id: float(f"{one.value:.{DIGITS}g}") for one in known if one.fitted}


def _fit(found: Fit) -> dict[str, Any]:
    return {"people": PEOPLE, "years": YEARS, "runs": found.runs, "chi2": found.chi2, "values": fitted(found)}


def _base(base: Parameters) -> dict[str, Any]:
    """What the base case comes to, with luck that the fit has not seen; ``error``: Monte-Carlo standard error."""
    found = [reached(simulate(Run(people=PEOPLE, years=YEARS, seed=seed, parameters=base))) for seed in SEEDS]
    rows = np.array([[one[target.id] for target in targets()] for one in found])
    value, error = rows.mean(axis=0), rows.std(axis=0, ddof=1) / np.sqrt(len(rows))
    mean = {target.id: float(one) for target, one in zip(targets(), value, strict=True)}
    return {
        "people": PEOPLE,
        "years": YEARS,
        "seeds": len(SEEDS),
        "chi2": float(np.sum(misfit(mean) ** 2)),
        "reached": {id: {"value": mean[id], "error": float(one)} for id, one in zip(mean, error, strict=True)},
    }


def _posterior(found: Posterior) -> dict[str, Any]:
    from emcee.autocorr import integrated_time

    kept = found.draws.reshape(-1, WALKERS, len(found.ids))
    together = float(np.max(integrated_time(kept, quiet=True)))  # steps until a walker has forgotten where it was
    values, came = (np.quantile(of, TAILS, axis=0).T for of in (found.draws, found.reached))
    return {
        "people": WALKED,
        "walkers": WALKERS,
        "steps": STEPS,
        "draws": len(found.draws),
        "independent": len(found.draws) / together,
        "acceptance": found.acceptance,
        "values": dict(zip(found.ids, values.tolist(), strict=True)),
        "reached": {target.id: one for target, one in zip(targets(), came.tolist(), strict=True)},
    }


def draws(found: Posterior) -> str:
    """``posterior.csv``: the ids, and a line for each draw that is kept."""
    kept = found.draws.reshape(-1, WALKERS, len(found.ids))[::EVERY].reshape(-1, len(found.ids))
    return "\n".join([",".join(found.ids), *(",".join(f"{one:.5g}" for one in row) for row in kept)]) + "\n"


def checked() -> str:
    """The digest of a small run of every scenario: where it is another one, the figures are of another model."""
    return simulate(Run(**CHECKED, options=OPTIONS)).digest


def _first_times(base: Parameters, found: dict[str, Any]) -> dict[str, Any]:
    """The leaflet's own figures; ``run``: a year in the country as it is now, as a share of all people."""
    measures = found["options"][0]["measures"]
    lived = measures["lived"]["value"]
    run = {name: measures[name]["value"] / lived for name in ("first_episodes", "episodes", "gp_cases")}
    return {
        "readings": {
            one.id: {name: getattr(one, name) for name in one.__slots__[1:]} for one in leaflet_figures.readings(base)
        },
        "births": leaflet_figures.births(),
        "everybody": leaflet_figures.first_times(),
        "three_quarters": leaflet_figures.first_times(leaflet_figures.EVER),
        "most_at_once": leaflet_figures.most_at_once(),
        "run": run,
        # Whether somebody comes to a GP does not depend on whether it is the first time.
        "first_among_gp_cases": run["first_episodes"] * base["kind.comes_to_gp"] / run["gp_cases"],
    }


def _pictures(base: dict[str, Any], walked: dict[str, Any], result: Result) -> dict[str, Figure]:
    values = {id: one["value"] for id, one in base["reached"].items()}
    intervals = {id: (low, high) for id, (low, _, high) in walked["reached"].items()}
    about = f"{base['people']:,} people, {base['years']} years, {base['seeds']} seeds that the fit has not seen."
    return {
        "fit": plots.fit(values, about, "en", intervals),
        "weeks": plots.weeks(result, "en"),
        "burden": plots.burden(result, "en"),
        "money": plots.money_by_payer(result, "en"),
        "differences": plots.differences(result, "en"),
    }


def _short(found: Any) -> Any:
    """Numbers in seven figures."""
    if isinstance(found, dict):
        return {name: _short(one) for name, one in found.items()}
    if isinstance(found, list):
        return [_short(one) for one in found]
    return float(f"{found:.7g}") if isinstance(found, float) else found


def main() -> None:
    start = time.monotonic()

    def tell(what: str) -> None:
        print(f"{time.monotonic() - start:5.0f} s  {what}", flush=True)

    best = fit(parameters.parameters())
    tell(f"fit: chi2 {best.chi2:.2f} in {best.runs} runs, {fitted(best)}")
    if "--write" in sys.argv[1:]:
        VALUES.write_text(written(VALUES.read_text(encoding="utf-8"), fitted(best)), encoding="utf-8", newline="\n")
        parameters.parameters.cache_clear()
        tell(f"written to {VALUES.name}")
    base = parameters.parameters()
    here = _base(base)
    tell(f"base case: chi2 {here['chi2']:.2f}")
    chain = posterior(base.changed(fitted(best)), WALKERS, STEPS, WALKED)
    walked = _posterior(chain)
    if "--write" in sys.argv[1:]:
        POSTERIOR.write_text(draws(chain), encoding="utf-8", newline="\n")
    tell(f"posterior: acceptance {walked['acceptance']:.2f}, {walked['independent']:.0f} independent draws")
    result = simulate(Run(**COMPARED, options=OPTIONS))
    compared = report(result)
    tell("scenarios")
    figures = _pictures(here, walked, result)
    found = {
        "parameters": base.digest,
        "checked": checked(),
        "versions": {"python": platform.python_version()}
        | {name: importlib.metadata.version(name) for name in ("numba", "numpy", "scipy", "emcee")},
        "fit": _fit(best),
        "base": here,
        "posterior": walked,
        "scenarios": compared,
        "leaflet": _first_times(base, compared),
        "trial": {"published": trial.PUBLISHED, "found": trial.trial()},
        "pictures": {name: drawing.alt(figure) for name, figure in figures.items()},
    }
    PICTURES.mkdir(exist_ok=True)
    for name, figure in figures.items():
        (PICTURES / f"{name}.svg").write_text(drawing.svg(figure), encoding="utf-8", newline="\n")
    FILE.write_text(json.dumps(_short(found), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    tell(f"{FILE.relative_to(DOCS.parent)}; now python docs/making/generate.py")


if __name__ == "__main__":
    main()
