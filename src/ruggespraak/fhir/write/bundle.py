"""Resources together: one Bundle in which every reference that can be followed leads to an entry."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ruggespraak.fhir.names import Resource
from ruggespraak.fhir.write.resource import URN


def bundle(kind: str, resources: Iterable[Resource]) -> Resource:
    """A Bundle of this kind: "searchset", "collection" or "transaction" (each resource is made, once).

    An entry is known by the id of its resource, as a UUID: where it will be stored is not ours to say. What refers to a
    resource that is not here is left as it is; what is given twice is there once.
    """
    listed = list({one["id"]: one for one in resources}.values())
    here = {f"{one['resourceType']}/{one['id']}": f"{URN}{one['id']}" for one in listed}
    entries = [_entry(kind, _led(one, here)) for one in listed]
    matches = [one for one in listed if one["resourceType"] != "OperationOutcome"]
    total = {"total": len(matches)} if kind == "searchset" else {}
    return {"resourceType": "Bundle", "type": kind, **total, **({"entry": entries} if entries else {})}


def _entry(kind: str, resource: Resource) -> Resource:
    entry: Resource = {"fullUrl": f"{URN}{resource['id']}", "resource": resource}
    if kind == "searchset":
        entry["search"] = {"mode": "outcome" if resource["resourceType"] == "OperationOutcome" else "match"}
    if kind == "transaction":
        named = resource.get("identifier")
        first = named[0] if isinstance(named, list) else named
        once = {"ifNoneExist": f"identifier={first['system']}|{first['value']}"} if first else {}
        entry["request"] = {"method": "POST", "url": resource["resourceType"], **once}
    return entry


def _led(value: Any, here: dict[str, str]) -> Any:
    """The same, with every reference to an entry leading there."""
    if isinstance(value, list):
        return [_led(one, here) for one in value]
    if isinstance(value, dict):
        return {
            key: here.get(one, one) if key == "reference" and isinstance(one, str) else _led(one, here)
            for key, one in value.items()
        }
    return value
