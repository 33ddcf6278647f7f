"""Every row of hand-written evidence holds: thresholds on both sides, each part of each rule, with its source."""

from __future__ import annotations

import csv
from importlib.resources import files
from types import SimpleNamespace

import pytest

from evidence import Check, Seen, failures, rows, seen
from ruggespraak.consult import decide
from ruggespraak.consult.ready import ready

ROWS = rows()


@pytest.mark.control("C-03")
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.line}-{row.about}")
def test_this_row_holds(row):
    for case, checks in row.cases():
        assert not failures(SimpleNamespace(**seen(case, decide(case))), checks), dict(case.answers)


def test_what_mutants_are_judged_by_is_the_decision_itself():
    for row in ROWS[::5]:
        for case, _ in row.cases():
            quick = Seen(case, ready(case.edition))
            for key, value in seen(case, decide(case)).items():
                assert getattr(quick, key) == value, (row.line, key)


def test_every_row_names_its_source():
    with files("ruggespraak.pathway").joinpath("sources.csv").open(encoding="utf-8", newline="") as lines:
        known = {line["key"] for line in csv.DictReader(lines)}
    for row in ROWS:
        named = row.source.split(" PATHWAY")[0].split(" own choice")[0].split(" (")[0].split()
        own = row.source.startswith(("PATHWAY §", "own choice"))
        assert own or (named and set(named) <= known), row.line


def test_a_row_that_fails_says_what_was_found():
    case, _ = next(next(row for row in ROWS if row.about == "R3").cases())
    found = failures(
        Seen(case, ready("current")), [Check("urgency", "=", "routine"), Check("suspected", "-", "paresis")]
    )
    assert found == ["urgency=routine, not emergency", "suspected-paresis, not paresis"]
