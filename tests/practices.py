"""What an audit could have found of some practices: cases that are made up, counted as those of real ones are."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Any

import ibis

from ruggespraak.audit.audit import Audited
from ruggespraak.audit.figures import PRICES, cost, figures
from ruggespraak.audit.hedis import AGES
from ruggespraak.audit.measures import CASES, MEASURES
from ruggespraak.audit.report.told import OF_RECORDING

SINCE, UNTIL = date(2024, 1, 1), date(2025, 12, 31)
TYPES = {"date": "date", "met": "boolean", "reason": "boolean", "shown": "boolean"}
Case = dict[str, Any]


def case(measure: str, met: bool | None, number: int = 0, **more: Any) -> Case:
    """One case; of all that is not said the first or none."""
    made = {
        "measure": measure, "practice": "1", "person": f"p{number}", "episode": f"p{number}/1", "date": SINCE,
        "excluded": None, "met": met, "reason": False, "shown": met is not True,
    }  # fmt: skip
    return made | more


def audited(cases: list[Case], absent: Mapping[str, str] | None = None, **manifest: Any) -> Audited:
    """The figures of these cases; ``absent``: by the id of a measure the table that the source lacks."""
    table = ibis.memtable(cases, schema={name: TYPES.get(name, "string") for name in CASES})
    found = figures(table)
    for one in found["measures"]:
        one["absent"] = (absent or {}).get(one["id"])
    kinds = ("x_ray", "mri")
    pictures = [
        {"episode": one["episode"], "date": one["date"], "kind": kinds[at % 2], "ordered_by": "gp"}
        for at, one in enumerate(one for one in cases if one["measure"] == "picture_without_indication")
    ]
    made = {"episode": "string", "date": "date", "kind": "string", "ordered_by": "string"}
    found["cost"] = cost(table, ibis.memtable(pictures, schema=made), PRICES)
    found["manifest"] = {
        "edition": "current@2026.1", "source": "made up", "since": SINCE.isoformat(), "until": UNTIL.isoformat(),
        "people": 12_000, "episodes": 2_400, "looks": 5_100, "engine": "duckdb 1.5", **manifest,
    }  # fmt: skip
    return Audited(found, table)


@cache
def some(practices: int = 12, seed: int = 1) -> Audited:
    """Practices in two years, of which one deviates more than chance explains."""
    random = Random(seed)
    cases: list[Case] = []
    for at, id in enumerate([*(one.id for one in MEASURES), *AGES]):
        for practice in range(1, practices + 1):
            often = 0.08 + 0.05 * (at % 5) + (0.3 if practice == practices else 0)
            for _ in range(random.randint(15, 160)):
                number = len(cases)
                unknown = 0 if id in OF_RECORDING else 0.05 * (at % 4)
                met = None if random.random() < unknown else random.random() >= often
                cases.append(
                    case(
                        id,
                        met,
                        number,
                        practice=str(practice),
                        date=SINCE + timedelta(days=random.randrange(730)),
                        reason=met is False and random.random() < 0.1,
                        excluded=random.choice(["outside", "too_recent"]) if random.random() < 0.03 else None,
                    )
                )
    return audited(cases, rejects={"Observation.ndjson": {"not JSON": 3, "no date": 14}}, loose={"imaging": 41})
