"""What an audit is made of, wherever it came from: eleven tables about people, episodes and what was done.

``rug simulate --records`` writes most of them as Parquet; a reader makes them of FHIR resources, of an extract of a
GP's system, or of what the clinic stored. Unknown is not no, also here: what was not recorded has no row, an empty cell
is not known, and of a table that a source does not have (``Records.absent``) nothing can be said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir

TEXT, WHOLE, DATE = "string", "int32", "date"
AFTER_DEATH = 30  # days in which something is still written down: own choice


class AuditError(ValueError):
    """What cannot be audited: the place, what stands there and what was expected."""


# The tables: what a row is; and each column, its type and its meaning. "null" stands there where a cell can be empty.
TABLES: Mapping[str, tuple[str, Mapping[str, tuple[str, str]]]] = {
    "persons": (
        "One person on the list of a practice, ill or not.",
        {
            "person": (TEXT, "id"),
            "practice": (TEXT, "id of the practice, or null"),
            "birth_year": (WHOLE, "year, or null"),
            "sex": (TEXT, "male or female: sex at birth, or null"),
            "died": (DATE, "day of death, or null: alive, as far as is known"),
        },
    ),
    "episodes": (
        "One episode of back pain, from the first contact for it.",
        {
            "episode": (TEXT, "id"),
            "person": (TEXT, "persons.person"),
            "start": (DATE, "day of the first contact"),
            "icpc": (TEXT, "ICPC-1-NL at the first contact (L02, L03, L84, L86), or null"),
            "closed": (DATE, "from this day on it is over; null: still open"),
        },
    ),
    "contacts": (
        "One contact with a care giver, or several that are stored together.",
        {
            "episode": (TEXT, "episodes.episode"),
            "date": (DATE, "day; the first one where number is more than 1"),
            "kind": (TEXT, "one of KINDS"),
            "number": (WHOLE, "visits; of hospital: days"),
            "review": (DATE, "next look that was agreed; null: none is recorded"),
        },
    ),
    "imaging": (
        "One picture of the spine.",
        {
            "episode": (TEXT, "episodes.episode"),
            "date": (DATE, "day on which it was ordered, or else made"),
            "kind": (TEXT, "x_ray, mri or ct"),
            "ordered_by": (TEXT, "one of KINDS, or null"),
        },
    ),
    "referrals": (
        "Once that a GP sent somebody on, whether the visit then took place or not.",
        {
            "episode": (TEXT, "episodes.episode"),
            "date": (DATE, "day"),
            "to": (TEXT, "one of KINDS"),
        },
    ),
    "medication": (
        "Once that a medicine was prescribed.",
        {
            "episode": (TEXT, "episodes.episode"),
            "date": (DATE, "day"),
            "kind": (TEXT, "opioid"),
        },
    ),
    "operations": (
        "One operation of the spine.",
        {
            "episode": (TEXT, "episodes.episode"),
            "date": (DATE, "day"),
        },
    ),
    "answers": (
        "One answer at a contact. What was not asked has no row.",
        {
            "episode": (TEXT, "episodes.episode"),
            "date": (DATE, "day of the contact"),
            "finding": (TEXT, "id in findings.csv"),
            "value": (TEXT, "true, false, unclear, a number, a choice of findings.csv, or a date (2026-01-15)"),
            "by": (TEXT, "patient, proxy or clinician; null: a clinician"),
        },
    ),
    "history": (
        "What is known of a person outside an episode, as from a problem list. It is never a no.",
        {
            "person": (TEXT, "persons.person"),
            "date": (DATE, "known since, or null: known when the records end, and not since when"),
            "finding": (TEXT, "id in findings.csv"),
            "value": (TEXT, "as in answers"),
        },
    ),
    "diagnoses": (
        "One diagnosis of a person, by its code; also of what is no back pain.",
        {
            "person": (TEXT, "persons.person"),
            "date": (DATE, "day, or null"),
            "system": (TEXT, "as in pathway/codes: ICPC-1-NL, ICPC-2, ICD-10 or SNOMED-CT"),
            "code": (TEXT, "code in that system"),
        },
    ),
    "reasons": (
        "Once that a care giver wrote down why something else was done than the pathway says. Why is not kept here.",
        {
            "episode": (TEXT, "episodes.episode"),
            "date": (DATE, "day"),
            "about": (TEXT, "imaging, referral, medication or review; or the id of an alarm or a recommendation"),
        },
    ),
}

KINDS = (
    "gp", "physiotherapist", "neurologist", "orthopaedist", "rheumatologist", "pain_team", "psychologist",
    "occupational_physician", "emergency", "hospital",
)  # fmt: skip


def schema(name: str) -> ibis.Schema:
    """The columns of one table."""
    return ibis.schema({column: kind for column, (kind, _) in TABLES[name][1].items()})


def needed(name: str) -> list[str]:
    """The columns of one table of which no cell can be empty."""
    return [column for column, (_, meaning) in TABLES[name][1].items() if "null" not in meaning]


@dataclass(frozen=True)
class Records:
    """The tables on one engine. ``absent``: names of tables that the source does not have; those are empty.

    ``since``, ``until``: the first and the last day of which the records tell. What would be after ``until`` is not
    known. ``source``: what was read, in words for a report.
    """

    engine: ibis.BaseBackend
    tables: Mapping[str, ir.Table]
    absent: frozenset[str]
    since: date
    until: date
    source: str

    def __getitem__(self, name: str) -> ir.Table:
        """The table of this name."""
        return self.tables[name]
