"""What an answer of one day is worth on another day, and what a new answer does to an old one.

Unknown never erases a known answer, and what was alarming stays until somebody has looked. The choices here are this
project's own (status D); PATHWAY §1 and §7 say what they must protect.

- *Time passes.* Days since something began or happened are moved forward; an age by whole years; dates stand. One
  exception is not grown into: pain in both legs for over 90 days sets an alarm aside (R1b), so below 90 days it lapses
  instead of passing that line unasked.
- *A no grows old.* PATHWAY §7 checks the alarms again around day 14: from then on an earlier "no" to a sign that an
  alarm rests on is unknown again. A "yes" stays.
- *Unclear* leaves an alarming answer as it is, and makes a reassuring one unknown.
- *A milder answer* of patient or proxy replaces an alarming one only when no alarm is open: less pain is no reason to
  forget a numb saddle. A clinician's answer always counts.
- *An examination* says nothing about what is reported after it: its normal findings lapse when something gets worse.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache

from ruggespraak.course.episode import ALARM_FROM, Answer, Episode
from ruggespraak.course.events import Answers
from ruggespraak.logic import Compare, Value
from ruggespraak.pathway.editions import EDITIONS, edition
from ruggespraak.pathway.findings import CLINICIAN, VOCABULARY
from ruggespraak.pathway.numbers import BILATERAL_LONG, RECHECK_ON

DAYS_THAT_PASS = (
    "duration_days",
    "trauma_days_ago",
    "spinal_procedure_days_ago",
    "bilateral_since_days",
    "sick_listed_days",
    "opioid_days",
)
DAYS_IN_A_YEAR = 365.25
# Two ways to tell the same: the newest of the two counts, not both.
SAME_FACT = {
    "onset_date": "duration_days",
    "duration_days": "onset_date",
    "sick_leave_start": "sick_listed_days",
    "sick_listed_days": "sick_leave_start",
}
# Once true, true for good: these outlive an episode when they are present. What was absent is asked again.
LASTING = frozenset(
    {
        "age_at_first_onset",
        "bechterew_known",
        "cancer_history",
        "diabetes",
        "family_spa",
        "hla_b27",
        "ibd",
        "immunosuppressed",
        "known_aaa",
        "osteoporosis_known",
        "previous_spine_surgery",
        "psoriasis",
        "tb_or_brucella_exposure",
        "uveitis",
    }
)
WHO_ONE_IS = frozenset({"age_years", "sex_at_birth"})
# "It was like that before" reassures when it is present.
SETS_ASIDE = frozenset(id for id in VOCABULARY if id.endswith("_before_episode")) | {
    "cancer_pain_unchanged",
    "night_pain_relief_on_rising",
}


@dataclass(frozen=True, slots=True)
class Signs:
    """What alarms rest on: findings, and for numbers the limits beyond which they alarm."""

    findings: frozenset[str]
    limits: frozenset[Compare]

    def alarming(self, id: str, value: Value) -> bool:
        """Whether this answer is one that an alarm can rest on."""
        if id not in self.findings:
            return False
        finding = VOCABULARY[id]
        match finding.worse:
            case "present":
                return value is True
            case "absent":
                return value is False
            case "higher" | "lower":
                side = (">", ">=") if finding.worse == "higher" else ("<", "<=")
                mine = [limit for limit in self.limits if limit.finding.id == id and limit.operator in side]
                return any(limit.value({id: value}) is True for limit in mine)
        return finding.worse != "" and value == finding.worse

    def reassures(self, id: str, value: Value) -> bool:
        """Whether this answer is the good news about something that an alarm can rest on."""
        if id in SETS_ASIDE:
            return value is True
        return id in self.findings and VOCABULARY[id].worse != "" and not self.alarming(id, value)


@cache
def signs() -> Signs:
    """What an alarm of any edition rests on, also by way of what follows from an answer.

    Of any edition: what alarmed under one is not forgotten under another. Alarms that may wait for weeks are left out.
    """
    editions = [edition(id) for id in EDITIONS]
    conditions = [alarm.when for one in editions for alarm in one.alarms if alarm.urgency >= ALARM_FROM]
    used = {finding.id for condition in conditions for finding in condition.findings()}
    conditions += [rule.when for one in editions for rule in one.derivations if rule.finding in used]
    used |= {finding.id for condition in conditions for finding in condition.findings()}
    limits = {node for condition in conditions for node in condition.walk() if isinstance(node, Compare)}
    return Signs(frozenset(used), frozenset(limits))


def is_worse(id: str, new: Value, old: Value) -> bool:
    """Whether the new answer is more alarming than the old one, in the finding's declared direction."""
    match VOCABULARY[id].worse:
        case "present":
            return new is True and old is False
        case "absent":
            return new is False and old is True
        case "higher":
            return new > old  # type: ignore[operator]
        case "lower":
            return new < old  # type: ignore[operator]
        case worst:
            return worst != "" and new == worst and old != worst


