"""A copy of everything: it holds one moment, comes back whole or not at all, and tells when anybody touched it."""

import json
import sqlite3
import stat
from datetime import date
from pathlib import Path
from shutil import copy
from threading import Event, Thread
from time import sleep
from uuid import uuid4

import pytest

from clinic_people import NUMB, answers
from clinic_people import episode as episode_of
from clinic_people import practice as practice_named
from elsewhere import empty_database, standing_at
from ruggespraak import __version__

ON = date(2026, 1, 5)
BREATH = 0.02  # seconds between two writes, so that on a busy machine everybody has a turn with SQLite


@pytest.fixture(scope="module", autouse=True)
def people(site):  # noqa: ARG001
    """A practice with a bit of everything: a correction, a choice with its reason, an emergency, an erased patient."""
    from django.utils import timezone

    from ruggespraak.clinic import log, record
    from ruggespraak.clinic.models import Account, Emergency, Handed, Member, Reminder

    practice = practice_named()
    gp = Account.objects.create_account(f"{uuid4()}@example.org", "Dr. Bos")
    Member.objects.create(account=gp, practice=practice, role="gp", since=ON)
    first = episode_of(practice, ON, NUMB, name="Ada Voorbeeld")
    wrong = first.facts.get()
    record.correct(wrong, answers(ON, {**NUMB, "saddle_numbness": False}), "gp", ON, gp)
    record.choose(wrong.decisions.get(), "stay_active", False, "reden: eigen keuze", "gp", gp)
    first.patient.only_for.add(gp)
    row = log.note(log.What.EMERGENCY, log.Actor("gp", gp.pk, practice.pk), "emergency", [first.patient], "belde 112")
    Emergency.objects.create(account=gp, patient=first.patient, row=row, until=timezone.now())
    Reminder.objects.create(episode=first, contact=ON)
    Handed.objects.create(code=str(uuid4()), content=b"sealed", until=timezone.now())
    record.erase(episode_of(practice, ON, name="Weg Gevraagd").patient)
    return first


@pytest.fixture
def empty(tmp_path):
    return empty_database(tmp_path)


@pytest.fixture(scope="module")
def made_once(people, tmp_path_factory):
    from ruggespraak.clinic import backup

    file = tmp_path_factory.mktemp("backup") / "once.sqlite3"
    assert not people.patient.erased
    return file, backup.backup(file)


@pytest.fixture
def backed_up(made_once, tmp_path):
    """A backup that a test may spoil, and what it holds."""
    return Path(copy(made_once[0], tmp_path / "backup.sqlite3")), made_once[1]


def counts():
    from ruggespraak.clinic.backup import _copied_models

    return {model._meta.db_table: model._default_manager.count() for model in _copied_models()}


# -- whole -------------------------------------------------------------------------------------------------------------


@pytest.mark.control("C-32")
def test_a_restored_backup_is_read_decided_verified_and_written_on_as_before(people, backed_up, empty):
    from django.db import DatabaseError, connection, transaction

    from ruggespraak.clinic import backup, log, record
    from ruggespraak.clinic.models import Decision, Emergency, Episode, Fact, LogRow

    file, made = backed_up
    at = people.facts.get(number=1).at
    before = {table: count for table, (count, _hash) in made.tables.items()}
    with standing_at(empty):
        told, anew = backup.restore(file)
        assert (told, anew) == (made, 0)
        assert counts() == before | {"clinic_logrow": before["clinic_logrow"] + 1}, "a row says that it was restored"
        again = Episode.objects.get(pk=people.pk)
        assert again.patient.who["name"] == "Ada Voorbeeld"
        assert again.facts.get(number=1).at == at
        assert [account.name for account in again.patient.only_for.all()] == ["Dr. Bos"]
        decision = again.facts.get(number=1).decisions.get()
        assert record.reason_of(decision.choices.get()) == "reden: eigen keuze"
        emergency = Emergency.objects.get(patient=again.patient)
        assert log.reason_of(LogRow.objects.get(pk=emergency.row), again.patient) == "belde 112"
        for one in Decision.objects.filter(fact__episode=again):
            stored, made_again = record.made_again(one)
            assert stored == made_again
        record.add(again, answers(ON, {"pain_back_nrs": 3}), "patient")
        assert log.verify((made.number, made.hash)).number == made.number + 1
        with pytest.raises(DatabaseError, match="append only"), transaction.atomic():
            Fact.objects.update(number=1)
        assert connection.vendor == ("postgresql" if empty.startswith("postgresql") else "sqlite")


