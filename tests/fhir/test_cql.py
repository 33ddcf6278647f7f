"""The rules as CQL, run by two engines of others, decide as ``rug decide`` does; and unknown stays unknown in them.

50 random patients in ``make test``, 2,000 in ``make check-all``, and the hand-written evidence in both. The engines get
the answers as parameters; some patients are read from FHIR Observations too, as another system would have them.
"""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest

from engines import MODES, RUN, WHOLE, Run, Said, ask, parameters, runs
from patients import ON, VALUES
from ruggespraak.consult import Case, decide
from ruggespraak.consult.ready import Known, Ready, Rule, ready
from ruggespraak.fhir.cql import from_parameters, libraries
from ruggespraak.logic import Expression, all_of, any_of, at_least
from ruggespraak.pathway.editions import edition
from ruggespraak.pathway.findings import VOCABULARY
from ruggespraak.pathway.rules import Recommendation

each_edition = pytest.mark.parametrize("id", RUN)


def decided(case: Case) -> Said:
    """What the pathway itself says."""
    found = decide(case)
    raw = found.as_json()
    return {
        "Urgency": raw["urgency"],
        "Complaint": raw["complaint"],
        "Imaging": raw["imaging"],
        "Referrals": sorted(one["to"] for one in raw["refer"]),
        "Not excluded": raw["not_excluded"],
        "Imaging not excluded": raw["imaging_not_excluded"],
        "Next look in days": (found.review.on - found.on).days,
    }


def truth(rule: Rule[Any], known: Known) -> bool | None:
    """Whether this rule holds, holds not, or may still turn out either way."""
    return True if rule.holds(known.true) else None if rule.holds(known.possible) else False


def differences(run: Run) -> list[Any]:
    pairs = [(case, decided(case), said) for case, said in run.each()]
    assert pairs
    return [
        (case, mine, theirs)
        for case, mine, theirs in pairs
        if mine != {name: theirs[name] for name in mine} | {"Referrals": sorted(theirs["Referrals"] or [])}
    ]


@pytest.mark.control("C-41")
def test_two_engines_decide_as_we_do_on_random_patients_with_unknowns():
    one, other = runs("current")["random"], runs("current")["other engine"]
    assert differences(one) == []
    assert differences(other) == []
    print({run.engine: f"{len(run.cases) / run.seconds:.0f} patients a second" for run in (one, other)})
    assert len({decided(case)["Urgency"] for case in one.cases}) >= 4
    assert len({decided(case)["Complaint"] for case in one.cases}) == 5


@each_edition
def test_an_engine_decides_as_we_do_in_every_edition(id):
    assert differences(runs(id)["random"]) == []


@pytest.mark.parametrize("id", RUN if WHOLE else ["current"])
def test_the_same_is_decided_from_the_observations_of_a_record(id):
    assert differences(runs(id)["records"]) == []


@each_edition
def test_an_engine_decides_as_we_do_on_each_side_of_a_threshold_and_whatever_follows_from_an_answer(id):
    assert differences(runs(id)["by hand"]) == []


@each_edition
@pytest.mark.parametrize("which", ["random", "by hand"])
def test_every_rule_is_true_false_or_unknown_in_cql_just_when_it_is_here(which, id):
    """False only where no answer that is still missing could make it true: unknown is not no."""
    here = ready(id)
    wrong = []
    for case, said in runs(id)[which].each():
        known = here.read(case)
        for rule in (*here.alarms, *here.recommendations):
            if said[rule.rule.id] is not truth(rule, known):
                wrong.append((rule.rule.id, truth(rule, known), case))
    assert wrong == []


@each_edition
def test_an_alarm_that_can_still_be_told_is_open_in_cql_just_when_it_is_here(id):
    """By an answer that was not given at all, by one that was unclear, or by either."""
    here = ready(id)
    seen = dict.fromkeys(MODES, 0)
    for case, said in runs(id)["random"].each():
        known = here.read(case)
        readings = dict(zip(MODES, (known.told, known.true | known.unclear, known.true | known.not_asked), strict=True))
        for rule in here.alarms:
            for mode, reading in readings.items():
                name, still = f"{rule.rule.id}, {mode}", rule.holds(reading)
                assert name not in said or (said[name] is not False) is still, (name, case)
                seen[mode] += name in said and still and not rule.holds(known.true)
    assert min(seen.values()) > 0


ASKED = (
    "saddle_numbness",
    "numb_leg",
    "malaise",
    "leg_pain",
    "improving",
    "fever_c",
    "mrc_hip_flexion",
    "smoking",
    "course",
)
"""Of each kind, with and without a consequence."""


def any_condition(pick: random.Random, depth: int = 3) -> Expression:
    """Whatever the language of rules allows: also what no rule of ours has, as the opposite of a combination."""
    if depth == 0:
        return any_literal(pick)
    parts = [any_condition(pick, depth - 1) for _ in range(3)]
    kind = pick.choice(["and", "or", "not", "at least", "unless", "literal"])
    if kind == "unless":
        return parts[0].unless(parts[1].named(f"exception {pick.random()}"))
    combined = {
        "and": all_of(parts),
        "or": any_of(parts),
        "not": ~parts[0],
        "at least": at_least(2, [*parts, any_literal(pick)]),
    }
    return combined[kind] if kind in combined else any_literal(pick)


def any_literal(pick: random.Random) -> Expression:
    finding = VOCABULARY[pick.choice(ASKED)]
    if finding.kind == "number":
        return pick.choice([finding >= 4, finding < 38])
    return finding.one_of(finding.choices[0]) if finding.kind == "choice" else finding


def test_any_condition_that_a_revision_may_bring_is_the_same_in_cql():
    pick = random.Random("conditions")
    added = [
        Recommendation(id=f"try_{n}", when=any_condition(pick), does=frozenset(), because=("S4",)) for n in range(40)
    ]
    tried = edition("leaflet").revise("tried", "1", add=added)
    cases = [
        Case(on=ON, answers={id: pick.choice(VALUES[id]) for id in pick.sample(ASKED, pick.randint(0, len(ASKED)))})
        for _ in range(60)
    ]
    here, (findings, rules) = Ready(tried), libraries(tried)
    patients = [{"parameters": parameters(case)} for case in cases]
    (run,) = ask(
        {
            "libraries": {findings.name: from_parameters("1"), rules.name: rules.text},
            "main": rules.name,
            "runs": [{"engine": "cql-execution", "expressions": [one.id for one in added], "patients": patients}],
        }
    )
    seen = Counter()
    for case, said in zip(cases, run["results"], strict=True):
        known = here.read(case)
        for rule in here.recommendations[-len(added) :]:
            assert said[rule.rule.id] is truth(rule, known), (rule.rule.when, case)
            seen[said[rule.rule.id]] += 1
    assert min(seen[truth] for truth in (True, False, None)) > 100
