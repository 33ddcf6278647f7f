"""From what happened on some day to a person, to episodes of back pain: who came, and when it was over.

A contact for the back begins an episode or continues it; so many days without one end it. All else belongs to the
episode in which it falls, and continues nothing: a prescription that is renewed is no look at a back. What falls in no
episode is kept apart and counted; but an answer that lasts is of the person, whenever it was given, and is history.

Own choices: 90 days, also where the next contact comes on the very last of them; of several codes on the first day the
last one by its number counts (L86, with pain in the leg, before L03); it ends with who dies.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import ibis
import ibis.expr.types as ir

from ruggespraak.audit.engine import kept
from ruggespraak.audit.records import schema
from ruggespraak.consult.case import UNCLEAR
from ruggespraak.course.answers import LASTING, WHO_ONE_IS
from ruggespraak.pathway.codes import BACK

GAP = 90  # days without a contact for the back that end an episode: own choice


def built(
    engine: ibis.BaseBackend,
    persons: ir.Table,
    events: Mapping[str, ir.Table],
    gap: int = GAP,
    until: date | None = None,
) -> dict[str, ir.Table]:
    """The tables of these events with the episode in which each falls, ``episodes``, and ``loose``.

    ``events``: contacts, imaging, referrals and so on with ``person`` in place of ``episode``; contacts also has
    ``icpc``, the ICPC-1-NL code that it was for: empty where that is not known, and where it is another than those of
    the back the contact belongs to no episode. ``gap``: days. ``until``: the last day of the records; without it that
    of the last contact. ``loose``: table, person and date of what falls in no episode. ``history``: that of ``events``,
    and what lasts of the answers that fall in none.
    """
    contacts = events["contacts"]
    history = [events["history"]] if "history" in events else []
    spans = kept(engine, _spans(persons, contacts, gap), "spans")
    last = ibis.literal(until or contacts.date.max().to_pyarrow().as_py(), "date")
    closed = ibis.ifelse(spans.ends <= last, spans.ends, ibis.null("date"))
    episodes = spans.select("episode", "person", "start", "icpc", closed=closed)
    found, loose = {"episodes": kept(engine, episodes, "episodes")}, []
    for name in (name for name in events if name != "history"):
        placed = _placed(spans, events[name])
        columns = list(schema(name))
        found[name] = kept(engine, placed.filter(placed.episode.notnull()).select(columns), name)
        outside = placed.filter(placed.episode.isnull())
        if name == "answers":
            lasts = outside.finding.isin(sorted(LASTING | WHO_ONE_IS)) & present(outside)
            history.append(outside.filter(lasts).select(list(schema("history"))))
            outside = outside.filter(~lasts)
        loose.append(outside.select("person", "date", table=ibis.literal(name)))
    if history:
        found["history"] = kept(engine, ibis.union(*history), "history")
    return {**found, "loose": kept(engine, ibis.union(*loose).select("table", "person", "date"), "loose")}


def present(answers: ir.Table) -> ir.BooleanValue:
    """Whether this says that something is there, or how much: not "no", and not "unclear"."""
    return answers.value.notin([UNCLEAR, "false"])


def _spans(persons: ir.Table, contacts: ir.Table, gap: int) -> ir.Table:
    """One row an episode: episode, person, number, start, icpc, and ``ends``: from that day on it is over."""
    days = contacts.filter(contacts.icpc.isin(BACK)).group_by("person", "date").aggregate(icpc=lambda t: t.icpc.max())
    days = days.mutate(before=days.date.lag().over(group_by="person", order_by="date"))
    days = days.mutate(begins=days.before.isnull() | (days.date.delta(days.before, unit="day") >= gap))
    so_far = ibis.cumulative_window(group_by="person", order_by="date")
    days = days.mutate(number=days.begins.cast("int64").sum().over(so_far))
    spans = days.group_by("person", "number").aggregate(
        start=days.date.min(), last=days.date.max(), icpc=days.icpc.max(where=days.begins)
    )
    spans = spans.left_join(persons.select("person", "died"), "person")
    at_death = spans.died.between(_later(spans.last, 1), _later(spans.last, gap))
    return spans.select(
        "person",
        "start",
        "icpc",
        episode=spans.person + "/" + spans.number.cast("string"),
        ends=ibis.cases(
            (at_death, spans.died), (spans.died <= spans.last, _later(spans.last, 1)), else_=_later(spans.last, gap)
        ),
    )


def _later(day: ir.DateValue, days: int) -> ir.DateValue:
    return (day + ibis.interval(days=days)).cast("date")


def _placed(spans: ir.Table, events: ir.Table) -> ir.Table:
    """Each event with the episode of its person in which it falls, empty where there is none."""
    falls = [events.person == spans.person, events.date >= spans.start, events.date < spans.ends]
    if "icpc" in events.columns:
        falls.append(events.icpc.isnull() | events.icpc.isin(BACK))
    return events.left_join(spans.select("person", "start", "ends", "episode"), falls)