def test_a_backup_holds_one_moment_while_everybody_writes(tmp_path, empty):
    from django.db import connection

    from ruggespraak.clinic import backup, log, record
    from ruggespraak.clinic.models import Episode

    practice, stop, faults = practice_named(), Event(), []

    def writes():
        try:
            mine = episode_of(practice, ON)
            while not stop.is_set():
                record.add(mine, answers(ON, {"pain_back_nrs": 3}), "patient")
                log.note(log.What.WRITE, log.SYSTEM, "mine", [mine.patient])
                sleep(BREATH)
        except Exception as error:
            faults.append(error)
        finally:
            connection.close()

    writers = [Thread(target=writes) for _ in range(2)]
    for one in writers:
        one.start()
    before = log.verify().number
    try:
        backup.backup(tmp_path / "busy.sqlite3")
    finally:
        stop.set()
        for one in writers:
            one.join()
    assert faults == []
    assert log.verify().number > before + 2, "they wrote all the while"
    with standing_at(empty):
        backup.restore(tmp_path / "busy.sqlite3")
        for one in Episode.objects.filter(practice=practice):
            assert one.facts.count() == one.facts_so_far == len(record.history(one))


def test_a_backup_is_one_file_for_its_owner_only_and_holds_no_session(backed_up):
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    from ruggespraak.clinic import backup

    file, _made = backed_up
    Session.objects.create(session_key=uuid4().hex, session_data="x", expire_date=timezone.now())
    other = file.with_name("second.sqlite3")
    backup.backup(other)
    assert sorted(path.name for path in file.parent.iterdir() if not path.name.startswith("other")) == [
        "backup.sqlite3", "second.sqlite3",
    ]  # fmt: skip
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with sqlite3.connect(other) as raw:
        assert raw.execute("SELECT count(*) FROM django_session").fetchone() == (0,)
        assert raw.execute("SELECT count(*) FROM clinic_signin").fetchone() == (0,)


def test_a_move_to_another_database_and_back_changes_no_row(tmp_path, empty):
    """From this one to SQLite, and from SQLite to one of this kind: on PostgreSQL that is there and back."""
    from ruggespraak.clinic import backup

    there = str(tmp_path / "there.sqlite3")
    first = backup.move(there)
    with standing_at(there):
        second = backup.move(empty)
    changed = {table for table, held in first.tables.items() if second.tables[table] != held}
    assert changed == {"clinic_logrow", "clinic_loghead"}, "the second move is itself a row"
    with pytest.raises(backup.BackupError, match="that database is in use"):
        backup.move(there)


# -- or nothing --------------------------------------------------------------------------------------------------------


def tampered(file, statement):
    with sqlite3.connect(file) as raw:
        for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            raw.execute(f"DROP TRIGGER {name}")
        raw.execute(statement)
    raw.close()


@pytest.mark.control("C-32")
@pytest.mark.parametrize(
    ("table", "statement"),
    [
        ("clinic_member", "UPDATE clinic_member SET role = 'privacy_officer'"),
        ("clinic_fact", "UPDATE clinic_fact SET content = x'00' WHERE id = (SELECT max(id) FROM clinic_fact)"),
        ("clinic_decision", "DELETE FROM clinic_decision WHERE id = (SELECT max(id) FROM clinic_decision)"),
        ("clinic_logrow", "UPDATE clinic_logrow SET page = 'worklist' WHERE number = 1"),
        ("clinic_loghead", "UPDATE clinic_loghead SET number = number + 1"),
    ],
)
def test_a_backup_in_which_a_row_was_changed_is_refused_and_nothing_is_written(backed_up, empty, table, statement):
    from ruggespraak.clinic import backup

    file, _made = backed_up
    tampered(file, statement)
    with standing_at(empty):
        with pytest.raises(backup.BackupError, match=f"table {table} was changed"):
            backup.restore(file)
        assert set(counts().values()) <= {0, 1}
        assert sum(counts().values()) == 1, "the head of an empty log"


