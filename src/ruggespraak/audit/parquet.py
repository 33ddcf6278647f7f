"""Records that are kept as Parquet: one file or folder a table, with the columns of ``TABLES``.

``rug simulate --records`` writes them so, and so can a data warehouse: ids may be text or whole numbers, a folder may
be cut into partitions, and columns and files that are not ours are passed over. A moment is a day, unless it tells its
time zone: it may be another day there. A file that cannot be read stops the run. A row that cannot be is kept out, and
so is what hangs on it: its reason goes to the rejects, and where nobody keeps those the run stops.

Own choices: without ``until`` the records tell up to their last contact; of rows with one id the first by their other
columns stays; where each row counts as something that was done (``DONE``), the same row again is no second time; a row
is named by its id and day, as rows of Parquet have no number on every engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from ruggespraak.audit.engine import kept
from ruggespraak.audit.records import AFTER_DEATH, KINDS, TABLES, AuditError, Records, needed, schema
from ruggespraak.audit.rejects import Rejects
from ruggespraak.consult.case import ANSWERED_BY, FIRST_DAY, LAST_DAY, LONGEST_SHOWN, UNCLEAR
from ruggespraak.pathway.codes import BACK
from ruggespraak.pathway.codes.addresses import SYSTEMS
from ruggespraak.pathway.editions import EDITIONS, edition
from ruggespraak.pathway.findings import VOCABULARY
from ruggespraak.pathway.rules import Class

REQUIRED = ("persons", "episodes", "contacts")
DONE = ("imaging", "referrals", "medication", "operations")
AT_ONCE = 10_000  # rows that are taken out of the engine
MOST = 2**31 - 1  # what a whole number holds
LEFT_OUT = {("answers", "by")}  # may be missing: a record is a clinician's unless it says otherwise

RULES = sorted({rule.id for one in map(edition, EDITIONS) for rule in one.rules() if not isinstance(rule, Class)})
CHOICES = {
    ("persons", "sex"): ("male", "female"),
    ("episodes", "icpc"): BACK,
    ("contacts", "kind"): KINDS,
    ("imaging", "kind"): ("x_ray", "mri", "ct"),
    ("imaging", "ordered_by"): KINDS,
    ("referrals", "to"): KINDS,
    ("medication", "kind"): ("opioid",),
    ("answers", "by"): ANSWERED_BY,
    ("diagnoses", "system"): tuple(SYSTEMS),
    ("reasons", "about"): ("imaging", "referral", "medication", "review", *RULES),
}


def read_parquet(
    engine: ibis.BaseBackend, folder: Path, until: date | None = None, rejects: Rejects | None = None
) -> Records:
    """The records in this folder. ``until``: the last day of which they tell; later rows are kept out.

    Raises AuditError where a file cannot be read, and without ``rejects`` also where a row cannot be.
    """
    if not folder.is_dir():
        raise AuditError(f"{folder}: no such folder; a folder of Parquet files expected")
    given, absent = {}, set()
    for name in TABLES:
        paths = _files(folder, name)
        if paths:
            given[name] = _read(engine, folder, name, paths)
        elif name in REQUIRED:
            raise AuditError(f"{folder}: no {name}.parquet and no folder {name}; {', '.join(REQUIRED)} expected")
        else:
            absent.add(name)
    tables: dict[str, ir.Table] = {name: ibis.memtable([], schema=schema(name)) for name in absent}
    for name in (name for name in TABLES if name in given):  # persons and episodes first: all else hangs on them
        tables[name] = _sound(engine, given[name], name, tables, until, rejects)
    days = tables["contacts"].aggregate(first=lambda t: t.date.min(), last=lambda t: t.date.max()).to_pyarrow()
    first, last = (days[column][0].as_py() for column in ("first", "last"))
    if first is None:
        raise AuditError(f"{folder}: no row of contacts can be used, at least one expected")
    return Records(engine, tables, frozenset(absent), first, until or last, f"Parquet: {folder.name}")


def _files(folder: Path, name: str) -> list[Path]:
    """The file of this table, or those in its folder."""
    there = [place for place in (folder / f"{name}.parquet", folder / name) if place.exists()]
    if len(there) > 1:
        raise AuditError(f"{folder}: both {name}.parquet and {name}, one of them expected")
    return [path for place in there for path in ([place] if place.is_file() else sorted(place.rglob("*.parquet")))]


def _read(engine: ibis.BaseBackend, folder: Path, name: str, paths: list[Path]) -> ir.Table:
    """The table in these files, with our columns and types; a whole number may be larger than can be."""
    found: dict[Path, pa.Schema] = {}
    for path in paths:
        try:
            found[path] = pq.read_schema(path)
        except (OSError, pa.ArrowException) as error:
            raise AuditError(f"{path}: cannot be read ({error}); a Parquet file expected") from error
        if not found[path].equals(found[paths[0]]):
            raise AuditError(f"{path}: other columns than in {paths[0].name}; the same columns and types expected")
    place = folder / paths[0].relative_to(folder).parts[0]
    table = engine.read_parquet(str(place) if engine.name == "pyspark" else [str(path) for path in paths])
    empty = {field.name for field in found[paths[0]] if pa.types.is_null(field.type)}
    columns = {}
    for column, kind in schema(name).items():
        if column in empty or (column not in table.columns and (name, column) in LEFT_OUT):
            columns[column] = ibis.null(kind)
        elif column not in table.columns:
            raise AuditError(f"{place}: no column {column}; {', '.join(schema(name))} expected")
        elif not _fits(table[column].type(), kind, column):
            raise AuditError(f"{place}: column {column} is {table[column].type()}, {kind} expected")
        else:
            columns[column] = table[column].cast("int64" if kind.is_integer() else kind)
    return table.select(**columns)


def _fits(given: ibis.DataType, kind: ibis.DataType, column: str) -> bool:
    if kind.is_string():
        return bool(given.is_string() or (given.is_integer() and column in ("person", "practice", "episode")))
    if kind.is_integer():
        return bool(given.is_integer())
    return bool(given.is_date() or (given.is_timestamp() and given.timezone is None))


# -- rows that cannot be ----------------------------------------------------------------------------------------------

EXPECTED = {
    "empty": "a value",
    "duplicate": "another id than in the rows before",
    "duplicate row": "a row that differs from those before",
    "impossible date": f"a day from {FIRST_DAY} to {LAST_DAY}",
    "impossible year": f"a year from {FIRST_DAY.year} to {LAST_DAY.year}",
    "impossible number": f"a number from 1 to {MOST}",
    "unknown person": "a person of persons",
    "unknown episode": "an episode of episodes",
    "before birth": "a day in the year of birth or later",
    "after death": f"a day until {AFTER_DEATH} days after the day of death",
    "after the last day": "a day of which these records tell",
    "closed before its start": "the day of the start or later",
    "unknown about": "imaging, referral, medication, review, or the id of a rule",
}
"""What was expected where a row cannot be; of choices and answers see ``_reason``."""


def _sound(
    engine: ibis.BaseBackend,
    table: ir.Table,
    name: str,
    before: Mapping[str, ir.Table],
    until: date | None,
    rejects: Rejects | None,
) -> ir.Table:
    """The rows that can be. Of each of the others the reason goes to the rejects."""
    judged = _judged(table, name, before, until)
    broken = judged.filter(judged.wrong.notnull()).mutate(place=ibis.row_number().over(order_by="wrong"))
    try:
        broken = kept(engine, broken, "broken")  # here the files are read
    except Exception as error:  # each engine has its own
        raise AuditError(f"{name}: cannot be read ({error}); Parquet that is whole expected") from error
    if number := broken.count().to_pyarrow().as_py():
        for low in range(0, number, AT_ONCE):
            for row in broken.filter(broken.place.between(low, low + AT_ONCE - 1)).to_pyarrow().to_pylist():
                if rejects is None:
                    raise AuditError(f"{name}: {_reason(name, row)}; rows that cannot be: {number}")
                rejects.add(name, None, _reason(name, row))
        table = kept(engine, judged.filter(judged.wrong.isnull()).select(table.columns), name)
    table = table.cast(schema(name))
    if until is not None:  # what came later was not known on that day
        later = [column for column in ("died", "closed") if column in table.columns]
        told = {column: ibis.ifelse(table[column] <= until, table[column], ibis.null("date")) for column in later}
        table = table.mutate(**told)
    return table


def _reason(name: str, row: Mapping[str, object]) -> str:
    """Why this row cannot be, what stands there, what was expected, and which row it is."""
    why, column = str(row["wrong"]).split("|")
    given = "nothing" if row[column] is None else repr(str(row[column])[:LONGEST_SHOWN])
    expected = EXPECTED.get(why) or ", ".join(CHOICES.get((name, column), ()))
    if why == "unknown finding":
        near = VOCABULARY.nearest(str(row[column]))
        expected = "an id of findings.csv" + (f" ({near}?)" if near else "")
    elif why == "impossible answer":
        expected = f"{VOCABULARY[str(row['finding'])].expected} of {row['finding']}"
    named = [f"{id} {row[id]}" for id in ("episode", "person", "date") if id in row and id != column]
    return f"{why}: {given} given, {expected} expected ({column}; {', '.join(named)})"


def _judged(table: ir.Table, name: str, before: Mapping[str, ir.Table], until: date | None) -> ir.Table:
    """The rows with ``wrong``: "why|column", null where a row can be."""
    row = _beside(table, name, before)
    wrong = [(row[column].isnull(), f"empty|{column}") for column in needed(name)]
    for column in table.columns:
        if (name, column) in CHOICES:
            wrong.append((row[column].notin(CHOICES[name, column]), f"unknown {column}|{column}"))
        elif row[column].type().is_date():
            wrong.append((~row[column].between(FIRST_DAY, LAST_DAY), f"impossible date|{column}"))
    if "number" in table.columns:
        wrong.append((~row.number.between(1, MOST), "impossible number|number"))
    if name == "persons":
        wrong.append((~row.birth_year.between(FIRST_DAY.year, LAST_DAY.year), "impossible year|birth_year"))
    if name == "episodes":
        wrong.append((row.closed < row.start, "closed before its start|closed"))
    if "finding" in table.columns:
        wrong += [(row.asks.isnull(), "unknown finding|finding"), (~_can_be(row), "impossible answer|value")]
    if name in ("persons", "episodes"):
        wrong.append((row.place > 0, f"duplicate|{_id(name)}"))
    if name in DONE:
        wrong.append((row.place > 0, "duplicate row|episode"))
    if name != "persons":
        whose, day = "person" if "person" in table.columns else "episode", "start" if name == "episodes" else "date"
        wrong += [
            (row.known.isnull(), f"unknown {whose}|{whose}"),
            (row[day].year() < row.born, f"before birth|{day}"),
            (row[day] > (row.dead + ibis.interval(days=AFTER_DEATH)).cast("date"), f"after death|{day}"),
        ]
        if until is not None:
            wrong.append((row[day] > until, f"after the last day|{day}"))
    return row.select(*table.columns, wrong=ibis.cases(*wrong))


def _id(name: str) -> str:
    return name.removesuffix("s")


def _beside(table: ir.Table, name: str, before: Mapping[str, ir.Table]) -> ir.Table:
    """The rows with what they are held against: the rows before (``place``), whom they are about, what was asked."""
    if name in ("persons", "episodes"):
        others = [column for column in table.columns if column != _id(name)]
        table = table.mutate(place=ibis.row_number().over(group_by=_id(name), order_by=others))
    elif name in DONE:
        table = table.mutate(place=ibis.row_number().over(group_by=table.columns))
    if name != "persons":
        persons = before["persons"].select("person", known="person", born="birth_year", dead="died")
        if "person" in table.columns:
            table = table.left_join(persons, "person")
        else:
            episodes = before["episodes"].select("person", "episode").inner_join(persons, "person").drop("person")
            table = table.left_join(episodes, "episode")
    if "finding" in table.columns:
        rows = [
            {"finding": one.id, "asks": one.kind, "low": one.minimum, "high": one.maximum}
            for one in VOCABULARY.values()
        ]
        columns = ibis.schema({"finding": "string", "asks": "string", "low": "float64", "high": "float64"})
        table = table.left_join(ibis.memtable(pa.Table.from_pylist(rows, columns.to_pyarrow())), "finding")
    return table


def _can_be(row: ir.Table) -> ir.BooleanValue:
    """Whether an answer is one that this finding can have, as ``Finding.accept`` has it, or unclear."""
    value, when = row.value, row.value.try_cast("date")
    choices = [((row.finding == one.id), value.isin(one.choices)) for one in VOCABULARY.values() if one.choices]
    of_its_kind = ibis.cases(
        (row.asks == "boolean", value.isin(["true", "false"])),
        (row.asks == "number", value.try_cast("float64").between(row.low, row.high).fill_null(False)),
        (row.asks == "date", (value.like("____-__-__") & (when <= row.date.coalesce(LAST_DAY))).fill_null(False)),
        *choices,
    )
    return (value == UNCLEAR) | of_its_kind
