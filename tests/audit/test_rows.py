"""Rows in memory become the tables of an audit: days are days, an empty cell is unknown, what is left out is absent."""

from datetime import date

from ruggespraak.audit.engine import connected
from ruggespraak.audit.records import TABLES, schema
from ruggespraak.audit.rows import read_rows

DAY = date(2026, 1, 5)
PERSON = {"person": "p", "practice": "a", "birth_year": 1980, "sex": None, "died": None}
CONTACT = {"episode": "p/1", "date": "2026-01-05", "kind": "gp", "number": 1, "review": None}


def rows(**tables):
    return read_rows(connected(), tables, DAY, DAY, "Praktijk De Proef")


def test_a_row_comes_back_with_its_days_and_what_is_empty_is_unknown():
    found = rows(persons=[PERSON], contacts=[CONTACT])
    assert found["persons"].to_pyarrow().to_pylist() == [PERSON]
    assert found["contacts"].to_pyarrow().to_pylist() == [CONTACT | {"date": DAY}]


def test_a_table_that_is_left_out_is_absent_and_one_without_rows_is_not():
    found = rows(persons=[], contacts=[CONTACT])
    assert found.absent == set(TABLES) - {"persons", "contacts"}
    more = read_rows(connected(), {"persons": []}, DAY, DAY, "", ["treatment"])
    assert more.absent == set(TABLES) - {"persons"} | {"treatment"}


def test_every_table_has_its_columns_whether_it_has_rows_or_not():
    found = rows(contacts=[CONTACT])
    assert {name: found[name].schema() for name in TABLES} == {name: schema(name) for name in TABLES}
