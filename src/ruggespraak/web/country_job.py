"""The runs of the country that wait, are being made, or are kept: one row each, whoever asked and however often.

A thread works off what waits and then ends; a page that waits sees to it that there is one. So what waited goes on
after a restart, and where several processes serve, each run is taken up by one of them.
"""

from __future__ import annotations

import json
import logging
import subprocess
import zlib
from datetime import timedelta
from threading import Lock, Thread
from typing import Any

from django.db import connections, transaction
from django.db.models import Q
from django.utils import timezone

from ruggespraak.clinic.models import CountryRun
from ruggespraak.web import apart
from ruggespraak.web.country_asked import Asked

WAITING = 10  # runs at most that wait or are being made (own choice)
KEPT = 30  # results at most, of about 200 kB each (own choice)
SECONDS = 300  # for one run: compiling, and the tables of care of three editions, take up to half a minute (measured)
LOST = timedelta(seconds=SECONDS + 60)  # who took a run up and said nothing since has ended
AGAIN = timedelta(minutes=1)  # after a failure, before it is tried anew

log = logging.getLogger(__name__)
_working = Lock()


class FullError(RuntimeError):
    """More runs wait than may."""


# What is asked for


def known(asked: Asked) -> CountryRun | None:
    """Its row, or None where it was not asked for yet, or failed a while ago."""
    row = CountryRun.objects.filter(pk=asked.key).first()
    return None if row and failed(row) and row.ended < timezone.now() - AGAIN else row


def failed(row: CountryRun) -> bool:
    """Whether it ended without a result."""
    return bool(row.ended) and not row.result


def ask(asked: Asked) -> CountryRun:
    """Puts it at the end of what waits, unless it is there already. Raises FullError."""
    with transaction.atomic():
        if CountryRun.objects.filter(ended=None).count() >= WAITING:
            raise FullError
        CountryRun.objects.filter(pk=asked.key, result=b"", ended__lt=timezone.now() - AGAIN).delete()
        row, _new = CountryRun.objects.get_or_create(pk=asked.key, defaults={"asks": asked.json})
    return row


def result(row: CountryRun) -> dict[str, Any]:
    """What ``country_made.made`` gave."""
    found: dict[str, Any] = json.loads(zlib.decompress(row.result))
    return found


# Working it off


def work() -> None:
    """Sees to it that this process works on what waits."""
    if _working.acquire(blocking=False):
        Thread(target=_and_end, daemon=True).start()


def _and_end() -> None:
    try:
        work_off()
    finally:
        connections.close_all()  # of this thread
        _working.release()


def work_off() -> None:
    """Makes all runs that wait, one after the other."""
    while row := taken():
        _finish(row)


def taken() -> CountryRun | None:
    """The run that waits longest, taken up by nobody else."""
    now = timezone.now()
    free = CountryRun.objects.filter(Q(began=None) | Q(began__lt=now - LOST), ended=None)
    return next((row for row in free.order_by("asked") if free.filter(pk=row.pk).update(began=now)), None)


def _finish(row: CountryRun) -> None:
    """Makes it, and keeps the result; the oldest one goes where there are too many."""
    found = b""
    try:
        found = zlib.compress(computed(row.asks).encode())
    except (OSError, subprocess.SubprocessError):
        log.exception("a run of the country failed")
    CountryRun.objects.filter(pk=row.pk).update(ended=timezone.now(), result=found)
    kept = CountryRun.objects.exclude(ended=None).order_by("-ended").values_list("pk", flat=True)
    CountryRun.objects.filter(pk__in=list(kept[KEPT:])).delete()


def computed(asks: str) -> str:
    """The result as JSON, of a process of its own. Raises OSError and subprocess.SubprocessError."""
    return apart.computed("country_made", asks, SECONDS)
