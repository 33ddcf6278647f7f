"""The worklist: who needs somebody now, the most pressing first, each patient once, and nobody of another practice."""

from datetime import date, timedelta

import pytest

from clinic_people import CANCER, NUMB, PLAIN, answers, episode, practice
from ruggespraak.course import Contact, HandOver, HandOverConfirmed, Recovery, Silence

ON = date(2026, 1, 5)


def days(number):
    return timedelta(days=number)


def listed(of, today, **cut):
    from ruggespraak.clinic.worklist import worklist

    return worklist(of, today, **cut)


def reasons(of, today):
    rows, many = listed(of, today)
    assert many == len(rows)
    return [row.reason for row in rows]


@pytest.fixture
def gps():
    return practice()


# -- each reason -------------------------------------------------------------------------------------------------------


def test_who_told_something_plain_today_needs_nobody(gps):
    episode(gps, ON)
    assert reasons(gps, ON) == []


def test_a_new_patient_who_was_asked_nothing_is_due_today(gps):
    episode(gps, ON, told={})
    assert reasons(gps, ON) == ["due"]


@pytest.mark.control("C-29")
def test_an_open_alarm_is_listed_whenever_its_contact_is(gps):
    one = episode(gps, ON, CANCER)
    assert one.next_contact > ON
    assert reasons(gps, ON) == ["alarm"]


def test_an_alarm_that_somebody_has_looked_at_is_listed_when_its_contact_comes(gps):
    from ruggespraak.clinic import record

    one = episode(gps, ON, CANCER)
    record.add(one, Contact(ON, seen=True), "gp")
    assert reasons(gps, ON) == []
    assert reasons(gps, one.next_contact) == ["due"]


@pytest.mark.control("C-28")
def test_a_hand_over_is_listed_until_the_other_side_confirms(gps):
    from ruggespraak.clinic import record

    one = episode(gps, ON)
    record.add(one, HandOver(ON, "neurologist"), "gp")
    assert reasons(gps, ON) == ["not_confirmed"]
    record.add(one, HandOverConfirmed(ON), "gp")
    assert reasons(gps, ON + days(365)) == []


def test_who_tells_that_it_got_worse_is_listed_on_the_day_that_course_names(gps):
    from ruggespraak.clinic import record

    one = episode(gps, ON)
    record.add(one, answers(ON, {"course": "worse"}), "patient")
    assert reasons(gps, one.next_contact - days(1)) == []
    assert reasons(gps, one.next_contact) == ["deviates"]


def test_who_is_slower_than_may_be_expected_is_listed_at_the_next_contact(gps):
    from ruggespraak.clinic import record

    one = episode(gps, ON)
    record.add(one, answers(one.next_contact, {"course": "same"}), "patient")
    assert one.verdict == "slower"
    assert reasons(gps, one.next_contact) == ["deviates"]


def test_the_day_of_a_contact_is_due_and_the_next_day_is_late(gps):
    one = episode(gps, ON)
    assert reasons(gps, one.next_contact - days(1)) == []
    assert reasons(gps, one.next_contact) == ["due"]
    assert reasons(gps, one.next_contact + days(1)) == ["late"]


def test_who_has_recovered_is_never_listed_again(gps):
    from ruggespraak.clinic import record

    record.add(episode(gps, ON), Recovery(ON), "patient")
    assert reasons(gps, ON + days(1000)) == []


def test_the_erased_are_never_listed_whatever_they_told(gps):
    from ruggespraak.clinic import record

    for told in (NUMB, PLAIN, {}):
        record.erase(episode(gps, ON, told).patient)
    handed = episode(gps, ON)
    record.add(handed, HandOver(ON, "neurologist"), "gp")
    record.erase(handed.patient)
    assert reasons(gps, ON + days(1000)) == []


# -- order -------------------------------------------------------------------------------------------------------------


def everyone(of):
    """One for each reason on the day that is returned, the least pressing first."""
    from ruggespraak.clinic import record

    due = episode(of, ON)
    today = due.next_contact
    late = episode(of, ON - days(2))
    worse = episode(of, ON)
    record.add(worse, answers(today - days(3), {"course": "worse"}), "patient")
    handed = episode(of, today)
    record.add(handed, HandOver(today, "neurologist"), "gp")
    alarm = episode(of, today, CANCER)
    return today, [due, late, worse, handed, alarm]


