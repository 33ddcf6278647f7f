"""Random patients: answers of every kind around every threshold, and consistent people with a whole story."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product

from hypothesis import strategies as st

from ruggespraak.consult import Case
from ruggespraak.consult.ready import ready
from ruggespraak.logic import Compare, Finding, Literal, Value
from ruggespraak.pathway.findings import VOCABULARY

ON = date(2026, 1, 15)
PERSON = [finding.id for finding in VOCABULARY.values() if finding.who != "clinician"]


def values(finding: Finding) -> list[Value]:
    """Values of a finding that tell every rule apart: both sides of each threshold, and the ends of its range."""
    if finding.kind == "boolean":
        return [True, False]
    if finding.kind == "choice":
        return list(finding.choices)
    if finding.kind == "date":
        return [ON - timedelta(days=days) for days in (0, 1, 13, 40, 41, 42, 43, 83, 84, 85, 100, 2000)]
    limits = {
        literal.expression.limit
        for literal in ready("current").alphabet.literals
        if literal.finding == finding and isinstance(literal.expression, Compare)
    }
    near = {float(limit) + step for limit in limits for step in (-1, 0, 1)}
    assert finding.minimum is not None
    assert finding.maximum is not None
    ends = {finding.minimum, finding.maximum}
    return sorted(value for value in near | ends if finding.minimum <= value <= finding.maximum)


VALUES = {finding.id: values(finding) for finding in VOCABULARY.values()}
USED = sorted(ready("current").alphabet.masks)


def fillings(case: Case, literals: list[Literal]) -> Iterator[Case]:
    """The case with answers that make these literals true, for every choice of values: the least alarming first."""
    found: dict[str, list[Literal]] = {}
    for literal in literals:
        found.setdefault(literal.finding.id, []).append(literal)
    fitting = []
    for id, mine in found.items():
        mildest_first = reversed(VALUES[id]) if VOCABULARY[id].worse == "lower" else VALUES[id]
        fitting.append([value for value in mildest_first if all(one.holds(value) for one in mine)])
    for chosen in product(*fitting):
        answers = dict(zip(found, chosen, strict=True))
        yield Case(
            on=case.on,
            answers={**case.answers, **answers},
            unclear=case.unclear - answers.keys(),
            edition=case.edition,
            answered_by=case.answered_by,
        )


def filled(case: Case, literals: list[Literal]) -> Case:
    """The case with the first answers that make these literals true."""
    return next(fillings(case, literals))


@st.composite
def cases(draw: st.DrawFn, edition: str = "current", answered_by: str = "clinician") -> Case:
    """Any answers at all, contradictions included; some findings unclear, most not asked, or most answered no."""
    seed = draw(st.integers(0, 2**32))
    pick = random.Random(seed)
    answers: dict[str, Value] = {}
    if draw(st.booleans()):
        answers = {id: False for id in USED if VOCABULARY[id].kind == "boolean" and pick.random() < 0.9}
        answers |= {"low_back_pain": True, "duration_days": pick.choice([3, 20, 50, 100])}
    some = draw(st.lists(st.sampled_from(USED), max_size=14, unique=True))
    for id in some:
        answers[id] = draw(st.sampled_from(VALUES[id]))
    unclear = draw(st.lists(st.sampled_from(USED), max_size=3, unique=True))
    return Case(
        on=ON,
        answers={id: value for id, value in answers.items() if id not in unclear},
        unclear=frozenset(unclear),
        edition=edition,
        answered_by=answered_by,
    )


# -- consistent people ----------------------------------------------------------------------------------------------

RARE = 0.02
COMMON = {"night_pain": 0.2, "malaise": 0.05, "diabetes": 0.07, "worry_distress": 0.15, "paraesthesia": 0.2}
PAIN = ("leg_pain_below_knee", "leg_worse_than_back", "cough_sneeze_strain", "leg_pain_dermatomal")


def person(pick: random.Random) -> dict[str, Value]:
    """Everything that one consistent person could tell and an examination could find: no question stays open."""
    found: dict[str, Value] = {
        id: pick.random() < COMMON.get(id, RARE) for id, finding in VOCABULARY.items() if finding.kind == "boolean"
    }
    found["low_back_pain"] = True
    found["leg_pain"] = pick.random() < 0.35
    age = pick.randint(18, 90)
    sex = pick.choice(["male", "female"])
    days = pick.choice([2, 7, 10, 20, 30, 45, 60, 100, 400, 3000])
    course = pick.choice(["better", "same", "worse"] if days < 100 else ["better", "same"])
    found |= {"age_years": age, "sex_at_birth": sex, "duration_days": days, "course": course}
    found |= {"improving": course == "better", "relief_sufficient": course == "better" and pick.random() < 0.5}
    found |= {"onset_mode": pick.choice(["sudden", "gradual"]), "smoking": pick.choice(["never", "former", "current"])}
    found |= {"age_at_first_onset": max(10, age - pick.choice([0, 1, 10])), "first_episode": pick.random() < 0.4}
    found["prev_episodes_n"] = 0 if found["first_episode"] else pick.randint(1, 9)
    found |= {id: 5 for id, finding in VOCABULARY.items() if finding.unit == "MRC"}
    found |= {"crp_mg_l": 4, "esr_mm_h": 10, "post_void_residual_ml": 40, "fever_c": 36.9}
    found |= {"trauma_days_ago": 3, "spinal_procedure_days_ago": 9999, "bilateral_since_days": 30}
    found |= {"wants_surgery_weighed": pick.random() < 0.5, "treatments_failed": 0, "works": age < 67}
    root = bool(found["leg_pain"]) and pick.random() < 0.7
    for id in PAIN:
        found[id] = root and pick.random() < 0.8
    if found["fever_reported"]:
        found["fever_c"] = 38.6
    if sex == "male" or age >= 60:
        found |= {"pregnant": False, "pregnant_possible": False}
    if found["recent_spinal_or_urological_procedure"]:
        found["spinal_procedure_days_ago"] = pick.choice([5, 20, 39])
    if found["foot_drop"] or found["weakness_progressive"] or found["weak_leg_reported"]:
        found["weak_leg_reported"] = True
        found["mrc_ankle_dorsiflexion"] = 2 if found["foot_drop"] else 4
    found["pain_uncontrolled_despite_opioid"] = (
        bool(found["pain_unbearable"] and found["opioid_current"]) and pick.random() < 0.5
    )
    found["leg_pain_side"] = "both" if found["bilateral_radicular"] else pick.choice(["left", "right"])
    if found["bilateral_radicular"]:
        found["leg_pain"] = True
    if not found["leg_pain"]:
        del found["leg_pain_side"]
        found |= dict.fromkeys(PAIN, False)
    found["ibp_night_improves_up"] = found["night_pain_relief_on_rising"]
    return found
