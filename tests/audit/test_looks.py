"""What was known at a look: the answers of that day, and what those of earlier days are still worth."""

import random
from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from unittest.mock import patch

import ibis
import pyarrow as pa
import pytest
import sqlglot
from on_engines import SparkOptions

from ruggespraak.audit import looks as made_of
from ruggespraak.audit.engine import connected, kept
from ruggespraak.audit.looks import looks
from ruggespraak.audit.outcome import needed
from ruggespraak.audit.records import TABLES, Records, schema
from ruggespraak.consult.case import FIRST_DAY
from ruggespraak.course.answers import LASTING, SAME_FACT, WHO_ONE_IS, is_worse, lapsed, moved, signs
from ruggespraak.course.episode import Answer
from ruggespraak.pathway.editions import EDITIONS, edition
from ruggespraak.pathway.findings import CLINICIAN, VOCABULARY

ENGINE = connected()
START = date(2024, 1, 1)
ASKED = (
    "saddle_numbness", "leg_pain", "relief_sufficient", "mrc_hip_flexion", "crp_mg_l", "course", "duration_days",
    "onset_date", "bilateral_since_days", "numb_leg", "cancer_history", "diabetes", "malaise",
    "weight_loss_unexplained", "age_years", "sex_at_birth",
)  # fmt: skip
FINDINGS = tuple(VOCABULARY[id] for id in ASKED)


def day(number):
    return START + timedelta(days=number)


def records(**rows):
    tables = {
        name: ibis.memtable(pa.Table.from_pylist(rows.get(name, []), schema(name).to_pyarrow())) for name in TABLES
    }
    return Records(ENGINE, tables, frozenset(), START, day(1_000), "by hand")


def person(id="ann", birth_year=1980, sex="female"):
    return {"person": id, "practice": "north", "birth_year": birth_year, "sex": sex}


def episode(start=0, person="ann", number=1, closed=None):
    closes = None if closed is None else day(closed)
    return {"episode": f"{person}/{number}", "person": person, "start": day(start), "icpc": "L03", "closed": closes}


def look(number, episode="ann/1", review=None):
    return {
        "episode": episode, "date": day(number), "kind": "gp", "number": 1,
        "review": None if review is None else day(review),
    }  # fmt: skip


def told(number, finding, value, episode="ann/1", by=None):
    return {"episode": episode, "date": day(number), "finding": finding, "value": value, "by": by}


def known(record, findings=FINDINGS):
    """The looks, by episode and number of days."""
    rows = looks(record, findings).to_pyarrow().to_pylist()
    return {(row["episode"], (row["date"] - START).days): row for row in rows}


def of_ann(*answers, looked=(0, 7, 14, 30), **more):
    """What is known of the one episode of one person, by day of the look."""
    more = {"persons": [person()], "episodes": [episode()], **more}
    found = known(records(contacts=[look(number) for number in looked], answers=list(answers), **more))
    return {number: row for (id, number), row in found.items() if id == "ann/1"}


def over_time(finding, *answers, **more):
    return [row[finding] for _, row in sorted(of_ann(*answers, **more).items())]


def test_a_question_that_was_not_asked_is_no_no():
    everything = needed(edition("current"))
    rows = {"persons": [person()], "episodes": [episode()], "contacts": [look(0)]}
    row = known(records(**rows, answers=[told(0, "saddle_numbness", "false")]), everything)["ann/1", 0]
    assert row["saddle_numbness"] is False
    others = {finding.id for finding in everything} - {"saddle_numbness", "age_years", "sex_at_birth"}
    assert {row[id] for id in others} == {None}


def test_a_look_is_a_day_on_which_a_gp_saw_the_person():
    contacts = [look(3, review=9), {**look(3), "review": day(12)}, look(8), {**look(5), "kind": "physiotherapist"}]
    found = known(records(persons=[person()], episodes=[episode(start=1)], contacts=contacts))
    assert [(number, row["first"], row["at_least"], row["review"]) for (_, number), row in sorted(found.items())] == [
        (3, True, 2, day(12)), (8, False, 7, None),
    ]  # fmt: skip
    assert {(row["person"], row["practice"], row["icpc"], row["closed"]) for row in found.values()} == {
        ("ann", "north", "L03", None)
    }


def test_a_no_to_a_sign_of_an_alarm_is_asked_again_after_two_weeks_and_a_yes_stays():
    assert over_time("saddle_numbness", told(0, "saddle_numbness", "false")) == [False, False, None, None]
    assert over_time("saddle_numbness", told(0, "saddle_numbness", "true")) == [True, True, True, True]


