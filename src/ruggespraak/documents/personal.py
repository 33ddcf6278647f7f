"""The personal leaflet: the result, why it is so, what to take along, and a text that the GP can paste.

Made from the case itself, so it can name the person's own answers. Whoever holds it holds health data.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ruggespraak.consult import Case, Decision, decide
from ruggespraak.documents.content import Block, Document, Paragraph, Part, Points, Section
from ruggespraak.documents.result import MOST_LISTED, SENTENCE, drawn_result, sentence
from ruggespraak.logic import Value
from ruggespraak.pathway.editions import edition
from ruggespraak.pathway.findings import VOCABULARY
from ruggespraak.pathway.rules import Recommendation, Urgency
from ruggespraak.pathway.texts import item, long_date, plan_text, term, text, told, word

ASKED_BY_ALL = ("questions", "safety_net")  # sections of the plan that everybody gets in some form
MOST_TAKEN_ALONG = 4  # answers that stayed unclear, each as a question for the GP: more would bury the others


def personal(case: Case, lang: str) -> Document:
    """The result of this case for the person who answered, with all that goes along with it."""
    decision = decide(case, lang)
    days = case.answers.get("duration_days")
    made = drawn_result(decision, lang, case.answered_by, days if isinstance(days, int | float) else None)
    more = (
        Section("why", word("result.why", lang), tuple(why(decision, lang))),
        Section("to_take_along", word("result.take_along", lang), (Points(tuple(to_ask(decision, lang))),)),
        Section("for_gp", word("result.for_gp", lang), tuple(Paragraph(line) for line in soep(case, decision, lang))),
    )
    return replace(made, sections=(*made.sections, *(section for section in more if section.blocks)))


def why(decision: Decision, lang: str) -> list[Block]:
    """The person's own answers, and below each set of them what they lead to: advice with the same answers together.

    What stands for an alarm comes first, and where it presses nothing else does.
    """
    here = edition(decision.edition.partition("@")[0])
    grouped = _why_alarms(decision, lang)
    for one in () if decision.urgency >= Urgency.SAME_DAY else decision.plan:
        rule = here.rule(one.id)
        assert isinstance(rule, Recommendation)
        if one.why and rule.audience == "patient" and one.section not in ASKED_BY_ALL:
            answers = tuple(_told(id, value, lang) for id, value in one.why.items())
            grouped.setdefault(answers, []).append(SENTENCE.split(plan_text(one.id, lang))[0])
    return [
        Part(word("result.you_told", lang), (Points(answers), Paragraph(word("result.so", lang)), Points(tuple(leads))))
        for answers, leads in grouped.items()
    ]


def _told(id: str, value: Value, lang: str) -> str:
    return sentence(told(VOCABULARY[id], value, lang, "patient"))


def _why_alarms(decision: Decision, lang: str) -> dict[tuple[str, ...], list[str]]:
    """What was told, or not known, that makes it this urgent."""
    found: dict[tuple[str, ...], list[str]] = {}
    for id, answers in decision.established.items():
        told_here = tuple(_told(finding, value, lang) for finding, value in answers.items())
        found.setdefault(told_here, []).append(text("alarms", id, "says", lang))
    if decision.unclear and decision.urgency > Urgency.ROUTINE and not found:
        unknown = tuple(f"{item(id, lang)}: {word('word.dont_know', lang).lower()}" for id in decision.unclear)
        found[unknown] = [text("alarms", "R18", "says", lang)]
    return found


def to_ask(decision: Decision, lang: str) -> list[str]:
    """Questions to take along: those that fit everybody, and one for each answer that stayed unclear."""
    names = ["what_is_it", "how_sure", "what_can_i_do"]
    if decision.urgency <= Urgency.ROUTINE:
        names += ["picture", "medicine", "work"]
    questions = [word(f"take_along.{name}", lang) for name in [*names, "come_back"]]
    unclear = [
        word("take_along.unclear", lang).format(what=_in_a_line(item(id, lang)))
        for id in decision.unclear[:MOST_TAKEN_ALONG]
    ]
    return questions + unclear


def _in_a_line(says: str) -> str:
    return says[:1].lower() + says[1:]


def soep(case: Case, decision: Decision, lang: str) -> list[str]:
    """The four lines of a GP's record, in the GP's words: told, examined (nothing), evaluation, plan."""
    denied = [term(id, lang) for id, value in case.answers.items() if value is False]
    present = [
        told(VOCABULARY[id], value, lang, "clinician") for id, value in case.answers.items() if value is not False
    ]
    told_by = word(f"soep.{case.answered_by}", lang)
    subjective = [word("soep.check", lang).format(date=long_date(decision.on, lang), by=told_by)]
    subjective += _named("soep.present", present, lang)
    subjective += _named("soep.denied", denied, lang)
    subjective += _named("soep.unclear", (term(id, lang) for id in decision.unclear), lang)
    subjective += _named("soep.not_asked", _first(decision.ask, lang), lang)
    evaluation = [sentence(word(f"complaint.{decision.complaint}.term", lang))]
    if decision.certainty:
        evaluation[0] += f" ({word(f'certainty.{decision.certainty}', lang)})"
    evaluation[0] += "."
    evaluation += _named("soep.alarms", (text("alarms", id, "name", lang) for id in decision.established), lang)
    evaluation.append(word("soep.urgency", lang).format(what=word(f"urgency.{decision.urgency}.name", lang)))
    plan = [word("soep.advised", lang).format(what=one.patient_does) for one in decision.refer[:1]]
    plan.append(word("soep.review", lang).format(date=long_date(decision.review.on, lang), edition=decision.edition))
    return [
        f"S: {' '.join(subjective)}",
        f"O: {word('soep.not_examined', lang)}",
        f"E: {' '.join(evaluation)}",
        f"P: {' '.join(plan)}",
    ]


def _first(findings: tuple[str, ...], lang: str) -> list[str]:
    """The most alarming of these, and how many there are more."""
    more = len(findings) - MOST_LISTED
    named = [term(id, lang) for id in findings[:MOST_LISTED]]
    return [*named, word("result.and_more", lang).format(n=more)] if more > 0 else named


def _named(name: str, findings: Iterable[str], lang: str) -> list[str]:
    listed = "; ".join(findings)
    return [word(name, lang).format(what=listed)] if listed else []
