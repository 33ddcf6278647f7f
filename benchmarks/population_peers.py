"""How fast is our way to simulate people beside other ways, on one small model, in one run, with the same answer?

The model (``peers/probe/model.py``): healthy, ill, perhaps scanned, perhaps chronic, healthy again, for ten years. It
is not the product's model, which the others cannot be given: our row is the technique of the product (a life is one
function of whole numbers, compiled by numba, on the product's own draws and tables) on this probe.

Each is timed from a number of people and a seed to what each person cost, in processor time of this process with all
its threads: a second thread is no gain, and another program that runs meanwhile is a small loss only. They take turns,
with another seed in each round. What costs once (importing, compiling) is not counted. What we are asked to be times as
fast as is each in its usual way; a quicker way that was found stands below it.

A rate counts only if the mean cost agrees with the exact one, which comes from the equations of renewal without a
random number: |z| < 4 over all rounds. And the costs in C on our tables must equal ours, person by person, to the bit.
If not, the exit status is 1. A contender that is missing is named and left out.

Caveat: FAIR, below. And on a shared machine trust one significant figure of a rate, and ratios more than rates.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import json
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

sys.path[:0] = [str(Path(__file__).parent)]

from peers.probe import model  # noqa: E402
from peers.probe.in_numba import EURO  # noqa: E402

ROUNDS, QUICK_ROUNDS = 5, 3
AGREES = 4.0  # standard errors
WARM = 1_000  # people
FAIR = (
    "Fairness: starsim and LASER are built for people who infect one another on a grid of time, SimPy for people who\n"
    "queue for what is scarce; this model uses none of what they are good at, and steps of a week lose episodes\n"
    "(nobody recovers and falls ill again within one)."
)

# name, module, function, people in a round, the same with --quick, how many times as fast we are asked to be
CONTENDERS = (
    ("ours: same technique, probe model", "in_numba", "lives", 2_000_000, 500_000, None),
    ("C, our draws and tables", "in_c", "lives_tables", 2_000_000, 500_000, None),
    ("C, our draws, log and pow", "in_c", "lives_libm", 2_000_000, 500_000, 1.8),
    ("NumPy, a pass for each episode", "in_numpy", "lives", 1_000_000, 500_000, None),
    ("starsim, weekly", "in_starsim", "lives", 500_000, 200_000, 25),
    ("  without common random numbers", "in_starsim", "lives_quicker", 500_000, 200_000, None),
    ("LASER, weekly", "in_laser", "lives", 500_000, 200_000, 25),
    ("SimPy", "in_simpy", "lives", 20_000, 20_000, 300),
    ("  each person a queue of her own", "in_simpy", "lives_apart", 20_000, 20_000, None),
)
PACKAGES = ("numba", "numpy", "starsim", "laser-core", "simpy")


@dataclass
class Contender:
    """``lives(people, seed)`` gives what each person costs (in euros, or whole numbers of 1/EURO), and all episodes."""

    name: str
    lives: Callable[[int, int], tuple[np.ndarray, int]]
    people: int  # in a round
    asked: float | None = None
    rates: list[float] = field(default_factory=list)  # person-years a second
    digests: list[str] = field(default_factory=list)  # of each round's costs, where they are whole numbers
    lived: int = 0
    euros: float = 0.0
    squares: float = 0.0
    episodes: int = 0

    def round(self, seed: int) -> None:
        gc.collect()
        gc.freeze()  # what the others left in memory is not gone through on the clock of this one
        start = time.process_time()
        costs, episodes = self.lives(self.people, seed)
        seconds = time.process_time() - start
        gc.unfreeze()
        self.rates.append(self.people * model.DAYS / model.YEAR / seconds)
        if costs.dtype == np.int64:
            self.digests.append(hashlib.sha256(costs.tobytes()).hexdigest())
            costs = costs / EURO
        self.lived += self.people
        self.euros += float(costs.sum())
        self.squares += float(np.square(costs).sum())  # not costs @ costs: its threads linger on the clock of the next
        self.episodes += episodes

    @property
    def mean(self) -> float:
        return self.euros / self.lived

    @property
    def error(self) -> float:
        """The standard error of the mean."""
        return ((self.squares / self.lived - self.mean**2) / self.lived) ** 0.5

    def z(self, exact: float) -> float:
        return (self.mean - exact) / self.error


def contenders(quick: bool) -> list[Contender]:
    """Ours first: the others are compared with it. One that is not here is named, and left out."""
    found = []
    for name, module, function, people, fewer, asked in CONTENDERS:
        try:
            one = Contender(
                name, getattr(import_module(f"peers.probe.{module}"), function), fewer if quick else people, asked
            )
            one.lives(WARM, 0)
        except ImportError as problem:
            print(f"not run: {name.strip()}: {problem}", file=sys.stderr)
        else:
            found.append(one)
    return found


def wrong(measured: list[Contender], exact: float) -> list[str]:
    """What must not be: a mean that disagrees, or a bit that differs."""
    found = [
        f"{one.name.strip()}: mean cost {one.mean:.2f} ± {one.error:.2f} against {exact:.2f}, z = {one.z(exact):+.1f}"
        for one in measured
        if not abs(one.z(exact)) < AGREES
    ]
    whole = [one for one in measured if one.digests]
    if any(one.digests != whole[0].digests for one in whole):
        found.append(f"what a person costs differs between: {'; '.join(one.name for one in whole)}")
    return found


def figures(measured: list[Contender], exact: float) -> list[dict[str, Any]]:
    best = median(measured[0].rates)
    return [
        {
            "contender": one.name.strip(),
            "people in a round": one.people,
            "person-years a second": round(median(one.rates)),
            "least": round(min(one.rates)),
            "most": round(max(one.rates)),
            "ours is times as fast": round(best / median(one.rates), 2),
            "asked": one.asked,
            "mean cost": round(one.mean, 2),
            "standard error": round(one.error, 2),
            "z": round(one.z(exact), 2),
            "episodes a person": round(one.episodes / one.lived, 4),
        }
        for one in measured
    ]


def installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not here"


def show(measured: list[Contender], exact: tuple[float, float]) -> None:
    print(
        f"{'one core':35}{'people':>10}{'M years/s':>11}{'least-most':>15}{'ours is':>9}{'asked':>10}"
        f"{'mean cost, €':>18}{'z':>6}{'episodes':>10}"
    )
    for one, row in zip(measured, figures(measured, exact[0]), strict=True):
        span = f"{row['least'] / 1e6:.3g}-{row['most'] / 1e6:.3g}"
        times = row["ours is times as fast"]
        asked = "" if one.asked is None else f"{one.asked:g}x {'yes' if times >= one.asked else 'NO'}"
        cost = f"{one.mean:.2f} ± {one.error:.2f}"
        print(
            f"{one.name:35}{one.people:10,}{row['person-years a second'] / 1e6:11.3g}{span:>15}{times:8.3g}x{asked:>10}"
            f"{cost:>18}{row['z']:+6.1f}{row['episodes a person']:10.3f}"
        )
    print(f"{'exact':35}{'':55}{exact[0]:10.2f}{'':14}{exact[1]:10.3f}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="half a minute; what has a fixed cost a week looks slower")
    parser.add_argument("--json", action="store_true", help="the figures as JSON")
    asked = parser.parse_args()

    exact = model.expected()
    measured = contenders(asked.quick)
    for seed in range(1, (QUICK_ROUNDS if asked.quick else ROUNDS) + 1):
        for one in measured:
            one.round(seed)

    digest = measured[0].digests[0]
    packages = {name: installed(name) for name in PACKAGES}
    if asked.json:
        found = {
            "exact": {"mean cost": round(exact[0], 2), "episodes a person": round(exact[1], 4)},
            "contenders": figures(measured, exact[0]),
            "sha256 of our costs, first round": digest,
            "machine": f"{platform.machine()}, one core, Python {platform.python_version()}",
            "packages": packages,
            "caveat": FAIR.replace("\n", " "),
        }
        print(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        show(measured, exact)
        print(f"\nsha256 of our costs, first round: {digest}")
        print(", ".join(f"{name} {which}" for name, which in packages.items()), f"\n{FAIR}", sep="\n")
    faults = wrong(measured, exact[0])
    for fault in faults:
        print(f"wrong: {fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
