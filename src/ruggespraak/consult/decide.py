"""One patient now: the decision, with every key of the contract (DESIGN §4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil
from typing import Any

from ruggespraak.consult.ask import Asking, asking
from ruggespraak.consult.case import Case, plain
from ruggespraak.consult.outcome import Outcome, outcome
from ruggespraak.consult.ready import Known, Ready, Rule, ready
from ruggespraak.logic import Value
from ruggespraak.pathway.editions import referrals as to
from ruggespraak.pathway.rules import (
    Act,
    Alarm,
    Complaint,
    Imaging,
    Recommendation,
    Referral,
    Review,
    Status,
    Tier,
    Urgency,
    Use,
)
from ruggespraak.pathway.texts import plan_text, text

SECOND_KINDS = (Complaint.RADICULAR, Complaint.OUTSIDE)
"""What a complaint can be beside its first kind (PATHWAY §5)."""


@dataclass(frozen=True, slots=True)
class Refer:
    """Whom this person is sent to, how soon (hours), and what both sides do; ``status``: how well that was seen."""

    to: str
    when: Urgency
    within_hours: int
    patient_does: str
    clinician_does: str
    because: tuple[str, ...]
    status: Status


@dataclass(frozen=True, slots=True)
class Advice:
    """One line of the plan. ``why``: the answers that made it so."""

    id: str
    does: tuple[Act, ...]
    text: str
    because: tuple[str, ...]
    why: dict[str, Value]
    section: str
    status: Status


@dataclass(frozen=True, slots=True)
class Moment:
    """When to look again, and why."""

    on: date
    id: str
    why: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What the pathway says of one case. The attributes are the keys of the contract; ``as_json`` gives exactly those.

    ``established``: ids of the alarms, each with the answers that establish it; ``unsaid``: while True the headline is
    "cannot be said yet" (PATHWAY §4, R19).
    """

    case: str | None
    edition: str
    on: date
    urgency: Urgency
    not_excluded: Urgency
    not_examined: Urgency
    complaint: Complaint
    also: Complaint | None
    certainty: str | None
    suspected: tuple[str, ...]
    phase: str | None
    pattern: str | None
    imaging: Use | None
    imaging_by: str | None
    scan_by: date | None
    imaging_not_excluded: Use | None
    tests: tuple[dict[str, str], ...]
    refer: tuple[Refer, ...]
    plan: tuple[Advice, ...]
    review: Moment
    ask: tuple[str, ...]
    examine: tuple[str, ...]
    unclear: tuple[str, ...]
    conflicts: tuple[dict[str, str], ...]
    established: Mapping[str, Mapping[str, Value]]
    unsaid: bool

    @property
    def cannot_be_said(self) -> bool:
        """Alarm questions are open and nothing urgent is known: whatever calm there is, is not an answer yet."""
        return self.unsaid and self.urgency <= Urgency.ROUTINE

    def as_json(self) -> dict[str, Any]:
        """The decision as JSON has it (DESIGN §4)."""
        return {
            "case": self.case,
            "edition": self.edition,
            "on": self.on.isoformat(),
            "urgency": str(self.urgency),
            "not_excluded": str(self.not_excluded),
            "not_examined": str(self.not_examined),
            "complaint": str(self.complaint),
            "also": _name(self.also),
            "certainty": self.certainty,
            "suspected": list(self.suspected),
            "phase": self.phase,
            "pattern": self.pattern,
            "imaging": _name(self.imaging),
            "imaging_by": self.imaging_by,
            "scan_by": self.scan_by.isoformat() if self.scan_by else None,
            "imaging_not_excluded": _name(self.imaging_not_excluded),
            "tests": list(self.tests),
            "refer": [
                {
                    "to": one.to,
                    "when": str(one.when),
                    "within_hours": one.within_hours,
                    "patient_does": one.patient_does,
                    "clinician_does": one.clinician_does,
                    "because": list(one.because),
                    "status": str(one.status),
                }
                for one in self.refer
            ],
            "plan": [
                {
                    "id": one.id,
                    "does": [str(act) for act in one.does],
                    "text": one.text,
                    "because": list(one.because),
                    "status": str(one.status),
                    "why": {id: plain(value) for id, value in one.why.items()},
                }
                for one in self.plan
            ],
            "review": {"on": self.review.on.isoformat(), "why": self.review.why},
            "ask": list(self.ask),
            "examine": list(self.examine),
            "unclear": list(self.unclear),
            "conflicts": list(self.conflicts),
        }


