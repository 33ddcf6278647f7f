"""The README's figures, as ``make check-all`` measured them last: the README itself claims no number."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parent


def measured() -> dict[str, Any]:
    """The figures of ``make check-all``."""
    found: dict[str, Any] = json.loads((DOCS / "measured.json").read_text(encoding="utf-8"))
    return found


def page() -> str:
    """The README with its figures as they were measured last."""
    figures = measured()
    rates, screens = figures["decisions a second and core"], figures["screens"]
    lines = [
        f"Measured by `make check-all` on {figures['machine']}:",
        "",
        "| what | measured |",
        "|---|---|",
    ]
    for name, row in rates.items():
        lines.append(
            f"| decisions a second and core, {name} | {row['full']:,.0f} with every key, {row['fast']:,.0f} outcomes |"
        )
    for name in ("plain back", "hernia", "emergency"):
        row = screens[name]
        lines.append(
            f"| screens, {name} ({row['people']:,} random people) "
            f"| {row['screens, median']:g} in the middle, {row['screens, 95 %']:g} at most for 95 % |"
        )
    proven, mutants = figures["proof"], figures["mutants"].values()
    lines.append(
        f"| properties of the current edition proven | {proven['proven']} of {proven['properties']}, "
        f"in {proven['seconds']:g} s |"
    )
    equivalent = sum(one["killed"].get("equivalent", 0) for one in mutants)
    lines.append(
        f"| small mistakes in an edition (mutants) | {sum(one['mutants'] for one in mutants):,}, of which "
        f"{sum(one['survivors'] for one in mutants)} go unnoticed and {equivalent} are proven to change nothing |"
    )
    site = figures["website, 50 people"]
    lines.append(
        f"| the website, 50 people at once | 95 % of the clicks within {site['click p95, ms']:.0f} ms, "
        f"{site['errors']} errors; a request takes {site['times hello, p50']:g} times a bare hello "
        f"({site['times hello, p95']:g} times at 95 %) |"
    )
    practice = figures["practice"]
    lines.append(
        f"| a practice of {practice['patients']:,} patients and {practice['facts']:,} facts on PostgreSQL "
        f"| 95 % of the worklists within {practice['worklist p95, ms']:.0f} ms, 99 % of 20 check-ins a second within "
        f"{practice['check-in p99, ms']:.0f} ms |"
    )
    lines += survived(figures["durability"])
    lines += lived(figures["population"])
    lines += audited(figures) if "audit" in figures else []
    lines.append(f"| a personal leaflet as PDF, warm | {figures['leaflet on A4, warm median, ms']:.0f} ms |")
    start, size = figures["rug --help, seconds over Python's own start"], figures["base installation, MB"]
    lines.append(f"| `rug --help`, over Python's own start | {start:g} s |")
    lines.append(f"| base installation | {size:g} MB |")
    text = (DOCS.parent / "README.md").read_text(encoding="utf-8")
    before, _, rest = text.partition("<!-- figures -->\n")
    _, _, after = rest.partition("<!-- end of figures -->\n")
    return "\n".join([f"{before}<!-- figures -->", *lines, "<!-- end of figures -->", after])


def survived(found: dict[str, Any]) -> list[str]:
    """What was done to the servers and the database while patients checked in, and what was lost of it."""
    kills, power, standby = found["kills"], found["power"], found["standby"]
    return [
        f"| servers killed (-9) while patients check in | {kills['kills']} kills, {kills['acknowledged']:,} check-ins "
        f"acknowledged, {kills['lost']} lost |",
        f"| power cuts on the written-down write path | {power['cuts']} cuts, {power['lost']} lost (without flushes "
        f"{power['cuts with a loss where the disk ignores flushes']} of them lose something) |",
        f"| PostgreSQL killed (-9), its synchronous standby goes on | {standby['primaries killed']} times, "
        f"{standby['acknowledged']:,} acknowledged, {standby['lost']} lost |",
    ]


def lived(found: dict[str, Any]) -> list[str]:
    """How fast the country is, and beside what."""
    life, peers = found["life"], {one["contender"]: one for one in found["peers"]["contenders"]}
    times = [
        f"{name.partition(',')[0]} {peers[name]['ours is times as fast']:g}"
        for name in peers
        if peers[name]["asked"] or name.startswith("NumPy")
    ]
    country = life["country"]
    return [
        f"| 17.9 million people for 30 years, 2 threads | {country['seconds']:g} s and {country['MB']:g} MB; "
        f"{country['lived years'] / 1e6:,.0f} million years lived, {country['episodes'] / 1e6:.0f} million episodes |",
        f"| `rug simulate`, 100,000 people | {life['first run']['seconds']:g} s the first time, "
        f"{life['later run']['seconds']:g} s later |",
        f"| the same life in C (gcc -O3), equal to the bit | ours is {life['one core']['ours against C']['median']:g} "
        "times as fast |",
        f"| our way to simulate on a probe model, times as fast as | {', '.join(times)} "
        "(built for other things: [what this says](benchmarks/README.md)) |",
    ]


def audited(found: dict[str, Any]) -> list[str]:
    """How fast records are held against the pathway, and whether what was planted in them is found."""
    rule, lines, hedis = found["imaging rule"], found["ndjson"], found["hedis"]
    most, loop = found["audit"]["sizes"][-1], found["audit"]["loop"]
    off = max(abs(one["z"]) for one in loop["rates"].values())
    return [
        f"| `rug audit`, {most['people']:,} people, {most['events'] / 1e6:.1f} million events, from Parquet to report "
        f"| {most['audit and report, s']:.0f} s and {most['audit and report, MB']:,} MB |",
        f"| known rates planted in the records of {loop['people']:,} people | {len(loop['rates'])}, each found within "
        f"{off:.1f} standard deviations |",
        f"| the imaging rule on {rule['rows']:,} rows, DuckDB | {rule['rows a second']['Ibis, DuckDB'] / 1e6:.1f} "
        f"million a second, {rule['times by hand']['Ibis, DuckDB']:g} times the time of the same as SQL by hand |",
        f"| FHIR Bulk Data, read and checked | {lines['MB a second']:.0f} MB a second; of {lines['lines']:,} lines all "
        f"{lines['rejected']:,} broken ones named |",
        f"| HEDIS beside fqm-execution, {hedis['patients']:,} synthetic patients | {hedis['found otherwise']} found "
        f"otherwise, {hedis['times as fast']:g} times as fast (ours starts from tables) |",
    ]
