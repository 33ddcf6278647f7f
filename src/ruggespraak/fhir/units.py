"""Numbers with their unit, as FHIR has them: each unit of ``findings.csv`` in UCUM."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ruggespraak.fhir.names import SYSTEMS
from ruggespraak.logic import Finding

DIMENSIONLESS = "1"
UCUM: Mapping[str, str] = {
    "years": "a",
    "days": "d",
    "hours": "h",
    "hours a week": "h/wk",
    "minutes": "min",
    "degrees C": "Cel",
    "degrees": "deg",
    "cm": "cm",
    "ml": "mL",
    "mg/L": "mg/L",
    "mm/h": "mm/h",
    "0-10": DIMENSIONLESS,
    "MRC": DIMENSIONLESS,
    "score": DIMENSIONLESS,
    "episodes": DIMENSIONLESS,
    "treatments": DIMENSIONLESS,
}
"""Every unit of the vocabulary. What is counted or scored has none."""


def quantity(finding: Finding, value: float) -> dict[str, Any]:
    """This number as a Quantity: in our own words, and in UCUM for machines."""
    return {"value": value, "unit": finding.unit, "system": SYSTEMS["UCUM"], "code": UCUM[finding.unit]}
