"""The smallest patients of a rule (here: bicycles), and what is still missing of them, against brute force."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logic.toy import (
    ALL_WAYS,
    RULES,
    answers,
    brakes_fail,
    chain_skips,
    expressions,
    frame_cracked,
    front_tread,
    just_cleaned,
    lights_work,
    noise,
    one_way,
    ridden_km,
    wheel_wobbles,
)
from ruggespraak.logic import (
    ALWAYS,
    NEVER,
    Alphabet,
    Compare,
    Expression,
    Form,
    In,
    Missing,
    Not,
    all_of,
    answered,
    any_of,
    at_least,
)

PRESENT = [brakes_fail, frame_cracked, chain_skips, wheel_wobbles, lights_work, just_cleaned]


def any_of_some(leaves: list[Expression]) -> st.SearchStrategy[Expression]:
    """Random sets of conditions, one of which is enough: much overlap, many smallest sets."""
    sets = st.sets(st.integers(0, len(leaves) - 1), min_size=1, max_size=4)
    return st.lists(sets, min_size=1, max_size=7).map(
        lambda many: any_of(all_of(leaves[place] for place in sorted(some)) for some in many)
    )


present = one_way(PRESENT) | any_of_some(PRESENT)
all_ways = one_way(ALL_WAYS) | any_of_some(ALL_WAYS)


def bits(mask: int) -> Iterator[int]:
    return (1 << index for index in range(mask.bit_length()) if mask >> index & 1)


def subsets(mask: int) -> Iterator[int]:
    """Every part of this mask, small ones first."""
    each = list(bits(mask))
    for size in range(len(each) + 1):
        for some in combinations(each, size):
            yield sum(some)


def smallest(masks: Iterator[int]) -> list[int]:
    """Those of which no part is one of these already; the masks come small ones first."""
    found: list[int] = []
    for mask in masks:
        if not any(part & mask == part for part in found):
            found.append(mask)
    return found


def implicants_of(rule: Expression) -> set[frozenset[str]]:
    alphabet = Alphabet()
    masks = alphabet.implicants(alphabet.form(rule))
    return {frozenset(_short(literal.expression) for literal in alphabet.literals_in(mask)) for mask in masks}


def _short(literal: Expression) -> str:
    match literal:
        case Not(finding):
            return f"~{finding!r}"
        case Compare(finding, operator, limit):
            return f"{finding!r} {operator} {limit:g}"
        case In(finding, choices):
            return f"{finding!r} in {'|'.join(sorted(choices))}"
    return repr(literal)


def test_the_smallest_bicycles_of_the_toy_rules():
    assert implicants_of(RULES["stop_riding"]) == {frozenset({"brakes_fail"}), frozenset({"frame_cracked"})}
    assert implicants_of(RULES["overhaul"]) == {
        frozenset({"ridden_km >= 10000"}),
        frozenset({"ridden_km > 2000", "noise in click|grind"}),
    }
    assert len(implicants_of(RULES["service"])) == 3 + 3 * 2


def test_a_rule_that_always_holds_needs_nothing_and_one_that_never_does_has_no_bicycle():
    assert implicants_of(ALWAYS) == {frozenset()}
    assert implicants_of(NEVER) == set()
    assert implicants_of(~NEVER & brakes_fail) == {frozenset({"brakes_fail"})}


def test_conflicting_literals_never_stand_together():
    assert implicants_of((front_tread < 1) & (front_tread > 3)) == set()
    assert implicants_of(brakes_fail & ~brakes_fail) == set()
    assert implicants_of(noise.one_of("click") & noise.one_of("grind")) == set()
    assert implicants_of((front_tread < 1) & (brakes_fail | (front_tread > 3))) == {
        frozenset({"front_tread < 1", "brakes_fail"})
    }


def test_choices_that_exclude_each_other_only_all_together_never_stand_together():
    other = [~noise.one_of(choice) for choice in noise.choices]
    assert implicants_of(other[0] & other[1]) == {frozenset({"noise in click|grind", "noise in grind|none"})}
    assert implicants_of(other[0] & other[1] & other[2]) == set()


def test_a_literal_that_no_value_satisfies_is_left_out():
    assert implicants_of(~noise.one_of("none", "click", "grind")) == set()
    assert implicants_of((front_tread < 0) | brakes_fail) == {frozenset({"brakes_fail"})}


def test_limits_that_touch_stand_together_only_where_both_include_the_limit():
    assert implicants_of((front_tread <= 3) & (front_tread >= 3)) == {
        frozenset({"front_tread <= 3", "front_tread >= 3"})
    }
    assert implicants_of((front_tread < 3) & (front_tread >= 3)) == set()
    assert implicants_of((front_tread <= 3) & (front_tread > 3)) == set()


def test_a_literal_that_another_one_implies_is_dropped():
    assert implicants_of((ridden_km >= 60) & (ridden_km >= 42)) == {frozenset({"ridden_km >= 60"})}
    assert implicants_of((ridden_km > 42) & (ridden_km >= 42)) == {frozenset({"ridden_km > 42"})}
    assert implicants_of(noise.one_of("click") & noise.one_of("click", "grind")) == {frozenset({"noise in click"})}


def test_a_set_that_an_implied_literal_makes_superfluous_is_dropped():
    assert implicants_of((ridden_km >= 60) | (ridden_km >= 42)) == {frozenset({"ridden_km >= 42"})}
    assert implicants_of((ridden_km >= 42) | ((ridden_km >= 60) & brakes_fail)) == {frozenset({"ridden_km >= 42"})}
    assert implicants_of(noise.one_of("click") | noise.one_of("click", "grind")) == {
        frozenset({"noise in click|grind"})
    }


def test_both_polarities_give_both_sets():
    assert implicants_of(answered(brakes_fail)) == {frozenset({"brakes_fail"}), frozenset({"~brakes_fail"})}


def test_an_exception_leaves_no_literal_but_its_name():
    alphabet = Alphabet()
    (mask,) = alphabet.implicants(alphabet.form(brakes_fail.unless(lights_work.named("lights"))))
    assert [literal.finding for literal in alphabet.literals_in(mask)] == [brakes_fail]
    assert [name for bit, (name, _) in alphabet.exceptions.items() if bit & mask] == ["lights"]


def test_a_literal_that_comes_later_is_known_too():
    alphabet = Alphabet()
    alphabet.implicants(alphabet.form(ridden_km >= 42))
    form = alphabet.form((ridden_km >= 60) & (ridden_km >= 42))
    assert [literal.expression for mask in alphabet.implicants(form) for literal in alphabet.literals_in(mask)] == [
        ridden_km >= 60
    ]


@given(present)
def test_with_every_finding_in_one_polarity_they_are_the_prime_implicants(rule):
    alphabet = Alphabet()
    form = alphabet.form(rule)
    assert sorted(alphabet.implicants(form)) == sorted(
        smallest(mask for mask in subsets(form.every_bit()) if form.holds(mask))
    )


@given(all_ways)
def test_with_numbers_and_choices_they_are_the_widest_regions_in_which_the_rule_is_established(rule):
    alphabet = Alphabet()
    form = alphabet.form(rule)
    region = _regions(alphabet)
    everywhere = region(0)

    def established(mask: int) -> bool:
        implied = sum(bit for bit in bits(alphabet.everything) if region(mask) & region(bit) == region(mask))
        return form.holds(implied)

    candidates = [mask for mask in subsets(form.every_bit()) if region(mask) and established(mask)]
    regions = {region(mask) for mask in candidates}
    widest = {one for one in regions if not any(one != other and one & other == one for other in regions)}
    found = alphabet.implicants(form)
    assert {region(mask) for mask in found} == widest
    assert len(found) == len(widest)
    assert everywhere


@given(expressions())
def test_each_is_possible_and_enough_and_the_small_ones_come_first(rule):
    alphabet = Alphabet()
    form = alphabet.form(rule)
    region = _regions(alphabet)
    found = alphabet.implicants(form)
    assert [mask.bit_count() for mask in found] == sorted(mask.bit_count() for mask in found)
    assert len(set(found)) == len(found)
    for mask in found:
        assert region(mask)
        implied = sum(bit for bit in bits(alphabet.everything) if region(mask) & region(bit) == region(mask))
        assert form.holds(mask | implied)


@given(expressions())
def test_a_rule_without_a_smallest_bicycle_can_never_be_established(rule):
    alphabet = Alphabet()
    form = alphabet.form(rule)
    if not alphabet.implicants(form):
        findings = sorted(rule.findings(), key=lambda finding: finding.id)
        for values in product(*(alphabet.samples(finding) for finding in findings)):
            given_ = {finding.id: value for finding, value in zip(findings, values, strict=True)}
            assert rule.value(given_) is not True


def _regions(alphabet: Alphabet):
    """From a set of literals to the points (one value for each finding) in which all of them hold, as bits."""
    findings = list(dict.fromkeys(literal.finding for literal in alphabet.literals))
    points = list(product(*(alphabet.samples(finding) for finding in findings)))
    holds = {
        literal.bit: sum(1 << place for place, point in enumerate(points) if literal.holds(point[at]))
        for literal in alphabet.literals
        for at in [findings.index(literal.finding)]
    }

    def region(mask: int) -> int:
        inside = (1 << len(points)) - 1
        for bit in bits(mask):
            inside &= holds.get(bit, -1)  # the bit of an exception excludes no answer
        return inside

    return region


# -- what is still missing -----------------------------------------------------------------------------------------

some_true = st.just(0) | st.integers(0, 63)
some_available = some_news = st.just(63) | st.integers(0, 63)


def brute_force(form: Form, true: int, available: int) -> list[int]:
    """The smallest sets of what is available that, with what is true, make the form hold."""
    return smallest(mask for mask in subsets(available & ~true) if form.holds(true | mask))


def form_of(rule: Expression) -> tuple[Form, list[int]]:
    alphabet = Alphabet()
    form = alphabet.form(rule)
    return form, alphabet.implicants(form)


@given(present, some_true, some_available)
def test_what_is_missing_are_the_smallest_completions(rule, true, available):
    form, implicants = form_of(rule)
    found = list(Missing(implicants, true, available))
    assert sorted(found) == sorted(brute_force(form, true, available))
    assert [mask.bit_count() for mask in found] == sorted(mask.bit_count() for mask in found)


@given(present, some_true, some_available, some_news)
def test_sets_without_news_are_passed_over(rule, true, available, news):
    form, implicants = form_of(rule)
    expected = [mask for mask in brute_force(form, true, available) if mask & news or not mask]
    assert sorted(Missing(implicants, true, available, news)) == sorted(expected)


@given(present, some_true, some_available, some_news)
def test_news_that_becomes_old_while_iterating_is_skipped_and_no_news_is_lost(rule, true, available, news):
    form, implicants = form_of(rule)
    expected = [mask for mask in brute_force(form, true, available) if mask & news]
    sets = Missing(implicants, true, available, news)
    seen = 0
    for mask in sets:
        if mask == 0:
            return
        assert mask in expected
        assert mask & news & ~seen
        seen |= mask
        sets.news &= ~mask
    assert {bit for mask in expected for bit in bits(mask & news)} <= set(bits(seen))


@given(present, some_true, some_available)
def test_iterating_twice_gives_the_same(rule, true, available):
    sets = Missing(form_of(rule)[1], true, available)
    assert list(sets) == list(sets)


@given(all_ways, answers(), answers())
def test_what_is_missing_are_the_widest_regions_too_where_one_literal_implies_another(rule, known, reachable):
    alphabet = Alphabet()
    form = alphabet.form(rule)
    region = _regions(alphabet)
    reading = alphabet.read(known)
    available = alphabet.bits_of(reachable) & ~reading.known

    def completes(mask: int) -> bool:
        implied = sum(bit for bit in bits(alphabet.everything) if region(mask) & region(bit) == region(mask))
        return form.holds(reading.true | implied)

    regions = {region(mask) for mask in subsets(available) if region(mask) and completes(mask)}
    widest = {one for one in regions if not any(one != other and one & other == one for other in regions)}
    found = list(Missing(alphabet.implicants(form), reading.true, available, implied=alphabet.relations[1]))
    assert {region(mask) for mask in found} == widest
    assert len(found) == len(widest)


def test_a_set_is_skipped_once_all_its_news_is_old():
    a, b, c, d = PRESENT[:4]
    sets = Missing(form_of((a & b) | (a & c) | (b & c) | (c & d))[1], 0, 0b1111)
    seen = []
    for mask in sets:
        seen.append(mask)
        sets.news &= ~mask
    assert seen == [0b0011, 0b0101, 0b1100]  # b with c brings nothing new


def test_a_set_is_superfluous_when_less_is_missing_of_another_one():
    a, b, c, d = PRESENT[:4]
    _, implicants = form_of((a & b & c) | (d & b & c & PRESENT[4]) | (b & d & PRESENT[5]))
    bit = {finding: 1 << place for place, finding in enumerate([a, b, c, d, PRESENT[4], PRESENT[5]])}
    everything = sum(bit.values())
    assert set(Missing(implicants, bit[a], everything)) == {bit[b] | bit[c], bit[b] | bit[d] | bit[PRESENT[5]]}
    assert set(Missing(implicants, bit[a] | bit[c], everything)) == {bit[b]}
    assert set(Missing(implicants, bit[d], everything)) == {
        bit[b] | bit[PRESENT[5]],
        bit[a] | bit[b] | bit[c],
        bit[b] | bit[c] | bit[PRESENT[4]],
    }


def test_a_higher_limit_is_not_missing_where_a_lower_one_is_enough():
    alphabet = Alphabet()
    form = alphabet.form((brakes_fail & (ridden_km >= 42)) | (chain_skips & (ridden_km >= 60)))
    true = alphabet.read({"brakes_fail": True, "chain_skips": True}).true
    sets = Missing(alphabet.implicants(form), true, alphabet.bits_of(["ridden_km"]), implied=alphabet.relations[1])
    assert [literal.expression for mask in sets for literal in alphabet.literals_in(mask)] == [ridden_km >= 42]


def test_when_nothing_is_missing_there_is_one_empty_set():
    _, implicants = form_of(brakes_fail | chain_skips)
    assert list(Missing(implicants, 0b01, 0)) == [0]
    assert list(Missing(implicants, 0b01, 0b10, news=0b10)) == [0]


def test_nothing_is_ever_missing_of_a_rule_that_always_holds():
    assert list(Missing(form_of(ALWAYS)[1], 0, 0)) == [0]
    assert list(Missing(form_of(ALWAYS)[1], 0b1, 0b10)) == [0]


def test_what_is_neither_true_nor_available_is_dead():
    _, implicants = form_of(at_least(2, [brakes_fail, chain_skips, lights_work]))
    assert list(Missing(implicants, 0b000, 0b011)) == [0b011]
    assert list(Missing(implicants, 0b100, 0b011)) == [0b001, 0b010]
    assert list(Missing(implicants, 0b000, 0b001)) == []


@pytest.mark.parametrize("true", [0, 1])
def test_of_a_rule_that_never_holds_nothing_completes_it(true):
    assert list(Missing(form_of(NEVER)[1], true, -1)) == []
