"""The library of an edition: every rule, and what all rules come to."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import indent

from ruggespraak.fhir.cql.conditions import FUNCTIONS, Conditions
from ruggespraak.fhir.cql.findings import FINDINGS_LIBRARY, from_fhir
from ruggespraak.fhir.cql.outcome import outcome
from ruggespraak.fhir.names import FHIR_VERSION, library_name
from ruggespraak.pathway.rules import Alarm, Edition, Recommendation, Review


@dataclass(frozen=True, slots=True, kw_only=True)
class CqlLibrary:
    """One library: its name and version, its text, and the names of those that it includes."""

    name: str
    version: str
    text: str
    includes: tuple[str, ...] = ()


def libraries(edition: Edition) -> tuple[CqlLibrary, ...]:
    """The findings, from FHIR, and the rules of this edition."""
    version = edition.version
    findings = CqlLibrary(name=FINDINGS_LIBRARY, version=version, text=from_fhir(version))
    name = library_name(edition)
    return findings, CqlLibrary(name=name, version=version, text=_rules(edition, name), includes=(FINDINGS_LIBRARY,))


def _rules(edition: Edition, name: str) -> str:
    here = Conditions(edition)
    rules: list[Alarm | Recommendation | Review] = [*edition.alarms, *edition.recommendations, *edition.reviews]
    for rule in rules:
        here.rule(rule.id, rule.when)
    for rule in rules:
        here.define(f"{rule.id}: no", f'"{rule.id}" is false')
        here.define(f"{rule.id}: unknown", f'"{rule.id}" is null')
    outcome(here, edition)
    head = [
        f"// {edition.title['en']}. Not a certified medical device.",
        f"// Written from edition {edition.id} of Ruggespraak; read again by {edition.review_by}.",
        f"library {name} version '{edition.version}'",
        "",
        f"using FHIR version '{FHIR_VERSION}'",
        "",
        f"include {FINDINGS_LIBRARY} version '{edition.version}' called Findings",
        "",
        "context Patient",
        "",
        FUNCTIONS,
    ]
    words = {rule.id: _words(rule) for rule in rules}
    body = [
        words.get(id, "") + indent(f'define "{id}":\n{text}', "  ").lstrip() + "\n"
        for id, text in here.definitions.items()
    ]
    return "\n".join([*head, *body])


def _words(rule: Alarm | Recommendation | Review) -> str:
    """Who says so, and how well that was seen."""
    return f"// {' '.join(rule.because) or 'own choice'} ({rule.status})\n"
