"""What was known at every look: one row an episode and day on which a GP saw its person, one column a finding.

An answer of an earlier day is worth here what it is worth in the course of an episode (``course.answers``, by the same
constants): days are moved forward, a "no" to a sign of an alarm grows old, "unclear" makes a reassuring answer unknown
and leaves an alarming one, normal findings of an examination lapse when something gets worse, and what lasts stands in
later episodes too. What nobody recorded is NULL.

Own choices, where many answers come together:

- Of several answers of one day the worse one counts. Where none is meant to be worse and they differ it is not known;
  nor is a reassuring answer beside an "unclear".
- A newer answer counts, whoever gave it: a record does not tell who was still to be seen.
- What stands in a problem list counts from its date on if it lasts, and else in the episode in which that date falls;
  without a date it counts only if it lasts, and gives way to any answer.
- Who was born in a certain year has one of two ages. It stands here only where no rule of any edition tells them apart.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from ruggespraak.audit.engine import kept
from ruggespraak.audit.episodes import present
from ruggespraak.audit.records import Records
from ruggespraak.consult.case import FIRST_DAY, UNCLEAR
from ruggespraak.course.answers import (
    DAYS_IN_A_YEAR,
    DAYS_THAT_PASS,
    LASTING,
    SAME_FACT,
    SETS_ASIDE,
    WHO_ONE_IS,
    signs,
)
from ruggespraak.logic import Compare, Finding
from ruggespraak.pathway.editions import EDITIONS, edition
from ruggespraak.pathway.findings import CLINICIAN, VOCABULARY
from ruggespraak.pathway.numbers import BILATERAL_LONG, RECHECK_ON

WORST = {finding.worse for finding in VOCABULARY.values() if finding.worse in finding.choices}
CHOICES = {choice for finding in VOCABULARY.values() for choice in finding.choices}
WORDS = (*sorted(CHOICES - WORST), *sorted(WORST))
"""Every choice of every finding: its number stands for it. Those that are the worse ones come last."""

NEVER = 1 << 30  # a day after all days
BITS = 62  # of a whole number of 64 bits, that are used as flags
OLDEST = int(VOCABULARY["age_years"].maximum or 0)


@ibis.udf.agg.builtin  # type: ignore[untyped-decorator]
def bit_or(bits: int) -> int:  # type: ignore[empty-body]  # Ibis 12 has its own, and none for Spark
    """The bits of all rows."""


def looks(records: Records, findings: Iterable[Finding]) -> ir.Table:
    """One row an episode and day with a contact of the GP.

    Columns: episode, person, practice, date; ``first``: the first look of its episode; ``review``: the next look that
    was agreed, or null; icpc and closed of the episode; ``at_least``: days since the episode's first contact;
    ``by_clinician``: of what only an examination gives nothing was told by patient or proxy; ``doubt``: something was
    answered with "unclear" and not told since; and of each finding what is known of it that day, in its unit (boolean,
    float64, string or date), or null.
    """
    findings = list(findings)
    seen = kept(records.engine, _seen(records), "seen")
    answers = kept(records.engine, _lasting_till(_of_a_day(_asked(records, findings)), findings), "answers")
    found = seen.left_join(_known(_standing(seen, answers), findings), ["episode", "day"])
    values = {finding.id: found[finding.id] for finding in findings}
    if "age_years" in values:
        values["age_years"] = values["age_years"].coalesce(_age(found))
    if "sex_at_birth" in values:
        values["sex_at_birth"] = values["sex_at_birth"].coalesce(found.sex)
    return found.select(
        "episode", "person", "practice", "date", "first", "review", "icpc", "closed",
        at_least=found.day - found.since,
        by_clinician=~found.examined_by_others.fill_null(False),  # nothing told: nothing told of an examination
        doubt=found.doubt.fill_null(False),  # nothing told: nothing unclear
        **values,
    )  # fmt: skip


def _day(when: ir.DateValue) -> ir.IntegerValue:
    """The number of a day: windows and comparisons go by whole numbers on every engine."""
    return when.delta(ibis.literal(FIRST_DAY, "date"), unit="day").cast("int64")


def _seen(records: Records) -> ir.Table:
    contacts, episodes, persons = (records[name] for name in ("contacts", "episodes", "persons"))
    days = contacts.filter(contacts.kind == "gp").group_by("episode", "date").aggregate(review=lambda t: t.review.max())
    seen = days.inner_join(episodes, "episode").inner_join(persons, "person")
    first = seen.date.min().over(group_by="episode")
    return seen.select(
        "episode", "person", "practice", "birth_year", "sex", "date", "review", "icpc", "closed",
        day=_day(seen.date), since=_day(seen.start), first=seen.date == first,
    )  # fmt: skip


# -- what was asked ---------------------------------------------------------------------------------------------------


def _meaning(findings: list[Finding]) -> ir.Table:
    """One row a finding: how its answers are compared and for how long they stand (``course.answers``).

    Every answer becomes a number: 1 and 0 for yes and no, the number of a word, days since ``FIRST_DAY`` for a date.
    """
    columns = {
        "finding": "string", "place": "int16", "fact": "int16", "lasting": "boolean", "direction": "int16",
        "worst": "float64", "alarms_from": "float64", "alarms_to": "float64", "sign": "boolean",
        "sets_aside": "boolean", "grows_old": "boolean", "examination": "boolean",
    }  # fmt: skip
    places = {finding.id: number for number, finding in enumerate(findings)}
    rows = [_row(finding, places) for finding in findings]
    return ibis.memtable(pa.Table.from_pylist(rows, ibis.schema(columns).to_pyarrow()))


def _row(finding: Finding, places: Mapping[str, int]) -> dict[str, Any]:
    place, worse, examination = places[finding.id], finding.worse, finding.who == CLINICIAN
    low, high = _alarming(finding)
    return {
        "finding": finding.id,
        "place": place,
        "fact": min(place, places.get(SAME_FACT.get(finding.id, ""), place)),
        "lasting": finding.id in LASTING | WHO_ONE_IS,
        "direction": {"present": 1, "higher": 1, "absent": -1, "lower": -1}.get(worse, 0),
        "worst": float(WORDS.index(worse)) if worse in finding.choices else None,
        "alarms_from": low,
        "alarms_to": high,
        "sign": finding.id in signs().findings and worse != "",
        "sets_aside": finding.id in SETS_ASIDE,
        "grows_old": not (examination or worse == "" or finding.id in LASTING),
        "examination": examination,
    }


def _alarming(finding: Finding) -> tuple[float | None, float | None]:
    """The numbers from and to which an answer is alarming, as ``Signs.alarming`` has it; none where none is."""
    if finding.id not in signs().findings or finding.worse == "":
        return None, None
    if finding.kind in ("boolean", "choice"):
        only = float(WORDS.index(finding.worse) if finding.kind == "choice" else finding.worse == "present")
        return only, only
    side = (">", ">=") if finding.worse == "higher" else ("<", "<=")
    limits = [one for one in signs().limits if one.finding.id == finding.id and one.operator in side]
    within = [one.limit if "=" in one.operator else _next(one) for one in limits]
    return (min(within), math.inf) if finding.worse == "higher" else (-math.inf, max(within))


def _next(limit: Compare) -> float:
    """The first number beyond this one."""
    return math.nextafter(limit.limit, math.inf if limit.operator == ">" else -math.inf)


def _asked(records: Records, findings: list[Finding]) -> ir.Table:
    """Every answer that can count in an episode: also those of earlier episodes, and of the problem list.

    Columns: episode, day, place of the finding, number (null: unclear), unclear, and ``by_others``: patient or proxy.
    What is known without a date is dated on ``FIRST_DAY``, before all else.
    """
    meaning = _meaning(findings).select("finding", "place", "lasting")
    columns = ["episode", "date", "value", "by", "place"]
    answers = records["answers"].inner_join(meaning, "finding")
    episodes = records["episodes"].select("episode", "person", "start", "closed")
    parts = [answers.select(columns)]
    later = episodes.select("episode", "start", who="person")
    lasting = answers.filter(answers.lasting)
    whose = lasting.inner_join(episodes.select("episode", "person"), "episode").drop("episode")
    earlier = whose.inner_join(later, [whose.person == later.who, whose.date < later.start]).select(columns)
    parts.append(_not_taken_back(earlier))
    known = records["history"].inner_join(meaning, "finding").inner_join(episodes, "person")
    while_open = known.date.between(known.start, known.closed.coalesce(ibis.literal(records.until, "date")))
    at_all = known.lasting & (known.date.notnull() | known.finding.notin(WHO_ONE_IS))  # an age has a day
    known = known.filter(at_all | while_open, present(known))
    dated = known.date.coalesce(ibis.literal(FIRST_DAY, "date"))
    parts.append(known.mutate(date=dated, by=ibis.literal("clinician")).select(columns))
    asked = ibis.union(*parts)
    return asked.select(
        "episode",
        "place",
        day=_day(asked.date),
        number=_number(asked.value),
        unclear=asked.value == UNCLEAR,
        by_others=asked.by.isin(["patient", "proxy"]).fill_null(False),  # nobody named: a clinician (``TABLES``)
    )


def _not_taken_back(answers: ir.Table) -> ir.Table:
    """What is present, and was not answered with "no" on a later day."""
    answers = answers.mutate(day=_day(answers.date))
    after = ibis.window(group_by=["episode", "place"], order_by="day", range=(1, None))
    answers = answers.mutate(no=answers.day.min(where=answers.value == "false").over(after))
    return answers.filter(present(answers), answers.no.isnull()).drop("day", "no")


def _number(value: ir.StringValue) -> ir.FloatingValue:
    words = {"true": 1, "false": 0, **{word: number for number, word in enumerate(WORDS)}}
    word = value.cases(*((word, ibis.literal(float(number))) for word, number in words.items()))
    when = _day(value.try_cast("date")).cast("float64")
    return word.coalesce(ibis.ifelse(value.like("____-__-__"), when, value.try_cast("float64")))


def _of_a_day(asked: ir.Table) -> ir.Table:
    """One row an episode, day and finding: the highest and the lowest of what was told, and whether it was unclear."""
    return asked.group_by("episode", "day", "place").aggregate(
        high=asked.number.max(),
        low=asked.number.min(),
        unclear=asked.unclear.any(),
        by_others=asked.by_others.any(),
    )


# -- for how long it stands -------------------------------------------------------------------------------------------


def _lasting_till(asked: ir.Table, findings: list[Finding]) -> ir.Table:
    """What was known after each answer, with the day (``to``) from which another answer counts in its stead.

    ``number``: null where the answers of the day leave it open. ``reassures``: the good news about a sign of an alarm.
    ``news``: it alarms, and did not alarm so before; or it became unclear, and did not alarm.
    """
    told = asked.inner_join(_meaning(findings).drop("finding", "lasting"), "place")
    agreed = ibis.cases(
        ((told.high == told.low) | (told.direction > 0) | (told.high == told.worst), told.high),
        (told.direction < 0, told.low),
        else_=ibis.null("float64"),
    )
    # Of what is not known none of these is established.
    alarms = agreed.between(told.alarms_from, told.alarms_to).fill_null(False)
    number = ibis.ifelse(told.unclear & ~alarms, ibis.null("float64"), agreed)
    told = told.mutate(number=number, alarms=alarms, told=told.high.notnull(), open=told.unclear & number.isnull())
    good = (told.sign & told.number.notnull() & ~told.alarms) | (told.sets_aside & (told.number == 1).fill_null(False))
    told = told.mutate(reassures=good)
    in_order = {"group_by": ["episode", "fact"], "order_by": "day"}
    after, earlier = ibis.window(**in_order, range=(1, None)), ibis.window(**in_order, range=(None, -1))
    newest = (2 * told.day + told.alarms.cast("int64")).max(where=told.told)  # a day, and whether it alarmed then
    told = told.mutate(
        next_told=told.day.min(where=told.told).over(after).coalesce(NEVER),
        next_unclear=told.day.min(where=told.unclear).over(after).coalesce(NEVER),
        before=told.number.lag().over(group_by=["episode", "fact", "told"], order_by="day"),
        alarmed=(newest.over(earlier) % 2 == 1).fill_null(False),
        was_open=told.open.lag().over(**in_order).fill_null(False),
    )
    worse = told.alarms & (~told.alarmed | (told.direction * (told.number - told.before) > 0).fill_null(False))
    return told.select(
        "episode", "day", "place", "number", "unclear", "by_others", "reassures", "grows_old", "examination",
        to=ibis.ifelse(told.reassures & (told.next_unclear < told.next_told), told.next_unclear, told.next_told),
        news=worse | (told.open & told.sign & ~told.alarmed & ~told.was_open),
    )  # fmt: skip


def _standing(seen: ir.Table, answers: ir.Table) -> ir.Table:
    """The answers that stand at each look: its episode and day, the place, number, and the days ``passed`` since."""
    worse = answers.filter(answers.news).select("episode", worse="day").distinct()
    earlier = seen.select("episode", "day").inner_join(worse, "episode")
    earlier = earlier.filter(earlier.worse <= earlier.day)
    news = earlier.group_by("episode", "day").aggregate(worse=earlier.worse.max())
    looked = seen.select("episode", "day").left_join(news, ["episode", "day"])
    looked = looked.select("episode", look="day", worse=looked.worse.coalesce(-1))
    stands = looked.inner_join(answers, [
        looked.episode == answers.episode, answers.day <= looked.look, answers.to > looked.look,
    ])  # fmt: skip
    passed = stands.look - stands.day
    old = stands.grows_old & (passed >= int(RECHECK_ON))
    examined_before = stands.examination & (stands.day < stands.worse)
    stands = stands.filter(~(stands.reassures & (old | examined_before)))
    return stands.select(
        "episode", "place", "number",
        day=stands.look, passed=stands.look - stands.day,
        unclear=stands.unclear & stands.number.isnull(),
        by_others=stands.by_others & stands.examination,
    )  # fmt: skip


def _known(standing: ir.Table, findings: list[Finding]) -> ir.Table:
    """One row a look: of each finding its value, ``doubt`` and ``examined_by_others``.

    Yes and no are gathered as bits, which is several times faster than a column each.
    """
    one = ibis.literal(1, "int32").cast("int64")  # a bare 1 has 32 bits in Spark
    words, bit = {}, one << (standing.place % BITS).cast("int64")
    for word in range(-(-len(findings) // BITS)):
        here = standing.number.notnull() & (standing.place // BITS == word)
        words[f"told_{word}"] = bit_or(bit, where=here)
        words[f"yes_{word}"] = bit_or(bit, where=here & (standing.number == 1))
    others = [(place, finding) for place, finding in enumerate(findings) if finding.kind != "boolean"]
    gathered = standing.group_by("episode", "day").aggregate(
        doubt=standing.unclear.any(),
        examined_by_others=standing.by_others.any(),
        **words,
        **{finding.id: _value(standing, place, finding) for place, finding in others},
    )
    flags = {finding.id: _flag(gathered, place) for place, finding in enumerate(findings) if finding.kind == "boolean"}
    return gathered.mutate(**flags).drop(*words)


def _flag(gathered: ir.Table, place: int) -> ir.BooleanValue:
    word, bit = divmod(place, BITS)
    told, yes = (gathered[f"{name}_{word}"].coalesce(0) & (1 << bit) != 0 for name in ("told", "yes"))
    return ibis.ifelse(told, yes, ibis.null("boolean"))


def _value(standing: ir.Table, place: int, finding: Finding) -> ir.Value:
    """What is known of this finding at a look, in its own type and with the time that passed (``answers.moved``)."""
    number, passed = standing.number, standing.passed
    if finding.id == "age_years":
        number = number + (passed / DAYS_IN_A_YEAR).floor()
    elif finding.id == "bilateral_since_days":
        unasked = (number <= float(BILATERAL_LONG)) & (number + passed > float(BILATERAL_LONG))
        number = ibis.ifelse(unasked, ibis.null("float64"), number + passed)
    elif finding.id in DAYS_THAT_PASS:
        number = number + passed
    found = number.max(where=standing.place == place)
    if finding.kind == "choice":
        return found.cast("int64").cases(*((WORDS.index(word), word) for word in finding.choices))
    if finding.kind == "date":
        return (ibis.literal(FIRST_DAY, "date") + found.cast("int64").as_interval("D")).cast("date")
    return ibis.ifelse(found > finding.maximum, finding.maximum, found)


# -- who one is -------------------------------------------------------------------------------------------------------


def _age(seen: ir.Table) -> ir.FloatingValue:
    """The age by the year of birth, where every rule says the same of the two ages that it can be; else null."""
    older = seen.date.year() - seen.birth_year
    return ibis.ifelse(older.isin(_turns()), ibis.null("float64"), older.cast("float64"))


@cache
def _turns() -> list[int]:
    """The ages of which some rule of some edition says something else than of the year before."""
    found: set[Compare] = set()
    for one in map(edition, EDITIONS):
        rules = (*one.rules(), *one.derivations, *one.conflicts)
        conditions = [rule.when for rule in rules]
        conditions += [when for alarm in one.alarms for _, when in alarm.imaging if when is not None]
        conditions += [kind.probable for kind in one.classes if kind.probable is not None]
        found |= {node for when in conditions for node in when.walk() if isinstance(node, Compare)}
    ages = [one for one in found if one.finding.id == "age_years"]
    said = [[one.value({"age_years": age}) for one in ages] for age in range(OLDEST + 1)]
    return [age for age in range(1, OLDEST + 1) if said[age] != said[age - 1]]
