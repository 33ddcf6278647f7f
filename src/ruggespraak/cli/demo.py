"""``rug demo``: the website on this computer, on a database that is gone when it stops."""

from __future__ import annotations

import errno
import socket
import sys
import tempfile
import webbrowser
from pathlib import Path

import click

from ruggespraak.cli.extra import extra

BAD_INPUT = 2
HOST = "127.0.0.1"


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Port to serve on.")
@click.option("--browser/--no-browser", default=True, help="Open the browser.")
def demo(port: int, browser: bool) -> None:
    """The website on this computer, for trying out. Nobody else can reach it; stop it with Ctrl-C.

    Its database is a file that is removed when it stops. Not a certified medical device.
    """
    with extra("web"):
        from ruggespraak.web.server import Server, prepare
    _free(port)
    address = f"http://{HOST}:{port}/"

    def ready() -> None:
        click.echo(f"{address}   (stop: Ctrl-C)")
        if browser:
            webbrowser.open(address)

    with tempfile.TemporaryDirectory(prefix="ruggespraak-") as folder:
        prepare(str(Path(folder) / "demo.sqlite3"))
        Server(f"{HOST}:{port}", ready).run()


def _free(port: int) -> None:
    """Says so and exits with 2 where this port cannot be had."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            why = "it is in use" if error.errno == errno.EADDRINUSE else error.strerror
            click.echo(f"rug demo: port {port}: {why}; choose another one with --port", err=True)
            sys.exit(BAD_INPUT)
