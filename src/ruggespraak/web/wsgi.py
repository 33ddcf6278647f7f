"""The website as a WSGI application."""

from __future__ import annotations

import os
from datetime import date
from threading import Thread
from typing import Any

import django
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.utils.http import parse_header_parameters

from ruggespraak.consult import Case, decide

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ruggespraak.web.settings")


class Request(WSGIRequest):
    """A request that is read as UTF-8, whatever charset it names.

    Django would take any codec of Python's, also one that is none for text, and fail before anything of ours runs.
    """

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))


class Site(WSGIHandler):
    """Django, with requests of our own."""

    request_class = Request


django.setup(set_prefix=False)
application = Site()


def warm_up() -> None:
    """Makes the edition ready, so that the first visitor does not wait for it; keeps house from now on."""
    from ruggespraak.web.house import keep_house
    from ruggespraak.web.observed import trace

    if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        trace()
    decide(Case(on=date.today()))
    Thread(target=keep_house, daemon=True).start()
