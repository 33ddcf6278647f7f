"""The device file hangs together: hazard to control to test, requirement to file to test, and its pages say so."""

import json
import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from dependencies import packages
from held import marked, named

import device

ROOT = Path(__file__).parents[2]
CONTROLS = {one["id"] for one in device.controls()}


@pytest.mark.parametrize("control", device.controls(), ids=lambda one: one["id"])
def test_each_control_is_made_somewhere_and_held_by_a_test_of_make_test(control):
    assert control["where"]
    assert all((ROOT / path).exists() for path in control["where"])
    assert any(test.quick for test in marked("control").get(control["id"], ())), "no test of make test holds it"


def test_no_test_says_that_it_holds_a_control_that_does_not_exist():
    assert marked("control").keys() == CONTROLS


def test_each_control_stands_against_a_hazard():
    assert {id for one in device.hazards() for id in one["controls"]} == CONTROLS


@pytest.mark.parametrize("hazard", device.hazards(), ids=lambda one: one["id"])
def test_each_hazard_is_judged_on_the_scale_and_a_control_lowers_how_often_it_happens(hazard):
    assert {hazard["severity"], hazard["before"], hazard["after"]} <= set(device.SCALE)
    assert hazard["after"] < hazard["before"]
    assert hazard["controls"]
    assert all(hazard[told].endswith(".") for told in ("situation", "harm", "residual"))


@pytest.mark.parametrize(
    ("severity", "after", "judged"),
    [
        (5, 1, "acceptable"),
        (3, 2, "with a reason"),
        (5, 2, "with a reason"),
        (4, 3, "not allowed"),
        (5, 3, "not allowed"),
    ],
)
def test_what_is_left_is_judged_as_the_page_explains(severity, after, judged):
    assert device.judged({"severity": severity, "after": after}) == judged


def test_nobody_may_be_cared_for_as_long_as_no_clinician_reviewed_the_rules():
    from ruggespraak.pathway.editions import edition

    unreviewed = edition("current").reviewer == "nobody yet"
    assert device.judged(device.hazards()[0]) == ("not allowed" if unreviewed else "with a reason")


@pytest.mark.parametrize("one", device.requirements(), ids=lambda one: one["id"])
def test_each_requirement_is_made_somewhere_and_held_by_a_test_of_make_test(one):
    assert one["where"]
    assert all((ROOT / path).exists() for path in one["where"])
    assert any(named(node).quick for node in one["tests"])


def test_ids_follow_each_other():
    for kind, found in (("C", device.controls()), ("H", device.hazards()), ("REQ", device.requirements())):
        numbers = [int(one["id"].removeprefix(f"{kind}-")) for one in found]
        assert numbers[0] == 1
        assert all(after == before + 1 for before, after in pairwise(numbers))


def test_of_each_library_that_we_ask_for_it_is_said_what_happens_when_it_fails():
    told = {one["name"] for one in device.entries("libraries.toml", "library")}
    assert told == {one.name for one in packages() if one.direct}


def test_the_pictures_count_every_hazard():
    for picture in device.pictures().values():
        numbers = re.findall(r'font-size="20">(\d+)<', picture)
        assert sum(map(int, numbers)) == len(device.hazards())


# -- a run of all tests -----------------------------------------------------------------------------------------------

TWO_CONTROLS = '[[control]]\nid = "C-01"\n[[control]]\nid = "C-02"\n'
ONE_HELD = (
    'import pytest\n\n@pytest.mark.control("C-01")\n@pytest.mark.parametrize("n", [1, 2])\ndef test_one(n): pass\n'
)
OTHER_HELD = '\n@pytest.mark.control("C-02")\ndef test_two(): {}\n'


def run(tmp_path, tests, *options):
    """pytest in a repository of its own, with these tests and our ``conftest.py``."""
    for path in ("tests/conftest.py", "docs/making/device.py", "docs/making/held.py", "docs/making/dependencies.py"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes((ROOT / path).read_bytes())
    (tmp_path / "docs/device").mkdir(exist_ok=True)
    (tmp_path / "docs/device/controls.toml").write_text(TWO_CONTROLS)
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\ntestpaths = tests\npythonpath = docs/making\nmarkers =\n    control(...)\n    slow\n"
    )
    (tmp_path / "tests/test_some.py").write_text(tests)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "xdist", *options]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    environment.pop("RUG_CHECK", None)
    return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)


@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["alone", "with workers"])
def test_a_run_in_which_no_test_of_a_control_passed_fails_and_names_it(tmp_path, workers):
    done = run(tmp_path, ONE_HELD + OTHER_HELD.format("pytest.skip('not here')"), *workers, "-m", "not slow")
    assert done.returncode == 1
    assert "no test of these controls ran and passed: C-02" in done.stdout


def test_a_run_in_which_each_control_has_a_passed_test_is_right_and_can_be_written_down(tmp_path):
    done = run(tmp_path, ONE_HELD + OTHER_HELD.format("pass"), "-n", "1", "--controls", "out.json")
    assert done.returncode == 0, done.stdout
    written = json.loads((tmp_path / "out.json").read_text())
    assert written["all tests"]
    assert written["controls"] == {
        "C-01": {"tests/test_some.py::test_one": {"passed": 2}},
        "C-02": {"tests/test_some.py::test_two": {"passed": 1}},
    }


@pytest.mark.parametrize("chosen", [("-k", "one"), ("tests/test_some.py",)], ids=["by name", "by file"])
def test_who_chose_some_tests_by_hand_is_left_alone(tmp_path, chosen):
    assert run(tmp_path, ONE_HELD, *chosen).returncode == 0
