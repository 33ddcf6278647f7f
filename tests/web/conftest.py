"""The website in this process, on a database that is gone afterwards."""

import pytest

from database import prepared


@pytest.fixture(scope="session", autouse=True)
def site():
    """Settings and tables; the file of the database."""
    return prepared()
