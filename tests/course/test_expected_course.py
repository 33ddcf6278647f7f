"""Where somebody stands beside an expected course: only sourced points, one outcome at a time, and never an alarm."""

import pytest
from course_people import BOTH_LEGS, CANCER_ONCE, DAY, PLAIN_BACK, day, told, walk

from ruggespraak.course import Recovery, Verdict, deviation, expected, expected_course, step
from ruggespraak.course.expected_course import Place, Standing, place_beside, standings
from ruggespraak.pathway.rules import Complaint, Parameter, Status
from ruggespraak.pathway.texts import LANGUAGES, table

(MENEZ,) = [curve for curve in expected("nonspecific") if curve.source == "MENEZ"]
SCIATICA = PLAIN_BACK | {
    "leg_pain": True,
    "leg_pain_below_knee": True,
    "leg_worse_than_back": True,
    "cough_sneeze_strain": True,
}
A, L, B = Place.AHEAD, Place.LEVEL, Place.BEHIND


def plain(first: object = None, **more: object):
    return told(0, PLAIN_BACK, onset_date=DAY, **{**(first or {}), **more})  # type: ignore[dict-item]


def told_of(episode, n):
    return [(one.place, one.finding, one.beside) for one in standings(episode, day(n))]


# -- beside a group


# What a GP finds by hand: MENEZ's intervals of the mean are 4.8-5.7, 2.1-2.5, 0.9-1.5 and 0.3-1.0 of 10.
@pytest.mark.parametrize(
    ("days", "places"),
    [
        ((0,), [A, A, A, A, A, L, L, B, B, B, B]),
        ((1, 14, 41), [A, A, L, L, L, L, L, B, B, B, B]),
        ((42,), [A, A, L, L, B, B, B, B, B, B, B]),
        ((43, 84, 181), [A, L, L, L, B, B, B, B, B, B, B]),
        ((182,), [A, L, L, B, B, B, B, B, B, B, B]),
        ((183, 363), [L, L, L, B, B, B, B, B, B, B, B]),
        ((364,), [L, L, B, B, B, B, B, B, B, B, B]),
    ],
)
def test_every_score_on_every_kind_of_day_stands_where_the_intervals_say(days, places):
    for n in days:
        assert [place_beside(MENEZ, n, score)[0] for score in range(11)] == places


def test_between_two_points_behind_means_worse_than_the_earlier_and_ahead_better_than_the_later():
    place, points = place_beside(MENEZ, 60, 3)
    assert (place, [point.day for point in points]) == (L, [42, 182])
    assert [point.day for point in place_beside(MENEZ, 42, 3)[1]] == [42]


def test_outside_the_days_of_a_curve_nothing_is_said_of_it():
    assert place_beside(MENEZ, -1, 3) is None
    assert place_beside(MENEZ, 365, 3) is None
    work = next(curve for curve in expected("nonspecific") if curve.points[0].low is None)
    assert place_beside(work, work.points[0].day, 3) is None, "no interval, no comparison"


@pytest.mark.parametrize(("score", "place"), [(1, A), (3, L), (5, B)])
def test_a_new_plain_back_stands_beside_the_group_with_one_score_too(score, place):
    assert told_of(walk(plain(), told(42, pain_back_nrs=score)), 42) == [(place, "pain_back_nrs", "group")]


def test_the_day_that_counts_is_that_of_the_score():
    episode = walk(plain(pain_back_nrs=6), told(41, pain_back_nrs=6))
    assert told_of(episode, 41) == told_of(episode, 50) == [(L, "pain_back_nrs", "group")]


def test_behind_moves_no_contact_and_is_no_worse():
    behind = walk(plain(pain_back_nrs=7), told(14, pain_back_nrs=7, course="better"))
    level = walk(plain(pain_back_nrs=6), told(14, pain_back_nrs=6, course="better"))
    assert (told_of(behind, 14)[0][0], told_of(level, 14)[0][0]) == (B, L)
    assert deviation(behind, day(14)).verdict is Verdict.ON_COURSE
    assert (behind.next_contact, behind.why) == (level.next_contact, level.why)


# -- beside the own start only


def test_what_nobody_has_a_curve_for_stands_beside_the_own_first_score():
    episode = walk(plain(activity_score=3, pain_leg_nrs=6), told(28, activity_score=5, pain_leg_nrs=5))
    assert told_of(episode, 28) == [(L, "pain_leg_nrs", "start"), (A, "activity_score", "start")]


def test_sciatica_has_no_curve_of_pain_so_only_the_own_start_counts():
    first = told(0, SCIATICA, onset_date=DAY, pain_back_nrs=4, pain_leg_nrs=8)
    episode = walk(first, told(42, pain_back_nrs=4, pain_leg_nrs=5))
    assert episode.decision.complaint is Complaint.RADICULAR
    assert told_of(episode, 42) == [(L, "pain_back_nrs", "start"), (A, "pain_leg_nrs", "start")]


