"""The truth tables of the docstrings are the tests: they are read from there, so that they cannot rot."""

from __future__ import annotations

import re
from itertools import product

import pytest

import ruggespraak.logic.expression as module
from logic.toy import Just
from ruggespraak.logic import And, AtLeast, Compare, In, Kleene, Named, Not, Or, Unless, evaluate
from ruggespraak.logic.expression import Expression

SIGNS: dict[str, Kleene] = {"True": True, "False": False, "None": None, "T": True, "F": False, "?": None}
VALUES: tuple[Kleene, ...] = (True, False, None)


def rows(doc: str | None) -> list[list[str]]:
    return [line.split() for line in (doc or "").splitlines() if line.strip()]


def values(cells: list[str]) -> list[Kleene]:
    return [SIGNS[cell] for cell in cells]


def square(node: type[Expression]) -> dict[tuple[Kleene, Kleene], Kleene]:
    """A table whose head names the values of the second part, and whose first column those of the first."""
    lines = rows(node.__doc__)
    at = next(i for i, cells in enumerate(lines) if cells[-3:] == ["True", "False", "None"] and len(cells) != 4)
    found = {}
    for cells in lines[at + 1 : at + 4]:
        first, *results = values(cells)
        found |= {(first, second): result for second, result in zip(VALUES, results, strict=True)}
    return found


def build(node: type[Expression], first: Kleene, second: Kleene) -> Expression:
    if node is Unless:
        return Just(first).unless(Just(second).named("exception"))
    return node((Just(first), Just(second)))


SQUARES = [(node, *pair, result) for node in (And, Or, Unless) for pair, result in square(node).items()]


@pytest.mark.parametrize(("node", "first", "second", "result"), SQUARES)
def test_two_parts_have_the_value_that_the_docstring_says(node, first, second, result):
    assert build(node, first, second).value({}) is result


@pytest.mark.parametrize("node", [And, Or, Unless])
def test_a_table_has_all_nine_cells(node):
    assert set(square(node)) == set(product(VALUES, VALUES))


def test_not_has_the_value_that_the_docstring_says():
    of_part, of_not = rows(Not.__doc__)[-2:]
    assert (of_part[0], of_not[:2]) == ("a", ["not", "a"])
    table = dict(zip(values(of_part[1:]), values(of_not[2:]), strict=True))
    assert set(table) == set(VALUES)
    assert {part: Not(Just(part)).value({}) for part in VALUES} == table


AT_LEAST = [
    (values(given.split()), SIGNS[result])
    for given, result in re.findall(r"([TF?](?: [TF?]){2}) -> (\w+)", AtLeast.__doc__ or "")
]


def test_the_docstring_of_at_least_has_examples_of_every_value():
    assert "Two of three" in (AtLeast.__doc__ or "")
    assert {result for _, result in AT_LEAST} == set(VALUES)


@pytest.mark.parametrize(("given", "result"), AT_LEAST)
def test_at_least_two_of_three_has_the_value_that_the_docstring_says(given, result):
    assert AtLeast(2, tuple(map(Just, given))).value({}) is result


def test_the_table_of_the_module_is_right():
    lines = rows(module.__doc__)
    at = lines.index(["a", "not", "a", "a", "b", "a", "and", "b", "a", "or", "b"])
    tested = 0
    for cells in lines[at + 1 : at + 4]:
        part, opposite, first, second, both, either = values(cells)
        assert Not(Just(part)).value({}) is opposite
        assert And((Just(first), Just(second))).value({}) is both
        assert Or((Just(first), Just(second))).value({}) is either
        tested += 1
    assert tested == 3


@pytest.mark.parametrize("given", list(product(VALUES, repeat=3)))
def test_at_least_counts_what_is_true_and_what_may_be(given):
    for n in range(5):
        sure, hoped = given.count(True) >= n, given.count(True) + given.count(None) >= n
        assert AtLeast(n, tuple(map(Just, given))).value({}) is (True if sure else None if hoped else False)


@pytest.mark.parametrize("given", list(product(VALUES, repeat=3)))
def test_or_is_at_least_one_and_and_is_at_least_all(given):
    parts = tuple(map(Just, given))
    assert Or(parts).value({}) is AtLeast(1, parts).value({})
    assert And(parts).value({}) is AtLeast(3, parts).value({})


@pytest.mark.parametrize("value", VALUES)
def test_a_name_changes_no_value(value):
    assert Just(value).named("concept").value({}) is value


def test_of_no_parts_and_is_always_and_or_is_never():
    assert And(()).value({}) is True
    assert Or(()).value({}) is False


def test_every_node_type_of_the_language_is_known_to_these_tests():
    kinds = {kind for kind in vars(module).values() if isinstance(kind, type) and issubclass(kind, Expression)} - {
        Expression
    }
    assert kinds == {Not, And, Or, AtLeast, Unless, Named, Compare, In}


def test_a_node_that_is_none_of_the_language_is_refused():
    with pytest.raises(TypeError, match="no Python for Just"):
        evaluate(Just(True), {})
