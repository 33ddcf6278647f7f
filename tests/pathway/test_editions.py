"""The editions: PATHWAY §4, §6 and §8 stand in the rules, every rule is alive, and a revision changes what it names."""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date
from functools import cache
from importlib.resources import files

import pytest

from patients import ON, filled
from ruggespraak.consult import Case, decide
from ruggespraak.consult.ready import ready
from ruggespraak.logic import ALWAYS, Compare, Expression
from ruggespraak.pathway import numbers
from ruggespraak.pathway.editions import DEFAULT, EDITIONS, UnknownEditionError, edition
from ruggespraak.pathway.findings import VOCABULARY, duration_days, low_back_pain, wants_surgery_weighed
from ruggespraak.pathway.rules import (
    Act,
    Alarm,
    Complaint,
    Edition,
    Parameter,
    Recommendation,
    Review,
    Status,
    Tier,
    Urgency,
    Use,
)
from ruggespraak.pathway.texts import plan_text

CURRENT, LEAFLET, NICE, ACP = (edition(name) for name in ("current", "leaflet", "nice", "acp"))
EACH = pytest.mark.parametrize("here", [edition(name) for name in EDITIONS], ids=lambda one: one.id)
REVISED = pytest.mark.parametrize("here", [NICE, ACP], ids=lambda one: one.id)
EMERGENCY, SAME_DAY, WITHIN_DAYS, ROUTINE = Urgency.EMERGENCY, Urgency.SAME_DAY, Urgency.WITHIN_DAYS, Urgency.ROUTINE
HARD, SOFT = Tier.HARD, Tier.SOFT


def with_ids(here: Edition) -> list[Alarm | Recommendation | Review]:
    return [*here.alarms, *here.recommendations, *here.reviews]


# -- what every edition has -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EDITIONS)
def test_an_edition_is_found_by_its_id_and_is_the_same_each_time(name):
    assert edition(name).id == name
    assert edition(name) is edition(name)
    assert edition() is edition(DEFAULT) is CURRENT


def test_an_edition_that_does_not_exist_names_those_that_do():
    with pytest.raises(UnknownEditionError, match="'nonsense' does not exist; choose from current, leaflet, nice, acp"):
        edition("nonsense")


@pytest.mark.control("C-23")
@EACH
def test_an_edition_says_its_version_who_reviewed_it_and_when_it_must_be_read_again(here):
    assert here.version
    assert here.reviewer
    assert here.review_by > date(2026, 11, 1)
    assert set(here.title) == {"nl", "en"}
    assert here.title["nl"] != here.title["en"]


@pytest.mark.control("C-23")
def test_the_current_edition_says_that_no_doctor_has_reviewed_it_yet():
    assert CURRENT.reviewer == "nobody yet"
    assert "awaiting medical review" in CURRENT.title["en"]
    assert "wacht op medische beoordeling" in CURRENT.title["nl"]


@EACH
def test_no_two_rules_of_an_edition_have_the_same_id(here):
    assert {id: n for id, n in Counter(rule.id for rule in with_ids(here)).items() if n > 1} == {}


def test_no_recommendation_of_the_leaflet_has_the_id_of_a_current_one():
    assert not {one.id for one in CURRENT.recommendations} & {one.id for one in LEAFLET.recommendations}


@EACH
def test_every_rule_names_its_sources_or_says_that_it_has_none(here):
    with files("ruggespraak.pathway").joinpath("sources.csv").open(encoding="utf-8", newline="") as lines:
        known = {row["key"] for row in csv.DictReader(lines)}
    referrals = {one for rule in (*here.alarms, *here.recommendations) for one in rule.refer}
    for rule in (*here.rules(), *here.parameters, *referrals):
        assert set(rule.because) <= known, rule
        assert rule.because or rule.status in (Status.OWN_CHOICE, Status.MEMORY), rule


def test_the_leaflet_claims_nothing_but_the_leaflet_and_for_paralysis_the_rules_that_both_share():
    for rule in (*LEAFLET.alarms, *LEAFLET.classes, *LEAFLET.recommendations):
        assert all(key.startswith("S") and key[1:].isdigit() for key in rule.because) or rule.id in ("R2", "R3"), rule


def test_paralysis_is_one_and_the_same_rule_in_both_editions():
    assert CURRENT.rule("R2") is LEAFLET.rule("R2")
    assert CURRENT.rule("R3") is LEAFLET.rule("R3")
    assert all(ours is theirs for ours, theirs in zip(CURRENT.reviews, LEAFLET.reviews, strict=True))
    assert {rule.id for rule in CURRENT.alarms} & {rule.id for rule in LEAFLET.alarms} == {"R2", "R3"}


@EACH
def test_asking_an_edition_for_a_rule_that_it_does_not_have_names_those_that_it_has(here):
    with pytest.raises(KeyError, match=rf"R99 is not in edition {here.id}; it has R2, R3|R99 is not in edition"):
        here.rule("R99")


# -- the numbers ------------------------------------------------------------------------------------------------------


def conditions(here: Edition) -> list[Expression]:
    found = [rule.when for rule in (*here.rules(), *here.derivations, *here.conflicts)]
    found += [one.probable for one in here.classes if one.probable is not None] + list(here.concepts.values())
    return found + [when for alarm in here.alarms for _, when in alarm.imaging if when is not None]


