"""The library of an edition: every rule, and what all rules come to (``consult.outcome``)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from textwrap import indent

from ruggespraak.fhir.cql.conditions import FUNCTIONS, Conditions, Mode, any_of_these, listed
from ruggespraak.fhir.cql.findings import FINDINGS_LIBRARY, from_fhir
from ruggespraak.fhir.names import FHIR_VERSION, library_name
from ruggespraak.logic import Expression
from ruggespraak.pathway.rules import Alarm, Edition, Recommendation, Review, Tier, Urgency, Use

GP = "gp"
SERIOUS = (Urgency.EMERGENCY, Urgency.SAME_DAY)


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
    _outcome(here, edition)
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


# What all rules come to ----------------------------------------------------------------------------------------------


def _outcome(here: Conditions, edition: Edition) -> None:
    levelled: list[Alarm | Recommendation] = [*edition.alarms, *(r for r in edition.recommendations if r.urgency)]
    _urgency(here, levelled, [alarm for alarm in edition.alarms if alarm.tier is Tier.HARD])
    _complaint(here, edition)
    _imaging(here, edition)
    _referrals(here, edition)


def _at(level: Urgency, rules: Iterable[Alarm | Recommendation], written: Callable[..., str], ends: str) -> str:
    return any_of_these(f"{written(rule)} {ends}" for rule in rules if rule.urgency is level)


def _urgency(here: Conditions, levelled: Sequence[Alarm | Recommendation], hard: Sequence[Alarm]) -> None:
    """PATHWAY §4, R18 and R19: an answer "unclear" is one step less; what can still be told is at least routine."""

    def known(rule: Alarm | Recommendation) -> str:
        return f'"{rule.id}"'

    def told(rule: Alarm | Recommendation) -> str:
        return here.rule(rule.id, rule.when, Mode.TOLD)

    def doubted(rule: Alarm | Recommendation) -> str:
        return here.rule(rule.id, rule.when, Mode.UNCLEAR)

    levels = [level for level in sorted(Urgency, reverse=True) if level]
    here.define("level established", _first((_at(level, levelled, known, "is true"), int(level)) for level in levels))
    news = any_of_these(
        f"({known(rule)} is not true and {doubted(rule)} is not false)" for rule in levelled if rule.urgency in SERIOUS
    )
    here.define("something serious is unclear", news)
    worst = _at(Urgency.EMERGENCY, levelled, doubted, "is not false")
    unclear = f'"something serious is unclear" then (if {worst} then 3 else 2)'
    here.define("level of what is unclear", f"if {unclear} else 0")
    here.define("a hard alarm is open", any_of_these(f"{told(alarm)} is not false" for alarm in hard))
    here.define(
        "level",
        'Max({ "level established", "level of what is unclear", if "a hard alarm is open" then 1 else 0 })',
    )
    here.define(
        "level not excluded",
        f'Max({{ "level", {_first((_at(level, levelled, told, "is not false"), int(level)) for level in levels)} }})',
    )
    for name, level in (("Urgency", "level"), ("Not excluded", "level not excluded")):
        here.define(name, _first(((f'"{level}" = {int(one)}', f"'{one}'") for one in levels), f"'{Urgency.SELF_CARE}'"))


def _complaint(here: Conditions, edition: Edition) -> None:
    kinds = [
        (f"{here.rule(f'kind {n}: {one.complaint}', one.when)} is true", f"'{one.complaint}'")
        for n, one in enumerate(edition.classes, 1)
    ]
    here.define("Complaint", _first(kinds, "'undetermined'"))


def _imaging(here: Conditions, edition: Edition) -> None:
    pictures: list[tuple[Use, str, Expression | None]] = [
        (image.use, f'"{alarm.id}"', when) for alarm in edition.alarms for image, when in alarm.imaging
    ]
    pictures += [(one.imaging.use, f'"{one.id}"', None) for one in edition.recommendations if one.imaging]

    def steps(ends: str) -> list[tuple[str, str]]:
        return [
            (
                any_of_these(dict.fromkeys(_both(here, id, when, ends) for one, id, when in pictures if one is use)),
                f"'{use}'",
            )
            for use in sorted(Use, reverse=True)
            if any(one is use for one, _, _ in pictures)
        ]

    here.define("Imaging", _first(steps("is true"), "null"))
    here.define("Imaging not excluded", _first(steps("is not false"), "null"))


def _both(here: Conditions, id: str, when: Expression | None, ends: str) -> str:
    return f"{id} {ends}" if when is None else f"({id} and {here.holds(when)}) {ends}"


def _referrals(here: Conditions, edition: Edition) -> None:
    sent: dict[str, list[str]] = {}
    rules: list[Alarm | Recommendation] = [*edition.alarms, *edition.recommendations]
    for rule in rules:
        for one in rule.refer:
            sent.setdefault(one.to, []).append(f'"{rule.id}" is true')
    sent.setdefault(GP, []).extend(['"something serious is unclear"', '"a hard alarm is open"'])
    for to, reasons in sent.items():
        here.define(f"Refer to {to}", any_of_these(dict.fromkeys(reasons)))
    chosen = listed([f"if \"Refer to {to}\" then '{to}' else null" for to in sent])
    here.define("Referrals", f"({chosen}) R where R is not null")


def _first(steps: Iterable[tuple[str, object]], otherwise: object = 0) -> str:
    """The result of the first step that holds."""
    return "\nelse ".join([*(f"if {when} then {result}" for when, result in steps), str(otherwise)])
