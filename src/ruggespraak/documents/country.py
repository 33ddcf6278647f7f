"""Back pain in the Netherlands: what the leaflet opens with, beside what other sources say.

Every figure is a row of ``country.csv``, with its unit, year, source and status as ``evidence/clinical.md`` §0, §0.1
and §7 have them; the words name it by its id and never write it themselves. A row gives a ``value`` (with ``low`` and
``high`` where the source bounds it), or a range (both bounds alone), or one bound: "more than" (``low``) or "almost"
(``high``). Money is in millions of euros of the year that stands beside it; the leaflet has no year. What was measured
in another way is said to be so, and not recomputed.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from ruggespraak.documents.content import Document, Mark, Paragraph, Part, Picture, Points, Section, Table
from ruggespraak.documents.sources import Sources
from ruggespraak.documents.svg import LINE, PLAIN, SMALL, WIDTH, box, dot, fill, fit, rule, stroke, svg, write
from ruggespraak.pathway.rules import Status
from ruggespraak.pathway.texts import table, text, word

GROUPS = ("ever", "new", "common", "medical", "total")  # in the order of the leaflet's opening
LEAFLET = "S13"
BAR, FULL = 20.0, 160.0  # height of a bar, and how long the longest is
FOOT = 22.0  # below the bars, for what the two kinds of bar mean


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure about the country. ``year``: as the source gives it, or "no year"."""

    id: str
    value: float | None
    low: float | None
    high: float | None
    unit: str
    year: str
    source: str
    status: Status
    note: str

    @property
    def group(self) -> str:
        return self.id.partition("_")[0]

    @property
    def largest(self) -> float:
        """What a bar for this figure must have room for."""
        return max(bound for bound in (self.value, self.low, self.high) if bound is not None)

    def says(self, lang: str) -> str:
        """The figure in words, without its unit."""
        bounds = (self.value, self.low, self.high)
        value, low, high = (None if one is None else _number(one, self.unit, lang) for one in bounds)
        if value and low:
            return text("country", "page", "around", lang).format(n=value, low=low, high=high)
        if value:
            return value
        if low and high:
            return text("country", "page", "between", lang).format(low=low, high=high)
        return text("country", "page", "more_than" if low else "almost", lang).format(n=low or high)

    def when(self, lang: str) -> str:
        return text("country", "page", "no_year", lang) if self.year == "no year" else self.year


@cache
def facts() -> tuple[Fact, ...]:
    """Every figure of the page."""
    listed = files(__package__).joinpath("country.csv").read_text(encoding="utf-8")
    return tuple(_fact(row) for row in csv.DictReader(listed.splitlines()))


def _fact(row: dict[str, str]) -> Fact:
    value, low, high = (float(row[name]) if row[name] else None for name in ("value", "low", "high"))
    return Fact(
        row["id"], value, low, high, row["unit"], row["year"], row["source"], Status(row["status"]), row["note"]
    )


def _number(value: float, unit: str, lang: str) -> str:
    """1559000 is 1.559.000 and 26.9 is 26,9 in Dutch; in English the signs change places. Of 1000, people are whole."""
    said = f"{value:,.0f}" if value == round(value) or unit == "per_1000" else f"{value:,.1f}"
    return said.translate(str.maketrans(",.", ".,")) if lang == "nl" else said


def country(lang: str) -> Document:
    """The page, in one language."""
    return _Page(lang).document()


