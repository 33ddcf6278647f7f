"""The traps into which SQL falls over NULL (notes on exchange, §1.1), and a rule on each engine that does not.

Each trap is shown first: a rule written with it would say "no" of who was not asked.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import ibis
import ibis.expr.types as ir
import polars
import pytest

from audit.on_engines import ENGINES, as_frame
from logic.toy import (
    RULES,
    VOCABULARY,
    brakes_fail,
    chain_skips,
    front_tread,
    lights_work,
    noise,
    rear_tread,
    wheel_wobbles,
)
from ruggespraak.audit.to_ibis import in_stages, to_ibis, with_columns
from ruggespraak.logic import ALWAYS, NEVER, Answers, Expression, In, Kleene, any_of, at_least

every_engine = pytest.mark.parametrize("engine", ENGINES)


def told(*people: Answers) -> polars.DataFrame:
    return as_frame(people, VOCABULARY)


def said(engine: str, condition: Expression, *people: Answers) -> list[Kleene]:
    """What this engine says of each of these, in their order."""

    def query(table):
        return table.select("row", said=to_ibis(condition, lambda finding: table[finding.id]))

    return ENGINES[engine](told(*people), query).sort("row")["said"].to_list()


def trap(engine: str, wrong: Callable[[ir.Table], ir.Value], *people: Answers) -> object:
    """What this engine makes of an expression that is written with a trap."""
    found = ENGINES[engine](told(*people), lambda table: wrong(table).name("said").as_table())
    return found["said"].to_list()[0]


BOTH = any_of([front_tread <= 3, rear_tread <= 3])
HALF = {"front_tread": 4}


@every_engine
def test_the_lowest_of_four_and_unknown_is_not_above_three(engine):
    assert trap(engine, lambda table: ibis.least(table.front_tread, table.rear_tread) <= 3, HALF) is not None
    assert said(engine, BOTH, HALF, {"rear_tread": 3}, {"front_tread": 4, "rear_tread": 4}) == [None, True, False]


@every_engine
def test_a_sum_of_signs_does_not_pass_over_the_sign_that_is_unknown(engine):
    signs = [{"brakes_fail": True}, {}, {}]  # three signs of one bicycle, one a row
    assert trap(engine, lambda table: table.brakes_fail.sum() >= 2, *signs) is False
    assert trap(engine, lambda table: table.brakes_fail.count(), *signs) == 1
    two = at_least(2, [brakes_fail, chain_skips, wheel_wobbles])
    one = {"brakes_fail": True}
    yes = {"brakes_fail": True, "wheel_wobbles": True}
    no = {"brakes_fail": True, "chain_skips": False, "wheel_wobbles": False}
    assert said(engine, two, one, yes, no) == [None, True, False]
    assert said(engine, ~two, one, yes, no) == [None, False, True]


@every_engine
def test_a_case_takes_unknown_for_no_and_a_rule_does_not(engine):
    assert trap(engine, lambda table: table.brakes_fail.ifelse("stop", "ride on"), {}) == "ride on"
    assert said(engine, brakes_fail | chain_skips, {}, {"chain_skips": True}, {"brakes_fail": False}) == [
        None,
        True,
        None,
    ]


@every_engine
def test_an_unknown_choice_is_neither_one_of_these_nor_another(engine):
    for condition in (noise.one_of("click", "grind"), ~noise.one_of("none"), noise.one_of(*noise.choices)):
        assert said(engine, condition, {}, {"noise": "click"}) == [None, True]
    assert said(engine, In(noise, frozenset()), {}, {"noise": "click"}) == [None, False]


@every_engine
def test_an_exception_that_is_unknown_changes_nothing_and_one_that_is_known_does(engine):
    rule = brakes_fail.unless(lights_work.named("lights_work"))
    parts = (True, False, None)
    people = [{"brakes_fail": part, "lights_work": exception} for part, exception in product(parts, parts)]
    assert said(engine, rule, *people) == [rule.value(person) for person in people]


@every_engine
@pytest.mark.parametrize("nothing", [ALWAYS, NEVER, at_least(0, []), at_least(1, [])])
def test_of_no_parts_it_is_what_it_is_of_no_parts_in_python(engine, nothing):
    assert said(engine, nothing, {}) == [nothing.value({})]


@every_engine
def test_every_rule_of_a_bicycle_in_stages_is_the_rule_alone(engine):
    values = [True, False, None]
    people = [
        {"brakes_fail": one, "frame_cracked": two, "chain_skips": three, "front_tread": tread, "noise": sound}
        for one, two, three in product(values, values, values)
        for tread, sound in ((2, "click"), (None, "none"), (5, None))
    ]
    found = ENGINES[engine](told(*people), lambda table: with_columns(table, in_stages(RULES), ["row", *RULES]))
    for name, rule in RULES.items():
        assert found.sort("row")[name].to_list() == [rule.value(person) for person in people], name


def test_two_conditions_that_are_the_same_both_get_their_column():
    stages = in_stages({"one": brakes_fail | chain_skips, "other": (brakes_fail | chain_skips).named("worn")})
    found = ENGINES["Polars"](told({"brakes_fail": True}), lambda table: with_columns(table, stages, ["one", "other"]))
    assert found.to_dicts() == [{"one": True, "other": True}]


def test_a_node_that_it_does_not_know_is_an_error():
    class Sometimes(Expression):
        pass

    with pytest.raises(TypeError, match="no Ibis for Sometimes"):
        to_ibis(Sometimes(), lambda _: ibis.literal(True))
