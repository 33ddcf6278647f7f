"""The general leaflets: what anybody may read about a back, without a question being asked.

Seven leaflets carry every sentence of the source leaflet between them, corrected where newer evidence says otherwise;
each says so where it differs. Their words stand in ``pathway/texts/leaflets.toml``. What the personal plan says in the
same way is taken from there, and figures come from where they are kept: a leaflet can only say what they say.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import Any

from ruggespraak.course.recovery import expected
from ruggespraak.documents.content import Block, Document, Mark, Paragraph, Part, Points, Section, Table
from ruggespraak.documents.sources import OWN_CHOICE, Sources
from ruggespraak.pathway.editions import DEFAULT, edition
from ruggespraak.pathway.rules import Complaint, Status
from ruggespraak.pathway.texts import about, long_date, plan_text, table, word

LEAFLETS = ("nonspecific", "acute", "chronic", "hernia", "specific", "who", "not_useful")
EVERY = "every"  # the entry of the texts for what stands in every leaflet
NO_SECTION = ("source", "title", "short", "to_take_along")

Texts = dict[str, Any]


def leaflet(id: str, lang: str) -> Document:
    """One general leaflet. Raises KeyError for an id that is not in ``LEAFLETS``."""
    if id not in LEAFLETS:
        raise KeyError(id)
    here, every, sources = table("leaflets")[id], table("leaflets")[EVERY], Sources(lang)
    in_short = Paragraph(here["short"][lang], _mark(here, sources), strong=True)
    sections = (
        Section("in_short", every["in_short"][lang], (in_short,)),
        _phone_at_once(sources),
        *(_section(name, part, sources) for name, part in here.items() if name not in NO_SECTION),
        _section("to_take_along", {**every["to_take_along"], **here["to_take_along"]}, sources),
        _section("behind", every["behind"], sources),
    )
    return Document(
        lang=lang,
        title=here["title"][lang],
        sections=sections,
        sources=sources.listed(),
        notes=sources.notes(),
        closing=(
            f"{every['dated'][lang].format(date=long_date(about('leaflets')['date'], lang))}.",
            f"{word('word.not_device', lang)}. {word('word.awaiting_review', lang)}.",
        ),
    )


@cache
def carried(sentence: str) -> tuple[tuple[str, str], ...]:
    """Where a sentence of the source leaflet stands (L01, ...): (leaflet, section); ``every``: in each leaflet."""
    return tuple(
        (id, name)
        for id in (*LEAFLETS, EVERY)
        for name, part in table("leaflets")[id].items()
        if isinstance(part, dict) and sentence in part.get("carries", ())
    )


def figure(kept: int | float | str) -> float:
    """A number of a leaflet: itself, a point of a recovery curve (of 100 people), or a number of the pathway.

    Raises KeyError for a point or a number that there is not.
    """
    if isinstance(kept, (int, float)):
        return kept
    if " " not in kept:
        return edition(DEFAULT).parameter(kept)
    source, outcome, day = kept.split()
    # Edition "leaflet" has all curves of the current one, and the source leaflet's own besides.
    for complaint in (Complaint.NONSPECIFIC, Complaint.RADICULAR):
        for curve in expected(complaint, "leaflet"):
            for point in curve.points:
                if (curve.source, curve.outcome, point.day) == (source, outcome, int(day)):
                    return round(100 * point.fraction)
    raise KeyError(kept)


def written(number: float, lang: str) -> str:
    """The number as the language writes it. A year has no separator, so only from ten thousand on is there one."""
    english = f"{number:,.0f}" if number >= 10_000 else f"{number:g}"
    return english.translate(str.maketrans(",.", ".,")) if lang == "nl" else english


# -- sections -------------------------------------------------------------------------------------------------------


def _section(id: str, part: Texts, sources: Sources) -> Section:
    """What the section says itself, then what the plan says, then what the old leaflet said."""
    lang = sources.lang
    figures = {name: written(figure(kept), lang) for name, kept in part.get("figures", {}).items()}
    blocks = _own(part, figures, lang)
    mark = _mark(part, sources) if "source" in part else None
    if blocks:
        blocks[-1] = _marked(blocks[-1], mark)
    blocks += [_of_the_plan(advice, sources) for advice in part.get("plan", ())]
    if "old" in part:
        said = Paragraph(part["old"][lang].format(**figures), mark)
        blocks.append(Part(table("leaflets")[EVERY]["old"][lang], (said,), id=f"{id}-old"))
    return Section(id, part["title"][lang], tuple(blocks))


def _own(part: Texts, figures: dict[str, str], lang: str) -> list[Block]:
    blocks: list[Block] = []
    if "text" in part:
        blocks.append(Paragraph(part["text"][lang].format(**figures)))
    if "points" in part:
        blocks.append(Points(tuple(point[lang].format(**figures) for point in part["points"].values())))
    if "table" in part:
        blocks.append(_table(part["table"], figures, lang))
    if "more" in part:
        blocks.append(Paragraph(part["more"][lang].format(**figures)))
    return blocks


def _table(part: Texts, figures: dict[str, str], lang: str) -> Table:
    """Each cell is the figure that is named after its row and its column: ``bulge_young``."""
    _, *columns = part["head"]
    return Table(
        caption=part["caption"][lang].format(**figures),
        head=tuple(head[lang].format(**figures) for head in part["head"].values()),
        rows=tuple(
            (label[lang], *(figures[f"{row}_{column}"] for column in columns)) for row, label in part["rows"].items()
        ),
    )


def _phone_at_once(sources: Sources) -> Section:
    """The alarm signs of the plan, one a line, and whom to phone by day and by night."""
    signs = _of_the_plan("safety_net", sources)
    lead, *each = re.split(r"(?<=\.) ", signs.text)
    return Section(
        "phone",
        word("section.safety_net", sources.lang),
        (
            Paragraph(lead, strong=True),
            Points(tuple(each), signs.mark),
            _of_the_plan("whom_do_i_phone", sources),
        ),
    )


def _of_the_plan(id: str, sources: Sources) -> Paragraph:
    advice = edition(DEFAULT).rule(id)
    return Paragraph(plan_text(id, sources.lang), sources.mark(advice.because, advice.status))


def _mark(part: Texts, sources: Sources) -> Mark:
    """A section is marked once, at the end of what it says itself."""
    keys = [part["source"]] if part["source"] == OWN_CHOICE else part["source"].split()
    return sources.mark(keys, part.get("status", Status.READ))


def _marked(block: Block, mark: Mark | None) -> Block:
    if not isinstance(block, (Paragraph, Points)):
        raise TypeError(f"a section cannot end in a {type(block).__name__}: it has no mark")
    return replace(block, mark=mark)
