"""Paralysis by a pinched nerve: the one alarm that the leaflet knows (S10). The current edition shares these rules."""

from ruggespraak.pathway.concepts.nerves import mrc_severe
from ruggespraak.pathway.editions import referrals as to
from ruggespraak.pathway.findings import foot_drop, weakness_progressive
from ruggespraak.pathway.rules import Act, Alarm, Imaging, Tier, Urgency, Use

HARD_FORBIDS = frozenset({Act.WAIT, Act.STAY_AT_HOME, Act.SELF_CARE})
_SCAN = ((Imaging(use=Use.NEEDED, by="specialist"), None),)

R2 = Alarm(
    id="R2", row="R2", suspects="paresis", tier=Tier.HARD, urgency=Urgency.EMERGENCY, when=mrc_severe | foot_drop,
    refer=(to.NEUROLOGIST_NOW,), imaging=_SCAN, forbids=HARD_FORBIDS, because=("S10", "NHG55s", "TERG"),
)  # fmt: skip
R3 = Alarm(
    id="R3", row="R3", suspects="paresis", tier=Tier.HARD, urgency=Urgency.EMERGENCY, when=weakness_progressive,
    refer=(to.NEUROLOGIST_NOW,), imaging=_SCAN, forbids=HARD_FORBIDS, because=("S10", "NHG55d"),
)  # fmt: skip
