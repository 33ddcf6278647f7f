"""The package of definitions as another party runs it: loaded from its archive, its CQL translated and run by engines
of others (``tests/judges/cql.mjs``), on random patients and on the hand-written evidence."""

from __future__ import annotations

import io
import json
import os
import random
import re
import subprocess
import tarfile
from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from evidence import CALM, HERNIA, rows
from judges import JUDGES, node_or_skip
from patients import ON, USED, VALUES
from ruggespraak.consult import Case
from ruggespraak.consult.case import plain
from ruggespraak.consult.ready import ready
from ruggespraak.fhir.cql import FINDINGS_LIBRARY, from_parameters
from ruggespraak.fhir.definitions.package import archive, definitions
from ruggespraak.fhir.names import Resource
from ruggespraak.fhir.write.consult import observations
from ruggespraak.fhir.write.resource import About
from ruggespraak.logic import Compare
from ruggespraak.pathway.codes.addresses import canonical
from ruggespraak.pathway.editions import EDITIONS, edition
from ruggespraak.pathway.findings import VOCABULARY

WHOLE = os.environ.get("RUG_CHECK") == "whole"
RUN = EDITIONS if WHOLE else ("current", "leaflet")
"""Of the other two the CQL is judged as text only: an engine takes seconds to read it."""
OUTCOME = ("Urgency", "Complaint", "Imaging", "Referrals", "Not excluded", "Imaging not excluded", "Next look in days")
MODES = ("told", "if unclear", "if not asked")

Said = dict[str, Any]
"""What an engine says of one patient: by the name of a definition."""


# The package ---------------------------------------------------------------------------------------------------------


@cache
def package() -> dict[str, Resource]:
    """Everything in the package, by its address with and without version."""
    with tarfile.open(fileobj=io.BytesIO(archive(definitions(EDITIONS)))) as tar:
        names = [name for name in tar.getnames() if not name.endswith(("/package.json", "/.index.json"))]
        found = [json.load(tar.extractfile(name)) for name in names]
    there = [one for one in found if "url" in one]
    return {one["url"]: one for one in there} | {f"{one['url']}|{one['version']}": one for one in there}


def plan_of(id: str) -> Resource:
    return package()[canonical("PlanDefinition", id)]


def library_of(id: str) -> Resource:
    """The Library that the plan names."""
    (address,) = plan_of(id)["library"]
    return package()[address]


def cql(library: Resource) -> str:
    (content,) = library["content"]
    assert content["contentType"] == "text/cql"
    return b64decode(content["data"]).decode()


def conditions(action: Resource) -> Iterator[str]:
    """The names of all conditions in an action and what is in it."""
    yield from (one["expression"]["expression"] for one in action.get("condition", ()))
    for inner in action.get("action", ()):
        yield from conditions(inner)


# Patients ------------------------------------------------------------------------------------------------------------

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


def at_random(id: str, n: int) -> list[Case]:
    pick = random.Random(id)
    return [random_case(pick, id) for _ in range(n)]


def by_hand(id: str) -> list[Case]:
    """The evidence of this edition: one side of a threshold or one part of a rule each."""
    return [case for row in rows() if row.edition == id for case, _ in row.cases()]


def told(answers: Mapping[str, Any], id: str, unclear: Iterable[str] = ()) -> Case:
    return Case(on=ON, answers=answers, unclear=frozenset(unclear), edition=id)


def by_consequence(id: str) -> list[Case]:
    """What follows from an answer: each cause told or unclear, with its consequence not asked or denied."""
    found = []
    for one in edition(id).derivations:
        opposite = {one.finding: not one.value} if isinstance(one.value, bool) else {}
        for cause in sorted(cause.id for cause in one.when.findings()):
            for denied in ({}, opposite):
                others = {id: answer for id, answer in CALM.items() if id not in (one.finding, cause)} | denied
                found += [told(others | {cause: value}, id) for value in VALUES[cause]]
                found.append(told(others, id, unclear=[cause]))
    return found


def by_date(id: str) -> list[Case]:
    """A number of days and a date of onset that agree, or lie on two sides of a limit that a rule has."""
    conditions = [node for rule in edition(id).rules() for node in rule.when.walk() if isinstance(node, Compare)]
    limits = sorted({int(node.limit) for node in conditions if node.finding.id == "duration_days"})
    people = [HERNIA, *(CALM | signs for signs in ({"mrc_plantar_flexion": 4.0}, {"ivdu": True}, {"known_aaa": True}))]
    return [
        told(person | {"duration_days": limit + days, "onset_date": ON - timedelta(days=limit + dated)}, id)
        for person in people
        for limit in limits
        for days, dated in ((-1, 0), (-0.5, 0), (-1, 1), (1, -1), (0, 2))
    ]


