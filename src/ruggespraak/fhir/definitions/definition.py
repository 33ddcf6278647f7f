"""What every definition says of itself: its address and version, and that nobody has reviewed it yet."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ruggespraak import __version__
from ruggespraak.fhir.definitions.narrative import BASE_LANGUAGE, Words, both, narrative, words
from ruggespraak.fhir.names import Resource
from ruggespraak.pathway.codes.addresses import canonical
from ruggespraak.pathway.rules import Edition
from ruggespraak.pathway.texts import about as about_texts
from ruggespraak.pathway.texts import word

PUBLISHER = "Ruggespraak"
LICENCE = "Apache-2.0"
CHANGED = max(about_texts(name)["date"] for name in ("alarms", "exchange", "findings", "plan", "referrals", "screens"))
"""When the words were last changed: a definition has a date, and the same definition must be the same bytes."""
NETHERLANDS = {"coding": [{"system": "urn:iso:std:iso:3166", "code": "NL"}]}


def definition(
    kind: str, id: str, title: Words, about: Words, lines: Iterable[Words] = (), edition: Edition | None = None
) -> Resource:
    """The head of a definition. ``lines``: what its narrative lists; ``edition``: None for what all editions share.

    Draft and experimental: no clinician has reviewed any edition, so it has no date of approval or review either.
    """
    about = words(lambda lang: " ".join([about[lang], *(f"{warning}." for warning in _warnings(lang))]))
    return {
        "resourceType": kind,
        "id": id,
        "language": BASE_LANGUAGE,
        "text": narrative(title, about, lines),
        "url": canonical(kind, id),
        "version": edition.version if edition else __version__,
        "name": "".join(part[:1].upper() + part[1:] for part in re.split(r"\W|_", f"{PUBLISHER}-{kind}-{id}")),
        **both("title", title),
        "status": "draft",
        "experimental": True,
        "date": CHANGED.isoformat(),
        "publisher": PUBLISHER,
        **both("description", about),
        "jurisdiction": [NETHERLANDS],
        "copyright": LICENCE,
        **({"effectivePeriod": {"end": edition.review_by.isoformat()}} if edition else {}),
    }


def _warnings(lang: str) -> tuple[str, str]:
    return word("word.not_device", lang), word("word.awaiting_review", lang)


def shared(kind: str, id: str) -> str:
    """The address of a definition that all editions share, with its version."""
    return f"{canonical(kind, id)}|{__version__}"


def kebab(name: str) -> str:
    """A name of ours as an id: FHIR allows no underscore in one."""
    return name.replace("_", "-")
