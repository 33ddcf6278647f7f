"""How the generated pages are laid out in Markdown, and the words around the rules, in both languages."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from ruggespraak.logic import table_row
from ruggespraak.pathway import sources
from ruggespraak.pathway.rules import Parameter, Status
from ruggespraak.pathway.texts import table, word

DOCS = Path(__file__).resolve().parents[1]


@cache
def _words() -> dict[str, dict]:
    return tomllib.loads((DOCS / "pathway_words.toml").read_text(encoding="utf-8"))


def says(name: str, lang: str, **filled: object) -> str:
    """The words under this name in ``pathway_words.toml``. Raises KeyError for a name that does not exist."""
    found = _words()
    for part in name.split("."):
        found = found[part]
    return str(found[lang]).format(**filled)


def page(*parts: str, lang: str = "nl") -> str:
    """A page of Markdown."""
    return "\n\n".join((f"<!-- {says('generated', lang)} -->", *(part for part in parts if part))) + "\n"


def warning(lang: str) -> str:
    review, device = word("word.awaiting_review", lang), word("word.not_device", lang)
    return f"> {says('warning', lang, review=review, device=device)}"


def in_the_other_language(lang: str, path: str, up: str) -> str:
    """A link to the same page in the other language; ``up``: from the page's folder to that of its language."""
    other = {"nl": "en", "en": "nl"}[lang]
    return says("other_language", lang, path=f"{up}../{other}/{path}")


def grid(head: str, rows: Iterable[Iterable[str]]) -> str:
    """A table; ``head`` names its columns, with a comma between them."""
    columns = head.split(", ")
    return "\n".join([table_row(columns), "|" + "---|" * len(columns), *(table_row(list(row)) for row in rows)])


def bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def unique(found: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(found))


def cite(keys: Iterable[str], lang: str, up: str = "../") -> str:
    """Source keys as links; ``up``: from the page to the list of sources. Raises ValueError for a key not in it."""
    keys = tuple(keys)
    if strangers := [key for key in keys if key not in sources.listed()]:
        raise ValueError(f"sources.csv has no {', '.join(strangers)}")
    return ", ".join(f"[{key}]({up}sources.md#{key.lower()})" for key in keys) or says("no_source", lang)


def seen(status: Status, lang: str) -> str:
    """How well a claim was seen; what nobody read in a source stands out."""
    words = word(f"status.{status}", lang)
    return f"**{words}**" if status in (Status.MEMORY, Status.OWN_CHOICE) else words


def rests_on(name: str, id: str, lang: str) -> str:
    """What a text rests on: sources, or this project's own choice."""
    source = table(name)[id]["source"]
    return seen(Status.OWN_CHOICE, lang) if source == "own choice" else cite(source.split(), lang)


def amount(parameter: Parameter, lang: str) -> str:
    return f"{parameter:g} {word(f'unit.{parameter.unit}', lang)}"


def number_link(parameter: Parameter, up: str = "../") -> str:
    return f"[`{parameter.name}`]({up}numbers.md#{parameter.name})"
