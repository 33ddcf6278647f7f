"""A hundred orders a second: how long a care giver waits for advice on one (CDS Hooks, ``order-select``).

``python benchmarks/cds.py`` starts ``rug serve`` with one other system on its list, and ``hello.py``. That system sends
orders for an MRI of the spine, each of another patient with all that the service asks for beforehand: the patient, 20
problems, 120 Observations, the questionnaire of one consult (some 60 answers), and medicines. Each call has a token of
its own (JWT, ES384), and a connection. Before any load each order is asked alone, and what is said of it held against
``decide``; under load every answer must be the one that was given alone.

- *At a rate*: calls come at fixed moments, 100 a second, whether the last one was answered or not. A wait is counted
  from the moment at which a call should come, so that who is slow cannot hide it. In turns with a bare Django 'hello',
  which gets the same calls and reads nothing of them.
- *At once*: all calls in the same moment.
- *At most*: 16 callers, each of whom asks again as soon as there is an answer.
- *Memory*: what the process that serves holds before and after the last of these.

Promised: at 100 a second 95 % within 100 ms, and within three times what 95 % of the hellos take; of 1,000 at once none
wrong, lost or answered by a 5xx; no memory growth. What is missed is said, and the exit status is 1.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import secrets
import sqlite3
import subprocess
import sys
import tempfile
import time
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, generate_private_key
from load import HERE, Wait, figures, free_port, serving

sys.path.insert(0, str(HERE.parent / "tests"))

from patients import person
from ruggespraak.consult import Case, decide
from ruggespraak.fhir.names import Resource
from ruggespraak.fhir.write.consult import observations, questionnaire_response
from ruggespraak.fhir.write.resource import About
from ruggespraak.pathway.codes.addresses import SYSTEMS
from ruggespraak.pathway.rules import Urgency, Use
from screens import walk

SERVICE = "/cds-services/ruggespraak-order-select"
ISS = "https://ehr.example/"
RATE = 100.0  # calls a second
CALLERS = 16
ROUNDS = 2  # the site and hello in turns: what else the machine does then falls on both
WARM_UP = 200  # calls
BATCH = 2_000  # calls that are signed beforehand: a token counts for a few minutes
SLOWEST, TIMES_HELLO, GROWTH = 100.0, 3.0, 20.0  # milliseconds, ratio and MB: what is promised
OBSERVATIONS = 120
SEED = 20260115
PROBLEMS = ("K86", "T93", "R96", "P76", "D84", "S88", "H71", "F92", "L91", "U71")  # beside the back: other things
MRI = ("SNOMED-CT", "241645008")

# Patients and their orders


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order for this patient, as the other system sends it; ``alone``: the answer that it gets when asked alone."""

    id: str
    case: Case
    body: bytes
    alone: Any = None


def today() -> date:
    return datetime.now(ZoneInfo("Europe/Amsterdam")).date()


def orders(count: int) -> list[Order]:
    """Consistent people who went through a consult, with most of what there is to know; one in four is hardly known."""
    pick = Random(SEED)
    return [_order(number, pick) for number in range(count)]


