"""Each measure on a few patients of whom it is plain what was due and what was done."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from unittest.mock import patch

import ibis
import pytest
import sqlglot
from on_engines import SparkOptions

from ruggespraak.audit.care import ACTS, Care
from ruggespraak.audit.engine import connected
from ruggespraak.audit.measures import MEASURES, REVIEWS, TREATMENT, cases_of, measured
from ruggespraak.audit.records import TABLES, Records, schema
from ruggespraak.pathway.editions import edition
from ruggespraak.pathway.sources import listed

CURRENT = edition("current")
BY_ID = {one.id: one for one in MEASURES}
UNTIL = date(2025, 12, 31)
ADDRESSEES = sorted({one.to for rule in (*CURRENT.alarms, *CURRENT.recommendations) for one in rule.refer})
BOOLEANS = [
    "is_nonspecific",
    *(f"refer_{to}" for to in ADDRESSEES),
    *(f"does_{act}" for act in ACTS),
    *(f"alarm_{one.id}" for one in CURRENT.alarms),
    "forbids_gp_orders_mri",
]
DECIDED = {
    **dict.fromkeys(("episode", "person", "practice", "complaint", "imaging", "imaging_open"), "string"),
    **dict.fromkeys(("date", "review", "closed"), "date"),
    **dict.fromkeys(("unasked", "doubt", *BOOLEANS), "boolean"),
    "established": "int8",
    "at_least": "int64",
    "duration_days": "float64",
}
PLAIN_BACK = dict.fromkeys(BOOLEANS, False) | {
    "practice": "1",
    "doubt": False,
    "complaint": "nonspecific",
    "is_nonspecific": True,
    "imaging": "not_useful",
    "imaging_open": "not_useful",
    "established": 0,
    "at_least": 0,
    "unasked": False,
}
HERNIA = PLAIN_BACK | {"complaint": "radicular", "is_nonspecific": False}
PARESIS = HERNIA | {
    "established": 4, "imaging": "needed", "imaging_open": "needed", "alarm_R2": True,
    "refer_neurologist": True,
}  # fmt: skip
WEIGHED = {"imaging": "consider", "imaging_open": "consider"}
NOT_ASKED = {"imaging_open": "needed", "unasked": True}


def day(number):
    return date(2025, 1, 1) + timedelta(number)


def look(episode, at=0, kind=PLAIN_BACK, **known):
    return kind | {"episode": episode, "person": f"person of {episode}", "date": day(at)} | known


def found(measure, looks, until=UNTIL, died=None, **events):
    """The cases of one measure, by episode in the order of their days: excluded, or met."""
    return [one["excluded"] or one["met"] for one in cases(measure, looks, until, died, **events)]


def cases(measure, looks, until=UNTIL, died=None, **events):
    care = Care(records(looks, until, died, **events), table(looks, ibis.schema(DECIDED)), CURRENT)
    rows = cases_of(care, BY_ID[measure]).order_by("episode", "date").to_pyarrow().to_pylist()
    assert all(one["reason"] is not None and one["shown"] is not None for one in rows)
    return rows


def records(looks, until=UNTIL, died=None, absent=(), contacts=(), **events):
    episodes = {one["episode"]: f"person of {one['episode']}" for one in looks}
    rows = events | {
        "persons": [
            {"person": person, "practice": "1", "died": died and died.get(one)} for one, person in episodes.items()
        ],
        "episodes": [{"episode": one, "person": person, "start": day(0)} for one, person in episodes.items()],
        "contacts": [event(one["episode"], 0, kind="gp", number=1) | {"date": one["date"]} for one in looks]
        + list(contacts),
    }
    tables = {name: table(rows.get(name, []), schema(name)) for name in TABLES}
    return Records(connected(), tables, frozenset(absent), day(0), until, "by hand")


def table(rows, of):
    return ibis.memtable([{name: row.get(name) for name in of} for row in rows], schema=of)


def event(episode, at, **more):
    return {"episode": episode, "date": day(at), **more}


def by_gp(episode, at, kind="mri"):
    return event(episode, at, kind=kind, ordered_by="gp")


# Pictures


def test_a_picture_that_the_pathway_calls_not_useful_deviates_and_one_with_an_indication_does_not():
    looks = [look("a back"), look("b paresis", kind=PARESIS), look("c", kind=HERNIA, **WEIGHED)]
    pictures = [by_gp("a back", 3), by_gp("b paresis", 0), by_gp("c", 1)]
    assert found("picture_without_indication", looks, imaging=pictures) == [False, True, True]


@pytest.mark.control("C-46")
def test_of_a_picture_where_an_alarm_is_open_it_cannot_be_said():
    (one,) = cases("picture_without_indication", [look("a", **NOT_ASKED)], imaging=[by_gp("a", 0)])
    assert one["met"] is None
    assert one["shown"]


def test_a_picture_is_held_against_the_last_look_before_it_and_not_one_after_it():
    looks = [look("a", 0), look("a", 10, kind=PARESIS), look("b", 10, kind=PARESIS), look("b", 20)]
    pictures = [by_gp("a", 9), by_gp("a", 10), by_gp("b", 9), by_gp("b", 30)]
    assert found("picture_without_indication", looks, imaging=pictures) == [False, True, None, False]


def test_a_look_of_weeks_ago_says_nothing_of_a_picture_or_a_referral_today():
    looks = [look("a"), look("b")]
    pictures = [by_gp("a", 28), by_gp("b", 29)]
    assert found("picture_without_indication", looks, imaging=pictures) == [False, None]
    sent = [event("a", 28, to="neurologist"), event("b", 29, to="neurologist")]
    assert found("referral_against_pathway", looks, referrals=sent) == [False, None]


def test_of_a_hernia_without_an_alarm_the_neurologist_decides_on_a_scan_and_not_the_gp():
    due = HERNIA | WEIGHED | {"forbids_gp_orders_mri": True}
    looks = [look("a", kind=due), look("b", kind=due, alarm_R12=None), look("c", kind=due, alarm_R12=True)]
    pictures = [by_gp(one, 0) for one in "abc"]
    assert found("picture_without_indication", looks, imaging=pictures) == ["specialist", None, True]


def test_a_picture_of_a_specialist_is_not_the_gps_and_one_of_nobody_known_is_left_out():
    pictures = [event("a", 1, kind="mri", ordered_by="neurologist"), event("a", 2, kind="mri")]
    assert found("picture_without_indication", [look("a")], imaging=pictures) == ["orderer_unknown"]


@pytest.mark.control("C-59")
def test_a_child_or_somebody_pregnant_is_outside():
    assert found("picture_without_indication", [look("a", complaint="outside")], imaging=[by_gp("a", 0)]) == ["outside"]


def test_where_no_picture_is_useful_none_follows_before_the_next_look_or_one_does():
    looks = [look("a calm"), look("b soon"), look("c later"), look("d next", 0), look("d next", 10)]
    pictures = [by_gp("b soon", 28), by_gp("c later", 29), by_gp("d next", 10)]
    assert found("picture_where_not_useful", looks, imaging=pictures) == [True, False, True, True, False]


def test_after_a_picture_a_look_is_no_longer_asked_whether_there_was_one():
    assert found("picture_where_not_useful", [look("a", 0), look("a", 5)], imaging=[by_gp("a", 2)]) == [False]


def test_what_could_not_have_happened_yet_is_too_recent_and_so_is_what_did():
    looks = [look("a"), look("b"), look("b", 5)]
    made = found("picture_where_not_useful", looks, until=day(27), imaging=[by_gp("b", 3)])
    assert made == ["too_recent", "too_recent"]
    others = [event("b", 0, kind="mri", ordered_by="hospital")]
    assert found("picture_where_not_useful", [look("a")], until=day(28), imaging=others) == [True]


def test_of_a_source_that_holds_no_picture_it_cannot_be_said_that_none_was_made():
    assert found("picture_where_not_useful", [look("a")]) == [None]
    assert found("hernia_scanned_early", [look("a", kind=HERNIA, duration_days=3)]) == [None]


def test_a_hernia_is_scanned_early_before_day_42_of_the_pain_and_not_of_the_contact():
    looks = [
        look("a early", kind=HERNIA, duration_days=10), look("b in time", kind=HERNIA, duration_days=10),
        look("c none", kind=HERNIA, duration_days=10), look("d late", kind=HERNIA, duration_days=42),
    ]  # fmt: skip
    looks.insert(1, look("a early", 20, kind=HERNIA, duration_days=30))
    scans = [by_gp("a early", 31), by_gp("b in time", 32)]
    assert found("hernia_scanned_early", looks, imaging=scans) == [False, True, True]


def test_an_early_scan_of_a_hernia_with_an_alarm_is_right_and_with_an_open_alarm_or_onset_it_cannot_be_said():
    looks = [
        look("a", kind=HERNIA, duration_days=3), look("a", 9, kind=PARESIS, duration_days=12),
        look("b", kind=HERNIA, duration_days=3, **NOT_ASKED), look("c", kind=HERNIA), look("d", kind=HERNIA),
    ]  # fmt: skip
    assert found("hernia_scanned_early", looks, imaging=[by_gp("a", 9), by_gp("b", 1), by_gp("c", 1)]) == [
        True,
        None,
        None,
        True,
    ]


def test_an_x_ray_is_no_scan_of_a_hernia_and_a_recent_hernia_is_too_recent():
    looks = [look("a", kind=HERNIA, duration_days=3)]
    late = by_gp("a", 60)
    assert found("hernia_scanned_early", looks, imaging=[by_gp("a", 1, "x_ray"), late]) == [True]
    assert found("hernia_scanned_early", looks, until=day(38), imaging=[by_gp("a", 1)]) == ["too_recent"]
    assert found("hernia_scanned_early", looks, until=day(39), imaging=[late]) == [True]


def test_a_hernia_of_which_the_onset_is_not_known_is_too_recent_until_six_weeks_after_the_first_contact():
    looks = [look("a", 5, kind=HERNIA, at_least=5), look("b", 5, kind=HERNIA, duration_days=99)]
    late = by_gp("b", 60)
    assert found("hernia_scanned_early", looks, until=day(41), imaging=[late]) == ["too_recent"]
    assert found("hernia_scanned_early", looks, until=day(42), imaging=[late]) == [True]


def test_a_scan_that_the_gp_did_not_order_may_have_had_an_alarm_that_the_gp_never_saw():
    looks = [look(one, kind=HERNIA, duration_days=3) for one in "abc"]
    scans = [
        event("a", 10, kind="mri", ordered_by="hospital"), event("b", 10, kind="mri"),
        event("c", 39, kind="mri", ordered_by="hospital"),
    ]  # fmt: skip
    assert found("hernia_scanned_early", looks, imaging=scans) == [None, None, True]


def test_an_early_scan_long_after_the_last_look_may_have_had_an_alarm():
    looks = [look("a", kind=HERNIA, duration_days=3)]
    assert found("hernia_scanned_early", looks, imaging=[by_gp("a", 29)]) == [None]


def test_a_hernia_that_is_still_in_care_is_reviewed_between_week_6_and_8_or_not():
    looks = [
        look("a seen", kind=HERNIA, duration_days=0), look("a seen", 42, kind=HERNIA, duration_days=42),
        look("b better", kind=HERNIA, duration_days=0), look("c unseen", kind=HERNIA, duration_days=0),
        look("d too late", kind=HERNIA, duration_days=0), look("d too late", 57, kind=HERNIA, duration_days=57),
        look("e with a specialist", kind=HERNIA, duration_days=0),
    ]  # fmt: skip
    contacts = [
        event("c unseen", 50, kind="physiotherapist", number=1),
        event("e with a specialist", 20, kind="neurologist", number=1),
        event("e with a specialist", 50, kind="neurologist", number=1),
    ]
    assert found("hernia_not_reviewed", looks, contacts=contacts) == [True, False, False, "with_specialist"]


def test_who_comes_back_after_week_8_had_pain_all_along_or_it_cannot_be_said():
    looks = [
        look("a", kind=HERNIA, duration_days=10), look("a", 80, kind=HERNIA, duration_days=90),
        look("b", kind=HERNIA, duration_days=10), look("b", 80, kind=HERNIA, duration_days=5),
        look("c", kind=HERNIA, duration_days=10), look("c", 80, kind=HERNIA),
        look("d better", kind=HERNIA, duration_days=10),
    ]  # fmt: skip
    assert found("hernia_not_reviewed", looks) == [False, None, None]


# Alarms


def test_an_alarm_is_acted_on_the_same_day_or_not():
    looks = [look("a", kind=PARESIS), look("b", kind=PARESIS), look("c", kind=PARESIS), look("d")]
    done = {"referrals": [event("a", 0, to="neurologist"), event("b", 1, to="neurologist")]}
    done["contacts"] = [event("c", 0, kind="emergency", number=1)]
    assert found("alarm_without_action", looks, **done) == [True, False, True]


def test_an_alarm_that_was_acted_on_before_needs_no_more():
    looks = [look("a", kind=PARESIS), look("a", 3, kind=PARESIS)]
    assert found("alarm_without_action", looks, referrals=[event("a", 0, to="neurologist")]) == [True, "acted_before"]


def test_who_was_sent_on_before_there_was_an_alarm_was_not_sent_for_it():
    looks = [look("a", kind=HERNIA), look("a", 3, kind=PARESIS)]
    assert found("alarm_without_action", looks, referrals=[event("a", 0, to="neurologist")]) == [False]


def test_what_the_gp_alone_did_of_an_alarm_is_not_in_the_records():
    fever = PLAIN_BACK | {"established": 3, "alarm_R8": True, "refer_gp": True, "imaging": "consider"}
    assert found("alarm_without_action", [look("a", kind=fever)]) == [None]
    assert found("alarm_without_action", [look("a", kind=fever)], referrals=[event("a", 0, to="hospital")]) == [True]


def test_who_came_to_hospital_the_next_day_may_have_been_sent_in_the_evening():
    looks = [look("a", kind=PARESIS), look("b", kind=PARESIS)]
    came = [event("a", 1, kind="emergency", number=1), event("b", 2, kind="emergency", number=1)]
    assert found("alarm_without_action", looks, contacts=came) == [None, False]


def test_of_an_alarm_on_the_last_day_only_that_it_was_acted_on_can_be_said():
    looks = [look("a", kind=PARESIS), look("b", kind=PARESIS)]
    assert found("alarm_without_action", looks, until=day(0), referrals=[event("a", 0, to="hospital")]) == [True, None]


def test_of_a_source_without_any_specialist_it_cannot_be_said_that_nobody_was_sent():
    assert found("alarm_without_action", [look("a", kind=PARESIS)]) == [None]
    assert found("referral_where_not_due", [look("a")]) == [None]


def test_alarms_are_asked_or_not():
    assert found("alarms_not_asked", [look("a"), look("b", **NOT_ASKED)]) == [True, False]


def test_who_asked_and_heard_i_do_not_know_is_not_said_to_have_left_an_alarm_unasked():
    assert found("alarms_not_asked", [look("a", doubt=True), look("b", doubt=True, **NOT_ASKED)]) == [True, None]


# Referral


def test_a_referral_is_along_the_pathway_against_it_or_it_cannot_be_said():
    looks = [
        look("a", kind=HERNIA, refer_neurologist=True), look("b"), look("c", refer_orthopaedist=None),
        look("d", kind=HERNIA, **WEIGHED),
    ]  # fmt: skip
    sent = [event(one, 0, to="orthopaedist" if one in "bc" else "neurologist") for one in "abcd"]
    assert found("referral_against_pathway", looks, referrals=sent) == [True, False, None, True]


def test_a_referral_without_any_look_cannot_be_judged():
    assert found("referral_against_pathway", [look("a", 5)], referrals=[event("a", 0, to="neurologist")]) == [None]


def test_physiotherapists_and_psychologists_are_no_specialists():
    assert found("referral_against_pathway", [look("a")], referrals=[event("a", 0, to="physiotherapist")]) == []


def test_where_no_specialist_is_due_none_is_asked_or_one_is():
    looks = [look("a"), look("a", 9), look("b"), look("c", kind=PARESIS), look("d", **NOT_ASKED)]
    assert found("referral_where_not_due", looks, referrals=[event("a", 0, to="orthopaedist")]) == [False, True, None]


# Medicine and review


def test_an_opioid_for_chronic_nonspecific_pain_deviates_and_a_short_or_radicular_pain_does_not():
    looks = [
        look("a", duration_days=84), look("b", duration_days=60), look("c", kind=HERNIA, duration_days=400),
        look("d"), look("e", at_least=100), look("f", duration_days=100, is_nonspecific=None),
    ]  # fmt: skip
    given = [event(one, 1, kind="opioid") for one in "abcdef"]
    assert found("opioid_chronic_nonspecific", looks, medication=given) == [False, True, True, None, False, None]


def test_a_repeat_may_be_a_step_in_tapering_off_and_so_may_one_long_after_the_last_look_be_for_another_pain():
    looks = [look(one, at_least=100) for one in "ab"] + [look("c", duration_days=0)]
    given = [event("a", 0, kind="opioid"), event("a", 14, kind="opioid"), event("b", 29, kind="opioid")]
    given.append(event("c", 84, kind="opioid"))
    assert found("opioid_chronic_nonspecific", looks, medication=given) == [False, None, None, True]


def test_a_look_without_a_dated_review_deviates_unless_the_practice_keeps_none():
    assert found("no_dated_review", [look("a", review=day(14)), look("b")]) == [True, False]
    assert found("no_dated_review", [look("a"), look("b")]) == ["no_reviews_kept", "no_reviews_kept"]


def test_who_died_that_day_needs_no_date_for_a_next_look():
    looks = [look("a", review=day(14)), look("b"), look("c")]
    assert found("no_dated_review", looks, died={"b": day(0), "c": day(1)}) == [True, "died", False]


# Treatment


def test_physiotherapy_that_is_due_begins_before_the_next_look_or_does_not():
    due = {"does_physiotherapy": True}
    looks = [look("a", **due), look("b", **due), look("c"), look("d", does_physiotherapy=None), look("e", **due)]
    done = {"referrals": [event("a", 0, to="physiotherapist")]}
    done["contacts"] = [event("e", 20, kind="physiotherapist", number=1)]
    assert found("physiotherapy_not_begun", looks, **done) == [True, False, None, True]


def test_who_has_a_physiotherapist_already_or_died_is_no_case_of_it():
    due = {"does_physiotherapy": True}
    looks = [look("a", 5, **due), look("b", **due)]
    done = {"contacts": [event("a", 1, kind="physiotherapist", number=1)], "died": {"b": day(7)}}
    assert found("physiotherapy_not_begun", looks, **done) == ["died"]


def test_physiotherapy_that_is_not_due_is_left_unless_the_gp_sends_for_it():
    looks = [look("a"), look("b"), look("c", does_physiotherapy=True), look("d")]
    done = {"referrals": [event("b", 0, to="physiotherapist")]}
    done["contacts"] = [event("d", 0, kind="physiotherapist", number=1)]
    assert found("physiotherapy_where_not_due", looks, **done) == [True, False, True]


def test_of_a_source_in_which_a_kind_of_care_never_occurs_it_cannot_be_said_that_nobody_had_it():
    due = dict.fromkeys(("does_physiotherapy", "does_psychosocial", "does_occupational_physician"), True)
    looks = [look("a", duration_days=90, **due), look("a", 9, duration_days=99, **due), look("b")]
    assert found("physiotherapy_not_begun", looks) == [None, None]
    assert found("psychologist_not_begun", looks) == [None]
    assert found("occupational_physician_not_seen", looks) == [None]
    assert found("physiotherapy_where_not_due", looks) == [None]


def test_a_next_step_is_thought_of_from_week_12_on_and_a_psychologist_and_a_pain_team_will_both_do():
    due = {"does_psychosocial": True}
    looks = [look("a", duration_days=83, **due)]
    for one in "bcdef":
        looks += [look(one, duration_days=84, **due), look(one, 30, duration_days=114, **due)]
    sent = [event("b", 0, to="psychologist"), event("c", 84, to="pain_team"), event("d", 85, to="pain_team")]
    sent.append(event("e", 0, to="neurologist"))
    assert found("psychologist_not_begun", looks, referrals=sent) == [True, True, False, False, False]


def test_an_episode_is_one_case_of_a_next_step_from_the_first_look_at_which_it_is_due():
    due = {"does_psychosocial": True}
    looks = [look("a", **due), look("a", 9, duration_days=90, **due), look("a", 20, duration_days=101, **due)]
    looks += [look("b", **due), look("c", 40, duration_days=99, **due), look("c", 50, duration_days=109, **due)]
    sent = [event("c", 0, to="psychologist")]
    rows = cases("psychologist_not_begun", looks, referrals=sent)
    assert [(one["episode"], one["date"], one["met"]) for one in rows] == [
        ("a", day(9), False), ("b", day(0), None), ("c", day(40), True),
    ]  # fmt: skip


def test_who_is_seen_no_more_may_be_better_and_needs_no_next_step():
    due = {"does_psychosocial": True}
    looks = [look("a", duration_days=90, **due), look("b", duration_days=90, **due)]
    assert found("psychologist_not_begun", looks, referrals=[event("b", 0, to="psychologist")]) == [None, True]


def test_a_next_step_has_twelve_weeks_to_begin_before_it_is_missed():
    looks = [look("a", duration_days=90, does_psychosocial=True), look("a", 9, duration_days=99)]
    looks.append(look("b"))
    sent = [event("b", 0, to="psychologist")]
    assert found("psychologist_not_begun", looks, until=day(83), referrals=sent) == ["too_recent"]
    assert found("psychologist_not_begun", looks, until=day(84), referrals=sent) == [False]


def test_who_is_at_home_sick_sees_the_occupational_physician_or_does_not_and_the_rest_is_left_out():
    due = {"does_occupational_physician": True}
    looks = [look("a", **due), look("b", **due), look("b", 7, **due), look("c"), look("d", **due)]
    looks.append(look("e", does_occupational_physician=None))
    contacts = [event("a", 14, kind="occupational_physician", number=1)]
    made = found("occupational_physician_not_seen", looks, contacts=contacts)
    assert made == [True, False, None, "sick_leave_unknown"]


# Reasons, and all measures


def test_a_reason_near_the_day_counts_and_one_of_another_matter_or_time_does_not():
    looks = [look(one) for one in "abcd"]
    reasons = [
        event("a", 14, about="imaging"), event("b", 15, about="imaging"), event("c", 0, about="referral"),
        event("d", 0, about="no_scan_back"),
    ]  # fmt: skip
    pictures = [by_gp(one, 0) for one in "abcd"]
    rows = cases("picture_without_indication", looks, imaging=pictures, reasons=reasons)
    assert [one["reason"] for one in rows] == [True, False, False, True]


def test_who_died_before_week_8_was_over_is_no_case_of_a_review():
    looks = [look("a", kind=HERNIA, duration_days=0), look("b", kind=HERNIA, duration_days=0)]
    contacts = [event(one, 43, kind="physiotherapist", number=1) for one in "ab"]
    died = {"a": day(55), "b": day(56)}
    assert found("hernia_not_reviewed", looks, contacts=contacts, died=died) == ["died", False]


def test_a_reason_for_one_measure_is_none_for_another():
    given = records([look("a")], imaging=[by_gp("a", 0)], reasons=[event("a", 0, about="imaging")])
    every = measured(given, table([look("a")], ibis.schema(DECIDED)), CURRENT).to_pyarrow().to_pylist()
    assert {one["measure"]: one["reason"] for one in every if one["met"] is not True} == {
        "picture_without_indication": True, "picture_where_not_useful": True, "no_dated_review": False,
        "referral_where_not_due": False, "physiotherapy_where_not_due": False,
    }  # fmt: skip


def test_a_reason_counts_as_long_as_what_it_is_a_reason_for_could_be_done():
    looks = [look("a"), look("b"), look("c", kind=HERNIA, duration_days=3)]
    reasons = [event("a", 20, about="imaging"), event("b", 44, about="imaging"), event("c", 39, about="imaging")]
    pictures = [by_gp("a", 20), by_gp("b", 28), by_gp("c", 25)]
    rows = cases("picture_where_not_useful", looks, imaging=pictures, reasons=reasons)
    assert [(one["met"], one["reason"]) for one in rows[:2]] == [(False, True), (False, False)]
    (hernia,) = cases("hernia_scanned_early", looks, imaging=pictures, reasons=reasons)
    assert (hernia["met"], hernia["reason"]) == (False, True)


def test_two_reasons_for_one_picture_are_one_case():
    reasons = [event("a", 0, about="imaging"), event("a", 1, about="imaging")]
    assert found("picture_without_indication", [look("a")], imaging=[by_gp("a", 0)], reasons=reasons) == [False]


def test_all_measures_stand_in_one_table_without_those_whose_tables_the_source_lacks():
    looks = [look("a", kind=PARESIS), look("b", 3, kind=HERNIA, duration_days=3, review=day(9))]
    every = measured(records(looks, absent=["imaging"]), table(looks, ibis.schema(DECIDED)), CURRENT)
    there = {one["measure"] for one in every.to_pyarrow().to_pylist()}
    assert {"alarm_without_action", "no_dated_review", "referral_where_not_due"} <= there
    assert not any("picture" in one or "scan" in one for one in there)


def test_spark_says_of_an_opioid_what_duckdb_says():
    """Of all else synthetic records say so (test_engines); they have no medicines."""
    looks = [look("a", at_least=100), look("b", duration_days=9)]
    given = [event("a", 1, kind="opioid"), event("a", 9, kind="opioid"), event("b", 1, kind="opioid")]
    read = records(looks, medication=given, reasons=[event("a", 0, about="medication")])
    engine = read.engine
    there = {name: engine.create_table(name, table) for name, table in read.tables.items()}
    decided = engine.create_table("looks", table(looks, ibis.schema(DECIDED)))
    cases = cases_of(Care(replace(read, tables=there), decided, CURRENT), BY_ID["opioid_chronic_nonspecific"])
    with patch.object(ibis.options, "pyspark", SparkOptions()):
        (sql,) = sqlglot.transpile(str(ibis.to_sql(cases, dialect="pyspark")), read="spark", write="duckdb")
    expected = [tuple(row.values()) for row in cases.to_pyarrow().to_pylist()]
    assert sorted(engine.raw_sql(sql).fetchall(), key=str) == sorted(expected, key=str)
    assert len(expected) == 3


@pytest.mark.parametrize("measure", MEASURES, ids=lambda one: one.id)
def test_a_measure_names_its_source_and_the_rules_that_care_is_held_against(measure):
    assert set(measure.because) <= set(listed())
    assert measure.because
    assert measure.needs <= {*TABLES, TREATMENT, REVIEWS}
    assert any(measure.rules(rule) for rule in (*CURRENT.alarms, *CURRENT.recommendations))
