"""An extract of a GP's system, as CSV: the ``files`` of one folder, read and checked.

It is strict where leniency would hide something: a file or a column that we do not know stops the run, so that a typing
error loses nothing, and nothing comes along that nobody asked for, such as a name. A row that cannot be is kept out and
named.

Own choices: a row is one line; an empty ``soort`` or ``stelsel`` means what ``FILES`` says; a contact for something
else than the back is no part of an episode; what the code of a contact for the back establishes is an answer of that
day; what a diagnosis establishes counts where it lasts (``course.answers``); without ``until`` the records tell up to
their last contact.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from itertools import islice
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis.util import gen_name

from ruggespraak.audit.engine import connected, kept
from ruggespraak.audit.episodes import GAP, built
from ruggespraak.audit.files import FILES, MAY_LACK, READERS, REQUIRED, CellError, Days, Row, expected, reader_of
from ruggespraak.audit.records import AFTER_DEATH, TABLES, TEXT, WHOLE, AuditError, Records, schema
from ruggespraak.audit.rejects import Rejects
from ruggespraak.audit.splitting import Broken, pieces, too_long
from ruggespraak.consult.case import LONGEST_SHOWN
from ruggespraak.course.answers import LASTING
from ruggespraak.pathway.codes import meanings

AT_ONCE = 100_000  # rows that go to the engine together


def read_extract(
    engine: ibis.BaseBackend, folder: Path, rejects: Rejects, gap: int = GAP, until: date | None = None
) -> Records:
    """The records in this folder of CSV files. ``gap``: days without a contact for the back that end an episode.

    ``until``: the last day of which they tell; what lies after it is rejected. Raises AuditError.
    """
    here = engine if engine.name == "duckdb" else connected()
    days, separators, found = Days(), set(), {}
    for name in _there(folder):
        reading = _Reading(folder / name, days, rejects)
        found[FILES[name].table] = _loaded(here, reading)
        separators.add(reading.separator)
    last = until or date.today()
    persons = found["persons"] = _first_of_each(here, found["persons"], rejects)
    for name in FILES:
        if (table := FILES[name].table) in found and table != "persons":
            found[table] = _checked(here, name, found[table], persons, last, rejects)
    first, latest = _span(folder, found["contacts"])
    diagnoses = _diagnoses(found)
    history = _established(diagnoses, LASTING.__contains__).select(list(schema("history")))
    tables = {
        "persons": persons.select(list(schema("persons"))),
        "diagnoses": diagnoses,
        **built(here, persons, {**_events(found), "history": history}, gap, until or latest),
    }
    if here is not engine:
        tables = {name: ibis.memtable(table.to_pyarrow()) for name, table in tables.items()}
    absent = frozenset(name for name in TABLES if name not in tables)
    tables |= {name: ibis.memtable([], schema=schema(name)) for name in absent}
    return Records(engine, tables, absent, first, until or latest, _source(folder, separators, days))


def _source(folder: Path, separators: set[str], days: Days) -> str:
    """What was read, and how."""
    cells, dates = (" or ".join(sorted(ways)) for ways in (separators, days.ways))
    return f"CSV: {folder.name} (cells between {cells}, days as {dates})"


def _there(folder: Path) -> list[str]:
    """The files of the format that are in this folder, in the order of ``FILES``."""
    if not folder.is_dir():
        raise AuditError(f"{folder}: no such folder; a folder with {' and '.join(REQUIRED)} expected")
    there = {path.name for path in folder.iterdir() if path.suffix.lower() == ".csv"}
    for stranger in sorted(there - FILES.keys()):
        raise AuditError(f"{folder}: {expected(stranger, FILES)}")
    for name in REQUIRED:
        if name not in there:
            raise AuditError(f"{folder}: no {name}; {' and '.join(REQUIRED)} expected")
    return [name for name in FILES if name in there]


# A file, line by line


class _Reading:
    """One file that is being read: its header at once, its rows as they are asked for."""

    def __init__(self, path: Path, days: Days, rejects: Rejects) -> None:
        self.path, self.name, self.file, self.rejects = path, path.name, FILES[path.name], rejects
        self._lines = self._numbered()
        header = self._header()
        self.separator = ";" if ";" in header else ","
        columns = [cell.strip() for cell in header.split(self.separator)]
        self._expect(columns)
        self._width = len(columns)
        readers = {**READERS, "day": days.__getitem__}
        self._cells = [
            (column, columns.index(column) if column in columns else self._width, reader_of(kind, readers))
            for column, (kind, _) in self.file.columns.items()
        ]

    def rows(self) -> Iterator[Row]:
        """What was read of each row, and the number of its line. The others are counted or named."""
        for line, raw in self._lines:
            try:
                row = self._row(self._text(raw))
            except CellError as wrong:
                self.rejects.add(self.name, line, str(wrong))
                continue
            if isinstance(row, str):
                self.rejects.passed[self.name][row] += 1
            else:
                self.rejects.read[self.name] += 1
                yield [*row, line]

    def _numbered(self) -> Iterator[tuple[int, bytes]]:
        try:
            with self.path.open("rb", buffering=0) as stream:
                for piece in pieces(stream):
                    if isinstance(piece, Broken):
                        self.rejects.add(self.name, piece.line, piece.reason)
                        continue
                    yield from enumerate(piece.data.split(b"\n"), piece.first)
        except OSError as error:
            raise AuditError(f"{self.path}: cannot be read ({error.strerror}); a CSV file expected") from error

    def _header(self) -> str:
        line, raw = next(self._lines, (0, b""))
        try:
            if line == 1 and (header := self._text(raw)):
                return header
        except CellError as wrong:
            raise AuditError(f"{self.name}, line 1: {wrong}") from wrong
        raise AuditError(f"{self.name}, line 1: no header; {', '.join(self.file.columns)} expected")

    def _expect(self, columns: list[str]) -> None:
        for column in columns:
            if column not in self.file.columns:
                raise AuditError(f"{self.name}, line 1: column {expected(column, self.file.columns)}")
            if columns.count(column) > 1:
                raise AuditError(f"{self.name}, line 1: column {column} given twice, once expected")
        for column in self.file.columns:
            if column not in columns and column not in MAY_LACK:
                raise AuditError(f"{self.name}, line 1: no column {column}; {', '.join(self.file.columns)} expected")

    def _text(self, raw: bytes) -> str:
        if reason := too_long(raw):
            raise CellError(reason)
        try:
            return raw.decode().strip()
        except UnicodeDecodeError as error:
            byte = f"byte {raw[error.start]:#04x} at place {error.start + 1}"
            raise CellError(f"encoding: {byte} given, UTF-8 expected") from error

    def _row(self, text: str) -> Row | str:
        """What was read of this row, or why it counts for nothing."""
        if not text:
            return "empty line"
        cells = _cells(text, self.separator)
        if len(cells) != self._width:
            raise CellError(f"cells: {len(cells)} given, {self._width} expected")
        cells.append("")  # what a column that is not there says
        read = []
        for column, place, reader in self._cells:
            try:
                read.append(reader(cells[place].strip()))
            except CellError as wrong:
                raise CellError(f"{column}: {wrong}") from wrong
        return self.file.made(*read)


def _cells(text: str, separator: str) -> list[str]:
    if '"' not in text:
        return text.split(separator)
    try:
        return next(csv.reader([text], delimiter=separator, strict=True))
    except csv.Error as error:
        raise CellError(f"quotes: {error}; a row on one line expected, with each quote closed") from error


def _loaded(engine: ibis.BaseBackend, reading: _Reading) -> ir.Table:
    """The rows of a file on the engine, with the line of each."""
    types = ibis.schema({**reading.file.types, "line": "int64"})
    name, rows, form = gen_name(reading.file.table), reading.rows(), types.to_pyarrow()
    table = engine.create_table(name, schema=types, temp=True)
    while some := list(islice(rows, AT_ONCE)):
        columns = [pa.array(column, kind) for column, kind in zip(zip(*some, strict=True), form.types, strict=True)]
        engine.insert(name, pa.table(columns, schema=form))
    return table


# What can only be seen beside the other rows


def _first_of_each(engine: ibis.BaseBackend, persons: ir.Table, rejects: Rejects) -> ir.Table:
    """The persons, each once."""
    again = ibis.row_number().over(group_by="person", order_by="line") > 0
    judged = persons.mutate(again=again)
    wrong = ibis.cases(
        (judged.again, "duplicate: a row of this patient stands above"),
        (judged.died.year() < judged.birth_year, "overleden: a day from the year of birth on expected"),
    )
    return _without(engine, "patienten.csv", judged.mutate(wrong=wrong), rejects)


def _checked(
    engine: ibis.BaseBackend, name: str, table: ir.Table, persons: ir.Table, last: date, rejects: Rejects
) -> ir.Table:
    """The rows that stand there once, of a patient that is there, in her life, and not after the last day."""
    again = ibis.row_number().over(group_by=list(FILES[name].types), order_by="line") > 0
    lives = persons.select("birth_year", "died", known="person")
    judged = table.mutate(again=again).left_join(lives, table.person == lives.known)
    day, birth, until = (
        judged.date.cast("string"),
        judged.birth_year.cast("string"),
        f" given, a day until {last} expected",
    )
    wrong = ibis.cases(
        (judged.again, "duplicate: the same row stands above"),
        (judged.known.isnull(), "unknown patient: " + judged.person.substr(0, LONGEST_SHOWN) + " given"),
        (judged.date.year() < judged.birth_year, "before birth: " + day + " given, born in " + birth),
        (judged.date > judged.died + ibis.interval(days=AFTER_DEATH), "after death: " + day + " given"),
        (judged.date > last, "after the last day: " + day + until),
    )
    return _without(engine, name, judged.mutate(wrong=wrong), rejects)


def _without(engine: ibis.BaseBackend, name: str, judged: ir.Table, rejects: Rejects) -> ir.Table:
    """The rows without a ``wrong``, kept on the engine; the others are named."""
    bad, last = kept(engine, judged.filter(judged.wrong.notnull()).select("line", "wrong"), "rejected"), 0
    while some := bad.filter(bad.line > last).order_by("line").limit(AT_ONCE).to_pyarrow().to_pylist():
        for row in some:
            rejects.add(name, row["line"], row["wrong"])
        rejects.read[name] -= len(some)
        last = some[-1]["line"]
    file = FILES[name]
    return kept(engine, judged.filter(judged.wrong.isnull()).select(list(file.types)), file.table)


def _span(folder: Path, contacts: ir.Table) -> tuple[date, date]:
    """The first and the last day with a contact."""
    days = contacts.aggregate(first=contacts.date.min(), last=contacts.date.max()).to_pyarrow().to_pylist()[0]
    if days["first"] is None:
        raise AuditError(f"{folder}: no row of contacten.csv can be used, at least one expected")
    return days["first"], days["last"]


# The tables of an audit


def _events(found: Mapping[str, ir.Table]) -> dict[str, ir.Table]:
    """The tables that ``episodes.built`` takes."""
    contacts = found["contacts"].mutate(number=ibis.literal(1, WHOLE))
    contacts = contacts.filter(contacts.code.isnull() | contacts.icpc.notnull())
    events = {name: found[name] for name in ("medication", "referrals", "imaging") if name in found}
    events["contacts"] = contacts
    if "answers" in found:
        said = _established(contacts.filter(contacts.icpc.notnull()), lambda finding: finding not in LASTING)
        said = said.mutate(by=ibis.literal("clinician"))
        events["answers"] = found["answers"].union(said.select(found["answers"].columns))
    reasons = [
        table.filter(table.reason).select("person", "date", about=ibis.literal(about))
        for about, table in (("referral", found.get("referrals")), ("imaging", found.get("imaging")))
        if table is not None
    ]
    if reasons:
        events["reasons"] = ibis.union(*reasons)
    return events


def _diagnoses(found: Mapping[str, ir.Table]) -> ir.Table:
    """What is known of a person by its code: of the problems, where there is a file of them, and of the contacts."""
    coded = [found[name] for name in ("contacts", "diagnoses") if name in found]
    codes = ibis.union(*(one.select("person", "date", "system", "code") for one in coded))
    return codes.filter(codes.code.notnull()).distinct()


def _established(coded: ir.Table, counts: Callable[[str], bool]) -> ir.Table:
    """The rows with ``finding`` and ``value``: what their codes establish. A code is looked up once."""
    codes = coded.select("system", "code").distinct().to_pyarrow().to_pylist()
    said = [
        (row["system"], row["code"], one.finding, "true")
        for row in codes
        for one in meanings(row["system"], row["code"])
        if one.establishes and one.value is True and one.finding and counts(one.finding)
    ]
    told = ibis.memtable(said, schema=ibis.schema(dict.fromkeys(("system", "code", "finding", "value"), TEXT)))
    return coded.join(told, ["system", "code"])
