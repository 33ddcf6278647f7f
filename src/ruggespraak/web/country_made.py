"""Runs the country: settings as JSON on standard input, the report and its plots as JSON on standard output.

The site starts it as a process of its own (``country_job``). It compiles machine code, which a site that is locked down
forbids itself (MemoryDenyWriteExecute); it has neither the keys nor the database; and whatever happens to it, the site
goes on. The first run on a computer compiles, and keeps what it compiled.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
from collections.abc import Callable, Mapping
from typing import Any

from ruggespraak.pathway.texts import LANGUAGES

NICER = 10  # pages go first
VIEW_BOX = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')


def made(asks: Mapping[str, Any]) -> dict[str, Any]:
    """The report; what the options are called; how many parameters are own choices, and of how many; and per language
    each plot: ``svg``, ``alt``, and its size in pixels. ``asks``: as ``country_asked.Asked``."""
    from ruggespraak.population import plots
    from ruggespraak.population.parameters import parameters
    from ruggespraak.population.report import report
    from ruggespraak.population.scenarios import scenario
    from ruggespraak.population.simulate import Option, Run, simulate

    pairs = [one.split("/") for one in asks["options"]]
    options = tuple(Option(edition, scenario(name)) for edition, name in pairs)
    result = simulate(Run(asks["people"], asks["years"], asks["seed"], options))
    drawn: dict[str, Callable[..., Any]] = {"differences": plots.differences} if len(options) > 1 else {}
    drawn |= {"weeks": plots.weeks, "burden": plots.burden, "money": plots.money_by_payer}
    known = parameters().known.values()
    return {
        "report": report(result),
        "names": {lang: plots.names(result.run, lang) for lang in LANGUAGES},
        "own_choices": [sum(one.own_choice for one in known), len(known)],
        "plots": {lang: {name: plot(draw(result, lang)) for name, draw in drawn.items()} for lang in LANGUAGES},
    }


def plot(figure: Any) -> dict[str, Any]:
    """The figure as a page shows it: ``svg``, ``alt``, and its size in pixels."""
    from ruggespraak.drawing import alt, svg

    found = without_styles(svg(figure))
    size = VIEW_BOX.search(found)
    assert size
    wide, high = (round(float(points) * 96 / 72) for points in size.groups())
    return {"svg": found, "alt": alt(figure), "wide": wide, "high": high}


def without_styles(svg: str) -> str:
    """The same drawing with attributes in place of styles, which the site's Content-Security-Policy forbids."""
    found = re.sub(r"<style.*?</style>", "", svg, flags=re.DOTALL)
    found = found.replace("<svg ", '<svg stroke-linejoin="round" stroke-linecap="butt" ', 1)
    return re.sub(r'style="([^"]*)"', _attributes, found)


def _attributes(style: re.Match[str]) -> str:
    parts = (part.partition(":") for part in style[1].split(";") if part.strip())
    return " ".join(f'{name.strip()}="{value.strip()}"' for name, _, value in parts)


if __name__ == "__main__":
    with contextlib.suppress(OSError):  # not every machine lets a process stand back
        os.nice(NICER)
    json.dump(made(json.load(sys.stdin)), sys.stdout)
