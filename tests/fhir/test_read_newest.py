"""Of several answers the newest counts, the more alarming of one day, and good news grows old."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients import ON, VALUES
from ruggespraak.consult import Case, decide
from ruggespraak.course import open_episode, step
from ruggespraak.course.answers import signs
from ruggespraak.course.events import Answers
from ruggespraak.course.steps import case_on
from ruggespraak.logic import Value
from ruggespraak.pathway.findings import VOCABULARY
from ruggespraak.pathway.rules import Urgency
from sent import AGO, Json, asks, condition, known, measured, observation, of, problems, puncture, quantity

STRENGTH = [id for id, one in VOCABULARY.items() if one.unit == "MRC"]

# -- the same answers, told in a course -------------------------------------------------------------------------------

SPEAKERS = st.sampled_from(["patient", "proxy", "clinician"])
SET_ASIDE = [
    "saddle_numbness", "saddle_numbness_before_episode", "fever_reported", "low_back_pain", "duration_days",
    "known_aaa", "weak_leg_reported", *STRENGTH, "cancer_history", "cancer_pain_unchanged", "significant_trauma",
    "trauma_days_ago", "bilateral_radicular", "bilateral_since_days", "crp_mg_l", "malaise", "night_pain",
]  # fmt: skip
TOLD = (st.sampled_from(SET_ASIDE) | st.sampled_from(sorted(VOCABULARY))).flatmap(
    lambda id: st.tuples(st.just(id), st.sampled_from([*VALUES[id], None]))
)
Story = dict[int, tuple[str, list[tuple[str, Any]]]]
"""By days ago: who told, and what. None: asked, and not known."""


def stories(longest: int) -> st.SearchStrategy[Story]:
    return st.dictionaries(
        st.integers(0, longest), st.tuples(SPEAKERS, st.lists(TOLD, min_size=1, max_size=8)), max_size=5
    )


def told_both_ways(story: Story) -> tuple[Case, Case, dict[str, int]]:
    """The case after a course that was told this, and as it is read; and how many days ago each was known last."""
    episode, sent, last = open_episode("x", ON - timedelta(days=max(story, default=0))), list[Json](), dict[str, int]()
    for ago in sorted(story, reverse=True):
        (by, told), day = story[ago], ON - timedelta(days=ago)
        answers: dict[str, Value | None] = {
            id: None if isinstance(value, date) and value > day else value for id, value in told
        }
        episode = step(episode, Answers(day, answers, frozenset(id for id in answers if answers[id] is None), by))
        sent += [observation(id, value, day, by) for id, value in answers.items()]
        last |= {id: ago for id, value in answers.items() if value is not None}
    return case_on(episode, ON), of(*sent).case(ON), last


def without_days_of_another_trauma(case: Case, last: dict[str, int]) -> dict[str, Value]:
    """The answers without the days since a trauma that were told before it was: in a course they stand."""
    before = last.get("trauma_days_ago", 0) > last.get("significant_trauma", 999)
    return {id: value for id, value in case.answers.items() if not (before and id == "trauma_days_ago")}


@given(stories(13))
def test_within_two_weeks_the_same_answers_come_to_the_same_as_in_a_course(story):
    course, read, last = told_both_ways(story)
    assert without_days_of_another_trauma(read, last) == without_days_of_another_trauma(course, last)
    assert read.unclear == course.unclear


@pytest.mark.control("C-30")
@given(stories(80))
def test_later_they_come_to_the_same_or_to_what_must_be_asked_again_and_to_no_less_urgent(story):
    course, read, last = told_both_ways(story)
    assert read.answers.items() <= course.answers.items()
    assert read.unclear == course.unclear
    for id in course.answers.keys() - read.answers.keys():
        assert last[id] >= 14 or id == "trauma_days_ago"
        assert not signs().alarming(id, course.answers[id])
    urgency = decide(course).urgency
    assert urgency < Urgency.WITHIN_DAYS or decide(read).urgency >= urgency


def by_patient(id: str, value: Value | None = True, ago: int = 0) -> Json:
    return observation(id, value, ON - timedelta(days=ago), by="patient")


def test_a_patient_does_not_take_back_an_alarm_that_is_open_and_a_care_giver_does():
    numb = by_patient("saddle_numbness", ago=3)
    for by, expected in (("patient", True), ("proxy", True), ("clinician", False)):
        assert known(numb, observation("saddle_numbness", value=False, by=by)) == {"saddle_numbness": expected}


def test_what_was_told_over_twelve_weeks_ago_gives_way_to_whoever_answers():
    assert known(by_patient("saddle_numbness", ago=85), by_patient("saddle_numbness", value=False)) == {
        "saddle_numbness": False
    }
    assert known(by_patient("saddle_numbness", ago=84), by_patient("saddle_numbness", value=False)) == {
        "saddle_numbness": True
    }


def test_what_a_laboratory_measures_later_counts_while_an_alarm_is_open():
    crp = [
        measured("LOINC", "1988-5", on=AGO[3], **quantity(80, "mg/L")),
        measured("LOINC", "1988-5", **quantity(4, "mg/L")),
    ]
    assert known(*crp, by_patient("low_back_pain", ago=3)) == {"low_back_pain": True, "crp_mg_l": 4}


# -- what sets an alarm aside was said of this pain, and lately --------------------------------------------------------


def urgency(*sent: Json) -> Urgency:
    return decide(of(*sent).case(ON)).urgency


@pytest.mark.parametrize("ago", [14, 800])
def test_that_it_was_there_before_an_earlier_pain_says_nothing_about_this_one(ago):
    numb, before = by_patient("saddle_numbness"), "saddle_numbness_before_episode"
    assert urgency(numb, by_patient(before, ago=13)) is Urgency.ROUTINE
    assert urgency(numb, by_patient(before, ago=ago)) is Urgency.EMERGENCY


def test_an_examination_of_years_ago_does_not_refute_a_weak_leg_of_today():
    weak = [by_patient("weak_leg_reported", ago=900), by_patient("weak_leg_reported")]
    examined = [observation(id, 5, ON - timedelta(days=880)) for id in STRENGTH]
    assert urgency(*weak, *examined) is Urgency.SAME_DAY


def test_a_cancer_that_was_denied_years_ago_is_asked_about_again():
    reading = of(by_patient("cancer_history", value=False, ago=800))
    assert not reading.found
    assert [one.finding for one in reading.stale] == ["cancer_history"]


@pytest.mark.parametrize("id", ["leg_pain", "pregnant", "opioid_current", "works"])
def test_no_grows_old_whatever_was_asked(id):
    assert known(by_patient(id, value=False, ago=13)) == {id: False}
    assert known(by_patient(id, value=False, ago=14)) == {}


def test_no_relief_is_no_good_news_and_stands():
    assert known(by_patient("relief_sufficient", value=False, ago=40)) == {"relief_sufficient": False}


@pytest.mark.parametrize(
    "since", [("duration_days", 10), ("onset_date", ON - timedelta(days=810))], ids=["days", "date"]
)
def test_how_long_an_earlier_pain_lasted_makes_an_aneurysm_no_older(since):
    pain = [condition("SNOMED-CT", "233985008"), observation("low_back_pain")]
    assert urgency(*pain, observation(*since, AGO[800])) is Urgency.EMERGENCY
    assert urgency(*pain, observation("duration_days", 20)) is Urgency.ROUTINE


def test_days_told_long_ago_still_bring_an_alarm_and_what_they_do_not_set_aside_is_theirs():
    long = observation("duration_days", 10, on=AGO[40])
    assert known(long, observation("leg_pain")) == {"duration_days": 50, "leg_pain": True}
    tumour = [
        observation("weight_loss_unexplained"),
        observation("improving", value=False),
        observation("age_years", 40),
    ]
    assert urgency(long, *tumour) is Urgency.WITHIN_DAYS


def test_pain_in_both_legs_that_was_old_years_ago_does_not_make_it_old_now():
    denied = [
        by_patient(id, value=False)
        for id in ("saddle_numbness", "urinary_retention", "urinary_incontinence_new", "faecal_incontinence_new")
    ]
    both = [by_patient("bilateral_radicular"), *denied]
    assert urgency(*both, by_patient("bilateral_since_days", 100)) is Urgency.ROUTINE
    assert urgency(*both, by_patient("bilateral_since_days", 100, ago=800)) is Urgency.SAME_DAY


def test_the_days_since_an_earlier_trauma_do_not_make_a_new_one_old():
    before, today = observation("trauma_days_ago", 3, on=AGO[13]), observation("significant_trauma")
    assert urgency(today, before) is Urgency.EMERGENCY
    assert urgency(observation("significant_trauma", on=AGO[13]), before) is Urgency.WITHIN_DAYS
    assert urgency(observation("significant_trauma", on=AGO[800]), observation("trauma_days_ago", 3, on=AGO[800])) is (
        Urgency.WITHIN_DAYS
    )


def test_a_puncture_that_is_in_the_record_is_not_undone_by_who_forgot_it():
    reading = of(puncture(performedDateTime=AGO[10]), by_patient("spinal_procedure_days_ago", 400))
    assert reading.found["spinal_procedure_days_ago"].value == 10
    assert reading.found["spinal_procedure_days_ago"].origin.resource == "Procedure/lp"
    assert [{one.value for one in answers} for answers in reading.conflicts] == [{10, 400}]
    assert reading.older == ()
    assert known(puncture(performedDateTime=AGO[40]), by_patient("spinal_procedure_days_ago", 5)) == {
        "spinal_procedure_days_ago": 5
    }


# -- time -------------------------------------------------------------------------------------------------------------


def test_a_no_to_an_alarm_is_asked_again_after_two_weeks_and_a_yes_stays():
    old = of(observation("saddle_numbness", value=False, on=AGO[14], by="patient"))
    assert not old.found
    assert [(one.finding, one.value) for one in old.stale] == [("saddle_numbness", False)]
    assert known(observation("saddle_numbness", value=False, on=AGO[13], by="patient")) == {"saddle_numbness": False}
    assert known(observation("saddle_numbness", on=AGO[800], by="patient")) == {"saddle_numbness": True}


def test_the_newest_answer_counts_and_the_older_one_is_shown():
    reading = of(observation("leg_pain", value=True, on=AGO[10]), observation("leg_pain", value=False, on=AGO[3]))
    assert reading.found["leg_pain"].value is False
    assert [(one.value, str(one.origin.on)) for one in reading.older] == [(True, AGO[10])]
    assert reading.conflicts == ()


def test_days_go_on_counting():
    assert known(observation("duration_days", 10, on=AGO[10])) == {"duration_days": 20}
    assert known(
        observation("duration_days", 10, on=AGO[40]), observation("onset_date", ON - timedelta(days=100), on=AGO[3])
    ) == {"onset_date": ON - timedelta(days=100)}


def test_a_normal_examination_lapses_when_something_new_is_reported_after_it():
    normal = [observation(id, 5, on=AGO[5]) for id in STRENGTH]
    weak = observation("weak_leg_reported", by="patient")
    assert decide(of(*normal, weak).case(ON)).urgency is Urgency.SAME_DAY
    assert set(known(*normal, weak)) == {"weak_leg_reported"}


@pytest.mark.parametrize(
    ("morning", "evening", "known_strength"),
    [("T09:00:00+01:00", "T21:00:00+01:00", False), ("T21:00:00+01:00", "T09:00:00+01:00", True), ("", "", False)],
)
def test_what_a_patient_says_in_the_evening_is_not_refuted_by_the_morning(morning, evening, known_strength):
    examined = observation("mrc_knee_extension", 5, on=f"{ON}{morning}")
    weak = observation("weak_leg_reported", on=f"{ON}{evening}", by="patient")
    assert ("mrc_knee_extension" in known(examined, weak)) is known_strength


def test_two_answers_of_one_day_are_both_shown_and_the_most_alarming_counts():
    yes, no = observation("saddle_numbness", by="patient"), observation("saddle_numbness", value=False)
    for sent in ([yes, {**no, "id": "2"}], [{**no, "id": "2"}, yes]):
        reading = of(*sent)
        assert reading.found["saddle_numbness"].value is True
        assert [{one.value for one in answers} for answers in reading.conflicts] == [{True, False}]
        assert reading.older == ()


def test_the_lowest_strength_and_the_highest_fever_of_a_day_count():
    sent = [{**observation("mrc_knee_extension", grade), "id": str(grade)} for grade in (4, 2, 5)]
    sent += [
        {**measured("LOINC", "8310-5", **quantity(value, "Cel")), "id": f"t{n}"}
        for n, value in enumerate((37.1, 39.5, 36.9))
    ]
    assert known(*sent) == {"mrc_knee_extension": 2, "fever_c": 39.5}


@pytest.mark.parametrize(
    ("id", "one", "other", "counts"),
    [
        ("low_back_pain", True, False, True),
        ("leg_pain", False, True, True),
        ("smoking", "never", "former", "former"),
        ("onset_mode", "gradual", "sudden", "sudden"),
        ("sex_at_birth", "male", "female", "female"),
        ("trauma_days_ago", 30, 3, 3),
        ("spinal_procedure_days_ago", 5, 400, 5),
        ("age_years", 70, 76, 76),
    ],
)
def test_of_two_answers_of_a_day_the_one_that_an_alarm_rests_on_counts(id, one, other, counts):
    reading = of(observation(id, one), {**observation(id, other), "id": "2"})
    assert {id: one.value for id, one in reading.found.items()} == {id: counts}
    assert len(reading.conflicts[0]) == 2


def test_no_fever_is_hidden_by_who_denies_the_pain():
    denied = {**observation("low_back_pain", value=False), "id": "2"}
    assert urgency(condition("ICPC-1-NL", "L03"), denied, observation("fever_reported")) is Urgency.SAME_DAY


def test_of_a_date_and_a_number_of_days_of_one_day_both_count():
    told = by_patient("onset_date", ON - timedelta(days=100)), observation("duration_days", 5)
    aneurysm = condition("SNOMED-CT", "233985008")
    assert set(known(*told)) == {"onset_date", "duration_days"}
    assert urgency(*told, aneurysm, observation("low_back_pain")) is Urgency.EMERGENCY


def test_where_neither_of_two_answers_is_the_worse_nothing_is_known():
    reading = of(
        observation("dermatome", "L5"),
        {**observation("dermatome", "S1"), "id": "2"},
        observation("dermatome", "L4", on=AGO[3]),
    )
    assert not reading.found
    assert len(reading.conflicts[0]) == 2
    assert len(reading.older) == 1


def test_that_it_was_there_before_does_not_count_when_it_was_also_denied():
    before = observation("saddle_numbness_before_episode")
    assert known(before, {**before, "id": "2", "valueBoolean": False}) == {"saddle_numbness_before_episode": False}


def test_not_knowing_makes_good_news_unknown_and_leaves_an_alarm():
    unclear = {**observation("saddle_numbness", None), "id": "2"}
    assert known(observation("saddle_numbness", value=False), unclear) == {"saddle_numbness": "unclear"}
    assert known(observation("saddle_numbness"), unclear) == {"saddle_numbness": True}
    assert known(observation("saddle_numbness", on=AGO[3]), unclear) == {"saddle_numbness": True}
    assert known(observation("saddle_numbness", None, on=AGO[3]), observation("saddle_numbness", value=False)) == {
        "saddle_numbness": False
    }


def test_an_answer_of_tomorrow_is_passed_over():
    tomorrow = ON + timedelta(days=1)
    reading = of(observation("saddle_numbness", value=False, on=tomorrow), observation("onset_date", ON, onset=1))
    assert set(reading.found) == {"onset_date"}
    assert problems(reading) == [
        f"Observation/saddle-numbness-{tomorrow}: {tomorrow} given, a day that is not after {ON} expected"
    ]
    later = of({**observation("onset_date", ON), "valueDateTime": str(tomorrow)})
    assert not later.found
    assert str(tomorrow) in problems(later)[0]


@pytest.mark.control("C-44")
def test_a_yes_of_an_emergency_room_just_before_midnight_counts_though_its_clock_is_an_hour_off():
    reading = of(observation("saddle_numbness", on=f"{ON}T23:30:00Z"))
    assert {id: one.value for id, one in reading.found.items()} == {"saddle_numbness": True}
    assert reading.found["saddle_numbness"].origin.on is None
    assert len(reading.passed) == 1


@pytest.mark.parametrize("on", ["", "2026", "2026-01", "yesterday", "2026-02-30", "0000-01-01", "1066-10-14"])
def test_without_a_day_a_yes_counts_and_a_no_does_not_reassure(on):
    assert known(observation("saddle_numbness", on=on)) == {"saddle_numbness": True}
    no = of(observation("saddle_numbness", value=False, on=on))
    assert not no.found
    assert [one.finding for one in no.stale] == ["saddle_numbness"]
    assert known(observation("saddle_numbness", None, on=on)) == {"saddle_numbness": "unclear"}
    before = observation("saddle_numbness_before_episode", on=on)
    assert known(before) == {}


def test_without_a_day_nobody_knows_from_when_to_count():
    assert known(observation("trauma_days_ago", 3, on=""), observation("age_years", 40, on="")) == {}
    assert known(observation("leg_pain", on="")) == {"leg_pain": True}


def test_a_yes_without_a_day_beside_a_no_of_today_counts_and_both_are_shown():
    reading = of(observation("saddle_numbness", on=""), observation("saddle_numbness", value=False))
    assert reading.found["saddle_numbness"].value is True
    assert len(reading.conflicts[0]) == 2


def test_a_cancer_in_the_record_is_not_undone_by_a_no_of_today():
    record, no = condition("SNOMED-CT", "363346000", recordedDate=AGO[800]), observation("cancer_history", value=False)
    reading = of(record, no)
    assert reading.found["cancer_history"].value is True
    assert [{one.value for one in answers} for answers in reading.conflicts] == [{True, False}]
    assert known(observation("cancer_history", on=AGO[800]), no) == {"cancer_history": False}
    assert known(condition("ICPC-1-NL", "A03", recordedDate=AGO[3]), observation("fever_reported", value=False)) == {
        "fever_reported": False
    }


def test_ten_thousand_measurements_of_one_day_take_no_time_to_speak_of():
    started = datetime.now()
    sent = [{**measured("LOINC", "8310-5", **quantity(36 + n / 10_000, "Cel")), "id": f"t{n}"} for n in range(10_000)]
    assert known(*sent) == {"fever_c": 36.9999}
    assert datetime.now() - started < timedelta(seconds=10)


def test_a_number_out_of_a_record_is_measured_again_after_two_weeks():
    for value, hints in ((4, set()), (80, {"crp_mg_l"})):
        reading = of(measured("LOINC", "1988-5", on=AGO[14], **quantity(value, "mg/L")))
        assert not reading.found
        assert [one.value for one in reading.stale] == [value]
        assert asks(reading) == hints
    assert known(measured("LOINC", "1988-5", on=AGO[13], **quantity(80, "mg/L"))) == {"crp_mg_l": 80}


@pytest.mark.control("C-44")
@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-01-14T22:59:59Z", "2026-01-14"),
        ("2026-01-14T23:00:00Z", "2026-01-15"),
        ("2025-07-01T22:00:00Z", "2025-07-02"),
        ("2025-03-30T00:59:59.5Z", "2025-03-30"),
        ("2025-10-26T22:30:00Z", "2025-10-26"),
        ("2025-10-26T23:00:00Z", "2025-10-27"),
        ("2026-01-15T00:30:00+14:00", "2026-01-14"),
        ("2026-01-15T10:00:00", "2026-01-15"),
    ],
)
def test_a_moment_is_of_the_day_that_it_is_in_the_netherlands(moment, day):
    assert str(of(observation("leg_pain", on=moment)).found["leg_pain"].origin.on) == day


def test_where_there_is_no_moment_of_the_finding_the_one_of_its_issue_counts():
    sent = observation("leg_pain", issued=f"{AGO[3]}T10:00:00Z")
    del sent["effectiveDateTime"]
    assert str(of(sent).found["leg_pain"].origin.on) == AGO[3]
    over_weeks = {**sent, "effectivePeriod": {"start": AGO[30], "end": AGO[3]}}
    assert of(over_weeks).found["leg_pain"].origin.on is None


@pytest.mark.parametrize("when", [{"effectiveDateTime": "2019"}, {"effectivePeriod": {"start": "2019-01-01"}}])
def test_a_no_of_years_ago_is_not_of_the_day_on_which_it_was_issued(when):
    sent = {**observation("saddle_numbness", value=False), "issued": f"{ON}T10:00:00Z"}
    del sent["effectiveDateTime"]
    assert known({**sent, **when}) == {}


def test_a_reading_is_of_one_day():
    with pytest.raises(ValueError, match=f"read as of {ON}; read it again for {AGO[3]}"):
        of(observation("leg_pain")).case(ON - timedelta(days=3))
