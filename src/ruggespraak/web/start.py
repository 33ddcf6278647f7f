"""What must hold before a site is used: real keys, a database that answers, and settings that are safe for others."""

from __future__ import annotations

import os
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import Error, connections

from ruggespraak import __version__
from ruggespraak.clinic.database import SCHEME, opened
from ruggespraak.clinic.refused import RefusedError

SECRET, MASTER = 50, 32  # characters, bytes
DISTINCT = 10  # a random key has more different ones; one that somebody typed may not
PLACEHOLDERS = ("change", "example", "insecure", "placeholder", "secret", "test")
NEW_SECRET = "make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
NEW_MASTER = "make one with: head -c 32 /dev/urandom | base64 | tr '+/' '-_'"


@contextmanager
def site() -> Iterator[None]:
    """Inside, the settings are those of the environment and the database answers. Raises RefusedError."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "ruggespraak.web.settings"
    try:
        django.setup()
        _keys()
        _answers()
        yield
    except ImproperlyConfigured as error:
        raise RefusedError(str(error)) from None
    except OSError as error:
        raise RefusedError(f"{error.filename}: {error.strerror}") from None
    except Error as error:
        raise RefusedError(f"the database: {str(error).strip().partition(chr(10))[0]}") from None


def _keys() -> None:
    """Raises RefusedError for keys that were not made at random. None of them is ever shown."""
    secret = settings.SECRET_KEY
    if len(secret) < SECRET:
        raise RefusedError(f"RUG_SECRET_KEY has {len(secret)} characters, {SECRET} or more expected; {NEW_SECRET}")
    if len(set(secret)) < DISTINCT or any(word in secret.lower() for word in PLACEHOLDERS):
        raise RefusedError(f"RUG_SECRET_KEY is an example, not a random key; {NEW_SECRET}")
    try:
        key = urlsafe_b64decode(settings.MASTER_KEY)
    except ValueError:
        raise RefusedError(f"RUG_MASTER_KEY is not base64; {NEW_MASTER}") from None
    if len(key) != MASTER:
        raise RefusedError(f"RUG_MASTER_KEY holds {len(key)} bytes, {MASTER} expected; {NEW_MASTER}")
    if len(set(key)) < DISTINCT:
        raise RefusedError(f"RUG_MASTER_KEY is an example, not a random key; {NEW_MASTER}")


def _answers() -> None:
    """Asks PostgreSQL on a connection of its own. Raises django.db.Error."""
    if settings.DATABASE.startswith(SCHEME):
        with opened(settings.DATABASE, "asked"):
            connections["asked"].ensure_connection()


def safe_to_serve(host: str) -> None:
    """Raises RefusedError where this site may not be served there. To be called within ``site``."""
    from ruggespraak.clinic import operations
    from ruggespraak.clinic.models import LegalCheck

    if settings.DEMO:
        raise RefusedError("RUG_DEMO=1 lets anybody sign in as anybody; unset it, or use: rug demo")
    if not settings.HTTPS and not _loopback(host):
        raise RefusedError(f"--address {host} can be reached by others; serve it over https and set RUG_HTTPS=1")
    if settings.PROXIES and not settings.HTTPS:
        raise RefusedError("RUG_PROXY without RUG_HTTPS=1: a site behind a proxy is served over https")
    if any(name.startswith(("*", ".")) for name in settings.ALLOWED_HOSTS):
        raise RefusedError(f"RUG_HOSTS={','.join(settings.ALLOWED_HOSTS)}: each name of this site expected, in full")
    if settings.HTTPS and not settings.SITE.startswith("https://"):
        raise RefusedError(f"RUG_SITE is {settings.SITE}; its address expected, https://..., for links in mail")
    if not settings.DATABASE.startswith(SCHEME) and not Path(settings.DATABASE).is_file():
        raise RefusedError(f"RUG_DATABASE: there is no file {settings.DATABASE}; make it with: rug admin upgrade")
    operations.of_this_version()
    _exchange()
    if settings.PUBLIC and not LegalCheck.objects.filter(version=__version__).exists():
        raise RefusedError(
            f"RUG_PUBLIC=1, and no legal check of version {__version__} is recorded; see: rug admin legal-check --help"
        )


def _exchange() -> None:
    """Raises RefusedError for a list of other systems that cannot be used, or names a practice that is not here."""
    from ruggespraak.clinic.models import Practice
    from ruggespraak.web.exchange import ExchangeError, exchange

    try:
        found = exchange()
    except ExchangeError as error:
        raise RefusedError(f"RUG_EXCHANGE: {error}") from None
    named = {one.practice for one in found.clients} | {one.practice for one in found.servers}
    for missing in named - set(Practice.objects.values_list("pk", flat=True)):
        raise RefusedError(f"RUG_EXCHANGE: {settings.EXCHANGE}: practice {missing} is not on this site")


def hang_up() -> None:
    """Ends every connection, so that none is shared with the process that serves."""
    for one in connections.all():
        one.close()


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
