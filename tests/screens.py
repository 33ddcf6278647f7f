"""How many screens a consult takes, counted over random consistent people who answer everything they are asked."""

from __future__ import annotations

import random
import statistics
from dataclasses import dataclass

from patients import ON, person
from ruggespraak.consult import Case, Decision, decide, next_screen, with_answers
from ruggespraak.consult.ready import ready
from ruggespraak.logic import Value
from ruggespraak.pathway.rules import Complaint, Urgency

# Emergencies that one answer of a patient establishes: what somebody may well come with.
FIRST_COMPLAINTS = (
    "saddle_numbness",
    "urinary_retention",
    "urinary_incontinence_new",
    "faecal_incontinence_new",
    "foot_drop",
    "weakness_progressive",
    "lhermitte",
    "significant_trauma",
    "pulsating_abdomen",
    "known_aaa",
)


@dataclass(frozen=True)
class Walk:
    """One consult from the first screen to the last."""

    truth: dict[str, Value]
    case: Case
    screens: tuple[tuple[str, ...], ...]
    first: Decision
    last: Decision


def walk(truth: dict[str, Value], answered_by: str = "patient") -> Walk:
    """Asks until nothing more can change the decision; what the person does not know stays unclear."""
    case = Case(on=ON, answered_by=answered_by)
    screens: list[tuple[str, ...]] = []
    first = None
    shown: set[str] = set()
    while screen := next_screen(case, shown):
        answers = {id: truth[id] for id in screen.items if id in truth}
        case = with_answers(case, answers, [id for id in screen.items if id not in truth])
        screens.append(screen.items)
        shown |= set(screen.items)
        first = first or decide(case)
        assert len(screens) < 60
    assert first is not None
    return Walk(truth, case, tuple(screens), first, decide(case))


def kind(walked: Walk) -> str:
    if walked.last.urgency is Urgency.EMERGENCY:
        return "emergency"
    if walked.last.established and walked.last.urgency > Urgency.ROUTINE:
        return "other alarm"
    if walked.last.complaint is Complaint.NONSPECIFIC:
        return "plain back"
    if walked.last.complaint is Complaint.RADICULAR:
        return "hernia"
    return "other"


def count(people: int, seed: int = 2026) -> dict[str, list[Walk]]:
    """Walks by kind of complaint."""
    pick = random.Random(seed)
    found: dict[str, list[Walk]] = {}
    for _ in range(people):
        truth = person(pick)
        assert not ready("current").read(Case(on=ON, answers=truth)).conflicts
        walked = walk(truth)
        found.setdefault(kind(walked), []).append(walked)
    return found


def percentile(values: list[int], share: float) -> int:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def table(people: int) -> dict[str, dict[str, float]]:
    """Per kind of complaint: how many people, and the median and 95th percentile of screens and of findings."""
    found = {}
    for name, walks in sorted(count(people).items()):
        screens = [len(one.screens) for one in walks]
        findings = [sum(len(screen) for screen in one.screens) for one in walks]
        found[name] = {
            "people": len(walks),
            "screens, median": statistics.median(screens),
            "screens, 95 %": percentile(screens, 0.95),
            "findings, median": statistics.median(findings),
            "findings, 95 %": percentile(findings, 0.95),
        }
    return found


def main(people: int) -> None:
    """Prints the table."""
    for name, row in table(people).items():
        print(f"{name:<12}", "  ".join(f"{what} {value:g}" for what, value in row.items()))


if __name__ == "__main__":
    main(10_000)
