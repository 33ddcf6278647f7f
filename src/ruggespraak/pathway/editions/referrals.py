"""Whom a person is sent to. What the patient does and what the clinician does stands in ``texts/referrals.toml``.

A patient is never told to phone a specialist: the way there is the GP, after hours the huisartsenpost, or 112.
"""

from ruggespraak.pathway.rules import Referral, Status

D = Status.OWN_CHOICE

NEUROLOGIST_NOW = Referral(id="neurologist_now", to="neurologist", because=("NHG55s", "TERG"))
CAUDA_TODAY = Referral(id="cauda_today", to="gp", because=("BASS-C", "NVMT"))
STRENGTH_TODAY = Referral(id="strength_today", to="gp", because=("NHG55s",), status=D)
STRENGTH_DAYS = Referral(id="strength_days", to="gp", because=("NHG55s",), status=D)
STRENGTH_ROUTINE = Referral(id="strength_routine", to="gp", because=(), status=D)
GAIT_TODAY = Referral(id="gait_today", to="gp", because=("IKNL-WM",), status=D)
ONCOLOGIST_DAYS = Referral(id="oncologist_days", to="oncologist", because=("IKNL-WM",))
ONCOLOGIST_TODAY = Referral(id="oncologist_today", to="oncologist", because=("IKNL-WM",))
ONCOLOGIST_NOW = Referral(id="oncologist_now", to="oncologist", because=("IKNL-WM",))
GP_TUMOUR = Referral(id="gp_tumour", to="gp", because=("NHG54-05",))
GP_REVIEW = Referral(id="gp_review", to="gp", because=("NHG54-05",), status=D)
EMERGENCY_ROOM = Referral(id="emergency_room", to="emergency_department", because=("NHG54-05",))
GP_X_RAY = Referral(id="gp_x_ray", to="gp", because=("DOWNIE", "BACE"))
GP_INFECTION_TODAY = Referral(id="gp_infection_today", to="gp", because=("HEDIS",), status=D)
GP_INFECTION_DAYS = Referral(id="gp_infection_days", to="gp", because=(), status=D)
INFECTION_NOW = Referral(id="infection_now", to="emergency_department", because=(), status=D)
RHEUMATOLOGIST = Referral(id="rheumatologist", to="rheumatologist", because=("CAFA",))
AMBULANCE = Referral(id="ambulance", to="ambulance", because=(), status=D)
TEARING_TODAY = Referral(id="tearing_today", to="gp", because=(), status=D)
ORTHOPAEDIST = Referral(id="orthopaedist", to="orthopaedist", because=("NHG54-05",))
PAIN_TODAY = Referral(id="pain_today", to="gp", because=(), status=D)
NEUROLOGIST_PAIN = Referral(id="neurologist_pain", to="neurologist", because=("NHG55d",))
HAEMATOMA_NOW = Referral(id="haematoma_now", to="neurologist", because=(), status=D)
VISCERAL_DAYS = Referral(id="visceral_days", to="gp", because=(), status=D)
VISCERAL_TODAY = Referral(id="visceral_today", to="gp", because=(), status=D)
CHILD = Referral(id="child", to="gp", because=(), status=D)
PREGNANCY = Referral(id="pregnancy", to="gp", because=(), status=D)
NO_BACK = Referral(id="no_back", to="gp", because=(), status=D)
GP_CONCERN = Referral(id="gp_concern", to="gp", because=("KNGF-RF",))
SURGICAL_TEAM = Referral(id="surgical_team", to="surgical_team", because=(), status=D)
SURGICAL_TEAM_NOW = Referral(id="surgical_team_now", to="surgical_team", because=(), status=D)
STENOSIS = Referral(id="stenosis", to="neurologist", because=("TERG", "NHG55"))
NEUROLOGIST_SURGERY = Referral(id="neurologist_surgery", to="neurologist", because=("NHG55",))
GP_SURGERY_TALK = Referral(id="gp_surgery_talk", to="gp", because=("NHG55",))

# R18 and R19: what was unclear, and what was not asked; and who keeps the overview. They belong to every edition.
UNCLEAR_TODAY = Referral(id="unclear_today", to="gp", because=(), status=D)
UNCLEAR_DAYS = Referral(id="unclear_days", to="gp", because=(), status=D)
NOT_ASKED = Referral(id="not_asked", to="gp", because=(), status=D)
OVERVIEW = Referral(id="overview", to="gp", because=("S11",))
