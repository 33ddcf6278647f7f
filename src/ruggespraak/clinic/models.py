"""The tables. A fact is written once: a correction is a new fact that names the one it corrects.

What is told about a patient is sealed (``sealing``). What a worklist needs in the clear stands in ``Episode``: it is
worked out from the facts, can be worked out again at any time, and is emptied when the patient is erased.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models

from ruggespraak.clinic import sealing
from ruggespraak.course import Status, Verdict
from ruggespraak.pathway.rules import Urgency


class AppendOnlyError(RuntimeError):
    """A fact or a decision is never changed and never deleted."""


class AppendOnly(models.Model):
    """A row that is written once."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError(type(self).__name__)
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> Any:
        raise AppendOnlyError(type(self).__name__)


class Practice(models.Model):
    """A practice of GPs or physiotherapists: everything that it holds is its own."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)
    profession = models.CharField(max_length=20)  # gp or physiotherapist


class Patient(models.Model):
    """One patient of one practice. ``key``: her own key, locked; empty when she was erased.

    ``identity``: name, birth year, e-mail address and language, sealed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="patients")
    key = models.BinaryField(default=bytes)
    identity = models.BinaryField(default=bytes)
    since = models.DateField()

    @property
    def erased(self) -> bool:
        """Nothing can be read of her any more."""
        return not self.key

    def seal(self, purpose: str, content: Any) -> bytes:
        """The content, locked for this patient and purpose."""
        return sealing.seal(self.key, str(self.id), purpose, content)

    def unseal(self, purpose: str, sealed: bytes) -> Any:
        """What was sealed for this patient and purpose."""
        return sealing.unseal(self.key, str(self.id), purpose, sealed)

    @property
    def who(self) -> dict[str, Any]:
        """Name, birth year, e-mail address and language. Raises ErasedError."""
        found: dict[str, Any] = self.unseal("identity", self.identity)
        return found


class Episode(models.Model):
    """One episode, and where it stands now: worked out from its facts by ``course``."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="episodes")
    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="episodes")
    opened = models.DateField()
    facts_so_far = models.PositiveIntegerField(default=0)
    status = models.CharField(max_length=12, default=str(Status.OPEN))
    concern = models.PositiveSmallIntegerField(default=int(Urgency.SELF_CARE))
    alarm_open = models.BooleanField(default=False)
    verdict = models.CharField(max_length=20, default=str(Verdict.UNKNOWN))
    next_contact = models.DateField(null=True)
    why = models.CharField(max_length=40, null=True)
    missed = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(
                fields=["practice", "next_contact"], name="due", condition=models.Q(next_contact__isnull=False)
            ),
            models.Index(fields=["practice", "concern"], name="alarms", condition=models.Q(alarm_open=True)),
        ]


class Fact(AppendOnly):
    """Something that happened in an episode. ``number``: its place, from 1. ``content``: what it says, sealed.

    ``corrects``: the fact in whose place this one counts.
    """

    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="facts")
    number = models.PositiveIntegerField()
    on = models.DateField()
    at = models.DateTimeField(auto_now_add=True)
    by = models.CharField(max_length=20)
    name = models.CharField(max_length=12)
    content = models.BinaryField()
    corrects = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="corrected_by")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["episode", "number"], name="one_fact_a_place")]


class Decision(AppendOnly):
    """What the pathway said after a fact. ``content``: the case, the decision and its explanation, sealed."""

    fact = models.ForeignKey(Fact, on_delete=models.PROTECT, related_name="decisions")
    on = models.DateField()
    edition = models.CharField(max_length=60)
    content = models.BinaryField()


class Choice(AppendOnly):
    """A care giver follows a piece of advice, or deviates from it and says why (sealed): the audit learns from it."""

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="choices")
    advice = models.CharField(max_length=60)
    follows = models.BooleanField()
    reason = models.BinaryField()
    by = models.CharField(max_length=20)
    at = models.DateTimeField(auto_now_add=True)


class Handed(models.Model):
    """A result that a patient kept, waiting for the practice that she gives its code to.

    ``code``: a hash of the code; ``content``: her answers, locked with a key made from the code itself, so that only
    who has the code can read them. Taken once, and gone after a while.
    """

    code = models.CharField(max_length=64, primary_key=True)
    content = models.BinaryField()
    until = models.DateTimeField(db_index=True)


class Reminder(models.Model):
    """One reminder of one dated contact: the pair is unique, so it is sent once."""

    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="reminders")
    contact = models.DateField()
    sent = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["episode", "contact"], name="one_reminder_a_contact")]
