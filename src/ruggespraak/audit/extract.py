"""An extract of a GP's system as CSV: one file a table, with Dutch headers because a practice makes and checks it.

``FILES`` is the format; ``docs/audit.md`` shows it with an example. It is strict where leniency would hide something: a
file or a column that we do not know stops the run, so that a typing error loses nothing, and nothing comes along that
nobody asked for, such as a name. A row that cannot be is kept out and named.

Own choices: a row is one line; an empty ``soort`` or ``stelsel`` means what ``FILES`` says; a contact for something
else than the back is no part of an episode; what the code of a contact for the back establishes is an answer of that
day; what a diagnosis establishes counts where it lasts (``course.answers``); without ``until`` the records tell up to
their last contact.
"""

from __future__ import annotations

import csv
import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis.util import gen_name

from ruggespraak.audit.engine import connected, kept
from ruggespraak.audit.episodes import GAP, built
from ruggespraak.audit.ndjson.splitting import Broken, pieces, too_long
from ruggespraak.audit.records import AFTER_DEATH, DATE, KINDS, TABLES, TEXT, WHOLE, AuditError, Records, schema
from ruggespraak.audit.rejects import Rejects
from ruggespraak.consult.case import FIRST_DAY, LAST_DAY, LONGEST_SHOWN, UNCLEAR
from ruggespraak.course.answers import LASTING
from ruggespraak.logic import AnswerError
from ruggespraak.pathway.codes import back, meanings
from ruggespraak.pathway.findings import VOCABULARY

AT_ONCE = 100_000  # rows that go to the engine together

DUTCH, INTERNATIONAL = "ICPC-1-NL", "ICPC-2"
OPIOIDS = "N02A"  # ATC
DUTCH_KINDS = (
    "huisarts", "fysiotherapeut", "neuroloog", "orthopeed", "reumatoloog", "pijnteam", "psycholoog", "bedrijfsarts",
    "spoedeisende hulp", "ziekenhuis",
)  # fmt: skip
CARE_GIVERS = dict(zip(DUTCH_KINDS, KINDS, strict=True))
PICTURES = {"röntgen": "x_ray", "mri": "mri", "ct": "ct"}
SEXES = {"man": "male", "vrouw": "female"}
BY = {"patiënt": "patient", "vertegenwoordiger": "proxy", "zorgverlener": "clinician"}
YES_NO = {"ja": True, "nee": False}
NOT_KNOWN = "onduidelijk"

Row = list[Any]
Reader = Callable[[str], object]  # raises CellError


@dataclass(frozen=True)
class File:
    """One file: the table that it becomes, what a row is, and its columns: the kind of a cell, and what it means.

    ``types``: of what is read of a row. ``made``: that row from its cells, or why it counts for nothing.
    """

    table: str
    row: str
    columns: Mapping[str, tuple[str, str]]
    types: Mapping[str, str]
    made: Callable[..., Row | str] = lambda *cells: list(cells)


def _contact(
    person: str, day: date, code: str | None, system: str | None, kind: str | None, review: date | None
) -> Row:
    system = system or DUTCH
    if review and review < day:
        raise CellError(f"vervolgafspraak: {review} given, a day from {day} on expected")
    return [person, day, kind or "gp", review, system, code, code and back(system, code)]


def _medicine(person: str, day: date, atc: str) -> Row | str:
    return [person, day, "opioid"] if atc.startswith(OPIOIDS) else "no opioid"


def _answer(person: str, day: date, finding: str, value: str, by: str | None) -> Row:
    return [person, day, finding, as_answer(finding, value, day), by]


def _diagnosis(person: str, day: date | None, code: str, system: str | None) -> Row:
    return [person, day, system or DUTCH, code]


PERSON = ("id", "patient, zoals in patienten.csv")
DAY = ("day", "dag")
SYSTEM = ("system or null", f"{DUTCH} of {INTERNATIONAL}; leeg, of geen kolom: {DUTCH}. Let op L84")
REASON = ("reason", "waarom, als dat vastligt. De tekst wordt niet bewaard, alleen dat er een reden is")

