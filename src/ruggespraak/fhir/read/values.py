"""The value of an Observation or an answer, as the finding has it. Nothing is guessed: no unit, no number."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ruggespraak.course.answers import signs
from ruggespraak.fhir.read.elements import Element, codes_in, element, elements, given, shown, text, when
from ruggespraak.logic import Finding
from ruggespraak.pathway.codes.addresses import ANSWERS, NO, SYSTEMS, UNCLEAR, YES
from ruggespraak.pathway.codes.fhir_words import IS_ABSENT
from ruggespraak.pathway.codes.units import CONVERT, DECIMALS, DIMENSIONLESS, SAME_UNIT, UCUM

A_LITTLE = 0.01
"""More than 200 is no 200, where the limit of an alarm is more than 200. A form shows two decimals."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A value as it was sent, in the unit of the finding. None: "I do not know"."""

    raw: object


@dataclass(frozen=True, slots=True)
class Refused:
    """A value that cannot be read: what stands there, and what was expected."""

    value: str
    expected: str


PLAIN = {
    "boolean": ("valueBoolean",),
    "number": ("valueInteger", "valueDecimal"),
    "choice": (),
    "date": ("valueDate", "valueDateTime"),
}


def read_value(finding: Finding, body: Element, ours: bool = True) -> Answered | Refused:
    """The answer in ``value[x]``. ``ours``: the question is ours, so that a number without a unit is in our own."""
    names = given(body, "value")
    if len(names) != 1:
        return Refused(f"{len(names)} values" if names else "no value", finding.expected)
    name, value = names[0], body[names[0]]
    if _said_to_be_absent(body, name):
        return Refused("a value that is said not to be known", finding.expected)
    if name in ("valueCodeableConcept", "valueCoding"):
        return _coded(finding, value if name == "valueCodeableConcept" else {"coding": [value]})
    if name == "valueQuantity" and finding.kind == "number":
        return _number(finding, element(body, name))
    if name not in PLAIN[finding.kind]:
        return Refused(name, finding.expected)
    if finding.kind == "number" and not ours and UCUM[finding.unit] != DIMENSIONLESS:
        return Refused(f"{shown(value)} in no unit", f"a number in {UCUM[finding.unit]}")
    return Answered((when(value).day or value) if finding.kind == "date" else _grade(finding, value))


def _said_to_be_absent(body: Element, name: str) -> bool:
    """Whether an extension, of the value or beside a plain one, says that this is no value."""
    extensions = [*elements(body[name], "extension"), *elements(body.get(f"_{name}"), "extension")]
    return any(one.get("url") == IS_ABSENT for one in extensions)


def _grade(finding: Finding, value: object) -> object:
    """A strength between two grades (4+, written 4.5) is the worse one (PATHWAY §2)."""
    return math.floor(value) if finding.unit == "MRC" and isinstance(value, float) and abs(value) < 10 else value


def _coded(finding: Finding, concept: object) -> Answered | Refused:
    """An answer in our own codes."""
    ours = codes_in(concept, ANSWERS)
    if ours == {UNCLEAR}:
        return Answered(None)
    if finding.kind == "boolean" and len(ours) == 1 and ours <= {YES, NO}:
        return Answered(ours == {YES})
    if finding.kind == "choice" and len(ours) == 1:
        id, _, choice = ours.pop().partition(".")
        if id == finding.id:
            return Answered(choice)
    return Refused("a code that is no answer to this", finding.expected)


def _number(finding: Finding, quantity: Element) -> Answered | Refused:
    raw, unit = quantity.get("value"), _unit(quantity)
    mine = UCUM[finding.unit]
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not -1e9 < raw < 1e9:
        return Refused(shown(raw), finding.expected)
    if unit == mine or (unit == finding.unit and not quantity.get("code")) or (mine == DIMENSIONLESS and unit == ""):
        value: float = raw
    elif (mine, unit) in CONVERT:
        times, plus = CONVERT[mine, unit]
        value = round(raw * times + plus, DECIMALS)
    else:
        return Refused(f"{shown(raw)} in {shown(unit) if unit else 'no unit'}", f"a number in {mine}")
    return _bounded(finding, value, quantity.get("comparator"))


def _unit(quantity: Element) -> str:
    """The unit in UCUM; what people wrote, where there is no code."""
    code = text(quantity.get("code"))
    if code and text(quantity.get("system")) not in ("", SYSTEMS["UCUM"]):
        return f"{code} of another system"
    unit = code or text(quantity.get("unit"))
    if unit.startswith("{") and unit.endswith("}"):  # a remark of UCUM about what is counted
        return DIMENSIONLESS
    return SAME_UNIT.get(unit, unit)


def _bounded(finding: Finding, value: float, comparator: object) -> Answered | Refused:
    """The number, where only a bound is given: less than 5 is at worst 5, more than 200 is at least a little more.

    The bound counts where it is the worst that can be and no alarm, or where it is beyond every limit of an alarm.
    """
    if comparator is None:
        return Answered(_grade(finding, value))
    at_worst = {"higher": ("<", "<="), "lower": (">", ">=")}.get(finding.worse, ())
    at_least = {"higher": (">", ">="), "lower": ("<", "<=")}.get(finding.worse, ())
    if comparator in at_worst and not signs().alarming(finding.id, value):
        return Answered(value)
    if comparator in at_least:
        limits = [limit for limit in signs().limits if limit.finding.id == finding.id and limit.operator in at_least]
        more = {">": A_LITTLE, "<": -A_LITTLE}.get(str(comparator), 0)
        for least in (value, value + more):
            if limits and all(limit.value({finding.id: least}) is True for limit in limits):
                return Answered(least)
    return Refused(f"{shown(comparator)} {value:g}", "a number, not a bound")
