"""Whatever is sent to the services for other systems: an answer as it is described, in time, and never a fault of ours.

Schemathesis makes calls from two descriptions: our own OpenAPI, and, to come further than its first check, a schema
of signed calls about a real order, with resources of every kind in it, right and wrong.
"""

import os
from collections import Counter
from datetime import timedelta

import pytest
import schemathesis
from hypothesis import given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import ignored_auth, negative_data_rejection, positive_data_acceptance

from cds_client import CALM, ICPC, JSON, KINDS, PATIENT, SITE, SUBJECT, Ehr, client, listed, token
from cds_schemas import FEEDBACK, request
from ruggespraak.fhir.cards.services import HOOKS, NEEDED, SERVICES
from ruggespraak.pathway.codes.addresses import ANSWERS, FINDINGS, SYSTEMS, canonical

EXAMPLES = 300 if os.environ.get("RUG_CHECK") == "whole" else 15
NO_HANG = timedelta(seconds=5)  # ten times what an answer may take: the machine is not ours alone
ANY_ORDER = [positive_data_acceptance]  # a call of the right form may still be about nobody's order
SIGNED = [ignored_auth, negative_data_rejection, *ANY_ORDER]  # what is in a resource is read, and never refused


@pytest.fixture(autouse=True)
def one_client(monkeypatch, site):  # noqa: ARG001
    """The list of this site has one client."""
    listed(monkeypatch, client())


@pytest.fixture
def described(site):  # noqa: ARG001
    from django.test import Client

    return Client().get("/api/openapi.json").json()


def schema_of(described):
    from ruggespraak.web.wsgi import application

    found = schemathesis.openapi.from_dict(described)
    found.app = application
    return found


def signed(case, at):
    """The answer to this call, with a token for it."""
    return case.call(headers={**(case.headers or {}), "Authorization": f"Bearer {token(SITE + at)}"})


# -- as our own description has it -------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize("at", ["/cds-services/{id}", "/cds-services/{id}/feedback"])
def test_whatever_is_sent_unsigned_or_signed_the_answer_is_as_described(described, at, mode):
    operation = schema_of(described)[at]["POST"]

    @settings(max_examples=EXAMPLES, deadline=NO_HANG)
    @given(operation.as_strategy(generation_mode=mode))
    def sent(case):
        id = (case.path_parameters or {}).get("id", "")
        case.validate_response(case.call(), excluded_checks=ANY_ORDER)
        case.validate_response(signed(case, at.replace("{id}", str(id))), excluded_checks=[ignored_auth, *ANY_ORDER])

    sent()


# -- and beyond its first check ----------------------------------------------------------------------------------------


def any_of(*choices):
    return {"enum": list(choices)}


def maybe(**keys):
    return {"type": "object", "properties": keys}


CODING = maybe(
    system=any_of(FINDINGS, ANSWERS, ICPC, *SYSTEMS.values(), ""),
    code=any_of(
        "saddle_numbness", "fever_c", "course", "course.worse", "yes", "no", "unclear", "L03", "T90", "30525-0"
    ),
)
CONCEPT = maybe(coding={"type": "array", "items": CODING})
DAY = any_of("2026-01-15", "2026-01", "0000-00-00", "9999-12-31T23:59:60Z", "")
ITEM = maybe(
    linkId=any_of("saddle_numbness", "age_years", "age_years/unclear", "onset_date", "hard_alarms", ""),
    answer={"type": "array", "items": maybe(valueCoding=CODING, valueDecimal={"type": "number"}, valueDate=DAY)},
)
RESOURCE = {
    "type": "object",
    "properties": {
        "resourceType": any_of(*KINDS.values(), "Patient", "OperationOutcome", "Basic"),
        "id": any_of("1", PATIENT, ""),
        "status": any_of("final", "active", "completed", "entered-in-error"),
        "subject": any_of(SUBJECT, {"reference": "Patient/another"}, {}),
        "code": CONCEPT,
        "clinicalStatus": CONCEPT,
        "medicationCodeableConcept": CONCEPT,
        "valueBoolean": {"type": "boolean"},
        "valueCodeableConcept": CONCEPT,
        "valueQuantity": maybe(value={"type": "number"}, unit=any_of("Cel", "d", ""), code=any_of("Cel", "d", "1", "")),
        "effectiveDateTime": DAY,
        "authored": DAY,
        "questionnaire": any_of(canonical("Questionnaire", "current"), "https://ehr.example/other"),
        "item": {"type": "array", "items": ITEM},
        "component": {"type": "array", "items": maybe(code=CONCEPT, valueBoolean={"type": "boolean"})},
        "issue": {"type": "array", "items": maybe(severity=any_of("error", "information"))},
    },
    "required": ["resourceType"],
}
BUNDLE = maybe(
    resourceType={"const": "Bundle"}, entry={"type": "array", "items": maybe(resource=RESOURCE)},
    link={"type": "array", "items": maybe(relation=any_of("self", "next"))},
) | {"required": ["resourceType"]}  # fmt: skip


