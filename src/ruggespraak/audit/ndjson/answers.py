"""Observations and QuestionnaireResponses: what was asked, measured and examined. ``fhir.read`` reads one patient's so.

In our own codes an answer is what it says, a "no" too. In the codes of others only a measured number counts as it is,
and of the rest only "yes". Whatever else may be a reason to ask answers nothing here: nobody asked at the time.

A performer that is not named is no care giver where one of our questions was answered: only a care giver's own finding
may set an alarm aside. A laboratory seldom names itself, and sets nothing aside.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from operator import attrgetter

from ruggespraak.audit.ndjson.said import (
    REMEMBERED,
    PassedError,
    RejectedError,
    Said,
    codes_in,
    codings,
    day_of,
    expect_status,
    expect_understood,
    meanings_of,
    needed_day,
    one_day,
    understood,
    who,
)
from ruggespraak.audit.ndjson.shapes import (
    Answer,
    Beside,
    Component,
    Concept,
    Extension,
    Item,
    Observation,
    Own,
    Quantity,
    QuestionnaireResponse,
    Valued,
)
from ruggespraak.audit.rejects import shown
from ruggespraak.consult.case import plain
from ruggespraak.course.measured import graded, measured
from ruggespraak.logic import AnswerError, Finding, Value
from ruggespraak.pathway.codes import Code
from ruggespraak.pathway.codes.addresses import ANSWERS, FINDINGS, NO, NOT_KNOWN, UNCLEAR, YES, canonical
from ruggespraak.pathway.codes.fhir_words import ABSENT, ANSWERED, ASSERTION, COUNTS, IS_ABSENT, PRESENT, SEXES
from ruggespraak.pathway.codes.units import DIMENSIONLESS, UCUM
from ruggespraak.pathway.findings import VOCABULARY

QUESTIONNAIRE = canonical("Questionnaire", "")
About = list[tuple[str, Code | None]]
"""Findings, each with the code of somebody else that names it."""


class Content:
    """What an Observation and its components say, of whomever and whenever; it is told of each that says the same."""

    def __init__(self, it: Observation) -> None:
        self._passed: str | None = None
        self._on = it.effective_instant, one_day(it.effective_period)
        self._told_when = bool(it.effective_instant or it.effective_period or it.effective_timing)
        self._heard = _Heard(who(it, it.performer or ()))
        try:
            self._hear(it)
        except PassedError as why:
            self._passed = str(why)

    def _hear(self, it: Observation) -> None:
        parts = [(part, about) for part in (it, *(it.component or ())) if (about := _about(part))]
        if not parts:
            raise PassedError("no code that we know")
        if it.focus:
            raise PassedError("about something else than a patient")
        expect_status(it.status, COUNTS)
        expect_understood(it)
        for part, about in parts:
            if part is it or understood(part.modifier_extension):
                self._heard.observed(part, about)

    def tell(self, it: Own | Observation, said: Said) -> None:
        """All of it, of this one. When it was issued counts only where nothing says when it was found: it can be years
        later. Raises PassedError, RejectedError."""
        if self._passed:
            raise PassedError(self._passed)
        said.of(it.subject)
        if it.effective_date_time or self._told_when:
            self._heard.tell(said, "effectiveDateTime", it.effective_date_time, *self._on)
        else:
            self._heard.tell(said, "effectiveDateTime", it.issued)


def response(it: QuestionnaireResponse, said: Said) -> None:
    """The answers to a questionnaire of ours. What stands in an answer to somebody else's, nobody told us."""
    if not (it.questionnaire or "").startswith(QUESTIONNAIRE):
        raise PassedError("another questionnaire than ours")
    said.of(it.subject)
    expect_status(it.status, ANSWERED)
    expect_understood(it)
    heard = _Heard(who(it, [it.source or it.author]))
    for item, answers in _items(it.item or ()):
        heard.answered(item, answers)
    heard.tell(said, "authored", it.authored)


