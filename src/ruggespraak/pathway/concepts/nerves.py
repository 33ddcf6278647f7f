"""Nerves: loss of strength or feeling, the cauda equina, the spinal cord (PATHWAY §4 R1-R4; evidence §1b, §1c)."""

from ruggespraak.logic import Expression, Finding, all_of, any_of
from ruggespraak.pathway.findings import (
    anal_tone_reduced,
    bilateral_radicular,
    faecal_incontinence_new,
    faecal_incontinence_new_before_episode,
    foot_drop,
    heel_walk_fails,
    mrc_ankle_dorsiflexion,
    mrc_big_toe_extension,
    mrc_hip_flexion,
    mrc_knee_extension,
    mrc_plantar_flexion,
    numb_leg,
    perianal_sensation_reduced,
    post_void_residual_ml,
    saddle_numbness,
    saddle_numbness_before_episode,
    sexual_dysfunction_new,
    sexual_dysfunction_new_before_episode,
    toe_walk_fails,
    urinary_incontinence_new,
    urinary_incontinence_new_before_episode,
    urinary_retention,
    urinary_retention_before_episode,
    weak_leg_reported,
)
from ruggespraak.pathway.numbers import MRC_MILD, MRC_SEVERE, RESIDUAL_URINE

MRC = (
    mrc_hip_flexion,
    mrc_knee_extension,
    mrc_ankle_dorsiflexion,
    mrc_big_toe_extension,
    mrc_plantar_flexion,
)
mrc_severe = any_of(mrc <= MRC_SEVERE for mrc in MRC).named("mrc_severe")
mrc_lowered = any_of(mrc <= MRC_MILD for mrc in MRC).named("mrc_lowered")
complete_examination = all_of(mrc >= MRC_MILD for mrc in MRC).named("complete_examination")


def new(sign: Finding, before: Finding) -> Expression:
    """A sign that counts unless it was there before this episode, and unchanged."""
    return sign.unless(before.named(before.id))


BEFORE = {
    saddle_numbness: saddle_numbness_before_episode,
    urinary_retention: urinary_retention_before_episode,
    urinary_incontinence_new: urinary_incontinence_new_before_episode,
    faecal_incontinence_new: faecal_incontinence_new_before_episode,
    sexual_dysfunction_new: sexual_dysfunction_new_before_episode,
}
PATIENT_CAUDA = (saddle_numbness, urinary_retention, urinary_incontinence_new, faecal_incontinence_new)

cauda_sign = any_of(
    [
        *(new(sign, BEFORE[sign]) for sign in PATIENT_CAUDA),
        perianal_sensation_reduced,
        anal_tone_reduced,
        post_void_residual_ml > RESIDUAL_URINE,
    ]
).named("cauda_sign")
cauda_denied = all_of(~sign for sign in PATIENT_CAUDA)

reported_weakness = weak_leg_reported | heel_walk_fails | toe_walk_fails
_weak = foot_drop | mrc_lowered | reported_weakness
motor_deficit = _weak.named("motor_deficit")
deficit = (_weak | numb_leg | cauda_sign).named("deficit")
deficit_both_legs = (deficit & bilateral_radicular).named("deficit_both_legs")
