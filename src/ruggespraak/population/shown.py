"""The lines that are shown of a report, on a terminal and on a page; files and JSON have everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import floor, log10
from typing import Any

from ruggespraak.population.money import PERSPECTIVES
from ruggespraak.population.simulate import Z
from ruggespraak.population.words import word
from ruggespraak.wording import JOIN, MILLION, number

MEASURES = (
    "gp_cases", "radicular_cases", "people_in_pain", "pain_severe", "gp", "physiotherapist", "neurologist",
    "orthopaedist", "x_ray", "scan", "scan_needless", "operation", "alarms", "alarms_missed", "hours_late", "sick",
    "disability_claims",
)  # fmt: skip


def lines(options: Sequence[Mapping[str, Any]], lang: str) -> list[tuple[str, list[str]]]:
    """Per line what it is called, and its cells: the first option as it is, the others as what they differ from it.

    ``options``: those of ``report.report``, the first one of them in front.
    """
    found = [(word(f"measure.{name}", lang), [one["measures"][name] for one in options]) for name in MEASURES]
    found += [
        (f"{word('unit.euro', lang)}: {word(f'perspective.{name}', lang)}", [one["euros"][name] for one in options])
        for name in PERSPECTIVES
    ]
    found.append((word("report.quality_lost", lang), [one["quality_lost"] for one in options]))
    return [
        (label, [rounded(first["value"], first["error"], lang), *(difference(one, lang) for one in others)])
        for label, (first, *others) in found
    ]


def difference(figure: Mapping[str, float], lang: str) -> str:
    """What an option differs from the first, with its sign."""
    said = rounded(figure["extra"], figure["extra_error"], lang)
    shown = said.partition(JOIN)[0]
    return f"+{said}" if figure["extra"] > 0 and shown.strip("0.,") else said


def rounded(value: float, error: float, lang: str) -> str:
    """The value and its 95 % interval of chance, no finer than two digits of that; in millions from a million on."""
    width = Z * error
    if not width:
        return number(value, lang)
    digits = 1 - floor(log10(width))  # behind the point; below 0: before it
    by, behind, unit = 1.0, digits, ""
    if max(abs(value), width) >= 1e6:
        by, behind, unit = 1e6, digits + 6, f"{JOIN}{MILLION[lang]}"
    said = (number(round(one, digits) / by, lang, max(0, behind)) for one in (value, width))
    return f"{f'{JOIN}±{JOIN}'.join(said)}{unit}"