def limits(here: Edition) -> set[Compare]:
    return {node for when in conditions(here) for node in when.walk() if isinstance(node, Compare)}


# One or two of something, and the steps of the MRC scale from which two answers cannot both be right: no thresholds.
COUNTS = {"prev_episodes_n", "treatments_failed", *(id for id in VOCABULARY if VOCABULARY[id].unit == "MRC")}


@pytest.mark.control("C-20")
@EACH
def test_every_number_in_a_rule_has_a_name_a_unit_and_a_source(here):
    bare = {one for one in limits(here) if not isinstance(one.limit, Parameter)}
    assert {one.finding.id for one in bare} <= COUNTS
    assert {one.limit for one in limits(here) - bare} <= set(here.parameters)


@pytest.mark.control("C-20")
@EACH
def test_a_number_is_in_the_unit_of_the_finding_that_it_is_compared_with(here):
    for one in limits(here):
        if isinstance(one.limit, Parameter):
            assert one.limit.unit == one.finding.unit, one


def test_no_two_numbers_have_the_same_name_and_each_is_called_as_it_is_written():
    named = {name: value for name, value in vars(numbers).items() if isinstance(value, Parameter)}
    assert {name.lower() for name in named} == {one.name for one in numbers.ALL}
    assert all(value.name == name.lower() for name, value in named.items())
    assert len(named) == len(numbers.ALL)


def test_a_number_that_a_source_gives_stands_with_that_source():
    assert [one.name for one in numbers.ALL if one.status is Status.READ and not one.because] == []


# -- PATHWAY §4, by hand: per row how urgent, how hard, and what it makes one think of --------------------------------

ROWS = {
    "R1": {(EMERGENCY, HARD, "cauda_equina"), (ROUTINE, SOFT, None)},
    "R1b": {(SAME_DAY, HARD, "cauda_equina"), (EMERGENCY, HARD, "cauda_equina")},
    "R2": {(EMERGENCY, HARD, "paresis")},
    "R2u": {(SAME_DAY, HARD, "paresis"), (EMERGENCY, HARD, "paresis")},
    "R3": {(EMERGENCY, HARD, "paresis")},
    "R3b": {(WITHIN_DAYS, SOFT, "paresis"), (ROUTINE, SOFT, "paresis")},
    "R4": {(EMERGENCY, HARD, "cord_compression"), (SAME_DAY, HARD, "cord_compression")},
    "R5": {
        (WITHIN_DAYS, HARD, "metastasis"),
        (SAME_DAY, HARD, "metastasis"),
        (EMERGENCY, HARD, "metastasis"),
        (ROUTINE, SOFT, None),
    },
    "R6": {(WITHIN_DAYS, SOFT, "malignancy"), (ROUTINE, SOFT, None)},
    "R7": {(EMERGENCY, HARD, "fracture"), (WITHIN_DAYS, HARD, "fracture")},
    "R7b": {(WITHIN_DAYS, SOFT, "fracture")},
    "R8": {
        (SAME_DAY, HARD, "infection"),
        (EMERGENCY, HARD, "infection"),
        (SAME_DAY, SOFT, "infection"),
        (WITHIN_DAYS, SOFT, "infection"),
    },
    "R9": {(ROUTINE, SOFT, "axial_spa")},
    "R10": {(EMERGENCY, HARD, "aneurysm"), (SAME_DAY, HARD, "aneurysm")},
    "R11": {(ROUTINE, SOFT, "listhesis")},
    "R12": {(SAME_DAY, HARD, "uncontrolled_pain")},
    "R13": {(EMERGENCY, HARD, "haematoma")},
    "R14": {(WITHIN_DAYS, SOFT, "visceral"), (SAME_DAY, SOFT, "visceral")},
    "R15": {(ROUTINE, SOFT, None), (WITHIN_DAYS, SOFT, None)},
    "R16": {(WITHIN_DAYS, SOFT, None), (ROUTINE, SOFT, None)},
    "R17": {(SAME_DAY, HARD, "complication"), (EMERGENCY, HARD, "complication")},
    "R20": {(ROUTINE, SOFT, "stenosis")},
}


def of_row(row: str) -> list[Alarm]:
    return [alarm for alarm in CURRENT.alarms if alarm.row == row]


@pytest.mark.control("C-03")
def test_the_current_edition_has_every_row_of_the_pathway_but_what_is_part_of_every_decision():
    assert {alarm.row for alarm in CURRENT.alarms} == set(ROWS)  # R18 and R19: what was unclear, and what was not asked


@pytest.mark.control("C-03")
@pytest.mark.parametrize("row", ROWS)
def test_a_row_is_as_urgent_as_hard_and_as_suspicious_as_the_pathway_says(row):
    assert {(alarm.urgency, alarm.tier, alarm.suspects) for alarm in of_row(row)} == ROWS[row]


@pytest.mark.parametrize("row", ROWS)
def test_the_alarms_of_a_row_are_called_after_it(row):
    assert [alarm.id for alarm in of_row(row) if alarm.id != row and not alarm.id.startswith(f"{row}_")] in (
        [],
        ["R15_child", "R15_young", "R15_pregnant", "R15_elsewhere"],
    )


