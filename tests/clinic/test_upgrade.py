"""What an earlier release wrote is there after an upgrade, reads as it did, and is guarded as before.

``schemas/`` holds what each release left behind, as its SQLite wrote it: a few invented patients with a correction,
choices, another edition, an erased one and a kept result, sealed with the keys of the tests. A new release adds its own
(``sqlite3 FILE .dump``); none is ever made anew.
"""

import sqlite3
from pathlib import Path

import pytest

from elsewhere import empty_database, standing_at

SCHEMAS = sorted(Path(__file__).with_name("schemas").glob("*.sql"))
CLINIC_OF = {"0.1.0": "0002", "0.9.0": "0007"}  # the last migration of the clinic in that release
BOOLEANS = {"alarm_open", "emergency", "follows", "is_active"}  # numbers, as SQLite has them
GUARDED = ("clinic_fact", "clinic_decision", "clinic_choice", "clinic_logrow", "clinic_legalcheck")


@pytest.fixture(scope="module", params=SCHEMAS, ids=lambda file: file.stem)
def upgraded(request, tmp_path_factory):
    """The database of that release, upgraded to this one: the rows that each table had before."""
    from django.core.management import call_command
    from django.db import connection

    folder = tmp_path_factory.mktemp("release")
    raw = sqlite3.connect(folder / "release.sqlite3")
    raw.executescript(request.param.read_text(encoding="utf-8"))
    tables = [name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE name LIKE 'clinic_%' AND sql > ''")]
    tables = [name for name in tables if raw.execute("SELECT 1 FROM pragma_table_info(?)", [name]).fetchone()]
    held = {table: rows_of(raw, table) for table in sorted(tables)}
    raw.close()
    sqlite = connection.vendor == "sqlite"
    address = str(folder / "release.sqlite3") if sqlite else empty_database(folder)
    with standing_at(address):
        if not sqlite:
            call_command("migrate", "clinic", CLINIC_OF[request.param.stem], verbosity=0)
            fill(held)
        call_command("migrate", verbosity=0)
        yield {table: len(rows) for table, rows in held.items()}


def rows_of(raw, table):
    found = raw.execute(f"SELECT * FROM {table}")
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found]


def fill(held):
    """The rows of that SQLite, in the tables that the release made on PostgreSQL."""
    from django.apps import apps
    from django.core.management.color import no_style
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        for table, rows in held.items():
            cursor.execute(f"DELETE FROM {table}")  # the head of an empty log
            for row in rows:
                values = [bool(value) if name in BOOLEANS else value for name, value in row.items()]
                names = ", ".join(f'"{name}"' for name in row)
                cursor.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join(['%s'] * len(row))})", values)
        models = [model for model in apps.get_models() if model._meta.db_table in held]
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)


def test_every_released_schema_is_tried():
    assert {file.stem for file in SCHEMAS} == CLINIC_OF.keys()


@pytest.mark.control("C-63")
def test_no_row_is_lost(upgraded):
    from django.db import connection

    assert sum(upgraded.values()) > 20
    with connection.cursor() as cursor:
        for table, count in upgraded.items():
            cursor.execute(f"SELECT count(*) FROM {table}")
            assert (table, *cursor.fetchone()) == (table, count)


def test_the_tables_are_those_of_this_version(upgraded):
    from django.core.management import call_command

    from ruggespraak.clinic import upkeep

    assert upgraded
    assert (upkeep.missing(), upkeep.newer()) == ([], [])
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


@pytest.mark.control("C-24")
def test_every_decision_is_made_again_as_it_was_stored(upgraded):
    from ruggespraak.clinic import record
    from ruggespraak.clinic.models import Decision

    found = [record.made_again(one) for one in Decision.objects.all() if not one.fact.episode.patient.erased]
    assert len(found) == upgraded["clinic_decision"] - 1
    for stored, again in found:
        assert stored == again


def test_each_course_stands_where_it_stood_and_goes_on(upgraded):
    from datetime import date

    from ruggespraak.clinic import record
    from ruggespraak.clinic.models import Choice, Episode
    from ruggespraak.course import Answers

    read = [one for one in Episode.objects.all() if not one.patient.erased]
    assert len(read) == upgraded["clinic_episode"] - 1
    assert {one.patient.who["name"] for one in read} == {"Ada Voorbeeld", "Bo Verzonnen", "Charlie Zomaar"}
    for one in read:
        now = record.replayed(one)
        assert (one.status, one.next_contact, one.concern) == (str(now.status), now.next_contact, int(now.concern))
    assert "Op uitdrukkelijk verzoek, na uitleg." in {record.reason_of(one) for one in Choice.objects.all()}
    before = read[0].facts_so_far
    record.add(read[0], Answers(date(2026, 3, 9), {"pain_back_nrs": 2}, frozenset(), "patient"), "patient")
    assert read[0].facts.count() == before + 1


@pytest.mark.parametrize("what", ["UPDATE", "DELETE"])
@pytest.mark.parametrize("table", GUARDED)
def test_the_database_still_refuses_to_change_or_delete(upgraded, table, what):
    from django.db import DatabaseError, connection, transaction

    from ruggespraak.clinic import log
    from ruggespraak.clinic.models import LegalCheck

    assert upgraded
    log.note(log.What.OPERATOR, log.OPERATOR, "upgrade")
    LegalCheck.objects.create(by="x", how="x", version="x")
    change = f"DELETE FROM {table}" if what == "DELETE" else f"UPDATE {table} SET {COLUMN[table]} = {COLUMN[table]}"
    with pytest.raises(DatabaseError, match="append only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


@pytest.mark.parametrize("table", GUARDED)
def test_sqlite_refuses_a_row_that_would_take_the_place_of_one_that_is_there(upgraded, table):
    from django.db import DatabaseError, connection, transaction

    from ruggespraak.clinic import log
    from ruggespraak.clinic.models import LegalCheck

    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL replaces a row by an UPDATE, which is refused")
    assert upgraded
    log.note(log.What.OPERATOR, log.OPERATOR, "upgrade")
    LegalCheck.objects.create(by="x", how="x", version="x")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT name FROM pragma_table_info('{table}')")
        names = ", ".join(f'"{name}"' for (name,) in cursor.fetchall())
        others = names.replace('"id"', "NULL") if table == "clinic_fact" else names
        for told in (names, others):  # a fact also has a place in its course
            replaced = f"INSERT OR REPLACE INTO {table} ({names}) SELECT {told} FROM {table}"
            with pytest.raises(DatabaseError, match="append only"), transaction.atomic():
                cursor.execute(replaced)


COLUMN = {"clinic_legalcheck": "version", "clinic_logrow": "page"} | dict.fromkeys(GUARDED[:3], "id")


def test_the_access_log_begins_and_is_whole(upgraded):
    from ruggespraak.clinic import log

    assert upgraded
    number = log.note(log.What.OPERATOR, log.OPERATOR, "upgrade")
    assert log.verify().number == number
