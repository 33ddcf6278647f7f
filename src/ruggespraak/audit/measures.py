"""The measures: what was done at each look, picture, referral or prescription, held against the edition's own rules.

A measure asks the rules, at every look, what was due; and the records, what was done. Three answers: care was as the
pathway says, it deviated, or it cannot be said, because what the rules ask for was not recorded. What was *done* is
what the source tells: of a table that it does not have nothing is measured (``Measure.needs``).

A deviation is no fault. It can be good care, and whoever wrote down why has said so (``reason``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from ruggespraak.audit.care import (
    CONSIDER,
    FOLLOWS_WITHIN,
    NEEDED,
    NOT_USEFUL,
    SENDS,
    SPECIALISTS,
    TO_HOSPITAL,
    UNKNOWN,
    Care,
    Rule,
    one_of,
    urgent,
)
from ruggespraak.audit.records import Records
from ruggespraak.pathway.numbers import CHRONIC_FROM, WEIGH_SURGERY_FROM
from ruggespraak.pathway.rules import Act, Complaint, Edition, Recommendation, Status, Urgency

D = Status.OWN_CHOICE
NEXT_STEP_WITHIN = 84  # days in which a next step begins, waiting included: own choice
# days before a case or after its end, within which a reason that was written down counts: own choice
REASON_WITHIN = 14
REVIEWED_BY = 56  # days: the end of the weeks in which a hernia is looked at again (6 to 8: S9, NHG55)
TREATMENT = "treatment"
"""Contacts with who treats besides the GP. It can be absent too (``Records.absent``): the clinic has its own only."""
REVIEWS = "reviews"
"""Next looks that a care giver agreed on. It can be absent too: in the clinic the pathway dates every one."""


@dataclass(frozen=True)
class Measure:
    """One measure. ``unit``: what is counted; ``cases``: one row of each (``measured`` gives the columns).

    ``because``: keys of pathway/sources.csv; ``status``: how well that was seen. ``needs``: the tables without which it
    says nothing, and ``TREATMENT``. ``about``: of which reasons it takes notice, beside those about one of the
    ``rules`` that care is held against.
    """

    id: str
    unit: str
    cases: Callable[[Care], ir.Table]
    because: tuple[str, ...]
    status: Status
    needs: frozenset[str]
    about: tuple[str, ...]
    rules: Callable[[Rule], bool]


def excluded(*reasons: tuple[ir.BooleanValue, str]) -> ir.StringValue:
    """The first of these reasons that certainly holds, or null: what leaves a case out must be known."""
    return ibis.cases(*reasons, else_=ibis.null("string"))


def _outside(table: ir.Table) -> tuple[ir.BooleanValue, str]:
    return (table.complaint == str(Complaint.OUTSIDE), "outside")


def _died(table: ir.Table) -> tuple[ir.BooleanValue, str]:
    return (table.died.notnull() & (table.died < table.ends), "died")


def _too_recent(care: Care, table: ir.Table, within: int = FOLLOWS_WITHIN) -> tuple[ir.BooleanValue, str]:
    """What follows a look may still come. Also what came already is left out: else it alone would count."""
    return (table.date + ibis.interval(days=within) > care.until, "too_recent")


def _should_not(looks: ir.Table, due: ir.BooleanValue, done: ir.BooleanValue, kept: ir.BooleanValue) -> ir.Table:
    """What is not due at a look is left, or is not. Where it is due there is no case."""
    found = looks.mutate(due=due, done=done)
    found = found.filter(found.due.isnull() | ~found.due)
    return found.mutate(
        excluded=excluded(_outside(found)),
        met=ibis.cases((~found.due & kept, ~found.done), else_=UNKNOWN),
        shown=found.done,
    )


# Pictures -------------------------------------------------------------------------------------------------------------


def _picture_without_indication(care: Care) -> ir.Table:
    pictures = care.records["imaging"]
    pictures = pictures.filter((pictures.ordered_by == "gp") | pictures.ordered_by.isnull())
    found = care.look_of(pictures)
    worth = found.imaging.isin([CONSIDER, NEEDED])
    # Of a hernia without an alarm the neurologist decides on a scan. Whether this one was useful is not for us to say.
    specialist = worth & found[f"forbids_{Act.GP_ORDERS_MRI}"] & ~found.alarm_pictured
    return found.mutate(
        excluded=excluded(
            (found.ordered_by.isnull(), "orderer_unknown"), _outside(found), (found.fresh & specialist, "specialist")
        ),
        met=ibis.cases(
            (~found.fresh | specialist.isnull(), UNKNOWN),
            (found.imaging_open == NOT_USEFUL, False),
            (worth, True),
            else_=UNKNOWN,
        ),
        shown=~(found.fresh & worth.fill_null(False)),  # what is established speaks for it, or does not
    )


def _picture_where_not_useful(care: Care) -> ir.Table:
    pictures = care.records["imaging"].select("episode", "ordered_by", made=ibis._.date)
    looks = care.first(care.looks, pictures.select("episode", date=ibis._.made), "pictured")
    looks = looks.filter(looks.pictured.isnull() | (looks.pictured >= looks.date))
    looks = looks.filter(~looks.imaging.isin([CONSIDER, NEEDED]).fill_null(False) & looks.imaging_open.notnull())
    # The orderer who is not known may be the GP: 2 for certain, 1 perhaps.
    by = ibis.cases((pictures.ordered_by == "gp", 2), (pictures.ordered_by.isnull(), 1), else_=0)
    after = looks.select("episode", "date", "ends").join(pictures.mutate(by=by), "episode")
    after = after.filter((after.made >= after.date) & (after.made < after.ends))
    most = after.group_by("episode", "date").agg(by=after.by.max())
    found = looks.left_join(most, ["episode", "date"])
    found = found.drop("episode_right", "date_right").mutate(by=ibis.coalesce(found.by, 0))  # no row is no picture
    spared = ibis.cases((found.by == 2, False), ((found.by == 0) & care.are_kept(pictures), True), else_=UNKNOWN)
    return found.mutate(
        excluded=excluded(_outside(found), _too_recent(care, found)),
        met=ibis.cases((found.imaging_open == NOT_USEFUL, spared), else_=UNKNOWN),
        shown=found.by > 0,
    )


def _hernias(care: Care) -> ir.Table:
    """Each episode that is radicular at a look: the first such look, with the onset of the pain where that was told."""
    looks = care.looks.filter(care.looks.complaint == str(Complaint.RADICULAR))
    by_time = ibis.window(group_by="episode", order_by="date")
    looks = looks.mutate(number=ibis.row_number().over(by_time)).filter(ibis._.number == 0).drop("number")
    return looks.mutate(onset=looks.date - looks.duration_days.cast("int64").as_interval("D"))


def _hernia_scanned_early(care: Care) -> ir.Table:
    looks = _hernias(care)
    early = looks.filter(~care.longer(looks, WEIGH_SURGERY_FROM).fill_null(False))  # all that may be early
    scans = care.records["imaging"].filter(ibis._.kind.isin(["mri", "ct"]))
    kept = care.are_kept(scans)
    scans = care.look_of(scans.select("episode", "date", "ordered_by"))
    told, at_least = care.day(scans, scans.date, scans.look)
    # Of a scan: 3 too early for certain; 2 perhaps; 1 not, or there was an alarm. Who is not the GP may have seen one.
    when = ibis.cases((at_least >= WEIGH_SURGERY_FROM, False), (told < WEIGH_SURGERY_FROM, True), else_=UNKNOWN)
    alarm = ibis.cases((scans.fresh, care.picture_due(scans)), else_=UNKNOWN)
    weight = ibis.cases((alarm | ~when, 1), (when & ~alarm & (scans.ordered_by == "gp"), 3), else_=2)
    worst = scans.mutate(weight=weight).group_by("episode").agg(weight=ibis._.weight.max())
    found = early.left_join(worst, "episode").drop("episode_right")
    found = found.mutate(weight=ibis.coalesce(found.weight, 0))  # no row is no scan
    # An onset that is not known lies as late as can be: on the day of the first contact.
    onset = found.onset.coalesce(found.date - found.at_least.as_interval("D"))
    found = found.mutate(ends=onset + ibis.interval(days=int(WEIGH_SURGERY_FROM)))
    over = found.closed.notnull() | found.died.notnull()
    return found.mutate(
        excluded=excluded(_outside(found), ((found.ends > care.until) & ~over, "too_recent")),
        met=ibis.cases((found.weight == 3, False), ((found.weight == 2) | ~kept, UNKNOWN), else_=True),
        shown=found.weight >= 2,
    )


def _hernia_not_reviewed(care: Care) -> ir.Table:
    """In care at week 6 to 8 is who had a contact then, or later for a pain that had not gone.

    Who got better needs no review. Of who came back without saying how long the pain was there it cannot be said.
    """
    looks = _hernias(care)
    looks = looks.filter(~care.longer(looks, REVIEWED_BY + 1).fill_null(False))  # all that may be in time
    from_, to = (looks.onset + ibis.interval(days=int(days)) for days in (WEIGH_SURGERY_FROM, REVIEWED_BY))
    looks = looks.mutate(from_=from_, to=to)
    contacts = care.records["contacts"].select("episode", "kind", on=ibis._.date)
    told = care.looks.select("episode", on="date", told="duration_days")
    contacts = contacts.left_join(told, ["episode", "on"]).select("episode", "kind", "on", "told")
    looked = looks.select("episode", "date", "from_", "to").join(contacts, "episode")
    before = looked.on < looked.from_
    took_over = looked.kind.isin(TO_HOSPITAL)
    # Within an episode whose onset is known these compare dates that are there; an unknown onset leaves all null.
    seen = looked.group_by("episode").agg(
        later=((looked.on >= looked.from_) | looked.from_.isnull() & (looked.on > looked.date)).any(),
        reviewed=((looked.kind == "gp") & (looked.on >= looked.from_) & (looked.on <= looked.to)).any(),
        lasted=(
            (looked.on >= looked.from_)
            & ((looked.on <= looked.to) | (looked.told >= looked.on.delta(looked.from_, unit="day")))
        ).any(),
        elsewhere=(took_over & before).any(),
    )
    found = looks.left_join(seen, "episode").drop("episode_right")
    found = found.filter(found.later).mutate(ends=ibis._.to)
    return found.mutate(
        excluded=excluded(
            _outside(found),
            (found.elsewhere, "with_specialist"),
            _died(found),
            (found.to > care.until, "too_recent"),
        ),
        met=ibis.cases((found.onset.isnull(), UNKNOWN), (found.reviewed, True), (found.lasted, False), else_=UNKNOWN),
        shown=ibis.literal(True),
    )


# Alarms ---------------------------------------------------------------------------------------------------------------


def _alarm_without_action(care: Care) -> ir.Table:
    looks = care.looks.filter(care.looks.established >= int(Urgency.SAME_DAY))
    looks = looks.mutate(since=looks.date.min().over(ibis.window(group_by="episode")))
    # Who was sent on before there was an alarm was not sent for it.
    contacts = care.records["contacts"].select("episode", "kind", on="date", came=ibis.literal(True))
    handed = contacts.union(care.referrals.select("episode", kind="to", on="date", came=ibis.literal(False)))
    handed = handed.filter(handed.kind.isin(TO_HOSPITAL))
    kept = care.are_kept(handed)
    handed = handed.join(looks.select("episode", "since").distinct(), "episode")
    first = handed.filter(handed.on >= handed.since).group_by("episode")
    first = first.agg(handed=ibis._.on.min(), came=ibis._.on.min(where=ibis._.came))
    found = looks.left_join(first, "episode").drop("episode_right")
    same_day = found.handed.notnull() & (found.handed == found.date)
    # Who came to hospital the next day may have been sent in the evening. Of the last day the next is not known.
    next_day = found.date + ibis.interval(days=1)
    perhaps = ((found.handed == next_day) & (found.came == next_day)).fill_null(False) | (next_day > care.until)
    return found.mutate(
        excluded=excluded((found.handed < found.date, "acted_before")),
        # Where a rule names the GP alone, the patient is there: what the GP then did is not in the records.
        met=ibis.cases((same_day, True), (found.alarm_elsewhere & ~perhaps & kept, False), else_=UNKNOWN),
        shown=~same_day,
    )


def _alarms_not_asked(care: Care) -> ir.Table:
    """Who asked and heard "I do not know" has asked: what was not clear at a look may be all that is open."""
    looks = care.looks
    asked = ibis.cases((~looks.unasked, True), (looks.doubt, UNKNOWN), else_=False)
    return looks.mutate(excluded=excluded(_outside(looks)), met=asked, shown=looks.unasked)


# Referral -------------------------------------------------------------------------------------------------------------


def _referral_against_pathway(care: Care) -> ir.Table:
    referrals = care.referrals.filter(care.referrals.to.isin(SPECIALISTS))
    found = care.look_of(referrals)
    # Somebody else than a rule names is no deviation while a picture that a specialist orders is worth it: own choice.
    named = [
        (found.to == to) & one_of([found[f"refer_{to}"], *(found[f"does_{act}"] for act in (SENDS.get(to),) if act)])
        for to in SPECIALISTS
        if to in care.addressees
    ]
    due = one_of([*named, care.picture_due(found)])
    found = found.mutate(due=ibis.cases((found.fresh, due), else_=UNKNOWN))
    return found.mutate(
        excluded=excluded(_outside(found)), met=found.due, shown=~ibis.coalesce(found.due, ibis.literal(False))
    )


def _referral_where_not_due(care: Care) -> ir.Table:
    referrals = care.referrals.filter(care.referrals.to.isin(SPECIALISTS))
    looks = care.first(care.looks, referrals, "sent")
    looks = looks.filter(looks.sent.isnull() | (looks.sent >= looks.date))
    sent_that_day = looks.sent.notnull() & (looks.sent == looks.date)
    return _should_not(looks, care.rules_for_specialist(looks), sent_that_day, care.are_kept(referrals))


# Medicine, review -----------------------------------------------------------------------------------------------------


def _opioid_chronic_nonspecific(care: Care) -> ir.Table:
    """The pathway starts none. Who takes one already tapers off: a repeat can be a step of that."""
    given = care.records["medication"].filter(ibis._.kind == "opioid").select("episode", "date")
    found = care.look_of(given.mutate(start=given.date.min().over(ibis.window(group_by="episode"))))
    told, at_least = care.day(found, found.date, found.look)
    chronic = ibis.cases((at_least > CHRONIC_FROM, True), (told <= CHRONIC_FROM, False), else_=UNKNOWN)
    plain = ibis.cases((found.fresh & (found.start == found.date), found.is_nonspecific), else_=UNKNOWN)
    found = found.mutate(met=~(plain & chronic))
    return found.mutate(excluded=excluded(_outside(found)), shown=~ibis.coalesce(found.met, ibis.literal(False)))


def _no_dated_review(care: Care) -> ir.Table:
    looks = care.looks
    practice = ibis.window(group_by="practice")
    looks = looks.mutate(keeps=looks.review.notnull().any().over(practice))
    return looks.mutate(
        # Where no look at all has a next one, the practice notes them elsewhere: own choice.
        excluded=excluded((~looks.keeps, "no_reviews_kept"), _outside(looks), (looks.died <= looks.date, "died")),
        met=looks.review.notnull(),
        shown=looks.review.isnull(),
    )


# Treatment ------------------------------------------------------------------------------------------------------------


def _physiotherapy_not_begun(care: Care) -> ir.Table:
    """What is due at a look is begun before the next, or is not. Where it is not due there is no case."""
    events = care.of_kinds("physiotherapist")
    found = care.first(care.looks, events, "begun").mutate(due=ibis._[f"does_{Act.PHYSIOTHERAPY}"])
    found = found.filter((found.begun.isnull() | (found.begun >= found.date)) & (found.due.isnull() | found.due))
    begun = found.begun.notnull() & (found.begun < found.ends)
    return found.mutate(
        excluded=excluded(_outside(found), _died(found), _too_recent(care, found)),
        met=ibis.cases((found.due & begun, True), (found.due & care.are_kept(events), False), else_=UNKNOWN),
        shown=~begun,
    )


def _physiotherapy_where_not_due(care: Care) -> ir.Table:
    """Only what the GP sends for: to a physiotherapist one goes as one likes."""
    events = care.of_kinds("physiotherapist")
    looks = care.first(care.looks, events, "begun")
    looks = looks.filter(looks.begun.isnull() | (looks.begun >= looks.date))
    referrals = care.referrals.filter(care.referrals.to == "physiotherapist")
    looks = care.first(looks, referrals, "sent")
    sent = looks.sent.notnull() & (looks.sent == looks.date)
    return _should_not(looks, looks[f"does_{Act.PHYSIOTHERAPY}"], sent, care.are_kept(referrals))


def _psychologist_not_begun(care: Care) -> ir.Table:
    """Any next step will do. Before 12 weeks the GP talks it over; then somebody who treats: own choice."""
    due = care.looks[f"does_{Act.PSYCHOSOCIAL}"] & care.longer(care.looks, CHRONIC_FROM)
    return _not_begun_in_episode(care, due, ("psychologist", "pain_team"), NEXT_STEP_WITHIN)


def _occupational_physician_not_seen(care: Care) -> ir.Table:
    """Whether there is any sick leave is seldom told: where it was not, nothing is laid to anybody."""
    due = care.looks[f"does_{Act.OCCUPATIONAL_PHYSICIAN}"]
    found = _not_begun_in_episode(care, due, ("occupational_physician",), FOLLOWS_WITHIN)
    return found.mutate(excluded=found.excluded.coalesce(excluded((found.due.isnull(), "sick_leave_unknown"))))


def _not_begun_in_episode(care: Care, due: ir.BooleanValue, kinds: tuple[str, ...], within: int) -> ir.Table:
    """Each episode at the first look at which it is due, or else may be: begun before, or so many days later, or not.

    Who is seen no more may be better: of those it cannot be said.
    """
    looks = care.looks.mutate(due=due).filter(ibis._.due.isnull() | ibis._.due)
    first = ibis.window(group_by="episode", order_by=[looks.due.fill_null(False).desc(), looks.date])
    looks = looks.mutate(number=ibis.row_number().over(first)).filter(ibis._.number == 0).drop("number")
    looks = looks.mutate(ends=looks.date + ibis.interval(days=within + 1))
    events = care.of_kinds(*kinds)
    last = care.records["contacts"].group_by("episode").agg(last=ibis._.date.max())
    found = care.first(looks, events, "begun").left_join(last, "episode").drop("episode_right")
    begun = found.begun.notnull() & (found.begun < found.ends)
    came_back = (found.last > found.date) & care.are_kept(events)
    return found.mutate(
        excluded=excluded(_outside(found), _died(found), _too_recent(care, found, within)),
        met=ibis.cases((found.due & begun, True), (found.due & came_back, False), else_=UNKNOWN),
        shown=~begun,
    )


# All ------------------------------------------------------------------------------------------------------------------


def _does(*acts: Act) -> Callable[[Rule], bool]:
    return lambda rule: isinstance(rule, Recommendation) and not rule.does.isdisjoint(acts)


def _forbids(*acts: Act) -> Callable[[Rule], bool]:
    return lambda rule: not rule.forbids.isdisjoint(acts)


def _refers(rule: Rule) -> bool:
    return any(one.to in SPECIALISTS for one in rule.refer)


def _measure(
    id: str, unit: str, cases: Callable[[Care], ir.Table], because: str, needs: str, about: str,
    rules: Callable[[Rule], bool], status: Status = Status.READ,
) -> Measure:  # fmt: skip
    return Measure(
        id, unit, cases, tuple(because.split()), status, frozenset(needs.split()), tuple(about.split()), rules
    )


no_picture = _forbids(Act.SCAN, Act.X_RAY)
physiotherapy = _does(Act.PHYSIOTHERAPY)
MEASURES: tuple[Measure, ...] = (
    _measure("alarm_without_action", "look", _alarm_without_action, "NHG55s IKNL-WM", "referrals", "referral", urgent),
    _measure("alarms_not_asked", "look", _alarms_not_asked, "KNGF-RF NHG54-05", "answers", "", urgent),
    _measure(
        "picture_without_indication", "picture", _picture_without_indication, "S2 NHG54 S9 NHG55", "imaging", "imaging",
        no_picture,
    ),
    _measure(
        "picture_where_not_useful", "look", _picture_where_not_useful, "S2 NHG54 S9 NHG55", "imaging", "imaging",
        no_picture, D,
    ),
    _measure(
        "hernia_scanned_early", "episode", _hernia_scanned_early, "S9 QUARTZ NHG55", "imaging", "imaging", no_picture,
    ),
    _measure(
        "hernia_not_reviewed", "episode", _hernia_not_reviewed, "S9 NHG55 NHG54-05", "", "review",
        _does(Act.DISCUSS_SURGERY), D,
    ),
    _measure(
        "referral_against_pathway", "referral", _referral_against_pathway, "S11 NHG55 NTVG14", "referrals", "referral",
        _refers,
    ),
    _measure(
        "referral_where_not_due", "look", _referral_where_not_due, "S11 NHG55 NTVG14", "referrals", "referral", _refers,
    ),
    _measure(
        "opioid_chronic_nonspecific", "prescription", _opioid_chronic_nonspecific, "WHO NICE-D OPAL", "medication",
        "medication", _does(Act.OPIOID_TAPER),
    ),
    _measure("no_dated_review", "look", _no_dated_review, "NHG54-05 S9", REVIEWS, "review", _does(Act.SAFETY_NET), D),
    _measure(
        "physiotherapy_not_begun", "look", _physiotherapy_not_begun, "S5 S8 NHG54 KNGF-THER",
        f"referrals {TREATMENT}", "referral", physiotherapy,
    ),
    _measure(
        "physiotherapy_where_not_due", "look", _physiotherapy_where_not_due, "NHG54 KNGF-THER", "referrals", "referral",
        physiotherapy, D,
    ),
    _measure(
        "psychologist_not_begun", "episode", _psychologist_not_begun, "S12 NHG54 WPN", f"referrals {TREATMENT}",
        "referral", _does(Act.PSYCHOSOCIAL, Act.PAIN_TEAM), D,
    ),
    _measure(
        "occupational_physician_not_seen", "episode", _occupational_physician_not_seen, "NVAB S12",
        f"referrals {TREATMENT}", "referral", _does(Act.OCCUPATIONAL_PHYSICIAN), D,
    ),
)  # fmt: skip

CASES = ("measure", "practice", "person", "episode", "date", "excluded", "met", "reason", "shown")
"""The columns of the cases, as ``measured`` says."""


def measured(records: Records, decided_looks: ir.Table, edition: Edition) -> ir.Table:
    """The cases: one row for each unit of each measure, also of those that are left out.

    measure, practice, person, episode, date; excluded: why it is left out (null: it counts); met: care was as the
    pathway says (true), it deviated (false), or it cannot be said (null); reason: a reason for deviating is recorded;
    shown: nothing that is recorded speaks for what was done, so that a case of which it cannot be said may be a
    deviation. Of a measure whose tables the source lacks there are no cases.

    ``decided_looks``: ``outcome.decided`` with the findings of ``KEEP``.
    """
    care = Care(records, decided_looks, edition)
    return cases_of(care, *(one for one in MEASURES if not one.needs & records.absent))


def cases_of(care: Care, *measures: Measure) -> ir.Table:
    """The cases of some measures, as ``measured`` has those of all.

    A reason counts from some days before a case until some days after what could be done of it (``ends``).
    """
    why = care.records["reasons"].select(of="episode", on=ibis._.date, about=ibis._.about)
    tables = []
    given: ir.BooleanValue = ibis.literal(False)
    for one in measures:
        found = one.cases(care)
        ends = found.ends if "ends" in found.columns else found.date
        found = found.mutate(measure=ibis.literal(one.id), reason=False, ends=ends)
        tables.append(found.select(*CASES, "ends"))
        about = [*one.about, *(rule.id for rule in care.rules if one.rules(rule))]
        given |= (ibis._.measure == one.id) & ibis._.about.isin(about)
    cases = ibis.union(*tables)
    near = ibis.interval(days=REASON_WITHIN)
    reasons = cases.select("measure", "episode", "date", "ends").distinct().join(why, [ibis._.episode == why.of])
    reasons = reasons.filter(given, ibis._.on >= ibis._.date - near, ibis._.on <= ibis._.ends + near)
    reasons = reasons.select("measure", "episode", "date", given=True).distinct()
    cases = cases.left_join(reasons, ["measure", "episode", "date"])
    return cases.mutate(reason=cases.given.notnull()).select(*CASES)
