"""An X-ray, CT or MRI of the spine is ordered: whether a picture is useful now, and whose it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ruggespraak.consult import decide
from ruggespraak.consult.screens import with_answers
from ruggespraak.fhir.cards.card import Card, Kind, Suggestion, says, summary
from ruggespraak.fhir.cards.drafts import (
    Order,
    creation,
    deletion,
    for_the_back,
    how,
    referral_to,
    referrals,
    specialist,
)
from ruggespraak.fhir.cards.patient import alarm_card, like_an_alarm
from ruggespraak.fhir.cards.record import Record, advice, because, cited_sources, detail, instead, still_open, to_do
from ruggespraak.fhir.names import Resource
from ruggespraak.fhir.write.resource import About
from ruggespraak.pathway.rules import Act, Complaint, Urgency, Use
from ruggespraak.pathway.texts import word

SCANS = ("spine_mri", "spine_ct", "spine_x_ray")
X_RAY = "spine_x_ray"
WISH = "wants_surgery_weighed"


def scan_cards(record: Record, orders: Sequence[Order], about: About, drafts: Sequence[Order]) -> Iterator[Card]:
    """One card for all orders of which the same is said."""
    judged: dict[Kind, list[Order]] = {}
    for one in orders:
        if one.kind in SCANS:
            judged.setdefault(_verdict(record, one), []).append(one)
    for kind, alike in judged.items():
        yield _card(kind, record, alike, about, drafts)


def _verdict(record: Record, order: Order) -> Kind:
    found = record.decision
    if found.imaging is Use.NEEDED and found.imaging_by == "gp":
        return Kind.SCAN_FITS
    if found.imaging is Use.NEEDED and specialist(record):
        return Kind.SCAN_REFER
    if found.imaging is Use.CONSIDER:
        refers = specialist(record) or (_weighs_surgery(record) and not record.urgent)
        return Kind.SCAN_REFER if refers and order.kind != X_RAY else Kind.SCAN_CONSIDER
    if record.urgent:
        return Kind.ALARM
    if found.complaint is Complaint.OUTSIDE:
        return Kind.OUTSIDE
    needless = found.imaging is Use.NOT_USEFUL and found.imaging_not_excluded is Use.NOT_USEFUL and record.whole
    return Kind.SCAN_NEEDLESS if needless else Kind.SCAN_ASK


def _weighs_surgery(record: Record) -> bool:
    return Act.DISCUSS_SURGERY in record.planned


def _card(kind: Kind, record: Record, orders: Sequence[Order], about: About, drafts: Sequence[Order]) -> Card:
    match kind:
        case Kind.SCAN_NEEDLESS:
            return _needless(record, orders)
        case Kind.SCAN_ASK:
            return _ask(record)
        case Kind.SCAN_REFER:
            return _refer(record, orders, about, drafts)
        case Kind.ALARM if found := alarm_card(record):
            return found
        case Kind.SCAN_FITS if all(one.kind == X_RAY for one in orders):
            return like_an_alarm(record, kind, indicator="info")
    return like_an_alarm(record, kind)


def _needless(record: Record, orders: Sequence[Order]) -> Card:
    lang, found = record.lang, record.decision
    rule = next(one for one in found.plan if one.id in ("no_scan_root_yet", "no_scan_back"))
    why = advice(record, rule, says("only_for_the_back", lang))
    suggestions = tuple(Suggestion(label=one["description"], actions=(one,)) for one in _deletions(orders, record))
    return Card(
        kind=Kind.SCAN_NEEDLESS,
        summary=summary(Kind.SCAN_NEEDLESS, lang, what=word(f"complaint.{found.complaint}.term", lang)),
        indicator="warning" if suggestions else "info",
        detail=detail(record, why, instead(record), cited_sources(record, *rule.because)),
        label=record.label,
        suggestions=suggestions,
    )


def _ask(record: Record) -> Card:
    """It cannot be said yet; of somebody without a back complaint only in passing."""
    return Card(
        kind=Kind.SCAN_ASK,
        summary=summary(Kind.SCAN_ASK, record.lang),
        indicator="warning" if record.back else "info",
        detail=detail(record, still_open(record), to_do(record), because(record), cited_sources(record)),
        label=record.label,
    )


def _refer(record: Record, orders: Sequence[Order], about: About, drafts: Sequence[Order]) -> Card:
    """The specialist decides on the scan."""
    lang, refer = record.lang, specialist(record)
    if refer is None:
        line = says("scan_not_wished" if record.case.answers.get(WISH) is False else "scan_refer_if_wished", lang)
    else:
        why = f" {says('suspected', lang, what=record.suspicion)}" if record.suspicion else ""
        soon = record.how_soon if record.decision.cannot_be_said else how(refer, lang)["soon"]
        line = summary(Kind.SCAN_REFER, lang, soon=soon, to=says(f"to_{refer.to}", lang), why=why)
    shown = "critical" if record.decision.urgency >= Urgency.SAME_DAY else "warning"
    replaced = tuple(_replaced(record, orders, about, drafts))
    return like_an_alarm(record, Kind.SCAN_REFER, line=line, indicator=shown, suggestions=replaced)


def _replaced(record: Record, orders: Sequence[Order], about: About, drafts: Sequence[Order]) -> Iterator[Suggestion]:
    """The orders away, and a referral in their place where none is drafted: while nothing more urgent is open.

    Where the referral waits for what the patient wishes, it is the one that would follow from that, and says so.
    """
    lang, decision, waits = record.lang, record.decision, specialist(record) is None
    if not record.excluded or (waits and WISH in record.case.answers):
        return
    if waits:
        decision = decide(with_answers(record.case, {WISH: True}), lang)
    away = list(_deletions(orders, record))
    for refer, referral in referrals(decision, about)[:1]:
        if not referral_to(refer, drafts):
            id = "replace_if_wished" if waits else "replace" if away else "create"
            actions = (*away, creation(refer, referral, lang))
            yield Suggestion(label=says(id, lang, **how(refer, lang)), actions=actions, recommended=not waits)


def _deletions(orders: Sequence[Order], record: Record) -> Iterator[Resource]:
    """Of what is for this complaint and for nothing else."""
    for one in orders:
        if for_the_back(one, record):
            yield deletion(one, says("delete", record.lang, what=says(one.kind, record.lang)))
