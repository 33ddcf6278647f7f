"""Which of several answers counts, and what an older one is still worth.

One day after the other is taken into a course as if it had been told there (``course.answers``): a newer answer
replaces an older one, a patient does not take back an alarm that is open, "I do not know" erases good news only, normal
findings of an examination lapse when something new is reported after it, and days go on counting. A "yes" stays.

Beyond that, own choices (status D). A record has no episodes: nobody knows whether what was told years ago is about
this pain. All are to the safe side, but the two that say why not:

- *Two answers of one day*: the most alarming counts. Where neither is that, the finding is not known.
- *No day*, or only a month or a year: good news does not count, and neither do days or an age, for nobody knows from
  when to count. Anything else counts as told today.
- *A reason to ask* that came after good news (a problem on the list, an answer that cannot be read) opens it again.
- *Every "no"*, and everything else that sets an alarm aside, an examination too, is asked again after two weeks.
- *Days told longer ago* bring an alarm and set none aside. How long ago a trauma was, told before it, is of another.
- *What was told over twelve weeks ago* gives way to whoever answers, an alarm too: else it would stand for ever, as
  nobody writes in a record that it was looked at.
- *A number that others measured* is of its day: after two weeks it is measured again, whatever it was. An alarming one
  was seen by who measured it; it is still a reason to ask.
- *What one has for good* (a cancer, diabetes: ``LASTING``) and what was done on a day, by a code in a record, is not
  undone by a later answer: they count as answers of one day.
- *Patient and care giver on one day*: what the patient says came after the examination, unless the hours show that it
  came before. A weakness of this evening is not refuted by this morning's strength.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from ruggespraak.consult import Case
from ruggespraak.consult.outcome import fast
from ruggespraak.course.answers import DAYS_THAT_PASS, LASTING, SAME_FACT, moved, signs, taken_in
from ruggespraak.course.episode import Answer, Episode, open_episode, with_answers
from ruggespraak.course.events import Answers
from ruggespraak.course.steps import case_on
from ruggespraak.fhir.read.heard import Said
from ruggespraak.fhir.read.origin import Found, Hint
from ruggespraak.fhir.read.weigh import as_bad
from ruggespraak.logic import AnswerError, Value
from ruggespraak.pathway.findings import CLINICIAN, VOCABULARY
from ruggespraak.pathway.numbers import CHRONIC_FROM, RECHECK_ON
from ruggespraak.pathway.rules import Urgency

COUNTED_FROM_A_DAY = {*DAYS_THAT_PASS, "age_years"}
SINCE_WHEN = ("duration_days", "onset_date", "bilateral_since_days", "spinal_procedure_days_ago")
"""What can set an alarm aside by being long ago, and can bring one too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What counts on the day, and what does not."""

    found: Mapping[str, Found]
    conflicts: tuple[tuple[Found, ...], ...]
    older: tuple[Found, ...]
    stale: tuple[Found, ...]


def settle(said: Sequence[Said], hints: Sequence[Hint], on: date) -> Settled:
    """Everything that was said, as it holds on this day. ``hints``: the reasons to ask that were found beside it."""
    days, stale = _by_day(said, on)
    episode = open_episode("", on)
    counted: dict[tuple[str, date], Found] = {}
    doubted: dict[str, Found] = {}
    differing: dict[str, tuple[Found, ...]] = {}
    for day in sorted(days):
        counts = {id: _that_counts(id, given) for id, given in days[day].items()}
        episode = _after(episode, day, counts)
        counted |= {(id, day): one.found for id, one in counts.items() if one}
        doubted |= {id: one.found for id, one in counts.items() if one and one.found.value is None}
        differing |= {id: _different(given) for id, given in days[day].items()}

    told = {answer.finding: counted[answer.finding, answer.on] for answer in episode.answers}
    asked = _asked_again(hints, told, on)
    value = {id: it for id, it in _on(episode, told, on).items() if id not in asked}
    found = {id: doubted[id] for id in episode.unclear}
    found |= {id: told[id] if it == told[id].value else replace(told[id], value=it) for id, it in value.items()}
    stale += [one for id, one in told.items() if id not in value]
    conflicts = tuple(answers for answers in differing.values() if answers)
    given = (one.found for day in days.values() for answers in day.values() for one in answers)
    named = {_key(one) for answers in (found.values(), told.values(), stale, *conflicts) for one in answers}
    return Settled(
        found={id: found[id] for id in VOCABULARY if id in found},
        conflicts=conflicts,
        older=tuple(one for one in given if _key(one) not in named),
        stale=tuple(stale),
    )


def _by_day(said: Sequence[Said], on: date) -> tuple[dict[date, dict[str, list[Said]]], list[Found]]:
    """The answers by day and finding; and those that say nothing, as nobody knows of which day they are."""
    last_said: dict[str, date] = {}
    for one in said:
        id, day = one.found.finding, one.found.origin.on or on
        last_said[id] = max(day, last_said.get(id, day))
    days: dict[date, dict[str, list[Said]]] = {}
    no_day: list[Found] = []
    for one in said:
        id, day = one.found.finding, one.found.origin.on or on
        if one.found.origin.on is None and _needs_a_day(one.found):
            no_day.append(one.found)
        else:
            if _for_good(one.found):
                one, day = _on_a_later_day(one, day, last_said[id]), last_said[id]
            days.setdefault(day, {}).setdefault(id, []).append(one)
    return days, no_day


def _key(found: Found) -> tuple[str, Value | None, date | None]:
    """What makes two answers one."""
    return found.finding, found.value, found.origin.on


def _needs_a_day(found: Found) -> bool:
    """Whether this answer says nothing without the day on which it was given."""
    counts_days = found.finding in COUNTED_FROM_A_DAY and found.value is not None
    return counts_days or _good_news(found.finding, found.value)


def _good_news(id: str, value: Value | None) -> bool:
    """Whether this is a "no", or sets an alarm aside in another way."""
    if value is None:
        return False
    return signs().reassures(id, value) or (value is False and VOCABULARY[id].worse != "absent")


def _for_good(found: Found) -> bool:
    """Whether a record says of something lasting that it is there, or when something was done."""
    if found.origin.code is None:
        return False
    return (found.finding in LASTING and found.value is True) or found.finding == "spinal_procedure_days_ago"


def _on_a_later_day(one: Said, day: date, later: date) -> Said:
    value = moved(Answer(one.found.finding, one.found.value, day, ""), later)  # type: ignore[arg-type]  # no None here
    return replace(one, found=replace(one.found, value=value))


def _asked_again(hints: Sequence[Hint], told: Mapping[str, Found], on: date) -> set[str]:
    """The good news that a reason to ask came after. An answer that cannot be read came after those of its day."""
    found = set()
    for hint in hints:
        id, unreadable = hint.finding, hint.origin.code is None
        day, last = hint.origin.on or (on if unreadable else date.min), told[id].origin.on if id in told else None
        if last and (day > last or (day == last and unreadable)) and _good_news(id, told[id].value):
            found.add(id)
    return found


# Of one day ----------------------------------------------------------------------------------------------------------


def _that_counts(id: str, given: list[Said]) -> Said | None:
    """The answer that counts. None: neither of two is the more alarming. Of two that are the same, a care giver's."""
    given = sorted(given, key=lambda one: one.found.origin.by != "clinician")
    unclear = [one for one in given if one.found.value is None]
    worst, value = None, None
    for one in given:
        if one.found.value is not None and (value is None or not as_bad(id, value, one.found.value)):
            worst, value = one, one.found.value
    if value is None:
        return unclear[0]
    if not all(as_bad(id, value, one.found.value) for one in given if one.found.value is not None):
        return None
    return unclear[0] if unclear and signs().reassures(id, value) else worst


