"""The reader under atheris (libFuzzer): whatever bytes arrive, it does not raise, and no "no" comes out of nothing.

atheris is no dependency of this project. Five minutes on a copy of the corpus, from the root of the repository:

    cp -r tests/fhir/fuzz /tmp/corpus
    PYTHONPATH=src:tests/fhir uv run --no-project --python 3.11 --with atheris \
        python tests/fhir/fuzz_read.py /tmp/corpus -max_total_time=300 -timeout=5 -rss_limit_mb=1024

What it finds becomes a small file of ``tests/fhir/fuzz``, which ``test_read_hostile.py`` reads again every time.
"""

from __future__ import annotations

import json
import sys
from copy import deepcopy
from datetime import date
from random import Random
from typing import Any

import atheris

with atheris.instrument_imports(include=["ruggespraak.fhir.read", "ruggespraak.pathway.codes"]):
    from ruggespraak.fhir.read import read, resources_in

from said_no import said_no

ON = date(2026, 1, 15)
ODD = (None, True, False, 0, -1, 1e308, 10**30, "", "x", "\ud800", [], {}, [[]], [None], "2026", "9999-12-31", "no")


def one_input(data: bytes) -> None:
    """Reads these bytes as somebody's resources."""
    sent = list(resources_in(data))
    answers = read(sent, ON).case(ON).answers
    invented = {id for id, value in answers.items() if value is False} - said_no(sent)
    if invented:
        raise AssertionError(f"nobody said no to {sorted(invented)}")


def mutated(data: bytes, most: int, seed: int) -> bytes:
    """The bytes changed as libFuzzer does; or, where they are JSON, one place in it dropped, replaced or put elsewhere.

    Bytes changed at random are seldom JSON, and the reader would be left at its door.
    """
    pick = Random(seed)
    try:
        sent = json.loads(data)
    except (ValueError, RecursionError):
        sent = None
    if not sent or not isinstance(sent, dict | list) or pick.random() < 0.2:
        return bytes(atheris.Mutate(data, len(data)))
    for _ in range(pick.randint(1, 3)):
        places = _places(sent)
        if not places:
            break
        (at, key), (other, there) = pick.choice(places), pick.choice(places)
        match pick.randrange(4):
            case 0:
                del at[key]
            case 1:
                at[key] = deepcopy(pick.choice(ODD))
            case 2:
                at[key] = deepcopy(other[there])
            case 3:
                at[key] = [at[key], deepcopy(at[key])]
    found = json.dumps(sent).encode()
    return found if len(found) <= most else data


def _places(sent: Any) -> list[tuple[Any, Any]]:
    """Every place in this JSON: what it is in, and its name there."""
    found, waiting = [], [sent]
    while waiting and len(found) < 5000:
        here = waiting.pop()
        names = list(here) if isinstance(here, dict) else range(len(here)) if isinstance(here, list) else ()
        found += [(here, name) for name in names]
        waiting += [here[name] for name in names]
    return found


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input, custom_mutator=mutated)
    atheris.Fuzz()
