"""HEDIS for low back pain: patients a second, beside fqm-execution on the same people.

``python benchmarks/hedis.py`` makes people up by chance, as FHIR bundles and as the tables of an audit, and runs the
measure twice: as Measure and CQL in fqm-execution, and as one query on DuckDB. A rate counts only if both find the same
of every patient: else the exit status is 1.

They do not start from the same: the judge gets resources in memory and pays for every one that it looks at (half of its
time goes to holding codes against a list of some 90), we start from tables that are there already. So the ratio is that
of two ways to ask a question of a thousand patients, and not of two engines. *Copies* is the same people many times
over: what a query costs once is then shared.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from dataclasses import replace
from pathlib import Path

import ibis

sys.path[:0] = [str(Path(__file__).parents[1] / "tests" / part) for part in ("audit", "fhir")]

from hedis_people import judged, people, records, said  # noqa: E402

from ruggespraak.audit.hedis import hedis  # noqa: E402
from ruggespraak.audit.records import Records  # noqa: E402

TIMES = 3  # our best of


def seconds(of: Records) -> float:
    """How long our measure takes, with every case fetched: the best of three."""
    took = []
    for _ in range(TIMES):
        start = time.perf_counter()
        hedis(of).to_pyarrow()
        took.append(time.perf_counter() - start)
    return min(took)


def copied(of: Records, times: int) -> Records:
    """The same people so many times, each with an id of her own."""
    number = ibis.range(times).unnest().name("copy").as_table()
    tables = {}
    for name, table in of.tables.items():
        found = table.cross_join(number)
        ids = {id: found[id] + "-" + found.copy.cast("string") for id in ("person", "episode") if id in table.columns}
        tables[name] = of.engine.create_table(f"copied_{name}", found.mutate(**ids).drop("copy"))
    return replace(of, tables=tables)


def measure(count: int, copies: int) -> dict:
    """All figures."""
    these = people(count)
    of = records(ibis.duckdb.connect(), these)
    theirs, ours = judged(these), said(hedis(of).to_pyarrow().to_pylist())
    here, many = seconds(of), seconds(copied(of, copies))
    return {
        "patients": count,
        "in the denominator": len(ours),
        "found otherwise": sum(ours.get(case) != theirs.cases.get(case) for case in ours.keys() | theirs.cases.keys()),
        "fqm-execution, patients a second": round(count / theirs.seconds),
        "ours, patients a second": round(count / here),
        "times as fast": round(theirs.seconds / here),
        "copies": {"patients": count * copies, "ours, patients a second": round(count * copies / many)},
        "load average": round(os.getloadavg()[0], 1),
    }


def main() -> None:
    """Prints the figures; exits 1 where a patient is found otherwise."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--people", type=int, default=2_000)
    parser.add_argument("--copies", type=int, default=100)
    parser.add_argument("--json", action="store_true", help="the figures as JSON")
    asked = parser.parse_args()
    found = measure(asked.people, asked.copies)
    print(json.dumps(found, indent=2) if asked.json else "\n".join(f"{name}: {says}" for name, says in found.items()))
    sys.exit(bool(found["found otherwise"]))


if __name__ == "__main__":
    main()
