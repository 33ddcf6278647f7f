"""A report of the country for a terminal, and as Markdown."""

from __future__ import annotations

import codecs
import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

from ruggespraak.wording import JOIN, euro, number, short

if TYPE_CHECKING:
    from rich.console import Console

NARROWEST = 40  # letters; a terminal that is narrower folds the lines itself
LABEL = 22  # letters for what a line is called, at least, where more than one option stands beside it
PLAIN = {"±": "+/-", "−": "-", "–": "-", "’": "'", "€": "EUR ", "█": "#"}


def readable() -> None:
    """Signs that the terminal lacks are written with those that it has: a minus that is lost is another number."""
    codecs.register_error("plain", _plain)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="plain")


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    found = (PLAIN.get(one) or normalize("NFKD", one) for one in error.object[error.start : error.end])
    return "".join(found).encode("ascii", "ignore").decode(), error.end


def _fit(said: str) -> str:
    encoding = sys.stdout.encoding or "utf-8"
    return said.encode(encoding, "plain").decode(encoding)


def show(found: dict[str, Any], lang: str) -> None:
    """The tables: the first option as it is, the others as what they differ from it; and how sure that is."""
    from rich.console import Console

    from ruggespraak.population.shown import MEASURES, lines
    from ruggespraak.population.words import word

    readable()
    console = Console(highlight=False, markup=False, emoji=False)
    console.width = max(console.width, NARROWEST)
    heads = _heads(found, lang)
    table(console, word("report.a_year", lang), heads, lines(found["options"], lang), len(MEASURES))
    if "uncertainty" in found:
        said = found["uncertainty"]
        table(console, word("report.how_sure", lang), heads, _how_sure(found, lang))
        console.print(_filled("report.draws", said, lang, "draws", "people", "left_out"), said["about"][lang])
    console.print(found["about"][lang])
    console.print(_provenance(found, lang), style="dim")


def as_markdown(found: dict[str, Any], lang: str) -> str:
    """The first table in Markdown, with all options beside one another."""
    from ruggespraak.population.shown import lines
    from ruggespraak.population.words import word

    heads = [head.replace("\n(", " (").replace("\n", ", ") for head in _heads(found, lang)]
    rows = [(word("report.a_year", lang), heads), *lines(found["options"], lang)]
    table = [f"| {label} | {' | '.join(cells)} |" for label, cells in rows]
    table.insert(1, "|---|" + "---:|" * len(heads))
    return "\n".join([*table, "", found["about"][lang], "", _provenance(found, lang)])


def table(
    console: Console, title: str, heads: Sequence[str], rows: Sequence[tuple[str, Sequence[str]]], first: int = 0
) -> None:
    """The columns side by side, in as many tables as it takes: no figure is cut. ``first``: lines of the first part."""
    from rich.table import Table

    columns = [[head, *(cells[at] for _, cells in rows)] for at, head in enumerate(heads)]
    wide = [max(len(_fit(word)) for part in column for word in re.split("[ \n]", part)) for column in columns]
    start = 0
    while start < len(heads):
        until = start + 1
        while until < len(heads) and LABEL + 4 + sum(one + 3 for one in wide[start : until + 1]) <= console.width:
            until += 1
        found = Table(title=_fit(title))
        found.add_column("", overflow="fold")
        for head, letters in zip(heads[start:until], wide[start:until], strict=True):
            found.add_column(_fit(head), justify="right", width=letters)
        for place, (label, cells) in enumerate(rows, 1):
            found.add_row(_fit(label), *map(_fit, cells[start:until]), end_section=place == first)
        console.print(found)
        start = until


def _heads(found: dict[str, Any], lang: str) -> list[str]:
    from ruggespraak.population.scenarios import scenario
    from ruggespraak.population.words import word

    editions = [option["edition"].rpartition("@")[0] for option in found["options"]]
    scenarios = [scenario(option["scenario"]).called(lang) for option in found["options"]]
    named = [f"{edition}\n{called}" for edition, called in zip(editions, scenarios, strict=True)]
    return [named[0], *(f"{name}\n{word('report.extra', lang)}" for name in named[1:])]


def _how_sure(found: dict[str, Any], lang: str) -> list[tuple[str, list[str]]]:
    """What the draws of all parameters say of each option, against the first, over the whole run."""
    from ruggespraak.population.words import word

    said, options = found["uncertainty"], [option["option"] for option in found["options"]]
    rows = []
    for outcome, name in (("cost", "report.extra_cost"), ("qaly", "report.extra_qaly")):
        of = {row["option"]: row for row in said["against"] if row["outcome"] == outcome}
        shown = [[short(of[option][end], lang) for end in ("mean", "low", "high")] for option in options[1:]]
        rows.append((word(name, lang), ["", *(f"{mean}\n{low}{JOIN}–{JOIN}{high}" for mean, low, high in shown)]))
    for chances in said["acceptability"]:
        if chances["threshold"] in (20_000, 50_000, 80_000):
            label = word("report.best_at", lang).format(threshold=euro(chances["threshold"], lang))
            rows.append((label, [f"{100 * chances[f'ceac: {option}']:.0f}{JOIN}%" for option in options]))
    return rows


def _provenance(found: dict[str, Any], lang: str) -> str:
    manifest = found["manifest"] | {"digest": found["manifest"]["counts"][:12]}
    return _filled("report.provenance", manifest, lang, "people", "years", "seed", "digest")


def _filled(id: str, said: dict[str, Any], lang: str, *names: str) -> str:
    """The words with these values, a number of people or draws as the language writes it."""
    from ruggespraak.population.words import word

    large = {name: number(said[name], lang) for name in ("people", "draws") if name in names}
    return word(id, lang).format(**{name: said[name] for name in names} | large)
