"""Pain: where it is, what kind it is, how long it has been there (PATHWAY §5; evidence §3a)."""

from ruggespraak.logic import at_least
from ruggespraak.pathway.concepts.nerves import mrc_lowered, reported_weakness
from ruggespraak.pathway.findings import (
    age_at_first_onset,
    age_years,
    cough_sneeze_strain,
    course,
    crossed_slr,
    duration_days,
    foot_drop,
    improving,
    leg_pain,
    leg_pain_below_knee,
    leg_pain_dermatomal,
    leg_worse_than_back,
    low_back_pain,
    numb_leg,
    onset_mode,
    pain_location,
    reflex_reduced,
    relief_sufficient,
    sensory_loss,
    slr_positive,
    sudden_severe_tearing,
)
from ruggespraak.pathway.numbers import (
    AGE_MALIGNANCY_SURE,
    BEGAN_THIS_DECADE,
    BEGAN_THIS_YEAR,
    CHRONIC_FROM,
    NO_IMPROVEMENT_FROM,
    ONSET_MALIGNANCY,
    PSYCHOSOCIAL_FROM,
    WEIGH_SURGERY_FROM,
)

pain = (low_back_pain | leg_pain).named("pain_back_or_leg")
# The whole back: an infection of the spine also sits high or to the side.
back_pain = (low_back_pain | pain_location.one_of("thoracic", "flank")).named("back_pain")
worsening = course.one_of("worse")
sudden_or_worse = (onset_mode.one_of("sudden") | sudden_severe_tearing | worsening).named("sudden_or_worse")

# A root that is pinched: pain in the leg with two of four characteristics; an examination makes it probable.
root_pattern = at_least(2, [leg_pain_below_knee, leg_worse_than_back, leg_pain_dermatomal, cough_sneeze_strain])
root_sign = (
    slr_positive | crossed_slr | reflex_reduced | sensory_loss | numb_leg | foot_drop | mrc_lowered | reported_weakness
)
radicular = (leg_pain & root_pattern).named("radicular_pattern")
radicular_probable = (leg_pain & root_pattern & root_sign).named("radicular_probable")

not_enough_relief = (~relief_sufficient).named("not_enough_relief")
enough_relief = relief_sufficient
no_improvement = ((duration_days > NO_IMPROVEMENT_FROM) & ~improving).named("no_improvement")
time_for_surgery_talk = duration_days >= WEIGH_SURGERY_FROM
# Who gives a date and a number of days that disagree can be both too early and in time: then it is weighed.
surgery_to_weigh = (radicular & time_for_surgery_talk & not_enough_relief).named("surgery_to_weigh")
persistent = duration_days >= CHRONIC_FROM
three_weeks = duration_days >= PSYCHOSOCIAL_FROM

# "Began after 50": asked as the age at first onset, or seen from today's age and how long this pain has lasted.
began_after_50 = (
    (age_years > ONSET_MALIGNANCY)
    & (
        (age_at_first_onset > ONSET_MALIGNANCY)
        | (duration_days <= BEGAN_THIS_YEAR)
        | ((age_years > AGE_MALIGNANCY_SURE) & (duration_days <= BEGAN_THIS_DECADE))
    )
).named("began_after_50")
# However long it lasts, one of the two holds: it began after 50, or it has not improved. So the days need not be known.
after_50_not_improving = (age_years > ONSET_MALIGNANCY) & ~improving
