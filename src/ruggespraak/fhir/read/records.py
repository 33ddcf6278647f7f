"""Problems, procedures, medicines and orders: what a record holds without anybody having asked.

A record says what is there. That something is not in it, was refuted, stopped or not taken, is never a "no": the
question stays open. Nor does a problem on a list set an alarm aside: it may be there though nobody is sure.
"""

from __future__ import annotations

from datetime import date

from ruggespraak.course.answers import LASTING, signs
from ruggespraak.fhir.read.elements import (
    Element,
    codes_in,
    codings,
    element,
    elements,
    given,
    meanings_of,
    one_day,
    text,
    when,
)
from ruggespraak.fhir.read.heard import Entry, Heard, Source
from ruggespraak.fhir.read.whose import relative, understood, who
from ruggespraak.logic import Value
from ruggespraak.pathway.codes import ORDERS as ORDER_CODES
from ruggespraak.pathway.codes import Code, meanings
from ruggespraak.pathway.codes.addresses import FINDINGS, ORDERS, SYSTEM_NAMES
from ruggespraak.pathway.codes.fhir_words import (
    ACTIVE,
    CLINICAL,
    HARMLESS,
    HAS_IT,
    HAS_IT_NOT,
    KNOWN_ABSENT,
    ORDERED,
    OVER,
    STOPPED,
    VERIFIED,
)
from ruggespraak.pathway.findings import VOCABULARY
from ruggespraak.pathway.numbers import CHRONIC_FROM

ORDER_KINDS = tuple(dict.fromkeys(code.about.partition(":")[2] for code in ORDER_CODES))
PICTURES = {"spine_mri", "spine_ct", "spine_x_ray"}


def order_of(concept: object) -> str | None:
    """What this CodeableConcept orders for a back: ``spine_mri``, ``opioid``, ... None for anything else.

    A code must say it; words are not read, and codes that say two things say neither: one of a system that we read, but
    not known to us, may name another part of the spine. Whether it is ordered or forbidden (``doNotPerform``) is not in
    a code.
    """
    kinds = codes_in(concept, ORDERS) & {*ORDER_KINDS}
    for system, code in codings(concept):
        if theirs := SYSTEM_NAMES.get(system.lower()):
            meant = (one.about.partition(":") for one in meanings(theirs, code) if one.establishes)
            kinds |= {kind for about, _, kind in meant if about == "order"} or {""}
    return (kinds.pop() or None) if len(kinds) == 1 else None


# Problems ------------------------------------------------------------------------------------------------------------


def condition(entry: Entry, heard: Heard) -> None:
    """A problem: there, there once, or refuted."""
    body = entry.body
    speaker = who([element(body, "asserter") or element(body, "recorder")], entry, heard)
    source = Source(place=entry.place, when=when(body.get("recordedDate"), body.get("onsetDateTime")), by=speaker)
    found = _named(body.get("code"))
    if not found:
        heard.without_code[entry.kind] += 1
        return
    verified, status = _verified(body), _clinical(body)
    if verified in HAS_IT_NOT:
        heard.pass_over(entry.place, verified, "a problem that is there")
        return
    certain = understood(body, entry, heard)
    if certain and not (verified and status):
        heard.pass_over(entry.place, "a status that is not known", "a status of FHIR R4")
    certain = certain and verified in HAS_IT and status != ""
    for id, value, code in found:
        if status == "over" and id not in LASTING:
            heard.pass_over(f"{entry.place}, {id}", "over", "a problem that is still there")
        elif certain and (code is None or code.establishes) and _stands(id, value, source, heard):
            heard.say(id, value, source, code)
        else:
            heard.hint(id, source, code)


def _stands(id: str, value: Value | None, source: Source, heard: Heard) -> bool:
    """Whether a list can say this: it sets no alarm aside, and nobody takes a fever off it that is over."""
    if value is None or signs().reassures(id, value):
        return False
    long_ago = source.when.day is not None and (heard.on - source.when.day).days > CHRONIC_FROM
    return not long_ago or id in LASTING or not signs().alarming(id, value)


def _named(concept: object) -> list[tuple[str, Value | None, Code | None]]:
    """The findings that a problem is about, with the answer that it then is, and the code that says so."""
    ours: list[tuple[str, Value | None, Code | None]] = [
        (id, True, None) for id in sorted(codes_in(concept, FINDINGS)) if id in VOCABULARY
    ]
    return ours + [(code.finding, code.value, code) for code in meanings_of(concept) if code.finding]


def _verified(body: Element) -> str:
    """FHIR's word for how sure a problem is; empty for one that is not known or that contradicts itself."""
    concept = body.get("verificationStatus")
    if concept is None:
        return "confirmed"
    codes = codes_in(concept, VERIFIED) | ({"refuted"} if KNOWN_ABSENT in codings(concept) else set())
    return codes.pop() if len(codes) == 1 and codes <= {*HAS_IT, "differential", *HAS_IT_NOT} else ""


