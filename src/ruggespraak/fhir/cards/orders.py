"""When something is ordered (``order-select``, ``order-sign``): is it useful now, why, and what instead.

An order of anybody is called needless, and its deletion suggested, only where a picture is not useful on what is known
*and* nothing that is still unknown could make it so. An order is replaced only by a referral that the pathway gives,
and only while nothing more urgent is open. Everything else says what to ask first. To start an opioid is never
suggested.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ruggespraak.consult import Decision, Refer, decide
from ruggespraak.consult.screens import with_answers
from ruggespraak.fhir.cards.card import Card, Kind, Suggestion, says, section, sources_of, summary
from ruggespraak.fhir.cards.patient import alarm_card, not_looked_up
from ruggespraak.fhir.cards.record import (
    Record,
    advice,
    alarm_detail,
    because,
    cited_sources,
    detail,
    indicator,
    is_urgent,
    still_open,
    to_do,
)
from ruggespraak.fhir.care import PRIORITY, service_requests
from ruggespraak.fhir.names import Resource
from ruggespraak.fhir.read.elements import element, elements, text
from ruggespraak.fhir.read.records import order_of
from ruggespraak.fhir.resource import About
from ruggespraak.pathway.rules import Act, Complaint, Urgency, Use
from ruggespraak.pathway.texts import word

SCANS = ("spine_mri", "spine_ct", "spine_x_ray")
X_RAY, OPIOID, PHYSIOTHERAPY, REFERRAL = "spine_x_ray", "opioid", "physiotherapy", "referral_"
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
        return f"{self.resource['resourceType']}/{self.resource['id']}"


def drafted(resources: Iterable[Resource]) -> tuple[Order, ...]:
    """Of these orders those that are ours to speak of. One that says what must *not* be done orders nothing."""
    kinds = ((one, order_of(_ordered(one))) for one in resources if not one.get("doNotPerform"))
    return tuple(Order(kind=kind, resource=one) for one, kind in kinds if kind and one.get("status") not in OVER)


def _ordered(resource: Resource) -> object:
    """What is ordered: a code, or the code of a medicine that came along."""
    if "medicationReference" not in resource:
        return resource.get("medicationCodeableConcept", resource.get("code"))
    reference = text(element(resource, "medicationReference").get("reference"))
    inside = (one for one in elements(resource, "contained") if f"#{text(one.get('id'))}" == reference)
    return next((one.get("code") for one in inside), None)


def order_cards(record: Record, orders: Iterable[Order], about: About) -> tuple[Card, ...]:
    """At most one card an order, and one for orders of which the same is said. ``about``: whom, and who orders."""
    all_, found = list(orders), list[Card]()
    for card in (
        *_scans(record, [one for one in all_ if one.kind in SCANS], about),
        *_referrals(record, [one for one in all_ if one.kind.startswith((REFERRAL, PHYSIOTHERAPY))], about),
        *_opioids(record, [one for one in all_ if one.kind == OPIOID]),
    ):
        if card not in found:
            found.append(card)
    return tuple(found) or (not_looked_up(record) if all_ and not record.back else ())


# Pictures


def _scans(record: Record, orders: Sequence[Order], about: About) -> Iterator[Card]:
    judged: dict[Kind, list[Order]] = {}
    for one in orders:
        judged.setdefault(_verdict(record, one), []).append(one)
    for kind, alike in judged.items():
        yield SCAN_CARDS[kind](record, alike, about)


def _verdict(record: Record, order: Order) -> Kind:
    found = record.decision
    match found.imaging:
        case Use.NEEDED if found.imaging_by == "gp":
            return Kind.SCAN_FITS
        case Use.NEEDED if _specialist(record):
            return Kind.SCAN_REFER
        case Use.CONSIDER:
            refers = order.kind != X_RAY and (_specialist(record) or _weighs_surgery(record))
            return Kind.SCAN_REFER if refers else Kind.SCAN_CONSIDER
    if is_urgent(record):
        return Kind.ALARM
    if found.complaint is Complaint.OUTSIDE:
        return Kind.OUTSIDE
    needless = found.imaging is Use.NOT_USEFUL and found.imaging_not_excluded is Use.NOT_USEFUL and record.whole
    return Kind.SCAN_NEEDLESS if needless else Kind.SCAN_ASK


def _weighs_surgery(record: Record) -> bool:
    return Act.DISCUSS_SURGERY in _acts(record)


def _acts(record: Record) -> frozenset[Act]:
    """What the plan does."""
    return frozenset(act for one in record.decision.plan for act in one.does)


def _specialist(record: Record) -> str | None:
    """To which specialist this patient is referred, the most urgent one."""
    return next((one.to for one in record.decision.refer if one.to not in NO_SPECIALIST), None)


def _names(orders: Iterable[Order], lang: str) -> str:
    return ", ".join(dict.fromkeys(says(one.kind, lang) for one in orders))


def _needless(record: Record, orders: Sequence[Order], _about: About) -> Card:
    lang, found = record.lang, record.decision
    rule = next(id for id in ("no_scan_root_yet", "no_scan_back") if any(one.id == id for one in found.plan))
    cited = next(one.because for one in found.plan if one.id == rule)
    return Card(
        kind=Kind.SCAN_NEEDLESS,
        summary=summary(Kind.SCAN_NEEDLESS, lang, what=word(f"complaint.{found.complaint}.term", lang)),
        indicator="warning",
        detail=detail(record, advice(record, rule), _instead(record), cited_sources(record, *cited)),
        label=record.label,
        suggestions=tuple(
            Suggestion(label=says("delete", lang, what=says(one.kind, lang)), actions=(_delete(one, lang),))
            for one in orders
        ),
    )


def _ask(record: Record, _orders: Sequence[Order], _about: About) -> Card:
    lang = record.lang
    return Card(
        kind=Kind.SCAN_ASK,
        summary=summary(Kind.SCAN_ASK, lang),
        indicator="warning" if record.back else "info",
        detail=detail(record, still_open(record), to_do(record), because(record), cited_sources(record)),
        label=record.label,
    )


def _refer(record: Record, orders: Sequence[Order], about: About) -> Card:
    """The specialist decides on the scan."""
    lang, to = record.lang, _specialist(record)
    if to:
        line = summary(Kind.SCAN_REFER, lang, soon=record.how_soon, to=says(f"to_{to}", lang))
    else:
        line = says("scan_refer_if_wished", lang)
    return Card(
        kind=Kind.SCAN_REFER,
        summary=line,
        indicator="critical" if record.decision.urgency >= Urgency.SAME_DAY else "warning",
        detail=alarm_detail(record),
        label=record.label,
        suggestions=tuple(_replacements(record, orders, about)),
    )  # fmt: skip


def _replacements(record: Record, orders: Sequence[Order], about: About) -> Iterator[Suggestion]:
    """The order away, and a referral in its place: while nothing more urgent is open."""
    lang, decision = record.lang, record.decision
    waits = _specialist(record) is None  # for what the patient wishes: the referral is the one that follows from that
    if not record.excluded or (waits and "wants_surgery_weighed" in record.case.answers):
        return
    if waits:
        decision = decide(with_answers(record.case, {"wants_surgery_weighed": True}), lang)
    for refer, referral in _made(decision, about)[:1]:
        how = {"soon": word(f"urgency.{refer.when}.name", lang), "to": word(f"addressee.{refer.to}", lang)}
        create = {"type": "create", "description": says("create", lang, **how), "resource": referral}
        yield Suggestion(
            label=says("replace_if_wished" if waits else "replace", lang, **how),
            actions=(*(_delete(one, lang) for one in orders), create),
            recommended=not waits,
        )


def _made(decision: Decision, about: About) -> list[tuple[Refer, Resource]]:
    """The referrals to specialists, each as an order."""
    made = zip(decision.refer, service_requests(decision, about), strict=True)
    return [(refer, {**one, "intent": "order"}) for refer, one in made if refer.to not in NO_SPECIALIST]


def _consider(record: Record, _orders: Sequence[Order], _about: About) -> Card:
    """A picture may be useful, but somebody must look first."""
    return _picture_card(record, Kind.SCAN_CONSIDER, "warning")


def _fits(record: Record, orders: Sequence[Order], _about: About) -> Card:
    """An X-ray that the GP orders."""
    return _picture_card(record, Kind.SCAN_FITS, "info" if all(one.kind == X_RAY for one in orders) else "warning")


def _picture_card(record: Record, kind: Kind, shown: str) -> Card:
    return Card(
        kind=kind,
        summary=summary(kind, record.lang, soon=record.how_soon, what=record.topic),
        indicator=shown,
        detail=alarm_detail(record),
        label=record.label,
    )


def _alarm(record: Record, _orders: Sequence[Order], _about: About) -> Card:
    found = alarm_card(record)
    assert found  # is_urgent
    return found


def _outside(record: Record, _orders: Sequence[Order] = (), _about: About | None = None) -> Card:
    lang = record.lang
    return Card(
        kind=Kind.OUTSIDE,
        summary=summary(Kind.OUTSIDE, lang, what=record.topic),
        indicator="info",
        detail=alarm_detail(record),
        label=record.label,
    )


SCAN_CARDS = {
    Kind.SCAN_NEEDLESS: _needless,
    Kind.SCAN_ASK: _ask,
    Kind.SCAN_REFER: _refer,
    Kind.SCAN_CONSIDER: _consider,
    Kind.SCAN_FITS: _fits,
    Kind.ALARM: _alarm,
    Kind.OUTSIDE: _outside,
}


def _instead(record: Record) -> list[str]:
    """What the plan holds for this complaint."""
    acts = _acts(record)
    return section("instead", (word(f"act.{act}", record.lang) for act in INSTEAD if act in acts), record.lang)


def _delete(order: Order, lang: str) -> Resource:
    what = says("delete_opioid", lang) if order.kind == OPIOID else says("delete", lang, what=says(order.kind, lang))
    return {"type": "delete", "description": what, "resourceId": order.reference}


# Referrals


def _referrals(record: Record, orders: Sequence[Order], about: About) -> Iterator[Card]:
    """Only where there is a back: people are referred for other things."""
    for one in orders if record.back else ():
        if found := _referral(record, one, about):
            yield found


def _referral(record: Record, order: Order, about: About) -> Card | None:
    """What is to be said of one referral; nothing where it fits."""
    found, lang, to = record.decision, record.lang, order.kind.removeprefix(REFERRAL)
    mine = next((one for one in found.refer if one.to == to), None)
    if mine:
        later = RANK.get(str(order.resource.get("priority", "routine")), 0) < RANK[PRIORITY[mine.when]]
        return _sooner(record, order, mine.when) if later else None
    treats = order.kind == PHYSIOTHERAPY
    if treats and Act.PHYSIOTHERAPY in record.forbidden:
        return _unsafe(record)
    if is_urgent(record):
        return _another(record, about) or alarm_card(record)
    if found.complaint is Complaint.OUTSIDE:
        return _outside(record)
    if treats and Act.PHYSIOTHERAPY in _acts(record):
        return None
    kind = Kind.REFERRAL_ASK if found.ask or found.examine or not record.whole else Kind.REFERRAL_NOT_NOW
    return Card(
        kind=kind,
        summary=summary(kind, lang, what=word(f"complaint.{found.complaint}.term", lang)),
        indicator="info",
        detail=detail(
            record, still_open(record), to_do(record), because(record), _instead(record), cited_sources(record)
        ),
        label=record.label,
    )


RANK = {"routine": 0, "urgent": 1, "asap": 2, "stat": 3}
"""The priorities of FHIR."""


def _sooner(record: Record, order: Order, when: Urgency) -> Card:
    """The right address, but not soon enough: the same order with another priority."""
    lang = record.lang
    how_soon = word(f"urgency.{when}.name", lang)
    label = says("sooner", lang, soon=how_soon)
    update = {"type": "update", "description": label, "resource": {**order.resource, "priority": PRIORITY[when]}}
    return Card(
        kind=Kind.REFERRAL_SOONER,
        summary=summary(Kind.REFERRAL_SOONER, lang, soon=how_soon, what=record.topic),
        indicator=indicator(record),
        detail=alarm_detail(record),
        label=record.label,
        suggestions=(Suggestion(label=label, actions=(update,), recommended=True),),
    )  # fmt: skip


def _another(record: Record, about: About) -> Card | None:
    """A specialist must see this patient first; the order that is there stays."""
    made = _made(record.decision, about)
    if not made:
        return None
    refer, referral = made[0]
    lang = record.lang
    return Card(
        kind=Kind.REFERRAL_OTHER,
        summary=summary(Kind.REFERRAL_OTHER, lang, soon=record.how_soon, to=says(f"to_{refer.to}", lang)),
        indicator=indicator(record),
        detail=alarm_detail(record),
        label=record.label,
        suggestions=(_make(refer, referral, lang),),
    )


def _make(refer: Refer, referral: Resource, lang: str) -> Suggestion:
    label = says(
        "create", lang, soon=word(f"urgency.{refer.when}.name", lang), to=word(f"addressee.{refer.to}", lang)
    )  # fmt: skip
    return Suggestion(label=label, actions=({"type": "create", "description": label, "resource": referral},),
                      recommended=True)  # fmt: skip


def _unsafe(record: Record) -> Card:
    lang = record.lang
    return Card(
        kind=Kind.TREATMENT_UNSAFE,
        summary=summary(Kind.TREATMENT_UNSAFE, lang, soon=record.how_soon, what=record.topic),
        indicator=indicator(record),
        detail=alarm_detail(record),
        label=record.label,
    )


# Opioids


def _opioids(record: Record, orders: Sequence[Order]) -> Iterator[Card]:
    """An alarm first; else why not, where it is a nonspecific back. Of other pain nothing is said."""
    if not orders or not record.back:
        return
    if record.decision.urgency >= Urgency.SAME_DAY and (found := alarm_card(record)):
        yield found
    elif record.decision.complaint is Complaint.NONSPECIFIC:
        yield _no_opioid(record, orders)


def _no_opioid(record: Record, orders: Sequence[Order]) -> Card:
    lang, found = record.lang, record.decision
    taper = any(one.id == "opioid_taper" for one in found.plan)
    lines = [says("opioid_trial", lang), says("opioid_chronic", lang), says("only_for_the_back", lang)]
    new = record.case.answers.get("opioid_current") is False  # who uses one does not stop suddenly
    sure = found.imaging_not_excluded is Use.NOT_USEFUL and record.whole and new
    deletes = (Suggestion(label=says("delete_opioid", lang), actions=(_delete(one, lang),)) for one in orders)
    return Card(
        kind=Kind.OPIOID,
        summary=summary(Kind.OPIOID, lang, what=word(f"complaint.{found.complaint}.term", lang)),
        indicator="warning",
        detail=detail(record, section("do", [says("opioid_taper", lang) if taper else ""], lang),
                      section("why", lines, lang), _instead(record), still_open(record),
                      cited_sources(record, *sources_of("opioid_trial"), *sources_of("opioid_chronic"))),
        label=record.label,
        suggestions=tuple(deletes) if sure else (),
    )  # fmt: skip