def test_the_leaflet_knows_paralysis_and_bechterew_and_no_other_alarm():
    assert {(alarm.id, alarm.urgency, alarm.tier, alarm.suspects) for alarm in LEAFLET.alarms} == {
        ("R2", EMERGENCY, HARD, "paresis"),
        ("R3", EMERGENCY, HARD, "paresis"),
        ("bechterew", ROUTINE, SOFT, "axial_spa"),
    }


ADDRESSEES = {
    "R1": {"neurologist", "gp"},
    "R2": {"neurologist"},
    "R3": {"neurologist"},
    "R4": {"neurologist", "gp"},
    "R5": {"oncologist", "gp"},
    "R7": {"emergency_department", "gp"},
    "R9": {"rheumatologist"},
    "R10": {"ambulance", "gp"},
    "R11": {"orthopaedist"},
    "R12": {"gp", "neurologist"},
    "R13": {"neurologist"},
    "R15": {"gp"},
    "R16": {"gp"},
    "R17": {"surgical_team"},
    "R20": {"neurologist"},
}


@pytest.mark.parametrize("row", ADDRESSEES)
def test_a_row_sends_to_whom_the_pathway_names(row):
    assert {one.to for alarm in of_row(row) for one in alarm.refer} == ADDRESSEES[row]


@pytest.mark.control("C-03")
@EACH
def test_every_alarm_sends_somebody_somewhere(here):
    assert [alarm.id for alarm in here.alarms if not alarm.refer] == []


# PATHWAY §6, by hand: what a picture is worth, and on whose order. R1b, R4 and R7 differ within the row.
NEEDED, CONSIDER = Use.NEEDED, Use.CONSIDER
PICTURES = {
    "R1": (NEEDED, "specialist"),
    "R1b": (CONSIDER, "specialist"),
    "R1b_motor": (NEEDED, "specialist"),
    "R2": (NEEDED, "specialist"),
    "R2u": (CONSIDER, "specialist"),
    "R2u_both": (CONSIDER, "specialist"),
    "R3": (NEEDED, "specialist"),
    "R3b": (CONSIDER, "specialist"),
    "R3b_stable": (CONSIDER, "specialist"),
    "R4": (NEEDED, "specialist"),
    "R4_gait": (NEEDED, "specialist"),
    "R5": (NEEDED, "specialist"),
    "R5_deficit": (NEEDED, "specialist"),
    "R5_cord": (NEEDED, "specialist"),
    "R6": (CONSIDER, "specialist"),
    "R7": (NEEDED, "specialist"),
    "R7_late": (NEEDED, "gp"),
    "R7b": (NEEDED, "gp"),
    "R8": (CONSIDER, "specialist"),
    "R8_deficit": (NEEDED, "specialist"),
    "R8_sign": (CONSIDER, "specialist"),
    "R8_ill": (CONSIDER, "specialist"),
    "R8_new": (CONSIDER, "specialist"),
    "R8_crp": (CONSIDER, "specialist"),
    "R9": (CONSIDER, "specialist"),
    "R10": (NEEDED, "specialist"),
    "R10_tearing": (NEEDED, "specialist"),
    "R12": (CONSIDER, "specialist"),
    "R12_opioid": (CONSIDER, "specialist"),
    "R13": (NEEDED, "specialist"),
    "R17": (NEEDED, "specialist"),
    "R17_deficit": (NEEDED, "specialist"),
    "R20": (CONSIDER, "specialist"),
}


@pytest.mark.parametrize("alarm", CURRENT.alarms, ids=lambda one: one.id)
def test_a_picture_is_worth_what_the_pathway_says_and_is_ordered_by_whom_it_names(alarm):
    wanted = {PICTURES[alarm.id]} if alarm.id in PICTURES else set()
    assert {(image.use, image.by) for image, _ in alarm.imaging} == wanted


def test_the_clocks_of_a_metastasis_run_fourteen_and_seven_days_and_24_and_12_hours():
    def hours(id: str) -> list[float | None]:
        return [image.within_hours for image, _ in CURRENT.rule(id).imaging]

    assert hours("R5") == [14 * 24, 7 * 24]
    assert hours("R5_deficit") == [24]
    assert hours("R5_cord") == [12]
    ticking = {alarm.id for alarm in CURRENT.alarms for image, _ in alarm.imaging if image.within_hours is not None}
    assert ticking == {"R5", "R5_deficit", "R5_cord"}


def test_blood_is_tested_for_a_tumour_an_infection_inflammation_and_organs_and_for_nothing_else():
    assert {alarm.row for alarm in CURRENT.alarms if alarm.tests} == {"R6", "R8", "R9", "R14"}


# PATHWAY §8
WAITING = {Act.WAIT, Act.STAY_AT_HOME}
LOADING = {Act.EXERCISE, Act.MANUAL_TREATMENT, Act.PHYSIOTHERAPY, Act.NSAID}
SERIOUS = {"fracture", "malignancy", "metastasis", "infection", "cord_compression", "cauda_equina", "aneurysm"}


