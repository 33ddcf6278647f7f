"""What the site does beside serving pages: sessions that ended are deleted, and the work of each day is done."""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import monotonic, perf_counter, sleep
from typing import Any

EVERY = 60  # seconds between two sweeps
HOUR = 3600  # seconds between two tries of what did not go well
log = logging.getLogger(__name__)


def keep_house() -> None:
    """For as long as the site runs. What fails is said, and tried again."""
    from django.conf import settings
    from django.db import close_old_connections
    from django.utils import timezone

    from ruggespraak.clinic import jobs, upkeep
    from ruggespraak.web.sessions import SessionStore

    hour = monotonic()
    if not settings.DEMO:
        _job("head of the log", _say_head)
    while True:
        _job("sessions that ended", SessionStore.clear_expired)
        _job("journal", upkeep.journal)
        if not settings.DEMO and monotonic() >= hour:
            hour = monotonic() + HOUR
            _job("reminders that waited", jobs.send_again)
            _job("day", day, timezone.localtime())
        close_old_connections()
        sleep(EVERY)


def day(now: Any) -> None:
    """The work of this day, if it was not done yet."""
    from ruggespraak.clinic import upkeep

    if not upkeep.due(now):
        return
    went_well = [_job(name, does, now.date()) for name, does in upkeep.DAILY.items()]
    if all(went_well):
        upkeep.done()
    _say_head()


def _say_head() -> None:
    """Where the access log ends: kept elsewhere, this line shows that nothing was cut off afterwards."""
    from ruggespraak.clinic.models import LogHead

    head = LogHead.objects.get(pk=1)
    log.info("the access log ends here", extra={"number": head.number, "hash": bytes(head.hash).hex()})


def _job(name: str, does: Callable[..., Any], *given: Any) -> bool:
    """Whether it went well. A fault of one job ends no other one."""
    from ruggespraak.web.observed import span

    began = perf_counter()
    try:
        with span(f"job {name}"):
            count = does(*given)
    except Exception:
        log.exception("a job failed; it is tried again", extra={"job": name})
        return False
    if count is not None:
        ms = round((perf_counter() - began) * 1000)
        log.info("a job was done", extra={"job": name, "count": count, "ms": ms})
    return True
