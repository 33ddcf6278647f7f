"""When something is ordered (``order-select``, ``order-sign``): is it useful now, why, and what instead.

An order of anybody is called needless, and its deletion suggested, only where a picture is not useful on what is known
*and* nothing that is still unknown could make it so. An order is replaced only by a referral that the pathway gives,
and only while nothing more urgent is open. What says itself that it is for something else is never taken away.
Everything else says what to ask first. To start an opioid is never suggested.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ruggespraak.fhir.cards.card import INDICATORS, Card, Kind
from ruggespraak.fhir.cards.drafts import Order
from ruggespraak.fhir.cards.opioids import opioid_cards
from ruggespraak.fhir.cards.patient import not_looked_up
from ruggespraak.fhir.cards.record import Record
from ruggespraak.fhir.cards.referrals import referral_cards
from ruggespraak.fhir.cards.scans import scan_cards
from ruggespraak.fhir.write.resource import About


def order_cards(
    record: Record, orders: Sequence[Order], about: About, drafts: Sequence[Order] = ()
) -> tuple[Card, ...]:
    """At most one card an order, and one for orders of which the same is said.

    ``about``: whom, and who orders; ``drafts``: everything that is drafted, what is not spoken of now as well.
    """
    beside = drafts or orders
    found: list[Card] = []
    for card in (
        *scan_cards(record, orders, about, beside),
        *referral_cards(record, orders, about, beside),
        *opioid_cards(record, orders),
    ):
        if card not in found:
            found.append(card)
    if record.urgent:
        found = _said_once(found)
    return tuple(found) or (not_looked_up(record) if orders and not record.back else ())


def _said_once(found: Sequence[Card]) -> list[Card]:
    """While somebody must look within days, one card says so, with all that can be done about it; and one more what
    must not be done meanwhile. Five cards about one alarm hide it."""
    unsafe = [one for one in found if one.kind is Kind.TREATMENT_UNSAFE]
    others = [one for one in found if one.kind is not Kind.TREATMENT_UNSAFE]
    if not others:
        return unsafe
    first = others[0]
    sooner = [one for one in others[1:] if one.kind is Kind.REFERRAL_SOONER]
    whole = replace(
        first,
        indicator=max((one.indicator for one in others), key=INDICATORS.index),
        suggestions=(*first.suggestions, *(suggestion for one in sooner for suggestion in one.suggestions)),
    )
    return [whole, *unsafe]
