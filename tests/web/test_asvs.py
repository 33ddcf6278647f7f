"""The table of OWASP ASVS items is complete, and each test that it names is there."""

import ast
from pathlib import Path

import pytest
import safety

ROOT = Path(__file__).parents[2]
CHOSEN = [
    "2.2.3", "3.3.1", "3.3.2", "3.3.3", "3.3.4", "3.4.1", "3.4.3", "3.4.4", "3.4.5", "3.4.6", "3.5.1", "3.5.3",
    "6.1.1", "6.2.1", "6.2.9", "6.2.12", "6.3.3", "6.5.1", "6.5.4", "6.5.5", "6.6.2", "6.6.3", "6.8.1", "6.8.2",
    "6.8.4", "7.1.1", "7.2.4", "7.3.1", "7.3.2", "7.4.1", "7.4.2", "7.4.3", "7.4.4", "7.4.5", "7.5.2", "8.1.1",
    "8.2.1", "8.2.2", "8.2.3", "10.5.1", "10.5.2", "10.5.3", "10.5.4", "11.2.1", "11.2.3", "13.3.1", "14.2.1",
    "14.2.3", "14.3.1", "14.3.2", "16.1.1", "16.2.1", "16.2.2", "16.2.4", "16.2.5", "16.3.1", "16.3.2", "16.4.1",
    "16.4.2", "16.4.3", "16.5.1", "16.5.2", "16.5.3",
]  # fmt: skip
"""Written out here, so that no item falls out of the table unseen."""


def test_no_chosen_item_is_missing_from_the_table():
    assert [one["id"] for one in safety.items()] == CHOSEN


@pytest.mark.parametrize("item", safety.items(), ids=lambda one: one["id"])
def test_each_item_has_a_test_that_is_there(item):
    assert item["tests"], "no test holds this item"
    for name in item["tests"]:
        file, _, function = name.partition("::")
        here = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        assert function in {node.name for node in ast.walk(here) if isinstance(node, ast.FunctionDef)}, name
