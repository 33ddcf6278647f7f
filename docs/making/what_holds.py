"""What holds a rule: what is proven of it, the rows of evidence, the patients, the leaflet's sentences."""

from __future__ import annotations

import csv
import json
import re
import tomllib
from collections import defaultdict
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from conditions import Rule, asked, key, own_parts, parameters
from layout import DOCS

from ruggespraak.consult import decide, read_case
from ruggespraak.consult.ready import ready
from ruggespraak.logic import Named
from ruggespraak.pathway.editions import edition
from ruggespraak.pathway.rules import Act, Alarm, Class, Complaint, Edition, Recommendation
from ruggespraak.pathway.texts import table

ROOT = DOCS.parent
PICTURES = frozenset({Act.SCAN, Act.X_RAY, Act.GP_ORDERS_MRI})
SURGERY = frozenset({Act.OPERATE, Act.DISCUSS_SURGERY})


@cache
def _proof() -> list[dict[str, Any]]:
    return json.loads((DOCS / "proof.json").read_text(encoding="utf-8"))["verdicts"]


@cache
def _proof_words() -> dict[str, Any]:
    """The words of the proofs, read here without the solver that their package needs."""
    return tomllib.loads((ROOT / "src/ruggespraak/proof/words.toml").read_text(encoding="utf-8"))


def verdicts(here: Edition, lang: str) -> list[tuple[int, str, str]]:
    """Every property: its number, what it says, and what was found of it in this edition."""
    words = _proof_words()
    return [
        (one["number"], words["property"][one["property"]][lang], words["verdict"][one["verdict"]][lang])
        for one in _proof()
        if one["edition"] == here.id
    ]


def about(rule: Rule) -> set[int]:
    """The numbers of the properties of DESIGN §6 that are about this rule, by its kind and what it does."""
    if isinstance(rule, Alarm):
        return {2, 3, 7, 11} | ({4} if rule.forbids else set())
    if not isinstance(rule, Recommendation):
        return {1} if isinstance(rule, Class) else {1, 9}
    kinds = {part.name for part in rule.when.walk() if isinstance(part, Named)}
    acts = rule.does | rule.forbids
    pictured = {kind for kind in kinds if acts & PICTURES or rule.imaging}
    return (
        {7, 8}
        | ({4} if rule.does & _forbidden_by_alarms() else set())
        | ({5} if f"is_{Complaint.NONSPECIFIC}" in pictured else set())
        | ({6} if acts & SURGERY or f"is_{Complaint.RADICULAR}" in pictured else set())
        | ({11} if rule.urgency else set())
    )


@cache
def _forbidden_by_alarms() -> frozenset[Act]:
    return frozenset(act for alarm in edition().alarms for act in alarm.forbids)


def outcomes(rule: Rule, here: Edition) -> tuple[list[int], list[int]]:
    """The properties about this rule: those that are proven in this edition, and those that are not."""
    failed = {one["number"] for one in _proof() if one["edition"] == here.id and one["verdict"] != "proven"}
    return sorted(about(rule) - failed), sorted(about(rule) & failed)


@cache
def _rows(edition_id: str) -> tuple[tuple[str, frozenset[str]], ...]:
    """Of every row of evidence: what it is about, and the words of what it expects."""
    with (ROOT / "tests/evidence.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(
            (row["about"], frozenset(re.findall(r"\w+", row["expect"])))
            for row in csv.DictReader(lines)
            if (row["edition"] or edition().id) == edition_id
        )


def evidence(rule: Rule, here: Edition) -> list[str]:
    """What the rows of evidence that hold this rule are about: the rule, its own concepts and numbers, or another."""
    id = str(rule.complaint) if isinstance(rule, Class) else rule.id
    names = [id, *(part.name for one in asked(rule) for part in own_parts(one) if isinstance(part, Named))]
    names += [one.name for one in parameters(rule)]
    names += [row for row, expected in _rows(here.id) if id in expected]
    there = {row for row, _ in _rows(here.id)}
    return [name for name in dict.fromkeys(names) if name in there]


@cache
def _in_force(edition_id: str, file: str) -> dict[str, list[str]]:
    """Per rule the patients of this file for whom it holds in this edition."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in (ROOT / file).read_text(encoding="utf-8").splitlines():
        case = replace(read_case(json.loads(line)), edition=edition_id)
        decision = decide(case)
        known = ready(edition_id).read(case)
        kinds = [key(one.rule) for one in ready(edition_id).classes if one.holds(known.true)]
        ids = [*decision.established, *(one.id for one in decision.plan), decision.review.id, *kinds[:1]]
        for id in dict.fromkeys(ids):
            found[id].append(str(case.id))
    return found


def patients(rule: Rule, here: Edition, file: str) -> list[str]:
    """The patients of this file for whom the rule holds."""
    return _in_force(here.id, file).get(key(rule), [])


def sentences(rule: Rule) -> list[str]:
    """The sentences of the leaflet that this rule carries."""
    found = [] if isinstance(rule, Class) else table("leaflet_sentences")["sentence"]
    return [one["id"] for one in found if rule.id in one["carried_by"]]


@cache
def _code() -> dict[Path, str]:
    folder = ROOT / "src/ruggespraak/pathway/editions"
    return {path.relative_to(ROOT): path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.py"))}


def code(rule: Rule, here: Edition) -> Path:
    """The file in which the rule is written: of this edition, or else of the one that it shares the rule with.

    Raises StopIteration for a rule that is written nowhere.
    """
    files = sorted(
        _code(), key=lambda path: (here.id not in (path.stem, path.parent.name), "current" not in path.parts)
    )
    if isinstance(rule, Class):
        signs = [f"complaint=Complaint.{rule.complaint.name}"]
    else:
        short = rule.id.removeprefix("leaflet_").removesuffix("_alarm")
        signs = [f'id="{rule.id}"', f'"{short}"']
    return next(path for sign in signs for path in files if sign in _code()[path])
