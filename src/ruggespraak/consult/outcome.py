"""What an edition comes to for one reading: urgency, bounds, complaint, imaging, referral; as compiled source.

This is the one place where the rules of PATHWAY §4 R18-R19, §5 and §6 that speak of *all* alarms at once are written.
A full decision adds words, reasons and questions to an outcome; where only the outcome counts (a country, a practice's
records) it is used alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from ruggespraak.consult.case import Case
from ruggespraak.consult.ready import Known, Ready, ready
from ruggespraak.logic import Form, at_least_of
from ruggespraak.pathway.rules import Complaint, Urgency, Use

SERIOUS = (Urgency.EMERGENCY, Urgency.SAME_DAY)  # unclear, these still raise the urgency, by one step less (R18)

Raw = tuple[int, int, int, int, int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a decision comes to. ``refer``: addressees; ``open``: some hard alarm that a person can answer is open."""

    urgency: Urgency
    established: Urgency
    not_excluded: Urgency
    not_examined: Urgency
    complaint: Complaint
    imaging: Use | None
    imaging_not_excluded: Use | None
    refer: frozenset[str]
    open: bool


def source(ready: Ready) -> str:
    """Plain Python of the outcome: a function of what is true, not asked, unclear and not examined (bits).

    It returns (urgency, established urgency, not_excluded, not_examined, index of the complaint, imaging,
    imaging_not_excluded, bits of the addressees, 1 while a hard alarm is open). Imaging counts -1 for none.
    """
    levels = sorted((level for level in Urgency if level), reverse=True)
    uses = sorted(Use, reverse=True)
    lines = ["def level(x):", *_ladder([(ready.level(level), int(level)) for level in levels], 0)]
    lines += ["def hard(x):", f"    return {_any(ready.hard())}"]
    lines += ["def imaging(x):", *_ladder([(ready.picture(use), int(use)) for use in uses], -1)]
    lines += ["def complaint(x):"]
    lines += _ladder([([rule.form], index) for index, rule in enumerate(ready.classes)], len(ready.classes))
    lines += ["def refer(x):", "    r = 0"]
    for index, forms in enumerate(ready.referred().values()):
        lines += [f"    if {_any(forms)}:", f"        r |= {1 << index}"]
    lines += ["    return r", "def serious(x):", "    r = 0"]
    for index, form in enumerate(form for level in SERIOUS for form in ready.level(level)):
        lines += [f"    if {form.source()}:", f"        r |= {1 << index}"]
    lines += ["    return r"]
    return "\n".join(lines) + "\n" + _OUTCOME.format(gp=1 << ready.addressees.index("gp"))


# Urgency, from PATHWAY §4:
# R18: an emergency answered "unclear" is same_day, a same-day alarm answered "unclear" is within_days;
# R19: while a hard alarm that a person can answer is open, at least routine.
# Who was not sure, or not asked, goes to the GP, who also keeps the overview whenever a hard alarm stands.
_OUTCOME = """\
def outcome(true, not_asked, unclear, not_examined):
    established = urgency = level(true)
    refers = refer(true)
    if unclear and serious(true | unclear) & ~serious(true):
        urgency = max(urgency, level(true | unclear) - 1)
        refers |= {gp}
    told = true | not_asked | unclear & ~not_examined
    open = 1 if hard(told) else 0
    if open:
        urgency = max(urgency, 1)
        refers |= {gp}
    not_excluded = urgency if urgency == 4 or told == true else max(urgency, level(told))
    examined = urgency if urgency == 4 or not not_examined else max(urgency, level(true | not_examined))
    picture = imaging(true)
    possible = told | not_examined
    return (
        urgency,
        established,
        not_excluded,
        examined,
        complaint(true),
        picture,
        picture if picture == 2 or possible == true else max(picture, imaging(possible)),
        refers,
        open,
    )
"""


def _ladder(steps: list[tuple[list[Form], int]], otherwise: int) -> list[str]:
    lines = []
    for forms, result in steps:
        if forms:
            lines += [f"    if {_any(forms)}:", f"        return {result}"]
    return [*lines, f"    return {otherwise}"]


def _any(forms: list[Form]) -> str:
    return at_least_of(1, forms).source()


@cache
def compiled(edition: str) -> Callable[[int, int, int, int], Raw]:
    """The outcome function of an edition, compiled once."""
    scope: dict[str, Callable[[int, int, int, int], Raw]] = {}
    exec(source(ready(edition)), scope)  # our own source, from our own rules
    return scope["outcome"]


def outcome(edition: str, known: Known) -> Outcome:
    """The outcome of one reading."""
    raw = compiled(edition)(known.true, known.not_asked, known.unclear, known.not_examined)
    here = ready(edition)
    return Outcome(
        urgency=Urgency(raw[0]),
        established=Urgency(raw[1]),
        not_excluded=Urgency(raw[2]),
        not_examined=Urgency(raw[3]),
        complaint=here.complaints[raw[4]],
        imaging=None if raw[5] < 0 else Use(raw[5]),
        imaging_not_excluded=None if raw[6] < 0 else Use(raw[6]),
        refer=frozenset(to for index, to in enumerate(here.addressees) if raw[7] >> index & 1),
        open=bool(raw[8]),
    )


def fast(case: Case) -> Raw:
    """The outcome of a case as bare numbers, without building anything."""
    true, _, _, not_asked, unclear, not_examined = ready(case.edition).bits(case)
    return compiled(case.edition)(true, not_asked, unclear, not_examined)
