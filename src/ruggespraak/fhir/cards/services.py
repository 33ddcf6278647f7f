"""Which services there are, and what they need to know: discovery, with searches that a client fills in and does.

The searches stay within what CDS Hooks lets every client do: reads by id, and searches by patient and by code. Only
what can become a finding is asked for, and never only the newest: what was told before says how it goes.
"""

from __future__ import annotations

from collections.abc import Mapping

from ruggespraak.fhir.names import Resource
from ruggespraak.pathway.codes import CODES
from ruggespraak.pathway.codes.addresses import FINDINGS, SYSTEMS, canonical
from ruggespraak.pathway.editions import DEFAULT
from ruggespraak.pathway.texts import table

TOKEN = "{{context.patientId}}"
NEEDED = ("conditions", "observations")
"""Without these nothing can be said of a back: a complaint stands in the one, and its alarms in the other."""


def _codes(*systems: str) -> str:
    """All codes of findings in these systems of others, each with its system before it."""
    listed = dict.fromkeys(
        f"{SYSTEMS[one.system]}|{one.code}" for one in CODES if one.system in systems and one.finding
    )
    return ",".join(listed)


PREFETCH: Mapping[str, str] = {
    "patient": f"Patient/{TOKEN}",
    "conditions": f"Condition?patient={TOKEN}",
    "observations": f"Observation?patient={TOKEN}&code={FINDINGS}|,{_codes('LOINC', 'SNOMED-CT')}",
    "answers": f"QuestionnaireResponse?patient={TOKEN}&questionnaire={canonical('Questionnaire', DEFAULT)}",
    "procedures": f"Procedure?patient={TOKEN}",
    "medications": f"MedicationStatement?patient={TOKEN}",
    "prescriptions": f"MedicationRequest?patient={TOKEN}",
}


HOOKS = ("patient-view", "order-select", "order-sign")
SERVICES: Mapping[str, str] = {f"ruggespraak-{hook}": hook for hook in HOOKS}
"""The id of each service, and its hook."""


def discovery(lang: str) -> Resource:
    """What a client finds when it asks which services there are."""
    return {"services": [_described(id, hook, lang) for id, hook in SERVICES.items()]}


def _described(id: str, hook: str, lang: str) -> Resource:
    words = table("cards")[f"service_{hook}"]
    return {
        "hook": hook,
        "title": words["title"][lang],
        "description": words["about"][lang],
        "id": id,
        "prefetch": dict(PREFETCH),
        "usageRequirements": table("cards")["usage"][lang],
    }


def search(key: str, patient: str) -> str:
    """The read or search of this key, filled in for this patient."""
    return PREFETCH[key].replace(TOKEN, patient)
