"""An audit from end to end: the looks, what the rules say of each, the measures, the figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir

from ruggespraak.audit import hedis, measures, outcome
from ruggespraak.audit.care import KEEP
from ruggespraak.audit.engine import kept
from ruggespraak.audit.figures import PRICES, cost, figures
from ruggespraak.audit.looks import looks
from ruggespraak.audit.records import Records
from ruggespraak.pathway.editions import edition as edition_by_id

STAGES = ("looks", "decisions", "measures", "figures")
Progress = Callable[[int, int, str], None]
"""Called as each stage begins: which one (from 1), of how many, and its name in ``STAGES``."""


@dataclass(frozen=True)
class Audited:
    """What an audit found (``figures``, with a manifest), and the cases behind every number (``measures.CASES``)."""

    found: dict[str, Any]
    cases: ir.Table


def audit(
    records: Records,
    edition: str = "current",
    progress: Progress | None = None,
    prices: Mapping[str, tuple[float, float, float]] = PRICES,
) -> Audited:
    """Holds the records against an edition. Raises UnknownEditionError.

    Of a measure whose tables the source lacks ``absent`` names the first, and all counts are 0.
    """
    here = edition_by_id(edition)
    stage = _stages(progress)
    engine = records.engine

    stage("looks")
    seen = kept(engine, looks(records, outcome.needed(here)), "looks")
    stage("decisions")
    decided = outcome.decided(engine, seen, here, keep=KEEP)
    stage("measures")
    lacks = {one.id: one.needs & records.absent for one in measures.MEASURES}
    lacks |= dict.fromkeys(hedis.AGES, records.absent & {"imaging"})
    cases = measures.measured(records, decided, here)
    if "imaging" not in records.absent:
        cases = cases.union(hedis.hedis(records).select(*measures.CASES))
    cases = kept(engine, cases, "cases")
    stage("figures")
    found = figures(cases)
    for one in found["measures"]:
        one["absent"] = min(lacks[one["id"]], default=None)
    found["cost"] = None if "imaging" in records.absent else cost(cases, records["imaging"], prices)
    found["manifest"] = {
        "edition": f"{here.id}@{here.version}",
        "source": records.source,
        "since": records.since.isoformat(),
        "until": records.until.isoformat(),
        "people": records["persons"].count().to_pyarrow().as_py(),
        "episodes": records["episodes"].count().to_pyarrow().as_py(),
        "looks": decided.count().to_pyarrow().as_py(),
        "engine": f"{engine.name} {engine.version}",
    }
    return Audited(found, cases)


def _stages(progress: Progress | None) -> Callable[[str], None]:
    def stage(name: str) -> None:
        if progress:
            progress(STAGES.index(name) + 1, len(STAGES), name)

    return stage