def _clinical(body: Element) -> str:
    """``active``, ``over``, or empty for a status that is not known. Without any: over when an end is given."""
    concept = body.get("clinicalStatus")
    codes = codes_in(concept, CLINICAL)
    if codes and codes <= ACTIVE:
        return "active"
    ended = given(body, "abatement")
    if (codes and codes <= OVER) or (concept is None and ended):
        return "over"
    return "active" if concept is None else ""


# Procedures and orders -----------------------------------------------------------------------------------------------


def procedure(entry: Entry, heard: Heard) -> None:
    """What was done: a puncture or an operation of the back, a picture of it."""
    body = entry.body
    done = text(body.get("status")) in ("completed", "in-progress")
    performed = when(body.get("performedDateTime"), one_day(element(body, "performedPeriod")))
    actors = [element(one, "actor") for one in elements(body, "performer")]
    source = Source(place=entry.place, when=performed, by=who(actors, entry, heard))
    _done(entry, heard, done, source, on=performed.day)


def service_request(entry: Entry, heard: Heard) -> None:
    """What was asked for. It says something only once it was done: an order is no finding."""
    body = entry.body
    done = text(body.get("status")) == "completed" and not body.get("doNotPerform")
    at = when(body.get("occurrenceDateTime"), body.get("authoredOn"))
    source = Source(place=entry.place, when=at, by=who([element(body, "requester")], entry, heard))
    _done(entry, heard, done, source, on=None)


def _done(entry: Entry, heard: Heard, done: bool, source: Source, on: date | None) -> None:
    """``on``: the day on which it was done; None where that is not known, as of an order."""
    concept = entry.body.get("code")
    order = order_of(concept)
    theirs = [code for code in meanings_of(concept) if code.finding]
    if order is None and not theirs:
        heard.without_code[entry.kind] += 1
    elif done:
        certain = understood(entry.body, entry, heard)
        if certain and order in PICTURES:
            heard.say("prior_imaging", True, source)
        for code in theirs:
            _was_done(code, source, heard, on if certain else None)


def _was_done(code: Code, source: Source, heard: Heard, on: date | None) -> None:
    """A procedure of a finding that counts days: none had passed on the day itself."""
    id = code.finding or ""
    if code.establishes and on and VOCABULARY[id].unit == "days":
        heard.say(id, 0, source, code)
    else:
        heard.hint(id, source, code)


# Medicines -----------------------------------------------------------------------------------------------------------


def medication_statement(entry: Entry, heard: Heard) -> None:
    """A medicine in use."""
    body = entry.body
    period = element(body, "effectivePeriod")
    told = when(body.get("dateAsserted"), body.get("effectiveDateTime"), period.get("start"))
    source = Source(place=entry.place, when=told, by=who([element(body, "informationSource")], entry, heard))
    begins, ended = when(period.get("start")).day or heard.on, when(period.get("end")).day or heard.on
    _taken(entry, heard, text(body.get("status")) == "active" and begins <= heard.on <= ended, source)


def medication_request(entry: Entry, heard: Heard) -> None:
    """A medicine that is prescribed and was not stopped counts as one in use: it is what a record knows of it."""
    body = entry.body
    source = Source(
        place=entry.place, when=when(body.get("authoredOn")), by=who([element(body, "requester")], entry, heard)
    )
    meant = text(body.get("intent")) in ORDERED and not body.get("doNotPerform")
    _taken(entry, heard, text(body.get("status")) == "active" and meant, source)


def _taken(entry: Entry, heard: Heard, in_use: bool, source: Source) -> None:
    theirs = [code for code in meanings_of(_medicine(entry, heard)) if code.finding]
    if not theirs:
        heard.without_code[entry.kind] += 1
        return
    stopped = any(one.get("url") == STOPPED for one in elements(entry.body, "modifierExtension"))
    if not in_use or stopped:
        return
    certain = understood(entry.body, entry, heard, known=HARMLESS)
    for code in theirs:
        if certain and code.establishes and code.value is not None:
            heard.say(code.finding or "", code.value, source, code)
        else:
            heard.hint(code.finding or "", source, code)


def _medicine(entry: Entry, heard: Heard) -> object:
    """The codes of the medicine: here, or in the Medication that is referred to."""
    if concept := element(entry.body, "medicationCodeableConcept"):
        return concept
    reference = text(element(entry.body, "medicationReference").get("reference"))
    for one in elements(entry.body, "contained"):
        if reference == f"#{text(one.get('id'))}" and one.get("resourceType") == "Medication":
            return one.get("code")
    other = heard.others.get(reference) or heard.others.get(relative(reference))
    return other.body.get("code") if other and other.kind == "Medication" else None
