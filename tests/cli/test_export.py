"""``rug export fhir`` as a shell runs it: a whole folder or none, and nothing of somebody else's is overwritten."""

import json
import os
import resource
import subprocess
import sys
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

ENOUGH = 120  # seconds


@dataclass(frozen=True)
class Ran:
    """What a command wrote, and its exit status."""

    out: str
    err: str
    status: int


def export(
    *args: str | Path, seed: str = "0", before: Callable[[], None] | None = None, within: Path | None = None
) -> Ran:
    ran = subprocess.run(
        [sys.executable, "-m", "ruggespraak.cli", "export", "fhir", *map(str, args)],
        capture_output=True, timeout=ENOUGH, check=False, preexec_fn=before, cwd=within,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": seed},
    )  # fmt: skip
    assert b"Traceback" not in ran.stderr
    return Ran(ran.stdout.decode(), ran.stderr.decode(), ran.returncode)


def leaflet(*args: str | Path, before: Callable[[], None] | None = None) -> Ran:
    """The smallest edition alone."""
    return export(*args, "--edition", "leaflet", before=before)


def content(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refused(ran: Ran, says: str) -> None:
    assert (ran.out, ran.err, ran.status) == ("", f"rug export fhir: {says}\n", 2)


@pytest.fixture
def out(tmp_path) -> Path:
    """A place for the folder, alone in its own folder."""
    place = tmp_path / "place"
    place.mkdir()
    return place / "out"


def test_another_engine_gets_every_edition_the_cql_and_a_package_and_the_same_bytes_each_time(tmp_path):
    ran = export(tmp_path / "one", seed="1")
    made = content(tmp_path / "one")
    assert ran == Ran(f"{len(made) - 1} bestanden geschreven in {tmp_path}/one\n", "", 0)
    for edition in ("current", "leaflet", "nice", "acp"):
        assert {f"Questionnaire-{edition}.json", f"PlanDefinition-{edition}.json"} <= set(made)
        assert any(name.startswith(f"cql/Ruggespraak{edition.title()}-") for name in made)
    for name, said in made.items():
        if name.endswith(".json") and name != "export.json":
            written = json.loads(said)
            assert name == f"{written['resourceType']}-{written['id']}.json"
    (package,) = (tmp_path / "one").glob("ruggespraak.pathway-*.tgz")
    with tarfile.open(package) as tar:
        assert {f"package/{name}" for name in made if name.count("-") and name.endswith(".json")} < set(tar.getnames())
    export(tmp_path / "two", seed="2")
    assert content(tmp_path / "two") == made


def test_it_can_say_what_it_did_in_english(out):
    assert leaflet(out, "--lang", "en").out == f"{len(content(out)) - 1} files written to {out}\n"


def test_only_the_editions_that_are_asked_for_are_written(out):
    leaflet(out)
    named = [name for name in content(out) if name.startswith(("Questionnaire-", "PlanDefinition-"))]
    assert sorted(named) == ["PlanDefinition-leaflet.json", "Questionnaire-leaflet.json"]


def test_an_edition_that_does_not_exist_is_named_with_those_that_do(out):
    ran = export(out, "--edition", "2019")
    assert ran.status == 2
    assert "'2019' is not one of 'current', 'leaflet', 'nice', 'acp'" in ran.err
    assert not out.exists()


def test_an_empty_folder_is_filled_and_nothing_is_left_beside_it(out):
    out.mkdir()
    assert leaflet(out).status == 0
    assert "Questionnaire-leaflet.json" in content(out)
    assert os.listdir(out.parent) == ["out"]


def test_an_earlier_export_makes_place_for_the_new_one_whole(out):
    leaflet(out)
    first = content(out)
    ran = export(out, "--edition", "acp")
    assert ran.status == 0
    assert "Questionnaire-leaflet.json" not in content(out)
    leaflet(out)
    assert content(out) == first
    assert os.listdir(out.parent) == ["out"]


def test_a_folder_with_something_of_somebody_else_is_refused_and_stays(out):
    out.mkdir()
    (out / "thesis.tex").write_text("ten years of work")
    refused(
        leaflet(out),
        f"{out}: thesis.tex stands there, which rug export did not write; a new or empty folder expected",
    )
    assert content(out) == {"thesis.tex": b"ten years of work"}


@pytest.mark.parametrize("name", ["notes.txt", "Questionnaire-leaflet.json"])
def test_an_earlier_export_to_which_somebody_added_or_changed_something_is_refused_and_stays(out, name):
    leaflet(out)
    (out / name).write_text("mine now")
    before = content(out)
    refused(leaflet(out), f"{out}: {name} stands there, which rug export did not write; a new or empty folder expected")
    assert content(out) == before


@pytest.mark.parametrize("said", ["no list", "[]", '"x"'])
def test_a_list_that_cannot_be_read_is_no_leave_to_overwrite(out, said):
    leaflet(out)
    (out / "export.json").write_text(said)
    assert leaflet(out).status == 2
    assert "Questionnaire-leaflet.json" in content(out)


def test_a_file_in_the_place_of_the_folder_is_said_and_stays(out):
    out.write_text("a file")
    refused(leaflet(out), f"{out}: a file stands there, a new or empty folder expected")
    assert out.read_text() == "a file"


def test_the_folder_in_which_somebody_stands_is_not_replaced_under_her_feet(out):
    out.mkdir()
    refused(export(".", within=out), f"{out}: this is the folder you are in; a new folder expected")
    assert content(out) == {}


def test_a_place_that_is_not_there_is_said_in_one_line(tmp_path):
    refused(leaflet(tmp_path / "nowhere" / "out"), f"{tmp_path}/nowhere/out: No such file or directory")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_place_that_may_not_be_written_to_is_said_in_one_line(out):
    out.parent.chmod(0o555)
    ran = leaflet(out)
    out.parent.chmod(0o755)
    refused(ran, f"{out}: Permission denied")


def test_where_the_disk_is_full_the_earlier_export_stays_whole_and_no_half_one_lies_beside_it(out):
    leaflet(out)
    before = content(out)

    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))  # bytes: less than the largest definition

    refused(leaflet(out, before=full), f"{out}: File too large")
    assert content(out) == before
    assert os.listdir(out.parent) == ["out"]
