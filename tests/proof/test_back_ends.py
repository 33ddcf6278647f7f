"""Every back end says the same of the same condition (DESIGN §2): one line adds another."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from functools import cache

import pytest
import z3

from patients import ON, VALUES
from ruggespraak.consult import Case
from ruggespraak.consult.outcome import fast
from ruggespraak.consult.ready import ready
from ruggespraak.logic import Expression
from ruggespraak.logic.expression import Kleene
from ruggespraak.logic.finding import Answers
from ruggespraak.logic.source import compiled
from ruggespraak.pathway.editions import EDITIONS, edition
from ruggespraak.pathway.findings import saddle_numbness, saddle_numbness_before_episode
from ruggespraak.proof.decision import Symbolic
from ruggespraak.proof.patient import Patient
from ruggespraak.proof.run import Choice

WHOLE = os.environ.get("RUG_CHECK") == "whole"
CASES = 100_000 if WHOLE else 3_000

Says = Callable[[Answers], Kleene]


def python(condition: Expression) -> Says:
    run = compiled(condition)
    return lambda answers: run(answers)[-1]


@cache
def somebody() -> Patient:
    return Patient.unknown(ready("current"))


def solver(condition: Expression) -> Says:
    patient = somebody()
    true, false = patient.says(condition)
    used = [finding.id for finding in condition.findings()]

    def says(answers: Answers) -> Kleene:
        model = patient.model(Case(on=ON, answers=answers), used)
        return True if holds(model, true) else False if holds(model, false) else None

    return says


BACK_ENDS: dict[str, Callable[[Expression], Says]] = {
    "interpreter": lambda condition: condition.value,
    "compiled Python": python,
    "Z3": solver,
}


def holds(model: z3.ModelRef, truth: object) -> bool:
    return truth if isinstance(truth, bool) else z3.is_true(model.eval(truth, model_completion=True))


@cache
def conditions() -> tuple[Expression, ...]:
    """Every condition of every edition, and each of its parts that is a choice of its own."""
    found: dict[Expression, None] = {}
    for name in EDITIONS:
        here = edition(name)
        for rule in (*here.rules(), *here.derivations, *here.conflicts):
            found.update(dict.fromkeys(rule.when.walk()))
    return tuple(one for one in found if one.findings() and getattr(one, "kind", "boolean") == "boolean")


def test_every_back_end_says_the_same_of_random_cases_with_unknowns():
    pick = random.Random(3)
    ready_made = [
        (one, sorted(finding.id for finding in one.findings()), {name: made(one) for name, made in BACK_ENDS.items()})
        for one in conditions()
    ]
    said = {True: 0, False: 0, None: 0}
    for _ in range(CASES):
        condition, ids, says = pick.choice(ready_made)
        answers = {id: pick.choice(VALUES[id]) for id in ids if pick.random() < 0.67}  # about one in three is unknown
        found = {name: back_end(answers) for name, back_end in says.items()}
        assert len(set(found.values())) == 1, (condition, answers, found)
        said[found["interpreter"]] += 1
    assert min(said.values()) > CASES / 20  # not all of them easy


def test_an_exception_that_is_unknown_changes_nothing_in_any_back_end():
    condition = saddle_numbness.unless(saddle_numbness_before_episode.named("before"))
    for name, back_end in BACK_ENDS.items():
        assert back_end(condition)({"saddle_numbness": True}) is True, name
        assert back_end(condition)({"saddle_numbness": True, "saddle_numbness_before_episode": True}) is False, name


# -- the decision as a whole: what is proven is what runs ------------------------------------------------------------


def random_cases(name: str, count: int) -> Iterator[Case]:
    pick = random.Random(name)
    ids = Patient.unknown(ready(name)).ids
    for _ in range(count):
        many = min(pick.choice([0, 3, 10, 30, 80]), len(ids))
        answers = {id: pick.choice(VALUES[id]) for id in pick.sample(ids, many)}
        unclear = frozenset(id for id in pick.sample(ids, 3) if id not in answers)
        by = pick.choice(["patient", "proxy", "clinician"])
        yield Case(on=ON, answers=answers, unclear=unclear, edition=name, answered_by=by)


@pytest.mark.parametrize("name", EDITIONS)
def test_the_formulas_of_a_decision_come_to_what_the_code_decides(name):
    it = Symbolic(Patient.unknown(ready(name)))
    numbers = (it.urgency, it.established, it.not_excluded, it.examined, it.complaint, it.imaging)
    for case in random_cases(name, 2_000 if WHOLE else 100):
        model = it.patient.model(case)
        found = [value(model, one) for one in (*numbers, it.imaging_not_excluded)]
        refer = sum(1 << place for place, bit in enumerate(it.refer.bits) if holds(model, bit))
        assert (*found, refer, value(model, it.open)) == fast(case), case


def value(model: z3.ModelRef, choice: Choice) -> int:
    (found,) = [number for number, truth in choice.values.items() if holds(model, truth)]
    return found
