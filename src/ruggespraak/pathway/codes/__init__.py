"""What others call what we ask, find and order: codes of SNOMED CT, LOINC, ICPC, ICD-10 and ATC, each with how it
relates to ours and how certain that is.

``codes.csv`` is about findings and complaints, ``orders.csv`` about what can be ordered for a back. The relation is
read from ours to theirs, as FHIR's ConceptMap has it: ``equivalent``; ``narrower``: the code says more, so what it
names is there; ``wider`` and ``inexact``: the code alone does not say it. ICPC-1 in its Dutch edition and ICPC-2 are
two systems: L84 is worn vertebrae in the one and plain back pain in the other.

No code ever says that something is absent.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

from ruggespraak.logic import Value
from ruggespraak.pathway.findings import VOCABULARY

Certainty = Literal["seen", "believed", "unsure"]
Relation = Literal["equivalent", "narrower", "wider", "inexact"]

LONGEST = 20  # characters of a code that is looked up; SNOMED CT has the longest, 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One code of somebody else.

    ``about``: a finding (``diabetes``), one choice of it (``smoking.former``), ``complaint:radicular`` or
    ``order:spine_mri``. ``certainty``: ``seen`` with its words in a public source, ``believed``, or ``unsure``.
    ``below``: a longer code that begins with this one is a part of it (ATC groups, ICPC and ICD-10 with their dots).
    """

    about: str
    system: str
    code: str
    version: str
    certainty: Certainty
    relation: Relation
    below: bool
    note: str

    @property
    def establishes(self) -> bool:
        """Whether who has this code has what it is about. Of any other code we only know what to ask."""
        return self.relation in ("equivalent", "narrower") and self.certainty != "unsure"

    @property
    def finding(self) -> str | None:
        """The finding that this is about; None for a complaint or an order."""
        id = self.about.partition(".")[0]
        return id if id in VOCABULARY else None

    @property
    def value(self) -> Value | None:
        """The answer that the code itself is. None where it names what a number, a date or a choice stands for."""
        finding, _, choice = self.about.partition(".")
        if choice:
            return choice
        return True if finding in VOCABULARY and VOCABULARY[finding].kind == "boolean" else None


def _read(name: str) -> tuple[Code, ...]:
    text = files(__name__).joinpath(name).read_text(encoding="utf-8")
    return tuple(_code(row) for row in csv.DictReader(io.StringIO(text)))


def _code(row: dict[str, str]) -> Code:
    return Code(**{**row, "below": row["below"] == "yes"})  # type: ignore[arg-type]  # a test reads both files whole


CODES = _read("codes.csv")
"""Codes of findings and complaints, in the order of the vocabulary."""
ORDERS = _read("orders.csv")
"""Codes of what is ordered for a back."""
BACK = ("L02", "L03", "L84", "L86")
"""ICPC-1-NL: the back; low back pain; worn vertebrae; low back pain into the leg."""
SAME_IN_ICPC = {"ICPC-1-NL": BACK, "ICPC-2": ("L02", "L03", "L86")}
"""What ICPC calls the back as the Dutch edition does; of ICPC-2 from memory."""
IN_DUTCH = {
    "complaint:nonspecific": "L03",
    "complaint:radicular": "L86",
    "complaint:spondylosis": "L84",
    "low_back_pain": "L03",
}
"""ICPC-1-NL of what a code of another system means."""

_BY_NAME: dict[tuple[str, str], list[Code]] = {}
for _one in (*CODES, *ORDERS):
    _BY_NAME.setdefault((_one.system, _one.code), []).append(_one)


def meanings(system: str, code: str) -> tuple[Code, ...]:
    """All that this code of theirs can mean to us; nothing for one that we do not know. ``system``: as in the files."""
    for whole in _and_what_it_is_part_of(system, code):
        found = tuple(one for one in _BY_NAME.get((system, whole), ()) if one.below or whole == code)
        if found:
            return found
    return ()


def back(system: str, code: str) -> str | None:
    """What this code says of the back, as one of ``BACK``: ICPC-2's L84 is our L03. None: of something else."""
    whole = code.partition(".")[0]
    if whole in SAME_IN_ICPC.get(system, ()):
        return whole
    means = (*meanings(system, code), *meanings(system, whole))
    return max((IN_DUTCH[one.about] for one in means if one.about in IN_DUTCH), default=None)


def _and_what_it_is_part_of(system: str, code: str) -> Iterator[str]:
    """The code, then each shorter beginning of it that is a code: T90 of T90.02 and not of T901, N02A of N02AA05."""
    yield code
    if len(code) <= LONGEST and code.isascii() and code.replace(".", "").isalnum():
        for length in range(len(code) - 1, 0, -1):
            if system == "ATC" or "." in (code[length], *code[:length]):
                yield code[:length]
