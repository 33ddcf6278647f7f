"""The page with every external address that the documentation leads to, of ``docs/links.csv``."""

from __future__ import annotations

import csv
import re
from pathlib import Path

DOCS = Path(__file__).resolve().parents[1]
ROOT = DOCS.parent
SOURCES = ROOT / "src/ruggespraak/pathway/sources.csv"
ADDRESS = re.compile(r"https?://(?:[^\s<>|`\"'()\],;…\\]|\([^\s()]*\))+")
INVENTED = re.compile(r"//(?:[^/]*example|localhost|127\.|HOST)")  # nobody's address: it shows what to write
HEAD = (
    "# Where the links lead\n\n"
    "Every external address in these pages and in the [sources of the pathway]"
    "(../src/ruggespraak/pathway/sources.csv). The day is the last on which it can have been read: that on which the "
    "address came into this repository; the day itself was not noted. Nobody has opened them since, so what stands "
    "there now may be something else.\n\n"
    "| address | read, at the latest | how |\n|---|---|---|\n"
)


def rows() -> list[dict[str, str]]:
    """``url``, ``read`` (a day, or nothing) and ``how`` of each address."""
    with (DOCS / "links.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def addresses(text: str) -> set[str]:
    """The external addresses in a text."""
    return {one.rstrip(".:") for one in ADDRESS.findall(text) if not INVENTED.search(one)}


def page() -> str:
    return HEAD + "\n".join(f"| <{row['url']}> | {row['read'] or '–'} | {row['how']} |" for row in rows())
