"""What happens without anybody clicking: reminders by mail, and noting that a contact passed in silence.

The one module that knows of tasks and mail. A reminder is claimed in the database before it is sent, so two workers,
or one that starts again, never send it twice; a mail server that is down gives the claim back.
"""

from __future__ import annotations

import logging
from datetime import date, timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django_tasks import task

from ruggespraak.clinic import record
from ruggespraak.clinic.models import Episode, Reminder
from ruggespraak.clinic.sealing import ErasedError
from ruggespraak.clinic.sharing import link_of
from ruggespraak.course import EventOrderError, Silence
from ruggespraak.course.episode import PHONE_FROM, SILENCES_BEFORE_A_CALL
from ruggespraak.pathway.texts import word

WAITED = timedelta(days=1)  # after its day a contact without a word has passed in silence (own choice)
log = logging.getLogger(__name__)


def remind(today: date) -> int:
    """Asks for a reminder for every contact of today that is made by message; how many were asked for."""
    asked = 0
    for episode in _by_message().filter(next_contact=today).select_related("patient").iterator():
        if not episode.patient.who.get("email"):
            continue
        _row, new = Reminder.objects.get_or_create(episode=episode, contact=today)
        if new:
            send_reminder.enqueue(str(episode.id), today.isoformat())
            asked += 1
    return asked


def _by_message() -> QuerySet[Episode]:
    """Episodes whose next contact is made by message: ``course.Episode.channel``, as the database can ask it."""
    phoned = Q(alarm_open=True, concern__gte=int(PHONE_FROM)) | Q(missed__gte=SILENCES_BEFORE_A_CALL)
    return Episode.objects.exclude(phoned).filter(patient__key__gt=b"")


@task()
def send_reminder(episode_id: str, contact: str) -> None:
    """Sends this reminder, if nobody has."""
    with transaction.atomic():
        rows = Reminder.objects.select_for_update(of=("self",)).filter(episode_id=episode_id, contact=contact)
        row = rows.first()
        if row is None or row.sent:  # none: the patient was erased since
            return
        row.sent = timezone.now()
        row.save()
    who = row.episode.patient.who
    lang = who.get("lang", "nl")
    link = settings.CHECK_IN.format(lang=lang, token=link_of(row.episode))
    message = EmailMessage(word("mail.subject", lang), word("mail.reminder", lang).format(link=link), to=[who["email"]])
    try:
        message.send()
    except (SMTPException, OSError):
        Reminder.objects.filter(pk=row.pk).update(sent=None)
        log.error("a reminder could not be sent; it will be tried again")


def send_again() -> int:
    """Tries the reminders that could not be sent, of contacts that still stand; how many."""
    standing = {"contact": F("episode__next_contact"), "episode__in": _by_message()}
    waiting = Reminder.objects.filter(sent__isnull=True, **standing)
    for row in waiting:
        send_reminder.enqueue(str(row.episode_id), row.contact.isoformat())
    return len(waiting)


@task()
def tell(email: str, subject: str, says: str) -> None:
    """A mail to who works for a practice. What it is about stands in the site too: it is sent once, or not at all."""
    try:
        EmailMessage(subject, says, to=[email]).send()
    except (SMTPException, OSError):
        log.error("a mail to somebody who works for a practice could not be sent")


def note_silences(today: date) -> int:
    """Every contact that has passed without a word is noted, and gets its next date; how many."""
    passed = Episode.objects.filter(next_contact__lt=today - WAITED + timedelta(days=1), patient__key__gt=b"")
    ids = list(passed.values_list("pk", flat=True))
    noted = 0
    for id in ids:
        try:
            record.add(Episode.objects.get(pk=id), Silence(today), "system")
            noted += 1
        except (ErasedError, EventOrderError):  # erased, or heard from, while this ran: nothing passed in silence
            continue
    return noted
