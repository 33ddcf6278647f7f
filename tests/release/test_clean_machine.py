"""Somebody new, with git, make and Python on a bare Debian, sees the website within two minutes of the clone.

``tests/clean/run.sh`` runs ``make test`` there too, by hand: it takes as long as this whole run.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

RUN = Path(__file__).parents[1] / "clean" / "run.sh"
SECONDS = 120


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("debootstrap"), reason="needs root and debootstrap")
def test_make_demo_serves_its_first_page_within_two_minutes_of_the_clone():
    ran = subprocess.run([RUN, "demo"], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    (seconds,) = re.findall(r"^(\d+) seconds: from the clone", ran.stdout, re.MULTILINE)
    assert int(seconds) <= SECONDS
