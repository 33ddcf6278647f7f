"""From files of lines to the tables of an audit: loaded on the engine, judged beside each other, and put in episodes.

What one line says is read in ``lines``, by as many processes as there are processors; here is decided what only all
of them together tell. Of several versions of a resource the newest counts. A resource is of a person who is in the
records, in her life, and not after their last day. One picture is one row, however many resources tell of it.

Own choices (status D): sixty days from an order to its picture; who ordered something is whom the person saw then, or
that day where that was one kind of care giver.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis.util import gen_name

from ruggespraak.audit.engine import connected, kept
from ruggespraak.audit.episodes import GAP, built
from ruggespraak.audit.ndjson.events import OPIOID
from ruggespraak.audit.ndjson.lines import ROWS, STAGED, alone, read
from ruggespraak.audit.ndjson.manifest import Told, told
from ruggespraak.audit.records import AFTER_DEATH, AuditError, Records
from ruggespraak.audit.rejects import Rejects
from ruggespraak.audit.splitting import SIZE, Broken, Piece, pieces, unzipped
from ruggespraak.consult.case import LONGEST_SHOWN
from ruggespraak.pathway.codes import BACK

TO_A_PICTURE = 60  # days
WORTH_A_PROCESS = 32 * SIZE  # bytes of which the reading takes longer than the start of more processes
SOURCES = {
    "imaging": ("ServiceRequest", "ImagingStudy", "Procedure"),
    "referrals": ("ServiceRequest",),
    "medication": ("MedicationRequest",),
    "operations": ("Procedure",),
    "answers": ("Observation", "QuestionnaireResponse"),
    "history": ("Condition", "Observation", "QuestionnaireResponse"),
    "diagnoses": ("Condition",),
    "reasons": ("ServiceRequest",),
}
"""Of which kinds a table is made: where the records have none of them that can be read, the table is absent."""
NOT_HERE = "a medicine that is in none of these files"
EVENTS = ("contacts", "imaging", "referrals", "medication", "operations", "answers", "history", "reasons")

Progress = Callable[[int, int], None]
Batches = Mapping[str, list[pa.RecordBatch]]


def read_ndjson(
    engine: ibis.BaseBackend,
    folder: Path,
    rejects: Rejects,
    gap: int = GAP,
    until: date | None = None,
    progress: Progress | None = None,
) -> Records:
    """The records in the ``.ndjson`` and ``.ndjson.gz`` files of this folder.

    ``gap``: days without a contact for the back that end an episode. ``until``: the last day of which they tell, else
    that of the manifest, else that of the last event; what is after it is rejected. ``progress`` is called with how
    many bytes were read, and of how many. Raises AuditError, OSError.
    """
    if not folder.is_dir():
        raise AuditError(f"{folder}: no such folder; a folder with .ndjson files expected")
    manifest = told(folder, rejects)
    paths = [path for path in _files(folder) if path.name not in manifest.apart]
    if not paths:
        raise AuditError(f"{folder}: no .ndjson and no .ndjson.gz file; at least Patient.ndjson expected")
    here = engine if engine.name == "duckdb" else connected()
    staged = _loaded(here, _all_read(paths, progress))
    lines, people, last = _judged(here, staged, manifest, until or manifest.until)
    _say(here, [path.name for path in paths], lines, staged["parts"], rejects)
    good = lines.filter(lines.rejected.isnull() & lines.passed.isnull())
    good = kept(here, good.select("file", "line"), "good")
    rows = {name: staged[name].semi_join(good, ["file", "line"]).drop("file", "line") for name in STAGED}
    events = {**rows, **_events(here, rows)}
    persons = people.drop("born")
    tables: dict[str, ir.Table] = {
        "persons": persons,
        "diagnoses": rows["diagnoses"],
        **built(here, persons, {name: events[name] for name in EVENTS}, gap, last),
    }
    first = events["contacts"].date.min().to_pyarrow().as_py()
    if first is None:
        raise AuditError(f"{folder}: no visit that can be read (Encounter, or a Condition of the back); one expected")
    readable = lines.filter(lines.rejected.isnull() & (lines.passed.isnull() | (lines.passed != NOT_HERE)))
    kinds = set(readable.select("kind").distinct().to_pyarrow()["kind"].to_pylist())
    absent = frozenset(name for name, of in SOURCES.items() if kinds.isdisjoint(of))
    if here is not engine:
        tables = {name: ibis.memtable(table.to_pyarrow()) for name, table in tables.items()}
    return Records(engine, tables, absent, first, last, _source(folder, paths, manifest))


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.name.endswith((".ndjson", ".ndjson.gz")))


def _source(folder: Path, paths: list[Path], manifest: Told) -> str:
    said = [f"{len(paths)} files"]
    said += [f"{len(manifest.gone)} deleted since"] if manifest.gone else []
    said += [f"{manifest.errors} errors that the server reported"] if manifest.errors else []
    return f"FHIR Bulk Data: {folder.name} ({', '.join(said)})"


# Reading -------------------------------------------------------------------------------------------------------------


def _all_read(paths: list[Path], progress: Progress | None) -> Iterator[Batches]:
    """The rows of all files. A few pieces are on their way at a time: that bounds the memory."""
    parts, workers = _parts(paths, progress), os.cpu_count() or 1
    if workers == 1 or sum(path.stat().st_size for path in paths) < WORTH_A_PROCESS:
        yield from (read(*part) for part in parts)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=alone) as pool:
        waiting: deque[Future[Batches]] = deque()
        for part in parts:
            waiting.append(pool.submit(read, *part))
            if len(waiting) > 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _parts(paths: list[Path], progress: Progress | None) -> Iterator[tuple[int, Piece | Broken]]:
    """The pieces of all files, each with the number of its file."""
    done, of = 0, sum(path.stat().st_size for path in paths)
    for number, path in enumerate(paths):
        with path.open("rb", buffering=0) as raw:
            for piece in pieces(unzipped(raw, path.name)):
                yield number, piece
                if progress:
                    progress(done + raw.tell(), of)
        done += path.stat().st_size


def _loaded(engine: ibis.BaseBackend, read: Iterable[Batches]) -> dict[str, ir.Table]:
    """The staged tables on the engine."""
    tables = {
        name: engine.create_table(gen_name(name), schema=ibis.Schema.from_pyarrow(columns), temp=True)
        for name, columns in STAGED.items()
    }
    waiting: dict[str, list[pa.RecordBatch]] = defaultdict(list)
    rows: Counter[str] = Counter()

    def flush(name: str) -> None:
        engine.insert(tables[name].op().name, pa.Table.from_batches(waiting.pop(name)))
        del rows[name]

    for batches in read:
        for name, some in batches.items():
            waiting[name] += some
            rows[name] += sum(map(len, some))
            if rows[name] >= ROWS:
                flush(name)
    for name in list(waiting):
        flush(name)
    return tables


# Judging -------------------------------------------------------------------------------------------------------------


def _judged(
    engine: ibis.BaseBackend, staged: Mapping[str, ir.Table], manifest: Told, until: date | None
) -> tuple[ir.Table, ir.Table, date]:
    """The lines with their final verdict (file, line, kind, passed, rejected), the people, and the last day."""
    lines, persons = staged["lines"], staged["persons"]
    again = _again(lines).select("file", "line", "again")
    gone = ibis.memtable(list(manifest.gone), schema=ibis.schema({"kind": "string", "id": "string"}))
    alone = lines.left_join(again, ["file", "line"]).drop("file_right", "line_right")
    alone = alone.left_join(gone.distinct().mutate(gone=True), ["kind", "id"])
    alone = alone.mutate(
        rejected=ibis.coalesce(alone.again, alone.rejected),
        passed=ibis.ifelse(alone.gone, "deleted since, as the manifest says", alone.passed),
    )
    alone = kept(engine, alone.select(*lines.columns), "alone")
    good = alone.filter(alone.rejected.isnull() & alone.passed.isnull())
    people = kept(engine, persons.semi_join(good, ["file", "line"]).drop("file", "line"), "persons")
    servers = good.server.nunique().to_pyarrow().as_py()
    last = until or good.last.max(where=good.last <= date.today()).to_pyarrow().as_py() or date.today()

    medicines = staged["medicines"].semi_join(good, ["file", "line"])
    nameless = staged["prescribed"].anti_join(medicines, "medicine").select("file", "line", not_here=ibis.literal(True))
    lives = people.select("born", "died", known="person")
    beside = alone.left_join(lives, alone.person == lives.known).left_join(nameless, ["file", "line"])
    first, final = beside["first"].cast("string"), beside["last"].cast("string")
    reason = ibis.cases(
        (beside.rejected.notnull(), beside.rejected),
        (beside.passed.notnull(), ibis.null("string")),
        (beside.server.notnull() & (servers > 1), "subject: one of several servers given, one server expected"),
        (beside.kind == "Medication", ibis.null("string")),
        (beside.known.isnull(), "unknown patient: Patient/" + beside.person.substr(0, LONGEST_SHOWN) + " given"),
        (beside["first"] < beside.born, "before birth: " + first + " given"),
        (beside["last"] > beside.died + ibis.interval(days=AFTER_DEATH), "after death: " + final + " given"),
        (beside["last"] > last, "after the last day: " + final + f" given, a day until {last} expected"),
    )
    passed = ibis.coalesce(beside.passed, ibis.ifelse(beside.not_here, NOT_HERE, ibis.null("string")))
    passed = ibis.ifelse(reason.isnull(), passed, ibis.null("string"))
    verdict = beside.select("file", "line", "kind", rejected=reason, passed=passed)
    return kept(engine, verdict, "lines"), people, last


def _again(lines: ir.Table) -> ir.Table:
    """The lines whose resource stands elsewhere in a newer version, or once more; ``again`` says which.

    Where the newest cannot be told, because they differ and are of one moment or of none, nobody knows which holds.
    """
    named = lines.filter(lines.id.notnull())
    more = named.group_by("kind", "id").aggregate(n=named.count(), newest=named.updated.max())
    same = named.inner_join(more.filter(more.n > 1), ["kind", "id"])
    top = ibis.coalesce(same.updated == same.newest, same.newest.isnull())  # one without a date is not the newest
    same = same.mutate(top=top, sum=ibis.ifelse(top, same.bytes, ibis.null("int64")))
    each = ibis.window(group_by=["kind", "id"])
    ranked = ibis.window(group_by=["kind", "id"], order_by=[same.top.desc(), same.file, same.line])
    same = same.mutate(differ=same["sum"].min().over(each) != same["sum"].max().over(each))
    same = same.mutate(rank=ibis.row_number().over(ranked))
    name = same.kind + "/" + same.id
    again = ibis.cases(
        (~same.top, "duplicate: " + name + " stands elsewhere in a newer version"),
        (same.differ, "duplicate: " + name + " stands elsewhere too, and nothing says which is newer"),
        (same["rank"] > 0, "duplicate: " + name + " stands elsewhere, the same"),
    )
    return same.mutate(again=again).filter(lambda t: t.again.notnull())


def _say(engine: ibis.BaseBackend, names: list[str], lines: ir.Table, parts: ir.Table, rejects: Rejects) -> None:
    """Every line that was rejected, and how many were read and passed over."""
    wrong = lines.filter(lines.rejected.notnull()).select("file", "line", reason="rejected")
    counted = lines.filter(lines.rejected.isnull())
    in_part = parts.semi_join(counted.filter(counted.passed.isnull()), ["file", "line"])
    found = wrong.union(in_part).order_by("file", "line")
    for batch in engine.con.sql(engine.compile(found)).to_arrow_reader(ROWS):  # ibis 12 asks DuckDB 2 for another name
        for row in batch.to_pylist():
            rejects.add(names[row["file"]], row["line"], row["reason"])
    for row in counted.group_by("file", "passed").aggregate(n=counted.count()).to_pyarrow().to_pylist():
        if row["passed"] is None:
            rejects.read[names[row["file"]]] += row["n"]
        else:
            rejects.passed[names[row["file"]]][row["passed"]] += row["n"]


# What the resources say together -------------------------------------------------------------------------------------


def _events(engine: ibis.BaseBackend, rows: Mapping[str, ir.Table]) -> dict[str, ir.Table]:
    """The tables that more than one kind of resource tells of."""
    contacts = kept(engine, _contacts(rows), "contacts")
    asked = {name: _with_author(rows[name], contacts) for name in ("ordered", "sent")}
    taken = rows["prescribed"].inner_join(rows["medicines"].select("medicine", "means").distinct(), "medicine")
    opioids = taken.filter(taken.means == OPIOID).select("person", "date", kind="means")
    others = taken.filter(taken.means != OPIOID).select(
        "person", "date", finding="means", value=ibis.literal("true"), by=ibis.null("string")
    )
    sent = asked["sent"].filter(asked["sent"].author.isnull() | (asked["sent"].author == "gp"))
    return {
        "contacts": contacts.drop("encounter"),
        "imaging": _pictures(asked["ordered"], rows["made"]),
        "referrals": sent.select("person", "date", "to"),
        "medication": rows["medication"].union(opioids),
        "answers": rows["answers"].union(others),
    }


def _contacts(rows: Mapping[str, ir.Table]) -> ir.Table:
    """The visits, each with what it was for: by its own code, by the problem that it names, or by one that names it.

    A problem of the back that no visit is for is of the visit to the GP on that day of which nothing is known, or else
    a contact by itself.
    """
    visits, problems = rows["contacts"], rows["problems"]
    named = rows["named"].inner_join(problems, ["person", "condition"], lname="visit_{name}", rname="{name}")
    reasons = ibis.union(
        visits.select("person", "encounter", "icpc"),
        named.select("person", "icpc", encounter="visit_encounter"),
        problems.select("person", "encounter", "icpc"),
    ).filter(lambda t: t.encounter.notnull() & t.icpc.notnull())
    why = reasons.group_by("person", "encounter").aggregate(
        why=ibis.coalesce(reasons.icpc.max(where=reasons.icpc.isin(BACK)), reasons.icpc.max())
    )
    visits = visits.left_join(why, ["person", "encounter"]).drop("person_right", "encounter_right")
    visits = visits.mutate(icpc=ibis.coalesce(visits.why, visits.icpc)).drop("why")

    alone = problems.filter(problems.icpc.isin(BACK) & problems.date.notnull())
    alone = alone.anti_join(named, ["person", "condition"]).anti_join(visits, ["person", "encounter"])
    alone = alone.group_by("person", "date").aggregate(why=alone.icpc.max())
    visits = visits.left_join(alone, ["person", "date"]).drop("person_right", "date_right")
    visits = visits.mutate(icpc=ibis.ifelse(visits.kind == "gp", ibis.coalesce(visits.icpc, visits.why), visits.icpc))
    visits = visits.drop("why").mutate(review=ibis.null("date"))
    for_back = visits.filter((visits.kind == "gp") & visits.icpc.isin(BACK))
    alone = alone.anti_join(for_back, ["person", "date"]).select(
        "person",
        "date",
        kind=ibis.literal("gp"),
        number=ibis.literal(1, "int32"),
        icpc="why",
        encounter=ibis.null("string"),
        review=ibis.null("date"),
    )
    return visits.union(alone)


def _with_author(orders: ir.Table, contacts: ir.Table) -> ir.Table:
    """The orders with ``author``: whom the person saw then; empty where that is not known."""
    visit = contacts.filter(contacts.encounter.notnull()).select("person", "encounter", then="kind")
    day = contacts.group_by("person", "date").aggregate(least=contacts.kind.min(), most=contacts.kind.max())
    day = day.filter(day.least == day.most).select("person", "date", that_day="least")
    found = orders.left_join(visit, ["person", "encounter"]).drop("person_right", "encounter_right")
    found = found.left_join(day, ["person", "date"]).drop("person_right", "date_right")
    return found.mutate(author=ibis.coalesce(found.then, found.that_day)).drop("then", "that_day")


def _pictures(ordered: ir.Table, made: ir.Table) -> ir.Table:
    """Each picture once: as it was ordered, or else as it was made."""
    orders = ordered.select("person", "date", "kind", ordered_by="author")
    by_name = made.anti_join(ordered, ["person", "request"])
    within = ibis.interval(days=TO_A_PICTURE)
    soon = [
        by_name.person == orders.person,
        by_name.kind == orders.kind,
        orders.date <= by_name.date,
        by_name.date <= orders.date + within,
    ]
    others = by_name.anti_join(orders, soon).select("person", "date", "kind").distinct()
    return orders.union(others.mutate(ordered_by=ibis.null("string")).select(*orders.columns))
