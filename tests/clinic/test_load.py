"""A sample of a practice under load: nothing goes wrong, nothing is lost. How long it takes is measured elsewhere."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "practice.py"


@pytest.mark.skipif("RUG_TEST_DATABASE" in os.environ, reason="it starts a PostgreSQL of its own")
def test_a_practice_under_load_loses_no_check_in():
    command = [sys.executable, str(SCRIPT), "--patients", "500", "--measurements", "5000", "--seconds", "5", "--json"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    found = json.loads(ran.stdout)
    assert found["faults"] == []
    assert found["check-ins lost"] == 0
    assert found["check-ins"]["n"] > 50