@pytest.mark.control("C-13")
@pytest.mark.parametrize("alarm", [*CURRENT.alarms, *LEAFLET.alarms], ids=lambda one: one.id)
def test_nobody_with_a_hard_alarm_waits_and_nobody_with_a_serious_suspicion_exercises(alarm):
    assert alarm.tier is SOFT or alarm.forbids >= WAITING
    assert alarm.suspects not in SERIOUS or alarm.forbids >= LOADING


@EACH
def test_no_recommendation_starts_an_opioid_or_prescribes_bed_rest_or_has_a_gp_order_an_mri(here):
    never = {Act.OPIOID_START, Act.BED_REST, Act.GP_ORDERS_MRI, Act.OPERATE, Act.MANUAL_TREATMENT, Act.WAIT}
    assert [rule.id for rule in here.recommendations if rule.does & never] == []


@EACH
def test_no_recommendation_does_what_it_forbids(here):
    assert [rule.id for rule in here.recommendations if rule.does & rule.forbids] == []


# -- every rule is alive (DESIGN §6, 7) -------------------------------------------------------------------------------


def smallest_patients(here: Edition, id: str) -> Iterator[Case]:
    """For the smallest sets of answers that make this rule hold: a person who gives those answers, and no others."""
    compiled = ready(here.id)
    (rule,) = [one for one in (*compiled.alarms, *compiled.recommendations) if one.rule.id == id]
    alone = Case(on=ON, edition=here.id)
    return (filled(alone, compiled.alphabet.literals_in(mask)) for mask in rule.implicants)


def own_rules(here: Edition) -> list[Recommendation]:
    """What a revision of current adds to it."""
    return [rule for rule in here.recommendations if not any(rule is one for one in CURRENT.recommendations)]


def holds_for(patient: Case) -> set[str]:
    decision = decide(patient)
    return {*decision.established, *(advice.id for advice in decision.plan)}


@pytest.mark.parametrize(
    ("here", "id"),
    [(here, rule.id) for here in (CURRENT, LEAFLET) for rule in (*here.alarms, *here.recommendations)]
    + [(here, rule.id) for here in (NICE, ACP) for rule in own_rules(here)],
    ids=lambda one: one if isinstance(one, str) else one.id,
)
def test_for_every_rule_there_is_a_patient_for_whom_it_holds(here, id):
    assert any(id in holds_for(patient) for patient in smallest_patients(here, id))


NO = {id: False for id, finding in VOCABULARY.items() if finding.kind == "boolean"}
PEOPLE = {
    "nothing told": {},
    "a plain back": {**NO, "low_back_pain": True, "duration_days": 3},
    "no pain at all": NO,
    "a dead foot": {"foot_drop": True, "leg_pain": True},
    "a numb saddle, a fever and a fall": {"saddle_numbness": True, "fever_reported": True, "significant_trauma": True},
}


@EACH
def test_nothing_holds_for_everybody_but_what_is_declared_to_hold_always(here):
    told = {name: holds_for(Case(on=ON, edition=here.id, answers=answers)) for name, answers in PEOPLE.items()}
    everybody = set.intersection(*told.values())
    assert everybody == {rule.id for rule in here.recommendations if rule.always}


@EACH
def test_what_is_declared_to_hold_always_has_no_condition_and_only_that(here):
    assert [rule.id for rule in here.recommendations if rule.always != (rule.when == ALWAYS)] == []
    assert [alarm.id for alarm in here.alarms if alarm.when == ALWAYS] == []


BACK = {"low_back_pain": True, "leg_pain": False}
HERNIA = {"low_back_pain": True, "leg_pain": True, "leg_pain_below_knee": True, "leg_worse_than_back": True}
COMPLAINTS = {
    Complaint.OUTSIDE: {**BACK, "pregnant": True},
    Complaint.SPECIFIC: {**BACK, "bechterew_known": True},
    Complaint.RADICULAR: HERNIA,
    Complaint.NONSPECIFIC: BACK,
    Complaint.UNDETERMINED: {},
}


@EACH
@pytest.mark.parametrize("complaint", COMPLAINTS)
def test_for_every_kind_of_complaint_there_is_a_patient(here, complaint):
    if complaint is Complaint.OUTSIDE and here is LEAFLET:
        assert complaint not in {one.complaint for one in here.classes}  # the leaflet is for everybody
    else:
        assert decide(Case(on=ON, edition=here.id, answers=COMPLAINTS[complaint])).complaint is complaint


WHEN = {
    "arrived": {"foot_drop": True},
    "seen_today": {"pain_unbearable": True},
    "seen_in_days": {"clinician_concern": True},
    "seen_in_weeks": {"low_back_pain": True, "duration_days": 100},
    "day_14": {**PEOPLE["a plain back"], "duration_days": 3},
    "day_28": {**PEOPLE["a plain back"], "duration_days": 14},
    "day_42": {**PEOPLE["a plain back"], "duration_days": 28},
    "day_84": {**PEOPLE["a plain back"], "duration_days": 42},
    "look_again": {id: answer for id, answer in PEOPLE["a plain back"].items() if id != "duration_days"},
    "long_run": {**PEOPLE["a plain back"], "duration_days": 84},
}


