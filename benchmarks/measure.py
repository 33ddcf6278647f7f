"""What ``make check-all`` measures, in ``docs/measured.json``: the README reads its figures from there."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "benchmarks")]

import decide  # noqa: E402
import load  # noqa: E402
import pdf  # noqa: E402

import ruggespraak  # noqa: E402
import screens  # noqa: E402
from ruggespraak.pathway.editions import edition  # noqa: E402
from ruggespraak.proof import PROVEN, alarms_of_the_pathway, prove  # noqa: E402

PEOPLE = 10_000
COMMANDS = {
    "decisions a second and core": "python benchmarks/decide.py",
    "screens": "python tests/screens.py",
    "rug --help, seconds over Python's own start": "python benchmarks/measure.py",
    "base installation, MB": "python benchmarks/measure.py",
    "proof": "rug prove",
    "leaflet on A4, warm median, ms": "python benchmarks/pdf.py",
    "website, 50 people": "python benchmarks/load.py",
    "practice": "python benchmarks/practice.py",
    "cds hooks, 100 orders a second": "python benchmarks/cds.py",
    "durability": "python benchmarks/durability.py",
    "population life": "python benchmarks/population_life.py",
    "population peers": "python benchmarks/population_peers.py",
    "audit": "python benchmarks/audit.py --people 100000 1000000 --loop 1000000",
    "imaging rule": "python benchmarks/imaging_rule.py",
    "ndjson": "python benchmarks/ndjson.py",
    "hedis": "python benchmarks/hedis.py",
    "engines": "python benchmarks/engines.py --people 2000",
    "mutants": "python tests/mutation.py --record",
}
"""What each is measured with, apart from the rest."""
UV = os.environ.get("UV", "uv")  # uv run says where uv is: not every machine has it on its path


def help_seconds() -> float:
    """How much longer ``rug --help`` takes than Python's own start: the best of nine."""

    def best(*command: str) -> float:
        times = []
        for _ in range(9):
            start = time.perf_counter()
            subprocess.run([sys.executable, *command], check=True, stdout=subprocess.DEVNULL)
            times.append(time.perf_counter() - start)
        return min(times)

    return best("-m", "ruggespraak.cli", "--help") - best("-c", "pass")


def installed_megabytes() -> float:
    """The base installation with everything that it needs, in an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        # the locked versions, without the groups
        wanted = subprocess.run(
            [UV, "export", "--frozen", "--no-dev", "--no-emit-project", "--no-hashes", "--quiet"],
            check=True, cwd=ROOT, capture_output=True, text=True,
        ).stdout  # fmt: skip
        (Path(folder) / "wanted.txt").write_text(wanted)
        target = Path(folder) / "installed"
        install = [UV, "pip", "install", "--quiet", "--target", str(target)]
        subprocess.run([*install, "-r", f"{folder}/wanted.txt", str(ROOT)], check=True)
        return sum(file.stat().st_size for file in target.rglob("*") if file.is_file()) / 1e6


def proof() -> dict[str, float]:
    """How many properties of the current edition are proven, and in how many seconds altogether."""
    found = list(prove(edition("current"), alarms_of_the_pathway()))
    return {
        "properties": len(found),
        "proven": sum(one.verdict == PROVEN for one in found),
        "seconds": round(sum(one.seconds for one in found), 1),
        "slowest, seconds": round(max(one.seconds for one in found), 1),
    }


def website() -> dict[str, float]:
    """Fifty people at once on the patient's website, beside a bare hello of Django: see ``benchmarks/load.py``."""
    found, _ = load.measure(50, 60.0)
    return {
        "errors": found["errors"],
        "click p95, ms": found["clicks"]["p95, ms"],
        "request p50, ms": found["requests"]["p50, ms"],
        "request p95, ms": found["requests"]["p95, ms"],
        "times hello, p50": found["times hello"]["p50"],
        "times hello, p95": found["times hello"]["p95"],
        "load average": found["load average"][0],
    }


