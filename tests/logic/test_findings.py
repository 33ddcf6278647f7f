"""What a finding accepts as an answer, what it refuses, and what it says then."""

from __future__ import annotations

import math
import pickle
from dataclasses import FrozenInstanceError, fields
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logic.toy import (
    RULES,
    VOCABULARY,
    brakes_fail,
    chain_skips,
    front_tread,
    last_service,
    noise,
    ridden_km,
)
from ruggespraak.logic import AnswerError, Compare, Finding, In, Vocabulary, read_date

unbounded = Finding("spokes_broken", "number")
at_least_zero = Finding("bells", "number", "bells", minimum=0)
at_most_ten = Finding("gears_lost", "number", "gears", maximum=10)

ACCEPTED = [
    (brakes_fail, True, True),
    (brakes_fail, False, False),
    (front_tread, 0, 0),
    (front_tread, 5, 5),
    (front_tread, 2.5, 2.5),
    (unbounded, -1e9, -1e9),
    (unbounded, 10**400, 10**400),
    (at_least_zero, 10**6, 10**6),
    (at_most_ten, -3, -3),
    (noise, "click", "click"),
    (last_service, "2024-02-29", date(2024, 2, 29)),
    (last_service, date(2024, 2, 29), date(2024, 2, 29)),
]


@pytest.mark.parametrize(("finding", "raw", "value"), ACCEPTED)
def test_a_right_answer_is_accepted_as_the_rules_use_it(finding, raw, value):
    assert finding.accept(raw) == value
    assert type(finding.accept(raw)) is type(value)


NOBODY_SAYS_THIS = [None, [], {}, (), b"yes", ..., 3 + 0j, Decimal(3), [True], math.nan, math.inf, -math.inf]
REFUSED = [
    *[(finding, raw) for finding in VOCABULARY.values() for raw in NOBODY_SAYS_THIS],
    *[(brakes_fail, raw) for raw in (1, 0, 1.0, "yes", "true", "True", "", "unclear")],
    *[(front_tread, raw) for raw in (True, False, "3", "", -0.001, 5.001, -1, 6, 10**400, -(10**400), 1e308)],
    *[(unbounded, raw) for raw in (True, math.nan, math.inf, -math.inf, "3", None)],
    *[(at_least_zero, raw) for raw in (-1, math.nan, math.inf)],
    *[(at_most_ten, raw) for raw in (11, math.nan, -math.inf)],
    *[(noise, raw) for raw in ("", "Click", "click ", "bang", "none|click", True, False, 0, 1, ("click",))],
    *[
        (last_service, raw)
        for raw in (
            "2026-02-30",
            "2025-02-29",
            "2026-00-10",
            "2026-13-01",
            "0000-01-01",
            "2026-W01-1",
            "2026W011",
            "20260115",
            "2026-1-5",
            "15-01-2026",
            "2026-01-15T00:00:00",
            "2026-01-15 ",
            " 2026-01-15",
            "2026-01-15\n",
            "２０２６-01-15",
            "+2026-01-15",
            "yesterday",
            "",
            20260115,
            True,
            datetime(2026, 1, 15, 12),
        )
    ],
]


@pytest.mark.parametrize(("finding", "raw"), REFUSED, ids=lambda part: repr(part)[:40])
def test_a_wrong_answer_is_refused_with_the_finding_the_value_and_what_was_expected(finding, raw):
    with pytest.raises(AnswerError) as caught:
        finding.accept(raw)
    error = caught.value
    assert (error.finding, error.expected) == (finding.id, finding.expected)
    assert error.value is raw
    assert str(error) == f"{finding.id}: {raw!r} given, {finding.expected} expected"


@pytest.mark.parametrize(
    ("finding", "expected"),
    [
        (brakes_fail, "true, false or null"),
        (front_tread, "a number from 0 to 5 (mm)"),
        (ridden_km, "a number from 0 to 50000 (km)"),
        (unbounded, "a number"),
        (at_least_zero, "a number from 0 (bells)"),
        (at_most_ten, "a number to 10 (gears)"),
        (noise, "one of none, click, grind"),
        (last_service, "a date as YYYY-MM-DD"),
    ],
)
def test_what_was_expected_is_said_in_words(finding, expected):
    assert finding.expected == expected


def test_an_error_is_a_value_error_and_travels_between_processes():
    error = AnswerError("brakes_fail", 1, "true, false or null")
    again = pickle.loads(pickle.dumps(error))
    assert isinstance(error, ValueError)
    assert (again.finding, again.value, again.expected) == (error.finding, error.value, error.expected)
    assert str(again) == str(error)


