"""What the site offers over FHIR: its CapabilityStatement. It reads, and never writes."""

from __future__ import annotations

from ruggespraak import __version__
from ruggespraak.fhir.names import FHIR_VERSION, Resource
from ruggespraak.fhir.write.resource import narrative
from ruggespraak.pathway.codes.addresses import canonical

FHIR_JSON = "application/fhir+json"
DATE = "2026-12-01"  # on which what stands here last changed
EVERYTHING = "http://hl7.org/fhir/OperationDefinition/Patient-everything"
SAYS = "The back-pain record of one patient: read only, as one searchset."
SECURITY = (
    "Who is signed in on this site, by its session cookie. A patient reads the records that are linked to her account. "
    "A care giver, with a second factor, reads those of the practice; one that is open to others only, while they have "
    "it open in an emergency. Each reading is in the access log before anything is given, and the patient finds it "
    "there. Not a certified medical device."
)


def capability(address: str) -> Resource:
    """The statement of the site at this address."""
    operation = {"name": "everything", "definition": EVERYTHING, "documentation": "Takes no parameters but _format."}
    return {
        "resourceType": "CapabilityStatement",
        "id": "facade",
        "language": "en",
        "text": narrative([SAYS, SECURITY], "en"),
        "url": canonical("CapabilityStatement", "facade"),
        "version": __version__,
        "name": "RuggespraakFacade",
        "title": "Ruggespraak",
        "status": "active",
        "date": DATE,
        "publisher": "Ruggespraak",
        "description": SAYS,
        "kind": "instance",
        "software": {"name": "Ruggespraak", "version": __version__},
        "implementation": {"description": "Ruggespraak", "url": address},
        "fhirVersion": FHIR_VERSION,
        "format": [FHIR_JSON, "json"],
        "rest": [
            {
                "mode": "server",
                "documentation": SAYS,
                "security": {"cors": False, "description": SECURITY},
                "resource": [{"type": "Patient", "operation": [operation]}],
            }
        ],
    }
