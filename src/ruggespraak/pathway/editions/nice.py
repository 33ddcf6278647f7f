"""Edition ``nice``: what NICE NG59 (England, 2016 and 2020) does otherwise than ``current`` (evidence §4, §5b, §9).

What is not named here is the current rule itself. The alarms too: the excerpts that were read give no other ones (own
choice). Nor is there another rule for a picture with leg pain: "by the specialist" is what current already says. The
claims about medicines were read on a page that reports NG59 (V-2). Those about the first contact and about pictures
stand in the evidence without a mark, so they show as own choices. What is from memory there is left out: nerve
injections, oral steroids, benzodiazepines, and gabapentinoids by name.

A weak opioid is something that NICE mentions, for the clinician to know; no edition proposes to start one (PATHWAY §8).
"""

from ruggespraak.pathway.concepts.pain import persistent
from ruggespraak.pathway.editions.current import EDITION as CURRENT
from ruggespraak.pathway.editions.current.alarms import hard_alarm
from ruggespraak.pathway.editions.current.classes import back_or_root
from ruggespraak.pathway.rules import Act, Recommendation, Status

V2, D = Status.REPORTED, Status.OWN_CHOICE
INFORM = frozenset({Act.INFORM})
NO_OPIOID = frozenset({Act.OPIOID_START})

# With a back or a nerve root and nothing alarming; and the same for a back alone.
calm = CURRENT.rule("paracetamol").when
calm_back = CURRENT.rule("stay_active").when
calm_root = CURRENT.rule("move_root").when
first_contact = back_or_root.unless(hard_alarm)

what_may_i_take = Recommendation(
    id="what_may_i_take_nice",
    when=CURRENT.rule("what_may_i_take").when,
    does=INFORM,
    because=("NICE-D",),
    status=V2,
    section="questions",
)
paracetamol = Recommendation(
    id="paracetamol_nice",
    when=calm,
    does=INFORM,
    because=("NICE-D", "PACE"),
    status=V2,
)
nsaid = Recommendation(
    id="nsaid_nice",
    when=CURRENT.rule("nsaid").when,
    does=frozenset({Act.NSAID}),
    because=("NICE-D",),
    status=V2,
)
mind = Recommendation(
    id="mind_nice",
    when=first_contact,
    does=frozenset({Act.PSYCHOSOCIAL}),
    because=("NICE",),
    status=D,
    section="week",
)
stratify = Recommendation(
    id="stratify_nice",
    when=first_contact,
    does=frozenset({Act.PSYCHOSOCIAL}),
    because=("NICE",),
    status=D,
    audience="clinician",
)
imaging = Recommendation(
    id="imaging_nice",
    when=calm_back,
    does=INFORM,
    because=("NICE",),
    status=D,
    section="week",
    audience="clinician",
)
# "Acute" is here whatever is not yet chronic: NG59, as it was read, draws no line (own choice).
weak_opioid = Recommendation(
    id="weak_opioid_nice",
    when=calm_back & CURRENT.rule("nsaid_not").when & ~persistent,
    does=INFORM,
    forbids=NO_OPIOID,
    because=("NICE-D",),
    status=V2,
    section="week",
    audience="clinician",
)
chronic_opioid = Recommendation(
    id="chronic_opioid_nice",
    when=CURRENT.rule("balance").when,
    does=INFORM,
    forbids=NO_OPIOID,
    because=("NICE-D",),
    status=V2,
    section="later",
    audience="clinician",
)
antidepressant = Recommendation(
    id="antidepressant_nice",
    when=calm,
    does=INFORM,
    because=("NICE-D",),
    status=V2,
    section="later",
    audience="clinician",
)
anticonvulsant = Recommendation(
    id="anticonvulsant_nice",
    when=calm_root,
    does=INFORM,
    because=("NICE-D",),
    status=V2,
    section="later",
    audience="clinician",
)

EDITION = CURRENT.revise(
    "nice",
    "2026.1",
    title={
        "nl": "Engeland: NICE NG59 (uit samenvattingen; wacht op medische beoordeling)",
        "en": "England: NICE NG59 (from excerpts; awaiting medical review)",
    },
    retire=("what_may_i_take", "paracetamol", "nsaid", "mind"),
    add=tuple(rule for rule in list(vars().values()) if isinstance(rule, Recommendation)),
)
