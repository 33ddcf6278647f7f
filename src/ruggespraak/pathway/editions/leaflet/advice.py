"""What the leaflet advises, chapter by chapter (S1-S14). No weeks for "chronic": the leaflet gives none."""

from ruggespraak.logic import ALWAYS, Named, answered, any_of
from ruggespraak.pathway.concepts.pain import (
    enough_relief,
    persistent,
    radicular,
    radicular_probable,
    surgery_to_weigh,
    time_for_surgery_talk,
)
from ruggespraak.pathway.editions import referrals as to
from ruggespraak.pathway.editions.classes import is_a
from ruggespraak.pathway.editions.leaflet.paralysis import R2, R3
from ruggespraak.pathway.findings import (
    bechterew_known,
    duration_days,
    first_episode,
    leg_pain,
    low_back_pain,
    numb_leg,
    prev_episodes_n,
    treatments_failed,
    weak_leg_reported,
)
from ruggespraak.pathway.numbers import VERY_LONG_FROM
from ruggespraak.pathway.rules import (
    Act,
    Alarm,
    Class,
    Complaint,
    Imaging,
    Recommendation,
    Tier,
    Urgency,
    Use,
)

bechterew = Alarm(
    id="bechterew", row="S3", suspects="axial_spa", urgency=Urgency.ROUTINE, when=bechterew_known,
    refer=(to.GP_REVIEW,), imaging=((Imaging(use=Use.CONSIDER), None),), tests=("blood_spa",), because=("S3",),
)  # fmt: skip
ALARMS = (R2, R3, bechterew)


def groups(alarms: tuple[Alarm, ...]) -> dict[str, Named]:
    """What is said of all alarms together: paralysis is the only one that the leaflet calls so."""
    hard = any_of(alarm.when for alarm in alarms if alarm.tier is Tier.HARD)
    return {name: hard.named(name) for name in ("paralysis", "paralysis_established")}


paralysis, paralysis_established = groups(ALARMS).values()

CLASSES = (
    Class(complaint=Complaint.SPECIFIC, when=bechterew_known, probable=bechterew_known, because=("S3",)),
    Class(complaint=Complaint.RADICULAR, when=paralysis & leg_pain, probable=radicular_probable, because=("S7", "S10")),
    Class(
        complaint=Complaint.UNDETERMINED,
        when=paralysis.unless(leg_pain.named(leg_pain.id)),
        because=("S10",),
    ),
    Class(complaint=Complaint.RADICULAR, when=radicular, probable=radicular_probable, because=("S7",)),
    Class(complaint=Complaint.NONSPECIFIC, when=low_back_pain & answered(leg_pain), because=("S1",)),
)
is_radicular = is_a(Complaint.RADICULAR, CLASSES)
is_nonspecific = is_a(Complaint.NONSPECIFIC, CLASSES)
# "Persistent or recurrent": the leaflet gives no weeks, so the persistent kind leans on the current edition's number.
comes_back_often = ~first_episode | (prev_episodes_n >= 1) | persistent


def _advice(
    id: str,
    when: object,
    does: set[Act],
    because: str,
    section: str = "today",
    forbids: frozenset[Act] = frozenset(),
    imaging: Imaging | None = None,
) -> Recommendation:
    return Recommendation(
        id=f"leaflet_{id}", when=when, does=frozenset(does), because=(because,), section=section,  # type: ignore[arg-type]
        forbids=forbids, imaging=imaging, always=when is ALWAYS,
    )  # fmt: skip


