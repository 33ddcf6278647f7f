"""The reader under atheris (libFuzzer): whatever bytes arrive, it does not raise, and no "no" comes out of nothing.

atheris is no dependency of this project. Five minutes on a copy of the corpus, from the root of the repository:

    cp -r tests/fhir/fuzz /tmp/corpus
    PYTHONPATH=src:tests/fhir uv run --no-project --python 3.11 --with atheris \
        python tests/fhir/fuzz_read.py /tmp/corpus -max_total_time=300 -timeout=5 -rss_limit_mb=1024

What it finds becomes a small file of ``tests/fhir/fuzz``, which ``test_read_hostile.py`` reads again every time.
"""

from __future__ import annotations

import sys
from datetime import date

import atheris

with atheris.instrument_imports(include=["ruggespraak.fhir.read", "ruggespraak.pathway.codes"]):
    from ruggespraak.fhir.read import read, resources_in

from said_no import said_no

ON = date(2026, 1, 15)


def one_input(data: bytes) -> None:
    """Reads these bytes as somebody's resources."""
    sent = list(resources_in(data))
    answers = read(sent, ON).case(ON).answers
    invented = {id for id, value in answers.items() if value is False} - said_no(sent)
    if invented:
        raise AssertionError(f"nobody said no to {sorted(invented)}")


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
