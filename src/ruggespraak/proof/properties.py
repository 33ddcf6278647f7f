"""What must hold of every decision (DESIGN §6), as searches for a patient of whom it does not.

Each property is a function from an edition to *wrongs*: conditions under which it would be broken. None of them can
hold where the property is proven; a patient for whom one does is the counterexample. Properties are stated over
expressions and acts, never over texts. The numbers are those of DESIGN §6; properties 7 and 9 are in ``prove`` and
``nobody_lost``, 10 in ``enough_asked`` and 11 in ``bounds``.

``alarms``: what the edition must answer to. For an edition by itself these are its own; ``rug prove`` adds those of
PATHWAY §4, so that an edition that does not know an alarm is told so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ruggespraak.consult.ready import Ready
from ruggespraak.logic import Expression
from ruggespraak.pathway.concepts.pain import radicular
from ruggespraak.pathway.editions.current.alarms import SERIOUS_FORBIDS
from ruggespraak.pathway.editions.leaflet.paralysis import HARD_FORBIDS
from ruggespraak.pathway.findings import VOCABULARY, duration_days, relief_sufficient
from ruggespraak.pathway.numbers import WEIGH_SURGERY_FROM
from ruggespraak.pathway.rules import Act, Alarm, Complaint, Tier, Urgency, Use
from ruggespraak.proof.decision import Symbolic
from ruggespraak.proof.patient import Patient
from ruggespraak.proof.run import Bits, Choice, Truth, every, no, some
from ruggespraak.proof.translate import Kleene, Translation

# What PATHWAY §8 lets nobody do who may have one of these.
SERIOUS = frozenset(
    {"fracture", "malignancy", "metastasis", "infection", "cord_compression", "cauda_equina", "aneurysm"}
)
# PATHWAY §1: the only answers that may lower an established urgency.
REFUTERS = frozenset(
    {
        *(id for id in VOCABULARY if id.endswith("_before_episode")),
        *(id for id in VOCABULARY if id.startswith("mrc_")),
        "bilateral_since_days",
        "saddle_numbness",
        "urinary_retention",
        "urinary_incontinence_new",
        "faecal_incontinence_new",
        "cancer_pain_unchanged",
        "trauma_days_ago",
        "duration_days",
        "onset_date",
        "night_pain_relief_on_rising",
    }
)


@dataclass(frozen=True, slots=True)
class Wrong:
    """A way in which a property would be broken. ``about``: a rule, suspicion, act or level, for the explanation.

    ``patient``: who would show it; ``after``: the same person, with the answers that make the difference.
    """

    about: str
    when: Truth
    patient: Patient
    after: Patient | None = None


@dataclass(frozen=True)
class Subject:
    """An edition on which a property is tried, with what its properties share, each made once."""

    here: Ready
    alarms: tuple[Alarm, ...]

    @cached_property
    def patient(self) -> Patient:
        return Patient.unknown(self.here, [alarm.when for alarm in self.alarms])

    @cached_property
    def decision(self) -> Symbolic:
        return Symbolic(self.patient)

    @cached_property
    def worse(self) -> Symbolic:
        """The same patient with everything the same or worse, in its declared direction."""
        return Symbolic(self.patient.worse())

    @cached_property
    def found(self) -> Symbolic:
        """The same patient when everything has been asked and examined, or more of it."""
        return Symbolic(self.patient.fuller(fixed=(), name="found"))

    @cached_property
    def fuller(self) -> Symbolic:
        """The same patient with more answers: whatever was unknown, but for what may set an alarm aside."""
        return Symbolic(self.patient.fuller(fixed=REFUTERS))


Wrongs = Iterator[Wrong]


def _one_of(choice: Choice, allowed: range) -> Truth:
    """Exactly one of the allowed values is chosen."""
    truths = list(choice.values.items())
    pairs = [every([a, b]) for i, (_, a) in enumerate(truths) for _, b in truths[:i]]
    return every([no(some(pairs)), some(truth for value, truth in truths if value in allowed)])


def total(subject: Subject) -> Wrongs:
    """1: every case gets exactly one urgency and one kind of complaint, and a plan."""
    it = subject.decision
    yield Wrong("urgency", no(_one_of(it.urgency, range(5))), it.patient)
    yield Wrong("complaint", no(_one_of(it.complaint, range(len(it.here.complaints)))), it.patient)
    yield Wrong("plan", no(some(it.advised.values())), it.patient)


def no_silent_no(subject: Subject) -> Wrongs:
    """2: an alarm that is present is acted on; one that is not answered with "no" keeps its level open.

    Unclear and not asked raise the urgency (R18, R19).
    """
    it = subject.decision
    for alarm in subject.alarms:
        missed = every([it.means(alarm.when)[0], no(it.urgency.at_least(alarm.urgency))])
        yield Wrong(alarm.id, missed, it.patient)
    everything = it.true | it.not_asked | it.not_examined
    for rule in it.here.alarms:  # what is possible and not unclear is listed: see ``consult.ask``
        hesitated = (it.unclear & rule.bits).any()
        listed = some([hesitated, it.on(rule), it.on(rule, everything)])
        yield Wrong(f"{rule.rule.id} is asked", every([it.on(rule, it.may_be), no(listed)]), it.patient)
    # Whatever an examination or an answer can still find is open now, whichever way the rule reads what is not known.
    found, fitting = subject.found, subject.found.patient.contradicts_no_more_than(it.patient)
    for rule in it.here.alarms:
        level = rule.rule.urgency
        open_ = some([it.urgency.at_least(level), it.not_excluded.at_least(level), it.examined.at_least(level)])
        came = every([found.on(rule), fitting, no(open_)])
        yield Wrong(f"{rule.rule.id} can come", came, it.patient, found.patient)
    unclear = Translation(_counted_as_present(it, it.unclear), it.means)
    asked = Translation(_counted_as_present(it, it.not_asked), it.means)
    for alarm in subject.alarms:
        lower = no(it.urgency.at_least(alarm.urgency))
        kept = some([it.not_excluded.at_least(alarm.urgency), it.examined.at_least(alarm.urgency)])
        yield Wrong(f"{alarm.id} open", every([lower, it.means.possible(alarm.when), no(kept)]), it.patient)
        if alarm.urgency >= Urgency.SAME_DAY:
            hesitated = every([unclear(alarm.when)[0], no(it.urgency.at_least(alarm.urgency - 1))])
            yield Wrong(f"{alarm.id} R18", hesitated, it.patient)
        if alarm.tier is Tier.HARD:
            unasked = every([asked(alarm.when)[0], no(it.urgency.at_least(Urgency.ROUTINE))])
            yield Wrong(f"{alarm.id} R19", unasked, it.patient)


def _counted_as_present(it: Symbolic, bits: Bits) -> Callable[[Any], Kleene]:
    """The literals as they are, and these of them counted as if they held."""

    def literal(expression: Any) -> Kleene:
        true, _ = it.means(expression)
        index = it.index_of(expression)
        return (true if index is None else some([true, bits.bits[index]])), False

    return literal


def monotone(subject: Subject) -> Wrongs:
    """3: a worse finding lowers no urgency and removes no suspicion or referral; nor does an answer to an unknown.

    An answer that contradicts what was said already is a conflict, no filling in (PATHWAY §1).
    """
    it, worse = subject.decision, subject.worse
    pair = {"patient": it.patient, "after": worse.patient}
    for level in list(Urgency)[1:]:
        yield Wrong(f"urgency {level}", every([it.urgency.at_least(level), no(worse.urgency.at_least(level))]), **pair)
    for name, truth in it.suspected.items():
        yield Wrong(name, every([truth, no(worse.suspected[name])]), **pair)
    for place, to in enumerate(it.here.addressees):
        yield Wrong(f"refer {to}", every([it.refer.bits[place], no(worse.refer.bits[place])]), **pair)
    fuller = subject.fuller
    fitting = fuller.patient.contradicts_no_more_than(it.patient)
    for level in list(Urgency)[1:]:
        lowered = every([it.established.at_least(level), no(fuller.established.at_least(level)), fitting])
        yield Wrong(f"filled {level}", lowered, it.patient, fuller.patient)


def alarm_wins(subject: Subject) -> Wrongs:
    """4: the acts that PATHWAY §8 forbids with an alarm never stand in the plan."""
    it = subject.decision
    for alarm in subject.alarms:
        forbidden = alarm.forbids
        forbidden |= HARD_FORBIDS if alarm.tier is Tier.HARD else frozenset()
        forbidden |= SERIOUS_FORBIDS if alarm.suspects in SERIOUS else frozenset()
        if forbidden:
            yield Wrong(alarm.id, every([it.means(alarm.when)[0], it.does(*forbidden)]), it.patient)
        if alarm.tier is Tier.HARD:
            idle = every([it.means(alarm.when)[0], no(it.does(Act.SEEK_CARE_NOW))])
            yield Wrong(f"{alarm.id} {Act.SEEK_CARE_NOW}", idle, it.patient)
    yield Wrong(str(Act.OPIOID_START), it.does(Act.OPIOID_START), it.patient)


def restraint(subject: Subject) -> Wrongs:
    """5: no picture for a nonspecific back without an alarm; none excluded either once no alarm is possible."""
    it = subject.decision
    calm = every([it.is_a(Complaint.NONSPECIFIC), no(some(it.suspected.values()))])
    yield Wrong("imaging", every([calm, no(it.pictured(Use.NOT_USEFUL))]), it.patient)
    yield Wrong("scan", every([calm, it.does(Act.SCAN, Act.X_RAY, Act.GP_ORDERS_MRI)]), it.patient)
    forms = [rule.form for rule in it.here.alarms if rule.rule.suspects or rule.rule.imaging]
    forms += [rule.form for rule in it.here.classes if rule.rule.complaint is Complaint.RADICULAR]
    nothing = no(some(it.on(form, it.may_be) for form in forms))
    needless = it.imaging_not_excluded.values.get(int(Use.NOT_USEFUL), False)
    yield Wrong("imaging_not_excluded", every([calm, nothing, no(needless)]), it.patient)


def hernia_in_time(subject: Subject) -> Wrongs:
    """6: radicular without an alarm: no scan or surgery before day 42; weighed from then on, whatever is unknown."""
    it = subject.decision
    early = it.means(duration_days >= WEIGH_SURGERY_FROM)[1]
    calm = every([it.is_a(Complaint.RADICULAR), no(some(it.suspected.values()))])
    acts = it.does(Act.SCAN, Act.OPERATE, Act.DISCUSS_SURGERY)
    yield Wrong("too early", every([calm, early, some([acts, no(it.pictured(Use.NOT_USEFUL))])]), it.patient)
    late: list[Expression] = [radicular, duration_days >= WEIGH_SURGERY_FROM, ~relief_sufficient]
    weighed = every([it.does(Act.DISCUSS_SURGERY), it.imaging.at_least(Use.CONSIDER), it.urgency.at_least(1)])
    yield Wrong("not weighed", every([*(it.means(part)[0] for part in late), no(weighed)]), it.patient)
    ordered = it.does(Act.GP_ORDERS_MRI)
    yield Wrong(str(Act.GP_ORDERS_MRI), ordered, it.patient)


def no_contradiction(subject: Subject) -> Wrongs:
    """8: no act is done and forbidden at once, unless one recommendation overrides the other by name.

    Nor does the plan call a picture useless that is to be considered.
    """
    it = subject.decision
    rules = [rule.rule for rule in it.here.recommendations]
    for one in rules:
        for other in rules:
            if one.does & other.forbids and other.id not in one.overrides and one.id not in other.overrides:
                yield Wrong(f"{one.id} {other.id}", every([it.advised[one.id], it.advised[other.id]]), it.patient)
        if one.imaging and one.imaging.use is Use.NOT_USEFUL:
            useful = it.imaging.at_least(Use.CONSIDER)
            yield Wrong(f"{one.id} imaging", every([it.advised[one.id], useful]), it.patient)
