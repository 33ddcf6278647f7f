"""Why: what speaks for and against each kind of complaint, why each alarm stands, and what would change the decision.

For and against as PROforma's arguments: every answer that counts is shown on its side, also where the rule needs more.
"""

from __future__ import annotations

from typing import Any

from ruggespraak.consult.ask import rungs
from ruggespraak.consult.case import Case, plain
from ruggespraak.consult.outcome import Outcome, outcome
from ruggespraak.consult.ready import Condition, Known, Ready, Rule, ready
from ruggespraak.logic import Literal
from ruggespraak.pathway.rules import Class, Complaint, Urgency
from ruggespraak.pathway.texts import in_words, term, text

SMALLEST = 5  # of the sets of answers that would change something, so many are shown


def explain(case: Case, lang: str = "nl") -> dict[str, Any]:
    """Why each alarm stands, the arguments per kind of complaint, and what would change the urgency."""
    here = ready(case.edition)
    known = here.read(case)
    came = outcome(here, known)
    return {
        "alarms": [
            {
                "id": rule.rule.id,
                "name": text("alarms", rule.rule.id, "name", lang),
                "rule": in_words(rule.rule.when, lang),
                "why": {id: plain(value) for id, value in here.why(rule, known).items()},
                "because": list(rule.rule.because),
                "status": str(rule.rule.status),
            }
            for rule in here.alarms
            if rule.holds(known.true)
        ],
        "arguments": _arguments(here, known, came, lang),
        "would_change": _would_change(here, known, came, lang),
    }


def _arguments(here: Ready, known: Known, came: Outcome, lang: str) -> dict[str, dict[str, Any]]:
    """Per kind of complaint: does it hold; which answers speak for it, which against it, what is open."""
    found: dict[str, dict[str, Any]] = {}
    for complaint in Complaint:
        if complaint is Complaint.UNDETERMINED:
            continue
        rules = [rule for rule in here.classes if rule.rule.complaint is complaint]
        bits = 0
        for rule in rules:
            bits |= rule.bits
        found[str(complaint)] = {
            "holds": came.complaint is complaint,
            "for": _said(here, known, _supporting(known, rules), lang),
            "against": _said(here, known, bits & known.known & ~known.true, lang),
            "open": [id for id in here.edition.findings if here.alphabet.masks.get(id, 0) & bits & ~known.known],
        }
    return found


def _supporting(known: Known, rules: list[Rule[Class]]) -> int:
    """The true literals of the sets that are complete; where none is, of those that still can be."""
    complete = possible = 0
    for rule in rules:
        for mask in rule.implicants:
            if mask & ~known.true == 0:
                complete |= mask
            elif mask & ~known.possible == 0:
                possible |= mask & known.true
    return complete or possible


def _said(here: Ready, known: Known, bits: int, lang: str) -> list[dict[str, Any]]:
    ids = dict.fromkeys(literal.finding.id for literal in here.alphabet.literals_in(bits))
    return [
        {"finding": id, "value": plain(known.answers[id]), "term": term(id, lang)} for id in ids if id in known.answers
    ]


def _would_change(here: Ready, known: Known, came: Outcome, lang: str) -> list[dict[str, Any]]:
    """The smallest sets of answers that would bring a higher urgency, the highest first."""
    available = known.possible & ~known.true
    found = []
    for level, rung in rungs(here).urgency.items():
        if level > max(came.established, Urgency.SELF_CARE):
            for mask in _smallest(rung, known, available):
                found.append({"to": str(level), "if": [_words(one, lang) for one in here.alphabet.literals_in(mask)]})
    return found


def _smallest(rung: Condition, known: Known, available: int) -> list[int]:
    return [mask for mask, _ in zip(rung.missing(known.true, available), range(SMALLEST), strict=False)]


def _words(literal: Literal, lang: str) -> str:
    return in_words(literal.expression, lang)
