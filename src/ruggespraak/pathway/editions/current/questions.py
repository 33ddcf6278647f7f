"""What everybody asks first (PATHWAY §8), each in the wording that fits: with an alarm, with a pinched nerve, or plain.

Exactly one wording of each question holds for every patient; a test goes through all of them.
"""

from ruggespraak.logic import ALWAYS
from ruggespraak.pathway.editions.current.alarms import hard_alarm, serious_suspicion
from ruggespraak.pathway.editions.current.classes import back_or_root, is_nonspecific, is_radicular
from ruggespraak.pathway.editions.leaflet.paralysis import HARD_FORBIDS
from ruggespraak.pathway.rules import Act, Recommendation, Status

_alarm = (hard_alarm | serious_suspicion).named("alarm_or_suspicion")
# Where an alarm stands or is feared: the calm wording gives way to doubt, and then this one must be there.
_calm = ALWAYS.unless(_alarm).named("calm")
_alarmed = _alarm | ALWAYS.unless(_calm)


def _question(id: str, because: tuple[str, ...], status: Status = Status.READ) -> tuple[Recommendation, ...]:
    """One question in two wordings: with an alarm or suspicion (or doubt about one), and without."""
    return (
        Recommendation(
            id=f"{id}_alarm", when=_alarmed, does=frozenset({Act.INFORM}), because=because, status=status,
            section="questions",
        ),
        Recommendation(
            id=id, when=_calm, does=frozenset({Act.INFORM}), because=because, status=status,
            section="questions",
        ),
    )  # fmt: skip


RECOMMENDATIONS = (
    *_question("may_i_move", ("KNGF-THER", "DAHM")),
    *_question("may_i_lift", ("KNGF-THER",), Status.OWN_CHOICE),
    *_question("may_i_work", ("NVAB",)),
    *_question("may_i_drive", (), Status.OWN_CHOICE),
    *_question("how_do_i_sleep", (), Status.OWN_CHOICE),
    *_question("what_may_i_take", ("NHG54", "NHGL")),
    Recommendation(
        id="when_over_back", when=is_nonspecific.unless(_alarm), does=frozenset({Act.INFORM}),
        because=("KNGF-BELOOP", "HEN08"), section="questions",
    ),
    Recommendation(
        id="when_over_root", when=is_radicular.unless(_alarm), does=frozenset({Act.INFORM}),
        because=("NHG55", "LUMC"), section="questions",
    ),
    Recommendation(
        id="when_over_unknown",
        when=_calm.unless(back_or_root.named("back_or_root")),
        does=frozenset({Act.INFORM}), because=(), status=Status.OWN_CHOICE, section="questions",
    ),
    Recommendation(
        id="when_over_alarm", when=_alarmed, does=frozenset({Act.INFORM}), because=(), status=Status.OWN_CHOICE,
        section="questions",
    ),
    Recommendation(
        id="whom_do_i_phone", when=ALWAYS, always=True, does=frozenset({Act.INFORM}), because=("NHG55s",),
        section="questions",
    ),
    Recommendation(
        id="safety_net", when=ALWAYS, always=True, does=frozenset({Act.SAFETY_NET}),
        because=("NHG55s", "KNGF-RF", "NICE"), section="safety_net",
    ),
    Recommendation(
        id="seek_care_now", when=hard_alarm, does=frozenset({Act.SEEK_CARE_NOW}),
        forbids=HARD_FORBIDS, because=("NHG55s",), section="now",
    ),
)  # fmt: skip
