"""Writes the generated pages of docs/: the pathway as a clinician reads it, its proof, and what the software does.

``python docs/making/generate.py`` writes them; with ``--check`` it only compares, and names the pages that are stale.
What a page says comes from the rules and the texts; each module beside this one lays out one kind of page. Whatever is
this project's own choice, or from memory, says so in every place where it appears.
"""

from __future__ import annotations

import sys
from pathlib import Path

import auditing
import commands
import description
import edition_pages
import find_a_rule
import hooks
import house
import leaflet_page
import links
import numbers_and_sources
import pathway_picture
import proofs
import readme
import safety
from layout import DOCS, page

import device
from ruggespraak.pathway.editions import EDITIONS, edition
from ruggespraak.pathway.texts import LANGUAGES


def pages() -> dict[str, str]:
    """Every generated file: its path under docs/, and what must stand in it."""
    found = {"../README.md": readme.page(), "leaflet.md": leaflet_page.leaflet_page()}
    found["proof.md"] = page(proofs.page(readme.measured()))
    found["security.md"] = page(safety.page())
    found["cds_hooks.md"] = page(hooks.page())
    found["population.md"] = page(description.page())
    found["audit.md"] = page(auditing.page())
    found |= {f"device/{name}": page(text) for name, text in device.pages().items()}
    found |= {f"device/{name}": picture for name, picture in device.pictures().items()}
    found["reference/commands.md"] = page(commands.page())
    found["external_links.md"] = page(links.page())
    found["architecture.md"], found["architecture.svg"] = page(house.page()), house.drawing()
    for lang in LANGUAGES:
        found[f"pictures/pathway.{lang}.svg"] = pathway_picture.picture(lang)
    return found | pathway_pages()


def pathway_pages() -> dict[str, str]:
    """The pathway in both languages, by path under docs/."""
    found = {"index.md": find_a_rule.both_languages()}
    for lang in LANGUAGES:
        found[f"{lang}/index.md"] = find_a_rule.first_page(lang)
        found[f"{lang}/numbers.md"] = numbers_and_sources.numbers_page(lang)
        found[f"{lang}/sources.md"] = numbers_and_sources.sources_page(lang)
        for name in EDITIONS:
            found |= edition_pages.pages(edition(name), lang) | edition_pages.charts(edition(name), lang)
    return {f"pathway/{path}": text for path, text in found.items()}


def stale(wanted: dict[str, str]) -> list[str]:
    """The files under docs/ that are not what they should be, and those of docs/pathway that are no longer made."""
    there = {path.relative_to(DOCS).as_posix() for path in (DOCS / "pathway").rglob("*") if path.is_file()}
    return sorted(name for name in there | wanted.keys() if written(DOCS / name) != wanted.get(name))


def written(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def main() -> int:
    wanted = pages()
    found = stale(wanted)
    if "--check" in sys.argv[1:]:
        for name in found:
            print(f"docs/{name} is stale: run make docs")
        return 1 if found else 0
    for name in found:
        path = DOCS / name
        if name in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[name], encoding="utf-8", newline="\n")
        else:
            path.unlink()
        print(f"docs/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
