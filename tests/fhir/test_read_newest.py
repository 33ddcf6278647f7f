"""Of several answers the newest counts, the more alarming of one day, and good news grows old."""

from datetime import datetime, timedelta

import pytest

from patients import ON
from ruggespraak.consult import decide
from ruggespraak.pathway.findings import VOCABULARY
from ruggespraak.pathway.rules import Urgency
from sent import AGO, asks, condition, known, measured, observation, of, problems, quantity

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
    strength = [id for id, one in VOCABULARY.items() if one.unit == "MRC"]
    normal = [observation(id, 5, on=AGO[5]) for id in strength]
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


def test_where_neither_of_two_answers_is_the_worse_nothing_is_known():
    reading = of(
        observation("leg_pain"), {**observation("leg_pain", value=False), "id": "2"}, observation("leg_pain", on=AGO[3])
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
    assert known({**observation("onset_date", ON), "valueDateTime": str(tomorrow)}) == {}


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
    del over_weeks["issued"]
    assert of(over_weeks).found["leg_pain"].origin.on is None


def test_a_reading_is_of_one_day():
    with pytest.raises(ValueError, match=f"read as of {ON}; read it again for {AGO[3]}"):
        of(observation("leg_pain")).case(ON - timedelta(days=3))
