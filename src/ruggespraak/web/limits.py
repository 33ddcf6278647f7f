"""How often one address may send answers, fetch PDFs and run the country: what is open to everybody can be abused.

Counted in memory, by minute, under a keyed hash of the address that is thrown away with the process: no address is
written down anywhere. Behind a proxy every visitor would share one address: the proxy limits there, and a limit of 0
turns these off.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from hashlib import blake2b
from secrets import token_bytes
from threading import Lock

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from ruggespraak.consult.case import Problem
from ruggespraak.web import api, fhir_facade
from ruggespraak.web.errors import too_many

MINUTE = 60  # seconds
SIGNED = "/cds-services"
"""Who asks here signs each call, and a system asks for many people: only what nobody signed is counted (``cds``)."""


class RateLimit:
    """Refuses what is over the limit, and says when it can be tried again."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._key = token_bytes(32)
        self._lock = Lock()
        self._minute = 0
        self._seen: Counter[tuple[bytes, str]] = Counter()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        kind = "PDF" if request.path.endswith(".pdf") else request.method
        if request.path.startswith(SIGNED):
            kind = None
        elif kind != "POST" and ("/account/" in request.path or request.path.startswith("/oidc/")):
            kind = "SIGN IN"  # a failure there is a row of the access log, which nobody can delete
        request.rate_limit = self
        return self.refused(request, kind) or self.get_response(request)

    def refused(self, request: HttpRequest, kind: str | None) -> HttpResponse | None:
        """Counts one of this kind; the answer where it is one too many. A page asks it for what it starts itself."""
        most = settings.ANSWERS_A_MINUTE
        limit = {"POST": most, "PDF": settings.PDFS_A_MINUTE, "SIGN IN": most}.get(kind or "")
        if limit and self._count(_network(request.META.get("REMOTE_ADDR", "")), str(kind)) > limit:
            return _refused(request, MINUTE - int(time.time()) % MINUTE)
        return None

    def _count(self, address: str, kind: str) -> int:
        who = blake2b(address.encode(), key=self._key, digest_size=16).digest()
        minute = int(time.time()) // MINUTE
        with self._lock:
            if minute != self._minute:
                self._minute = minute
                self._seen.clear()
            self._seen[who, kind] += 1
            return self._seen[who, kind]


def _refused(request: HttpRequest, seconds: int) -> HttpResponse:
    """Other software is told in its own way."""
    limit = f"at most {settings.ANSWERS_A_MINUTE} in a minute"
    if request.path == "/fhir" or request.path.startswith("/fhir/"):
        found = fhir_facade.problem(429, "throttled", f"requests: {limit} from one address expected")
    elif request.path.startswith(("/api/", SIGNED)):
        found = api.problem(429, Problem("requests", "more from one address", limit))
    else:
        return too_many(request, seconds)
    found["Retry-After"] = str(seconds)
    return found


def _network(address: str) -> str:
    """Who has one IPv6 address has all of its /64."""
    return ":".join(address.split(":")[:4]) if ":" in address else address