def test_what_is_no_sign_of_an_alarm_stands_until_it_is_answered_anew():
    answers = told(0, "leg_pain", "false"), told(30, "leg_pain", "true")
    assert over_time("leg_pain", *answers) == [False, False, False, True]


def test_an_answer_says_nothing_of_the_days_before_it():
    assert over_time("saddle_numbness", told(7, "saddle_numbness", "true")) == [None, True, True, True]


def test_unclear_makes_a_reassuring_answer_unknown_and_leaves_an_alarming_one():
    unclear = told(7, "saddle_numbness", "unclear")
    assert over_time("saddle_numbness", told(0, "saddle_numbness", "false"), unclear) == [False, None, None, None]
    assert over_time("saddle_numbness", told(0, "saddle_numbness", "true"), unclear) == [True, True, True, True]
    assert over_time("doubt", unclear, told(14, "saddle_numbness", "false")) == [False, True, False, False]


def test_of_two_answers_of_one_day_the_worse_counts():
    yes, no, unclear = (told(0, "saddle_numbness", said) for said in ("true", "false", "unclear"))
    assert of_ann(yes, no)[0]["saddle_numbness"] is True
    assert of_ann(yes, unclear)[0]["saddle_numbness"] is True
    assert of_ann(no, unclear)[0]["saddle_numbness"] is None
    assert (
        of_ann(told(0, "relief_sufficient", "true"), told(0, "relief_sufficient", "false"))[0]["relief_sufficient"]
        is False
    )
    assert of_ann(*(told(0, "mrc_hip_flexion", said) for said in ("3", "5")))[0]["mrc_hip_flexion"] == 3
    assert of_ann(*(told(0, "crp_mg_l", said) for said in ("3", "50")))[0]["crp_mg_l"] == 50
    assert of_ann(*(told(0, "course", said) for said in ("better", "worse")))[0]["course"] == "worse"


def test_two_answers_that_differ_without_one_being_worse_are_not_known():
    assert of_ann(*(told(0, "leg_pain", said) for said in ("true", "false")))[0]["leg_pain"] is None
    assert of_ann(*(told(0, "course", said) for said in ("better", "same")))[0]["course"] is None
    assert of_ann(*(told(0, "duration_days", said) for said in ("3", "5")))[0]["duration_days"] is None
    assert of_ann(*(told(0, "duration_days", "3") for _ in "ab"))[0]["duration_days"] == 3


def test_days_go_on_and_an_age_grows_by_years():
    assert over_time("duration_days", told(0, "duration_days", "5")) == [5, 12, 19, 35]
    assert over_time("age_years", told(0, "age_years", "44"), looked=(0, 365, 366)) == [44, 44, 45]
    assert over_time("onset_date", told(0, "onset_date", "2023-12-20")) == [date(2023, 12, 20)] * 4


def test_pain_in_both_legs_does_not_grow_into_what_sets_an_alarm_aside():
    assert over_time("bilateral_since_days", told(0, "bilateral_since_days", "80")) == [80, 87, None, None]
    assert over_time("bilateral_since_days", told(0, "bilateral_since_days", "91")) == [91, 98, 105, 121]


def test_of_a_date_and_a_number_of_days_the_newest_counts():
    answers = told(0, "onset_date", "2023-12-20"), told(7, "duration_days", "3")
    assert over_time("onset_date", *answers) == [date(2023, 12, 20), None, None, None]
    assert over_time("duration_days", *answers) == [None, 3, 10, 26]


def test_a_normal_examination_says_nothing_of_what_got_worse_after_it():
    normal = told(0, "mrc_hip_flexion", "5")
    assert over_time("mrc_hip_flexion", normal) == [5, 5, 5, 5]
    assert over_time("mrc_hip_flexion", normal, told(7, "numb_leg", "true")) == [5, None, None, None]
    assert over_time("mrc_hip_flexion", normal, told(0, "numb_leg", "true")) == [5, 5, 5, 5]


@pytest.mark.parametrize("said", ["true", "unclear"])
def test_what_is_said_once_more_is_nothing_that_got_worse(said):
    told_before = told(0, "numb_leg", said), told(3, "numb_leg", "unclear")
    answers = *told_before, told(7, "mrc_hip_flexion", "5"), told(14, "numb_leg", said)
    assert over_time("mrc_hip_flexion", *answers) == [None, 5, 5, 5]


