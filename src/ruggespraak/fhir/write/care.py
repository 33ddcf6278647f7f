"""Resources of what is to be done: the plan, the referrals, and what the patient is told.

Whether anybody follows an advice is not known when it is given: its status is "unknown", and only the next look has a
day. Advice against something is an advice as well: the code of a rule already says "no scan", so FHIR's own mark for
what must not be done would turn it round, and is not used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from ruggespraak.consult import Advice, Decision, Refer
from ruggespraak.fhir.names import Resource, versioned
from ruggespraak.fhir.write.resource import About, cited, made, notes, reference, some, sources
from ruggespraak.fhir.write.words import complaint, headline, next_look, reasons, standing
from ruggespraak.pathway.codes.addresses import ORDERS, RULES
from ruggespraak.pathway.editions import edition
from ruggespraak.pathway.rules import Recommendation, Urgency
from ruggespraak.pathway.texts import word

PRIORITY: Mapping[Urgency, str] = {
    Urgency.EMERGENCY: "stat",
    Urgency.SAME_DAY: "asap",
    Urgency.WITHIN_DAYS: "urgent",
    Urgency.ROUTINE: "routine",
    Urgency.SELF_CARE: "routine",
}
INSTRUCTION = {
    "coding": [{"system": "http://terminology.hl7.org/CodeSystem/communication-category", "code": "instruction"}]
}


def care_plan(
    decision: Decision,
    about: About,
    status: str = "draft",
    *,
    supporting: Sequence[Resource] = (),
    replaces: Resource | None = None,
    progress: Mapping[str, Sequence[Resource]] | None = None,
) -> Resource:
    """The plan: every advice with its sources and the answers that made it so, whom to see, tests, and the next look.

    ``supporting``: what it stands on. ``replaces``: the plan that it takes the place of. ``progress``: by the id of an
    advice, Annotations of what was done with it; without them whether somebody does it is not known, and it says so.
    """
    rules = edition(decision.edition.partition("@")[0])
    lang = about.lang
    activities = [*_advised(decision, lang, progress or {}), *_seen_by(decision, lang), *_tests(decision)]
    keys = [key for because in _grounds(decision) for key in because]
    says = [f"{headline(decision, lang)} {complaint(decision, lang)}", *standing(decision, lang)]
    return made(
        "CarePlan",
        about,
        "",
        [*says, *(_in_words(one) for one in activities), next_look(decision, lang)],
        {
            "instantiatesCanonical": [versioned("PlanDefinition", rules.id, rules)],
            **({"replaces": [reference(replaces)]} if replaces else {}),
            "status": status,
            "intent": "plan",
            "title": word("result.title", lang),
            "description": " ".join(says),
            "subject": about.subject,
            "period": {"start": decision.on.isoformat()},
            "created": about.when(decision.on),
            **({"author": about.author} if about.author else {}),
            **some("supportingInfo", [reference(one) for one in supporting]),
            "activity": [*activities, _look(decision, lang)],
            "note": notes(lang, *standing(decision, lang), sources(keys, lang)),
        },
    )


def _in_words(activity: Resource) -> str:
    """An advice, and what was done with it."""
    return " ".join([activity["detail"]["description"], *(one["text"] for one in activity.get("progress", ()))])


def _grounds(decision: Decision) -> Iterator[tuple[str, ...]]:
    yield from (one.because for one in decision.plan)
    yield from (one.because for one in decision.refer)


def _advised(decision: Decision, lang: str, progress: Mapping[str, Sequence[Resource]]) -> Iterator[Resource]:
    for one in decision.plan:
        detail = {
            "code": {"coding": [{"system": RULES, "code": one.id}]},
            **some("reasonCode", [{"text": says} for says in reasons(one.why, lang)]),
            "status": "unknown",
            "description": cited(one.text, one.because, one.status, lang),
        }
        yield {**some("progress", progress.get(one.id, ())), "detail": detail}


def _seen_by(decision: Decision, lang: str) -> Iterator[Resource]:
    for one in decision.refer:
        says = f"{word(f'addressee.{one.to}', lang)}. {one.patient_does} {one.clinician_does}"
        yield {
            "detail": {
                "kind": "ServiceRequest",
                "code": _referral(one, lang),
                "status": "unknown",
                "scheduledPeriod": _within(decision.on, one),
                "description": cited(says, one.because, one.status, lang),
            }
        }


def _tests(decision: Decision) -> Iterator[Resource]:
    for one in decision.tests:
        says = f"{one['what']}. {one['because']}"
        code = {"text": one["what"]}
        yield {"detail": {"kind": "ServiceRequest", "code": code, "status": "unknown", "description": says}}


def _look(decision: Decision, lang: str) -> Resource:
    """The day on which somebody looks again."""
    detail = {
        "code": {"coding": [{"system": RULES, "code": decision.review.id}]},
        "status": "scheduled",
        "scheduledTiming": {"event": [decision.review.on.isoformat()]},
        "description": next_look(decision, lang),
    }
    return {"detail": detail}


def service_requests(
    decision: Decision, about: About, status: str = "draft", plan: Resource | None = None
) -> list[Resource]:
    """A referral each: to whom, how soon, and what both sides do. ``plan``: the CarePlan that it is part of."""
    return [_service_request(one, decision, about, status, plan) for one in decision.refer]


def _service_request(refer: Refer, decision: Decision, about: About, status: str, plan: Resource | None) -> Resource:
    lang = about.lang
    clinician = cited(refer.clinician_does, refer.because, refer.status, lang)
    to = word(f"addressee.{refer.to}", lang)
    return made(
        "ServiceRequest",
        about,
        refer.to,
        [f"{to}: {word(f'urgency.{refer.when}.name', lang)}.", refer.patient_does, clinician],
        {
            **({"basedOn": [reference(plan)]} if plan else {}),
            "status": status,
            "intent": "proposal",
            "priority": PRIORITY[refer.when],
            "code": _referral(refer, lang),
            "subject": about.subject,
            "occurrencePeriod": _within(decision.on, refer),
            "authoredOn": about.when(decision.on),
            **({"requester": about.author} if about.author else {}),
            "performerType": {"text": to},
            "reasonCode": [{"text": complaint(decision, lang)}],
            "note": notes(lang, clinician, sources(refer.because, lang)),
            "patientInstruction": refer.patient_does,
        },
    )


def _referral(refer: Refer, lang: str) -> Resource:
    name = word(f"addressee.{refer.to}", lang)
    return {"coding": [{"system": ORDERS, "code": f"referral_{refer.to}"}], "text": name}


def _within(on: date, refer: Refer) -> Resource:
    """From the day of the decision to the last one on which she must be seen."""
    return {"start": on.isoformat(), "end": (on + timedelta(days=refer.within_hours // 24)).isoformat()}


def communication(decision: Decision, about: About, status: str = "preparation") -> Resource:
    """The safety net for the patient: how soon, what she does, when she phones at once, when we look again.

    ``status``: "completed" once she was told, and not before.
    """
    lang = about.lang
    says = [headline(decision, lang, "headline"), *dict.fromkeys(one.patient_does for one in decision.refer)]
    says += [one.text for one in _safety_net(decision)]
    says.append(next_look(decision, lang))
    return made(
        "Communication",
        about,
        "",
        says,
        {
            "status": status,
            "category": [INSTRUCTION],
            "priority": PRIORITY[decision.urgency],
            "subject": about.subject,
            "topic": {"text": word("section.safety_net", lang)},
            **({"sent": about.when(decision.on)} if status == "completed" else {}),
            "recipient": [about.subject],
            **({"sender": about.author} if about.author else {}),
            "payload": [{"contentString": line} for line in says],
            "note": notes(lang),
        },
    )


def _safety_net(decision: Decision) -> Iterator[Advice]:
    """When to phone, and whom: where it presses, what she does has already said that, and it may be somebody else."""
    rules = edition(decision.edition.partition("@")[0])
    presses = decision.urgency >= Urgency.SAME_DAY
    for one in decision.plan:
        rule = rules.rule(one.id)
        calls = one.section == "safety_net" or (one.id.startswith("whom_do_i_phone") and not presses)
        if isinstance(rule, Recommendation) and rule.audience == "patient" and calls:
            yield one
