"""From another system into the page of one of its patients, and what this session then holds of that.

A system of the operator's list opens us with an address (its launch), or a care giver begins on the worklist. Both
lead to that system, which decides and sends the care giver back. The token stands in the session only, whose content
nobody can read without the visitor's cookie (``sessions``): never in an address, a page, a log or a table. It is gone
when the answers were sent back, at signing out, and when it ends; what was read with it may still go in our own record.

We are opened in a window or a tab: no page of this site is ever drawn within a page of somebody else.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from secrets import token_hex
from typing import Any

from django.contrib.sessions.exceptions import SessionInterrupted
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from ruggespraak.clinic.models import Account, Episode, Practice
from ruggespraak.clinic.roles import Act
from ruggespraak.web.access import Acting, for_care_givers, of_practice, private
from ruggespraak.web.exchange import FhirServer, exchange
from ruggespraak.web.fhir_client import FhirServerError
from ruggespraak.web.practice_forms import problem, shared
from ruggespraak.web.sessions import ConflictError, SessionStore
from ruggespraak.web.smart import Asked, Grant, SmartError, ask, code_in, exchanged, host_of, offer_of, public_key

ASKED, OPEN = "smart_asked", "smart_open"
"""Keys of the session: who was sent to decide, by the state that was sent along; and what was opened, by its id."""
AT_ONCE = 4  # of each; of more the oldest goes


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """A patient of a server who was opened in this session. ``resources``: what was read of her there, until it is in
    the record; ``missing``: kinds of resources that were not read, and why; ``episode``: where it was written, and
    ``known_as``: name and year of birth there, of whom it was written. ``arrived``: what was sent back, by its name."""

    id: str
    server: FhirServer
    grant: Grant
    resources: tuple[dict[str, Any], ...] = field(default=(), repr=False)
    missing: tuple[tuple[str, str], ...] = ()
    episode: str = ""
    known_as: tuple[str, str] = field(default=("", ""), repr=False)
    arrived: tuple[str, ...] = ()

    @property
    def lasts(self) -> bool:
        """Whether anything can still be read or written there."""
        return bool(self.grant.token)


# The session


def launch_of(request: HttpRequest, id: str) -> Launch | None:
    """What was opened under this id, while its server is listed. A token that has ended is thrown away."""
    kept = request.session.get(OPEN, {}).get(id)
    if kept is None:
        return None
    server = exchange().server(kept["server"])
    if server is None:
        forget(request, id)
        return None
    found = Launch(
        id=id,
        server=server,
        grant=Grant(**{**kept["grant"], "scopes": tuple(kept["grant"]["scopes"])}),
        resources=tuple(kept["resources"]),
        missing=tuple((kind, why) for kind, why in kept["missing"]),
        episode=kept["episode"],
        known_as=tuple(kept["known_as"]),
        arrived=tuple(kept["arrived"]),
    )
    if found.lasts and found.grant.until <= time.time():
        found = replace(found, grant=replace(found.grant, token=""))
        keep(request, found)
    return found


def launch_for(request: HttpRequest, episode: Episode) -> Launch | None:
    """Where the answers of this episode came from, while they can be sent back there."""
    found = [id for id, kept in request.session.get(OPEN, {}).items() if kept["episode"] == str(episode.id)]
    return next((one for id in reversed(found) if (one := launch_of(request, id)) and one.lasts), None)


def keep(request: HttpRequest, launch: Launch) -> None:
    """Keeps it as it is now."""
    kept = {
        "server": launch.server.url, "grant": asdict(launch.grant), "resources": launch.resources,
        "missing": launch.missing, "episode": launch.episode, "known_as": launch.known_as, "arrived": launch.arrived,
        "busy_until": 0.0,
    }  # fmt: skip
    _change(request, OPEN, lambda held: _last_of(held, launch.id, kept))


def forget(request: HttpRequest, id: str) -> None:
    """Its token, and what was read with it."""
    _change(request, OPEN, lambda held: {one: kept for one, kept in held.items() if one != id})


def forget_all(request: HttpRequest, episode: Episode) -> None:
    """Every launch of which the answers went into this episode."""
    _change(request, OPEN, lambda held: {id: one for id, one in held.items() if one["episode"] != str(episode.id)})


def claimed(request: HttpRequest, launch: Launch, seconds: float) -> bool:
    """Whether this request is the one that sends, for so long or until it is kept: of a button that is pressed twice
    only the first press counts."""
    mine = False

    def claim(held: Held) -> Held:
        nonlocal mine
        kept = held.get(launch.id)
        mine = kept is not None and kept["busy_until"] <= time.time()
        return {**held, launch.id: {**(kept or {}), "busy_until": time.time() + seconds}} if mine else held

    _change(request, OPEN, claim)
    return mine


Held = dict[str, Any]


def _last_of(held: Held, key: str, kept: Mapping[str, Any]) -> Held:
    others = {one: value for one, value in held.items() if one != key}
    return dict([*others.items(), (key, kept)][-AT_ONCE:])


def _change(request: HttpRequest, name: str, change: Callable[[Held], Held]) -> None:
    """Changes what the session holds under this name, as it is at this moment, at once.

    Who opens two patients in two tabs has requests that take seconds side by side: neither may undo the other, nor be
    refused because of it. Raises SessionInterrupted where she signed out meanwhile.
    """
    while True:
        session = SessionStore(request.session.session_key)
        held = dict(session.get(name, {}))
        if session.session_key is None:
            raise SessionInterrupted
        session[name] = change(held)
        try:
            session.save()
        except ConflictError:
            continue  # another one got through: again, on top of what it wrote
        session.modified = False
        request.session = session
        return


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
    _change(request, ASKED, lambda held: _last_of(held, asked.state, asdict(asked)))
    found = shared(request, acting) | {"there": there, "server": server.name}
    return render(request, "practice/smart_there.html", found)


# And back


@require_GET
@private
def callback(request: HttpRequest, host: str) -> HttpResponse:
    """The care giver comes back with an answer. It counts once, and in the session that was sent there: for anybody
    else nothing was asked. ``host``: of the server that was asked, so that no other one can pass for it."""
    sent = _taken(request, request.GET.get("state", ""))
    server = exchange().server(sent["server"]) if sent else None
    if sent is None or server is None:
        return _failed(request, SmartError("other_session"))
    if host != host_of(server):
        return _failed(request, SmartError("other_server"))
    came: HttpResponse = _came_back(request, practice=server.practice, server=server, asked=Asked(**sent))
    return came


def _taken(request: HttpRequest, state: str) -> Held | None:
    """What was asked with this state, for the first who comes back with it."""
    if state not in request.session.get(ASKED, {}):
        return None
    taken: list[Held] = []

    def without(held: Held) -> Held:
        taken[:] = [held.pop(state)] if state in held else []
        return held

    _change(request, ASKED, without)
    return taken[0] if taken else None


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