class _Page:
    """Numbers the sources in the order in which they are named."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self.sources = Sources(lang)
        self.filled = {fact.id: fact.says(lang) for fact in facts() if fact.group != "age"}
        self.filled |= {f"{fact.id}_year": fact.year for fact in facts() if fact.group != "age"}

    def document(self) -> Document:
        opening = (Paragraph(self.says("page", "first"), strong=True), Paragraph(self.says("page", "no_date")))
        sections = [Section("in_short", self.says("page", "in_short"), opening)]
        sections += [self.compared(group) for group in GROUPS]
        sections += [self.by_age(), self.more(), self.not_known()]
        return Document(
            lang=self.lang,
            title=self.says("page", "title"),
            sections=tuple(sections),
            sources=self.sources.listed(),
            notes=self.sources.notes(),
            closing=(self.says("page", "about_all"), f"{word('word.awaiting_review', self.lang)}."),
        )

    def says(self, id: str, part: str) -> str:
        return text("country", id, part, self.lang).format(**self.filled)

    def mark(self, group: str) -> Mark:
        """One mark for the figures of this group: as well seen as the least of them."""
        named = [fact for fact in facts() if fact.group == group]
        order = list(Status)
        least = max((fact.status for fact in named), key=order.index)
        return self.sources.mark(dict.fromkeys(fact.source for fact in named), least)

    # The sections

    def compared(self, group: str) -> Section:
        """One fact of the leaflet's opening: in words, as bars, and why the bars do not measure the same."""
        listed = [fact for fact in facts() if fact.group == group]
        blocks = (
            Paragraph(self.says(group, "says"), self.mark(group)),
            self.bars(group, listed),
            Paragraph(self.says(group, "differs")),
        )
        return Section(group, self.says(group, "title"), blocks)

    def by_age(self) -> Section:
        blocks = (
            Paragraph(self.says("age", "says"), self.mark("age")),
            self.ages(),
            Paragraph(self.says("age", "differs")),
            Part(self.says("more", "by_age"), (self.table_of_ages(),), "by_age", folded=True),
        )
        return Section("age", self.says("age", "title"), blocks)

    def more(self) -> Section:
        return Section("more", self.says("more", "title"), (self.table_of_all(),))

    def not_known(self) -> Section:
        points = tuple(self.says("not_known", part) for part in table("country")["not_known"] if part not in NO_POINT)
        return Section("not_known", self.says("not_known", "title"), (Points(points),))

    # Pictures

    def bars(self, group: str, listed: Sequence[Fact]) -> Picture:
        """A bar for each figure, with the figure at its end; the leaflet's are open and the others filled."""
        what, unit = self.says(group, "what"), text("country", "unit", listed[0].unit, self.lang)
        title = fit(f"{what} ({unit})", WIDTH - 4, PLAIN, bold=True)
        scale = FULL / max(fact.largest for fact in listed)
        parts, y = [write(2, PLAIN, title, PLAIN, bold=True)], 12 + len(title) * PLAIN * LINE
        for fact in listed:
            parts.append(write(2, y + SMALL, [f"{self.says(fact.id, 'who')}, {fact.when(self.lang)}"], PLAIN))
            parts.append(_bar(fact, y + 20, scale, self.lang))
            y += 20 + BAR + 14
        parts.append(self.legend(y + 2, any(fact.source == LEAFLET for fact in listed)))
        rows = [f"{self.says(one.id, 'who')}, {one.when(self.lang)}: {one.says(self.lang)} {unit}." for one in listed]
        alt = " ".join([f"{what}.", *rows])
        return Picture(f"bars_{group}", svg(y + FOOT, alt, parts), alt)

    def legend(self, y: float, leaflet: bool) -> str:
        """What an open and a filled bar mean."""
        other = self.says("page", "other")
        if not leaflet:
            return box(2, y, 22, 14, fill("mark")) + write(30, y + 12, [other])
        first = box(3, y + 1, 20, 12, stroke("ink", 2)) + write(30, y + 12, [self.says("page", "leaflet")])
        return first + box(150, y, 22, 14, fill("mark")) + write(178, y + 12, [other])

    def ages(self) -> Picture:
        """For each age a square for men and a dot for women, each with its figure beside it."""
        men, women = ([fact for fact in facts() if fact.id.endswith(f"_{sex}")] for sex in ("men", "women"))
        what, unit = self.says("age", "what"), text("country", "unit", "per_1000", self.lang)
        title = fit(f"{what} ({unit})", WIDTH - 4, PLAIN, bold=True)
        y = 16 + len(title) * PLAIN * LINE
        parts = [write(2, PLAIN, title, PLAIN, bold=True)]
        parts += [box(3, y - 10, 10, 10, stroke("ink", 2)), write(20, y, [self.says("age", "men")], PLAIN)]
        parts += [dot(128, y - 5, 6, fill("mark")), write(140, y, [self.says("age", "women")], PLAIN)]
        rows = []
        for man, woman in zip(men, women, strict=True):
            y += 24
            age = man.id.split("_")[1].replace("-", "–")
            parts.append(_pair(age, man, woman, y, self.lang))
            rows.append(f"{age}: {man.says(self.lang)}, {woman.says(self.lang)}.")
        alt = " ".join([f"{what} ({unit}): {self.says('age', 'men')}, {self.says('age', 'women')}.", *rows])
        return Picture("ages", svg(y + 12, alt, parts), alt)

    # Tables

    def table_of_all(self) -> Table:
        rows = []
        for fact in facts():
            if fact.group == "age":
                continue
            who = self.says(fact.id, "who")
            named = who if fact.group == "more" else f"{self.says(fact.group, 'what')}: {who}"
            figure = f"{fact.says(self.lang)} {text('country', 'unit', fact.unit, self.lang)}"
            numbers = self.sources.mark((fact.source,), fact.status).numbers
            rows.append((named, figure, fact.when(self.lang), ", ".join(str(number) for number in numbers)))
        head = tuple(self.says("page", f"{part}_column") for part in ("what", "figure", "year", "source"))
        return Table(self.says("more", "what"), head, tuple(rows))

    def table_of_ages(self) -> Table:
        found: dict[str, dict[str, str]] = {}
        for fact in facts():
            if fact.group == "age":
                _, age, sex = fact.id.split("_")
                found.setdefault(age.replace("-", "–"), {})[sex] = fact.says(self.lang)
        unit = text("country", "unit", "per_1000", self.lang)
        head = (self.says("age", "column"), *(f"{self.says('age', sex)} ({unit})" for sex in ("men", "women")))
        return Table(
            self.says("age", "what"), head, tuple((age, one["men"], one["women"]) for age, one in found.items())
        )


