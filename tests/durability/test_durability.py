"""What was acknowledged stays, whatever happens to the machine: a sample of ``benchmarks/durability.py``.

Each test is one part of it, in a process of its own. ``make check-all`` measures all of it, and stops at a loss.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "durability.py"


def done(part):
    """The figures of this part."""
    command = [sys.executable, str(SCRIPT), part, "--json", "--quick"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=1500, check=False)
    assert ran.stdout, ran.stderr[-3000:]
    found = json.loads(ran.stdout)
    assert ran.returncode == 0, ran.stderr[-3000:]
    return found


@pytest.mark.control("C-31")
def test_a_server_that_is_killed_while_patients_check_in_loses_nothing_that_it_acknowledged():
    found = done("kills")
    assert found["kills"] == 8
    assert found["acknowledged"] > found["kills"]
    assert found["sent, never answered"] > 0  # some were on the way
    assert (found["lost"], found["faults"]) == (0, [])


@pytest.mark.control("C-31")
@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace (apt-get install strace)")
def test_when_the_power_is_cut_at_any_moment_everything_that_was_acknowledged_is_on_the_disk():
    found = done("power")
    assert found["cuts"] == 15
    assert found["acknowledged"] >= 60
    assert (found["lost"], found["faults"]) == (0, [])
    # and the cuts are hard enough: where the disk, or the database, does less, something is lost
    assert found["cuts with a loss where the disk ignores flushes"] > found["cuts"] / 5
    assert found["cuts with a loss where synchronous is NORMAL"] > found["cuts"] / 5


def test_when_the_first_database_is_killed_the_second_has_everything_and_goes_on():
    found = done("standby")
    assert found["acknowledged"] > 5 * found["primaries killed"]
    assert found["acknowledged afterwards"] > found["primaries killed"]
    assert (found["lost"], found["faults"]) == (0, [])


def test_a_database_that_is_restarted_is_found_again_and_whoever_came_meanwhile_is_told():
    found = done("restart")
    assert found["acknowledged"] > found["acknowledged before it stopped"] > 0
    assert found["refused"]
    assert found["refused of those who came when it was back"] == 0
    assert found["refused after a restart while nobody came"] == 0
    assert (found["lost"], found["faults"], found["leaks"]) == (0, [], [])


@pytest.mark.control("C-31")
@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("mount"), reason="only root mounts a small disk")
def test_a_full_disk_is_said_leaves_nothing_half_written_and_is_over_when_there_is_room():
    found = done("disk")
    assert found["acknowledged"] > found["acknowledged before it was full"] > 0
    assert sum(found["refused"].values()) >= 9
    assert (found["lost"], found["faults"], found["leaks"]) == (0, [], [])


def test_reminders_that_found_no_mail_server_are_sent_once_when_it_is_back():
    found = done("mail")
    everybody = found["patients"]
    assert (found["reminders"], found["given back"], found["sent later"]) == (everybody, everybody, everybody)
    assert 0 < found["seconds that a mail may take"] <= 30
    assert (found["sent once"], found["sent more than once"]) == (everybody, 0)


def test_four_writers_at_once_make_one_chain_on_both_databases():
    found = done("chain")
    assert set(found) == {"PostgreSQL", "SQLite"}
    for one in found.values():
        assert (one["writers"], one["writers that failed"], one["rows missing"], one["faults"]) == (4, 0, 0, [])
        assert one["rows"] >= 200
