"""The files of an extract as CSV: what is in each, with Dutch headers because a practice makes and checks them.

``FILES`` is the format; ``docs/audit.md`` shows it with an example. A cell is read by the reader of its kind: it gives
what stands there as ``records`` has it, or raises CellError with what was expected.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from ruggespraak.audit.records import DATE, KINDS, TEXT, WHOLE
from ruggespraak.audit.rejects import shown
from ruggespraak.consult.case import FIRST_DAY, LAST_DAY, UNCLEAR
from ruggespraak.logic import AnswerError
from ruggespraak.pathway.codes import back
from ruggespraak.pathway.findings import VOCABULARY

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


# A cell


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


def expected(stranger: str, known: Iterable[str]) -> str:
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
            raise CellError(expected(cell, words))
        return words[cell]

    return read


def reader_of(kind: str, readers: Mapping[str, Reader]) -> Reader:
    """The reader of this kind; of an empty cell it gives None where the kind says "or null"."""
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
