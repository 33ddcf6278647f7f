"""The page on CDS Hooks: each requirement with the test that holds it, and what is not covered (``cds_hooks.toml``)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parents[1]


def items() -> list[dict[str, Any]]:
    """The requirements, each with ``section``, ``asks``, and ``tests`` (of ``file``) or ``left``: why there is none."""
    found = tomllib.loads((DOCS / "cds_hooks.toml").read_text(encoding="utf-8"))
    return [{"file": found["file"], **one} for one in found["item"]]


def page() -> str:
    """The page, its table filled in."""
    template = (DOCS / "cds_hooks.template.md").read_text(encoding="utf-8")
    return template.replace("<!-- requirements -->", _table()).rstrip()


def _table() -> str:
    return "\n".join(["| section | asks | test |", "|---|---|---|", *_rows()])


def _rows() -> Iterator[str]:
    section = ""
    for one in items():
        tests = "<br>".join(f"[{name}](../{one['file']})" for name in one.get("tests", ()))
        left = f"**Not covered:** {one['left']}" if "left" in one else ""
        yield f"| {one['section'] if one['section'] != section else ''} | {one['asks']} | {tests}{left} |"
        section = one["section"]
