"""Which of two answers is the more alarming. PATHWAY §1: where people disagree, that one is decided on."""

from __future__ import annotations

from functools import cache

from ruggespraak.consult.ready import ready
from ruggespraak.course.answers import is_worse
from ruggespraak.course.episode import ALARM_FROM
from ruggespraak.logic import Value
from ruggespraak.pathway.editions import DEFAULT


def as_bad(id: str, one: Value, other: Value) -> bool:
    """Whether the one is at least as alarming as the other.

    By the direction that the finding has; where it has none, by the rules: every condition of an alarm that the other
    meets, it meets too, and it sets nothing aside that the other does not.
    """
    if one == other or is_worse(id, one, other):
        return True
    if is_worse(id, other, one) or id not in ready(DEFAULT).alphabet.tables:
        return False
    bits = ready(DEFAULT).alphabet.tables[id]
    alarms, refutations = _rests_on()
    mine, theirs = bits(one), bits(other)
    matters = (mine & alarms) | (theirs & refutations)
    return bool(matters) and not theirs & alarms & ~mine and not mine & refutations & ~theirs


@cache
def _rests_on() -> tuple[int, int]:
    """The conditions of the alarms that cannot wait, and of what sets one aside."""
    alarms = refutations = 0
    for rule in ready(DEFAULT).alarms:
        alarms |= rule.bits if rule.rule.urgency >= ALARM_FROM else 0
    for condition in ready(DEFAULT).refutations.values():
        refutations |= condition.bits
    return alarms, refutations
