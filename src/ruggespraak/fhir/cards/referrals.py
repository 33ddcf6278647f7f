"""A referral, or physiotherapy, is ordered: whether it fits the plan now, and soon enough."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ruggespraak.fhir.cards.card import Card, Kind, Suggestion, says, summary
from ruggespraak.fhir.cards.drafts import REFERRAL, Order, creation, for_the_back, referral_to, referrals
from ruggespraak.fhir.cards.patient import alarm_card, like_an_alarm
from ruggespraak.fhir.cards.record import Record, because, cited_sources, detail, instead, still_open, to_do
from ruggespraak.fhir.write.care import PRIORITY
from ruggespraak.fhir.write.resource import About
from ruggespraak.pathway.rules import Act, Complaint, Urgency
from ruggespraak.pathway.texts import word

PHYSIOTHERAPY = "physiotherapy"


def referral_cards(record: Record, orders: Sequence[Order], about: About, drafts: Sequence[Order]) -> Iterator[Card]:
    """What is to be said of each; only where there is a back, for people are referred for other things."""
    for one in orders if record.back else ():
        found = None
        if one.kind == PHYSIOTHERAPY:
            found = _physiotherapy(record, one, about, drafts)
        elif one.kind.startswith(REFERRAL):
            found = _referral(record, one, about, drafts)
        if found:
            yield found


def _referral(record: Record, order: Order, about: About, drafts: Sequence[Order]) -> Card | None:
    """Nothing where it fits; a word where it comes too late, or after something more urgent."""
    found, to = record.decision, order.kind.removeprefix(REFERRAL)
    mine = next((one for one in found.refer if one.to == to), None)
    if record.urgent and (mine is None or mine.when < found.urgency):
        return _another(record, about, drafts)
    if mine is None:
        return _not_in_the_plan(record, order)
    return _sooner(record, order, mine.when) if order.comes_too_late(mine.when) else None


def _physiotherapy(record: Record, order: Order, about: About, drafts: Sequence[Order]) -> Card | None:
    if Act.PHYSIOTHERAPY in record.forbidden:
        line = summary(Kind.TREATMENT_UNSAFE, record.lang, soon=record.how_soon, what=record.suspicion or record.topic)
        return like_an_alarm(record, Kind.TREATMENT_UNSAFE, line=line)
    if record.urgent:
        return _another(record, about, drafts)
    return None if Act.PHYSIOTHERAPY in record.planned else _not_in_the_plan(record, order)


def _another(record: Record, about: About, drafts: Sequence[Order]) -> Card | None:
    """Somebody else must see this patient first; the order that is there stays. Nothing where that is drafted too."""
    made = referrals(record.decision, about)
    if not made:
        return alarm_card(record)
    (refer, referral), lang = made[0], record.lang
    there = referral_to(refer, drafts)
    if there and not there.comes_too_late(refer.when):
        return None
    if there:
        return _sooner(record, there, refer.when)
    action = creation(refer, referral, lang)
    line = summary(Kind.REFERRAL_OTHER, lang, soon=record.how_soon, to=says(f"to_{refer.to}", lang))
    suggestion = Suggestion(label=action["description"], actions=(action,), recommended=True)
    return like_an_alarm(record, Kind.REFERRAL_OTHER, line=line, suggestions=(suggestion,))


def _sooner(record: Record, order: Order, when: Urgency) -> Card:
    """The right address, but not soon enough: the same order with another priority."""
    lang = record.lang
    label = says("sooner", lang, soon=word(f"urgency.{when}.name", lang))
    update = {"type": "update", "description": label, "resource": {**order.resource, "priority": PRIORITY[when]}}
    suggestion = Suggestion(label=label, actions=(update,), recommended=True)
    return like_an_alarm(record, Kind.REFERRAL_SOONER, suggestions=(suggestion,))


def _not_in_the_plan(record: Record, order: Order) -> Card | None:
    """Not now, or cannot be said yet. Never more than a remark, and none on what says it is for something else."""
    found, lang = record.decision, record.lang
    if not for_the_back(order, record):
        return None
    if found.complaint is Complaint.OUTSIDE:
        return like_an_alarm(record, Kind.OUTSIDE)
    kind = Kind.REFERRAL_ASK if found.ask or found.examine or not record.whole else Kind.REFERRAL_NOT_NOW
    why = because(record, says("only_for_the_back", lang))
    return Card(
        kind=kind,
        summary=summary(kind, lang, what=word(f"complaint.{found.complaint}.term", lang)),
        indicator="info",
        detail=detail(record, still_open(record), to_do(record), why, instead(record), cited_sources(record)),
        label=record.label,
    )
