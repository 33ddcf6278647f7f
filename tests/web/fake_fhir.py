"""A FHIR server of a few lines, that answers as a test wants and remembers what it was asked."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

from ruggespraak.web.exchange import FhirServer

JSON = {"Content-Type": "application/fhir+json"}


@dataclass
class Fake:
    """``answer``: what it does with a request; ``asked``: (method, path, headers, body) of every request."""

    url: str
    answer: Callable[[BaseHTTPRequestHandler], None]
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)

    @property
    def server(self) -> FhirServer:
        return FhirServer(url=self.url, name="The hospital", practice=uuid4(), client_id="app", key=None)

    def says(self, body: bytes, status: int = 200, **headers: str) -> None:
        """This, to every request."""
        told = {**JSON, **{name.replace("_", "-"): value for name, value in headers.items()}}
        self.answer = lambda request: reply(request, body, status, told)


def reply(request: BaseHTTPRequestHandler, body: bytes, status: int = 200, headers: Any = JSON) -> None:
    request.send_response(status)
    for name, value in headers.items():
        request.send_header(name, value)
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)


def drips(request: BaseHTTPRequestHandler) -> None:
    """Its headers letter by letter, for as long as somebody listens."""
    try:
        while True:
            request.wfile.write(b"H")
            request.wfile.flush()
            time.sleep(0.05)
    except OSError:
        return


@contextmanager
def fake_fhir() -> Iterator[Fake]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            made.asked.append((self.command, self.path, dict(self.headers), body))
            try:
                made.answer(self)
            except OSError:
                return  # nobody waits any more

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: Any) -> None:
            return

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listening.daemon_threads = True
    made = Fake(f"http://127.0.0.1:{listening.server_port}/fhir", lambda request: reply(request, b"{}"))
    threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield made
    finally:
        listening.shutdown()
        listening.server_close()
