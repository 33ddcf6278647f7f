"""Whole lines to rows of tables: each line is decoded, checked and read, and stands in exactly one row of its own.

That row (``lines``) says of whom and when it tells, and whether it was passed over or rejected and why. What depends on
other lines (another version of the same resource, an unknown patient) is judged in ``loading``.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections import defaultdict
from collections.abc import Mapping
from multiprocessing import parent_process
from threading import Thread
from typing import Any
from zlib import crc32

import pyarrow as pa

from ruggespraak.audit.ndjson.decoding import decoded
from ruggespraak.audit.ndjson.said import PassedError, RejectedError, Row, Said
from ruggespraak.audit.rejects import PART
from ruggespraak.audit.splitting import Broken, Piece

ROWS = 1 << 16  # of one table that are held before they become columns

TEXT, DATE, WHOLE, LONG = pa.string(), pa.date32(), pa.int32(), pa.int64()
_AT = {"file": WHOLE, "line": LONG}
_EVENT = {**_AT, "person": TEXT, "date": DATE}
STAGED: Mapping[str, pa.Schema] = {
    name: pa.schema(columns.items())
    for name, columns in {
        # ``updated``: microseconds since 1970; ``bytes``: a sum of the line; ``first``, ``last``: days of what it tells
        "lines": {
            **_AT, "kind": TEXT, "id": TEXT, "updated": LONG, "bytes": LONG, "person": TEXT, "server": TEXT,
            "first": DATE, "last": DATE, "passed": TEXT, "rejected": TEXT,
        },
        "persons": {
            **_AT, "person": TEXT, "practice": TEXT, "birth_year": WHOLE, "sex": TEXT, "died": DATE, "born": DATE,
        },
        "contacts": {**_EVENT, "kind": TEXT, "number": WHOLE, "icpc": TEXT, "encounter": TEXT},
        "named": {**_AT, "person": TEXT, "encounter": TEXT, "condition": TEXT},
        "problems": {**_EVENT, "icpc": TEXT, "condition": TEXT, "encounter": TEXT},
        "diagnoses": {**_EVENT, "system": TEXT, "code": TEXT},
        "history": {**_EVENT, "finding": TEXT, "value": TEXT},
        "answers": {**_EVENT, "finding": TEXT, "value": TEXT, "by": TEXT},
        "ordered": {**_EVENT, "kind": TEXT, "request": TEXT, "encounter": TEXT},
        "sent": {**_EVENT, "to": TEXT, "encounter": TEXT},
        "reasons": {**_EVENT, "about": TEXT},
        "made": {**_EVENT, "kind": TEXT, "request": TEXT},
        "operations": _EVENT,
        "medication": {**_EVENT, "kind": TEXT},
        "prescribed": {**_EVENT, "medicine": TEXT},
        "medicines": {**_AT, "person": TEXT, "medicine": TEXT, "means": TEXT},
        "parts": {**_AT, "reason": TEXT},
    }.items()
}  # fmt: skip
"""What is loaded on the engine before it is judged: the rows that a resource gives, each with its file and line."""


class _NoPandas:
    """Arrow looks whether pandas is there, and loads it: a second of each process that reads, for nothing."""

    def find_spec(self, name: str, *_: object) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name)


def alone() -> None:
    """How a process begins that does nothing but read. It stops with the one that started it, however that ends, and
    Ctrl-C is for that one alone: no lines of patients stay in memory.

    Nothing that is read refers to itself: without the collector of such circles a sixth of the time is saved.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()
    sys.meta_path.insert(0, _NoPandas())
    gc.disable()


def _end_with_parent() -> None:
    if parent := parent_process():
        parent.join()
        os._exit(1)


def read(file: int, piece: Piece | Broken) -> dict[str, list[pa.RecordBatch]]:
    """The rows of these lines. ``file``: its number."""
    staged = _Staged()
    if isinstance(piece, Broken):
        staged.broken(file, piece)
    else:
        for number, line in enumerate(piece.data.split(b"\n"), piece.first):
            staged.add(file, number, line)
    return staged.batches()


class _Staged:
    """Rows on their way to the engine."""

    def __init__(self) -> None:
        self._rows: dict[str, list[Row]] = defaultdict(list)
        self._done: dict[str, list[pa.RecordBatch]] = defaultdict(list)

    def add(self, file: int, number: int, line: bytes) -> None:
        """One line, whatever stands in it."""
        kind = id = updated = passed = rejected = None
        said = Said()
        try:
            kind, it, reader = decoded(line)
            id = it.id
            updated = _moment(it.meta)
            reader(it, said)
        except PassedError as why:
            passed = str(why)
        except RejectedError as why:
            rejected = str(why)
        else:
            for table, row in said.rows:
                self._row(table, (file, number, *row))
            for problem in said.problems:
                self._row("parts", (file, number, f"{PART}: {problem}"))
        of = (said.person, said.server, said.first, said.last)
        self._row("lines", (file, number, kind, id, updated, crc32(line), *of, passed, rejected))

    def broken(self, file: int, piece: Broken) -> None:
        """A line that was passed by."""
        self._row("lines", (file, piece.line, *[None] * 9, piece.reason))

    def _row(self, table: str, row: Row) -> None:
        rows = self._rows[table]
        rows.append(row)
        if len(rows) >= ROWS:
            self._flush(table)

    def _flush(self, table: str) -> None:
        schema = STAGED[table]
        columns = zip(*self._rows.pop(table), strict=True)
        arrays = [pa.array(column, kind) for column, kind in zip(columns, schema.types, strict=True)]
        self._done[table].append(pa.record_batch(arrays, schema=schema))

    def batches(self) -> dict[str, list[pa.RecordBatch]]:
        """All of them, as columns."""
        for table in list(self._rows):
            self._flush(table)
        return dict(self._done)


def _moment(meta: Any) -> int | None:
    at = meta.last_updated if meta else None
    return round(at.timestamp() * 1_000_000) if at and at.tzinfo else None
