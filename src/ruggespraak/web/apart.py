"""Long work in a process of its own: without the keys and the database, and the site goes on whatever happens to it."""

from __future__ import annotations

import os
import subprocess
import sys

NOT_PASSED_ON = ("RUG_", "DJANGO_", "CREDENTIALS_DIRECTORY")


def computed(module: str, told: str, seconds: float) -> str:
    """What this module of ``ruggespraak.web`` writes when it is run and reads this, within so many seconds.

    Raises OSError and subprocess.SubprocessError.
    """
    command = [sys.executable, "-P", "-m", f"ruggespraak.web.{module}"]
    own = {name: value for name, value in os.environ.items() if not name.startswith(NOT_PASSED_ON)}
    done = subprocess.run(command, input=told, env=own, capture_output=True, text=True, timeout=seconds, check=True)
    return done.stdout
