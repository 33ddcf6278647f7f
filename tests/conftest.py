"""How hard Hypothesis searches: `quick`, the same cases each time, or `whole`, more and new ones (RUG_CHECK=whole).

How long each part may take in a quick run, so that all checks stay within 20 minutes on 2 cores (DESIGN §7). And that
in a run of all tests each control of the device file (docs/device/controls.toml) has a test that ran and passed.
"""

import json
import os
import subprocess
from collections import Counter

import pytest
from hypothesis import settings

MINUTES = {
    "tests/proof": 2, "tests/web/test_browser": 4, "tests/clinic": 3, "tests/durability": 2,
    "tests/population": 3, "tests/audit": 2, "tests/pathway/test_docs.py": 1, "tests/fhir": 3,
    "tests/web/test_cds": 1, "tests/web/test_fhir": 1, "tests/web/test_smart": 1, "tests/docs": 1,
}  # fmt: skip
REST, MINUTES_FOR_THE_REST = "the rest", 5  # base, and the pages without a browser
took = {}
held = {}  # control -> test -> how it ended -> how often (a test may have many rows)

settings.register_profile("quick", derandomize=True, deadline=None, max_examples=100)
settings.register_profile("whole", deadline=None, max_examples=2000, print_blob=True)
settings.load_profile(os.environ.get("RUG_CHECK") or "quick")


def pytest_addoption(parser):
    parser.addoption("--controls", metavar="FILE.json", help="write how the tests of each control of docs/device ended")


def pytest_collection_modifyitems(items):
    """What a test holds travels with its report, so that it also arrives from a worker."""
    for item in items:
        item.user_properties += [("control", id) for mark in item.iter_markers("control") for id in mark.args]


def pytest_runtest_logreport(report):
    """Adds up what each part takes, the first that fits counts; and how the tests of each control end."""
    part = next((part for part in MINUTES if report.nodeid.startswith(part)), REST)
    took[part] = took.get(part, 0.0) + report.duration
    if report.when == "call" or not report.passed:
        for name, id in report.user_properties:
            if name == "control":
                held.setdefault(id, {}).setdefault(report.nodeid.partition("[")[0], Counter())[report.outcome] += 1


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    """With workers side by side, the one that they report to says how the whole went."""
    if not hasattr(session.config, "workerinput"):
        see_controls(session)
        see_times(session)


def see_controls(session):
    """A control without a passed test fails a run of all tests; who chose some tests by hand is left alone."""
    option = session.config.option
    whole = (
        session.config.args_source is pytest.Config.ArgsSource.TESTPATHS
        and option.markexpr in ("", "not slow")
        and not (option.keyword or option.collectonly or getattr(option, "lf", False))
    )
    if option.controls:
        commit = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=40"], capture_output=True, text=True
        )
        written = {"commit": commit.stdout.strip() or None, "all tests": whole, "controls": dict(sorted(held.items()))}
        with open(option.controls, "w", encoding="utf-8") as file:
            file.write(json.dumps(written, indent=1) + "\n")
    if whole and session.exitstatus == pytest.ExitCode.OK:
        from device import controls

        missing = [
            one["id"] for one in controls() if not any(ends["passed"] for ends in held.get(one["id"], {}).values())
        ]
        if missing:
            print(f"\nno test of these controls ran and passed: {', '.join(missing)} (docs/device/controls.toml)")
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def see_times(session):
    """A part over its time is named, and one that takes twice its time fails the run: a busy machine is no fault.

    With workers side by side each took its share of the sum.
    """
    if os.environ.get("RUG_CHECK"):
        return
    workers = session.config.getoption("numprocesses", None) or 1
    budget = {**MINUTES, REST: MINUTES_FOR_THE_REST}
    over = {part: seconds / 60 / workers for part, seconds in took.items() if seconds / 60 / workers > budget[part]}
    if over:
        said = ", ".join(f"{part} took {minutes:.1f} minutes, {budget[part]} allowed" for part, minutes in over.items())
        print(f"\nover time: {said}")
        if any(minutes > 2 * budget[part] for part, minutes in over.items()):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
