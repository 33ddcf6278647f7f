"""Nobody is lost (DESIGN §6, property 9), for courses of every length: bounded model checking and an inductive step.

From any state, whatever is reported and however long the silence: an episode that goes on has a next contact, no later
than ``FURTHEST`` days after its last event; it ends only by a recovery without an open alarm or by a confirmed
hand-over; and silence, recovery, a hand-over, a relapse or another edition never lift an open alarm. What a contact
that examines nobody does to an alarm rests on the rules of an edition, and is not proven here.

``check`` looks for a way to break this within ``BOUND`` events of a new episode, which gives the shortest one there is,
and then in one step from any state that is still right, reachable or not: that covers every length.

The table of who is contacted when (``course.follow_up``) is not written again: it is asked for every entry. Only what
``course.steps`` does with it is modelled, in ``Model.after``, and as little as dating depends on. What an edition makes
of the answers is left open: any urgency, any review, any verdict on the course. Assumed is:

- A decision has an urgency and a dated review (property 1). The review may lie on any day at all: ``step`` bounds it.
- The table depends on an event by its kind only, and on whether a contact was an examination (``KINDS``).
- Days go on for ever; Python's end in the year 9999. An event before the last one is refused, and changes nothing.

A test compares the model with thousands of real steps.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import product
from typing import Any

import z3

from ruggespraak.course import follow_up
from ruggespraak.course.episode import ALARM_FROM, ENDED, Episode, Status, open_episode, unseen
from ruggespraak.course.events import (
    Answers,
    Contact,
    EditionChanged,
    Event,
    HandOver,
    HandOverConfirmed,
    Recovery,
    Relapse,
    Silence,
)
from ruggespraak.course.follow_up import FURTHEST, GOT_WORSE
from ruggespraak.pathway.editions import DEFAULT
from ruggespraak.pathway.rules import Urgency
from ruggespraak.proof.run import Truth, either, every, formula, holds_in, no, same, some
from ruggespraak.proof.search import COUNTEREXAMPLE, PROVEN, UNKNOWN, GaveUpError, Search

BOUND = 8
"""So many events after the start are searched whole; the inductive step has no bound."""

_DAY = date(2026, 1, 15)
KINDS: dict[str, Event] = {
    "silence": Silence(_DAY),
    "answers": Answers(_DAY),
    "contact": Contact(_DAY),
    "examination": Contact(_DAY, seen=True),
    "recovery": Recovery(_DAY),
    "relapse": Relapse(_DAY),
    "edition": EditionChanged(_DAY, DEFAULT),
    "hand_over": HandOver(_DAY, "somebody"),
    "confirmed": HandOverConfirmed(_DAY),
}
"""Every kind of event, with one of it."""

_STATUSES = tuple(Status)
_NAMES = tuple(KINDS)


def kind_of(event: Event) -> int:
    """The place of this event's kind in ``KINDS``."""
    if isinstance(event, Contact):
        return _NAMES.index("examination" if event.seen else "contact")
    return next(place for place, example in enumerate(KINDS.values()) if type(example) is type(event))


# -- what is checked --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FollowUp:
    """The table of who is contacted when. As it comes it is the real one; a test puts mistakes in it."""

    next_status: Callable[[Status, Urgency, bool, Event], Status] = follow_up.next_status
    within: Callable[[Status, Urgency, bool, Event], tuple[int, str] | None] = follow_up.within
    concern_of: Callable[[Urgency, bool], Urgency] = follow_up.concern_of
    unseen: Callable[[Urgency, bool], bool] = unseen
    ended: Collection[Status] = ENDED


@dataclass(frozen=True, slots=True)
class State:
    """As much of an episode as its dating depends on: formulas, or the values of one episode.

    ``status``: its place in ``Status``. ``dated``: whether there is a ``next`` contact; without one ``next`` says
    nothing. ``next`` and ``last``: days, counted from any one day.
    """

    status: Any
    concern: Any
    seen: Truth
    dated: Truth
    next: Any
    last: Any

    @property
    def parts(self) -> tuple[Any, ...]:
        return self.status, self.concern, self.seen, self.dated, self.next, self.last

    def counted_from(self, day: int) -> State:
        """The same state, its days counted from this one."""
        return replace(self, next=self.next - day, last=self.last - day)

    def has(self, *statuses: Status) -> Truth:
        """Whether its status is one of these."""
        return some(same(self.status, _STATUSES.index(status)) for status in statuses)


