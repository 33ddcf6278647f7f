"""The page on audits: what is counted and what goes in, from the tables and files that the audit itself reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from ruggespraak.audit.files import FILES
from ruggespraak.audit.hedis import AGES
from ruggespraak.audit.measures import MEASURES
from ruggespraak.audit.records import KINDS, TABLES
from ruggespraak.audit.words import word
from ruggespraak.logic import table_row
from ruggespraak.pathway.rules import Status

DOCS = Path(__file__).resolve().parents[1]
EXAMPLE = DOCS / "audit_example"


def page() -> str:
    """The page, its tables filled in."""
    text = (DOCS / "audit.template.md").read_text(encoding="utf-8")
    for name, found in {
        "measures": "\n".join(_measures()),
        "files": "\n\n".join(_files()),
        "example": "\n\n".join(_example()),
        "tables": "\n\n".join(_tables()),
        "kinds": ", ".join(f"`{kind}`" for kind in KINDS),
    }.items():
        text = text.replace(f"<!-- {name} -->", found)
    return text.rstrip()


def _measures() -> Iterator[str]:
    for one in MEASURES:
        sources = ", ".join(f"[{key}](pathway/en/sources.md#{key.lower()})" for key in one.because)
        own = "; **own choice**" if one.status is Status.OWN_CHOICE else ""
        yield table_row([_title(one.id), word(f"unit.{one.unit}", "en"), f"{sources}{own}"])
    for id in AGES:
        yield table_row([_title(id), "episode", "HEDIS, evidence §6; **codes and windows from memory**"])


def _title(id: str) -> str:
    return f"{word(f'measure.{id}.title', 'en')} (`{id}`)"


def _files() -> Iterator[str]:
    for name, file in FILES.items():
        yield f"**{name}**. {file.row}"
        yield _grid(("kolom", "betekenis"), ((column, meaning) for column, (_, meaning) in file.columns.items()))


def _example() -> Iterator[str]:
    for name in FILES:
        yield f"`{name}`\n\n```text\n{(EXAMPLE / name).read_text(encoding='utf-8').rstrip()}\n```"


def _tables() -> Iterator[str]:
    for name, (row, columns) in TABLES.items():
        yield f"**{name}**. {row}"
        yield _grid(("column", "type", "meaning"), ((column, *said) for column, said in columns.items()))


def _grid(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    return "\n".join([table_row(list(head)), "|" + "---|" * len(head), *(table_row(list(row)) for row in rows)])