def about_an_order(hook):
    """A call for this hook that is about a real order, with anything at all in the prefetch."""
    ehr = Ehr()
    ehr.drafts("spine_mri")
    found = request(hook)
    found["properties"] |= {
        "context": {"const": ehr.request(hook)["context"]},
        "prefetch": maybe(**{key: {"anyOf": [BUNDLE, RESOURCE]} for key in (*KINDS, "patient")})
        | {"required": list(NEEDED)},
    }
    found["required"] = [*found["required"], "prefetch"]
    return found


def only(described, at, body):
    """The description of this one address, with another schema of what is sent there."""
    id = at.split("/")[2]
    told = described["paths"][at.replace(id, "{id}")]["post"]
    return {**described, "paths": {at: {"post": {**told, "requestBody": {"content": {JSON: {"schema": body}}}}}}}


def answered(operation, at, mode):
    """How often each status came, of signed calls that each are answered as described."""
    seen = Counter()

    @settings(max_examples=EXAMPLES, deadline=NO_HANG)
    @given(operation.as_strategy(generation_mode=mode))
    def sent(case):
        answer = signed(case, at)
        seen[answer.status_code] += 1
        case.validate_response(answer, excluded_checks=SIGNED)

    sent()
    return seen


@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize("hook", HOOKS)
def test_whatever_stands_in_a_signed_call_about_an_order_it_is_answered(described, hook, mode):
    (id,) = (id for id, offered in SERVICES.items() if offered == hook)
    at = f"/cds-services/{id}"
    operation = schema_of(only(described, at, about_an_order(hook)))[at]["POST"]

    seen = answered(operation, at, mode)
    if mode is GenerationMode.POSITIVE:
        assert seen[200] > sum(seen.values()) / 4, f"too few came as far as advice: {seen}"


@pytest.mark.parametrize("mode", GenerationMode)
def test_whatever_is_told_of_a_card_it_is_answered(described, mode):
    ehr = Ehr().has("L03").tells(CALM)
    ehr.drafts("spine_mri")
    card = ehr.card("order-sign")
    at, (suggestion,) = "/cds-services/ruggespraak-order-sign/feedback", card["suggestions"]
    ours = {
        "card": any_of(card["uuid"], suggestion["uuid"]),
        "outcomeTimestamp": any_of("2026-01-15T10:00:00Z", "2026-01-15T10:00:00.5Z", "9999-12-31T23:59:59Z"),
        "acceptedSuggestions": {"type": "array", "items": maybe(id=any_of(suggestion["uuid"], card["uuid"]))},
    }
    news = FEEDBACK["properties"]["feedback"]["items"]["oneOf"]
    told = [{**one, "properties": {key: ours.get(key, how) for key, how in one["properties"].items()}} for one in news]
    body = {**FEEDBACK, "properties": {"feedback": {"type": "array", "items": {"anyOf": told}, "maxItems": 2}}}
    operation = schema_of(only(described, at, body))[at]["POST"]

    seen = answered(operation, at, mode)
    if mode is GenerationMode.POSITIVE:
        assert seen[204], f"none was kept: {seen}"
