"""What another system holds of a patient, read at once and each kind by itself: one that fails hides no other one.

What was not read is kept as that, with why: it is unknown, and never a no.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from ruggespraak.fhir.read.elements import element, id_of, text
from ruggespraak.web.fhir_client import FhirServerError, get, search
from ruggespraak.web.smart import READ, allows
from ruggespraak.web.smart_session import Launch

WITHIN = 5.0  # seconds for everything
A_PAGE = 100  # resources that we ask for at a time

SCOPE, PART = "scope", "part"
"""Why a kind was not read, beside how a server failed: it was not allowed; and only some of it was."""


@dataclass(frozen=True, slots=True)
class _Found:
    """What was found of one kind, and why it is not all."""

    kind: str
    resources: tuple[dict[str, Any], ...] = ()
    why: str = ""


def read_there(launch: Launch) -> Launch:
    """The launch with what that server holds now. Raises FhirServerError where it does not say who the patient is."""
    with ThreadPoolExecutor(len(READ)) as pool:
        searches = [pool.submit(_of_kind, launch, kind) for kind in READ if kind != "Patient"]
        patient = _patient(launch)
        found = [one.result() for one in searches]
    return replace(
        launch,
        resources=(patient, *(one for read in found for one in read.resources)),
        missing=tuple((read.kind, read.why) for read in found if read.why),
    )


def _patient(launch: Launch) -> dict[str, Any]:
    found: dict[str, Any] = get(launch.server, f"Patient/{launch.grant.patient}", launch.grant.token, WITHIN)
    if found.get("resourceType") != "Patient" or found.get("id") != launch.grant.patient:
        raise FhirServerError(launch.server.name, "not_json")
    return found


def _of_kind(launch: Launch, kind: str) -> _Found:
    patient, scopes = launch.grant.patient, launch.grant.scopes
    if not allows(scopes, kind, "s"):
        return _Found(kind, why=SCOPE)
    try:
        path = f"{kind}?patient={patient}&_count={A_PAGE}"
        found = search(launch.server, path, launch.grant.token, WITHIN)
    except FhirServerError as error:
        return _Found(kind, why=error.kind)
    hers = tuple(one for one in found.resources if one.get("resourceType") == kind and _is_hers(one, launch))
    whole = found.whole and len(hers) == len(found.resources) and allows(scopes, kind, "s", whole=True)
    return _Found(kind, hers, "" if whole else PART)


def _is_hers(resource: dict[str, Any], launch: Launch) -> bool:
    """Whether it has a name, and is about this patient of this server or about nobody who is named: a server that mixes
    people up is not believed, and the same number elsewhere is somebody else."""
    her = f"Patient/{launch.grant.patient}"
    named = text(element(resource, "subject").get("reference")).partition("/_history/")[0]
    return bool(id_of(resource)) and named in ("", her, f"{launch.server.url}/{her}")
