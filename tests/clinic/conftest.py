"""The record in this process, on a database that is gone afterwards (which one: see ``database``)."""

import pytest

from database import prepared


@pytest.fixture(scope="session", autouse=True)
def site():
    """Settings and tables; the file of the database."""
    return prepared()
