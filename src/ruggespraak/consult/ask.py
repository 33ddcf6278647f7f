"""What to ask next: only what can still change urgency, then complaint, imaging or referral (DESIGN §5).

For every rung that is not reached yet the smallest sets of answers that would reach it are known (implicants). What is
missing of such a set, and this person can tell, is worth asking; what only an examination gives is worth examining.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations

from ruggespraak.consult.outcome import Outcome, compiled
from ruggespraak.consult.ready import Condition, Known, Ready
from ruggespraak.logic import Form, at_least_of
from ruggespraak.pathway.rules import Urgency, Use


@dataclass(frozen=True, slots=True)
class Asking:
    """Finding ids, the most alarming first."""

    ask: tuple[str, ...]
    examine: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rungs:
    """The rungs that several rules share: at least this urgent, this picture, this addressee."""

    urgency: dict[Urgency, Condition]
    imaging: dict[Use, Condition]
    refer: dict[str, Condition]
    hard: Condition


@cache
def rungs(here: Ready) -> Rungs:
    """The rungs of an edition, the highest of each kind first; made once."""

    def one_of(forms: list[Form]) -> Condition:
        condition = Condition(here.alphabet, at_least_of(1, forms))
        condition.implied = here.implied
        return condition

    levels = sorted((level for level in Urgency if level), reverse=True)
    return Rungs(
        urgency={
            level: one_of([form for higher in levels if higher >= level for form in here.level(higher)])
            for level in levels
        },
        imaging={use: one_of(here.picture(use)) for use in sorted(Use, reverse=True)},
        refer={to: one_of(forms) for to, forms in here.referred().items()},
        hard=one_of(here.hard()),
    )


def asking(here: Ready, known: Known, came: Outcome) -> Asking:
    """What can still change this outcome: what to ask this person, and what to examine."""
    available = known.not_asked | known.not_examined
    if not available:
        return Asking((), ())
    ask: dict[str, None] = {}
    examine: dict[str, None] = {}
    listed = 0  # the literals of what is in either list already: a set that holds no other adds nothing
    for rung, true, before in _open_rungs(here, known, came):
        if rung.bits & available & ~listed and rung.holds(true | available):
            sets = rung.missing(true, available, news=available & ~listed)
            for mask in sets:
                if not any(earlier.holds(true | mask) for earlier in before):
                    listed |= _list(here, mask, ask, examine)
                    sets.news = available & ~listed
    for mask in _refutations(here, known, available):
        _list(here, mask, ask, examine)
    return Asking(tuple(ask), tuple(examine))


def _list(here: Ready, mask: int, ask: dict[str, None], examine: dict[str, None]) -> int:
    """Lists the findings of one set: to ask if a person can answer all of it, else its examination. Their literals."""
    target, part = (examine, mask & here.clinician) if mask & here.clinician else (ask, mask)
    listed = 0
    while part:
        finding, literals = here.owner[part & -part]
        target[finding] = None
        listed |= literals
        part &= ~literals
    return listed


def _open_rungs(here: Ready, known: Known, came: Outcome) -> Iterator[tuple[Condition, int, Sequence[Condition]]]:
    """Every rung that would change the outcome: the most alarming first.

    With it what counts as true for it, and what comes before it: where that holds, this changes nothing.
    """
    shared = rungs(here)
    # What R19 adds ("at least routine") goes away when everything is asked: what is asked is judged without it. Where
    # an alarm is open because somebody does not know, asking does not end that.
    unclear = known.true | known.unclear
    ends = not shared.hard.holds(known.true | known.unclear & ~known.not_examined)
    urgency = came.established if came.urgency is Urgency.ROUTINE and ends else came.urgency
    for level, rung in shared.urgency.items():
        if level > urgency:
            yield rung, known.true, []
        if known.unclear and level >= Urgency.SAME_DAY and level - 1 > urgency:  # R18
            yield rung, unclear, []
    index = next((index for index, rule in enumerate(here.classes) if rule.holds(known.true)), len(here.classes))
    for earlier in range(index):
        if here.complaints[earlier] is not came.complaint:
            yield here.classes[earlier], known.true, here.classes[:earlier]
    pictures = list(shared.imaging.items())
    for place, (use, rung) in enumerate(pictures):
        if came.imaging is None or use > came.imaging:
            yield rung, known.true, [more for _, more in pictures[:place]]
    for to, rung in shared.refer.items():
        # Where only an open question sends to the GP (R19), that ends with the answer; a hard alarm's GP stays.
        certain = to in came.refer and (to != "gp" or rung.holds(known.true) or not ends)
        if not certain:
            yield rung, known.true, []


def _refutations(here: Ready, known: Known, available: int) -> Iterator[int]:
    """What would set an alarm aside that is established, or feared (R18), where that changes the outcome."""
    used, feared = 0, known.true | known.unclear
    for rule in here.alarms:
        if rule.holds(feared):
            used |= rule.bits
    sets: dict[int, list[int]] = {}
    for bit, refutation in here.refutations.items():
        if bit & used & known.true and refutation.holds(known.certain | available):
            sets[bit] = list(refutation.missing(known.certain, available))

    @cache
    def outcome_with(told: int, certain: int) -> tuple[int, ...]:
        raw = compiled(here)(here.told(known, told, certain), 0, known.unclear, 0)
        return raw[0], raw[4], raw[5], raw[7]

    for bit, masks in sets.items():
        others = [theirs[0] for other, theirs in sets.items() if other != bit]
        for mask in masks:
            # The same answers with and without their power to set aside: by themselves, or after some of the others.
            if any(outcome_with(mask | r, mask | r) != outcome_with(mask | r, r & ~mask) for r in _unions(others)):
                yield mask


def _unions(masks: Sequence[int]) -> Iterator[int]:
    """The union of every choice of these, the smallest choices first."""
    for n in range(len(masks) + 1):
        for chosen in combinations(masks, n):
            union = 0
            for mask in chosen:
                union |= mask
            yield union
