"""The README's figures, as ``make check-all`` measured them last: the README itself claims no number."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from math import ceil
from pathlib import Path
from typing import Any

from ruggespraak.logic import table_row

DOCS = Path(__file__).resolve().parents[1]

Rows = Iterator[tuple[str, str]]
"""What was measured, and what came out."""


def page() -> str:
    """The README with its figures as they were measured last."""
    text = (DOCS.parent / "README.md").read_text(encoding="utf-8")
    before, _, rest = text.partition("<!-- figures -->\n")
    _, _, after = rest.partition("<!-- end of figures -->\n")
    return "\n".join([f"{before}<!-- figures -->", *table(measured()), "<!-- end of figures -->", after])


def measured() -> dict[str, Any]:
    """The figures of ``make check-all``."""
    found: dict[str, Any] = json.loads((DOCS / "measured.json").read_text(encoding="utf-8"))
    return found


def table(figures: dict[str, Any]) -> Iterator[str]:
    """A row for each thing, with the command that measures it; of what was not measured yet there is none."""
    yield f"Measured on {figures['machine']}; `make check-all` measures all of it anew."
    yield ""
    yield table_row(["what", "measured", "with"])
    yield "|---|---|---|"
    for name, rows in ROWS.items():
        for what, found in rows(figures[name]) if name in figures else ():
            yield table_row([what, found, f"`{figures['commands'][name]}`"])


# -- the consult ----------------------------------------------------------------------------------------------------


def decided(found: dict[str, Any]) -> Rows:
    for name, row in found.items():
        yield (
            f"decisions a second and core, {name}",
            f"{row['full']:,.0f} with every key, {row['fast']:,.0f} outcomes",
        )


def asked(found: dict[str, Any]) -> Rows:
    for name in ("plain back", "hernia", "emergency"):
        row = found[name]
        yield (
            f"screens, {name} ({row['people']:,} random people)",
            f"{row['screens, median']:g} in the middle, {row['screens, 95 %']:g} at most for 95 %",
        )


# -- the proof ------------------------------------------------------------------------------------------------------


def proven(found: dict[str, Any]) -> Rows:
    yield (
        "properties of the current edition proven",
        f"{found['proven']} of {found['properties']}, in {found['seconds']:g} s",
    )


def noticed(found: dict[str, Any]) -> Rows:
    editions = found.values()
    equivalent = sum(one["killed"].get("equivalent", 0) for one in editions)
    yield (
        "small mistakes in an edition (mutants)",
        f"{sum(one['mutants'] for one in editions):,}, of which {sum(one['survivors'] for one in editions)} go "
        f"unnoticed and {equivalent} are proven to change nothing",
    )


# -- the website and the practice -----------------------------------------------------------------------------------


def visited(found: dict[str, Any]) -> Rows:
    yield (
        "the website, 50 people at once",
        f"95 % of the clicks within {found['click p95, ms']:.0f} ms, {found['errors']} errors; a request takes "
        f"{found['times hello, p50']:g} times a bare hello ({found['times hello, p95']:g} times at 95 %)",
    )


def printed(found: float) -> Rows:
    yield "a personal leaflet as PDF, warm", f"{found:.0f} ms"


def practised(found: dict[str, Any]) -> Rows:
    yield (
        f"a practice of {found['patients']:,} patients and {found['facts']:,} facts on PostgreSQL",
        f"95 % of the worklists within {found['worklist p95, ms']:.0f} ms, 99 % of 20 check-ins a second within "
        f"{found['check-in p99, ms']:.0f} ms",
    )


def survived(found: dict[str, Any]) -> Rows:
    kills, power, standby = found["kills"], found["power"], found["standby"]
    yield (
        "servers killed (-9) while patients check in",
        f"{kills['kills']} kills, {kills['acknowledged']:,} check-ins acknowledged, {kills['lost']} lost",
    )
    yield (
        "power cuts on the written-down write path",
        f"{power['cuts']} cuts, {power['lost']} lost (without flushes "
        f"{power['cuts with a loss where the disk ignores flushes']} of them lose something)",
    )
    yield (
        "PostgreSQL killed (-9), its synchronous standby goes on",
        f"{standby['primaries killed']} times, {standby['acknowledged']:,} acknowledged, {standby['lost']} lost",
    )


def advised(found: dict[str, Any]) -> Rows:
    yield (
        "CDS Hooks, 100 orders a second",
        f"95 % answered within {found['p95, ms']:g} ms ({found['times hello, p95']:g} times a bare hello); of "
        f"{found['calls']:,} calls {found['wrong, lost or refused']} wrong, lost or refused",
    )


# -- the records ----------------------------------------------------------------------------------------------------


def audited(found: dict[str, Any]) -> Rows:
    most, loop = found["sizes"][-1], found["loop"]
    off = max(abs(one["z"]) for one in loop["rates"].values())
    yield (
        f"`rug audit`, {most['people']:,} people, {most['events'] / 1e6:.1f} million events, from Parquet to report",
        f"{most['audit and report, s']:.0f} s and {most['audit and report, MB']:,} MB",
    )
    yield (
        f"known rates planted in the records of {loop['people']:,} people",
        f"{len(loop['rates'])}, each found within {ceil(off * 10) / 10:g} standard deviations",
    )


def ruled(found: dict[str, Any]) -> Rows:
    yield (
        f"the imaging rule on {found['rows']:,} rows, DuckDB",
        f"{found['rows a second']['Ibis, DuckDB'] / 1e6:.1f} million a second, "
        f"{found['times by hand']['Ibis, DuckDB']:g} times the time of the same as SQL by hand",
    )


def read(found: dict[str, Any]) -> Rows:
    yield (
        "FHIR Bulk Data, read and checked",
        f"{found['MB a second']:.0f} MB a second; of {found['lines']:,} lines all {found['rejected']:,} broken ones "
        "named",
    )


def compared(found: dict[str, Any]) -> Rows:
    yield (
        f"HEDIS beside fqm-execution, {found['patients']:,} synthetic patients",
        f"{found['found otherwise']} found otherwise, {found['times as fast']:g} times as fast "
        "(ours starts from tables)",
    )


def spread(found: dict[str, Any]) -> Rows:
    same = "the same figures" if found["the same figures"] else "**other figures**"
    seconds = "; ".join(f"{name} {took:g} s" for name, took in found["seconds"].items())
    yield f"`rug audit` on two engines, {found['people']:,} people", f"{same}; {seconds}"


# -- the country ----------------------------------------------------------------------------------------------------


def lived(found: dict[str, Any]) -> Rows:
    country = found["country"]
    yield (
        "17.9 million people for 30 years, 2 threads",
        f"{country['seconds']:g} s and {country['MB']:g} MB; {country['lived years'] / 1e6:,.0f} million years lived, "
        f"{country['episodes'] / 1e6:.0f} million episodes",
    )
    yield (
        "`rug simulate`, 100,000 people",
        f"{found['first run']['seconds']:g} s the first time, {found['later run']['seconds']:g} s later",
    )
    yield (
        "the same life in C (gcc -O3), equal to the bit",
        f"ours is {found['one core']['ours against C']['median']:g} times as fast",
    )


def raced(found: dict[str, Any]) -> Rows:
    contenders = [
        f"{one['contender'].partition(',')[0]} {one['ours is times as fast']:g}"
        for one in found["contenders"]
        if one["asked"] or one["contender"].startswith("NumPy")
    ]
    yield (
        "our way to simulate on a probe model, times as fast as",
        f"{', '.join(contenders)} (built for other things: [what this says](benchmarks/README.md))",
    )


# -- the installation -----------------------------------------------------------------------------------------------


def started(found: float) -> Rows:
    yield "`rug --help`, over Python's own start", f"{found:g} s"


def installed(found: float) -> Rows:
    yield "base installation", f"{found:g} MB"


ROWS: dict[str, Callable[[Any], Rows]] = {
    "screens": asked,
    "decisions a second and core": decided,
    "proof": proven,
    "mutants": noticed,
    "website, 50 people": visited,
    "leaflet on A4, warm median, ms": printed,
    "practice": practised,
    "durability": survived,
    "cds hooks, 100 orders a second": advised,
    "audit": audited,
    "imaging rule": ruled,
    "ndjson": read,
    "hedis": compared,
    "engines": spread,
    "population life": lived,
    "population peers": raced,
    "rug --help, seconds over Python's own start": started,
    "base installation, MB": installed,
}
"""By key of measured.json, in the order of the README."""
