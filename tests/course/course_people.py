"""People for the tests of a course: small answers with a known urgency, and a way to walk through events."""

from datetime import date, timedelta

from ruggespraak.course import Answers, Episode, Event, open_episode, step
from ruggespraak.pathway.findings import CLINICIAN, VOCABULARY

DAY = date(2026, 1, 15)

# Every alarm that a person can answer, answered no: what is left is a plain back.
NO_ALARM: dict[str, object] = {
    id: False
    for id, finding in VOCABULARY.items()
    if finding.kind == "boolean" and finding.worse == "present" and finding.who != CLINICIAN
}
PLAIN_BACK: dict[str, object] = NO_ALARM | {
    "age_years": 40,
    "low_back_pain": True,
    "leg_pain": False,
    "pregnant": False,
}
NUMB_SADDLE = {"low_back_pain": True, "saddle_numbness": True}  # emergency
BOTH_LEGS = {"low_back_pain": True, "bilateral_radicular": True}  # same day
CANCER_ONCE = {"low_back_pain": True, "cancer_history": True}  # within days


def day(n: int) -> date:
    """So many days after the first one."""
    return DAY + timedelta(days=n)


def told(
    n: int = 0, answers: object = None, by: str = "patient", unclear: tuple[str, ...] = (), **more: object
) -> Answers:
    """Answers on a day: ``told(3, PLAIN_BACK, course="worse")``."""
    return Answers(day(n), {**(answers or {}), **more}, frozenset(unclear), by)  # type: ignore[dict-item]


def walk(*events: Event, edition: str = "current") -> Episode:
    """An episode that began on the first day, after these events."""
    episode = open_episode("someone", DAY, edition)
    for event in events:
        episode = step(episode, event)
    return episode
