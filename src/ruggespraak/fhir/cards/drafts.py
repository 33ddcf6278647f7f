"""Orders that nobody has signed yet: which of them are about a back, and what can be done with one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ruggespraak.consult import Decision, Refer
from ruggespraak.fhir.cards.card import says, section
from ruggespraak.fhir.cards.record import Record
from ruggespraak.fhir.care import service_requests
from ruggespraak.fhir.names import Resource
from ruggespraak.fhir.read.elements import element, elements, text
from ruggespraak.fhir.read.records import order_of
from ruggespraak.fhir.resource import About
from ruggespraak.pathway.rules import Act
from ruggespraak.pathway.texts import word

ORDERABLE = {"ServiceRequest", "MedicationRequest"}
OVER = {"completed", "revoked", "entered-in-error", "cancelled", "stopped"}
NO_SPECIALIST = ("gp", "ambulance")
INSTEAD = (
    Act.STAY_ACTIVE, Act.EXERCISE, Act.PHYSIOTHERAPY, Act.PARACETAMOL, Act.NSAID, Act.PSYCHOSOCIAL, Act.PAIN_TEAM,
    Act.DISCUSS_SURGERY,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A draft order. ``kind``: one of our codes for orders; ``resource``: as the client drafted it."""

    kind: str
    resource: Resource

    @property
    def reference(self) -> str:
        """How an action names it."""
        return f"{self.resource['resourceType']}/{self.resource['id']}"


def drafted(resources: Iterable[Resource]) -> tuple[Order, ...]:
    """Of these orders those that are ours to speak of. One that says what must *not* be done orders nothing."""
    open_ = (one for one in resources if one["resourceType"] in ORDERABLE and str(one.get("status")) not in OVER)
    kinds = ((one, order_of(_ordered(one))) for one in open_ if not one.get("doNotPerform"))
    return tuple(Order(kind=kind, resource=one) for one, kind in kinds if kind)


def _ordered(resource: Resource) -> object:
    """What is ordered: a code, or the code of a medicine that came along."""
    if "medicationReference" not in resource:
        return resource.get("medicationCodeableConcept", resource.get("code"))
    reference = text(element(resource, "medicationReference").get("reference"))
    inside = (one for one in elements(resource, "contained") if f"#{text(one.get('id'))}" == reference)
    return next((one.get("code") for one in inside), None)


# What the plan says


def acts(record: Record) -> frozenset[Act]:
    """What the plan does."""
    return frozenset(act for one in record.decision.plan for act in one.does)


def instead(record: Record) -> list[str]:
    """What the plan holds for this complaint."""
    planned = acts(record)
    return section("instead", (word(f"act.{act}", record.lang) for act in INSTEAD if act in planned), record.lang)


def specialist(record: Record) -> Refer | None:
    """To which specialist this patient is referred first; None where somebody else must see her sooner."""
    first = next((one for one in record.decision.refer if one.to not in NO_SPECIALIST), None)
    return first if first and (first.when >= record.decision.urgency or not record.urgent) else None


# What can be done


def referrals(decision: Decision, about: About) -> list[tuple[Refer, Resource]]:
    """The referrals to specialists, each as an order; the most urgent first."""
    made = zip(decision.refer, service_requests(decision, about), strict=True)
    return [(refer, {**one, "intent": "order"}) for refer, one in made if refer.to not in NO_SPECIALIST]


def how(refer: Refer, lang: str) -> dict[str, str]:
    """How soon and to whom, as labels are filled in."""
    return {"soon": word(f"urgency.{refer.when}.name", lang), "to": word(f"addressee.{refer.to}", lang)}


def creation(refer: Refer, referral: Resource, lang: str) -> Resource:
    """The action that makes a referral."""
    return {"type": "create", "description": says("create", lang, **how(refer, lang)), "resource": referral}


def deletion(order: Order, label: str) -> Resource:
    """The action that takes an order away."""
    return {"type": "delete", "description": label, "resourceId": order.reference}
