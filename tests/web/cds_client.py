"""A care giver's system that asks for advice: it signs its calls, fills in the prefetch, and does what cards suggest."""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from ruggespraak.fhir.names import FINDINGS, ORDERS
from ruggespraak.pathway.findings import VOCABULARY

EHR = "https://ehr.example"
PATIENT = "p1"
SITE = "http://localhost:8000"  # as the settings have it
ES384 = ec.generate_private_key(ec.SECP384R1())
RS384 = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public(key: Any, kid: str) -> dict[str, Any]:
    """The public half of a key, as JWK has it."""
    algorithm = (
        jwt.algorithms.ECAlgorithm if isinstance(key, ec.EllipticCurvePrivateKey) else jwt.algorithms.RSAAlgorithm
    )
    return {**algorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, "use": "sig"}


def client(**given: Any) -> Any:
    """Somebody on the list of the site, with keys of its own unless it says where they are."""
    from ruggespraak.web.exchange import Client

    keys = () if given.get("jku") else (public(ES384, "es"), public(RS384, "rs"))
    return Client(
        **{
            "iss": EHR,
            "jku": "",
            "keys": keys,
            "practice": uuid.UUID(int=7),
            "origins": frozenset({EHR}),
            **given,
        }  # fmt: skip
    )


def listed(monkeypatch: Any, *clients: Any, servers: tuple[Any, ...] = ()) -> None:
    """This is the list of the site from now on."""
    from ruggespraak.web import cds, cds_gather, cds_token, exchange

    found = exchange.Exchange(clients=clients, servers=servers)
    for module in (cds, cds_gather, cds_token):
        monkeypatch.setattr(module, "exchange", lambda: found)


def token(audience: str, key: Any = ES384, alg: str = "ES384", kid: str = "es", head: Any = None, **claims: Any) -> str:
    """A token for one call; what is given as None is left out."""
    now = int(time.time())
    said = {"iss": EHR, "aud": audience, "iat": now, "exp": now + 300, "jti": str(uuid.uuid4()), **claims}
    header = {"kid": kid, **(head or {})}
    payload = {name: value for name, value in said.items() if value is not None}
    return jwt.encode(payload, key, alg, {name: value for name, value in header.items() if value is not None})