def test_for_every_moment_to_look_again_there_is_a_patient():
    assert set(WHEN) == {review.id for review in CURRENT.reviews}
    assert {id: decide(Case(on=ON, answers=answers)).review.id for id, answers in WHEN.items()} == {
        id: id for id in WHEN
    }


# -- a revision changes what it names, and nothing else ---------------------------------------------------------------


def test_a_rule_that_a_revision_leaves_as_it_was_is_the_same_object_in_both_editions():
    trial = revised(parameters={"opioid_long_from": 21}, retire=["balance"], add=[NEW])
    changed = {one.id for one in with_ids(trial) if one.id != "new_advice" and one is not CURRENT.rule(one.id)}
    assert changed == {"opioid_taper"}


def differences(old: object, new: object, at: str = "") -> set[str]:
    """Where two editions differ: the fields and ids on the way there."""
    if isinstance(old, tuple) and isinstance(new, tuple) and len(old) == len(new):
        pairs = [
            (getattr(one, "id", getattr(one, "name", "")), one, other) for one, other in zip(old, new, strict=True)
        ]
        return {
            place for name, one, other in pairs for place in differences(one, other, f"{at}.{name}" if name else at)
        }
    if is_dataclass(old) and type(old) is type(new) and not isinstance(old, Expression):
        return {
            place
            for part in fields(old)
            for place in differences(getattr(old, part.name), getattr(new, part.name), f"{at}.{part.name}".strip("."))
        }
    if isinstance(old, Parameter) and isinstance(new, Parameter):
        return {at} if float(old) != float(new) else set()
    return set() if old == new else {at}


def revised(**changes: object) -> Edition:
    return CURRENT.revise("trial", "1", **changes)


@cache
def at_eight_weeks() -> Edition:
    """The edition that weighs surgery from day 56 instead of 42."""
    return revised(parameters={"weigh_surgery_from": 56})


NAMED = {"id", "version", "revises"}


def test_a_revision_that_names_nothing_changes_nothing_but_its_own_name():
    assert differences(CURRENT, revised()) == NAMED
    assert revised().id == "trial"
    assert revised().version == "1"
    assert revised(parameters={"fever_from": 38}).alarms == CURRENT.alarms
    assert differences(CURRENT, revised(title={"nl": "Proef", "en": "Trial"})) == {*NAMED, "title"}


def test_a_number_that_is_revised_moves_everywhere_and_takes_no_other_number_along():
    trial = at_eight_weeks()
    moved = {place.split(".")[1] for place in differences(CURRENT, trial) - NAMED if "." in place}
    assert {"weigh_surgery", "refer_for_surgery", "no_scan_root_yet", "day_42", "weigh_surgery_from"} <= moved
    assert {one.limit for one in limits(trial) if getattr(one.limit, "name", "") == "weigh_surgery_from"} == {56}
    assert {one.name: float(one) for one in trial.parameters if one.name == "weigh_surgery_from"} == {
        "weigh_surgery_from": 56
    }
    others = {one.name for one in numbers.ALL if one == 42} - {"weigh_surgery_from"}
    assert "procedure_recent" in others
    assert {one.name for one in trial.parameters if one == 42} == others
    assert trial.rule("day_42").on_day == 56
    assert {one.on_day.name for one in trial.reviews if one.on_day == 56} == {"weigh_surgery_from"}


@pytest.mark.parametrize(
    ("day", "then", "now"), [(41, False, False), (42, True, False), (55, True, False), (56, True, True)]
)
def test_who_is_weighed_for_surgery_at_seven_weeks_waits_until_eight_when_the_number_says_so(day, then, now):
    hernia = {**HERNIA, "duration_days": day, "relief_sufficient": False}
    trial = at_eight_weeks()
    assert CURRENT.rule("weigh_surgery").when.value(hernia) is then
    assert trial.rule("weigh_surgery").when.value(hernia) is now
    assert CURRENT.rule("weigh_surgery").when.value(hernia) is then  # and the old edition is what it was


def test_a_number_keeps_its_unit_its_source_and_its_status_when_it_is_revised():
    (new,) = [one for one in revised(parameters={"fever_from": 38.5}).parameters if one.name == "fever_from"]
    old = numbers.FEVER_FROM
    assert (new, new.unit, new.because, new.status) == (38.5, old.unit, old.because, old.status)
    assert old == 38


def test_a_number_can_bring_a_source_and_a_status_of_its_own_but_no_other_name_or_unit():
    told = Parameter("fever_from", 37.8, "degrees C", ("NICE",), Status.REPORTED)
    trial = revised(parameters={"fever_from": told})
    assert trial.parameter("fever_from") is told
    assert CURRENT.parameter("fever_from") is numbers.FEVER_FROM
    assert {one.limit for one in limits(trial) if getattr(one.limit, "name", "") == "fever_from"} == {37.8}
    for wrong in (numbers.CRP_RAISED, Parameter("fever_from", 100, "degrees F", (), Status.OWN_CHOICE)):
        with pytest.raises(ValueError, match="fever_from in degrees C cannot become"):
            revised(parameters={"fever_from": wrong})


def test_asking_an_edition_for_a_number_that_it_does_not_have_is_a_key_error():
    with pytest.raises(KeyError, match="edition current has no parameter nonsense"):
        CURRENT.parameter("nonsense")


