"""Who asks, where a proxy stands in front: what it says is believed only of the addresses named in RUG_PROXY.

Without this every visitor would have the proxy's address in the access log and share its limits; and if anybody were
believed, anybody could choose theirs.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse


class Proxied:
    """Puts the visitor's address and scheme in the place of the proxy's. The last address is the one it saw itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.META.get("REMOTE_ADDR") in settings.PROXIES:
            request.META["wsgi.url_scheme"] = request.META.get("HTTP_X_FORWARDED_PROTO", "http")
            seen = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
            request.META["REMOTE_ADDR"] = seen or request.META["REMOTE_ADDR"]
        return self.get_response(request)
