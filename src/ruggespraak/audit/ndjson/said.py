"""What every kind of resource says in the same way: of whom it is, when, in which codes, and whether it counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from ruggespraak.audit.ndjson.shapes import Concept, Extension, Observation, Period, Reference, Resource
from ruggespraak.audit.rejects import shown
from ruggespraak.consult.case import FIRST_DAY, LAST_DAY
from ruggespraak.pathway.codes import Code, meanings
from ruggespraak.pathway.codes.addresses import SYSTEM_NAMES
from ruggespraak.pathway.codes.fhir_words import SPEAKERS, WEIGHT

HERE = ZoneInfo("Europe/Amsterdam")
"""A moment is of the day that it is in the Netherlands."""
REMEMBERED = 1 << 16  # codes and dates that were looked up


class PassedError(Exception):
    """This resource counts for nothing, by its own word: why."""


class RejectedError(Exception):
    """This resource cannot be used: place, value and what was expected."""


def wrong(place: str, value: object, expected: str) -> RejectedError:
    """An error in the words in which all of them are."""
    return RejectedError(f"{place}: {shown(value)} given, {expected} expected")


Row = tuple[object, ...]


@dataclass(slots=True)
class Said:
    """What one resource says: rows of tables, each with the person, and what in it could not be read."""

    person: str | None = None
    server: str | None = None
    first: date | None = None
    last: date | None = None
    rows: list[tuple[str, Row]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def on(self, day: date) -> date:
        """This day, on which something of this person happened."""
        self.first = day if self.first is None or day < self.first else self.first
        self.last = day if self.last is None or day > self.last else self.last
        return day

    def row(self, table: str, *cells: object) -> None:
        """One row of a table, without the person."""
        self.rows.append((table, (self.person, *cells)))

    def of(self, subject: Reference | None) -> None:
        """Of whom it is. Raises PassedError for no patient, RejectedError for nobody that can be found."""
        name = subject.reference if subject else None
        if not name or name.startswith("#"):
            raise wrong("subject", name, "Patient/<id>")
        if name.startswith("urn:uuid:"):
            self.person = name[9:]
            return
        server, kind, self.person = _parted(name)
        if kind != "Patient":
            raise PassedError("about something else than a patient")
        self.server = server or None


@lru_cache(REMEMBERED)
def _parted(name: str) -> tuple[str, str, str]:
    """Server, kind and id of a reference, without a version. A server is the same with and without the s of https."""
    parts = name.partition("/_history/")[0].split("/")
    if len(parts) < 2:
        return "", "", name
    return "/".join(parts[:-2]).replace("https://", "http://", 1), parts[-2], parts[-1]


def id_in(reference: Reference | None) -> str | None:
    """The id that a reference ends with."""
    return _parted(reference.reference)[2] if reference and reference.reference else None


# When ----------------------------------------------------------------------------------------------------------------


@lru_cache(REMEMBERED)
def day_of(text: str | None) -> date | None:
    """The day that a date or a moment is of. Part of a date is no day: nobody knows which."""
    if not text or len(text) < 10:
        return None
    try:
        if text[-1] == "Z" or (len(text) > 10 and text[-6] in "+-"):
            found = datetime.fromisoformat(text).astimezone(HERE).date()
        else:  # a day, or a time that does not say where
            found = date.fromisoformat(text[:10])
    except (ValueError, OverflowError):
        return None
    return found if FIRST_DAY <= found <= LAST_DAY else None


def first_day(*texts: str | None) -> date | None:
    """The first of these that is a day."""
    return next((day for text in texts if (day := day_of(text))), None)


def needed_day(place: str, *texts: str | None) -> date:
    """The first of these that is a day. Raises RejectedError."""
    if day := first_day(*texts):
        return day
    raise wrong(place, next((text for text in texts if text), None), "a day (YYYY-MM-DD)")


def one_day(period: Period | None) -> str | None:
    """A day of a period within one day; of a longer one nobody knows on which it was."""
    if period and (day := day_of(period.start)) and day == day_of(period.end):
        return period.end
    return None


# Codes ---------------------------------------------------------------------------------------------------------------


@lru_cache(REMEMBERED)
def known(system: str) -> str | None:
    """Our short name of the system with this address."""
    return SYSTEM_NAMES.get(system.lower())


@lru_cache(REMEMBERED)
def meant(system: str, code: str) -> tuple[Code, ...]:
    """All that this code can mean to us. ``system``: its address."""
    name = known(system)
    return meanings(name, code) if name else ()


def codings(*concepts: Concept | None) -> Iterator[tuple[str, str]]:
    """Address of the system, and code, of each coding."""
    for concept in concepts:
        for one in (concept.coding if concept else None) or ():
            if one.system and one.code:
                yield one.system, one.code


def codes_in(concept: Concept | None, system: str) -> set[str]:
    """The codes of this system."""
    return {code for address, code in codings(concept) if address == system}


def meanings_of(concept: Concept | None) -> list[Code]:
    """All that the codes of others can mean to us."""
    return [code for one in codings(concept) for code in meant(*one)]


# Whether it counts ---------------------------------------------------------------------------------------------------


def understood(
    extensions: Sequence[Extension] | None, rules: str | None = None, harmless: Iterable[str | None] = ()
) -> bool:
    """Whether this means what it says: nothing in it that we do not know turns it round (FHIR: modifierExtension,
    implicitRules)."""
    return not rules and all(one.url in harmless for one in extensions or ())


def expect_understood(it: Resource | Observation, harmless: Iterable[str | None] = ()) -> None:
    """Raises PassedError for a resource that something may turn round."""
    if not understood(it.modifier_extension, it.implicit_rules, harmless):
        raise PassedError("an extension that may turn it round")


def expect_status(status: str, counts: Iterable[str]) -> None:
    """Raises PassedError for a status with which a resource counts for nothing."""
    if status not in counts:
        raise PassedError(f"status {status}")


def who(it: Resource | Observation, references: Iterable[Reference | None]) -> str:
    """Who is meant: patient, proxy, clinician, or empty. The least weighty where several are named."""
    inside = {f"#{one.id}": one.resource_type for one in it.contained or ()}
    kinds = set()
    for one in references:
        if one:
            name = one.reference or ""
            kinds |= {one.type, inside.get(name) or _parted(name)[1]}
    speakers = {SPEAKERS.get(kind, "") for kind in kinds if kind}
    return next((one for one in WEIGHT if one in speakers), "")
