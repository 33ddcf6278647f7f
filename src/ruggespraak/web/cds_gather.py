"""The resources that an answer stands on: what came with the call, and what its FHIR server gives within the time.

Three things look alike and are not: a key that did not come was not looked up; null means that there is nothing; an
OperationOutcome means that looking it up failed. None of them is ever a "no". What did not come is asked of the
caller's server, with the token of this call, where the operator's list has that server for the same practice.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from threading import BoundedSemaphore
from time import monotonic
from typing import Any

from ruggespraak.fhir.cards.services import PREFETCH, search
from ruggespraak.fhir.names import Resource
from ruggespraak.web import fhir_client
from ruggespraak.web.cds_request import Call, RequestError, of_another
from ruggespraak.web.exchange import Client, FhirServer, exchange
from ruggespraak.web.fhir_client import FhirServerError, Found

WAITING = 4
"""Calls that may wait for servers of others at the same time: half of the threads of this site. A server that hangs
keeps the others free, for pages and for calls that bring what they need."""
FETCHES = WAITING * len(PREFETCH)  # at the same time: none of them waits for another
log = logging.getLogger(__name__)
_room = BoundedSemaphore(WAITING)
_pool = ThreadPoolExecutor(max_workers=FETCHES, thread_name_prefix="cds")


@dataclass(slots=True)
class Gathered:
    """``resources``: of this patient, the Patient first. ``lacking``: the keys of which not all is here; True for one
    that was looked up in vain, False for one that did not come."""

    resources: list[Resource] = field(default_factory=list)
    lacking: dict[str, bool] = field(default_factory=dict)


def gather(call: Call, client: Client | None, end: float) -> Gathered:
    """What is known by then (monotonic seconds). Raises RequestError for the data of another patient."""
    found = Gathered([_patient(call)])
    came = {key: call.prefetch[key] for key in PREFETCH if key in call.prefetch}
    for key, given in came.items():
        _take(found, key, given)
    asked = [key for key in PREFETCH if key not in came or _goes_on(came[key])]
    if asked and (server := _server(call, client)):
        _ask(found, asked, server, call, end)
    else:
        found.lacking |= dict.fromkeys(set(asked) - set(came), False)
    found.lacking = {key: found.lacking[key] for key in PREFETCH if key in found.lacking}
    return found


def _server(call: Call, client: Client | None) -> FhirServer | None:
    """The caller's own server, where it may be asked."""
    server = exchange().server(call.server) if call.token else None
    return server if server and (client is None or client.practice == server.practice) else None


# What came


def _patient(call: Call) -> Resource:
    """Who this is about: as it came, or no more than her id. Raises RequestError for somebody else."""
    given = call.prefetch.get("patient")
    if not isinstance(given, dict) or given.get("resourceType") != "Patient":
        return {"resourceType": "Patient", "id": call.patient}
    if given.get("id", call.patient) != call.patient:
        raise RequestError("prefetch.patient.id", given.get("id"), "the patient of the context")
    return {**given, "id": call.patient}


def _take(found: Gathered, key: str, given: Any) -> None:
    """What came under this key. Where that is not all there is, it failed as well: the rest may be the alarm."""
    if given is None:
        return
    bundle = isinstance(given, dict) and given.get("resourceType") == "Bundle"
    inside = _entries(given) if bundle else [given]
    good = [one for one in inside if isinstance(one, dict) and isinstance(one.get("resourceType"), str)]
    outcomes = [one for one in good if one["resourceType"] == "OperationOutcome"]
    others = [one for one in good if one["resourceType"] not in ("OperationOutcome", "Patient")]
    failed = len(good) < len(inside) or any(_says_error(one) for one in outcomes) or (outcomes and not bundle)
    if not _keep(found, others) or failed or _goes_on(given):
        found.lacking[key] = True


def _keep(found: Gathered, resources: Iterable[Resource]) -> bool:
    """Keeps what is of this patient; whether that is all of it. Who sends the data of another one has mistaken one for
    the other, and what is hers is not here."""
    listed, patient = list(resources), found.resources[0]["id"]
    mine = [one for one in listed if not of_another(one, patient)]
    found.resources += mine
    return len(mine) == len(listed)


def _entries(bundle: Mapping[str, Any]) -> list[Any]:
    listed = bundle.get("entry", [])
    if not isinstance(listed, list):
        return [None]  # no resource: it cannot be read
    return [one.get("resource") if isinstance(one, dict) else None for one in listed]


def _says_error(outcome: Resource) -> bool:
    """Whether it is more than a remark. Of a search with a warning it is not sure that all of it was done."""
    issues = outcome.get("issue")
    return not isinstance(issues, list) or any(
        not isinstance(one, dict) or one.get("severity") != "information" for one in issues
    )


def _goes_on(given: Any) -> bool:
    """It is a bundle, and there is more of it: another page, or more than stands in it."""
    if not isinstance(given, dict):
        return False
    links, total = given.get("link", []), given.get("total")
    if not isinstance(links, list) or any(isinstance(one, dict) and one.get("relation") == "next" for one in links):
        return True
    return isinstance(total, int) and total > len(_entries(given))


# What was asked


def _ask(found: Gathered, asked: Sequence[str], server: FhirServer, call: Call, end: float) -> None:
    """What the server gives by then; where too many wait for servers already, nothing."""
    if not _room.acquire(blocking=False):
        found.lacking |= dict.fromkeys(asked, True)
        return
    try:
        fetched = {key: _pool.submit(_fetched, server, key, call, end) for key in asked}
        wait(fetched.values(), timeout=max(end - monotonic(), 0))
        for key, fetch in fetched.items():
            _take_fetched(found, key, fetch)
    finally:
        _room.release()


def _fetched(server: FhirServer, key: str, call: Call, end: float) -> Found:
    """What the server gives, within the time that is left. Raises FhirServerError."""
    path, within = search(key, call.patient), end - monotonic()
    if "?" in path:
        return fhir_client.search(server, path, call.token, within)
    return Found(resources=(fhir_client.get(server, path, call.token, within),), whole=True)


def _take_fetched(found: Gathered, key: str, fetch: Future[Found]) -> None:
    answer = _outcome(fetch)
    if answer is None:
        found.lacking[key] = True
        return
    if key == "patient":
        (one,) = answer.resources
        right = (one.get("resourceType"), one.get("id")) == ("Patient", found.resources[0]["id"])
        found.resources[0] = one if right else found.resources[0]
    else:
        right = _keep(found, answer.resources)
    if answer.whole and right:
        found.lacking.pop(key, None)  # of a key that came in part all is here now
    else:
        found.lacking[key] = True


def _outcome(fetch: Future[Found]) -> Found | None:
    """What was found; None where it failed, or is not there in time. What others do wrong hides nothing else."""
    if not fetch.done():
        fetch.cancel()
        return None
    try:
        return fetch.result()
    except FhirServerError:
        return None
    except Exception:
        log.exception("a search failed")
        return None
