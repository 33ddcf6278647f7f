"""The rules of an edition as a PlanDefinition, and as the Libraries that another engine reads them from.

An engine leaves out an action whose condition is null. So every rule has three: it holds, it does not, and it cannot
be said yet; the third asks. Without it a question that nobody asked would count as a no. Every condition is a name in
the Library, and no CQL of its own: an engine that reads CQL in a condition reads it without the Library.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator

from ruggespraak.fhir.cql import CqlLibrary, libraries
from ruggespraak.fhir.cql.outcome import next_look, picture
from ruggespraak.fhir.definitions import activity
from ruggespraak.fhir.definitions.definition import definition, shared
from ruggespraak.fhir.definitions.narrative import Words, acts, both, called, exchange, words
from ruggespraak.fhir.definitions.provenance import cited
from ruggespraak.fhir.names import Resource, library_name, versioned
from ruggespraak.fhir.write.care import PRIORITY
from ruggespraak.logic import Compare, Expression, Finding, In, Not, Unless
from ruggespraak.pathway.codes.addresses import FINDINGS, RULES, SYSTEMS, canonical
from ruggespraak.pathway.editions import referrals
from ruggespraak.pathway.rules import Alarm, Edition, Imaging, Recommendation, Referral, Review, Urgency
from ruggespraak.pathway.texts import LANGUAGES, in_words, plan_text, table, text

Rule = Alarm | Recommendation
CODES_OF_KIND = "http://terminology.hl7.org/CodeSystem"
PARTICIPANT = {"patient": "patient", "clinician": "practitioner"}


def plan(edition: Edition) -> Resource:
    """The PlanDefinition of this edition: every alarm and recommendation, and what open answers bring."""
    rules: tuple[Rule, ...] = (*edition.alarms, *edition.recommendations)
    title, about = exchange("plan", "title", edition.title), exchange("plan", "about")
    return {
        **definition("PlanDefinition", edition.id, title, about, map(_in_words, rules), edition),
        "type": {"coding": [{"system": f"{CODES_OF_KIND}/plan-definition-type", "code": "clinical-protocol"}]},
        "library": [versioned("Library", library_name(edition), edition)],
        "action": [*(_rule(edition, one) for one in rules), *_open_answers(edition), _next_look(edition)],
    }


def _in_words(rule: Rule) -> Words:
    """A line of the narrative: what the rule is called, and when it holds."""
    name = called(rule)
    return words(lambda lang: f"{rule.id}. {name[lang]}: {in_words(rule.when, lang, open_names=False)}.")


# A rule and its three actions ----------------------------------------------------------------------------------------


def _rule(edition: Edition, rule: Rule) -> Resource:
    return {
        "id": rule.id,
        **both("title", called(rule)),
        "code": [{"coding": [{"system": RULES, "code": rule.id}]}],
        "groupingBehavior": "logical-group",
        "selectionBehavior": "exactly-one",
        "action": [_holds(edition, rule), _holds_not(rule), _unknown(edition, rule)],
    }


def _holds(edition: Edition, rule: Rule) -> Resource:
    leave = exchange("leave", "title", words(lambda lang: acts(rule.forbids, lang)))
    audience = PARTICIPANT[rule.audience] if isinstance(rule, Recommendation) else None
    return {
        **both("title", exchange("holds", "title")),
        **(both("description", leave) if rule.forbids else {}),
        **both("textEquivalent", _says(rule)),
        "priority": PRIORITY[rule.urgency],
        "documentation": cited(rule.because, rule.status),
        "condition": [_condition(rule.id)],
        **({"participant": [{"type": audience}]} if audience else {}),
        "groupingBehavior": "logical-group",
        "selectionBehavior": "all",
        "action": list(_does(edition, rule)),
    }


def _says(rule: Rule) -> Words:
    if isinstance(rule, Alarm):
        return words(lambda lang: text("alarms", rule.id, "says", lang))
    return words(lambda lang: plan_text(rule.id, lang))


def _holds_not(rule: Rule) -> Resource:
    return {**both("title", exchange("holds_not", "title")), "condition": [_condition(f"{rule.id}: no")]}


def _unknown(edition: Edition, rule: Rule) -> Resource:
    """The third action: its findings are what to ask, and the Questionnaire is where."""
    asked = {one.id for one in _settle(rule.when)}
    return {
        **both("title", exchange("unknown", "title")),
        "priority": PRIORITY[rule.urgency],
        "condition": [_condition(f"{rule.id}: unknown")],
        **({"input": [_input([id for id in edition.findings if id in asked])]} if asked else {}),
        "definitionCanonical": versioned("Questionnaire", edition.id, edition),
    }


def _settle(when: Expression, negated: bool = False) -> Iterator[Finding]:
    """The findings that make it known whether this holds: not those of an exception, which changes nothing while it is
    unknown."""
    match when:
        case Unless(part, _) if not negated:
            yield from _settle(part)
        case Not(part):
            yield from _settle(part, not negated)
        case Finding():
            yield when
        case Compare(finding) | In(finding):
            yield finding
        case _:
            for part in when.children():
                yield from _settle(part, negated)


def _input(findings: list[str]) -> Resource:
    """Observations of these findings."""
    codes = [{"system": FINDINGS, "code": id} for id in findings]
    return {"type": "Observation", "codeFilter": [{"path": "code", "code": codes}]}


def _condition(name: str) -> Resource:
    """A definition of the Library, by its name."""
    return {"kind": "applicability", "expression": {"language": "text/cql-identifier", "expression": name}}


# What follows from a rule --------------------------------------------------------------------------------------------


def _does(edition: Edition, rule: Rule) -> Iterator[Resource]:
    """Referrals, pictures and tests, and for a recommendation its acts."""
    for referral in rule.refer:
        yield _refer(edition, referral, rule.urgency)
    for place, (image, when) in enumerate(activity.pictures(rule)):
        yield _look(image, {} if when is None else {"condition": [_condition(picture(rule, place))]})
    if isinstance(rule, Alarm):
        for test in rule.tests:
            yield _do(activity.test_id(test), activity.test_called(test))
    else:
        for act in sorted(rule.does):
            yield _do(activity.act_id(act), activity.act_called(act))


def _do(id: str, called: Words, **more: object) -> Resource:
    return {**both("title", called), **more, "definitionCanonical": shared("ActivityDefinition", id)}


def _refer(edition: Edition, referral: Referral, urgency: Urgency) -> Resource:
    urgency = max(urgency, Urgency.ROUTINE)  # as in every decision: who is sent somewhere is seen within two weeks
    within = _within(edition.parameter(f"seen_{urgency}"))
    id, name = activity.referral_id(referral), activity.referral_called(referral)
    return _do(id, name, priority=PRIORITY[urgency], **within)


def _look(image: Imaging, condition: Resource) -> Resource:
    within = {} if image.within_hours is None else _within(image.within_hours)
    return _do(activity.picture_id(image), activity.picture_called(image), **condition, **within)


def _within(hours: float) -> Resource:
    return {"timingRange": {"high": _quantity(hours, "h")}}


def _quantity(value: float, unit: str) -> Resource:
    return {"value": int(value), "unit": unit, "system": SYSTEMS["UCUM"], "code": unit}


def _open_answers(edition: Edition) -> Iterator[Resource]:
    """R18 and R19 speak of all alarms at once: an answer "unclear" is one step less, an open alarm is never nothing."""
    for id, row, urgency, referral in (
        ("R18_today", "R18", Urgency.SAME_DAY, referrals.UNCLEAR_TODAY),
        ("R18_days", "R18", Urgency.WITHIN_DAYS, referrals.UNCLEAR_DAYS),
        ("R19", "R19", Urgency.ROUTINE, referrals.NOT_ASKED),
    ):
        said = table("alarms")[row]
        yield _open_answer(edition, id, said["name"], said["says"], urgency, referral)
    keep = table("referrals")[referrals.OVERVIEW.id]["patient_does"]
    yield _open_answer(edition, "overview", exchange("overview", "title"), keep, Urgency.ROUTINE, referrals.OVERVIEW)


def _open_answer(edition: Edition, id: str, title: Words, says: Words, urgency: Urgency, to: Referral) -> Resource:
    return {
        "id": id,
        **both("title", title),
        **both("textEquivalent", says),
        "priority": PRIORITY[urgency],
        "condition": [_condition(id)],
        "action": [_refer(edition, to, urgency)],
    }


def _next_look(edition: Edition) -> Resource:
    """When to look again: always there, and always one."""
    return {
        "id": "next_look",
        **both("title", exchange("next_look", "title")),
        "groupingBehavior": "logical-group",
        "selectionBehavior": "exactly-one",
        "action": [_review(one) for one in edition.reviews],
    }


def _review(review: Review) -> Resource:
    return {
        "id": review.id,
        **both("title", called(review)),
        **_when(review),
        "code": [{"coding": [{"system": RULES, "code": review.id}]}],
        "documentation": cited(review.because, review.status),
        "condition": [_condition(next_look(review))],
    }


def _when(review: Review) -> Resource:
    """So many days from now; what is counted from the onset of the pain is said in words, for R4 times no such day."""
    if review.on_day is None:
        return {"timingDuration": _quantity(review.after or 0, "d")}
    return both("description", exchange("from_onset", "says", dict.fromkeys(LANGUAGES, f"{review.on_day:g}")))


# The CQL itself ------------------------------------------------------------------------------------------------------


def library_resources(edition: Edition) -> list[Resource]:
    """The CQL of this edition, each library in a Library."""
    return [_library(edition, one) for one in libraries(edition)]


def library_id(library: CqlLibrary) -> str:
    """With its version: editions share the name of the library of findings, and bring versions of it of their own."""
    return f"{library.name}-{library.version}"


def _library(edition: Edition, library: CqlLibrary) -> Resource:
    title = exchange("library", "title", dict.fromkeys(edition.title, library.name))
    about = exchange("library", "about" if library.includes else "of_a_day")
    depends = [{"type": "depends-on", "resource": _address(name, library.version)} for name in library.includes]
    return {
        **definition("Library", library.name, title, about, edition=edition),
        "id": library_id(library),
        "name": library.name,
        "type": {"coding": [{"system": f"{CODES_OF_KIND}/library-type", "code": "logic-library"}]},
        **({"relatedArtifact": depends} if depends else {}),
        "dataRequirement": [
            {"type": "Observation", "codeFilter": [{"path": "code", "valueSet": shared("ValueSet", "findings")}]}
        ],
        "content": [{"contentType": "text/cql", "data": b64encode(library.text.encode()).decode()}],
    }


def _address(name: str, version: str) -> str:
    return f"{canonical('Library', name)}|{version}"
