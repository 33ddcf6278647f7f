"""What ``serve``, ``admin`` and ``demo`` share: a site from the environment, or one line that says what is wrong."""

from __future__ import annotations

import errno
import os
import socket
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import click

from ruggespraak.cli.extra import extra

SECRET, MASTER = 50, 32  # characters, bytes
DISTINCT = 10  # a random key has more different ones; one that somebody typed may not
PLACEHOLDERS = ("change", "example", "insecure", "placeholder", "secret", "test")


class RefusedError(click.ClickException):
    """It cannot be done like this: one line, by the name of the command, and exit status 2."""

    exit_code = 2

    def __init__(self, message: str) -> None:
        super().__init__(message)
        found = click.get_current_context(silent=True)
        self.command = found.command_path if found else "rug"

    def show(self, file: IO[Any] | None = None) -> None:  # noqa: ARG002
        click.echo(f"{self.command}: {self.message}", err=True)


@contextmanager
def site() -> Iterator[None]:
    """Inside, the settings are those of the environment and the database answers. Its faults become one line."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "ruggespraak.web.settings"
    with extra("web"):
        import django
        from django.core.exceptions import ImproperlyConfigured
        from django.db import DatabaseError
    try:
        django.setup()
        _keys()
        _answers()
        yield
    except ImproperlyConfigured as error:
        raise RefusedError(str(error)) from None
    except DatabaseError as error:
        raise RefusedError(f"the database (RUG_DATABASE): {first_line(error)}") from None


def _keys() -> None:
    """Raises RefusedError for keys that were not made at random. None of them is ever shown."""
    from django.conf import settings

    make = "make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
    if len(settings.SECRET_KEY) < SECRET:
        found = f"RUG_SECRET_KEY has {len(settings.SECRET_KEY)} characters, {SECRET} or more expected"
        raise RefusedError(f"{found}; {make}")
    if len(set(settings.SECRET_KEY)) < DISTINCT or any(word in settings.SECRET_KEY.lower() for word in PLACEHOLDERS):
        raise RefusedError(f"RUG_SECRET_KEY is an example, not a random key; {make}")
    make = "make one with: head -c 32 /dev/urandom | base64 | tr '+/' '-_'"
    try:
        key = urlsafe_b64decode(settings.MASTER_KEY)
    except ValueError:
        raise RefusedError(f"RUG_MASTER_KEY is not base64; {make}") from None
    if len(key) != MASTER:
        raise RefusedError(f"RUG_MASTER_KEY holds {len(key)} bytes, {MASTER} expected; {make}")
    if len(set(key)) < DISTINCT:
        raise RefusedError(f"RUG_MASTER_KEY is an example, not a random key; {make}")


def _answers() -> None:
    """Asks PostgreSQL on a connection of its own: a pool would try for half a minute. Raises DatabaseError."""
    from django.conf import settings
    from django.db import connections

    from ruggespraak.clinic.database import SCHEME, opened

    if settings.DATABASE.startswith(SCHEME):
        with extra("postgres"):
            import psycopg  # noqa: F401
        with opened(settings.DATABASE, "asked"):
            connections["asked"].ensure_connection()


def first_line(error: Exception) -> str:
    """What a database says first; the rest repeats it."""
    return str(error).strip().partition("\n")[0]


def free(host: str, port: int, option: str) -> None:
    """Raises RefusedError where this port cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            why = "it is in use" if error.errno == errno.EADDRINUSE else error.strerror
            raise RefusedError(f"port {port}: {why}; choose another one with {option}") from None