def together(id: str) -> list[Case]:
    """An alarm that takes two signs, of which one is unclear and the other was not asked."""
    others = {id: answer for id, answer in CALM.items() if id not in ("sudden_severe_tearing", "collapse_or_shock")}
    return [told(others, id, unclear=["sudden_severe_tearing"])]


# Engines -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Run:
    """One engine, what it is asked, and of whom. ``seconds`` that it took."""

    engine: str
    asked: tuple[str, ...]
    cases: list[Case]
    said: list[Said]
    seconds: float

    def each(self) -> Iterator[tuple[Case, Said]]:
        return zip(self.cases, self.said, strict=True)


@cache
def runs(id: str) -> dict[str, Run]:
    """Everything that the engines are asked of one edition, in one process: by what it shows."""
    everybody = at_random(id, 2000 if WHOLE else 50)
    wanted = {
        "random": ("cql-execution", names(id), everybody),
        "by hand": (
            "cql-execution",
            outcome_names(id),
            [*by_hand(id), *by_consequence(id), *by_date(id), *together(id)],
        ),
    }
    if id == "current":
        wanted["other engine"] = ("kmp", OUTCOME, everybody)
    if id == "current" or WHOLE:
        wanted["records"] = ("fhir", OUTCOME, everybody[: 100 if WHOLE else 3])
    return dict(zip(wanted, _run(id, wanted.values()), strict=True))


def rules(id: str) -> list[str]:
    here = ready(id)
    return [one.rule.id for one in (*here.alarms, *here.recommendations)]


def outcome_names(id: str) -> tuple[str, ...]:
    """The outcome, every rule, and what else an action of the plan depends on where its rule holds."""
    asked = [name for name in conditions(plan_of(id)) if not name.endswith((": no", ": unknown"))]
    return tuple(dict.fromkeys([*OUTCOME, *rules(id), *asked]))


def names(id: str) -> tuple[str, ...]:
    """These, all other conditions of the plan, and every alarm in each way of reading it."""
    defined = set(re.findall(r'^define "([^"]+)":', cql(library_of(id)), re.MULTILINE))
    read = {f"{alarm.rule.id}, {mode}" for alarm in ready(id).alarms for mode in MODES}
    return tuple(dict.fromkeys([*outcome_names(id), *conditions(plan_of(id)), *sorted(read & defined)]))


def parameters(case: Case) -> dict[str, Any]:
    """A case as the parameters of the library of findings."""
    answers = {id: plain(case.answers[id]) if id in case.answers else None for id in VOCABULARY}
    about = {"on": case.on.isoformat(), "answered by": case.answered_by, "unclear": sorted(case.unclear)}
    return about | {
        id: float(v) if VOCABULARY[id].kind == "number" and v is not None else v for id, v in answers.items()
    }


def resources(case: Case) -> list[Resource]:
    return [{"resourceType": "Patient", "id": "p"}, *observations(case, About(patient="Patient/p", key="consult"))]


def _run(id: str, wanted: Iterable[tuple[str, tuple[str, ...], list[Case]]]) -> list[Run]:
    listed = list(wanted)
    given = [
        {
            "engine": engine,
            "expressions": asked,
            "patients": [
                {"parameters": parameters(case)} | ({"resources": resources(case)} if engine == "fhir" else {})
                for case in cases
            ],
        }
        for engine, asked, cases in listed
    ]
    answered = ask({**of_edition(id), "runs": given})
    return [Run(*one, said["results"], said["seconds"]) for one, said in zip(listed, answered, strict=True)]


def of_edition(id: str) -> dict[str, Any]:
    """The CQL in the package, as the engines want it; the findings as parameters, or as FHIR's."""
    library = library_of(id)
    (depends,) = library["relatedArtifact"]
    return {
        "libraries": {FINDINGS_LIBRARY: from_parameters(library["version"]), library["name"]: cql(library)},
        "fhirFindings": cql(package()[depends["resource"]]),
        "main": library["name"],
    }


def ask(asks: dict[str, Any]) -> list[dict[str, Any]]:
    """What the engines answer, a run each (``tests/judges/cql.mjs`` says in which form)."""
    command = [node_or_skip(), str(JUDGES / "cql.mjs")]
    found = subprocess.run(command, input=json.dumps(asks), capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr[-2000:]
    said = json.loads(found.stdout.rpartition("\n")[2])
    assert not said["errors"], said["errors"][:5]
    answered: list[dict[str, Any]] = said["runs"]
    return answered
