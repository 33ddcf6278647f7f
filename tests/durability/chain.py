"""Four processes that write in one access log at the same time: the chain does not fork. How fast that goes."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

from check_ins import Person, application, hang_up, people
from postgresql import filled, server

WRITERS = 4


def chain(rows: int) -> dict:
    """So many rows of each of four writers, on both databases: rows a second, and what is wrong."""
    with tempfile.TemporaryDirectory(prefix="ruggespraak-") as name:
        folder = Path(name)
        with server(folder / "postgresql") as at:
            found = {"PostgreSQL": _written(filled(at, folder), rows)}
        application(folder)
        found["SQLite"] = _written(people(WRITERS), rows)
    return found


def _written(someone: list[Person], rows: int) -> dict:
    """Each writes about her own patient, in a process of its own."""
    from ruggespraak.clinic import log

    before = log.verify().rows
    hang_up()
    begin = time.perf_counter()
    writers = [_writer(one, rows) for one in someone]
    failed = sum(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) != 0 for pid in writers)
    seconds = time.perf_counter() - begin
    try:
        faults, whole = [], log.verify().rows - before
    except log.BrokenLogError as error:
        faults, whole = [str(error)], 0
    each = {log.LogRow.objects.filter(patient=_patient(one).pk, page="chain").count() for one in someone}
    return {
        "writers": len(someone),
        "writers that failed": failed,
        "rows": whole,
        "rows missing": rows * len(someone) - whole,
        "faults": faults + ([] if each == {rows} else ["a writer's rows are not all there"]),
        "rows a second": round(whole / seconds),
    }


def _writer(person: Person, rows: int) -> int:
    if pid := os.fork():
        return pid
    try:
        from ruggespraak.clinic import log

        patient = _patient(person)
        for _ in range(rows):
            log.note(log.What.READ, log.Actor("patient"), "chain", [patient])
        os._exit(0)
    finally:
        os._exit(1)


def _patient(person: Person):
    from ruggespraak.clinic.models import Episode

    return Episode.objects.select_related("patient").get(pk=person.episode).patient
