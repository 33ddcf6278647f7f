"""How hard Hypothesis searches: `quick`, the same cases each time, or `whole`, more and new ones (RUG_CHECK=whole).

And how long each part may take in a quick run, so that all checks stay within 20 minutes on 2 cores (DESIGN §7).
"""

import os

import pytest
from hypothesis import settings

MINUTES = {
    "tests/proof": 2, "tests/web/test_browser": 4, "tests/clinic": 3, "tests/durability": 2,
    "tests/population": 3, "tests/audit": 2, "tests/pathway/test_docs.py": 1, "tests/fhir": 3,
    "tests/web/test_cds": 1, "tests/web/test_fhir": 1, "tests/web/test_smart": 1, "tests/docs": 1,
}  # fmt: skip
REST, MINUTES_FOR_THE_REST = "the rest", 5  # base, and the pages without a browser
took = {}

settings.register_profile("quick", derandomize=True, deadline=None, max_examples=100)
settings.register_profile("whole", deadline=None, max_examples=2000, print_blob=True)
settings.load_profile(os.environ.get("RUG_CHECK") or "quick")


def pytest_runtest_logreport(report):
    """Adds up what each part takes; the first that fits counts."""
    part = next((part for part in MINUTES if report.nodeid.startswith(part)), REST)
    took[part] = took.get(part, 0.0) + report.duration


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    """A part over its time is named, and one that takes twice its time fails the run: a busy machine is no fault.

    With workers side by side each took its share of the sum.
    """
    if hasattr(session.config, "workerinput") or os.environ.get("RUG_CHECK"):
        return
    workers = session.config.getoption("numprocesses", None) or 1
    budget = {**MINUTES, REST: MINUTES_FOR_THE_REST}
    over = {part: seconds / 60 / workers for part, seconds in took.items() if seconds / 60 / workers > budget[part]}
    if over:
        said = ", ".join(f"{part} took {minutes:.1f} minutes, {budget[part]} allowed" for part, minutes in over.items())
        print(f"\nover time: {said}")
        if any(minutes > 2 * budget[part] for part, minutes in over.items()):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
