"""A document on paper: an accessible PDF (PDF/UA-1) on A4 or A5, and a booklet to print, fold and take along.

Typst draws the pages and refuses to make a file that does not keep to PDF/UA-1. The document reaches it as JSON, never
as source, so no text can be taken for markup. Only fonts that come along are used, and no date: the same document gives
the same bytes on every machine.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from threading import Lock
from typing import Any, Literal

import typst

from ruggespraak.documents.content import Block, Document, Mark, Paragraph, Part, Picture, Points, Table
from ruggespraak.pathway.rules import Status
from ruggespraak.pathway.texts import word

PAPERS = ("a4", "a5")
WAYS = (*PAPERS, "booklet")
NAME = "Ruggespraak"
REGIONS = {"nl": "NL", "en": "GB"}
FONTS = Path(__file__).with_name("fonts")

# Typst serves one caller at a time, and what it keeps between two documents is what makes it quick.
_ONE_AT_A_TIME = Lock()


def pdf(document: Document, paper: str = "a4") -> bytes:
    """The document as tagged PDF/UA-1 on this paper: ``a4`` or ``a5``.

    Raises ValueError for another paper, a picture without words for who cannot see it, and a mark without its source.
    """
    return _compiled("leaflet", _leaflet(document, paper), "ua-1")


def printed(document: Document, way: str) -> bytes:
    """The document in one of the ``WAYS``: pages of A4 or A5, or sheets that fold into a booklet."""
    return booklet(document) if way == "booklet" else pdf(document, way)


def booklet(document: Document) -> bytes:
    """A4 sheets, lying, with two pages of A5 a side: printed on both sides (flip on the short edge) they fold into one.

    It is for paper. Each page is a figure whose alternative text names page and A4 file, and it does not claim PDF/UA,
    which typst grants to no page that was made before: give who cannot see it the A4 file. Raises what `pdf` raises.
    """
    small = pdf(document, "a5")
    pages = _pages(small)
    said = {
        "lang": document.lang,
        "title": document.title,
        "small": list(small),
        "pages": pages,
        "sides": sides(pages),
    }
    return _compiled("booklet", said, "1.7")


def sides(pages: int) -> list[tuple[int, int]]:
    """Which two pages stand on each side of the sheets, left and right. A number above ``pages`` is an empty page.

    >>> sides(7)
    [(8, 1), (2, 7), (6, 3), (4, 5)]
    """
    last = -(-pages // 4) * 4
    return [(last - n, n + 1) if n % 2 == 0 else (n + 1, last - n) for n in range(last // 2)]


def _pages(made: bytes) -> int:
    """How many pages typst made; it writes one list of all of them."""
    found = re.search(rb"/Type/Pages/Count (\d+)", made)
    assert found
    return int(found[1])


def _compiled(name: str, said: dict[str, Any], standard: Literal["ua-1", "1.7"]) -> bytes:
    source = files(__package__).joinpath(f"{name}.typ").read_bytes()
    with _ONE_AT_A_TIME:
        made = _compiler().compile(source, format="pdf", sys_inputs={"said": json.dumps(said)}, pdf_standards=standard)
    assert isinstance(made, bytes)
    return made


@cache
def _compiler() -> typst.Compiler:
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[FONTS])
    return typst.Compiler(font_paths=fonts)


# The tree as JSON


def _leaflet(document: Document, paper: str) -> dict[str, Any]:
    """All that stands on the pages, and nothing about how it looks."""
    if paper not in PAPERS:
        raise ValueError(f"no paper {paper!r}: choose from {', '.join(PAPERS)}")
    _check(document)
    lang, card = document.lang, document.card
    return {
        "paper": paper,
        "lang": lang,
        "region": REGIONS[lang],
        "title": document.title,
        "name": NAME if document.named else "",
        "card": card and {"level": card.level, "title": card.title, "blocks": _blocks(card.blocks, lang)},
        "sections": [
            {"id": one.id, "title": one.title, "blocks": _blocks(one.blocks, lang)} for one in document.sections
        ],
        "sources": [{"number": one.number, "text": one.text} for one in document.sources],
        "notes": document.notes,
        "closing": document.closing,
        "words": {"sources": word("word.sources", lang), "footer": word("ask.header", lang)},
    }


def _check(document: Document) -> None:
    """What typst would refuse, or a reader could not follow, said with the name of what is wrong."""
    listed = {source.number for source in document.sources}
    for block in document.blocks():
        if isinstance(block, Picture) and not block.alt.strip():
            raise ValueError(f"picture {block.id!r} has no alternative text: say in words what it shows")
        mark = getattr(block, "mark", None)
        if mark and (missing := set(mark.numbers) - listed):
            raise ValueError(f"a mark names source {min(missing)}, which the document does not list")


def _blocks(blocks: tuple[Block, ...], lang: str) -> list[dict[str, Any]]:
    return [_block(block, lang) for block in blocks]


def _block(block: Block, lang: str) -> dict[str, Any]:
    match block:
        case Paragraph(text, mark, strong):
            return {"kind": "paragraph", "text": text, "strong": strong, "mark": _mark(mark, lang)}
        case Points(items, mark):
            return {"kind": "points", "items": items, "mark": _mark(mark, lang)}
        case Picture(_, svg, alt, caption, mark):
            return {"kind": "picture", "svg": svg, "alt": alt, "caption": caption, "mark": _mark(mark, lang)}
        case Table(caption, head, rows):
            return {"kind": "table", "caption": caption, "head": head, "rows": rows}
        case Part(title, inner):
            return {"kind": "part", "title": title, "blocks": _blocks(inner, lang)}


def _mark(mark: Mark | None, lang: str) -> dict[str, Any]:
    """Numbers, and in words how well the claim was seen there; of what was read in its source nothing is said."""
    if mark is None:
        return {"numbers": (), "seen": ""}
    return {"numbers": mark.numbers, "seen": "" if mark.status is Status.READ else word(f"mark.{mark.status}", lang)}
