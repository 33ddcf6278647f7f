"""The back itself: what helps when no cause can be named, in steps of weeks (evidence §4, §5a; PATHWAY §7)."""

from ruggespraak.pathway.concepts.pain import persistent, three_weeks
from ruggespraak.pathway.editions.current.alarms import calm, hard_alarm
from ruggespraak.pathway.editions.current.classes import back_or_root, is_nonspecific, is_outside, is_specific
from ruggespraak.pathway.findings import first_episode, improving, low_back_pain, prev_episodes_n, treatments_failed
from ruggespraak.pathway.rules import Act, Imaging, Recommendation, Status, Use

explain_back = Recommendation(
    id="explain_back",
    when=is_nonspecific,
    does=frozenset({Act.EXPLAIN}),
    because=("S1", "KNGF-THER", "NHG54"),
    section="what_it_is",
)
explain_cause = Recommendation(
    id="explain_cause",
    when=is_specific,
    does=frozenset({Act.EXPLAIN}),
    because=("S3", "KNGF-RF"),
    section="what_it_is",
)
explain_outside = Recommendation(
    id="explain_outside",
    when=is_outside,
    does=frozenset({Act.EXPLAIN, Act.SEE_GP}),
    because=(),
    status=Status.OWN_CHOICE,
    section="what_it_is",
)
no_scan_back = Recommendation(
    id="no_scan_back",
    when=is_nonspecific,
    does=frozenset({Act.EXPLAIN}),
    forbids=frozenset({Act.SCAN, Act.X_RAY, Act.GP_ORDERS_MRI}),
    because=("S2", "NHG54", "BRIN15"),
    section="not_useful",
    imaging=Imaging(use=Use.NOT_USEFUL),
)
stay_active = Recommendation(
    id="stay_active",
    when=calm(is_nonspecific),
    does=frozenset({Act.STAY_ACTIVE, Act.SHORT_REST, Act.SELF_CARE}),
    forbids=frozenset({Act.BED_REST}),
    because=("S5", "S6", "KNGF-THER", "DAHM"),
)
outlook_back = Recommendation(
    id="outlook_back",
    when=is_nonspecific.unless(hard_alarm),
    does=frozenset({Act.INFORM}),
    because=("KNGF-BELOOP", "HEN08", "S4"),
    section="expect",
)
outlook_first = Recommendation(
    id="outlook_first",
    when=(is_nonspecific & first_episode).unless(hard_alarm),
    does=frozenset({Act.INFORM}),
    because=("S4", "KNGF-BELOOP"),
    section="expect",
)
comes_back = Recommendation(
    id="comes_back",
    when=(~first_episode | (prev_episodes_n >= 1)) & back_or_root,
    does=frozenset({Act.INFORM}),
    because=("S6", "KNGF-BELOOP", "DASILVA"),
    section="expect",
)
exercise = Recommendation(
    id="exercise",
    when=calm(back_or_root & three_weeks & ~improving),
    does=frozenset({Act.EXERCISE, Act.PHYSIOTHERAPY}),
    because=("S5", "NHG54", "KNGF-THER"),
    section="week",
)
mind = Recommendation(
    id="mind",
    when=(back_or_root & three_weeks & ~improving).unless(hard_alarm),
    does=frozenset({Act.PSYCHOSOCIAL}),
    because=("NHG54", "KNGF-PROF"),
    section="week",
)
next_treatment = Recommendation(
    id="next_treatment",
    when=calm(back_or_root & (treatments_failed >= 1)),
    does=frozenset({Act.PSYCHOSOCIAL}),
    because=("NHG54", "KNGF-RF"),
    section="week",
)
long_lasting = Recommendation(
    id="long_lasting",
    when=(back_or_root & persistent).unless(hard_alarm),
    does=frozenset({Act.PSYCHOSOCIAL, Act.PAIN_TEAM, Act.BACK_ADVICE_CENTRE}),
    because=("S12", "WPN", "PZZ", "WHO"),
    section="later",
)
balance = Recommendation(
    id="balance",
    when=calm(back_or_root & persistent),
    does=frozenset({Act.STAY_ACTIVE, Act.EXERCISE}),
    because=("S6", "KNGF-THER"),
    section="later",
)
gp_first = Recommendation(
    id="gp_first",
    when=low_back_pain.unless(hard_alarm),
    does=frozenset({Act.INFORM}),
    because=("S11", "S14", "NTVG14"),
    section="later",
)
RECOMMENDATIONS = tuple(rule for rule in list(vars().values()) if isinstance(rule, Recommendation))
