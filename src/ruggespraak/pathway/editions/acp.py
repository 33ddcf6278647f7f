"""Edition ``acp``: what the ACP guideline (United States, 2017) does otherwise than ``current`` (evidence §5b, §9).

What is not named here is the current rule itself. The alarms too: the excerpts that were read give no other ones (own
choice). Nor is there another rule for pictures: "no routine imaging" is what current already says. The claims about
medicines were read on pages that report the guideline (V-2).

Tramadol is something that ACP mentions, for the clinician to know; no edition proposes to start an opioid (PATHWAY §8).
"""

from ruggespraak.pathway.concepts.pain import persistent
from ruggespraak.pathway.editions.current import EDITION as CURRENT
from ruggespraak.pathway.findings import duration_days
from ruggespraak.pathway.rules import Act, Parameter, Recommendation, Status

V2, D = Status.REPORTED, Status.OWN_CHOICE
INFORM = frozenset({Act.INFORM})

# Under 4 weeks, 4 to 12, over 12: the evidence gives the 4 without a mark. Day 28 itself still counts as acute.
ACUTE_TO = Parameter("acute_to", 28, "days", ("ACP",), D)

# With a back or a nerve root and nothing alarming; and the same for a back alone.
calm = CURRENT.rule("paracetamol").when
calm_back = CURRENT.rule("stay_active").when

what_may_i_take = Recommendation(
    id="what_may_i_take_acp",
    when=CURRENT.rule("what_may_i_take").when,
    does=INFORM,
    because=("ACP",),
    status=V2,
    section="questions",
)
paracetamol = Recommendation(
    id="paracetamol_acp",
    when=calm,
    does=INFORM,
    forbids=frozenset({Act.PARACETAMOL}),
    because=("ACP", "PACE"),
    status=V2,
)
nsaid = Recommendation(
    id="nsaid_acp",
    when=CURRENT.rule("nsaid").when,
    does=frozenset({Act.NSAID}),
    because=("ACP",),
    status=V2,
)
muscle_relaxant = Recommendation(
    id="muscle_relaxant_acp",
    when=calm_back & (duration_days <= ACUTE_TO),
    does=INFORM,
    because=("ACP",),
    status=V2,
    section="week",
    audience="clinician",
)
second_line = Recommendation(
    id="second_line_acp",
    when=calm_back & persistent,
    does=INFORM,
    forbids=frozenset({Act.OPIOID_START}),
    because=("ACP",),
    status=V2,
    section="later",
    audience="clinician",
)
oral_steroid = Recommendation(
    id="oral_steroid_acp",
    when=calm,
    does=INFORM,
    because=("ACP",),
    status=V2,
    section="later",
    audience="clinician",
)

EDITION = CURRENT.revise(
    "acp",
    "2026.1",
    title={
        "nl": "Verenigde Staten: ACP 2017 (uit samenvattingen; wacht op medische beoordeling)",
        "en": "United States: ACP 2017 (from excerpts; awaiting medical review)",
    },
    retire=("what_may_i_take", "paracetamol", "nsaid"),
    add=tuple(rule for rule in list(vars().values()) if isinstance(rule, Recommendation)),
    parameters={"acute_to": ACUTE_TO},
)
