"""Questions put together: one screen at a time, chosen by what can still change the decision (DESIGN §5).

A screen is one question, or a checklist of related ones. Which findings share a checklist stands in the texts.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cache

from ruggespraak.consult.ask import asking
from ruggespraak.consult.case import Case
from ruggespraak.consult.outcome import outcome
from ruggespraak.consult.ready import ready
from ruggespraak.logic import Value
from ruggespraak.pathway.findings import VOCABULARY
from ruggespraak.pathway.rules import Complaint
from ruggespraak.pathway.texts import table

# These change no urgency, kind of complaint, picture or referral, but the plan needs them.
FOR_THE_PLAN = ("duration_days", "nsaid_contraindication", "opioid_current")
# A question that may spare another one, or a whole checklist, comes before it.
SPARES = {
    "improving": ("course",),
    "relief_sufficient": ("course",),
    "spa": ("duration_days",),
    "age_at_first_onset": ("duration_days",),
    "course": ("recent_spinal_or_urological_procedure",),
    "spinal_procedure_days_ago": ("recent_spinal_or_urological_procedure",),
    "pain_uncontrolled_despite_opioid": ("pain_unbearable", "opioid_current"),
    "bilateral_since_days": ("bilateral_radicular",),
}
# On these "none of these" means that nobody looked, so it answers nothing.
NOT_EXAMINED = ("strength", "blood")


@dataclass(frozen=True, slots=True)
class Screen:
    """One question (``checklist`` is None), or the items of a checklist."""

    items: tuple[str, ...]
    checklist: str | None = None

    @property
    def id(self) -> str:
        return self.checklist or self.items[0]


@cache
def checklist_of(finding: str) -> str | None:
    """The checklist on which this finding stands, if it stands on one."""
    found: str | None = table("findings")[finding].get("screen")
    return found


@cache
def _items(checklist: str) -> tuple[str, ...]:
    return tuple(id for id, entry in table("findings").items() if entry.get("screen") == checklist)


def next_screen(case: Case, shown: Collection[str] = (), examination: bool = False) -> Screen | None:
    """The next screen, or None when no further answer can change the decision.

    ``shown``: findings that were on a screen before; an item that was left alone there is not asked again.
    ``examination``: what only an examination gives, instead of what a person can tell.
    """
    here = ready(case.edition)
    known = here.read(case)
    came = outcome(here, known)
    asked = asking(here, known, came)
    open_ids = [id for id in (asked.examine if examination else asked.ask) if id not in shown]
    if not open_ids and not examination and came.complaint in (Complaint.NONSPECIFIC, Complaint.RADICULAR):
        open_ids = [id for id in FOR_THE_PLAN if id not in known.answers and id not in {*case.unclear, *shown}]
    if not open_ids:
        return None
    first = open_ids[0]
    done = {*known.answers, *case.unclear, *shown}
    while before := [id for id in SPARES.get(checklist_of(first) or first, ()) if id not in done]:
        first = before[0]
    checklist = checklist_of(first)
    if checklist is None:
        return Screen((first,))
    here_too = {first, *open_ids, *(id for id in FOR_THE_PLAN if id not in done)}
    return Screen(tuple(id for id in _items(checklist) if id in here_too), checklist)


def none_of_these(screen: Screen) -> dict[str, Value]:
    """What "none of these" answers: no to each item shown; never a number, and nothing where nobody looked."""
    if screen.checklist in NOT_EXAMINED:
        return {}
    return {id: False for id in screen.items if VOCABULARY[id].kind == "boolean"}


def agrees(case: Case, answers: dict[str, Value]) -> bool:
    """Whether these answers add to the case: none follows from it already, and no new conflict comes of them."""
    here = ready(case.edition)
    known, more = here.read(case), here.read(with_answers(case, answers))
    return not answers.keys() & known.answers.keys() and set(more.conflicts) <= set(known.conflicts)


def with_answers(case: Case, answers: dict[str, Value], unclear: Collection[str] = ()) -> Case:
    """The case with these answers added; a later answer takes the place of an earlier one."""
    kept = {id: value for id, value in case.answers.items() if id not in unclear}
    return replace(case, answers={**kept, **answers}, unclear=(case.unclear - answers.keys()) | frozenset(unclear))
