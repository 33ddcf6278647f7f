"""The traps into which other rule engines fall when an answer is missing (notes on exchange, §1.1): each one a test."""

from __future__ import annotations

import pickle
from itertools import permutations

import pytest

from logic.toy import (
    BOOLEANS,
    RULES,
    brakes_fail,
    chain_skips,
    frame_cracked,
    front_tread,
    lights_work,
    noise,
    rear_tread,
    ridden_km,
    wheel_wobbles,
)
from ruggespraak.logic import Evaluator, Expression, any_of, at_least, evaluate, evaluator

worn = any_of([front_tread <= 3, rear_tread <= 3])


def outcome(expression: Expression, **answers: object):
    """The value, that ``value`` and the compiled source agree on."""
    value = expression.value(answers)
    assert evaluate(expression, answers).value is value
    return value


# -- the order of operands decides (ZEN: true or null is true, null or true an error) ------------------------------


def test_or_does_not_look_at_the_order_of_its_parts():
    assert outcome(brakes_fail | chain_skips, brakes_fail=True, chain_skips=None) is True
    assert outcome(brakes_fail | chain_skips, brakes_fail=None, chain_skips=True) is True


def test_and_does_not_look_at_the_order_of_its_parts():
    assert outcome(brakes_fail & chain_skips, brakes_fail=False, chain_skips=None) is False
    assert outcome(brakes_fail & chain_skips, brakes_fail=None, chain_skips=False) is False


def test_at_least_does_not_look_at_the_order_of_its_parts():
    given = {"brakes_fail": True, "chain_skips": None, "frame_cracked": True}
    for parts in permutations([brakes_fail, chain_skips, frame_cracked]):
        assert outcome(at_least(2, parts), **given) is True


# -- not null (ZEN: an error) --------------------------------------------------------------------------------------


@pytest.mark.control("C-01")
def test_the_opposite_of_unknown_is_unknown():
    assert outcome(~brakes_fail, brakes_fail=None) is None
    assert outcome(~brakes_fail) is None


def test_the_opposite_of_an_unknown_comparison_or_choice_is_unknown():
    assert outcome(~(front_tread <= 3)) is None
    assert outcome(~noise.one_of("grind")) is None
    assert outcome(~at_least(1, [brakes_fail])) is None


def test_refuting_the_opposite_of_unknown_establishes_nothing():
    assert outcome(~~brakes_fail) is None


# -- different from, of a missing answer (ZEN: a != true is true; FHIR enableWhen: != is true when unanswered) ------


def test_unknown_is_not_different_from_a_choice():
    assert outcome(~noise.one_of("none")) is None


def test_unknown_is_not_one_of_the_other_choices():
    assert outcome(noise.one_of("click", "grind")) is None


def test_unknown_is_not_known_to_be_one_of_all_choices():
    assert outcome(noise.one_of("none", "click", "grind")) is None
    assert outcome(~noise.one_of("none", "click", "grind")) is None


# -- comparisons (SQL least(4, NULL) <= 3 is false; enableWhen > means "at least no answer") -----------------------


def test_the_lowest_of_four_and_unknown_may_still_be_three():
    assert outcome(worn, front_tread=4, rear_tread=None) is None
    assert outcome(worn, front_tread=None, rear_tread=4) is None


def test_the_lowest_of_three_and_unknown_is_three_or_lower():
    assert outcome(worn, front_tread=None, rear_tread=3) is True


def test_only_when_both_are_known_the_lowest_is_above_three():
    assert outcome(worn, front_tread=4, rear_tread=4) is False


@pytest.mark.parametrize("comparison", [front_tread < 3, front_tread <= 3, front_tread > 3, front_tread >= 3])
def test_an_unknown_number_is_not_lower_nor_higher_than_anything(comparison):
    assert outcome(comparison) is None
    assert outcome(comparison, front_tread=None) is None


def test_an_unknown_number_is_not_even_below_or_above_a_limit():
    assert outcome((front_tread < 3) | (front_tread >= 3)) is None


@pytest.mark.parametrize("sign", ["+", "-", "*"])
def test_there_is_no_arithmetic_that_could_lose_an_unknown(sign):
    with pytest.raises(TypeError):
        eval(f"front_tread {sign} rear_tread", {"front_tread": front_tread, "rear_tread": rear_tread})


def test_there_is_no_lowest_or_highest_that_could_lose_an_unknown():
    with pytest.raises(TypeError):
        min(front_tread, rear_tread)
    with pytest.raises(TypeError):
        max(front_tread, rear_tread)


# -- zero, no and the empty text are answers -----------------------------------------------------------------------


def test_zero_is_an_answer():
    assert outcome(front_tread <= 3, front_tread=0) is True
    assert outcome(front_tread > 3, front_tread=0) is False