def test_a_number_of_hours_moves_the_clock_of_a_picture():
    trial = revised(parameters={"clock_cord": 6})
    assert [image.within_hours for image, _ in trial.rule("R5_cord").imaging] == [6]
    assert [image.within_hours for image, _ in CURRENT.rule("R5_cord").imaging] == [12]


def test_a_number_moves_what_follows_from_an_answer_too():
    trial = revised(parameters={"fever_from": 39})
    (was,) = [one for one in CURRENT.derivations if one.finding == "fever_reported" and one.value is True]
    (now,) = [one for one in trial.derivations if one.finding == "fever_reported" and one.value is True]
    assert (was.when.value({"fever_c": 38.5}), now.when.value({"fever_c": 38.5})) == (True, False)


def test_a_number_moves_the_concepts_by_which_an_edition_is_drawn():
    trial = revised(parameters={"residual_urine": 300})
    assert trial.concepts["hard_alarm"].value({"post_void_residual_ml": 250}) is not True
    assert CURRENT.concepts["hard_alarm"].value({"post_void_residual_ml": 250}) is True


def test_a_rule_that_is_replaced_stands_where_it_stood_and_the_others_are_what_they_were():
    later = replace(CURRENT.rule("work_plan"), when=duration_days >= numbers.OPIOID_LONG_FROM)
    trial = revised(replace=[later])
    assert trial.rule("work_plan") is later
    assert [one.id for one in trial.recommendations] == [one.id for one in CURRENT.recommendations]
    assert {place.split(".")[1] for place in differences(CURRENT, trial) - NAMED} == {"work_plan"}
    assert CURRENT.rule("work_plan") is not later


NEW = Recommendation(
    id="new_advice", when=low_back_pain, does=frozenset({Act.INFORM}), because=(), status=Status.OWN_CHOICE
)


def test_a_rule_that_is_added_comes_after_the_others_of_its_kind():
    trial = revised(add=[NEW])
    assert trial.recommendations[-1] is NEW
    assert trial.recommendations[:-1] == CURRENT.recommendations
    assert (trial.alarms, trial.reviews) == (CURRENT.alarms, CURRENT.reviews)


def test_a_rule_that_is_retired_is_gone_and_only_that_one():
    trial = revised(retire=["balance", "day_28"])
    assert {one.id for one in with_ids(CURRENT)} - {one.id for one in with_ids(trial)} == {"balance", "day_28"}
    with pytest.raises(KeyError, match="balance is not in edition trial"):
        trial.rule("balance")
    assert CURRENT.rule("balance")


def test_a_hard_alarm_that_is_retired_no_longer_holds_back_advice_and_one_that_is_added_does():
    concern = Alarm(id="R99", row="R99", tier=HARD, urgency=EMERGENCY, when=wants_surgery_weighed, because=())
    trial = revised(retire=["R12", "R12_opioid"], add=[concern])
    was, now = CURRENT.rule("seek_care_now").when, trial.rule("seek_care_now").when
    assert (was.value({"pain_unbearable": True}), now.value({"pain_unbearable": True})) == (True, None)
    assert (was.value({"wants_surgery_weighed": True}), now.value({"wants_surgery_weighed": True})) == (None, True)


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"retire": ["R99"]}, KeyError, "R99 is not in edition current"),
        ({"replace": [NEW]}, KeyError, "new_advice is not in edition current"),
        ({"parameters": {"nonsense": 1}}, KeyError, "edition current has no parameter nonsense"),
        ({"parameters": {"zzz": 1, "aaa": 2}}, KeyError, "no parameter aaa, zzz"),
        ({"add": [CURRENT.rule("balance")]}, ValueError, "edition current already has balance: use replace"),
    ],
)
def test_a_revision_that_cannot_be_says_what_is_wrong_and_leaves_the_edition_as_it_was(changes, error, says):
    before = replace(CURRENT)
    with pytest.raises(error, match=says):
        revised(**changes)
    assert differences(before, CURRENT) == set()


def test_a_rule_cannot_be_added_twice_nor_be_both_replaced_and_retired_nor_become_one_of_another_kind():
    with pytest.raises(ValueError, match="new_advice"):
        revised(add=[NEW, replace(NEW, section="later")])
    with pytest.raises(ValueError, match="balance"):
        revised(replace=[CURRENT.rule("balance")], retire=["balance"])
    with pytest.raises(ValueError, match="R2"):
        revised(replace=[replace(NEW, id="R2")])


@EACH
def test_an_edition_can_be_kept_in_a_set_and_cannot_be_changed(here):
    assert len({here, edition(here.id)}) == 1
    with pytest.raises(AttributeError):
        here.version = "2"  # type: ignore[misc]


# -- nice and acp: what evidence §9 says of a decision that is otherwise, and nothing else ----------------------------

PLAIN = {**NO, "low_back_pain": True, "duration_days": 3}
LONG = {**PLAIN, "duration_days": 100}
NERVE = {**PLAIN, **HERNIA}


def plan_of(here: Edition, answers: dict[str, object]) -> dict[str, Recommendation]:
    found = decide(Case(on=ON, edition=here.id, answers=answers)).plan
    return {one.id: here.rule(one.id) for one in found}


