"""Forms as plain Python: compiled, with what they have in common computed once, they say the same as ``holds``."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from logic.toy import RULES, expressions
from ruggespraak.logic import Alphabet, Form, at_least_of, shared
from ruggespraak.logic.alphabet import FALSE, TRUE

WIDTH = 6
readings = st.integers(0, 2**WIDTH - 1)


def _grown(parts: st.SearchStrategy[Form]) -> st.SearchStrategy[Form]:
    return st.builds(Form, st.integers(0, 5), readings, st.lists(parts, max_size=4).map(tuple))


forms = st.recursive(st.builds(Form, st.integers(0, 3), readings), _grown, max_leaves=8)


@given(forms)
def test_the_source_of_a_form_says_what_the_form_says(form):
    compiled = form.compiled()
    for reading in range(2**WIDTH):
        assert compiled(reading) is form.holds(reading)
        assert eval(form.source(), {"__builtins__": {}}, {"x": reading}) is form.holds(reading)


@given(forms)
def test_a_form_is_monotone(form):
    holding = [form.holds(reading) for reading in range(2**WIDTH)]
    for reading in range(2**WIDTH):
        for index in range(WIDTH):
            assert holding[reading] <= holding[reading | 1 << index]


@given(forms)
def test_a_form_looks_at_no_bit_but_its_own(form):
    for reading in range(2**WIDTH):
        assert form.holds(reading) is form.holds(reading & form.every_bit())


def joined(parts: st.SearchStrategy[Form]) -> st.SearchStrategy[Form]:
    return st.builds(at_least_of, st.integers(0, 5), st.lists(parts, max_size=4))


single = st.integers(0, WIDTH - 1).map(lambda index: Form(1, 1 << index))
flattened = st.recursive(single | st.sampled_from([TRUE, FALSE]), joined, max_leaves=10)


@st.composite
def repeated(draw: st.DrawFn, parts: st.SearchStrategy[Form]) -> list[Form]:
    """Some parts out of a few, so that the same part comes more than once."""
    return draw(st.lists(st.sampled_from(draw(st.lists(parts, min_size=1, max_size=3))), max_size=5))


@given(st.integers(0, 5), repeated(flattened))
def test_at_least_of_counts_its_parts_however_they_dissolve(n, parts):
    form = at_least_of(n, parts)
    for reading in range(2**WIDTH):
        assert form.holds(reading) is (sum(part.holds(reading) for part in parts) >= n)


@given(st.integers(0, 5), repeated(flattened))
def test_what_always_or_never_holds_is_not_hidden_in_a_part(n, parts):
    form = at_least_of(n, parts)
    assert form in (TRUE, FALSE) or (form.size > 0 and 0 < form.n <= form.size)
    assert not {TRUE, FALSE} & set(form.parts)


def test_a_part_that_stands_twice_counts_twice():
    both = Form(2, 0b11)
    form = at_least_of(2, [both, both, Form(1, 0b100)])
    assert form.holds(0b011)
    assert not form.holds(0b100)
    assert not form.holds(0b101)


@st.composite
def families(draw: st.DrawFn) -> list[Form]:
    """Forms that are made of earlier ones, so that they have much in common, at every depth."""
    found = draw(st.lists(st.builds(Form, st.integers(1, 2), readings), min_size=2, max_size=3))
    for _ in range(draw(st.integers(0, 5))):
        parts = tuple(draw(st.lists(st.sampled_from(found), min_size=1, max_size=3)))
        found.append(Form(draw(st.integers(1, 3)), draw(readings), parts))
    return found


def computed(many: list[Form], without: int, reading: int) -> list[bool]:
    lines, names = shared(many, without)
    scope = {"x": reading}
    for line in lines:
        exec(line, {"__builtins__": {}}, scope)
    return [eval(form.source(names), {"__builtins__": {}}, scope) for form in many]


def test_what_is_in_common_is_computed_once_and_then_named():
    small = Form(2, 0b011)
    middle = Form(1, 0b100, (small,))
    lines, names = shared([Form(2, 0b1000, (middle,)), Form(1, 0b1000, (middle,)), Form(1, 0b10000, (small,))])
    assert lines == ["p0 = x & 0x3 == 0x3", "p1 = x & 0x4 != 0 or (p0)"]
    assert names == {small: "p0", middle: "p1"}
    assert Form(2, 0b1000, (middle,)).source(names) == "x & 0x8 == 0x8 and (p1)"


@given(families(), st.just(0) | readings)
def test_lines_that_are_shared_compute_the_same(many, without):
    for reading in range(2**WIDTH):
        assert computed(many, without, reading) == [form.holds(reading) for form in many]


@given(families(), readings)
def test_what_looks_at_a_forbidden_bit_is_not_shared(many, without):
    _, names = shared(many, without)
    assert not any(form.every_bit() & without for form in names)


@given(families())
def test_what_stands_in_a_line_stands_in_two_places_and_has_one_name(many):
    lines, names = shared(many)
    assert len(set(names.values())) == len(names) == len(lines)

    def places(form: Form, part: Form) -> int:
        return (form == part) + sum(places(inner, part) for inner in form.parts)

    assert all(sum(places(form, part) for form in many) > 1 for part in names)


@given(st.lists(expressions(), max_size=4))
def test_rules_that_share_parts_are_computed_as_they_stand(rules):
    alphabet = Alphabet()
    many = [alphabet.form(rule, negate) for rule in [*rules, *RULES.values()] for negate in (False, True)]
    for reading in (0, -1, alphabet.everything, 0b1010101010, 0b1100110011):
        assert computed(many, 0, reading) == [form.holds(reading) for form in many]
