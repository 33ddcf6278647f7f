"""One patient over time: what each event does."""

from copy import deepcopy

import pytest
from course_people import BOTH_LEGS, CANCER_ONCE, DAY, NUMB_SADDLE, PLAIN_BACK, day, told, walk

from ruggespraak.course import (
    Contact,
    EditionChanged,
    EventOrderError,
    HandOver,
    HandOverConfirmed,
    Recovery,
    Relapse,
    Silence,
    Status,
    open_episode,
    step,
)
from ruggespraak.pathway.editions import UnknownEditionError
from ruggespraak.pathway.rules import Complaint, Urgency
from ruggespraak.pathway.texts import LANGUAGES

# -- answers and decisions


def test_a_new_episode_is_dated_from_its_first_moment():
    episode = walk()
    assert (episode.status, episode.next_contact, episode.why) == (Status.OPEN, DAY, "first_questions")
    assert episode.decision is None


def test_answers_bring_a_decision_and_its_review():
    episode = walk(told(0, PLAIN_BACK, duration_days=3))
    assert episode.decision.complaint is Complaint.NONSPECIFIC
    assert episode.decision.review_on == episode.next_contact == day(11)
    assert episode.why == episode.decision.review == "day_14"


def test_an_emergency_is_asked_after_on_the_same_day_by_phone():
    episode = walk(told(0, NUMB_SADDLE))
    assert (episode.next_contact, episode.why, episode.channel) == (DAY, "arrived", "phone")
    assert episode.alarm_open


def test_the_newest_answer_counts_and_the_history_keeps_both():
    episode = walk(told(0, PLAIN_BACK, pain_back_nrs=7), told(5, pain_back_nrs=3))
    assert episode.value("pain_back_nrs") == 3
    assert list(episode.said("pain_back_nrs")) == [(DAY, 7), (day(5), 3)]


def test_nothing_said_erases_nothing():
    episode = walk(told(0, PLAIN_BACK), told(2, pain_back_nrs=None))
    assert episode.value("saddle_numbness") is False
    assert episode.value("pain_back_nrs") is None


def test_getting_worse_brings_the_contact_sooner():
    episode = walk(told(0, PLAIN_BACK, duration_days=3), told(1, course="worse"))
    assert (episode.next_contact, episode.why) == (day(4), "got_worse")


def test_two_weeks_later_the_alarms_are_open_again():
    episode = walk(told(0, PLAIN_BACK, duration_days=1), Contact(day(13)))
    assert episode.decision.not_excluded < Urgency.EMERGENCY
    later = step(episode, Contact(day(14)))
    assert later.decision.not_excluded is Urgency.EMERGENCY
    assert later.next_contact <= day(28)


# -- an open alarm


def test_who_feels_better_with_an_emergency_that_nobody_saw_stays_open():
    episode = walk(told(0, NUMB_SADDLE), Recovery(DAY))
    assert episode.status is Status.OPEN
    assert episode.next_contact == DAY


@pytest.mark.parametrize(("answers", "days"), [(NUMB_SADDLE, 0), (BOTH_LEGS, 1), (CANCER_ONCE, 3)])
def test_recovery_does_not_close_an_alarm_that_nobody_has_looked_at(answers, days):
    open_alarm = walk(told(0, answers), Silence(day(3)))
    episode = step(open_alarm, Recovery(day(3)))
    assert episode.status is Status.OPEN
    assert day(3) <= episode.next_contact <= min(day(3 + days), max(open_alarm.next_contact, day(3)))


def test_recovery_closes_once_somebody_has_looked():
    episode = walk(told(0, NUMB_SADDLE), Contact(DAY, seen=True), Recovery(day(1)))
    assert episode.status is Status.RECOVERED
    assert episode.next_contact is None
    assert episode.why is None


def test_a_phone_call_is_not_an_examination():
    episode = walk(told(0, NUMB_SADDLE), Contact(DAY))
    assert episode.alarm_open
    assert episode.next_contact == DAY


@pytest.mark.control("C-06")
def test_a_patient_cannot_take_back_an_open_alarm_but_a_clinician_can():
    taken_back = walk(told(0, PLAIN_BACK | NUMB_SADDLE), told(1, saddle_numbness=False))
    assert taken_back.decision.urgency is Urgency.EMERGENCY
    examined = step(taken_back, told(1, by="clinician", saddle_numbness=False))
    assert not examined.alarm_open


