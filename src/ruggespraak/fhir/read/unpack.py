"""Bytes to resources, and bundles to what is in them. A line that is broken is named, and the others are read."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from ruggespraak.consult.case import Problem
from ruggespraak.fhir.read.elements import Element, codings, element, elements, id_of, shown, text, when
from ruggespraak.fhir.read.heard import Entry, Heard

LONGEST_LINE = 8 * 1024 * 1024
"""Bytes of one resource in a file of many."""
A_RESOURCE = "a FHIR resource as JSON"
TWICE = "(a name that stands twice)"
UNKNOWN_KIND, LONGEST_KIND = "resource", 40  # no kind of FHIR has a longer name


def resources_in(data: bytes) -> Iterator[Any]:
    """Every resource in this: one resource or Bundle, or one a line (NDJSON). A Problem stands for a broken line."""
    whole = _parsed(data)
    if not isinstance(whole, str):
        yield from whole
        return
    lines = [(number, line) for number, line in enumerate(data.split(b"\n"), 1) if line.strip()]
    if len(lines) < 2:
        yield Problem("the data", whole, A_RESOURCE)
        return
    for number, line in lines:
        found = _parsed(line) if len(line) <= LONGEST_LINE else f"{len(line)} bytes"
        if isinstance(found, str):
            yield Problem(f"line {number}", found, A_RESOURCE)
        else:
            yield from found


def _parsed(data: bytes) -> list[Any] | str:
    """The resources; a text says why it is none. What JSON does not know inside one of them spoils only that."""
    try:
        text = data.decode("utf-8-sig")
        found = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number, parse_int=_whole)
    except UnicodeDecodeError:
        return "no UTF-8"
    except (ValueError, RecursionError):
        return "no JSON, or nested too deep"
    return found if isinstance(found, list) else [found]


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object. What stands under a name that is there twice is two things, and neither counts."""
    found = dict(pairs)
    if len(found) < len(pairs):
        found |= {name: TWICE for name, n in Counter(name for name, _ in pairs).items() if n > 1}
    return found


def _no_number(_: str) -> None:
    """NaN and infinity are no numbers of JSON."""


def _whole(digits: str) -> int | None:
    try:
        return int(digits)
    except ValueError:  # more digits than Python reads
        return None


def unpacked(resources: Iterable[object], heard: Heard) -> list[Entry]:
    """The resources in their order, out of bundles however deep; of one that was sent twice only the newest."""
    entries: list[Entry] = []
    number = 0
    waiting: list[tuple[str, object]] = [("", one) for one in resources][::-1]
    while waiting:
        url, body = waiting.pop()
        if isinstance(body, Problem):
            heard.pass_over(body.place, body.value, body.expected)
        elif isinstance(body, dict) and body.get("resourceType") == "Bundle":
            inside = [
                (text(one.get("fullUrl")), one["resource"]) for one in elements(body, "entry") if "resource" in one
            ]
            waiting += inside[::-1]
        else:
            number += 1
            if isinstance(body, dict) and (kind := text(body.get("resourceType"))):
                entries.append(_entry(kind, number, url, body))
            else:
                heard.pass_over(f"entry {number}", shown(body), A_RESOURCE)
    return _newest(entries, heard)


def _entry(kind: str, number: int, url: str, body: Element) -> Entry:
    """A resource under its own name, where that can be shown."""
    kind = kind if kind.isascii() and kind.isalpha() and len(kind) <= LONGEST_KIND else UNKNOWN_KIND
    id = id_of(body)
    place = f"{kind}/{id}" if id and kind != UNKNOWN_KIND else f"entry {number}"
    return Entry(kind=kind, place=place, url=url, body=body)


def _newest(entries: list[Entry], heard: Heard) -> list[Entry]:
    """Without the older versions of a resource. Where it does not say which is newer, all of them are read."""
    versions: dict[tuple[str, str], list[Entry]] = {}
    for one in entries:
        versions.setdefault((one.url, one.place), []).append(one)
    return [one for same in versions.values() for one in (_of_one_id(same, heard) if len(same) > 1 else same)]


def _of_one_id(same: list[Entry], heard: Heard) -> list[Entry]:
    """The newest of these, and in doubt those that may be no versions of it, or that may have been taken back."""
    dated = [(at, one) for one in same if (at := when(element(one.body, "meta").get("lastUpdated")).at)]
    if len(dated) < len(same):
        return [replace(one, doubted=True) for one in same] if any(_taken_back(one) for one in same) else same
    newest = max(dated, key=lambda pair: pair[0])[1]
    others = [one for one in same if one.body.get("code") != newest.body.get("code")]
    if others:
        heard.pass_over(newest.place, f"{len(others) + 1} resources under one id", "an id of its own for each")
    return [newest, *(replace(one, doubted=True) for one in others)]


def _taken_back(entry: Entry) -> bool:
    verified = (code for _, code in codings(entry.body.get("verificationStatus")))
    return "entered-in-error" in (text(entry.body.get("status")), *verified)
