"""Resources of a case and its decision: what was told, and what the pathway says of it, as FHIR R4.

Nothing is written of what was not asked. What was asked and is not known stands there as that: an answer "unclear", or
an Observation without a value. The pathway knows no chances, so none is given; that an alarm is not excluded is said
in words, and in the parameters of the GuidanceResponse.

Another code of a finding stands beside our own only where it says the same. A code that names a question (LOINC) may
stand beside any answer. One that names a sign or a disease stands only beside "yes": who reads the code and not the
value would else read a fever in "no fever".

Whatever advises carries in its first note that this is not a certified medical device.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cache

from ruggespraak.consult import Case, Decision
from ruggespraak.fhir.definitions.questionnaire import questionnaire
from ruggespraak.fhir.definitions.terminology import YES_NO_UNCLEAR, same_codings
from ruggespraak.fhir.names import Resource, versioned
from ruggespraak.fhir.units import quantity
from ruggespraak.fhir.write.resource import About, made, notes, reference, some, sources
from ruggespraak.fhir.write.words import alarm, answered, complaint, headline, listed, standing
from ruggespraak.logic import Finding, Value
from ruggespraak.pathway.codes.addresses import ANSWERS, FINDINGS, NO, NOT_KNOWN, RULES, SYSTEMS, UNCLEAR, YES
from ruggespraak.pathway.codes.fhir_words import ABSENT
from ruggespraak.pathway.editions import edition
from ruggespraak.pathway.findings import VOCABULARY
from ruggespraak.pathway.rules import Alarm
from ruggespraak.pathway.texts import choice, term, text, word

ANY_CHANCE = {
    end: {"value": value, "system": SYSTEMS["UCUM"], "code": "%"} for end, value in (("low", 0), ("high", 100))
}
"""Of 0 to 100 %: that the chance is not known. Left out, R4's own rule about it (ras-2) fails with strict readers."""
QUESTIONS = SYSTEMS["LOINC"]
"""The system whose codes name what is asked, and not what is the matter."""


# What was told


def questionnaire_response(case: Case, about: About, status: str = "completed") -> Resource:
    """The answers in the Questionnaire of this edition. A question that was not asked is not in it.

    An answer to a question that the form hides is told all the same: it was given.
    """
    rules = edition(case.edition)
    return made(
        "QuestionnaireResponse",
        about,
        "",
        [answered(finding, answer, about.lang) for finding, answer in _told(case)],
        {
            "questionnaire": versioned("Questionnaire", rules.id, rules),
            "status": status,
            "subject": about.subject,
            "authored": about.when(case.on),
            **({"author": about.author} if about.author else {}),
            "source": teller(case, about),
            **some("item", _filled(_questions(rules.id), case, about.lang)),
        },
    )


@cache
def _questions(edition_id: str) -> list[Resource]:
    items: list[Resource] = questionnaire(edition(edition_id))["item"]
    return items


def _filled(items: Iterable[Resource], case: Case, lang: str) -> Iterator[Resource]:
    """The items that have an answer, in the groups in which they are asked."""
    for one in items:
        if one["type"] == "group":
            if inside := list(_filled(one["item"], case, lang)):
                yield {"linkId": one["linkId"], "item": inside}
        elif (answer := _answer(one["linkId"], case, lang)) is not None:
            yield {"linkId": one["linkId"], "answer": [answer]}


def _answer(link: str, case: Case, lang: str) -> Resource | None:
    """The answer to the question with this linkId; None where it has none."""
    id = link.removesuffix(NOT_KNOWN)
    if link != id:
        return {"valueBoolean": True} if id in case.unclear else None
    finding = VOCABULARY.get(id)
    if finding is None:
        return None
    if id in case.unclear:
        return {"valueCoding": _yes_no(UNCLEAR, lang)} if finding.kind in ("boolean", "choice") else None
    return _said(finding, case.answers[id], lang) if id in case.answers else None


def _said(finding: Finding, answer: Value, lang: str) -> Resource:
    if isinstance(answer, bool):
        return {"valueCoding": _yes_no(YES if answer else NO, lang)}
    if isinstance(answer, date):
        return {"valueDate": answer.isoformat()}
    if isinstance(answer, str):
        return {"valueCoding": chosen(finding, answer, lang)}
    return {"valueDecimal": answer}


def _yes_no(code: str, lang: str) -> Resource:
    return {"system": ANSWERS, "code": code, "display": YES_NO_UNCLEAR[code][lang]}


def observations(case: Case, about: About, status: str = "final") -> list[Resource]:
    """An Observation of every answer; of what is not known, one without a value that says so."""
    return [_observation(finding, answer, case, about, status) for finding, answer in _told(case)]


def _told(case: Case) -> Iterator[tuple[Finding, Value | None]]:
    """What was told, in the order of the vocabulary. None: asked, and not known."""
    for finding in VOCABULARY.values():
        if finding.id in case.answers or finding.id in case.unclear:
            yield finding, case.answers.get(finding.id)


def _observation(finding: Finding, answer: Value | None, case: Case, about: About, status: str) -> Resource:
    unknown = {"dataAbsentReason": {"coding": [{"system": ABSENT, "code": "asked-unknown"}]}}
    return made(
        "Observation",
        about,
        finding.id,
        [answered(finding, answer, about.lang)],
        {
            "status": status,
            "code": {"coding": _codings(finding, answer, about.lang), "text": term(finding.id, about.lang)},
            "subject": about.subject,
            "effectiveDateTime": about.when(case.on),
            "performer": [teller(case, about)],
            **(unknown if answer is None else _observed(finding, answer, about.lang)),
        },
    )


