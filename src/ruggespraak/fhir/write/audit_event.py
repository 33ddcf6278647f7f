"""Who did what, as FHIR has it: a row of the access log as an AuditEvent, and where a resource came from as Provenance.

NEN 7513 asks who, what, whose record, when, in which role, from where and why; the codes are DICOM's, which FHIR takes.
Which of them fits an event of ours is our own choice. Nobody's name is in it: accounts and practices stand here by
their random ids.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ruggespraak.fhir.names import Resource
from ruggespraak.fhir.write.resource import SOFTWARE, URN, id_of, instant, narrative, readable, reference, some

DICOM = "http://dicom.nema.org/resources/ontology/DCM"
PARTICIPANT = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
PURPOSE = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
RECORD = ("110110", "Patient Record")
SUCCESS, FAILURE = "0", "4"
LAY = frozenset({"patient", "proxy"})
BY_ITSELF = frozenset({"system", "operator"})


@dataclass(frozen=True, slots=True)
class _Kind:
    """An event in the words of others: what it is, more precisely, what was done (CRUDE), and whether it went well."""

    type: tuple[str, str]
    action: str
    subtype: tuple[str, str] | None = None
    outcome: str = SUCCESS


EVENTS: Mapping[str, _Kind] = {
    "read": _Kind(RECORD, "R"),
    "write": _Kind(RECORD, "C"),  # a fact is only added
    "export": _Kind(("110106", "Export"), "R"),
    "erase": _Kind(RECORD, "D"),
    "emergency": _Kind(RECORD, "R", ("110127", "Emergency Override Started")),
    "sign_off": _Kind(("110101", "Audit Log Used"), "U"),
    "access": _Kind(("110113", "Security Alert"), "U", ("110136", "Security Roles Changed")),
    "refused": _Kind(RECORD, "R", outcome=FAILURE),
    "sign_in": _Kind(("110114", "User Authentication"), "E", ("110122", "Login")),
    "sign_in_failed": _Kind(("110114", "User Authentication"), "E", ("110122", "Login"), FAILURE),
    "sign_out": _Kind(("110114", "User Authentication"), "E", ("110123", "Logout")),
    "operator": _Kind(("110100", "Application Activity"), "E"),
}
"""What can happen, by the name that the access log gives it."""


def audit_event(
    *,
    number: int,
    at: datetime,
    event: str,
    role: str,
    account: str = "",
    practice: str = "",
    patient: str = "",
    address: str = "",
    page: str = "",
    emergency: bool = False,
    reason: str = "",
    lang: str = "nl",
) -> Resource:
    """One row of the access log. ``patient``: a reference; ``account`` and ``practice``: ids; ``reason``: why it was
    an emergency. Raises KeyError for an event that is none."""
    kind, reason = EVENTS[event], readable(reason)
    agent = {
        "role": [{"text": role}],
        "who": who(role, account, patient),
        "requestor": True,
        **({"network": {"address": address, "type": "2"}} if address else {}),
        **some("purposeOfUse", [_in_an_emergency(reason)] if emergency or event == "emergency" else []),
    }
    source = {"observer": SOFTWARE, **({"site": f"{URN}{practice}"} if practice else {})}
    lines = [f"{instant(at)}: {event} ({role})", *([reason] if reason else [])]
    return {
        "resourceType": "AuditEvent",
        "id": id_of("AuditEvent", str(number)),
        "text": narrative(lines, lang),
        "type": _dicom(kind.type),
        **some("subtype", [_dicom(kind.subtype)] if kind.subtype else []),
        "action": kind.action,
        "recorded": instant(at),
        "outcome": kind.outcome,
        "agent": [agent],
        "source": source,
        **some("entity", [_entity(patient, page)] if patient or page else []),
    }


def who(role: str, account: str = "", patient: str = "") -> Resource:
    """Who did something, as a Reference: the patient, who answers for her, this software, or an account by its id."""
    if role == "patient" and patient:
        return {"reference": patient}
    if role in BY_ITSELF:
        return SOFTWARE | {"display": f"{SOFTWARE['display']} ({role})"}
    kind = "RelatedPerson" if role in LAY else "Practitioner"
    known = {"identifier": {"system": "urn:ietf:rfc:3986", "value": f"{URN}{account}"}} if account else {}
    return {"type": kind, **known, "display": role}


def _dicom(code: tuple[str, str]) -> Resource:
    return {"system": DICOM, "code": code[0], "display": code[1]}


def _in_an_emergency(reason: str) -> Resource:
    coding = {"system": PURPOSE, "code": "ETREAT", "display": "Emergency Treatment"}
    return {"coding": [coding], **({"text": reason} if reason else {})}


def _entity(patient: str, page: str) -> Resource:
    """Whose record, and on which page."""
    if not patient:
        return {"name": page}
    role = {"system": "http://terminology.hl7.org/CodeSystem/object-role", "code": "1", "display": "Patient"}
    kind = {"system": "http://terminology.hl7.org/CodeSystem/audit-entity-type", "code": "1", "display": "Person"}
    detail = [{"type": "page", "valueString": page}] if page else []
    return {"what": {"reference": patient}, "type": kind, "role": role, **some("detail", detail)}


def provenance(
    targets: Sequence[Resource],
    at: datetime,
    agents: Sequence[tuple[str, Resource]],
    *,
    sources: Sequence[Resource] = (),
    rules: str = "",
    lang: str = "nl",
) -> Resource:
    """Where these resources come from.

    ``agents``: each what they were ("author", "enterer", "assembler", ...) and who, as a Reference. ``sources``: the
    resources that they were made of; ``rules``: the canonical address of what decided.
    """
    agent = [
        {"type": {"coding": [{"system": PARTICIPANT, "code": kind}]}, "who": reference} for kind, reference in agents
    ]
    named = ", ".join(sorted({one["resourceType"] for one in targets}))
    lines = [f"{named}: {instant(at)}", *(f"{kind}: {_name(one)}" for kind, one in agents)]
    return {
        "resourceType": "Provenance",
        "id": id_of("Provenance", *(one["id"] for one in targets), instant(at)),
        "text": narrative(lines, lang),
        "target": [reference(one) for one in targets],
        "recorded": instant(at),
        **({"policy": [rules]} if rules else {}),
        "agent": agent,
        **some("entity", [{"role": "source", "what": reference(one)} for one in sources]),
    }


def _name(who: Resource) -> str:
    return str(who.get("display") or who.get("reference"))
