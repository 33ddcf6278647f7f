"""How fast is the whole life of our population model: beside the same life in C, and for the whole country?

``peers/life/life.c`` is the kernel of ``ruggespraak.population`` (a life with its care, its work and all that is
counted) written over in C, function by function, without the log; gcc -O3 -march=native compiles it for this machine.
Both get the very arrays that ``simulate.prepared`` makes. They take turns on one core, with another seed in each round,
in processor time of this process. A rate counts only if every count equals ours, to the bit: in each round, and in a
run that comes in all corners of the life. If not, or if gcc cannot compile it, the kernel was changed and C was not: it
says so, and the exit status is 1. Constants and tables are handed over, so this compares what two compilers make of one
life, not whether that life is right.

The country is 17.9 million people for 30 years on 2 threads in a process of its own: wall seconds of ``simulate`` once
the kernel is compiled and loaded, and the most memory that this process had. ``rug simulate`` as it is (100,000 people,
10 years) is timed as its user waits for it: the first time on a computer, when it compiles, and later.

Caveat: wall seconds grow with whatever else runs. Processor seconds and the load average stand beside them.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import importlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from ruggespraak.population import compiled
from ruggespraak.population.kernel.tally import CARRIED, MEASURES, YEAR
from ruggespraak.population.people import total
from ruggespraak.population.scenarios import scenarios
from ruggespraak.population.simulate import BATCHES, Counts, Option, Result, Run, prepared, simulate, size

ROUNDS, LATER_RUNS = 5, 3
PEOPLE, QUICK_PEOPLE, YEARS = 500_000, 20_000, 30
THREADS = 2
# What we are asked: at most so much.
COUNTRY_SECONDS, COUNTRY_MEGABYTES, FIRST_SECONDS, LATER_SECONDS = 15, 400, 15, 2

SOURCE = Path(__file__).parent / "peers" / "life" / "life.c"
GCC = ("gcc", "-O3", "-march=native", "-shared", "-fPIC")
BEHIND = "bring it up to date with the kernel"
MODULES = ("address", "age", "cell", "episode", "given", "life", "quantile", "tally")  # C reads their constants

Lives = Callable[[Counts, int, int, int, tuple[Any, ...]], None]  # counts, low, high, step, and what is prepared


def names() -> str:
    """The kernel's constants for C: GP of tally.py is TALLY_GP, and a tuple is its length."""
    lines = []
    for module in MODULES:
        for name, value in vars(importlib.import_module(f"ruggespraak.population.kernel.{module}")).items():
            if name.isupper() and isinstance(value, int | tuple):
                number = len(value) if isinstance(value, tuple) else value
                lines.append(f"#define {module.upper()}_{name} INT64_C({number})\n")
    return "".join(lines)


@cache
def in_c() -> Lives:
    """Raises ImportError where gcc is missing."""
    if not shutil.which("gcc"):
        raise ImportError("gcc is missing: install it to compare with C")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "names.h").write_text(names())
        library = Path(folder, "life.so")
        made = subprocess.run([*GCC, "-I", folder, SOURCE, "-o", library], capture_output=True, text=True)
        if made.returncode:
            raise SystemExit(f"wrong: gcc cannot compile {SOURCE.name}: {BEHIND}\n{made.stderr}")
        function = ctypes.CDLL(str(library)).lives
    function.restype = None

    def plain(value: Any) -> Any:
        if not isinstance(value, np.ndarray):
            return ctypes.c_int64(value)
        assert value.dtype == np.int64, value.dtype
        assert value.flags.c_contiguous
        return ctypes.c_void_p(value.ctypes.data)

    def lives(counts: Counts, low: int, high: int, step: int, arguments: tuple[Any, ...]) -> None:
        guide = arguments[4]
        function(*map(plain, (counts, low, high, step, *arguments, len(guide) - 1)))

    return lives


def ours() -> Lives:
    """As the product compiles it."""
    function, no_log = compiled.compiled(), np.zeros((0, 6), dtype=np.int64)

    def lives(counts: Counts, low: int, high: int, step: int, arguments: tuple[Any, ...]) -> None:
        function(counts, no_log, np.zeros(CARRIED, dtype=np.int64), low, high, step, *arguments)

    return lives


def lived(lives: Lives, run: Run) -> tuple[Counts, float]:
    """The counts of a run, and in how many seconds of processor time they were made, on one thread."""
    arguments = prepared(run)
    counts = np.zeros((len(run.options), BATCHES, size(run.years)), dtype=np.int64)
    gc.collect()
    gc.freeze()  # what others left in memory is not gone through on this clock
    start = time.process_time()
    for option, given in enumerate(arguments):
        for batch in range(BATCHES):
            lives(counts[option, batch], batch, run.lives, BATCHES, given)
    seconds = time.process_time() - start
    gc.unfreeze()
    return counts, seconds


