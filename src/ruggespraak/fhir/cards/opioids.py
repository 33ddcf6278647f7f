"""An opioid is ordered: an alarm first; else why not, where it is a nonspecific back. Of other pain nothing is said,
nor of that of somebody who has or had a cancer: the advice against it was not made for her."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ruggespraak.fhir.cards.card import Card, Kind, Suggestion, says, section, sources_of, summary
from ruggespraak.fhir.cards.drafts import Order, deletion, for_the_back
from ruggespraak.fhir.cards.patient import alarm_card
from ruggespraak.fhir.cards.record import Record, cited_sources, detail, instead, still_open
from ruggespraak.pathway.rules import Act, Complaint, Urgency, Use
from ruggespraak.pathway.texts import word

OPIOID, TAPER = "opioid", "opioid_taper"
TRIAL, ACUTE, CHRONIC = "opioid_trial", "opioid_acute", "opioid_chronic"


def opioid_cards(record: Record, orders: Sequence[Order]) -> Iterator[Card]:
    """At most one, for all of them."""
    mine = [one for one in orders if one.kind == OPIOID]
    if not mine or not record.back:
        return
    if record.decision.urgency >= Urgency.SAME_DAY and (found := alarm_card(record)):
        yield found
    elif record.decision.complaint is Complaint.NONSPECIFIC and record.case.answers.get("cancer_history") is not True:
        yield _against(record, mine)


def _against(record: Record, orders: Sequence[Order]) -> Card:
    lang, found = record.lang, record.decision
    taper = [says(TAPER, lang)] if any(one.id == TAPER for one in found.plan) else []
    known = _what_is_known(found.phase)
    why = section("why", (says(id, lang) for id in (*known, "only_for_the_back")), lang)
    keys = [key for id in known for key in sources_of(id)]
    said = (section("do", taper, lang), why, instead(record), still_open(record), cited_sources(record, *keys))
    return Card(
        kind=Kind.OPIOID,
        summary=summary(Kind.OPIOID, lang, what=word(f"complaint.{found.complaint}.term", lang)),
        indicator="warning" if any(for_the_back(one, record) for one in orders) else "info",
        detail=detail(record, *said),
        label=record.label,
        suggestions=tuple(_deletions(record, orders)),
    )


def _what_is_known(phase: str | None) -> tuple[str, ...]:
    """What was found out about pain of this length; where that is not known, of both."""
    if phase is None:
        return TRIAL, ACUTE, CHRONIC
    return (CHRONIC,) if phase == "chronic" else (TRIAL, ACUTE)


def _deletions(record: Record, orders: Sequence[Order]) -> Iterator[Suggestion]:
    """Where no answer can change this, another painkiller is there, and nobody would suddenly stop what they use."""
    found = record.decision
    known = record.whole and found.imaging_not_excluded is Use.NOT_USEFUL and not record.urgent
    known = known and Act.NSAID in record.planned and record.case.answers.get("opioid_current") is False
    label = says("delete_opioid", record.lang)
    for one in orders if known else ():
        if for_the_back(one, record):
            yield Suggestion(label=label, actions=(deletion(one, label),))
