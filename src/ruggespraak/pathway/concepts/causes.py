"""What points at a specific cause: bone, tumour, infection, inflammation (PATHWAY §4 R6-R9; evidence §1d, §1e)."""

from ruggespraak.logic import Expression, all_of, any_of, at_least
from ruggespraak.pathway.concepts.pain import after_50_not_improving, began_after_50, no_improvement
from ruggespraak.pathway.findings import (
    age_at_first_onset,
    age_years,
    arthritis_enthesitis_dactylitis,
    band_like_pain,
    chills,
    constant_nonmechanical_pain,
    contusion_abrasion,
    crp_mg_l,
    diabetes,
    duration_days,
    esr_mm_h,
    family_spa,
    good_nsaid_response,
    height_loss,
    ibd,
    ibp_improves_exercise,
    ibp_night_improves_up,
    ibp_no_improve_rest,
    immunosuppressed,
    ivdu,
    kyphosis_new,
    low_body_weight,
    malaise,
    minor_trauma_older,
    night_pain,
    night_pain_relief_on_rising,
    onset_mode,
    osteoporosis_known,
    percussion_pain,
    psoriasis,
    recent_infection_or_bacteraemia,
    recent_spinal_or_urological_procedure,
    sex_at_birth,
    steroids_long,
    tb_or_brucella_exposure,
    uveitis,
    weight_loss_unexplained,
)
from ruggespraak.pathway.numbers import (
    AGE_CONTUSION,
    AGE_FRACTURE,
    AGE_WOMAN_FRACTURE,
    CRP_RAISED,
    ESR_RAISED,
    ONSET_INFLAMMATORY,
    ONSET_SPA,
    SPA_FROM,
    SPA_LONG,
)


def began_before(years: float) -> Expression:
    """The first long back pain came before this age: as told, or because that age is still to come."""
    return (age_at_first_onset < years) | (age_years < years)


# bone
bone_main = (
    age_years >= AGE_FRACTURE,
    osteoporosis_known,
    steroids_long,
    contusion_abrasion & (age_years >= AGE_CONTUSION),
)
bone_extra = (
    height_loss | kyphosis_new | low_body_weight | (sex_at_birth.one_of("female") & (age_years > AGE_WOMAN_FRACTURE))
)

# tumour, without a known cancer
night_pain_stays = night_pain.unless(night_pain_relief_on_rising.named("night_pain_relief_on_rising"))
tumour_strong = (weight_loss_unexplained, esr_mm_h >= ESR_RAISED, band_like_pain)
tumour_pain = (constant_nonmechanical_pain, night_pain_stays, malaise)
tumour_weak = (began_after_50, *tumour_pain, no_improvement)
any_tumour_weak = any_of([*tumour_weak, after_50_not_improving])
two_tumour_weak = at_least(2, tumour_weak) | (after_50_not_improving & any_of(tumour_pain))

# infection
_strong_risk = (
    ivdu
    | immunosuppressed
    | recent_infection_or_bacteraemia
    | recent_spinal_or_urological_procedure
    | tb_or_brucella_exposure
)
infection_risk_strong = _strong_risk.named("infection_risk_strong")
infection_risk = (diabetes | _strong_risk).named("infection_risk")
infection_sign = percussion_pain | chills | (crp_mg_l >= CRP_RAISED)

# inflammation (Bechterew): ASAS five questions, CaFaSpA four
inflammatory_back_pain = at_least(
    4,
    [
        began_before(ONSET_INFLAMMATORY),
        onset_mode.one_of("gradual"),
        ibp_improves_exercise,
        ibp_no_improve_rest,
        ibp_night_improves_up,
    ],
).named("inflammatory_back_pain")
cafaspa = at_least(2, [inflammatory_back_pain, family_spa, good_nsaid_response, duration_days >= SPA_LONG])
spa_feature = uveitis | psoriasis | ibd | arthritis_enthesitis_dactylitis
spa_features = (
    inflammatory_back_pain,
    family_spa,
    good_nsaid_response,
    uveitis,
    psoriasis,
    ibd,
    arthritis_enthesitis_dactylitis,
    crp_mg_l >= CRP_RAISED,
)
young_and_long = all_of([duration_days >= SPA_FROM, began_before(ONSET_SPA)])
fragile_fall = minor_trauma_older
