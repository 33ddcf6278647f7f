"""The manifest of a FHIR Bulk Data export, where one lies beside its files: until when the records tell, which of them
were deleted since an earlier export, and what the server could not give.

Files are found by the last part of their address: who downloads an export keeps those names, or has no manifest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec

from ruggespraak.audit.ndjson.said import HERE
from ruggespraak.audit.ndjson.shapes import Element
from ruggespraak.audit.records import AuditError
from ruggespraak.audit.rejects import Rejects, shown
from ruggespraak.audit.splitting import Broken, pieces, unzipped

NAME = "manifest.json"


class File(Element):
    url: str


class Manifest(Element):
    transaction_time: datetime | None = None
    error: list[File] | None = None
    deleted: list[File] | None = None


class Request(Element):
    method: str
    url: str


class Entry(Element):
    request: Request


class Deleted(Element):
    """A Bundle of what is there no more."""

    entry: list[Entry] | None = None


class Issue(Element):
    code: str | None = None
    diagnostics: str | None = None


class Outcome(Element):
    """An OperationOutcome: what the server could not give."""

    issue: list[Issue] | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What a manifest says. ``apart``: files that hold no records; ``gone``: kind and id of what was deleted."""

    until: date | None = None
    apart: frozenset[str] = frozenset()
    gone: tuple[tuple[str, str], ...] = ()
    errors: int = 0


def told(folder: Path, rejects: Rejects) -> Told:
    """What the manifest in this folder says, if there is one. Raises AuditError for one that cannot be read.

    What the server could not give is named among the rejects.
    """
    path = folder / NAME
    if not path.exists():
        return Told()
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise AuditError(f"{path}: {error}; the manifest of a FHIR Bulk Data export expected") from error
    deleted, errors = ({_name(one.url) for one in files or ()} for files in (found.deleted, found.error))
    for name in sorted((deleted | errors) - {one.name for one in folder.iterdir()}):
        rejects.add(name, None, f"no such file: {NAME} names it")
    gone = [
        (kind, id)
        for name in sorted(deleted)
        for _, bundle in _lines(folder / name, Deleted, rejects)
        for one in bundle.entry or ()
        if one.request.method == "DELETE"
        for kind, _, id in [one.request.url.partition("/")]
    ]
    failed = 0
    for name in sorted(errors):
        for line, outcome in _lines(folder / name, Outcome, rejects):
            failed += 1
            for issue in outcome.issue or ():
                rejects.add(name, line, f"error of the server: {issue.code}, {shown(issue.diagnostics)}")
    at = found.transaction_time
    return Told(at.astimezone(HERE).date() if at else None, frozenset(deleted | errors), tuple(gone), failed)


def _name(url: str) -> str:
    return urlsplit(url).path.rpartition("/")[2]


Found = TypeVar("Found")


def _lines(path: Path, kind: type[Found], rejects: Rejects) -> Iterator[tuple[int, Found]]:
    """Every line of a file that holds no records."""
    if not path.is_file():
        return
    with path.open("rb", buffering=0) as raw:
        for piece in pieces(unzipped(raw, path.name)):
            if isinstance(piece, Broken):
                rejects.add(path.name, piece.line, piece.reason)
                continue
            for number, line in enumerate(piece.data.split(b"\n"), piece.first):
                try:
                    if line.strip():
                        yield number, msgspec.json.decode(line, type=kind)
                except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
                    rejects.add(path.name, number, f"no JSON: {error}")
