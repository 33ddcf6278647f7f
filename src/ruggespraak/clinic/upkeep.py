"""Whether the tables are of this version, and what is done each day without anybody asking.

That a day's work was done is a row of the access log, so it is done once however often the site starts anew. Work that
is done twice all the same does nothing the second time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache
from time import sleep

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from ruggespraak.clinic import jobs, log, retention
from ruggespraak.clinic.database import empty_journal
from ruggespraak.clinic.log import SYSTEM, What
from ruggespraak.clinic.models import LogRow

FROM = 7  # o'clock: nobody gets a mail at night (own choice)
DAY = "day"
TRIES = 10  # a second apart: somebody reads now and then, and hardly ever all the time


# The tables


@cache
def _ours() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)


def applied(alias: str = DEFAULT_DB_ALIAS) -> list[str]:
    """The migrations of this software's apps that made these tables; none where there are no tables."""
    apps = {app for app, _name in _ours()}
    done = MigrationRecorder(connections[alias]).applied_migrations()
    return sorted(f"{app}.{name}" for app, name in done if app in apps)


def missing(alias: str = DEFAULT_DB_ALIAS) -> list[str]:
    """The migrations that these tables still lack."""
    return sorted({f"{app}.{name}" for app, name in _ours()} - set(applied(alias)))


def newer(alias: str = DEFAULT_DB_ALIAS) -> list[str]:
    """The migrations of a newer version than this one."""
    return sorted(set(applied(alias)) - {f"{app}.{name}" for app, name in _ours()})


# Every day


def due(now: datetime) -> bool:
    """Whether the work of this day is still to be done. ``now``: local time."""
    rows = LogRow.objects.filter(event=str(What.OPERATOR), page=DAY).order_by("-number")
    last = rows.values_list("at", flat=True).first()
    return now.hour >= FROM and (last is None or timezone.localtime(last).date() < now.date())


def done() -> None:
    """The work of this day was done."""
    log.note(What.OPERATOR, SYSTEM, DAY)


def journal() -> None:
    """What was destroyed while somebody read is in SQLite's journal until this went well. Raises RuntimeError."""
    for _try in range(TRIES):
        if empty_journal():
            return
        sleep(1)
    raise RuntimeError(f"the journal of the database was in use for {TRIES} seconds")


def _rows_of_the_log(_today: date) -> int:
    return log.forget()


OLD: Mapping[str, Callable[[date], int]] = {
    "old rows of the access log": _rows_of_the_log,
    "old records": retention.forget_records,
    "accounts that were never used": retention.forget_unused,
}
"""Deletes what is older than it may be kept; each says how much."""
DAILY: Mapping[str, Callable[[date], int]] = {"reminders": jobs.remind, "silences": jobs.note_silences, **OLD}
