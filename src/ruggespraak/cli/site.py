"""What ``serve``, ``admin`` and ``demo`` share: a site from the environment, or one line that says what is wrong."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from ruggespraak.cli.extra import extra
from ruggespraak.cli.refused import Refused


@contextmanager
def on_the_site() -> Iterator[None]:
    """Inside, the settings are those of the environment and the database answers. What is refused becomes one line.

    What it writes is for its owner only.
    """
    os.umask(0o077)
    with extra("web"):
        from ruggespraak.clinic.refused import RefusedError
        from ruggespraak.web.start import site
    try:
        with extra("postgres"), site():
            yield
    except RefusedError as error:
        raise Refused(str(error)) from None


def free(host: str, port: int, option: str) -> None:
    """Raises Refused where this port cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            why = "it is in use" if error.errno == errno.EADDRINUSE else error.strerror
            raise Refused(f"port {port}: {why}; choose another one with {option}") from None
