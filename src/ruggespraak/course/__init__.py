"""One patient over time: ``step(episode, event) -> episode``, expected recovery, and whether recovery is on course.

Pure: no clock, no storage, no web. Every event has its date, and the same events give the same episode.
"""

from ruggespraak.course.deviation import MILESTONES, Deviation, Verdict, deviation
from ruggespraak.course.episode import Answer, Decided, Episode, Status, open_episode
from ruggespraak.course.events import (
    EVENTS,
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
from ruggespraak.course.recovery import Curve, Point, expected
from ruggespraak.course.steps import EventOrderError, case_on, step

__all__ = [
    "EVENTS",
    "MILESTONES",
    "Answer",
    "Answers",
    "Contact",
    "Curve",
    "Decided",
    "Deviation",
    "EditionChanged",
    "Episode",
    "Event",
    "EventOrderError",
    "HandOver",
    "HandOverConfirmed",
    "Point",
    "Recovery",
    "Relapse",
    "Silence",
    "Status",
    "Verdict",
    "case_on",
    "deviation",
    "expected",
    "open_episode",
    "step",
]
