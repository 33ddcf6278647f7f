"""Numbers with their unit, as FHIR has them."""

from __future__ import annotations

from typing import Any

from ruggespraak.logic import Finding
from ruggespraak.pathway.codes.addresses import SYSTEMS
from ruggespraak.pathway.codes.units import UCUM


def quantity(finding: Finding, value: float) -> dict[str, Any]:
    """This number as a Quantity: in our own words, and in UCUM for machines."""
    return {"value": value, "unit": finding.unit, "system": SYSTEMS["UCUM"], "code": UCUM[finding.unit]}
