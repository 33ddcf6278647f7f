"""The names by which others know our definitions; ``pathway/codes/addresses.py`` has those of our code systems."""

from __future__ import annotations

from typing import Any

from ruggespraak.pathway.codes.addresses import canonical
from ruggespraak.pathway.rules import Edition

Resource = dict[str, Any]
"""A FHIR R4 resource as JSON has it."""

FHIR_VERSION = "4.0.1"
PACKAGE = "ruggespraak.pathway"  # of the FHIR package


def versioned(kind: str, id: str, edition: Edition) -> str:
    """The address of one of our definitions, of this version of an edition."""
    return f"{canonical(kind, id)}|{edition.version}"


def library_name(edition: Edition) -> str:
    """The name of the CQL library with the rules of an edition: ``RuggespraakCurrent``."""
    return f"Ruggespraak{edition.id.title()}"
