"""What a system sends that asks for advice, read strictly: what is malformed is said, by its place, and never guessed.

A token for the caller's own FHIR server may come with it. It is used for this call and forgotten: it is in no error, no
log, and no text of what is kept here.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isinf
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.http.request import UnreadablePostError

from ruggespraak.consult.case import LONGEST_SHOWN, Problem
from ruggespraak.fhir.names import Resource
from ruggespraak.fhir.read.elements import element, text
from ruggespraak.fhir.read.whose import relative
from ruggespraak.web.openapi import JSON, LARGEST_CALL

MOST_ORDERS = 100  # in one draft (own choice)
TOO_DEEP = Problem("body", "nested too deep", "one JSON object in UTF-8")
UTF_8 = ("utf-8", "utf8")
ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")  # of a resource
REFERENCE = re.compile(rf"([A-Z][A-Za-z]{{1,63}})/({ID.pattern})")
CARE_GIVER = re.compile(rf"Practitioner(Role)?/({ID.pattern})")
"""Cards are in the words of care givers, and say whom *they* phone: they are not for a patient to see (PATHWAY §3)."""


class RequestError(ValueError):
    """This cannot be read. ``status``: of HTTP; ``problem``: where, what stands there, what was expected."""

    def __init__(self, place: str, value: object, expected: str, status: int = 400) -> None:
        self.problem = Problem(place, _shown(value), expected)
        self.status = status
        super().__init__(str(self.problem))


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of a service. ``patient``: the id of who it is about; ``drafts``: all that is drafted; ``orders``: of
    these what was just chosen, or all; ``prefetch``: what came with the call, by key."""

    hook: str
    instance: UUID
    user: str
    patient: str
    drafts: tuple[Resource, ...] = ()
    orders: tuple[Resource, ...] = ()
    prefetch: Mapping[str, Any]
    server: str = ""
    token: str = field(default="", repr=False)


def body_of(request: HttpRequest) -> dict[str, Any]:
    """The JSON object that was sent. Raises RequestError."""
    if request.content_type != JSON or (request.content_params or {}).get("charset", "utf-8").lower() not in UTF_8:
        raise RequestError("Content-Type", request.headers.get("Content-Type", "none"), f"{JSON} in UTF-8", 415)
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_CALL:
        raise RequestError("body", f"more than {LARGEST_CALL} bytes", f"at most {LARGEST_CALL} bytes", 413)
    try:
        found = json.loads(
            request.read(LARGEST_CALL).decode(), object_pairs_hook=_once, parse_constant=_no_number, parse_int=_whole,
            parse_float=_fraction,
        )  # fmt: skip
    except UnreadablePostError:
        raise RequestError("body", "less than was announced", "all of it") from None
    except RecursionError:
        raise RequestError(TOO_DEEP.place, TOO_DEEP.value, TOO_DEEP.expected) from None
    except UnicodeDecodeError:
        raise RequestError("body", "not UTF-8", "one JSON object in UTF-8") from None
    except json.JSONDecodeError as error:
        raise RequestError("body", f"not JSON at position {error.pos}", "one JSON object in UTF-8") from None
    if not isinstance(found, dict):
        raise RequestError("body", _kind(found), "one JSON object")
    return found


def call_in(body: Mapping[str, Any], hook: str) -> Call:
    """The call of a service for this hook. Raises RequestError."""
    if body.get("hook") != hook:
        raise RequestError("hook", body.get("hook"), hook)
    context = _object(body, "context", "context")
    patient = _matching(ID, context.get("patientId"), "context.patientId", "the id of a Patient")
    server, token = _access(body, patient)
    drafts = _drafts(context, patient) if hook.startswith("order-") else {}
    return Call(
        hook=hook,
        instance=uuid_in(body.get("hookInstance"), "hookInstance"),
        user=_matching(CARE_GIVER, context.get("userId"), "context.userId", "a care giver, such as Practitioner/123"),
        patient=patient,
        drafts=tuple(drafts.values()),
        orders=_selected(context, drafts) if hook == "order-select" else tuple(drafts.values()),
        prefetch=_object(body, "prefetch", "prefetch") if "prefetch" in body else {},
        server=server,
        token=token,
    )


def uuid_in(given: object, place: str) -> UUID:
    """The UUID that stands there. Raises RequestError."""
    try:
        found = UUID(given) if isinstance(given, str) else None
    except ValueError:
        found = None
    if found is None or str(found) != str(given).lower():
        raise RequestError(place, given, "a UUID")
    return found


def of_another(resource: Mapping[str, Any], patient: str) -> bool:
    """Whether this resource says that it is about somebody else."""
    named = relative(text(element(resource, "subject").get("reference")))
    return named.startswith("Patient/") and named != f"Patient/{patient}"


