"""The FHIR server of a care giver's system, as small as it can be, and the address with its public keys."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from cds_client import PATIENT, PRACTICE, public


@dataclass
class FhirOfEhr:
    """``holds``: what each kind of resource gives: a list, or a status. ``asked``: every request with its token;
    ``waits``: seconds before each answer; ``keys``: public ones, by name."""

    holds: dict[str, Any] = field(default_factory=dict)
    keys: dict[str, Any] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    waits: float = 0
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/fhir"

    @property
    def jku(self) -> str:
        return f"http://127.0.0.1:{self.port}/jwks.json"

    def listed(self, practice: Any = PRACTICE) -> Any:
        """As it stands on the list of the site."""
        from ruggespraak.web.exchange import FhirServer

        return FhirServer(url=self.url, name="The hospital", practice=practice, client_id="rug", key=None)

    def grants(self) -> dict[str, Any]:
        """What a call sends along to ask this server."""
        token = {
            "access_token": "secret-of-this-call", "token_type": "Bearer", "expires_in": 300, "scope": "user/*.read",
            "subject": "ruggespraak",
        }  # fmt: skip
        return {"fhirServer": self.url, "fhirAuthorization": token}

    def answer(self, path: str) -> tuple[int, Any]:
        time.sleep(self.waits)
        if path == "/jwks.json":
            return 200, {"keys": [public(key, kid) for kid, key in self.keys.items()]}
        kind = path.removeprefix("/fhir/").partition("/")[0]
        held = self.holds.get(kind, [])
        if isinstance(held, int):
            return held, {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception"}]}
        if kind == "Patient":
            return 200, {"resourceType": "Patient", "id": PATIENT}
        return 200, {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": one} for one in held]}


@contextmanager
def serving(**given: Any) -> Iterator[FhirOfEhr]:
    """Such a server, for as long as the block lasts."""
    held = FhirOfEhr(**given)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            held.asked.append((self.path, self.headers.get("Authorization", "")))
            status, found = held.answer(urlsplit(self.path).path)
            body = json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/fhir+json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: Any) -> None:
            """Who asked did not wait for the answer."""

    server = Server(("127.0.0.1", 0), Handler)
    held.port = server.server_port
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield held
    finally:
        server.shutdown()
        server.server_close()
