"""The loop closed: lives with a known way of working, their records, and what an audit finds of it in them.

The population plants rates (``practice.*``); here each is looked for in the cases of an audit. What is planted is a
chance at each contact; what a measure counts is nearly always that, and where it is not, it says so below.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from pathlib import Path

import ibis
import ibis.expr.types as ir

from ruggespraak.audit.audit import Audited, audit
from ruggespraak.audit.care import TO_HOSPITAL
from ruggespraak.audit.engine import connected, kept
from ruggespraak.audit.parquet import read_parquet
from ruggespraak.audit.records import Records
from ruggespraak.population import records as synthetic
from ruggespraak.population.parameters import parameters
from ruggespraak.population.scenarios import Scenario
from ruggespraak.population.simulate import Option, Run

PLANTED: Mapping[str, float] = {
    "asks": 1.0,
    "follows": 0.7,
    "physiotherapy": 0.5,
    "physiotherapy_anyway": 0.3,
    "scan_anyway_back": 0.05,
    "scan_anyway_root": 0.12,
    "refers_anyway_back": 0.04,
    "refers_anyway_root": 0.08,
    "psychology": 0.2,
    "pain_team": 0.1,
    "occupational": 0.4,
}
"""A way of working with enough of everything to count. Who asks all of it leaves nothing unknown."""

ALARMING: Mapping[str, float] = {
    "kind.cauda_equina": 0.001,
    "kind.infection": 0.0005,
    "kind.aneurysm": 0.001,
    "kind.paresis": 0.01,
    "kind.unbearable": 0.05,
    "kind.shows": 0.95,
}
"""As many alarms that cannot wait as the country may have: the top of each range."""


@dataclass(frozen=True)
class Loop:
    """What was planted, what an audit found in the records of it, the cases that count, and what no practice knows.

    ``cases``: with the cause that was planted, and what the GP did that day.
    """

    planted: Mapping[str, float]
    audited: Audited
    cases: ir.Table
    truth: ir.Table


@dataclass(frozen=True)
class Rate:
    """One planted rate: the chance that it happens in each of ``of`` cases, and in how many it was found."""

    id: str
    chance: float
    found: int
    of: int

    @property
    def z(self) -> float:
        """How many standard deviations what was found is from what was planted; 0 of nothing."""
        spread = sqrt(self.of * self.chance * (1 - self.chance))
        return (self.found - self.of * self.chance) / spread if spread else float(self.found != self.of * self.chance)


def loop(into: Path, people: int, years: int = 2, **changes: float) -> Loop:
    """Lives so many people with what is planted, writes their records into a new folder, and audits them."""
    planted = PLANTED | changes
    scenario = Scenario("planted", nl="Geplant", en="Planted", changes=dict(planted))
    alarming = parameters().changed(ALARMING)
    synthetic.write(Run(people=people, years=years, options=(Option("current", scenario),), parameters=alarming), into)
    engine = connected()
    read = read_parquet(engine, into)
    truth = engine.read_parquet(str(into / "truth.parquet"))
    truth = truth.filter(truth.recorded)
    audited = audit(read)
    return Loop(planted, audited, kept(engine, _with_what_was_done(audited.cases, read, truth), "planted"), truth)


def rates(one: Loop) -> list[Rate]:
    """Every planted rate that records of this way of working show."""
    first = _cases(one, "alarms_not_asked")
    # Only at the first look: later an answer of before can still stand.
    asks = first.filter(first.date == first.start)
    found = [_rate("asks", one.planted["asks"], asks, asks.met)]

    acted = _cases(one, "alarm_without_action")
    for in_the_leg, place in ((False, "back"), (True, "root")):
        beside = one.planted[f"refers_anyway_{place}"]
        # A GP who misses the alarm may refer beside the pathway that very day: that looks the same.
        chance = 1 - (1 - one.planted["follows"]) * (1 - beside)
        those = acted.filter(acted.radicular == in_the_leg)
        found.append(_rate(f"follows, {place}", chance, those, those.sent))
        for measure, id in (("picture_where_not_useful", "scan"), ("referral_where_not_due", "refers")):
            cases = _cases(one, measure)
            cases = cases.filter((cases.radicular == in_the_leg) & cases.met.notnull())
            found.append(_rate(f"{id}_anyway_{place}", one.planted[f"{id}_anyway_{place}"], cases, ~cases.met))

    due = _known(one, "physiotherapy_not_begun")
    found.append(_rate("physiotherapy", one.planted["physiotherapy"], due, due.met))
    not_due = _known(one, "physiotherapy_where_not_due")
    # Once an alarm is acted on nobody is sent to a physiotherapist any more.
    not_due = not_due.filter(not_due.handed.isnull() | (not_due.handed > not_due.date))
    found.append(_rate("physiotherapy_anyway", one.planted["physiotherapy_anyway"], not_due, ~not_due.met))

    # Of an episode these count whether it began in time; planted is a chance at each look, and so at the first.
    lasting = _cases(one, "psychologist_not_begun").filter(ibis._.asked)
    found.append(_rate("psychology", one.planted["psychology"], lasting, lasting.to_psychologist))
    found.append(_rate("pain_team", one.planted["pain_team"], lasting, lasting.to_pain_team))
    sick = _cases(one, "occupational_physician_not_seen")
    found.append(_rate("occupational", one.planted["occupational"], sick, sick.to_occupational))
    return found


def needless(one: Loop) -> list[tuple[int, int]]:
    """Of every episode with either: pictures without indication that the audit found, and that the truth has."""
    cases = _known(one, "picture_without_indication")
    found = cases.filter(~cases.met).group_by("episode").agg(found=ibis._.count())
    return _beside(found, one.truth.filter(one.truth.needless > 0).select("episode", true="needless"))


SAME_DAY = ("cauda_equina", "radicular", "infection", "aneurysm")
"""The causes whose alarm cannot wait. That of the others may, and is no case of the measure."""


def missed(one: Loop) -> list[tuple[int, int]]:
    """Of every episode with either: alarms not acted on that the audit found, and that the truth has.

    Without the episodes in which something else looks like acting on it: a referral beside the pathway, or a patient
    who went to hospital alone on the day of a look.
    """
    cases = _cases(one, "alarm_without_action")
    truth = one.truth.filter(one.truth.cause.isin(SAME_DAY) & one.truth.alarm).select("episode", "missed", "recognised")
    cases = cases.inner_join(truth, "episode")
    late = cases.group_by("episode").agg(
        found=ibis._.count(where=~cases.met.fill_null(False)),  # null: what a GP alone did; here nothing
        beside=(cases.met & ~(cases.sent & (cases.recognised == cases.date).fill_null(False))).any(),
    )
    late = late.filter(~late.beside)
    truth = truth.semi_join(late, "episode").select("episode", true="missed")
    return _beside(late.select("episode", "found"), truth)


def _rate(id: str, chance: float, cases: ir.Table, happened: ir.BooleanValue) -> Rate:
    row = cases.aggregate(found=cases.count(where=happened), of=cases.count()).to_pyarrow().to_pylist()[0]
    return Rate(id, chance, row["found"], row["of"])


def _beside(found: ir.Table, true: ir.Table) -> list[tuple[int, int]]:
    both = found.outer_join(true, "episode").select("found", "true").to_pyarrow().to_pylist()
    return [(row["found"] or 0, row["true"] or 0) for row in both]


def _known(one: Loop, measure: str) -> ir.Table:
    cases = _cases(one, measure)
    return cases.filter(cases.met.notnull())


def _cases(one: Loop, measure: str) -> ir.Table:
    return one.cases.filter(one.cases.measure == measure)


def _with_what_was_done(cases: ir.Table, records: Records, truth: ir.Table) -> ir.Table:
    cases = cases.filter(cases.excluded.isnull())
    cases = cases.inner_join(records["episodes"].select("episode", "start"), "episode")
    cases = cases.inner_join(truth.select("episode", radicular=truth.cause == "radicular"), "episode")
    referrals, pictures, contacts = (records[name] for name in ("referrals", "imaging", "contacts"))
    x_rays = pictures.filter((pictures.kind == "x_ray") & (pictures.ordered_by == "gp")).select("episode", "date")
    handed = referrals.filter(referrals.to.isin(TO_HOSPITAL)).select("episode", "date").union(x_rays)
    first = handed.group_by("episode").agg(handed=handed.date.min())
    cases = cases.left_join(first, "episode").drop("episode_right")
    days = {
        "sent": handed,
        "to_pain_team": referrals.filter(referrals.to == "pain_team"),
        "to_occupational": referrals.filter(referrals.to == "occupational_physician"),
        "to_psychologist": contacts.filter(contacts.kind == "psychologist"),
        "asked": cases.filter((cases.measure == "alarms_not_asked") & cases.met),
    }
    for name, events in days.items():
        that_day = events.select(of="episode", on="date").distinct()
        cases = cases.left_join(that_day, [cases.episode == that_day.of, cases.date == that_day.on])
        cases = cases.mutate(**{name: cases.of.notnull()}).drop("of", "on")
    return cases


def read_as_no(one: Loop) -> dict[str, int]:
    """Pictures by the GP: without indication for certain; were all that is not recorded absent; and of these wrongly.

    Wrongly is a picture of somebody with an alarm that the truth knows, and that nobody asked about.
    """
    cases = _cases(one, "picture_without_indication")
    cases = cases.inner_join(one.truth.select("episode", "alarm"), "episode")
    as_no = ~cases.met.fill_null(~cases.shown)  # what cannot be said, taken as not met where nothing speaks for it
    row = cases.aggregate(
        certain=cases.count(where=~cases.met),
        as_no=cases.count(where=as_no),
        wrongly=cases.count(where=as_no & cases.alarm),
    )
    return row.to_pyarrow().to_pylist()[0]
