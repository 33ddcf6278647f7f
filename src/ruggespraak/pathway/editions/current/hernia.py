"""A pinched nerve root (hernia): time, and the moment to weigh an operation (PATHWAY §6, §7; evidence §4, §5)."""

from ruggespraak.pathway.concepts.pain import (
    enough_relief,
    radicular_probable,
    surgery_to_weigh,
    time_for_surgery_talk,
)
from ruggespraak.pathway.editions import referrals as to
from ruggespraak.pathway.editions.current.alarms import calm, hard_alarm, nerve_alarm
from ruggespraak.pathway.editions.current.classes import is_radicular
from ruggespraak.pathway.findings import wants_surgery_weighed
from ruggespraak.pathway.rules import Act, Imaging, Recommendation, Urgency, Use

too_early_or_enough = ~time_for_surgery_talk | enough_relief

weigh_surgery = Recommendation(
    id="weigh_surgery",
    when=surgery_to_weigh,
    does=frozenset({Act.DISCUSS_SURGERY}),
    forbids=frozenset({Act.GP_ORDERS_MRI}),
    because=("S9", "NHG55", "PEUL07"),
    section="week",
    urgency=Urgency.ROUTINE,
    imaging=Imaging(use=Use.CONSIDER, by="specialist"),
    refer=(to.GP_SURGERY_TALK,),
)
refer_for_surgery = Recommendation(
    id="refer_for_surgery",
    when=surgery_to_weigh & wants_surgery_weighed,
    does=frozenset({Act.REFER_NEUROLOGIST}),
    forbids=frozenset({Act.GP_ORDERS_MRI}),
    because=("NHG55", "ZGT", "ZEEL"),
    section="week",
    audience="clinician",
    urgency=Urgency.ROUTINE,
    refer=(to.NEUROLOGIST_SURGERY,),
)
no_scan_root_yet = Recommendation(
    id="no_scan_root_yet",
    when=(is_radicular & too_early_or_enough).unless(nerve_alarm).unless(surgery_to_weigh),
    does=frozenset({Act.EXPLAIN}),
    forbids=frozenset({Act.SCAN, Act.OPERATE, Act.GP_ORDERS_MRI}),
    because=("S9", "QUARTZ", "NHG55"),
    section="not_useful",
    imaging=Imaging(use=Use.NOT_USEFUL),
)
explain_root = Recommendation(
    id="explain_root",
    when=is_radicular,
    does=frozenset({Act.EXPLAIN}),
    because=("S7", "NHG55", "LUMC"),
    section="what_it_is",
)
examine_root = Recommendation(
    id="examine_root",
    when=is_radicular.unless(radicular_probable),
    does=frozenset({Act.EXAMINE}),
    because=("VRO02", "STY18", "S7"),
    section="week",
    audience="clinician",
)
move_root = Recommendation(
    id="move_root",
    when=calm(is_radicular),
    does=frozenset({Act.STAY_ACTIVE, Act.SHORT_REST}),
    forbids=frozenset({Act.BED_REST}),
    because=("S8", "DAHM", "QUARTZ"),
)
physiotherapy_root = Recommendation(
    id="physiotherapy_root",
    when=calm(is_radicular),
    does=frozenset({Act.PHYSIOTHERAPY, Act.EXERCISE}),
    because=("S8", "QUARTZ"),
    section="later",
)
outlook_root = Recommendation(
    id="outlook_root",
    when=is_radicular.unless(hard_alarm),
    does=frozenset({Act.INFORM}),
    because=("NHG55", "LUMC"),
    section="expect",
)
RECOMMENDATIONS = tuple(rule for rule in list(vars().values()) if isinstance(rule, Recommendation))
