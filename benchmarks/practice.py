"""A practice of 100,000 patients with a million measurements: how long its worklist and a check-in take.

``python benchmarks/practice.py`` starts a PostgreSQL server of its own and fills it. 500 courses are made by the real
``course``; each patient has one of them, sealed with her own key, and where she stands is what the record would have
written. All are patients of one practice, for that is the hardest. Nothing that is measured reads an old decision, so
those are not there.

Then, for ``--seconds``: patients check in at random moments, 20 a second, each from her own link, with two scores; they
come whether the last one was served or not. Meanwhile somebody looks at a page of the worklist, 2 a second, and reads
50 names. A wait is from the moment that somebody comes until everything is written, or read, the rows of the access
log included.

Promised: the worklist within 300 ms for 95 %, a check-in within 300 ms for 99 %, no error, and every check-in is in the
record afterwards. What is missed is said, and the exit status is 1. Other programs lengthen these waits: the load
average stands beside them.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random

from load import Wait, figures

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
os.environ["RUG_TEST_DATABASE"] = "postgresql"

import database

database.prepared()

from django.db import close_old_connections, connection, transaction  # noqa: E402

from ruggespraak import course  # noqa: E402
from ruggespraak.clinic import log, record, sharing  # noqa: E402
from ruggespraak.clinic.demonstration import BACK, ROOT  # noqa: E402
from ruggespraak.clinic.facts import NAMES, content_of  # noqa: E402
from ruggespraak.clinic.log import Actor, What  # noqa: E402
from ruggespraak.clinic.models import Episode, Fact, Patient, Practice  # noqa: E402
from ruggespraak.clinic.sealing import new_key  # noqa: E402
from ruggespraak.clinic.worklist import worklist  # noqa: E402
from ruggespraak.course import Answers, Event, HandOver, Recovery  # noqa: E402
from ruggespraak.pathway.editions import DEFAULT  # noqa: E402

SEED = 20260115
TODAY = date(2026, 3, 2)
COURSES = 500
CHECK_INS, LOOKS = 20.0, 2.0  # a second
SHOWN = 50  # patients on a page of the worklist
SLOWEST = 300.0  # milliseconds
THREADS = 8
RECOVERED, HANDED_OVER, NUMB = 0.3, 0.02, 0.01  # how a course ends: own choices


# Filling


def courses(measurements: int) -> list[tuple[list[Event], Episode]]:
    """Real courses of so many check-ins each, and where somebody with that course stands now."""
    pick = Random(SEED)
    found = []
    for _ in range(COURSES):
        first = TODAY - timedelta(days=7 * measurements + pick.randint(0, 6))
        now = course.open_episode("", first, DEFAULT)
        for event in _events(pick, first, measurements):
            now = course.step(now, event)
        row = Episode(opened=first, facts_so_far=len(now.events))
        record._stand(row, now)
        found.append((list(now.events), row))
    return found


def _events(pick: Random, first: date, measurements: int) -> Iterator[Event]:
    pain, a_week = pick.randint(4, 8), pick.choice((-0.6, -0.4, -0.2, 0.0, 0.1))
    for week in range(measurements):
        now = max(0, min(10, round(pain + a_week * week)))
        told = {"pain_back_nrs": now, "activity_score": 10 - now}
        if not week:
            told |= pick.choice((BACK, BACK, ROOT)) | {"age_years": pick.randint(18, 80), "duration_days": 4}
        yield Answers(first + timedelta(days=7 * week), told)
    end, chance = first + timedelta(days=7 * measurements - 1), pick.random()
    if chance < RECOVERED:
        yield Recovery(end)
    elif chance < RECOVERED + HANDED_OVER:
        yield HandOver(end, "neurologist")
    elif chance < RECOVERED + HANDED_OVER + NUMB:
        yield Answers(end, {"saddle_numbness": True})


def fill(patients: int, measurements: int) -> Practice:
    """One practice with so many patients, who have so many measurements together."""
    practice = Practice.objects.create(name="Load", profession="gp")
    made = courses(max(1, measurements // patients))
    for start in range(0, patients, 2000):
        _copy(
            [
                (_patient(practice, number), *made[number % COURSES])
                for number in range(start, min(start + 2000, patients))
            ]
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return practice


def _patient(practice: Practice, number: int) -> Patient:
    patient = Patient(practice=practice, since=TODAY)
    patient.key = new_key(str(patient.id))
    patient.identity = patient.seal("identity", {"name": f"Test {number}", "born": 1980, "email": "", "lang": "nl"})
    return patient


def _copy(people: list[tuple[Patient, list[Event], Episode]]) -> None:
    """These patients, each with her own copy of a course, sealed with her own key."""
    rows = []
    for patient, events, stands in people:
        now = {field: getattr(stands, field) for field in STANDS}
        rows.append((patient, events, Episode(patient=patient, practice=patient.practice, **now)))
    Patient.objects.bulk_create([patient for patient, _events, _episode in rows])
    Episode.objects.bulk_create([episode for _patient, _events, episode in rows])
    at = datetime.now(UTC)
    columns = 'episode_id, number, "on", at, by, name, content'
    with connection.cursor() as cursor, cursor.copy(f"COPY clinic_fact ({columns}) FROM STDIN") as facts:
        for patient, events, episode in rows:
            for number, event in enumerate(events, start=1):
                content = patient.seal(f"fact {number}", content_of(event))
                facts.write_row((episode.pk, number, event.on, at, "patient", NAMES[type(event)], content))


STANDS = (
    "opened", "facts_so_far", "status", "concern", "alarm_open", "verdict", "next_contact", "why", "missed",
)  # fmt: skip


# What people do


def check_in(token: str, pick: Random) -> None:
    """Two scores from the page behind a link; the access log has that the record was read, and that it was written."""
    pain = pick.randint(0, 10)
    event = Answers(TODAY, {"pain_back_nrs": pain, "activity_score": 10 - pain})
    episode, me = sharing.episode_of(token), Actor("patient")
    log.note(What.READ, me, "check_in", [episode.patient])
    with transaction.atomic():
        record.add(episode, event, "patient")
        log.note(What.WRITE, me, "check_in", [episode.patient])


def look(practice: Practice, pick: Random) -> None:
    """One of the first pages of the worklist, with the names."""
    rows, _count = worklist(practice, TODAY, SHOWN * pick.choice((0, 0, 0, 1, 2, 5)), SHOWN)
    names = [row.episode.patient.who["name"] for row in rows]
    assert len(names) == len(rows)
    log.note(What.READ, Actor("gp", practice=practice.pk), "worklist", [row.episode.patient for row in rows])


def arrivals(a_second: float, seconds: float, pick: Random) -> Iterator[float]:
    """Moments at which somebody comes, at random."""
    at = pick.expovariate(a_second)
    while at < seconds:
        yield at
        at += pick.expovariate(a_second)


def busy(practice: Practice, seconds: float, pick: Random) -> list[Wait]:
    """Everybody who came, and how long it took them."""
    ids = Episode.objects.filter(practice=practice, status="open").values_list("pk", flat=True)
    moments = list(arrivals(CHECK_INS, seconds, pick))
    chosen = pick.sample(sorted(ids), len(moments))
    comes: list[tuple[float, str, Callable[[], None]]] = [
        (at, "check-in", partial(check_in, sharing.link_of(Episode(pk=id)), pick))
        for at, id in zip(moments, chosen, strict=True)
    ]
    comes += [(at, "worklist", partial(look, practice, pick)) for at in arrivals(LOOKS, seconds, pick)]
    begin = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as people:
        waits = []
        for at, kind, does in sorted(comes, key=lambda one: one[0]):
            time.sleep(max(0.0, begin + at - time.perf_counter()))
            waits.append(people.submit(_wait, kind, begin + at, does))
    return [wait.result() for wait in waits]


def _wait(kind: str, since: float, does: Callable[[], None]) -> Wait:
    fault = ""
    try:
        does()
    except Exception as error:
        fault = repr(error)
    finally:
        close_old_connections()  # as at the end of a request
    return Wait(kind, 1000 * (time.perf_counter() - since), fault)


# Figures


def measure(patients: int, measurements: int, seconds: float) -> dict:
    """All figures."""
    start, pick = time.perf_counter(), Random(SEED)
    practice = fill(patients, measurements)
    filled, before = time.perf_counter() - start, Fact.objects.count()
    busy(practice, 3.0, pick)  # warm
    written, load, own, begin = Fact.objects.count(), os.getloadavg(), time.process_time(), time.perf_counter()
    waits = busy(practice, seconds, pick)
    own = (time.process_time() - own) / (time.perf_counter() - begin)
    check_ins = [one for one in waits if one.kind == "check-in"]
    return {
        "patients": patients,
        "facts": before,
        "on the worklist": worklist(practice, TODAY)[1],
        "seconds": seconds,
        "worklist": figures([one for one in waits if one.kind == "worklist"]),
        "check-ins": figures(check_ins),
        "check-ins lost": len(check_ins) - (Fact.objects.count() - written),
        "rows of the access log": log.verify().rows,
        "faults": sorted({one.fault for one in waits if one.fault})[:10],
        "seconds to fill": round(filled),
        "Python, share of a core": round(own, 2),
        "load average": [round(one, 1) for one in (load[0], os.getloadavg()[0])],
    }


def missed(found: dict) -> list[str]:
    """The promises that were not kept."""
    look, check_in = found["worklist"]["p95, ms"], found["check-ins"]["p99, ms"]
    return [
        says
        for broken, says in (
            (look >= SLOWEST, f"95 % of the worklists within {look:.0f} ms, promised {SLOWEST:.0f}"),
            (check_in >= SLOWEST, f"99 % of the check-ins within {check_in:.0f} ms, promised {SLOWEST:.0f}"),
            (bool(found["faults"]), f"faults: {found['faults']}"),
            (found["check-ins lost"] != 0, f"{found['check-ins lost']} check-ins are not in the record"),
        )
        if broken
    ]


def main() -> None:
    """Prints the figures; exits 1 when a promise is missed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--patients", type=int, default=100_000)
    parser.add_argument("--measurements", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--json", action="store_true", help="the figures as JSON")
    asked = parser.parse_args()
    found = measure(asked.patients, asked.measurements, asked.seconds)
    print(json.dumps(found, indent=2) if asked.json else "\n".join(f"{name}: {says}" for name, says in found.items()))
    for line in missed(found):
        print(f"missed: {line}", file=sys.stderr)
    sys.exit(bool(missed(found)))


if __name__ == "__main__":
    main()
