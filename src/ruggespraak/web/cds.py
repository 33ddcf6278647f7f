"""CDS Hooks 2.0: other systems ask for advice when a record is opened or something is ordered, and get cards.

GET /cds-services says what there is; POST /cds-services/ID asks; POST /cds-services/ID/feedback says what was done with
a card. Who asks signs each call (``cds_token``); no cookie is read, no session begins, and of the patient nothing is
kept. An answer is there within half a second of the call: what was not known by then is said to be unknown.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from time import monotonic
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.views.decorators.csrf import csrf_exempt

from ruggespraak.consult.case import LONGEST_SHOWN, Problem
from ruggespraak.fhir.cards.card import Card, Links, as_json
from ruggespraak.fhir.cards.drafts import drafted
from ruggespraak.fhir.cards.orders import order_cards
from ruggespraak.fhir.cards.patient import patient_view
from ruggespraak.fhir.cards.record import Record, record_of
from ruggespraak.fhir.cards.services import NEEDED, SERVICES, discovery
from ruggespraak.fhir.names import Resource
from ruggespraak.fhir.read import read
from ruggespraak.fhir.write.resource import About
from ruggespraak.web.api import problem
from ruggespraak.web.cds_feedback import feedback_in, keep, names
from ruggespraak.web.cds_gather import Gathered, gather
from ruggespraak.web.cds_request import TOO_DEEP, Call, RequestError, body_of, call_in
from ruggespraak.web.cds_token import KeysError, TokenError, client_of
from ruggespraak.web.exchange import Client, exchange
from ruggespraak.web.openapi import JSON
from ruggespraak.web.pages import lang_of, today

BUDGET = 0.5  # seconds from the start of a call to its answer
RESERVE = 0.1  # seconds of these to decide and to write
PREFLIGHT = 600  # seconds that a browser may remember what it may ask
ALLOWED = "Authorization, Content-Type"

View = Callable[..., HttpResponse]


class NotOfferedError(Exception):
    """Nobody is on the list of this site: there are no services."""


# Who asks, and from which page


def for_other_sites(methods: str) -> Callable[[View], View]:
    """A view that a page of another site may ask, where a client of the list names that site as its own.

    No cookie takes part, so a page can do no more here than whoever holds the key of a client.
    """

    def made(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def shared(request: HttpRequest, **values: Any) -> HttpResponse:
            if request.method == "OPTIONS":
                found = HttpResponse(status=204)
                found["Access-Control-Allow-Methods"] = methods
                found["Access-Control-Allow-Headers"] = ALLOWED
                found["Access-Control-Max-Age"] = str(PREFLIGHT)
            elif request.method not in methods.split(", "):
                found = problem(405, Problem("method", str(request.method)[:LONGEST_SHOWN], methods))
                found["Allow"] = methods
            else:
                found = view(request, **values)
            origin = request.headers.get("Origin", "")
            if _open() or any(origin in one.origins for one in exchange().clients):
                found["Access-Control-Allow-Origin"] = "*" if _open() else origin
            found["Vary"] = "Origin, Accept-Language"
            return found

        return shared

    return made


def _open() -> bool:
    """A demonstration without a list: whoever sits at this machine may try."""
    return bool(settings.DEMO) and not exchange().clients


def _client(request: HttpRequest, end: float) -> Client | None:
    """Who asks; None in a demonstration. Raises NotOfferedError, TokenError and KeysError."""
    if _open():
        return None
    if not exchange().clients:
        raise NotOfferedError
    return client_of(request.headers.get("Authorization", ""), f"{settings.SITE}{request.path}", end - monotonic())


# The services


@for_other_sites("GET, HEAD, OPTIONS")
def services(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Which services there are: none where nobody may ask. It is about nobody, so everybody may read it."""
    offered = _open() or exchange().clients
    return _answer(discovery(lang_of()) if offered else {"services": []})


