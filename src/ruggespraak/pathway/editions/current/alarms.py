"""The red flags, row by row as PATHWAY §4 has them. R18 and R19 (unclear, not asked) are part of every decision."""

from ruggespraak.logic import Expression, Named, any_of, at_least
from ruggespraak.pathway.concepts import causes
from ruggespraak.pathway.concepts.nerves import (
    BEFORE,
    cauda_denied,
    cauda_sign,
    complete_examination,
    deficit,
    deficit_both_legs,
    motor_deficit,
    mrc_lowered,
    new,
    reported_weakness,
)
from ruggespraak.pathway.concepts.pain import back_pain, pain, sudden_or_worse, worsening
from ruggespraak.pathway.editions import referrals as to
from ruggespraak.pathway.editions.leaflet.paralysis import HARD_FORBIDS, R2, R3
from ruggespraak.pathway.findings import (
    age_years,
    anticoagulant,
    babinski_or_clonus,
    bechterew_known,
    bilateral_radicular,
    bilateral_since_days,
    cancer_history,
    cancer_pain_unchanged,
    clinician_concern,
    collapse_or_shock,
    constant_nonmechanical_pain,
    crp_mg_l,
    duration_days,
    fever_reported,
    gait_unsteady,
    gynaecological_or_bowel,
    hla_b27,
    known_aaa,
    leg_pain,
    lhermitte,
    low_back_pain,
    malaise,
    onset_mode,
    pain_unbearable,
    pain_uncontrolled_despite_opioid,
    pregnant,
    pulsating_abdomen,
    reflex_brisk,
    sexual_dysfunction_new,
    significant_trauma,
    smoking,
    spinal_procedure_days_ago,
    step_off_L4L5,
    sudden_severe_tearing,
    trauma_days_ago,
    urinary_or_flank,
    walk_claudication,
    worry_distress,
    wound_problem,
)
from ruggespraak.pathway.numbers import (
    AGE_ADULT,
    AGE_ANEURYSM,
    AGE_STENOSIS,
    BILATERAL_LONG,
    CLOCK_CORD,
    CLOCK_DEFICIT,
    CLOCK_LEG,
    CLOCK_LOCAL,
    CRP_HIGH,
    DAYS_HAEMATOMA,
    DAYS_NEW_ANEURYSM,
    DAYS_NEW_INFECTION,
    DAYS_TRAUMA,
    ONSET_LISTHESIS,
    PARESIS_STABLE,
    PROCEDURE_RECENT,
    STENOSIS_FROM,
)
from ruggespraak.pathway.rules import Act, Alarm, Imaging, Parameter, Status, Tier, Urgency, Use

D = Status.OWN_CHOICE
HARD = Tier.HARD
EMERGENCY, SAME_DAY, WITHIN_DAYS, ROUTINE = Urgency.EMERGENCY, Urgency.SAME_DAY, Urgency.WITHIN_DAYS, Urgency.ROUTINE
SERIOUS_FORBIDS = frozenset({Act.EXERCISE, Act.MANUAL_TREATMENT, Act.PHYSIOTHERAPY, Act.NSAID})
BOTH = HARD_FORBIDS | SERIOUS_FORBIDS

Pictures = tuple[tuple[Imaging, Expression | None], ...]


def needed(by: str, within: Parameter | None = None) -> Pictures:
    return ((Imaging(use=Use.NEEDED, by=by, within_hours=within), None),)


def consider(by: str = "specialist") -> Pictures:
    return ((Imaging(use=Use.CONSIDER, by=by), None),)


# R1 cauda equina ---------------------------------------------------------------------------------------------------

both_legs_long = ((bilateral_since_days > BILATERAL_LONG) & cauda_denied).named("both_legs_long")
both_legs = bilateral_radicular.unless(both_legs_long)
cauda_threat = (both_legs | new(sexual_dysfunction_new, BEFORE[sexual_dysfunction_new])).named("cauda_threat")

