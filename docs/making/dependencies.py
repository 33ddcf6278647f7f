"""What others wrote and we depend on: every package of ``uv.lock``, which part needs it, and under which licence.

The licences stand in ``licences.csv``, so that a page says the same on every machine. ``stated`` is what the package
itself says where it gives no SPDX expression; a test compares both with the packages that are installed.
"""

from __future__ import annotations

import csv
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parents[1]
BASE = "base"
GROUPS = ("dev", "docs", "bench")  # what we build and check with: nobody who installs Ruggespraak gets it


@dataclass(frozen=True, slots=True)
class Package:
    name: str
    versions: tuple[str, ...]  # more than one where another Python gets another one
    parts: tuple[str, ...]  # base, an extra, or one of GROUPS: everything that brings it
    licence: str  # an SPDX expression
    direct: bool  # we ask for it by name, outside GROUPS

    @property
    def shipped(self) -> bool:
        """Whether somebody who installs some extra gets it."""
        return bool(set(self.parts) - set(GROUPS))


@cache
def packages() -> tuple[Package, ...]:
    """Everything in the lock file but ourselves, by name. Raises KeyError for a package without a licence."""
    licence = {row["name"]: row["licence"] for row in licences()}
    parts = brought_by()
    asked = {name for part, names in asked_for().items() if part not in GROUPS for name, _ in names}
    return tuple(
        Package(name, tuple(one["version"] for one in found), parts[name], licence[name], name in asked)
        for name, found in sorted(locked().items())
        if name != "ruggespraak"
    )


def licences() -> list[dict[str, str]]:
    with (DOCS / "licences.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@cache
def locked() -> dict[str, list[dict[str, Any]]]:
    """The entries of the lock file by name."""
    found: dict[str, list[dict[str, Any]]] = {}
    for one in tomllib.loads((DOCS.parent / "uv.lock").read_text(encoding="utf-8"))["package"]:
        found.setdefault(one["name"], []).append(one)
    return found


def asked_for() -> dict[str, list[tuple[str, tuple[str, ...]]]]:
    """What each part asks for by name: packages with the extras of them."""
    (ours,) = locked()["ruggespraak"]
    parts = {BASE: ours["dependencies"], **ours["optional-dependencies"], **ours["dev-dependencies"]}
    return {part: [(one["name"], tuple(one.get("extra", ()))) for one in wanted] for part, wanted in parts.items()}


def brought_by() -> dict[str, tuple[str, ...]]:
    """The parts that bring each package, directly or through another."""
    found: dict[str, list[str]] = {}
    for part, wanted in asked_for().items():
        seen: set[tuple[str, tuple[str, ...]]] = set()
        while wanted:
            name, extras = wanted.pop()
            if (name, extras) in seen:
                continue
            seen.add((name, extras))
            for one in locked()[name]:
                needs = list(one.get("dependencies", ()))
                for extra in extras:
                    needs += one.get("optional-dependencies", {}).get(extra, ())
                wanted += [(need["name"], tuple(need.get("extra", ()))) for need in needs]
        for name in {name for name, _ in seen}:
            found.setdefault(name, []).append(part)
    return {name: tuple(parts) for name, parts in found.items()}
