"""Copies of everything that is stored: a backup, its way back, and the move to another database.

A backup is one SQLite file, whatever the site's own database is: the same tables, made anew, with a copy of every row
as it stood at one moment, while the site goes on. A signed table inside says what it holds: who changes a row, or has
another master key, cannot restore it. Sessions stay behind: whoever was signed in signs in again.

A copy is read back and compared, row by row, before it counts. All of it is there or nothing is.
"""

from __future__ import annotations

import hmac
import json
import os
import sqlite3
from base64 import urlsafe_b64decode
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.utils import timezone

import ruggespraak
from ruggespraak.clinic import log, record, upkeep
from ruggespraak.clinic.database import SCHEME, opened
from ruggespraak.clinic.log import OPERATOR, What
from ruggespraak.clinic.models import LogHead, Patient, SignIn
from ruggespraak.clinic.refused import RefusedError
from ruggespraak.clinic.sealing import canonical

MANIFEST = "ruggespraak_backup"
NOT_COPIED = {"auth", "contenttypes", "sessions"}  # made anew by the tables themselves, or over
AT_ONCE = 2000  # rows
OTHER = "other"


class BackupError(RefusedError):
    """This cannot be backed up, restored or moved: it says what stands in the way. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a copy holds. ``tables``: how many rows each has, and a hash of them; ``number``, ``hash``: where the access
    log ends."""

    version: str
    migrations: list[str]
    at: str
    tables: dict[str, tuple[int, str]]
    number: int
    hash: str

    @property
    def rows(self) -> int:
        """Of all tables."""
        return sum(count for count, _hash in self.tables.values())


# Backup


def backup(file: Path) -> Manifest:
    """Writes a copy of this site's database to a new file. Raises BackupError."""
    if file.exists():
        raise BackupError(f"{file} is there already; a new file expected")
    if not file.parent.is_dir():
        raise BackupError(f"{file.parent} is no folder")
    _of_this_version(DEFAULT_DB_ALIAS)
    log.note(What.OPERATOR, OPERATOR, "backup")
    with _whole(file) as part, opened(str(part), OTHER):
        call_command("migrate", database=OTHER, verbosity=0)
        made = _copied(DEFAULT_DB_ALIAS, OTHER)
        _sign(made)
    return made


@contextmanager
def _whole(file: Path) -> Iterator[Path]:
    """A file beside this one that takes its place when all of it is written; readable by nobody else."""
    part = file.with_name(f".{file.name}.part")
    _remove(part)
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        yield part
        with sqlite3.connect(part) as raw:
            raw.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
        raw.close()
        _synced(part)
        part.rename(file)
        _synced(file.parent)
    finally:
        _remove(part)


def _remove(part: Path) -> None:
    for end in ("", "-wal", "-shm", "-journal"):
        part.with_name(part.name + end).unlink(missing_ok=True)


def _synced(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _sign(made: Manifest) -> None:
    text = canonical(asdict(made)).decode()
    with connections[OTHER].cursor() as cursor:
        cursor.execute(f"CREATE TABLE {MANIFEST} (manifest TEXT NOT NULL, signature TEXT NOT NULL)")
        cursor.execute(f"INSERT INTO {MANIFEST} VALUES (%s, %s)", [text, _signature(text)])


def _signature(text: str) -> str:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"ruggespraak backup").derive(
        urlsafe_b64decode(settings.MASTER_KEY)
    )
    return hmac.new(key, text.encode(), sha256).hexdigest()


# Restore


def manifest_of(file: Path) -> Manifest:
    """What this backup says that it holds. Raises BackupError where it is none, or not as it was made."""
    if not file.is_file():
        raise BackupError(f"{file}: there is no such file")
    raw = sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)
    try:
        text, signature = raw.execute(f"SELECT manifest, signature FROM {MANIFEST}").fetchone()
        whole = raw.execute("PRAGMA integrity_check").fetchone()[0]
    except (sqlite3.DatabaseError, TypeError):
        raise BackupError(
            f"{file}: no backup, or a damaged one; a file that 'rug admin backup' wrote expected"
        ) from None
    finally:
        raw.close()
    if not hmac.compare_digest(str(signature), _signature(str(text))):
        raise BackupError(f"{file}: its list of contents was changed, or it belongs to another master key")
    if whole != "ok":
        raise BackupError(f"{file}: damaged ({whole})")
    told = json.loads(text)
    return Manifest(**told | {"tables": {table: tuple(held) for table, held in told["tables"].items()}})


def restore(file: Path, erased: Iterable[UUID] | None = None) -> tuple[Manifest, int]:
    """Puts a backup into this site's database, which must be empty. Raises BackupError and BrokenLogError.

    ``erased``: patients who were erased since: an older backup has them readable, so they are erased anew. How many
    that were is the second answer.
    """
    told = manifest_of(file)
    _fits(told)
    call_command("migrate", verbosity=0)
    _empty(DEFAULT_DB_ALIAS)
    with opened(str(file), OTHER, init_command="PRAGMA query_only=ON"), transaction.atomic():
        made = _copied(OTHER, DEFAULT_DB_ALIAS)
        for table, held in told.tables.items():
            if made.tables.get(table) != held:
                raise BackupError(f"{file}: table {table} was changed after the backup was made")
        log.verify()
        anew = [one for one in Patient.objects.filter(pk__in=erased or ()) if not one.erased]
        for patient in anew:
            record.erase(patient)
            log.note(What.ERASE, OPERATOR, "restore", [patient])
        log.note(What.OPERATOR, OPERATOR, "restore")
    return told, len(anew)


