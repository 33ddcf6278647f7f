"""A consult as a value: ``answer(dialogue, line)`` gives the next one, or says what was wrong with the line.

It prints nothing and keeps nothing, so going back is going to an earlier value, and a test needs no terminal. Used by
``consult``, which shows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import Enum, auto

from ruggespraak.consult import Case, Screen, next_screen, none_of_these, urgent_alarms, with_answers
from ruggespraak.logic import Finding, Value, read_date
from ruggespraak.pathway.findings import VOCABULARY
from ruggespraak.pathway.texts import table, unit_of, word

DONT_KNOW, BACK = "?", "<"
TOKEN = re.compile(r"(?P<unknown>\??)(?P<n>[0-9]{1,4})(?:=(?P<value>.*))?")
NUMBER = re.compile(r"(?P<value>[0-9]{1,9}(?:[.,][0-9]{1,2})?)\s*(?P<unit>[^\W\d].*)?")
DAYS_A_WEEK = 7


class Stage(Enum):
    """What the next line answers."""

    ASK = auto()  # the screen
    OTHERS = auto()  # what of the points on the screen that were not mentioned
    ALARM = auto()  # stop here, or go on
    DONE = auto()


@dataclass(frozen=True, slots=True)
class Dialogue:
    """Where a consult is. Immutable: ``before`` is where it was, exactly.

    ``rest``: items of the screen that were not mentioned; ``shown``: findings that had their turn; ``met``: urgent
    alarms that have interrupted, of which ``new`` do so now.
    """

    case: Case
    lang: str
    stage: Stage = Stage.ASK
    screen: Screen | None = None
    number: int = 0
    rest: tuple[str, ...] = ()
    shown: frozenset[str] = frozenset()
    met: frozenset[str] = frozenset()
    new: tuple[str, ...] = ()
    before: Dialogue | None = None

    @property
    def asked(self) -> Screen:
        """The screen that is being answered."""
        assert self.screen is not None, "a consult that is done asks nothing"
        return self.screen


@dataclass(frozen=True, slots=True)
class Mistake:
    """A line that cannot be read: what was expected, in one line."""

    says: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What one line answers. ``rest``: items that it leaves to the question about the others."""

    answers: dict[str, Value]
    unclear: tuple[str, ...] = ()
    rest: tuple[str, ...] = ()


def begin(case: Case, lang: str) -> Dialogue:
    """The first question for this case."""
    return _next(Dialogue(case, lang))


def answer(dialogue: Dialogue, line: str) -> Dialogue | Mistake:
    """The dialogue after one line, or what was wrong with that line."""
    typed, lang = " ".join(line.split()).casefold(), dialogue.lang
    if typed in words("stop", lang):
        return replace(dialogue, stage=Stage.DONE, screen=None, rest=(), new=())
    if typed == BACK:
        return dialogue.before or _mistake("first", lang)
    if dialogue.stage is Stage.ALARM:
        return _after_alarm(dialogue, typed)
    read = _others if dialogue.stage is Stage.OTHERS else _one if len(dialogue.asked.items) == 1 else _list
    found = read(dialogue, typed)
    return found if isinstance(found, Mistake) else _answered(dialogue, found)


def _answered(dialogue: Dialogue, reading: Reading) -> Dialogue:
    """The answers are in: an alarm interrupts, then comes what is left of this screen, then the next one."""
    then = replace(
        dialogue,
        case=with_answers(dialogue.case, reading.answers, reading.unclear),
        rest=reading.rest,
        shown=dialogue.shown | set(dialogue.asked.items),
        before=_at_screen(dialogue),
    )
    new = tuple(id for id in urgent_alarms(then.case) if id not in dialogue.met)
    if new:
        return replace(then, stage=Stage.ALARM, new=new, met=dialogue.met | set(new))
    return _onward(then)


def _at_screen(dialogue: Dialogue) -> Dialogue | None:
    """Where "back" leads from what follows this: to the whole screen, not to a part of it."""
    return dialogue if dialogue.stage is Stage.ASK else dialogue.before


def _onward(dialogue: Dialogue) -> Dialogue:
    return replace(dialogue, stage=Stage.OTHERS, new=()) if dialogue.rest else _next(dialogue)


def _next(dialogue: Dialogue) -> Dialogue:
    """The next screen; for a clinician the examination comes after everything that can be asked."""
    screen = next_screen(dialogue.case, dialogue.shown)
    if screen is None and dialogue.case.answered_by == "clinician":
        screen = next_screen(dialogue.case, dialogue.shown, examination=True)
    stage = Stage.ASK if screen else Stage.DONE
    return replace(dialogue, stage=stage, screen=screen, number=dialogue.number + 1, rest=(), new=())


# Reading a line


def words(kind: str, lang: str) -> list[str]:
    """What may be typed to say this: the first is the one that is shown."""
    return word(f"input.{kind}", lang).split()


def _mistake(kind: str, lang: str, **values: object) -> Mistake:
    return Mistake(word(f"mistake.{kind}", lang).format(**values))


def _after_alarm(dialogue: Dialogue, typed: str) -> Dialogue | Mistake:
    if not typed:
        return replace(dialogue, stage=Stage.DONE, screen=None, rest=(), new=())
    more = words("more", dialogue.lang)
    return _onward(dialogue) if typed in more else _mistake("alarm", dialogue.lang, more=more[0])


def _others(dialogue: Dialogue, typed: str) -> Reading | Mistake:
    lang = dialogue.lang
    if typed in words("yes", lang):
        return Reading(none_of_these(_part(dialogue.asked, dialogue.rest)))
    if typed == DONT_KNOW:
        return Reading({}, dialogue.rest)
    if not typed or typed in words("no", lang):
        return Reading({})
    return _yes_no_mistake(lang)


