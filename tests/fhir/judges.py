"""Who judges from outside what we say in FHIR: see ``tests/judges``."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

JUDGES = Path(__file__).parents[1] / "judges"
NO_NODE = "node is not here: install Node.js 20 or newer"
NO_JUDGES = "the judges are not here: npm ci --prefix tests/judges"


def node_or_skip() -> str:
    """Where node is; a test is skipped where it, or what it needs, is not installed."""
    node = shutil.which("node")
    if node is None:
        pytest.skip(NO_NODE)
    if not (JUDGES / "node_modules").exists():
        pytest.skip(NO_JUDGES)
    return node
