"""What the session of a care giver holds of other systems: what was asked there, and the patients who were opened.

Nobody can read it without the visitor's cookie (``sessions``). A token is gone when the answers were sent back, at
signing out, and when it ends; what was read with it may still go in our own record.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.exceptions import SessionInterrupted
from django.http import HttpRequest

from ruggespraak.clinic.models import Episode
from ruggespraak.web.exchange import FhirServer, exchange
from ruggespraak.web.sessions import ConflictError, SessionStore
from ruggespraak.web.smart import Asked, Grant

ASKED, OPEN = "smart_asked", "smart_open"
"""Keys of the session: who was sent to decide, by the state that was sent along; and what was opened, by its id."""
AT_ONCE = 4  # of each; of more the oldest goes
Held = dict[str, Any]


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


# What was asked


def asks(request: HttpRequest, asked: Asked) -> None:
    """The care giver is sent there with this."""
    _change(request, ASKED, lambda held: _last_of(held, asked.state, asdict(asked)))


def answered(request: HttpRequest, state: str) -> Asked | None:
    """What was asked with this state, for the first who comes back with it."""
    taken: list[Asked] = []

    def take(held: Held) -> Held:
        taken[:] = [Asked(**held[state])] if state in held else []
        return {one: asked for one, asked in held.items() if one != state}

    if state in request.session.get(ASKED, {}):
        _change(request, ASKED, take)
    return taken[0] if taken else None


# What was opened


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


# Changing it


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
        except UpdateError:
            raise SessionInterrupted from None
        session.modified = False
        request.session = session
        return
