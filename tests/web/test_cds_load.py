"""Many systems ask for advice at once: every order gets the advice that is its own, and nothing is lost.

A sample in every run; 1,000 at once, a minute at 100 a second and 20,000 calls in ``make check-all`` (RUG_CHECK=whole).
How long they wait beside a bare hello is measured elsewhere, on a machine that does nothing else.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "cds.py"
WHOLE = os.environ.get("RUG_CHECK") == "whole"
SAMPLE = {"--patients": 40, "--seconds": 2, "--at-once": 200, "--calls": 200}
ALL = {"--patients": 200, "--seconds": 60, "--at-once": 1_000, "--calls": 20_000}
SLOWEST, GROWTH = 100, 20  # milliseconds for 95 %, and MB: what is promised


def test_every_order_gets_its_own_advice_however_many_ask():
    """Each is first asked alone, and that answer held against ``decide``; then again among all the others."""
    sizes = [str(part) for size in (ALL if WHOLE else SAMPLE).items() for part in size]
    command = [sys.executable, str(SCRIPT), "--json", *sizes]
    env = {name: value for name, value in os.environ.items() if not name.startswith(("RUG_", "DJANGO_"))}
    ran = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False, env=env)
    assert ran.stdout, ran.stderr
    found = json.loads(ran.stdout)
    for part in (found["at a rate"], found["at once"], found["at most"]):
        assert part["right"] == part["calls"] >= 200, part
        assert part["wrong"] == part["lost"] == part["other"] == part["no room (503)"] == 0, part
    if WHOLE:
        assert found["at a rate"]["p95, ms"] < SLOWEST
        assert found["memory, MB"]["after"] - found["memory, MB"]["before"] < GROWTH
