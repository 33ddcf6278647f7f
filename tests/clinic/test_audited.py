"""What a practice stored, as the tables of an audit: as it counts now, by whom, and nothing that it does not have."""

from datetime import date, timedelta

import pytest

from clinic_people import CANCER, NUMB, PLAIN, answers, episode, practice
from ruggespraak.course import Answers, Contact, HandOver, HandOverConfirmed, Recovery, Relapse, Silence

ON, TODAY = date(2026, 1, 5), date(2026, 6, 1)


@pytest.fixture
def gps():
    return practice()


def days(number):
    return timedelta(days=number)


def add(to, event, by="gp"):
    from ruggespraak.clinic import record

    return record.add(to, event, by)


def stored(of):
    from ruggespraak.clinic.audited import stored

    return stored(of, TODAY)


def rows(of, table, *columns):
    found = [tuple(row[column] for column in columns) for row in stored(of).tables[table]]
    return found if len(columns) > 1 else [one for (one,) in found]


def told(of):
    return {(on, finding): value for on, finding, value in rows(of, "answers", "date", "finding", "value")}


def test_the_tables_are_those_of_an_audit_and_what_is_not_stored_is_not_there(gps):
    from ruggespraak.audit.records import KINDS, TABLES
    from ruggespraak.clinic.audited import KEPT
    from ruggespraak.clinic.models import Decision
    from ruggespraak.clinic.record import choose

    one = episode(gps, ON)
    add(one, HandOver(ON, "back_advice_centre"))
    choose(Decision.objects.get(fact__episode=one, fact__number=1), "no_scan_back", False, "asked for it", "gp")
    assert {*TABLES} - {*KEPT} == {"imaging", "medication", "operations", "history", "diagnoses"}
    for name, found in stored(gps).tables.items():
        assert found
        assert set(found[0]) == set(TABLES[name][1])
    assert set(rows(gps, "contacts", "kind")) | set(rows(gps, "referrals", "to")) <= set(KINDS)


def test_what_others_do_and_who_agreed_is_not_seen_here_and_measures_that_ask_for_it_know_that():
    from ruggespraak.audit.measures import MEASURES, REVIEWS, TREATMENT
    from ruggespraak.clinic.audited import ABSENT

    assert ABSENT == (REVIEWS, TREATMENT)
    assert {one.id for one in MEASURES if REVIEWS in one.needs} == {"no_dated_review"}
    assert {one.id for one in MEASURES if TREATMENT in one.needs} == {
        "physiotherapy_not_begun", "psychologist_not_begun", "occupational_physician_not_seen",
    }  # fmt: skip


def test_whoever_a_patient_is_handed_over_to_has_a_kind():
    from ruggespraak.audit.records import KINDS
    from ruggespraak.clinic.audited import SENT_TO
    from ruggespraak.web.practice_patient import ADDRESSED

    assert {SENT_TO.get(to, to) for to in ADDRESSED} <= set(KINDS)


def test_an_answer_stands_on_its_day_with_who_gave_it(gps):
    one = episode(gps, ON)
    add(one, answers(ON + days(14), {"slr_positive": False, "pain_back_nrs": 3}, by="clinician"))
    found = rows(gps, "answers", "date", "finding", "value", "by")
    assert (ON, "low_back_pain", "true", "patient") in found
    assert (ON + days(14), "slr_positive", "false", "clinician") in found
    assert (ON + days(14), "pain_back_nrs", "3", "clinician") in found


def test_of_an_alarm_that_a_care_giver_asked_about_again_that_day_the_last_word_counts_and_no_other(gps):
    one = episode(gps, ON, NUMB)
    add(one, answers(ON, {"saddle_numbness": False}), "patient")
    assert [by for by, id in rows(gps, "answers", "by", "finding") if id == "saddle_numbness"] == ["patient"] * 2
    add(one, answers(ON, {"saddle_numbness": False}, by="clinician"))
    assert not one.alarm_open
    found = rows(gps, "answers", "by", "value", "finding")
    assert [row for row in found if row[-1] == "saddle_numbness"] == [("clinician", "false", "saddle_numbness")]


def test_who_does_not_know_has_answered_unclear_and_who_was_not_asked_has_no_row(gps):
    one = episode(gps, ON, told={})
    add(one, Answers(ON, PLAIN, frozenset({"fever_reported"}), "patient"), "patient")
    found = told(gps)
    assert found[ON, "fever_reported"] == "unclear"
    assert (ON, "saddle_numbness") not in found


def test_of_a_corrected_fact_only_that_in_whose_place_it_stands_counts_and_on_its_day(gps):
    from ruggespraak.clinic import record

    one = episode(gps, ON, NUMB)
    record.correct(one.facts.get(), answers(ON, PLAIN), "gp", ON + days(1))
    assert (ON, "saddle_numbness") not in told(gps)
    assert {on for on, _finding in told(gps)} == {ON}
    assert rows(gps, "contacts", "date") == [ON, ON + days(1)]  # who corrects has looked


