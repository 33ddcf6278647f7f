"""The vocabulary: every finding of ``findings.csv`` as an object, with what follows from one answer for another.

``from ruggespraak.pathway.findings import saddle_numbness`` gives the finding; the csv beside this is the contract.
"""

from __future__ import annotations

import csv
import io
from importlib.resources import files

from ruggespraak.logic import Finding, Vocabulary

PATIENT, PATIENT_THEN_CLINICIAN, CLINICIAN, DERIVED = "patient", "patient_then_clinician", "clinician", "derived"

# The contract's cell for the start of sick leave is garbled (type "choice", choices ", date, number"); the evidence
# (§1f) makes it a date.
_TYPES = {"sick_leave_start": "date"}


def _read() -> Vocabulary:
    text = files(__name__).joinpath("findings.csv").read_text(encoding="utf-8")
    return Vocabulary(_finding(row) for row in csv.DictReader(io.StringIO(text)))


def _finding(row: dict[str, str]) -> Finding:
    kind = _TYPES.get(row["id"], row["type"])
    return Finding(
        row["id"],
        kind,  # type: ignore[arg-type]  # one of the four kinds: a test reads the whole file
        row["unit"],
        float(row["min"]) if row["min"] else None,
        float(row["max"]) if row["max"] else None,
        tuple(row["choices"].split("|")) if row["choices"] and kind == "choice" else (),
        row["worse"],
        row["who"],
    )


VOCABULARY = _read()


def __getattr__(name: str) -> Finding:
    if name in VOCABULARY:
        return VOCABULARY[name]
    near = VOCABULARY.nearest(name)
    raise AttributeError(f"no finding {name!r}" + (f"; did you mean {near!r}?" if near else ""))


def __dir__() -> list[str]:
    return [*globals(), *VOCABULARY]
