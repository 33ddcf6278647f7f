"""``rug audit``, as somebody at a terminal meets it: from each kind of records to a report, and what cannot be read."""

import csv
import errno
import json
import os
import signal
import subprocess
import sys
import time
from copy import deepcopy
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from ruggespraak.cli import main

EXAMPLE = Path(__file__).parents[2] / "docs/audit_example"
WRITTEN = {"report.nl.html", "report.en.html", "figures.json", "figures.parquet", "cases.parquet", "rejects.csv"}
COMMAND = (sys.executable, "-c", "from ruggespraak.cli import main; main()", "audit")
PATIENT = {"resourceType": "Patient", "id": "p1", "birthDate": "1970-05-01"}
VISIT = {
    "resourceType": "Encounter", "id": "e1", "status": "finished", "subject": {"reference": "Patient/p1"},
    "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
    "period": {"start": "2024-03-04"},
    "reasonCode": [{"coding": [{"system": "http://hl7.org/fhir/sid/icpc-1-nl", "code": "L03"}]}],
}  # fmt: skip


def rug(*arguments, **env):
    return CliRunner(env=env).invoke(main, [str(one) for one in arguments])


def measure(found, id):
    return next(one for one in found["measures"] if one["id"] == id)


def refused(*arguments):
    """What is said of what cannot be: one line, and nothing is left behind."""
    said = rug("audit", *arguments)
    assert said.exit_code == 2, said.output
    assert "Traceback" not in said.output
    return " ".join(said.output.split())


@pytest.fixture(scope="module")
def simulated(tmp_path_factory):
    """Records of 3,000 people in a year."""
    folder = tmp_path_factory.mktemp("simulated") / "records"
    said = rug("simulate", "--people", "3000", "--years", "1", "--records", folder, "--json")
    assert said.exit_code == 0, said.output
    return folder


@pytest.fixture(scope="module")
def fhir(tmp_path_factory):
    """A patient with two visits, and a line that is no JSON."""
    folder = tmp_path_factory.mktemp("fhir")
    (folder / "Patient.ndjson").write_text(f"{json.dumps(PATIENT)}\n")
    later = VISIT | {"id": "e2", "period": {"start": "2024-04-13"}}
    (folder / "Encounter.ndjson").write_text(f"{json.dumps(VISIT)}\n{json.dumps(later)}\n{{broken\n")
    return folder


@pytest.fixture(scope="module")
def made(simulated, tmp_path_factory):
    """A run on the simulated records: what it said, its folder, and what was found."""
    from ruggespraak.audit import audit

    folder, found, whole = tmp_path_factory.mktemp("made") / "run", [], audit.audit

    def kept(*told):
        found.append(whole(*told))
        return found[0]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(audit, "audit", kept)
        said = rug("audit", simulated, "--out", folder, "--json")
    return said, folder, found[0]


@pytest.fixture
def read(made, monkeypatch):
    """The records that a run read: it is then told what was found in others, which saves the time."""
    from ruggespraak.audit import audit

    found = []

    def told(records, *_):
        found.append(records)
        return replace(made[-1], found=deepcopy(made[-1].found))

    monkeypatch.setattr(audit, "audit", told)
    return found


# -- from records to a report ------------------------------------------------------------------------------------------


def test_simulated_records_give_a_report_and_the_same_records_the_same_bytes(simulated, made, tmp_path):
    (first, one, _found), second = made, rug("audit", simulated, "--out", tmp_path / "two", "--json")
    assert first.exit_code == 0, first.output
    assert first.stdout == second.stdout
    assert {path.name for path in one.iterdir()} == WRITTEN
    assert [path.name for path in one.parent.iterdir()] == ["run"]
    found = json.loads(first.stdout)
    assert json.loads((one / "figures.json").read_text()) == found
    review = measure(found, "no_dated_review")
    assert review["not_met"] == 0  # there the next look is always agreed
    assert review["met"] + sum(review["excluded"].values()) == found["manifest"]["looks"] > review["met"] > 0
    assert found["manifest"]["rejects"] == {}


def test_resources_are_read_and_a_broken_line_is_counted_and_named(fhir, read, tmp_path):
    said = rug("audit", fhir, "--out", tmp_path / "run", "--gap", "30", "--suppress", "--lang", "en")
    assert said.exit_code == 0, said.output
    (records,) = read
    counted = [records[name].count().to_pyarrow().as_py() for name in ("persons", "episodes", "contacts")]
    assert counted == [1, 2, 2]  # of visits 40 days apart
    figures = json.loads((tmp_path / "run/figures.json").read_text())
    with (tmp_path / "run/rejects.csv").open() as file:
        (row,) = csv.DictReader(file)
    assert (row["file"], row["line"]) == ("Encounter.ndjson", "3")
    assert "1 rejected" in said.stderr
    # Without small numbers, also of lines, and so without the cases that they could be counted from.
    assert list(figures["manifest"]["rejects"]["Encounter.ndjson"].values()) == [None]
    assert figures["manifest"]["read"] == {"Encounter.ndjson": None, "Patient.ndjson": None}
    assert "Safety" in said.stdout
    assert "not a certified medical device" in " ".join(said.stdout.split())
    assert {path.name for path in (tmp_path / "run").iterdir()} == WRITTEN - {"cases.parquet"}


