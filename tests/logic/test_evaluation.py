"""Whatever the rule and the answers: every way to evaluate says the same, and what is decided stays decided."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logic.toy import BOOLEANS, RULES, answers, completions, expressions, front_tread, noise, one_way, values_of
from ruggespraak.logic import Alphabet, And, AtLeast, Evaluator, Expression, Not, Or, Unless, evaluate, nodes
from ruggespraak.logic.source import compiled, python_source


@given(expressions(), answers())
def test_the_compiled_source_gives_every_node_its_value(rule, given_):
    for node, value in evaluate(rule, given_).nodes:
        assert value is node.value(given_)


@given(expressions(), answers())
def test_the_last_node_is_the_rule_itself_and_every_node_stands_once(rule, given_):
    trace = evaluate(rule, given_)
    assert trace.nodes[-1][0] == rule
    assert trace.value is rule.value(given_)
    assert len(set(trace.evaluator.nodes)) == len(trace.evaluator.nodes)
    assert set(rule.walk()) == set(trace.evaluator.nodes)


@given(expressions())
def test_children_stand_before_their_parents(rule):
    places = {node: place for place, node in enumerate(nodes(rule))}
    assert all(places[child] < places[node] for node in places for child in node.children())


@given(expressions(), answers())
def test_the_source_stands_on_its_own(rule, given_):
    scope: dict = {}
    exec(python_source(rule, "decide"), {"__builtins__": {}}, scope)
    assert scope["decide"](given_) == compiled(rule)(given_)


@given(expressions(), answers())
def test_the_form_is_established_exactly_when_the_value_is_true(rule, given_):
    alphabet = Alphabet()
    form = alphabet.form(rule)
    assert form.holds(alphabet.read(given_).true) is (rule.value(given_) is True)


@given(expressions(), answers())
def test_the_negated_form_is_established_exactly_when_the_value_is_false(rule, given_):
    alphabet = Alphabet()
    form = alphabet.form(rule, negate=True)
    assert form.holds(alphabet.read(given_).true) is (rule.value(given_) is False)


LITERALS: list[Expression] = [
    *BOOLEANS,
    *(compare(front_tread) for compare in (lambda n: n < 3, lambda n: n <= 3, lambda n: n > 3, lambda n: n >= 3)),
    noise.one_of("click"),
    noise.one_of("click", "grind"),
]


@pytest.mark.parametrize("literal", LITERALS)
def test_every_literal_and_its_opposite_are_read_right_for_every_value(literal):
    (finding,) = literal.findings()
    for value in [*values_of(finding), None]:
        given_ = {finding.id: value}
        alphabet = Alphabet()
        form, opposite = alphabet.form(literal), alphabet.form(literal, negate=True)
        reading = alphabet.read(given_)
        assert (form.holds(reading.true), opposite.holds(reading.true)) == (
            literal.value(given_) is True,
            literal.value(given_) is False,
        )
        assert form.holds(alphabet.possible(reading)) is (literal.value(given_) is not False)
        assert evaluate(literal, given_).value is literal.value(given_)


@given(one_way(), answers())
def test_with_every_finding_in_one_polarity_possible_means_not_false(rule, given_):
    alphabet = Alphabet()
    form = alphabet.form(rule)
    assert form.holds(alphabet.possible(alphabet.read(given_))) is (rule.value(given_) is not False)


@given(expressions(exceptions=False), answers())
def test_without_exceptions_possible_means_not_false_in_either_polarity(rule, given_):
    alphabet = Alphabet()
    form, opposite = alphabet.form(rule), alphabet.form(rule, negate=True)
    possible = alphabet.possible(alphabet.read(given_))
    assert form.holds(possible) is (rule.value(given_) is not False)
    assert opposite.holds(possible) is (rule.value(given_) is not True)


@given(st.lists(expressions(), min_size=2, max_size=4), answers())
def test_rules_that_share_an_alphabet_do_not_disturb_each_other(rules, given_):
    alphabet = Alphabet()
    forms = []
    for rule in rules:
        forms.append(alphabet.form(rule))
        alphabet.read(given_)  # reading in between must not freeze what is known of the literals
    true = alphabet.read(given_).true
    assert [form.holds(true) for form in forms] == [rule.value(given_) is True for rule in rules]


@given(expressions(), answers(), st.randoms(use_true_random=False))
def test_the_order_of_answers_never_matters(rule, given_, pick: random.Random):
    shuffled = list(given_.items())
    pick.shuffle(shuffled)
    assert evaluate(rule, dict(shuffled)).values == evaluate(rule, given_).values
    evaluator = Evaluator(rule)
    assert evaluator.alphabet.read(dict(shuffled)) == evaluator.alphabet.read(given_)


@given(expressions(), answers(), st.randoms(use_true_random=False))
def test_the_order_of_parts_never_matters(rule, given_, pick: random.Random):
    assert _shuffled(rule, pick).value(given_) is rule.value(given_)


@given(expressions(), answers())
def test_left_out_and_null_are_the_same(rule, given_):
    known = {finding: value for finding, value in given_.items() if value is not None}
    nulls = {finding.id: known.get(finding.id) for finding in rule.findings()}
    assert evaluate(rule, known).values == evaluate(rule, nulls).values == evaluate(rule, given_).values


@given(expressions(), answers())
def test_answers_to_questions_that_the_rule_does_not_ask_never_matter(rule, given_):
    asked = {finding.id for finding in rule.findings()}
    own = {finding: value for finding, value in given_.items() if finding in asked}
    assert evaluate(rule, {**own, "bell_rings": True}).values == evaluate(rule, given_).values


@given(expressions(exceptions=False), answers(), answers(known=True))
def test_filling_in_an_unknown_never_changes_a_decided_value(rule, given_, more):
    value = rule.value(given_)
    fuller = {**more, **{finding: known for finding, known in given_.items() if known is not None}}
    if value is not None:
        assert rule.value(fuller) is value


@given(expressions(), answers(known=True))
def test_with_every_question_answered_every_node_is_decided(rule, given_):
    assert None not in evaluate(rule, given_).values


@given(expressions(), answers())
def test_a_value_that_is_decided_is_the_value_of_the_opposite_turned_round(rule, given_):
    value = rule.value(given_)
    assert (~rule).value(given_) is (None if value is None else not value)
    assert (~~rule).value(given_) is value


@given(expressions(), expressions(), answers())
def test_the_laws_of_de_morgan_hold_with_unknowns(left, right, given_):
    assert (~(left & right)).value(given_) is (~left | ~right).value(given_)
    assert (~(left | right)).value(given_) is (~left & ~right).value(given_)


@given(answers())
def test_only_an_exception_can_lower_what_was_established(given_):
    rule = RULES["listen_again"]
    if rule.value(given_) is True:
        lowered = [fuller for fuller in completions(rule, given_) if rule.value(fuller) is False]
        exception = next(node.exception for node in rule.walk() if isinstance(node, Unless))
        assert all(exception.value(fuller) is True for fuller in lowered)


def test_a_long_rule_is_no_problem():
    rule: Expression = BOOLEANS[0]
    for step in range(150):
        rule = (rule & BOOLEANS[step % 5]).named(f"step_{step}") if step % 2 else rule | BOOLEANS[step % 5]
    everything = {finding.id: True for finding in BOOLEANS}
    assert evaluate(rule, everything).value is True
    assert evaluate(rule, {}).value is None


def _shuffled(node: Expression, pick: random.Random) -> Expression:
    parts = [_shuffled(child, pick) for child in node.children()]
    match node:
        case And() | Or():
            pick.shuffle(parts)
            return type(node)(tuple(parts))
        case AtLeast(n):
            pick.shuffle(parts)
            return AtLeast(n, tuple(parts))
        case Not():
            return Not(parts[0])
    return node
