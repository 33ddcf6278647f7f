"""The page on audits: every command in it runs, and what it says of the example is so."""

import contextlib
import csv
import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from ruggespraak.audit.figures import SMALL
from ruggespraak.audit.files import FILES, REQUIRED
from ruggespraak.cli import main

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "audit.md").read_text(encoding="utf-8")
COMMANDS = list(dict.fromkeys(re.findall(r"\brug (?:audit|simulate) [^`#\n|]*[^`#\n| ]", PAGE)))
HERE = [command for command in COMMANDS if "--engine" not in command]  # another engine: test_engines


def run(command, folder):
    """Runs a command of the page in a folder with the example."""
    shutil.copytree(DOCS / "audit_example", folder / "docs" / "audit_example")
    with contextlib.chdir(folder):
        found = CliRunner().invoke(main, shlex.split(command)[1:])
    assert found.exit_code == 0, found.output


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """What the first command of the page writes."""
    folder = tmp_path_factory.mktemp("audit")
    run(HERE[0], folder)
    return folder / "report"


@pytest.mark.slow
@pytest.mark.parametrize("command", HERE[1:])
def test_every_command_on_the_page_runs(command, tmp_path):
    run(command, tmp_path)


def test_the_page_shows_commands_for_another_engine_too():
    assert len(HERE) == 7
    assert len(COMMANDS) - len(HERE) == 2


def test_of_the_example_three_rows_cannot_be_used_as_the_page_says(report):
    with (report / "rejects.csv").open(encoding="utf-8", newline="") as lines:
        rejects = [(row["file"], row["line"]) for row in csv.DictReader(lines)]
    assert rejects == [("contacten.csv", "11"), ("antwoorden.csv", "7"), ("contacten.csv", "12")]
    assert "Three of its rows cannot be used" in PAGE


def test_the_folder_holds_what_the_page_says(report):
    there = {path.name for path in report.iterdir()}
    named = re.search(r"The folder `report` gets (.*)", PAGE)
    assert named
    assert there == set(re.findall(r"`(\w[\w.]+\.\w+)`", named[1]))


def test_the_page_tells_what_must_be_there_and_what_is_small():
    assert all(f"`{name}`" in PAGE for name in REQUIRED)
    assert f"from 1 to {SMALL - 1}" in PAGE


@pytest.mark.parametrize("name", FILES)
def test_the_example_has_every_file_and_no_more_than_some_rows(name):
    lines = (DOCS / "audit_example" / name).read_text(encoding="utf-8").splitlines()
    assert set(lines[0].split(";")) <= set(FILES[name].columns)
    assert 2 <= len(lines) <= 12
