"""A report as a folder: two pages, all figures, and the cases behind them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet

from ruggespraak.audit.audit import Audited
from ruggespraak.audit.figures import rate
from ruggespraak.audit.measures import CASES
from ruggespraak.audit.report.page import page
from ruggespraak.audit.report.told import Figures
from ruggespraak.folder import whole
from ruggespraak.wording import LANGS

COUNTS = ("of", "met", "not_met", "unknown", "not_met_with_reason", "shown")
FLAT = pyarrow.schema(
    [(name, pyarrow.string()) for name in ("measure", "by", "practice")]
    + [("period", pyarrow.date32())]
    + [(name, pyarrow.int64()) for name in COUNTS]
    + [(name, pyarrow.float64()) for name in ("value", "low", "high", "bound_low", "bound_high")]
)
"""A row of figures.parquet. ``by``: all, practice or period; the practice can be unknown, and then it is null."""


def write(audited: Audited, into: Path) -> None:
    """Writes the new folder ``into``: report.nl.html, report.en.html, figures.json, figures.parquet, cases.parquet.

    All of it, or nothing. In cases.parquet persons and episodes stand by their ids; in the others nobody does. Raises
    FolderError where it cannot be written.
    """
    with whole(into) as half:
        put(audited, half)


def put(audited: Audited, folder: Path) -> None:
    """Writes the same into a folder that is there."""
    for lang in LANGS:
        (folder / f"report.{lang}.html").write_text(page(audited.found, lang), encoding="utf-8")
    written = json.dumps(audited.found, indent=2, ensure_ascii=False) + "\n"
    (folder / "figures.json").write_text(written, encoding="utf-8")
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(list(flat(audited.found)), FLAT), folder / "figures.parquet")
    audited.cases.order_by(CASES).to_parquet(folder / "cases.parquet")  # an engine keeps no order of its own


def flat(found: Figures) -> Iterator[dict[str, Any]]:
    """The figures as rows of ``FLAT``: of each measure all together, each practice, and each period."""
    for one in found["measures"]:
        parts = (("all", [one]), ("practice", one["practices"]), ("period", one["trend"]))
        for by, row in ((by, row) for by, rows in parts for row in rows):
            share = rate(row) if row["met"] is not None else None
            low, high = row.get("bounds") or (None, None)
            yield {
                "measure": one["id"],
                "by": by,
                "practice": row.get("practice"),
                "period": row.get("from") and pyarrow.scalar(row["from"]).cast(pyarrow.date32()).as_py(),
                **{name: row[name] for name in COUNTS},
                **(share or {}),
                "bound_low": low,
                "bound_high": high,
            }