def _name(value: object) -> str | None:
    return None if value is None else str(value)


def decide(case: Case, lang: str = "nl", here: Ready | None = None) -> Decision:
    """Decides one case. The language never changes anything but the texts. Raises UnknownEditionError.

    ``here``: an edition without an id of its own (a revision that is tried out), made ready; it goes before the case's.
    """
    here = here or ready(case.edition)
    known = here.read(case)
    came = outcome(here, known)
    alarms = [rule for rule in here.alarms if rule.holds(known.true)]
    advised = [rule for rule in here.recommendations if rule.holds(known.true)]
    unsaid = _unsaid(here, known)
    picture = _picture(here, known, alarms, advised, came)
    asked: Asking = asking(here, known, came)
    return Decision(
        case=case.id,
        edition=f"{here.edition.id}@{here.edition.version}",
        on=case.on,
        urgency=came.urgency,
        not_excluded=came.not_excluded,
        not_examined=came.not_examined,
        complaint=came.complaint,
        also=_also(here, known, came),
        certainty=_certainty(here, known, came),
        suspected=tuple(dict.fromkeys(rule.rule.suspects for rule in alarms if rule.rule.suspects)),
        phase=_phase(here, known),
        pattern=_pattern(here, known),
        imaging=came.imaging,
        imaging_by=picture.by if picture else None,
        scan_by=_scan_by(case.on, picture),
        imaging_not_excluded=came.imaging_not_excluded,
        tests=_tests(alarms, lang),
        refer=_referrals(here, alarms, advised, came, known, unsaid, lang),
        plan=tuple(_advice(here, known, rule, lang) for rule in advised),
        review=_review(here, known, case.on, came, lang),
        ask=asked.ask,
        examine=asked.examine,
        unclear=tuple(id for id in here.edition.findings if id in case.unclear),
        conflicts=tuple({"id": id, "text": text("conflicts", id, "says", lang)} for id in known.conflicts),
        established={rule.rule.id: here.why(rule, known) for rule in alarms},
        unsaid=unsaid,
    )


@dataclass(frozen=True, slots=True)
class Brief:
    """What a decision makes people do, without words, reasons and questions: for lives by the million.

    ``imaging_by``: whose picture it is. ``review_in``: days until the next look; ``from_onset``: that day is counted
    from the onset of the pain.
    """

    outcome: Outcome
    does: frozenset[Act]
    forbids: frozenset[Act]
    imaging_by: str | None
    review_in: int
    from_onset: bool


def brief(case: Case, here: Ready | None = None) -> Brief:
    """What the decision of this case makes people do: the same as ``decide`` says, in brief."""
    here = here or ready(case.edition)
    known = here.read(case)
    came = outcome(here, known)
    alarms = [rule for rule in here.alarms if rule.holds(known.true)]
    advised = [rule for rule in here.recommendations if rule.holds(known.true)]
    picture = _picture(here, known, alarms, advised, came)
    days, review = _next_look(here, known, came)
    return Brief(
        outcome=came,
        does=frozenset(act for rule in advised for act in rule.rule.does),
        forbids=frozenset().union(*(rule.rule.forbids for rule in alarms), *(rule.rule.forbids for rule in advised)),
        imaging_by=picture.by if picture else None,
        review_in=days,
        from_onset=review.on_day is not None,
    )