def _about(part: Component) -> About:
    """The findings that this is about, each with the code that says so; in our own code alone, where that is there."""
    ours: About = [(id, None) for id in sorted(codes_in(part.code, FINDINGS))]
    if ours:
        return ours
    found = meanings_of(part.code)
    if ASSERTION in codings(part.code):
        found += meanings_of(part.value_codeable_concept)
    return [(code.finding, code) for code in found if code.finding]


def _items(items: Iterable[Item]) -> Iterator[tuple[Item, list[Answer]]]:
    """Every item with its answers. What turns an item or an answer round, turns all that is inside it: it is left."""
    waiting = list(items)[::-1]
    while waiting:
        item = waiting.pop()
        if understood(item.modifier_extension):
            answers = [one for one in item.answer or () if understood(one.modifier_extension)]
            yield item, answers
            inside = [item.item, *(answer.item for answer in answers)]
            waiting += [one for part in inside for one in part or ()]


class _Heard:
    """The answers of one resource, until it is known whether it has a day."""

    def __init__(self, by: str) -> None:
        self.by = by
        self.answers: dict[tuple[str, Value | None], Code | None] = {}
        self.problems: list[str] = []

    def observed(self, part: Component, about: About) -> None:
        """What one part of an Observation says about these findings."""
        if sum(code is None for _, code in about) > 1:
            self.problems.append("code: two of our questions given, one to each answer expected")
            return
        for id, code in about:
            finding = VOCABULARY.get(id)
            if finding is None:
                self.problems.append(f"code: {shown(id)} given, a finding of findings.csv expected")
            elif code and not code.establishes:
                continue
            elif part.data_absent_reason is not None:
                self._absent(id, part, code)
            elif code is None or finding.kind == "number":
                self._read(finding, part, code)
            elif (value := _in_their_codes(finding, part)) is not None:
                self.answers[id, value] = code

    def answered(self, item: Item, answers: list[Answer]) -> None:
        """Each answer to one question."""
        link = item.link_id or ""
        id = link.removesuffix(NOT_KNOWN)
        if id not in VOCABULARY:  # a group, a help text, or a question that a later edition asks
            self.problems += [f"linkId: {shown(link)} given, a question of the vocabulary expected"] if answers else []
            return
        for answer in answers:
            if link == id:
                self._read(VOCABULARY[id], answer)
            elif answer.value_boolean is True:
                self.answers[id, None] = None

    def _absent(self, id: str, part: Component, code: Code | None) -> None:
        """Asked and not known is an answer. Every other reason for no value is as good as not asked."""
        if _values(part):
            self.problems.append(f"{id}: a value and a reason why there is none given, one of the two expected")
        elif codes_in(part.data_absent_reason, ABSENT) == {"asked-unknown"}:
            self.answers[id, None] = code

    def _read(self, finding: Finding, part: Valued, code: Code | None = None) -> None:
        try:
            value = _value(finding, part, ours=code is None)
            self.answers[finding.id, None if value is None else finding.accept(value)] = code
        except AnswerError as error:
            self.problems.append(f"{finding.id}: {shown(error.value)} given, {error.expected} expected")

    def tell(self, said: Said, place: str, *days: str | None) -> None:
        """All that was heard, on the first of these days. Raises PassedError, RejectedError."""
        if not self.answers:
            raise RejectedError(self.problems[0]) if self.problems else PassedError("no answer to what we ask")
        day = said.on(needed_day(place, *days))
        for (id, value), code in self.answers.items():
            if isinstance(value, date) and value > day:
                said.problems.append(f"{id}: {value} given, a date that is not after {day} expected")
                continue
            said.row("answers", day, id, as_text(value), self.by or ("patient" if code is None else None))
        said.problems += self.problems


@lru_cache(REMEMBERED, typed=True)  # 1 is not true
def as_text(value: Value | None) -> str:
    """An answer as the tables have it. None: asked, and not known."""
    if value is None:
        return UNCLEAR
    told = plain(value)
    if isinstance(told, float) and told.is_integer():
        told = int(told)
    return told if isinstance(told, str) else json.dumps(told)


