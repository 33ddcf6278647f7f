"""The questions of an edition as a Questionnaire: what a consult asks, for a screen that is not ours.

Nothing is asked for: no question is required and none has an answer of its own before somebody gives one. A question
is hidden only while no answer to it could carry an alarm, and what nobody answered is unknown.

The consult ends a checklist with "none of these", a no to what was on the screen. Here every question has a no of its
own: who reads the answers elsewhere does not know what was on that screen. Nor is an extraction into Observations
asked for (SDC): the codes of others beside a question name a sign, and would be read as one beside a no.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from ruggespraak.consult import Case, Screen, next_screen
from ruggespraak.consult.ready import ready
from ruggespraak.consult.screens import checklist_of
from ruggespraak.fhir.definitions.definition import definition
from ruggespraak.fhir.definitions.narrative import Words, both, exchange, words
from ruggespraak.fhir.definitions.terminology import choices, coding, same_codings
from ruggespraak.fhir.names import Resource
from ruggespraak.logic import Finding
from ruggespraak.pathway.codes.addresses import ANSWERS, NOT_KNOWN, SYSTEMS, UNCLEAR, YES
from ruggespraak.pathway.codes.units import UCUM
from ruggespraak.pathway.concepts.nerves import BEFORE
from ruggespraak.pathway.findings import CLINICIAN
from ruggespraak.pathway.rules import Edition
from ruggespraak.pathway.texts import item, table, unit_of, word

DATES = ("onset_date", "sick_leave_start")
"""No rule speaks of them, but days are counted from them."""

WHY = "/why"
"""Ends the linkId of the help text of a question."""

ONLY_AFTER = {
    **{before.id: ((sign.id, YES), (sign.id, UNCLEAR)) for sign, before in BEFORE.items()},
    "bilateral_since_days": (
        ("bilateral_radicular", YES),
        ("bilateral_radicular", UNCLEAR),
        ("leg_pain_side", "leg_pain_side.both"),
        ("leg_pain_side", UNCLEAR),
    ),
    "cancer_pain_unchanged": (("cancer_history", YES), ("cancer_history", UNCLEAR)),
    "trauma_days_ago": (("significant_trauma", YES), ("significant_trauma", UNCLEAR)),
    "dermatome": (("leg_pain_dermatomal", YES), ("leg_pain_dermatomal", UNCLEAR)),
    "opioid_days": (("opioid_current", YES), ("opioid_current", UNCLEAR)),
}
"""What makes sense only after one of these answers to another question. A test shows that hiding it hides no alarm."""

# Decimal, never integer: a rule takes any number of a range, and nothing that somebody measured may be cut off.
TYPES = {"boolean": "choice", "choice": "choice", "number": "decimal", "date": "date"}


def questionnaire(edition: Edition) -> Resource:
    """The Questionnaire of this edition: first what a person can tell, then what an examination gives."""
    person, examined = (_part(edition, examination) for examination in (False, True))
    items = [*person, {"linkId": "examination", **both("text", exchange("examination", "title")), "type": "group"}]
    items[-1]["item"] = list(examined)
    title = exchange("questionnaire", "title", edition.title)
    about = exchange("questionnaire", "about")
    lines = (words(lambda lang, id=id: item(id, lang)) for id in edition.findings)  # type: ignore[misc]
    return {
        **definition("Questionnaire", edition.id, title, about, lines, edition),
        "subjectType": ["Patient"],
        "item": items,
    }


# What is asked, in which order ---------------------------------------------------------------------------------------


def _part(edition: Edition, examination: bool) -> list[Resource]:
    """The screens of one of the two parts, and in a group of their own the findings that no rule here reads."""
    mine = [id for id, one in edition.findings.items() if (one.who == CLINICIAN) is examination]
    used = {*ready(edition.id).alphabet.masks, *DATES}
    asked = [id for screen in _consult(edition, examination) for id in screen.items]
    screens = _screens(id for id in dict.fromkeys([*asked, *mine]) if id in used)
    found = [one for screen in screens for one in _screen(edition, screen)]
    if more := [id for id in mine if id not in used]:
        link = "examination/more" if examination else "more"
        rest = [one for id in more for one in _question(edition.findings[id], several=False)]
        found.append({"linkId": link, **both("text", exchange("more", "title")), "type": "group", "item": rest})
    return found


def _consult(edition: Edition, examination: bool) -> Iterator[Screen]:
    """The screens of a consult in which everything is left alone: all that can matter, the most alarming first."""
    nothing = Case(on=date.min, edition=edition.id, answered_by="clinician" if examination else "patient")
    shown: set[str] = set()
    while screen := next_screen(nothing, shown, examination):
        shown |= {*screen.items}
        yield screen


def _screens(ids: Iterable[str]) -> Iterator[Screen]:
    """Checklists in one piece, where their first item stands."""
    place = {id: place for place, id in enumerate(table("findings"))}
    found: dict[str, list[str]] = {}
    for id in ids:
        found.setdefault(checklist_of(id) or id, []).append(id)
    for items in found.values():
        yield Screen(tuple(sorted(items, key=place.__getitem__)), checklist_of(items[0]))


# Items ---------------------------------------------------------------------------------------------------------------


def _screen(edition: Edition, screen: Screen) -> list[Resource]:
    """A checklist as a group of questions, or the one question of a screen."""
    if screen.checklist is None:
        return _question(edition.findings[screen.items[0]], several=False)
    texts = table("screens")[screen.checklist]
    rows = [one for id in screen.items for one in _question(edition.findings[id], several=True)]
    help = _help(screen.checklist, texts["why"])
    return [{"linkId": screen.checklist, **both("text", texts["title"]), "type": "group", "item": [help, *rows]}]


def _question(finding: Finding, several: bool) -> list[Resource]:
    """The item of a finding; beside a number or a date also "I do not know". ``several``: it stands in a checklist."""
    texts = table("findings")[finding.id]
    options = [{"system": ANSWERS, "code": code, **both("display", said)} for code, said in choices(finding).items()]
    question: Resource = {
        "extension": [_control("radio-button")] if options else _of_a_number(finding),
        "linkId": finding.id,
        "code": [coding(finding), *same_codings(finding)],
        **both("text", texts["item" if several else "question"]),
        "type": TYPES[finding.kind],
        **_after(ONLY_AFTER.get(finding.id, ())),
        "answerOption": [{"valueCoding": option} for option in options],
        "item": [_help(finding.id, texts["why"])],
    }
    found = {key: value for key, value in question.items() if value}
    return [found] if options else [found, _not_known(finding)]


def _of_a_number(finding: Finding) -> list[Resource]:
    """Unit and range; empty for a date."""
    if finding.kind != "number":
        return []
    unit = words(lambda lang: unit_of(finding, lang) or finding.unit)
    coded = {"system": SYSTEMS["UCUM"], "code": UCUM[finding.unit], **both("display", unit)}
    ends = (("minValue", finding.minimum), ("maxValue", finding.maximum))
    return [
        {"url": "http://hl7.org/fhir/StructureDefinition/questionnaire-unit", "valueCoding": coded},
        *(
            {"url": f"http://hl7.org/fhir/StructureDefinition/{end}", "valueDecimal": value}
            for end, value in ends
            if value is not None
        ),
    ]


def _not_known(finding: Finding) -> Resource:
    """ "I do not know" beside a number or a date: while that is not filled in, or while it is asked at all."""
    while_open = {"enableWhen": [{"question": finding.id, "operator": "exists", "answerBoolean": False}]}
    return {
        "linkId": finding.id + NOT_KNOWN,
        **both("text", words(lambda lang: word("word.dont_know", lang))),
        "type": "boolean",
        **(_after(ONLY_AFTER[finding.id]) if finding.id in ONLY_AFTER else while_open),
    }


def _after(answers: Iterable[tuple[str, str]]) -> Resource:
    """Shown after any of these answers; always, where there are none."""
    conditions = [
        {"question": question, "operator": "=", "answerCoding": {"system": ANSWERS, "code": code}}
        for question, code in answers
    ]
    return {"enableWhen": conditions, "enableBehavior": "any"} if conditions else {}


def _help(of: str, said: Words) -> Resource:
    return {"extension": [_control("help")], "linkId": of + WHY, **both("text", said), "type": "display"}


def _control(code: str) -> Resource:
    """How an item is drawn, in SDC's words."""
    coded = {"coding": [{"system": "http://hl7.org/fhir/questionnaire-item-control", "code": code}]}
    return {"url": "http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl", "valueCodeableConcept": coded}
