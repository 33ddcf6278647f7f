"""What every resource that we write shares: whom it is about, an id, words for a reader, and where a claim comes from.

The same input gives the same bytes: an id is made from what a resource is about, and nothing reads a clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from ruggespraak import __version__
from ruggespraak.fhir.names import Resource
from ruggespraak.pathway.codes.addresses import BASE
from ruggespraak.pathway.rules import Status
from ruggespraak.pathway.sources import named
from ruggespraak.pathway.texts import word

OURS = uuid5(NAMESPACE_URL, BASE)
URN = "urn:uuid:"
SOFTWARE: Resource = {"type": "Device", "display": f"Ruggespraak {__version__}"}
"""This software, as the one who did something."""
IN_EPISODE = "http://hl7.org/fhir/StructureDefinition/workflow-episodeOfCare"
UNREADABLE = "\ufffd"
NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """One consult, as its resources speak of it.

    ``patient``: a reference ("Patient/123"). ``key``: what tells this consult from the others of this patient; ids are
    made of both. ``lang``: of all words, and the language in which the decision was made. ``at``: the moment, where
    more than the day is known. ``author``: a Reference to who wrote it down. ``episode``: a reference to its
    EpisodeOfCare.
    """

    patient: str
    key: str
    lang: str = "nl"
    at: datetime | None = None
    author: Resource | None = None
    episode: str | None = None

    @property
    def subject(self) -> Resource:
        """The patient, as a Reference."""
        return {"reference": self.patient}

    def when(self, on: date) -> str:
        """The moment, or else this day."""
        return instant(self.at) if self.at else on.isoformat()


def instant(at: datetime) -> str:
    """A moment as FHIR has it, with its distance from Greenwich."""
    return at.isoformat(timespec="milliseconds" if at.microsecond else "seconds")


def made(kind: str, about: About, part: str, lines: Iterable[str], body: Resource) -> Resource:
    """A resource of this kind. ``part``: what tells it from the others of its kind; ``lines``: it in words."""
    id = id_of(about.patient, about.key, kind, part)
    episode = {"extension": [{"url": IN_EPISODE, "valueReference": {"reference": about.episode}}]}
    return {
        "resourceType": kind,
        "id": id,
        "language": about.lang,
        "text": narrative(lines, about.lang),
        **(episode if about.episode and kind in MAY_NAME_EPISODE else {}),
        "identifier": identifier(id) if kind == "QuestionnaireResponse" else [identifier(id)],
        **body,
    }


MAY_NAME_EPISODE = frozenset({"CarePlan", "Communication", "Observation", "QuestionnaireResponse", "ServiceRequest"})
"""Where R4 allows ``IN_EPISODE``. The other kinds are reached from these."""


def id_of(*parts: str) -> str:
    """The id of what these parts name."""
    return str(uuid5(OURS, "\n".join(parts)))


def identifier(id: str) -> Resource:
    """A name that stays with a resource wherever it is stored, so that sending it twice stores it once."""
    return {"system": "urn:ietf:rfc:3986", "value": f"{URN}{id}"}


def reference(resource: Resource) -> Resource:
    """A Reference to this resource."""
    return {"reference": f"{resource['resourceType']}/{resource['id']}"}


def narrative(lines: Iterable[str], lang: str) -> Resource:
    """The resource in words, for who cannot read the rest of it; a dash where there is nothing to say."""
    paragraphs = "".join(f"<p>{escape(readable(line))}</p>" for line in lines) or "<p>–</p>"
    div = f'<div xmlns="http://www.w3.org/1999/xhtml" lang="{lang}">{paragraphs}</div>'
    return {"status": "generated", "div": div}


def readable(words: str) -> str:
    """What somebody typed, without what neither XML nor FHIR can hold."""
    return NO_XML.sub(UNREADABLE, words).strip()


def notes(lang: str, *lines: str) -> list[Resource]:
    """The notes of whatever advises: first of all that this is not a certified medical device."""
    warning = f"{word('word.not_device', lang)}. {word('word.awaiting_review', lang)}."
    return [{"text": line} for line in (warning, *lines) if line]


def cited(words: str, because: Iterable[str], status: Status, lang: str) -> str:
    """A claim with the keys of its sources behind it, and how well it was seen there where that is not in full."""
    keys = ", ".join(because)
    status = status if keys else Status.OWN_CHOICE
    seen = "" if status is Status.READ else word(f"mark.{status}", lang)
    return f"{words} [{'; '.join(filter(None, (keys, seen)))}]"


def sources(because: Iterable[str], lang: str) -> str:
    """What these keys stand for; empty where there are none."""
    listed = "; ".join(f"{key}: {named(key).rstrip('.')}" for key in dict.fromkeys(because))
    return f"{word('word.sources', lang)}: {listed}." if listed else ""


def some(name: str, found: Iterable[Any]) -> Resource:
    """This element, where it has anything in it: FHIR knows no empty lists."""
    listed = list(found)
    return {name: listed} if listed else {}
