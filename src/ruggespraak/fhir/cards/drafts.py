"""Orders that nobody has signed yet: which of them are about a back, and what can be done with one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

from ruggespraak.consult import Decision, Refer
from ruggespraak.fhir.cards.card import says
from ruggespraak.fhir.cards.record import COMPLAINTS, Record
from ruggespraak.fhir.names import Resource
from ruggespraak.fhir.read.elements import codes_in, element, elements, meanings_of, text
from ruggespraak.fhir.read.records import order_of
from ruggespraak.fhir.read.whose import relative
from ruggespraak.fhir.write.care import PRIORITY, service_requests
from ruggespraak.fhir.write.resource import About
from ruggespraak.pathway.codes.addresses import FINDINGS
from ruggespraak.pathway.rules import Urgency
from ruggespraak.pathway.texts import word

ORDERABLE = {"ServiceRequest", "MedicationRequest"}
OVER = {"completed", "revoked", "entered-in-error", "cancelled", "stopped"}
TURNED = ("doNotPerform", "modifierExtension", "implicitRules")
"""With one of these an order may be its opposite: in Dutch messages an extension says that a medicine is stopped."""
RANK = {"routine": 0, "urgent": 1, "asap": 2, "stat": 3}
"""The priorities of FHIR."""
NO_SPECIALIST = ("gp", "ambulance")
REFERRAL = "referral_"  # begins the kind of an order that is one


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A draft order. ``kind``: one of our codes for orders; ``resource``: as the client drafted it."""

    kind: str
    resource: Resource

    @property
    def reference(self) -> str:
        """How an action names it."""
        return f"{self.resource['resourceType']}/{self.resource['id']}"

    def comes_too_late(self, when: Urgency) -> bool:
        """Whether its priority is a lower one than this urgency needs."""
        return RANK.get(str(self.resource.get("priority", "routine")), 0) < RANK[PRIORITY[when]]


def drafted(resources: Iterable[Resource], beside: Iterable[Resource] = ()) -> tuple[Order, ...]:
    """Of these orders those that are ours to speak of. ``beside``: all that is drafted, a Medication among it.

    One that says what must *not* be done orders nothing.
    """
    medicines = {f"Medication/{one['id']}": one for one in beside if one["resourceType"] == "Medication"}
    open_ = (one for one in resources if one["resourceType"] in ORDERABLE and str(one.get("status")) not in OVER)
    kinds = ((one, order_of(_ordered(one, medicines))) for one in open_ if not any(one.get(name) for name in TURNED))
    return tuple(Order(kind=kind, resource=one) for one, kind in kinds if kind)


def _ordered(resource: Resource, medicines: Mapping[str, Resource]) -> object:
    """What is ordered: a code, or the code of a medicine that came along."""
    if "medicationReference" not in resource:
        return resource.get("medicationCodeableConcept", resource.get("code"))
    reference = text(element(resource, "medicationReference").get("reference"))
    inside = {f"#{text(one.get('id'))}": one for one in elements(resource, "contained")}
    return {**medicines, **inside}.get(reference, {}).get("code")


def for_the_back(order: Order, record: Record) -> bool:
    """Whether nothing in it says that it is for something else than this complaint: another place of the body, or a
    reason that we cannot read."""
    given = order.resource
    complaint = {record.origins[id].resource for id in COMPLAINTS if id in record.origins}
    reasons = [*_listed(given.get("reasonCode")), *_listed(given.get("reasonReference"))]
    return not given.get("bodySite") and all(_is_the_back(one, complaint) for one in reasons)


def _is_the_back(reason: object, complaint: Set[str]) -> bool:
    """A code of such a complaint, or a reference to where it stands in the record."""
    if isinstance(reason, dict) and "reference" in reason:
        return relative(text(reason["reference"])) in complaint
    return bool(codes_in(reason, FINDINGS) & {*COMPLAINTS}) or any(
        code.finding in COMPLAINTS or code.about.startswith("complaint:") for code in meanings_of(reason)
    )


def _listed(given: object) -> list[object]:
    return given if isinstance(given, list) else [given] if given else []


# What the plan says


def specialist(record: Record) -> Refer | None:
    """To which specialist this patient is referred first; None where somebody else must see her sooner."""
    first = next((one for one in record.decision.refer if one.to not in NO_SPECIALIST), None)
    return first if first and (first.when >= record.decision.urgency or not record.urgent) else None


# What can be done


def referrals(decision: Decision, about: About) -> list[tuple[Refer, Resource]]:
    """The referrals to specialists, each as an order; the most urgent first."""
    made = zip(decision.refer, service_requests(decision, about), strict=True)
    return [(refer, {**one, "intent": "order"}) for refer, one in made if refer.to not in NO_SPECIALIST]


def referral_to(refer: Refer, drafts: Iterable[Order]) -> Order | None:
    """The draft that sends this patient there already."""
    return next((one for one in drafts if one.kind == f"{REFERRAL}{refer.to}"), None)


def how(refer: Refer, lang: str) -> dict[str, str]:
    """How soon and to whom, as labels are filled in."""
    return {"soon": word(f"urgency.{refer.when}.name", lang), "to": word(f"addressee.{refer.to}", lang)}


def creation(refer: Refer, referral: Resource, lang: str) -> Resource:
    """The action that makes a referral."""
    return {"type": "create", "description": says("create", lang, **how(refer, lang)), "resource": referral}


def deletion(order: Order, label: str) -> Resource:
    """The action that takes an order away."""
    return {"type": "delete", "description": label, "resourceId": order.reference}
