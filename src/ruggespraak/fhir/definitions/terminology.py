"""Our codes and their meaning: findings, answers and rules; what can be chosen; and what others call our findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ruggespraak.fhir.definitions.definition import definition, kebab
from ruggespraak.fhir.definitions.narrative import BASE_LANGUAGE, TRANSLATED, Words, both, called, exchange, words
from ruggespraak.fhir.names import FHIR_VERSION, Resource
from ruggespraak.logic import Finding
from ruggespraak.pathway.codes import CODES, Code
from ruggespraak.pathway.codes import ORDERS as ORDER_CODES
from ruggespraak.pathway.codes.addresses import ANSWERS, FINDINGS, NO, ORDERS, SYSTEMS, UNCLEAR, YES, canonical
from ruggespraak.pathway.editions import EDITIONS, edition
from ruggespraak.pathway.findings import VOCABULARY
from ruggespraak.pathway.rules import Alarm, Recommendation, Review
from ruggespraak.pathway.texts import choice, item, table, term, word

CERTAINTY = canonical("StructureDefinition", "code-certainty")
"""The extension that says how well a code of somebody else was checked."""
UNSURE = "unsure"
ORDER = "order:"
"""Begins what a code of an order is about (``pathway/codes``)."""
SYNONYM = {"system": "http://snomed.info/sct", "code": "900000000000013009"}

YES_NO_UNCLEAR: Mapping[str, Words] = {
    YES: words(lambda lang: word("word.yes", lang)),
    NO: words(lambda lang: word("word.no", lang)),
    UNCLEAR: words(lambda lang: word("word.dont_know", lang)),
}


def terminology() -> list[Resource]:
    """All that the editions share: code systems, value sets, the map to other codes, and the extension it needs."""
    return [
        _findings(),
        _answers(),
        _rules(),
        _orders(),
        _value_set("findings", exchange("findings", "title"), exchange("findings", "about"), FINDINGS),
        *_choices(),
        _code_map("findings", exported()),
        _code_map("orders", (code for code in ORDER_CODES if code.certainty != UNSURE)),
        _certainty(),
    ]


# What others of this package say in these codes ----------------------------------------------------------------------


def term_of(finding: Finding) -> Words:
    """The finding as a clinician would write it."""
    return words(lambda lang: term(finding.id, lang))


def coding(finding: Finding) -> Resource:
    """The finding in our own code."""
    return {"system": FINDINGS, "code": finding.id, **both("display", term_of(finding))}


def same_codings(finding: Finding) -> list[Resource]:
    """The codes of others that mean just this finding, each with how well it was checked. The map has them all."""
    return [
        {"extension": [certainty(code)], "system": SYSTEMS[code.system], "code": code.code}
        for code in exported()
        if code.about == finding.id and code.relation == "equivalent"
    ]


def exported() -> Iterator[Code]:
    """The codes of findings and their choices that go out; those that are not sure stay here."""
    return (code for code in CODES if code.finding and code.certainty != UNSURE)


def certainty(code: Code) -> Resource:
    """How well this code was checked."""
    return {"url": CERTAINTY, "valueCode": code.certainty}


def choices(finding: Finding) -> dict[str, Words]:
    """What can be answered, by code, "I do not know" among it; empty for a number or a date."""
    if finding.kind == "boolean":
        return dict(YES_NO_UNCLEAR)
    own = {f"{finding.id}.{one}": _choice(finding, one) for one in finding.choices}
    return own | {UNCLEAR: YES_NO_UNCLEAR[UNCLEAR]} if own else {}


def _choice(finding: Finding, value: str) -> Words:
    return words(lambda lang: choice(finding.id, value, lang))


# Code systems --------------------------------------------------------------------------------------------------------


def _code_system(id: str, concepts: list[Resource], properties: Mapping[str, str]) -> Resource:
    title, about = exchange(id, "title"), exchange(id, "about")
    return {
        **definition("CodeSystem", id, title, about),
        "caseSensitive": True,
        "content": "complete",
        "count": len(concepts),
        **({"property": [{"code": name, "type": kind} for name, kind in properties.items()]} if properties else {}),
        "concept": concepts,
    }


def _concept(code: str, said: Words, properties: Iterable[Resource] = (), also: Words | None = None) -> Resource:
    names: list[Resource] = [{"language": lang, "value": said[lang]} for lang in TRANSLATED]
    if also:
        names += [{"language": lang, "use": SYNONYM, "value": also[lang]} for lang in also]
    listed = list(properties)
    concept: Resource = {"code": code, "display": said[BASE_LANGUAGE], "designation": names}
    return {**concept, "property": listed} if listed else concept


def _findings() -> Resource:
    """Every finding: the clinician's term, and beside it the patient's own words."""
    concepts = [
        _concept(one.id, term_of(one), _properties(one), words(lambda lang, id=one.id: item(id, lang)))  # type: ignore[misc]
        for one in VOCABULARY.values()
    ]
    properties = {"kind": "code", "who": "code", "unit": "string", "worse": "string"}
    return {**_code_system("findings", concepts, properties), "valueSet": canonical("ValueSet", "findings")}


def _properties(finding: Finding) -> Iterator[Resource]:
    yield {"code": "kind", "valueCode": finding.kind}
    yield {"code": "who", "valueCode": finding.who}
    if finding.unit:
        yield {"code": "unit", "valueString": finding.unit}
    if finding.worse:
        yield {"code": "worse", "valueString": finding.worse}


def _answers() -> Resource:
    found = dict(YES_NO_UNCLEAR)
    for finding in VOCABULARY.values():
        found |= choices(finding)
    return _code_system("answers", [_concept(code, said) for code, said in found.items()], {})


def _rules() -> Resource:
    rules: dict[str, Alarm | Recommendation | Review] = {}
    for id in EDITIONS:
        here = edition(id)
        listed: tuple[Alarm | Recommendation | Review, ...] = (*here.alarms, *here.recommendations, *here.reviews)
        rules |= {one.id: one for one in listed}
    concepts = [
        _concept(rule.id, called(rule), [{"code": "kind", "valueCode": type(rule).__name__.lower()}])
        for rule in rules.values()
    ]
    return _code_system("rules", concepts, {"kind": "code"})


def _orders() -> Resource:
    """What is ordered, and whom is referred to."""
    found = {f"referral_{to}": said for to, said in table("words")["addressee"].items()}
    found |= {id: table("cards")[id] for id in ("spine_mri", "spine_ct", "spine_x_ray")}
    found |= {id: exchange("order", id) for id in ("opioid", "physiotherapy", "referral_neurosurgeon")}
    return _code_system("orders", [_concept(id, said) for id, said in found.items()], {})


# Value sets ----------------------------------------------------------------------------------------------------------


def _choices() -> Iterator[Resource]:
    yield _value_set(
        "yes-no-unclear",
        exchange("yes_no_unclear", "title"),
        exchange("yes_no_unclear", "about"),
        ANSWERS,
        YES_NO_UNCLEAR,
    )
    for finding in VOCABULARY.values():
        if finding.kind == "choice":
            title = exchange("choices", "title", term_of(finding))
            yield _value_set(kebab(finding.id), title, exchange("choices", "about"), ANSWERS, choices(finding))


def _value_set(id: str, title: Words, about: Words, system: str, codes: Mapping[str, Words] | None = None) -> Resource:
    """These codes of a system, or all of them."""
    include: Resource = {"system": system}
    if codes:
        include["concept"] = [_concept(code, said) for code, said in codes.items()]
    lines = codes.values() if codes else ()
    return {**definition("ValueSet", id, title, about, lines), "compose": {"include": [include]}}


# What others call it -------------------------------------------------------------------------------------------------


def _code_map(id: str, codes: Iterable[Code]) -> Resource:
    """From our codes to those of others: a group for each pair of systems."""
    groups: dict[tuple[str, str], dict[str, list[Resource]]] = {}
    for code in codes:
        group = groups.setdefault((_ours(code), SYSTEMS[code.system]), {})
        group.setdefault(code.about.removeprefix(ORDER), []).append(_target(code))
    return {
        **definition("ConceptMap", id, exchange(f"{id}_map", "title"), exchange(f"{id}_map", "about")),
        "group": [
            {"source": ours, "target": theirs, "element": [{"code": one, "target": found[one]} for one in found]}
            for (ours, theirs), found in groups.items()
        ],
    }


def _ours(code: Code) -> str:
    """In which of our systems stands what this code is about."""
    if code.about.startswith(ORDER):
        return ORDERS
    return FINDINGS if code.about in VOCABULARY else ANSWERS


def _target(code: Code) -> Resource:
    """A code of theirs; of which version, and what must be known about it, stands in the comment."""
    return {
        "extension": [certainty(code)],
        "code": code.code,
        "equivalence": code.relation,
        "comment": "; ".join(part for part in (f"version: {code.version}", code.note) if part),
    }


def _certainty() -> Resource:
    """The extension itself: a code beside a code."""
    title, about = exchange("certainty", "title"), exchange("certainty", "about")
    return {
        **definition("StructureDefinition", "code-certainty", title, about),
        "fhirVersion": FHIR_VERSION,
        "kind": "complex-type",
        "abstract": False,
        "context": [
            {"type": "element", "expression": "Coding"},
            {"type": "element", "expression": "ConceptMap.group.element.target"},
        ],
        "type": "Extension",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Extension",
        "derivation": "constraint",
        "differential": {
            "element": [
                _element("Extension", **both("short", title), **both("definition", about), max="1"),
                _element("Extension.extension", max="0"),
                _element("Extension.url", fixedUri=CERTAINTY),
                _element("Extension.value[x]", min=1, type=[{"code": "code"}]),
            ]
        },
    }


def _element(path: str, **more: object) -> Resource:
    return {"id": path, "path": path, **more}
