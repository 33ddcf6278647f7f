"""Does Spark find what DuckDB finds, and how long does each take, from the same records to the figures?

Records of so many synthetic people are written as Parquet, each table as a folder of some files, as a cluster would
read them. DuckDB and Spark on this computer (local[2]) audit them in turn, each in a process of its own; the seconds
are from its start to the figures, so Spark's start counts. The exit status is 1 unless every figure is the same. Spark
is for what does not fit on one machine: on one machine DuckDB is the faster.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from shutil import which

import pyarrow.parquet as pq

ENGINES = {"DuckDB": None, "Spark local[2]": "local[2]"}
PARTS = 4


def written(people: int, into: Path) -> None:
    """Writes the records, each table cut into ``PARTS`` files."""
    from ruggespraak.population import records
    from ruggespraak.population.simulate import Run

    records.write(Run(people=people, years=1), into / "whole")
    for path in (into / "whole").glob("*.parquet"):
        table, folder = pq.read_table(path), into / "parts" / path.stem
        folder.mkdir(parents=True)
        rows = -(-max(table.num_rows, 1) // PARTS)
        for part in range(PARTS):
            pq.write_table(table.slice(part * rows, rows), folder / f"{part}.parquet")


def figures(folder: Path, url: str | None) -> dict[str, object]:
    """What an audit finds there, without the name of the engine."""
    from ruggespraak.audit.audit import audit
    from ruggespraak.audit.engine import connected
    from ruggespraak.audit.parquet import read_parquet

    found = audit(read_parquet(connected(url), folder)).found
    found["manifest"]["engine"] = ""
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--of", choices=ENGINES, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.of:
        print(json.dumps(figures(chosen.folder, ENGINES[chosen.of]), sort_keys=True))
        return
    if not (find_spec("pyspark") and which("java")):
        sys.exit("Spark is not here: pip install 'ruggespraak[spark]', and Java")
    seconds, found = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        written(chosen.people, Path(folder))
        for name in ENGINES:
            start = time.perf_counter()
            command = [sys.executable, __file__, "--of", name, "--folder", f"{folder}/parts"]
            ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            seconds[name] = round(time.perf_counter() - start, 1)
            found[name] = ran.stdout.splitlines()[-1]
    same = len(set(found.values())) == 1
    if chosen.json:
        print(json.dumps({"people": chosen.people, "seconds": seconds, "the same figures": same}))
    else:
        print(f"{chosen.people:,} people, the same figures: {'yes' if same else 'NO'}")
        print("\n".join(f"{name:16} {one:8,.1f} s" for name, one in seconds.items()))
    sys.exit(not same)


if __name__ == "__main__":
    main()