def test_an_examination_that_a_patient_tells_of_is_no_clinician_s():
    said = told(0, "mrc_hip_flexion", "5", by="patient"), told(14, "mrc_hip_flexion", "5", by="clinician")
    assert over_time("by_clinician", *said) == [False, False, True, True]
    assert over_time("by_clinician", told(0, "saddle_numbness", "false", by="patient")) == [True] * 4


def test_cancer_is_remembered_in_a_later_episode_and_a_numb_saddle_is_not():
    answers = [told(3, "cancer_history", "true"), told(3, "saddle_numbness", "true"), told(3, "diabetes", "false")]
    found = known(
        records(
            persons=[person(), person("ben")],
            episodes=[episode(closed=93), episode(200, number=2), episode(200, "ben")],
            contacts=[look(3), look(200, "ann/2"), look(200, "ben/1")],
            answers=answers,
        )
    )
    later = found["ann/2", 200]
    assert (later["cancer_history"], later["saddle_numbness"], later["diabetes"]) == (True, None, None)
    assert found["ben/1", 200]["cancer_history"] is None


def test_what_was_said_anew_counts_before_what_is_remembered():
    found = known(
        records(
            persons=[person()],
            episodes=[episode(closed=93), episode(200, number=2)],
            contacts=[look(200, "ann/2")],
            answers=[told(3, "cancer_history", "true"), told(200, "cancer_history", "false", "ann/2")],
        )
    )
    assert found["ann/2", 200]["cancer_history"] is False


def test_what_was_taken_back_in_one_episode_is_not_remembered_in_the_next():
    rows = {
        "persons": [person()],
        "episodes": [episode(closed=93), episode(200, number=2), episode(400, number=3)],
        "contacts": [look(200, "ann/2"), look(400, "ann/3")],
    }
    yes, no = told(3, "cancer_history", "true"), told(200, "cancer_history", "false", "ann/2")
    assert known(records(**rows, answers=[yes, no]))["ann/3", 400]["cancer_history"] is None
    assert known(records(**rows, answers=[yes, {**no, "date": day(3)}]))["ann/3", 400]["cancer_history"] is True


def history(finding, value="true", on=None):
    return {"person": "ann", "date": None if on is None else day(on), "finding": finding, "value": value}


def test_a_problem_list_counts_from_its_date_on_and_is_never_a_no():
    assert over_time("cancer_history", history=[history("cancer_history", on=7)]) == [None, True, True, True]
    assert over_time("cancer_history", history=[history("cancer_history", on=-3_000)]) == [True] * 4
    assert over_time("cancer_history", history=[history("cancer_history", "false", on=0)]) == [None] * 4


def test_a_problem_without_a_date_counts_if_it_lasts_and_nothing_else_is_known():
    listed = {"history": [history("cancer_history"), history("weight_loss_unexplained")]}
    assert over_time("cancer_history", **listed) == [True] * 4
    assert over_time("weight_loss_unexplained", **listed) == [None] * 4
    assert over_time("cancer_history", told(7, "cancer_history", "false"), **listed) == [True, False, False, False]


def test_a_problem_that_passes_counts_only_in_the_episode_in_which_it_was_noted():
    assert over_time("malaise", history=[history("malaise", on=-100)]) == [None] * 4
    assert over_time("malaise", history=[history("malaise", on=7)]) == [None, True, True, True]


def test_an_age_by_the_year_of_birth_stands_only_where_no_rule_tells_its_two_ages_apart():
    rows = {"persons": [person(str(age), birth_year=2024 - age) for age in range(100)]}
    rows |= {"episodes": [episode(0, str(age)) for age in range(100)]}
    found = known(records(**rows, contacts=[look(0, f"{age}/1") for age in range(100)]))
    ages = {2024 - age: found[f"{age}/1", 0]["age_years"] for age in range(100)}
    open_to_doubt = {2024 - year for year, age in ages.items() if age is None}
    assert {18, 51, 61, 75} <= open_to_doubt
    assert all(age in (None, 2024 - year) for year, age in ages.items())
    for age in set(range(1, 100)) - open_to_doubt:
        for one in map(edition, EDITIONS):
            for alarm in one.alarms:
                answers = {"low_back_pain": True, "osteoporosis_known": True, "sex_at_birth": "female"}
                either = {alarm.when.value({**answers, "age_years": of}) for of in (age - 1, age)}
                assert len(either) == 1, (age, alarm.id)


