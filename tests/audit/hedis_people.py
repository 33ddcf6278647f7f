"""Random people with back pain, twice: as the tables of an audit, and as the FHIR bundles on which a judge of others
(``tests/judges/hedis.mjs``) runs the same measure. They stand where the measure is decided: at the edges of ages,
windows and codes."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

import ibis

from judges import JUDGES, node_or_skip
from ruggespraak.audit.episodes import built
from ruggespraak.audit.hedis import EXCLUSIONS, OURS, SIGNS
from ruggespraak.audit.records import TABLES, Records, schema
from ruggespraak.fhir.names import Resource
from ruggespraak.pathway.codes import ORDERS
from ruggespraak.pathway.codes.addresses import FINDINGS, SYSTEMS

SINCE, UNTIL = date(2010, 1, 1), date(2024, 12, 31)
GAP = 90  # days without a contact after which an episode is over
OF_PERSONS = ("persons", "history", "diagnoses")

AGES = (17, 18, 18, 19, 35, 49, 50, 50, 51, 51, 74, 75, 75, 76, 76, 90)  # at the end of the year of the first visit
VISITS = (1, 7, 28, 60, 89, 90, 91, 179, 181, 300)  # days after the one before
BACK = ("L03", "L03", "L03", "L02", "L86", "L84")
OTHER = ("A80", "N01", None)  # a contact for something else, or nobody wrote down for what
PICTURES = (-1, 0, 0, 1, 14, 27, 28, 28, 29, 29, 60)  # days after a visit
HARMLESS = ("leg_pain", "diabetes", "fever_reported")
ELSEWHERE = (  # looks like a code that excludes, and is none
    ("ICD-10", "F10"),
    ("ICD-10", "M46.9"),
    ("ICD-10", "N18"),
    ("ICD-10", "Z9"),
    ("ICD-10", "c34"),
    ("ICPC-1-NL", "C34"),
    ("ICPC-1-NL", "A8"),
    ("ICPC-1-NL", "N19"),
    ("ICPC-2", "B90"),
    ("SNOMED-CT", "864060081"),
    ("SNOMED-CT", "60770011"),
)
CHEST = ("SNOMED-CT", "399208008")  # X-ray of the chest
KINDS = {"order:spine_x_ray": "x_ray", "order:spine_mri": "mri", "order:spine_ct": "ct"}
SPINE = [one for one in ORDERS if one.about in KINDS]


@dataclass
class Person:
    """One person. ``born``: a day, a month, a year or None, as FHIR has it."""

    id: str
    born: str | None
    visits: dict[date, str | None] = field(default_factory=dict)
    pictures: list[tuple[date, str | None, str, str]] = field(default_factory=list)  # kind: None where no spine
    diagnoses: list[tuple[date | None, str, str]] = field(default_factory=list)
    findings: list[tuple[date | None, str, bool]] = field(default_factory=list)


def people(count: int, seed: int = 28) -> list[Person]:
    pick = Random(seed)
    return [_person(f"p{number}", pick) for number in range(count)]


def _person(id: str, pick: Random) -> Person:
    first = pick.choice((date(2023, 1, 1), date(2023, 12, 31), UNTIL - timedelta(pick.choice((27, 28, 29)))))
    if pick.random() < 0.7:
        first = date(2023, 1, 1) + timedelta(pick.randrange(600))
    person = Person(id, _born(first, pick))
    day = first
    for _ in range(pick.choice((1, 1, 2, 3, 4))):
        if day <= UNTIL:
            person.visits[day] = pick.choice(BACK if pick.random() < 0.9 else OTHER)
        day += timedelta(pick.choice(VISITS))
    for _ in range(pick.choice((0, 0, 1, 1, 2))):
        _picture(person, pick)
    for _ in range(pick.choice((0, 0, 1, 1, 2))):
        _fact(person, pick)
    return person


def _near(person: Person, days: Sequence[int], pick: Random) -> date:
    """So many days after one of the visits, and not after the records end."""
    return min(pick.choice([*person.visits]) + timedelta(pick.choice(days)), UNTIL)


def _picture(person: Person, pick: Random) -> None:
    day, order = _near(person, PICTURES, pick), pick.choice(SPINE)
    if pick.random() < 0.9:
        person.pictures.append((day, KINDS[order.about], order.system, order.code))
    else:
        person.pictures.append((day, None, *CHEST))


def _fact(person: Person, pick: Random) -> None:
    """Something that excludes, at an edge of its window, or that only seems to; as a code, or as a finding."""
    exclusion = pick.choice([*EXCLUSIONS])
    before = EXCLUSIONS[exclusion] or 365
    days = (-4000, -before - 1, -before - 1, -before, -before, -1, 0, 0, 28, 29)
    day = _near(person, days, pick) if pick.random() < 0.9 else None
    _, system, code, below = pick.choice([one for one in SIGNS if one[0] == exclusion and ":" not in one[2]])
    if system == OURS:
        person.findings.append((day, pick.choice((code, code, code, *HARMLESS)), pick.random() < 0.8))
    elif pick.random() < 0.8:
        longer = {1: "34", 2: "4"}.get(len(code), "")
        person.diagnoses.append((day, system, code + (pick.choice(("", longer, longer + ".9")) if below else "")))
    else:
        person.diagnoses.append((day, *pick.choice(ELSEWHERE)))


def _born(first: date, pick: Random) -> str | None:
    """On any day, the first or last of the year, or just that of the visit; or the day, month or year is not known."""
    year = first.year - pick.choice(AGES)
    day = pick.choice((f"{1 + pick.randrange(12):02}-{1 + pick.randrange(28):02}", "01-01", "12-31", f"{first:%m-28}"))
    exact = f"{year}-{day}" if pick.random() < 0.7 else f"{year}-{first:%m}-{min(first.day, 28):02}"
    return pick.choice((*[exact] * 9, exact[:7], exact[:4], None))


# As the tables of an audit


def records(engine: ibis.BaseBackend, these: Iterable[Person]) -> Records:
    """What was found on the day of a visit for the back is an answer, and what else was there is history."""
    rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in TABLES}
    for one in these:
        rows["persons"].append((one.id, "1", int(one.born[:4]) if one.born else None, "female", None))
        rows["diagnoses"] += [(one.id, day, system, code) for day, system, code in one.diagnoses]
        rows["contacts"] += [(one.id, day, "gp", 1, None, code) for day, code in one.visits.items()]
        rows["imaging"] += [(one.id, day, kind, "gp") for day, kind, *_ in one.pictures if kind]
        for day, id, value in one.findings:
            if day is not None and one.visits.get(day) in BACK:
                rows["answers"].append((one.id, day, id, str(value).lower(), None))
            elif value:
                rows["history"].append((one.id, day, id, "true"))
    kept = ("persons", "diagnoses")
    tables = {name: engine.create_table(name, ibis.memtable(rows[name], schema=schema(name))) for name in kept}
    events = {name: _event(name, rows[name]) for name in TABLES if name not in (*kept, "episodes")}
    placed = built(engine, tables["persons"], events, GAP, UNTIL)
    return Records(engine, {**tables, **placed}, frozenset(), SINCE, UNTIL, "people made up by chance")


def _event(name: str, rows: list[tuple[Any, ...]]) -> ibis.Table:
    """The table of this name, of persons and not yet of episodes."""
    columns = {"person": "string", **{column: kind for column, kind in schema(name).items() if column != "episode"}}
    return ibis.memtable(rows, schema=columns | ({"icpc": "string"} if name == "contacts" else {}))


# As FHIR bundles


def bundle(person: Person) -> Resource:
    patient = {"resourceType": "Patient", "id": person.id} | ({"birthDate": person.born} if person.born else {})
    about: Resource = {"reference": f"Patient/{person.id}"}
    resources = [patient]

    def add(kind: str, **parts: Any) -> None:
        there = {name: value for name, value in parts.items() if value is not None}
        resources.append({"resourceType": kind, "id": f"{person.id}-{len(resources)}", "subject": about, **there})

    for day, code in person.visits.items():
        add(
            "Encounter",
            status="finished",
            **{"class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}},
            period={"start": f"{day}T10:00:00+01:00", "end": f"{day}T10:10:00+01:00"},
            reasonCode=[coded("ICPC-1-NL", code)] if code else None,
        )
    for number, (day, _, system, code) in enumerate(person.pictures):
        if number % 2:
            add("ImagingStudy", status="available", started=str(day), procedureCode=[coded(system, code)])
        else:
            add("ServiceRequest", status="active", intent="order", code=coded(system, code), authoredOn=str(day))
    for when, system, code in person.diagnoses:
        add("Condition", code=coded(system, code), recordedDate=when and str(when))
    for when, id, value in person.findings:
        code = {"coding": [{"system": FINDINGS, "code": id}]}
        add("Observation", status="final", code=code, valueBoolean=value, effectiveDateTime=when and str(when))
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in resources]}


def coded(system: str, code: str) -> Resource:
    return {"coding": [{"system": SYSTEMS[system], "code": code}]}


# As the judge sees them

Cases = dict[tuple[str, str, date], str]
"""By measure, person and day of the index: excluded, picture or none. Who is not in the denominator is not in it."""


@dataclass(frozen=True)
class Judgement:
    """What the judge found, and the seconds that it took, without the translation of the measure."""

    cases: Cases
    seconds: float


def judged(these: Sequence[Person]) -> Judgement:
    asked = {"codes": codes(), "until": str(UNTIL), "bundles": [bundle(one) for one in these]}
    command = [node_or_skip(), str(JUDGES / "hedis.mjs")]
    ran = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]
    said = json.loads(ran.stdout.rpartition("\n")[2])
    assert not said["errors"], said["errors"][:5]
    assert set(said["results"]) == {one.id for one in these}
    days = {f"{one.id}-{number}": day for one in these for number, day in enumerate(one.visits, 1)}
    cases: Cases = {}
    for person, groups in said["results"].items():
        for measure, visits in groups.items():
            for visit, populations in visits.items():
                if "denominator" in populations:
                    excluded, picture = (part in populations for part in ("denominator-exclusion", "numerator"))
                    found = "excluded" if excluded else "picture" if picture else "none"
                    cases[measure, person, days[visit]] = found
    return Judgement(cases, said["seconds"])


def said(rows: list[dict[str, Any]]) -> Cases:
    """Our rows as the judge says it. Of whom no age is known, nothing."""
    words = {True: "none", False: "picture"}
    return {
        (row["measure"], row["person"], row["date"]): "excluded" if row["excluded"] else words[row["met"]]
        for row in rows
        if row["met"] is not None
    }


def codes() -> str:
    """The codes of the exclusions and of pictures of the spine, as the library that the judge's CQL includes."""
    signs = [
        f"  Tuple {{ exclusion: '{exclusion}', system: '{FINDINGS if system == OURS else SYSTEMS[system]}', "
        f"code: '{code}', below: {str(below).lower()} }}"
        for exclusion, system, code, below in SIGNS
    ]
    pictures = [f"  Tuple {{ system: '{SYSTEMS[one.system]}', code: '{one.code}' }}" for one in SPINE]
    return "\n".join(
        [
            "library HedisCodes version '1.0.0'",
            f"""define "ICPC-1-NL": '{SYSTEMS["ICPC-1-NL"]}'""",
            'define "signs": {',
            ",\n".join(signs),
            "}",
            'define "pictures": {',
            ",\n".join(pictures),
            "}",
        ]
    )
