"""Observations and QuestionnaireResponses: what was asked, measured and examined.

In our own codes an answer is what it says, a "no" too. In the codes of others only a measured number counts as it is,
and of the rest only "yes": their question may be another one than ours, and their "no" is a reason to ask.
"""

from __future__ import annotations

from collections.abc import Iterator

from ruggespraak.fhir.read.elements import (
    Element,
    When,
    codes_in,
    codings,
    element,
    elements,
    given,
    meanings_of,
    one_day,
    shown,
    text,
    when,
)
from ruggespraak.fhir.read.heard import Entry, Heard, Source
from ruggespraak.fhir.read.values import Answered, Refused, read_value
from ruggespraak.fhir.read.whose import understood, who
from ruggespraak.pathway.codes import Code
from ruggespraak.pathway.codes.addresses import FINDINGS, NOT_KNOWN, canonical
from ruggespraak.pathway.codes.fhir_words import ABSENT, ANSWERED, ASSERTION, COUNTS, PRESENT, SEXES
from ruggespraak.pathway.findings import VOCABULARY

TAKEN_BACK = ("entered-in-error", "cancelled")


About = list[tuple[str, Code | None]]
"""Findings, each with the code of somebody else that names it."""


# Observations --------------------------------------------------------------------------------------------------------


def observation(entry: Entry, heard: Heard) -> None:
    """An Observation, and each of its components."""
    body = entry.body
    source = Source(place=entry.place, when=_found_on(body), by=who(elements(body, "performer"), entry, heard))
    parts = [(part, _about(part)) for part in (body, *elements(body, "component"))]
    if not any(about for _, about in parts):
        heard.without_code[entry.kind] += 1
    elif body.get("focus"):
        heard.pass_over(entry.place, "an observation about somebody or something else", "one about the patient")
    elif not _taken_back(entry, heard):
        certain = _counts(COUNTS, entry, heard)
        for part, about in parts:
            _observed(part, about, source, heard, certain and (part is body or understood(part, entry, heard)))


def _taken_back(entry: Entry, heard: Heard) -> bool:
    status = text(entry.body.get("status"))
    if status in TAKEN_BACK:
        heard.pass_over(entry.place, shown(status), "something that was not taken back")
    return status in TAKEN_BACK


def _counts(statuses: tuple[str, ...], entry: Entry, heard: Heard) -> bool:
    """Whether an answer in this is one. If not, it is a reason to ask: a "yes" that is not final may be one."""
    status = entry.body.get("status")
    if status in statuses:
        return understood(entry.body, entry, heard)
    heard.pass_over(entry.place, shown(status), f"a status of {', '.join(statuses)}")
    return False


def _found_on(body: Element) -> When:
    """When this was found. When it was issued counts only where nothing is said of that: it can be years later."""
    if not given(body, "effective"):
        return when(body.get("issued"))
    period = one_day(element(body, "effectivePeriod"))
    return when(body.get("effectiveDateTime"), body.get("effectiveInstant"), period)


def _about(part: Element) -> About:
    """The findings that this is about, each with the code that says so; in our own code alone, where that is there."""
    concept = part.get("code")
    ours: About = [(id, None) for id in sorted(codes_in(concept, FINDINGS))]
    if ours:
        return ours
    found = meanings_of(concept)
    if ASSERTION in codings(concept):
        found += meanings_of(part.get("valueCodeableConcept"))
    return [(code.finding, code) for code in found if code.finding]


def _observed(part: Element, about: About, source: Source, heard: Heard, certain: bool) -> None:
    if sum(code is None for _, code in about) > 1:
        heard.pass_over(source.place, "one answer to two questions", "one to each")
        certain = False
    for id, code in about:
        finding = VOCABULARY.get(id)
        if finding is None:
            heard.pass_over(source.place, shown(id), "a finding of the vocabulary")
        elif not certain or (code and not code.establishes):
            _reason_to_ask(id, part, source, heard, code)
        elif part.get("dataAbsentReason") is not None:
            _absent(id, part, source, heard, code)
        elif code is None or finding.kind == "number":
            _said(id, read_value(finding, part, ours=code is None), source, heard, code)
        else:
            _in_their_codes(id, part, source, heard, code)


