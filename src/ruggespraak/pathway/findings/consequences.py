"""What one answer says about another question, and which answers disagree (PATHWAY §1, §2).

Where two answers disagree, the more alarming one counts and both are reported. Nothing here guesses: each consequence
is what the words themselves mean.
"""

from ruggespraak.logic import all_of, any_of
from ruggespraak.pathway.concepts.nerves import MRC
from ruggespraak.pathway.findings import (
    age_years,
    bilateral_radicular,
    course,
    fever_c,
    fever_reported,
    first_episode,
    foot_drop,
    improving,
    leg_pain,
    leg_pain_below_knee,
    leg_pain_dermatomal,
    leg_pain_side,
    leg_worse_than_back,
    low_back_pain,
    night_pain_relief_on_rising,
    opioid_current,
    pain_location,
    pain_unbearable,
    pain_uncontrolled_despite_opioid,
    pregnant,
    prev_episodes_n,
    recent_spinal_or_urological_procedure,
    relief_sufficient,
    sex_at_birth,
    spinal_procedure_days_ago,
    weak_leg_reported,
    weakness_progressive,
)
from ruggespraak.pathway.numbers import AGE_PREGNANCY_TO, FEVER_FROM, PROCEDURE_RECENT
from ruggespraak.pathway.rules import Conflict, Derivation

measured_fever = fever_c >= FEVER_FROM
not_better = course.one_of("same", "worse")
says_leg_pain = any_of(
    [
        leg_pain_side.one_of("left", "right", "both"),
        pain_location.one_of("leg"),
        leg_pain_below_knee,
        leg_pain_dermatomal,
        leg_worse_than_back,
    ]
)

_LONG_AGO = spinal_procedure_days_ago.maximum or 0

# The order counts: a later line may rest on what an earlier one filled in.
CONSEQUENCES = (
    Derivation(finding="leg_pain", value=True, when=says_leg_pain, overrules=True),
    Derivation(finding="bilateral_radicular", value=True, when=leg_pain_side.one_of("both"), overrules=True),
    Derivation(finding="low_back_pain", value=True, when=pain_location.one_of("low_back"), overrules=True),
    Derivation(finding="fever_reported", value=True, when=measured_fever, overrules=True),
    Derivation(finding="fever_reported", value=False, when=fever_c < FEVER_FROM),
    Derivation(finding="pain_unbearable", value=True, when=pain_uncontrolled_despite_opioid, overrules=True),
    Derivation(finding="pain_uncontrolled_despite_opioid", value=False, when=~pain_unbearable | ~opioid_current),
    Derivation(
        finding="recent_spinal_or_urological_procedure",
        value=True,
        when=spinal_procedure_days_ago < PROCEDURE_RECENT,
        overrules=True,
    ),
    # Who never had a procedure had none in the days that any rule asks about.
    Derivation(finding="spinal_procedure_days_ago", value=_LONG_AGO, when=~recent_spinal_or_urological_procedure),
    Derivation(finding="pregnant", value=False, when=sex_at_birth.one_of("male") | (age_years >= AGE_PREGNANCY_TO)),
    Derivation(finding="improving", value=False, when=not_better, overrules=True),
    Derivation(finding="improving", value=True, when=course.one_of("better")),
    Derivation(finding="relief_sufficient", value=False, when=~improving, overrules=True),
    Derivation(finding="ibp_night_improves_up", value=True, when=night_pain_relief_on_rising),
    Derivation(finding="ibp_night_improves_up", value=False, when=~night_pain_relief_on_rising),
)

CONFLICTS = (
    Conflict(id="leg_pain_denied", when=~leg_pain & says_leg_pain),
    Conflict(id="leg_pain_denied_both_legs", when=~leg_pain & leg_pain_side.one_of("both")),
    Conflict(id="both_legs_denied", when=~bilateral_radicular & leg_pain_side.one_of("both")),
    Conflict(id="foot_drop_full_strength", when=foot_drop & all_of(mrc > 3 for mrc in MRC[2:4])),
    Conflict(id="foot_drop_denied", when=~foot_drop & any_of(mrc <= 3 for mrc in MRC[2:3])),
    Conflict(id="weakness_denied", when=~weak_leg_reported & (foot_drop | weakness_progressive)),
    Conflict(id="weakness_not_found", when=weak_leg_reported & all_of(mrc >= 5 for mrc in MRC)),
    Conflict(id="fever_denied", when=~fever_reported & measured_fever),
    Conflict(id="fever_not_measured", when=fever_reported & (fever_c < FEVER_FROM)),
    Conflict(id="back_pain_denied", when=~low_back_pain & pain_location.one_of("low_back")),
    Conflict(id="course_and_improving", when=(improving & not_better) | (~improving & course.one_of("better"))),
    Conflict(id="relief_without_improvement", when=relief_sufficient & (not_better | ~improving)),
    Conflict(id="pain_bearable_and_uncontrolled", when=~pain_unbearable & pain_uncontrolled_despite_opioid),
    Conflict(
        id="procedure_denied",
        when=~recent_spinal_or_urological_procedure & (spinal_procedure_days_ago < PROCEDURE_RECENT),
    ),
    Conflict(id="pregnant_man", when=pregnant & sex_at_birth.one_of("male")),
    Conflict(id="first_and_earlier_episodes", when=first_episode & (prev_episodes_n >= 1)),
)
