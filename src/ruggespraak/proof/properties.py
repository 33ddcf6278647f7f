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
from ruggespraak.pathway.findings import VOCABULARY, duration_days, relief_sufficient
from ruggespraak.pathway.findings.consequences import CONSEQUENCES
from ruggespraak.pathway.numbers import WEIGH_SURGERY_FROM
from ruggespraak.pathway.rules import Act, Alarm, Complaint, Tier, Urgency, Use
from ruggespraak.proof.decision import Symbolic
from ruggespraak.proof.patient import Patient
from ruggespraak.proof.run import Bits, Choice, Truth, every, no, same, some
from ruggespraak.proof.translate import Kleene, Translation

# What PATHWAY §8 lets nobody do who may have one of these.
SERIOUS = frozenset(
    {"fracture", "malignancy", "metastasis", "infection", "cord_compression", "cauda_equina", "aneurysm"}
)
HARD_FORBIDS = frozenset({Act.WAIT, Act.STAY_AT_HOME, Act.SELF_CARE})
SERIOUS_FORBIDS = frozenset({Act.EXERCISE, Act.MANUAL_TREATMENT, Act.PHYSIOTHERAPY, Act.NSAID})
# PATHWAY §6: rows for which a picture is needed.
PICTURED = frozenset({"R1", "R2", "R3", "R4", "R5", "R7", "R7b", "R10", "R13", "R17"})
_CAUDA = ("saddle_numbness", "urinary_retention", "urinary_incontinence_new", "faecal_incontinence_new")
_CAUDA_BEFORE = frozenset(f"{item}_before_episode" for item in _CAUDA)
_STRENGTH = frozenset(id for id in VOCABULARY if id.startswith("mrc_"))
_SINCE = frozenset({"duration_days", "onset_date"})
# PATHWAY §1: which answers may set aside which row. An R1 item is a deficit too, in every row that speaks of one.
REFUTERS_OF = {
    "R1": _CAUDA_BEFORE,
    "R1b": frozenset({"bilateral_since_days", "sexual_dysfunction_new_before_episode", *_CAUDA}),
    "R2u": _STRENGTH,
    "R3b": _SINCE,
    "R4": _CAUDA_BEFORE,
    "R5": frozenset({"cancer_pain_unchanged"}) | _CAUDA_BEFORE,
    "R6": frozenset({"night_pain_relief_on_rising"}),
    "R7": frozenset({"trauma_days_ago"}),
    "R8": _SINCE | _CAUDA_BEFORE,
    "R10": _SINCE,
    "R13": _CAUDA_BEFORE,
    "R17": _CAUDA_BEFORE,
}
REFUTERS = frozenset[str]().union(*REFUTERS_OF.values())
"""The only answers that may lower an established urgency."""


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
        """Somebody of whom nothing is fixed."""
        return Patient.unknown(self.here, [alarm.when for alarm in self.alarms])

    @cached_property
    def decision(self) -> Symbolic:
        """What the edition decides for this patient."""
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
        yield from _acted_on(subject, alarm)
    for one in CONSEQUENCES:  # PATHWAY §1: where answers disagree, the more alarming counts
        if one.overrules and one.finding in it.patient.known:
            true, false = it.means(VOCABULARY[one.finding])
            ignored = every([it.means(one.when)[0], no(true if one.value else false)])
            yield Wrong(one.finding, ignored, it.patient)
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


def present(subject: Subject, alarm: Alarm) -> Truth:
    """The alarm holds by what it says; one of the edition's own also where the code lets it stand."""
    it = subject.decision
    own = [it.on(rule) for rule in it.here.alarms if rule.rule == alarm]
    return some([it.means(alarm.when)[0], *own])


def _acted_on(subject: Subject, alarm: Alarm) -> Wrongs:
    """Present: as urgent as it is, sent to somebody as soon as that, and with the picture that PATHWAY §6 wants."""
    it = subject.decision
    here = present(subject, alarm)
    yield Wrong(alarm.id, every([here, no(it.urgency.at_least(alarm.urgency))]), it.patient)
    sent = some(it.on(one) for one in it.here.alarms if one.rule.refer and one.rule.urgency >= alarm.urgency)
    yield Wrong(f"{alarm.id} refer", every([here, no(sent)]), it.patient)
    if alarm.row in PICTURED and alarm.suspects:
        yield Wrong(f"{alarm.id} imaging", every([here, no(it.imaging.at_least(Use.NEEDED))]), it.patient)


def _counted_as_present(it: Symbolic, bits: Bits) -> Callable[[Any], Kleene]:
    """The literals as they are, and these of them counted as if they held."""

    def literal(expression: Any) -> Kleene:
        true, _ = it.means(expression)
        index = it.index_of(expression)
        return (true if index is None else some([true, bits.bits[index]])), False

    return literal


def monotone(subject: Subject) -> Wrongs:
    """3: a worse finding lowers no urgency and removes no suspicion or referral; nor does an answer to an unknown.

    Below within_days an answer that contradicts what was said is a conflict, no filling in (PATHWAY §1).
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
        lowered = every([it.established.at_least(level), no(fuller.established.at_least(level))])
        # "No pain at all" is routine, and whoever takes that back with another answer may be less than that.
        lowered = every([lowered, fitting]) if level is Urgency.ROUTINE else lowered
        yield Wrong(f"filled {level}", lowered, it.patient, fuller.patient)
    yield from _set_aside(subject)


def _set_aside(subject: Subject) -> Wrongs:
    """An alarm stands until one of its own refutations is told, whatever else is."""
    it, found = subject.decision, subject.found
    for rule in it.here.alarms:
        if rule.rule.urgency >= Urgency.WITHIN_DAYS:
            own = REFUTERS_OF.get(rule.rule.row, frozenset())
            untold = every(same(it.patient.known[id], found.patient.known[id]) for id in it.patient.ids if id in own)
            gone = every([it.on(rule), no(found.on(rule)), untold])
            yield Wrong(f"{rule.rule.id} set aside", gone, it.patient, found.patient)


def alarm_wins(subject: Subject) -> Wrongs:
    """4: the acts that PATHWAY §8 forbids with an alarm never stand in the plan, nor where somebody fears one."""
    it = subject.decision
    feared = Translation(_counted_as_present(it, it.unclear), it.means)
    for alarm in subject.alarms:
        forbidden = alarm.forbids
        forbidden |= HARD_FORBIDS if alarm.tier is Tier.HARD else frozenset()
        forbidden |= SERIOUS_FORBIDS if alarm.suspects in SERIOUS else frozenset()
        if forbidden:
            yield Wrong(alarm.id, every([present(subject, alarm), it.does(*forbidden)]), it.patient)
            yield Wrong(f"{alarm.id} feared", every([feared(alarm.when)[0], it.does(*forbidden)]), it.patient)
        if alarm.tier is Tier.HARD:
            idle = every([present(subject, alarm), no(it.does(Act.SEEK_CARE_NOW))])
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
    """8: no act is done and forbidden at once. (No recommendation overrides another; the pathway needs none that does.)

    Nor does the plan call a picture useless that is to be considered.
    """
    it = subject.decision
    rules = [rule.rule for rule in it.here.recommendations]
    for one in rules:
        for other in rules:
            if one.does & other.forbids:
                yield Wrong(f"{one.id} {other.id}", every([it.advised[one.id], it.advised[other.id]]), it.patient)
        if one.imaging and one.imaging.use is Use.NOT_USEFUL:
            useful = it.imaging.at_least(Use.CONSIDER)
            yield Wrong(f"{one.id} imaging", every([it.advised[one.id], useful]), it.patient)
