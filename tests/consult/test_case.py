"""A case is read strictly: what cannot be is refused with its place and what was expected, and nothing is guessed."""

import copy
import json
from datetime import date, timedelta

import pytest
from hypothesis import given

from patients import cases
from ruggespraak.consult import Case, CaseError, as_json, decide, read_case
from ruggespraak.pathway.editions import EDITIONS
from ruggespraak.pathway.findings import VOCABULARY
from ruggespraak.pathway.rules import Urgency

ON = date(2026, 1, 15)
EXAMPLE = {
    "id": "N01",
    "on": "2026-01-15",
    "edition": "current",
    "answered_by": "clinician",
    "findings": {"age_years": 46, "leg_pain": False, "saddle_numbness": "unclear"},
}


def problems(raw: object) -> list[str]:
    """What is wrong with this case."""
    with pytest.raises(CaseError) as caught:
        read_case(raw, today=ON)
    assert str(caught.value) == "; ".join(map(str, caught.value.problems))
    return [str(one) for one in caught.value.problems]


def told(**findings: object) -> dict[str, object]:
    return {"on": str(ON), "findings": findings}


# -- what a case says ------------------------------------------------------------------------------------------------


def test_the_example_of_the_contract_is_read_as_it_is_meant():
    assert read_case(EXAMPLE) == Case(
        on=ON,
        answers={"age_years": 46, "leg_pain": False},
        unclear=frozenset({"saddle_numbness"}),
        id="N01",
        edition="current",
        answered_by="clinician",
    )


def test_everything_may_be_left_out():
    assert read_case({}, today=ON) == Case(on=ON)
    assert read_case({}, today=ON) == Case(on=ON, id=None, edition="current", answered_by="clinician")


def test_null_is_as_good_as_left_out():
    everything = dict.fromkeys(EXAMPLE)
    assert read_case(everything, today=ON) == read_case({}, today=ON)
    assert read_case({"findings": {"foot_drop": None}}, today=ON).answers == {}


def test_unclear_is_neither_an_answer_nor_left_out():
    case = read_case(told(foot_drop="unclear", age_years="unclear", course="unclear", onset_date="unclear"))
    assert case.answers == {}
    assert case.unclear == {"foot_drop", "age_years", "course", "onset_date"}


def test_an_unclear_alarm_weighs_more_than_one_that_was_not_asked():
    left_out, null = decide(read_case(told())), decide(read_case(told(foot_drop=None)))
    unclear = decide(read_case(told(foot_drop="unclear")))
    assert left_out == null
    assert (left_out.urgency, unclear.urgency) == (Urgency.ROUTINE, Urgency.SAME_DAY)
    assert ("foot_drop" in left_out.ask, "foot_drop" in unclear.ask) == (True, False)
    assert unclear.unclear == ("foot_drop",)


def test_without_a_date_the_case_is_of_today_and_the_decision_says_so():
    assert read_case({}).on == date.today()
    assert decide(read_case({}, today=date(2026, 3, 29))).as_json()["on"] == "2026-03-29"


def test_the_edition_that_is_asked_for_counts_only_where_the_case_names_none():
    assert read_case({}, edition="leaflet").edition == "leaflet"
    assert read_case({"edition": None}, edition="leaflet").edition == "leaflet"
    assert read_case({"edition": "current"}, edition="leaflet").edition == "current"
    assert [read_case({"edition": name}).edition for name in EDITIONS] == list(EDITIONS)


def test_what_the_sender_keeps_beside_the_case_is_passed_over():
    own = {"expect": {"urgency": "routine"}, "source": "A", "hard": True, "note": ["x"], "Findings": {"nonsense": 1}}
    assert read_case({**EXAMPLE, **own}) == read_case(EXAMPLE)


def test_a_number_may_be_the_id_and_is_then_a_text():
    assert read_case({"id": 17}).id == "17"
    assert read_case({"id": ""}).id == ""
    assert read_case({"id": "\ud800"}).id == "\ud800"


def test_reading_changes_nothing_in_what_was_given():
    before = copy.deepcopy(EXAMPLE)
    read_case(EXAMPLE)
    assert before == EXAMPLE


# -- what cannot be: place, value, and what was expected ---------------------------------------------------------------

