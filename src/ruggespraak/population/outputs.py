"""A run as a folder: manifest, tables (JSON and Parquet) and plots."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pyarrow.parquet

from ruggespraak import drawing
from ruggespraak.folder import whole
from ruggespraak.population import people, plots
from ruggespraak.population.kernel.tally import CAUSES, GROUPS, MEASURES, STATES
from ruggespraak.population.report import rows, scale, unit
from ruggespraak.population.simulate import Result, summed
from ruggespraak.population.uncertainty import THRESHOLD, Draws, OneWay, Rows, summary, tables
from ruggespraak.population.words import word
from ruggespraak.wording import euro

Columns = Mapping[str, Any]


def write(
    result: Result,
    report: dict[str, Any],
    into: Path,
    lang: str,
    draws: Draws | None = None,
    single: OneWay | None = None,
) -> None:
    """Writes the new folder ``into``. Raises FolderError where that cannot be.

    ``report``: of ``report.report``; ``draws`` and ``single``: of ``uncertainty``, where that was asked for.
    """
    with whole(into) as half:
        (half / "manifest.json").write_text(_json(report["manifest"]), encoding="utf-8")
        (half / "results.json").write_text(_json(report), encoding="utf-8")
        _parquet(half / "results.parquet", rows(result))
        _parquet(half / "causes.parquet", causes(result))
        _parquet(half / "weeks.parquet", weeks(result))
        figures = plots.of_run(result, lang)
        if draws:
            about = plots.provenance_of_draws(result, lang, len(draws.values), draws.run.people)
            figures |= _uncertainty(draws, single, half, about, lang)
        drawing.write(figures, half / "plots")


def _json(found: object) -> str:
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def _parquet(path: Path, columns: Columns | Rows) -> None:
    made = pyarrow.Table.from_pylist(columns) if isinstance(columns, list) else pyarrow.table(dict(columns))
    pyarrow.parquet.write_table(made, path)


def causes(result: Result) -> Columns:
    """Per option, cause and measure: a year in the country, and the Monte-Carlo error."""
    value, error = summed(np.moveaxis(result.by_cause.astype(float), 1, -1) * (result.run.weight / result.run.years))
    scaled = np.array([scale(name) for name in MEASURES])
    option, cause, measure = np.indices(value.shape).reshape(3, -1)
    return {
        "option": np.array([one.id for one in result.run.options])[option],
        "cause": np.array(CAUSES)[cause],
        "measure": np.array(MEASURES)[measure],
        "unit": np.array([unit(name) for name in MEASURES])[measure],
        "value": (value * scaled).ravel(),
        "error": (error * scaled).ravel(),
    }


def weeks(result: Result) -> Columns:
    """Per option, group of complaints, week since the onset and state: people, of the episodes of a year."""
    value, error = summed(np.moveaxis(result.weeks.astype(float), 1, -1) * (result.run.weight / result.run.years))
    option, group, week, state = np.indices(value.shape).reshape(4, -1)
    return {
        "option": np.array([one.id for one in result.run.options])[option],
        "group": np.array(GROUPS)[group],
        "week": week,
        "state": np.array(STATES)[state],
        "value": value.ravel(),
        "error": error.ravel(),
    }


def _uncertainty(draws: Draws, single: OneWay | None, folder: Path, about: str, lang: str) -> dict[str, Any]:
    """Writes its tables; returns its plots by name."""
    found = summary(draws)
    for name, some in tables(found, single).items():
        if some:
            _parquet(folder / f"uncertainty_{name}.parquet", some)
    called, everybody = plots.names(draws.run, lang), people.total()
    costs, qalys = draws.differences("cost")[0] / everybody, draws.differences("qaly")[0] / everybody
    clouds = {called[at]: (costs[:, at], qalys[:, at]) for at in range(1, len(called))}
    made: dict[str, Any] = {
        "plane": plots.plane(clouds, THRESHOLD, about, lang),
        "acceptability": plots.acceptability(found.acceptability, called, about, lang),
    }
    if single:
        worth = word("plot.plane.threshold", lang).format(euro=euro(THRESHOLD, lang))
        for at in range(1, len(called)):
            bars = single.bars(at, "net_benefit", "friction", THRESHOLD)
            base = single.rows(at)[0]["at_base"]
            ranges = {id: (single.low[place], single.high[place]) for place, id in enumerate(single.ids)}
            of = f"{called[at]}; {worth}"
            made[f"tornado_{at}"] = plots.tornado(bars, base, "outcome.net_benefit", about, lang, ranges, of)
    return made
