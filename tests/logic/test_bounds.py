"""What is certain and what is possible, against every way in which the unknown can turn out."""

from __future__ import annotations

import pytest
from hypothesis import given

from logic.toy import (
    RULES,
    answers,
    brakes_fail,
    chain_skips,
    completions,
    expressions,
    front_tread,
    lights_work,
    noise,
    one_way,
    rear_tread,
    values_of,
)
from ruggespraak.logic import Evaluator, answered, at_least


def exact(evaluator: Evaluator, given_) -> tuple[bool, bool]:
    """(true in every completion, true in some completion), one by one."""
    found = {evaluator.run(fuller)[-1] for fuller in completions(evaluator.expression, given_)}
    return found == {True}, True in found


@given(one_way(), answers())
def test_with_every_finding_in_one_polarity_the_bounds_are_exact(rule, given_):
    evaluator = Evaluator(rule)
    assert evaluator.bounds(given_) == exact(evaluator, given_)


@given(expressions(exceptions=False), answers())
def test_in_any_polarity_the_bounds_are_safe(rule, given_):
    evaluator = Evaluator(rule)
    certain, possible = evaluator.bounds(given_)
    always, sometimes = exact(evaluator, given_)
    assert certain <= always
    assert sometimes <= possible


@given(expressions(), answers(known=True))
def test_with_every_question_answered_both_bounds_are_the_value(rule, given_):
    assert Evaluator(rule).bounds(given_) == (rule.value(given_),) * 2


@pytest.mark.parametrize("name", ["stop_riding", "new_tyres", "mechanic_now", "service", "ride_on"])
def test_the_bounds_of_the_bicycle_rules_are_exact(name):
    evaluator = Evaluator(RULES[name])
    findings = sorted(RULES[name].findings(), key=lambda finding: finding.id)
    for finding in findings:
        for value in values_of(finding):
            assert evaluator.bounds({finding.id: value}) == exact(evaluator, {finding.id: value})


@given(answers())
def test_with_an_exception_certain_means_established_and_possible_is_exact(given_):
    evaluator = Evaluator(RULES["listen_again"])
    certain, possible = evaluator.bounds(given_)
    assert certain is (RULES["listen_again"].value(given_) is True)
    assert possible == exact(evaluator, given_)[1]


# -- known to be incomplete: a finding in both polarities, told apart by nothing but an answer ----------------------


def test_known_incomplete_present_or_absent_is_not_certain_while_it_is_unknown():
    evaluator = Evaluator(answered(brakes_fail))
    assert exact(evaluator, {}) == (True, True)
    assert evaluator.bounds({}) == (False, True)


def test_known_incomplete_present_and_absent_stays_possible_while_it_is_unknown():
    evaluator = Evaluator(brakes_fail & ~brakes_fail)
    assert exact(evaluator, {}) == (False, False)
    assert evaluator.bounds({}) == (False, True)


def test_known_incomplete_two_sides_of_one_number():
    evaluator = Evaluator((front_tread < 1) & (front_tread > 3))
    assert exact(evaluator, {})[1] is False
    assert evaluator.bounds({}) == (False, True)


def test_known_incomplete_two_choices_at_once():
    evaluator = Evaluator(noise.one_of("click") & noise.one_of("grind"))
    assert exact(evaluator, {}) == (False, False)
    assert evaluator.bounds({}) == (False, True)


def test_a_count_of_different_findings_is_exact():
    evaluator = Evaluator(at_least(2, [brakes_fail, chain_skips, ~lights_work, rear_tread <= 1.5]))
    for given_ in ({}, {"brakes_fail": True}, {"brakes_fail": True, "lights_work": False}, {"rear_tread": 5}):
        assert evaluator.bounds(given_) == exact(evaluator, given_)
