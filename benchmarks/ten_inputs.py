"""How fast are our rules beside other engines, on one small rule, in one run, with the same answers?

The rule: ten findings and one event, each present, absent or, in 15 % of cases, unknown.

    fracture   = trauma or (steroids and age >= 50)      red flag  = any of these four
    malignancy = cancer or (weight loss and age >= 50)   indicated = red flag or radicular pain of 6 weeks
    infection  = fever and immunosuppressed              audit     = imaging done and not indicated
    neuro      = cauda equina sign or motor deficit

Every engine decides the same seeded random cases one by one, and gives red flag, indicated and audit. A rate counts
only if all its decisions, and so its counts of true, false and unknown, equal those of a reference written by hand.

Caveat: a stopwatch on a shared machine can be wrong by a factor of two. Therefore each run also measures which share
of the machine other programs took; repeat the benchmark where that is over 5 %, and trust one significant figure.
The engines take turns, so that a slow minute hits them all. How often a finding is present is made up: these cases
stand for no patients.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version
from itertools import cycle, islice
from pathlib import Path
from statistics import median

SEED = 20261122
CASES = 100_000  # different cases; an engine that decides more in one run begins again at the first
RUNS = 5
QUIET = 0.05  # the share of the machine that other programs may take
UNKNOWN = 0.15
PRESENT = {
    "trauma": 0.10,
    "steroids": 0.10,
    "cancer": 0.05,
    "weight_loss": 0.10,
    "fever": 0.10,
    "immunosuppressed": 0.05,
    "cauda_equina": 0.02,
    "motor_deficit": 0.05,
    "radicular_6_weeks": 0.20,
    "imaging_done": 0.30,
}
OUTPUTS = ("red_flag", "indicated", "audit")
PEERS = Path(__file__).parent / "peers"

Kleene = bool | None
Case = dict[str, bool | int | None]
Decision = tuple[Kleene, Kleene, Kleene]


class NotHereError(Exception):
    """An engine that this machine lacks, and what to do about it."""


@dataclass
class Engine:
    """``run(n)`` decides n cases and gives the seconds that it took, and the decisions."""

    name: str
    decisions: int  # per run: takes one to three seconds
    run: Callable[[int], tuple[float, list[Decision]]]
    process: int = field(default_factory=os.getpid)
    rates: list[float] = field(default_factory=list)
    others: list[float] = field(default_factory=list)
    equal: bool = True


# The cases, and the reference that has nothing of ours in it.


def random_cases() -> list[Case]:
    chance = random.Random(SEED)

    def answer(value: bool | int) -> bool | int | None:
        return None if chance.random() < UNKNOWN else value

    return [
        {"age": answer(chance.randint(18, 95))} | {name: answer(chance.random() < p) for name, p in PRESENT.items()}
        for _ in range(CASES)
    ]


def either(*parts: Kleene) -> Kleene:
    return True if True in parts else None if None in parts else False


def both(*parts: Kleene) -> Kleene:
    return False if False in parts else None if None in parts else True


def reference(case: Case) -> Decision:
    over_50 = None if case["age"] is None else case["age"] >= 50
    fracture = either(case["trauma"], both(case["steroids"], over_50))
    malignancy = either(case["cancer"], both(case["weight_loss"], over_50))
    infection = both(case["fever"], case["immunosuppressed"])
    neuro = either(case["cauda_equina"], case["motor_deficit"])
    red_flag = either(fracture, malignancy, infection, neuro)
    indicated = either(red_flag, case["radicular_6_weeks"])
    audit = both(case["imaging_done"], None if indicated is None else not indicated)
    return red_flag, indicated, audit


# The engines.


def in_python(name: str, decisions: int, decide: Callable[[dict], Decision], cases: list[dict]) -> Engine:
    def run(n: int) -> tuple[float, list[Decision]]:
        turn = list(islice(cycle(cases), n))
        start = time.perf_counter()
        decided = [decide(case) for case in turn]
        return time.perf_counter() - start, decided

    return Engine(name, decisions, run)


def ours(listed: bool = False, reasons: bool = False) -> Callable[[Case], Decision]:
    """Our own logic: a trace with the value of every node.

    Listed: each value beside its node, as ZEN hands its trace over. Reasons: also the smallest reasons of the audit.
    """
    from ruggespraak.logic import Finding, any_of, evaluator

    has = {name: Finding(name) for name in PRESENT}
    over_50 = Finding("age", kind="number", unit="years", minimum=0, maximum=120) >= 50
    fracture = (has["trauma"] | (has["steroids"] & over_50)).named("fracture")
    malignancy = (has["cancer"] | (has["weight_loss"] & over_50)).named("malignancy")
    infection = (has["fever"] & has["immunosuppressed"]).named("infection")
    neuro = (has["cauda_equina"] | has["motor_deficit"]).named("neuro")
    red_flag = any_of([fracture, malignancy, infection, neuro]).named("red_flag")
    indicated = (red_flag | has["radicular_6_weeks"]).named("indicated")
    evaluate = evaluator((has["imaging_done"] & ~indicated).named("audit"))
    red_at, indicated_at = evaluate.nodes.index(red_flag), evaluate.nodes.index(indicated)

    def decide(case: Case) -> Decision:
        trace = evaluate(case)
        if reasons:
            trace.reasons()
        if listed:
            nodes = trace.nodes
            return nodes[red_at][1], nodes[indicated_at][1], trace.value
        return trace.values[red_at], trace.values[indicated_at], trace.value

    return decide


# ZEN reads null in its own way: its result depends on the order of the operands. So each input goes in on two rails,
# known to be there (yes) and known not to be (no), each concept is written twice, and an age lies between two bounds.
ZEN_RULE = {
    "fracture_yes": "trauma_yes or (steroids_yes and age_from >= 50)",
    "fracture_no": "trauma_no and (steroids_no or age_to < 50)",
    "malignancy_yes": "cancer_yes or (weight_loss_yes and age_from >= 50)",
    "malignancy_no": "cancer_no and (weight_loss_no or age_to < 50)",
    "infection_yes": "fever_yes and immunosuppressed_yes",
    "infection_no": "fever_no or immunosuppressed_no",
    "neuro_yes": "cauda_equina_yes or motor_deficit_yes",
    "neuro_no": "cauda_equina_no and motor_deficit_no",
    "red_flag_yes": "$.fracture_yes or $.malignancy_yes or $.infection_yes or $.neuro_yes",
    "red_flag_no": "$.fracture_no and $.malignancy_no and $.infection_no and $.neuro_no",
    "indicated_yes": "$.red_flag_yes or radicular_6_weeks_yes",
    "indicated_no": "$.red_flag_no and radicular_6_weeks_no",
    "audit_yes": "imaging_done_yes and $.indicated_no",
    "audit_no": "imaging_done_no or $.indicated_yes",
}


def on_two_rails(case: Case) -> dict[str, bool | int]:
    rails = {f"{name}_yes": case[name] is True for name in PRESENT} | {
        f"{name}_no": case[name] is False for name in PRESENT
    }
    age = case["age"]
    return rails | {"age_from": 0 if age is None else age, "age_to": 120 if age is None else age}


def zen(trace: bool) -> Callable[[dict], Decision]:
    """ZEN's quickest way, one by one: a static loader compiles the rule once (create_decision is 5 times slower)."""
    from zen import ZenEngine

    rules = [{"id": key, "key": key, "value": value} for key, value in ZEN_RULE.items()]
    graph = {
        "nodes": [
            {"id": "in", "type": "inputNode", "name": "answers"},
            {"id": "rules", "type": "expressionNode", "name": "rules", "content": {"expressions": rules}},
            {"id": "out", "type": "outputNode", "name": "decision"},
        ],
        "edges": [
            {"id": "1", "sourceId": "in", "targetId": "rules"},
            {"id": "2", "sourceId": "rules", "targetId": "out"},
        ],
    }
    engine = ZenEngine({"loader": {"type": "static", "content": {"rule": graph}}})
    options = {"trace": trace}

    def decide(rails: dict) -> Decision:
        result = engine.evaluate("rule", rails, options)["result"]
        red_flag, indicated, audit = (
            True if result[f"{output}_yes"] else False if result[f"{output}_no"] else None for output in OUTPUTS
        )
        return red_flag, indicated, audit

    return decide


