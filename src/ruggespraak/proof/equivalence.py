"""Whether two editions decide the same for everybody: proven, or a patient of whom they do not.

Compared is everything that a decision says: urgencies and what is not excluded, kind of complaint and how sure, imaging
with whose it is, referrals with how soon, tests, plan, reviews, established alarms and conflicts. Not compared are the
questions: which of them can still change a decision follows from the rest, which of them are listed is tried on cases.
What is no condition (a source, an act, a text) must be the same as it stands.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import fields

from ruggespraak.consult import Case
from ruggespraak.consult.decide import SECOND_KINDS
from ruggespraak.consult.ready import Ready
from ruggespraak.logic import Expression
from ruggespraak.pathway.rules import Alarm, Complaint, Edition, Imaging, Recommendation, Urgency
from ruggespraak.proof.decision import Symbolic
from ruggespraak.proof.patient import Patient
from ruggespraak.proof.run import Choice, Truth, every, no, same, some
from ruggespraak.proof.search import Search


def differing(one: Edition, other: Edition, timeout: float = 60.0) -> Case | None:
    """A patient for whom the two decide differently; None where it is proven that there is none. Raises GaveUpError.

    Raises ValueError where they differ in something that is no condition and no urgency.
    """
    if _bare(one) != _bare(other):
        raise ValueError("more than conditions and urgencies differ: equivalence says nothing about that")
    first, second = (Symbolic(Patient.unknown(Ready(each))) for each in (one, other))
    mine, theirs = _joined(says(first)), _joined(says(second))
    patients = first.patient, second.patient
    search = Search([part for each in patients for part in each.possible], time.monotonic() + timeout)
    names = dict.fromkeys([*mine, *theirs])
    model = search.one(some(no(same(mine.get(name, False), theirs.get(name, False))) for name in names))
    return None if model is None else first.patient.case(model, one.id)


def _joined(found: Iterator[tuple[str, Truth]]) -> dict[str, Truth]:
    """What several rules say under one name is said when one of them does."""
    names: dict[str, list[Truth]] = {}
    for name, truth in found:
        names.setdefault(name, []).append(truth)
    return {name: some(truths) for name, truths in names.items()}


def _bare(edition: Edition) -> list[object]:
    """Everything of an edition's rules that is no condition and no urgency, and the parameters."""

    def bare(rule: object) -> object:
        kept = {}
        for one in fields(rule):  # type: ignore[arg-type]
            value = getattr(rule, one.name)
            if not isinstance(value, Expression | Urgency) and one.name not in ("imaging", "probable"):
                kept[one.name] = value
        return kept

    rules = (*edition.rules(), *edition.derivations, *edition.conflicts)
    numbers = [(one.name, float(one)) for one in edition.parameters]
    return [*map(bare, rules), *numbers, edition.careful, edition.knows_phases]


def says(it: Symbolic) -> Iterator[tuple[str, Truth]]:
    """All that this decision says, each as a truth under a name."""
    here = it.here
    numbers: dict[str, Choice] = {
        "urgency": it.urgency,
        "not_excluded": it.not_excluded,
        "not_examined": it.examined,
        "imaging": it.imaging,
        "imaging_not_excluded": it.imaging_not_excluded,
        "open": it.open,
    }
    for name, choice in numbers.items():
        yield from ((f"{name} {value}", truth) for value, truth in choice.values.items())
    yield from ((f"complaint {kind}", it.is_a(kind)) for kind in Complaint)
    for kind in SECOND_KINDS:
        yield f"also {kind}", some(it.on(rule) for rule in here.classes if rule.rule.complaint is kind)
    sure = [
        every([it.complaint.values.get(place, False), it.on(probable)])
        for place, probable in enumerate(here.probable)
        if probable is not None and here.complaints[place] is not Complaint.NONSPECIFIC
    ]
    yield "probable", some(sure)
    yield from ((f"established {rule.rule.id}", it.on(rule)) for rule in here.alarms)
    yield from ((f"plan {id}", truth) for id, truth in it.advised.items())
    yield from _pictures(it)
    yield from _referrals(it)
    for review in here.edition.reviews:
        yield f"review {review.id} {review.urgency}", it.on(here.alphabet.form(review.when))
    for conflict in here.edition.conflicts:
        yield f"conflict {conflict.id}", it.patient.says(conflict.when)[0]


def _pictures(it: Symbolic) -> Iterator[tuple[str, Truth]]:
    """Whose picture it is and how soon: of which urgency, use and order a picture stands."""
    found: dict[str, list[Truth]] = {}
    for rule in it.here.alarms:
        for image, when in rule.rule.imaging:
            holds = it.on(rule) if when is None else every([it.on(rule), it.on(it.here.alphabet.form(when))])
            found.setdefault(_picture(rule.rule, image), []).append(holds)
    for advice in it.here.recommendations:
        if advice.rule.imaging:
            found.setdefault(_picture(advice.rule, advice.rule.imaging), []).append(it.on(advice))
    yield from ((name, some(truths)) for name, truths in found.items())


def _picture(rule: Alarm | Recommendation, image: Imaging) -> str:
    return f"picture {rule.urgency} {image.use} {image.by} {image.within_hours}"


def _referrals(it: Symbolic) -> Iterator[tuple[str, Truth]]:
    """To whom and how soon, by which reason; a recommendation never refers sooner than routine."""
    for place, to in enumerate(it.here.addressees):
        yield f"refer {to}", it.refer.bits[place]
    for rule in it.here.alarms:
        yield from ((f"refer {one.id} {rule.rule.urgency}", it.on(rule)) for one in rule.rule.refer)
    for advice in it.here.recommendations:
        soon = max(advice.rule.urgency, Urgency.ROUTINE)
        yield from ((f"refer {one.id} {soon}", it.on(advice)) for one in advice.rule.refer)
