"""Sources of a document: each gets a number where it is first named, and the list below says what it is."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ruggespraak.documents.content import Mark, Source
from ruggespraak.pathway.rules import Status
from ruggespraak.pathway.sources import named
from ruggespraak.pathway.texts import word

OF_THE_LEAFLET = re.compile(r"S\d+")
OWN_CHOICE = "own choice"


class Sources:
    """Remembers which sources a document has named, in their order, and how well each claim was seen."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self._numbers: dict[str, int] = {}
        self._leaflet: set[str] = set()
        self._seen: set[Status] = set()

    def mark(self, because: Iterable[str], status: Status | str = Status.READ) -> Mark:
        """The mark of a claim that rests on these keys of ``pathway/sources.csv``; none: this project's own choice.

        ``status``: how well the claim was seen in them. Raises KeyError for a key that is not listed.
        """
        keys = [key for key in because if key != OWN_CHOICE]
        seen = Status(status) if keys else Status.OWN_CHOICE
        self._seen.add(seen)
        numbers = set()
        for key in keys:
            if OF_THE_LEAFLET.fullmatch(key):
                self._leaflet.add(key)
                key = "S"
            numbers.add(self._numbers.setdefault(key, len(self._numbers) + 1))
        return Mark(tuple(sorted(numbers)), seen)

    def listed(self) -> tuple[Source, ...]:
        """The numbered list of what was named so far."""
        return tuple(Source(number, self._title(key)) for key, number in self._numbers.items())

    def notes(self) -> tuple[str, ...]:
        """What the marks mean that were given so far."""
        return tuple(word(f"legend.{status}", self.lang) for status in Status if status in self._seen)

    def _title(self, key: str) -> str:
        if key == "S":
            sentences = ", ".join(sorted(self._leaflet, key=lambda key: int(key[1:])))
            return word("result.leaflet", self.lang).format(sentences=sentences)
        return named(key)
