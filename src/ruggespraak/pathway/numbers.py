"""The numbers of the pathway, each with its unit, its source and how well that was seen."""

from ruggespraak.pathway.rules import Parameter, Status

V, V2, M, D = Status.READ, Status.REPORTED, Status.MEMORY, Status.OWN_CHOICE

# signs
MRC_SEVERE = Parameter("mrc_severe", 3, "MRC", ("NHG55s",), V)
MRC_MILD = Parameter("mrc_mild", 4, "MRC", ("NHG55s",), D)
RESIDUAL_URINE = Parameter("residual_urine", 200, "ml", ("PVR",), V2)
FEVER_FROM = Parameter("fever_from", 38, "degrees C", (), D)
CRP_RAISED = Parameter("crp_raised", 20, "mg/L", (), D)
CRP_HIGH = Parameter("crp_high", 50, "mg/L", (), D)
ESR_RAISED = Parameter("esr_raised", 30, "mm/h", (), D)

# ages
AGE_ADULT = Parameter("age_adult", 18, "years", (), D)
AGE_PREGNANCY_TO = Parameter("age_pregnancy_to", 60, "years", (), D)
AGE_FRACTURE = Parameter("age_fracture", 75, "years", ("BACE",), V)
AGE_CONTUSION = Parameter("age_contusion", 50, "years", (), D)
AGE_WOMAN_FRACTURE = Parameter("age_woman_fracture", 60, "years", ("NHG54-05",), V)
AGE_ANEURYSM = Parameter("age_aneurysm", 60, "years", (), D)
AGE_STENOSIS = Parameter("age_stenosis", 60, "years", ("NHG55",), V)
AGE_HIDES_FEVER = Parameter("age_hides_fever", 70, "years", (), D)
ONSET_MALIGNANCY = Parameter("onset_malignancy", 50, "years", ("NHG54-05",), V)
AGE_MALIGNANCY_SURE = Parameter("age_malignancy_sure", 60, "years", (), D)
ONSET_SPA = Parameter("onset_spa", 45, "years", ("CAFA",), V)
ONSET_INFLAMMATORY = Parameter("onset_inflammatory", 40, "years", ("ASAS-IBP",), V)
ONSET_LISTHESIS = Parameter("onset_listhesis", 20, "years", ("NHG54-05",), V)

# days
BEGAN_THIS_YEAR = Parameter("began_this_year", 365, "days", (), D)
BEGAN_THIS_DECADE = Parameter("began_this_decade", 3650, "days", (), D)
VERY_LONG_FROM = Parameter("very_long_from", 365, "days", (), D)
DAYS_NEW_ANEURYSM = Parameter("days_new_aneurysm", 14, "days", (), D)
DAYS_NEW_INFECTION = Parameter("days_new_infection", 42, "days", (), D)
DAYS_TRAUMA = Parameter("days_trauma", 14, "days", (), D)
DAYS_HAEMATOMA = Parameter("days_haematoma", 14, "days", (), D)
PROCEDURE_RECENT = Parameter("procedure_recent", 42, "days", (), D)
BILATERAL_LONG = Parameter("bilateral_long", 90, "days", (), D)
PARESIS_STABLE = Parameter("paresis_stable", 90, "days", (), D)
SPA_FROM = Parameter("spa_from", 90, "days", ("CAFA",), V)
SPA_LONG = Parameter("spa_long", 1826, "days", ("CAFA",), V)
NO_IMPROVEMENT_FROM = Parameter("no_improvement_from", 42, "days", ("NHG54-05",), D)
STENOSIS_FROM = Parameter("stenosis_from", 90, "days", ("NHG55",), D)
ACUTE_TO = Parameter("acute_to", 42, "days", ("NHG54-05", "ACP"), V)
CHRONIC_FROM = Parameter("chronic_from", 84, "days", ("NHG54-05", "ACP", "KNGF-MT"), V)
WEIGH_SURGERY_FROM = Parameter("weigh_surgery_from", 42, "days", ("S9", "NHG55"), V)
RECHECK_ON = Parameter("recheck_on", 14, "days", ("S4", "HEN08"), D)
PSYCHOSOCIAL_FROM = Parameter("psychosocial_from", 21, "days", ("NHG54",), V)
PSYCHOSOCIAL_ON = Parameter("psychosocial_on", 28, "days", ("NHG54",), V)
SICK_LISTED_FROM = Parameter("sick_listed_from", 7, "days", ("NVAB",), D)
OPIOID_LONG_FROM = Parameter("opioid_long_from", 28, "days", (), D)
NEXT_LOOK = Parameter("next_look", 84, "days", (), D)

# clocks
CLOCK_CORD = Parameter("clock_cord", 12, "hours", ("IKNL-WM",), V)
CLOCK_DEFICIT = Parameter("clock_deficit", 24, "hours", ("IKNL-WM",), V)
CLOCK_LEG = Parameter("clock_leg", 168, "hours", ("IKNL-WM",), V)
CLOCK_LOCAL = Parameter("clock_local", 336, "hours", ("IKNL-WM",), V)

# how soon each urgency means (PATHWAY §3); within hours, before midnight, 3 days, 2 weeks
SEEN_EMERGENCY = Parameter("seen_emergency", 4, "hours", (), D)
SEEN_SAME_DAY = Parameter("seen_same_day", 24, "hours", (), D)
SEEN_WITHIN_DAYS = Parameter("seen_within_days", 72, "hours", (), D)
SEEN_ROUTINE = Parameter("seen_routine", 336, "hours", (), D)
REVIEW_EMERGENCY = Parameter("review_emergency", 0, "days", (), D)
REVIEW_SAME_DAY = Parameter("review_same_day", 1, "days", (), D)
REVIEW_WITHIN_DAYS = Parameter("review_within_days", 3, "days", (), D)
REVIEW_ROUTINE = Parameter("review_routine", 14, "days", (), D)

ALL = tuple(value for value in list(vars().values()) if isinstance(value, Parameter))