def own_coding(finding: Finding, lang: str) -> Resource:
    """Our own code of a finding."""
    return {"system": FINDINGS, "code": finding.id, "display": term(finding.id, lang)}


def _codings(finding: Finding, answer: Value | None, lang: str) -> list[Resource]:
    """Our own code, and those of others that say the same of this answer."""
    others = [one for one in same_codings(finding) if one["system"] == QUESTIONS or answer is True]
    return [own_coding(finding, lang), *others]


def _observed(finding: Finding, answer: Value, lang: str) -> Resource:
    if isinstance(answer, bool):
        return {"valueBoolean": answer}
    if isinstance(answer, date):
        return {"valueDateTime": answer.isoformat()}
    if isinstance(answer, str):
        return {"valueCodeableConcept": {"coding": [chosen(finding, answer, lang)]}}
    return {"valueQuantity": quantity(finding, answer)}


def chosen(finding: Finding, value: str, lang: str) -> Resource:
    """One choice of a finding, as a Coding."""
    return {"system": ANSWERS, "code": f"{finding.id}.{value}", "display": choice(finding.id, value, lang)}


def teller(case: Case, about: About) -> Resource:
    """Who gave these answers, as a Reference: the patient, who answers for her, or a care giver."""
    if case.answered_by == "patient":
        return about.subject
    if case.answered_by == "clinician" and about.author and about.author.get("type") != "Device":
        return about.author
    kind = {"proxy": "RelatedPerson", "clinician": "Practitioner"}[case.answered_by]
    return {"type": kind, "display": word(f"soep.{case.answered_by}", about.lang)}


# What the pathway says of it


def risk_assessment(decision: Decision, about: About, basis: Sequence[Resource] = ()) -> Resource:
    """What is suspected, and what is not excluded. ``basis``: the resources that it stands on."""
    rules = edition(decision.edition.partition("@")[0])
    alarms = [rule for id in decision.established if isinstance(rule := rules.rule(id), Alarm)]
    lang = about.lang
    says = [*standing(decision, lang), *listed("word.still_to_ask", decision.ask, lang)]
    return made(
        "RiskAssessment",
        about,
        "",
        [headline(decision, lang), *(alarm(one, decision, lang) for one in alarms), *says],
        {
            "status": "final",
            "method": {"text": f"Ruggespraak, {rules.title[lang]}, {rules.version}"},
            "subject": about.subject,
            "occurrenceDateTime": about.when(decision.on),
            **some("basis", [reference(one) for one in basis]),
            **some("prediction", [_prediction(id, alarms, decision, lang) for id in decision.suspected]),
            "mitigation": headline(decision, lang),
            "note": notes(lang, *says, sources((key for one in alarms for key in one.because), lang)),
        },
    )


def _prediction(suspect: str, alarms: Iterable[Alarm], decision: Decision, lang: str) -> Resource:
    """One cause that is suspected, and the alarms that point there."""
    says = [alarm(one, decision, lang) for one in alarms if one.suspects == suspect]
    return {
        "outcome": {"text": text("suspects", suspect, "term", lang)},
        "probabilityRange": ANY_CHANCE,
        "rationale": " ".join(says),
    }


def guidance_response(decision: Decision, about: About, module_uri: str, result: Resource | None = None) -> Resource:
    """The decision for machines. While a question is open that could change it, its status says that data is required.

    ``module_uri``: what decided. ``result``: the CarePlan.
    """
    rules = edition(decision.edition.partition("@")[0])
    lang = about.lang
    open_ = [*listed("word.still_to_ask", decision.ask, lang), *listed("word.to_examine", decision.examine, lang)]
    alarms = [
        {"coding": [{"system": RULES, "code": id}], "text": text("alarms", id, "name", lang)}
        for id in decision.established
    ]
    required = [
        {"type": "Observation", "codeFilter": [{"path": "code", "code": [own_coding(VOCABULARY[id], lang)]}]}
        for id in decision.ask
    ]
    return made(
        "GuidanceResponse",
        about,
        "",
        [headline(decision, lang), complaint(decision, lang), *standing(decision, lang), *open_],
        {
            "contained": [{"resourceType": "Parameters", "id": "decision", "parameter": list(_parameters(decision))}],
            "moduleUri": module_uri,
            "status": "data-required" if decision.ask else "success",
            "subject": about.subject,
            "occurrenceDateTime": about.when(decision.on),
            **some("reasonCode", alarms),
            "note": notes(lang, *standing(decision, lang), f"{rules.title[lang]}, {rules.version}"),
            "outputParameters": {"reference": "#decision"},
            **({"result": reference(result)} if result else {}),
            **some("dataRequirement", required),
        },
    )


SAID_IN_CODES = (
    "urgency", "not_excluded", "not_examined", "complaint", "also", "certainty", "suspected", "phase", "pattern",
    "imaging", "imaging_by", "imaging_not_excluded", "ask", "examine", "unclear",
)  # fmt: skip
"""The keys of the contract (DESIGN §4) that hold codes. The others are resources of their own, or dates."""


def _parameters(decision: Decision) -> Iterator[Resource]:
    """The keys of the contract. What is null there is left out here."""
    kept = decision.as_json()
    for name in SAID_IN_CODES:
        found = kept[name]
        for code in found if isinstance(found, list) else [found]:
            if code is not None:
                yield {"name": name, "valueCode": code}
    if decision.scan_by:
        yield {"name": "scan_by", "valueDate": decision.scan_by.isoformat()}
    yield {"name": "review", "valueDate": decision.review.on.isoformat()}
