"""A number as somebody else measured it, as our finding has it. Nothing is guessed: no unit, no number."""

from __future__ import annotations

import math
from typing import TypeVar

from ruggespraak.consult.case import LONGEST_SHOWN
from ruggespraak.course.answers import signs
from ruggespraak.logic import AnswerError, Finding
from ruggespraak.pathway.codes.addresses import SYSTEMS
from ruggespraak.pathway.codes.units import CONVERT, DECIMALS, DIMENSIONLESS, SAME_UNIT, UCUM

Given = TypeVar("Given")
A_LITTLE = 0.01
"""More than 200 is no 200, where the limit of an alarm is more than 200. A form shows two decimals."""


def measured(
    finding: Finding, raw: float, unit: str = "", code: str = "", system: str = "", comparator: str | None = None
) -> float:
    """The number of a Quantity of FHIR in the unit of the finding. Raises AnswerError.

    ``unit``: what people wrote; ``code``, ``system``: the same for machines, empty where there is none.
    """
    named, mine = _unit(unit, code, system), UCUM[finding.unit]
    if named == mine or (named == finding.unit and not code) or (mine == DIMENSIONLESS and not named):
        value = raw
    elif (mine, named) in CONVERT:
        times, plus = CONVERT[mine, named]
        value = round(raw * times + plus, DECIMALS)
    else:
        given = f"{raw:g} in {named[:LONGEST_SHOWN] or 'no unit'}"
        raise AnswerError(finding.id, given, f"a number in {mine}")
    return graded(finding, value) if comparator is None else _bounded(finding, value, comparator)


def graded(finding: Finding, value: Given) -> Given | int:
    """A strength between two grades (4+, written 4.5) is the worse one (PATHWAY §2)."""
    return math.floor(value) if finding.unit == "MRC" and isinstance(value, float) and abs(value) < 10 else value


def _unit(unit: str, code: str, system: str) -> str:
    """The unit in UCUM; what people wrote, where there is no code."""
    if code and system not in ("", SYSTEMS["UCUM"]):
        return f"{code} of another system"
    named = code or unit
    if named.startswith("{") and named.endswith("}"):  # a remark of UCUM about what is counted
        return DIMENSIONLESS
    return SAME_UNIT.get(named, named)


def _bounded(finding: Finding, value: float, comparator: str) -> float:
    """The number, where only a bound is given: less than 5 is at worst 5, more than 200 is at least a little more.

    The bound counts where it is the worst that can be and no alarm, or where it is beyond every limit of an alarm.
    """
    at_worst = {"higher": ("<", "<="), "lower": (">", ">=")}.get(finding.worse, ())
    at_least = {"higher": (">", ">="), "lower": ("<", "<=")}.get(finding.worse, ())
    if comparator in at_worst and not signs().alarming(finding.id, value):
        return value
    if comparator in at_least:
        limits = [limit for limit in signs().limits if limit.finding.id == finding.id and limit.operator in at_least]
        more = {">": A_LITTLE, "<": -A_LITTLE}.get(comparator, 0)
        for least in (value, value + more):
            if limits and all(limit.value({finding.id: least}) is True for limit in limits):
                return least
    raise AnswerError(finding.id, f"{comparator} {value:g}", "a number, not a bound")