def _different(given: list[Said]) -> tuple[Found, ...]:
    """The answers that differ, one of each; none where all agree."""
    one_of_each = tuple({one.found.value: one.found for one in given}.values())
    return one_of_each if len(one_of_each) > 1 else ()


def _after(episode: Episode, day: date, counts: Mapping[str, Said | None]) -> Episode:
    """The course after this day. Of what nobody can tell, nothing is known any more."""
    for event in _events(day, [one for one in counts.values() if one]):
        episode = _told(episode, event)
    open_again = {id for id, one in counts.items() if one is None}
    known = {one.finding: one for one in episode.answers if one.finding not in open_again}
    return with_answers(episode, known, episode.unclear - open_again)


def _events(day: date, said: list[Said]) -> Iterator[Answers]:
    """The day as one examination and one report, in the order in which they came."""
    reported = {one.found.finding for one in said if not _examined(one.found)}
    reported |= {SAME_FACT[id] for id in reported if id in SAME_FACT}  # both count, where both were told
    examined = [one for one in said if one.found.finding not in reported]
    told = [one for one in said if one.found.finding in reported]
    for part in (told, examined) if _before(told, examined) else (examined, told):
        if part:
            yield Answers(
                on=day,
                answers={one.found.finding: one.found.value for one in part},
                unclear=frozenset(one.found.finding for one in part if one.found.value is None),
                answered_by="clinician" if part is examined else "patient",
            )


