"""Whether anything that was acknowledged is ever lost: servers killed, power cut, databases gone, disks full.

``python benchmarks/durability.py`` does all of it, on the real server with patients who check in (``tests/durability``
says how each is done); with a name only that part: ``kills``, ``power``, ``standby``, ``restart``, ``disk``, ``mail``
or ``chain``. Each is a process of its own. Promised: nothing acknowledged is lost, nothing is there twice, every copy
opens whole, the chain of the access log is unbroken. What is missed is said, and the exit status is 1.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests" / "durability"))

BAD = ("lost", "rows missing", "writers that failed", "faults", "leaks", "sent more than once")


def kills(quick: bool) -> dict:
    """Servers killed with -9."""
    import kills

    return kills.kills(8 if quick else 200)


def power(quick: bool) -> dict:
    """Power cuts on the write path that strace wrote down."""
    import power

    return power.power_cuts(*((15, 60) if quick else (150, 200)))


def standby(quick: bool) -> dict:
    """PostgreSQL primaries killed with -9 that have a synchronous standby."""
    import postgresql

    return postgresql.failovers(*((1, 2.0) if quick else (5, 4.0)))


def restart(quick: bool) -> dict:
    """PostgreSQL stopped and started again under load."""
    import postgresql

    return postgresql.restart(1.0 if quick else 5.0)


def disk(quick: bool) -> dict:
    """A disk that is full, and has room again."""
    import disk

    return disk.disk_full(0.5 if quick else 5.0)


def mail(quick: bool) -> dict:
    """A mail server that is down, and comes back."""
    import mail

    return mail.mail_down(5 if quick else 100)


def chain(quick: bool) -> dict:
    """Four processes that write in one chain."""
    import chain

    return chain.chain(50 if quick else 1000)


PARTS: dict[str, Callable[[bool], dict]] = {
    one.__name__: one for one in (kills, power, standby, restart, disk, mail, chain)
}


def missed(found: dict, where: str = "") -> list[str]:
    """The promises that were not kept, at any depth."""
    said = [f"{where}{name}: {found[name]}" for name in BAD if found.get(name)]
    for name, inner in found.items():
        if isinstance(inner, dict):
            said += missed(inner, f"{where}{name}: ")
    return said


def _apart(name: str, quick: bool) -> dict:
    """This part in a process of its own."""
    command = [sys.executable, __file__, name, "--json", *(["--quick"] if quick else [])]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if not ran.stdout:
        sys.exit(f"{name} did not finish:\n{ran.stderr}")
    found: dict = json.loads(ran.stdout)
    return found


def main() -> None:
    """Prints the figures; exits 1 when a promise is missed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("part", nargs="?", choices=PARTS)
    parser.add_argument("--quick", action="store_true", help="a sample")
    parser.add_argument("--json", action="store_true", help="the figures as JSON")
    asked = parser.parse_args()
    found = PARTS[asked.part](asked.quick) if asked.part else {name: _apart(name, asked.quick) for name in PARTS}
    print(json.dumps(found, indent=2) if asked.json else "\n".join(f"{name}: {says}" for name, says in found.items()))
    for line in missed(found):
        print(f"missed: {line}", file=sys.stderr)
    sys.exit(bool(missed(found)))


if __name__ == "__main__":
    main()
