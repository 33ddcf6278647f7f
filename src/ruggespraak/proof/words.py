"""A patient of a proof in plain words, and the words of a proof. They stand in ``words.toml``."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ruggespraak import wording
from ruggespraak.consult import Case, Decision, as_json
from ruggespraak.course import Status
from ruggespraak.logic import table_row
from ruggespraak.pathway.findings import VOCABULARY
from ruggespraak.pathway.rules import Act, Urgency
from ruggespraak.pathway.texts import table, term, text, told, word
from ruggespraak.proof import nobody_lost
from ruggespraak.proof.diff import OTHER, Compared, Difference, acts
from ruggespraak.proof.search import COUNTEREXAMPLE, PROVEN, UNKNOWN

if TYPE_CHECKING:
    from ruggespraak.proof.prove import Verdict

MOST = 6
"""So many places where a property fails are told one by one."""


def says(name: str, lang: str, **values: object) -> str:
    """The words under this name: ``says("verdict.proven", "nl")``. Raises KeyError for a name that does not exist."""
    return wording.word(__package__, name, lang).format(**values)


def patient(case: Case, lang: str) -> list[str]:
    """Who this is, a line an answer: what is present, what is not known, what is absent."""
    lines = [told(VOCABULARY[id], value, lang, "clinician") for id, value in case.answers.items() if value is not False]
    unclear = [term(id, lang) for id in VOCABULARY if id in case.unclear]
    absent = [term(id, lang) for id, value in case.answers.items() if value is False]
    lines += [says("say.unclear", lang, what="; ".join(unclear))] if unclear else []
    lines += [says("say.absent", lang, what="; ".join(absent))] if absent else []
    lines += [says("say.by_patient", lang)] if case.answered_by == "patient" else []
    return lines if case.answers or unclear else [says("say.nothing", lang), *lines]


def decided(decision: Decision, lang: str) -> str:
    """What was decided, in one sentence."""
    return says(
        "say.decided",
        lang,
        urgency=word(f"urgency.{decision.urgency}.name", lang),
        complaint=word(f"complaint.{decision.complaint}.term", lang),
        imaging="–" if decision.imaging is None else word(f"imaging.{decision.imaging}", lang),
        refer=", ".join(word(f"addressee.{one.to}", lang) for one in decision.refer) or says("say.nobody", lang),
    )


def line(case: Case) -> str:
    """The case as one line that ``rug decide`` reads."""
    return json.dumps({key: value for key, value in as_json(case).items() if value is not None}, ensure_ascii=False)


def explained(verdict: Verdict, lang: str) -> list[str]:
    """What was found beside the verdict itself: the patient, what was decided, and the case as JSON."""
    if verdict.verdict == UNKNOWN:
        return [says("say.gave_up", lang)]
    lines = [] if verdict.course is None else _course(verdict.course, lang)
    lines += [says("say.broken", lang, what=", ".join(_short(verdict.about)))] if verdict.about else []
    lines += [says("say.never", lang, what=", ".join(verdict.never))] if verdict.never else []
    lines += [says("say.ever", lang, what=", ".join(verdict.ever))] if verdict.ever else []
    if verdict.case:
        lines += [says("say.patient", lang), *(f"- {one}" for one in patient(verdict.case, lang))]
        lines += [decided(verdict.decision, lang)] if verdict.decision else []
    if verdict.case and verdict.after:
        lines += [says("say.after", lang), *(f"- {one}" for one in patient(_more(verdict.case, verdict.after), lang))]
        lines += [decided(verdict.decision_after, lang)] if verdict.decision_after else []
    if verdict.case:
        lines += [says("say.case", lang), line(verdict.case)]
        lines += [line(verdict.after)] if verdict.after else []
    return lines


def _short(about: tuple[str, ...]) -> list[str]:
    """Where it fails; of many places only the rules."""
    return list(about) if len(about) <= MOST else list(dict.fromkeys(one.split()[0] for one in about))


def _course(found: nobody_lost.Finding, lang: str) -> list[str]:
    if found.verdict == PROVEN:
        return [says("say.bound", lang, bound=found.bound)]
    return course_sentences(found, lang)


def course_sentences(found: nobody_lost.Finding, lang: str) -> list[str]:
    """The trace of a counterexample, a sentence per moment and one that says what is wrong; else nothing."""
    if found.verdict != COUNTEREXAMPLE:
        return []
    return [*(_moment(one, lang) for one in found.trace), says(f"course.wrong.{found.why}", lang)]


def _moment(moment: nobody_lost.Moment, lang: str) -> str:
    state = moment.state
    return says(
        "course.day",
        lang,
        day=state.last,
        event=says(f"course.event.{moment.event or 'start'}", lang),
        status=says(f"course.status.{tuple(Status)[state.status]}", lang),
        concern=word(f"urgency.{Urgency(state.concern)}.name", lang),
        seen=says("course.seen" if state.seen else "course.unseen", lang),
        next=says("course.next", lang, next=state.next) if state.dated else says("course.no_next", lang),
    )


def _more(before: Case, after: Case) -> Case:
    """Only what the second case says and the first did not."""
    new = {id: value for id, value in after.answers.items() if before.answers.get(id) != value}
    return replace(after, answers=new, unclear=after.unclear - before.unclear, answered_by="clinician")


# differences between editions


def rules_of(one: Difference, lang: str) -> str:
    """What makes the difference, by id and name: ``R1 (caudasyndroom)``."""
    return "; ".join(says("diff.other", lang) if rule == OTHER else _named(rule, lang) for rule in one.rules)


def _named(rule: str, lang: str) -> str:
    if rule in table("alarms"):
        return f"{rule} ({text('alarms', rule, 'name', lang)})"
    return word(f"complaint.{rule}.term", lang) if rule in table("words")["complaint"] else rule


def headline(one: Difference, lang: str) -> str:
    """The rule, the edition that has it, and what it changes."""
    aspects = ", ".join(says(f"aspect.{name}", lang) for name in one.aspects)
    changes = says("diff.changes", lang, aspects=aspects)
    where = "" if one.rules == (OTHER,) else f", {says('diff.only_in', lang, edition=one.by)}"
    return f"{rules_of(one, lang)}{where}; {changes}"


def both_decided(one: Difference, lang: str) -> tuple[str, str]:
    """What each edition decides, with the acts that stand in its plan only."""
    first, second = acts(one.first), acts(one.second)
    return _with_acts(one.first, first - second, lang), _with_acts(one.second, second - first, lang)


def _with_acts(decision: Decision, more: frozenset[Act], lang: str) -> str:
    named = ", ".join(word(f"act.{act}", lang) for act in Act if act in more)
    return decided(decision, lang) + (f" {says('diff.acts', lang, acts=named)}" if named else "")


def ending(compared: Compared, lang: str) -> str:
    """Whether this is all, and which numbers differ."""
    moved = [f"{name} {first:g} → {second:g}" for name, first, second in compared.numbers]
    numbers = f" {says('diff.numbers', lang, numbers=', '.join(moved))}" if moved else ""
    if compared.undecided:
        return says("diff.undecided", lang, what=", ".join(compared.undecided)) + numbers
    name = "diff.count" if compared.differences else "diff.none"
    return says(name, lang, n=len(compared.differences)) + numbers


def as_markdown(compared: Compared, lang: str) -> str:
    """The differences as a page: a table, the most urgent first."""
    rows = [
        table_row([headline(one, lang), "; ".join(patient(one.case, lang)), *both_decided(one, lang)])
        for one in compared.differences
    ]
    head = [says("diff.rule", lang), says("diff.patient", lang), compared.first, compared.second]
    title = f"## {says('diff.title', lang, first=compared.first, second=compared.second)}"
    parts = [
        title,
        ending(compared, lang),
        *(["\n".join([table_row(head), "|---|---|---|---|", *rows])] if rows else []),
    ]
    return "\n\n".join(parts) + "\n"


def as_text(compared: Compared, lang: str) -> str:
    """The differences for a terminal."""
    lines = [says("diff.title", lang, first=compared.first, second=compared.second), ""]
    for place, one in enumerate(compared.differences, 1):
        first, second = both_decided(one, lang)
        lines += [f"{place}. {headline(one, lang)}", *(f"   - {part}" for part in patient(one.case, lang))]
        lines += [f"   {compared.first}: {first}", f"   {compared.second}: {second}", f"   {line(one.case)}", ""]
    return "\n".join([*lines, ending(compared, lang)])


def as_data(compared: Compared) -> dict[str, Any]:
    """The differences as JSON has them."""
    return {
        "first": compared.first,
        "second": compared.second,
        "complete": compared.complete,
        "undecided": list(compared.undecided),
        "numbers": {name: [first, second] for name, first, second in compared.numbers},
        "differences": [
            {
                "rules": list(one.rules),
                "by": one.by,
                "aspects": list(one.aspects),
                "case": as_json(one.case),
                **{name: _outcome(decision) for name, decision in (("first", one.first), ("second", one.second))},
            }
            for one in compared.differences
        ],
    }


def _outcome(decision: Decision) -> dict[str, Any]:
    return {
        "urgency": str(decision.urgency),
        "complaint": str(decision.complaint),
        "imaging": None if decision.imaging is None else str(decision.imaging),
        "refer": [one.to for one in decision.refer],
        "acts": sorted(acts(decision)),
    }