def urgent_alarms(case: Case) -> tuple[str, ...]:
    """The established alarms for which somebody must phone today or at once: they interrupt a consult.

    The same as a whole decision has, without what else it takes. Raises UnknownEditionError.
    """
    here = ready(case.edition)
    known = here.read(case)
    urgent = (rule for rule in here.alarms if rule.rule.urgency >= Urgency.SAME_DAY)
    return tuple(rule.rule.id for rule in urgent if rule.holds(known.true))


def _unsaid(here: Ready, known: Known) -> bool:
    """Answers that were not asked could still establish a hard alarm (PATHWAY §4, R19)."""
    asked = known.true | known.unclear
    return any(
        not rule.holds(known.true)
        and (rule.holds(known.true | known.not_asked) or (rule.holds(known.told) and not rule.holds(asked)))
        for rule in here.alarms
        if rule.rule.tier is Tier.HARD
    )


def _also(here: Ready, known: Known, came: Outcome) -> Complaint | None:
    for rule in here.classes:
        second: Complaint = rule.rule.complaint
        if second in SECOND_KINDS and second is not came.complaint and rule.holds(known.true):
            return second
    return None


def _certainty(here: Ready, known: Known, came: Outcome) -> str | None:
    if came.complaint is Complaint.NONSPECIFIC:
        return "possible" if came.open else "probable"
    place = next((place for place, rule in enumerate(here.classes) if rule.holds(known.true)), None)
    probable = None if place is None else here.probable[place]
    if probable is None:
        return None
    return "probable" if probable.holds(known.true) else "possible"


def _phase(here: Ready, known: Known) -> str | None:
    days = known.answers.get("duration_days")
    if not here.edition.knows_phases or not isinstance(days, int | float):
        return None
    if days <= here.edition.parameter("acute_to"):
        return "acute"
    return "chronic" if days > here.edition.parameter("chronic_from") else "subacute"


def _pattern(here: Ready, known: Known) -> str | None:
    if _phase(here, known) == "chronic":
        return "persistent"
    earlier = known.answers.get("prev_episodes_n")
    if known.answers.get("first_episode") is False or (isinstance(earlier, int | float) and earlier >= 1):
        return "recurrent"
    return "first" if known.answers.get("first_episode") is True or earlier == 0 else None


def _picture(
    here: Ready,
    known: Known,
    alarms: list[Rule[Alarm]],
    advised: list[Rule[Recommendation]],
    came: Outcome,
) -> Imaging | None:
    """Whose picture it is: of the most useful ones the specialist's, and the one with the shortest clock."""
    found = [
        (rule.rule.urgency, image)
        for rule in alarms
        for image, holds in here.pictures[rule.rule.id]
        if holds(known.true)
    ]
    found += [(rule.rule.urgency, rule.rule.imaging) for rule in advised if rule.rule.imaging]
    useful = [(urgency, image) for urgency, image in found if image.use is came.imaging]
    if not useful:
        return None
    # A clock of a lesser alarm says nothing beside a more urgent one.
    most_urgent = max(urgency for urgency, _ in useful)
    best = [image for urgency, image in useful if urgency is most_urgent]
    order = ("specialist", "gp", None)
    first = min(best, key=lambda image: order.index(image.by))
    clocks = [image.within_hours for image in best if image.within_hours is not None]
    return Imaging(use=first.use, by=first.by, within_hours=min(clocks) if clocks else None)


