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
    found = urlsplit(address)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(found.path[1:]),
        "USER": unquote(found.username or ""),
        "PASSWORD": unquote(found.password or ""),
        "HOST": parse_qs(found.query).get("host", [found.hostname or ""])[0],
        "PORT": str(found.port or ""),
        "CONN_MAX_AGE": None,  # a thread keeps its connection, and tries it first: after a restart it is a dead one
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": SECONDS},
    }


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