FILES: Mapping[str, File] = {
    "patienten.csv": File(
        "persons",
        "Een patiënt op de lijst van een praktijk, ziek of niet. Verplicht.",
        {
            "patient": ("id", "een nummer dat niets zegt: geen BSN, geen naam"),
            "geboortejaar": ("year or null", "jaar"),
            "geslacht": ("sex or null", "man of vrouw: geslacht bij geboorte"),
            "praktijk": ("id or null", "praktijk"),
            "overleden": ("day or null", "dag van overlijden"),
        },
        {"person": TEXT, "birth_year": WHOLE, "sex": TEXT, "practice": TEXT, "died": DATE},
    ),
    "contacten.csv": File(
        "contacts",
        "Een contact met een zorgverlener, ook om iets anders dan de rug. Verplicht.",
        {
            "patient": PERSON,
            "datum": DAY,
            "icpc": ("icpc or null", "waar het contact over ging; leeg: niet bekend"),
            "stelsel": SYSTEM,
            "soort": ("kind or null", f"{', '.join(DUTCH_KINDS)}; leeg: {DUTCH_KINDS[0]}"),
            "vervolgafspraak": ("day or null", "dag van de volgende controle; leeg: er is geen vastgelegd"),
        },
        {"person": TEXT, "date": DATE, "kind": TEXT, "review": DATE, "system": TEXT, "code": TEXT, "icpc": TEXT},
        _contact,
    ),
    "verwijzingen.csv": File(
        "referrals",
        "Een verwijzing door de huisarts.",
        {"patient": PERSON, "datum": DAY, "naar": ("kind", "als soort in contacten.csv"), "reden": REASON},
        {"person": TEXT, "date": DATE, "to": TEXT, "reason": "boolean"},
    ),
    "beeldvorming.csv": File(
        "imaging",
        "Een foto of scan van de wervelkolom.",
        {
            "patient": PERSON,
            "datum": ("day", "dag waarop zij werd aangevraagd, of anders gemaakt"),
            "soort": ("picture", ", ".join(PICTURES)),
            "aangevraagd_door": ("kind or null", "als soort in contacten.csv; leeg: niet bekend"),
            "reden": REASON,
        },
        {"person": TEXT, "date": DATE, "kind": TEXT, "ordered_by": TEXT, "reason": "boolean"},
    ),
    "medicatie.csv": File(
        "medication",
        "Een voorschrift.",
        {"patient": PERSON, "datum": DAY, "atc": ("atc", f"ATC-code; alleen {OPIOIDS} telt: opioïden")},
        {"person": TEXT, "date": DATE, "kind": TEXT},
        _medicine,
    ),
    "antwoorden.csv": File(
        "answers",
        "Een antwoord of een uitslag. Wat niet is gevraagd, heeft geen rij: dat is geen nee.",
        {
            "patient": PERSON,
            "datum": DAY,
            "bevinding": ("finding", "id uit findings.csv"),
            "waarde": ("value", f"ja, nee, {NOT_KNOWN}, een getal, een dag, of een keuze uit findings.csv"),
            "door": ("by or null", f"{', '.join(BY)}; leeg: zorgverlener"),
        },
        {"person": TEXT, "date": DATE, "finding": TEXT, "value": TEXT, "by": TEXT},
        _answer,
    ),
    "diagnoses.csv": File(
        "diagnoses",
        "Een diagnose of probleem, ook van iets anders dan de rug.",
        {
            "patient": PERSON,
            "datum": ("day or null", "bekend sinds; leeg: niet bekend sinds wanneer"),
            "icpc": ("icpc", "code"),
            "stelsel": SYSTEM,
        },
        {"person": TEXT, "date": DATE, "system": TEXT, "code": TEXT},
        _diagnosis,
    ),
}
REQUIRED = ("patienten.csv", "contacten.csv")
MAY_LACK = ("stelsel",)  # the only column


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
        raise AuditError(f"{folder}: {_expected(stranger, FILES)}")
    for name in REQUIRED:
        if name not in there:
            raise AuditError(f"{folder}: no {name}; {' and '.join(REQUIRED)} expected")
    return [name for name in FILES if name in there]


# A file, line by line


class CellError(ValueError):
    """What cannot be: what stands there, and what was expected."""


