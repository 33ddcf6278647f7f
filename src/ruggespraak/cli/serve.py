"""``rug serve``: the website for real. It starts only where nothing that it needs to be safe is missing."""

from __future__ import annotations

import os
from ipaddress import ip_address
from pathlib import Path

import click

from ruggespraak import __version__
from ruggespraak.cli.extra import extra
from ruggespraak.cli.site import RefusedError, free, site


@click.command()
@click.option("--address", metavar="HOST:PORT", default="127.0.0.1:8000", show_default=True, help="Where to listen.")
def serve(address: str) -> None:
    """The website for a practice and its patients, with the settings of the environment (RUG_...).

    It begins on tables that "rug admin upgrade" made, and says what is missing otherwise. The self-check is closed
    unless RUG_PUBLIC=1, which asks for a legal check ("rug admin legal-check"). Not a certified medical device.
    """
    host, port = _parted(address)
    os.environ.setdefault("RUG_LOG", "json")
    with site():
        _safe(host)
        _tables()
        _checked()
        _traced()
        from django.db import connections

        connections.close_all()  # no connection is shared with the process that serves
    free(host, port, "--address")
    from ruggespraak.web.server import Server

    Server(address, lambda: click.echo(f"http://{address}/   (stop: Ctrl-C)")).run()


def _parted(address: str) -> tuple[str, int]:
    host, colon, port = address.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not (colon and host and port.isdecimal() and 0 < int(port) < 2**16):
        raise RefusedError(f"--address {address}: HOST:PORT expected, such as 127.0.0.1:8000")
    return host, int(port)


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _safe(host: str) -> None:
    """Raises RefusedError for settings that may be used on one's own machine only."""
    from django.conf import settings

    if settings.DEMO:
        raise RefusedError("RUG_DEMO=1 lets anybody sign in as anybody; unset it, or use: rug demo")
    if not settings.HTTPS and not _loopback(host):
        raise RefusedError(f"--address {host} can be reached by others; serve it over https and set RUG_HTTPS=1")
    if settings.HTTPS and not settings.SITE.startswith("https://"):
        raise RefusedError(f"RUG_SITE is {settings.SITE}; its address expected, https://..., for links in mail")


def _tables() -> None:
    """Raises RefusedError for a database that this version did not make."""
    from django.conf import settings

    from ruggespraak.clinic import upkeep
    from ruggespraak.clinic.database import SCHEME

    if not settings.DATABASE.startswith(SCHEME) and not Path(settings.DATABASE).is_file():
        raise RefusedError(f"RUG_DATABASE: there is no file {settings.DATABASE}; make it with: rug admin upgrade")
    if newer := upkeep.newer():
        raise RefusedError(f"the tables are of a newer version than {__version__} ({newer[-1]})")
    if missing := upkeep.missing():
        raise RefusedError(f"the tables are not of version {__version__} ({missing[0]} is missing): rug admin upgrade")


def _checked() -> None:
    """Raises RefusedError where patients may come in public and nobody has recorded that the law was looked at."""
    from django.conf import settings

    from ruggespraak.clinic.models import LegalCheck

    if settings.PUBLIC and not LegalCheck.objects.filter(version=__version__).exists():
        raise RefusedError(
            f"RUG_PUBLIC=1, and no legal check of version {__version__} is recorded; see: rug admin legal-check --help"
        )


def _traced() -> None:
    """Says what is missing where spans are asked for and cannot be made."""
    if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        with extra("otel"):
            import opentelemetry.exporter.otlp.proto.http
            import opentelemetry.sdk  # noqa: F401
