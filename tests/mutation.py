"""Which mistakes in an edition would nobody notice? Every mutant, against published cases and hand-written evidence.

``python tests/mutation.py [--edition E] [--every N] [--jobs N]`` lists the survivors. What published cases and evidence
leave is tried on every property; what is left then must be proven to be no mistake at all: a mutant is called
equivalent only where Z3 shows that it decides the same for everybody.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from evidence import Check, Seen, failures, rows
from ruggespraak.consult import Case, ask, read_case
from ruggespraak.consult.outcome import compiled
from ruggespraak.consult.ready import Ready
from ruggespraak.pathway.editions import DEFAULT, EDITIONS, edition
from ruggespraak.proof import COUNTEREXAMPLE, GaveUpError, Mutant, differing, mutants, prove

MEASURED = Path(__file__).parents[1] / "docs" / "measured.json"
PUBLISHED = Path(__file__).parent / "cases" / "published.jsonl"

Judge = Callable[[Mutant], str | None]
"""Gives the name of what kills a mutant, or None."""


@dataclass(frozen=True, slots=True)
class Witness:
    """A published case or a row of evidence: one case, and what must hold of it."""

    name: str
    about: str
    case: Case
    checks: list[Check]
    allowed: dict[str, list[str]] = field(default_factory=dict)

    def objects(self, here: Ready) -> bool:
        """Whether this edition decides the case otherwise than it should, or cannot decide it."""
        seen = Seen(self.case, here)
        try:
            wrong = any(getattr(seen, key) not in allowed for key, allowed in self.allowed.items())
            return wrong or bool(failures(seen, self.checks))
        except (KeyError, StopIteration):  # nobody is that urgent; there is no such review
            return True


@cache
def witnesses(id: str) -> tuple[Witness, ...]:
    """Everybody who can object to a mutant of the edition with this id."""
    return (*(_published() if id == DEFAULT else ()), *_evidence(id))


def _published() -> Iterator[Witness]:
    for line in PUBLISHED.read_text(encoding="utf-8").splitlines():
        raw: dict[str, Any] = json.loads(line)
        allowed = {key: value for key, value in raw["expect"].items() if value is not None}
        yield Witness(f"published case {raw['id']}", "", read_case(raw), [], allowed)


def _evidence(id: str) -> Iterator[Witness]:
    for row in rows():
        if row.edition == id:
            for case, checks in row.cases():
                yield Witness(f"evidence line {row.line}", row.about, case, checks)


def evidence(mutant: Mutant) -> str | None:
    """The first published case or row of evidence that this mutant gets wrong: those about the same rule first."""
    row = mutant.rule.split("_")[0]
    everybody = witnesses(mutant.edition.id)
    near = sorted(everybody, key=lambda one: (one.about != mutant.rule, one.about.split("_")[0] != row))
    here = Ready(mutant.edition)
    try:
        return next((one.name for one in near if one.objects(here)), None)
    finally:
        compiled.cache_clear()  # these keep every edition that they have seen
        ask.rungs.cache_clear()


def a_property(mutant: Mutant) -> str | None:
    """The first property that the mutant breaks, by itself: nothing of the original is in it."""
    found = (one for one in prove(mutant.edition, timeout=PATIENCE) if one.verdict == COUNTEREXAMPLE)
    return next((f"property {one.number} {one.property}" for one in found), None)


def equivalent(mutant: Mutant) -> str | None:
    """Whether it is proven that the mutant decides the same for everybody."""
    try:
        return EQUIVALENT if differing(edition(mutant.edition.id), mutant.edition, PATIENCE) is None else None
    except (GaveUpError, ValueError):  # not decided, or nothing that equivalence speaks about
        return None


EQUIVALENT = "equivalent"
PATIENCE = 300.0  # seconds by the clock for one property of one mutant, of a machine that does much else
judges: list[Judge] = [evidence, a_property, equivalent]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one mutant: the name of its killer, or None for a survivor."""

    id: str
    kind: str
    rule: str
    killer: str | None


def verdict(mutant: Mutant) -> Verdict:
    """The judgement of the first judge who objects."""
    killer = next(filter(None, (judge(mutant) for judge in judges)), None)
    return Verdict(mutant.id, mutant.kind, mutant.rule, killer)


def verdicts(id: str, every: int = 1, first: int = 0) -> Iterator[Verdict]:
    """The judgement on every nth mutant of an edition, one at a time.

    What another edition shares with the default one is mutated there.
    """
    besides = None if id == DEFAULT else edition(DEFAULT)
    return map(verdict, islice(mutants(edition(id), besides), first, None, every))


def survivors(id: str, every: int = 1) -> list[str]:
    """The mutants of this edition that nobody objects to."""
    return [one.id for one in verdicts(id, every) if one.killer is None]


def _share(id: str, every: int, first: int) -> list[Verdict]:
    return list(verdicts(id, every, first))


def _judged(id: str, every: int, jobs: int) -> Iterable[Verdict]:
    if jobs == 1:
        yield from _with_progress(verdicts(id, every))
        return
    with ProcessPoolExecutor(jobs) as pool:
        shares = [pool.submit(_share, id, every * jobs, every * job) for job in range(jobs)]
        for share in shares:
            yield from share.result()


def _with_progress(found: Iterable[Verdict]) -> Iterator[Verdict]:
    begun = time.monotonic()
    for number, one in enumerate(found, 1):
        if number % 50 == 0:
            print(f"{number} mutants, {time.monotonic() - begun:.0f} s", file=sys.stderr)
        yield one


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--edition", action="append", choices=EDITIONS, help="default: all")
    asked.add_argument("--every", type=int, default=1, help="only every Nth mutant")
    asked.add_argument("--jobs", type=int, default=1, help="processes")
    asked.add_argument("--record", action="store_true", help="write the figures into docs/measured.json")
    told = asked.parse_args()
    lived, figures = 0, {}
    for id in told.edition or EDITIONS:
        found = list(_judged(id, told.every, told.jobs))
        alive = [one for one in found if one.killer is None]
        lived += len(alive)
        for name, some in (("mutants", found), ("survivors", alive)):
            kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(Counter(one.kind for one in some).items()))
            print(f"{id}: {len(some)} {name} ({kinds})")
        killers = Counter(one.killer.split()[0] for one in found if one.killer)
        print(f"{id}: killed by " + ", ".join(f"{name} {count}" for name, count in killers.most_common()))
        for one in found:
            if one.killer in (None, EQUIVALENT):
                print(f"  {one.killer or 'survives'}: {one.id}")
        figures[id] = {"mutants": len(found), "killed": dict(killers), "survivors": len(alive)}
    if told.record:
        measured = json.loads(MEASURED.read_text(encoding="utf-8"))
        MEASURED.write_text(json.dumps(measured | {"mutants": figures}, indent=2) + "\n", encoding="utf-8")
    return 1 if lived else 0


if __name__ == "__main__":
    sys.exit(main())
