"""The figures of practices that are being made, or are kept for a while: in the memory of this one process.

They are not stored: they would outlive a patient who is erased. One is made at a time, by a process of its own, for it
may take some seconds and its libraries are large.
"""

from __future__ import annotations

import json
import logging
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from importlib.util import find_spec
from threading import Lock
from typing import Any
from uuid import UUID

from django.db import connections
from django.utils import timezone

from ruggespraak.clinic.audited import ABSENT, stored
from ruggespraak.clinic.models import Practice
from ruggespraak.web import apart

NEEDED = ("duckdb", "ibis", "matplotlib", "pyarrow")  # of the extra
KEPT = timedelta(hours=1)  # own choice
SECONDS = 300  # for one practice

log = logging.getLogger(__name__)
_asked: dict[UUID, Future[Made]] = {}
_lock = Lock()
_one_at_a_time = ThreadPoolExecutor(1, "audit")


@dataclass(frozen=True, slots=True)
class Made:
    """What was found (``practice_audit_made.made``), when, and how many patients were left out: they were erased."""

    found: dict[str, Any]
    at: datetime
    erased: int


class FailedError(RuntimeError):
    """It was tried, and there are no figures."""


def able() -> bool:
    """Whether this installation can make the figures."""
    return all(find_spec(name) for name in NEEDED)


def ask(practice: Practice, until: date) -> None:
    """Sees to it that the figures of this practice are made anew, unless they are being made."""
    with _lock:
        if not waits(practice):
            _asked[practice.pk] = _one_at_a_time.submit(_made, practice, until)


def waits(practice: Practice) -> bool:
    """Whether they are being made."""
    found = _asked.get(practice.pk)
    return found is not None and not found.done()


def kept(practice: Practice) -> Made | None:
    """What was made; None where nobody asked for it, or long ago. Raises FailedError."""
    for other, one in list(_asked.items()):
        if one.done() and not one.exception() and one.result().at < timezone.now() - KEPT:
            _asked.pop(other, None)
    found = _asked.get(practice.pk)
    if found is None or not found.done():
        return None
    if error := found.exception():
        raise FailedError from error
    return found.result()


def _made(practice: Practice, until: date) -> Made:
    try:
        now = stored(practice, until)
        told = asdict(now) | {"absent": ABSENT, "source": practice.name}
        found = apart.computed("practice_audit_made", json.dumps(told, default=date.isoformat), SECONDS)
        return Made(json.loads(found), timezone.now(), now.erased)
    except Exception:
        log.exception("an audit of a practice failed")
        raise
    finally:
        connections.close_all()  # of this thread
