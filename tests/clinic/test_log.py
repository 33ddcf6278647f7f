"""The access log: one chain whoever writes, that nobody changes unseen, and that forgets what it may forget."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from threading import Thread
from uuid import uuid4

import pytest

from clinic_people import episode as episode_of
from clinic_people import practice as practice_named

ON = date(2026, 1, 5)
ROWS = 12


@pytest.fixture
def patient():
    return episode_of(practice_named(), ON).patient


def noted(*patients, times=1, reason=""):
    from ruggespraak.clinic import log

    for _ in range(times):
        last = log.note(log.What.READ, replace(log.SYSTEM, address="192.0.2.7"), "episode", patients, reason)
    return last


@contextmanager
def unguarded():
    """As who may do everything in the database: the rows can be changed. All of it is undone afterwards."""
    from django.db import connection, transaction

    with transaction.atomic():
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("ALTER TABLE clinic_logrow DISABLE TRIGGER USER")
            else:
                for what in ("update", "delete", "replace"):
                    cursor.execute(f"DROP TRIGGER clinic_logrow_no_{what}")
        yield
        transaction.set_rollback(True)


# -- one chain ---------------------------------------------------------------------------------------------------------


def test_each_row_goes_on_from_the_one_before_it_and_the_whole_is_verified(patient):
    from ruggespraak.clinic import log
    from ruggespraak.clinic.models import LogRow

    first = noted(patient)
    second = noted(patient, patient, reason="mevrouw belde")
    assert second == first + 2
    assert bytes(LogRow.objects.get(pk=first + 1).previous) == bytes(LogRow.objects.get(pk=first).hash)
    found = log.verify()
    assert (found.number, found.hash) == (second, bytes(LogRow.objects.get(pk=second).hash).hex())


def test_four_who_write_at_once_make_one_chain_without_a_fork(patient):
    from django.db import connection

    from ruggespraak.clinic import log

    faults = []

    def writes():
        try:
            noted(patient, times=ROWS)
        except Exception as error:
            faults.append(error)
        finally:
            connection.close()

    before = log.verify()
    writers = [Thread(target=writes) for _ in range(4)]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    assert faults == []
    assert log.verify((before.number, before.hash)).rows == before.rows + 4 * ROWS


def test_a_write_that_fails_leaves_no_row_and_the_next_one_goes_on(patient):
    from django.db import transaction

    from ruggespraak.clinic import log

    @transaction.atomic
    def fails():
        noted(patient)
        raise ZeroDivisionError

    before = log.verify()
    with pytest.raises(ZeroDivisionError):
        fails()
    assert log.verify() == before
    assert noted(patient) == before.number + 1


# -- nobody changes it -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["UPDATE clinic_logrow SET page = 'x'", "DELETE FROM clinic_logrow"])
def test_the_database_refuses_to_change_or_delete_a_row(patient, how):
    from django.db import DatabaseError, connection, transaction

    noted(patient)
    with pytest.raises(DatabaseError, match="append only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(how)


OTHER = {
    "at": "2020-01-01 00:00:00+00:00", "event": "write", "page": "letter", "account": str(uuid4()), "role": "gp",
    "practice": str(uuid4()), "patient": str(uuid4()), "address": "192.0.2.8", "emergency": True, "about": 1,
    "reason": b"other", "previous": b"other", "hash": b"other", "number": 10**9,
}  # fmt: skip


def test_every_column_is_tried():
    from ruggespraak.clinic.models import LogRow

    assert {field.name for field in LogRow._meta.concrete_fields} == OTHER.keys()


@pytest.mark.control("C-53")
@pytest.mark.parametrize("column", OTHER)
def test_a_row_that_was_changed_is_found_whatever_was_changed(patient, column):
    from ruggespraak.clinic import log
    from ruggespraak.clinic.models import LogRow

    changed = noted(patient, reason="mevrouw belde")
    noted(patient)
    with unguarded():
        LogRow.objects.filter(pk=changed).update(**{column: OTHER[column]})
        with pytest.raises(log.BrokenLogError, match=str(changed)):
            log.verify()
    log.verify()


def test_a_row_that_is_gone_is_found_in_the_middle_and_at_the_end(patient):
    from ruggespraak.clinic import log
    from ruggespraak.clinic.models import LogRow

    last = noted(patient, times=3)
    for gone, how in ((last - 1, f"row {last - 1} is missing"), (last, f"ends at row {last - 1}, .* at row {last}")):
        with unguarded():
            LogRow.objects.filter(pk=gone).delete()
            with pytest.raises(log.BrokenLogError, match=how):
                log.verify()


def test_who_cuts_off_the_end_and_moves_the_head_is_found_by_what_was_written_down_elsewhere(patient):
    from ruggespraak.clinic import log
    from ruggespraak.clinic.models import LogHead, LogRow

    last = noted(patient, times=2)
    known = log.verify()
    with unguarded():
        LogRow.objects.filter(pk=last).delete()
        now = LogRow.objects.get(pk=last - 1)
        LogHead.objects.update(number=now.pk, hash=bytes(now.hash))
        assert log.verify().number == last - 1, "it looks whole"
        with pytest.raises(log.BrokenLogError, match=f"row {last} no longer has the hash"):
            log.verify((known.number, known.hash))
    assert log.verify((known.number, known.hash)) == known


# -- it forgets what it may --------------------------------------------------------------------------------------------


def test_after_five_years_a_row_is_deleted_and_the_chain_begins_after_it(patient, monkeypatch):
    from django.utils import timezone

    from ruggespraak.clinic import log
    from ruggespraak.clinic.models import LogHead, LogRow

    now = timezone.now()
    then = now + log.KEPT_FOR + timedelta(days=30)
    young = noted(patient, times=3)
    monkeypatch.setattr(timezone, "now", lambda: now)
    assert log.forget() == 0, "nothing is old"
    with unguarded():  # the database's own clock goes on as it is
        monkeypatch.setattr(timezone, "now", lambda: then)
        kept = noted(patient)
        forgotten = log.forget()
        assert forgotten >= 3
        assert not LogRow.objects.filter(pk__lte=young).exists()
        assert LogHead.objects.get().begins_after == young
        assert (log.verify().rows, log.verify().number) == (1, kept)


def test_the_database_itself_lets_an_old_row_go_and_no_young_one(patient):
    from django.db import DatabaseError, connection, transaction
    from django.utils import timezone

    from ruggespraak.clinic import log
    from ruggespraak.clinic.models import LogRow

    now = timezone.now()
    last = noted(patient)
    with transaction.atomic():
        for number, days in ((last + 1, log.KEPT_FOR.days + 1), (last + 2, log.KEPT_FOR.days - 1)):
            at = now - timedelta(days=days)
            LogRow.objects.create(number=number, at=at, event="read", role="gp", previous=b"", hash=b"")
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM clinic_logrow WHERE number = %s", [last + 1])
            assert cursor.rowcount == 1
        with pytest.raises(DatabaseError, match="append only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM clinic_logrow WHERE number = %s", [last + 2])
        transaction.set_rollback(True)


def test_an_erased_patient_stays_in_the_chain_and_nobody_reads_why_her_record_was_opened(patient):
    from ruggespraak.clinic import log, record
    from ruggespraak.clinic.models import LogRow
    from ruggespraak.clinic.sealing import ErasedError

    number = noted(patient, reason="mevrouw Jansen belde")
    row = LogRow.objects.get(pk=number)
    assert log.reason_of(row, patient) == "mevrouw Jansen belde"
    before = log.verify()
    record.erase(patient)
    assert log.verify() == before
    with pytest.raises(ErasedError):
        log.reason_of(row, patient)
    assert b"Jansen" not in bytes(row.reason)
