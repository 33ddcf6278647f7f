"""A care giver's system that asks for advice: it signs its calls, fills in the prefetch, does what cards suggest."""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from ruggespraak.fhir.units import quantity
from ruggespraak.pathway.codes.addresses import ANSWERS, FINDINGS, ORDERS
from ruggespraak.pathway.findings import VOCABULARY

EHR = "https://ehr.example"
PATIENT = "p1"
SITE = "http://localhost:8000"  # as the settings have it
PRACTICE = uuid.UUID(int=7)
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
ICPC = "http://hl7.org/fhir/sid/icpc-1-NL"
ATC = "http://www.whocc.no/atc"
JSON = "application/json"
SUBJECT = {"reference": f"Patient/{PATIENT}"}
ES384 = ec.generate_private_key(ec.SECP384R1())
RS384 = rsa.generate_private_key(public_exponent=65537, key_size=2048)

KINDS = {
    "conditions": "Condition", "observations": "Observation", "answers": "QuestionnaireResponse",
    "procedures": "Procedure", "medications": "MedicationStatement", "prescriptions": "MedicationRequest",
}  # fmt: skip
"""The keys of the prefetch and what each holds."""

CALM = (
    {id: False for id, finding in VOCABULARY.items() if finding.kind == "boolean"}
    | {id: 5 for id, finding in VOCABULARY.items() if finding.unit == "MRC"}
    | {
        "low_back_pain": True, "duration_days": 20, "age_years": 46, "sex_at_birth": "male", "course": "same",
        "onset_mode": "gradual", "prev_episodes_n": 1, "age_at_first_onset": 40, "treatments_failed": 0,
        "smoking": "never", "fever_c": 36.9, "crp_mg_l": 4, "esr_mm_h": 10, "post_void_residual_ml": 40,
        "spinal_procedure_days_ago": 9999, "pain_back_nrs": 6,
    }
)  # fmt: skip
"""A nonspecific back of three weeks of which everything was asked and examined, and nothing is alarming."""
HERNIA = {
    **CALM, "leg_pain": True, "leg_pain_below_knee": True, "leg_worse_than_back": True, "cough_sneeze_strain": True,
    "leg_pain_dermatomal": True, "leg_pain_side": "left", "duration_days": 49, "relief_sufficient": False,
    "bilateral_since_days": 0, "pain_leg_nrs": 7,
}  # fmt: skip
"""A hernia of seven weeks with too little relief, and no alarm. Whether surgery is wished stands apart."""
WISH = "wants_surgery_weighed"


def today(days: int = 0) -> str:
    """Today, or so many days later, as FHIR has it."""
    from django.utils import timezone

    found: date = timezone.localdate() + timedelta(days=days)
    return found.isoformat()


# Who signs


def public(key: Any, kid: str) -> dict[str, Any]:
    """The public half of a key, as JWK has it."""
    elliptic = isinstance(key, ec.EllipticCurvePrivateKey)
    algorithm = jwt.algorithms.ECAlgorithm if elliptic else jwt.algorithms.RSAAlgorithm
    return {**algorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid, "use": "sig"}


def client(**given: Any) -> Any:
    """Somebody on the list of the site, with keys of its own unless it says where they are."""
    from ruggespraak.web.exchange import Client

    keys = () if given.get("jku") else (public(ES384, "es"), public(RS384, "rs"))
    usual = {"iss": EHR, "jku": "", "keys": keys, "practice": PRACTICE, "origins": frozenset({EHR})}
    return Client(**{**usual, **given})


def listed(monkeypatch: Any, *clients: Any, servers: tuple[Any, ...] = ()) -> None:
    """This is the list of the site from now on."""
    from ruggespraak.web import cds, cds_gather, cds_token, exchange

    found = exchange.Exchange(clients=clients, servers=servers)
    for module in (cds, cds_gather, cds_token):
        monkeypatch.setattr(module, "exchange", lambda: found)