R1 = Alarm(
    id="R1", row="R1", suspects="cauda_equina", tier=HARD, urgency=EMERGENCY, when=cauda_sign,
    refer=(to.NEUROLOGIST_NOW,), imaging=needed("specialist"), forbids=BOTH, because=("NHG55s", "TERG", "PVR"),
)  # fmt: skip
R1_before = Alarm(
    id="R1_before", row="R1", urgency=ROUTINE, when=any_of(sign & before for sign, before in BEFORE.items()),
    refer=(to.GP_REVIEW,), because=(), status=D,
)  # fmt: skip
R1b = Alarm(
    id="R1b", row="R1b", suspects="cauda_equina", tier=HARD, urgency=SAME_DAY, when=cauda_threat,
    refer=(to.CAUDA_TODAY,), imaging=consider(), forbids=BOTH, because=("BASS-C", "CES334", "NVMT"),
)  # fmt: skip
R1b_motor = Alarm(
    id="R1b_motor", row="R1b", suspects="cauda_equina", tier=HARD, urgency=EMERGENCY,
    when=cauda_threat & motor_deficit,
    refer=(to.NEUROLOGIST_NOW,), imaging=needed("specialist"), forbids=BOTH, because=("BASS-C",), status=D,
)  # fmt: skip

# R2, R3 paresis (R2 and R3 are the leaflet's own: S10) -------------------------------------------------------------

weakness_not_examined = reported_weakness.unless(complete_examination)
R2u = Alarm(
    id="R2u", row="R2u", suspects="paresis", tier=HARD, urgency=SAME_DAY, when=weakness_not_examined,
    refer=(to.STRENGTH_TODAY,), imaging=consider(), forbids=HARD_FORBIDS, because=("NHG55s",), status=D,
)  # fmt: skip
R2u_both = Alarm(
    id="R2u_both", row="R2u", suspects="paresis", tier=HARD, urgency=EMERGENCY,
    when=weakness_not_examined & bilateral_radicular,
    refer=(to.NEUROLOGIST_NOW,), imaging=consider(), forbids=HARD_FORBIDS, because=("NHG55s", "BASS-C"), status=D,
)  # fmt: skip
paresis_old = (duration_days > PARESIS_STABLE).named("paresis_old")
R3b = Alarm(
    id="R3b", row="R3b", suspects="paresis", urgency=WITHIN_DAYS,
    when=mrc_lowered.unless(paresis_old) | (mrc_lowered & worsening),
    refer=(to.STRENGTH_DAYS,), imaging=consider(), because=("NHG55s", "PETR"), status=D,
)  # fmt: skip
R3b_stable = Alarm(
    id="R3b_stable", row="R3b", suspects="paresis", urgency=ROUTINE, when=mrc_lowered,
    refer=(to.STRENGTH_ROUTINE,), imaging=consider(), because=(), status=D,
)  # fmt: skip

# R4 cord -----------------------------------------------------------------------------------------------------------

cord_sign = (babinski_or_clonus | (reflex_brisk & (gait_unsteady | deficit_both_legs)) | lhermitte).named("cord_sign")
R4 = Alarm(
    id="R4", row="R4", suspects="cord_compression", tier=HARD, urgency=EMERGENCY, when=cord_sign,
    refer=(to.NEUROLOGIST_NOW,), imaging=needed("specialist"), forbids=BOTH, because=("IKNL-WM",),
)  # fmt: skip
R4_gait = Alarm(
    id="R4_gait", row="R4", suspects="cord_compression", tier=HARD, urgency=SAME_DAY, when=gait_unsteady,
    refer=(to.GAIT_TODAY,), imaging=needed("specialist"), forbids=BOTH, because=("IKNL-WM",), status=D,
)  # fmt: skip

# R5 metastasis, R6 malignancy --------------------------------------------------------------------------------------

