"""What is kept for how long: a record twenty years after the last change in it (art. 7:454 BW), and then it is erased;
an e-mail address with which somebody asked for an account and never came, one day."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from ruggespraak.clinic import log, record
from ruggespraak.clinic.log import What
from ruggespraak.clinic.models import Account, Choice, Fact, Patient

KEPT_FOR = timedelta(days=20 * 365 + 5)  # twenty years with their leap days


def forget_records(today: date) -> int:
    """Erases the records in which nothing was written for twenty years; how many. When it was written counts, also
    where it is about an earlier day."""
    last = today - KEPT_FOR
    since = log.midnight(last)
    told = Fact.objects.filter(episode__patient=OuterRef("pk"), at__gte=since)
    chosen = Choice.objects.filter(decision__fact__episode__patient=OuterRef("pk"), at__gte=since)
    old = Patient.objects.filter(key__gt=b"", since__lt=last).exclude(Exists(told)).exclude(Exists(chosen))
    ids = list(old.values_list("pk", flat=True))
    for patient in Patient.objects.filter(pk__in=ids):
        with transaction.atomic():
            record.erase(patient)
            log.note(What.OPERATOR, log.SYSTEM, "retention", [patient])
    return len(ids)


def forget_unused(today: date) -> int:
    """Deletes accounts with which nobody ever signed in and that nobody gave a place: anybody may type an address.
    How many."""
    before = log.midnight(today) - timedelta(days=1)
    unused = Account.objects.filter(last_login=None, since__lt=before, memberships=None, records=None)
    count = unused.count()
    unused.delete()
    return count
