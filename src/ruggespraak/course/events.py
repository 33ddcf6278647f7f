"""What can happen to one person over time, as small frozen facts with a date.

``step(episode, event)`` takes them in, one by one, in the order of their dates. Nothing else changes an episode.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from ruggespraak.logic import Value


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody of the care side spoke with this person.

    ``seen``: they were also examined for what is the matter now: the patient of an emergency has arrived, the patient
    of a referral has been looked at. A phone call is no examination.
    """

    on: date
    seen: bool = False


@dataclass(frozen=True, slots=True)
class Answers:
    """What was answered. ``None`` and an id left out say nothing; ``unclear`` was asked and not known.

    ``answers``: finding id -> value in the unit of ``findings.csv``, already checked. ``answered_by``: ``patient``,
    ``proxy`` or ``clinician``.
    """

    on: date
    answers: Mapping[str, Value | None] = field(default_factory=dict, hash=False)
    unclear: frozenset[str] = frozenset()
    answered_by: str = "patient"

    def __post_init__(self) -> None:
        # A copy: what the caller does with the mapping afterwards is no part of the history.
        object.__setattr__(self, "answers", dict(self.answers))
        object.__setattr__(self, "unclear", frozenset(self.unclear))

    @property
    def told(self) -> dict[str, Value]:
        """The answers that say something."""
        return {finding: value for finding, value in self.answers.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Silence:
    """The dated contact passed without a word."""

    on: date


@dataclass(frozen=True, slots=True)
class Recovery:
    """The person says that it is over."""

    on: date


@dataclass(frozen=True, slots=True)
class Relapse:
    """The complaints came back."""

    on: date


@dataclass(frozen=True, slots=True)
class EditionChanged:
    """From this day on another edition of the pathway decides."""

    on: date
    edition: str


@dataclass(frozen=True, slots=True)
class HandOver:
    """The care was offered to somebody else. That they have it is known only when they say so."""

    on: date
    to: str


@dataclass(frozen=True, slots=True)
class HandOverConfirmed:
    """The other side says that it has this person."""

    on: date


Event = Contact | Answers | Silence | Recovery | Relapse | EditionChanged | HandOver | HandOverConfirmed
EVENTS: tuple[type[Event], ...] = (
    Contact,
    Answers,
    Silence,
    Recovery,
    Relapse,
    EditionChanged,
    HandOver,
    HandOverConfirmed,
)