def test_no_is_an_answer():
    assert outcome(brakes_fail, brakes_fail=False) is False
    assert outcome(~brakes_fail, brakes_fail=False) is True


# -- left out (OpenFisca: a boolean defaults to False; Synthea: what is not active is absent) ----------------------


@pytest.mark.parametrize("finding", BOOLEANS)
def test_a_finding_that_is_left_out_is_not_absent(finding):
    assert outcome(finding) is None
    assert outcome(finding, **{finding.id: None}) is None


@pytest.mark.parametrize("name", [name for name in RULES if name != "greeting"])
def test_with_nothing_answered_no_rule_is_decided(name):
    assert outcome(RULES[name]) is None


# -- or over a column with missing values (pandas object dtype: None or True is False) -----------------------------


def test_unknown_or_yes_is_yes():
    assert outcome(any_of(BOOLEANS), lights_work=True) is True


def test_unknown_and_yes_is_unknown():
    assert outcome(brakes_fail & lights_work, lights_work=True) is None


# -- counting (a count that passes over what is missing) -----------------------------------------------------------


def test_a_count_does_not_pass_over_what_is_unknown():
    two = at_least(2, [brakes_fail, chain_skips, wheel_wobbles])
    assert outcome(two, brakes_fail=True) is None
    assert outcome(two, brakes_fail=True, chain_skips=False) is None
    assert outcome(two, brakes_fail=True, chain_skips=False, wheel_wobbles=False) is False


def test_a_count_stops_when_what_is_unknown_cannot_reach_it():
    two = at_least(2, [brakes_fail, chain_skips, wheel_wobbles])
    assert outcome(two, brakes_fail=False, chain_skips=False) is False


def test_at_most_one_is_not_established_while_answers_are_missing():
    at_most_one = ~at_least(2, [brakes_fail, chain_skips, wheel_wobbles])
    assert outcome(at_most_one, brakes_fail=True) is None
    assert outcome(at_most_one, brakes_fail=False, chain_skips=False) is True


# -- if null (DMN: takes the else branch) --------------------------------------------------------------------------


def test_no_rule_can_be_used_as_a_python_truth():
    with pytest.raises(TypeError, match=r"use & \| ~ instead"):
        bool(brakes_fail & chain_skips)


@pytest.mark.parametrize(
    "python",
    [
        lambda: brakes_fail and chain_skips,
        lambda: brakes_fail or chain_skips,
        lambda: not brakes_fail,
        lambda: 1 <= front_tread <= 3,
        lambda: 1 if brakes_fail else 0,
    ],
)
def test_python_words_between_conditions_are_refused(python):
    with pytest.raises(TypeError, match="no truth of its own"):
        python()


# -- an unknown condition drops the action in silence (Java $apply) ------------------------------------------------


def test_an_unknown_condition_is_a_third_outcome_and_says_what_would_bring_it():
    both, answers = brakes_fail & frame_cracked, {"brakes_fail": True}
    trace = evaluate(both, answers)
    assert trace.value is None
    assert [literal.finding for literal in trace.would_change()] == [frame_cracked]
    assert Evaluator(both).bounds(answers) == (False, True)


# -- an exception that nobody answered -----------------------------------------------------------------------------


def test_an_unknown_exception_takes_nothing_away():
    rule = brakes_fail.unless(lights_work.named("lights"))
    assert outcome(rule, brakes_fail=True) is True
    assert outcome(brakes_fail & ~lights_work, brakes_fail=True) is None


# -- a cache that answers with the first person's answers (the KMP engine) -----------------------------------------


def test_five_hundred_bicycles_each_get_their_own_answer():
    rule = evaluator(RULES["overhaul"])
    many = [{"ridden_km": km, "noise": "click" if km % 3 else "none"} for km in range(0, 12_500, 25)]
    traces = [rule(each) for each in many]
    assert [trace.value for trace in traces] == [RULES["overhaul"].value(each) for each in many]
    assert len({trace.value for trace in traces}) > 1
    for each, trace in zip(many, traces, strict=True):
        for reason in trace.reasons():
            assert reason.holds(each[reason.finding.id])


def test_the_same_evaluator_serves_equal_rules_only():
    assert evaluator(brakes_fail & chain_skips) is evaluator(brakes_fail & chain_skips)
    assert evaluator(brakes_fail & chain_skips) is not evaluator(brakes_fail | chain_skips)
    assert evaluator(ridden_km > 3) is not evaluator(ridden_km >= 3)


# -- rules travel to other processes -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", RULES)
def test_a_rule_that_travels_is_the_same_rule(name):
    assert pickle.loads(pickle.dumps(RULES[name])) == RULES[name]