def cql(name: str, decisions: int, cases: Path) -> Engine:
    """The Node process of peers/cql.mjs, which keeps time itself. Installs its packages when they are missing."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not (node and npm):
        raise NotHereError("Node.js is missing: install Node.js 20 or newer, with npm, and put it on the PATH")
    if not (PEERS / "node_modules" / "cql-execution").exists():
        print("installing the Node packages into benchmarks/peers/node_modules", flush=True)
        install = subprocess.run([npm, "ci", "--no-audit", "--no-fund"], cwd=PEERS, capture_output=True, text=True)
        if install.returncode:
            raise NotHereError(f"'npm ci' failed in {PEERS}:\n{install.stderr}")
    peer = subprocess.Popen(
        [node, PEERS / "cql.mjs", cases], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )

    def run(n: int) -> tuple[float, list[Decision]]:
        print(n, file=peer.stdin, flush=True)
        reply = json.loads(peer.stdout.readline() or sys.exit(f"{name} stopped: see its message above"))
        return reply["seconds"], [tuple(decision) for decision in reply["decided"]]

    return Engine(name, decisions, run, process=peer.pid)


# The measurement.


def busy_seconds(processes: set[int]) -> tuple[float, float] | None:
    """Processor time so far: of the whole machine, and of these processes. None where there is no /proc."""
    try:
        user, nice, system, _idle, _wait, irq, softirq, steal = map(
            int, Path("/proc/stat").read_text().split("\n")[0].split()[1:9]
        )
        stats = [Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split() for process in processes]
    except OSError:
        return None
    tick = os.sysconf("SC_CLK_TCK")
    own = sum(int(stat[11]) + int(stat[12]) for stat in stats)
    return (user + nice + system + irq + softirq + steal) / tick, own / tick


def measure(engine: Engine, expected: list[Decision]) -> None:
    processes = {os.getpid(), engine.process}
    before, start = busy_seconds(processes), time.perf_counter()
    seconds, decided = engine.run(engine.decisions)
    after, elapsed = busy_seconds(processes), time.perf_counter() - start
    engine.rates.append(engine.decisions / seconds)
    if before and after:
        others = (after[0] - before[0]) - (after[1] - before[1])
        engine.others.append(max(0.0, others / elapsed / (os.cpu_count() or 1)))
    engine.equal &= decided == list(islice(cycle(expected), engine.decisions))


def engines(cases: list[Case], written: Path) -> list[Engine]:
    """Ours first: the others are compared with it. One that is not here is named, and left out."""
    pinned = json.loads((PEERS / "package.json").read_text())["dependencies"]
    rails = [on_two_rails(case) for case in cases]
    makers = [
        lambda: in_python("ruggespraak, trace", 1_000_000, ours(), cases),
        lambda: in_python("ruggespraak, trace listed", 600_000, ours(listed=True), cases),
        lambda: in_python("ruggespraak, trace and reasons", 200_000, ours(reasons=True), cases),
        lambda: in_python(f"zen-engine {version('zen-engine')}, trace", 60_000, zen(trace=True), rails),
        lambda: in_python(f"zen-engine {version('zen-engine')}, no trace", 100_000, zen(trace=False), rails),
        lambda: cql(f"cql-execution {pinned['cql-execution']}, clause results", 100_000, written),
        lambda: in_python("written by hand, no trace", 1_200_000, reference, cases),
    ]
    found = []
    for make in makers:
        try:
            found.append(make())
        except NotHereError as problem:
            print(f"not run: {problem}")
        except ImportError as problem:
            print(f"not run: {problem} (is it started with 'make bench'?)")
    return found


def report(measured: list[Engine], expected: list[Decision]) -> None:
    title = f"the reference on {CASES:,} cases"
    print(f"\n{title:36}{'true':>10}{'false':>10}{'unknown':>10}")
    for place, output in enumerate(OUTPUTS):
        counts = Counter(decision[place] for decision in expected)
        print(f"{output:36}{counts[True]:10,}{counts[False]:10,}{counts[None]:10,}")
    span = f"range of {RUNS}"
    print(f"\n{'engine':36}{'per second':>12}{span:>22}{'counts equal':>14}{'ratio':>8}{'others':>8}")
    for engine in measured:
        if not engine.equal:
            print(f"{engine.name:36}{'does not count':>34}{'NO':>14}")
            continue
        span = f"{min(engine.rates):,.0f}-{max(engine.rates):,.0f}"
        ratio = f"{median(engine.rates) / median(measured[0].rates):.2g}"
        others = f"{max(engine.others):.0%}" if engine.others else "?"
        print(f"{engine.name:36}{median(engine.rates):12,.0f}{span:>22}{'yes':>14}{ratio:>8}{others:>8}")
    print(f"\nratio: to {measured[0].name}; others: the most of the machine that other programs took during a run")
    if any(share > QUIET for engine in measured for share in engine.others):
        print(f"This machine was not quiet (others over {QUIET:.0%}): these rates may be off by a factor of two.")


def main() -> int:
    cases = random_cases()
    expected = [reference(case) for case in cases]
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "cases.jsonl"
        written.write_text("".join(json.dumps(case) + "\n" for case in cases))
        measured = engines(cases, written)
        for engine in measured:
            engine.run(engine.decisions // 4)  # warm
        for _ in range(RUNS):
            for engine in measured:
                measure(engine, expected)
    report(measured, expected)
    return 0 if all(engine.equal for engine in measured) else 1


if __name__ == "__main__":
    raise SystemExit(main())