def test_a_day_on_which_something_was_told_is_a_contact_and_a_silence_is_none(gps):
    one = episode(gps, ON)
    add(one, answers(ON, {"pain_back_nrs": 4}), "patient")
    add(one, Silence(ON + days(20)), "system")
    add(one, Contact(ON + days(21)))
    assert rows(gps, "contacts", "date", "kind", "number") == [(ON, "gp", 1), (ON + days(21), "gp", 1)]


def test_what_a_patient_tells_later_is_no_contact_but_an_alarm_is_and_what_she_told_stands_on_its_day(gps):
    one = episode(gps, ON)
    add(one, answers(ON + days(7), {"pain_back_nrs": 4}), "patient")
    add(one, Relapse(ON + days(8)), "patient")
    add(one, answers(ON + days(9), {"pain_back_nrs": 3}))
    add(one, answers(ON + days(14), {"saddle_numbness": True}), "patient")
    assert rows(gps, "contacts", "date") == [ON, ON + days(9), ON + days(14)]
    assert told(gps)[ON + days(7), "pain_back_nrs"] == "4"


def test_no_care_giver_agreed_on_the_next_contact_so_none_is_there(gps):
    one = episode(gps, ON)
    add(one, Contact(ON + days(10)))
    assert one.next_contact  # the pathway dates it
    add(one, Recovery(ON + days(10)))
    assert rows(gps, "contacts", "review") == [None, None]


def test_an_episode_of_which_nothing_was_asked_has_no_contact_yet(gps):
    episode(gps, ON, told={})
    assert rows(gps, "contacts", "date") == []


def test_who_recovered_has_an_episode_that_is_closed_and_an_open_alarm_keeps_it_open(gps):
    for kind in (PLAIN, CANCER):
        add(episode(gps, ON, kind), Recovery(ON + days(10)), "patient")
    assert sorted(rows(gps, "episodes", "closed"), key=str) == [ON + days(10), None]


def test_complaints_that_come_back_are_an_episode_of_their_own_which_begins_that_day(gps):
    from ruggespraak.clinic.audited import clinic_s

    one = episode(gps, ON, {**PLAIN, "fever_reported": False})
    add(one, Recovery(ON + days(30)), "patient")
    add(one, Relapse(ON + days(60)), "patient")
    first, second = rows(gps, "episodes", "episode", "start", "closed")
    assert first == (f"{one.pk}/1", ON, ON + days(30))
    assert second == (f"{one.pk}/2", ON + days(60), None)
    assert {clinic_s(id) for id, *_ in (first, second)} == {one.pk}
    assert told(gps)[ON + days(60), "onset_date"] == str(ON + days(60))
    assert (ON + days(60), "fever_reported") not in told(gps)  # every alarm is asked anew


def test_answers_after_recovery_open_the_same_episode_again(gps):
    one = episode(gps, ON)
    add(one, Recovery(ON + days(5)), "patient")
    add(one, answers(ON + days(9), {"pain_back_nrs": 4}), "patient")
    assert rows(gps, "episodes", "episode", "closed") == [(f"{one.pk}/1", None)]


def test_a_hand_over_is_a_referral_and_closes_the_episode_when_the_other_side_says_yes(gps):
    one = episode(gps, ON)
    add(one, HandOver(ON, "neurologist"))
    assert rows(gps, "referrals", "date", "to") == [(ON, "neurologist")]
    assert rows(gps, "episodes", "closed") == [None]
    add(one, HandOverConfirmed(ON + days(2)))
    assert rows(gps, "episodes", "closed") == [ON + days(2)]


def test_a_reason_is_there_where_somebody_deviates_and_says_why_until_they_think_better_of_it(gps):
    from ruggespraak.clinic.models import Decision
    from ruggespraak.clinic.record import choose

    one = episode(gps, ON)
    decision = Decision.objects.get(fact__episode=one)
    choose(decision, "no_scan_back", False, "asked for it", "gp")
    choose(decision, "stay_active", True, "", "gp")
    assert rows(gps, "reasons", "episode", "date", "about") == [(f"{one.pk}/1", ON, "no_scan_back")]
    choose(decision, "no_scan_back", True, "", "gp")
    assert rows(gps, "reasons", "about") == []


def test_the_erased_are_left_out_and_counted_and_who_is_closed_to_some_is_not(gps):
    from ruggespraak.clinic import record
    from ruggespraak.clinic.models import Account

    episode(gps, ON)
    gone, closed = episode(gps, ON), episode(gps, ON)
    record.erase(gone.patient)
    closed.patient.only_for.add(Account.objects.create_account("the.only.one@example.org"))
    found = stored(gps)
    assert found.erased == 1
    assert len(found.tables["persons"]) == len(found.tables["episodes"]) == 2
    assert str(closed.patient_id) in {row["person"] for row in found.tables["persons"]}


def test_another_practice_is_another_practice_s(gps):
    episode(practice(), ON)
    assert all(found == [] for found in stored(gps).tables.values())
    assert stored(gps).since == TODAY