def _scan_by(on: date, picture: Imaging | None) -> date | None:
    if picture is None or picture.within_hours is None:
        return None
    return on + timedelta(days=int(picture.within_hours // 24))


def _tests(alarms: list[Rule[Alarm]], lang: str) -> tuple[dict[str, str], ...]:
    ids = dict.fromkeys(test for rule in alarms for test in rule.rule.tests)
    return tuple({"what": text("tests", id, "what", lang), "because": text("tests", id, "because", lang)} for id in ids)


def _referrals(
    here: Ready,
    alarms: list[Rule[Alarm]],
    advised: list[Rule[Recommendation]],
    came: Outcome,
    known: Known,
    unsaid: bool,
    lang: str,
) -> tuple[Refer, ...]:
    """One entry per addressee, as urgent as its most urgent reason; what the clinician does adds up."""
    sent: list[tuple[Urgency, Referral]] = []
    rows: set[tuple[str, str]] = set()
    for rule in sorted(alarms, key=lambda rule: -rule.rule.urgency):
        for referral in rule.rule.refer:
            if (rule.rule.row, referral.to) not in rows:  # of one row only the most urgent form sends somebody there
                rows.add((rule.rule.row, referral.to))
                sent.append((rule.rule.urgency, referral))
    sent += [(max(rule.rule.urgency, Urgency.ROUTINE), one) for rule in advised for one in rule.rule.refer]
    unclear = {rule.rule.urgency for rule in here.alarms if known.unclear and _is_unclear(rule, known)}
    if Urgency.EMERGENCY in unclear:
        sent.append((Urgency.SAME_DAY, to.UNCLEAR_TODAY))
    elif Urgency.SAME_DAY in unclear:
        sent.append((Urgency.WITHIN_DAYS, to.UNCLEAR_DAYS))
    if came.open:
        stands = any(rule.rule.tier is Tier.HARD for rule in alarms)
        sent.append((Urgency.ROUTINE, to.NOT_ASKED if unsaid and not stands else to.OVERVIEW))
    found: dict[str, list[tuple[Urgency, Referral]]] = {}
    for urgency, referral in sorted(sent, key=lambda one: -one[0]):
        found.setdefault(referral.to, []).append((urgency, referral))
    return tuple(
        Refer(
            to=addressee,
            when=reasons[0][0],
            within_hours=int(here.hours[reasons[0][0]]),
            patient_does=text("referrals", reasons[0][1].id, "patient_does", lang),
            clinician_does=" ".join(_unique(text("referrals", one.id, "clinician_does", lang) for _, one in reasons)),
            because=tuple(_unique(source for _, one in reasons for source in one.because)),
            status=reasons[0][1].status,
        )
        for addressee, reasons in found.items()
    )


def _is_unclear(rule: Rule[Alarm], known: Known) -> bool:
    """Not established, but only because an answer stayed unclear."""
    return rule.holds(known.true | known.unclear) and not rule.holds(known.true)


def _unique(items: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(items))


def _advice(here: Ready, known: Known, rule: Rule[Recommendation], lang: str) -> Advice:
    advice = rule.rule
    return Advice(
        id=advice.id,
        does=tuple(sorted(advice.does)),
        text=plan_text(advice.id, lang),
        because=advice.because,
        why=here.why(rule, known),
        section=advice.section,
        status=advice.status,
    )


def _review(here: Ready, known: Known, on: date, came: Outcome, lang: str) -> Moment:
    days, review = _next_look(here, known, came)
    return Moment(on + timedelta(days=days), review.id, text("reviews", review.id, "why", lang))


def _next_look(here: Ready, known: Known, came: Outcome) -> tuple[int, Review]:
    """In how many days, and why: the earliest that follows the urgency or is counted from the onset (PATHWAY §7)."""
    found: list[tuple[int, Review]] = []
    for review, holds in here.reviews:
        if review.urgency is came.urgency and holds(known.true):
            found.append((int(review.after or 0), review))
    days = known.answers.get("duration_days")
    if came.urgency <= Urgency.ROUTINE and isinstance(days, int | float):
        for review, holds in here.reviews:
            if review.on_day is not None and review.on_day > days and holds(known.true):
                found.append((ceil(review.on_day - days), review))
    if not found:
        ending = "long_run" if isinstance(days, int | float) else "look_again"
        review = next(review for review, holds in here.reviews if review.id == ending and holds(known.true))
        found.append((int(review.after or 0), review))
    return min(found, key=lambda one: one[0])
