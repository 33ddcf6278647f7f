"""One patient now: read a case, decide it, ask what is still missing, explain."""

from ruggespraak.consult.case import Case, CaseError, as_json, read_case
from ruggespraak.consult.decide import Advice, Brief, Decision, Moment, Refer, brief, decide, urgent_alarms
from ruggespraak.consult.outcome import Outcome, fast
from ruggespraak.consult.screens import Screen, agrees, next_screen, none_of_these, with_answers

__all__ = [
    "Advice",
    "Brief",
    "Case",
    "CaseError",
    "Decision",
    "Moment",
    "Outcome",
    "Refer",
    "Screen",
    "agrees",
    "as_json",
    "brief",
    "decide",
    "fast",
    "next_screen",
    "none_of_these",
    "read_case",
    "urgent_alarms",
    "with_answers",
]
