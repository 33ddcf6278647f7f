"""A document as a tree: what stands where, before anybody decides how it looks.

The personal result, a general leaflet and a page about the country are all such a tree. A web page, a PDF and the
terminal draw the same one, so no reader is told something else than another.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ruggespraak.pathway.rules import Status


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a claim comes from: numbers in the document's list of sources, and how well it was seen there."""

    numbers: tuple[int, ...] = ()
    status: Status = Status.OWN_CHOICE


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text. ``strong``: what must be seen first."""

    text: str
    mark: Mark | None = None
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Points:
    """A list of short lines; the mark is that of the whole list."""

    items: tuple[str, ...]
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing. ``svg``: one <svg> element, colours as presentation attributes beside a class for each role.

    ``alt`` says in words what the drawing shows, so that nothing is lost without it; ``caption`` stands below it.
    """

    id: str
    svg: str
    alt: str
    caption: str = ""
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table: one row of headings, and rows whose first cell names the row."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a section under a heading of its own. ``folded``: a screen shows it on request, paper always."""

    title: str
    blocks: tuple[Block, ...]
    id: str = ""
    folded: bool = False


Block = Paragraph | Points | Picture | Table | Part


@dataclass(frozen=True, slots=True)
class Section:
    """A main piece of the document. ``id`` is the same on screen and on paper, in every language."""

    id: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """How soon, above everything else.

    ``level``: an urgency of the pathway (``str(Urgency)``), or ``open``: it cannot be said yet, so it looks like none.
    """

    level: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """One line of the list of sources; ``number`` is the one that marks name."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Document:
    """All of it. ``notes``: what the marks mean. ``closing``: date, edition, and what this is not.

    ``named``: whether the paper carries this project's name: an employer reads it as "back".
    """

    lang: str
    title: str
    sections: tuple[Section, ...]
    card: Card | None = None
    sources: tuple[Source, ...] = ()
    notes: tuple[str, ...] = ()
    closing: tuple[str, ...] = ()
    named: bool = True

    def section(self, id: str) -> Section:
        """The section of this id. Raises KeyError."""
        for one in self.sections:
            if one.id == id:
                return one
        raise KeyError(id)

    def blocks(self) -> Iterator[Block]:
        """Every block in its order, also those within parts."""
        yield from _within(self.card.blocks if self.card else ())
        for section in self.sections:
            yield from _within(section.blocks)


def _within(blocks: tuple[Block, ...]) -> Iterator[Block]:
    for block in blocks:
        yield block
        if isinstance(block, Part):
            yield from _within(block.blocks)
