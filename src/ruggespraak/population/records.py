"""Synthetic records: what practices would have stored of the lives of a run, with the truth beside it.

The same lives as in ``simulate`` are lived once more with a log (``kernel.tally``), some thousands of people at a time.
What a practice sees of them is written as Parquet: people, episodes, contacts, imaging, referrals, operations, sick
leave, and what was asked and answered at each contact with a general practitioner (GP). ``FILES`` says what each column
means; the same text is written beside the files.

**Seen, not known.** An episode is in the records when its first contact with a GP falls in the run, and is coded as it
looks then: a hidden tumour is low back pain. Own care leaves no record. A question that was not asked has no row.
**The same case.** The answers at a contact are those of ``care.case`` for the clinical state that the kernel looked up
there. So whoever decides the recorded answers by the pathway finds what the simulated GP was told to do.
**Who asks everything, examines too.** At such a contact every other finding that a rule on alarms, imaging or the kind
of complaint looks at has its unalarming answer (``examined``), which changes no decision and leaves none open: the
picture that is established is then the most that any answer could still bring. Left open is what has no such answer:
how long ago something was that did not happen, when and how it began, whether it gets better, the strength of a leg
with a foot that drops, the temperature of who told of fever. One of them leaves a picture open: whether the relief is
enough, where nobody told, with pain from a root from day 42 on.
**The truth.** ``truth`` has what no practice knows, of every episode that hurts during the run.

Own choices: practices of 2,200 people who are dealt by chance; an episode is closed 90 days after its last contact; a
GP who acts on an alarm refers to whom the patient then sees; the next look is always agreed. Not in the model, and so
not here: medication, how practices differ, and answers that are unclear or wrong. No decision in the model looks at the
sex: whoever examines leaves it ``unknown``, so that a woman of 75 is not another case than the one that was decided.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from ruggespraak.consult.case import FIRST_DAY, LAST_DAY, plain
from ruggespraak.course.answers import SETS_ASIDE
from ruggespraak.folder import whole
from ruggespraak.logic import Value
from ruggespraak.pathway.concepts.nerves import MRC
from ruggespraak.pathway.editions import EDITIONS, edition
from ruggespraak.pathway.findings import VOCABULARY
from ruggespraak.population import care, compiled
from ruggespraak.population.kernel import cell, tally
from ruggespraak.population.kernel.address import BEFORE, draw
from ruggespraak.population.kernel.life import BOYS, GOLDEN, NEWBORN
from ruggespraak.population.kernel.tally import CAUSES, DAY, YEAR
from ruggespraak.population.simulate import Progress, Run, RunError, prepared

Numbers = npt.NDArray[np.int64]
Truths = npt.NDArray[np.bool_]
Column = Any  # of pyarrow
Columns = dict[str, Column]

FIRST_YEAR = 2024
LIST_SIZE = 2_200  # people of one practice: own choice
CLOSED_AFTER = 90  # days without a contact
PERSON_YEARS = 100_000  # lived between two writes: what bounds the memory
ROWS = 1 << 20  # of the log, at first; it grows where that is too few
NEVER = 1 << 40  # hours
PERSON_BITS = 48  # of the number that an episode's id is made from; above them stands which episode

TEXT, DATE, WHOLE, TRUE = pa.string(), pa.date32(), pa.int32(), pa.bool_()

# The files: what a row is; and each column, its type and its meaning. "or null" stands where a cell can be empty.
FILES: Mapping[str, tuple[str, Mapping[str, tuple[Any, str]]]] = {
    "persons": (
        "One person on the list of a practice, ill or not.",
        {
            "person": (TEXT, "id, 16 hexadecimal digits; it tells nothing"),
            "practice": (WHOLE, "number of the practice, from 1"),
            "birth_year": (WHOLE, "year"),
            "sex": (TEXT, "male or female"),
            "died": (DATE, "day of death in the run, or null"),
        },
    ),
    "episodes": (
        "One episode of back pain that came to a GP; its first contact falls in the run.",
        {
            "episode": (TEXT, "id, 16 hexadecimal digits"),
            "person": (TEXT, "persons.person"),
            "start": (DATE, "day of the first contact with the GP"),
            "icpc": (TEXT, "ICPC-1-NL at the first contact: L86 with pain in the leg, L03 without, whatever the cause"),
            "closed": (DATE, f"{CLOSED_AFTER} days after the last contact, or the day of death; null: still open"),
        },
    ),
    "contacts": (
        "One contact with a care giver, or several that are stored together. By episode and day.",
        {
            "episode": (TEXT, "episodes.episode; with the date it names a contact with the GP"),
            "date": (DATE, "day; the first one where number is more than 1"),
            "kind": (
                TEXT,
                "gp, physiotherapist, neurologist, orthopaedist, rheumatologist, pain_team, psychologist, "
                "occupational_physician, emergency (the patient came by herself) or hospital (admitted)",
            ),
            "number": (WHOLE, "visits; of hospital: days"),
            "review": (DATE, "next look that was agreed, at the earliest; null where it was no GP"),
        },
    ),
    "imaging": (
        "One picture of the spine.",
        {
            "episode": (TEXT, "episodes.episode"),
            "date": (DATE, "day"),
            "kind": (TEXT, "x_ray or mri"),
            "ordered_by": (TEXT, "gp, neurologist, orthopaedist, rheumatologist or hospital"),
        },
    ),
    "referrals": (
        "Once that a GP sent somebody on, whether the visit then took place or not; to one place once a day.",
        {
            "episode": (TEXT, "episodes.episode"),
            "date": (DATE, "day; without a contact that day it went by telephone"),
            "to": (TEXT, "a kind of contact"),
        },
    ),
    "operations": (
        "One operation of the spine.",
        {
            "episode": (TEXT, "episodes.episode"),
            "date": (DATE, "day"),
            "again": (TRUE, "whether it was done before in this episode"),
        },
    ),
    "sick_leave": (
        "One spell of sick leave.",
        {
            "episode": (TEXT, "episodes.episode"),
            "start": (DATE, "first day"),
            "end": (DATE, "day of the return to work, or of death; null: still at home when the run ends"),
        },
    ),
    "answers": (
        "One answer at a contact with the GP. What was not asked has no row: unknown is not no. "
        "A GP who asks about every alarm examines too, and finds nothing else.",
        {
            "episode": (TEXT, "episodes.episode"),
            "date": (DATE, "day of the contact"),
            "finding": (TEXT, "id in findings.csv"),
            "value": (TEXT, "true, false, a number, or a choice of findings.csv; unclear never occurs here"),
        },
    ),
    "truth": (
        "One episode of back pain that hurts during the run, in the records or not. No practice knows this.",
        {
            "episode": (TEXT, "id; that of episodes.episode where recorded"),
            "person": (TEXT, "persons.person"),
            "recorded": (TRUE, "whether it is in the records"),
            "cause": (TEXT, ", ".join(CAUSES)),
            "severity": (TEXT, "mild, moderate or severe"),
            "onset": (DATE, "first day of pain, also before the run"),
            "pain_until": (DATE, "last day of pain; null where it hurts until death or the end of the run"),
            "alarm": (TRUE, "whether it alarms whoever asks; null where no GP was seen. A hidden cause does not"),
            "recognised": (DATE, "day in the run on which somebody acted on the alarm, or null"),
            "missed": (WHOLE, "contacts with the GP in the run at which the alarm was missed"),
            "needless": (WHOLE, "scans in the run that the pathway calls not useful"),
        },
    ),
}

KINDS = (
    "gp", "physiotherapist", "neurologist", "orthopaedist", "rheumatologist", "pain_team", "psychologist",
    "occupational_physician", "emergency", "hospital",
)  # fmt: skip
GP, HOSPITAL = KINDS.index("gp"), KINDS.index("hospital")
NO_KIND = -1


def _by_measure(kinds: Mapping[int, int]) -> Numbers:
    found = np.full(tally.N + len(tally.NOTES), NO_KIND)
    for measure, kind in kinds.items():
        found[measure] = kind
    return found


# Which kind a row of the log stands for; a contact with a GP is read from its clinical state, not from its tally.
VISITS = {tally.MEASURES.index(kind): number for number, kind in enumerate(KINDS) if number not in (GP, HOSPITAL)}
CONTACT = _by_measure({**VISITS, tally.CLINICAL_STATE: GP, tally.HOSPITAL_DAYS: HOSPITAL})
# These begin the day that the GP sends somebody there; the log notes the other referrals.
AT_ONCE = _by_measure(
    {
        tally.PHYSIOTHERAPY_COURSES: VISITS[tally.PHYSIOTHERAPIST],
        tally.PSYCHOLOGIST: VISITS[tally.PSYCHOLOGIST],
        tally.PAIN_TEAM: VISITS[tally.PAIN_TEAM],
    }
)
SPECIALIST = _by_measure({at: VISITS[at] for at in (tally.NEUROLOGIST, tally.ORTHOPAEDIST, tally.RHEUMATOLOGIST)})
# Where a GP sends somebody with a recognised alarm, by cause (``kernel.episode.alarm_care``).
ALARM_TO = {
    "radicular": "neurologist",
    "cauda_equina": "neurologist",
    "tumour": "hospital",
    "infection": "hospital",
    "axial_spa": "rheumatologist",
    "aneurysm": "hospital",
    "stenosis": "neurologist",
    "listhesis": "orthopaedist",
}  # not the fracture: the GP orders the X-ray
ALARM = np.array([KINDS.index(ALARM_TO[cause]) if cause in ALARM_TO else NO_KIND for cause in CAUSES])

CODES = ("L03", "L86")
IN_THE_LEG = np.array([one.told.get("leg_pain") is True for one in care.PRESENTATIONS.values()])
SEVERITIES = ("mild", "moderate", "severe")  # in the order of the measures from PAIN_MILD on
FINDINGS = tuple(VOCABULARY)


# What is found where nothing is wrong, of findings without a worse direction and of numbers: own choice.
WELL: Mapping[str, Value] = {
    **dict.fromkeys((one.id for one in MRC), 5),
    **dict.fromkeys(SETS_ASIDE, False),
    "pain_location": "low_back",
    "fever_c": 37,
    "post_void_residual_ml": 0,
    "crp_mg_l": 1,
    "esr_mm_h": 5,
    "pregnant": False,
    "good_nsaid_response": False,
    "ibp_improves_exercise": False,
    "opioid_current": False,
    "smoking": "never",
    "sex_at_birth": "unknown",
}
# What was told, and what then has no unalarming answer.
SPEAKS_AGAINST: Mapping[str, Sequence[str]] = {"foot_drop": [one.id for one in MRC], "fever_reported": ["fever_c"]}


class RecordsError(RunError):
    """Records that cannot be: what was given, and what was expected."""


def write(
    run: Run, into: Path, option: int = 0, year: int = FIRST_YEAR, progress: Progress | None = None
) -> dict[str, int]:
    """Writes the records of one option of a run; returns how many rows each file of ``FILES`` has.

    ``into``: a new folder; it gets <file>.parquet and README.md, all of them or, where anything fails, none. ``year``:
    the run begins on its first of January. ``progress`` is called with how many parts are done, and of how many. The
    same run gives the same bytes. Raises RecordsError, and what ``simulate`` raises, before anything is written, and
    FolderError where it cannot be written.
    """
    if not 0 <= option < len(run.options):
        raise RecordsError(f"option: {option} given, 0 to {len(run.options) - 1} expected")
    if not FIRST_DAY.year <= year <= LAST_DAY.year - run.years:
        expected = f"{FIRST_DAY.year} to {LAST_DAY.year - run.years}"
        raise RecordsError(f"year: {year} given, {expected} expected for a run of {run.years} years")
    arguments = prepared(run)[option]
    at_once = max(PERSON_YEARS // run.years, 1)
    parts = [(low, min(low + at_once, run.lives)) for low in range(0, run.lives, at_once)]
    rows = dict.fromkeys(FILES, 0)
    with whole(into) as half, ExitStack() as open_files:
        files = {name: open_files.enter_context(_writer(half, name)) for name in FILES}
        for number, log in enumerate(_logs(arguments, run.years, parts)):
            lived = Lived(run, arguments, year, *parts[number], log)
            for name, file in files.items():
                table = pa.table(getattr(lived, name)(), schema=schema(name))
                file.write_table(table)
                rows[name] += table.num_rows
            if progress:
                progress(number + 1, len(parts))
        (half / "README.md").write_text(readme(run, option, year), encoding="utf-8")
    return rows


def schema(name: str) -> pa.Schema:
    """The columns of one file."""
    return pa.schema([(column, kind) for column, (kind, _) in FILES[name][1].items()])


def readme(run: Run, option: int, year: int) -> str:
    """What the files are, for whoever finds them: every column, and the run that they are from."""
    chosen, table = run.options[option], run.care[option]
    before = f" from year {run.since}, {run.options[0].id} before it" if run.since else ""
    said = [
        "# Synthetic records",
        "",
        "Nobody in these files exists. They are what practices would have stored of simulated lives with back pain.",
        "`truth.parquet` is no record: it has what no practice knows.",
        "",
        f"- People: {run.people}, and {run.born} born a year; seed {run.seed}.",
        f"- Time: {run.years} years of 365.25 days from 1 January {year}.",
        f"- Edition and scenario: {chosen.id}{before}.",
        f"- Parameters: {run.parameters.digest}.",
        f"- Table of care: {table.fingerprint}.",
        "",
        f"Own choices: practices of about {LIST_SIZE} people, dealt by chance; an episode is closed",
        f"{CLOSED_AFTER} days after its last contact; a GP who acts on an alarm refers to whom the patient then sees;",
        "the next look is always agreed. Practices do not differ. Medication is not in the model.",
        "",
        "Times are whole hours in the model and days here: an age or a duration that was answered is exact, one",
        "that is computed from these dates can be one off.",
    ]
    for name, (row, columns) in FILES.items():
        said += ["", f"## {name}.parquet", "", row, "", "| column | type | meaning |", "|---|---|---|"]
        said += [f"| {column} | {kind} | {meaning} |" for column, (kind, meaning) in columns.items()]
    return "\n".join(said) + "\n"


def _writer(into: Path, name: str) -> pq.ParquetWriter:
    return pq.ParquetWriter(into / f"{name}.parquet", schema(name), compression="zstd")


def _logs(arguments: tuple[Any, ...], years: int, parts: Sequence[tuple[int, int]]) -> Iterator[Numbers]:
    """The log of each range of persons: rows of (hour, person, episode, cause, measure, amount)."""
    lives = compiled.compiled()
    counts, me = np.zeros(tally.size(years), dtype=np.int64), np.zeros(tally.CARRIED, dtype=np.int64)
    log = np.empty((ROWS, 6), dtype=np.int64)
    for low, high in parts:
        while True:
            log[0, 0] = 0
            lives(counts, log, me, low, high, 1, *arguments)
            rows = int(log[0, 0])
            if rows < len(log):
                break
            log = np.empty((rows + rows // 4, 6), dtype=np.int64)
        yield log[1 : rows + 1]


def _mixed(numbers: Numbers, seed: int) -> npt.NDArray[np.uint64]:
    """Other 64-bit numbers, each its own: the finalizer of SplitMix64 (Steele, Lea, Flood 2014) is one to one."""
    mixed = numbers.astype(np.uint64) ^ np.uint64(seed * 0x9E3779B97F4A7C15 & 2**64 - 1)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return mixed ^ (mixed >> np.uint64(31))


def _ids(mixed: npt.NDArray[np.uint64]) -> Column:
    digits = np.frombuffer(mixed.astype(">u8").tobytes().hex().encode(), dtype="S16")
    return pa.array(digits, pa.binary(16)).cast(pa.binary()).cast(TEXT)


def _words(numbers: npt.NDArray[np.integer[Any]], words: Sequence[str]) -> Column:
    """The words with these numbers."""
    return pa.DictionaryArray.from_arrays(pa.array(numbers.astype(np.int32)), pa.array(words, TEXT)).cast(TEXT)


def _whole(numbers: Numbers) -> Column:
    return pa.array(numbers.astype(np.int32))


class Lived:
    """What the persons ``low`` to ``high`` lived, by their log. Each method gives the columns of the file of its name.

    Arrays are as long as there are persons, episodes or rows of the log; ``of`` and ``whose`` say to which episode a
    row belongs, and to which person an episode: ``in_pain`` is its last row. (What has no such row, because it was over
    long ago, has no care in the log either.) What is written stands in the order of persons and their episodes, and in
    an episode in that of time.
    """

    def __init__(self, run: Run, arguments: tuple[Any, ...], year: int, low: int, high: int, log: Numbers) -> None:
        self.run, self.first_day = run, np.datetime64(f"{year}-01-01", "D").astype(np.int64)
        self.cells, self.since = arguments[-2:]
        self.end = run.years * YEAR
        self.hour, person, number, cause, self.measure, self.amount = np.ascontiguousarray(log.T)

        self.people, self.sex, self.born = who(arguments, low, high)
        self.death = np.full(high - low, NEVER)
        dead = self.measure == tally.DEATHS
        self.death[self._place(person[dead], low)] = self.hour[dead]

        ends = self.measure == tally.IN_PAIN
        self.of = np.cumsum(ends) - ends
        self.whose, self.number, self.cause = self._place(person[ends], low), number[ends], cause[ends]
        self.onset, self.over = self.hour[ends], self.hour[ends] + self.amount[ends]
        states = np.flatnonzero(self.measure == tally.CLINICAL_STATE)
        seen, first = np.unique(self.of[states], return_index=True)
        self.consult, self.shown = np.full(len(self.onset), -1), np.full(len(self.onset), -1)
        self.consult[seen] = self.hour[states[first]]
        self.shown[seen] = np.unravel_index(self.amount[states[first]], care.SHAPE)[0]
        self.recorded = self.consult >= 0
        self.stored = np.append(self.recorded, False)[self.of]  # rows after the last episode belong to none

        self.ids = _ids(_mixed(self.people[self.whose] + ((self.number + 1) << PERSON_BITS), run.seed))
        self.person_ids = _ids(_mixed(self.people, run.seed))

    def _place(self, person: Numbers, low: int) -> Numbers:
        """Where these persons, as the log names them, stand among ours."""
        return np.where(person < NEWBORN, person, person - NEWBORN + self.run.people) - low

    def _rows(self, chosen: Truths) -> Numbers:
        """The rows among these that the records have, in order."""
        rows = np.flatnonzero(chosen & self.stored)
        return rows[np.lexsort((self.hour[rows], self.of[rows]))]

    def _date(self, hours: Numbers, known: Truths | None = None) -> Column:
        """The days of these hours; none where it is not known."""
        days = hours // DAY if known is None else np.where(known, hours // DAY, 0)
        unknown = None if known is None else ~known
        return pa.array((self.first_day + days).astype(np.int32), mask=unknown).cast(DATE)

    def _episode_and_date(self, rows: Numbers) -> Columns:
        return {"episode": self.ids.take(pa.array(self.of[rows])), "date": self._date(self.hour[rows])}

    def _how_many(self, measure: int) -> Numbers:
        """Of each episode, how many rows have this measure."""
        return np.bincount(self.of[self.measure == measure], minlength=len(self.onset))

    def persons(self) -> Columns:
        born = (self.first_day + self.born // DAY).astype("datetime64[D]")
        practices = max(round(self.run.lives / LIST_SIZE), 1)
        practice = _mixed(self.people, self.run.seed) % np.uint64(practices)
        return {
            "person": self.person_ids,
            "practice": _whole(practice.astype(np.int64) + 1),
            "birth_year": _whole(born.astype("datetime64[Y]").astype(np.int64) + 1970),
            "sex": _words(self.sex, ("male", "female")),
            "died": self._date(self.death, self.death < self.end),
        }

    def episodes(self) -> Columns:
        chosen = np.flatnonzero(self.recorded)
        last = np.zeros_like(self.onset)
        contacts = self._rows(CONTACT[self.measure] != NO_KIND)
        np.maximum.at(last, self.of[contacts], self.hour[contacts])
        closed = np.minimum(last + CLOSED_AFTER * DAY, self.death[self.whose])[chosen]
        return {
            "episode": self.ids.take(pa.array(chosen)),
            "person": self.person_ids.take(pa.array(self.whose[chosen])),
            "start": self._date(self.consult[chosen]),
            "icpc": _words(IN_THE_LEG[self.shown[chosen]], CODES),
            "closed": self._date(closed, closed < self.end),
        }

    def contacts(self) -> Columns:
        rows = self._rows(CONTACT[self.measure] != NO_KIND)
        hour, kind = self.hour[rows], CONTACT[self.measure[rows]]
        by_gp = kind == GP
        should = self.cells[(hour >= self.since).astype(np.int64), np.where(by_gp, self.amount[rows], 0)]
        counted_from = np.where(should >> cell.FROM_ONSET & 1, self.onset[self.of[rows]], hour)
        review = np.maximum(counted_from + (should >> cell.REVIEW) * DAY, hour + DAY)
        return {
            **self._episode_and_date(rows),
            "kind": _words(kind, KINDS),
            "number": _whole(np.where(by_gp, 1, self.amount[rows])),
            "review": self._date(review, by_gp),
        }

    def imaging(self) -> Columns:
        """Who ordered it stands in the row before: whoever was visited then, or that an alarm was acted on."""
        rows = self._rows((self.measure == tally.SCAN) | (self.measure == tally.X_RAY))
        before, earlier = self.measure[rows - 1], self.measure[rows - 2]
        x_ray = self.measure[rows] == tally.X_RAY
        by_gp = (before != tally.HOURS_LATE) | (x_ray & (earlier != tally.EMERGENCY))
        by = np.where(SPECIALIST[before] != NO_KIND, SPECIALIST[before], np.where(by_gp, GP, HOSPITAL))
        return {
            **self._episode_and_date(rows),
            "kind": _words(x_ray, ("mri", "x_ray")),
            "ordered_by": _words(by, KINDS),
        }

    def referrals(self) -> Columns:
        """Noted in the log; or begun at once; or of an alarm that a GP recognised, and no hospital before."""
        to = AT_ONCE[self.measure]
        noted = self.measure == tally.REFERRED
        to[noted] = CONTACT[self.amount[noted]]
        by_herself = self._how_many(tally.EMERGENCY) > 0
        acted = np.flatnonzero((self.measure == tally.HOURS_LATE) & self.stored)
        acted = acted[~by_herself[self.of[acted]]]
        to[acted] = ALARM[self.cause[self.of[acted]]]
        rows = self._rows(to != NO_KIND)
        _, first = np.unique(np.stack([self.of[rows], self.hour[rows] // DAY, to[rows]]), axis=1, return_index=True)
        rows = rows[np.sort(first)]
        return {**self._episode_and_date(rows), "to": _words(to[rows], KINDS)}

    def operations(self) -> Columns:
        again = self.measure == tally.OPERATION_AGAIN
        rows = self._rows(again | (self.measure == tally.OPERATION))
        return {**self._episode_and_date(rows), "again": pa.array(again[rows])}

    def sick_leave(self) -> Columns:
        rows = self._rows(self.measure == tally.SICK)
        episode, first = np.unique(self.of[rows], return_index=True)
        until = np.zeros_like(self.onset)
        np.maximum.at(until, self.of[rows], self.hour[rows] + self.amount[rows])
        return {
            "episode": self.ids.take(pa.array(episode)),
            "start": self._date(self.hour[rows[first]]),
            "end": self._date(until[episode], until[episode] < self.end),
        }

    def answers(self) -> Columns:
        rows = self._rows(self.measure == tally.CLINICAL_STATE)
        episode = self.of[rows]
        day = (self.hour[rows] - self.onset[episode]) // DAY
        age = (self.hour[rows] - self.born[self.whose[episode]]) // YEAR
        contact, finding, value = answered(self.amount[rows], day, age)
        return {**self._episode_and_date(rows[contact]), "finding": _words(finding, FINDINGS), "value": value}

    def truth(self) -> Columns:
        chosen = self.over > 0
        seen = self.shown >= 0
        hurts = (self.measure >= tally.PAIN_MILD) & (self.measure <= tally.PAIN_SEVERE)
        severity, recognised = np.zeros_like(self.onset), np.full_like(self.onset, NEVER)
        severity[self.of[hurts]] = self.measure[hurts] - tally.PAIN_MILD
        acted = self.measure == tally.HOURS_LATE
        recognised[self.of[acted]] = self.hour[acted]
        hidden = self.shown == cell.BACK
        alarm = (self.cause >= tally.FIRST_SPECIFIC) & ~hidden | (self.shown == cell.ROOT_PARESIS)
        until = np.minimum(self.death[self.whose], self.end)
        return {
            "episode": self.ids.filter(pa.array(chosen)),
            "person": self.person_ids.take(pa.array(self.whose[chosen])),
            "recorded": pa.array(self.recorded[chosen]),
            "cause": _words(self.cause[chosen], CAUSES),
            "severity": _words(severity[chosen], SEVERITIES),
            "onset": self._date(self.onset[chosen]),
            "pain_until": self._date(self.over[chosen], (self.over < until)[chosen]),
            "alarm": pa.array(alarm[chosen], mask=~seen[chosen]),
            "recognised": self._date(recognised[chosen], recognised[chosen] < NEVER),
            "missed": _whole(self._how_many(tally.ALARMS_MISSED)[chosen]),
            "needless": _whole(self._how_many(tally.SCAN_NEEDLESS)[chosen]),
        }


def who(arguments: tuple[Any, ...], low: int, high: int) -> tuple[Numbers, Numbers, Numbers]:
    """Of the persons ``low`` to ``high``: the number in the log, the sex, and the hour of birth, as ``kernel.life``."""
    cohort, births, years, seed, guide = arguments[:5]
    alive = np.arange(low, min(high, cohort))
    rank = alive * GOLDEN & 0xFFFFFFFF
    at = np.searchsorted(guide, rank, side="right") - 1
    born = -((at >> 1) * YEAR + (rank - guide[at]) * YEAR // (guide[at + 1] - guide[at]))
    later = np.arange(max(low, cohort), high) - cohort
    girl = np.array([draw(seed, NEWBORN + int(one), 0, BEFORE)[0] >= BOYS for one in later], dtype=np.int64)
    return (
        np.concatenate([alive, NEWBORN + later]),
        np.concatenate([at & 1, girl]),
        np.concatenate([born, later * (years * YEAR) // births]),
    )


def told(shown: str, day: int, age: int, asked: str, at_home: bool, failed: int) -> Mapping[str, Value]:
    """The answers that are stored of one clinical state."""
    answers = care.case(shown, day, age, asked, at_home, failed).answers
    return examined(answers) if asked == "everything" else answers


def examined(answers: Mapping[str, Value]) -> Mapping[str, Value]:
    """These answers, and the unalarming one to all else on which alarms, imaging or the kind of complaint rest."""
    without = {id for told, ids in SPEAKS_AGAINST.items() if answers.get(told) for id in ids}
    return {**{id: value for id, value in _well().items() if id not in without}, **answers}


@cache
def _well() -> Mapping[str, Value]:
    rests_on = _looked_at()
    absent = dict.fromkeys((id for id in FINDINGS if VOCABULARY[id].worse == "present"), False)
    return {id: value for id, value in {**absent, **WELL}.items() if id in rests_on}


@cache
def _looked_at() -> frozenset[str]:
    """The findings that a rule of any edition on alarms, imaging or the kind of complaint looks at."""
    found: set[str] = set()
    for one in map(edition, EDITIONS):
        pictures = [when for alarm in one.alarms for _, when in alarm.imaging if when is not None]
        advised = [rule.when for rule in one.recommendations if rule.imaging]
        kinds = [kind.when for kind in one.classes]
        conditions = [*(alarm.when for alarm in one.alarms), *kinds, *pictures, *advised]
        found |= {finding.id for when in conditions for finding in when.findings()}
        found |= {
            finding.id
            for rule in reversed(one.derivations)
            if rule.finding in found
            for finding in rule.when.findings()
        }
    return frozenset(found)


def answered(places: Numbers, day: Numbers, age: Numbers) -> tuple[Numbers, Numbers, Column]:
    """Every answer at these contacts: the number of the contact, that of the finding, and the value as text.

    ``places``: in the table of care. ``day``: whole days since the onset. ``age``: whole years. Contacts of which only
    day and age differ are made from one case.
    """
    shown, _, _, asked, at_home, failed = np.unravel_index(places, care.SHAPE)
    kinds, kind = np.unique(
        np.ravel_multi_index((shown, 0, 0, asked, at_home, failed), care.SHAPE), return_inverse=True
    )
    states = list(care.states())
    cases = [{id: _text(value) for id, value in told(*states[one]).items()} for one in kinds]
    depends = {"age_years": age, "duration_days": day, "sick_listed_days": np.maximum(day, 7)}
    numbers = [str(number) for number in range(max(int(one.max(initial=0)) for one in depends.values()) + 1)]
    others = sorted({value for one in cases for value in one.values()} - set(numbers))
    words = {word: number for number, word in enumerate([*numbers, *others])}

    length = np.array([len(one) for one in cases], dtype=np.int64)[kind]
    start = np.cumsum(length) - length
    finding, value = np.empty((2, int(length.sum())), dtype=np.int64)
    for number, one in enumerate(cases):
        contacts = np.flatnonzero(kind == number)
        for place, (id, answer) in enumerate(one.items()):
            at = start[contacts] + place
            finding[at] = FINDINGS.index(id)
            value[at] = depends[id][contacts] if id in depends else words[answer]
    return np.repeat(np.arange(len(places)), length), finding, _words(value, list(words))


def _text(value: Value) -> str:
    said = plain(value)
    return said if isinstance(said, str) else json.dumps(said)
