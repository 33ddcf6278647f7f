"""The tables. A fact is written once: a correction is a new fact that names the one it corrects.

What is told about a patient is sealed (``sealing``). What a worklist needs in the clear stands in ``Episode``: it is
worked out from the facts, can be worked out again at any time, and is emptied when the patient is erased.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from ruggespraak.clinic import sealing
from ruggespraak.clinic.roles import Role
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


class Accounts(BaseUserManager["Account"]):
    """How accounts are made."""

    def create_account(self, email: str, name: str = "") -> Account:
        """An account without a password: nobody has one here."""
        found: Account = self.model(email=self.normalize_email(email).lower(), name=name)
        found.set_unusable_password()
        found.save()
        return found


class Account(AbstractBaseUser):
    """Somebody who signs in: a care giver or a patient. By a code in an e-mail, a passkey, or the employer's account.

    ``name``: of a care giver, as colleagues and the access log know them; a patient's stays sealed in the record.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    since = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = EMAIL_FIELD = "email"
    objects = Accounts()


class Practice(models.Model):
    """A practice of GPs or physiotherapists: everything that it holds is its own."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)
    profession = models.CharField(max_length=20)  # gp or physiotherapist


class Member(models.Model):
    """Somebody works for a practice in one role, from one day until another; who has two roles has two of these."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="memberships")
    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="members")
    role = models.CharField(max_length=20, choices=[(str(role), str(role)) for role in Role])
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "practice", "role"], name="one_of_each_role", condition=models.Q(until__isnull=True)
            )
        ]


class SignIn(models.Model):
    """One session in which somebody is signed in, so that they can see and end it. ``session``: its row, by a hash."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="sign_ins")
    session = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField(auto_now_add=True)
    method = models.CharField(max_length=20)


class Patient(models.Model):
    """One patient of one practice. ``key``: her own key, locked; empty when she was erased.

    ``identity``: name, birth year, e-mail address and language, sealed. ``account``: hers, if she has one.
    ``only_for``: the care givers who may open this record, where not the whole practice may.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="patients")
    key = models.BinaryField(default=bytes)
    identity = models.BinaryField(default=bytes)
    since = models.DateField()
    account = models.ForeignKey(Account, null=True, on_delete=models.SET_NULL, related_name="records")
    only_for = models.ManyToManyField(Account, related_name="+")

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

    ``by``: in which role; ``author``: who that was, where they had an account. ``corrects``: the fact in whose place
    this one counts.
    """

    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="facts")
    number = models.PositiveIntegerField()
    on = models.DateField()
    at = models.DateTimeField(auto_now_add=True)
    by = models.CharField(max_length=20)
    author = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
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
    author = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
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


class LogRow(AppendOnly):
    """One event of the access log (``log``), in a chain: ``hash`` covers the row and the hash of the row before it.

    Whom it is about stands here by a random id only, and a reason is sealed with the patient's key: so a patient can be
    erased and the chain stays whole. The database refuses to change a row, and to delete one before its time.
    """

    number = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    event = models.CharField(max_length=20)
    page = models.CharField(max_length=60, blank=True)
    account = models.UUIDField(null=True)
    role = models.CharField(max_length=20)
    practice = models.UUIDField(null=True)
    patient = models.UUIDField(null=True)
    address = models.CharField(max_length=45, blank=True)
    emergency = models.BooleanField(default=False)
    about = models.BigIntegerField(null=True)
    reason = models.BinaryField(default=bytes)
    previous = models.BinaryField()
    hash = models.BinaryField()

    class Meta:
        indexes = [
            models.Index(
                fields=["patient", "number"], name="log_of_patient", condition=models.Q(patient__isnull=False)
            ),
            models.Index(fields=["practice", "at"], name="log_of_practice"),
        ]


class LogHead(models.Model):
    """Where the chain ends, and where it begins since older rows were deleted; one row, held while one is added."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField(default=0)
    hash = models.BinaryField(default=bytes)
    begins_after = models.BigIntegerField(default=0)
    begins_with = models.BinaryField(default=bytes)


class Emergency(models.Model):
    """A care giver opened a record that was not open to them, because somebody was in danger; until when it lasts.

    ``row``: its number in the access log, where the reason stands. ``signed_by``: the privacy officer who judged it.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="emergencies")
    row = models.BigIntegerField()
    at = models.DateTimeField(auto_now_add=True)
    until = models.DateTimeField()
    signed_by = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(null=True)


class KnownElsewhere(models.Model):
    """A patient of ours, as another system knows her: who is opened there is then found here.

    ``key``: a keyed hash of that system's address and its id of her (``elsewhere``). ``sent``: the fact whose decision
    was sent back there last.
    """

    key = models.CharField(max_length=64, primary_key=True)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="elsewhere")
    sent = models.ForeignKey(Fact, null=True, on_delete=models.PROTECT, related_name="+")


class LegalCheck(AppendOnly):
    """The operator has recorded who checked that this version may be used by patients in public, and how."""

    by = models.CharField(max_length=120)
    how = models.TextField()
    version = models.CharField(max_length=20)
    at = models.DateTimeField(auto_now_add=True)


class CardFeedback(AppendOnly):
    """What was done with a card of advice in a care giver's own system: accepted, or set aside for a reason.

    It is about nobody: no patient is known here, and what somebody typed is not kept. ``card``: the name that the card
    was given; the same news may come again and is then one row. ``at``: the day on which, as that system says.
    """

    card = models.UUIDField()
    practice = models.UUIDField(null=True)  # none in a demonstration
    service = models.CharField(max_length=40)
    kind = models.CharField(max_length=40)
    outcome = models.CharField(max_length=12)
    reason = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["card", "outcome"], name="one_outcome_of_a_card")]
        indexes = [models.Index(fields=["practice", "at"], name="feedback_of_practice")]


class CountryRun(models.Model):
    """A run of the whole country that a page asked for, and what came out. It is about nobody.

    ``key``: a hash of what was asked and of the software that computes it; ``asks``: what was asked, as JSON.
    ``began``: when somebody took it up; ``ended``: when it was done. It failed where ``result`` is still empty then.
    """

    key = models.CharField(max_length=64, primary_key=True)
    asks = models.TextField()
    asked = models.DateTimeField(auto_now_add=True)
    began = models.DateTimeField(null=True)
    ended = models.DateTimeField(null=True)
    result = models.BinaryField(default=bytes)
