"""The names by which others know what is ours: canonical addresses and code systems.

Nobody has registered a domain for this project yet: the addresses are names under a reserved domain, of which the one
constant here is changed once.
"""

from __future__ import annotations

from typing import Any

from ruggespraak.pathway.rules import Edition

Resource = dict[str, Any]
"""A FHIR R4 resource as JSON has it."""

BASE = "https://ruggespraak.example/fhir"
FHIR_VERSION = "4.0.1"
PACKAGE = "ruggespraak.pathway"  # of the FHIR package

FINDINGS = f"{BASE}/CodeSystem/findings"
"""Our finding ids, as codes."""
ANSWERS = f"{BASE}/CodeSystem/answers"
"""yes, no, unclear; and the choices of the findings that have any, as ``finding.choice``."""
RULES = f"{BASE}/CodeSystem/rules"
"""Ids of alarms, recommendations and reviews."""
ORDERS = f"{BASE}/CodeSystem/orders"
"""What is ordered for a back: ``spine_mri``, ``spine_ct``, ``spine_x_ray``, ``referral_neurologist``, ``opioid``, …"""

YES, NO, UNCLEAR = "yes", "no", "unclear"
NOT_KNOWN = "/unclear"
"""Ends the linkId of the question beside a number or a date: "I do not know"."""

ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
"""Of FHIR itself: why something has no value. Only ``asked-unknown`` is an answer."""

SYSTEMS = {
    "SNOMED-CT": "http://snomed.info/sct",
    "LOINC": "http://loinc.org",
    "ICD-10": "http://hl7.org/fhir/sid/icd-10",
    "ICPC-1-NL": "http://hl7.org/fhir/sid/icpc-1-nl",
    "ICPC-2": "http://hl7.org/fhir/sid/icpc-2",
    "ATC": "http://www.whocc.no/atc",
    "UCUM": "http://unitsofmeasure.org",
}
"""The systems of ``pathway/codes`` by the address that FHIR R4 (or, for ICPC-1, the Dutch profiles) gives them."""


def canonical(kind: str, id: str) -> str:
    """The address of one of our definitions: ``canonical("Questionnaire", "current")``."""
    return f"{BASE}/{kind}/{id}"


def versioned(kind: str, id: str, edition: Edition) -> str:
    """The same, of this version of an edition."""
    return f"{canonical(kind, id)}|{edition.version}"


def library_name(edition: Edition) -> str:
    """The name of the CQL library with the rules of an edition: ``RuggespraakCurrent``."""
    return f"Ruggespraak{edition.id.title()}"
