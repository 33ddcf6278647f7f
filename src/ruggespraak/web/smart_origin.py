"""What another system's answers come from, in words at each question; and what of them a care giver must look at.

What disagrees, what was replaced, what is too old and what is only a reason to ask is never silently left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ruggespraak.course import Answer
from ruggespraak.fhir.read import Found, Hint, Origin, Reading
from ruggespraak.logic import Value
from ruggespraak.pathway.findings import VOCABULARY
from ruggespraak.pathway.texts import term, told
from ruggespraak.web.practice_patient import BY, listed, short
from ruggespraak.web.smart_filled import SideBySide
from ruggespraak.web.smart_read import PART, SCOPE

KINDS = {
    "Patient": gettext_lazy("personal details"),
    "Observation": gettext_lazy("measurements and findings"),
    "Condition": gettext_lazy("problems"),
    "QuestionnaireResponse": gettext_lazy("questionnaires"),
    "Procedure": gettext_lazy("procedures"),
    "MedicationStatement": gettext_lazy("use of medicines"),
    "MedicationRequest": gettext_lazy("medicines"),
    "ServiceRequest": gettext_lazy("orders and referrals"),
}
"""What another system keeps, as a care giver calls it."""

WHY = {
    SCOPE: gettext_lazy("not allowed by the other system"),
    PART: gettext_lazy("read in part only"),
    "timeout": gettext_lazy("no answer in time"),
    "refused": gettext_lazy("refused by the other system"),
}
CANNOT = gettext_lazy("cannot be read")
"""Why a kind was not read; of what else can be wrong no care giver needs the difference."""

CERTAINTY = {
    "seen": gettext_lazy("code seen in a public source"),
    "believed": gettext_lazy("code believed to be right"),
    "unsure": gettext_lazy("code not certain"),
}


def said_there(reading: Reading) -> set[str]:
    """The findings of which anything is said."""
    return {one.finding for one in _everything(reading)}


def used(reading: Reading) -> set[str]:
    """The resources that say anything."""
    return {one.origin.resource for one in _everything(reading)}


def _everything(reading: Reading) -> Iterable[Found | Hint]:
    yield from reading.found.values()
    for some in reading.conflicts:
        yield from some
    yield from reading.older
    yield from reading.stale
    yield from reading.hints


def origins(beside: SideBySide, lang: str) -> dict[str, list[str]]:
    """For each finding what is said of it there: what is filled in, and what is not; and what our record says."""
    lines: dict[str, list[str]] = defaultdict(list)
    reading, waiting = beside.reading, beside.waiting
    disagree = {one.finding for some in reading.conflicts for one in some}
    for id, one in reading.found.items():
        if id not in disagree | waiting:
            lines[id].append(_("From the other system: %(where)s.") % {"where": _where(one.origin)})
    for title, found in (
        (_("These disagree"), [one for some in reading.conflicts for one in some]),
        (_("Not filled in, ask again"), [one for id, one in reading.found.items() if id in waiting - disagree]),
        (_("Before that"), reading.older),
        (_("Too old, ask again"), reading.stale),
    ):
        for said in found:
            lines[said.finding].append(f"{title}: {_value(said, lang)} ({_where(said.origin)}).")
    for hint in reading.hints:
        lines[hint.finding].append(_("A reason to ask: %(where)s.") % {"where": _where(hint.origin)})
    for id in lines.keys() & beside.record.keys():
        mine = beside.record[id]
        ours: dict[str, Any] = {"value": _value(mine, lang), "by": BY[mine.by], "day": short(mine.on)}
        lines[id].append(_("In your record: %(value)s (%(by)s, %(day)s).") % ours)
    return dict(lines)


def _value(said: Found | Answer, lang: str) -> str:
    value: Value | None = said.value
    if value is None:
        return _("not known")
    if value is True:
        return _("yes")
    return told(VOCABULARY[said.finding], value, lang, "clinician").partition(": ")[2]


def _where(origin: Origin) -> str:
    """Which resource, of which day, by whom, and how certain its code is."""
    kind = origin.resource.partition("/")[0]
    parts = [
        str(KINDS.get(kind, kind)),
        short(origin.on) if origin.on else _("of an unknown day"),
        str(BY[origin.by]) if origin.by else _("by whom is not said"),
    ]
    if origin.code:
        parts.append(f"{origin.code.system} {origin.code.code}, {CERTAINTY[origin.code.certainty]}")
    return ", ".join(parts)


def notices(beside: SideBySide, lang: str) -> list[tuple[str, str]]:
    """What to look at, each with its findings on one line."""
    reading = beside.reading
    noticed: list[tuple[str, Collection[str]]] = [
        (_("Not as in your record"), beside.differing),
        (_("Answers that disagree"), {one.finding for some in reading.conflicts for one in some}),
        (_("Told before, ask again"), beside.waiting),
        (_("Too old to count"), {one.finding for one in reading.stale}),
        (_("A reason to ask"), {one.finding for one in reading.hints}),
    ]
    return [(title, listed(term(id, lang) for id in VOCABULARY if id in ids)) for title, ids in noticed if ids]


def missing_lines(missing: Iterable[tuple[str, str]]) -> list[str]:
    """What was not read, and why."""
    return [f"{KINDS[kind]}: {WHY.get(why, CANNOT)}" for kind, why in missing]


def passed_lines(reading: Reading) -> list[str]:
    """What was there and is not used, as it is said to who keeps that system."""
    return [str(one) for one in reading.passed]
