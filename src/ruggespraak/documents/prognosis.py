"""What to expect: where somebody is on the road, what happened to 100 people like them, and every figure behind it.

Where the complaint has no figures of its own yet, the road comes without them. Where somebody must be seen today or
sooner there is neither: beside "phone now" nothing may stand that can come later (PATHWAY §9, DESIGN §4).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ruggespraak.consult import Decision
from ruggespraak.course.recovery import Curve, Point, expected
from ruggespraak.documents.content import Block, Mark, Paragraph, Part, Picture
from ruggespraak.documents.pictures import (
    Stop,
    icon_array,
    milestones,
    recovery_curves,
    recovery_table,
    road,
)
from ruggespraak.documents.sources import Sources
from ruggespraak.pathway.rules import Complaint, Status, Urgency
from ruggespraak.pathway.texts import long_date, text

# The figures that are drawn as a hundred people: source, outcome and day. Work stands beside recovery, so that nobody
# takes one for the other. Of leg pain after a year ATLAS is chosen, whose people came to a GP; those of PEUL07 had
# waited for 6 to 12 weeks, and 39% of them had surgery.
DRAWN = {
    Complaint.NONSPECIFIC: (("KNGF-BELOOP", "full_recovery", 90), ("KNGF-BELOOP", "at_work", 90)),
    Complaint.RADICULAR: (("NHG55", "recovered", 84), ("ATLAS", "function_better", 365)),
}


def expectations(decision: Decision, days: float | None, lang: str, sources: Sources) -> tuple[Block, ...]:
    """What follows the sentences of the plan about the course; ``days``: how long the pain is there, if known."""
    if decision.urgency >= Urgency.SAME_DAY:
        return ()
    curves = expected(decision.complaint, decision.edition.partition("@")[0])
    found: list[Block] = [_road(decision, days, bool(curves), lang, sources)]
    if not curves:
        return (*found, Paragraph(_says("no_figures", lang)))
    drawn = _points(decision.complaint, curves)
    if days is not None and all(days > point.day for _, point in drawn):
        # A hundred people who were at the start would say nothing to who is past all of them.
        found.append(Paragraph(_says("longer", lang), sources.mark(())))
    else:
        found.append(_people(decision.complaint, drawn, lang, sources))
    return (*found, _figures(curves, days, lang, sources))


def _says(part: str, lang: str) -> str:
    return text("pictures", "expect", part, lang)


def _road(decision: Decision, days: float | None, known: bool, lang: str, sources: Sources) -> Picture:
    """The road with the moments of the pathway; also the next moment, where it is known how far that lies ahead."""
    stops = milestones(lang, says=known and decision.urgency < Urgency.WITHIN_DAYS)  # later would speak against it
    if days is not None:
        ahead = max(0, (decision.review.on - decision.on).days)
        weekday, day, month, _ = long_date(decision.review.on, lang).split()
        name = text("pictures", "road", "next", lang)
        stops += (Stop(days + ahead, name, f"{weekday}\n{day} {month}", own=True),)
    return replace(road(days, stops, lang), mark=sources.mark(()))


def _points(complaint: Complaint, curves: tuple[Curve, ...]) -> list[tuple[Curve, Point]]:
    return [
        (curve, point)
        for source, outcome, day in DRAWN[complaint]
        for curve in curves
        for point in curve.points
        if (curve.source, curve.outcome, point.day) == (source, outcome, day)
    ]


def _people(complaint: Complaint, drawn: list[tuple[Curve, Point]], lang: str, sources: Sources) -> Part:
    pictures = [
        replace(icon_array(curve, point, lang), mark=sources.mark((curve.source,), point.status))
        for curve, point in drawn
    ]
    apart = text("pictures", f"apart_{complaint}", "says", lang)
    return Part(_says("people", lang), (Paragraph(_says("one_each", lang)), *pictures, Paragraph(apart)), "people")


def _figures(curves: tuple[Curve, ...], days: float | None, lang: str, sources: Sources) -> Part:
    plots = [
        replace(picture, mark=_mark_of_all(drawn, sources)) for picture, drawn in recovery_curves(curves, days, lang)
    ]
    says = f"{_says('how_to_read', lang)} {text('recovery', 'curve_between', 'says', lang)}"
    first = Paragraph(says, _mark_of_all(curves, sources))
    blocks: tuple[Block, ...] = (first, *plots, recovery_table(curves, lang))
    return Part(_says("figures", lang), blocks, "figures", folded=True)


def _mark_of_all(curves: Iterable[Curve], sources: Sources) -> Mark:
    """One mark for many figures: as well seen as the least of them."""
    curves = tuple(curves)
    reported = any(point.status is Status.REPORTED for curve in curves for point in curve.points)
    named = tuple(dict.fromkeys(curve.source for curve in curves))
    return sources.mark(named, Status.REPORTED if reported else Status.READ)
