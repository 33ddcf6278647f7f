"""Questionnaires about backs, scored: what was answered goes in, and the total and what it means come out.

Scoring is free for everybody; the words of a questionnaire often are not. So no questionnaire's own sentences stand
here (evidence §8): whoever may use them brings the answers. No total is made up: an item without an answer is an error
that names the item, for an item that was not asked is no "no".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean

from ruggespraak.pathway.rules import Parameter, Status

START_BACK_LOW_TO = Parameter("start_back_low_to", 3, "positive items", ("START",), Status.READ)
START_BACK_HIGH_FROM = Parameter("start_back_high_from", 4, "positive items of 5", ("START",), Status.READ)
OREBRO_AT_RISK_FROM = Parameter("orebro_at_risk_from", 50, "points of 100", ("LINT",), Status.READ)
ACTIVITY_CHANGE = Parameter("activity_change", 2, "0-10", ("PSFS",), Status.READ)
ONE_ACTIVITY_CHANGE = Parameter("one_activity_change", 3, "0-10", ("PSFS",), Status.READ)
ACTIVITIES_AT_MOST = Parameter("activities_at_most", 5, "activities", ("PSFS",), Status.READ)
PSK_ACTIVITIES = Parameter("psk_activities", 3, "activities", ("PSK",), Status.READ)
TOP = 10  # of a scale from 0 to 10


class MissingItemError(ValueError):
    """An item without an answer: there is no total."""

    def __init__(self, instrument: str, item: str) -> None:
        super().__init__(f"{instrument}: {item} has no answer, so there is no total; ask it, or leave the total out")
        self.item = item


# -- STarT Back -------------------------------------------------------------------------------------------------------


class Risk(StrEnum):
    """How likely it is that back pain goes on to limit somebody."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class StartBack:
    """``total``: positive items of 9; ``psychological``: positive items of the last five (5-9)."""

    total: int
    psychological: int
    risk: Risk


def start_back(positive: Sequence[bool | None]) -> StartBack:
    """STarT Back (Hill 2008): nine items in the order of the form, each positive or not; higher is worse.

    Items 1-8 are positive with "agree"; item 9 (how bothersome) with its two highest answers of five. Total 0-9: to 3
    is low; above, 3 or fewer of items 5-9 is medium, and 4 or 5 is high [START, V].

    Licence: © Keele University. Non-commercial use needs none, a commercial product must ask [KEELE-A, KEELE-P, V]:
    the items may not stand in open software. Nobody at Keele has endorsed this.

    Raises ValueError for another number of items, and MissingItemError.
    """
    items = _ticked("STarT Back", positive, 9)
    total, psychological = sum(items), sum(items[4:])
    if total <= START_BACK_LOW_TO:
        return StartBack(total, psychological, Risk.LOW)
    return StartBack(total, psychological, Risk.HIGH if psychological >= START_BACK_HIGH_FROM else Risk.MEDIUM)


# -- Örebro, short form -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Orebro:
    """``total``: 0-100, higher is worse."""

    total: float
    at_risk: bool


def orebro_short(oriented: Sequence[float | None]) -> Orebro:
    """Örebro Musculoskeletal Pain Screening Questionnaire, short form: ten items of 0-10; higher is worse.

    **Every item must already be turned so that 10 is worst.** Two are asked the other way round, and which two differs
    by version; that we know from memory only (M), so whoever holds the form turns them (10 less the answer).

    At the cut-off of 50 it found 85% (in occupational care) and 83% (in primary care) of the people who were limited
    later [LINT, V]. Whether 50 itself counts is not in what we read: here it does (own choice, the careful side).

    Licence: that its makers leave it free is from memory (M), so the items are not here.

    Raises ValueError for another number of items or a score outside 0-10, and MissingItemError.
    """
    name = "Örebro, short form"
    total = sum(_scored(name, _numbered(name, oriented, 10)))
    return Orebro(total, total >= OREBRO_AT_RISK_FROM)


# -- Roland-Morris ----------------------------------------------------------------------------------------------------


