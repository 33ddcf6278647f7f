"""The value of an Observation or an answer, as the finding has it. Nothing is guessed: no unit, no number."""

from __future__ import annotations

from dataclasses import dataclass

from ruggespraak.course.measured import graded, measured
from ruggespraak.fhir.read.elements import Element, codes_in, element, elements, given, shown, text, when
from ruggespraak.logic import AnswerError, Finding
from ruggespraak.pathway.codes.addresses import ANSWERS, NO, UNCLEAR, YES
from ruggespraak.pathway.codes.fhir_words import IS_ABSENT
from ruggespraak.pathway.codes.units import DIMENSIONLESS, UCUM


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
    return Answered((when(value).day or value) if finding.kind == "date" else graded(finding, value))


def _said_to_be_absent(body: Element, name: str) -> bool:
    """Whether an extension, of the value or beside a plain one, says that this is no value."""
    extensions = [*elements(body[name], "extension"), *elements(body.get(f"_{name}"), "extension")]
    return any(one.get("url") == IS_ABSENT for one in extensions)


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
    raw, comparator = quantity.get("value"), quantity.get("comparator")
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not -1e9 < raw < 1e9:
        return Refused(shown(raw), finding.expected)
    unit, code, system = (text(quantity.get(name)) for name in ("unit", "code", "system"))
    try:
        return Answered(measured(finding, raw, unit, code, system, None if comparator is None else str(comparator)))
    except AnswerError as error:
        return Refused(str(error.value), error.expected)
