"""Who needs somebody now, and why, in words: the most pressing reason first, each patient once.

Every row rests on what ``course`` worked out, kept in ``Episode``; nothing is decided here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When

from ruggespraak.clinic.models import Episode, Practice
from ruggespraak.course import Status, Verdict

REASONS = ("alarm", "not_confirmed", "deviates", "late", "due")
"""Most pressing first: an open alarm; handed over, and nobody has confirmed; worse or slower than may be expected; the
contact has passed; the contact is today."""


@dataclass(frozen=True, slots=True)
class Row:
    """One patient to look at, and the most pressing reason."""

    episode: Episode
    reason: str


def worklist(practice: Practice, today: date, first: int = 0, count: int = 50) -> tuple[list[Row], int]:
    """``count`` rows from ``first`` on, and how many there are in all; for one reason the greatest concern first."""
    found = _pressing(practice, today)
    rows = found.select_related("patient").order_by("place", "-concern", "next_contact", "id")[first : first + count]
    return [Row(episode, REASONS[episode.place]) for episode in rows], found.count()


def counts(practice: Practice, today: date) -> dict[str, int]:
    """How many patients there are for each reason."""
    found = _pressing(practice, today).order_by().values_list("place").annotate(n=Count("id"))
    return dict.fromkeys(REASONS, 0) | {REASONS[place]: n for place, n in found}


def _pressing(practice: Practice, today: date) -> QuerySet[Episode]:
    reasons = (
        Q(alarm_open=True),
        Q(status=str(Status.HANDED_OVER)),
        Q(verdict__in=[str(Verdict.WORSE), str(Verdict.SLOWER)], next_contact__lte=today),
        Q(next_contact__lt=today),
        Q(next_contact=today),
    )
    place = Case(
        *(When(reason, then=Value(place)) for place, reason in enumerate(reasons)), output_field=IntegerField()
    )
    pressing = Q(alarm_open=True) | Q(next_contact__lte=today) | Q(status=str(Status.HANDED_OVER))
    return Episode.objects.filter(pressing, practice=practice, next_contact__isnull=False).annotate(place=place)
