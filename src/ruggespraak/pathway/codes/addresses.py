"""The addresses under which others know our code systems, and by which we know theirs.

Nobody has registered a domain for this project yet: the addresses are names under a reserved domain, of which the one
constant here is changed once.
"""

from __future__ import annotations

BASE = "https://ruggespraak.example/fhir"

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

# Names of the same systems: the objects of OSI that Dutch and older messages use, and the Dutch edition of ICD-10,
# which has the same codes at this depth. The international ICPC-1 is no name of the Dutch one.
SAME_SYSTEM = {
    "http://hl7.org/fhir/sid/icpc-1-nl": "ICPC-1-NL",
    "urn:oid:2.16.840.1.113883.2.4.4.31.1": "ICPC-1-NL",
    "urn:oid:2.16.840.1.113883.6.139": "ICPC-2",
    "urn:oid:2.16.840.1.113883.6.96": "SNOMED-CT",
    "urn:oid:2.16.840.1.113883.6.1": "LOINC",
    "urn:oid:2.16.840.1.113883.6.3": "ICD-10",
    "urn:oid:2.16.840.1.113883.6.3.2": "ICD-10",
    "http://hl7.org/fhir/sid/icd-10-nl": "ICD-10",
    "urn:oid:2.16.840.1.113883.6.73": "ATC",
}
SYSTEM_NAMES = {address.lower(): name for name, address in SYSTEMS.items()} | SAME_SYSTEM
"""Our short name of a system, by any of its addresses in small letters."""


def canonical(kind: str, id: str) -> str:
    """The address of one of our definitions: ``canonical("Questionnaire", "current")``."""
    return f"{BASE}/{kind}/{id}"
