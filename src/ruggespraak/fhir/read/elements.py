"""The pieces of somebody else's JSON. Each may be of any type; what is not what it should be is not there.

Nothing here raises, whatever is sent: a text that is a list is no text, and a date that is no day is no date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from ruggespraak.consult.case import FIRST_DAY, LAST_DAY, LONGEST_SHOWN
from ruggespraak.pathway.codes import Code, meanings
from ruggespraak.pathway.codes.addresses import SYSTEM_NAMES

Element = Mapping[str, Any]
"""An object of FHIR, as JSON has it."""

HERE = ZoneInfo("Europe/Amsterdam")
"""A moment is of the day that it is in the Netherlands."""
_MOMENT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(T[0-9:.]{5,40}(Z|[+-][0-9]{2}:[0-9]{2})?)?")
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")


def text(value: object) -> str:
    """The text; empty where it is none."""
    return value if isinstance(value, str) else ""


def element(body: object, name: str) -> Element:
    """The object of this name; an empty one where there is none."""
    found = body.get(name) if isinstance(body, dict) else None
    return found if isinstance(found, dict) else {}


def elements(body: object, name: str) -> list[Element]:
    """The objects of this list."""
    found = body.get(name) if isinstance(body, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def given(body: Element, prefix: str) -> list[str]:
    """The names of what is given under one of several, as ``value[x]``. A null of JSON is as good as left out."""
    return [name for name in body if name.startswith(prefix) and body[name] is not None]


def codings(concept: object) -> Iterator[tuple[str, str]]:
    """System and code of each coding of a CodeableConcept."""
    for one in elements(concept, "coding"):
        if (system := text(one.get("system"))) and (code := text(one.get("code"))):
            yield system, code


def codes_in(concept: object, *systems: str) -> set[str]:
    """The codes of these systems in a CodeableConcept."""
    return {code for system, code in codings(concept) if system in systems}


def meanings_of(concept: object) -> list[Code]:
    """All that the codes of others in this CodeableConcept can mean to us."""
    return [
        code
        for system, name in codings(concept)
        if (known := SYSTEM_NAMES.get(system.lower()))
        for code in meanings(known, name)
    ]


@dataclass(frozen=True, slots=True)
class When:
    """A day, and the moment where that was given. Part of a date is no day: nobody knows which."""

    day: date | None = None
    at: datetime | None = None


NEVER = When()


def when(*values: object) -> When:
    """The first of these that is a day of this time."""
    for value in values:
        found = _MOMENT.fullmatch(text(value))
        if found and (moment := _when(found)).day and FIRST_DAY <= moment.day <= LAST_DAY:
            return moment
    return NEVER


def _when(found: re.Match[str]) -> When:
    try:
        if found[3] is None:  # a day, or a time that does not say where
            return When(date.fromisoformat(found[1]))
        at = datetime.fromisoformat(found[0]).astimezone(HERE)
    except (ValueError, OverflowError):
        return NEVER
    return When(at.date(), at)


def one_day(period: Element) -> object:
    """The day of a Period within one day; of a longer one nobody knows when it was said."""
    start = when(period.get("start"))
    return period.get("end") if start.day and start.day == when(period.get("end")).day else None


def shown(value: object) -> str:
    """What was sent, short enough for an error; of an object or a list only that it is one."""
    if value is None or isinstance(value, bool):
        return {None: "nothing", True: "true", False: "false"}[value]
    if isinstance(value, int | float):
        return f"{value:.6g}" if -1e12 < value < 1e12 else "a number out of range"
    if isinstance(value, date):
        return str(value)
    if isinstance(value, str):
        return repr(value[:LONGEST_SHOWN]) + ("..." if len(value) > LONGEST_SHOWN else "")
    return "an object" if isinstance(value, dict) else "a list"


def id_of(body: Element) -> str:
    """The id of a resource; empty for one that FHIR does not allow."""
    id = text(body.get("id"))
    return id if _ID.fullmatch(id) else ""