@dataclass(frozen=True, slots=True)
class Report:
    """An event, and everything about it that is left open.

    ``urgency`` and ``review``: of the decision that it brings, if it brings one. ``news``: it tells something new to
    worry about. ``stands``: an open alarm stands, as time alone would lift it. ``worse``: the verdict on the course.
    """

    kind: Any
    on: Any
    urgency: Any
    review: Any
    news: Truth
    stands: Truth
    worse: Truth

    def is_a(self, *kinds: str) -> Truth:
        """Whether the event is of one of these kinds."""
        return some(same(self.kind, _NAMES.index(kind)) for kind in kinds)


def state_of(episode: Episode, day: date) -> State:
    """The state of a real episode, in days since ``day``."""
    return State(
        status=_STATUSES.index(episode.status),
        concern=int(episode.concern),
        seen=episode.seen,
        dated=episode.next_contact is not None,
        next=(episode.next_contact - day).days if episode.next_contact else 0,
        last=(episode.last - day).days,
    )


# -- the model --------------------------------------------------------------------------------------------------------


class Model:
    """What ``step`` does to a state, by this table. Also runs on plain values, so that it can be compared."""

    def __init__(self, table: FollowUp) -> None:
        states = list(product(range(len(_STATUSES)), Urgency, (False, True)))
        self._statuses, self._waits, self._dated = {}, {}, {}
        for (place, event), (at, concern, seen) in product(enumerate(KINDS.values()), states):
            key = place, at, int(concern), seen
            self._statuses[key] = _STATUSES.index(table.next_status(_STATUSES[at], concern, seen, event))
            found = table.within(_STATUSES[at], concern, seen, event)
            self._dated[key] = found is not None
            self._waits[key] = found[0] if found else 0
        seen_or_not = list(product(Urgency, (False, True)))
        self._concerns = {(int(u), seen): int(Urgency(table.concern_of(u, seen))) for u, seen in seen_or_not}
        self._unseen = {(int(u), seen): bool(table.unseen(u, seen)) for u, seen in seen_or_not}
        self._ended = tuple(table.ended)

    def after(self, before: State, report: Report) -> State:
        """The state after this report: ``steps.step``."""
        status = entry(self._statuses, report.kind, before.status, before.concern, before.seen)
        decides = self._decides(before, report)
        seen, concern = self._told(before, report, decides)
        told = State(status, concern, seen, before.dated, before.next, report.on)
        return self._with_date(before, told, report, decides)

    def _decides(self, before: State, report: Report) -> Truth:
        ended = before.has(*self._ended)
        asked = every([no(ended), report.is_a("contact", "examination", "edition")])
        return some([report.is_a("answers"), asked, every([ended, report.is_a("relapse")])])

    def _told(self, before: State, report: Report, decides: Truth) -> tuple[Truth, Any]:
        """Whether somebody has looked, and how soon somebody must: ``steps._told``."""
        still = every([before.seen, no(report.news), no(report.is_a("relapse"))])
        found = entry(self._concerns, report.urgency, still)
        standing = either(self._stands(before, report), before.concern, 0)
        concern = either(decides, either(found >= standing, found, standing), before.concern)
        looked = some(
            [
                every([decides, report.is_a("examination")]),
                every([report.is_a("confirmed"), before.has(Status.HANDED_OVER)]),
            ]
        )
        seen = some([looked, either(decides, still, before.seen)])
        return seen, either(looked, entry(self._concerns, concern, True), concern)

    def _stands(self, before: State, report: Report) -> Truth:
        """``steps._stands``. For another edition both readings are the same one, so there it is known when."""
        alarm = every([no(before.has(*self._ended)), entry(self._unseen, before.concern, before.seen)])
        lower = every([report.is_a("edition"), report.urgency < before.concern])
        return every([alarm, some([lower, every([no(report.is_a("edition")), report.stands])])])

    def _with_date(self, before: State, told: State, report: Report, decides: Truth) -> State:
        """The earliest of all dates, within bounds: ``steps._dated``. Without any, ``step`` would raise."""
        found: Truth = False
        day: Any = report.on
        for asks, when in self._dates(before, told, report, decides):
            day = either(every([asks, some([no(found), when < day])]), when, day)
            found = some([found, asks])
        furthest = report.on + FURTHEST
        day = either(day < report.on, report.on, either(day > furthest, furthest, day))
        dated = every([found, no(told.has(*self._ended))])
        return State(told.status, told.concern, told.seen, dated, day, told.last)

    def _dates(self, before: State, told: State, report: Report, decides: Truth) -> Iterator[tuple[Truth, Any]]:
        """Every date, and when it asks for a contact: ``steps._dates``."""
        due = every([before.dated, before.next <= report.on])
        early = every([report.is_a("silence"), no(due)])
        passed = report.is_a("contact", "examination", "answers", "silence")
        yield every([before.dated, some([early, no(passed)])]), before.next
        known = every([told.seen, report.urgency >= int(ALARM_FROM)])
        yield every([no(early), decides, no(known)]), report.review
        yield every([no(early), report.is_a("answers"), report.worse]), report.on + GOT_WORSE
        key = report.kind, told.status, told.concern, told.seen
        yield every([no(early), entry(self._dated, *key)]), report.on + entry(self._waits, *key)


