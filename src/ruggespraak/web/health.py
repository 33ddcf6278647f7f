"""Whether the site lives, and whether it can serve: for who watches over it. Nothing here is about anybody."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from django.core.exceptions import ObjectDoesNotExist
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ruggespraak.clinic import upkeep
from ruggespraak.clinic.models import LogHead, LogRow

ROOM = 100 * 2**20  # bytes that must be free where the database is a file (own choice)


@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """The process answers."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Everything that a page needs is there; else 503, and which part is not."""
    found = {name: _holds(check) for name, check in CHECKS.items()}
    well = all(found.values())
    return JsonResponse({"status": "ok" if well else "failing", **found}, status=200 if well else 503)


def _holds(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except (Error, ObjectDoesNotExist, OSError):
        return False


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


def _tables() -> bool:
    return not upkeep.missing() and not upkeep.newer()


def _log() -> bool:
    """It ends where it says that it ends; ``rug admin verify-log`` reads the rest."""
    head = LogHead.objects.get(pk=1)
    last = LogRow.objects.filter(pk=head.number).values_list("hash", flat=True).first()
    return bytes(last or head.begins_with) == bytes(head.hash)


def _disk() -> bool:
    if connection.vendor != "sqlite":
        return True
    return shutil.disk_usage(Path(connection.settings_dict["NAME"]).resolve().parent).free > ROOM


CHECKS: Mapping[str, Callable[[], bool]] = {"database": _database, "tables": _tables, "log": _log, "disk": _disk}
urlpatterns = [
    path("health/live", live, name="live"),
    path("health/ready", ready, name="ready"),
]
