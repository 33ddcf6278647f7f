"""Whose resources these are, and who said what is in them."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import date

from ruggespraak.fhir.read.elements import Element, When, element, elements, id_of, text, when
from ruggespraak.fhir.read.heard import Entry, Heard, Source
from ruggespraak.fhir.read.origin import Subject
from ruggespraak.pathway.codes.fhir_words import BIRTH_SEX, SEX, SPEAKERS, WEIGHT

LONGEST_NAME = 120


def understood(part: Element, entry: Entry, heard: Heard, known: Iterable[str] = ()) -> bool:
    """Whether this means what it says: nothing in it that we do not know turns it round (FHIR: modifierExtension,
    implicitRules), and no other resource of the same id puts it in doubt."""
    if entry.doubted:
        return False
    turning = part.get("modifierExtension") or []
    harmless = [one for one in elements(part, "modifierExtension") if text(one.get("url")) in known]
    if turning != harmless or part.get("implicitRules"):
        heard.pass_over(entry.place, "an extension that may turn it round", "a meaning that is known")
        return False
    return True


def who(references: Iterable[Element], entry: Entry, heard: Heard) -> str:
    """Who is meant: patient, proxy, clinician, or empty. By address, or among what came along or is contained."""
    kinds = set()
    inside = {f"#{text(one.get('id'))}": text(one.get("resourceType")) for one in elements(entry.body, "contained")}
    for one in references:
        reference = text(one.get("reference"))
        other = heard.others.get(reference)
        kinds |= {text(one.get("type")), other.kind if other else inside.get(reference) or _kind(reference)}
    speakers = {SPEAKERS.get(kind, "") for kind in kinds - {""}}
    return next((one for one in WEIGHT if one in speakers), "")


def _kind(reference: str) -> str:
    return relative(reference).partition("/")[0]


def relative(reference: str) -> str:
    """``Patient/12`` of an address that ends so, without a version."""
    parts = reference.partition("/_history/")[0].split("/")
    return "/".join(parts[-2:]) if len(parts) > 1 else ""


# The person ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a reading is about: ``names``: the addresses and references that are hers; ``numbers``: those of hers."""

    names: frozenset[str]
    numbers: frozenset[tuple[str, str]]

    def is_meant(self, subject: Element) -> bool:
        """Whether this Reference is to this person. One that cannot be compared is not."""
        reference = _reference(subject)
        if not reference:
            return bool(_numbers([element(subject, "identifier")]) & self.numbers)
        if "://" not in reference and not reference.startswith("urn:"):
            reference = relative(reference)  # on no server in particular
        return reference in self.names


def _reference(subject: Element) -> str:
    """The reference without a version, and without the s of https: a server is the same with and without."""
    return _plain(text(subject.get("reference")).partition("/_history/")[0])


def _plain(address: str) -> str:
    return address.replace("https://", "http://", 1)


def _numbers(identifiers: Iterable[Element]) -> frozenset[tuple[str, str]]:
    found = ((text(one.get("system")), text(one.get("value"))) for one in identifiers)
    return frozenset(one for one in found if all(one))


def _person(patient: Entry, subjects: Iterable[Element]) -> Person:
    """The person of the Patient. The same number on another server is another person."""
    id, address = id_of(patient.body), _plain(patient.url)
    reference = f"Patient/{id}" if id else relative(address)
    names = {address, reference} - {""}
    if "://" not in address:
        there = {name for name in map(_reference, subjects) if "://" in name and relative(name) == reference}
        names |= there if len(there) == 1 else set()  # of two servers nobody knows which is hers
    return Person(frozenset(names), _numbers(elements(patient.body, "identifier")))


def _first(subjects: Iterable[Element]) -> Person:
    """Where no Patient came: the first of whom anything is said."""
    for subject in subjects:
        name, numbers = _reference(subject), _numbers([element(subject, "identifier")])
        if relative(name).startswith("Patient/") or name.startswith("urn:"):
            return Person(frozenset({name, relative(name)} - {""}), numbers)
        if not name and numbers:
            return Person(frozenset(), numbers)
    return Person(frozenset(), frozenset())


def mine(entries: list[Entry], of_a_patient: Container[str], heard: Heard) -> tuple[Entry | None, list[Entry]]:
    """The Patient, and the resources of that one person. Those of another are passed over.

    Who sends a resource without a subject among those of one person says that it is hers. ``of_a_patient``: the kinds
    that have a subject.
    """
    patients = [one for one in entries if one.kind == "Patient"]
    others = [one for one in entries if one.kind != "Patient"]
    patient = patients[0] if patients else None
    subjects = [element(one.body, "subject") for one in others]
    person = _person(patient, subjects) if patient else _first(subjects)
    second = [one for one in patients if not _same(one, patients[0])]
    for other in second:
        heard.pass_over(other.place, "a second patient", "resources of one person")
    found = []
    for entry in others:
        if "subject" in entry.body and not person.is_meant(element(entry.body, "subject")):
            heard.pass_over(entry.place, "of another person", "resources of one person")
        elif second and "subject" not in entry.body and entry.kind in of_a_patient:
            heard.pass_over(entry.place, "of one of several people", "a subject")
        else:
            found.append(entry)
    return patient, found


def _same(one: Entry, other: Entry) -> bool:
    """Whether these are one resource, sent twice."""
    return one.place == other.place and (one.url == other.url or "" in (one.url, other.url))


def patient_said(entry: Entry, heard: Heard) -> Subject:
    """Who somebody is: age on the day, and sex at birth where that is what is given."""
    body = entry.body
    source = Source(place=entry.place, when=When(heard.on), by="")
    birth = text(body.get("birthDate"))
    ages = {_age(born, heard.on) for born in _born(birth)}
    if birth and not ages:
        heard.pass_over(f"{entry.place}, birthDate", "no date of birth", "YYYY-MM-DD")
    elif len(ages) == 1:
        heard.say("age_years", ages.pop(), source)
    elif ages:
        heard.hint("age_years", source)
    sexes = {text(one.get("valueCode")) for one in elements(body, "extension") if one.get("url") == BIRTH_SEX}
    sex = SEX.get(sexes.pop()) if len(sexes) == 1 else None
    if sex:
        heard.say("sex_at_birth", sex, source)
    elif body.get("gender"):
        heard.hint("sex_at_birth", source)
    return Subject(id=id_of(body), name=_name(body), born=when(birth).day, sex=sex)


def _born(birth: str) -> list[date]:
    """The first and the last day that a date of birth can mean; a year or a month is more than one day."""
    if day := when(birth).day:
        return [day]
    first = when(f"{birth}-01-01" if len(birth) == 4 else f"{birth}-01").day
    if not first or len(birth) not in (4, 7):
        return []
    month = 12 if len(birth) == 4 else first.month
    return [first, first.replace(month=month, day=monthrange(first.year, month)[1])]


def _age(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def _name(body: Element) -> str:
    """The official name, or else the first one."""
    names = elements(body, "name")
    name = next((one for one in names if one.get("use") == "official"), names[0] if names else {})
    given = name.get("given")
    parts = [*(given if isinstance(given, list) else []), name.get("family")]
    return (text(name.get("text")) or " ".join(part for part in parts if text(part)))[:LONGEST_NAME]