cancer = cancer_history.unless(cancer_pain_unchanged.named("cancer_pain_unchanged"))
R5 = Alarm(
    id="R5", row="R5", suspects="metastasis", tier=HARD, urgency=WITHIN_DAYS, when=cancer,
    refer=(to.ONCOLOGIST_DAYS,),
    imaging=(*needed("specialist", CLOCK_LOCAL), (needed("specialist", CLOCK_LEG)[0][0], leg_pain)),
    forbids=BOTH, because=("IKNL-WM", "DOWNIE"),
)  # fmt: skip
R5_deficit = Alarm(
    id="R5_deficit", row="R5", suspects="metastasis", tier=HARD, urgency=SAME_DAY, when=cancer & deficit,
    refer=(to.ONCOLOGIST_TODAY,),
    # Over 7 days of deficit the clock is 48 hours. No finding says how long a deficit is there: the short clock counts.
    imaging=needed("specialist", CLOCK_DEFICIT),
    forbids=BOTH, because=("IKNL-WM",),
)  # fmt: skip
R5_cord = Alarm(
    id="R5_cord", row="R5", suspects="metastasis", tier=HARD, urgency=EMERGENCY,
    when=cancer & (cord_sign | bilateral_radicular),
    refer=(to.ONCOLOGIST_NOW,), imaging=needed("specialist", CLOCK_CORD), forbids=BOTH, because=("IKNL-WM",),
)  # fmt: skip
R5_unchanged = Alarm(
    id="R5_unchanged", row="R5", urgency=ROUTINE, when=cancer_history & cancer_pain_unchanged,
    refer=(to.GP_REVIEW,), because=(), status=D,
)  # fmt: skip
R6 = Alarm(
    id="R6", row="R6", suspects="malignancy", urgency=WITHIN_DAYS,
    when=at_least(2, causes.tumour_strong) | (any_of(causes.tumour_strong) & causes.any_tumour_weak),
    refer=(to.GP_TUMOUR,), imaging=consider(), tests=("blood_tumour",), forbids=SERIOUS_FORBIDS,
    because=("NHG54-05", "AHCPR"), status=D,
)  # fmt: skip
R6_review = Alarm(
    id="R6_review", row="R6", urgency=ROUTINE, when=causes.two_tumour_weak, refer=(to.GP_REVIEW,),
    because=("NHG54-05", "DOWNIE"), status=D,
)  # fmt: skip

# R7 fracture -------------------------------------------------------------------------------------------------------

trauma_old = (trauma_days_ago > DAYS_TRAUMA).named("trauma_old")
R7 = Alarm(
    id="R7", row="R7", suspects="fracture", tier=HARD, urgency=EMERGENCY, when=significant_trauma.unless(trauma_old),
    refer=(to.EMERGENCY_ROOM,), imaging=needed("specialist"), forbids=BOTH, because=("NHG54-05", "DOWNIE"),
)  # fmt: skip
R7_late = Alarm(
    id="R7_late", row="R7", suspects="fracture", tier=HARD, urgency=WITHIN_DAYS, when=significant_trauma,
    refer=(to.GP_X_RAY,), imaging=needed("gp"), forbids=BOTH, because=("NHG54-05", "DOWNIE"), status=D,
)  # fmt: skip
R7b = Alarm(
    id="R7b", row="R7b", suspects="fracture", urgency=WITHIN_DAYS,
    when=at_least(2, causes.bone_main) | (any_of(causes.bone_main) & (causes.fragile_fall | causes.bone_extra)),
    refer=(to.GP_X_RAY,), imaging=needed("gp"), forbids=SERIOUS_FORBIDS, because=("DOWNIE", "BACE", "HEN09"),
    status=D,
)  # fmt: skip

# R8 infection ------------------------------------------------------------------------------------------------------

infection_old = (duration_days > DAYS_NEW_INFECTION).named("infection_pain_old")
R8 = Alarm(
    id="R8", row="R8", suspects="infection", tier=HARD, urgency=SAME_DAY, when=fever_reported & back_pain,
    refer=(to.GP_INFECTION_TODAY,), imaging=consider(), tests=("blood_infection",), forbids=BOTH,
    because=("HEDIS", "AHCPR"), status=D,
)  # fmt: skip
R8_deficit = Alarm(
    id="R8_deficit", row="R8", suspects="infection", tier=HARD, urgency=EMERGENCY,
    when=fever_reported & back_pain & deficit,
    refer=(to.INFECTION_NOW,), imaging=needed("specialist"), tests=("blood_infection",), forbids=BOTH,
    because=("AHCPR",), status=D,
)  # fmt: skip
R8_sign = Alarm(
    id="R8_sign", row="R8", suspects="infection", urgency=SAME_DAY,
    when=causes.infection_risk & causes.infection_sign,
    refer=(to.GP_INFECTION_TODAY,), imaging=consider(), tests=("blood_infection",), forbids=SERIOUS_FORBIDS,
    because=("HEDIS", "AHCPR"), status=D,
)  # fmt: skip
R8_ill = Alarm(
    id="R8_ill", row="R8", suspects="infection", urgency=WITHIN_DAYS,
    when=causes.infection_risk & (malaise | constant_nonmechanical_pain),
    refer=(to.GP_INFECTION_DAYS,), imaging=consider(), tests=("blood_infection",), forbids=SERIOUS_FORBIDS,
    because=("HEDIS",), status=D,
)  # fmt: skip
R8_new = Alarm(
    id="R8_new", row="R8", suspects="infection", urgency=WITHIN_DAYS,
    when=causes.infection_risk_strong & (pain.unless(infection_old) | worsening),
    refer=(to.GP_INFECTION_DAYS,), imaging=consider(), tests=("blood_infection",), forbids=SERIOUS_FORBIDS,
    because=("HEDIS",), status=D,
)  # fmt: skip
R8_crp = Alarm(
    id="R8_crp", row="R8", suspects="infection", urgency=SAME_DAY, when=(crp_mg_l >= CRP_HIGH) & back_pain,
    refer=(to.GP_INFECTION_TODAY,), imaging=consider(), tests=("blood_infection",), forbids=SERIOUS_FORBIDS,
    because=(), status=D,
)  # fmt: skip

