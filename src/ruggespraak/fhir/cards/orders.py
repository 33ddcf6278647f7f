"""When something is ordered (``order-select``, ``order-sign``): is it useful now, why, and what instead.

An order of anybody is called needless, and its deletion suggested, only where a picture is not useful on what is known
*and* nothing that is still unknown could make it so. An order is replaced only by a referral that the pathway gives,
and only while nothing more urgent is open. Everything else says what to ask first. To start an opioid is never
suggested.
"""

from __future__ import annotations

from collections.abc import Iterable

from ruggespraak.fhir.cards.card import Card
from ruggespraak.fhir.cards.drafts import Order
from ruggespraak.fhir.cards.opioids import opioid_cards
from ruggespraak.fhir.cards.patient import not_looked_up
from ruggespraak.fhir.cards.record import Record
from ruggespraak.fhir.cards.referrals import referral_cards
from ruggespraak.fhir.cards.scans import scan_cards
from ruggespraak.fhir.resource import About


def order_cards(record: Record, orders: Iterable[Order], about: About) -> tuple[Card, ...]:
    """At most one card an order, and one for orders of which the same is said. ``about``: whom, and who orders."""
    drafts = list(orders)
    found: list[Card] = []
    for card in (
        *scan_cards(record, drafts, about),
        *referral_cards(record, drafts, about),
        *opioid_cards(record, drafts),
    ):
        if card not in found:
            found.append(card)
    return tuple(found) or (not_looked_up(record) if drafts and not record.back else ())
