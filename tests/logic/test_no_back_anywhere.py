"""The language of rules knows nothing of backs: no word of their vocabulary, and no import from above."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import ruggespraak.logic
from ruggespraak.pathway.findings import VOCABULARY

MODULES = sorted(Path(ruggespraak.logic.__file__).parent.rglob("*.py"))
# Findings whose id is a plain word of English, that may stand in a sentence about anything.
PLAIN_WORDS = {"course", "works", "improving"}


def test_there_is_something_to_read():
    assert {"alphabet.py", "expression.py", "finding.py"} <= {path.name for path in MODULES}
    assert len(VOCABULARY) > 100


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_no_finding_of_a_back_is_named(path):
    words = set(re.findall(r"\w+", path.read_text(encoding="utf-8")))
    assert not words & (set(VOCABULARY) - PLAIN_WORDS)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_nothing_above_the_logic_is_imported(path):
    imported = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            imported.add(node.module or "")
    ours = {name for name in imported if name.split(".")[0] == "ruggespraak"}
    assert all(name.startswith("ruggespraak.logic") for name in ours)