@for_other_sites("POST, OPTIONS")
def service(request: HttpRequest, id: str) -> HttpResponse:
    """What this service has to say now."""
    end = monotonic() + BUDGET - RESERVE
    return _handled(request, id, end, lambda client: _cards(id, call_in(body_of(request), SERVICES[id]), client, end))


@for_other_sites("POST, OPTIONS")
def feedback(request: HttpRequest, id: str) -> HttpResponse:
    """What was done with cards: kept, and nothing is answered."""

    def kept(client: Client | None) -> HttpResponse:
        keep(feedback_in(body_of(request), id, client))
        return HttpResponse(status=204)

    return _handled(request, id, monotonic() + BUDGET - RESERVE, kept)


def _handled(request: HttpRequest, id: str, end: float, does: Callable[[Client | None], HttpResponse]) -> HttpResponse:
    """The answer for who may ask; else what is wrong."""
    if id not in SERVICES:
        return problem(404, Problem("service", id[:LONGEST_SHOWN], " or ".join(SERVICES)))
    try:
        return does(_client(request, end))
    except NotOfferedError:
        return problem(503, Problem("this site", "no client is on its list", "a site that offers this"))
    except TokenError as error:
        return _too_often(request) or _not_believed(str(error))
    except KeysError:  # not known to be signed either
        return _too_often(request) or _without_keys()
    except RequestError as error:
        return problem(error.status, error.problem)
    except RecursionError:  # what could just be read can still be too deep to be written
        return problem(400, TOO_DEEP)


def _too_often(request: HttpRequest) -> HttpResponse | None:
    """Who sends too many calls that nobody signed is told to wait."""
    found: HttpResponse | None = request.rate_limit.refused(request, "POST")
    return found


def _not_believed(says: str) -> HttpResponse:
    found = problem(401, Problem("Authorization", says, "a token that the client signed for this call"))
    found["WWW-Authenticate"] = f'Bearer realm="cds-services", error="invalid_token", error_description="{says}"'
    return found


def _without_keys() -> HttpResponse:
    found = problem(503, Problem("the keys of the client", "not there in time", "its address to give them"))
    found["Retry-After"] = "1"
    return found


def _cards(id: str, call: Call, client: Client | None, end: float) -> HttpResponse:
    orders = drafted(call.orders, call.drafts)
    if call.hook != "patient-view" and not orders:
        return _answer({"cards": []})
    found = gather(call, client, end)
    lang = lang_of()
    record = record_of(read(found.resources, today()), lang, found.lacking)
    if lacking := _needed(record, found):
        return problem(412, Problem("prefetch", f"without {', '.join(lacking)}", "these, or a server to ask"))
    about = About(patient=f"Patient/{call.patient}", key=str(call.instance), lang=lang, author={"reference": call.user})
    cards = order_cards(record, orders, about, drafted(call.drafts, call.drafts)) if orders else patient_view(record)
    return _answer({"cards": _written(cards, id, client, lang)})


def _needed(record: Record, found: Gathered) -> list[str]:
    """What must be there and did not come, where without it nothing at all is known of a back."""
    return [] if record.back else [key for key in NEEDED if found.lacking.get(key) is False]


def _written(cards: tuple[Card, ...], id: str, client: Client | None, lang: str) -> list[Resource]:
    opens_app = any(client is None or one.practice == client.practice for one in exchange().servers)
    links = Links(
        about=f"{settings.SITE}/{lang}/about/",
        launch=f"{settings.SITE}{reverse('smart_launch')}" if opens_app else "",
        leaflet=f"{settings.SITE}/{lang}/leaflets/not_useful/",
    )
    named = names(id, client)
    return [as_json(one, links, named, lang) for one in cards]


def _answer(content: Resource) -> HttpResponse:
    found = HttpResponse(json.dumps(content), content_type=JSON)
    found["Cache-Control"] = "no-store"
    return found


urlpatterns = [
    path("cds-services", services, name="cds_services"),
    path("cds-services/<str:id>", service, name="cds_service"),
    path("cds-services/<str:id>/feedback", feedback, name="cds_feedback"),
]
