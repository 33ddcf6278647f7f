"""How long somebody waits for a personal leaflet as PDF: the first one, and then each next one.

``python benchmarks/pdf.py``. The leaflets are those of the patients on file, in both languages, each drawn once: a
leaflet that was drawn before would come sooner. Making the document is timed apart. Exits 1 if a warm leaflet on A4
takes longer than the project asks for.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from ruggespraak.consult import read_case
from ruggespraak.documents.content import Document, Picture
from ruggespraak.documents.pdf import booklet, pdf
from ruggespraak.documents.personal import personal
from ruggespraak.pathway.texts import LANGUAGES

CASES = Path(__file__).parent.parent / "tests" / "cases"
MOST = 50.0  # milliseconds for the median leaflet


def documents() -> list[Document]:
    """The leaflets of all patients on file, as if they answered themselves."""
    lines = [line for file in sorted(CASES.glob("*.jsonl")) for line in file.open(encoding="utf-8")]
    cases = [read_case({**json.loads(line), "answered_by": "patient"}) for line in lines]
    return [personal(case, lang) for case in cases for lang in LANGUAGES]


def milliseconds(make: Callable[[Document], bytes], these: list[Document]) -> list[float]:
    """How long each of them took, by the clock: that is what somebody waits."""
    took = []
    for document in these:
        start = time.perf_counter()
        make(document)
        took.append(1000 * (time.perf_counter() - start))
    return took


def warm_median() -> float:
    """The median leaflet on A4, in milliseconds, after a first one."""
    return statistics.median(milliseconds(pdf, documents())[1:])


def main() -> None:
    """Prints first, warm median and 95th percentile for each kind of file."""
    start = time.perf_counter()
    these = documents()
    each = 1000 * (time.perf_counter() - start) / len(these)
    pictures = statistics.mean(sum(isinstance(one, Picture) for one in document.blocks()) for document in these)
    print(f"{len(these)} leaflets, {pictures:.1f} pictures each; a document is made in {each:.1f} ms")
    print(f"{'file':<10} {'first':>8} {'median':>8} {'p95':>8}   ms (asked for: a median of {MOST:.0f})")
    medians = {}
    kinds: dict[str, Callable[[Document], bytes]] = {"A4": pdf, "A5": lambda one: pdf(one, "a5"), "booklet": booklet}
    for name, make in kinds.items():
        first, *warm = milliseconds(make, these)
        medians[name] = statistics.median(warm)
        print(f"{name:<10} {first:>8.1f} {medians[name]:>8.1f} {statistics.quantiles(warm, n=20)[-1]:>8.1f}")
    if medians["A4"] > MOST:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
