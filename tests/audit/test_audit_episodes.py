"""Episodes of back pain, built from what happened on some day to a person."""

from collections import Counter
from datetime import date, timedelta

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ruggespraak.audit.engine import connected
from ruggespraak.audit.episodes import BACK, built
from ruggespraak.audit.records import schema

FIRST = date(2024, 1, 1)
ENGINE = connected()


def day(number):
    return FIRST + timedelta(days=number)


def table(name, rows):
    """The rows as a table of events: with ``person`` in place of ``episode``."""
    columns = {"person": "string", **{column: kind for column, kind in schema(name).items() if column != "episode"}}
    if name == "contacts":
        columns["icpc"] = "string"
    return ibis.memtable(pa.Table.from_pylist(rows, ibis.schema(columns).to_pyarrow()))


def contact(number, icpc="L03", person="ann"):
    return {"person": person, "date": day(number), "icpc": icpc, "kind": "gp", "number": 1}


def picture(number, person="ann"):
    return {"person": person, "date": day(number), "kind": "mri"}


def made(contacts, pictures=(), died=None, **options):
    """The tables as lists of rows, by name."""
    people = {one["person"] for one in [*contacts, *pictures]}
    persons = table("persons", [{"person": one, "died": (died or {}).get(one)} for one in people])
    events = {"contacts": table("contacts", contacts), "imaging": table("imaging", pictures)}
    found = built(ENGINE, persons, events, **options)
    return {name: one.to_pyarrow().to_pylist() for name, one in found.items()}


def starts(found):
    return sorted((row["person"], row["start"]) for row in found["episodes"])


def test_a_contact_within_the_gap_continues_the_episode():
    found = made([contact(0), contact(89), contact(178)])
    assert starts(found) == [("ann", day(0))]
    assert {row["episode"] for row in found["contacts"]} == {"ann/1"}


def test_a_contact_on_the_very_day_on_which_it_is_over_begins_another_episode():
    found = made([contact(0), contact(90)])
    assert starts(found) == [("ann", day(0)), ("ann", day(90))]
    assert {row["start"]: row["closed"] for row in found["episodes"]} == {day(0): day(90), day(90): None}


def test_the_gap_can_be_chosen():
    assert len(made([contact(0), contact(30)], gap=30)["episodes"]) == 2
    assert len(made([contact(0), contact(30)], gap=31)["episodes"]) == 1


def test_the_backs_of_two_persons_are_two_episodes():
    found = made([contact(0), contact(1, person="ben")])
    assert {row["episode"] for row in found["episodes"]} == {"ann/1", "ben/1"}


def test_two_contacts_of_one_day_begin_one_episode_with_the_code_that_says_most():
    found = made([contact(0, "L03"), contact(0, "L86"), contact(5, "L02")])
    assert [(row["episode"], row["icpc"]) for row in found["episodes"]] == [("ann/1", "L86")]
    assert len(found["contacts"]) == 3


def test_a_contact_that_nobody_coded_belongs_to_the_episode_and_does_not_prolong_it():
    found = made([contact(0), contact(80, icpc=None), contact(95)])
    assert starts(found) == [("ann", day(0)), ("ann", day(95))]
    assert Counter(row["episode"] for row in found["contacts"]) == {"ann/1": 2, "ann/2": 1}


def test_a_contact_for_a_cough_is_no_look_at_a_back():
    found = made([contact(0), contact(3, icpc="R05")])
    assert [row["date"] for row in found["contacts"]] == [day(0)]
    assert found["loose"] == [{"table": "contacts", "person": "ann", "date": day(3)}]


def test_a_picture_before_the_first_contact_and_one_after_the_last_day_are_loose():
    found = made([contact(0)], [picture(-1), picture(0), picture(89), picture(90), picture(5, "ben")])
    assert [row["date"] for row in found["imaging"]] == [day(0), day(89)]
    assert sorted((row["table"], row["person"], row["date"]) for row in found["loose"]) == [
        ("imaging", "ann", day(-1)), ("imaging", "ann", day(90)), ("imaging", "ben", day(5)),
    ]  # fmt: skip


def answer(number, finding, value="true"):
    return {"person": "ann", "date": day(number), "finding": finding, "value": value}


