"""How long does an audit take, and how much memory, from records to report, and does it find what was planted?

Records of so many synthetic people are written (``rug simulate --records``: a year, as practice is now), audited
with DuckDB on as many cores as there are, and reported. Each stage is a process of its own, so that the most memory
that it had is its own. Seconds are wall seconds, from the start of the process to its end: what its user waits for.
They grow with whatever else runs, so processor seconds and the load average stand beside them.

``--loop``: records in which every question was asked and many things go beside the pathway, with known rates
(tests/audit/planted.py): each rate as the audit finds it, and by how many standard deviations it is off. Where one is
off by 4 or more, or a needless picture or a missed alarm is not found in its very episode, the exit status is 1.

Goal: 1 million people in 60 seconds and 4 GB on 2 cores; seconds a million people that do not grow with their number.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "audit"))

import planted

from ruggespraak.audit.audit import audit
from ruggespraak.audit.engine import connected
from ruggespraak.audit.parquet import read_parquet
from ruggespraak.audit.report import write
from ruggespraak.population import records
from ruggespraak.population.simulate import Run

PEOPLE = (100_000, 1_000_000, 10_000_000)
YEARS = 1  # of which a million people leave 6 million events
SECONDS, GIGABYTES, MOST_OFF = 60, 4, 4
EVENTS = ("contacts", "imaging", "referrals", "operations", "answers")


def simulated(folder: Path, people: int) -> dict[str, Any]:
    """Writes the records of so many people; says how many events they have."""
    rows = records.write(Run(people=people, years=YEARS), folder / "records")
    return {"events": sum(rows[name] for name in EVENTS)}


def audited(folder: Path, _: int) -> dict[str, Any]:
    """Audits them and writes the report; says how long each stage took, and how many looks there were."""
    began = [("reading", time.perf_counter())]

    def progress(_: int, __: int, name: str) -> None:
        began.append((name, time.perf_counter()))

    read = read_parquet(connected(work=folder), folder / "records")
    found = audit(read, progress=progress)
    progress(0, 0, "report")
    write(found, folder / "report")
    progress(0, 0, "")
    stages = {name: round(end - start, 1) for (name, start), (_, end) in pairwise(began)}
    return {"looks": found.found["manifest"]["looks"], "stages, s": stages}


STAGES = {"records": simulated, "audit and report": audited}


def measure(people: int) -> dict[str, Any]:
    """Seconds and the most memory (MB) of each stage."""
    found: dict[str, Any] = {"people": people}
    with tempfile.TemporaryDirectory() as folder:
        for name in STAGES:
            start = time.perf_counter()
            command = [sys.executable, __file__, "--stage", name, "--people", str(people), "--folder", folder]
            ran = subprocess.run(command, capture_output=True, text=True, check=False)
            if ran.returncode:
                sys.exit(ran.stderr)
            found |= json.loads(ran.stdout.splitlines()[-1])
            found[f"{name}, s"] = round(time.perf_counter() - start, 1)
            found |= {f"{name}, processor s": found.pop("processor"), f"{name}, MB": found.pop("MB")}
        size = sum(path.stat().st_size for path in (Path(folder) / "records").iterdir())
        found["records, MB on disk"] = round(size / 1e6, 1)
    return found


def closed(people: int) -> dict[str, Any]:
    """The loop: every planted rate, and whether needless pictures and missed alarms are found where they are."""
    with tempfile.TemporaryDirectory() as folder:
        one = planted.loop(Path(folder) / "records", people)
        exact = {"needless pictures": planted.needless(one), "missed alarms": planted.missed(one)}
        return {
            "people": people,
            "rates": {
                rate.id: {
                    "planted": round(rate.chance, 4),
                    "found": round(rate.found / rate.of, 4) if rate.of else None,
                    "of": rate.of,
                    "z": round(rate.z, 2),
                }
                for rate in planted.rates(one)
            },
            "exact": {
                name: {"episodes": len(pairs), "the same": sum(found == true for found, true in pairs)}
                for name, pairs in exact.items()
            },
        }


def wrong(loop: dict[str, Any]) -> list[str]:
    """What the audit did not find."""
    off = [f"{id}: z = {one['z']}" for id, one in loop["rates"].items() if abs(one["z"]) >= MOST_OFF or not one["of"]]
    return off + [name for name, one in loop["exact"].items() if one["the same"] < one["episodes"]]


def show(found: dict[str, Any]) -> None:
    """The tables."""
    print(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}")
    for one in found["sizes"]:
        million = one["people"] / 1e6
        print(
            f"{one['people']:>11,} people {one['events']:>12,} events {one['looks']:>10,} looks; records "
            f"{one['records, s']:.0f} s {one['records, MB']:,} MB; audit and report {one['audit and report, s']:.1f} s "
            f"({one['audit and report, s'] / million:.1f} s a million; {one['audit and report, processor s']} s of "
            f"processors), {one['audit and report, MB']:,} MB; "
            f"{one['stages, s']}"
        )
    if "loop" in found:
        for id, one in found["loop"]["rates"].items():
            print(f"{id:22} planted {one['planted']:.4f} found {one['found']} of {one['of']:>9,}; z = {one['z']:+.2f}")
        for name, one in found["loop"]["exact"].items():
            print(f"{name}: the same in {one['the same']:,} of {one['episodes']:,} episodes")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--people", type=int, nargs="*", default=PEOPLE, help="how many people, for each size")
    parser.add_argument("--loop", type=int, metavar="PEOPLE", help="find what is planted in so many people")
    parser.add_argument("--json", action="store_true", help="the figures as JSON")
    parser.add_argument("--stage", choices=STAGES, help=argparse.SUPPRESS)  # what is run in a process of its own
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.stage:
        said = STAGES[asked.stage](asked.folder, asked.people[0])
        used = resource.getrusage(resource.RUSAGE_SELF)
        said |= {"processor": round(used.ru_utime + used.ru_stime, 1), "MB": round(used.ru_maxrss / 1024)}
        print(json.dumps(said))
        return
    found: dict[str, Any] = {"sizes": [measure(people) for people in asked.people]}
    if asked.loop:
        found["loop"] = closed(asked.loop)
    print(json.dumps(found, indent=2)) if asked.json else show(found)
    if asked.loop and wrong(found["loop"]):
        sys.exit(f"not found: {', '.join(wrong(found['loop']))}")


if __name__ == "__main__":
    main()
