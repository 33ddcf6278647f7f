"""Somebody else's practice, from which Ruggespraak is launched: the node servers of ``tests/judges/smart.mjs``.

They check what a real one checks (PKCE, state, aud, launch, scopes, one patient, valid resources): a launch that works
here does not only work with us.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from judges import JUDGES, node_or_skip
from ruggespraak.fhir.names import Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class SmartWorld:
    """A running practice."""

    fhir: str
    """The base address of its FHIR server: ``iss`` of a launch and ``aud`` of its authorization."""
    oauth: str
    process: subprocess.Popen[str]

    def control(self, **switches: Any) -> None:
        """How it misbehaves from now on (``smart.mjs`` lists the switches); what is not named goes well."""
        answer = self._ask("switches", switches)
        if "error" in answer:
            raise ValueError(answer["error"])

    def launch(self, patient: str) -> str:
        """The ``launch`` with which this practice opens an app for this patient."""
        launch: str = self._ask("launch", patient)
        return launch

    def register(self, client_id: str, jwks: dict[str, Any]) -> None:
        """From now on this app must prove with one of these keys who it is."""
        self._ask("register", {"client_id": client_id, "jwks": jwks})

    def resources(self, kind: str) -> list[Resource]:
        """What its FHIR server now holds of this kind."""
        kept: list[Resource] = self._ask("resources", kind)
        return kept

    def _ask(self, what: str, how: Any) -> Any:
        return _exchange(self.process, {what: how})


def _exchange(process: subprocess.Popen[str], it: Any) -> Any:
    assert process.stdin
    assert process.stdout
    process.stdin.write(json.dumps(it) + "\n")
    process.stdin.flush()
    said = process.stdout.readline()
    assert said, "the practice has stopped: its standard error says why"
    return json.loads(said)


@contextmanager
def smart_world(resources: Iterable[Resource]) -> Iterator[SmartWorld]:
    """A practice that holds these resources. It ends with the block, and with us."""
    node = node_or_skip()
    command = [node, str(JUDGES / "smart.mjs")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield SmartWorld(process=process, **_exchange(process, list(resources)))
        finally:
            process.kill()


@pytest.fixture(scope="module")
def running(request: pytest.FixtureRequest) -> Iterator[SmartWorld]:
    """A practice with the ``RESOURCES`` of the tests that ask for it."""
    with smart_world(request.module.RESOURCES) as practice:
        yield practice


@pytest.fixture
def world(running: SmartWorld) -> SmartWorld:
    """That practice, with nothing going wrong in it."""
    running.control()
    return running
