"""A record is kept for twenty years after the last change in it, and then erased (art. 7:454 BW)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from ruggespraak.clinic import log, record
from ruggespraak.clinic.log import What
from ruggespraak.clinic.models import Choice, Fact, Patient

KEPT_FOR = timedelta(days=20 * 365 + 5)  # twenty years with their leap days


def forget_records(today: date) -> int:
    """Erases the records in which nothing was written for twenty years; how many. When it was written counts, also
    where it is about an earlier day."""
    last = today - KEPT_FOR
    since = timezone.make_aware(datetime(last.year, last.month, last.day))
    told = Fact.objects.filter(episode__patient=OuterRef("pk"), at__gte=since)
    chosen = Choice.objects.filter(decision__fact__episode__patient=OuterRef("pk"), at__gte=since)
    old = Patient.objects.filter(key__gt=b"", since__lt=last).exclude(Exists(told)).exclude(Exists(chosen))
    ids = list(old.values_list("pk", flat=True))
    for patient in Patient.objects.filter(pk__in=ids):
        with transaction.atomic():
            record.erase(patient)
            log.note(What.OPERATOR, log.SYSTEM, "retention", [patient])
    return len(ids)
