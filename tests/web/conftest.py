"""The website in this process, on a database that is gone afterwards."""

import pytest

from browser import address, chromium, visits
from database import prepared
from smart_world import running, world

__all__ = ["address", "chromium", "running", "visits", "world"]  # one browser for all files of a worker


@pytest.fixture(scope="session", autouse=True)
def site():
    """Settings and tables; the file of the database."""
    return prepared()
