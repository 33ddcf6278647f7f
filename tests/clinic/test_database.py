"""One address for both kinds of database; whoever holds something and vanishes, or reads for long, stops nobody."""

import re
import sqlite3
from datetime import date
from pathlib import Path
from time import monotonic, sleep

import pytest

from clinic_people import episode as episode_of
from clinic_people import practice as practice_named
from elsewhere import empty_database

ON = date(2026, 1, 5)
AT_ONCE = 5  # seconds; one who waits for a reader waits 20


def kind():
    from django.db import connection

    return connection.vendor


# -- an address --------------------------------------------------------------------------------------------------------


def test_an_address_is_read_whole_with_what_libpq_is_to_know():
    from ruggespraak.clinic.database import database

    address = "postgresql://rug:p%2Fa%40s@db.example:5433/rug%20site?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem"
    found = database(address)
    assert [found[name] for name in ("USER", "PASSWORD", "HOST", "PORT", "NAME")] == [
        "rug", "p/a@s", "db.example", "5433", "rug site",
    ]  # fmt: skip
    assert found["OPTIONS"].items() >= {"sslmode": "verify-full", "sslrootcert": "/etc/ca.pem"}.items()
    assert database("postgresql://rug@/rug?host=/run/postgresql")["HOST"] == "/run/postgresql"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("postgresql://rug@db/rug?sslmod=require", "?sslmod: one of these expected: host, sslmode, "),
        ("postgresql://rug@db/rug?options=-c%20lock_timeout=0", "?options: one of these"),
        ("postgresql://rug:geheim/1@db/rug", "cannot be read"),
        ("postgresql://rug:geheim?1@db/rug", "cannot be read"),
        ("postgresql://rug:geheim#1@db/rug", "cannot be read"),
        ("postgresql://rug:geheim[@db/rug", "cannot be read"),
        ("postgresql://rug@db:poort/rug", "cannot be read"),
    ],
)
def test_an_address_that_would_be_read_otherwise_is_refused_and_no_password_is_shown(address, said):
    from django.core.exceptions import ImproperlyConfigured

    from ruggespraak.clinic.database import database

    with pytest.raises(ImproperlyConfigured, match=re.escape(said)) as refused:
        database(address)
    assert "geheim" not in str(refused.value)


# -- nobody waits long -------------------------------------------------------------------------------------------------


def test_on_postgresql_who_holds_the_end_of_the_log_and_vanishes_lets_go_and_a_copy_may_take_longer(
    monkeypatch, tmp_path
):
    from django.db import OperationalError, connections, transaction

    from ruggespraak.clinic import backup, database, log
    from ruggespraak.clinic.models import LogHead

    if kind() != "postgresql":
        pytest.skip("a process that vanishes lets go of a file")
    short = {**database.LIVELY, "options": "-c lock_timeout=1s -c idle_in_transaction_session_timeout=2s"}
    assert database.LIVELY["options"] == "-c lock_timeout=20s -c idle_in_transaction_session_timeout=60s"
    monkeypatch.setattr(database, "LIVELY", short)
    with database.opened(here(), "vanished"), database.opened(here(), "waiting"):
        holds = transaction.atomic("vanished")
        holds.__enter__()
        LogHead.objects.using("vanished").select_for_update().get(pk=1)
        with pytest.raises(OperationalError, match="lock timeout"), transaction.atomic("waiting"):
            LogHead.objects.using("waiting").select_for_update().get(pk=1)
        began = monotonic()
        log.note(log.What.READ, log.SYSTEM)
        assert monotonic() - began < AT_ONCE
        connections["vanished"].close()
    del holds
    copied = backup._held

    def slow(model, alias):
        if model is LogHead:
            sleep(3)
        return copied(model, alias)

    monkeypatch.setattr(backup, "_held", slow)
    with database.opened(here(), "source"), database.opened(empty_database(tmp_path), "target"):
        from django.core.management import call_command

        call_command("migrate", database="target", verbosity=0)
        assert backup._copied("source", "target").rows > 0


def here():
    from django.conf import settings

    return settings.DATABASE


def test_a_patient_is_erased_at_once_while_somebody_reads_and_her_key_goes_when_they_left():
    from django.db import connection

    from ruggespraak.clinic import database, record, upkeep

    if kind() != "sqlite":
        pytest.skip("PostgreSQL keeps its journal as long as is set")
    patient = episode_of(practice_named(), ON).patient
    key, file = bytes(patient.key), Path(connection.settings_dict["NAME"])

    def kept():
        return [one.name for one in file.parent.glob(f"{file.name}*") if key in one.read_bytes()]

    reader = sqlite3.connect(file)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM clinic_patient").fetchone()
    began = monotonic()
    record.erase(patient)
    assert monotonic() - began < AT_ONCE
    assert kept(), "the reader still needs it"
    assert not database.empty_journal()
    reader.rollback()
    upkeep.journal()
    reader.close()
    assert kept() == []


def test_a_reader_who_never_leaves_is_said_and_others_wait_for_each_other_as_before(monkeypatch):
    from django.db import connection

    from ruggespraak.clinic import database, upkeep

    slept = []
    monkeypatch.setattr(upkeep, "empty_journal", lambda: False)
    monkeypatch.setattr(upkeep, "sleep", slept.append)
    with pytest.raises(RuntimeError, match="the journal of the database was in use for 10 seconds"):
        upkeep.journal()
    assert len(slept) == upkeep.TRIES
    if kind() == "sqlite":
        database.empty_journal()
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout")
            assert cursor.fetchone() == (20_000,)
