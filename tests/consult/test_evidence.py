"""Every row of hand-written evidence holds: thresholds on both sides, each part of each rule, with its source."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from evidence import failures, rows, seen
from ruggespraak.consult import decide

ROWS = rows()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.line}-{row.about}")
def test_this_row_holds(row):
    for case, checks in row.cases():
        assert not failures(SimpleNamespace(**seen(case, decide(case))), checks), dict(case.answers)
