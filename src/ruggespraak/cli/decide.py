"""``rug decide``: cases in, decisions out, a line at a time and in constant memory."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click

from ruggespraak.consult import Case, CaseError
from ruggespraak.consult.contract import alarm_in, case_in, decision_out
from ruggespraak.pathway.editions import DEFAULT, EDITIONS
from ruggespraak.pathway.texts import LANGUAGES

BAD_INPUT, BROKEN_PIPE = 2, 141
EVERY = 1000  # lines between two signs of life on a terminal


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option("--lang", type=click.Choice(LANGUAGES), default="nl", show_default=True, help="Language of the texts.")
@click.option(
    "--edition",
    type=click.Choice(EDITIONS),
    default=DEFAULT,
    show_default=True,
    help="Edition for cases that name none.",
)
@click.option("--explain", is_flag=True, help="Add what speaks for and against, and what would change the decision.")
def decide(files: tuple[str, ...], lang: str, edition: str, explain: bool) -> None:
    """Decide the cases of FILE..., one JSON object a line; - is standard input.

    Decisions go to standard output in the order of the cases. A line that cannot be read is reported on standard
    error, the other lines are still decided, and the exit status is then 2.
    """
    bad = 0
    try:
        for name in files:
            bad += _decide_file(name, lang, edition, explain)
    except OutputError as error:
        # Python would complain once more when it closes standard output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error.__cause__, BrokenPipeError):  # whoever read our output has had enough
            sys.exit(BROKEN_PIPE)
        _complain(f"standard output: {error}")
        sys.exit(BAD_INPUT)
    sys.exit(BAD_INPUT if bad else 0)


def _decide_file(name: str, lang: str, edition: str, explain: bool) -> int:
    """The number of problems in one file."""
    shown = "standard input" if name == "-" else name
    bad = cases = 0
    try:
        with _opened(name) as lines:
            for number, line in enumerate(lines, 1):
                if line.isspace():
                    continue
                cases += 1
                try:
                    _write(case_in(line, edition, first=number == 1), lang, explain)
                except ValueError as error:
                    bad += 1
                    _complain(f"{shown}, line {number}: {error}{_alarm(error)}")
                if cases % EVERY == 0 and sys.stderr.isatty():
                    print(f"\r{cases} cases", end="", file=sys.stderr)
    except OSError as error:
        _complain(f"{shown}: {error.strerror or error}")
        return 1
    if cases >= EVERY and sys.stderr.isatty():
        print(f"\r{cases} cases", file=sys.stderr)
    if not cases:
        _complain(f"{shown}: no case in it; one JSON object a line expected")
        return 1
    return bad


@contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    if name == "-":
        yield sys.stdin.buffer
    else:
        with Path(name).open("rb") as file:
            yield file


class OutputError(Exception):
    """Standard output takes no more: a full disk, or a pipe that nobody reads."""


def _write(case: Case, lang: str, explain: bool) -> None:
    line = decision_out(case, lang, explain) + b"\n"
    try:
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()  # whoever types or sends one case at a time sees its decision at once
    except OSError as error:
        raise OutputError(error.strerror or error) from error


def _alarm(error: ValueError) -> str:
    """An alarm that can still be read in a bad line is named."""
    decision = alarm_in(error) if isinstance(error, CaseError) else None
    if decision is None:
        return ""
    names = ", ".join(decision.suspected or decision.established)
    return f"; ALARM, still readable in this line: {names} ({decision.urgency})"


def _complain(message: str) -> None:
    print(f"rug decide: {message}", file=sys.stderr)