def _part(screen: Screen, items: Iterable[str]) -> Screen:
    return replace(screen, items=tuple(items))


def _yes_no_mistake(lang: str) -> Mistake:
    return _mistake("yes_no", lang, yes=words("yes", lang)[0], no=words("no", lang)[0])


def _one(dialogue: Dialogue, typed: str) -> Reading | Mistake:
    """A screen with one question."""
    finding = VOCABULARY[dialogue.asked.items[0]]
    if not typed:
        return Reading({})
    if typed == DONT_KNOW:
        return Reading({}, (finding.id,))
    value = _value(finding, typed, dialogue)
    return value if isinstance(value, Mistake) else Reading({finding.id: value})


def _value(finding: Finding, typed: str, dialogue: Dialogue) -> Value | Mistake:
    lang = dialogue.lang
    if finding.kind == "boolean":
        return typed in words("yes", lang) or (False if typed in words("no", lang) else _yes_no_mistake(lang))
    if finding.kind == "choice":
        return _choice(finding, typed, lang)
    if finding.kind == "date":
        return _date(typed, dialogue)
    found = _figure(finding, typed, lang)
    return _mistake("number", lang, **limits(finding)) if found is None else found


def _choice(finding: Finding, typed: str, lang: str) -> str | Mistake:
    choices = {str(n): value for n, value in enumerate(finding.choices, 1)}
    return choices.get(typed) or _mistake("choice", lang, n=len(choices))


def _date(typed: str, dialogue: Dialogue) -> date | Mistake:
    found = read_date(typed)
    if found is None:
        return _mistake("date", dialogue.lang, example=a_week_ago(dialogue))
    return found if found <= dialogue.case.on else _mistake("later", dialogue.lang, example=dialogue.case.on)


def a_week_ago(dialogue: Dialogue) -> date:
    return dialogue.case.on - timedelta(days=DAYS_A_WEEK)


def limits(finding: Finding) -> dict[str, str]:
    """The range of a number, as it is shown."""
    return {"low": f"{finding.minimum:.0f}", "high": f"{finding.maximum:.0f}"}


def _figure(finding: Finding, typed: str, lang: str) -> int | float | None:
    """The number in the unit of the finding; days may be given as weeks. None where it is none, or out of range."""
    matched = NUMBER.fullmatch(typed)
    if not matched:
        return None
    value = float(matched["value"].replace(",", "."))
    written = matched["unit"] or ""
    if finding.unit == "days" and written in words("weeks", lang):
        value *= DAYS_A_WEEK
    elif written and written not in (finding.unit.casefold(), unit_of(finding, lang).casefold()):
        return None
    if not (finding.minimum or 0) <= value <= (finding.maximum or 0):
        return None
    return int(value) if value.is_integer() else value


def _list(dialogue: Dialogue, typed: str) -> Reading | Mistake:
    """A checklist: ``1 3``, ``?2``, ``3=250``, all values in a row, none of these, or nothing."""
    screen, lang = dialogue.asked, dialogue.lang
    label = table("screens")[screen.checklist or ""]["none"][lang]
    if not typed:
        return Reading({})
    if typed == DONT_KNOW:
        return Reading({}, screen.items)
    if typed in (*words("none", lang), label.casefold()):
        return Reading(none_of_these(screen))
    tokens = _split(typed)
    return _tokens(screen, _in_a_row(screen, tokens), lang) if tokens else _mistake("list", lang, n=len(screen.items))


def _split(typed: str) -> list[str]:
    """Parts between spaces or commas; in a value a comma is a decimal sign."""
    parts = re.split(r"[\s;]+", typed)
    return [one for part in parts for one in ([part] if "=" in part else part.split(",")) if one]


def _in_a_row(screen: Screen, tokens: list[str]) -> list[str]:
    """Where every item asks for a number, as many bare numbers are the values in their order: ``5 5 4 5 5``."""
    numbers_only = all(VOCABULARY[id].kind == "number" for id in screen.items)
    bare = len(tokens) == len(screen.items) and all(NUMBER.fullmatch(token) for token in tokens)
    return [f"{n}={token}" for n, token in enumerate(tokens, 1)] if numbers_only and bare else tokens


def _tokens(screen: Screen, tokens: list[str], lang: str) -> Reading | Mistake:
    said: dict[str, Value | None] = {}  # None: does not know
    for token in tokens:
        matched = TOKEN.fullmatch(token)
        if not matched or (matched["unknown"] and matched["value"] is not None):
            return _mistake("list", lang, n=len(screen.items))
        n = int(matched["n"])
        if n == 0:
            return _mistake("none_alone", lang)
        if n > len(screen.items):
            return _mistake("out_of_list", lang, found=n, n=len(screen.items))
        finding = VOCABULARY[screen.items[n - 1]]
        value = None if matched["unknown"] else _picked(finding, n, matched["value"], lang)
        if isinstance(value, Mistake):
            return value
        if said.setdefault(finding.id, value) != value:
            return _mistake("twice", lang, n=n)
    left = [id for id in screen.items if id not in said]
    return Reading(
        answers={id: value for id, value in said.items() if value is not None},
        unclear=tuple(id for id, value in said.items() if value is None),
        rest=tuple(none_of_these(_part(screen, left))),
    )


def _picked(finding: Finding, n: int, given: str | None, lang: str) -> Value | Mistake:
    """What number n on a checklist says: yes, or its value."""
    if finding.kind == "number":
        value = _figure(finding, given or "", lang)
        return _mistake("value_wanted", lang, n=n, **limits(finding)) if value is None else value
    return True if given is None else _mistake("no_value", lang, n=n)
