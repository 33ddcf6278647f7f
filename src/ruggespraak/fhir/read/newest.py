"""Which of several answers counts, and what an older one is still worth.

One day after the other is taken into a course as if it had been told there (``course.answers``): a newer answer
replaces an older one, "I do not know" erases good news only, normal findings of an examination lapse when something new
is reported after it, days go on counting, and a "no" to an alarm is asked again after two weeks. A "yes" stays.

Beyond that, own choices (status D), all of them to the safe side:

- *Two answers of one day*: the most alarming counts. Where neither is that, the finding is not known.
- *No day*, or only a month or a year: good news does not count, and neither do days or an age, for nobody knows from
  when to count. Anything else counts as told today.
- *A number that others measured* is of its day: after two weeks it is measured again, whatever it was. An alarming one
  was seen by who measured it; it is still a reason to ask.
- *What one has for good* (a cancer, diabetes: ``LASTING``), by a code in a record, is not undone by a later "no": they
  count as answers of one day.
- *Patient and care giver on one day*: what the patient says came after the examination, unless the hours show that it
  came before. A weakness of this evening is not refuted by this morning's strength.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from ruggespraak.course.answers import DAYS_THAT_PASS, LASTING, Signs, is_worse, lapsed, moved, signs, taken_in
from ruggespraak.course.episode import Answer, Episode, open_episode, with_answers
from ruggespraak.course.events import Answers
from ruggespraak.fhir.read.heard import Said
from ruggespraak.fhir.read.origin import Found
from ruggespraak.logic import AnswerError, Value
from ruggespraak.pathway.findings import VOCABULARY
from ruggespraak.pathway.numbers import RECHECK_ON

COUNTED_FROM_A_DAY = {*DAYS_THAT_PASS, "age_years"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What counts on the day, and what does not."""

    found: Mapping[str, Found]
    conflicts: tuple[tuple[Found, ...], ...]
    older: tuple[Found, ...]
    stale: tuple[Found, ...]


def settle(said: Sequence[Said], on: date) -> Settled:
    """Everything that was said, as it holds on this day."""
    alarms = signs()
    days, stale = _by_day(said, on, alarms)
    episode = open_episode("", on)
    counted: dict[tuple[str, date], Found] = {}
    doubted: dict[str, Found] = {}
    differing: dict[str, tuple[Found, ...]] = {}
    for day in sorted(days):
        counts = {id: _that_counts(id, given, alarms) for id, given in days[day].items()}
        episode = _after(episode, day, counts)
        counted |= {(id, day): one.found for id, one in counts.items() if one}
        doubted |= {id: one.found for id, one in counts.items() if one and one.found.value is None}
        differing |= {id: _different(given) for id, given in days[day].items()}

    found = {id: doubted[id] for id in episode.unclear}
    used = [*found.values()]
    for answer in episode.answers:
        told = counted[answer.finding, answer.on]
        used.append(told)
        value = None if _measured_long_ago(told, on) else _on(answer, on)
        if value is None:
            stale.append(told)
        else:
            found[answer.finding] = told if value == told.value else replace(told, value=value)
    conflicts = tuple(answers for answers in differing.values() if answers)
    named = {_key(one) for answers in (used, stale, *conflicts) for one in answers}
    return Settled(
        found={id: found[id] for id in VOCABULARY if id in found},
        conflicts=conflicts,
        older=tuple(one.found for one in said if _key(one.found) not in named),
        stale=tuple(stale),
    )


def _by_day(said: Sequence[Said], on: date, alarms: Signs) -> tuple[dict[date, dict[str, list[Said]]], list[Found]]:
    """The answers by day and finding; and those that say nothing, as nobody knows of which day they are."""
    last_said: dict[str, date] = {}
    for one in said:
        id, day = one.found.finding, one.found.origin.on or on
        last_said[id] = max(day, last_said.get(id, day))
    days: dict[date, dict[str, list[Said]]] = {}
    no_day: list[Found] = []
    for one in said:
        id, day = one.found.finding, one.found.origin.on or on
        if one.found.origin.on is None and _needs_a_day(one.found, alarms):
            no_day.append(one.found)
        else:
            days.setdefault(last_said[id] if _for_good(one.found) else day, {}).setdefault(id, []).append(one)
    return days, no_day


