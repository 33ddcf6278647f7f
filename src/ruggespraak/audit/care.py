"""What all measures look at: every look with what the rules say of it, and what was done in its episode."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property, reduce
from operator import or_

import ibis
import ibis.expr.types as ir

from ruggespraak.audit.engine import kept
from ruggespraak.audit.records import Records
from ruggespraak.pathway.rules import Act, Alarm, Edition, Recommendation, Urgency, Use

Rule = Alarm | Recommendation

KEEP = ("duration_days",)
"""The findings that the measures look at beside the rules."""

FOLLOWS_WITHIN = 28  # days in which what is done is laid to a look, if no other comes before: own choice
SPECIALISTS = ("neurologist", "orthopaedist", "rheumatologist")
TO_HOSPITAL = (*SPECIALISTS, "emergency", "hospital")
"""Kinds of care that take an alarm over."""
SENDS = {"neurologist": Act.REFER_NEUROLOGIST, "orthopaedist": Act.REFER_ORTHOPAEDIST}
ACTS = (*SENDS.values(), Act.PHYSIOTHERAPY, Act.PSYCHOSOCIAL, Act.OCCUPATIONAL_PHYSICIAN)
LOOKED_AT = (
    "episode", "person", "practice", "date", "review", "closed", "at_least", *KEEP, "established", "complaint",
    "is_nonspecific", "imaging", "imaging_open", "unasked", "doubt", f"forbids_{Act.GP_ORDERS_MRI}",
)  # fmt: skip
"""What the measures look at of a decided look, beside acts and addressees."""

NOT_USEFUL, CONSIDER, NEEDED = (str(use) for use in (Use.NOT_USEFUL, Use.CONSIDER, Use.NEEDED))
UNKNOWN = ibis.null("boolean")


class Care:
    """What all measures look at: the decided looks, and what was done in an episode.

    ``looks``: each with the next, the day until which (exclusive) what is done is laid to it (``ends``), and the day of
    death, if any.
    """

    def __init__(self, records: Records, decided: ir.Table, edition: Edition) -> None:
        self.records, self.edition = records, edition
        self.rules: tuple[Rule, ...] = (*edition.alarms, *edition.recommendations)
        self.addressees = sorted({one.to for rule in self.rules for one in rule.refer} - {"gp"})
        by_time = ibis.window(group_by="episode", order_by="date")
        looks = decided.select(
            *LOOKED_AT,
            *(f"does_{act}" for act in ACTS),
            *(f"refer_{to}" for to in self.addressees),
            alarm_elsewhere=self._alarm_elsewhere(decided),
            alarm_pictured=one_of(decided[f"alarm_{one.id}"] for one in edition.alarms if one.imaging),
            next=decided.date.lead().over(by_time),
        )
        self.persons = records["persons"].select("person", "practice", "died")
        looks = looks.join(self.persons.select("person", "died"), "person", how="left").drop("person_right")
        last = looks.date + ibis.interval(days=FOLLOWS_WITHIN + 1)
        looks = looks.mutate(ends=ibis.ifelse(looks.next.notnull() & (looks.next < last), looks.next, last))
        self.looks = kept(records.engine, looks, "care")
        self.until = ibis.literal(records.until)

    def _alarm_elsewhere(self, decided: ir.Table) -> ir.BooleanValue:
        """Whether an alarm that cannot wait names somebody else than the GP."""
        return one_of(
            decided[f"alarm_{one.id}"] for one in filter(urgent, self.rules) if any(to.to != "gp" for to in one.refer)
        )

    @cached_property
    def done(self) -> ir.Table:
        """What was begun in an episode: by contact or referral; episode, date, kind."""
        contacts = self.records["contacts"].select("episode", "date", "kind")
        return contacts.union(self.referrals.select("episode", "date", kind=ibis._.to))

    def of_kinds(self, *kinds: str) -> ir.Table:
        return self.done.filter(self.done.kind.isin(kinds))

    @property
    def referrals(self) -> ir.Table:
        return self.records["referrals"].select("episode", "date", "to")

    def first(self, looks: ir.Table, events: ir.Table, name: str) -> ir.Table:
        """The looks, with the day of the first of these events in the episode; null where there is none."""
        earliest = events.group_by("episode").agg(**{name: events.date.min()})
        return looks.left_join(earliest, "episode").drop("episode_right")

    def are_kept(self, events: ir.Table) -> ir.BooleanValue:
        """Whether the records have any of these: of what never occurs in all of a source it keeps no record."""
        return events.count().as_scalar() > 0

    def look_of(self, events: ir.Table) -> ir.Table:
        """The events (episode, date), each with the look of that day, or else the last one before it, or nulls.

        ``look`` is the day of that look; ``fresh``: whether it still says how somebody was. Where there is none, person
        and practice are there all the same.
        """
        looks = self.looks.drop("person", "practice", "died", "ends").rename(look="date", of="episode")
        same = [events.episode == looks.of, events.date >= looks.look]
        found = events.join(looks, [*same, (events.date < looks.next) | looks.next.isnull()], how="left").drop("of")
        whose = self.records["episodes"].select("episode", "person", "closed")
        found = found.drop("closed").join(whose, "episode", how="inner")
        found = found.join(self.persons, "person", how="left").drop("person_right")
        return found.mutate(fresh=(found.date <= found.look + ibis.interval(days=FOLLOWS_WITHIN)).fill_null(False))

    def day(self, table: ir.Table, on: ir.DateValue, look: ir.DateValue) -> tuple[ir.Value, ir.Value]:
        """Days of pain on a day: as told at the look before it (null: unknown), and what they are at least."""
        since = on.delta(look, unit="day")
        return table.duration_days + since, ibis.coalesce(table.duration_days, table.at_least) + since

    def longer(self, table: ir.Table, days: float) -> ir.BooleanValue:
        """Whether the pain is there for this long at a look: what it is at least says yes, never no."""
        told, at_least = self.day(table, table.date, table.date)
        return ibis.cases((at_least >= days, True), (told < days, False), else_=UNKNOWN)

    def rules_for_specialist(self, table: ir.Table) -> ir.BooleanValue:
        """Whether anything asks for a specialist: a rule that names one, or a picture that only they order."""
        named = [table[f"refer_{to}"] for to in self.addressees]
        return one_of([*named, *(table[f"does_{act}"] for act in SENDS.values()), self.picture_due(table)])

    def picture_due(self, table: ir.Table) -> ir.BooleanValue:
        """Whether a picture is worth anything, whoever orders it."""
        worth = table.imaging.isin([CONSIDER, NEEDED]).fill_null(False)  # of what is established: it is, or is not yet
        never = table.imaging_open.isnull() | (table.imaging_open == NOT_USEFUL)
        return ibis.cases((worth, True), (never, False), else_=UNKNOWN)


def one_of(conditions: Iterable[ir.BooleanValue]) -> ir.BooleanValue:
    return reduce(or_, conditions, ibis.literal(False))


def urgent(rule: Rule) -> bool:
    return isinstance(rule, Alarm) and rule.urgency >= Urgency.SAME_DAY
