"""One line to the resource that stands in it, with who reads it; or the reason why there is none.

Most lines of an export are Observations, and most of those say what another one said of somebody else on another day:
what they say is worked out once and remembered by the very bytes. A name that is given twice is an error, as in
``fhir.read``: two answers under one name, of which only the last is seen, can hide an alarm.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import msgspec

from ruggespraak.audit.ndjson.answers import Content
from ruggespraak.audit.ndjson.events import READERS
from ruggespraak.audit.ndjson.said import REMEMBERED, PassedError, RejectedError, Said
from ruggespraak.audit.ndjson.shapes import KINDS, AnyOf, Kind, Observation, Own
from ruggespraak.audit.rejects import shown
from ruggespraak.audit.splitting import too_long

Reader = Callable[[Any, Said], None]

_ANY, _KIND, _JSON = msgspec.json.Decoder(AnyOf), msgspec.json.Decoder(Kind), msgspec.json.Decoder()
_PARTS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_OBSERVATION, _OWN = msgspec.json.Decoder(Observation), msgspec.json.Decoder(Own)

VARYING = frozenset({"id", "meta", "text", "encounter", "subject", "effectiveDateTime", "issued"})
"""What the content of an Observation does not hang on: it is in ``Own``, or is not read."""
CONTENTS = 1 << 14  # that are remembered: some dozens of megabytes
READ = {f'"{kind}"'.encode() for kind in KINDS}
OTHER = re.compile(rb'"([A-Z][A-Za-z]{1,39})"')
_contents: dict[tuple[bytes | str, ...], Content] = {}


def decoded(line: bytes) -> tuple[str, Any, Reader]:
    """Kind and resource, and what reads it. Raises PassedError, RejectedError."""
    if reason := too_long(line):
        raise RejectedError(reason)
    try:
        if not line.isascii():
            line.decode()  # msgspec looks only at what is read
        parts = {name: bytes(raw) for name, raw in _PARTS.decode(line).items()}
        kind = parts.get("resourceType", b"")
        _expect_each_once(line, parts)
        if kind not in READ and (other := OTHER.fullmatch(kind)):
            raise PassedError(f"a {other[1].decode()} is not read")
        if kind == b'"Observation"':
            return _observation(line, parts)
        _expect_once(*(part for name, part in parts.items() if name != "text"))
        found = _ANY.decode(line)
        return type(found).__name__, found, READERS[type(found)]
    except msgspec.ValidationError as error:
        raise _not_as_expected(line, error) from None
    except RecursionError:
        raise RejectedError("no JSON: nested too deep") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _no_json(line, error) from None


def _observation(line: bytes, parts: dict[str, bytes]) -> tuple[str, Any, Reader]:
    key = tuple(one for part in parts.items() if part[0] not in VARYING for one in part)
    content = _contents.get(key)
    if content:
        _expect_once(parts.get("subject", b""), parts.get("meta", b""))
        return "Observation", _OWN.decode(line), content.tell
    _expect_once(*(part for name, part in parts.items() if name != "text"))
    found = _OBSERVATION.decode(line)
    content = Content(found)
    if len(_contents) >= CONTENTS:
        _contents.clear()
    _contents[key] = content
    return "Observation", found, content.tell


# Names ---------------------------------------------------------------------------------------------------------------


def _expect_each_once(line: bytes, parts: dict[str, bytes]) -> None:
    """Raises RejectedError for a line with two parts of one name: then it is longer than what is left of its parts."""
    count, length = len(parts), len(line.rstrip())
    dense = sum(map(len, parts)) + sum(map(len, parts.values())) + 4 * count + 1  # quotes, colon, comma
    if length not in (dense, dense + 2 * count - 1):  # or with a space after each colon and comma
        _named_once(line)


def _expect_once(*parts: bytes) -> None:
    """Raises RejectedError for a part with a name that is given twice."""
    for part in parts:
        if part[:1] in (b"{", b"["):
            _named_once(part)


@lru_cache(REMEMBERED)
def _named_once(text: bytes) -> None:
    json.loads(text, object_pairs_hook=_once, parse_int=str)


def _once(pairs: list[tuple[str, Any]]) -> None:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise RejectedError(f"{shown(twice)}: given twice, once expected")


# What is wrong -------------------------------------------------------------------------------------------------------


def _no_json(line: bytes, error: Exception) -> PassedError | RejectedError:
    if not line.strip():
        return PassedError("an empty line")
    if b"\0" in line:
        return RejectedError(f"no UTF-8: byte 0 at {line.index(0)} given, UTF-8 without it expected")
    try:
        line.decode()
    except UnicodeDecodeError as broken:
        return RejectedError(f"no UTF-8: byte {line[broken.start]} at {broken.start} given, UTF-8 expected")
    return RejectedError(f"no JSON: {error}")


def _not_as_expected(line: bytes, error: msgspec.ValidationError) -> PassedError | RejectedError:
    """An element that is not as R4 has it: with its place and what stands there."""
    try:
        line.decode()
        body = _JSON.decode(line)
        kind = _KIND.decode(line).resource_type
    except msgspec.ValidationError as broken:
        if str(broken).startswith("Number out of range"):
            return RejectedError("no number: one that is out of range given")
        return RejectedError("no resource: a FHIR resource as JSON with its resourceType expected")
    except RecursionError:
        return RejectedError("no JSON: nested too deep")
    except (msgspec.DecodeError, UnicodeDecodeError) as broken:
        return _no_json(line, broken)
    said, _, place = str(error).partition(" - at `")
    steps = re.findall(r"\.(\w+)|\[(\d+)\]", place)
    for name, number in steps:
        body = body[name] if name else body[int(number)]
    path = ".".join(name for name, _ in steps if name) or kind
    given = "" if said.startswith("Object missing") else f"{shown(body)} given, "
    said = re.sub(r" matching regex .*", " as FHIR writes it", said)
    return RejectedError(f"{path}: {given}{said[0].lower()}{said[1:]}")
