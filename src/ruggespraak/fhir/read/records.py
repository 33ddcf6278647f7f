"""Problems, procedures, medicines and orders: what a record holds without anybody having asked.

A record says what is there. That something is not in it, was refuted, stopped or not taken, is never a "no": the
question stays open.
"""

from __future__ import annotations

from ruggespraak.course.answers import LASTING
from ruggespraak.fhir.names import FINDINGS, ORDERS
from ruggespraak.fhir.read.elements import (
    Element,
    codes_in,
    codings,
    element,
    elements,
    meanings_of,
    one_day,
    text,
    when,
)
from ruggespraak.fhir.read.heard import Entry, Heard, Source
from ruggespraak.fhir.read.whose import understood, who
from ruggespraak.pathway.codes import ORDERS as ORDER_CODES
from ruggespraak.pathway.codes import Code
from ruggespraak.pathway.findings import VOCABULARY

CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFIED = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
ACTIVE = {"active", "recurrence", "relapse"}
OVER = {"inactive", "remission", "resolved"}
KNOWN_ABSENT = ("http://snomed.info/sct", "410516002")
"""How a Dutch problem says "refuted" beside, or without, FHIR's own word."""

NICTIZ = "http://nictiz.nl/fhir/StructureDefinition/"
STOPPED = f"{NICTIZ}ext-StopType"
"""On a medicine of nl-core: it was stopped, for now or for good."""
HARMLESS = (f"{NICTIZ}ext-InstructionsForUse.RepeatPeriodCyclicalSchedule",)
ORDERED = {"order", "original-order", "reflex-order", "filler-order", "instance-order"}

ORDER_KINDS = tuple(dict.fromkeys(code.about.partition(":")[2] for code in ORDER_CODES))
PICTURES = {"spine_mri", "spine_ct", "spine_x_ray"}


def order_of(concept: object) -> str | None:
    """What this CodeableConcept orders for a back: ``spine_mri``, ``opioid``, ... None for anything else.

    A code must say it; words are not read, and codes that say two things say neither. Whether it is ordered or
    forbidden (``doNotPerform``) is not in a code.
    """
    kinds = codes_in(concept, ORDERS) & {*ORDER_KINDS}
    for code in meanings_of(concept):
        where, _, kind = code.about.partition(":")
        if where == "order" and code.establishes:
            kinds.add(kind)
    return kinds.pop() if len(kinds) == 1 else None


# Problems ------------------------------------------------------------------------------------------------------------


def condition(entry: Entry, heard: Heard) -> None:
    """A problem: there, there once, or refuted."""
    body = entry.body
    speaker = who([element(body, "asserter")] if "asserter" in body else [element(body, "recorder")], entry, heard)
    source = Source(place=entry.place, when=when(body.get("recordedDate"), body.get("onsetDateTime")), by=speaker)
    ours = [id for id in codes_in(body.get("code"), FINDINGS) if id in VOCABULARY]
    theirs = [code for code in meanings_of(body.get("code")) if code.finding]
    if not ours and not theirs:
        heard.without_code[entry.kind] += 1
        return
    verified, status = _verified(body), _clinical(body)
    if verified in ("refuted", "entered-in-error"):
        heard.pass_over(entry.place, verified, "a problem that is there")
        return
    certain = understood(body, entry, heard)
    if certain and (verified == "" or status == ""):
        heard.pass_over(entry.place, "a status that is not known", "a status of FHIR R4")
        certain = False
    certain = certain and verified != "differential"
    for id in ours:
        _has(id, True, None, status, source, heard, certain)
    for code in theirs:
        _has(code.finding or "", code.value, code, status, source, heard, certain and code.establishes)


def _has(id: str, value: object, code: Code | None, status: str, source: Source, heard: Heard, certain: bool) -> None:
    """A problem that is about this finding. What is over counts only for what one has for good."""
    if status == "over" and id not in LASTING:
        heard.pass_over(f"{source.place}, {id}", "over", "a problem that is still there")
    elif certain and VOCABULARY[id].kind in ("boolean", "choice") and value is not None:
        heard.say(id, value, source, code)
    else:
        heard.hint(id, source, code)


def _verified(body: Element) -> str:
    """FHIR's word for how sure a problem is; empty for one that is not known or that contradicts itself."""
    concept = body.get("verificationStatus")
    codes = codes_in(concept, VERIFIED)
    if KNOWN_ABSENT in codings(concept):
        codes = codes & {"entered-in-error"} or {"refuted"} if codes <= {"refuted", "entered-in-error"} else set()
    elif concept is None:
        return "confirmed"
    known = {"confirmed", "unconfirmed", "provisional", "differential", "refuted", "entered-in-error"}
    return codes.pop() if len(codes) == 1 and codes <= known else ""


def _clinical(body: Element) -> str:
    """``active``, ``over``, or empty for a status that is not known. Without any: over when an end is given."""
    concept = body.get("clinicalStatus")
    codes = codes_in(concept, CLINICAL)
    if codes and codes <= ACTIVE:
        return "active"
    ended = any(name.startswith("abatement") for name in body)
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
    _done(entry, heard, done, Source(place=entry.place, when=performed, by=who(actors, entry, heard)))


def service_request(entry: Entry, heard: Heard) -> None:
    """What was asked for. It says something only once it was done: an order is no finding."""
    body = entry.body
    done = text(body.get("status")) == "completed" and not body.get("doNotPerform")
    at = when(body.get("occurrenceDateTime"), body.get("authoredOn"))
    _done(entry, heard, done, Source(place=entry.place, when=at, by=who([element(body, "requester")], entry, heard)))


def _done(entry: Entry, heard: Heard, done: bool, source: Source) -> None:
    concept = entry.body.get("code")
    picture = order_of(concept) in PICTURES
    theirs = [code for code in meanings_of(concept) if code.finding]
    if not picture and not theirs:
        heard.without_code[entry.kind] += entry.kind == "Procedure"
    elif done and understood(entry.body, entry, heard):
        if picture:
            heard.say("prior_imaging", True, source)
        for code in theirs:
            _was_done(code, source, heard)


def _was_done(code: Code, source: Source, heard: Heard) -> None:
    """A procedure of a finding that counts days: none had passed on the day itself."""
    id = code.finding or ""
    if code.establishes and source.when.day and VOCABULARY[id].unit == "days":
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
    ended = when(period.get("end")).day
    _taken(entry, heard, text(body.get("status")) == "active" and not (ended and ended < heard.on), source)


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
    if "medicationCodeableConcept" in entry.body:
        return entry.body["medicationCodeableConcept"]
    reference = text(element(entry.body, "medicationReference").get("reference"))
    for one in elements(entry.body, "contained"):
        if reference == f"#{text(one.get('id'))}" and one.get("resourceType") == "Medication":
            return one.get("code")
    other = heard.others.get(reference)
    return other.body.get("code") if other and other.kind == "Medication" else None
