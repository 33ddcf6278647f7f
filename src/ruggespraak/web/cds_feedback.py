"""What is done with a card in the care giver's own system: accepted, or set aside for a reason (CDS Hooks, feedback).

No card is kept here. Its name tells what kind of card it is, and that we gave it to this client: so what comes back is
counted, and a name that we never gave is refused. What somebody typed may be about a patient, and is not kept; nor is
the hour, which tells in an appointment book who it was.

A name is a UUID of version 8: kind of card (8 bits), which suggestion (8), random (58), and a keyed check (48) over
these, the service and the client.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.dateparse import parse_datetime

from ruggespraak.clinic.models import CardFeedback
from ruggespraak.fhir.cards.card import REASONS, Kind, Names, reasons_of
from ruggespraak.web.cds_request import RequestError, uuid_in
from ruggespraak.web.exchange import Client

ACCEPTED, OVERRIDDEN = "accepted", "overridden"
MOST = 100  # cards in one message (own choice)
OTHER = "other"
"""A reason that is not one of ours."""
SKEW = timedelta(minutes=1)  # that two clocks may differ
VERSION, VARIANT = 8, 0b10
NUMBER, RANDOM, CHECK = 8, 58, 48  # bits


@dataclass(frozen=True, slots=True)
class Name:
    """What a name of ours says. ``number``: 0 is the card itself, 1, 2, ... its suggestions."""

    kind: Kind
    number: int
    random: int


# Names


def names(service: str, client: Client | None) -> Names:
    """Gives names to the cards of one answer to this client."""

    def of_card(kind: Kind) -> Callable[[int], str]:
        random = secrets.randbits(RANDOM)
        return lambda number: str(_uuid(Name(kind, number, random), service, client))

    return of_card


def _uuid(name: Name, service: str, client: Client | None) -> UUID:
    told = ((name.kind << NUMBER | name.number) << RANDOM | name.random) << CHECK | _check(name, service, client)
    high, middle, low = told >> 74, told >> 62 & 0xFFF, told & (1 << 62) - 1
    return UUID(int=high << 80 | VERSION << 76 | middle << 64 | VARIANT << 62 | low)


def _check(name: Name, service: str, client: Client | None) -> int:
    says = f"{service} {client.iss if client else ''} {name.kind:d} {name.number} {name.random}"
    mac = salted_hmac("ruggespraak.web.cds_feedback", says, algorithm="sha256").digest()
    return int.from_bytes(mac[: CHECK // 8])


def name_in(given: UUID, service: str, client: Client | None) -> Name | None:
    """What this name says; None for one that this client never got from this service."""
    told = (given.int >> 80) << 74 | (given.int >> 64 & 0xFFF) << 62 | given.int & (1 << 62) - 1
    random, number, kind = (
        told >> CHECK & (1 << RANDOM) - 1,
        told >> CHECK + RANDOM & (1 << NUMBER) - 1,
        told >> CHECK + RANDOM + NUMBER,
    )
    if kind not in set(Kind):
        return None
    name = Name(Kind(kind), number, random)
    return name if constant_time_compare(str(_uuid(name, service, client)), str(given)) else None


# Messages


def feedback_in(body: Mapping[str, Any], service: str, client: Client | None) -> list[CardFeedback]:
    """What was done with each card. Raises RequestError; then none of it counts."""
    listed = body.get("feedback")
    if not isinstance(listed, list) or not 0 < len(listed) <= MOST:
        raise RequestError("feedback", "none" if listed is None else "no such list", f"a list of 1 to {MOST}")
    return [_one(one, f"feedback[{number}]", service, client) for number, one in enumerate(listed)]


def _one(given: Any, place: str, service: str, client: Client | None) -> CardFeedback:
    if not isinstance(given, dict):
        raise RequestError(place, given, "an object")
    card = uuid_in(given.get("card"), f"{place}.card")
    name = name_in(card, service, client)
    if name is None or name.number:
        raise RequestError(f"{place}.card", str(card), "the uuid of a card that this service gave you", 404)
    outcome = given.get("outcome")
    if outcome == ACCEPTED:
        _suggestions(given, place, name, service, client)
    elif outcome != OVERRIDDEN:
        raise RequestError(f"{place}.outcome", outcome, f"{ACCEPTED} or {OVERRIDDEN}")
    return CardFeedback(
        card=card,
        practice=client.practice if client else None,
        service=service,
        kind=str(name.kind),
        outcome=outcome,
        reason=_reason(given, place, name.kind) if outcome == OVERRIDDEN else "",
        at=_day(_moment(given.get("outcomeTimestamp"), f"{place}.outcomeTimestamp")),
    )


def _suggestions(given: Mapping[str, Any], place: str, card: Name, service: str, client: Client | None) -> None:
    """Each must be a suggestion of this card. Raises RequestError."""
    place = f"{place}.acceptedSuggestions"
    accepted = given.get("acceptedSuggestions")
    if not isinstance(accepted, list) or not accepted:
        raise RequestError(place, "nothing" if accepted is None else "no such list", "what was accepted")
    for number, one in enumerate(accepted):
        id = uuid_in(one.get("id") if isinstance(one, dict) else None, f"{place}[{number}].id")
        name = name_in(id, service, client)
        if name is None or not name.number or (name.kind, name.random) != (card.kind, card.random):
            raise RequestError(f"{place}[{number}].id", str(id), "the uuid of a suggestion of this card", 404)


def _reason(given: Mapping[str, Any], place: str, kind: Kind) -> str:
    """The reason that was chosen, where it is one of ours; that there was another one; or nothing."""
    place = f"{place}.overrideReason"
    told = given.get("overrideReason", {})
    if not isinstance(told, dict):
        raise RequestError(place, told, "an object")
    if "reason" not in told:
        return ""
    reason = told["reason"]
    if not isinstance(reason, dict) or not isinstance(reason.get("code"), str):
        raise RequestError(f"{place}.reason", "no code", "a code, and its system")
    ours = reason.get("system") == REASONS and reason["code"] in reasons_of(kind)
    return str(reason["code"]) if ours else OTHER


def _moment(given: Any, place: str) -> datetime:
    expected = "a moment in UTC that has passed, such as 2026-01-15T10:05:31Z"
    try:
        found = parse_datetime(given) if isinstance(given, str) else None
        moment = found.astimezone(UTC) if found and found.tzinfo else None
    except (ValueError, OverflowError):  # no date, or one beyond the years that there are
        moment = None
    if moment is None or moment > timezone.now() + SKEW:
        raise RequestError(place, given, expected)
    return moment


def _day(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


@transaction.atomic
def keep(news: list[CardFeedback]) -> None:
    """All of it or nothing. What is there already came before."""
    for one in news:
        if not CardFeedback.objects.filter(card=one.card, outcome=one.outcome).exists():
            try:
                with transaction.atomic():
                    one.save()
            except IntegrityError:  # the same message came twice at once
                continue