NO_PICTURE = frozenset({Act.SCAN, Act.X_RAY})
RECOMMENDATIONS = (
    _advice("many_ailments", ALWAYS, {Act.INFORM}, "S1", "what_it_is"),
    _advice("burden", ALWAYS, {Act.INFORM}, "S13", "what_it_is"),
    _advice("nonspecific", is_nonspecific, {Act.EXPLAIN}, "S1", "what_it_is"),
    _advice("no_picture", is_nonspecific, {Act.EXPLAIN}, "S2", "not_useful", NO_PICTURE, Imaging(use=Use.NOT_USEFUL)),
    _advice("specific", bechterew_known, {Act.EXPLAIN}, "S3", "what_it_is"),
    _advice(
        "first_time",
        (is_nonspecific & first_episode).unless(persistent.named("persistent")),
        {Act.INFORM},
        "S4",
        "expect",
    ),
    _advice(
        "rest_then_rebuild", is_nonspecific.unless(paralysis), {Act.SHORT_REST, Act.STAY_ACTIVE}, "S5"
    ),
    _advice(
        "posture_exercise_painkillers",
        is_nonspecific.unless(paralysis),
        {Act.POSTURE_ADVICE, Act.EXERCISE, Act.PARACETAMOL},
        "S5",
    ),
    _advice("comes_back", comes_back_often & low_back_pain, {Act.INFORM}, "S6", "expect"),
    _advice("keep_moving", (comes_back_often & low_back_pain).unless(paralysis), {Act.STAY_ACTIVE, Act.EXERCISE}, "S6"),
    _advice("balance", (comes_back_often & low_back_pain).unless(paralysis), {Act.INFORM}, "S6", "later"),
    _advice("hernia", is_radicular, {Act.EXPLAIN}, "S7", "what_it_is"),
    _advice("unsure_neurologist", is_radicular.unless(radicular_probable), {Act.INFORM}, "S7", "later"),
    _advice(
        "no_bed_rest_cure",
        is_radicular.unless(paralysis),
        {Act.SHORT_REST, Act.STAY_ACTIVE},
        "S8",
        forbids=frozenset({Act.BED_REST}),
    ),
    _advice("hernia_painkillers", is_radicular, {Act.PARACETAMOL}, "S8"),
    _advice("hernia_physiotherapy", is_radicular.unless(paralysis), {Act.PHYSIOTHERAPY, Act.EXERCISE}, "S8", "later"),
    _advice(
        "hernia_not_yet",
        (is_radicular & (~time_for_surgery_talk | enough_relief))
        .unless(paralysis_established)
        .unless(surgery_to_weigh),
        {Act.EXPLAIN},
        "S9",
        "not_useful",
        frozenset({Act.SCAN, Act.OPERATE}),
        Imaging(use=Use.NOT_USEFUL),
    ),
    Recommendation(
        id="leaflet_weigh_surgery", when=surgery_to_weigh,
        does=frozenset({Act.SCAN, Act.DISCUSS_SURGERY}), because=("S9",), section="week", urgency=Urgency.ROUTINE,
        imaging=Imaging(use=Use.CONSIDER), refer=(to.GP_SURGERY_TALK,),
    ),
    _advice("paralysis", paralysis, {Act.SEEK_CARE_NOW}, "S10", "now", frozenset({Act.WAIT, Act.SELF_CARE})),
    _advice("gp_first", ALWAYS, {Act.INFORM}, "S11", "later"),
    _advice(
        "which_specialist_neurologist",
        is_radicular & (numb_leg | weak_leg_reported),
        {Act.REFER_NEUROLOGIST},
        "S11",
        "later",
    ),
    _advice(
        "which_specialist_orthopaedist",
        (is_nonspecific & (treatments_failed >= 1)),
        {Act.REFER_ORTHOPAEDIST},
        "S11",
        "later",
    ),
    _advice(
        "very_long",
        any_of([is_nonspecific, is_radicular]) & ((treatments_failed >= 2) | (duration_days >= VERY_LONG_FROM)),
        {Act.PAIN_TEAM, Act.BACK_ADVICE_CENTRE, Act.PSYCHOSOCIAL, Act.OCCUPATIONAL_PHYSICIAN},
        "S12",
        "later",
    ),
    _advice("questions", ALWAYS, {Act.ASK}, "S14", "later"),
)  # fmt: skip
