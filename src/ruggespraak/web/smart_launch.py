"""From another system into the page of one of its patients.

A system of the operator's list opens us with an address (its launch), or a care giver begins on the worklist. Both
lead to that system, which decides and sends the care giver back. What comes of it stands in the session only
(``smart_session``): never in an address, a page, a log or a table.

We are opened in a window or a tab: no page of this site is ever drawn within a page of somebody else.
"""

from __future__ import annotations

from collections.abc import Mapping
from secrets import token_hex
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from ruggespraak.clinic.models import Account, Practice
from ruggespraak.clinic.roles import Act
from ruggespraak.web.access import Acting, for_care_givers, of_practice, private
from ruggespraak.web.exchange import FhirServer, exchange
from ruggespraak.web.fhir_client import FhirServerError
from ruggespraak.web.practice_forms import problem, shared
from ruggespraak.web.smart import Asked, SmartError, ask, code_in, exchanged, host_of, offer_of, public_key
from ruggespraak.web.smart_session import Launch, answered, asks, keep

# There


@require_GET
@for_care_givers
def launch(request: HttpRequest, account: Account) -> HttpResponse:  # noqa: ARG001
    """Another system opens us for one of its patients; she is known to that system only, under ``launch``."""
    iss, opened = request.GET.get("iss", ""), request.GET.get("launch", "")
    server = exchange().server(iss)
    if server is None or not opened:
        return _failed(request, SmartError("not_listed" if server is None else "no_launch"))
    sent: HttpResponse = _sent_there(request, practice=server.practice, server=server, opened=opened, iss=iss)
    return sent


@of_practice(Act.WORK)
@require_GET
def standalone(request: HttpRequest, acting: Acting, number: int) -> HttpResponse:
    """A care giver begins here, and chooses the patient there. ``number``: of the servers of this practice, from 1."""
    servers = servers_of(acting.practice)
    if not 1 <= number <= len(servers):
        return redirect("worklist", practice=acting.practice.id)
    server = servers[number - 1]
    sent: HttpResponse = _sent_there(request, practice=server.practice, server=server, opened="", iss=server.url)
    return sent


def servers_of(practice: Practice) -> list[FhirServer]:
    """The servers of which this practice opens patients."""
    return [one for one in exchange().servers if one.practice == practice.id]


@of_practice(Act.WORK)
def _sent_there(request: HttpRequest, acting: Acting, server: FhirServer, opened: str, iss: str) -> HttpResponse:
    try:
        asked, there = ask(server, offer_of(server), opened, iss)
    except (SmartError, FhirServerError) as error:
        return _failed(request, error, acting.practice)
    asks(request, asked)
    found = shared(request, acting) | {"there": there, "server": server.name}
    return render(request, "practice/smart_there.html", found)


# And back


@require_GET
@private
def callback(request: HttpRequest, host: str) -> HttpResponse:
    """The care giver comes back with an answer. It counts once, and in the session that was sent there: for anybody
    else nothing was asked. ``host``: of the server that was asked, so that no other one can pass for it."""
    asked = answered(request, request.GET.get("state", ""))
    server = exchange().server(asked.server) if asked else None
    if asked is None or server is None:
        return _failed(request, SmartError("other_session"))
    if host != host_of(server):
        return _failed(request, SmartError("other_server"))
    came: HttpResponse = _came_back(request, practice=server.practice, server=server, asked=asked)
    return came


@of_practice(Act.WORK)
def _came_back(request: HttpRequest, acting: Acting, server: FhirServer, asked: Asked) -> HttpResponse:
    try:
        offer = offer_of(server)
        grant = exchanged(server, offer, code_in(request.GET, offer), asked)
    except (SmartError, FhirServerError) as error:
        return _failed(request, error, acting.practice)
    made = Launch(id=token_hex(8), server=server, grant=grant)
    keep(request, made)
    return redirect("smart_known", practice=acting.practice.id, launch=made.id)


@require_GET
def keys(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Our public keys, for the servers to which we prove who we are."""
    public = {key["kid"]: key for one in exchange().servers if one.key for key in [public_key(one.key)]}
    return JsonResponse({"keys": list(public.values())})


# What is said when it fails


AGAIN = _("Open the patient again from the other system, or choose it on your worklist.")
OPERATOR = _("Tell the operator of this site: what was agreed with the other system is not so.")
OTHER_SYSTEM = _("The other system cannot be used")
FAILED: Mapping[str, tuple[int, Any, Any]] = {
    "not_listed": (
        403,
        _("This system is not known here"),
        _("It is not on the list of this site, so it cannot open a patient here."),
    ),
    "no_launch": (400, _("The other system does not say which patient"), AGAIN),
    "no_smart": (
        502,
        OTHER_SYSTEM,
        _("It does not offer a safe way to open a patient. Tell the operator of this site."),
    ),
    "other_session": (409, _("This answer does not belong to what you asked"), AGAIN),
    "other_server": (409, _("This answer comes from somebody else"), AGAIN),
    "denied": (403, _("The other system does not allow it"), _("You or that system said no. Nothing was read.")),
    "try_again": (503, _("The other system cannot do it now"), AGAIN),
    "not_registered": (502, _("The other system refuses this site"), OPERATOR),
    "code_too_old": (409, _("This took too long"), AGAIN),
    "no_patient": (409, _("No patient was chosen"), AGAIN),
    "no_token": (502, OTHER_SYSTEM, OPERATOR),
    "timeout": (504, _("The other system does not answer"), AGAIN),
    "unreachable": (504, _("The other system does not answer"), AGAIN),
    "refused": (502, _("The other system refuses this site"), OPERATOR),
    "ended": (409, _("This patient is no longer open here"), AGAIN),
}
"""For each way to fail: the status, what it is, and what to do. Of a server's own fault that has no words: the last."""
NO_SENSE = (502, _("The other system gives an answer that we cannot read"), OPERATOR)


def _failed(
    request: HttpRequest, error: SmartError | FhirServerError, practice: Practice | None = None
) -> HttpResponse:
    return failed(request, error.problem if isinstance(error, SmartError) else error.kind, practice)


def failed(request: HttpRequest, why: str, practice: Practice | None = None) -> HttpResponse:
    """A page that says so. Nothing was read or written."""
    status, title, says = FAILED.get(why, NO_SENSE)
    onward = reverse("worklist", kwargs={"practice": practice.id}) if practice else reverse("home")
    return problem(request, status, str(title), str(says), onward)


callbacks = [
    path("smart/launch/", launch, name="smart_launch"),
    path("smart/callback/<str:host>/", callback, name="smart_callback"),
    path("smart/keys.json", keys, name="smart_keys"),
]
"""Without a language: what is registered with other systems."""

urlpatterns: list[Any] = [
    path("practice/<uuid:practice>/elsewhere/choose/<int:number>/", standalone, name="smart_standalone"),
]
