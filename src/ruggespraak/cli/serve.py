"""``rug serve``: the website for real. It starts only where nothing that it needs to be safe is missing."""

from __future__ import annotations

import logging
import os

import click

from ruggespraak.cli.extra import extra
from ruggespraak.cli.refused import Refused
from ruggespraak.cli.site import free, on_the_site

log = logging.getLogger(__name__)


@click.command()
@click.option("--address", metavar="HOST:PORT", default="127.0.0.1:8000", show_default=True, help="Where to listen.")
def serve(address: str) -> None:
    """The website for a practice and its patients, with the settings of the environment (RUG_...).

    It begins on tables that "rug admin upgrade" made, and says what is missing otherwise. The self-check is closed
    unless RUG_PUBLIC=1, which asks for a legal check ("rug admin legal-check"). Not a certified medical device.
    """
    host, port = _parted(address)
    os.environ.setdefault("RUG_LOG", "json")
    with on_the_site():
        from ruggespraak.web.server import Server
        from ruggespraak.web.start import hang_up, safe_to_serve

        safe_to_serve(host)
        hang_up()
    if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        with extra("otel"):
            import opentelemetry.exporter.otlp.proto.http
            import opentelemetry.sdk  # noqa: F401
    free(host, port, "--address")
    if not os.environ.get("RUG_SMTP"):
        log.warning("RUG_SMTP is not set: no mail is sent, so nobody can sign in by a code")
    Server(address, lambda: click.echo(f"http://{address}/   (stop: Ctrl-C)")).run()


def _parted(address: str) -> tuple[str, int]:
    host, colon, port = address.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not (colon and host and port.isdecimal() and 0 < int(port) < 2**16):
        raise Refused(f"--address {address}: HOST:PORT expected, such as 127.0.0.1:8000")
    return host, int(port)
