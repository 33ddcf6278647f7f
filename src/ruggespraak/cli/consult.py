"""``rug consult``: a consult about back pain in the terminal, a screen at a time.

The dialogue is a value: ``answer(dialogue, line)`` gives the next one, or says what was wrong with the line. It prints
nothing and keeps nothing, so going back is going to an earlier value, and a test needs no terminal. What is shown
stands in ``show``. No answer is ever written to a file.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import Enum, auto
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from ruggespraak.consult import (
    Case,
    CaseError,
    Screen,
    decide,
    next_screen,
    none_of_these,
    read_case,
    urgent_alarms,
    with_answers,
)
from ruggespraak.consult.case import ANSWERED_BY
from ruggespraak.consult.contract import case_in
from ruggespraak.logic import Finding, Value, read_date
from ruggespraak.pathway.editions import DEFAULT, EDITIONS
from ruggespraak.pathway.editions import edition as edition_by_id
from ruggespraak.pathway.findings import CLINICIAN, VOCABULARY
from ruggespraak.pathway.rules import Alarm, Urgency
from ruggespraak.pathway.texts import LANGUAGES, table, text, unit_of, word

if TYPE_CHECKING:
    from rich.console import Console

BAD_INPUT, INTERRUPTED = 2, 130
WIDEST = 88  # columns: longer lines are hard to read
DONT_KNOW, BACK = "?", "<"
TOKEN = re.compile(r"(?P<unknown>\??)(?P<n>[0-9]{1,4})(?:=(?P<value>.*))?")
NUMBER = re.compile(r"(?P<value>[0-9]{1,9}(?:[.,][0-9]{1,2})?)\s*(?P<unit>[^\W\d].*)?")
DAYS_A_WEEK = 7


# The dialogue


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
    if typed in _words("stop", lang):
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


def _words(kind: str, lang: str) -> list[str]:
    return word(f"input.{kind}", lang).split()


def _mistake(kind: str, lang: str, **values: object) -> Mistake:
    return Mistake(word(f"mistake.{kind}", lang).format(**values))


def _after_alarm(dialogue: Dialogue, typed: str) -> Dialogue | Mistake:
    if not typed:
        return replace(dialogue, stage=Stage.DONE, screen=None, rest=(), new=())
    more = _words("more", dialogue.lang)
    return _onward(dialogue) if typed in more else _mistake("alarm", dialogue.lang, more=more[0])


def _others(dialogue: Dialogue, typed: str) -> Reading | Mistake:
    lang = dialogue.lang
    if typed in _words("yes", lang):
        return Reading(none_of_these(_part(dialogue.asked, dialogue.rest)))
    if typed == DONT_KNOW:
        return Reading({}, dialogue.rest)
    if not typed or typed in _words("no", lang):
        return Reading({})
    return _yes_no_mistake(lang)


def _part(screen: Screen, items: Iterable[str]) -> Screen:
    return replace(screen, items=tuple(items))


def _yes_no_mistake(lang: str) -> Mistake:
    return _mistake("yes_no", lang, yes=_words("yes", lang)[0], no=_words("no", lang)[0])


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
        return typed in _words("yes", lang) or (False if typed in _words("no", lang) else _yes_no_mistake(lang))
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
        return _mistake("date", dialogue.lang, example=_a_week_ago(dialogue))
    return found if found <= dialogue.case.on else _mistake("later", dialogue.lang, example=dialogue.case.on)


def _a_week_ago(dialogue: Dialogue) -> date:
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
    if finding.unit == "days" and written in _words("weeks", lang):
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
    if typed in (*_words("none", lang), label.casefold()):
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


# The terminal


def _console() -> Console:
    """Standard output as rich draws on it: never wider than reads well, and no character can make it fail."""
    from rich.console import Console

    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    console = Console(highlight=False, markup=False, emoji=False)
    console.width = min(console.width, WIDEST)
    return console


def _talk(dialogue: Dialogue) -> int:
    """A whole consult: asks, shows the result, and gives the exit status."""
    problem: Mistake | None = None
    console = _console()
    try:
        while dialogue.stage is not Stage.DONE:
            console = _console()  # anew: a window may have got another width
            _draw(dialogue, problem, console)
            step = answer(dialogue, _line())
            problem = step if isinstance(step, Mistake) else None
            dialogue = dialogue if isinstance(step, Mistake) else step
        console.clear()
        _show_result(dialogue.case, dialogue.lang, dialogue.case.answered_by, console)
        _remember(dialogue, console)
    except (EOFError, KeyboardInterrupt) as leaving:
        console.print()
        if dialogue.met:
            _remember(dialogue, console)
        console.print(word("ask.goodbye", dialogue.lang))
        return INTERRUPTED if isinstance(leaving, KeyboardInterrupt) else 0
    return 0


def _line() -> str:
    try:
        return input("> ")
    except UnicodeDecodeError:
        return "\ufffd"  # bytes that are no text: no answer either


def _show_result(case: Case, lang: str, audience: str, console: Console) -> None:
    from ruggespraak.cli.show import show

    show(decide(case, lang), lang, audience, console)


def _remember(dialogue: Dialogue, console: Console) -> None:
    """The headline once more: on a small screen the top of the result has gone by."""
    from ruggespraak.cli.show import show_lines
    from ruggespraak.documents.result import headline

    decision = decide(dialogue.case, dialogue.lang)
    says = headline(decision, dialogue.lang, dialogue.case.answered_by)
    console.print()
    show_lines([f"{word('ask.remember', dialogue.lang)}: {says}."], console, style="bold")


def _draw(dialogue: Dialogue, problem: Mistake | None, console: Console) -> None:
    """One screen: an alarm, the question about the others, or the question itself."""
    from ruggespraak.cli.show import show_lines

    console.clear()
    if dialogue.stage is Stage.ALARM:
        _draw_alarm(dialogue, console)
    else:
        _draw_question(dialogue, console)
    if problem:
        show_lines([problem.says], console, style="bold red")


def _draw_alarm(dialogue: Dialogue, console: Console) -> None:
    from rich.text import Text

    from ruggespraak.cli.show import show_alarm, show_header, show_rows

    lang = dialogue.lang
    show_header(word("ask.question", lang).format(n=dialogue.number), (), lang, console)
    show_alarm(decide(dialogue.case, lang), dialogue.new, lang, dialogue.case.answered_by, console)
    console.print()
    more = _words("more", lang)[0]
    ways = {"Enter": "ask.stop_here", more: "ask.go_on", BACK: "word.back"}
    show_rows([(key, Text(word(does, lang))) for key, does in ways.items()], console)
    console.print()


def _draw_question(dialogue: Dialogue, console: Console) -> None:
    from ruggespraak.cli.show import show_header, show_lines, show_others, show_question

    lang, by = dialogue.lang, dialogue.case.answered_by
    show_header(word("ask.question", lang).format(n=dialogue.number), _notes(dialogue), lang, console)
    if dialogue.stage is Stage.OTHERS:
        show_others(dialogue.rest, lang, by, console)
    else:
        show_question(dialogue.asked, _hint(dialogue), lang, by, console)
    show_lines([word("ask.keys", lang)], console, style="dim")


def _notes(dialogue: Dialogue) -> list[str]:
    """What is said once: on the first screen, and where the examination begins."""
    first = dialogue.before is None and dialogue.stage is Stage.ASK
    earlier = dialogue.before.screen if dialogue.before else None
    notes = [word("ask.welcome", dialogue.lang)] if first else []
    if first and dialogue.case.answered_by == "proxy":
        notes.append(word("ask.proxy", dialogue.lang))
    if _examined(dialogue.screen) and not _examined(earlier):
        notes.append(word("ask.examination", dialogue.lang))
    return notes


def _examined(screen: Screen | None) -> bool:
    return screen is not None and all(VOCABULARY[id].who == CLINICIAN for id in screen.items)


def _hint(dialogue: Dialogue) -> str:
    """How to answer what is on the screen, where its own lines do not say it."""
    screen, lang = dialogue.asked, dialogue.lang
    numbers = [n for n, id in enumerate(screen.items, 1) if VOCABULARY[id].kind == "number"]
    if len(screen.items) > 1:
        if len(numbers) == len(screen.items):
            return word("ask.values", lang).format(example=" ".join("5" for _ in numbers))
        return word("ask.numbers_and_values" if numbers else "ask.numbers", lang).format(n=numbers[0] if numbers else 0)
    finding = VOCABULARY[screen.items[0]]
    if finding.kind == "date":
        return word("ask.date", lang).format(example=_a_week_ago(dialogue))
    if finding.kind != "number":
        return ""
    hint = word("ask.number", lang).format(**limits(finding))
    unit = unit_of(finding, lang)
    hint += f" ({unit})" if unit else ""
    return f"{hint}; {word('ask.weeks_too', lang)}" if finding.unit == "days" else hint


# The command


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("file", required=False)
@click.option("--lang", type=click.Choice(LANGUAGES), default="nl", show_default=True, help="Language.")
@click.option(
    "--edition", type=click.Choice(EDITIONS), default=DEFAULT, show_default=True, help="Edition of the pathway."
)
@click.option(
    "--as",
    "audience",
    type=click.Choice(ANSWERED_BY),
    help="Who answers, and so whom the result is for. Default: patient; with FILE, who answered there.",
)
@click.option("--example", is_flag=True, help="Show one worked patient; needs no terminal.")
def consult(file: str | None, lang: str, edition: str, audience: str | None, example: bool) -> None:
    """A consult about back pain in the terminal.

    It asks a screen at a time, and stops to say so when something cannot wait. With FILE (one case as JSON; - is
    standard input) it asks nothing and shows the result for the answers there. No answer is kept anywhere.
    """
    if file is not None and example:
        _refuse(word("cannot.both", lang))
    if file is not None:
        case = _read(file, lang, edition)
        _show_result(case, lang, audience or case.answered_by, _console())
    elif example:
        _show_example(lang, edition, audience, _console())
    elif sys.stdin.isatty() and sys.stdout.isatty():
        case = Case(on=date.today(), edition=edition, answered_by=audience or "patient")
        sys.exit(_talk(begin(case, lang)))
    else:
        _refuse(
            word("cannot.no_terminal", lang),
            f"  rug consult FILE.json   {word('cannot.from_file', lang)}",
            f"  rug consult --example   {word('cannot.example', lang)}",
        )


def _show_example(lang: str, edition: str, audience: str | None, console: Console) -> None:
    from ruggespraak.cli.show import show_case

    raw = json.loads(files("ruggespraak.cli").joinpath("example.json").read_text(encoding="utf-8"))
    case = read_case(raw, edition=edition)
    audience = audience or case.answered_by
    console.print(word("answers.example", lang), style="dim")
    show_case(case, lang, audience, console)
    _show_result(case, lang, audience, console)


def _refuse(*lines: str) -> NoReturn:
    for line in lines:
        click.echo(line if line.startswith(" ") else f"rug consult: {line}", err=True)
    sys.exit(BAD_INPUT)


def _read(name: str, lang: str, edition: str) -> Case:
    """The case in this file; a clear error and exit status 2 where there is none."""
    shown = word("cannot.standard_input", lang) if name == "-" else name
    try:
        return case_in(sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes(), edition)
    except CaseError as error:
        alarm = _readable_alarm(error.readable, lang)
        _refuse(*(f"{shown}: {problem}" for problem in error.problems), *alarm)
    except OSError as error:
        _refuse(f"{shown}: {word('cannot.open', lang).format(what=error.strerror or error)}")
    except ValueError as error:
        _refuse(f"{shown}: {error}")


def _readable_alarm(case: Case, lang: str) -> list[str]:
    """What must not be lost with a case that cannot be read whole."""
    decision = decide(case, lang)
    here = edition_by_id(case.edition)
    alarms = [one for one in (here.rule(id) for id in decision.established) if isinstance(one, Alarm)]
    says = [text("alarms", one.id, "name", lang) for one in alarms if one.urgency >= Urgency.WITHIN_DAYS]
    if not says:
        return []
    headline = word(f"urgency.{decision.urgency}.headline", lang)
    return [f"{word('cannot.alarm', lang)}: {'; '.join(says)}. {headline}."]