NO_POINT = ("title", "source")


def _bar(fact: Fact, y: float, scale: float, lang: str) -> str:
    """From nothing to the value; a range from its lower to its upper bound; "more than" goes on in dots."""
    start = fact.low if fact.value is None and fact.high is not None and fact.low is not None else 0.0
    left, right = 2 + (start or 0.0) * scale, 2 + fact.largest * scale
    if fact.source == LEAFLET:
        parts = [box(left + 1, y + 1, right - left - 2, BAR - 2, stroke("ink", 2))]
    else:
        parts = [box(left, y, right - left, BAR, fill("mark"))]
    if start:
        parts.append(rule(2, y + BAR / 2, left, y + BAR / 2, stroke("line", 1, "2 3")))
    if fact.value is None and fact.high is None:
        parts.append(rule(right, y + BAR / 2, right + 16, y + BAR / 2, stroke("ink", 3, "3 3")))
        right += 16
    return "".join([*parts, write(right + 7, y + 15, [fact.says(lang)], PLAIN, bold=True)])


def _pair(age: str, man: Fact, woman: Fact, y: float, lang: str) -> str:
    """One row of ages. The lower figure stands on the left of its mark: nearly always that of the men."""
    left, scale = 104.0, 190 / 300
    at = [left + (fact.value or 0.0) * scale for fact in (man, woman)]
    return "".join(
        [
            write(2, y + 5, [age], PLAIN),
            rule(at[0], y, at[1], y, stroke("line", 1.5)),
            box(at[0] - 5, y - 5, 10, 10, fill("paper")) + box(at[0] - 4, y - 4, 8, 8, stroke("ink", 2)),
            dot(at[1], y, 5, fill("mark")),
            write(at[0] - 9, y + 5, [man.says(lang)], SMALL, anchor="end"),
            write(at[1] + 9, y + 5, [woman.says(lang)], SMALL),
        ]
    )