def test_the_sex_of_the_register_counts_where_nobody_was_asked():
    assert over_time("sex_at_birth") == ["female"] * 4
    assert over_time("sex_at_birth", persons=[person(sex=None)]) == [None] * 4
    assert over_time("sex_at_birth", told(7, "sex_at_birth", "male")) == ["female", "male", "male", "male"]


# -- by chance, against plain Python ----------------------------------------------------------------------------------

SAID = {
    "saddle_numbness": ("true", "false", "unclear"),
    "saddle_numbness_before_episode": ("true", "false", "unclear"),
    "babinski_or_clonus": ("true", "false", "unclear"),
    "leg_pain": ("true", "false", "unclear"),
    "relief_sufficient": ("true", "false", "unclear"),
    "cancer_history": ("true", "false", "unclear"),
    "age_at_first_onset": ("19", "44", "unclear"),
    "age_years": ("44", "45", "unclear"),
    "mrc_hip_flexion": ("3", "4", "5", "unclear"),
    "crp_mg_l": ("1", "20", "60", "unclear"),
    "fever_c": ("37", "38.5", "unclear"),
    "course": ("better", "same", "worse", "unclear"),
    "smoking": ("never", "former", "unclear"),
    "duration_days": ("0", "5", "80", "unclear"),
    "onset_date": ("2023-11-01", "2024-01-01", "unclear"),
    "bilateral_since_days": ("5", "80", "95", "unclear"),
}
TRIED = tuple(VOCABULARY[id] for id in SAID)


def by_chance(seed, people=150):
    """Records of people with up to three episodes of which much is told, on few days and so often on the same."""
    chance = random.Random(seed)
    rows = defaultdict(list)
    for number in range(people):
        who = f"p{number}"
        rows["persons"].append(person(who, birth_year=None, sex=None))
        for which in range(chance.randint(1, 3)):
            start = which * 200
            own = episode(start, who, which + 1, closed=start + 150)
            rows["episodes"].append(own)
            days = sorted(chance.sample(range(start, start + 60), 4))
            rows["contacts"] += [look(one, own["episode"]) for one in days[: chance.randint(1, 4)]]
            for _ in range(chance.randint(0, 25)):
                finding = chance.choice(list(SAID))
                by = chance.choice(["patient", "clinician", None])
                rows["answers"].append(
                    told(chance.choice(days), finding, chance.choice(SAID[finding]), own["episode"], by)
                )
        for _ in range(chance.randint(0, 3)):
            finding = chance.choice(list(SAID))
            rows["history"].append(
                {**history(finding, chance.choice(SAID[finding]), chance.choice([None, 20, 210])), "person": who}
            )
    return rows


def value_of(finding, text):
    if text == "unclear":
        return None
    if finding.kind == "boolean":
        return text == "true"
    return float(text) if finding.kind == "number" else finding.accept(text)


def by_hand(rows):
    """What is known at every look, told again in plain Python with the functions of the course of an episode."""
    of_episode, own, listed = defaultdict(list), {}, defaultdict(list)
    for row in rows["answers"]:
        of_episode[row["episode"]].append(row)
    for row in rows["history"]:
        listed[row["person"]].append(row)
    for row in rows["episodes"]:
        own[row["episode"]] = row
    found = {}
    for contact in rows["contacts"]:
        here = own[contact["episode"]]
        heard = [*of_episode[here["episode"]], *remembered(here, own, of_episode), *noted(here, listed[here["person"]])]
        found[here["episode"], (contact["date"] - START).days] = at_look(heard, contact["date"])
    return found


def lasts(row):
    return row["finding"] in LASTING | WHO_ONE_IS


def remembered(here, own, of_episode):
    return [
        row
        for other in own.values() if other["person"] == here["person"] and other["episode"] != here["episode"]
        for row in of_episode[other["episode"]]
        if lasts(row) and row["value"] not in ("false", "unclear") and row["date"] < here["start"]
        and not taken_back(row, here, own, of_episode)
    ]  # fmt: skip


def taken_back(said, here, own, of_episode):
    return any(
        row["finding"] == said["finding"] and row["value"] == "false" and said["date"] < row["date"] < here["start"]
        for one in own.values() if one["person"] == here["person"]
        for row in of_episode[one["episode"]]
    )  # fmt: skip


def noted(here, listed):
    said = [row for row in listed if row["value"] not in ("false", "unclear")]
    while_open = [row for row in said if row["date"] and here["start"] <= row["date"] <= here["closed"]]
    for_good = [row for row in said if lasts(row) and (row["date"] or row["finding"] not in WHO_ONE_IS)]
    rows = [*for_good, *(row for row in while_open if not lasts(row))]
    return [{**row, "by": None, "date": row["date"] or FIRST_DAY} for row in rows]