def _order(number: int, pick: Random) -> Order:
    truth = person(pick)
    if number % 4:
        asked = walk(truth, "clinician").case.answers
        seen = pick.sample(sorted(truth), OBSERVATIONS)
    else:
        asked, seen = {}, pick.sample(sorted(truth), OBSERVATIONS // 4)
    observed = {id: truth[id] for id in (*seen, "low_back_pain")}
    id, patient = f"order-{number}", f"patient-{number}"
    call = {
        "hook": "order-select",
        "hookInstance": str(UUID(int=pick.getrandbits(128), version=4)),
        "context": {
            "userId": "Practitioner/1",
            "patientId": patient,
            "selections": [f"ServiceRequest/{id}"],
            "draftOrders": bundle("collection", [mri(id, patient)]),
        },
        "prefetch": prefetch(Case(on=today(), answers=observed), Case(on=today(), answers=asked), patient),
    }
    return Order(id=id, case=Case(on=today(), answers={**asked, **observed}), body=json.dumps(call).encode())


def mri(id: str, patient: str) -> Resource:
    system, code = MRI
    return {
        "resourceType": "ServiceRequest",
        "id": id,
        "status": "draft",
        "intent": "proposal",
        "code": {"coding": [{"system": SYSTEMS[system], "code": code}]},
        "subject": {"reference": f"Patient/{patient}"},
    }


def prefetch(observed: Case, asked: Case, patient: str) -> dict[str, Resource]:
    """Everything that the service asks for beforehand."""
    about = About(patient=f"Patient/{patient}", key="benchmark")
    return {
        "patient": {"resourceType": "Patient", "id": patient, "name": [{"family": "Test", "given": [patient]}]},
        "conditions": bundle("searchset", [problem(number, patient) for number in range(20)]),
        "observations": bundle("searchset", observations(observed, about)),
        "answers": bundle("searchset", [questionnaire_response(asked, about)] if asked.answers else []),
        "procedures": bundle("searchset", []),
        "medications": bundle("searchset", [medicine(number, patient) for number in range(5)]),
        "prescriptions": bundle("searchset", []),
    }


def bundle(kind: str, resources: Sequence[Resource]) -> Resource:
    entries = [
        {"fullUrl": f"https://ehr.example/fhir/{one['resourceType']}/{one['id']}", "resource": one} for one in resources
    ]
    return {"resourceType": "Bundle", "type": kind, **({"entry": entries} if entries else {})}


def problem(number: int, patient: str) -> Resource:
    """The back, and other things that people have."""
    code = PROBLEMS[number % len(PROBLEMS)] if number else "L03"
    return {
        "resourceType": "Condition",
        "id": f"{patient}-problem-{number}",
        "clinicalStatus": {"coding": [{"system": CLINICAL, "code": "active"}]},
        "code": {"coding": [{"system": SYSTEMS["ICPC-1-NL"], "code": code}]},
        "subject": {"reference": f"Patient/{patient}"},
        "recordedDate": str(today()),
    }


CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"


def medicine(number: int, patient: str) -> Resource:
    return {
        "resourceType": "MedicationStatement",
        "id": f"{patient}-medicine-{number}",
        "status": "active",
        "medicationCodeableConcept": {"coding": [{"system": SYSTEMS["ATC"], "code": f"C09AA0{number + 1}"}]},
        "subject": {"reference": f"Patient/{patient}"},
        "dateAsserted": str(today()),
    }


# The other system


class Caller:
    """The system that asks: it signs each call."""

    def __init__(self) -> None:
        self.key = generate_private_key(SECP384R1())

    def keys(self) -> dict[str, list[Any]]:
        """Its public keys."""
        public = jwt.algorithms.ECAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {"keys": [{**public, "kid": "1", "alg": "ES384", "use": "sig"}]}

    def call(self, port: int, order: Order) -> bytes:
        """The whole request for the site at this port, with a token of its own."""
        address, now = f"http://127.0.0.1:{port}{SERVICE}", int(time.time())
        said = {"iss": ISS, "aud": address, "iat": now, "exp": now + 300, "jti": str(uuid4())}
        token = jwt.encode(said, self.key, "ES384", {"kid": "1", "typ": "JWT"})
        lines = (
            f"POST {SERVICE} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Connection: close",
            "Content-Type: application/json", f"Authorization: Bearer {token}", f"Content-Length: {len(order.body)}",
        )  # fmt: skip
        return "\r\n".join((*lines, "", "")).encode() + order.body


def to_hello(request: bytes) -> bytes:
    """The same call, to the one address that hello has."""
    return request.replace(SERVICE.encode(), b"/", 1)


@contextmanager
def site(folder: Path, caller: Caller) -> Iterator[int]:
    """The website for a practice that exchanges with this system: its port."""
    port = free_port()
    env = {
        "RUG_SECRET_KEY": secrets.token_urlsafe(48),
        "RUG_MASTER_KEY": urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "RUG_DATABASE": str(folder / "site.sqlite3"),
        "RUG_SITE": f"http://127.0.0.1:{port}",
        "RUG_ANSWERS_A_MINUTE": "0",  # all come from one address here
        "RUG_EXCHANGE": str(folder / "exchange.toml"),
    }
    (folder / "exchange.toml").write_text("")
    rug = [sys.executable, "-m", "ruggespraak.cli"]
    for command in (("upgrade",), ("practice", "Load", "--profession", "gp", "--manager", "load@example.org")):
        subprocess.run([*rug, "admin", *command], env={**os.environ, **env}, check=True, capture_output=True)
    with sqlite3.connect(env["RUG_DATABASE"]) as raw:
        ((practice,),) = raw.execute("SELECT id FROM clinic_practice")
    (folder / "keys.json").write_text(json.dumps(caller.keys()))
    listed = {"iss": ISS, "keys": "keys.json", "practice": str(UUID(str(practice)))}
    lines = [f"{name} = {json.dumps(value)}" for name, value in listed.items()]
    (folder / "exchange.toml").write_text("\n".join(["[[client]]", *lines, ""]))
    with serving("-m", "ruggespraak.cli", "serve", "--address", f"127.0.0.1:{port}", port=port, **env):
        yield port


# Calls


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and how long it took. ``status``: 0 where nothing did."""

    status: int
    body: bytes
    ms: float


async def _ask(port: int, request: bytes, since: float | None = None) -> Answer:
    since = time.perf_counter() if since is None else since
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request)
        came = await asyncio.wait_for(reader.read(), 60)
        writer.close()
        head, _, body = came.partition(b"\r\n\r\n")
        status = int(head[9:12])
    except (OSError, ValueError, TimeoutError):
        status, body = 0, b""
    return Answer(status, body, 1000 * (time.perf_counter() - since))


async def _at_rate(port: int, requests: Sequence[bytes], a_second: float) -> list[Answer]:
    begin, asked = time.perf_counter() + 0.1, []
    for number, request in enumerate(requests):
        due = begin + number / a_second
        await asyncio.sleep(due - time.perf_counter())
        asked.append(asyncio.create_task(_ask(port, request, due)))
    return await asyncio.gather(*asked)


async def _in_turn(port: int, requests: Sequence[bytes], callers: int) -> list[Answer]:
    waiting, found = iter(enumerate(requests)), {}

    async def caller() -> None:
        for number, request in waiting:
            found[number] = await _ask(port, request)

    await asyncio.gather(*(caller() for _ in range(callers)))
    return [found[number] for number in range(len(requests))]


async def _at_once(port: int, requests: Sequence[bytes]) -> list[Answer]:
    return await asyncio.gather(*(_ask(port, request) for request in requests))


def run(calls: Any) -> list[Answer]:
    """All of them; this process cleans up afterwards, not in between."""
    gc.collect()
    gc.disable()
    try:
        return asyncio.run(calls)
    finally:
        gc.enable()


# What is right


def advice(answer: Answer) -> Any:
    """The cards, without the names that are new in each answer."""
    return _nameless(json.loads(answer.body)["cards"])


def _nameless(found: Any) -> Any:
    if isinstance(found, list):
        return [_nameless(one) for one in found]
    if isinstance(found, dict):
        return {key: _nameless(value) for key, value in found.items() if key != "uuid"}
    return found


def asked_alone(caller: Caller, port: int, these: Sequence[Order]) -> list[Order]:
    """Each with the answer that it gets when nobody else asks. Ends here where that is not what ``decide`` says."""
    answers = run(_in_turn(port, [caller.call(port, one) for one in these], 1))
    found = []
    for order, answer in zip(these, answers, strict=True):
        if answer.status != 200:
            sys.exit(f"{order.id}: {answer.status} {answer.body[:300]!r}")
        cards = advice(answer)
        if deleted(cards) != expected(order):
            sys.exit(f"{order.id}: deletes {deleted(cards)}, expected {expected(order)}")
        found.append(replace(order, alone=cards))
    return found


def deleted(cards: Any) -> set[str]:
    """The orders of which it is suggested to delete them, with nothing in their place."""
    suggested = [one["actions"] for card in cards for one in card.get("suggestions", ())]
    return {one["resourceId"] for (one, *more) in suggested if one["type"] == "delete" and not more}


def expected(order: Order) -> set[str]:
    """The same, by the contract: needless on what is known, and whatever else may still come; an alarm goes first."""
    found = decide(order.case)
    needless = found.imaging is Use.NOT_USEFUL and found.imaging_not_excluded is Use.NOT_USEFUL
    return {f"ServiceRequest/{order.id}"} if needless and found.urgency < Urgency.WITHIN_DAYS else set()


def counted(these: Sequence[Order], answers: Sequence[Answer]) -> dict[str, int]:
    """How often which status, and how many answers are not the one that was given alone."""
    statuses = Counter(one.status for one in answers)
    wrong = [
        order.id
        for order, answer in zip(these, answers, strict=True)
        if answer.status == 200 and advice(answer) != order.alone
    ]
    return {
        "calls": len(answers),
        "right": statuses[200] - len(wrong),
        "wrong": len(wrong),
        "no room (503)": statuses[503],
        "lost": statuses[0],
        "other": sum(count for status, count in statuses.items() if status not in (0, 200, 503)),
    }


# Figures


def waits(answers: Sequence[Answer]) -> dict[str, float]:
    return figures([Wait("", one.ms, "" if one.status == 200 else str(one.status)) for one in answers])


def resident(process: int) -> float:
    """Megabytes that a process holds."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def worker() -> int:
    """The process that answers on the site: gunicorn's worker, the child of the one that was started here."""
    (server,) = (
        one for one in children(os.getpid()) if b"serve" in Path(f"/proc/{one}/cmdline").read_bytes().split(b"\0")
    )
    (found,) = children(server)
    return found


def children(process: int) -> list[int]:
    """The processes that this one started."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it ended just now
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    return [one for one, parent in parents.items() if parent == process]


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Who asks what of the site, and where hello is."""

    caller: Caller
    orders: Sequence[Order]
    port: int
    hello: int

    def calls(self, count: int) -> tuple[list[Order], list[bytes]]:
        """So many, each order in its turn."""
        these = [self.orders[number % len(self.orders)] for number in range(count)]
        return these, [self.caller.call(self.port, one) for one in these]

    def at_a_rate(self, seconds: float) -> dict:
        """So many a second on the site and on hello, in turns."""
        run(_in_turn(self.hello, [to_hello(one) for one in self.calls(WARM_UP)[1]], CALLERS))
        asked, advised, greeted = [], [], []
        for _ in range(ROUNDS):
            these, requests = self.calls(round(RATE * seconds / ROUNDS))
            asked += these
            advised += run(_at_rate(self.port, requests, RATE))
            greeted += run(_at_rate(self.hello, [to_hello(one) for one in requests], RATE))
        found, plain = waits(advised), waits(greeted)
        return {
            "at a rate": {"a second": RATE, "seconds": seconds, **counted(asked, advised), **found},
            "hello": plain,
            "times hello": {part: round(found[f"{part}, ms"] / plain[f"{part}, ms"], 1) for part in ("p50", "p95")},
        }

    def at_once(self, count: int) -> dict:
        """All in the same moment."""
        these, requests = self.calls(count)
        answers = run(_at_once(self.port, requests))
        last = max(one.ms for one in answers) / 1000
        return {"at once": {**counted(these, answers), "last answer, s": round(last, 2)}}

    def at_most(self, count: int) -> dict:
        """As fast as they come; what the process holds before and after it."""
        before, total, took = resident(worker()), Counter[str](), 0.0
        while total["calls"] < count:
            these, requests = self.calls(min(BATCH, count - total["calls"]))
            start = time.perf_counter()
            answers = run(_in_turn(self.port, requests, CALLERS))
            took += time.perf_counter() - start
            total.update(counted(these, answers))
        return {
            "at most": {**total, "a second": round(count / took)},
            "memory, MB": {"before": round(before, 1), "after": round(resident(worker()), 1)},
        }


def measure(patients: int, seconds: float, at_once: int, calls: int) -> dict:
    """All figures."""
    caller, these = Caller(), orders(patients)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        port, hello = stack.enter_context(site(folder, caller)), free_port()
        stack.enter_context(serving(str(HERE / "hello.py"), str(hello), port=hello))
        load = Load(caller=caller, orders=asked_alone(caller, port, these), port=port, hello=hello)
        return {
            "request, kB": round(sum(len(one.body) for one in these) / len(these) / 1000),
            **load.at_a_rate(seconds),
            **load.at_once(at_once),
            **load.at_most(calls),
            "load average": [round(one, 1) for one in os.getloadavg()],
        }


def missed(found: dict) -> list[str]:
    """The promises that were not kept."""
    parts = {name: found[name] for name in ("at a rate", "at once", "at most")}
    slow, times = found["at a rate"]["p95, ms"], found["times hello"]["p95"]
    grown = found["memory, MB"]["after"] - found["memory, MB"]["before"]
    bad = {name: {key: one[key] for key in ("wrong", "lost", "other") if one[key]} for name, one in parts.items()}
    return [
        says
        for broken, says in (
            (any(bad.values()), f"answers that are wrong, lost or faults: {bad}"),
            (found["at a rate"]["errors"] > 0, f"{found['at a rate']['errors']} calls at the rate were not answered"),
            (slow >= SLOWEST, f"95 % of the advice within {slow:.0f} ms, promised {SLOWEST:.0f}"),
            (times > TIMES_HELLO, f"{times:.1f} times hello, promised {TIMES_HELLO:.0f}"),
            (grown > GROWTH, f"memory grew by {grown:.0f} MB, promised {GROWTH:.0f} at most"),
        )
        if broken
    ]


def main() -> None:
    """Prints the figures; exits 1 when a promise is missed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--patients", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60.0, help="at the rate, on each of the two")
    parser.add_argument("--at-once", type=int, default=1_000)
    parser.add_argument("--calls", type=int, default=20_000, help="one after the other, for the memory")
    parser.add_argument("--json", action="store_true", help="the figures as JSON")
    asked = parser.parse_args()
    found = measure(asked.patients, asked.seconds, asked.at_once, asked.calls)
    print(json.dumps(found, indent=2) if asked.json else "\n".join(f"{name}: {says}" for name, says in found.items()))
    for line in missed(found):
        print(f"missed: {line}", file=sys.stderr)
    sys.exit(bool(missed(found)))


if __name__ == "__main__":
    main()
