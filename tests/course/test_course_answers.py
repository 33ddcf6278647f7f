"""What an answer is worth on a later day, and what a new answer does to an old one."""

import pytest
from course_people import DAY, NUMB_SADDLE, PLAIN_BACK, day, told, walk

from ruggespraak.consult import as_json, read_case
from ruggespraak.course import Contact, EditionChanged, case_on, step
from ruggespraak.course.answers import DAYS_THAT_PASS, LASTING, SAME_FACT, SETS_ASIDE, WHO_ONE_IS, known_on, signs
from ruggespraak.pathway.findings import VOCABULARY
from ruggespraak.pathway.rules import Urgency

EXAMINED = {id: 5 for id in VOCABULARY if id.startswith("mrc_")}


@pytest.mark.parametrize("finding", DAYS_THAT_PASS)
def test_days_since_something_began_grow_with_time(finding):
    episode = walk(told(0, {finding: 10}))
    assert known_on(episode, day(7))[finding] == 17
    assert episode.value(finding) == 10  # as it was given


def test_an_onset_date_stands_and_gives_the_onset():
    episode = walk(told(0, onset_date=day(-5)))
    assert known_on(episode, day(30))["onset_date"] == day(-5)
    assert episode.onset == day(-5) == walk(told(0, duration_days=5)).onset


def test_the_newest_of_onset_date_and_duration_counts():
    episode = walk(told(0, duration_days=40), told(1, onset_date=day(-2)))
    assert episode.onset == day(-2)
    assert "duration_days" not in known_on(episode, day(3))


def test_an_age_grows_by_whole_years():
    episode = walk(told(0, age_years=74))
    assert known_on(episode, day(364))["age_years"] == 74
    assert known_on(episode, day(366))["age_years"] == 75


def test_days_do_not_grow_beyond_what_can_be_answered():
    assert known_on(walk(told(0, duration_days=36500)), day(10))["duration_days"] == 36500


def test_an_age_does_not_grow_beyond_what_can_be_answered_so_that_the_case_can_be_read_again():
    case = case_on(walk(told(0, age_years=120)), day(400))
    assert read_case(as_json(case)).answers["age_years"] == 120


def test_nobody_grows_into_the_exemption_of_pain_in_both_legs_for_90_days():
    assert "bilateral_since_days" not in known_on(walk(told(0, bilateral_since_days=85)), day(10))
    assert known_on(walk(told(0, bilateral_since_days=95)), day(10))["bilateral_since_days"] == 105


@pytest.mark.control("C-30")
def test_a_no_to_an_alarm_is_asked_again_after_two_weeks_and_a_yes_stays():
    episode = walk(told(0, saddle_numbness=False, fever_reported=True, leg_pain=False))
    assert known_on(episode, day(13))["saddle_numbness"] is False
    later = known_on(episode, day(14))
    assert "saddle_numbness" not in later
    assert (later["fever_reported"], later["leg_pain"]) == (True, False)
    assert known_on(episode, day(14), renew=False)["saddle_numbness"] is False


def test_what_lasts_is_not_asked_again_within_an_episode():
    assert known_on(walk(told(0, cancer_history=False)), day(60))["cancer_history"] is False


def test_unclear_leaves_an_alarming_answer_as_it_is():
    episode = walk(told(0, NUMB_SADDLE), told(1, unclear=("saddle_numbness",)))
    assert episode.value("saddle_numbness") is True
    assert "saddle_numbness" not in episode.unclear
    assert episode.decision.urgency is Urgency.EMERGENCY


def test_unclear_makes_a_reassuring_answer_unknown():
    episode = walk(told(0, PLAIN_BACK), told(1, unclear=("saddle_numbness",)))
    assert episode.value("saddle_numbness") is None
    assert episode.unclear == {"saddle_numbness"}
    assert episode.decision.urgency is Urgency.SAME_DAY


def test_unclear_about_what_set_an_alarm_aside_brings_the_alarm_back():
    before = walk(told(0, PLAIN_BACK | NUMB_SADDLE, saddle_numbness_before_episode=True))
    assert before.decision.urgency is Urgency.ROUTINE
    after = step(before, told(1, unclear=("saddle_numbness_before_episode",)))
    assert after.decision.urgency is Urgency.EMERGENCY


