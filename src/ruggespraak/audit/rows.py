"""Records that are rows in memory, as JSON has them: what the clinic stored of its own practice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import ibis
import pyarrow as pa

from ruggespraak.audit.engine import kept
from ruggespraak.audit.records import TABLES, Records, schema


def read_rows(
    engine: ibis.BaseBackend,
    tables: Mapping[str, Sequence[Mapping[str, Any]]],
    since: date,
    until: date,
    source: str,
    absent: Iterable[str] = (),
) -> Records:
    """The records in these rows: by table, and by column, dates as text (2026-01-15).

    A table that is left out is absent; ``absent``: what is beside those.
    """
    here = {name: kept(engine, ibis.memtable(_table(name, tables.get(name, ()))), name) for name in TABLES}
    return Records(engine, here, frozenset(TABLES) - set(tables) | set(absent), since, until, source)


def _table(name: str, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    columns = schema(name).to_pyarrow()
    told = pa.schema((one.name, pa.string() if pa.types.is_date(one.type) else one.type) for one in columns)
    return pa.Table.from_pylist(list(rows), told).cast(columns)
