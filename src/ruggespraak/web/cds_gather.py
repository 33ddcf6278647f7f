"""The resources that an answer stands on: what came with the call, and what its FHIR server gives within the time.

Three things look alike and are not: a key that did not come was not looked up; null means that there is nothing; an
OperationOutcome means that looking it up failed. None of them is ever a "no". What did not come is asked of the
caller's server, with the token of this call, where the operator's list has that server for the same practice.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from ruggespraak.fhir.cards.services import PREFETCH, search
from ruggespraak.fhir.names import Resource
from ruggespraak.web import fhir_client
from ruggespraak.web.cds_request import Call, RequestError
from ruggespraak.web.exchange import Client, FhirServer, exchange
from ruggespraak.web.fhir_client import FhirServerError, Found

FETCHES = 16  # at the same time, of all calls together
log = logging.getLogger(__name__)
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
    came = [key for key in PREFETCH if key in call.prefetch]
    asked = [key for key in PREFETCH if key not in call.prefetch]
    server = _server(call, client) if asked else None
    fetched = {key: _pool.submit(_fetched, server, key, call, end) for key in asked if server}
    for key in came:
        _take(found, key, call.prefetch[key])
    wait(fetched.values(), timeout=max(end - monotonic(), 0))
    for key in asked:
        _take_fetched(found, key, fetched.get(key))
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
    found.resources += [one for one in good if one not in outcomes and one["resourceType"] != "Patient"]
    read = len(good) == len(inside) and not any(_says_error(one) for one in outcomes)
    if not read or (bundle and _goes_on(given)) or (outcomes and not bundle):
        found.lacking[key] = True


def _entries(bundle: Mapping[str, Any]) -> list[Any]:
    listed = bundle.get("entry", [])
    if not isinstance(listed, list):
        return [None]  # no resource: it cannot be read
    return [one.get("resource") if isinstance(one, dict) else None for one in listed]


def _says_error(outcome: Resource) -> bool:
    """Whether it is more than a remark."""
    issues = outcome.get("issue")
    remarks = ("information", "warning")
    return not isinstance(issues, list) or any(
        not isinstance(one, dict) or one.get("severity") not in remarks for one in issues
    )


def _goes_on(bundle: Mapping[str, Any]) -> bool:
    """There is another page of it."""
    links = bundle.get("link", [])
    return not isinstance(links, list) or any(isinstance(one, dict) and one.get("relation") == "next" for one in links)


# What was asked


def _fetched(server: FhirServer, key: str, call: Call, end: float) -> Found:
    """What the server gives, within the time that is left. Raises FhirServerError."""
    path, within = search(key, call.patient), end - monotonic()
    if "?" in path:
        return fhir_client.search(server, path, call.token, within)
    return Found(resources=(fhir_client.get(server, path, call.token, within),), whole=True)


def _take_fetched(found: Gathered, key: str, fetch: Future[Found] | None) -> None:
    if fetch is None:
        found.lacking[key] = False
        return
    answer = _outcome(fetch)
    if answer is None or not answer.whole:
        found.lacking[key] = True
    for one in answer.resources if answer else ():
        if key != "patient":
            found.resources.append(one)
        elif (one.get("resourceType"), one.get("id")) == ("Patient", found.resources[0]["id"]):
            found.resources[0] = one


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