# -- read on a later day ------------------------------------------------------------------------------------------


def moved(answer: Answer, on: date) -> Value | None:
    """The answer as it holds on a later day, at most what can be answered; None when it cannot be carried there."""
    value, days = answer.value, (on - answer.on).days
    if answer.finding == "age_years":
        passed = int(days // DAYS_IN_A_YEAR)
    elif answer.finding in DAYS_THAT_PASS:
        passed = days
    else:
        return value
    if answer.finding == "bilateral_since_days" and value <= BILATERAL_LONG < value + passed:  # type: ignore[operator]
        return None
    return min(value + passed, VOCABULARY[answer.finding].maximum)  # type: ignore[operator, type-var]


def lapsed(answer: Answer, on: date, alarms: Signs) -> bool:
    """Whether this is a "no" to an alarm that must be asked again (PATHWAY §7).

    An examination is not: what it did not find is asked again when something gets worse, not because time passed.
    """
    finding = VOCABULARY[answer.finding]
    if finding.who == CLINICIAN or finding.worse == "" or finding.id in LASTING:
        return False
    return (on - answer.on).days >= RECHECK_ON and alarms.reassures(finding.id, answer.value)


def known_on(episode: Episode, on: date, *, renew: bool = True) -> dict[str, Value]:
    """What is known on this day. ``renew=False`` keeps an old "no" to an alarm: for the same answers read again."""
    alarms = signs()
    found = {a.finding: moved(a, on) for a in episode.answers if not (renew and lapsed(a, on, alarms))}
    return {finding: value for finding, value in found.items() if value is not None}


# -- taken in -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Taken:
    """The newest answers after an event, and whether something in them is new and alarming."""

    answers: dict[str, Answer]
    unclear: frozenset[str]
    worse: bool


def taken_in(episode: Episode, event: Answers) -> Taken:
    """What is known after these answers; the top of this file says what replaces what."""
    alarms, by_clinician = signs(), event.answered_by == "clinician"
    known = {answer.finding: answer for answer in episode.answers}
    told = event.told
    if episode.alarm_open and not by_clinician:
        told = {id: value for id, value in told.items() if not _takes_back(id, value, known, alarms)}
    doubted = {id for id in event.unclear - set(event.told) if _opens(id, known, alarms)}
    worse = any(_is_news(id, value, known, alarms) for id, value in told.items()) or bool(
        (doubted & alarms.findings) - episode.unclear
    )
    kept = _without(known, doubted | {SAME_FACT[id] for id in told if id in SAME_FACT})
    if worse:
        today = event.on if by_clinician else None  # one clinician's findings of one day are one examination
        kept = {id: answer for id, answer in kept.items() if answer.on == today or not _found_nothing(answer, alarms)}
    found = kept | {id: Answer(id, value, event.on, event.answered_by) for id, value in told.items()}
    return Taken(found, (episode.unclear | doubted) - set(told), worse)


def _takes_back(id: str, value: Value, known: dict[str, Answer], alarms: Signs) -> bool:
    return id in known and alarms.alarming(id, known[id].value) and is_worse(id, known[id].value, value)


def _opens(id: str, known: dict[str, Answer], alarms: Signs) -> bool:
    """Whether "I do not know" makes this unknown: it was not known, or the known answer was the reassuring one."""
    return id not in known or alarms.reassures(id, known[id].value)


def _is_news(id: str, value: Value, known: dict[str, Answer], alarms: Signs) -> bool:
    return alarms.alarming(id, value) and (id not in known or is_worse(id, value, known[id].value))


def _found_nothing(answer: Answer, alarms: Signs) -> bool:
    """A normal finding of an examination."""
    return VOCABULARY[answer.finding].who == CLINICIAN and alarms.reassures(answer.finding, answer.value)


def _without(known: dict[str, Answer], dropped: Iterable[str]) -> dict[str, Answer]:
    gone = set(dropped)
    return {id: answer for id, answer in known.items() if id not in gone}


# -- a new episode ------------------------------------------------------------------------------------------------


def after_relapse(episode: Episode, on: date) -> dict[str, Answer]:
    """What a new episode starts with: who one is and what lasts. Every complaint, and every alarm, is asked anew."""
    kept = {
        answer.finding: answer
        for answer in episode.answers
        if answer.finding in WHO_ONE_IS or (answer.finding in LASTING and answer.value is not False)
    }
    told = episode.value("prev_episodes_n")
    earlier = max(int(told) if isinstance(told, int | float) else 0, episode.earlier_episodes) + 1
    new: dict[str, Value] = {"first_episode": False, "prev_episodes_n": earlier, "onset_date": on}
    return kept | {id: Answer(id, value, on, "patient") for id, value in new.items()}
