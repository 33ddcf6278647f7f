"""The file of rejects: every line that could not be used, with its reason."""

import csv

import pytest

from ruggespraak.audit.rejects import Rejects


def test_a_rejected_line_stands_in_the_file_with_its_number_and_reason(tmp_path):
    with Rejects(tmp_path / "rejects.csv") as rejects:
        rejects.add("Patient.ndjson", 3, 'birthDate: "31-12-1960" given, YYYY-MM-DD expected')
        rejects.add("Patient.ndjson", None, "truncated: the file ends in the midst of it")
    rows = list(csv.DictReader((tmp_path / "rejects.csv").open(encoding="utf-8", newline="")))
    assert rows[0] == {
        "file": "Patient.ndjson",
        "line": "3",
        "reason": 'birthDate: "31-12-1960" given, YYYY-MM-DD expected',
    }
    assert rows[1]["line"] == ""


@pytest.mark.control("C-47")
def test_rejects_are_counted_by_file_and_kind_of_reason(tmp_path):
    with Rejects(tmp_path / "rejects.csv") as rejects:
        for line, id in enumerate(("12", "13"), 1):
            rejects.add("a.ndjson", line, f"unknown patient: {id}")
        rejects.add("b.ndjson", 1, "no JSON")
    assert rejects.counts == {"a.ndjson": {"unknown patient": 2}, "b.ndjson": {"no JSON": 1}}


def test_what_was_rejected_before_a_failure_is_in_the_file(tmp_path):
    try:
        with Rejects(tmp_path / "rejects.csv") as rejects:
            rejects.add("a.ndjson", 1, "no JSON")
            raise ValueError
    except ValueError:
        pass
    assert "a.ndjson,1,no JSON" in (tmp_path / "rejects.csv").read_text(encoding="utf-8")


def test_a_file_whose_name_is_no_utf_8_is_named_all_the_same(tmp_path):
    with Rejects(tmp_path / "rejects.csv") as rejects:
        rejects.add("caf\udce9.ndjson", 1, "no JSON")
    assert "caf\\udce9.ndjson,1,no JSON" in (tmp_path / "rejects.csv").read_text(encoding="utf-8")