def all_corners() -> Run:
    """Every scenario, begun later, with births: every line of the C is run (measured with gcov)."""
    options = tuple(Option(scenario=one) for one in scenarios().values())
    return Run(people=QUICK_PEOPLE, years=10, seed=7, options=options, since=3, born=QUICK_PEOPLE // 100)


def beside_c(quick: bool = False) -> dict[str, Any]:
    """Ours and C, in turns on one core: persons, lived years and episodes a second."""
    people = QUICK_PEOPLE if quick else PEOPLE
    contenders = {"ours": ours()}
    try:
        contenders["C"] = in_c()
    except ImportError as problem:
        print(f"not run: C: {problem}", file=sys.stderr)

    runs = [all_corners(), *(Run(people=people, years=YEARS, seed=seed) for seed in range(1, ROUNDS + 1))]
    rates: dict[str, list[float]] = {name: [] for name in contenders}
    for number, run in enumerate(runs):
        first = None
        for name, lives in contenders.items():
            counts, seconds = lived(lives, run)
            first = counts if first is None else first
            if not np.array_equal(counts, first):
                raise SystemExit(f"wrong: {SOURCE.name} counts otherwise than ours: {BEHIND}")
            if number:  # the first run warms
                rates[name].append(people / seconds)
    each = Result(run, first).yearly.sum(axis=(0, 1, 2, 3, 4)) / people
    per_person = {"lived years": each[MEASURES.index("lived")] / YEAR, "episodes": each[MEASURES.index("episodes")]}

    found: dict[str, Any] = {"people in a round": people, "years": YEARS, "rounds": ROUNDS}
    for name, those in rates.items():
        found[name] = {"persons a second": round(median(those))}
        found[name] |= {"least": round(min(those)), "most": round(max(those))}
        found[name] |= {f"{what} a second": round(times * median(those)) for what, times in per_person.items()}
    if "C" in rates:
        ratios = [one / other for one, other in zip(rates["ours"], rates["C"], strict=True)]
        found["counts equal to the bit"] = True
        found["ours against C"] = {"median": round(median(ratios), 2)}
        found["ours against C"] |= {"least": round(min(ratios), 2), "most": round(max(ratios), 2)}
    return found


def country() -> dict[str, float]:
    """The country in this process, which must be new: what it had in memory before would count."""
    simulate(Run(people=BATCHES, years=1), THREADS)  # the kernel is loaded, or compiled
    run = Run(people=total(), years=YEARS)
    start, own = time.perf_counter(), time.process_time()
    result = simulate(run, THREADS)
    seconds, own = time.perf_counter() - start, time.process_time() - own
    counted = result.yearly.sum(axis=(0, 1, 2, 3, 4))
    # Not getrusage: its peak begins with that of the process that started this one.
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return {
        "seconds": round(seconds, 1),
        "processor seconds": round(own, 1),
        "MB": round(int(peak.split()[1]) * 1024 / 1e6),
        "lived years": round(counted[MEASURES.index("lived")] / YEAR),
        "episodes": int(counted[MEASURES.index("episodes")]),
    }


def as_users_wait() -> dict[str, Any]:
    """``rug simulate`` the first time and later, and the country, each in a new process; nothing is kept before."""

    def once() -> tuple[float, float]:
        """Wall seconds, and processor seconds."""
        start, own = time.perf_counter(), os.times()
        command = [sys.executable, "-m", "ruggespraak.cli", "simulate"]
        subprocess.run(command, check=True, env=here, capture_output=True)
        now = os.times()
        used = now.children_user - own.children_user + now.children_system - own.children_system
        return time.perf_counter() - start, used

    with tempfile.TemporaryDirectory() as folder:
        here = os.environ | {"XDG_CACHE_HOME": folder}
        first, *later = [once() for _ in range(1 + LATER_RUNS)]
        made = subprocess.run(
            [sys.executable, __file__, "--country"], check=True, env=here, stdout=subprocess.PIPE, text=True
        )
    return {
        "first run": {"seconds": round(first[0], 1), "processor seconds": round(first[1], 1)},
        "later run": {
            "seconds": round(median(wall for wall, _ in later), 1),
            "processor seconds": round(median(used for _, used in later), 1),
        },
        "country": json.loads(made.stdout),
        "load average": round(os.getloadavg()[0], 1),
    }


def measure(quick: bool = False) -> dict[str, Any]:
    """All figures; ``quick``: those beside C only, with fewer people. Ends Python where C counts otherwise."""
    return {"one core": beside_c(quick)} | ({} if quick else as_users_wait())


def show(found: dict[str, Any]) -> None:
    core = found["one core"]
    print(f"{'one core':10}{'persons/s':>12}{'least-most':>22}{'lived years/s':>16}{'episodes/s':>14}")
    for name in ("ours", "C"):
        if name in core:
            row = core[name]
            span = f"{row['least']:,}-{row['most']:,}"
            years, episodes = row["lived years a second"], row["episodes a second"]
            print(f"{name:10}{row['persons a second']:12,}{span:>22}{years:16,}{episodes:14,}")
    if "C" in core:
        ratio = core["ours against C"]
        print(f"ours against C: {ratio['median']} ({ratio['least']}-{ratio['most']}); all counts equal to the bit")
    if "country" not in found:
        return
    whole = found["country"]
    print(f"\nthe country, {YEARS} years: {whole['lived years']:,} lived years, {whole['episodes']:,} episodes")
    print(f"{'':12}{'wall s':>8}{'asked':>12}{'processor s':>14}")
    for name, most in (("first run", FIRST_SECONDS), ("later run", LATER_SECONDS), ("country", COUNTRY_SECONDS)):
        row = found[name]
        asked = f"{most} {'yes' if row['seconds'] <= most else 'NO'}"
        print(f"{name:12}{row['seconds']:8}{asked:>12}{row['processor seconds']:14}")
    enough = "yes" if whole["MB"] <= COUNTRY_MEGABYTES else "NO"
    print(f"memory of the country: {whole['MB']} MB; asked: {COUNTRY_MEGABYTES} {enough}")
    print(f"load average at the end: {found['load average']}, on {os.cpu_count()} cores")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="beside C only, with 20,000 people")
    parser.add_argument("--json", action="store_true", help="the figures as JSON")
    parser.add_argument("--country", action="store_true", help=argparse.SUPPRESS)  # what is run in a process of its own
    asked = parser.parse_args()
    if asked.country:
        print(json.dumps(country()))
        return
    found = measure(asked.quick)
    if asked.json:
        print(json.dumps(found, indent=2))
    else:
        show(found)


if __name__ == "__main__":
    main()