def test_what_was_there_before_this_episode_sets_the_alarm_aside():
    episode = walk(told(0, PLAIN_BACK | NUMB_SADDLE), told(0, saddle_numbness_before_episode=True))
    assert episode.decision.urgency is Urgency.ROUTINE
    assert not episode.alarm_open


def test_an_unclear_alarm_is_settled_by_a_clear_no():
    unclear = walk(told(0, PLAIN_BACK | {"saddle_numbness": None}, unclear=("saddle_numbness",)))
    assert unclear.concern is Urgency.SAME_DAY
    assert step(unclear, told(1, saddle_numbness=False)).concern < Urgency.WITHIN_DAYS


def test_time_alone_does_not_lift_an_alarm_that_nobody_has_looked_at():
    fall = walk(told(0, low_back_pain=True, significant_trauma=True, trauma_days_ago=10))
    later = step(fall, told(6, pain_back_nrs=4))
    assert later.decision.urgency is Urgency.WITHIN_DAYS
    assert later.concern is Urgency.EMERGENCY
    assert later.next_contact == day(6)


def test_who_was_seen_is_asked_what_came_of_it_and_not_again_whether_they_arrived():
    episode = walk(told(0, NUMB_SADDLE), Contact(DAY, seen=True), told(2, saddle_numbness=True, pain_back_nrs=2))
    assert not episode.alarm_open
    assert (episode.next_contact, episode.why) == (day(5), "after_seen")


def test_a_new_alarm_after_being_seen_must_be_looked_at_again():
    seen = walk(told(0, NUMB_SADDLE), Contact(DAY, seen=True))
    for news in ({"weakness_progressive": True}, {"urinary_retention": True}):
        again = step(seen, told(2, news))
        assert again.alarm_open
        assert again.next_contact == day(2)


def test_an_alarm_that_is_new_to_the_edition_must_be_looked_at_again():
    seen = walk(told(0, NUMB_SADDLE), Contact(DAY, seen=True), edition="leaflet")
    assert step(seen, EditionChanged(day(1), "current")).alarm_open


def test_doubt_about_another_alarm_after_being_seen_must_be_looked_at():
    seen = walk(told(0, PLAIN_BACK | NUMB_SADDLE), Contact(DAY, seen=True))
    assert step(seen, told(1, unclear=("urinary_retention",))).alarm_open
    assert step(seen, told(1, unclear=("post_void_residual_ml",))).alarm_open
    assert not step(seen, told(1, unclear=("pain_back_nrs", "psoriasis"))).alarm_open


def test_a_clinicians_answers_settle_an_alarm_that_time_would_lift():
    fall = walk(told(0, low_back_pain=True, significant_trauma=True, trauma_days_ago=10))
    assert step(fall, told(6, by="clinician", pain_back_nrs=4)).concern is Urgency.WITHIN_DAYS


def test_a_phone_call_after_two_weeks_does_not_lift_an_alarm():
    fall = walk(told(0, low_back_pain=True, significant_trauma=True, trauma_days_ago=10))
    assert step(fall, Contact(day(6))).concern is Urgency.EMERGENCY


# -- silence


def test_silence_tells_nothing_and_decides_nothing():
    before = walk(told(0, NUMB_SADDLE))
    after = step(before, Silence(DAY))
    assert after.decisions == before.decisions
    assert after.answers == before.answers


@pytest.mark.parametrize(("answers", "days"), [(NUMB_SADDLE, 1), (BOTH_LEGS, 1), (CANCER_ONCE, 3), (PLAIN_BACK, 14)])
def test_silence_dates_the_next_attempt(answers, days):
    episode = walk(told(0, answers))
    for _ in range(6):
        due = episode.next_contact
        episode = step(episode, Silence(due))
        assert (episode.next_contact - due).days == days
        assert episode.status is Status.OPEN


@pytest.mark.control("C-27")
def test_after_silence_on_an_emergency_somebody_phones_the_next_day():
    episode = walk(told(0, NUMB_SADDLE), Silence(DAY))
    assert (episode.next_contact, episode.channel, episode.needs_a_person) == (day(1), "phone", True)


def test_after_repeated_silence_a_person_calls():
    once = walk(told(0, PLAIN_BACK), Silence(day(90)))
    assert (once.needs_a_person, once.channel) == (False, "message")
    twice = step(once, Silence(once.next_contact))
    assert (twice.needs_a_person, twice.channel) == (True, "phone")
    assert not step(twice, Contact(twice.next_contact)).needs_a_person