def practice() -> dict[str, float]:
    """A practice of 100,000 patients on PostgreSQL, in a process of its own: see ``benchmarks/practice.py``."""
    script = str(ROOT / "benchmarks" / "practice.py")
    ran = subprocess.run([sys.executable, script, "--json"], capture_output=True, text=True, check=False)
    found = json.loads(ran.stdout)
    return {
        "patients": found["patients"],
        "facts": found["facts"],
        "worklist p95, ms": found["worklist"]["p95, ms"],
        "check-in p99, ms": found["check-ins"]["p99, ms"],
        "check-ins lost": found["check-ins lost"],
        "errors": found["worklist"]["errors"] + found["check-ins"]["errors"],
    }


def orders() -> dict[str, float]:
    """A hundred orders a second, a thousand at once, and then as many as it can: see ``benchmarks/cds.py``."""
    script = str(ROOT / "benchmarks" / "cds.py")
    ran = subprocess.run([sys.executable, script, "--json"], capture_output=True, text=True, check=False)
    found = json.loads(ran.stdout)
    parts = found["at a rate"], found["at once"], found["at most"]
    return {
        "calls": sum(one["calls"] for one in parts),
        "wrong, lost or refused": sum(one["calls"] - one["right"] for one in parts),
        "p50, ms": found["at a rate"]["p50, ms"],
        "p95, ms": found["at a rate"]["p95, ms"],
        "p99, ms": found["at a rate"]["p99, ms"],
        "hello p95, ms": found["hello"]["p95, ms"],
        "times hello, p50": found["times hello"]["p50"],
        "times hello, p95": found["times hello"]["p95"],
        "1,000 at once, last answer, seconds": found["at once"]["last answer, s"],
        "at most, a second": found["at most"]["a second"],
        "memory, MB more": round(found["memory, MB"]["after"] - found["memory, MB"]["before"], 1),
        "load average": found["load average"][0],
    }


def durability() -> dict[str, dict]:
    """Servers killed, power cut, databases gone, a disk full: see ``benchmarks/durability.py``."""
    return counted(in_json("durability.py"))


def in_json(script: str, *said: str) -> dict:
    """What a benchmark says with --json; ends here where it says that something is wrong."""
    path = str(ROOT / "benchmarks" / script)
    ran = subprocess.run([sys.executable, path, "--json", *said], capture_output=True, text=True, check=False)
    if ran.returncode:
        sys.exit(ran.stderr)
    found: dict = json.loads(ran.stdout)
    return found


def counted(found: dict) -> dict:
    """Of what is said in words, how much it is: none, one hopes."""
    return {
        name: counted(says) if isinstance(says, dict) else len(says) if isinstance(says, list) else says
        for name, says in found.items()
    }


def main() -> None:
    rates = decide.rates()
    target = ROOT / "docs" / "measured.json"
    before = json.loads(target.read_text(encoding="utf-8"))

    measured = {
        "version": ruggespraak.__version__,
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        "decisions a second and core": {
            name: {"full": round(full, -2), "fast": round(fast, -3)} for name, (full, fast) in rates.items()
        },
        "screens": screens.table(PEOPLE),
        "rug --help, seconds over Python's own start": round(help_seconds(), 2),
        "base installation, MB": round(installed_megabytes(), 1),
        "proof": proof(),
        "leaflet on A4, warm median, ms": round(pdf.warm_median(), 1),
        "website, 50 people": website(),
        "practice": practice(),
        "cds hooks, 100 orders a second": orders(),
        "durability": durability(),
        "population life": in_json("population_life.py"),
        "population peers": in_json("population_peers.py"),
        "audit": in_json("audit.py", "--people", "100000", "1000000", "--loop", "1000000"),
        "imaging rule": in_json("imaging_rule.py"),
        "ndjson": in_json("ndjson.py"),
        "hedis": in_json("hedis.py"),
        "engines": in_json("engines.py", "--people", "2000"),
        "mutants": before["mutants"],  # measured by tests/mutation.py
        "commands": COMMANDS,
    }
    target.write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")
    print(target.relative_to(ROOT))


if __name__ == "__main__":
    main()
