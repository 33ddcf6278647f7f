"""Questionnaires are scored as their makers say, in the right direction, and never with an item missing."""

import csv
from importlib.resources import files
from itertools import product

import pytest

from ruggespraak.course import instruments
from ruggespraak.course.instruments import (
    Change,
    MissingItemError,
    Risk,
    activities_changed,
    from_hindrance,
    orebro_short,
    own_activities,
    roland_morris,
    start_back,
)
from ruggespraak.pathway.rules import Parameter, Status


def ticked(*places: int, of: int) -> list[bool]:
    return [place in places for place in range(1, of + 1)]


def test_every_number_has_a_name_a_unit_and_a_source_that_exists_and_was_read():
    with files("ruggespraak.pathway").joinpath("sources.csv").open(encoding="utf-8") as lines:
        known = {row["key"] for row in csv.DictReader(lines)}
    numbers = [one for one in vars(instruments).values() if isinstance(one, Parameter)]
    assert len(numbers) == len({one.name for one in numbers}) == 7
    for number in numbers:
        assert number.unit
        assert number.because
        assert set(number.because) <= known
        assert number.status is Status.READ


# -- STarT Back


@pytest.mark.parametrize(
    ("places", "total", "psychological", "risk"),
    [
        ((), 0, 0, Risk.LOW),
        ((7, 8, 9), 3, 3, Risk.LOW),  # three in all is low, whichever they are
        ((1, 7, 8, 9), 4, 3, Risk.MEDIUM),
        ((1, 2, 3, 4), 4, 0, Risk.MEDIUM),
        ((1, 2, 3, 4, 5, 6, 7), 7, 3, Risk.MEDIUM),
        ((5, 6, 7, 8), 4, 4, Risk.HIGH),  # the same four in all, but of mind
        ((4, 6, 7, 8, 9), 5, 4, Risk.HIGH),
        (tuple(range(1, 10)), 9, 5, Risk.HIGH),
    ],
)
def test_start_back_is_low_to_three_and_high_from_four_of_the_last_five(places, total, psychological, risk):
    found = start_back(ticked(*places, of=9))
    assert (found.total, found.psychological, found.risk) == (total, psychological, risk)


def test_one_more_positive_item_never_lowers_the_risk_of_start_back():
    order = list(Risk)
    for items in product((False, True), repeat=9):
        now = order.index(start_back(items).risk)
        for place in range(9):
            more = [*items[:place], True, *items[place + 1 :]]
            assert order.index(start_back(more).risk) >= now


# -- Örebro


@pytest.mark.parametrize(("items", "total", "at_risk"), [([5] * 10, 50, True), ([5] * 9 + [4], 49, False)])
def test_fifty_points_of_orebro_is_at_risk_and_forty_nine_is_not(items, total, at_risk):
    found = orebro_short(items)
    assert (found.total, found.at_risk) == (total, at_risk)


def test_orebro_goes_from_nothing_to_a_hundred():
    assert orebro_short([0] * 10).total == 0
    assert orebro_short([10] * 10).total == 100


# -- Roland-Morris


def test_roland_morris_counts_the_sentences_that_hold():
    assert roland_morris([False] * 24) == 0
    assert roland_morris(ticked(1, 7, 24, of=24)) == 3
    assert roland_morris([True] * 24) == 24


# -- own activities, and hindrance


def test_own_activities_are_the_mean_of_one_to_five():
    assert own_activities({"tuin": 3}) == 3
    assert own_activities({"tuin": 3, "fietsen": 6, "werk": 0}) == 3
    for wrong in ({}, dict.fromkeys("abcdef", 5)):
        with pytest.raises(ValueError, match="choose one to 5"):
            own_activities(wrong)


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ({"a": 4, "b": 4}, {"a": 6, "b": 6}, Change.BETTER),  # two points of a mean
        ({"a": 4, "b": 4}, {"a": 6, "b": 5}, Change.NOT_SURE),
        ({"a": 4, "b": 4}, {"a": 2, "b": 2}, Change.WORSE),
        ({"a": 4}, {"a": 6}, Change.NOT_SURE),  # of one activity it takes three
        ({"a": 4}, {"a": 7}, Change.BETTER),
        ({"a": 4}, {"a": 1}, Change.WORSE),
    ],
)
def test_activities_change_by_two_points_together_or_three_alone(before, now, expected):
    assert activities_changed(before, now) is expected


def test_only_the_same_activities_can_be_compared():
    with pytest.raises(ValueError, match="fietsen, tuin was not scored both times"):
        activities_changed({"tuin": 4, "werk": 3}, {"fietsen": 8, "werk": 3})


def test_hindrance_goes_the_other_way_and_is_turned_by_name_before_it_counts():
    before = {"tuin": 8, "fietsen": 7, "werk": 10}
    now = {"tuin": 4, "fietsen": 5, "werk": 8}
    assert from_hindrance(before) == {"tuin": 2, "fietsen": 3, "werk": 0}
    assert activities_changed(from_hindrance(before), from_hindrance(now)) is Change.BETTER
    # what would be said of somebody who gets better, if nobody turned the scores
    assert activities_changed(before, now) is Change.WORSE


def test_hindrance_is_about_three_activities():
    with pytest.raises(ValueError, match="it has 3"):
        from_hindrance({"tuin": 8})


# -- no total is made up


@pytest.mark.parametrize(
    ("score", "item"),
    [
        (lambda: start_back([True] * 8 + [None]), "item 9"),
        (lambda: orebro_short([1, None, *[1] * 8]), "item 2"),
        (lambda: roland_morris([None] + [False] * 23), "item 1"),
        (lambda: own_activities({"tuin": 3, "werk": None}), "werk"),
        (lambda: from_hindrance({"tuin": 3, "werk": None, "fietsen": 1}), "werk"),
    ],
)
def test_an_item_without_an_answer_gives_no_total_and_is_named(score, item):
    with pytest.raises(MissingItemError, match="has no answer, so there is no total") as error:
        score()
    assert error.value.item == item


@pytest.mark.parametrize(
    ("score", "says"),
    [
        (lambda: start_back([True] * 8), "8 items were given; it has 9"),
        (lambda: orebro_short([1] * 11), "11 items were given; it has 10"),
        (lambda: roland_morris([True] * 23), "23 items were given; it has 24"),
        (lambda: orebro_short([11, *[1] * 9]), "item 1 is 11; it goes from 0 to 10"),
        (lambda: own_activities({"tuin": -1}), "tuin is -1; it goes from 0 to 10"),
        (lambda: start_back([4, *[True] * 8]), "item 1 is 4; give True or False"),
    ],
)
def test_what_cannot_be_an_answer_is_refused_and_the_message_says_what_is(score, says):
    with pytest.raises(ValueError, match=says):
        score()