def test_the_example_of_an_extract_gives_a_report_and_its_mistakes_are_named(read, tmp_path):
    said = rug("audit", EXAMPLE, "--out", tmp_path / "run", "--until", "2026-06-01")
    assert said.exit_code == 0, said.output
    assert [one.until for one in read] == [date(2026, 6, 1)]
    assert "Veiligheid" in said.stdout
    with (tmp_path / "run/rejects.csv").open() as file:
        rows = [(row["file"], row["line"]) for row in csv.DictReader(file)]
    assert ("contacten.csv", "11") in rows
    assert f"{len(rows)} rejected" in said.stderr


# -- what cannot be ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nowhere",), "nowhere: no such folder; a folder of records expected"),
        ((__file__,), "test_audit.py: no such folder"),
        ((EXAMPLE, "--edition", "folder"), "edition 'folder' does not exist; choose from current"),
        ((EXAMPLE, "--gap", "0"), "0 is not in the range"),
        ((EXAMPLE, "--until", "1 June"), "'1 June' does not match the format"),
        ((EXAMPLE, "--until", "1990-01-01"), "no row of contacten.csv can be used"),
        ((EXAMPLE, "--until", "2990-01-01"), "--until 2990-01-01: not past yet"),
        ((EXAMPLE, "--engine", "nonsense"), "engine: nonsense cannot be reached"),
        ((EXAMPLE, "--engine", "mysql://me:secret@here/db"), "install it with: pip install 'ibis-framework[mysql]'"),
        ((EXAMPLE, "--out", "/proc/self/environ/run"), "no folder can be made in /proc/self/environ"),
    ],
)
def test_what_cannot_be_is_one_line_and_leaves_nothing(arguments, says, tmp_path):
    assert says in refused("--out", tmp_path / "run", *arguments)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_nothing_or_with_two_kinds_of_records_is_refused(simulated, tmp_path):
    (tmp_path / "none").mkdir()
    (tmp_path / "none/notes.txt").write_text("no records")
    assert "no records found, files of one kind expected: .ndjson, .csv, .parquet" in refused(
        tmp_path / "none", "--out", tmp_path / "run"
    )
    (tmp_path / "none/a.csv").touch()
    (tmp_path / "none/b.ndjson").touch()
    assert "CSV and FHIR found, files of one kind expected" in refused(tmp_path / "none", "--out", tmp_path / "run")
    assert "--gap: given, and the episodes stand in Parquet already" in refused(
        simulated, "--gap", "30", "--out", tmp_path / "run"
    )


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    assert "something stands there, a new folder expected" in refused(EXAMPLE, "--out", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("cut", [0, 100, -100])
def test_a_parquet_file_that_is_cut_off_is_refused(simulated, tmp_path, cut):
    broken = tmp_path / "records"
    broken.mkdir()
    for path in simulated.glob("*.parquet"):
        whole = path.read_bytes()
        (broken / path.name).write_bytes(whole[:cut] if path.stem == "contacts" else whole)
    assert "contacts.parquet: cannot be read" in refused(broken, "--out", tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_parquet_file_that_is_damaged_inside_is_refused(simulated, tmp_path):
    broken = tmp_path / "records"
    broken.mkdir()
    for path in simulated.glob("*.parquet"):
        found = bytearray(path.read_bytes())
        if path.stem == "answers":
            middle = len(found) // 2
            found[4:middle] = os.urandom(middle - 4)
        (broken / path.name).write_bytes(found)
    refused(broken, "--out", tmp_path / "run")
    assert [path.name for path in tmp_path.iterdir()] == ["records"]


def test_a_disk_that_is_full_is_named_and_nothing_is_left(simulated, tmp_path, monkeypatch):
    from ruggespraak.audit import audit

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(audit, "audit", full)
    assert f"{tmp_path / 'run'}: No space left on device" in refused(simulated, "--out", tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_can_be_read_it_says_why_line_by_kind(tmp_path):
    (tmp_path / "records").mkdir()
    (tmp_path / "records/Patient.ndjson").write_text("{broken\n" * 3)
    said = refused(tmp_path / "records", "--out", tmp_path / "run")
    assert "Patient.ndjson: 3 ×" in said
    assert not (tmp_path / "run").exists()


def test_who_has_no_ibis_is_told_which_line_installs_it(tmp_path):
    (tmp_path / "ibis.py").write_text("raise ModuleNotFoundError(\"No module named 'ibis'\", name='ibis')\n")
    said = subprocess.run(
        [*COMMAND, EXAMPLE, "--out", tmp_path / "run"],
        capture_output=True, text=True, check=False,
        env={"PYTHONPATH": f"{tmp_path}:{Path(__file__).parents[2] / 'src'}"},
    )  # fmt: skip
    assert said.returncode == 2
    assert "pip install 'ruggespraak[audit]'" in said.stderr
    assert "Traceback" not in said.stderr


@pytest.mark.parametrize(("stop", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_who_stops_it_finds_nothing_half_written(stop, status, simulated, tmp_path):
    with subprocess.Popen(
        [*COMMAND, simulated, "--out", tmp_path / "run"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as running:  # fmt: skip
        while not list(tmp_path.iterdir()) and running.poll() is None:  # its folder, until then
            time.sleep(0.01)
        time.sleep(0.2)
        running.send_signal(stop)
        _out, error = running.communicate(timeout=60)
    assert running.returncode == status
    assert b"Traceback" not in error
    assert list(tmp_path.iterdir()) == []