# Values --------------------------------------------------------------------------------------------------------------

FHIR_NAMES = dict(zip(Valued.__struct_fields__, Valued.__struct_encode_fields__, strict=True))
VALUES = tuple(name for name in FHIR_NAMES if name.startswith("value"))
_EACH_VALUE = attrgetter(*VALUES)
PLAIN = {
    "boolean": ("value_boolean",),
    "number": ("value_integer", "value_decimal"),
    "choice": (),
    "date": ("value_date", "value_date_time"),
}


def _values(part: Valued) -> list[str]:
    return [name for name, value in zip(VALUES, _EACH_VALUE(part), strict=True) if value is not None]


def _value(finding: Finding, part: Valued, ours: bool) -> object:
    """The answer in ``value[x]``; None for "I do not know". ``ours``: a number without a unit is in our own.

    Raises AnswerError.
    """
    names = _values(part)
    if len(names) != 1:
        raise AnswerError(finding.id, f"{len(names)} values" if names else None, finding.expected)
    name, value = names[0], getattr(part, names[0])
    if _said_to_be_absent(part, name):
        raise AnswerError(finding.id, "a value that is said not to be known", finding.expected)
    if name in ("value_codeable_concept", "value_coding"):
        return _coded(finding, value if name == "value_codeable_concept" else Concept(coding=[value]))
    if name == "value_quantity" and finding.kind == "number":
        return _number(finding, value)
    if name not in PLAIN[finding.kind]:
        raise AnswerError(finding.id, FHIR_NAMES[name], finding.expected)
    if finding.kind == "number" and not ours and UCUM[finding.unit] != DIMENSIONLESS:
        raise AnswerError(finding.id, f"{value:g} in no unit", f"a number in {UCUM[finding.unit]}")
    return (day_of(value) or value) if finding.kind == "date" else graded(finding, value)


def _said_to_be_absent(part: Valued, name: str) -> bool:
    """Whether an extension, of the value or beside a plain one, says that this is no value."""
    beside: Beside | None = getattr(part, name.replace("value", "beside"), None)
    inside: list[Extension] | None = getattr(getattr(part, name), "extension", None)
    extensions = [*(inside or ()), *((beside.extension if beside else None) or ())]
    return any(one.url == IS_ABSENT for one in extensions)


def _coded(finding: Finding, concept: Concept) -> object:
    """An answer in our own codes."""
    ours = codes_in(concept, ANSWERS)
    if ours == {UNCLEAR}:
        return None
    if finding.kind == "boolean" and len(ours) == 1 and ours <= {YES, NO}:
        return ours == {YES}
    if finding.kind == "choice" and len(ours) == 1:
        id, _, choice = ours.pop().partition(".")
        if id == finding.id:
            return choice
    raise AnswerError(finding.id, "a code that is no answer to this", finding.expected)


def _number(finding: Finding, quantity: Quantity) -> float:
    if quantity.value is None or not -1e9 < quantity.value < 1e9:
        raise AnswerError(finding.id, quantity.value, finding.expected)
    unit, code, system = quantity.unit or "", quantity.code or "", quantity.system or ""
    return measured(finding, quantity.value, unit, code, system, quantity.comparator)


def _in_their_codes(finding: Finding, part: Component) -> Value | None:
    """Somebody else's answer, other than a number; None where it is none of which we know that it is a yes."""
    concept = part.value_codeable_concept
    values = {one.value for one in meanings_of(concept) if one.finding == finding.id and one.establishes}
    if finding.id == "sex_at_birth":
        values = {SEXES[one] for one in codings(concept) if one in SEXES}
    elif finding.kind == "boolean" and (part.value_boolean is True or PRESENT & set(codings(concept))):
        values = {True}
    values.discard(None)
    return values.pop() if len(values) == 1 else None