def entry(table: Mapping[Any, Any], *key: Any) -> Any:
    """The entry of a table for this key, any part of which may be open."""
    if not key:
        return table[()]
    rest: dict[int, dict[Any, Any]] = {}
    for (first, *others), value in table.items():
        rest.setdefault(first, {})[tuple(others)] = value
    if isinstance(key[0], int):
        return entry(rest[key[0]], *key[1:])
    (_, part), *more = rest.items()
    found = entry(part, *key[1:])
    for value, other in more:
        if other != part:
            found = either(same(key[0], value), entry(other, *key[1:]), found)
    return found


# -- what must hold ---------------------------------------------------------------------------------------------------

_ENDS = (Status.RECOVERED, Status.CLOSED)
_LIFTS_NOTHING = ("silence", "recovery", "hand_over", "relapse", "edition")


def lost(state: State) -> dict[str, Truth]:
    """What is wrong in a state: an episode that goes on has a next contact in time, one that has ended has none."""
    ended = state.has(*_ENDS)
    in_time = every([state.last <= state.next, state.next <= state.last + FURTHEST])
    return {
        "undated": every([no(ended), no(state.dated)]),
        "dated_after_the_end": every([ended, state.dated]),
        "out_of_time": every([no(ended), state.dated, no(in_time)]),
    }


def wrong(before: State, report: Report, after: State) -> dict[str, Truth]:
    """What is wrong after one step: in the new state, or in how it came."""
    alarm = _alarm(before)
    recovered = every([report.is_a("recovery"), no(alarm)])
    confirmed = every([report.is_a("confirmed"), before.has(Status.HANDED_OVER)])
    ends = every([after.has(*_ENDS), no(same(before.status, after.status))])
    kept = every([_alarm(after), after.concern >= before.concern])
    return {
        "ended_otherwise": every([ends, no(some([recovered, confirmed]))]),
        "alarm_lifted": every([alarm, report.is_a(*_LIFTS_NOTHING), no(kept)]),
        **lost(after),
    }


def _alarm(state: State) -> Truth:
    return every([no(state.has(*_ENDS)), no(state.seen), state.concern >= int(ALARM_FROM)])


# -- the check --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment of a trace: the kind of event, None for what it begins with, and the state after it.

    Days count from the first moment. ``day``: the day of the event.
    """

    event: str | None
    state: State

    @property
    def day(self) -> int:
        return int(self.state.last)


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of a check.

    ``why``: what is broken, a key of ``wrong``; for "unknown" what stayed open. ``trace``: how it breaks.
    ``reachable``: the trace begins with a new episode; if not, it is one step from a state that is still right, and
    that perhaps no course reaches. ``bound``: so many events were searched whole.
    """

    verdict: str
    why: str = ""
    trace: tuple[Moment, ...] = ()
    reachable: bool = True
    bound: int = BOUND
    seconds: float = 0.0


