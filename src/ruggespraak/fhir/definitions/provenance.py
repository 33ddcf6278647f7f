"""Where definitions come from: the sources of each claim, and who made the whole from what."""

from __future__ import annotations

from collections.abc import Iterable

from ruggespraak.fhir.definitions.definition import CHANGED
from ruggespraak.fhir.definitions.narrative import BASE_LANGUAGE, Words, both, exchange, narrative, words
from ruggespraak.fhir.names import Resource
from ruggespraak.fhir.write.resource import SOFTWARE, reference
from ruggespraak.pathway.codes.addresses import BASE
from ruggespraak.pathway.rules import Alarm, Edition, Recommendation, Status
from ruggespraak.pathway.sources import listed, named
from ruggespraak.pathway.texts import word


def cited(because: Iterable[str], status: Status) -> list[Resource]:
    """The sources of a claim, and last how well it was seen there; of no source: that it is this project's own."""
    sources = [_citation(key) for key in because]
    status = status if sources else Status.OWN_CHOICE
    return [*sources, {"type": "justification", "label": str(status), **both("display", _seen(status))}]


def _seen(status: Status) -> Words:
    return words(lambda lang: word(f"status.{status}", lang))


def _citation(key: str) -> Resource:
    """One source. Its address is given where the list has one that can be followed."""
    address = listed()[key]["address"].partition(" ")[0]
    url = {"url": address} if address.startswith(("http://", "https://")) else {}
    return {"type": "citation", "label": key, "display": listed()[key]["title"], "citation": named(key), **url}


def provenance(edition: Edition, made: Iterable[Resource]) -> Resource:
    """Who made these definitions: this software, from an edition and its sources. No clinician: none has read them."""
    rules: tuple[Alarm | Recommendation, ...] = (*edition.alarms, *edition.recommendations)
    keys = sorted({key for rule in rules for key in (*rule.because, *_of_referrals(rule))})
    title = exchange("provenance", "title", edition.title)
    lines = [{lang: named(key) for lang in title} for key in keys]
    return {
        "resourceType": "Provenance",
        "id": edition.id,
        "language": BASE_LANGUAGE,
        "text": narrative(title, exchange("provenance", "about"), lines),
        "target": [reference(one) for one in made],
        "recorded": f"{CHANGED}T00:00:00Z",
        "activity": both("text", title),
        "agent": [{"who": SOFTWARE}],
        "entity": [
            {"role": "source", "what": _identified(f"edition/{edition.id}/{edition.version}", edition.title["nl"])},
            *({"role": "source", "what": _identified(f"source/{key}", named(key))} for key in keys),
        ],
    }


def _of_referrals(rule: Alarm | Recommendation) -> Iterable[str]:
    return (key for one in rule.refer for key in one.because)


def _identified(path: str, display: str) -> Resource:
    """Something that is no resource, by a name of ours."""
    return {"identifier": {"system": BASE, "value": path}, "display": display}
