"""Tries every property of DESIGN §6 on an edition: proven, or a patient of whom it does not hold.

A property is proven when Z3 finds that none of its wrongs can hold of anybody. Where one can, the smallest consistent
patient is looked for; where the solver stops before it knows, the verdict is "unknown", never "proven".
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import NamedTuple

import z3

from ruggespraak.consult import Case, Decision, decide
from ruggespraak.consult.ready import Ready
from ruggespraak.pathway.editions import DEFAULT
from ruggespraak.pathway.editions import edition as edition_by_id
from ruggespraak.pathway.rules import Alarm, Edition, Urgency
from ruggespraak.proof import nobody_lost
from ruggespraak.proof.bounds import bounds_exact
from ruggespraak.proof.enough_asked import enough_asked, not_in_vain
from ruggespraak.proof.patient import ON, Patient
from ruggespraak.proof.properties import (
    Subject,
    Wrong,
    Wrongs,
    alarm_wins,
    hernia_in_time,
    monotone,
    no_contradiction,
    no_silent_no,
    restraint,
    total,
)
from ruggespraak.proof.run import Truth, no, some
from ruggespraak.proof.search import COUNTEREXAMPLE, PROVEN, UNKNOWN, GaveUpError, Search

# PATHWAY §3: within hours, before midnight, 3 days, 2 weeks; and nobody is left for longer than 84 days (§7).
LATEST_REVIEW = {
    Urgency.EMERGENCY: 0,
    Urgency.SAME_DAY: 1,
    Urgency.WITHIN_DAYS: 3,
    Urgency.ROUTINE: 14,
    Urgency.SELF_CARE: 84,
}
SECONDS_TO_SHRINK = 10.0
"""So long a counterexample that is there already is made smaller."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was found of one property of one edition.

    ``about``: every place where it fails; the patient shows the first. ``case``: who shows it, ``after``: with the
    answers that make the difference; both None where no patient is needed. ``course``: what was found of property 9.
    ``never`` and ``ever``: the rules that break property 7.
    """

    number: int
    property: str
    edition: str
    verdict: str
    seconds: float = 0.0
    about: tuple[str, ...] = ()
    case: Case | None = None
    after: Case | None = None
    decision: Decision | None = None
    decision_after: Decision | None = None
    course: nobody_lost.Finding | None = None
    never: tuple[str, ...] = ()
    ever: tuple[str, ...] = ()


class Property(NamedTuple):
    """A property of DESIGN §6 that is a list of wrongs."""

    number: int
    id: str
    wrongs: Callable[[Subject], Wrongs]


PROPERTIES = (
    Property(1, "total", total),
    Property(2, "no_silent_no", no_silent_no),
    Property(3, "monotone", monotone),
    Property(4, "alarm_wins", alarm_wins),
    Property(5, "restraint", restraint),
    Property(6, "hernia_in_time", hernia_in_time),
    Property(8, "no_contradiction", no_contradiction),
    Property(10, "enough_asked", enough_asked),
    Property(10, "not_in_vain", not_in_vain),
    Property(11, "bounds_exact", bounds_exact),
)


def alarms_of_the_pathway() -> tuple[Alarm, ...]:
    """PATHWAY §4: what every edition is asked about, whether it knows it or not."""
    return edition_by_id(DEFAULT).alarms


def prove(
    edition: Edition, alarms: Sequence[Alarm] = (), timeout: float = 60.0, only: Collection[str] = ()
) -> Iterator[Verdict]:
    """Every property of this edition, in the order of DESIGN §6, as soon as it is known.

    ``alarms``: what the edition must answer to beside its own alarms. ``timeout``: seconds a property. ``only``: these
    properties, by name; all where it is empty.
    """
    # An alarm that the edition has changed is tried in both forms.
    subject = Subject(Ready(edition), (*alarms, *(one for one in edition.alarms if one not in alarms)))
    steps: list[tuple[int, str, Callable[[float], Verdict]]] = [
        (one.number, one.id, partial(_tried, one, subject)) for one in PROPERTIES
    ]
    steps += [(7, "alive", partial(_alive, subject)), (9, "nobody_lost", partial(_nobody_lost, edition))]
    for _, name, step in sorted(steps, key=lambda step: step[0]):
        if not only or name in only:
            start = time.monotonic()
            verdict = step(start + timeout)
            yield replace(verdict, seconds=time.monotonic() - start)


def _tried(one: Property, subject: Subject, until: float) -> Verdict:
    name = subject.here.edition.id
    verdict = Verdict(number=one.number, property=one.id, edition=name, verdict=PROVEN)
    try:
        if one.id == "total" and (undated := _undated(subject, until)):
            return _shown(verdict, subject, undated, ("review",))
        wrongs = [wrong for wrong in one.wrongs(subject) if wrong.when is not False]
        search = Search(_given(wrongs, consistent=False), until)
        if search.one(some(wrong.when for wrong in wrongs)) is None:
            return verdict
        broken = [(wrong, model) for wrong in wrongs if (model := search.one(wrong.when))]
        return _shown(verdict, subject, _smaller(*broken[0]), tuple(wrong.about for wrong, _ in broken))
    except GaveUpError:
        return replace(verdict, verdict=UNKNOWN)


def _given(wrongs: Sequence[Wrong], consistent: bool) -> list[Truth]:
    """What holds of every patient that these wrongs speak of."""
    patients = {id(one): one for wrong in wrongs for one in (wrong.patient, wrong.after) if one is not None}
    found = [part for one in patients.values() for part in one.possible]
    return found + [part for one in patients.values() if consistent for part in one.consistent]


Shown = tuple[Case, Case | None]


def _smaller(wrong: Wrong, model: z3.ModelRef) -> Shown:
    """The smallest patient of whom this is so, and if there is one, somebody who does not contradict herself."""
    until = time.monotonic() + SECONDS_TO_SHRINK
    for consistent in (True, False):
        try:
            search = Search(_given([wrong], consistent), until)
            model = search.small(wrong.patient.answers(), wrong.when) or model
            if consistent:
                model = search.small(wrong.after.answers(), wrong.when) or model if wrong.after else model
                break
        except GaveUpError:
            break
    return _cases(wrong, model)


def _cases(wrong: Wrong, model: z3.ModelRef) -> Shown:
    name = wrong.patient.here.edition.id
    return wrong.patient.case(model, name), wrong.after.case(model, name) if wrong.after else None


def _shown(verdict: Verdict, subject: Subject, cases: Shown, about: tuple[str, ...]) -> Verdict:
    case, after = cases
    return replace(
        verdict,
        verdict=COUNTEREXAMPLE,
        about=about,
        case=case,
        after=after,
        decision=_decided(case, subject),
        decision_after=_decided(after, subject) if after else None,
    )


def _decided(case: Case, subject: Subject) -> Decision | None:
    """The decision; None where the edition has no review that fits."""
    try:
        return decide(case, here=subject.here)
    except StopIteration:
        return None


def _undated(subject: Subject, until: float) -> Shown | None:
    """Somebody without a dated review, or with one later than the urgency allows.

    The date rests on the urgency, the number of days, and which conditions of a review hold: one patient of each kind.
    """
    it, patient = subject.decision, subject.patient
    search = Search(patient.possible, until)
    pinned = [it.here.alphabet.form(review.when) for review in subject.here.edition.reviews]
    conditions = [truth for truth in (it.on(form) for form in dict.fromkeys(pinned)) if not isinstance(truth, bool)]
    for urgency in Urgency:
        for days in _days(subject.here.edition):
            for holding in range(1 << len(conditions)):
                truths = [one if holding >> place & 1 else no(one) for place, one in enumerate(conditions)]
                wanted = [it.urgency.values.get(int(urgency), False), _lasts(patient, days), *truths]
                if model := search.one(*wanted):
                    case = patient.case(model, subject.here.edition.id)
                    found = _decided(case, subject)
                    if found is None or not ON <= found.review.on <= ON + timedelta(days=LATEST_REVIEW[urgency]):
                        return case, None
    return None


def _days(edition: Edition) -> list[float | None]:
    """Not known; and numbers of days on both sides of every day that a review counts from the onset."""
    limits = {float(review.on_day) for review in edition.reviews if review.on_day is not None}
    return [None, 0.0, *sorted({day + step for day in limits for step in (-1.0, -0.5, 0.0)}), 36_500.0]


def _lasts(patient: Patient, days: float | None) -> Truth:
    """The pain lasts so many days, told as such; None: nobody knows since when."""
    known = {id: patient.known.get(id, False) for id in ("duration_days", "onset_date")}
    if days is None or known["duration_days"] is False:
        return no(some(known.values()))
    lasts = patient.value["duration_days"] == z3.RealVal(days)
    return z3.And(known["duration_days"], lasts, z3.Not(known["onset_date"]))


def _alive(subject: Subject, until: float) -> Verdict:
    """7: every alarm and recommendation can happen, and none is always in force unless declared so."""
    verdict = Verdict(number=7, property="alive", edition=subject.here.edition.id, verdict=PROVEN)
    it = subject.decision
    search = Search(subject.patient.possible, until)
    try:
        never = tuple(rule.rule.id for rule in it.here.alarms if search.one(it.on(rule)) is None)
        never += tuple(id for id, truth in it.advised.items() if search.one(truth) is None)
        bound = {rule.rule.id for rule in it.here.recommendations if rule.rule.always}
        ever = tuple(id for id, truth in it.advised.items() if id not in bound and search.one(no(truth)) is None)
    except GaveUpError:
        return replace(verdict, verdict=UNKNOWN)
    return replace(verdict, verdict=COUNTEREXAMPLE if never or ever else PROVEN, never=never, ever=ever)


def _nobody_lost(edition: Edition, until: float) -> Verdict:
    """9: on ``course.step``, which is the same for every edition that dates its reviews (property 1)."""
    found = nobody_lost.check(timeout_ms=max(1, int((until - time.monotonic()) * 1000)))
    return Verdict(number=9, property="nobody_lost", edition=edition.id, verdict=found.verdict, course=found)