def _key(found: Found) -> tuple[str, Value | None, date | None]:
    """What makes two answers one."""
    return found.finding, found.value, found.origin.on


def _needs_a_day(found: Found, alarms: Signs) -> bool:
    """Whether this answer says nothing without the day on which it was given."""
    if found.value is None:
        return False
    return found.finding in COUNTED_FROM_A_DAY or alarms.reassures(found.finding, found.value)


def _for_good(found: Found) -> bool:
    """Whether a record says of something lasting that it is there."""
    return found.finding in LASTING and found.value is True and found.origin.code is not None


# Of one day ----------------------------------------------------------------------------------------------------------


def _that_counts(id: str, given: list[Said], alarms: Signs) -> Said | None:
    """The answer that counts. None: neither of two is the more alarming. Of two that are the same, a care giver's."""
    given = sorted(given, key=lambda one: one.found.origin.by != "clinician")
    unclear = [one for one in given if one.found.value is None]
    worst, value = None, None
    for one in given:
        if one.found.value is not None and (value is None or not _as_bad(id, value, one.found.value, alarms)):
            worst, value = one, one.found.value
    if value is None:
        return unclear[0]
    if not all(_as_bad(id, value, one.found.value, alarms) for one in given if one.found.value is not None):
        return None
    return unclear[0] if unclear and alarms.reassures(id, value) else worst


def _as_bad(id: str, one: Value, other: Value, alarms: Signs) -> bool:
    """Whether the one is at least as alarming as the other."""
    return (
        one == other
        or is_worse(id, one, other)
        or (alarms.reassures(id, other) and not alarms.reassures(id, one))  # good news
    )


def _different(given: list[Said]) -> tuple[Found, ...]:
    """The answers that differ, one of each; none where all agree."""
    one_of_each = tuple({one.found.value: one.found for one in given}.values())
    return one_of_each if len(one_of_each) > 1 else ()


def _after(episode: Episode, day: date, counts: Mapping[str, Said | None]) -> Episode:
    """The course after this day. Of what nobody can tell, nothing is known any more."""
    for event in _events(day, [one for one in counts.values() if one]):
        taken = taken_in(episode, event)
        episode = with_answers(episode, taken.answers, taken.unclear)
    open_again = {id for id, one in counts.items() if one is None}
    known = {one.finding: one for one in episode.answers if one.finding not in open_again}
    return with_answers(episode, known, episode.unclear - open_again)


def _events(day: date, said: list[Said]) -> Iterator[Answers]:
    """The day as one examination and one report, in the order in which they came."""
    examined = [one for one in said if one.found.origin.by == "clinician"]
    told = [one for one in said if one.found.origin.by != "clinician"]
    for part in (told, examined) if _before(told, examined) else (examined, told):
        if part:
            yield Answers(
                on=day,
                answers={one.found.finding: one.found.value for one in part},
                unclear=frozenset(one.found.finding for one in part if one.found.value is None),
                answered_by="clinician" if part is examined else "patient",
            )


def _before(told: list[Said], examined: list[Said]) -> bool:
    """Whether all that was told is known to have been told before the examination."""
    first, last = [one.at for one in examined if one.at], [one.at for one in told if one.at]
    all_known = len(first) == len(examined) and len(last) == len(told)
    return bool(first and last) and all_known and max(last) <= min(first)


# On a later day ------------------------------------------------------------------------------------------------------


def _measured_long_ago(told: Found, on: date) -> bool:
    """Whether this is a number out of somebody else's record that must be measured again."""
    measured = VOCABULARY[told.finding].kind == "number" and told.finding not in COUNTED_FROM_A_DAY
    day = told.origin.on
    return measured and told.origin.code is not None and day is not None and (on - day).days >= RECHECK_ON


def _on(answer: Answer, on: date) -> Value | None:
    """The answer as it holds on this day; None for one that must be asked again."""
    value = None if lapsed(answer, on, signs()) else moved(answer, on)
    try:
        return None if value is None else VOCABULARY[answer.finding].accept(value)
    except AnswerError:
        return None
