"""An opioid is ordered: an alarm first; else why not, where it is a nonspecific back. Of other pain nothing is said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ruggespraak.fhir.cards.card import Card, Kind, Suggestion, says, section, sources_of, summary
from ruggespraak.fhir.cards.drafts import Order, deletion, instead
from ruggespraak.fhir.cards.patient import alarm_card
from ruggespraak.fhir.cards.record import Record, cited_sources, detail, still_open
from ruggespraak.pathway.rules import Complaint, Urgency, Use
from ruggespraak.pathway.texts import word

OPIOID, TAPER = "opioid", "opioid_taper"
WHY = ("opioid_trial", "opioid_chronic", "only_for_the_back")


def opioid_cards(record: Record, orders: Sequence[Order]) -> Iterator[Card]:
    """At most one, for all of them."""
    mine = [one for one in orders if one.kind == OPIOID]
    if not mine or not record.back:
        return
    if record.decision.urgency >= Urgency.SAME_DAY and (found := alarm_card(record)):
        yield found
    elif record.decision.complaint is Complaint.NONSPECIFIC:
        yield _against(record, mine)


def _against(record: Record, orders: Sequence[Order]) -> Card:
    lang, found = record.lang, record.decision
    taper = [says(TAPER, lang)] if any(one.id == TAPER for one in found.plan) else []
    why = section("why", (says(id, lang) for id in WHY), lang)
    keys = [key for id in WHY[:2] for key in sources_of(id)]
    said = (section("do", taper, lang), why, instead(record), still_open(record), cited_sources(record, *keys))
    return Card(
        kind=Kind.OPIOID,
        summary=summary(Kind.OPIOID, lang, what=word(f"complaint.{found.complaint}.term", lang)),
        indicator="warning",
        detail=detail(record, *said),
        label=record.label,
        suggestions=tuple(_deletions(record, orders)),
    )


def _deletions(record: Record, orders: Sequence[Order]) -> Iterator[Suggestion]:
    """Where no answer can change this, and nobody would stop suddenly with what they use."""
    known = record.whole and record.decision.imaging_not_excluded is Use.NOT_USEFUL
    label = says("delete_opioid", record.lang)
    for one in orders if known and record.case.answers.get("opioid_current") is False else ():
        yield Suggestion(label=label, actions=(deletion(one, label),))