def agreed(finding, said, alarms):
    """What the answers of one day come to; None where that is open."""
    values = [value_of(finding, one) for one in said if one != "unclear"]
    if len(set(values)) > 1 and finding.worse in finding.choices and finding.worse in values:
        result = finding.worse
    elif len(set(values)) > 1 and (finding.worse in finding.choices or finding.worse == ""):
        result = None
    else:
        result = values[0]
        for other in values[1:]:
            result = other if is_worse(finding.id, other, result) else result
    return result if result is not None and ("unclear" not in said or alarms.alarming(finding.id, result)) else None


def at_look(heard, on):
    alarms = signs()
    stands, doubted, before, was_open, examiners = {}, set(), {}, set(), {}
    for today in sorted({row["date"] for row in heard if row["date"] <= on}):
        said = defaultdict(list)
        for row in heard:
            if row["date"] == today:
                said[row["finding"]].append(row)
        news, fresh = False, {}
        for id, rows in said.items():
            finding, words = VOCABULARY[id], [row["value"] for row in rows]
            told = [word for word in words if word != "unclear"]
            value = agreed(finding, words, alarms) if told else None
            alarming, old = value is not None and alarms.alarming(id, value), before.get(id)
            alarmed = old is not None and alarms.alarming(id, old)
            news |= alarming and (not alarmed or is_worse(id, value, old))
            opens = "unclear" in words and value is None
            sign = id in alarms.findings and finding.worse != ""
            news |= opens and sign and not alarmed and id not in was_open
            (was_open.add if opens else was_open.discard)(id)
            if told:
                before[id] = value
            others = any(row["by"] in ("patient", "proxy") for row in rows) and finding.who == CLINICIAN
            if told:
                fresh[id] = None if value is None else Answer(id, value, today, "clinician")
                doubted.discard(id)
                examiners[id] = others
            elif id in stands and stands[id] and alarms.reassures(id, stands[id].value):
                stands[id] = None
            if "unclear" in words and value is None:
                doubted.add(id)
                examiners[id] = others or examiners.get(id, False)
        for id in fresh:
            if SAME_FACT.get(id) in stands and SAME_FACT[id] not in fresh:
                stands.pop(SAME_FACT[id])
            doubted -= {SAME_FACT.get(id)} - set(said)
        if news:
            for id, answer in stands.items():
                if answer and VOCABULARY[id].who == CLINICIAN and alarms.reassures(id, answer.value):
                    stands[id] = None
        stands |= fresh
    now = {id: moved(one, on) for id, one in stands.items() if one and not lapsed(one, on, alarms)}
    return {**{id: now.get(id) for id in SAID}, "doubt": bool(doubted)}


@pytest.mark.parametrize("seed", range(3))
def test_what_is_known_at_a_look_is_what_plain_python_says(seed):
    rows = by_chance(seed)
    expected, found = by_hand(rows), known(records(**rows), TRIED)
    assert set(found) == set(expected)
    for key, row in expected.items():
        assert {name: found[key][name] for name in row} == row, key
    assert sum(value is not None for row in expected.values() for value in row.values()) > 1_000


def test_spark_says_of_every_look_what_plain_python_says(monkeypatch):
    """The SQL that Spark would get, read by a grammar of Spark SQL and run here, step by step."""

    def by_spark(engine, table, name):
        with patch.object(ibis.options, "pyspark", SparkOptions()):
            (sql,) = sqlglot.transpile(str(ibis.to_sql(table, dialect="pyspark")), read="spark", write="duckdb")
        # A date and days are a date in Spark, and a moment here.
        rows = engine.con.sql(sql).to_arrow_table().cast(table.schema().to_pyarrow())
        return kept(engine, ibis.memtable(rows), name)

    meaning = made_of._meaning
    monkeypatch.setattr(made_of, "kept", by_spark)
    monkeypatch.setattr(made_of, "_meaning", lambda findings: kept(ENGINE, meaning(findings), "meaning"))
    rows = by_chance(9)
    told = records(**rows)
    told = replace(told, tables={name: kept(ENGINE, table, name) for name, table in told.tables.items()})
    found = by_spark(ENGINE, looks(told, TRIED), "looks").to_pyarrow().to_pylist()
    expected = by_hand(rows)
    assert len(found) == len(expected)
    for row in found:
        known = expected[row["episode"], (row["date"] - START).days]
        assert {name: row[name] for name in known} == known, row
