"""One person's back pain from its first question to recovery or a confirmed hand-over: what is known at one moment.

An episode is immutable. ``open_episode`` makes one, ``step`` makes the next one from it, and nothing is ever thrown
away: every event and every decision stays in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from ruggespraak.course.events import Answers, Event
from ruggespraak.logic import Value
from ruggespraak.pathway.editions import DEFAULT, edition
from ruggespraak.pathway.rules import Complaint, Urgency
from ruggespraak.pathway.texts import table, text


class Status(StrEnum):
    """Where an episode stands. Only the last two have no next contact."""

    OPEN = "open"
    HANDED_OVER = "handed_over"  # offered to somebody else, who has not said yes: still ours
    RECOVERED = "recovered"
    CLOSED = "closed"  # the other side has confirmed


ENDED = frozenset({Status.RECOVERED, Status.CLOSED})

# Who must be seen within days or sooner, and was not yet, has an open alarm. Cancer and a broken bone are often no
# more urgent than "within days", and they do not heal by a better day (own choice).
ALARM_FROM = Urgency.WITHIN_DAYS
# From here on a silence is followed by a call the next day, and no longer by a message.
PHONE_FROM = Urgency.SAME_DAY
# After so many silences in a row a message is not enough: a person must call (own choice).
SILENCES_BEFORE_A_CALL = 2


def unseen(concern: Urgency, seen: bool) -> bool:
    """Whether this is an open alarm."""
    return not seen and concern >= ALARM_FROM


@dataclass(frozen=True, slots=True)
class Answer:
    """The newest answer about one finding, as it was given on that day. Time is added where it is read."""

    finding: str
    value: Value
    on: date
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What a decision came to, for the history. ``edition`` is with its version; ``review`` is a review's id."""

    on: date
    edition: str
    urgency: Urgency
    not_excluded: Urgency
    complaint: Complaint
    suspected: tuple[str, ...]
    refer: tuple[str, ...]
    review_on: date
    review: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """What is known of one episode, and when somebody looks again.

    ``opened``: the day on which this episode came to us (``onset`` is the day on which the pain began).
    ``concern``: how soon somebody must look, given what was decided and whether the patient was ``seen`` for it.
    ``next_contact`` and ``why``: None only after recovery or a confirmed hand-over; ``why`` is the id of a review, or
    of an entry ``contact_...`` in ``texts/recovery.toml`` (``why_text`` knows both).
    ``missed``: contacts in a row that passed without a word. ``began``: the place of this episode's first event.
    """

    id: str
    opened: date
    edition: str = DEFAULT
    status: Status = Status.OPEN
    answers: tuple[Answer, ...] = ()
    unclear: frozenset[str] = frozenset()
    answered_by: str = "patient"
    concern: Urgency = Urgency.ROUTINE
    seen: bool = False
    next_contact: date | None = None
    why: str | None = None
    missed: int = 0
    handed_to: str | None = None
    earlier_episodes: int = 0
    began: int = 0
    events: tuple[Event, ...] = ()
    decisions: tuple[Decided, ...] = ()

    @property
    def ended(self) -> bool:
        """Nobody is expected to look again."""
        return self.status in ENDED

    @property
    def last(self) -> date:
        """The day of the last event."""
        return self.events[-1].on if self.events else self.opened

    @property
    def decision(self) -> Decided | None:
        """The last decision; None when nothing was asked yet."""
        return self.decisions[-1] if self.decisions else None

    @property
    def alarm_open(self) -> bool:
        """Somebody must be seen soon and was not: feeling better, silence or a new edition does not lift that."""
        return not self.ended and unseen(self.concern, self.seen)

    @property
    def needs_a_person(self) -> bool:
        """Messages stay without answer: a person must call."""
        return self.missed >= (1 if self._must_phone else SILENCES_BEFORE_A_CALL)

    @property
    def channel(self) -> str:
        """How the next contact is made: ``phone`` or ``message``."""
        return "phone" if self._must_phone or self.needs_a_person else "message"

    @property
    def _must_phone(self) -> bool:
        return self.alarm_open and self.concern >= PHONE_FROM

    @property
    def onset(self) -> date | None:
        """The day on which this pain began; None when that was not told."""
        answers = {answer.finding: answer for answer in self.answers}
        if start := answers.get("onset_date"):
            return start.value if isinstance(start.value, date) else None
        duration = answers.get("duration_days")
        if duration and isinstance(duration.value, int | float):
            return duration.on - timedelta(days=int(duration.value))
        return None

    def why_text(self, lang: str) -> str | None:
        """Why somebody looks again, in words for the patient."""
        if self.why is None:
            return None
        if self.why in table("reviews"):
            return text("reviews", self.why, "why", lang)
        return text("recovery", f"contact_{self.why}", "why", lang)

    def value(self, finding: str) -> Value | None:
        """The newest answer, as it was given; None when it is not known."""
        return next((answer.value for answer in self.answers if answer.finding == finding), None)

    def said(self, finding: str) -> Iterator[tuple[date, Value]]:
        """Every answer about this finding in this episode, oldest first."""
        for event in self.events[self.began :]:
            if isinstance(event, Answers) and finding in event.told:
                yield event.on, event.told[finding]


def open_episode(id: str, on: date, edition_id: str = DEFAULT) -> Episode:
    """A new episode. Its first contact is today: nothing was asked yet. Raises UnknownEditionError."""
    edition(edition_id)
    return Episode(id=id, opened=on, edition=edition_id, next_contact=on, why="first_questions")


def with_answers(episode: Episode, found: dict[str, Answer], unclear: frozenset[str]) -> Episode:
    """The episode with these as its newest answers, in a fixed order."""
    return replace(episode, answers=tuple(found[id] for id in sorted(found)), unclear=unclear)
