"""The words of FHIR R4, and of the Dutch profiles on it: whether a resource counts, and whose word it is.

Whatever reads FHIR reads them here: one patient's resources, and the records of a whole region.
"""

from __future__ import annotations

ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
"""Why something has no value. Only ``asked-unknown`` is an answer."""
IS_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
"""The extension that says so of a single element."""

# Answers -------------------------------------------------------------------------------------------------------------

COUNTS = ("final", "amended", "corrected", "preliminary")
ANSWERED = ("completed", "amended", "in-progress")
ASSERTION = ("http://terminology.hl7.org/CodeSystem/v3-ActCode", "ASSERTION")
"""The code of an Observation that says nothing but its value."""
PRESENT = {
    ("http://snomed.info/sct", "10828004"),  # positive
    ("http://snomed.info/sct", "52101004"),  # present
    ("http://snomed.info/sct", "373066001"),  # yes
    ("http://terminology.hl7.org/CodeSystem/v2-0136", "Y"),
    ("http://loinc.org", "LA33-6"),  # yes
}
"""How others say yes, as far as we believe to know. How they say no is not read."""
SEXES = {
    ("http://terminology.hl7.org/CodeSystem/v3-AdministrativeGender", "M"): "male",
    ("http://terminology.hl7.org/CodeSystem/v3-AdministrativeGender", "F"): "female",
    ("http://hl7.org/fhir/administrative-gender", "male"): "male",
    ("http://hl7.org/fhir/administrative-gender", "female"): "female",
}

# Problems ------------------------------------------------------------------------------------------------------------

CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFIED = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
ACTIVE = {"active", "recurrence", "relapse"}
OVER = {"inactive", "remission", "resolved"}
HAS_IT = {"confirmed", "provisional", "unconfirmed"}
"""Also what is not sure yet: an alarm does not wait. One of several possible diagnoses ("differential") is a hint."""
HAS_IT_NOT = {"refuted", "entered-in-error"}
KNOWN_ABSENT = ("http://snomed.info/sct", "410516002")
"""How a Dutch problem says "refuted" beside, or without, FHIR's own word."""

# Orders and medicines ------------------------------------------------------------------------------------------------

ORDERED = {"order", "original-order", "reflex-order", "filler-order", "instance-order"}
NICTIZ = "http://nictiz.nl/fhir/StructureDefinition/"
STOPPED = f"{NICTIZ}ext-StopType"
"""On a medicine of nl-core: it was stopped, for now or for good."""
HARMLESS = (f"{NICTIZ}ext-InstructionsForUse.RepeatPeriodCyclicalSchedule",)

# People --------------------------------------------------------------------------------------------------------------

# Who counts as whom. Where several are named, or one in two ways, the least weighty counts: only a care giver's own
# finding may set an alarm aside. A device is nobody, and neither is an organisation: it examines no patient.
SPEAKERS = {
    "Patient": "patient",
    "RelatedPerson": "proxy",
    "Practitioner": "clinician",
    "PractitionerRole": "clinician",
}
WEIGHT = ("patient", "proxy", "", "clinician")
BIRTH_SEX = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex"
"""The one element of a Patient that is about sex at birth. ``gender`` is not, and nl-core has no other."""
SEX = {"M": "male", "F": "female"}
