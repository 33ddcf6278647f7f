"""Who judges from outside what we say in FHIR R4: four judges in one node process, see ``tests/judges/judge.mjs``."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from ruggespraak.fhir.names import Resource

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


def judged(resources: Iterable[Resource]) -> list[str]:
    """What the judges find wrong with these resources, in words; nothing where all is well.

    One call for many resources: the judges take two seconds to sit down, and then judge a thousand small ones a second.
    """
    given = list(resources)
    lines = "\n".join(json.dumps(resource) for resource in given)
    command = [node_or_skip(), str(JUDGES / "judge.mjs")]
    answer = subprocess.run(command, input=lines, stdout=subprocess.PIPE, text=True, check=True)
    *found, last = (json.loads(line) for line in answer.stdout.splitlines())
    assert last == {"judged": len(given)}, f"of {len(given)} resources were judged: {last}"
    return [_in_words(given[complaint["index"]], **complaint) for complaint in found]


def _in_words(resource: Resource, *, index: int, judge: str, says: str, path: str = "") -> str:
    return f"{judge}: resource {index} ({resource.get('resourceType')} {resource.get('id', '')}), {path}: {says}"