def done(here: Edition, answers: dict[str, object]) -> set[Act]:
    return {act for rule in plan_of(here, answers).values() for act in rule.does}


@REVISED
def test_a_foreign_edition_revises_current_and_says_that_no_doctor_has_reviewed_it(here):
    assert here.revises == "current"
    assert CURRENT.revises is LEAFLET.revises is None
    assert here.reviewer == "nobody yet"
    assert "from excerpts; awaiting medical review" in here.title["en"]
    assert "wacht op medische beoordeling" in here.title["nl"]


@REVISED
def test_a_foreign_edition_has_the_very_alarms_classes_and_reviews_of_current(here):
    for ours, theirs in ((CURRENT.alarms, here.alarms), (CURRENT.classes, here.classes)):
        assert all(one is other for one, other in zip(ours, theirs, strict=True))
    assert all(one is other for one, other in zip(CURRENT.reviews, here.reviews, strict=True))


@pytest.mark.parametrize(
    ("here", "gone"),
    [(NICE, {"what_may_i_take", "paracetamol", "nsaid", "mind"}), (ACP, {"what_may_i_take", "paracetamol", "nsaid"})],
    ids=lambda one: one.id if isinstance(one, Edition) else "",
)
def test_a_foreign_edition_drops_these_recommendations_and_shares_all_others_with_current(here, gone):
    assert {rule.id for rule in CURRENT.recommendations} - {rule.id for rule in here.recommendations} == gone
    assert all(rule.id.endswith(f"_{here.id}") for rule in own_rules(here))


SEEN = {
    "what_may_i_take_nice": (("NICE-D",), "V-2"),
    "paracetamol_nice": (("NICE-D", "PACE"), "V-2"),
    "nsaid_nice": (("NICE-D",), "V-2"),
    "mind_nice": (("NICE",), "D"),
    "stratify_nice": (("NICE",), "D"),
    "imaging_nice": (("NICE",), "D"),
    "weak_opioid_nice": (("NICE-D",), "V-2"),
    "chronic_opioid_nice": (("NICE-D",), "V-2"),
    "antidepressant_nice": (("NICE-D",), "V-2"),
    "anticonvulsant_nice": (("NICE-D",), "V-2"),
    "what_may_i_take_acp": (("ACP",), "V-2"),
    "paracetamol_acp": (("ACP", "PACE"), "V-2"),
    "nsaid_acp": (("ACP",), "V-2"),
    "muscle_relaxant_acp": (("ACP",), "V-2"),
    "second_line_acp": (("ACP",), "V-2"),
    "oral_steroid_acp": (("ACP",), "V-2"),
}


def test_what_a_foreign_edition_adds_rests_on_its_guideline_and_was_seen_as_well_as_the_evidence_says():
    added = [rule for here in (NICE, ACP) for rule in own_rules(here)]
    assert {rule.id: (rule.because, str(rule.status)) for rule in added} == SEEN


@pytest.mark.parametrize(
    ("here", "day", "phase"),
    [(CURRENT, 28, "acute"), (CURRENT, 29, "acute"), (CURRENT, 42, "acute"), (CURRENT, 43, "subacute"),
     (NICE, 42, "acute"), (NICE, 43, "subacute"),
     (ACP, 28, "acute"), (ACP, 29, "subacute"), (ACP, 84, "subacute"), (ACP, 85, "chronic")],
    ids=lambda one: one.id if isinstance(one, Edition) else one,
)  # fmt: skip
def test_acp_calls_back_pain_acute_for_four_weeks_and_the_others_for_six(here, day, phase):
    assert decide(Case(on=ON, edition=here.id, answers={**PLAIN, "duration_days": day})).phase == phase


def test_the_four_weeks_of_acp_say_that_they_are_our_reading_of_acp():
    number = ACP.parameter("acute_to")
    assert (number, number.because, number.status) == (28, ("ACP",), Status.OWN_CHOICE)
    assert [one.name for one in ACP.parameters if one is not CURRENT.parameter(one.name)] == ["acute_to"]
    assert all(one is CURRENT.parameter(one.name) for one in NICE.parameters)


@pytest.mark.parametrize("answers", [PLAIN, LONG, NERVE], ids=["plain", "long", "nerve"])
def test_only_current_offers_paracetamol_and_every_edition_an_nsaid_to_who_may_have_one(answers):
    assert {here.id for here in (CURRENT, NICE, ACP) if Act.PARACETAMOL in done(here, answers)} == {"current"}
    for here in (CURRENT, NICE, ACP):
        assert Act.NSAID in done(here, answers)
        assert Act.NSAID not in done(here, {**answers, "nsaid_contraindication": True})
        assert Act.NSAID not in done(here, {id: it for id, it in answers.items() if id != "nsaid_contraindication"})


@REVISED
@pytest.mark.parametrize("lang", ["nl", "en"])
def test_no_advice_of_a_foreign_edition_recommends_paracetamol(here, lang):
    named = {rule.id for rule in here.recommendations if "paracetamol" in plan_text(rule.id, lang).lower()}
    against = {f"what_may_i_take_{here.id}", f"paracetamol_{here.id}"}
    assert named == against | {"what_may_i_take_alarm", "fever_can_hide"}  # "ask whether", and "can hide a fever"
    refusal = {"nl": "aangeraden", "en": "advised"}[lang]
    assert all(refusal in plan_text(id, lang) for id in against)


