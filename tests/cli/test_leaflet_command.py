"""``rug leaflet`` as a shell runs it: a whole PDF or none, and a mistake with its place."""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import pikepdf
import pytest

ENOUGH = 60  # seconds
A4, A5 = (595, 842), (420, 595)  # points
HERNIA = {
    "id": "H", "on": "2026-01-15", "answered_by": "patient",
    "findings": {
        "low_back_pain": True, "leg_pain": True, "leg_pain_below_knee": True, "leg_worse_than_back": True,
        "duration_days": 49, "relief_sufficient": False,
    },
}  # fmt: skip
OLD = b"the leaflet of last week"


@dataclass(frozen=True)
class Ran:
    """What a command wrote, and its exit status."""

    out: str
    err: str
    status: int


def leaflet(*args: str | Path, stdin: bytes = b"", before: Callable[[], None] | None = None) -> Ran:
    ran = subprocess.run(
        [sys.executable, "-m", "ruggespraak.cli", "leaflet", *map(str, args)],
        input=stdin, capture_output=True, timeout=ENOUGH, check=False, preexec_fn=before,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert b"Traceback" not in ran.stderr
    return Ran(ran.stdout.decode(), ran.stderr.decode(), ran.returncode)


@pytest.fixture
def case(tmp_path) -> Path:
    """Seven weeks of pain below the knee."""
    path = tmp_path / "case.json"
    path.write_text(json.dumps(HERNIA))
    return path


@pytest.fixture
def out(tmp_path) -> Path:
    """A leaflet of last week, in a folder of its own."""
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "leaflet.pdf").write_bytes(OLD)
    return folder / "leaflet.pdf"


def folder(of: Path) -> list[str]:
    return [path.name for path in of.parent.iterdir()]


def size(page: pikepdf.Page) -> tuple[int, int]:
    left, low, right, high = (float(edge) for edge in page.mediabox)
    return round(right - left), round(high - low)


@pytest.mark.parametrize("lang", ["nl", "en"])
@pytest.mark.parametrize(("paper", "sheet"), [("a4", A4), ("a5", A5), ("booklet", A4[::-1])])
def test_a_patient_gets_the_leaflet_in_this_language_on_this_paper(case, out, lang, paper, sheet):
    ran = leaflet(case, "-o", out, "--lang", lang, "--paper", paper)
    assert ran == Ran("", "", 0)
    with pikepdf.open(out) as made:
        assert {size(page) for page in made.pages} == {sheet}
        assert str(made.Root.Lang).startswith(lang)


def test_without_wishes_it_is_dutch_and_on_a4(case, out):
    assert leaflet(case, "-o", out) == Ran("", "", 0)
    with pikepdf.open(out) as made:
        assert (size(made.pages[0]), str(made.Root.Lang)[:2]) == (A4, "nl")


def test_a_case_may_come_from_another_program(case, tmp_path):
    assert leaflet("-", "-o", tmp_path / "piped.pdf", stdin=case.read_bytes()).status == 0
    assert (tmp_path / "piped.pdf").read_bytes().startswith(b"%PDF")


def test_the_old_file_makes_place_for_the_whole_new_one_and_nothing_else_is_left(case, out):
    leaflet(case, "-o", out)
    assert folder(out) == ["leaflet.pdf"]
    with pikepdf.open(out) as made:
        assert len(made.pages) > 1


BAD = {
    "an age of 300": ('{"findings": {"age_years": 300}}', "age_years: 300 given"),
    "no such finding": ('{"findings": {"footdrop": true}}', "footdrop: no such finding; did you mean foot_drop?"),
    "no such edition": ('{"edition": "2019"}', "edition: '2019' given, one of"),
    "half a case": ('{"findings": {"foot_drop": true', "not JSON at position 32"),
    "a line lower": ('{"findings":\n{"foot_drop" true}}', "not JSON at line 2, position 14"),
    "nothing": ("", "not JSON at position 1"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_case_is_refused_with_the_place_and_the_old_file_stays(case, out, name):
    bad, says = BAD[name]
    case.write_text(bad)
    ran = leaflet(case, "-o", out)
    assert (ran.out, ran.status) == ("", 2)
    assert ran.err.startswith(f"rug leaflet: {case}: {says}")
    assert len(ran.err.splitlines()) == 1
    assert (out.read_bytes(), folder(out)) == (OLD, ["leaflet.pdf"])


def test_two_mistakes_in_a_case_are_both_named(case, out):
    case.write_text('{"findings": {"age_years": 300, "footdrop": true}}')
    ran = leaflet(case, "-o", out)
    assert [line.split(": ")[2] for line in ran.err.splitlines()] == ["age_years", "footdrop"]


def test_a_case_that_is_not_there_is_said(tmp_path, out):
    ran = leaflet(tmp_path / "missing.json", "-o", out)
    assert (ran.err, ran.status) == (f"rug leaflet: {tmp_path}/missing.json: No such file or directory\n", 2)
    assert out.read_bytes() == OLD


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_to_is_said_in_one_line(case, out):
    out.parent.chmod(0o555)
    ran = leaflet(case, "-o", out)
    out.parent.chmod(0o755)
    assert (ran.err, ran.status) == (f"rug leaflet: {out}: Permission denied\n", 2)
    assert out.read_bytes() == OLD


def test_a_folder_that_is_not_there_is_said_in_one_line(case, tmp_path):
    ran = leaflet(case, "-o", tmp_path / "nowhere" / "leaflet.pdf")
    assert (ran.err, ran.status) == (f"rug leaflet: {tmp_path}/nowhere/leaflet.pdf: No such file or directory\n", 2)


def test_a_folder_in_the_place_of_the_file_is_said_and_stays(case, out):
    ran = leaflet(case, "-o", out.parent)
    assert (ran.status, folder(out)) == (2, ["leaflet.pdf"])
    assert "is a directory" in ran.err


def test_where_the_disk_is_full_the_old_file_stays_whole_and_no_half_one_lies_beside_it(case, out):
    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))  # bytes: less than any leaflet

    ran = leaflet(case, "-o", out, before=full)
    assert (ran.err, ran.status) == (f"rug leaflet: {out}: File too large\n", 2)
    assert (out.read_bytes(), folder(out)) == (OLD, ["leaflet.pdf"])


def test_a_device_is_not_replaced_by_a_file(case, tmp_path):
    """Who throws the leaflet away (/dev/null), or shows it at once (/dev/stdout), still has these afterwards."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    came = []
    reader = Thread(target=lambda: came.append(pipe.read_bytes()), daemon=True)
    reader.start()
    leaflet(case, "-o", pipe)
    reader.join(ENOUGH)
    assert pipe.is_fifo()
    assert came[0].startswith(b"%PDF")
