"""Read-only FHIR: a patient's own record for her, and for the practice that holds it; by the rules of the pages.

Who may read a page may read this (``access``), signed in on this site; there is no other way in. It is in the access
log before anything is given. What is wrong is said as an OperationOutcome and never as a page: nobody is sent to a form
to sign in. Nothing can be asked but everything: a parameter that would leave something out is refused, not ignored.
"""

from __future__ import annotations

import json
from functools import wraps
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt

from ruggespraak.clinic import log
from ruggespraak.clinic.log import Actor, What
from ruggespraak.clinic.models import Patient
from ruggespraak.clinic.sealing import ErasedError
from ruggespraak.fhir.names import Resource
from ruggespraak.fhir.write.bundle import bundle
from ruggespraak.fhir.write.capability import FHIR_JSON, capability
from ruggespraak.fhir.write.outcome import operation_outcome
from ruggespraak.web.access import ClosedError, View, page_of, private, reader_of_record, strong
from ruggespraak.web.fhir_record import resources_of
from ruggespraak.web.mine_account import reader_of
from ruggespraak.web.openapi import FORMATS
from ruggespraak.web.pages import lang_of

METHODS = ("GET", "HEAD")
VERSION = "4.0"  # as a client may ask for it beside the media type (fhirVersion)
OFFERED = "/fhir/metadata, /fhir/Patient/$everything and /fhir/Patient/[id]/$everything"


def fhir(view: View) -> View:
    """An address of the facade: read only, in JSON, and what is wrong said in JSON as well."""

    @csrf_exempt  # it only reads: what is sent there gets its 405 as JSON
    @private
    @wraps(view)
    def guarded(request: HttpRequest, **values: Any) -> HttpResponse:
        if request.method not in METHODS:
            found = problem(405, "not-supported", f"{' or '.join(METHODS)} expected: nothing is written here")
            found["Allow"] = ", ".join(METHODS)
            return found
        if set(request.GET) - {"_format"}:
            return problem(400, "not-supported", "no parameter but _format expected: nothing can be left out")
        if not _speaks_json(request):
            return problem(406, "not-supported", f"{FHIR_JSON} of version {VERSION} is all that is spoken here")
        try:
            return view(request, **values)
        except (Http404, ErasedError):
            return problem(404, "not-found", "there is no such record")
        except ClosedError:
            return problem(403, "forbidden", "this record is open to some only; in an emergency, open it on its page")
        except PermissionDenied:
            return problem(403, "forbidden", "your role here gives no access to records")

    return guarded


def _speaks_json(request: HttpRequest) -> bool:
    """Whether the client takes what we speak. What it says in the address goes before what its browser accepts."""
    if asked := request.GET.getlist("_format"):
        return all(one.replace(" ", "+") in FORMATS for one in asked)  # a plus that was not escaped
    return any(
        (one.match(FHIR_JSON) or one.match("application/json")) and one.params.get("fhirversion", VERSION) == VERSION
        for one in request.accepted_types
    )


def problem(status: int, code: str, says: str) -> HttpResponse:
    """What is wrong. ``code``: of FHIR's issue types."""
    return answer(operation_outcome(code, says), status)


def answer(resource: Resource, status: int = 200) -> HttpResponse:
    """A resource on its way out."""
    return HttpResponse(json.dumps(resource, ensure_ascii=False), content_type=FHIR_JSON, status=status)


@fhir
def metadata(request: HttpRequest) -> HttpResponse:
    """What is offered here, to everybody."""
    return answer(capability(request.build_absolute_uri("/fhir")))


@fhir
def everything(request: HttpRequest) -> HttpResponse:
    """Every record that is linked to the account of who asks."""
    if not request.user.is_authenticated:
        return _sign_in()
    patients = list(request.user.records.select_related("practice").order_by("since", "pk"))
    found: list[Resource] = []
    for one in patients:
        log.note(What.EXPORT, reader_of(one), page_of(request), [one])
        found += resources_of(one, lang_of(), with_log=True)
    if not patients:
        says = "no record is linked to your account; who treats a patient asks for one by its id"
        found = [operation_outcome("informational", says, severity="information")]
    return _searchset(request, found)


@fhir
def everything_of(request: HttpRequest, patient: UUID) -> HttpResponse:
    """One record, for who has it linked and for who treats her."""
    account = request.user
    if not account.is_authenticated:
        return _sign_in()
    found = Patient.objects.select_related("practice").filter(pk=patient).first()
    if found and found.account_id == account.pk:
        log.note(What.EXPORT, reader_of(found), page_of(request), [found])
        return _searchset(request, resources_of(found, lang_of(), with_log=True))
    if not strong(request):
        if found:
            log.note(What.REFUSED, Actor("none", account.pk, found.practice_id), page_of(request))
        return problem(403, "forbidden", "not a record of yours; who treats a patient signs in with a second factor")
    if found is None:
        raise Http404
    acting = reader_of_record(request, account, found)
    log.note(What.EXPORT, acting.actor, page_of(request), [found])
    return _searchset(request, resources_of(found, lang_of(), with_log=False))


def _searchset(request: HttpRequest, found: list[Resource]) -> HttpResponse:
    """All of it on one page, with what was asked."""
    asked = {"relation": "self", "url": request.build_absolute_uri()}
    return answer(bundle("searchset", found) | {"link": [asked]})


def _sign_in() -> HttpResponse:
    found = problem(401, "login", "sign in on this site first, and ask again with the cookie of that session")
    found["WWW-Authenticate"] = 'Session realm="Ruggespraak"'
    return found


@csrf_exempt
@private
def nothing(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Any other address below /fhir."""
    return problem(404, "not-supported", f"not offered here; {OFFERED} are")


urlpatterns = [
    path("fhir/metadata", metadata, name="fhir_metadata"),
    path("fhir/Patient/$everything", everything, name="fhir_everything"),
    path("fhir/Patient/<uuid:patient>/$everything", everything_of, name="fhir_everything_of"),
    re_path(r"^fhir(?:/.*)?$", nothing, name="fhir"),
]
