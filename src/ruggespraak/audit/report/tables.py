"""The tables of a report, as rows of text: what a count is called, and how it is written in Dutch and English."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ruggespraak.audit.figures import SMALL, rate
from ruggespraak.audit.hedis import AGES
from ruggespraak.audit.report.told import Figures, ours
from ruggespraak.audit.words import word
from ruggespraak.wording import JOIN, capital, euro, number, percent

MAIN = (
    "alarm_without_action", "alarms_not_asked", "picture_without_indication", "hernia_scanned_early",
    "referral_against_pathway", "no_dated_review",
)  # fmt: skip
"""The measures that are shown by practice and by quarter: own choice. All are in figures.parquet."""
ROWS = 40
"""Practices in a table; of more, only those that chance does not explain."""
FAR = "998"
ENOUGH = 10
"""Known cases below which a share says nothing of a practice or a quarter: own choice."""


@dataclass(frozen=True)
class Table:
    """``head`` and each row: the first cell names the row. ``notes`` stand below it; ``wordy``: of no numbers."""

    caption: str
    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    notes: tuple[str, ...] = ()
    wordy: bool = False


def tables(found: Figures, lang: str) -> list[Table]:
    """All of them that these figures have something for."""
    made = (_measures, _practices, _trend, _excluded, _hedis, _cost, _rejected, _passed)
    return [table for one in made if (table := one(found, lang)) and table.rows]


def title(measure: Figures, lang: str) -> str:
    return word(f"measure.{measure['id']}.title", lang)


def main(found: Figures) -> list[Figures]:
    """Of the measures that are shown in parts, those that counted something."""
    of = {one["id"]: one for one in found["measures"]}
    return [of[id] for id in MAIN if of[id]["of"]]


def count(of: int | None, lang: str) -> str:
    """A number, or that it is hidden: it is small, or would tell one that is."""
    return word("report.hidden", lang) if of is None else number(of, lang)


def fewer(of: int | None, lang: str) -> str:
    """A number, or that it is small."""
    return word("report.fewer", lang).format(number=SMALL) if of is None else number(of, lang)


def share(found: Mapping[str, float] | None, lang: str) -> str:
    """15 % (9,2–24 %), or a dash where there is none."""
    if not found or found["value"] is None:
        return "–"
    return f"{percent(found['value'], lang)} ({_range(found['low'], found['high'], lang)})"


def _range(low: float, high: float, lang: str) -> str:
    first, last = percent(low, lang), percent(high, lang)
    return last if first == last else f"{first.removesuffix(f'{JOIN}%')}–{last}"


def _columns(lang: str, *ids: str) -> tuple[str, ...]:
    return tuple(capital(word(f"column.{id}", lang)) for id in ids)


def _note(id: str, lang: str) -> str:
    return word(f"note.{id}", lang).format(number=SMALL)


def hidden(found: Figures) -> bool:
    """Whether small counts were left out."""
    rows = [row for one in found["measures"] for row in (one, *one["practices"], *one["trend"])]
    return any(row["met"] is None for row in rows) or any(None in one["excluded"].values() for one in found["measures"])


def _measures(found: Figures, lang: str) -> Table:
    rows = []
    for one in ours(found):
        if one["absent"]:
            rows.append((title(one, lang), *["–"] * 6))
            continue
        counts = (one[part] for part in ("met", "not_met", "unknown", "not_met_with_reason"))
        bounds = _range(one["bounds"][0], one["bounds"][1], lang) if one["bounds"] else "–"
        rows.append((title(one, lang), *(count(part, lang) for part in counts), share(one["rate"], lang), bounds))
    lacks = sorted({one["absent"] for one in found["measures"] if one["absent"]})
    notes = [word("told.absent", lang).format(table=word(f"table.{name}", lang)) for name in lacks]
    return Table(
        word("caption.measures", lang),
        _columns(lang, "measure", "met", "not_met", "unknown", "reason", "share", "bounds"),
        rows,
        (_note("share", lang), _note("bounds", lang), word("report.unknown_is_not_no", lang), *notes),
    )


def beyond(measure: Figures, row: Figures) -> bool:
    """Whether a practice lies outside the widest limits of the funnel, as these are drawn."""
    if row["value"] is None or not measure["funnel"]:
        return False
    sizes = [one["n"] for one in measure["funnel"]]
    known = row["met"] + row["not_met"]
    low, high = (np.interp(known, sizes, [one[f"{end}_{FAR}"] for one in measure["funnel"]]) for end in ("low", "high"))
    return bool(not low <= row["value"] <= high)


def _practices(found: Figures, lang: str) -> Table | None:
    measures = main(found)
    of: dict[str | None, dict[str, Figures]] = {row["practice"]: {} for one in measures for row in one["practices"]}
    if len(of) < 2:
        return None
    for one in measures:
        for row in one["practices"]:
            of[row["practice"]][one["id"]] = row
    notes = [_note("parts", lang), _note("practices", lang)]
    if len(of) > ROWS:
        out = {row["practice"] for one in measures for row in one["practices"] if beyond(one, row)}
        of = {name: rows for name, rows in of.items() if name in out}
        notes.append(_note("practices_beyond", lang) if of else _note("within", lang))
    return Table(
        word("caption.practices", lang),
        (*_columns(lang, "practice"), *(title(one, lang) for one in measures)),
        [
            (name or word("column.unknown", lang), *(_part(of[name].get(one["id"]), lang) for one in measures))
            for name in sorted(of, key=_natural)
        ],
        tuple(notes),
    )


def _natural(name: str | None) -> tuple[bool, int, str]:
    """Practice 9 before 10, and who is of no practice last."""
    return (name is None, int(name) if name and name.isdecimal() else 0, name or "")


def _part(row: Figures | None, lang: str) -> str:
    """12 of 80 (15 %), of what is known; a share only where there are enough of them."""
    if row is None:
        return "–"
    if row["met"] is None:
        return count(None, lang)
    if not (of := rate(row)):
        return word("column.unknown", lang)
    known = row["met"] + row["not_met"]
    part = word("report.of", lang).format(part=number(row["not_met"], lang), of=number(known, lang))
    return part if known < ENOUGH else f"{part} ({percent(of['value'], lang)})"


def quarter(start: str, lang: str) -> str:
    """2024 k1, or 2024 Q1, of the day on which it begins."""
    year, month, _ = start.split("-")
    return word("plot.trend.quarter", lang).format(year=year, quarter=(int(month) + 2) // 3)


def _trend(found: Figures, lang: str) -> Table | None:
    measures = main(found)
    starts = sorted({row["from"] for one in measures for row in one["trend"]})
    of = {one["id"]: {row["from"]: row for row in one["trend"]} for one in measures}
    return Table(
        word("caption.trend", lang),
        (*_columns(lang, "quarter"), *(title(one, lang) for one in measures)),
        [(quarter(start, lang), *(_part(of[one["id"]].get(start), lang) for one in measures)) for start in starts],
    )


def _excluded(found: Figures, lang: str) -> Table:
    return Table(
        word("caption.excluded", lang),
        _columns(lang, "measure", "excluded"),
        [(title(one, lang), _listed(one["excluded"], lang)) for one in found["measures"] if one["excluded"]],
        wordy=True,
    )


def _listed(excluded: Mapping[str, int | None], lang: str) -> str:
    return "; ".join(f"{fewer(many, lang)} {word(f'excluded.{id}', lang)}" for id, many in excluded.items())


def _hedis(found: Figures, lang: str) -> Table:
    rows = []
    for one in found["measures"]:
        if one["id"] not in AGES or not one["of"]:
            continue
        known = one["met"] is not None and one["met"] + one["not_met"]
        rows.append((
            title(one, lang), *(count(one[part], lang) for part in ("not_met", "met", "unknown")),
            percent(one["met"] / known, lang) if known else "–",
        ))  # fmt: skip
    return Table(
        word("caption.hedis", lang),
        _columns(lang, "version", "pictured", "spared", "age_unknown", "rate"),
        rows,
        tuple(_note(id, lang) for id in ("hedis", "hedis_absent", "hedis_higher", "hedis_unverified")),
    )


def _cost(found: Figures, lang: str) -> Table | None:
    if not (cost := found["cost"]):
        return None
    rows = []
    for kind, price in cost["prices"].items():
        many = cost["not_met"][kind]
        parts = {end: many * amount for end, amount in price.items()}
        rows.append((word(f"picture.{kind}", lang), number(many, lang), _euros(price, lang), _euros(parts, lang)))
    together = (
        word("column.together", lang),
        number(sum(cost["not_met"].values()), lang),
        "",
        _euros(cost["euros"], lang),
    )
    return Table(
        word("caption.cost", lang),
        _columns(lang, "kind", "number", "price", "amount"),
        [*rows, together],
        (_note("cost", lang),),
    )


def _euros(of: Mapping[str, float], lang: str) -> str:
    if not of["value"]:
        return euro(0, lang)
    return f"{euro(of['value'], lang)} ({euro(of['low'], lang)}–{euro(of['high'], lang)})"


def _rejected(found: Figures, lang: str) -> Table:
    return _lines("rejects", found, lang)


def _passed(found: Figures, lang: str) -> Table:
    return _lines("passed", found, lang)


def _lines(kind: str, found: Figures, lang: str) -> Table:
    """How many lines of each file, and why, in the words of the reader."""
    listed: Iterable[tuple[str, Mapping[str, int | None]]] = found["manifest"].get(kind, {}).items()
    return Table(
        word(f"caption.{kind}", lang),
        _columns(lang, "file", "reject", "number"),
        [(file, why, fewer(many, lang)) for file, reasons in listed for why, many in reasons.items()],
    )
