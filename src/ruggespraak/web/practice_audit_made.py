"""Makes the figures of a practice: what it stored as JSON on standard input, what was found as JSON on standard output.

The site starts it as a process of its own (``practice_audit_job``), as it does for the country: this one has neither
the keys nor the database, it gets no name of anybody, and whatever happens to it, the site goes on. It writes no file.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Mapping
from datetime import date
from typing import Any

from ruggespraak.pathway.texts import LANGUAGES
from ruggespraak.web.country_made import NICER, plot

MEMORY = "1GB"
Found = dict[str, Any]


def made(stored: Mapping[str, Any]) -> Found:
    """``cases``: by measure, each case that is counted. ``views``: for who may see all (``all``) and for who may see no
    small numbers (``large``), per language the ``body`` of the report and its ``pictures``.

    ``stored``: ``clinic.audited.Stored`` as JSON has it, with ``source``: what it is, in words, and ``absent``.
    """
    from ruggespraak.audit.audit import audit
    from ruggespraak.audit.engine import connected
    from ruggespraak.audit.figures import suppressed
    from ruggespraak.audit.rows import read_rows

    since, until = (date.fromisoformat(stored[day]) for day in ("since", "until"))
    told = (stored[name] for name in ("source", "absent"))
    audited = audit(read_rows(connected(memory=MEMORY), stored["tables"], since, until, *told))
    views = {"all": audited.found, "large": suppressed(audited.found)}
    return {"cases": _cases(audited), "views": {name: _view(found) for name, found in views.items()}}


def _view(found: Found) -> Found:
    """Per language. The place of a picture is told from the page that the body stands in."""
    from ruggespraak.audit.report import body, plots

    return {
        lang: {
            "body": body(found, lang, picture=lambda name: f"{name}.svg"),
            "pictures": {name: plot(figure) for name, figure in plots.drawn(found, lang).items()},
        }
        for lang in LANGUAGES
    }


def _cases(audited: Any) -> Mapping[str, list[Found]]:
    """The newest first. Measures in the order of the figures, those of which nothing is counted left out."""
    cases = audited.cases
    found: Mapping[str, list[Found]] = {one["id"]: [] for one in audited.found["measures"] if one["of"]}
    counted = cases.filter(cases.excluded.isnull(), cases.measure.isin(list(found)))
    counted = counted.order_by(cases.date.desc(), cases.episode)
    for row in counted.select("measure", "episode", "date", "met", "reason").to_pyarrow().to_pylist():
        found[row.pop("measure")].append(row | {"date": row["date"].isoformat()})
    return found


if __name__ == "__main__":
    with contextlib.suppress(OSError):  # not every machine lets a process stand back
        os.nice(NICER)
    json.dump(made(json.load(sys.stdin)), sys.stdout)