@pytest.mark.control("C-29")
def test_the_most_pressing_reason_comes_first(gps):
    today, people = everyone(gps)
    rows, _many = listed(gps, today)
    assert [row.episode for row in rows] == people[::-1]
    assert [row.reason for row in rows] == ["alarm", "not_confirmed", "deviates", "late", "due"]


def test_a_patient_with_every_reason_at_once_is_listed_once_for_the_most_pressing(gps):
    from ruggespraak.clinic import record

    one = episode(gps, ON, CANCER)
    record.add(one, answers(ON, {"course": "worse"}), "patient")
    record.add(one, HandOver(ON, "oncologist"), "gp")
    assert (one.alarm_open, one.status, one.verdict) == (True, "handed_over", "worse")
    assert reasons(gps, ON + days(30)) == ["alarm"]


@pytest.mark.control("C-29")
def test_an_emergency_comes_before_an_alarm_that_may_wait_for_days(gps):
    """Also when the one that may wait has waited longer."""
    slow = episode(gps, ON, CANCER)
    today = slow.next_contact + days(2)
    numb = episode(gps, today, NUMB)
    assert [row.episode for row in listed(gps, today)[0]] == [numb, slow]


def test_of_two_who_are_late_the_one_who_waits_longest_comes_first(gps):
    second, first = episode(gps, ON), episode(gps, ON - days(20))
    rows, _many = listed(gps, ON + days(60))
    assert [row.episode for row in rows] == [first, second]


# -- whose -------------------------------------------------------------------------------------------------------------


def test_another_practice_never_shows(gps):
    today, _people = everyone(practice("physiotherapist"))
    assert listed(gps, today) == ([], 0)


def test_the_words_rest_on_what_course_makes_of_the_facts(gps):
    """Whatever stands in the clear is what replaying gives: nothing is decided in the list."""
    from ruggespraak.clinic import record
    from ruggespraak.course import deviation

    today, _people = everyone(gps)
    for row in listed(gps, today)[0]:
        now = record.replayed(row.episode)
        expected = {
            "alarm": now.alarm_open,
            "not_confirmed": now.status == "handed_over",
            "deviates": deviation(now, now.last).verdict in ("worse", "slower"),
            "late": now.next_contact < today,
            "due": now.next_contact == today,
        }
        assert expected[row.reason]
        assert next(reason for reason, holds in expected.items() if holds) == row.reason


def test_a_silence_moves_the_contact_and_the_list_follows(gps):
    from ruggespraak.clinic import record

    one = episode(gps, ON)
    passed = one.next_contact + days(1)
    assert reasons(gps, passed) == ["late"]
    record.add(one, Silence(passed), "system")
    assert reasons(gps, passed) == []
    assert reasons(gps, one.next_contact) == ["due"]


# -- pages -------------------------------------------------------------------------------------------------------------


def test_pages_follow_each_other_without_anybody_missing_or_twice(gps):
    people = [episode(gps, ON, told={}) for _ in range(7)]
    pages = [listed(gps, ON, first=first, count=3) for first in (0, 3, 6, 9)]
    assert [len(rows) for rows, _many in pages] == [3, 3, 1, 0]
    assert {many for _rows, many in pages} == {7}
    assert sorted(row.episode.pk for rows, _many in pages for row in rows) == sorted(one.pk for one in people)


def test_a_page_takes_two_queries_however_many_it_shows(gps):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for _ in range(5):
        episode(gps, ON, told={})
    with CaptureQueriesContext(
        connection,
    ) as queries:
        names = [row.episode.patient.who["name"] for row in listed(gps, ON)[0]]
    assert len(names) == 5
    assert len(queries) == 2


def test_the_numbers_above_the_list_are_those_of_the_list():
    from ruggespraak.clinic.demonstration import fill
    from ruggespraak.clinic.worklist import REASONS, counts, worklist

    practice = fill(ON)
    rows, total = worklist(practice, ON, 0, 500)
    found = counts(practice, ON)
    assert list(found) == list(REASONS)
    assert sum(found.values()) == total
    assert all(found[reason] == sum(row.reason == reason for row in rows) for reason in REASONS)