DAY = "a date as YYYY-MM-DD"
SPAN = f"{DAY} from 1900-01-01 to 2199-12-31 expected"
YES = "true, false or null or 'unclear' expected"
AGE = "a number from 0 to 120 (years) or 'unclear' expected"
FEVER = "a number from 30 to 45 (degrees C) or 'unclear' expected"
LONG = "a number from 0 to 36500 (days) or 'unclear' expected"
COURSE = "one of better, same, worse or 'unclear' expected"
OBJECT = "an object from finding to answer expected"
WRONG = {
    "a list": ([], "a case is a JSON object, not a list"),
    "a text": ("x", "a case is a JSON object, not a text"),
    "a number": (4.5, "a case is a JSON object, not a number"),
    "null": (None, "a case is a JSON object, not null"),
    "true": (True, "a case is a JSON object, not true or false"),
    "findings as a list": ({"findings": []}, f"findings: a list given, {OBJECT}"),
    "findings as a text": ({"findings": "x"}, f"findings: a text given, {OBJECT}"),
    "a yes for a number": (told(age_years=True), f"age_years: true given, {AGE}"),
    "a number for a yes": (told(foot_drop=1), f"foot_drop: 1 given, {YES}"),
    "a word for a yes": (told(foot_drop="ja"), f"foot_drop: 'ja' given, {YES}"),
    "too old": (told(age_years=300), f"age_years: 300 given, {AGE}"),
    "too young": (told(age_years=-1), f"age_years: -1 given, {AGE}"),
    "a number as a text": (told(fever_c="38"), f"fever_c: '38' given, {FEVER}"),
    "in Fahrenheit": (told(fever_c=100.4), f"fever_c: 100.4 given, {FEVER}"),
    "no number": (told(fever_c=float("nan")), f"fever_c: nan given, {FEVER}"),
    "without end": (told(duration_days=float("inf")), f"duration_days: inf given, {LONG}"),
    "a list for an answer": (told(leg_pain=[True]), f"leg_pain: [True] given, {YES}"),
    "no such choice": (told(course="bad"), f"course: 'bad' given, {COURSE}"),
    "another case": (told(course="Worse"), f"course: 'Worse' given, {COURSE}"),
    "Unclear with a capital": (told(foot_drop="Unclear"), f"foot_drop: 'Unclear' given, {YES}"),
    "no such day": (told(onset_date="2025-02-30"), f"onset_date: '2025-02-30' given, {DAY} or 'unclear' expected"),
    "a Dutch date": (told(onset_date="15-01-2026"), f"onset_date: '15-01-2026' given, {DAY} or 'unclear' expected"),
    "no day of the case": ({"on": "yesterday"}, f"on: 'yesterday' given, {SPAN}"),
    "a day as a number": ({"on": 20260115}, f"on: 20260115 given, {SPAN}"),
    "a slip in the year": ({"on": "0206-01-15"}, f"on: '0206-01-15' given, {SPAN}"),
    "the end of time": ({"on": "9999-12-31"}, f"on: '9999-12-31' given, {SPAN}"),
    "no such edition": ({"edition": "2019"}, "edition: '2019' given, one of current, leaflet, nice, acp expected"),
    "an edition as a number": ({"edition": 1}, "edition: 1 given, one of current, leaflet, nice, acp expected"),
    "nobody who answers": ({"answered_by": "x"}, "answered_by: 'x' given, one of patient, proxy, clinician expected"),
    "an id that is a list": ({"id": ["N01"]}, "id: ['N01'] given, a text expected"),
    "an id that is a yes": ({"id": True}, "id: true given, a text expected"),
    "misspelt": (told(footdrop=True), "footdrop: no such finding; did you mean foot_drop?"),
    "in capitals": (told(AGE_YEARS=40), "AGE_YEARS: no such finding; did you mean age_years?"),
    "in camel case": (told(stepOffL4L5=True), "stepOffL4L5: no such finding; did you mean step_off_L4L5?"),
    "unknown": (told(xyzzy=True), "xyzzy: no such finding"),
    "unknown and null": (told(saddle_numbnes=None), "saddle_numbnes: no such finding; did you mean saddle_numbness?"),
    "unknown over two lines": (told(**{"foot\ndrop": True}), "'foot\\ndrop': no such finding; did you mean foot_drop?"),
}  # fmt: skip


@pytest.mark.control("C-22")
@pytest.mark.parametrize("what", WRONG)
def test_what_cannot_be_is_refused_with_its_place_its_value_and_what_was_expected(what):
    raw, says = WRONG[what]
    assert problems(raw) == [says]


@pytest.mark.control("C-44")
@pytest.mark.parametrize("id", ["onset_date", "sick_leave_start"])
def test_a_day_after_the_day_of_the_case_cannot_have_been(id):
    assert problems(told(**{id: "2026-01-16"})) == [
        f"{id}: '2026-01-16' given, a date that is not after 2026-01-15 (the date of the case) or 'unclear' expected"
    ]
    assert read_case(told(**{id: "2026-01-15"})).answers[id] == ON
    assert problems({"findings": {id: str(ON + timedelta(days=1))}})  # and without a date of its own: not after today