@pytest.mark.parametrize(
    ("edition", "first_scored", "beside"),
    [("current", 42, "group"), ("current", 43, "start"), ("acp", 28, "group"), ("acp", 29, "start")],
)
def test_who_came_when_the_pain_was_no_longer_acute_is_not_like_the_groups(edition, first_scored, beside):
    first = told(first_scored, PLAIN_BACK, onset_date=DAY, pain_back_nrs=6)
    episode = walk(first, told(first_scored + 14, pain_back_nrs=5), edition=edition)
    assert [one.beside for one in standings(episode, day(first_scored + 14))] == [beside]


def test_after_a_year_and_without_an_onset_the_own_start_is_left():
    late = walk(plain(pain_back_nrs=6), told(365, pain_back_nrs=2))
    assert told_of(late, 365) == [(A, "pain_back_nrs", "start")]
    no_onset = walk(told(0, PLAIN_BACK, pain_back_nrs=6), told(20, pain_back_nrs=6))
    assert told_of(no_onset, 20) == [(L, "pain_back_nrs", "start")]


def test_outcomes_are_never_joined():
    episode = walk(plain(pain_back_nrs=6, activity_score=3), told(42, pain_back_nrs=5, activity_score=8))
    assert [place for place, *_ in told_of(episode, 42)] == [B, A]


# -- nothing can be said, or something else must be


def test_before_day_14_it_is_too_early_whatever_the_score():
    assert standings(walk(plain(pain_back_nrs=9)), day(13)) == (Standing(Place.UNKNOWN, "deviation_too_early"),)


def test_without_a_fresh_score_nothing_can_be_said():
    episode = walk(plain(), told(14, pain_back_nrs=5))
    assert told_of(episode, 27)[0][0] is L
    assert standings(episode, day(28)) == (Standing(Place.UNKNOWN, "standing_no_score"),)
    assert standings(walk(), day(0)) == (Standing(Place.UNKNOWN, "standing_no_score"),)


def test_a_first_score_without_a_curve_is_only_the_first():
    episode = walk(plain(), told(14, activity_score=5))
    assert standings(episode, day(14)) == (Standing(Place.UNKNOWN, "standing_first_score", "activity_score"),)


@pytest.mark.parametrize("more", [{"course": "worse"}, {"saddle_numbness": True}, {"activity_score": 2}])
def test_who_gets_worse_hears_that_alone_however_low_the_pain(more):
    episode = walk(plain(activity_score=6), told(14, pain_back_nrs=0, **more))
    (found,) = standings(episode, day(14))
    assert found == Standing(Place.WORSE, f"deviation_{deviation(episode, day(14)).reason}")


@pytest.mark.control("C-51")
@pytest.mark.parametrize("alarm", [CANCER_ONCE, BOTH_LEGS])
def test_nothing_calm_stands_beside_an_open_alarm(alarm):
    episode = walk(told(0, PLAIN_BACK | alarm, onset_date=DAY, pain_back_nrs=8), told(42, pain_back_nrs=1))
    assert standings(episode, day(42)) == (Standing(Place.UNKNOWN, "deviation_alarm_first"),)


def test_who_recovered_is_compared_with_nobody():
    episode = step(walk(plain(pain_back_nrs=2)), Recovery(day(20)))
    assert standings(episode, day(20)) == (Standing(Place.UNKNOWN, "deviation_recovered"),)


# -- words and numbers


def test_every_standing_has_words_and_no_words_are_left_over():
    ids = {f"standing_group_{place}" for place in (A, L, B)} | {"standing_no_score", "standing_first_score"}
    ids |= {f"standing_{finding}_{place}" for finding, *_ in expected_course.SCORES for place in (A, L)}
    assert ids == {id for id in table("recovery") if id.startswith("standing_")}
    for id in ids:
        for lang in LANGUAGES:
            assert Standing(Place.UNKNOWN, id).words(lang)


def test_beside_a_group_it_says_so_and_beside_the_own_start_it_says_that_that_is_all():
    for id, entry in table("recovery").items():
        if id.startswith("standing_group_"):
            assert "gemiddeld" in entry["says"]["nl"]
        elif id.startswith("standing_") and id.endswith(("_ahead", "_level")):
            assert "alleen naar uw eigen cijfers" in entry["says"]["nl"]
    behind = table("recovery")["standing_group_behind"]["says"]["nl"]
    assert "veel mensen" in behind
    assert "zegt niet dat er iets mis is" in behind


def test_the_number_of_our_own_says_so():
    (own,) = [one for one in vars(expected_course).values() if isinstance(one, Parameter) and not one.because]
    assert (own.name, own, own.status) == ("score_rounding", 0.5, Status.OWN_CHOICE)
