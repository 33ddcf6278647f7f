"""The same tests of the record on a real PostgreSQL server, which they start themselves."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
QUICK = [] if os.environ.get("RUG_CHECK") == "whole" else ["--ignore", str(HERE / "test_demonstration.py")]


@pytest.mark.skipif("RUG_TEST_DATABASE" in os.environ, reason="this is that run")
def test_the_record_does_the_same_on_postgresql():
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "0", *QUICK, str(HERE)]
    env = {"RUG_CHECK": "quick", **os.environ, "RUG_TEST_DATABASE": "postgresql"}  # named: this run counts the time
    ran = subprocess.run(command, env=env, capture_output=True, text=True, timeout=600, cwd=HERE.parents[1])
    assert ran.returncode == 0, ran.stdout[-3000:]
    assert re.search(r"^s?\.{10}", ran.stdout, re.MULTILINE), ran.stdout
