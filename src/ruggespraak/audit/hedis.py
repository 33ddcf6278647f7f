"""The measure of another country beside our own: HEDIS, use of imaging for low back pain, as evidence §6 gives it.

Of adults whose first contact was for low back pain and nothing more, it counts who had a picture of the spine within 28
days, unless something excludes them; the fewer pictures, the better. It has had two ranges of age: 18 to 50 until about
2020, and 18 to 75 from 2021 or 2022 on.

What is not recorded counts as absent, against our own rule that unknown is no no; only where the year of birth is not
known is nothing said. What the evidence does not say is own choice (D), held against no published value set: the first
contact counts whoever it was with; the age is that at the end of the year of the index; every index in the records
counts, and not one a person and year; the day of the index counts beside the 28 after it; and how far back an exclusion
reaches. Codes from memory count too, those of ``hedis.csv`` and of ``pathway.codes`` that are ``unsure``: without them
nothing would tell of HIV, of a transplant or, in the code of a Dutch GP, of cancer, which the evidence has. So all is
unverified, and called so wherever it shows.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from importlib.resources import files

import ibis
import ibis.expr.types as ir

from ruggespraak.audit.records import Records
from ruggespraak.pathway.codes import CODES

AGES: Mapping[str, tuple[int, int]] = {"hedis_lbp_18_50": (18, 50), "hedis_lbp_18_75": (18, 75)}
"""Both versions, by the id of the measure: the youngest and the oldest, in years."""
WITHIN = 28
"""Days after the index in which a picture counts, the last one too."""
EXCLUSIONS: Mapping[str, int | None] = {
    "cancer": None,
    "recent_trauma": 90,
    "drug_abuse": 365,
    "neurological_impairment": 365,
    "hiv": None,
    "spinal_infection": 365,
    "transplant": None,
    "immunosuppressed": None,
    "corticosteroids": 365,
}
"""What excludes, and from how many days before the index on; None: ever, also where nobody wrote down since when.
Until 28 days after it, for it may be why there was a picture. Of several the first one here is named."""
TOO_RECENT, NOT_NEW = "too_recent", "not_new"
"""Excluded as well: the 28 days were not over when the records end; there was back pain shortly before."""
OURS = "ours"
"""The system in ``hedis.csv`` of what ``pathway`` has an id for: a finding, or a complaint whose codes it knows."""
UNCOMPLICATED = tuple(
    one.code for one in CODES if one.about == "complaint:nonspecific" and one.system == "ICPC-1-NL"
)  # own choice: L02 too, although it is broader than the low back


def _read() -> Iterator[tuple[str, str, str, bool]]:
    text = files("ruggespraak.audit").joinpath("hedis.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(io.StringIO(text)):
        yield row["exclusion"], row["system"], row["code"], row["below"] == "yes"
        for one in CODES if row["system"] == OURS else ():
            if one.about == row["code"] and one.relation in ("equivalent", "narrower"):
                yield row["exclusion"], one.system, one.code, one.below


SIGNS = tuple(_read())
"""What each exclusion is known by: its id, system and code, and whether a longer code is a part of it."""


def hedis(records: Records, clean: int = 0) -> ir.Table:
    """One row per version and per index that is in its denominator or excluded from it: the columns of ``measured``.

    ``met``: no picture; NULL where the age is not known. ``clean``: days before the index that are to be free of any
    contact for the back: 180 in HEDIS (from memory, unverified), and 0 unless asked.
    """
    index = _index(records)
    pictures = _soon_after(index, records["imaging"].filter(lambda row: row.kind.isin(["x_ray", "mri", "ct"])))
    reasons = _soon_after(index, records["reasons"].filter(lambda row: row.about == "imaging"))
    excluded = _excluded(records, index)
    if clean:
        excluded = ibis.union(excluded, _seen_before(records, index, clean))
    first = excluded.group_by("episode").agg(rank=excluded.rank.min())
    index = index.left_join(first, "episode")
    late = ibis.date(records.until) - ibis.interval(days=WITHIN)
    judged = index.mutate(
        excluded=ibis.ifelse(index.date > late, TOO_RECENT, index.rank.cases(*enumerate((NOT_NEW, *EXCLUSIONS)))),
        picture=index.episode.isin(pictures.episode),
        reason=index.episode.isin(reasons.episode),
    )
    return ibis.union(*(_version(judged, id) for id in AGES))


def _index(records: Records) -> ir.Table:
    """The first contact of each episode that began as uncomplicated: episode, person, practice, date and age."""
    begun = records["episodes"].filter(lambda row: row.icpc.isin(UNCOMPLICATED))
    found = begun.join(records["persons"], "person")
    return found.select("episode", "person", "practice", date=found.start, age=found.start.year() - found.birth_year)


def _soon_after(index: ir.Table, events: ir.Table) -> ir.Table:
    """The events of the episode on the day of its index or in the 28 days after it."""
    events = events.select("episode", day=events.date)
    found = index.join(events, "episode")
    return found.filter((found.day >= found.date) & (found.day <= found.date + ibis.interval(days=WITHIN)))


def _version(judged: ir.Table, id: str) -> ir.Table:
    """The rows of one range of age; who may or may not be in it is in it, and nothing is said of her."""
    youngest, oldest = AGES[id]
    rows = judged.filter(judged.age.isnull() | judged.age.between(youngest, oldest))
    return rows.select(
        "practice",
        "person",
        "episode",
        "date",
        "excluded",
        "reason",
        measure=ibis.literal(id),
        met=ibis.ifelse(rows.age.isnull(), ibis.null("boolean"), ~rows.picture),
        shown=rows.picture,
    )


# Exclusions


def _excluded(records: Records, index: ir.Table) -> ir.Table:
    """Each exclusion that an index has: episode, and the rank of the exclusion, from 1."""
    facts = ibis.union(_found(records), _diagnosed(records))
    reach = ibis.memtable(
        [(rank, before) for rank, before in enumerate(EXCLUSIONS.values(), 1)],
        schema={"rank": "int8", "before": "int32"},
    )
    facts = facts.join(reach, "rank").select("person", "rank", "before", day=facts.date)
    found = index.join(facts, "person")
    since = found.before.isnull() | (found.date.delta(found.day, unit="day") <= found.before)
    until = found.day <= found.date + ibis.interval(days=WITHIN)
    undated = found.day.isnull() & found.before.isnull()
    return found.filter(undated | (since & until)).select("episode", "rank")


def _found(records: Records) -> ir.Table:
    """What was found or told of a person, in any episode or outside one."""
    told = records["answers"].join(records["episodes"].select("episode", "person"), "episode")
    columns = "person", "date", "finding", "value"
    facts = ibis.union(told.select(*columns), records["history"].select(*columns))
    signs = _signs().filter(lambda row: row.system == OURS).select("rank", finding="code")
    return facts.filter(facts.value == "true").join(signs, "finding").select("person", "date", "rank")


def _diagnosed(records: Records) -> ir.Table:
    """What was coded of a person. A code is looked up once, however many people have it."""
    diagnoses, signs = records["diagnoses"], _signs().rename(sign="code")
    codes = diagnoses.select("system", "code").distinct()
    there = codes.join(signs, "system")
    there = there.filter((there.code == there.sign) | (there.below & there.code.startswith(there.sign)))
    there = there.select("system", "code", "rank").distinct()
    return diagnoses.join(there, ["system", "code"]).select("person", "date", "rank")


def _signs() -> ir.Table:
    """``SIGNS`` as a table, with the rank of the exclusion in the place of its id."""
    ranks = {id: rank for rank, id in enumerate(EXCLUSIONS, 1)}
    return ibis.memtable(
        [(ranks[exclusion], *rest) for exclusion, *rest in SIGNS],
        schema={"rank": "int8", "system": "string", "code": "string", "below": "boolean"},
    )


def _seen_before(records: Records, index: ir.Table, clean: int) -> ir.Table:
    """Each index with a contact of another episode in so many days before it: episode, and rank 0."""
    contacts = records["contacts"].join(records["episodes"].select("episode", "person"), "episode")
    found = index.join(contacts.select("person", day=contacts.date), "person")
    found = found.filter((found.day < found.date) & (found.day >= found.date - ibis.interval(days=clean)))
    return found.select("episode", rank=ibis.literal(0, "int8"))
