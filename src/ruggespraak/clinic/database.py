"""Which database, and how it is spoken to: one address for both kinds, the same safety for every connection.

An address is the path of an SQLite file, or postgresql://user:password@host:port/name?sslmode=verify-full.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.db import connection, connections

SCHEME = "postgresql://"
SECONDS = 5  # in which a server answers
WAITS, HOLDS = 20, 60  # seconds: for somebody else's row, and with a row in hand while doing nothing
LIVELY = {
    "connect_timeout": SECONDS,
    "options": f"-c lock_timeout={WAITS}s -c idle_in_transaction_session_timeout={HOLDS}s",
    "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 30_000,
}  # fmt: skip
"""Whoever vanishes while they hold the end of the access log stops nobody for long; a server that vanishes neither."""
MAY_BE_SAID = (
    "host", "sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl", "ssl_min_protocol_version", "channel_binding",
    "require_auth", "gssencmode", "passfile", "target_session_attrs", "application_name",
)  # fmt: skip
"""Behind the question mark, as libpq has them."""


def database(address: str) -> dict[str, Any]:
    """As Django's settings have it.

    SQLite: every acknowledged write is on the disk (FULL), two writers wait for each other (IMMEDIATE), and what is
    deleted is overwritten (secure_delete).
    """
    if not address.startswith(SCHEME):
        sqlite = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON;"
        options = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": sqlite}
        return {
            "ENGINE": "django.db.backends.sqlite3", "NAME": address, "CONN_MAX_AGE": None, "OPTIONS": options,
        }  # fmt: skip
    return _postgresql(address)


def _postgresql(address: str) -> dict[str, Any]:
    """Raises ImproperlyConfigured; what it says shows no part of a password."""
    try:
        found = urlsplit(address)
        port = str(found.port or "")
        said = dict(parse_qsl(found.query, keep_blank_values=True))
    except ValueError:
        raise ImproperlyConfigured(UNREADABLE) from None
    if found.fragment or not all(name.isidentifier() for name in said):
        raise ImproperlyConfigured(UNREADABLE)
    if unknown := said.keys() - set(MAY_BE_SAID):
        raise ImproperlyConfigured(f"{SCHEME}...?{min(unknown)}: one of these expected: {', '.join(MAY_BE_SAID)}")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(found.path[1:]),
        "USER": unquote(found.username or ""),
        "PASSWORD": unquote(found.password or ""),
        "HOST": said.pop("host", found.hostname or ""),
        "PORT": port,
        "CONN_MAX_AGE": None,  # a thread keeps its connection, and tries it first: after a restart it is a dead one
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**said, **LIVELY},
    }


UNREADABLE = (
    f"the address {SCHEME}... of the database cannot be read: {SCHEME}user:password@host:port/name expected, "
    "with / ? # @ and % in the password written as %2F %3F %23 %40 and %25"
)


@contextmanager
def opened(address: str, alias: str, **options: Any) -> Iterator[str]:
    """A second database beside the site's own, under this alias, for as long as this lasts.

    ``options``: of SQLite, where they differ from the site's.
    """
    made = database(address)
    if address.startswith(SCHEME):
        import psycopg  # noqa: F401 - Django would say less clearly that it is not here
    else:
        made["OPTIONS"] |= options
    connections.settings[alias] = connections.configure_settings({"default": made})["default"]
    try:
        yield alias
    finally:
        connections[alias].close()
        del connections[alias], connections.settings[alias]


def empty_journal() -> bool:
    """SQLite's journal still has what was overwritten, as it was before. Whether nobody can read it there any more.

    It waits for nobody: who holds an old moment of the database open is not hurried, and the others go on.
    """
    if connection.vendor != "sqlite":
        return True
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        (before,) = cursor.fetchone()
        cursor.execute("PRAGMA busy_timeout=0")
        try:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            (busy, _pages, _done) = cursor.fetchone()
        finally:
            cursor.execute(f"PRAGMA busy_timeout={before}")
    return not busy
