"""Expected recovery: what sources say about groups, point by point, and nothing in between.

Every figure stands in ``recovery.csv`` with its source and status, as ``evidence/clinical.md`` §7b has it. A curve is
one source and one outcome: two sources are never averaged or joined, and back at work is not free of pain. Between two
points nothing is drawn as known: ``Curve.at`` gives the points on either side. A month counts as 30 days, three months
as 90, a year as 365; weeks count exactly.

``counted_from`` says from when a source counts its days: the ``onset`` of the pain, the first ``consult``, the start of
a ``trial`` (after 6 to 12 weeks of pain), or ``unknown``. They are not the same day.

The spread is the source's own 95% interval where it is given; else Wilson's 95% interval where the source says how many
people it is about; else it is not given, and none is made up. ``n`` counts who began: some were lost on the way, so the
true spread is at least as wide.

Left out: ``lrs_stecr`` (PATHWAY §9); figures that are a range or have no day (ACTA20, QUARTZ, NTVG14, MUMC, BIJW);
figures that mix kinds of complaint, or do not name the kind (BRUS, NVAB); and long-lasting pain in MENEZ, because an
expectation is asked for by kind of complaint and that group is one by duration. The leaflet's own figures (S4) stand
only in its own edition, about a first episode, and never alone: the other curves come with them.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import groupby
from math import sqrt

from ruggespraak.pathway.editions import DEFAULT
from ruggespraak.pathway.rules import Complaint, Status

Z_95 = 1.959964  # the standard normal distribution leaves 2.5% beyond it on either side


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One figure of one source: so large a part, on that day.

    ``fraction`` is a part of the people, or of a 0-100 scale (``Curve.measure``). ``low`` and ``high`` bound it with
    95%; ``day_low`` and ``day_high`` bound the day, where the source gives a median time. ``spread`` says where the
    bounds come from: ``given`` by the source, ``wilson`` from ``n``, or None: not given.
    """

    day: int
    fraction: float
    low: float | None
    high: float | None
    day_low: int | None
    day_high: int | None
    n: int | None
    spread: str | None
    status: Status
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """What one source says about one outcome. ``id`` finds its words: ``curve_...`` in ``texts/recovery.toml``.

    ``measure``: ``people`` (how many have reached it) or ``scale`` (a mean score; it falls when things go well).
    """

    complaint: Complaint
    source: str
    outcome: str
    measure: str
    edition: str | None
    counted_from: str
    points: tuple[Point, ...]

    @property
    def id(self) -> str:
        return f"curve_{self.source}_{self.outcome}".lower().replace("-", "_")

    def at(self, day: int) -> tuple[Point | None, Point | None]:
        """The last point up to this day and the first one from it on; twice the same on the day of a point.

        What lies between them is not known, and neither is what lies before the first or after the last.
        """
        before = [point for point in self.points if point.day <= day]
        after = [point for point in self.points if point.day >= day]
        return (before[-1] if before else None, after[0] if after else None)


def wilson(fraction: float, n: int) -> tuple[float, float]:
    """Wilson's 95% interval for a part p of n people.

    (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n), with z = 1.96 (E. B. Wilson, JASA 1927). It stays between 0 and
    1, and is not symmetric near them. Raises ValueError for a fraction outside 0-1 or nobody.
    """
    if not 0 <= fraction <= 1 or n < 1:
        raise ValueError(f"{fraction} of {n} people is no part of a group")
    share = Z_95**2 / n
    middle = (fraction + share / 2) / (1 + share)
    half = Z_95 * sqrt(fraction * (1 - fraction) / n + share / (4 * n)) / (1 + share)
    return max(0.0, middle - half), min(1.0, middle + half)


def expected(complaint: Complaint | str, edition: str = DEFAULT) -> tuple[Curve, ...]:
    """The curves for this kind of complaint; empty where no source says anything that may be shown."""
    return tuple(curve for curve in _curves() if curve.complaint == complaint and curve.edition in (None, edition))


@cache
def _curves() -> tuple[Curve, ...]:
    def one(row: dict[str, str]) -> tuple[str, ...]:
        return tuple(row[key] for key in ("complaint", "source", "outcome", "measure", "edition", "counted_from"))

    return tuple(_curve(key, list(rows)) for key, rows in groupby(_rows(), one))


def _rows() -> Iterator[dict[str, str]]:
    with files(__package__).joinpath("recovery.csv").open(encoding="utf-8") as lines:
        yield from csv.DictReader(lines)


def _curve(key: tuple[str, ...], rows: list[dict[str, str]]) -> Curve:
    complaint, source, outcome, measure, edition, counted_from = key
    return Curve(
        complaint=Complaint(complaint),
        source=source,
        outcome=outcome,
        measure=measure,
        edition=edition or None,
        counted_from=counted_from,
        points=tuple(sorted((_point(row) for row in rows), key=lambda point: point.day)),
    )


def _point(row: dict[str, str]) -> Point:
    fraction, n = float(row["fraction"]), _whole(row["n"])
    low, high, spread = None, None, None
    if row["low"]:
        low, high, spread = float(row["low"]), float(row["high"]), "given"
    elif n:
        (low, high), spread = wilson(fraction, n), "wilson"
    elif row["day_low"]:
        spread = "given"
    return Point(
        day=int(row["day"]),
        fraction=fraction,
        low=low,
        high=high,
        day_low=_whole(row["day_low"]),
        day_high=_whole(row["day_high"]),
        n=n,
        spread=spread,
        status=Status(row["status"]),
        note=row["note"],
    )


def _whole(cell: str) -> int | None:
    return int(cell) if cell else None