# R9 axial spondyloarthritis, R11 listhesis -------------------------------------------------------------------------

R9 = Alarm(
    id="R9", row="R9", suspects="axial_spa", urgency=ROUTINE,
    when=bechterew_known
    | (
        causes.young_and_long
        & (
            causes.cafaspa
            | (causes.inflammatory_back_pain & causes.spa_feature)
            | (hla_b27 & at_least(2, causes.spa_features))
        )
    ),
    refer=(to.RHEUMATOLOGIST,), imaging=consider(), tests=("blood_spa",),
    because=("CAFA", "ASAS-IBP", "ASAS-SPA", "S3"),
)  # fmt: skip
R11 = Alarm(
    id="R11", row="R11", suspects="listhesis", urgency=ROUTINE,
    when=causes.began_before(ONSET_LISTHESIS) & step_off_L4L5,
    refer=(to.ORTHOPAEDIST,), because=("NHG54-05",),
)  # fmt: skip

# R10 aneurysm, R13 haematoma ---------------------------------------------------------------------------------------

aneurysm_pain_old = (duration_days > DAYS_NEW_ANEURYSM).named("aneurysm_pain_old")
ever_smoked = smoking.one_of("former", "current")
R10 = Alarm(
    id="R10", row="R10", suspects="aneurysm", tier=HARD, urgency=EMERGENCY,
    when=pulsating_abdomen
    | known_aaa.unless(aneurysm_pain_old)
    | (sudden_severe_tearing & (collapse_or_shock | ((age_years > AGE_ANEURYSM) & ever_smoked))),
    refer=(to.AMBULANCE,), imaging=needed("specialist"), forbids=BOTH, because=(), status=D,
)  # fmt: skip
R10_tearing = Alarm(
    id="R10_tearing", row="R10", suspects="aneurysm", tier=HARD, urgency=SAME_DAY, when=sudden_severe_tearing,
    refer=(to.TEARING_TODAY,), imaging=needed("specialist"), forbids=BOTH, because=(), status=D,
)  # fmt: skip
R13 = Alarm(
    id="R13", row="R13", suspects="haematoma", tier=HARD, urgency=EMERGENCY,
    when=(anticoagulant | (spinal_procedure_days_ago <= DAYS_HAEMATOMA)) & deficit & sudden_or_worse,
    refer=(to.HAEMATOMA_NOW,), imaging=needed("specialist"), forbids=BOTH, because=(), status=D,
)  # fmt: skip

# R12 pain out of control -------------------------------------------------------------------------------------------

R12 = Alarm(
    id="R12", row="R12", suspects="uncontrolled_pain", tier=HARD, urgency=SAME_DAY, when=pain_unbearable,
    refer=(to.PAIN_TODAY,), imaging=consider(), forbids=HARD_FORBIDS, because=("NHG55d",), status=D,
)  # fmt: skip
R12_opioid = Alarm(
    id="R12_opioid", row="R12", suspects="uncontrolled_pain", tier=HARD, urgency=SAME_DAY,
    when=pain_uncontrolled_despite_opioid,
    refer=(to.NEUROLOGIST_PAIN,), imaging=consider(), forbids=HARD_FORBIDS, because=("NHG55d",),
)  # fmt: skip

# R14 visceral, R15 scope, R16 concern ------------------------------------------------------------------------------

