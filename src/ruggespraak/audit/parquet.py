"""Records that are kept as Parquet: one file or folder a table, with the columns of ``TABLES``.

``rug simulate --records`` writes them so, and so can a data warehouse: ids may be text or whole numbers, a folder may
be cut into partitions, and columns and files that are not ours are passed over. Own choice: without ``until`` the
records tell up to their last contact.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from ruggespraak.audit.records import TABLES, AuditError, Records, schema

REQUIRED = ("persons", "episodes", "contacts")
LEFT_OUT = {("answers", "by")}  # may be missing: a record is a clinician's unless it says otherwise


def read_parquet(engine: ibis.BaseBackend, folder: Path, until: date | None = None) -> Records:
    """The records in this folder. ``until``: the last day of which they tell. Raises AuditError."""
    if not folder.is_dir():
        raise AuditError(f"{folder}: no such folder; a folder of Parquet files expected")
    tables, absent = {}, set()
    for name in TABLES:
        paths = _files(folder, name)
        if paths:
            tables[name] = _read(engine, folder, name, paths)
        elif name in REQUIRED:
            raise AuditError(f"{folder}: no {name}.parquet and no folder {name}; {', '.join(REQUIRED)} expected")
        else:
            tables[name] = ibis.memtable([], schema=schema(name))
            absent.add(name)
    days = tables["contacts"].aggregate(first=lambda t: t.date.min(), last=lambda t: t.date.max()).to_pyarrow()
    first, last = (days[column][0].as_py() for column in ("first", "last"))
    if first is None:
        raise AuditError(f"{folder}: contacts has no rows, at least one contact expected")
    return Records(engine, tables, frozenset(absent), first, until or last, f"Parquet: {folder.name}")


def _files(folder: Path, name: str) -> list[Path]:
    alone = folder / f"{name}.parquet"
    return [alone] if alone.is_file() else sorted((folder / name).rglob("*.parquet"))


def _read(engine: ibis.BaseBackend, folder: Path, name: str, paths: list[Path]) -> ir.Table:
    """The table in these files, with our columns and types."""
    found: dict[Path, pa.Schema] = {}
    for path in paths:
        try:
            found[path] = pq.read_schema(path)
        except (OSError, pa.ArrowException) as error:
            raise AuditError(f"{path}: cannot be read ({error}); a Parquet file expected") from error
        if not found[path].equals(found[paths[0]]):
            raise AuditError(f"{path}: other columns than in {paths[0].name}; the same columns and types expected")
    alone = paths[0].parent == folder
    place = paths[0] if alone else folder / name if engine.name == "pyspark" else folder / name / "**" / "*.parquet"
    table = engine.read_parquet(str(place))
    columns = {}
    for column, kind in schema(name).items():
        if column not in table.columns:
            if (name, column) not in LEFT_OUT:
                raise AuditError(f"{place}: no column {column}; {', '.join(schema(name))} expected")
            columns[column] = ibis.null(kind)
        elif not _fits(table[column].type(), kind, column):
            raise AuditError(f"{place}: column {column} is {table[column].type()}, {kind} expected")
        else:
            columns[column] = table[column].cast(kind)
    return table.select(**columns)


def _fits(given: ibis.DataType, kind: ibis.DataType, column: str) -> bool:
    if kind.is_string():
        return bool(given.is_string() or (given.is_integer() and column in ("person", "practice", "episode")))
    return bool(given.is_integer() if kind.is_integer() else given.is_date() or given.is_timestamp())
