"""One patient over time: ``step(episode, event) -> episode``, expected recovery, and whether recovery is on course.

Pure: no clock, no storage, no web. Every event has its date, and the same events give the same episode. Questionnaires
that others fill in are scored here too (``start_back`` and the like): their sentences are not ours, their totals are.
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
from ruggespraak.course.instruments import (
    MissingItemError,
    activities_changed,
    from_hindrance,
    orebro_short,
    own_activities,
    roland_morris,
    start_back,
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
    "MissingItemError",
    "Point",
    "Recovery",
    "Relapse",
    "Silence",
    "Status",
    "Verdict",
    "activities_changed",
    "case_on",
    "deviation",
    "expected",
    "from_hindrance",
    "open_episode",
    "orebro_short",
    "own_activities",
    "roland_morris",
    "start_back",
    "step",
]
