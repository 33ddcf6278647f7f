"""A case and its decision in the words of the pathway, as the resources that we write hold them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ruggespraak.consult import Decision
from ruggespraak.fhir.write.resource import cited
from ruggespraak.logic import Finding, Value
from ruggespraak.pathway.findings import VOCABULARY
from ruggespraak.pathway.rules import Alarm, Urgency
from ruggespraak.pathway.texts import long_date, term, text, told, word


def answered(finding: Finding, answer: Value | None, lang: str) -> str:
    """What was told of this finding, as a care giver reads it. None: asked, and not known."""
    if answer is None:
        return f"{term(finding.id, lang)}: {word('word.dont_know', lang).lower()}"
    says = told(finding, answer, lang, "clinician")
    return f"{says}: {word('word.yes', lang).lower()}" if answer is True else says


def reasons(why: Mapping[str, Value], lang: str) -> list[str]:
    """The answers that made something so, in words."""
    return [answered(VOCABULARY[id], answer, lang) for id, answer in why.items()]


def listed(title: str, findings: Iterable[str], lang: str) -> list[str]:
    """One line with the names of these findings; none where there are none."""
    names = "; ".join(term(id, lang) for id in findings)
    return [f"{word(title, lang)}: {names}."] if names else []


def headline(decision: Decision, lang: str, part: str = "name") -> str:
    """How soon. While alarm questions are open, "routine" is not an answer yet (PATHWAY §4, R19)."""
    if decision.cannot_be_said:
        return f"{word('word.not_said_yet', lang)}."
    says = word(f"urgency.{decision.urgency}.{part}", lang)
    return f"{says[:1].upper()}{says[1:]}."


def complaint(decision: Decision, lang: str) -> str:
    """Which kind of complaint, what it is besides, and how sure that is."""
    names = [word(f"complaint.{one}.term", lang) for one in (decision.complaint, decision.also) if one]
    sure = f" ({word(f'certainty.{decision.certainty}', lang)})" if decision.certainty else ""
    says = "; ".join(names)
    return f"{says[:1].upper()}{says[1:]}{sure}."


def alarm(one: Alarm, decision: Decision, lang: str) -> str:
    """An established alarm with the answers that establish it."""
    name = text("alarms", one.id, "name", lang)
    why = "; ".join(reasons(decision.established[one.id], lang))
    return cited(f"{name}: {why}." if why else f"{name}.", one.because, one.status, lang)


def standing(decision: Decision, lang: str) -> list[str]:
    """That no alarm is known, where that is so; what is not excluded; which answers disagree."""
    says = []
    if not decision.established and decision.urgency <= Urgency.ROUTINE:
        says.append(f"{word('result.no_alarm_known', lang)}.")
    for name, level in (("not_excluded", decision.not_excluded), ("not_examined", decision.not_examined)):
        if level > decision.urgency:
            what = word(f"urgency.{level}.name", lang)
            says.append(f"{word(f'result.{name}', lang).format(what=what)}.")
    return says + [one["text"] for one in decision.conflicts]


def next_look(decision: Decision, lang: str) -> str:
    """When somebody looks again, and why."""
    name = "result.check_on" if decision.urgency >= Urgency.WITHIN_DAYS else "result.next_look"
    return f"{word(name, lang).format(date=long_date(decision.review.on, lang))}. {decision.review.why}"
