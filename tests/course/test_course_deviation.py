"""Is recovery on course? Unknown is not no, and no group's curve is held against a person."""

from importlib import import_module

import pytest
from course_people import DAY, NUMB_SADDLE, PLAIN_BACK, day, told, walk

from ruggespraak.course import MILESTONES, Contact, Recovery, Relapse, Verdict, deviation
from ruggespraak.pathway.editions import edition
from ruggespraak.pathway.rules import Status as Claim

RULE = import_module("ruggespraak.course.deviation")  # its function has the same name


def verdict(episode, n):
    found = deviation(episode, day(n))
    return found.verdict, found.reason


@pytest.mark.parametrize("milestone", [int(moment) for moment in MILESTONES])
def test_who_is_no_better_at_a_milestone_is_slower(milestone):
    episode = walk(told(0, PLAIN_BACK, onset_date=DAY), told(milestone, course="same"))
    assert verdict(episode, milestone) == (Verdict.SLOWER, f"slower_{milestone}")


@pytest.mark.parametrize("milestone", [int(moment) for moment in MILESTONES])
@pytest.mark.parametrize("good", [{"course": "better"}, {"improving": True}])
def test_who_is_better_at_a_milestone_is_on_course(milestone, good):
    episode = walk(told(0, PLAIN_BACK, onset_date=DAY), told(milestone, good))
    assert verdict(episode, milestone) == (Verdict.ON_COURSE, "on_course")


@pytest.mark.parametrize("milestone", [int(moment) for moment in MILESTONES])
def test_who_did_not_say_how_it_goes_is_neither_slower_nor_on_course(milestone):
    episode = walk(told(0, PLAIN_BACK, onset_date=DAY, course="same"), Contact(day(milestone)))
    assert verdict(episode, milestone) == (Verdict.UNKNOWN, "not_told")


def test_before_day_14_it_is_too_early_to_say():
    episode = walk(told(0, PLAIN_BACK, onset_date=DAY), told(13, course="same"))
    assert verdict(episode, 13) == (Verdict.UNKNOWN, "too_early")


def test_worse_is_worse_on_any_day_also_when_the_onset_is_unknown():
    assert verdict(walk(told(0, PLAIN_BACK, course="worse")), 0) == (Verdict.WORSE, "got_worse")


def test_without_an_onset_nothing_can_be_said():
    assert verdict(walk(told(0, PLAIN_BACK, course="same")), 0) == (Verdict.UNKNOWN, "onset_unknown")


def test_better_alone_is_not_enough_from_day_42_on_when_the_pain_is_not_reduced_enough():
    answers = {"course": "better", "relief_sufficient": False}
    before = walk(told(0, PLAIN_BACK, onset_date=DAY), told(41, answers))
    assert verdict(before, 41) == (Verdict.ON_COURSE, "on_course")
    after = walk(told(0, PLAIN_BACK, onset_date=DAY), told(42, answers))
    assert verdict(after, 42) == (Verdict.SLOWER, "relief_not_enough")


@pytest.mark.parametrize(
    ("first", "later", "expected"), [(6, 3, "on_course"), (6, 5, "slower_14"), (6, 8, "pain_rose")]
)
def test_pain_scores_say_what_words_did_not(first, later, expected):
    episode = walk(told(0, PLAIN_BACK, onset_date=DAY, pain_back_nrs=first), told(14, pain_back_nrs=later))
    assert verdict(episode, 14)[1] == expected


@pytest.mark.parametrize(
    ("first", "later", "expected"),
    [
        ((1, 9), (1, 9), "on_course"),  # neither can gain two points any more
        ((2, 9), (2, 9), "slower_14"),
        ((1, 8), (1, 8), "slower_14"),  # little pain, but there is still much that does not go
        ((1, 6), (1, 8), "on_course"),
    ],
)
def test_who_has_next_to_nothing_left_to_gain_is_not_called_slower(first, later, expected):
    def scored(n, scores):
        return told(n, PLAIN_BACK, onset_date=DAY, pain_back_nrs=scores[0], activity_score=scores[1])

    assert verdict(walk(scored(0, first), scored(14, later)), 14)[1] == expected


def test_doing_less_is_worse_whatever_the_pain():
    first = told(0, PLAIN_BACK, onset_date=DAY, activity_score=6, pain_back_nrs=7)
    episode = walk(first, told(14, activity_score=4, pain_back_nrs=2))
    assert verdict(episode, 14) == (Verdict.WORSE, "activity_fell")


def test_one_score_is_no_change():
    episode = walk(told(0, PLAIN_BACK, onset_date=DAY), told(14, pain_back_nrs=9))
    assert verdict(episode, 14) == (Verdict.UNKNOWN, "not_told")


def test_a_new_alarm_is_worse_and_an_alarm_from_the_start_comes_first():
    new = walk(told(0, PLAIN_BACK, onset_date=DAY), told(14, saddle_numbness=True, course="better"))
    assert verdict(new, 14) == (Verdict.WORSE, "new_alarm")
    assert verdict(walk(told(0, NUMB_SADDLE)), 0) == (Verdict.UNKNOWN, "alarm_first")


def test_who_recovered_is_on_course_and_a_relapse_starts_counting_again():
    recovered = walk(told(0, PLAIN_BACK, onset_date=DAY, pain_back_nrs=2), Recovery(day(20)))
    assert verdict(recovered, 20) == (Verdict.ON_COURSE, "recovered")
    again = walk(told(0, PLAIN_BACK, pain_back_nrs=2), Recovery(day(20)), Relapse(day(90)), told(105, pain_back_nrs=7))
    assert deviation(again, day(105)).day == 15
    assert verdict(again, 105) == (Verdict.UNKNOWN, "not_told")


def test_the_last_milestone_holds_from_there_on():
    episode = walk(told(0, PLAIN_BACK, onset_date=DAY), told(400, course="same"))
    assert deviation(episode, day(400)).milestone == 84


@pytest.mark.parametrize(
    ("numbers", "n", "expected"),
    [
        ({"recheck_on": 10}, 10, (Verdict.SLOWER, "slower_14")),  # the first milestone, on another day
        ({"recheck_on": 20}, 14, (Verdict.UNKNOWN, "too_early")),
        ({"chronic_from": 98}, 84, (Verdict.SLOWER, "slower_42")),
    ],
)
def test_the_days_are_those_of_the_episodes_own_edition(numbers, n, expected, monkeypatch):
    revised = edition("current").revise("other", "1", parameters=numbers)
    episode = walk(told(0, PLAIN_BACK, onset_date=DAY), told(n, course="same"))
    monkeypatch.setattr(RULE, "edition", lambda _: revised)
    assert verdict(episode, n) == expected


@pytest.mark.parametrize(("recheck_on", "expected"), [(14, "not_told"), (21, "on_course")])
def test_an_answer_counts_until_the_alarms_are_checked_again(recheck_on, expected, monkeypatch):
    revised = edition("current").revise("other", "1", parameters={"recheck_on": recheck_on})
    episode = walk(told(0, PLAIN_BACK, onset_date=DAY), told(14, course="better"))
    monkeypatch.setattr(RULE, "edition", lambda _: revised)
    assert verdict(episode, 28)[1] == expected


def test_every_number_of_the_rule_says_where_it_comes_from():
    for number in (RULE.PAIN_CHANGE, RULE.ACTIVITY_CHANGE, *MILESTONES):
        assert number.name
        assert number.unit
        assert number.because or number.status is Claim.OWN_CHOICE