def test_unclear_about_anything_else_erases_nothing():
    episode = walk(told(0, PLAIN_BACK, pain_back_nrs=6), told(1, unclear=("pain_back_nrs", "leg_pain")))
    assert (episode.value("pain_back_nrs"), episode.value("leg_pain")) == (6, False)


def test_a_known_answer_is_no_longer_unclear():
    episode = walk(told(0, unclear=("saddle_numbness", "lhermitte")), told(1, saddle_numbness=False))
    assert episode.unclear == {"lhermitte"}


def test_a_normal_examination_stands_until_something_gets_worse():
    weak = PLAIN_BACK | {"weak_leg_reported": True}
    examined = walk(told(0, weak), told(1, EXAMINED, by="clinician"))
    assert examined.decision.urgency < Urgency.SAME_DAY
    same = step(examined, told(3, weak_leg_reported=True, pain_back_nrs=5))
    assert same.decision.urgency < Urgency.SAME_DAY
    worse = step(examined, told(3, toe_walk_fails=True))
    assert worse.decision.urgency >= Urgency.SAME_DAY
    assert worse.alarm_open


def test_what_one_clinician_finds_on_one_day_is_one_examination():
    examined = walk(told(0, PLAIN_BACK), told(1, EXAMINED, by="clinician"))
    for n, kept in ((1, 5), (2, None)):
        again = step(examined, told(n, by="clinician", weak_leg_reported=True))
        assert again.value("mrc_plantar_flexion") == kept


def test_what_an_examination_did_not_find_is_not_asked_again_because_time_passed():
    episode = walk(told(0, babinski_or_clonus=False, by="clinician"))
    assert known_on(episode, day(60))["babinski_or_clonus"] is False


def test_a_lowered_strength_is_never_forgotten():
    found = walk(told(0, PLAIN_BACK), told(1, EXAMINED | {"mrc_plantar_flexion": 4}, by="clinician"))
    worse = step(found, told(3, numb_leg=True))
    assert worse.value("mrc_plantar_flexion") == 4


def test_a_patients_milder_answer_counts_when_no_alarm_is_open():
    seen = walk(told(0, NUMB_SADDLE), Contact(DAY, seen=True), told(3, saddle_numbness=False))
    assert seen.value("saddle_numbness") is False


def test_the_case_of_a_day_carries_what_is_known_and_who_said_it():
    case = case_on(walk(told(0, PLAIN_BACK, duration_days=2, unclear=("lhermitte",))), day(3))
    assert (case.on, case.id, case.edition, case.answered_by) == (day(3), "someone", "current", "patient")
    assert case.answers["duration_days"] == 5
    examined = walk(told(0, PLAIN_BACK), told(1, EXAMINED, by="clinician"), told(2, pain_back_nrs=3))
    assert case_on(examined, day(2)).answered_by == "clinician"


def test_every_finding_named_here_exists():
    named = {*DAYS_THAT_PASS, *LASTING, *WHO_ONE_IS, *SETS_ASIDE, *SAME_FACT}
    assert named <= set(VOCABULARY)


def test_no_answer_both_alarms_and_reassures():
    for id in signs().findings:
        numbers = [0, 4, 5, 37.9, 38.0, 200]
        values = {"boolean": [True, False], "number": numbers, "choice": VOCABULARY[id].choices, "date": []}
        for value in values[VOCABULARY[id].kind]:
            assert not (signs().alarming(id, value) and signs().reassures(id, value))


def test_a_temperature_alarms_from_38_degrees_and_strength_below_5():
    assert signs().reassures("fever_c", 37.9)
    assert signs().alarming("fever_c", 38)
    assert signs().reassures("mrc_plantar_flexion", 5)
    assert signs().alarming("mrc_plantar_flexion", 4)


def test_an_alarm_cannot_be_taken_back_under_an_edition_that_does_not_know_it():
    episode = walk(told(0, NUMB_SADDLE), EditionChanged(DAY, "leaflet"), told(1, saddle_numbness=False))
    assert step(episode, EditionChanged(day(1), "current")).decision.urgency is Urgency.EMERGENCY
