"""A patient of a proof in plain words, and the words of a proof. They stand in ``words.toml``."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from ruggespraak.consult import Case, Decision, as_json
from ruggespraak.pathway.findings import VOCABULARY
from ruggespraak.pathway.texts import term, told, word
from ruggespraak.proof import nobody_lost

if TYPE_CHECKING:
    from ruggespraak.proof.prove import Verdict


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files(__name__.rpartition(".")[0]).joinpath("words.toml").read_text(encoding="utf-8"))


def says(name: str, lang: str, **values: object) -> str:
    """The words under this name: ``says("verdict.proven", "nl")``. Raises KeyError for a name that does not exist."""
    found: Any = _table()
    for part in (*name.split("."), lang):
        found = found[part]
    return str(found).format(**values)


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
    if verdict.verdict == "unknown":
        return [says("say.gave_up", lang)]
    lines = [] if verdict.course is None else _course(verdict.course, lang)
    lines += [says("say.broken", lang, what=", ".join(verdict.about))] if verdict.about else []
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


def _course(found: nobody_lost.Finding, lang: str) -> list[str]:
    if found.verdict == nobody_lost.PROVEN:
        return [says("say.bound", lang, bound=found.bound)]
    return list(nobody_lost.sentences(found, lang))


def _more(before: Case, after: Case) -> Case:
    """Only what the second case says and the first did not."""
    new = {id: value for id, value in after.answers.items() if before.answers.get(id) != value}
    return replace(after, answers=new, unclear=after.unclear - before.unclear, answered_by="clinician")
