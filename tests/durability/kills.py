"""A server that is killed while patients check in, again and again: the process dies, the machine goes on."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from random import Random

from check_ins import Found, Site, acknowledged, application, checking_in, examine, people

SEED = 20261125
EVERY = 20  # kills after which every page of the file is read


def kills(rounds: int) -> dict:
    """So many kills (-9), each 0.1 to 0.4 s after the server answers, with 2 to 4 patients writing."""
    pick, begin = Random(SEED), time.perf_counter()
    everybody, found, killed = [], Found(), 0
    with tempfile.TemporaryDirectory(prefix="ruggespraak-") as name:
        folder = Path(name)
        application(folder)
        for number in range(1, rounds + 1):
            someone = people(pick.randint(2, 4))
            with Site(folder) as site, checking_in(someone, site.port):
                time.sleep(pick.uniform(0.1, 0.4))
                site.kill()
            killed += 1
            found += examine(someone, whole_file=number % EVERY == 0)
            everybody += someone
        found += examine(everybody)  # nothing disappears later either
    return {
        "kills": killed,
        "acknowledged": acknowledged(everybody),
        "sent, never answered": sum(len(one.sent) for one in everybody) - acknowledged(everybody),
        "lost": found.lost,
        "faults": found.faults[:10],
        "seconds": round(time.perf_counter() - begin, 1),
    }