def test_a_list_of_contents_that_was_changed_with_it_is_refused(backed_up):
    from ruggespraak.clinic import backup

    file, _made = backed_up
    tampered(file, f"UPDATE {backup.MANIFEST} SET manifest = replace(manifest, '{__version__}', '0.1.1')")
    with pytest.raises(backup.BackupError, match=r"list of contents was changed"):
        backup.manifest_of(file)


def test_a_backup_of_another_master_key_is_refused(backed_up, settings_of):
    from ruggespraak.clinic import backup

    file, _made = backed_up
    settings_of(MASTER_KEY="BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA=")
    with pytest.raises(backup.BackupError, match="belongs to another master key"):
        backup.manifest_of(file)


@pytest.fixture
def settings_of(monkeypatch):
    from django.conf import settings

    return lambda **values: [monkeypatch.setattr(settings, name, value) for name, value in values.items()]


@pytest.mark.control("C-63")
def test_a_backup_of_other_tables_says_which_version_made_it(backed_up, monkeypatch):
    from ruggespraak.clinic import backup, upkeep

    file, _made = backed_up
    monkeypatch.setattr(upkeep, "missing", lambda: ["clinic.0099_later"])
    with pytest.raises(backup.BackupError, match=f"of version {__version__} and has other tables"):
        backup.restore(file)


@pytest.mark.parametrize("what", ["nothing", "no database", "another database", "half of one"])
def test_a_file_that_is_no_backup_is_named_and_nothing_more(tmp_path, backed_up, what):
    from ruggespraak.clinic import backup

    file = tmp_path / "found.sqlite3"
    if what == "no database":
        file.write_bytes(b"Geachte collega, " * 1000)
    elif what == "another database":
        with sqlite3.connect(file) as raw:
            raw.execute("CREATE TABLE other (id)")
    elif what == "half of one":
        content = backed_up[0].read_bytes()
        file.write_bytes(content[: len(content) // 2])
    with pytest.raises(backup.BackupError, match=r"found\.sqlite3: (no backup|there is no such file|damaged)"):
        backup.manifest_of(file)


def test_a_database_that_is_in_use_is_not_written_over(backed_up):
    from ruggespraak.clinic import backup

    before = counts()
    with pytest.raises(backup.BackupError, match=r"in use: clinic_\w+ has \d+ rows"):
        backup.restore(backed_up[0])
    assert counts() == before


@pytest.mark.control("C-32")
def test_a_backup_that_does_not_come_back_as_it_was_written_leaves_no_file(tmp_path, monkeypatch):
    from ruggespraak.clinic import backup

    monkeypatch.setattr(backup, "_held", lambda *_given: (0, ""))
    with pytest.raises(backup.BackupError, match="did not come back"):
        backup.backup(tmp_path / "backup.sqlite3")
    assert [path.name for path in tmp_path.iterdir()] == []


def test_a_file_that_is_there_is_never_written_over(backed_up):
    from ruggespraak.clinic import backup

    with pytest.raises(backup.BackupError, match="is there already"):
        backup.backup(backed_up[0])


# -- the erased stay erased --------------------------------------------------------------------------------------------


def test_who_was_erased_after_the_backup_is_erased_anew_by_the_servers_log(backed_up, people, empty, tmp_path):
    from ruggespraak.clinic import backup, log
    from ruggespraak.clinic.models import Patient

    lines = [
        {"event": "started", "version": __version__},
        {"event": "erased", "patient": str(people.patient.pk)},
        {"event": "erased", "patient": str(uuid4())},  # of after the backup altogether
    ]
    said = tmp_path / "log.jsonl"
    said.write_text("\n".join(json.dumps(line) for line in lines) + "\n")
    with standing_at(empty):
        _told, anew = backup.restore(backed_up[0], backup.erased_in(said))
        assert anew == 1
        assert Patient.objects.get(pk=people.patient.pk).erased
        assert log.of_patient(people.patient).first().event == "erase"
        log.verify()


@pytest.mark.parametrize(
    "line", ["Nov 25 rug[1]: erased", '{"event": "erased"}', '{"event": "erased", "patient": "x"}']
)
def test_a_log_that_cannot_be_read_names_its_line(tmp_path, line):
    from ruggespraak.clinic import backup

    said = tmp_path / "log.jsonl"
    said.write_text('{"event": "started"}\n' + line)
    with pytest.raises(backup.BackupError, match="line 2 is no line of the server's log"):
        backup.erased_in(said)