@dataclass
class Ehr:
    """One care giver with one patient. ``record``: her resources; ``orders``: what is drafted, by reference."""

    record: list[dict[str, Any]] = field(default_factory=list)
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    lang: str = "nl"
    client: Any = None

    def __post_init__(self) -> None:
        from django.test import Client

        self.client = self.client or Client()

    # the record

    def tells(self, on: str, **findings: Any) -> Ehr:
        """What was asked and examined on this day, in our codes."""
        self.record += [observed(id, value, on) for id, value in findings.items()]
        return self

    def has(self, code: str, system: str = "http://hl7.org/fhir/sid/icpc-1-NL") -> Ehr:
        """A problem on the list."""
        self.record.append({
            "resourceType": "Condition", "id": f"c{len(self.record)}", "subject": {"reference": f"Patient/{PATIENT}"},
            "clinicalStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]},
            "code": {"coding": [{"system": system, "code": code}]}, "recordedDate": "2026-01-01",
        })  # fmt: skip
        return self

    def drafts(self, kind: str, id: str = "", **more: Any) -> str:
        """An order that nobody has signed yet; its reference."""
        id = id or f"o{len(self.orders) + 1}"
        code = {"coding": [{"system": ORDERS, "code": kind}]}
        if kind == "opioid":
            code = {"coding": [{"system": "http://www.whocc.no/atc", "code": "N02AA05"}]}
            drafted = {"resourceType": "MedicationRequest", "medicationCodeableConcept": code}
        else:
            drafted = {"resourceType": "ServiceRequest", "code": code}
        drafted |= {
            "id": id,
            "status": "draft",
            "intent": "order",
            "subject": {"reference": f"Patient/{PATIENT}"},
            **more,
        }
        self.orders[f"{drafted['resourceType']}/{id}"] = drafted
        return f"{drafted['resourceType']}/{id}"

    def prefetch(self) -> dict[str, Any]:
        """Everything that is asked for. What there is none of is null."""
        kinds = {
            "conditions": "Condition", "observations": "Observation", "answers": "QuestionnaireResponse",
            "procedures": "Procedure", "medications": "MedicationStatement", "prescriptions": "MedicationRequest",
        }  # fmt: skip
        patient = {"resourceType": "Patient", "id": PATIENT}
        return {"patient": patient} | {key: self._bundle(kind) for key, kind in kinds.items()}

    def _bundle(self, kind: str) -> Any:
        found = [{"resource": one} for one in self.record if one["resourceType"] == kind]
        return {"resourceType": "Bundle", "type": "searchset", "entry": found} if found else None

    # calls

    def request(self, hook: str, **changes: Any) -> dict[str, Any]:
        """The body of a call; what is given as None is left out."""
        context = {"userId": "Practitioner/dr1", "patientId": PATIENT}
        if hook.startswith("order"):
            context["draftOrders"] = {
                "resourceType": "Bundle",
                "entry": [{"resource": one} for one in self.orders.values()],
            }
        if hook == "order-select":
            context["selections"] = list(self.orders)[-1:]
        body = {
            "hook": hook, "hookInstance": str(uuid.uuid4()), "context": context, "prefetch": self.prefetch(), **changes,
        }  # fmt: skip
        return {name: value for name, value in body.items() if value is not None}

    def sends(self, path: str, body: Any, **headers: str) -> Any:
        """The answer to this, signed."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"authorization": f"Bearer {token(SITE + path)}", "accept-language": self.lang, **headers}
        return self.client.post(path, data, content_type="application/json", headers=sent)

    def asks(self, hook: str, **changes: Any) -> list[dict[str, Any]]:
        """The cards for this hook."""
        answer = self.sends(f"/cds-services/ruggespraak-{hook}", self.request(hook, **changes))
        assert answer.status_code == 200, answer.content
        return answer.json()["cards"]

    def card(self, hook: str, **changes: Any) -> dict[str, Any]:
        """The one card for this hook."""
        cards = self.asks(hook, **changes)
        assert len(cards) == 1, [one["summary"] for one in cards]
        return cards[0]

    # what is done with a card

    def accepts(self, hook: str, card: dict[str, Any], number: int = 0) -> None:
        """Does what is suggested, as a transaction: what is deleted first; and tells the service."""
        suggestion = card["suggestions"][number]
        for action in sorted(suggestion["actions"], key=lambda one: ("delete", "create", "update").index(one["type"])):
            if action["type"] == "delete":
                del self.orders[action["resourceId"]]
            else:
                resource = action["resource"]
                self.orders[f"{resource['resourceType']}/{resource['id']}"] = resource
        answer = self.tells_back(hook, card, outcome="accepted", acceptedSuggestions=[{"id": suggestion["uuid"]}])
        assert answer.status_code == 204, answer.content

    def sets_aside(self, hook: str, card: dict[str, Any], reason: dict[str, Any] | None = None) -> None:
        """Dismisses a card, with one of its reasons or without."""
        told = {"overrideReason": {"reason": reason}} if reason else {}
        assert self.tells_back(hook, card, outcome="overridden", **told).status_code == 204

    def tells_back(self, hook: str, card: dict[str, Any], **told: Any) -> Any:
        news = {"card": card["uuid"], "outcomeTimestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), **told}
        return self.sends(f"/cds-services/ruggespraak-{hook}/feedback", {"feedback": [news]})


def observed(id: str, value: Any, on: str) -> dict[str, Any]:
    """An Observation of ours, of a care giver."""
    from ruggespraak.fhir.names import ANSWERS

    found: dict[str, Any]
    if value is None:
        absent = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
        found = {"dataAbsentReason": {"coding": [{"system": absent, "code": "asked-unknown"}]}}
    elif isinstance(value, bool):
        found = {"valueBoolean": value}
    elif isinstance(value, str):
        found = {"valueCodeableConcept": {"coding": [{"system": ANSWERS, "code": f"{id}.{value}"}]}}
    else:
        from ruggespraak.fhir.units import quantity

        found = {"valueQuantity": quantity(VOCABULARY[id], value)}
    return {
        "resourceType": "Observation", "id": f"{id.replace('_', '-')}-{on}", "status": "final",
        "code": {"coding": [{"system": FINDINGS, "code": id}]}, "subject": {"reference": f"Patient/{PATIENT}"},
        "effectiveDateTime": on, "performer": [{"reference": "Practitioner/dr1"}], **found,
    }  # fmt: skip
