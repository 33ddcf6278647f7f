"""A disk that is full while patients check in."""

from __future__ import annotations

import copy
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from check_ins import (
    ENOUGH,
    Site,
    acknowledged,
    application,
    checking_in,
    examine,
    hang_up,
    leaks,
    people,
    unclear,
)

SIZE = "6m"
WRITERS = 3
REFUSALS = 3  # of each, until there is room again


@contextmanager
def small_disk() -> Iterator[Path]:
    """A disk of a few megabytes. Raises PermissionError where nobody may mount one."""
    with tempfile.TemporaryDirectory(prefix="ruggespraak-") as name:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", name]
        if subprocess.run(mount, check=False, capture_output=True).returncode:
            raise PermissionError("a small disk cannot be mounted here")
        try:
            yield Path(name)
        finally:
            hang_up()
            subprocess.run(["umount", "--lazy", name], check=True)


def disk_full(seconds: float) -> dict:
    """The disk is filled to its last byte, and emptied when everybody was refused; the application is left alone."""
    begin = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="ruggespraak-") as name, small_disk() as disk:
        application(disk)
        someone = people(WRITERS)
        with Site(Path(name)) as site, checking_in(someone, site.port):
            time.sleep(seconds)
            before = acknowledged(someone)
            ballast = _fill(disk)
            _wait(lambda: all(sum(sent.refused for sent in one.sent) >= REFUSALS for one in someone))
            meanwhile = examine(copy.deepcopy(someone))  # they go on
            ballast.unlink()
            room = time.monotonic()
            _wait(lambda: all(any(sent.acknowledged and sent.at > room for sent in one.sent) for one in someone))
            time.sleep(seconds)
        found = examine(someone)
        refused = [one for person in someone for one in person.sent if one.refused]
        return {
            "acknowledged": acknowledged(someone),
            "acknowledged before it was full": before,
            "refused": dict(Counter(str(one.status) for one in refused)),
            "lost": meanwhile.lost + found.lost,
            "faults": [*meanwhile.faults, *found.faults, *unclear(refused)],
            "leaks": leaks(site, someone),
            "seconds": round(time.perf_counter() - begin, 1),
        }


def _fill(disk: Path) -> Path:
    """A file that takes all the room there is."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
    return ballast


def _wait(until: Callable[[], bool]) -> None:
    end = time.monotonic() + ENOUGH
    while not until():
        if time.monotonic() > end:
            raise TimeoutError("what was waited for did not happen")
        time.sleep(0.05)
