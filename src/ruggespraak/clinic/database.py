"""Which database, and how it is spoken to: one address for both kinds, the same safety for every connection.

An address is the path of an SQLite file, or postgresql://user:password@host:port/name.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.db import connections

SCHEME = "postgresql://"
SECONDS = 5  # in which a server answers


def database(address: str) -> dict[str, Any]:
    """As Django's settings have it. SQLite: every acknowledged write is on the disk (FULL), and two writers wait for
    each other (IMMEDIATE)."""
    if not address.startswith(SCHEME):
        sqlite = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
        options = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": sqlite}
        return {
            "ENGINE": "django.db.backends.sqlite3", "NAME": address, "CONN_MAX_AGE": None, "OPTIONS": options,
        }  # fmt: skip
    found = urlsplit(address)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(found.path[1:]),
        "USER": unquote(found.username or ""),
        "PASSWORD": unquote(found.password or ""),
        "HOST": parse_qs(found.query).get("host", [found.hostname or ""])[0],
        "PORT": str(found.port or ""),
        "OPTIONS": {"pool": True},
    }


@contextmanager
def opened(address: str, alias: str, **options: Any) -> Iterator[str]:
    """A second database beside the site's own, under this alias, for as long as this lasts.

    ``options``: of SQLite, where they differ from the site's.
    """
    made = database(address)
    made["OPTIONS"] |= options
    if address.startswith(SCHEME):  # one connection, and nobody waits half a minute for a pool that cannot be filled
        import psycopg  # noqa: F401 - Django would say less clearly that it is not here

        made["OPTIONS"] = {"connect_timeout": SECONDS}
    connections.settings[alias] = connections.configure_settings({"default": made})["default"]
    try:
        yield alias
    finally:
        connections[alias].close()
        del connections[alias], connections.settings[alias]