class Days(dict[str, date]):
    """The dates that were read, each once. Two ways of writing them have one reading only; any other is refused."""

    ISO, DAY_FIRST = "2026-01-31", "31-01-2026"

    def __missing__(self, cell: str) -> date:
        found = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)|(\d\d?)-(\d\d?)-(\d{4})", cell, re.ASCII)
        try:
            parts = [int(part) for part in found.groups() if part] if found else []
            day = date(*(parts if cell[4] == "-" else parts[::-1]))
            if FIRST_DAY <= day <= LAST_DAY:
                return self.setdefault(cell, day)
        except (IndexError, TypeError, ValueError):
            pass
        raise CellError(f"{shown(cell)} given, a day as {self.ISO} or {self.DAY_FIRST} expected")

    @property
    def ways(self) -> set[str]:
        """How they were written."""
        return {self.ISO if cell[4] == "-" else self.DAY_FIRST for cell in self}


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
            (column, columns.index(column) if column in columns else self._width, _reader(kind, readers))
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
                raise AuditError(f"{self.name}, line 1: column {_expected(column, self.file.columns)}")
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


# A cell


def shown(cell: str) -> str:
    """What stands there, cut short."""
    found = repr(cell)
    return found if len(found) <= LONGEST_SHOWN else found[: LONGEST_SHOWN - 3] + "..."


def _expected(stranger: str, known: Iterable[str]) -> str:
    """Who is not among these, those that are, and the nearest of them."""
    known = list(known)
    near = difflib.get_close_matches(stranger, known, 1)
    among = ", ".join(known) if len(known) <= len(KINDS) else "an id of findings.csv"
    return f"{shown(stranger)} given, {among} expected" + (f"; did you mean {near[0]}?" if near else "")


def _id(cell: str) -> str:
    if not cell or not cell.isprintable():
        raise CellError(f"{shown(cell)} given, an id expected")
    return cell


def _year(cell: str) -> int:
    if not (cell.isascii() and cell.isdecimal() and FIRST_DAY.year <= int(cell) <= LAST_DAY.year):
        raise CellError(f"{shown(cell)} given, a year of four digits expected")
    return int(cell)


def _code(shape: str, example: str) -> Reader:
    code = re.compile(shape)

    def read(cell: str) -> str:
        if not code.fullmatch(cell):
            raise CellError(f"{shown(cell)} given, a code as {example} expected")
        return cell

    return read


def _among(words: Mapping[str, str]) -> Reader:
    def read(cell: str) -> str:
        if cell not in words:
            raise CellError(_expected(cell, words))
        return words[cell]

    return read


def _reader(kind: str, readers: Mapping[str, Reader]) -> Reader:
    read = readers[kind.removesuffix(" or null")]
    return (lambda cell: read(cell) if cell else None) if kind.endswith(" or null") else read


READERS: Mapping[str, Reader] = {
    "id": _id,
    "year": _year,
    "sex": _among(SEXES),
    "icpc": _code(r"[A-Z][0-9]{2}(\.[0-9]{2})?", "L03 or T90.02"),
    "system": _among({one: one for one in (DUTCH, INTERNATIONAL)}),
    "kind": _among(CARE_GIVERS),
    "picture": _among(PICTURES),
    "reason": bool,
    "atc": _code(r"[A-Z][0-9]{2}([A-Z]([A-Z]([0-9]{2})?)?)?", "N02AA05"),
    "finding": _among({id: id for id in VOCABULARY}),
    "value": str,
    "by": _among(BY),
}


def as_answer(id: str, cell: str, day: date) -> str:
    """An answer of this day as ``records`` has it. Raises CellError."""
    finding = VOCABULARY[id]
    if cell == NOT_KNOWN:
        return UNCLEAR
    raw: object = cell
    expected = finding.expected
    if finding.kind == "boolean":
        raw, expected = YES_NO.get(cell), f"ja, nee or {NOT_KNOWN}"
    elif finding.kind == "number" and re.fullmatch(r"-?[0-9]+([.,][0-9]+)?", cell):
        raw = float(cell.replace(",", "."))
    elif finding.kind == "date":
        raw = Days()[cell]
    try:
        value = finding.accept(raw)
    except AnswerError as error:
        raise CellError(f"waarde: {shown(cell)} given, {expected} expected of {id}") from error
    if isinstance(value, date) and value > day:
        raise CellError(f"waarde: {shown(cell)} given, a day until {day} expected of {id}")
    return str(value).lower() if isinstance(value, bool) else str(value)


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