@pytest.mark.parametrize("duration", [3, 200])
def test_silence_before_the_contact_is_due_changes_nothing(duration):
    before = walk(told(0, PLAIN_BACK, duration_days=duration))
    after = step(before, Silence(day(2)))
    assert (after.next_contact, after.why, after.missed) == (before.next_contact, before.why, 0)


# -- hand-over


@pytest.mark.control("C-28")
def test_a_hand_over_ends_follow_up_only_when_it_is_confirmed():
    offered = walk(told(0, PLAIN_BACK), HandOver(day(1), "physiotherapist"))
    assert offered.status is Status.HANDED_OVER
    assert offered.handed_to == "physiotherapist"
    assert offered.next_contact <= day(15)
    confirmed = step(offered, HandOverConfirmed(day(4)))
    assert confirmed.status is Status.CLOSED
    assert confirmed.next_contact is None


@pytest.mark.control("C-28")
def test_a_hand_over_that_nobody_confirms_is_asked_after_for_ever():
    episode = walk(told(0, PLAIN_BACK), HandOver(day(1), "physiotherapist"))
    for _ in range(10):
        episode = step(episode, Silence(episode.next_contact))
        assert episode.status is Status.HANDED_OVER
        assert episode.next_contact


def test_an_emergency_that_is_handed_over_is_asked_after_on_the_same_day():
    episode = walk(told(0, NUMB_SADDLE), HandOver(DAY, "neurologist"))
    assert (episode.next_contact, episode.why) == (DAY, "arrived")


def test_a_confirmation_without_a_hand_over_closes_nothing():
    assert walk(told(0, PLAIN_BACK), HandOverConfirmed(day(1))).status is Status.OPEN


def test_a_hand_over_never_puts_a_contact_off():
    before = walk(told(0, PLAIN_BACK, duration_days=13))
    assert step(before, HandOver(DAY, "physiotherapist")).next_contact == before.next_contact


def test_who_comes_back_after_a_confirmed_hand_over_was_looked_at_there():
    closed = walk(told(0, NUMB_SADDLE), HandOver(DAY, "neurologist"), HandOverConfirmed(DAY))
    back = step(closed, told(30, pain_back_nrs=2, saddle_numbness=True))
    assert (back.status, back.alarm_open, back.next_contact) == (Status.OPEN, False, day(33))


# -- recovery and relapse


def test_a_relapse_opens_a_new_episode_and_counts_the_earlier_ones():
    first = walk(told(0, PLAIN_BACK, duration_days=30, first_episode=True, course="better"), Recovery(day(5)))
    second = step(first, Relapse(day(200)))
    assert second.status is Status.OPEN
    assert second.opened == second.onset == day(200)
    assert second.earlier_episodes == 1
    assert (second.value("first_episode"), second.value("prev_episodes_n")) == (False, 1)
    assert second.next_contact <= day(203)
    third = step(step(second, Recovery(day(210))), Relapse(day(400)))
    assert (third.earlier_episodes, third.value("prev_episodes_n")) == (2, 2)


def test_a_relapse_keeps_who_one_is_and_what_lasts_and_asks_the_rest_anew():
    first = walk(told(0, PLAIN_BACK, sex_at_birth="female", osteoporosis_known=True, course="better"), Recovery(day(5)))
    second = step(first, Relapse(day(400)))
    assert (second.value("sex_at_birth"), second.value("osteoporosis_known")) == ("female", True)
    for asked_anew in ("saddle_numbness", "cancer_history", "course", "leg_pain", "duration_days"):
        assert second.value(asked_anew) is None
    assert second.decision.not_excluded is Urgency.EMERGENCY
    assert list(second.said("course")) == []


def test_cancer_in_the_past_is_an_alarm_again_in_a_new_episode():
    first = walk(told(0, PLAIN_BACK | CANCER_ONCE), Contact(day(1), seen=True), Recovery(day(5)))
    second = step(first, Relapse(day(400)))
    assert second.alarm_open
    assert step(second, Recovery(day(401))).status is Status.OPEN