def _examined(found: Found) -> bool:
    """Whether a care giver says so. A laboratory seldom names itself."""
    measured = found.origin.code is not None and VOCABULARY[found.finding].who == CLINICIAN
    return found.origin.by == "clinician" or (measured and not found.origin.by)


def _before(told: list[Said], examined: list[Said]) -> bool:
    """Whether all that was told is known to have been told before the examination."""
    first, last = [one.at for one in examined if one.at], [one.at for one in told if one.at]
    all_known = len(first) == len(examined) and len(last) == len(told)
    return bool(first and last) and all_known and max(last) <= min(first)


def _told(episode: Episode, event: Answers) -> Episode:
    """The course after this event, with how soon somebody must look: what a patient says takes no open alarm back."""
    outdated = {one.finding for one in episode.answers if (event.on - one.on).days > CHRONIC_FROM} & {*event.told}
    known = {one.finding: one for one in episode.answers if one.finding not in outdated}
    episode = with_answers(episode, known, episode.unclear)
    taken = taken_in(episode, event)
    after = with_answers(replace(episode, answered_by=event.answered_by), taken.answers, taken.unclear)
    concern = _urgency(case_on(after, event.on))
    if event.answered_by != "clinician" and episode.alarm_open:
        time_alone = _urgency(case_on(episode, event.on, renew=False)) < episode.concern
        concern = max(concern, episode.concern) if time_alone else concern
    return replace(after, concern=concern)


def _urgency(case: Case) -> Urgency:
    return Urgency(fast(case)[0])


# On a later day ------------------------------------------------------------------------------------------------------


def _on(episode: Episode, told: Mapping[str, Found], on: date) -> dict[str, Value]:
    """The answers as they hold on this day, without those that must be asked again."""
    found = {answer.finding: value for answer in episode.answers if (value := _value_on(answer, on)) is not None}
    long_ago = {answer.finding for answer in episode.answers if (on - answer.on).days >= RECHECK_ON}
    for id in long_ago & found.keys():
        if _good_news(id, found[id]) or _measured(told[id]):
            del found[id]
    when = {answer.finding: answer.on for answer in episode.answers}
    if found.get("significant_trauma") is True and when["significant_trauma"] > when.get("trauma_days_ago", on):
        found.pop("trauma_days_ago", None)
    for id in SINCE_WHEN:
        if id in long_ago & found.keys() and _sets_aside(id, found, episode, on):
            del found[id]
    return found


def _value_on(answer: Answer, on: date) -> Value | None:
    value = moved(answer, on)
    try:
        return None if value is None else VOCABULARY[answer.finding].accept(value)
    except AnswerError:
        return None


def _measured(told: Found) -> bool:
    """Whether this is a number out of somebody else's record that must be measured again."""
    is_number = VOCABULARY[told.finding].kind == "number" and told.finding not in COUNTED_FROM_A_DAY
    return is_number and told.origin.code is not None


def _sets_aside(id: str, answers: Mapping[str, Value], episode: Episode, on: date) -> bool:
    """Whether it would be more urgent, or could become so, if this were not known."""
    known = Case(on=on, answers=answers, unclear=episode.unclear)
    without = replace(known, answers={other: value for other, value in answers.items() if other != id})
    (now, _, told, examined, *_), (open, _, told_open, examined_open, *_) = fast(known), fast(without)
    return open > now or told_open > told or examined_open > examined
