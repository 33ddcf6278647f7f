"""When to look again (PATHWAY §7). Every decision has a dated one; the earliest that fits counts."""

from ruggespraak.logic import ALWAYS
from ruggespraak.pathway.concepts.pain import pain
from ruggespraak.pathway.numbers import (
    CHRONIC_FROM,
    NEXT_LOOK,
    PSYCHOSOCIAL_ON,
    RECHECK_ON,
    REVIEW_EMERGENCY,
    REVIEW_ROUTINE,
    REVIEW_SAME_DAY,
    REVIEW_WITHIN_DAYS,
    WEIGH_SURGERY_FROM,
)
from ruggespraak.pathway.rules import Review, Status, Urgency

D = Status.OWN_CHOICE

REVIEWS = (
    # After an urgency: has somebody been seen?
    Review(id="arrived", urgency=Urgency.EMERGENCY, when=ALWAYS, after=REVIEW_EMERGENCY, because=(), status=D),
    Review(id="seen_today", urgency=Urgency.SAME_DAY, when=ALWAYS, after=REVIEW_SAME_DAY, because=(), status=D),
    Review(id="seen_in_days", urgency=Urgency.WITHIN_DAYS, when=ALWAYS, after=REVIEW_WITHIN_DAYS, because=(), status=D),
    Review(id="seen_in_weeks", urgency=Urgency.ROUTINE, when=ALWAYS, after=REVIEW_ROUTINE, because=(), status=D),
    Review(id="day_14", when=pain, on_day=RECHECK_ON, because=("S4", "HEN08"), status=D),
    Review(id="day_28", when=pain, on_day=PSYCHOSOCIAL_ON, because=("NHG54",)),
    Review(id="day_42", when=pain, on_day=WEIGH_SURGERY_FROM, because=("S9", "NHG55", "NHG54-05")),
    Review(id="day_84", when=pain, on_day=CHRONIC_FROM, because=("NHG55", "CAFA")),
    Review(id="look_again", when=ALWAYS, after=REVIEW_ROUTINE, because=(), status=D),
    Review(id="long_run", when=ALWAYS, after=NEXT_LOOK, because=(), status=D),
)
