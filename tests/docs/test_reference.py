"""The reference says what is there: every key of the contract, and every package that others may use."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from datetime import date
from pathlib import Path

import house

from ruggespraak.consult import Case
from ruggespraak.consult.contract import decision_out
from ruggespraak.pathway.rules import Urgency, Use

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
CASE, _, DECISION = (REFERENCE / "contract.md").read_text(encoding="utf-8").partition("## A decision")


def keys(table: str) -> set[str]:
    """The names in the first column of a table."""
    cells = re.findall(r"^\| (`[^|]*) \|", table, re.M)
    return {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}


def test_every_key_of_a_decision_is_told_and_no_other() -> None:
    plain, explained = (json.loads(decision_out(Case(on=date(2026, 1, 15)), "en", more)) for more in (False, True))
    assert keys(DECISION) == plain.keys()
    assert explained.keys() - plain.keys() == {"explain"}
    assert "adds `explain`" in DECISION


def test_every_key_of_a_case_is_told_and_no_other() -> None:
    told = keys(CASE.partition("An answer is")[0])
    assert told == {one.name for one in fields(Case)} - {"answers", "unclear"} | {"findings"}


def test_every_urgency_and_use_of_imaging_is_told() -> None:
    assert {f"`{one}`" for one in (*Urgency, *Use)} <= set(re.findall(r"`\w+`", DECISION))


def test_every_package_below_the_website_is_told_of() -> None:
    page = (REFERENCE / "python.md").read_text(encoding="utf-8")
    packages = {name for row in house.layers() for name in row if (house.SOURCE / name).is_dir()}
    assert {f"ruggespraak.{name}" for name in packages - {"cli", "web", "clinic"}} <= set(
        re.findall(r"automodule:: (\S+)", page)
    )
