"""A second database for a test of the clinic, of the same kind as the site's own, and this process standing there."""

import os
from contextlib import contextmanager
from uuid import uuid4


@contextmanager
def standing_at(address):
    """This process, with its site's database at this address."""
    from django.db import connections

    from ruggespraak.clinic.database import opened

    here = connections["default"]
    with opened(address, "there"):
        connections["default"] = connections["there"]
        try:
            yield
        finally:
            connections["default"] = here


def empty_database(folder):
    """The address of a database that is not there yet (SQLite), or has no tables (PostgreSQL)."""
    from django.db import connection

    if connection.vendor == "sqlite":
        return str(folder / "other.sqlite3")
    name = f"other_{uuid4().hex}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    return os.environ["RUG_DATABASE"].replace("/postgres?", f"/{name}?")
