"""Every back end says the same of the same condition (DESIGN §2): one line adds another.

Tables are asked all at once: every condition of every row (``ON_TABLES``).
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from functools import cache

import polars
import pytest
import z3

from audit.on_engines import ENGINES, as_frame, on_postgresql
from patients import ON, VALUES
from ruggespraak.audit.to_ibis import Stages, in_stages, with_columns
from ruggespraak.consult import Case
from ruggespraak.consult.outcome import fast
from ruggespraak.consult.ready import ready
from ruggespraak.logic import And, Expression
from ruggespraak.logic.expression import Kleene
from ruggespraak.logic.finding import Answers
from ruggespraak.logic.source import compiled, nodes
from ruggespraak.pathway.editions import EDITIONS, edition
from ruggespraak.pathway.findings import VOCABULARY, saddle_numbness, saddle_numbness_before_episode
from ruggespraak.proof.decision import Symbolic
from ruggespraak.proof.patient import Patient
from ruggespraak.proof.run import Choice, holds_in

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
        return True if holds_in(model, true) else False if holds_in(model, false) else None

    return says


BACK_ENDS: dict[str, Callable[[Expression], Says]] = {
    "interpreter": lambda condition: condition.value,
    "compiled Python": python,
    "Z3": solver,
}


@cache
def conditions() -> tuple[Expression, ...]:
    """Every condition of every edition, and each of its parts that is a choice of its own."""
    found: dict[Expression, None] = {}
    for name in EDITIONS:
        here = edition(name)
        for rule in (*here.rules(), *here.derivations, *here.conflicts):
            found.update(dict.fromkeys(rule.when.walk()))
    return tuple(one for one in found if one.findings() and getattr(one, "kind", "boolean") == "boolean")


@pytest.mark.control("C-41")
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


# -- many people at once ----------------------------------------------------------------------------------------------

ON_TABLES = {**ENGINES, **({"PostgreSQL": on_postgresql} if WHOLE else {})}
ROWS = 10_000 if WHOLE else 400


@cache
def rows() -> list[Answers]:
    """People of whom little is known, much, or nearly all."""
    pick = random.Random(4)
    ids = sorted({finding.id for condition in conditions() for finding in condition.findings()})
    known = [pick.choice([0.3, 0.7, 0.97]) for _ in range(ROWS)]
    return [{id: pick.choice(VALUES[id]) for id in ids if pick.random() < share} for share in known]


@cache
def said_by_python() -> dict[str, list[Kleene]]:
    """Per condition (by number) what compiled Python says of each row: all conditions in one function."""
    everything = And(conditions())
    run, place = compiled(everything), {node: place for place, node in enumerate(nodes(everything))}
    values = [run(answers) for answers in rows()]
    return {f"c{number}": [one[place[node]] for one in values] for number, node in enumerate(conditions())}


@cache
def stages() -> Stages:
    return in_stages({f"c{number}": condition for number, condition in enumerate(conditions())})


@pytest.mark.parametrize("engine", ON_TABLES)
def test_every_engine_says_the_same_of_random_rows_with_unknowns(engine):
    found = ON_TABLES[engine](
        as_frame(rows(), VOCABULARY), lambda table: with_columns(table, stages(), ["row", *said_by_python()])
    ).sort("row")
    for number, (name, said) in enumerate(said_by_python().items()):
        assert found[name].to_list() == said, conditions()[number]


def test_the_rows_are_not_all_easy():
    said = polars.Series([value for column in said_by_python().values() for value in column])
    assert min(said.null_count(), said.sum(), (~said).sum()) > len(said) / 20


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
        refer = sum(1 << place for place, bit in enumerate(it.refer.bits) if holds_in(model, bit))
        assert (*found, refer, value(model, it.open)) == fast(case), case


def value(model: z3.ModelRef, choice: Choice) -> int:
    (found,) = [number for number, truth in choice.values.items() if holds_in(model, truth)]
    return found