def test_what_lasts_is_of_the_person_and_not_lost_where_no_episode_is():
    answers = [
        answer(-9, "diabetes"), answer(-9, "cancer_history", "false"), answer(-9, "uveitis", "unclear"),
        answer(-9, "leg_pain"), answer(-9, "age_years", "44"), answer(1, "psoriasis"),
    ]  # fmt: skip
    events = {
        "contacts": table("contacts", [contact(0)]),
        "answers": table("answers", answers),
        "history": table("history", [answer(-99, "ibd")]),
    }
    found = built(ENGINE, table("persons", [{"person": "ann"}]), events)
    history = {(row["date"], row["finding"], row["value"]) for row in found["history"].to_pyarrow().to_pylist()}
    assert history == {(day(-99), "ibd", "true"), (day(-9), "diabetes", "true"), (day(-9), "age_years", "44")}
    assert found["answers"].finding.to_pyarrow().to_pylist() == ["psoriasis"]
    assert found["loose"].count().to_pyarrow().as_py() == 3


def test_an_episode_is_open_while_the_records_end_before_its_gap():
    assert [row["closed"] for row in made([contact(0)], until=day(89))["episodes"]] == [None]
    assert [row["closed"] for row in made([contact(0)], until=day(90))["episodes"]] == [day(90)]


def test_who_dies_ends_the_episode():
    ended = made([contact(0)], [picture(40)], died={"ann": day(40)}, until=day(400))
    assert [row["closed"] for row in ended["episodes"]] == [day(40)]
    assert [row["table"] for row in ended["loose"]] == ["imaging"]


@pytest.mark.parametrize("died", [-3, 0])
def test_a_contact_at_or_after_death_keeps_its_own_day(died):
    found = made([contact(0)], died={"ann": day(died)}, until=day(400))
    assert [row["closed"] for row in found["episodes"]] == [day(1)]
    assert len(found["contacts"]) == 1


def test_nobody_who_came_for_a_back_leaves_no_episode_and_no_error():
    found = made([contact(0, icpc="R05")], [picture(0)])
    assert found["episodes"] == found["contacts"] == found["imaging"] == []
    assert len(found["loose"]) == 2


def by_hand(contacts, died, gap):
    """The spans of one person's episodes, in plain Python: (first day, day from which it is over)."""
    days = sorted({one["date"] for one in contacts if one["icpc"] in BACK})
    spans = []
    for one in days:
        if spans and (one - spans[-1][1]).days < gap:
            spans[-1][1] = one
        else:
            spans.append([one, one])
    return [(start, over(last, died, gap)) for start, last in spans]


def over(last, died, gap):
    after = last + timedelta(days=gap)
    return after if died is None else min(after, max(died, last + timedelta(days=1)))


days = st.integers(0, 60)
coded = st.sampled_from([*BACK, "R05", None])
people = st.sampled_from(["ann", "ben"])


@settings(max_examples=30)
@given(
    st.lists(st.builds(contact, days, coded, people), min_size=1, max_size=12),
    st.lists(st.builds(picture, days, people), max_size=6),
    st.dictionaries(people, days.map(day), max_size=1),
    st.integers(1, 20),
    days.map(day),
)
def test_episodes_are_those_of_plain_python_and_nothing_is_lost(contacts, pictures, died, gap, until):
    found = made(contacts, pictures, died, gap=gap, until=until)
    spans = {who: by_hand([c for c in contacts if c["person"] == who], died.get(who), gap) for who in ("ann", "ben")}
    expected = {
        (f"{who}/{number}", who, start, end if end <= until else None)
        for who, all in spans.items()
        for number, (start, end) in enumerate(all, 1)
    }
    assert {(row["episode"], row["person"], row["start"], row["closed"]) for row in found["episodes"]} == expected

    def falls(who, on):
        return next((f"{who}/{n}" for n, (start, end) in enumerate(spans[who], 1) if start <= on < end), None)

    about = [(c, falls(c["person"], c["date"]) if c["icpc"] in (*BACK, None) else None) for c in contacts]
    placed = Counter((episode, c["date"]) for c, episode in about if episode)
    assert Counter((row["episode"], row["date"]) for row in found["contacts"]) == placed
    where = Counter((falls(p["person"], p["date"]), p["date"]) for p in pictures)
    assert Counter((r["episode"], r["date"]) for r in found["imaging"]) == Counter(
        {key: n for key, n in where.items() if key[0]}
    )
    rows = sum(len(found[name]) for name in ("contacts", "imaging", "loose"))
    assert rows == len(contacts) + len(pictures)
