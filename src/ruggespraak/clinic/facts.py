"""What can happen in an episode, as it is stored: each event of ``course`` by a short name, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from ruggespraak.consult import read_case
from ruggespraak.consult.case import UNCLEAR, plain
from ruggespraak.course import (
    Answers,
    Contact,
    EditionChanged,
    Event,
    HandOver,
    HandOverConfirmed,
    Recovery,
    Relapse,
    Silence,
)

NAMES: Mapping[type[Event], str] = {
    Answers: "answers",
    Contact: "contact",
    Silence: "silence",
    Recovery: "recovery",
    Relapse: "relapse",
    EditionChanged: "edition",
    HandOver: "hand_over",
    HandOverConfirmed: "confirmed",
}


def content_of(event: Event) -> dict[str, Any]:
    """What this event says beside its date, as JSON has it."""
    match event:
        case Answers():
            told = {id: plain(value) for id, value in event.told.items()}
            return {"findings": told | dict.fromkeys(sorted(event.unclear), UNCLEAR), "answered_by": event.answered_by}
        case Contact():
            return {"seen": event.seen}
        case EditionChanged():
            return {"edition": event.edition}
        case HandOver():
            return {"to": event.to}
    return {}


def event_of(name: str, on: date, content: Mapping[str, Any]) -> Event:
    """The event that was stored. Raises KeyError for a name that is none, CaseError for answers that cannot be."""
    return _READ[name](on, content)


def _answers(on: date, content: Mapping[str, Any]) -> Answers:
    case = read_case({"on": on.isoformat(), **content})
    return Answers(on, case.answers, case.unclear, case.answered_by)


_READ: Mapping[str, Callable[[date, Mapping[str, Any]], Event]] = {
    "answers": _answers,
    "contact": lambda on, content: Contact(on, content["seen"]),
    "silence": lambda on, _content: Silence(on),
    "recovery": lambda on, _content: Recovery(on),
    "relapse": lambda on, _content: Relapse(on),
    "edition": lambda on, content: EditionChanged(on, content["edition"]),
    "hand_over": lambda on, content: HandOver(on, content["to"]),
    "confirmed": lambda on, _content: HandOverConfirmed(on),
}