def token(audience: Any, key: Any = ES384, alg: str = "ES384", kid: Any = "es", head: Any = None, **claims: Any) -> str:
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

    def tells(self, findings: dict[str, Any], on: str = "") -> Ehr:
        """What was asked and examined on this day, or today, in our codes. None: asked, and not known."""
        self.record += [observed(id, value, on or today()) for id, value in findings.items()]
        return self

    def has(self, code: str, system: str = ICPC) -> Ehr:
        """A problem on the list."""
        problem = {
            "resourceType": "Condition", "id": f"c{len(self.record)}", "subject": SUBJECT, "recordedDate": today(),
            "clinicalStatus": {"coding": [{"system": CLINICAL, "code": "active"}]},
            "code": {"coding": [{"system": system, "code": code}]},
        }  # fmt: skip
        self.record.append(problem)
        return self

    def drafts(self, kind: str, **more: Any) -> str:
        """An order that nobody has signed yet; its reference."""
        ordered = {"resourceType": "ServiceRequest", "code": {"coding": [{"system": ORDERS, "code": kind}]}}
        if kind == "opioid":
            medicine = {"coding": [{"system": ATC, "code": "N02AA05"}]}
            ordered = {"resourceType": "MedicationRequest", "medicationCodeableConcept": medicine}
        draft = {"id": f"o{len(self.orders) + 1}", "status": "draft", "intent": "order", "subject": SUBJECT}
        order = {**ordered, **draft, **more}
        reference = f"{order['resourceType']}/{order['id']}"
        self.orders[reference] = order
        return reference

    def prefetch(self, *without: str, **changed: Any) -> dict[str, Any]:
        """Everything that is asked for but these keys. What there is none of is null."""
        found = {"patient": {"resourceType": "Patient", "id": PATIENT}}
        found |= {key: self._bundle(kind) for key, kind in KINDS.items()} | changed
        return {key: value for key, value in found.items() if key not in without}

    def _bundle(self, kind: str) -> Any:
        found = [{"resource": one} for one in self.record if one["resourceType"] == kind]
        return {"resourceType": "Bundle", "type": "searchset", "entry": found} if found else None

    # calls

    def request(self, hook: str, **changes: Any) -> dict[str, Any]:
        """The body of a call; what is given as None is left out."""
        context: dict[str, Any] = {"userId": "Practitioner/dr1", "patientId": PATIENT}
        if hook.startswith("order"):
            entries = [{"resource": one} for one in self.orders.values()]
            context["draftOrders"] = {"resourceType": "Bundle", "entry": entries}
        if hook == "order-select":
            context["selections"] = list(self.orders)[-1:]
        usual = {"hook": hook, "hookInstance": str(uuid.uuid4()), "context": context, "prefetch": self.prefetch()}
        return {name: value for name, value in {**usual, **changes}.items() if value is not None}

    def sends(self, path: str, body: Any, **headers: str) -> Any:
        """The answer to this, signed."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"authorization": f"Bearer {token(SITE + path)}", "accept-language": self.lang, **headers}
        return self.client.generic("POST", path, data, JSON, headers=sent, CONTENT_TYPE=JSON)

    def calls(self, hook: str, **changes: Any) -> Any:
        """The whole answer for this hook."""
        return self.sends(f"/cds-services/ruggespraak-{hook}", self.request(hook, **changes))

    def cards(self, hook: str, **changes: Any) -> list[dict[str, Any]]:
        """The cards for this hook."""
        answer = self.calls(hook, **changes)
        assert answer.status_code == 200, answer.content
        found: list[dict[str, Any]] = answer.json()["cards"]
        return found

    def card(self, hook: str, **changes: Any) -> dict[str, Any]:
        """The one card for this hook."""
        cards = self.cards(hook, **changes)
        assert len(cards) == 1, [one["summary"] for one in cards]
        return cards[0]

    # what is done with a card

    def accepts(self, hook: str, card: dict[str, Any], number: int = 0) -> None:
        """Does what is suggested, as a transaction does: what is deleted first; and tells the service."""
        suggestion = card["suggestions"][number]
        order = ("delete", "create", "update")
        for action in sorted(suggestion["actions"], key=lambda one: order.index(one["type"])):
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
        answer = self.tells_back(hook, card, outcome="overridden", **told)
        assert answer.status_code == 204, answer.content

    def tells_back(self, hook: str, card: dict[str, Any], **told: Any) -> Any:
        """What was done with this card."""
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        news = {"card": card["uuid"], "outcomeTimestamp": now, **told}
        path = f"/cds-services/ruggespraak-{hook}/feedback"
        return self.sends(path, {"feedback": [{name: one for name, one in news.items() if one is not None}]})


def observed(id: str, value: Any, on: str) -> dict[str, Any]:
    """An Observation of ours, made by a care giver."""
    found: dict[str, Any]
    if value is None:
        found = {"dataAbsentReason": {"coding": [{"system": ABSENT, "code": "asked-unknown"}]}}
    elif isinstance(value, bool):
        found = {"valueBoolean": value}
    elif isinstance(value, str):
        found = {"valueCodeableConcept": {"coding": [{"system": ANSWERS, "code": f"{id}.{value}"}]}}
    else:
        found = {"valueQuantity": quantity(VOCABULARY[id], value)}
    return {
        "resourceType": "Observation", "id": f"{id.replace('_', '-')}-{on}"[:64], "status": "final",
        "code": {"coding": [{"system": FINDINGS, "code": id}]}, "subject": SUBJECT,
        "effectiveDateTime": on, "performer": [{"reference": "Practitioner/dr1"}], **found,
    }  # fmt: skip