@pytest.mark.parametrize("day", [0, 20, 21, 100])
@pytest.mark.parametrize("answers", [PLAIN, NERVE], ids=["plain", "nerve"])
def test_nice_asks_about_worries_at_the_first_contact_and_the_others_after_three_weeks(answers, day):
    told = {**answers, "duration_days": day, "treatments_failed": 0}
    assert {"mind_nice", "stratify_nice"} <= plan_of(NICE, told).keys()
    for here in (CURRENT, ACP):
        assert ("mind" in plan_of(here, told)) is (day >= 21)


def test_nobody_has_a_back_pictured_and_nice_tells_the_clinician_so_outside_specialist_care():
    for here in (CURRENT, NICE, ACP):
        for answers in (PLAIN, LONG):
            assert decide(Case(on=ON, edition=here.id, answers=answers)).imaging is Use.NOT_USEFUL
            assert ("imaging_nice" in plan_of(here, answers)) is (here is NICE)


def test_with_leg_pain_it_is_the_specialist_who_orders_the_picture_in_all_three():
    told = {**NERVE, "duration_days": 50, "relief_sufficient": False}
    found = [decide(Case(on=ON, edition=here.id, answers=told)) for here in (CURRENT, NICE, ACP)]
    assert {(one.imaging, one.imaging_by) for one in found} == {(CONSIDER, "specialist")}


CLINICIAN_ONLY = {
    NICE: {"stratify_nice", "imaging_nice", "weak_opioid_nice", "chronic_opioid_nice", "antidepressant_nice",
           "anticonvulsant_nice"},
    ACP: {"muscle_relaxant_acp", "second_line_acp", "oral_steroid_acp"},
}  # fmt: skip


@REVISED
def test_medicines_on_prescription_are_for_the_clinician_to_know_and_no_opioid_is_started(here):
    own = own_rules(here)
    assert {rule.id for rule in own if rule.audience == "clinician"} == CLINICIAN_ONLY[here]
    opioids = [rule for rule in own if "opioid" in plan_text(rule.id, "en")]
    assert opioids
    for rule in opioids:
        assert (rule.audience, rule.does) == ("clinician", {Act.INFORM})
        assert Act.OPIOID_START in rule.forbids


def test_who_hears_of_which_medicine():
    against = {**PLAIN, "nsaid_contraindication": True}
    assert {"weak_opioid_nice"} == {id for id in plan_of(NICE, against) if "opioid" in id}
    assert "weak_opioid_nice" not in plan_of(NICE, PLAIN)
    assert {"chronic_opioid_nice"} == {id for id in plan_of(NICE, {**against, **LONG}) if "opioid" in id}
    assert "anticonvulsant_nice" in plan_of(NICE, NERVE)
    assert "anticonvulsant_nice" not in plan_of(NICE, PLAIN)
    assert "antidepressant_nice" in plan_of(NICE, PLAIN)
    for day, acute, chronic in ((28, True, False), (29, False, False), (83, False, False), (84, False, True)):
        found = plan_of(ACP, {**PLAIN, "duration_days": day})
        assert ("muscle_relaxant_acp" in found, "second_line_acp" in found) == (acute, chronic)
        assert "oral_steroid_acp" in found


ALARMED = {
    "a numb saddle": {**PLAIN, "saddle_numbness": True},
    "a fever": {**PLAIN, "fever_reported": True},
    "a cancer before": {**PLAIN, "cancer_history": True},
    "an old fracture risk": {**PLAIN, "age_years": 80, "osteoporosis_known": True},
    "a dead foot": {**NERVE, "foot_drop": True},
    "a fever, perhaps": {id: answer for id, answer in PLAIN.items() if id != "fever_reported"},
}


@REVISED
@pytest.mark.parametrize("who", ALARMED)
def test_an_alarm_goes_before_everything_that_a_foreign_edition_adds(here, who):
    if who == "a fever, perhaps":
        case = Case(on=ON, edition=here.id, answers=ALARMED[who], unclear=frozenset({"fever_reported"}))
        added = {one.id for one in decide(case).plan}
    else:
        added = plan_of(here, ALARMED[who]).keys()
    added &= {rule.id for rule in own_rules(here)}
    # The first contact is about the mind too, unless an alarm is hard: so it is in current, after three weeks.
    assert added <= ({"mind_nice", "stratify_nice"} if who == "an old fracture risk" else set())


QUESTIONS = ("may_i_move", "may_i_lift", "may_i_work", "may_i_drive", "how_do_i_sleep", "what_may_i_take", "when_over")


@REVISED
@pytest.mark.parametrize("who", [*PEOPLE, *ALARMED])
def test_each_first_question_is_answered_once_in_a_foreign_edition_too(here, who):
    answers = PEOPLE.get(who, ALARMED.get(who))
    asked = [id for id, rule in plan_of(here, answers).items() if rule.section == "questions"]
    assert sorted(question for id in asked for question in QUESTIONS if id.startswith(question)) == sorted(QUESTIONS)