def test_all_problems_are_told_at_once_in_the_order_of_the_case():
    raw = {"findings": {"age_years": 300, "nonsence": 1, "foot_drop": True, "course": 5}, "id": [], "answered_by": "x"}
    assert [problem.partition(":")[0] for problem in problems(raw)] == [
        "age_years",
        "nonsence",
        "course",
        "id",
        "answered_by",
    ]


def test_what_can_still_be_read_is_kept_beside_the_problems():
    with pytest.raises(CaseError) as caught:
        read_case(
            {"id": "N02", "on": "2026-01-15", "findings": {"foot_drop": True, "age_years": 300, "malaise": "unclear"}}
        )
    assert caught.value.readable == Case(on=ON, answers={"foot_drop": True}, unclear=frozenset({"malaise"}), id="N02")


def test_a_value_that_goes_on_and_on_is_cut_short():
    (problem,) = problems(told(course="x" * 10_000))
    assert len(problem) < 150
    (problem,) = problems(told(**{"y" * 10_000: True}))
    assert len(problem) < 150
    (problem,) = problems(told(age_years=10**400))
    assert len(problem) < 150


@pytest.mark.parametrize("id", VOCABULARY)
def test_no_finding_takes_an_object_for_an_answer(id):
    (problem,) = problems(told(**{id: {"value": True}}))
    assert problem.startswith(f"{id}: {{'value': True}} given, ")
    assert problem.endswith(" or 'unclear' expected")


# -- and back --------------------------------------------------------------------------------------------------------


@given(cases())
def test_a_case_that_is_written_is_read_as_the_same_case(case):
    written = json.loads(json.dumps(as_json(case)))
    assert read_case(written) == case


def test_a_case_is_written_with_the_keys_of_the_contract():
    assert as_json(read_case(EXAMPLE)) == EXAMPLE
    assert list(as_json(Case(on=ON))) == ["id", "on", "edition", "answered_by", "findings"]


# -- days and dates --------------------------------------------------------------------------------------------------

HERNIA = {"low_back_pain": True, "leg_pain": True, "leg_pain_below_knee": True, "leg_worse_than_back": True}


def decided(**findings: object):
    return decide(read_case(told(**findings)))


def test_the_day_on_which_the_pain_began_tells_how_long_it_has_lasted():
    by_date = decided(**HERNIA, relief_sufficient=False, onset_date="2025-12-04")
    by_days = decided(**HERNIA, relief_sufficient=False, duration_days=42)
    assert by_date.conflicts == ()
    assert [advice.id for advice in by_date.plan] == [advice.id for advice in by_days.plan]
    assert "weigh_surgery" in [advice.id for advice in by_date.plan]
    assert (by_date.phase, by_date.review) == (by_days.phase, by_days.review)


@pytest.mark.parametrize(("told_days", "disagree"), [(40, True), (41, False), (42, False), (43, False), (44, True)])
def test_a_day_more_or_less_is_no_disagreement(told_days, disagree):
    found = decided(**HERNIA, onset_date="2025-12-04", duration_days=told_days)
    assert ("onset_and_duration" in [one["id"] for one in found.conflicts]) == disagree


@pytest.mark.control("C-07")
def test_an_aneurysm_with_pain_since_yesterday_is_an_emergency_although_a_hundred_days_were_told():
    found = decided(low_back_pain=True, leg_pain=False, known_aaa=True, duration_days=100, onset_date="2026-01-14")
    assert found.urgency is Urgency.EMERGENCY
    assert found.suspected == ("aneurysm",)
    assert [one["id"] for one in found.conflicts] == ["onset_and_duration"]
    assert found.conflicts[0]["text"]


def test_an_aneurysm_with_pain_for_two_days_is_an_emergency_although_it_began_long_ago():
    found = decided(low_back_pain=True, leg_pain=False, known_aaa=True, duration_days=2, onset_date="2025-10-01")
    assert found.urgency is Urgency.EMERGENCY
    assert [one["id"] for one in found.conflicts] == ["onset_and_duration"]


def test_only_when_both_say_that_the_pain_is_old_an_aneurysm_is_no_emergency_by_itself():
    old = decided(low_back_pain=True, leg_pain=False, known_aaa=True, duration_days=100, onset_date="2025-10-07")
    assert old.urgency < Urgency.SAME_DAY
    assert old.conflicts == ()


def test_a_hernia_that_is_told_to_be_both_short_and_long_is_weighed_as_the_long_one():
    found = decided(**HERNIA, relief_sufficient=False, duration_days=10, onset_date="2025-10-07")
    assert "weigh_surgery" in [advice.id for advice in found.plan]


def test_the_day_of_reporting_sick_tells_how_long_somebody_is_sick_listed():
    assert "work_plan" in [advice.id for advice in decided(**HERNIA, sick_leave_start="2026-01-08").plan]
    assert "work_plan" not in [advice.id for advice in decided(**HERNIA, sick_leave_start="2026-01-09").plan]
