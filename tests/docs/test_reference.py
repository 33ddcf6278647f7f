"""The reference says what is there: every key of the contract, and every package that others may use."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import house

from ruggespraak.consult import Case, decide
from ruggespraak.consult.explain import explain
from ruggespraak.pathway.rules import Urgency, Use

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
CASE, _, DECISION = (REFERENCE / "contract.md").read_text(encoding="utf-8").partition("## A decision")


def keys(table: str) -> set[str]:
    """The names in the first column of a table."""
    cells = re.findall(r"^\| (`[^|]*) \|", table, re.M)
    return {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}


def test_every_key_of_a_decision_is_told_and_no_other() -> None:
    assert keys(DECISION) == decide(Case()).as_json().keys()


def test_every_key_of_a_case_is_told() -> None:
    told = keys(CASE.partition("| answer |")[0]) | {"answers"} - {"findings"}
    assert {name for name in inspect.signature(Case).parameters} - {"unclear"} <= told


def test_every_urgency_and_use_of_imaging_is_told() -> None:
    assert {f"`{one}`" for one in (*Urgency, *Use)} <= set(re.findall(r"`\w+`", DECISION))


def test_explain_is_a_key_beside_these() -> None:
    assert "explain" not in decide(Case()).as_json()
    assert explain.__doc__


def test_every_package_below_the_website_is_told_of() -> None:
    page = (REFERENCE / "python.md").read_text(encoding="utf-8")
    packages = {name for row in house.layers() for name in row if (house.SOURCE / name).is_dir()}
    assert {f"ruggespraak.{name}" for name in packages - {"cli", "web", "clinic"}} <= set(
        re.findall(r"automodule:: (\S+)", page)
    )
