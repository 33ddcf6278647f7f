"""The sources: what the keys of ``because`` stand for, as ``sources.csv`` lists them."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


@cache
def listed() -> Mapping[str, Mapping[str, str]]:
    """The list of sources, by key. "Idem" is written out: here a source does not stand below the one it belongs to."""
    found: dict[str, Mapping[str, str]] = {}
    whole = ""
    lines = files(__package__).joinpath("sources.csv").read_text(encoding="utf-8").splitlines()
    for row in csv.DictReader(lines):
        title, part = row["title"], row["title"].removeprefix("idem, ")
        if title == part:
            whole = title.partition(":")[0]
        found[row["key"]] = {**row, "title": title if title == part else f"{whole}: {part}"}
    return found


def named(key: str) -> str:
    """The source of this key as a list of sources has it: title, who made it, year. Raises KeyError."""
    row = listed()[key]
    made = ", ".join(part for part in (row["organisation"], row["year"]) if part != "–")
    return f"{row['title']}. {made}." if made else f"{row['title']}."