def check(table: FollowUp | None = None, timeout_ms: int = 60_000) -> Finding:
    """Whether nobody is lost by this table; without one, by the real one. What the solver leaves open is "unknown"."""
    began = time.monotonic()
    try:
        found = _checked(Model(table or FollowUp()), began + timeout_ms / 1000)
    except GaveUpError:
        found = Finding(UNKNOWN, "time")
    return replace(found, seconds=time.monotonic() - began)


def _checked(model: Model, until: float) -> Finding:
    course = _Course(model, until, state_of(open_episode("", _DAY), _DAY))
    if broken := course.broken(BOUND):
        return broken
    any_state = _open_state("any")
    step = _Course(model, until, any_state, given=[_possible(any_state), no(some(lost(any_state).values()))])
    if broken := step.broken(1):
        return replace(broken, reachable=False)
    if unreached := course.unreached():
        return Finding(UNKNOWN, f"no course reaches {unreached}")
    return Finding(PROVEN)


class _Course:
    """A course in which everything is open but its start; it grows event by event until something breaks."""

    def __init__(self, model: Model, until: float, start: State, given: Sequence[Truth] = ()) -> None:
        self.states, self.reports = [start], list[Report]()
        self._model, self._search = model, Search(given, until)

    def broken(self, events: int) -> Finding | None:
        """What breaks first within so many events."""
        for n in range(events + 1):
            wrongs = self._grown() if n else lost(self.states[0])
            if found := self._search.one(some(wrongs.values())):
                return self._shown(found, wrongs)
            self._search.solver.add(formula(no(some(wrongs.values()))))
        return None

    def _grown(self) -> dict[str, Truth]:
        n, before = len(self.states), self.states[-1]
        report, after = _open_report(n), _open_state(n)
        told = self._model.after(before, report)
        same_state = [same(mine, its) for mine, its in zip(after.parts, told.parts, strict=True)]
        self._search.solver.add([formula(part) for part in (_tellable(report), report.on >= before.last, *same_state)])
        self.states.append(after)
        self.reports.append(report)
        return wrong(before, report, after)

    def _shown(self, found: z3.ModelRef, wrongs: Mapping[str, Truth]) -> Finding:
        """The counterexample, with as few days in it as a few tries give."""
        first, last = self.states[0].last, self.states[-1].last
        for days in (0, 1, FURTHEST):
            if sooner := self._search.one(some(wrongs.values()), last - first <= days):
                found = sooner
                break
        why = next(name for name, truth in wrongs.items() if _value(found, truth))
        begin = _value(found, first)
        kinds = [None, *(_NAMES[_value(found, report.kind)] for report in self.reports)]
        states = [State(*(_value(found, part) for part in state.parts)) for state in self.states]
        moments = [Moment(kind, state.counted_from(begin)) for kind, state in zip(kinds, states, strict=True)]
        return Finding(COUNTEREXAMPLE, why, tuple(moments))

    def unreached(self) -> str | None:
        """A status or a concern in which no course comes: then the model says nothing about it."""
        for status in Status:
            if not self._search.one(some(state.has(status) for state in self.states)):
                return str(status)
        for concern in Urgency:
            if not self._search.one(some(same(state.concern, int(concern)) for state in self.states)):
                return str(concern)
        return None


def _open_state(name: object) -> State:
    ints = {part: z3.Int(f"{part}_{name}") for part in ("status", "concern", "next", "last")}
    return State(seen=z3.Bool(f"seen_{name}"), dated=z3.Bool(f"dated_{name}"), **ints)


def _possible(state: State) -> Truth:
    return every([_below(state.status, len(_STATUSES)), _below(state.concern, len(Urgency))])


def _open_report(name: object) -> Report:
    ints = {part: z3.Int(f"{part}_{name}") for part in ("kind", "on", "urgency", "review")}
    truths = {part: z3.Bool(f"{part}_{name}") for part in ("news", "stands", "worse")}
    return Report(**ints, **truths)


def _tellable(report: Report) -> Truth:
    return every([_below(report.kind, len(KINDS)), _below(report.urgency, len(Urgency))])


def _below(number: Any, limit: int) -> Truth:
    return every([number >= 0, number < limit])


def _value(found: z3.ModelRef, part: Any) -> Any:
    """What this is in a model, as a plain truth or number."""
    if isinstance(part, bool) or z3.is_bool(part):
        return holds_in(found, part)
    return part if isinstance(part, int) else found.eval(part, model_completion=True).as_long()