def _access(body: Mapping[str, Any], patient: str) -> tuple[str, str]:
    """The caller's FHIR server, and the token for it. What is wrong with a token is said without it."""
    server = body.get("fhirServer", "")
    if not isinstance(server, str) or ("fhirServer" in body and not server):
        raise RequestError("fhirServer", server, "an address")
    if "fhirAuthorization" not in body:
        return server, ""
    given = body["fhirAuthorization"]
    kept = given if isinstance(given, dict) else {}
    texts = ("access_token", "token_type", "scope", "subject")
    lacking = [name for name in texts if not (isinstance(kept.get(name), str) and kept[name])]
    lifetime = kept.get("expires_in")
    if not isinstance(lifetime, int) or isinstance(lifetime, bool):
        lacking.append("expires_in")
    if lacking:
        raise RequestError("fhirAuthorization", f"no usable {', '.join(lacking)}", "all of it")
    if kept["token_type"] != "Bearer":
        raise RequestError("fhirAuthorization.token_type", "another type", "Bearer")
    if not kept["access_token"].isascii() or not kept["access_token"].isprintable() or " " in kept["access_token"]:
        raise RequestError("fhirAuthorization.access_token", "no bearer token", "a bearer token")
    if kept.get("patient", patient) != patient:  # what it may not see would look as if there were nothing
        raise RequestError("fhirAuthorization.patient", kept["patient"], "the patient of the context")
    if not server:
        raise RequestError("fhirServer", None, "an address, as there is a fhirAuthorization")
    return server, kept["access_token"]


def _drafts(context: Mapping[str, Any], patient: str) -> dict[str, Resource]:
    """What is drafted for this patient, by reference."""
    bundle = _object(context, "draftOrders", "context.draftOrders")
    entries = bundle.get("entry", [])
    if bundle.get("resourceType") != "Bundle" or not isinstance(entries, list):
        raise RequestError("context.draftOrders", _kind(bundle), "a Bundle")
    if len(entries) > MOST_ORDERS:
        raise RequestError("context.draftOrders", f"{len(entries)} orders", f"at most {MOST_ORDERS}")
    drafted = {}
    for number, entry in enumerate(entries):
        place = f"context.draftOrders.entry[{number}].resource"
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if not isinstance(resource, dict):
            raise RequestError(place, _kind(resource), "a resource")
        reference = f"{resource.get('resourceType')}/{resource.get('id')}"
        if of_another(resource, patient):
            raise RequestError(f"{place}.subject", "somebody else", "the patient of the context")
        drafted[_matching(REFERENCE, reference, place, "a resource with its type and id")] = resource
    return drafted


def _selected(context: Mapping[str, Any], drafts: Mapping[str, Resource]) -> tuple[Resource, ...]:
    """Of these drafts what was just chosen."""
    chosen = context.get("selections")
    if not isinstance(chosen, list) or not chosen or not all(isinstance(one, str) for one in chosen):
        raise RequestError("context.selections", _kind(chosen), "a list of references to draft orders")
    for one in chosen:
        if one not in drafts:
            raise RequestError("context.selections", one, "a draft order, such as ServiceRequest/123")
    return tuple(drafts[one] for one in dict.fromkeys(chosen))


# Pieces


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = next(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
        raise RequestError(twice[:LONGEST_SHOWN], "twice in one object", "once")
    return found


def _no_number(name: str) -> Any:
    raise RequestError("body", name, "a number")


def _whole(digits: str) -> int:
    if len(digits) > LONGEST_SHOWN:
        raise RequestError("body", "a number of very many digits", "a number")
    return int(digits)


def _fraction(digits: str) -> float:
    found = float(digits)
    if isinf(found):  # it could be read, and not be written: JSON has no word for it
        raise RequestError("body", "a number beyond every range", "a number")
    return found


def _object(given: Mapping[str, Any], name: str, place: str) -> dict[str, Any]:
    found = given.get(name)
    if not isinstance(found, dict):
        raise RequestError(place, _kind(found) if name in given else "nothing", "an object")
    return found


def _matching(pattern: re.Pattern[str], given: object, place: str, expected: str) -> str:
    if isinstance(given, str) and pattern.fullmatch(given):
        return given
    raise RequestError(place, given, expected)


def _kind(given: object) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(given), "a number")


def _shown(given: object) -> str:
    if isinstance(given, str):
        return given if len(given) <= LONGEST_SHOWN else f"{given[: LONGEST_SHOWN - 3]}..."
    return "nothing" if given is None else _kind(given)
