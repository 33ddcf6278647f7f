"""What must hold for every patient (DESIGN §6), over random answers with unknowns. The numbers are those of DESIGN."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from itertools import combinations, islice

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from patients import ON, PERSON, USED, VALUES, cases, filled, fillings
from ruggespraak.consult import Case, decide
from ruggespraak.consult.ask import rungs
from ruggespraak.consult.outcome import outcome
from ruggespraak.consult.ready import ready
from ruggespraak.logic import Missing, Named, Unless
from ruggespraak.pathway.editions import EDITIONS, edition
from ruggespraak.pathway.findings import VOCABULARY
from ruggespraak.pathway.rules import Act, Alarm, Complaint, Tier, Urgency, Use
from ruggespraak.proof.properties import REFUTERS, SERIOUS

CURRENT = ready("current")
ALARMS = edition("current").alarms
BY_ID = {alarm.id: alarm for alarm in ALARMS}
HARD_FORBIDS = {Act.WAIT, Act.STAY_AT_HOME, Act.SELF_CARE}
SERIOUS_FORBIDS = {Act.EXERCISE, Act.MANUAL_TREATMENT, Act.PHYSIOTHERAPY, Act.NSAID}
any_case = st.sampled_from(EDITIONS).flatmap(cases)


def answers_of(case: Case) -> dict:
    """The answers with everything that follows from them."""
    return ready(case.edition).read(case).answers


# 1 Total


@given(any_case)
def test_every_case_gets_one_urgency_one_complaint_a_plan_and_a_dated_review(case):
    decision = decide(case)
    assert isinstance(decision.urgency, Urgency)
    assert isinstance(decision.complaint, Complaint)
    assert decision.plan
    assert ON <= decision.review.on <= ON + timedelta(days=84)
    if decision.urgency is Urgency.EMERGENCY:
        assert decision.review.on == ON


# 2 No silent no


@pytest.mark.control("C-01")
@given(cases())
def test_an_alarm_that_is_not_answered_with_no_stays_open_at_its_level(case):
    decision = decide(case)
    answers = answers_of(case)
    open_findings = {*decision.ask, *decision.examine, *decision.unclear}
    for alarm in ALARMS:
        if alarm.urgency > decision.urgency and alarm.when.value(answers) is None:
            assert max(decision.not_excluded, decision.not_examined) >= alarm.urgency, alarm.id
            assert {finding.id for finding in alarm.when.findings()} & open_findings, alarm.id


@pytest.mark.control("C-02")
@given(cases(), st.sampled_from([alarm.id for alarm in ALARMS if alarm.urgency >= Urgency.SAME_DAY]))
def test_an_alarm_answered_unclear_raises_the_urgency(case, alarm):
    (rule,) = [rule for rule in CURRENT.alarms if rule.rule.id == alarm]
    smallest = rule.implicants[0]
    literals = CURRENT.alphabet.literals_in(smallest)
    assume(all(literal.finding.kind == "boolean" for literal in literals))
    ids = {literal.finding.id for literal in literals}
    unclear = Case(on=ON, answers={k: v for k, v in case.answers.items() if k not in ids}, unclear=frozenset(ids))
    wanted = Urgency.SAME_DAY if rule.rule.urgency is Urgency.EMERGENCY else Urgency.WITHIN_DAYS
    known = CURRENT.read(unclear)
    assume(not any(known.known & literal.bit for literal in literals))  # nothing else answers it
    assume(all(known.true & bit for bit in CURRENT.refutations if bit & smallest))  # nothing sets it aside
    assert decide(unclear).urgency >= wanted


@pytest.mark.control("C-02")
@given(cases())
def test_while_a_hard_alarm_was_not_asked_it_is_at_least_routine_and_cannot_be_said_yet(case):
    answers = answers_of(case)
    not_asked = {id for id in PERSON if id not in answers and id not in case.unclear}
    decision = decide(case)
    for alarm in ALARMS:
        if alarm.tier is Tier.HARD and alarm.when.value(answers) is None:
            rest = {id: False for id in USED if VOCABULARY[id].kind == "boolean" and id not in answers}
            best = {finding.id for finding in alarm.when.findings()} & not_asked
            if any(_alone(alarm, answers, id, rest) for id in best):
                assert decision.urgency >= Urgency.ROUTINE
                assert decision.unsaid


def _alone(alarm: Alarm, answers: dict, id: str, rest: dict) -> bool:
    """Whether one answer by itself, everything else denied, establishes this alarm."""
    if VOCABULARY[id].kind != "boolean":
        return False
    return alarm.when.value({**{k: v for k, v in rest.items() if k != id}, **answers, id: True}) is True


# 3 Monotone


def _worse(id: str, value: object, pick: random.Random) -> object | None:
    finding = VOCABULARY[id]
    if not finding.worse or (isinstance(value, str) and finding.kind == "date"):
        return None
    if finding.kind == "boolean":
        worst = finding.worse == "present"
        return worst if value is not worst else None
    if finding.kind == "choice":
        return finding.worse if value != finding.worse else None
    further = [one for one in VALUES[id] if (one > value if finding.worse == "higher" else one < value)]
    return pick.choice(further) if further else None


@given(any_case, st.randoms(use_true_random=False))
def test_a_worse_finding_never_lowers_urgency_nor_removes_a_suspicion_or_a_referral(case, pick):
    before = decide(case)
    for id, value in case.answers.items():
        worse = _worse(id, value, pick)
        if worse is None:
            continue
        after = decide(Case(on=ON, answers={**case.answers, id: worse}, unclear=case.unclear, edition=case.edition))
        assert after.urgency >= before.urgency, id
        assert set(after.suspected) >= set(before.suspected), id
        assert {one.to for one in after.refer} >= {one.to for one in before.refer}, id


@pytest.mark.control("C-01")
@given(any_case, st.sampled_from(USED), st.randoms(use_true_random=False))
def test_filling_in_an_unknown_never_lowers_what_is_established(case, id, pick):
    assume(id not in answers_of(case) and id not in REFUTERS)
    here = ready(case.edition)
    before = outcome(here, here.read(case))
    after_case = Case(
        on=ON, answers={**case.answers, id: pick.choice(VALUES[id])}, unclear=case.unclear - {id}, edition=case.edition
    )
    assert outcome(here, here.read(after_case)).established >= before.established


@pytest.mark.control("C-06")
def test_only_the_refutations_that_the_pathway_names_can_set_an_alarm_aside():
    found = set()
    for alarm in ALARMS:
        for node in alarm.when.walk():
            if isinstance(node, Unless):
                assert isinstance(node.exception, Named)
                found |= {finding.id for finding in node.exception.findings()}
    assert found <= REFUTERS


# 4 Alarm wins


@pytest.mark.control("C-13")
@given(any_case)
def test_what_an_alarm_forbids_never_stands_in_the_plan(case):
    decision = decide(case)
    does = {act for advice in decision.plan for act in advice.does}
    alarms = {alarm.id: alarm for alarm in edition(case.edition).alarms}
    established = [alarms[id] for id in decision.established]
    if any(alarm.tier is Tier.HARD for alarm in established):
        assert not does & HARD_FORBIDS
        assert Act.SEEK_CARE_NOW in does
    if SERIOUS & set(decision.suspected) and case.edition == "current":
        assert not does & SERIOUS_FORBIDS
    for alarm in established:
        assert not does & alarm.forbids, alarm.id
    assert Act.OPIOID_START not in does


# 5 Restraint


@pytest.mark.control("C-14")
@given(any_case)
def test_a_nonspecific_back_without_an_alarm_gets_no_picture_at_any_duration(case):
    decision = decide(case)
    if decision.complaint is Complaint.NONSPECIFIC and not decision.suspected:
        assert decision.imaging is Use.NOT_USEFUL
        assert Act.SCAN not in {act for advice in decision.plan for act in advice.does}


def test_with_everything_denied_no_picture_is_possible_either():
    nothing = {id: False for id in USED if VOCABULARY[id].kind == "boolean"}
    calm = {"low_back_pain": True, "age_years": 40, "duration_days": 20, "sex_at_birth": "male", "course": "same"}
    calm |= {id: 5 for id in USED if id.startswith("mrc_")}
    calm |= {"crp_mg_l": 1, "esr_mm_h": 1, "post_void_residual_ml": 0, "onset_mode": "sudden", "smoking": "never"}
    calm |= {"spinal_procedure_days_ago": 9999, "trauma_days_ago": 9999, "bilateral_since_days": 0, "opioid_days": 0}
    decision = decide(Case(on=ON, answers={**nothing, **calm, "age_at_first_onset": 40}))
    assert decision.complaint is Complaint.NONSPECIFIC
    assert decision.certainty == "probable"
    assert decision.imaging_not_excluded is Use.NOT_USEFUL
    assert decision.urgency is Urgency.SELF_CARE


# 6 Hernia in time

HERNIA = {"low_back_pain": True, "leg_pain": True, "leg_pain_below_knee": True, "leg_worse_than_back": True}


@pytest.mark.control("C-16")
@given(any_case, st.integers(0, 41))
def test_a_hernia_without_an_alarm_gets_neither_scan_nor_surgery_before_day_42(case, day):
    decision = decide(_hernia(case, day))
    if decision.complaint is Complaint.RADICULAR and not decision.suspected:
        does = {act for advice in decision.plan for act in advice.does}
        assert decision.imaging is Use.NOT_USEFUL
        assert not does & {Act.SCAN, Act.OPERATE, Act.DISCUSS_SURGERY}


@pytest.mark.control("C-16")
@given(any_case, st.integers(42, 5000))
def test_from_day_42_a_hernia_with_too_little_relief_is_weighed_whatever_else_is_unknown(case, day):
    hernia = _hernia(case, day)
    decision = decide(
        Case(
            on=ON, answers={**hernia.answers, "relief_sufficient": False}, unclear=hernia.unclear, edition=case.edition
        )
    )
    does = {act for advice in decision.plan for act in advice.does}
    assert Act.DISCUSS_SURGERY in does
    assert decision.imaging is not None
    assert decision.imaging >= Use.CONSIDER
    assert Act.GP_ORDERS_MRI not in does


def _hernia(case: Case, day: int) -> Case:
    fixed = {**HERNIA, "duration_days": day}
    answers = {k: v for k, v in case.answers.items() if k not in fixed and k != "onset_date"}
    return Case(on=ON, answers={**answers, **fixed}, unclear=case.unclear - fixed.keys(), edition=case.edition)


# 8 No contradiction


@pytest.mark.control("C-13")
@given(any_case)
def test_no_act_is_done_and_forbidden_at_once(case):
    here = edition(case.edition)
    rules = {rule.id: rule for rule in here.recommendations}
    advices = [rules[advice.id] for advice in decide(case).plan]
    for one in advices:
        for other in advices:
            assert not one.does & other.forbids, (one.id, other.id)


# 10 Enough asked (the whole consult is walked in test_screens.py)


# Pain in the leg follows from what is told of that pain; asked first, a "no" spares those questions.
GATES = {"leg_pain"}


@given(any_case)
def test_everything_in_ask_can_change_the_decision(case):
    decision = decide(case)
    here = ready(case.edition)
    known = here.read(case)
    for id in set(decision.ask) - GATES:
        assert _changes(case, id, here, known), id


def _changes(case: Case, id: str, here, known) -> bool:
    """Whether some completion with an answer to this finding decides otherwise than without that answer."""
    mask = here.alphabet.masks[id]
    refutations = list(here.refutations.values())
    conditions = [*rungs(here).urgency.values(), *rungs(here).imaging.values()]
    conditions += [*rungs(here).refer.values(), *here.classes, *refutations]
    available = known.not_asked | known.unclear
    for base in (known.true, known.certain):
        for condition in conditions:
            for one in condition.missing(base, available, news=mask):
                if _matters(case, here.alphabet.literals_in(one), id):
                    return True
    # What sets an alarm aside, also a feared one, may matter only where some other alarms are set aside too.
    used = 0
    for rule in here.alarms:
        used |= rule.bits if rule.holds(known.true | known.unclear) else 0
    in_play = [refutation for bit, refutation in here.refutations.items() if bit & used]
    for refutation in in_play:
        others = [other for other in in_play if other is not refutation]
        for one in refutation.missing(known.certain, available, news=mask):
            for some in (chosen for n in range(len(others) + 1) for chosen in combinations(others, n)):
                if _matters(_set_aside(case, list(some)), here.alphabet.literals_in(one), id):
                    return True
    return False


def _set_aside(case: Case, refutations: list) -> Case:
    here = ready(case.edition)
    for refutation in refutations:
        known = here.read(case)
        sets = list(refutation.missing(known.certain, known.not_asked | known.not_examined))
        case = filled(case, here.alphabet.literals_in(sets[0])) if sets and sets[0] else case
    return case


def _matters(case: Case, literals: list, id: str) -> bool:
    for whole in islice(fillings(case, literals), 50):
        answers = {key: value for key, value in whole.answers.items() if key != id}
        if _summary(whole) != _summary(replace(whole, answers=answers)):
            return True
    return False


def _summary(case: Case) -> tuple:
    here = ready(case.edition)
    came = outcome(here, here.read(case))
    gp_stays = rungs(here).refer["gp"].holds(here.read(case).true)
    return came.urgency, came.established, came.complaint, came.imaging, came.refer, gp_stays or not came.open


# 11 Bounds exact


@given(cases(), st.sampled_from(sorted(BY_ID)))
def test_what_is_unknown_of_an_alarm_can_still_turn_out_either_way(case, id):
    alarm, answers = BY_ID[id], dict(case.answers)
    value = alarm.when.value(answers)
    for outcome_wanted in (True, False):
        witness = _witness(alarm, answers, outcome_wanted)
        if value is None:
            assert witness is not None, (alarm.id, outcome_wanted)
        elif value is not outcome_wanted:
            assert witness is None or _is_set_aside(alarm, witness), (alarm.id, outcome_wanted)


def _is_set_aside(alarm: Alarm, answers: dict) -> bool:
    return any(isinstance(node, Unless) and node.exception.value(answers) for node in alarm.when.walk())


_NEGATED = {}


def _witness(alarm: Alarm, answers: dict, wanted: bool) -> dict | None:
    """Answers to what is unknown that make the alarm true (or false); None when there are none."""
    alphabet = CURRENT.alphabet
    key = (alarm.id, wanted)
    if key not in _NEGATED:
        local = type(alphabet)()
        form = local.form(alarm.when, negate=not wanted)
        _NEGATED[key] = (local, local.implicants(form))
    local, implicants = _NEGATED[key]
    reading = local.read(answers)
    for mask in Missing(implicants, reading.true, local.everything & ~reading.known):
        case = filled(Case(on=ON, answers=answers), local.literals_in(mask))
        # Answers that would set the alarm aside are not part of a set that makes it true.
        if alarm.when.value(case.answers) is wanted:
            return dict(case.answers)
    return None


# Order and language


@given(any_case, st.randoms(use_true_random=False))
def test_the_order_of_answers_never_matters(case, pick):
    items = list(case.answers.items())
    pick.shuffle(items)
    shuffled = Case(on=ON, answers=dict(items), unclear=case.unclear, edition=case.edition)
    assert decide(shuffled).as_json() == decide(case).as_json()


TEXTS = {"text", "why", "what", "because", "patient_does", "clinician_does"}


def _without_texts(value):
    if isinstance(value, dict):
        return {key: _without_texts(one) for key, one in value.items() if key not in TEXTS}
    return [_without_texts(one) for one in value] if isinstance(value, list) else value


@pytest.mark.control("C-18")
@given(any_case)
def test_the_language_never_changes_a_decision(case):
    dutch, english = decide(case, "nl").as_json(), decide(case, "en").as_json()
    assert _without_texts(dutch) == _without_texts(english)
    assert [one["because"] for one in dutch["plan"]] == [one["because"] for one in english["plan"]]


@pytest.mark.control("C-06")
@given(cases(answered_by="patient"))
def test_a_patient_cannot_set_an_alarm_aside_with_what_only_an_examination_shows(case):
    strong = {id: 5 for id in USED if id.startswith("mrc_")}
    answers = {**case.answers, **strong, "weak_leg_reported": True}
    told = Case(on=ON, answers=answers, answered_by="patient")
    assert decide(told).urgency >= Urgency.SAME_DAY


@pytest.mark.parametrize("name", EDITIONS)
def test_the_compiled_outcome_is_the_same_as_the_rules_themselves(name):
    pick = random.Random(1)
    here = ready(name)
    for _ in range(300):
        answers = {id: pick.choice(VALUES[id]) for id in pick.sample(USED, 12)}
        unclear = frozenset(pick.sample(USED, 2)) - answers.keys()
        case = Case(on=ON, answers=answers, unclear=unclear, edition=name)
        known = here.read(case)
        came = outcome(here, known)
        levels = [alarm.urgency for alarm in here.edition.alarms if alarm.when.value(known.answers) is True]
        levels += [
            advice.urgency for advice in here.edition.recommendations if advice.when.value(known.answers) is True
        ]
        assert {one.to for one in decide(case).refer} == came.refer
        if "onset_date" not in answers:
            assert came.established == max(levels, default=Urgency.SELF_CARE)