@given(st.sampled_from(list(VOCABULARY.values())), st.from_type(object) | st.text() | st.floats() | st.integers())
def test_whatever_is_said_it_is_accepted_as_its_kind_or_refused(finding, raw):
    kinds = {"boolean": bool, "number": (int, float), "choice": str, "date": date}
    try:
        value = finding.accept(raw)
    except AnswerError:
        return
    assert isinstance(value, kinds[finding.kind])
    assert isinstance(value, bool) is (finding.kind == "boolean")


@given(st.dates())
def test_every_date_is_read_from_its_own_writing(day):
    assert read_date(day.isoformat()) == day
    assert last_service.accept(day.isoformat()) == day


@given(st.floats(allow_nan=False) | st.integers())
def test_a_number_is_accepted_exactly_when_it_is_in_range(number):
    try:
        front_tread.accept(number)
        assert 0 <= number <= 5
    except AnswerError:
        assert not 0 <= number <= 5


# -- what can be said of a finding ---------------------------------------------------------------------------------


@pytest.mark.parametrize("finding", [brakes_fail, noise, last_service])
def test_only_a_number_can_be_compared(finding):
    for compare in (lambda: finding < 3, lambda: finding <= 3, lambda: finding > 3, lambda: finding >= 3):
        with pytest.raises(TypeError, match=f"{finding.id} is a {finding.kind}, not a number"):
            compare()


@pytest.mark.parametrize("finding", [brakes_fail, front_tread, last_service])
def test_only_a_choice_can_be_one_of(finding):
    with pytest.raises(TypeError, match=f"{finding.id} is a {finding.kind}, not a choice"):
        finding.one_of("click")


def test_a_choice_that_does_not_exist_is_named():
    with pytest.raises(ValueError, match=r"noise has no choice \['bang'\]; it has \['none', 'click', 'grind'\]"):
        noise.one_of("click", "bang")


def test_a_comparison_may_stand_the_other_way_round():
    assert (front_tread < 3) == (front_tread < 3) == Compare(front_tread, "<", 3)
    assert (front_tread >= 3) == (front_tread >= 3)


def test_the_order_of_choices_makes_no_difference():
    assert noise.one_of("click", "grind") == noise.one_of("grind", "click") == In(noise, frozenset({"click", "grind"}))


@pytest.mark.parametrize("name", RULES)
def test_no_rule_has_a_truth_of_its_own(name):
    with pytest.raises(TypeError, match="no truth of its own"):
        bool(RULES[name])


@pytest.mark.parametrize("finding", VOCABULARY.values())
def test_no_finding_has_a_truth_of_its_own(finding):
    with pytest.raises(TypeError, match="no truth of its own"):
        bool(finding)


@pytest.mark.parametrize("answer", [1, 0, "yes", 0.0])
def test_a_boolean_finding_refuses_an_answer_that_is_no_boolean(answer):
    with pytest.raises(AnswerError, match="yes or no"):
        brakes_fail.value({"brakes_fail": answer})


def test_an_exception_without_a_name_is_refused():
    with pytest.raises(TypeError, match="an exception needs a name"):
        brakes_fail.unless(chain_skips)  # type: ignore[arg-type]


def test_a_rule_cannot_be_changed_after_it_is_made():
    for node in (node for rule in RULES.values() for node in rule.walk()):
        for field in fields(node):
            with pytest.raises(FrozenInstanceError):
                setattr(node, field.name, None)


def test_a_rule_knows_its_findings():
    assert RULES["overhaul"].findings() == {ridden_km, noise}
    assert RULES["greeting"].findings() == frozenset()


def test_a_finding_shows_itself_by_its_id():
    assert repr(brakes_fail) == "brakes_fail"


# -- the vocabulary ------------------------------------------------------------------------------------------------


def test_a_vocabulary_keeps_its_order_and_finds_by_id():
    assert list(VOCABULARY)[:2] == ["brakes_fail", "frame_cracked"]
    assert VOCABULARY["noise"] is noise
    assert len(VOCABULARY) == 11
    assert "bell" not in VOCABULARY
    with pytest.raises(KeyError):
        VOCABULARY["bell"]


@pytest.mark.parametrize(
    ("stranger", "nearest"),
    [
        ("break_fails", "brakes_fail"),
        ("brake_fail", "brakes_fail"),
        ("front_thread", "front_tread"),
        ("riden_km", "ridden_km"),
        ("Noise", "noise"),
        ("saddle_height", None),
        ("", None),
        ("x", None),
    ],
)
def test_the_nearest_known_finding_is_named(stranger, nearest):
    assert VOCABULARY.nearest(stranger) == nearest


def test_the_nearest_to_a_known_finding_is_itself():
    assert all(VOCABULARY.nearest(id) == id for id in VOCABULARY)


def test_an_empty_vocabulary_has_nothing_near():
    assert Vocabulary([]).nearest("brakes_fail") is None
