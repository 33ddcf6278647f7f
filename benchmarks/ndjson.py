"""How fast are records read that come as FHIR resources, one a line, checked and with the broken lines named?

The lines are simulated records (``rug simulate --records``) as resources of about a kilobyte, as a server would give
them: with a narrative and a profile. One line in a hundred is broken, in one way after the other. The clock runs from
the files to the tables of an audit with their episodes; the megabytes are those of the files. On a machine that others
use too, trust the megabytes a second of processor time: the reading uses as many processors as there are.

The exit status is 1 unless the broken lines, and no others, were rejected.
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import count, cycle
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from ruggespraak.pathway.codes.addresses import ANSWERS, FINDINGS, SYSTEMS
from ruggespraak.pathway.codes.units import UCUM
from ruggespraak.pathway.findings import VOCABULARY

MEGABYTES = 500
PEOPLE = 20_000  # who are simulated; the same people stand in the files as often as it takes
EVERY = 100  # line is broken
NARRATIVE = "<div xmlns='http://www.w3.org/1999/xhtml'>" + "Vastgelegd in het dossier van de huisarts. " * 12 + "</div>"
ORDERS = {"x_ray": "24972-2", "mri": "24968-0"}  # LOINC
REFERRALS = {"neurologist": "308474002", "orthopaedist": "308481009", "rheumatologist": "306290009",
             "physiotherapist": "308447003"}  # SNOMED CT  # fmt: skip
BROKEN = (
    lambda line: line[: len(line) // 2],  # cut off
    lambda line: b'"status":"un'.join(line.rsplit(b'"status":"', 1)),  # of no value set
    lambda line: line.replace(b"huisarts", b"huis\xe9rts", 1),  # Latin-1
    lambda line: line.decode().encode("utf-16-le").replace(b"\n", b" "),
    lambda line: line.replace(b'"resourceType"', b'"kind"', 1),
    lambda line: b"[" + line + b"]",
    lambda line: b"\0" * len(line),
)

Resource = dict[str, Any]


def written(kind: str, id: str, **elements: Any) -> Resource:
    """A resource as a server gives it."""
    profile = f"http://nictiz.nl/fhir/StructureDefinition/nl-core-{kind}"
    meta = {"versionId": "1", "lastUpdated": "2026-01-01T08:00:00.000+01:00", "profile": [profile]}
    text = {"status": "generated", "div": NARRATIVE}
    return {"resourceType": kind, "id": id, "meta": meta, "text": text, **elements}


def coded(system: str, code: str) -> Resource:
    return {"coding": [{"system": system, "code": code}]}


def resources(records: Path, turn: int) -> Iterator[Resource]:
    """All that these records hold. ``turn``: these people stand in the files once more, under other names."""
    table = {path.stem: pq.read_table(path).to_pylist() for path in records.glob("*.parquet")}
    number = count()
    person = {row["episode"]: f"{row['person']}-{turn}" for row in table["episodes"]}
    icpc = {row["episode"]: coded(SYSTEMS["ICPC-1-NL"], row["icpc"]) for row in table["episodes"]}

    def of(episode: str) -> Resource:
        return {"subject": {"reference": f"Patient/{person[episode]}"}}

    for row in table["persons"]:
        practice = {"reference": f"Organization/{row['practice']}"}
        born = {"birthDate": str(row["birth_year"]), "gender": row["sex"], "managingOrganization": practice}
        died = {"deceasedDateTime": str(row["died"])} if row["died"] else {}
        yield written("Patient", f"{row['person']}-{turn}", **born, **died)
    for row in table["contacts"]:
        if row["kind"] == "gp":
            care = {"status": "finished", "class": {"code": "AMB"}, "period": {"start": str(row["date"])}}
            visit = f"e{next(number)}-{turn}"
            yield written("Encounter", visit, **care, **of(row["episode"]), reasonCode=[icpc[row["episode"]]])
    for row in table["imaging"]:
        order = {"status": "completed", "intent": "order", "authoredOn": str(row["date"])}
        code = coded(SYSTEMS["LOINC"], ORDERS[row["kind"]])
        yield written("ServiceRequest", f"s{next(number)}-{turn}", **order, **of(row["episode"]), code=code)
    for row in table["referrals"]:
        if row["to"] in REFERRALS:
            order = {"status": "active", "intent": "order", "authoredOn": str(row["date"])}
            code = coded(SYSTEMS["SNOMED-CT"], REFERRALS[row["to"]])
            yield written("ServiceRequest", f"s{next(number)}-{turn}", **order, **of(row["episode"]), code=code)
    for row in table["answers"]:
        told = {"status": "final", "effectiveDateTime": str(row["date"]), "performer": [{"type": "Practitioner"}]}
        about = {"code": coded(FINDINGS, row["finding"]), **of(row["episode"]), **value(row["finding"], row["value"])}
        yield written("Observation", f"o{next(number)}-{turn}", **told, **about)


def value(finding: str, said: str) -> Resource:
    """An answer as an Observation has it."""
    kind = VOCABULARY[finding].kind
    if kind == "boolean":
        return {"valueBoolean": said == "true"}
    if kind == "number":
        unit = UCUM[VOCABULARY[finding].unit]
        return {"valueQuantity": {"value": float(said), "system": SYSTEMS["UCUM"], "code": unit}}
    return {"valueCodeableConcept": coded(ANSWERS, f"{finding}.{said}")}


def make(records: Path, into: Path, megabytes: int) -> dict[str, int]:
    """One file a kind of resource, and how many lines there are and how many of them are broken."""
    into.mkdir()
    files: dict[str, Any] = {}
    size, lines, broken, ways = 0, 0, 0, cycle(BROKEN)
    for turn in count():
        for one in resources(records, turn):
            line = json.dumps(one, separators=(",", ":")).encode()
            lines += 1
            if lines % EVERY == 0 and one["resourceType"] != "Patient":
                line, broken = next(ways)(line), broken + 1
            file = files.setdefault(one["resourceType"], None) or (into / f"{one['resourceType']}.ndjson").open("wb")
            files[one["resourceType"]] = file
            size += file.write(line + b"\n")
        if size >= megabytes * 1_000_000:
            break
    for file in files.values():
        file.close()
    return {"lines": lines, "broken": broken}


def processor() -> float:
    """Seconds that this process and those that it started have run."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def measure(megabytes: int) -> dict[str, Any]:
    """What was read, in which time, and whether every broken line was found."""
    # Here: each process that reads imports this file, and needs no engine.
    from ruggespraak.audit.engine import connected
    from ruggespraak.audit.ndjson.loading import read_ndjson
    from ruggespraak.audit.rejects import Rejects

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        simulate = ["simulate", "--people", str(PEOPLE), "--years", "1", "--records", str(folder / "records")]
        subprocess.run([sys.executable, "-m", "ruggespraak.cli", *simulate], check=True, stdout=subprocess.DEVNULL)
        made = make(folder / "records", folder / "bulk", megabytes)
        size = sum(path.stat().st_size for path in (folder / "bulk").iterdir()) / 1e6
        start, spent = time.perf_counter(), processor()
        with Rejects(folder / "rejects.csv") as rejects:
            records = read_ndjson(connected(work=folder), folder / "bulk", rejects)
        seconds, spent = time.perf_counter() - start, processor() - spent
        with (folder / "rejects.csv").open(encoding="utf-8", newline="") as rows:
            rejected = sum(1 for _ in csv.DictReader(rows))
    return {
        "megabytes": round(size),
        "lines": made["lines"],
        "broken lines": made["broken"],
        "rejected": rejected,
        "read": rejects.read.total(),
        "seconds": round(seconds, 1),
        "processor seconds": round(spent, 1),
        "MB a second": round(size / seconds, 1),
        "MB a processor second": round(size / spent, 1),
        "lines a second": round(made["lines"] / seconds),
        "memory, MB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3),
        "memory of a reading process, MB": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e3),
        "episodes": records["episodes"].count().to_pyarrow().as_py(),
    }


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("--megabytes", type=int, default=MEGABYTES, metavar="N", help=f"of the files ({MEGABYTES})")
    asked.add_argument("--json", action="store_true", help="print the figures as JSON")
    chosen = asked.parse_args()
    found = measure(chosen.megabytes)
    print(json.dumps(found, indent=2) if chosen.json else "\n".join(f"{name}: {n}" for name, n in found.items()))
    if found["rejected"] != found["broken lines"]:
        sys.exit("the lines that were rejected are not those that were broken")


if __name__ == "__main__":
    main()
