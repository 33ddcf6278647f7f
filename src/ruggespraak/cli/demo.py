"""``rug demo``: the website on this computer, on a database that is gone when it stops."""

from __future__ import annotations

import os
import tempfile
import webbrowser
from pathlib import Path

import click

from ruggespraak.cli.extra import extra
from ruggespraak.cli.refused import Refused
from ruggespraak.cli.site import free

HOST = "127.0.0.1"


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Port to serve on.")
@click.option("--browser/--no-browser", default=True, help="Open the browser.")
def demo(port: int, browser: bool) -> None:
    """The website on this computer, for trying out. Nobody else can reach it; stop it with Ctrl-C.

    Its database is a file that is removed when it stops. Not a certified medical device.
    """
    with extra("web"):
        from ruggespraak.web.exchange import ExchangeError, read_exchange
        from ruggespraak.web.server import Server, prepare
    free(HOST, port, "--port")
    if listed := os.environ.get("RUG_EXCHANGE"):
        try:
            read_exchange(listed)
        except ExchangeError as error:
            raise Refused(f"RUG_EXCHANGE: {error}") from None
    address = f"http://{HOST}:{port}/"

    def ready() -> None:
        click.echo(f"{address}   (stop: Ctrl-C)")
        if browser:
            webbrowser.open(address)

    with tempfile.TemporaryDirectory(prefix="ruggespraak-") as folder:
        prepare(str(Path(folder) / "demo.sqlite3"))
        Server(f"{HOST}:{port}", ready).run()
