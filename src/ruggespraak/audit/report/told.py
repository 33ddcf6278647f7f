"""Three findings in words, chosen from the figures: what is told first, on a page and on a terminal.

The first is about safety, the second about care that could be left out, the third about what was recorded least. What
each may mean that is good care stands beside it, and what is not known is said. Which three, and that the largest is
told, is own choice (D).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ruggespraak.audit.figures import SMALL
from ruggespraak.audit.hedis import AGES
from ruggespraak.audit.words import word
from ruggespraak.wording import capital, number, percent

Figures = Mapping[str, Any]

SAFETY, ASKED = "alarm_without_action", "alarms_not_asked"
AVOIDABLE = (
    "picture_without_indication", "hernia_scanned_early", "referral_against_pathway", "opioid_chronic_nonspecific",
)  # fmt: skip
OF_RECORDING = (ASKED, "no_dated_review")
"""Measures of which a deviation is that nothing was recorded, and nothing is unknown."""


@dataclass(frozen=True)
class Told:
    """One finding. ``kind``: safety, avoidable or recorded.

    ``measure``: its id, or None where no measure is told; ``says``: sentences, the first with the counts;
    ``points``: where anything deviated, what of it can be good care, and what to talk about.
    """

    kind: str
    measure: str | None
    says: tuple[str, ...]
    points: tuple[str, ...] = ()


def ours(found: Figures) -> list[Figures]:
    """The measures that are held against the pathway, without those of HEDIS."""
    return [one for one in found["measures"] if one["id"] not in AGES]


def three(found: Figures, lang: str) -> tuple[Told, Told, Told]:
    """The findings of these figures (``figures.figures``), the one about safety first."""
    of = {one["id"]: one for one in ours(found)}
    return (
        _safety(of[SAFETY], of[ASKED], lang),
        _avoidable([of[id] for id in AVOIDABLE], lang),
        _recorded(list(of.values()), lang),
    )


def _safety(alarms: Figures, asked: Figures, lang: str) -> Told:
    """What came of the alarms that are known; and how often one may be there that nobody knows of."""
    finding = _finding("safety", alarms, lang)
    if asked["absent"]:
        return replace(finding, says=(*finding.says, *told(asked, lang)))
    if not asked["not_met"]:
        return finding
    counts = {"not_met": number(asked["not_met"], lang), "of": number(asked["of"], lang)}
    also = word("told.unasked", lang).format(**counts)
    return replace(finding, says=(*finding.says, also), points=(*finding.points, _point("talk", asked, lang)))


def _finding(kind: str, measure: Figures, lang: str) -> Told:
    points = tuple(_point(name, measure, lang) for name in ("fine", "talk")) if measure["not_met"] else ()
    return Told(kind, measure["id"], told(measure, lang), points)


def _point(name: str, measure: Figures, lang: str) -> str:
    said = word(f"measure.{measure['id']}.{name}", lang)
    return f"{word(f'told.{name}', lang)}: {said}"


def _avoidable(measures: list[Figures], lang: str) -> Told:
    """The one that deviated most often."""
    most = max(measures, key=lambda one: one["not_met"] or 0)
    if most["not_met"]:
        return _finding("avoidable", most, lang)
    if hidden := [one for one in measures if one["met"] is None]:
        return _finding("avoidable", hidden[0], lang)
    if not any(one["met"] for one in measures):
        return Told("avoidable", None, (word("told.no_avoidable_known", lang),))
    says = [word("told.no_avoidable", lang)]
    if unknown := sum(one["unknown"] for one in measures):
        says.append(word("told.no_avoidable_unknown", lang).format(unknown=number(unknown, lang)))
    return Told("avoidable", None, tuple(says))


def _recorded(measures: list[Figures], lang: str) -> Told:
    """The one of which the largest share is not known, or was not recorded."""
    shares = {one["id"]: _missing(one) for one in measures if one["of"] and one["met"] is not None}
    if not any(shares.values()):
        if silent := [one for one in measures if one["absent"] or one["met"] is None]:
            return _finding("recorded", silent[0], lang)
        return Told("recorded", None, (word("told.all_recorded" if shares else "told.nothing_recorded", lang),))
    least = max((one for one in measures if one["id"] in shares), key=lambda one: shares[one["id"]])
    if least["id"] in OF_RECORDING:
        return _finding("recorded", least, lang)
    needed = word("told.needed", lang).format(title=word(f"measure.{least['id']}.title", lang))
    return Told("recorded", None, (_not_known(least, lang), needed), (word("told.worth", lang),))


def _missing(measure: Figures) -> float:
    return float(measure["not_met" if measure["id"] in OF_RECORDING else "unknown"] / measure["of"])


def told(measure: Figures, lang: str) -> tuple[str, ...]:
    """What there is to say of this measure: how often it deviates, how sure that is, and what is not known."""
    measured = word(f"measure.{measure['id']}.of", lang)
    if measure["absent"]:
        return (word("told.absent", lang).format(table=word(f"table.{measure['absent']}", lang)),)
    if measure["met"] is None:
        return (word("told.hidden", lang).format(number=SMALL, measured=measured),)
    if not measure["of"]:
        return (word("told.nothing", lang).format(measured=measured),)
    if not measure["rate"]:
        return (_not_known(measure, lang),)
    known, deviates = number(measure["met"] + measure["not_met"], lang), number(measure["not_met"], lang)
    counts = word("told.count" if measure["not_met"] else "told.none", lang)
    said = [counts.format(not_met=deviates, known=known, measured=measured)]
    if measure["not_met"]:
        said.append(capital(word(f"measure.{measure['id']}.deviates", lang)) + ".")
    said.append(word("told.share", lang).format(**{end: percent(at, lang) for end, at in measure["rate"].items()}))
    if measure["unknown"]:
        low, high = (percent(end, lang) for end in measure["bounds"])
        unknown = number(measure["unknown"], lang)
        said.append(word("told.unknown", lang).format(unknown=unknown, what=_what(measure, lang)))
        said.append(word("told.bounds", lang).format(low=low, high=high))
    if reasons := measure["not_met_with_reason"]:
        said.append(word("told.reason", lang).format(reason=number(reasons, lang), not_met=deviates))
    return tuple(said)


def _not_known(measure: Figures, lang: str) -> str:
    unknown, of = (number(measure[part], lang) for part in ("unknown", "of"))
    unit = word(f"unit.{measure['unit']}", lang)
    return word("told.not_known", lang).format(unknown=unknown, of=of, unit=unit, what=_what(measure, lang))


def _what(measure: Figures, lang: str) -> str:
    return word(f"measure.{measure['id']}.unknown", lang)