def _fits(told: Manifest) -> None:
    """Raises BackupError for a backup of other tables than these."""
    ours = sorted({*upkeep.missing(), *upkeep.applied()})
    if told.migrations != ours:
        raise BackupError(
            f"the backup is of version {told.version} and has other tables than version {ruggespraak.__version__}: "
            "restore it with that version, then use 'rug admin upgrade' of this one"
        )


def erased_in(file: Path) -> list[UUID]:
    """Who was erased, according to a copy of the server's log. Raises BackupError for what is no log of it."""
    found = []
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BackupError(f"--erased {file}: cannot be read ({type(error).__name__})") from None
    for number, line in enumerate(lines, start=1):
        try:
            told = json.loads(line)
            if told["event"] == "erased":
                found.append(UUID(told["patient"]))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise BackupError(f"--erased {file}: line {number} is no line of the server's log (RUG_LOG=json)") from None
    return found


# Move


def move(to: str) -> Manifest:
    """Copies this site's database to another one, which must be new or empty. Raises BackupError and BrokenLogError."""
    if to == settings.DATABASE:
        raise BackupError("that is the database where it is now; another one expected")
    if not to:
        raise BackupError("TO is empty; postgresql://... or a file expected")
    if not to.startswith(SCHEME) and not Path(to).parent.is_dir():
        raise BackupError(f"{Path(to).parent} is no folder; postgresql://... or a file expected")
    _of_this_version(DEFAULT_DB_ALIAS)
    log.verify()
    with opened(to, OTHER):
        call_command("migrate", database=OTHER, verbosity=0)
        _empty(OTHER)
        log.note(What.OPERATOR, OPERATOR, "move")
        return _copied(DEFAULT_DB_ALIAS, OTHER)


def _of_this_version(alias: str) -> None:
    if upkeep.missing(alias) or upkeep.newer(alias):
        raise BackupError(f"the tables are not of version {ruggespraak.__version__}: use 'rug admin upgrade' first")


def _empty(alias: str) -> None:
    """Raises BackupError where something is kept already."""
    for model in _copied_models():
        if model is not LogHead and (count := model._default_manager.using(alias).count()):
            raise BackupError(
                f"that database is in use: {model._meta.db_table} has {count} rows; an empty one expected"
            )


# The copy


def _copied_models() -> list[Any]:
    found = apps.get_models(include_auto_created=True)
    return [one for one in found if one._meta.app_label not in NOT_COPIED and one is not SignIn]


def _copied(source: str, target: str) -> Manifest:
    """Every row of one moment, written and read back. Raises BackupError where it does not come back the same."""
    with _one_moment(source) as seen, transaction.atomic(target):
        _takes_its_time(target)
        LogHead.objects.using(target).delete()
        tables = {}
        for model in _copied_models():
            tables[model._meta.db_table] = held = _copy(model, seen, target)
            if _held(model, target) != held:
                raise BackupError(f"table {model._meta.db_table} did not come back as it was written")
        head = LogHead.objects.using(target).get(pk=1)
        _number_on(target)
        return Manifest(
            ruggespraak.__version__,
            upkeep.applied(seen),
            timezone.now().isoformat(),
            tables,
            head.number,
            bytes(head.hash).hex(),
        )


@contextmanager
def _one_moment(source: str) -> Iterator[str]:
    """A connection that sees this database as it is now, whoever writes meanwhile; nobody waits for it."""
    if connections[source].vendor == "postgresql":
        with transaction.atomic(source), connections[source].cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            _takes_its_time(source)
            yield source
    else:
        name = str(connections[source].settings_dict["NAME"])
        with opened(name, "seen", transaction_mode="DEFERRED", init_command=READ_ONLY), transaction.atomic("seen"):
            yield "seen"


READ_ONLY = "PRAGMA query_only=ON"


def _takes_its_time(alias: str) -> None:
    """Within this transaction PostgreSQL waits while the other database works, however long that takes."""
    if connections[alias].vendor == "postgresql":
        with connections[alias].cursor() as cursor:
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")


def _copy(model: Any, source: str, target: str) -> tuple[int, str]:
    fields = model._meta.concrete_fields
    count, told = 0, sha256()
    rows = _rows(model, source)
    batch = max(1, min(AT_ONCE, connections[target].ops.bulk_batch_size(fields, range(AT_ONCE))))
    while values := list(islice(rows, batch)):
        for one in values:
            told.update(_told(one))
        # As they are: saved in the ordinary way, a moment of writing would become this one.
        model._base_manager._insert([model(*one) for one in values], fields=fields, using=target, raw=True)
        count += len(values)
    return count, told.hexdigest()


def _held(model: Any, alias: str) -> tuple[int, str]:
    count, told = 0, sha256()
    for one in _rows(model, alias):
        told.update(_told(one))
        count += 1
    return count, told.hexdigest()


def _rows(model: Any, alias: str) -> Iterator[tuple[Any, ...]]:
    names = [field.attname for field in model._meta.concrete_fields]
    found: Iterator[tuple[Any, ...]] = (
        model._base_manager.using(alias).order_by("pk").values_list(*names).iterator(AT_ONCE)
    )
    return found


def _told(values: tuple[Any, ...]) -> bytes:
    """A row, in the one way in which both databases tell it."""
    return canonical([_plain(one) for one in values]) + b"\n"


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value.hex if isinstance(value, UUID) else value


def _number_on(target: str) -> None:
    """PostgreSQL counts on from the last number of each table; SQLite does so by itself."""
    with connections[target].cursor() as cursor:
        for statement in connections[target].ops.sequence_reset_sql(no_style(), _copied_models()):
            cursor.execute(statement)
