"""A file of lines in pieces of whole lines, in bounded memory whatever stands in the file.

An engine's own reader of NDJSON or CSV either stops at a broken line or drops it without a reason. Here a line that is
too long, be it two gigabytes, is passed by and named with its length.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import IO, Protocol

LONGEST = 1 << 20
"""Bytes of one line: own choice. Half of it is a very large resource; the longest of our own are some kilobytes."""
SIZE = 4 << 20
"""Bytes that are read at once, and about those of a piece."""
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some whole lines; the number of the first, from 1."""

    first: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Broken:
    """A line that was passed by, and why; all that comes after it in this file too where the file breaks off."""

    line: int
    reason: str


class Readable(Protocol):
    """Bytes that are read one after the other; none are left where it gives none."""

    def read(self, size: int, /) -> bytes: ...


def unzipped(raw: IO[bytes], name: str) -> Readable:
    """The bytes of a file, out of gzip where its name says so."""
    return gzip.GzipFile(fileobj=raw) if name.endswith(".gz") else raw


def pieces(stream: Readable, longest: int = LONGEST, size: int = SIZE) -> Iterator[Piece | Broken]:
    """The stream in its order. The last line may have no end; a mark of the byte order before the first is no part."""
    line, held, passed = 1, b"", 0
    try:
        for data in iter(partial(stream.read, size), b""):
            if passed:
                rest, end, data = data.partition(b"\n")
                passed += len(rest)
                if not end:
                    continue
                yield Broken(line, _too_long(passed, longest))
                line, passed = line + 1, 0
            whole, end, last = data.rpartition(b"\n")
            if end:
                piece = _piece(line, held + whole)
                line, held = line + piece.data.count(b"\n") + 1, b""
                yield piece
            held += last
            if len(held) > longest:
                passed, held = len(held), b""
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        yield Broken(line, f"breaks off: {error}; gzip to its end expected")
        return
    if passed:
        yield Broken(line, _too_long(passed, longest))
    elif held:
        yield _piece(line, held)


def _piece(first: int, data: bytes) -> Piece:
    return Piece(first, data.removeprefix(BOM) if first == 1 else data)


def too_long(line: bytes, longest: int = LONGEST) -> str | None:
    """Why this line of a piece is passed by, if it is."""
    return _too_long(len(line), longest) if len(line) > longest else None


def _too_long(length: int, longest: int) -> str:
    return f"too long: {length} bytes given, at most {longest} expected"
