"""The rules as CQL, run by two engines of others, decide as ``rug decide`` does; and unknown stays unknown in them.

A sample in ``make test``, 2,000 patients in ``make check-all``. The engines get the answers as parameters; a third run
reads them from FHIR Observations, as another system would have them.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
from datetime import timedelta
from typing import Any

import pytest

from judges import JUDGES, node_or_skip
from patients import ON, USED, VALUES
from ruggespraak.consult import Case, decide
from ruggespraak.consult.case import plain
from ruggespraak.consult.ready import ready
from ruggespraak.fhir.cql import FINDINGS_LIBRARY, from_parameters, libraries
from ruggespraak.fhir.names import library_name
from ruggespraak.fhir.resource import About
from ruggespraak.fhir.write import observations
from ruggespraak.pathway.editions import EDITIONS, edition
from ruggespraak.pathway.findings import VOCABULARY

WHOLE = os.environ.get("RUG_CHECK") == "whole"
PATIENTS = 2000 if WHOLE else 50
EXPRESSIONS = ("Urgency", "Complaint", "Imaging", "Referrals", "Not excluded", "Imaging not excluded")


STORIES: list[dict[str, Any]] = [
    {},
    {"leg_pain": True, "leg_pain_below_knee": True, "leg_worse_than_back": True, "relief_sufficient": False},
    {"pregnant": True},
    {"low_back_pain": False, "leg_pain": False},
]


def random_case(pick: random.Random, id: str = "current") -> Case:
    """A patient with unknowns: all of it denied, some or nothing; then a story, and a few answers of any kind."""
    denied = pick.choice([0.0, 0.5, 0.95, 1.0])
    answers: dict[str, Any] = {
        one: VOCABULARY[one].worse == "absent"
        for one in USED
        if VOCABULARY[one].kind == "boolean" and pick.random() < denied
    }
    if denied:
        answers |= {"low_back_pain": True, "duration_days": pick.choice([3, 20, 41, 42, 50, 100])}
        answers |= pick.choice(STORIES)
    answers |= {one: pick.choice(VALUES[one]) for one in pick.sample(USED, pick.choice([0, 0, 1, 2, 8, 30]))}
    if pick.random() < 0.2:  # a date that may disagree with the number of days
        answers["onset_date"] = ON - timedelta(days=pick.choice([0, 40, 41, 42, 43, 100]))
    unclear = set(pick.sample(USED, pick.choice([0, 0, 0, 1, 3])))
    return Case(
        on=ON,
        answers={one: value for one, value in answers.items() if one not in unclear},
        unclear=frozenset(unclear),
        edition=id,
        answered_by=pick.choice(["clinician", "clinician", "patient"]),
    )


def parameters(case: Case) -> dict[str, Any]:
    """A case as the parameters of the library of findings."""
    answers = {id: plain(case.answers[id]) if id in case.answers else None for id in VOCABULARY}
    about = {"on": case.on.isoformat(), "answered by": case.answered_by, "unclear": sorted(case.unclear)}
    return about | {
        id: float(v) if VOCABULARY[id].kind == "number" and v is not None else v for id, v in answers.items()
    }


def run(cases: list[Case], engines: list[str], expressions: tuple[str, ...] = EXPRESSIONS) -> dict[str, Any]:
    """What the engines say of these cases, all of one edition."""
    here = edition(cases[0].edition)
    findings, rules = libraries(here)
    asks = {
        "libraries": {FINDINGS_LIBRARY: from_parameters(here.version), rules.name: rules.text},
        "fhirFindings": findings.text,
        "main": library_name(here),
        "expressions": expressions,
        "engines": engines,
        "patients": [
            {"parameters": parameters(case)} | ({"resources": resources(case)} if "fhir" in engines else {})
            for case in cases
        ],
    }
    found = subprocess.run(
        [node_or_skip(), str(JUDGES / "cql.mjs")], input=json.dumps(asks), capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stderr[-2000:]
    said: dict[str, Any] = json.loads(found.stdout.rpartition("\n")[2])
    assert said["errors"] == []
    return said


def resources(case: Case) -> list[dict[str, Any]]:
    return [{"resourceType": "Patient", "id": "p"}, *observations(case, About(patient="Patient/p", key="consult"))]


def decided(case: Case) -> dict[str, Any]:
    """What the pathway itself says."""
    found = decide(case).as_json()
    return {
        "Urgency": found["urgency"],
        "Complaint": found["complaint"],
        "Imaging": found["imaging"],
        "Referrals": sorted(one["to"] for one in found["refer"]),
        "Not excluded": found["not_excluded"],
        "Imaging not excluded": found["imaging_not_excluded"],
    }


def in_order(said: dict[str, Any]) -> dict[str, Any]:
    return said | {"Referrals": sorted(said["Referrals"] or [])}


def differences(cases: list[Case], said: list[dict[str, Any]]) -> list[Any]:
    assert len(said) == len(cases)
    pairs = ((case, decided(case), in_order(one)) for case, one in zip(cases, said, strict=True))
    return [(case, mine, theirs) for case, mine, theirs in pairs if mine != theirs]


def test_two_engines_decide_as_we_do_on_random_patients_with_unknowns() -> None:
    pick = random.Random(8)
    cases = [random_case(pick) for _ in range(PATIENTS)]
    said = run(cases, ["cql-execution", "kmp"])
    assert differences(cases, said["results"]["cql-execution"]) == []
    assert differences(cases, said["results"]["kmp"]) == []
    rates = {engine: round(len(cases) / said["seconds"][engine]) for engine in said["results"]}
    print(f"patients a second: {rates}; translation {said['seconds']['translation']:.1f} s")
    assert len({decided(case)["Urgency"] for case in cases}) >= 4
    assert len({decided(case)["Complaint"] for case in cases}) == 5


@pytest.mark.parametrize("id", EDITIONS if WHOLE else ["current"])
def test_the_same_is_decided_from_the_observations_of_a_record(id: str) -> None:
    pick = random.Random(f"fhir {id}")
    cases = [random_case(pick, id) for _ in range(100 if WHOLE else 10)]
    said = run(cases, ["cql-execution", "fhir"])
    assert differences(cases, said["results"]["cql-execution"]) == []
    assert differences(cases, said["results"]["fhir"]) == []


@pytest.mark.parametrize("id", EDITIONS)
def test_every_rule_is_true_false_or_unknown_in_cql_just_when_it_is_here(id: str) -> None:
    """False only where no answer that is still missing could make it true: unknown is not no."""
    pick, here = random.Random(f"rules {id}"), ready(id)
    cases = [random_case(pick, id) for _ in range(200 if WHOLE else 20)]
    rules = {rule.rule.id: rule for rule in (*here.alarms, *here.recommendations)}
    names = tuple(name for rule in rules for name in (rule, f"{rule}: no", f"{rule}: unknown"))
    said = run(cases, ["cql-execution"], names)["results"]["cql-execution"]
    for case, one in zip(cases, said, strict=True):
        known = here.read(case)
        for name, rule in rules.items():
            expected = True if rule.holds(known.true) else None if rule.holds(known.possible) else False
            assert one[name] is expected, (name, case)
            assert (one[f"{name}: no"], one[f"{name}: unknown"]) == (expected is False, expected is None)
