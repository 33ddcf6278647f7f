"""Painkillers (never a dose, never an opioid to start) and work (PATHWAY §7, §8; evidence §5b, §6)."""

from ruggespraak.logic import answered
from ruggespraak.pathway.concepts.causes import infection_risk
from ruggespraak.pathway.editions.current.alarms import calm, hard_alarm
from ruggespraak.pathway.editions.current.classes import back_or_root
from ruggespraak.pathway.findings import (
    age_years,
    anticoagulant,
    nsaid_contraindication,
    opioid_current,
    opioid_days,
    pregnant,
    pregnant_possible,
    sick_listed_days,
    steroids_long,
    works,
)
from ruggespraak.pathway.numbers import AGE_HIDES_FEVER, OPIOID_LONG_FROM, SICK_LISTED_FROM
from ruggespraak.pathway.rules import Act, Recommendation, Status

_calm = calm(back_or_root)
_against = (nsaid_contraindication | anticoagulant | pregnant | pregnant_possible).named("nsaid_against")
_checked = answered(nsaid_contraindication).named("nsaid_checked")

paracetamol = Recommendation(
    id="paracetamol",
    when=_calm,
    does=frozenset({Act.PARACETAMOL}),
    because=("S5", "S8", "NHG54", "NHGL", "PACE"),
)
nsaid = Recommendation(
    id="nsaid",
    when=(_calm & ~nsaid_contraindication).unless(_against),
    does=frozenset({Act.NSAID}),
    because=("NHGL", "NICE-D"),
)
nsaid_not = Recommendation(
    id="nsaid_not",
    when=_against,
    does=frozenset({Act.INFORM}),
    forbids=frozenset({Act.NSAID}),
    because=(),
    status=Status.MEMORY,
)
nsaid_ask = Recommendation(
    id="nsaid_ask",
    when=_calm.unless(_checked).unless(_against),
    does=frozenset({Act.ASK}),
    because=(),
    status=Status.MEMORY,
)
fever_can_hide = Recommendation(
    id="fever_can_hide",
    when=infection_risk & (steroids_long | (age_years >= AGE_HIDES_FEVER)),
    does=frozenset({Act.INFORM}),
    because=(),
    status=Status.OWN_CHOICE,
)
opioid_driving = Recommendation(
    id="opioid_driving",
    when=opioid_current,
    does=frozenset({Act.INFORM}),
    forbids=frozenset({Act.OPIOID_START}),
    because=(),
    status=Status.MEMORY,
)
opioid_taper = Recommendation(
    id="opioid_taper",
    when=opioid_current & (opioid_days >= OPIOID_LONG_FROM),
    does=frozenset({Act.OPIOID_TAPER, Act.SEE_GP}),
    because=("WHO", "NICE-D", "OPAL"),
    section="week",
)
work = Recommendation(
    id="work",
    when=(back_or_root & works).unless(hard_alarm),
    does=frozenset({Act.WORK}),
    because=("NVAB",),
    section="week",
)
work_plan = Recommendation(
    id="work_plan",
    when=sick_listed_days >= SICK_LISTED_FROM,
    does=frozenset({Act.WORK, Act.OCCUPATIONAL_PHYSICIAN}),
    because=("NVAB", "S12"),
    section="week",
)
RECOMMENDATIONS = tuple(rule for rule in list(vars().values()) if isinstance(rule, Recommendation))
