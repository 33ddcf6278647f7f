"""The website in this process, on a database that is gone afterwards."""

import os
import tempfile
from pathlib import Path

import pytest

FOLDER = tempfile.TemporaryDirectory(prefix="ruggespraak-tests-")
DATABASE = Path(FOLDER.name) / "site.sqlite3"
os.environ.update(
    DJANGO_SETTINGS_MODULE="ruggespraak.web.settings",
    RUG_SECRET_KEY="a key for tests only, never for a site",
    RUG_DATABASE=str(DATABASE),
    RUG_HOSTS="testserver,localhost,127.0.0.1",
    RUG_ANSWERS_A_MINUTE="100000",
    RUG_PDFS_A_MINUTE="100000",
)


@pytest.fixture(scope="session", autouse=True)
def site():
    """Settings and tables; the folder of the database."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    return DATABASE
