"""The README claims no number by itself: each figure is measured, and stands beside the command that measures it."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import pytest
import readme

from ruggespraak.cli import COMMANDS

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "benchmarks"))

import measure  # noqa: E402

FIGURES = readme.measured()
BY_ITSELF = {"version", "machine", "commands"}


def rows(figures):
    return [line.split(" | ") for line in readme.table(figures) if line.startswith("| ")][1:]


@pytest.mark.parametrize("key", sorted(FIGURES.keys() - BY_ITSELF))
def test_everything_that_is_measured_stands_in_the_readme_beside_its_command(key):
    (*_, command) = rows({name: FIGURES[name] for name in (key, "machine", "commands")})[0]
    assert command.strip(" |") == f"`{FIGURES['commands'][key]}`"


def test_what_was_not_measured_yet_has_no_row():
    assert rows({name: FIGURES[name] for name in ("machine", "commands")}) == []


def test_the_commands_in_the_figures_are_those_of_the_script_that_measures():
    assert FIGURES["commands"] == measure.COMMANDS
    assert readme.ROWS.keys() == measure.COMMANDS.keys()


@pytest.mark.parametrize("command", sorted(set(measure.COMMANDS.values())))
def test_every_command_of_a_figure_is_there(command):
    program, name, *_ = shlex.split(command)
    assert (ROOT / name).is_file() if program == "python" else name in COMMANDS


def test_no_figure_of_the_readme_is_written_by_hand():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    before, _, rest = text.partition("<!-- figures -->")
    by_hand = before + rest.partition("<!-- end of figures -->")[2]
    assert not re.findall(r"\d+(?:\.\d+)? (?:ms|s|MB|%|seconds|times as fast)\b", by_hand)
