"""What CDS Hooks 2.0 lets go to and fro, as JSON schemas in our own words; and what none says: nothing is empty."""

from __future__ import annotations

from typing import Any

import jsonschema_rs

TEXT = {"type": "string", "minLength": 1}
URL = {"type": "string", "pattern": "^https?://[^ ]+$"}
A_UUID = {"type": "string", "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"}
RESOURCE = {"type": "object", "required": ["resourceType"], "properties": {"resourceType": TEXT}}
REFERENCE = {"type": "string", "pattern": "^[A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64}$"}


def an(needed: dict[str, Any], maybe: dict[str, Any] | None = None) -> dict[str, Any]:
    """An object with these keys, perhaps those, and no others but ``extension``."""
    keys = {**needed, **(maybe or {}), "extension": {"type": "object"}}
    return {"type": "object", "properties": keys, "required": list(needed), "additionalProperties": False}


def some(one: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": one, "minItems": 1}


CODING = an({"system": URL, "code": TEXT}, {"display": TEXT})
SHOWN_CODING = an({"system": URL, "code": TEXT, "display": TEXT})

DISCOVERY = an(
    {
        "services": {
            "type": "array",
            "items": an(
                {"hook": TEXT, "id": {"type": "string", "pattern": "^[a-z-]+$"}, "description": TEXT, "title": TEXT},
                {"prefetch": {"type": "object", "additionalProperties": TEXT}, "usageRequirements": TEXT},
            ),
        }
    }
)

ACTION = {
    "oneOf": [
        an({"type": {"const": "create"}, "description": TEXT, "resource": RESOURCE}),
        an({"type": {"const": "update"}, "description": TEXT, "resource": RESOURCE}),
        an({"type": {"const": "delete"}, "description": TEXT, "resourceId": REFERENCE}),
    ]
}
SUGGESTION = an({"label": TEXT}, {"uuid": A_UUID, "isRecommended": {"type": "boolean"}, "actions": some(ACTION)})
LINK = {
    "oneOf": [
        an({"label": TEXT, "url": URL, "type": {"const": "absolute"}}, {"autolaunchable": {"type": "boolean"}}),
        an({"label": TEXT, "url": URL, "type": {"const": "smart"}}, {"appContext": TEXT}),
    ]
}
CARD = an(
    {
        "summary": {**TEXT, "maxLength": 139},
        "indicator": {"enum": ["info", "warning", "critical"]},
        "source": an({"label": TEXT}, {"url": URL, "icon": URL, "topic": CODING}),
    },
    {
        "uuid": A_UUID, "detail": TEXT, "suggestions": some(SUGGESTION),
        "selectionBehavior": {"enum": ["at-most-one", "any"]}, "overrideReasons": some(SHOWN_CODING),
        "links": some(LINK),
    },
) | {"dependentRequired": {"suggestions": ["selectionBehavior"]}}  # fmt: skip
RESPONSE = an({"cards": {"type": "array", "items": CARD}})  # systemActions are allowed by the specification, not by us

AUTHORIZATION = an(
    {"access_token": TEXT, "token_type": {"const": "Bearer"}, "expires_in": {"type": "integer"}, "scope": TEXT,
     "subject": TEXT}, {"patient": TEXT},
)  # fmt: skip
BUNDLE = {"type": "object", "required": ["resourceType"], "properties": {"resourceType": {"const": "Bundle"}}}
WHO = {"userId": REFERENCE, "patientId": TEXT}
CONTEXTS = {
    "patient-view": an(WHO, {"encounterId": TEXT}),
    "order-select": an({**WHO, "selections": some(REFERENCE), "draftOrders": BUNDLE}, {"encounterId": TEXT}),
    "order-sign": an({**WHO, "draftOrders": BUNDLE}, {"encounterId": TEXT}),
}


def request(hook: str) -> dict[str, Any]:
    """A call for this hook. In the prefetch null is allowed, and nothing else that is empty."""
    prefetch = {"type": "object", "additionalProperties": {"anyOf": [{"type": "null"}, RESOURCE]}}
    return an(
        {"hook": {"const": hook}, "hookInstance": A_UUID, "context": CONTEXTS[hook]},
        {"fhirServer": URL, "fhirAuthorization": AUTHORIZATION, "prefetch": prefetch},
    ) | {"dependentRequired": {"fhirAuthorization": ["fhirServer"]}}


_MOMENT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"}
_NEWS = {"card": A_UUID, "outcomeTimestamp": _MOMENT}
FEEDBACK = an(
    {
        "feedback": some(
            {
                "oneOf": [
                    an({**_NEWS, "outcome": {"const": "accepted"}, "acceptedSuggestions": some(an({"id": A_UUID}))}),
                    an(
                        {**_NEWS, "outcome": {"const": "overridden"}},
                        {"overrideReason": an({}, {"reason": CODING, "userComment": TEXT})},
                    ),
                ]
            }
        )
    }
)


def wrong(schema: dict[str, Any], found: Any) -> list[str]:
    """What does not fit, with its place; empty where all of it does."""
    errors = jsonschema_rs.validator_for(schema).iter_errors(found)
    return [f"{'/'.join(map(str, one.instance_path))}: {one.message[:200]}" for one in errors]


def empty(found: Any, place: str = "") -> list[str]:
    """Every place with null, "", [] or {} in it, but for ``cards``."""
    if found in (None, "", [], {}) and not isinstance(found, bool | int):
        return [] if place == "/cards" else [place]
    if isinstance(found, dict):
        return [one for key, value in found.items() for one in empty(value, f"{place}/{key}")]
    if isinstance(found, list):
        return [one for number, value in enumerate(found) for one in empty(value, f"{place}/{number}")]
    return []
