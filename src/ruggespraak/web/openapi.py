"""What the API takes and gives, as OpenAPI 3.1: made from the vocabulary and the words of the pathway, never by hand.

The keys of a decision are those of DESIGN §4; a test holds them equal to what ``Decision.as_json`` gives.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from django.conf import settings

from ruggespraak import __version__
from ruggespraak.consult.case import ANSWERED_BY, FIRST_DAY, LAST_DAY, UNCLEAR
from ruggespraak.fhir.cards.services import SERVICES
from ruggespraak.fhir.write.capability import FHIR_JSON
from ruggespraak.logic import Finding
from ruggespraak.pathway.editions import DEFAULT, EDITIONS
from ruggespraak.pathway.findings import VOCABULARY
from ruggespraak.pathway.rules import Act, Complaint, Status, Urgency, Use
from ruggespraak.pathway.texts import LANGUAGES, item

JSON = "application/json"
LARGEST = settings.DATA_UPLOAD_MAX_MEMORY_SIZE  # bytes
LARGEST_CALL = 1024 * 1024  # bytes: with a call of CDS Hooks come the data of a patient (own choice)
SIGNED = "signedCall"
EXPLAIN = ("0", "1")
FORMATS = ("json", "application/json", FHIR_JSON)  # as FHIR names JSON
Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
DAY: Schema = {"type": "string", "format": "date"}
ANSWER: Schema = {"type": ["boolean", "number", "string"]}


@cache
def description() -> Schema:
    """The whole document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Ruggespraak",
            "version": __version__,
            "description": "Care for back pain as one pathway: a case in, a decision out. Nothing of it is stored. "
            "Below /fhir a patient's record, to read. Not a certified medical device; in an emergency, call 112.",
        },
        "paths": {
            "/api/decide": {"post": _decide()},
            "/api/openapi.json": {
                "get": {
                    "operationId": "openapi",
                    "summary": "This description",
                    "responses": {"200": _answer("This description", {"type": "object"})},
                }
            },
            **_facade(),
            **_cards(),
        },
        "components": {
            "schemas": {"Case": _case(), "Decision": _decision(), "Problem": _problem(), "Error": _error()},
            "securitySchemes": {SIGNED: {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def _decide() -> Schema:
    return {
        "operationId": "decide",
        "summary": "Decide one case",
        "parameters": [
            _option("lang", LANGUAGES, "Language of the texts in the decision"),
            _option("explain", EXPLAIN, "1 adds what speaks for and against, and what would change the decision"),
        ],
        "requestBody": {"required": True, "content": {JSON: {"schema": _ref("Case")}}},
        "responses": {
            "200": _answer("The decision", _ref("Decision")),
            "400": _answer(f"Not one JSON object in UTF-8, over {LARGEST} bytes, or no such option", _ref("Error")),
            "405": _answer("Not sent as POST", _ref("Error")),
            "415": _answer("Not sent as JSON", _ref("Error")),
            "422": _answer("A case that cannot be: everything that is wrong with it", _ref("Error")),
            "429": _answer("Too many cases in this minute from one address: see Retry-After", _ref("Error")),
            "503": _answer("This site is not open to the public", _ref("Error")),
        },
    }


def _facade() -> Schema:
    """The record of a patient over FHIR: read only, for who is signed in."""
    record = {"name": "patient", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
    signed_in = {"401": "Nobody is signed in"}
    one = signed_in | {"403": "Signed in, and not allowed to read it", "404": "No such record, or not for who asks"}
    return {
        "/fhir/metadata": {"get": _reads("metadata", "What is offered over FHIR R4", "CapabilityStatement", {})},
        "/fhir/Patient/$everything": {
            "get": _reads("everything", "Every record that is linked to the account of who asks", "Bundle", signed_in)
        },
        "/fhir/Patient/{patient}/$everything": {
            "parameters": [record],
            "get": _reads("everythingOf", "One record, for its patient and for who treats her", "Bundle", one),
        },
    }


def _reads(id: str, says: str, kind: str, more: Mapping[str, str]) -> Schema:
    wrong = {"400": "A parameter that is not known", "405": "Neither GET nor HEAD", "406": "Another format than JSON"}
    return {
        "operationId": id,
        "summary": says,
        "parameters": [_option("_format", FORMATS, "The only format is JSON")],
        "responses": {
            "200": _resource(says, kind),
            **{code: _resource(why, "OperationOutcome") for code, why in (wrong | dict(more)).items()},
        },
    }


def _resource(says: str, kind: str) -> Schema:
    """A FHIR resource of this kind; its form is R4's."""
    schema = {"type": "object", "properties": {"resourceType": {"const": kind}}, "required": ["resourceType"]}
    return {"description": says, "content": {FHIR_JSON: {"schema": schema}}}


def _cards() -> Schema:
    """Advice in the screens of other systems, as CDS Hooks 2.0 has it; its form is that specification's."""
    service = {"name": "id", "in": "path", "required": True, "schema": _one_of(SERVICES)}
    needed = {"hook": _one_of(SERVICES.values()), "hookInstance": TEXT, "context": {"type": "object"}}
    call = {"type": "object", "properties": needed, "required": list(needed)}
    told = {"type": "object", "properties": {"feedback": _list({"type": "object"})}, "required": ["feedback"]}
    offered = _list(_object(hook=TEXT, title=TEXT, description=TEXT, id=TEXT, prefetch={}, usageRequirements=TEXT))
    without = {"412": _answer("What is needed did not come, and cannot be fetched", _ref("Error"))}
    cards = _answer("Cards; none where there is nothing to say", _object(cards=_list({"type": "object"})))
    return {
        "/cds-services": {
            "get": {
                "operationId": "cdsServices",
                "summary": "Which services there are, and what they need to know",
                "responses": {"200": _answer("The services", _object(services=offered))},
            }
        },
        "/cds-services/{id}": {
            "parameters": [service],
            "post": _signed("cdsService", "Ask for advice", call, {"200": cards, **without}),
        },
        "/cds-services/{id}/feedback": {
            "parameters": [service],
            "post": _signed("cdsFeedback", "Say what was done with cards", told, {"204": {"description": "Kept"}}),
        },
    }


def _signed(id: str, says: str, sent: Schema, answers: Schema) -> Schema:
    """What only a client on the list of this site may ask, with a token that it signed for this call."""
    wrong = {
        "400": "Not one JSON object in UTF-8, or malformed",
        "401": "Not signed by a client of the list, for this address, now and for the first time",
        "404": "No such service, or no card that it gave",
        "413": f"Over {LARGEST_CALL} bytes",
        "415": "Not sent as JSON",
        "429": "Too many calls that nobody signed: see Retry-After",
        "503": "Nobody is on the list of this site, or the client's keys cannot be fetched",
    }
    return {
        "operationId": id,
        "summary": says,
        "security": [{SIGNED: []}],
        "requestBody": {"required": True, "content": {JSON: {"schema": sent}}},
        "responses": answers | {code: _answer(why, _ref("Error")) for code, why in wrong.items()},
    }


def _option(name: str, choices: tuple[str, ...], says: str) -> Schema:
    schema = {"enum": list(choices), "default": choices[0]}
    return {"name": name, "in": "query", "required": False, "description": says, "schema": schema}


def _answer(says: str, schema: Schema) -> Schema:
    return {"description": says, "content": {JSON: {"schema": schema}}}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


# What goes in


def _case() -> Schema:
    return {
        "type": "object",
        "description": "What is known of one person on one day. Other keys are the caller's own and are passed over.",
        "properties": {
            "id": {"type": ["string", "integer", "null"], "description": "The caller's own; it comes back as `case`"},
            "on": {
                "anyOf": [DAY, {"type": "null"}],
                "description": f"The day, from {FIRST_DAY} to {LAST_DAY}; left out: today",
            },
            "edition": _one_of(EDITIONS, None) | {"description": f"Left out: {DEFAULT}"},
            "answered_by": _one_of(ANSWERED_BY, None) | {"description": "Left out: clinician"},
            "findings": {
                "type": ["object", "null"],
                "description": f'Left out or null: not asked. "{UNCLEAR}": asked, and not known.',
                "properties": {finding.id: _finding(finding) for finding in VOCABULARY.values()},
                "additionalProperties": False,
            },
        },
    }


def _finding(finding: Finding) -> Schema:
    words = f"{item(finding.id, 'en')}{f' ({finding.unit})' if finding.unit else ''}. Answered by: {finding.who}."
    return {"description": words, "anyOf": [_value(finding), _one_of((UNCLEAR,), None)]}


def _value(finding: Finding) -> Schema:
    if finding.kind == "boolean":
        return {"type": "boolean"}
    if finding.kind == "choice":
        return _one_of(finding.choices)
    if finding.kind == "date":
        return DAY
    limits = {"minimum": finding.minimum, "maximum": finding.maximum}
    return {"type": "number"} | {key: limit for key, limit in limits.items() if limit is not None}


def _one_of(choices: Iterable[object], *also: None) -> Schema:
    return {"enum": [*map(str, choices), *also]}


# What comes out


def _decision() -> Schema:
    """A key of a decision each, as DESIGN §4 lists them; ``explain`` only where it was asked for."""
    keys: dict[str, Schema] = {
        "case": {"type": ["string", "null"]},
        "edition": TEXT,
        "on": DAY,
        "urgency": _one_of(Urgency),
        "not_excluded": _one_of(Urgency),
        "not_examined": _one_of(Urgency),
        "complaint": _one_of(Complaint),
        "also": _one_of(Complaint, None),
        "certainty": _one_of(("probable", "possible"), None),
        "suspected": _list(TEXT),
        "phase": _one_of(("acute", "subacute", "chronic"), None),
        "pattern": _one_of(("first", "recurrent", "persistent"), None),
        "imaging": _one_of(Use, None),
        "imaging_by": {"type": ["string", "null"]},
        "scan_by": {"anyOf": [DAY, {"type": "null"}]},
        "imaging_not_excluded": _one_of(Use, None),
        "tests": _list(_object(what=TEXT, because=TEXT)),
        "refer": _list(
            _object(
                to=TEXT, when=_one_of(Urgency), within_hours={"type": "integer"}, patient_does=TEXT,
                clinician_does=TEXT, because=_list(TEXT), status=_one_of(Status),
            )
        ),
        "plan": _list(
            _object(
                id=TEXT, does=_list(_one_of(Act)), text=TEXT, because=_list(TEXT), status=_one_of(Status),
                why={"type": "object", "additionalProperties": ANSWER},
            )
        ),
        "review": _object(on=DAY, why=TEXT),
        "ask": _list(_one_of(VOCABULARY)),
        "examine": _list(_one_of(VOCABULARY)),
        "unclear": _list(_one_of(VOCABULARY)),
        "conflicts": _list(_object(id=TEXT, text=TEXT)),
    }  # fmt: skip
    explained = {"explain": _object(alarms=_list({"type": "object"}), arguments={"type": "object"},
                                    would_change=_list({"type": "object"}))}  # fmt: skip
    return _object(**keys) | {"properties": keys | explained}


def _problem() -> Schema:
    return _object(place=TEXT, value=TEXT, expected=TEXT, says=TEXT)


def _error() -> Schema:
    alarm = _object(urgency=_one_of(Urgency), names=_list(TEXT))
    more = {
        "others": _list(_ref("Problem")) | {"description": "What else is wrong"},
        "alarm": alarm | {"description": "An alarm that stands in the part of the case that can be read"},
    }
    error = {"type": "object", "properties": _problem()["properties"] | more, "required": ["place", "expected"]}
    return _object(error=error)


def _list(of: Schema) -> Schema:
    return {"type": "array", "items": of}


def _object(**keys: Schema) -> Schema:
    return {"type": "object", "properties": keys, "required": list(keys), "additionalProperties": False}
