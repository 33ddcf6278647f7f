"""What an edition comes to for one reading: urgency, bounds, complaint, imaging, referral; as compiled source.

This is the one place where the rules of PATHWAY §4 R18-R19, §5 and §6 that speak of *all* alarms at once are written.
A full decision adds words, reasons and questions to an outcome; where only the outcome counts (a country, a practice's
records) it is used alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from ruggespraak.consult.case import Case
from ruggespraak.consult.ready import Known, Ready, ready
from ruggespraak.logic import Form, at_least_of, shared
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
    levels = [(ready.level(level), int(level)) for level in sorted(Urgency, reverse=True) if level]
    pictures = [(ready.picture(use), int(use)) for use in sorted(Use, reverse=True)]
    kinds = [([rule.form], index) for index, rule in enumerate(ready.classes)]
    addressees = [(forms, 1 << index) for index, forms in enumerate(ready.referred().values())]
    serious = [([form], 1 << index) for index, form in enumerate(f for level in SERIOUS for f in ready.level(level))]
    # What holds is asked of one reading in four ways: what the rules have in common is computed once.
    common, names = shared(_one_of(forms) for forms, _ in (*levels, *pictures, *kinds, *addressees) if forms)
    lines = [
        "def level(x):",
        f"    return {_first(levels, 0)}",
        "def hard(x):",
        f"    return {_one_of(ready.hard()).source()}",
        "def imaging(x):",
        f"    return {_first(pictures, -1)}",
        "def serious(x):",
        f"    return {_all(serious)}",
        "def established(x):",
        *(f"    {line}" for line in common),
        f"    level = {_first(levels, 0, names)}",
        f"    imaging = {_first(pictures, -1, names)}",
        f"    complaint = {_first(kinds, len(kinds), names)}",
        f"    return level, imaging, complaint, {_all(addressees, names)}",
    ]
    return "\n".join(lines) + "\n" + _OUTCOME.format(gp=1 << ready.addressees.index("gp"))


# Urgency, from PATHWAY §4:
# R18: an emergency answered "unclear" is same_day, a same-day alarm answered "unclear" is within_days;
# R19: while a hard alarm that a person can answer is open, at least routine.
# Who was not sure, or not asked, goes to the GP, who also keeps the overview whenever a hard alarm stands.
_OUTCOME = """\
def outcome(true, not_asked, unclear, not_examined):
    urgency, picture, complaint, refers = established(true)
    sure = urgency
    if unclear and serious(true | unclear) & ~serious(true):
        urgency = max(urgency, level(true | unclear) - 1)
        refers |= {gp}
    told = true | not_asked | unclear & ~not_examined
    possible = told | not_examined
    open = 1 if hard(told) else 0
    if open:
        urgency = urgency or 1
        refers |= {gp}
    not_excluded = examined = urgency
    if urgency < 4:
        if told != true:
            not_excluded = max(urgency, level(told))
        if not_examined:
            examined = max(urgency, level(true | not_examined))
            # What takes both an answer and an examination waits for the examination.
            together = level(possible)
            if together > max(not_excluded, examined):
                examined = together
    any_picture = picture if picture == 2 or possible == true else max(picture, imaging(possible))
    return urgency, sure, not_excluded, examined, complaint, picture, any_picture, refers, open
"""

Steps = list[tuple[list[Form], int]]


def _one_of(forms: list[Form]) -> Form:
    return at_least_of(1, forms)


def _first(steps: Steps, otherwise: int, names: Mapping[Form, str] | None = None) -> str:
    """The result of the first step of which a form holds."""
    chosen = [f"{result} if {_one_of(forms).source(names)} else" for forms, result in steps if forms]
    return " ".join([*chosen, str(otherwise)])


def _all(steps: Steps, names: Mapping[Form, str] | None = None) -> str:
    """The results (bits) of all steps of which a form holds."""
    return " | ".join(f"({bit} if {_one_of(forms).source(names)} else 0)" for forms, bit in steps)


@cache
def compiled(here: Ready) -> Callable[[int, int, int, int], Raw]:
    """The outcome function of an edition, compiled once."""
    scope: dict[str, Callable[[int, int, int, int], Raw]] = {}
    exec(source(here), scope)  # our own source, from our own rules
    return scope["outcome"]


def outcome(here: Ready, known: Known) -> Outcome:
    """The outcome of one reading."""
    raw = compiled(here)(known.true, known.not_asked, known.unclear, known.not_examined)
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
    here = ready(case.edition)
    true, _, _, not_asked, unclear, not_examined = here.bits(case)
    return compiled(here)(true, not_asked, unclear, not_examined)
