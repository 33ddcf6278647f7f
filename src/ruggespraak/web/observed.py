"""What the server tells its operator: lines on standard error and, where they ask for them, spans of OpenTelemetry.

Both know a page by its name in the URL configuration. A path, an address, a form, an id and the text of an exception
may tell of a patient, so they are never said: a line holds the keys of ``SAID`` and nothing else. Of a fault it says
the kind, and where in this software it came from. What others log is passed on without its words.
"""

from __future__ import annotations

import json
import logging
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse

PACKAGE = "ruggespraak"
HERE = Path(__file__).resolve().parents[1]  # of our own code
SAID = ("version", "route", "method", "status", "ms", "job", "count", "number", "hash", "patient")
SLOW = 1000  # milliseconds
REFUSED = frozenset({400, 403, 409, 413, 415, 429, 503})
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"})
LONGEST = 200  # characters of a value
log = logging.getLogger(__name__)


class Lines(logging.Formatter):
    """One line for each event: a JSON object, or the same in words for who sits before it."""

    def __init__(self, as_json: bool = True) -> None:
        super().__init__()
        self.as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        told = _told(record)
        if self.as_json:
            return json.dumps(told)
        first = f"{told.pop('time')} {told.pop('level')} {told.pop('event')}"
        return " ".join([first, *(f"{key}={json.dumps(value)}" for key, value in told.items())])


class Faults(logging.Filter):
    """Only what was raised: the answer that became of it is told by ``Observed``."""

    def filter(self, record: logging.LogRecord) -> bool:
        return bool(record.exc_info)


def _told(record: logging.LogRecord) -> dict[str, Any]:
    """Our own words are constants (``msg`` before anything is filled in); those of others are left out."""
    ours = record.name.partition(".")[0] == PACKAGE
    told: dict[str, Any] = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "event": str(record.msg) if ours else "said by a library",
        "logger": record.name,
    }
    for key in SAID:
        if (value := getattr(record, key, None)) is not None:
            told[key] = value if isinstance(value, bool | int | float) else str(value)[:LONGEST]
    if record.exc_info and record.exc_info[0]:
        told["fault"] = record.exc_info[0].__qualname__
        told["at"] = [
            f"{Path(frame.filename).relative_to(HERE)}:{frame.lineno}:{frame.name}"
            for frame in traceback.extract_tb(record.exc_info[2])
            if Path(frame.filename).is_relative_to(HERE)
        ]
    return told


class Observed:
    """Says what failed, was refused or took long; and makes a span of every request. The first of all middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        method = request.method if request.method in METHODS else "_OTHER"
        with span(method, server=True) as open_span:
            found = self.get_response(request)
            match = request.resolver_match
            template = f"/{match.route}" if match else ""
            if open_span:
                open_span.update_name(f"{method} {template}".strip())
                told = {"http.request.method": method, "http.response.status_code": found.status_code}
                open_span.set_attributes(told | ({"http.route": template} if match else {}))
        ms = round((time.perf_counter() - began) * 1000)
        said = {
            "route": match.view_name if match else "none", "method": method, "status": found.status_code, "ms": ms,
        }  # fmt: skip
        if found.status_code in REFUSED:
            log.info("refused", extra=said)
        elif found.status_code >= 500:
            log.error("failed", extra=said)
        elif ms > SLOW:
            log.info("slow", extra=said)
        return found


# Spans: our own few lines, for instrumentation that comes ready made would put addresses into them

_tracer: Any = None


def trace(exporter: Any = None) -> None:
    """Begins to make spans, and sends them where OTEL_EXPORTER_OTLP_ENDPOINT says. In the process that serves: what
    sends them is a thread. Raises ImportError without ``ruggespraak[otel]``. ``exporter``: where a test wants them."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor

    global _tracer
    provider = TracerProvider(resource=Resource.create({"service.name": PACKAGE}))
    provider.add_span_processor(SimpleSpanProcessor(exporter) if exporter else BatchSpanProcessor(OTLPSpanExporter()))
    _tracer = provider.get_tracer(PACKAGE)


@contextmanager
def span(name: str, server: bool = False) -> Iterator[Any]:
    """A span of this name, or None where nobody asked for spans. The words of an exception stay out of it."""
    if _tracer is None:
        yield None
        return
    from opentelemetry.trace import SpanKind

    kind = SpanKind.SERVER if server else SpanKind.INTERNAL
    with _tracer.start_as_current_span(name, kind=kind, record_exception=False, set_status_on_exception=False) as made:
        yield made