def test_pain_that_comes_back_before_recovery_is_the_same_episode_and_is_asked_after_sooner():
    episode = walk(told(0, PLAIN_BACK, duration_days=3), Relapse(day(2)))
    assert (episode.earlier_episodes, episode.opened) == (0, DAY)
    assert (episode.next_contact, episode.why) == (day(5), "relapse")


def test_an_earlier_number_of_episodes_is_counted_on():
    first = walk(told(0, PLAIN_BACK, prev_episodes_n=4), Recovery(day(5)))
    assert step(first, Relapse(day(90))).value("prev_episodes_n") == 5


@pytest.mark.parametrize("ending", [[Recovery(day(2))], [HandOver(day(2), "gp"), HandOverConfirmed(day(2))]])
def test_who_reports_an_alarm_after_the_end_is_followed_again(ending):
    ended = walk(told(0, PLAIN_BACK), *ending)
    assert ended.ended
    episode = step(ended, told(9, saddle_numbness=True))
    assert (episode.status, episode.next_contact) == (Status.OPEN, day(9))
    assert episode.alarm_open


def test_silence_and_contact_after_the_end_change_nothing():
    ended = walk(told(0, PLAIN_BACK), Recovery(day(2)))
    for event in (Silence(day(9)), Contact(day(9)), EditionChanged(day(9), "leaflet")):
        after = step(ended, event)
        assert (after.status, after.next_contact, after.decisions) == (Status.RECOVERED, None, ended.decisions)


# -- editions


def test_another_edition_decides_again_on_the_same_answers_and_the_earlier_decision_stays():
    before = walk(told(0, PLAIN_BACK, duration_days=3))
    after = step(before, EditionChanged(day(20), "leaflet"))
    assert after.answers == before.answers
    assert after.decisions[0] == before.decision
    assert (len(after.decisions), after.decision.on) == (2, day(20))
    assert after.decision.edition.startswith("leaflet")


def test_an_edition_that_does_not_know_an_alarm_does_not_lift_it():
    episode = walk(told(0, NUMB_SADDLE), EditionChanged(DAY, "leaflet"), told(1, pain_back_nrs=2), Recovery(day(1)))
    assert episode.decision.urgency < Urgency.WITHIN_DAYS
    assert episode.alarm_open
    assert episode.next_contact == day(1)
    assert step(episode, Contact(day(1), seen=True)).alarm_open is False


def test_an_edition_that_knows_an_alarm_finds_it_in_old_answers():
    episode = walk(told(0, NUMB_SADDLE), edition="leaflet")
    assert not episode.alarm_open
    assert step(episode, EditionChanged(day(3), "current")).next_contact == day(3)


def test_another_edition_reads_the_same_answers_however_old_they_are():
    episode = walk(told(0, PLAIN_BACK), EditionChanged(day(30), "current"), edition="leaflet")
    assert episode.decision.not_excluded < Urgency.EMERGENCY


def test_an_edition_that_does_not_exist_is_named():
    with pytest.raises(UnknownEditionError, match="folk"):
        step(walk(), EditionChanged(DAY, "folk"))
    with pytest.raises(UnknownEditionError, match="folk"):
        open_episode("someone", DAY, "folk")


# -- order and purity


def test_an_event_before_the_last_one_is_refused_with_both_dates():
    episode = walk(told(3, PLAIN_BACK))
    with pytest.raises(EventOrderError, match=r"Recovery on 2026-01-16 .* 2026-01-18"):
        step(episode, Recovery(day(1)))
    with pytest.raises(EventOrderError, match=r"2026-01-14.*2026-01-15"):
        step(walk(), Contact(day(-1)))


def test_the_same_event_twice_from_the_same_episode_gives_the_same_and_leaves_it_as_it_was():
    before = walk(told(0, NUMB_SADDLE))
    copy = deepcopy(before)
    event = told(1, PLAIN_BACK, course="worse")
    assert step(before, event) == step(before, event)
    assert before == copy


def test_what_the_caller_does_with_the_answers_afterwards_is_no_part_of_the_history():
    answers = {"low_back_pain": True}
    event = told(0, answers)
    answers["low_back_pain"] = False
    assert event.told == {"low_back_pain": True}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_reason_for_a_contact_has_words(lang):
    for episode in (walk(), walk(told(0, PLAIN_BACK)), walk(told(0, NUMB_SADDLE), Silence(DAY))):
        assert episode.why_text(lang)
    assert walk(told(0, PLAIN_BACK), Recovery(DAY)).why_text(lang) is None