def roland_morris(ticked: Sequence[bool | None]) -> int:
    """Roland-Morris Disability Questionnaire (1983): how many of 24 sentences hold today; 0-24, higher is worse.

    On paper what is not ticked does not hold [RMDQ, V]; here that is False, and None is a sentence that was not shown.
    No cut-off and no change that counts is in our evidence, so none is given.

    Licence: the English form needs no permission [RF00, V]; whose the Dutch one is was not checked. Neither is here.

    Raises ValueError for another number of items, and MissingItemError.
    """
    return sum(_ticked("Roland-Morris", ticked, 24))


# -- own activities ---------------------------------------------------------------------------------------------------


class Change(StrEnum):
    """How somebody's own activities are, beside before."""

    BETTER = "better"
    NOT_SURE = "not_sure"  # no more than two answers on one day can differ by
    WORSE = "worse"


def own_activities(scores: Mapping[str, float | None]) -> float:
    """The mean of one to five activities that somebody chose: 0 cannot, 10 as before; **higher is better**.

    ``scores``: activity -> score. It asks what the Patient-Specific Functional Scale asks [PSFS, V], in our own
    words: that form is Stratford's (1995), and not copied. This mean is the finding ``activity_score``.

    Raises ValueError for no activity or more than five and for a score outside 0-10, and MissingItemError.
    """
    if not 1 <= len(scores) <= ACTIVITIES_AT_MOST:
        raise ValueError(f"own activities: {len(scores)} were given; choose one to {ACTIVITIES_AT_MOST:g}")
    return fmean(_scored("own activities", scores))


def activities_changed(before: Mapping[str, float | None], now: Mapping[str, float | None]) -> Change:
    """Whether the same activities go better or worse by more than chance: 2 points for a mean, 3 for one alone.

    Those are smallest changes that can be told from chance with 90% certainty (MDC90) [PSFS, V]. Raises as
    ``own_activities`` does, and ValueError when the two times are not about the same activities.
    """
    if strangers := set(before) ^ set(now):
        raise ValueError(f"own activities: {', '.join(sorted(strangers))} was not scored both times; compare the same")
    change = own_activities(now) - own_activities(before)
    enough = ONE_ACTIVITY_CHANGE if len(now) == 1 else ACTIVITY_CHANGE
    if abs(change) < enough:
        return Change.NOT_SURE
    return Change.BETTER if change > 0 else Change.WORSE


def from_hindrance(hindrance: Mapping[str, float | None]) -> dict[str, float]:
    """Scores of the Dutch PSK turned into scores of own activities, by name: 10 less the hindrance.

    The PSK asks how much *hindrance* three activities give, so **higher is worse**: the other way round [PSK, V;
    Beurskens 1996]. What is turned can be compared with what is turned; that no hindrance equals "as before" is an own
    choice, so do not compare a turned score with an asked one.

    Raises ValueError for another number of activities or a score outside 0-10, and MissingItemError.
    """
    if len(hindrance) != int(PSK_ACTIVITIES):
        raise ValueError(f"PSK: {len(hindrance)} activities were given; it has {PSK_ACTIVITIES:g}")
    return dict(zip(hindrance, (TOP - score for score in _scored("PSK", hindrance)), strict=True))


# -- items ------------------------------------------------------------------------------------------------------------


def _ticked(instrument: str, items: Sequence[bool | None], many: int) -> list[bool]:
    found = []
    for name, item in _numbered(instrument, items, many).items():
        if item is None:
            raise MissingItemError(instrument, name)
        if not isinstance(item, bool):
            raise ValueError(f"{instrument}: {name} is {item!r}; give True or False")
        found.append(item)
    return found


def _numbered(instrument: str, items: Sequence[float | None], many: int) -> dict[str, float | None]:
    if len(items) != many:
        raise ValueError(f"{instrument}: {len(items)} items were given; it has {many}")
    return {f"item {place}": item for place, item in enumerate(items, start=1)}


def _scored(instrument: str, items: Mapping[str, float | None]) -> list[float]:
    found = []
    for name, score in items.items():
        if score is None:
            raise MissingItemError(instrument, name)
        if not 0 <= score <= TOP:
            raise ValueError(f"{instrument}: {name} is {score:g}; it goes from 0 to {TOP}")
        found.append(score)
    return found