organ_pain = constant_nonmechanical_pain & (urinary_or_flank | gynaecological_or_bowel)
R14 = Alarm(
    id="R14", row="R14", suspects="visceral", urgency=WITHIN_DAYS, when=organ_pain, refer=(to.VISCERAL_DAYS,),
    tests=("blood_visceral",), because=(), status=D,
)  # fmt: skip
R14_ill = Alarm(
    id="R14_ill", row="R14", suspects="visceral", urgency=SAME_DAY, when=organ_pain & (fever_reported | malaise),
    refer=(to.VISCERAL_TODAY,), tests=("blood_visceral",), because=(), status=D,
)  # fmt: skip
young = age_years < AGE_ADULT
no_pain_here = ~low_back_pain & ~leg_pain
R15_child = Alarm(
    id="R15_child", row="R15", urgency=WITHIN_DAYS, when=young & back_pain, refer=(to.CHILD,), because=(), status=D
)
R15_young = Alarm(
    id="R15_young", row="R15", urgency=ROUTINE, when=young, refer=(to.CHILD,), because=(), status=D
)  # fmt: skip
R15_pregnant = Alarm(
    id="R15_pregnant", row="R15", urgency=ROUTINE, when=pregnant, refer=(to.PREGNANCY,), because=(), status=D
)
# Also with pain in the leg: a leg alone is never less urgent than no pain at all.
R15_elsewhere = Alarm(
    id="R15_elsewhere", row="R15", urgency=ROUTINE, when=~low_back_pain, refer=(to.NO_BACK,), because=(), status=D
)
R16 = Alarm(
    id="R16", row="R16", urgency=WITHIN_DAYS, when=clinician_concern, refer=(to.GP_CONCERN,), because=("KNGF-RF",),
    status=D,
)  # fmt: skip
R16_worry = Alarm(
    id="R16_worry", row="R16", urgency=ROUTINE, when=worry_distress, refer=(to.GP_REVIEW,), because=("KNGF-RF",),
    status=D,
)  # fmt: skip

# R17 complication, R20 stenosis ------------------------------------------------------------------------------------

after_procedure = spinal_procedure_days_ago < PROCEDURE_RECENT
R17 = Alarm(
    id="R17", row="R17", suspects="complication", tier=HARD, urgency=SAME_DAY,
    when=after_procedure & (worsening | (duration_days < PROCEDURE_RECENT) | fever_reported | wound_problem | deficit),
    refer=(to.SURGICAL_TEAM,), imaging=needed("specialist"), forbids=BOTH, because=("NHG55s",), status=D,
)  # fmt: skip
R17_deficit = Alarm(
    id="R17_deficit", row="R17", suspects="complication", tier=HARD, urgency=EMERGENCY, when=after_procedure & deficit,
    refer=(to.SURGICAL_TEAM_NOW,), imaging=needed("specialist"), forbids=BOTH, because=("NHG55s",), status=D,
)  # fmt: skip
R20 = Alarm(
    id="R20", row="R20", suspects="stenosis", urgency=ROUTINE,
    when=(
        walk_claudication
        & ((age_years > AGE_STENOSIS) | onset_mode.one_of("gradual") | (duration_days >= STENOSIS_FROM))
    )
    | (bilateral_radicular & (bilateral_since_days > BILATERAL_LONG)),
    refer=(to.STENOSIS,), imaging=consider(), because=("NHG55", "TERG"),
)  # fmt: skip


def _row(alarm: Alarm) -> int:
    return int("".join(letter for letter in alarm.row if letter.isdigit()))


_own = [alarm for name, alarm in list(vars().items()) if isinstance(alarm, Alarm) and name not in ("R2", "R3")]
ALARMS = tuple(sorted([R2, R3, *_own], key=_row))
NERVE_ROWS = {"R2", "R2u", "R3", "R3b", "R12"}


def groups(alarms: tuple[Alarm, ...]) -> dict[str, Named]:
    """What is said of all alarms together."""
    hard = any_of(alarm.when for alarm in alarms if alarm.tier is HARD)
    serious = any_of(alarm.when for alarm in alarms if alarm.forbids & SERIOUS_FORBIDS)
    return {
        "hard_alarm": hard.named("hard_alarm"),
        "serious_suspicion": serious.named("serious_suspicion"),
        "specific_alarm": any_of(
            alarm.when for alarm in alarms if alarm.suspects and alarm.row not in NERVE_ROWS
        ).named("specific_alarm"),
        "nerve_alarm": any_of(alarm.when for alarm in alarms if alarm.suspects and alarm.row in NERVE_ROWS).named(
            "nerve_alarm"
        ),
    }


_groups = groups(ALARMS)
hard_alarm, serious_suspicion = _groups["hard_alarm"], _groups["serious_suspicion"]
specific_alarm, nerve_alarm = _groups["specific_alarm"], _groups["nerve_alarm"]


def calm(when: Expression) -> Expression:
    """Only while nothing alarming is established."""
    return when.unless(hard_alarm).unless(serious_suspicion)
