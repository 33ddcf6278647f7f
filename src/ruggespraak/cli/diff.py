"""``rug diff``: who gets other care under another edition, or by a change that is not committed yet."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import ruggespraak
from ruggespraak.cli import country, simulate
from ruggespraak.cli.extra import extra
from ruggespraak.cli.folded import folded
from ruggespraak.pathway.editions import EDITIONS, UnknownEditionError
from ruggespraak.pathway.editions import edition as edition_by_id
from ruggespraak.pathway.rules import Edition
from ruggespraak.pathway.texts import LANGUAGES

if TYPE_CHECKING:
    from ruggespraak.population.simulate import Run

GAVE_UP = 3
PEOPLE = 200_000  # lives, with --population
_SAVE = (
    "import pickle, sys; from ruggespraak.pathway.editions import edition; "
    "sys.stdout.buffer.write(pickle.dumps(edition(sys.argv[1])))"
)


@click.command()
@click.argument("first", metavar="E1")
@click.argument("second", metavar="E2")
@click.option("--lang", type=click.Choice(LANGUAGES), default="nl", show_default=True, help="Language of the texts.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=60.0,
    show_default=True,
    help="Seconds for one rule.",
)
@click.option("--population", is_flag=True, help="Also how many people a year in the country, and at what cost.")
@click.option("--markdown", "form", flag_value="markdown", help="A page of Markdown.")
@click.option("--json", "form", flag_value="json", help="One JSON object, and nothing else.")
def diff(first: str, second: str, lang: str, timeout: float, population: bool, form: str | None) -> None:
    """Show the smallest patients who get other care under edition E2 than under E1, by the rule that makes it so.

    An edition is named by its id, or by its id at a revision of git: "rug diff current@HEAD current" shows what the
    changes to the rules in this checkout do to patients. Exit status 3: the solver gave up on a rule, and the overview
    is not complete.
    """
    with extra("proof"):
        from ruggespraak.proof import diff as compare
        from ruggespraak.proof.words import as_data, as_markdown, as_text
    country.readable()
    one, other = _edition(first), _edition(second)
    run = _run_of({first: one, second: other}) if population else None
    try:
        compared = compare(one, other, timeout, _progress)
    except KeyboardInterrupt:
        sys.exit(130)
    _progress("")
    lives = _lives(run) if run else None
    if form == "json":
        found = as_data(compared) | ({"population": lives} if lives else {})
        click.echo(json.dumps(found, ensure_ascii=False))
        sys.exit(0 if compared.complete else GAVE_UP)
    click.echo(as_markdown(compared, lang) if form == "markdown" else folded(as_text(compared, lang)))
    if lives and form == "markdown":
        click.echo("\n" + country.as_markdown(lives, lang))
    elif lives:
        click.echo()
        country.show(lives, lang)
    sys.exit(0 if compared.complete else GAVE_UP)


def _run_of(editions: dict[str, Edition]) -> Run:
    """Both in the country, with practice as it is now and the same luck. The tables of ours are kept under their id."""
    with extra("population"), simulate.clear_errors():
        from ruggespraak.population.simulate import Option, Run

        if len(editions) < 2:
            raise click.UsageError(f"--population: {', '.join(editions)} given twice, two editions expected")
        options = tuple(Option(name if name in EDITIONS else edition) for name, edition in editions.items())
        return Run(people=PEOPLE, options=options)


def _lives(run: Run) -> dict[str, Any]:
    with extra("population"), simulate.clear_errors():
        from ruggespraak.population.report import report

        return report(simulate.result_of(run))


def _progress(rule: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\x1b[K{rule}", end="", file=sys.stderr, flush=True)


def _edition(name: str) -> Edition:
    id, at, revision = name.partition("@")
    if id not in EDITIONS:
        raise click.UsageError(
            str(UnknownEditionError(f"edition {id!r} does not exist; choose from {', '.join(EDITIONS)}"))
        )
    return _at_revision(id, revision) if at else edition_by_id(id)


def _at_revision(id: str, revision: str) -> Edition:
    """The edition as it stands in a revision of this checkout: its own source says what it is."""
    root = Path(ruggespraak.__file__).parents[2]
    with tempfile.TemporaryDirectory() as folder:
        archive = _run(["git", "-C", str(root), "archive", "--format=tar", revision, "src/ruggespraak"], revision)
        subprocess.run(["tar", "-x", "-C", folder], input=archive, check=True)
        saved = _run([sys.executable, "-c", _SAVE, id], revision, cwd=folder, path=f"{folder}/src")
    try:
        # Written a moment ago by our own source.
        found: Edition = replace(pickle.loads(saved), id=f"{id}@{revision}")
    except (AttributeError, TypeError, ImportError) as error:
        raise click.UsageError(f"the rules at {revision!r} are of another form than these: {error}") from None
    return found


def _run(command: list[str], revision: str, cwd: str | None = None, path: str | None = None) -> bytes:
    try:
        done = subprocess.run(
            command, capture_output=True, check=True, cwd=cwd, env=None if path is None else {"PYTHONPATH": path}
        )
    except FileNotFoundError:
        raise click.UsageError(f"{command[0]} is not installed; a revision needs it") from None
    except subprocess.CalledProcessError as error:
        problem = error.stderr.decode(errors="replace").strip().splitlines()
        raise click.UsageError(
            f"cannot read the edition at revision {revision!r}: {problem[-1] if problem else ''}"
        ) from None
    return done.stdout