def _said(id: str, value: Answered | Refused, source: Source, heard: Heard, code: Code | None = None) -> None:
    """A value that was read, or what cannot be one: then there still is a reason to ask."""
    if isinstance(value, Refused):
        heard.pass_over(f"{source.place}, {id}", value.value, value.expected)
        heard.hint(id, source, code)
    else:
        heard.say(id, value.raw, source, code)


def _absent(id: str, part: Element, source: Source, heard: Heard, code: Code | None) -> None:
    """Asked and not known is an answer. Every other reason for no value is as good as not asked."""
    if given(part, "value"):
        heard.pass_over(f"{source.place}, {id}", "a value, and a reason why there is none", "one of the two")
        heard.hint(id, source, code)
    elif codes_in(part.get("dataAbsentReason"), ABSENT) == {"asked-unknown"}:
        heard.say(id, None, source, code)


def _in_their_codes(id: str, part: Element, source: Source, heard: Heard, code: Code) -> None:
    """Somebody else's answer, other than a number."""
    concept = part.get("valueCodeableConcept")
    values = {one.value for one in meanings_of(concept) if one.finding == id and one.establishes}
    if id == "sex_at_birth":
        values = {SEXES[one] for one in codings(concept) if one in SEXES}
    elif VOCABULARY[id].kind == "boolean" and (part.get("valueBoolean") is True or PRESENT & set(codings(concept))):
        values = {True}
    values.discard(None)
    if len(values) == 1:
        heard.say(id, values.pop(), source, code)
    else:
        _reason_to_ask(id, part, source, heard, code)


def _reason_to_ask(id: str, part: Element, source: Source, heard: Heard, code: Code | None) -> None:
    """A number says nothing about a question that is answered with yes or no."""
    if VOCABULARY[id].kind == "number" or "valueQuantity" not in part:
        heard.hint(id, source, code)


# Questionnaires ------------------------------------------------------------------------------------------------------


def response(entry: Entry, heard: Heard) -> None:
    """The answers to a questionnaire of ours. What stands in an answer to somebody else's, nobody told us."""
    body = entry.body
    ours = text(body.get("questionnaire")).startswith(canonical("Questionnaire", ""))
    asked_of = [element(body, "source")] if element(body, "source") else [element(body, "author")]
    source = Source(place=entry.place, when=when(body.get("authored")), by=who(asked_of, entry, heard))
    if not ours:
        heard.not_read["QuestionnaireResponse of another questionnaire"] += 1
    elif not _taken_back(entry, heard):
        certain = _counts(ANSWERED, entry, heard)
        for answered in _items(body, certain, entry, heard):
            _answered(*answered, source, heard)


Answers = list[tuple[Element, bool]]
"""Answers to one question, each with whether it is certain what it means."""


def _items(body: Element, certain: bool, entry: Entry, heard: Heard) -> Iterator[tuple[Element, Answers]]:
    """Every item with its answers. What turns an item or an answer round turns all that is inside it."""
    waiting = [(item, certain) for item in elements(body, "item")][::-1]
    while waiting:
        item, certain = waiting.pop()
        certain = understood(item, entry, heard) and certain
        answers = [(answer, understood(answer, entry, heard) and certain) for answer in elements(item, "answer")]
        yield item, answers
        waiting += [(one, sure) for part, sure in [(item, certain), *answers] for one in elements(part, "item")]


def _answered(item: Element, answers: Answers, source: Source, heard: Heard) -> None:
    """Each answer to one question."""
    link = text(item.get("linkId"))
    id, not_known = link.removesuffix(NOT_KNOWN), link.endswith(NOT_KNOWN)
    if id not in VOCABULARY:  # a group, a help text, or a question that a later edition asks
        if answers:
            heard.pass_over(source.place, shown(link), "a question of the vocabulary")
        return
    for answer, certain in answers:
        if not certain:
            heard.hint(id, source)
        elif not_known:
            if answer.get("valueBoolean") is True:
                heard.say(id, None, source)
        else:
            _said(id, read_value(VOCABULARY[id], answer), source, heard)
