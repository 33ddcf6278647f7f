"""``rug consult``: a consult about back pain in the terminal, a screen at a time.

What is asked and answered is a ``dialogue``; what is shown stands in ``show``. No answer is ever written to a file.
"""

from __future__ import annotations

import json
import sys
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from ruggespraak.cli.dialogue import BACK, Dialogue, Mistake, Stage, a_week_ago, answer, begin, limits, words
from ruggespraak.consult import Case, CaseError, Screen, decide, read_case
from ruggespraak.consult.case import ANSWERED_BY
from ruggespraak.consult.contract import case_in
from ruggespraak.pathway.editions import DEFAULT, EDITIONS
from ruggespraak.pathway.editions import edition as edition_by_id
from ruggespraak.pathway.findings import CLINICIAN, VOCABULARY
from ruggespraak.pathway.rules import Alarm, Urgency
from ruggespraak.pathway.texts import LANGUAGES, text, unit_of, word

if TYPE_CHECKING:
    from rich.console import Console

BAD_INPUT, INTERRUPTED = 2, 130
WIDEST = 88  # columns: longer lines are hard to read


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
    more = words("more", lang)[0]
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
        return word("ask.date", lang).format(example=a_week_ago(dialogue))
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
