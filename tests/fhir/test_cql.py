"""The rules as CQL, run by two engines of others, decide as ``rug decide`` does; and unknown stays unknown in them.

50 random patients in ``make test``, 2,000 in ``make check-all``, and the hand-written evidence in both. The engines get
the answers as parameters; some patients are read from FHIR Observations too, as another system would have them.
"""

from __future__ import annotations

from typing import Any

import pytest

from engines import MODES, RUN, WHOLE, Run, Said, runs
from ruggespraak.consult import Case, decide
from ruggespraak.consult.ready import ready

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


def differences(run: Run) -> list[Any]:
    pairs = [(case, decided(case), said) for case, said in run.each()]
    assert pairs
    return [
        (case, mine, theirs)
        for case, mine, theirs in pairs
        if mine != {name: theirs[name] for name in mine} | {"Referrals": sorted(theirs["Referrals"] or [])}
    ]


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
            expected = True if rule.holds(known.true) else None if rule.holds(known.possible) else False
            if said[rule.rule.id] is not expected:
                wrong.append((rule.rule.id, expected, case))
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
