"""What went wrong, or cannot be shown, as FHIR says it."""

from __future__ import annotations

from ruggespraak.fhir.names import Resource
from ruggespraak.fhir.write.resource import id_of, narrative


def operation_outcome(code: str, says: str, lang: str = "en", severity: str = "error") -> Resource:
    """One issue. ``code``: of FHIR's issue types; ``says``: what is wrong and what was expected, about nobody."""
    return {
        "resourceType": "OperationOutcome",
        "id": id_of("OperationOutcome", severity, code, says),
        "language": lang,
        "text": narrative([says], lang),
        "issue": [{"severity": severity, "code": code, "diagnostics": says}],
    }
