"""Published patients and vignettes of our own: decided within what their ``expect`` allows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ruggespraak.consult import decide, read_case

CASES = [
    json.loads(line)
    for name in ("published", "own")
    for line in (Path(__file__).parent.parent / "cases" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
]


@pytest.mark.control("C-59")
@pytest.mark.parametrize("raw", CASES, ids=lambda raw: raw["id"])
def test_this_patient_is_decided_as_published(raw):
    decision = decide(read_case(raw)).as_json()
    for key, allowed in raw["expect"].items():
        if allowed is not None:
            assert decision[key] in allowed, key


@pytest.mark.parametrize("raw", CASES, ids=lambda raw: raw["id"])
def test_this_patient_gets_reasons_advice_and_a_date(raw):
    decision = decide(read_case(raw))
    assert decision.review.on >= decision.on
    assert all(advice.text for advice in decision.plan)
    assert all(referral.patient_does and referral.clinician_does for referral in decision.refer)
    if decision.urgency >= 2:
        assert decision.refer
