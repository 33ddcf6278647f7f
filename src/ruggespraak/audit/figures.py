"""The figures of an audit: of each measure how often, between which bounds, per practice and per quarter.

Three counts stand beside each other: as the pathway says, not so, and what cannot be said. The rate is the share that
was *not* as the pathway says among what can be said; the bounds say what it could be if all were known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from copy import deepcopy
from math import exp, lgamma, log, log1p, sqrt
from typing import Any

import ibis
import ibis.expr.types as ir

from ruggespraak.audit.hedis import AGES
from ruggespraak.audit.measures import MEASURES
from ruggespraak.pathway.rules import Status

Counts = dict[str, int]
Found = dict[str, Any]

Z_95 = 1.959963984540054
FUNNEL = (("95", 0.025), ("998", 0.001))
"""Limits of a funnel plot: where 95 % and 99.8 % of the practices are if chance alone makes them differ.

Patients and recording make them differ too (overdispersion), and that is not in the limits: beyond one is no verdict.
"""
FUNNEL_POINTS = 40
PARTS = ("met", "not_met", "unknown")
COUNTS = ("of", *PARTS, "not_met_with_reason", "shown")
PICTURES = "picture_without_indication"  # the measure whose deviations have a price
SMALL = 10


def wilson(events: int, of: int) -> tuple[float, float] | None:
    """The 95 % interval of a share, after Wilson (1927); None of nothing.

    As if each case were by itself. Looks of one patient are alike, so where those are counted it is rather too narrow.
    """
    if of == 0:
        return None
    share, z2 = events / of, Z_95**2
    middle = share + z2 / (2 * of)
    half = Z_95 * sqrt(share * (1 - share) / of + z2 / (4 * of * of))
    low, high = (middle - half) / (1 + z2 / of), (middle + half) / (1 + z2 / of)
    return 0.0 if events == 0 else low, 1.0 if events == of else high


def binomial_limit(n: int, share: float, below: float) -> float:
    """The share of n below which chance brings ``below`` of all: between two counts as far as their chances are.

    Spiegelhalter, Funnel plots for comparing institutional performance (2005), appendix A.1.1.
    """
    if share in (0, 1):
        return share
    sum_before = 0.0
    for count in range(n + 1):
        chances = lgamma(n + 1) - lgamma(count + 1) - lgamma(n - count + 1)
        chance = exp(chances + count * log(share) + (n - count) * log1p(-share))
        if sum_before + chance >= below:
            over = (sum_before + chance - below) / chance
            return max((count - over) / n, 0.0)
        sum_before += chance
    return 1.0


def funnel(share: float, most: int) -> list[Found]:
    """The limits around a share for practices of up to so many cases: n, and low and high of each of ``FUNNEL``."""
    sizes = sorted({max(round(most ** (step / FUNNEL_POINTS)), 1) for step in range(FUNNEL_POINTS + 1)})
    found = []
    for n in sizes:
        row: Found = {"n": n}
        for name, tail in FUNNEL:
            row[f"low_{name}"] = binomial_limit(n, share, tail)
            row[f"high_{name}"] = 1 - binomial_limit(n, 1 - share, tail)
        found.append(row)
    return found


def counted(cases: ir.Table, *by: str) -> list[Found]:
    """How many of each measure, in each group of these columns: of, met, not_met, unknown, and the others of a row.

    A case that is left out counts in none of them.
    """
    kept = cases.filter(cases.excluded.isnull())
    unknown = kept.met.isnull()
    sums = kept.group_by("measure", *by).agg(
        of=kept.count(),
        met=_times(kept.met),
        not_met=_times(~kept.met),
        unknown=_times(unknown),
        not_met_with_reason=_times(~kept.met & kept.reason),
        shown=_times(unknown & kept.shown),
    )
    rows: list[Found] = sums.order_by("measure", *by).to_pyarrow().to_pylist()
    return rows


def _times(holds: ir.BooleanValue) -> ir.IntegerScalar:
    """In how many rows this is established: 0 where it is unknown in all, of which a count by Ibis on Spark is null."""
    return ibis.ifelse(holds, 1, 0).sum()


def figures(cases: ir.Table) -> Found:
    """The figures of these cases (``measures.CASES``), plain and ready for JSON: every measure, also without cases.

    {"measures": [{id, unit, because, status, absent, of, met, not_met, unknown, not_met_with_reason, shown, excluded,
    rate, bounds, practices, funnel, trend}]}. absent: the table that the source lacks (``audit``). rate: {value, low,
    high}, the share not met among what can be said, with its 95 % interval; None where nothing can be said. bounds:
    that share were all unknown met, and were those of ``shown`` not met. practices, trend: rows of the same counts, by
    practice (None: not known) or from the first day of each quarter. funnel: limits for a practice that only chance
    sets apart, by the number of cases of which something can be said.
    """
    by_practice: defaultdict[str, list[Found]] = defaultdict(list)
    by_period: defaultdict[str, list[Found]] = defaultdict(list)
    left_out: defaultdict[str, Counts] = defaultdict(dict)
    for row in counted(cases, "practice"):
        by_practice[row.pop("measure")].append(row)
    begins = cases.mutate(start=cases.date.truncate("Q").cast("date"))
    for row in counted(begins, "start"):
        by_period[row.pop("measure")].append({"from": row.pop("start").isoformat(), **row})
    out = cases.filter(cases.excluded.notnull()).group_by("measure", "excluded").agg(n=ibis._.count())
    for row in out.order_by("measure", "excluded").to_pyarrow().to_pylist():
        left_out[row["measure"]][row["excluded"]] = row["n"]
    of_ours = [(one.id, one.unit, one.because, str(one.status)) for one in MEASURES]
    of_hedis = [(id, "episode", ("HEDIS",), str(Status.MEMORY)) for id in AGES]
    return {
        "measures": [
            {
                "id": id,
                "unit": unit,
                "because": list(because),
                "status": status,
                "absent": None,
                **_figures(by_practice[id], by_period[id], left_out[id]),
            }
            for id, unit, because, status in (*of_ours, *of_hedis)
        ]
    }


def _figures(practices: Sequence[Found], trend: Sequence[Found], excluded: Counts) -> Found:
    total = {name: sum(row[name] for row in practices) for name in COUNTS}
    share = rate(total)
    most = max((row["met"] + row["not_met"] for row in practices), default=0)
    return {
        **total,
        "excluded": excluded,
        "rate": share,
        "bounds": bounds(total),
        "practices": [{**row, **(rate(row) or {"value": None, "low": None, "high": None})} for row in practices],
        "funnel": funnel(share["value"], most) if share and len(practices) > 1 else [],
        "trend": list(trend),
    }


def rate(row: Mapping[str, Any]) -> Found | None:
    """The share not met among what can be said, with its 95 % interval; None where nothing can be said."""
    known = row["met"] + row["not_met"]
    interval = wilson(row["not_met"], known)
    return interval and {"value": row["not_met"] / known, "low": interval[0], "high": interval[1]}


def bounds(row: Mapping[str, Any]) -> list[float] | None:
    """The share not met were all unknown met, and were those of ``shown`` not met."""
    return [row["not_met"] / row["of"], (row["not_met"] + row["shown"]) / row["of"]] if row["of"] else None


# Small cells ----------------------------------------------------------------------------------------------------------


def suppressed(found: Found, below: int = SMALL) -> Found:
    """The same figures without small counts: 1 to ``below`` - 1, and what would tell them, is None.

    Nobody is in a count of 0, so it stands. In a row with a small count all parts go, and what is made of them; in a
    list of rows at least two go, so that none is the total less the others. So it is in the manifest, where the looks
    go too if they would tell how many a measure leaves out. The younger of HEDIS are among all of HEDIS: of those goes
    also what would tell of few older ones. What other measures tell of each other is not looked at, and a count is of
    cases, of which one patient can have many: own choices.
    """
    found = deepcopy(found)
    manifest = found.get("manifest", {})
    younger, older = ([one for one in found["measures"] if one["id"] == id] for id in AGES)
    for one, of in zip(younger, older, strict=True):
        _beside(one, of)
    for one in found["measures"]:
        left_out = one["excluded"].values()
        if any(_small(n, below) for n in left_out) and one["of"] + sum(left_out) == manifest.get("looks"):
            manifest["looks"] = None  # it less those that count is those left out
        for rows in (one["practices"], one["trend"]):
            _hide(rows, below)
        _hide([one], below, alone=True)
        others = one.pop("excluded_others", {})
        for id, n in one["excluded"].items():
            if _small(n, below) or _small(others.get(id), below):
                one["excluded"] = {**one["excluded"], id: None}
        # It ends at the largest practice, and the hidden ones may be larger.
        most = max((row["met"] + row["not_met"] for row in one["practices"] if row["met"] is not None), default=0)
        one["funnel"] = funnel(one["rate"]["value"], most) if one["funnel"] and one["rate"] and most else []
        if one["id"] == PICTURES and one["met"] is None:
            found["cost"] = None  # it has two of the three parts
    cost = found.get("cost")
    if cost and any(_small(n, below) for kind in ("not_met", "unknown") for n in cost[kind].values()):
        found["cost"] = None
    found["manifest"] = _without_small(manifest, below)
    return found


def _beside(one: Found, of: Found) -> None:
    """Puts the ``others`` into each row of a measure: the counts of those who are in ``of``, and not in it."""
    for name, key in (("practices", "practice"), ("trend", "from")):
        there = {row[key]: row for row in of[name]}
        for row in one[name]:
            row["others"] = {part: there[row[key]][part] - row[part] for part in COUNTS}
    one["others"] = {part: of[part] - one[part] for part in COUNTS}
    one["excluded_others"] = {id: of["excluded"][id] - n for id, n in one["excluded"].items()}


def _without_small(told: Mapping[str, Any], below: int) -> Found:
    """What a manifest counts (of people, lines, events in no episode), without small counts."""
    made: Found = {}
    for name, of in told.items():
        if isinstance(of, Mapping):
            made[name] = _without_small(of, below)
        else:
            made[name] = None if isinstance(of, int) and _small(of, below) else of
    return made


def _small(count: int | None, below: int) -> bool:
    return count is not None and 0 < count < below


def _tells(row: Mapping[str, Any], below: int) -> bool:
    """Whether a count of this row, or what is left when it is taken from another, is small."""
    told = [row[part] for part in PARTS]
    told += [row["not_met_with_reason"], row["not_met"] - row["not_met_with_reason"]]
    told += [row["shown"], row["unknown"] - row["shown"]]
    return any(_small(count, below) for count in told) or ("others" in row and _tells(row["others"], below))


def _is_few(row: Mapping[str, Any], below: int) -> bool:
    """Whether the size of this row, which has a small count, is small too."""
    return row["of"] < below or ("others" in row and _small(row["others"]["of"], below))


def _hide(rows: list[Found], below: int, alone: bool = False) -> None:
    hidden = [row for row in rows if _tells(row, below)]
    others = sorted((row for row in rows if not _tells(row, below)), key=lambda row: row["of"])
    if len(hidden) == 1 and not alone:
        hidden += others[:1]
    # Those whose size is small too: again at least two.
    nameless = [row for row in hidden if _is_few(row, below)]
    if len(nameless) == 1 and not alone:
        nameless += sorted((row for row in hidden if not _is_few(row, below)), key=lambda row: row["of"])[:1]
    for row in hidden:
        row.update(dict.fromkeys((*PARTS, "not_met_with_reason", "shown")))
        row.update({name: None for name in ("value", "low", "high", "rate", "bounds") if name in row})
    for row in nameless:
        row["of"] = None
    for row in rows:
        row.pop("others", None)


# What it costs --------------------------------------------------------------------------------------------------------

PRICES: Mapping[str, tuple[float, float, float]] = {"x_ray": (60, 30, 100), "scan": (250, 150, 400)}
"""Euros of a picture: value, low, high. Own choices: those of the country (price.x_ray and price.scan)."""


def cost(cases: ir.Table, imaging: ir.Table, prices: Mapping[str, tuple[float, float, float]] = PRICES) -> Found:
    """What pictures without indication cost: {not_met, unknown: {x_ray, scan: n}, prices, euros: {value, low, high}}.

    euros: of those that were not useful for certain. ``unknown``: those of which nothing recorded says that they were.
    """
    of = cases.filter((cases.measure == PICTURES) & cases.excluded.isnull())
    of = of.select("episode", "date", "met", "shown").distinct()
    made = imaging.filter(imaging.ordered_by == "gp").select("episode", "date", "kind")
    pictures = of.join(made, ["episode", "date"])
    kinds = pictures.group_by(kind=ibis.ifelse(pictures.kind == "x_ray", "x_ray", "scan")).agg(
        not_met=_times(~pictures.met),
        unknown=_times(pictures.met.isnull() & pictures.shown),
    )
    rows = {row["kind"]: row for row in kinds.to_pyarrow().to_pylist()}
    counts = {name: {kind: rows.get(kind, {}).get(name, 0) for kind in prices} for name in ("not_met", "unknown")}
    euros = [sum(n * prices[kind][place] for kind, n in counts["not_met"].items()) for place in range(3)]
    return {
        **counts,
        "prices": {kind: dict(zip(("value", "low", "high"), price, strict=True)) for kind, price in prices.items()},
        "euros": dict(zip(("value", "low", "high"), euros, strict=True)),
        "status": "D",
    }
