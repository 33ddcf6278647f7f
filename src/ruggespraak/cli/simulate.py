"""``rug simulate``: the country under one or more editions and scenarios."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ruggespraak.cli.extra import extra
from ruggespraak.pathway.editions import DEFAULT, EDITIONS, UnknownEditionError

if TYPE_CHECKING:
    from ruggespraak.population.simulate import Progress, Result, Run

LOCAL = "local"
PEOPLE_A_DRAW = 20_000  # at most
LABEL, COLUMN = 28, 24  # letters: what a line is called, and a figure with its interval


@click.command()
@click.option("--people", type=int, default=100_000, show_default=True, help="How many lives.")
@click.option("--years", type=int, default=10, show_default=True, help="How many years.")
@click.option("--seed", type=int, default=1, show_default=True, help="The luck of the run.")
@click.option(
    "--edition", "editions", multiple=True, metavar="E", help=f"One of {', '.join(EDITIONS)}; more than once."
)
@click.option("--scenario", "names", multiple=True, metavar="S", help="A scenario; more than once. 'list' names them.")
@click.option(
    "--births", type=click.IntRange(min=0), default=0, show_default=True, help="Births a year in the country."
)
@click.option("--set", "changes", multiple=True, metavar="ID=VALUE", help="Another value for a parameter.")
@click.option("--discount", default="3/1.5", show_default=True, metavar="C/E", help="Per cent a year: costs/effects.")
@click.option("--draws", type=int, default=0, help="How sure: so many draws of all parameters, a power of two.")
@click.option("--json", "as_json", is_flag=True, help="The results as JSON, and nothing else.")
@click.option("--out", type=click.Path(path_type=Path), help="A new folder for tables (Parquet), plots and manifest.")
@click.option("--records", type=click.Path(path_type=Path), help="A new folder for what practices would have stored.")
@click.option(
    "--dask",
    is_flag=False,
    flag_value=LOCAL,
    metavar="ADDRESS",
    help="Spread the work over a Dask cluster; without an address one of this computer.",
)
@click.option("--again", type=click.Path(path_type=Path), help="Make the run of this manifest again, and compare.")
@click.option("--threads", type=click.IntRange(1, 256), default=2, show_default=True, help="At most so many at once.")
@click.option("--lang", type=click.Choice(["nl", "en"]), default="nl", show_default=True, help="Language of the texts.")
def simulate(**said: Any) -> None:
    """Live many lives through the pathway: complaints, care, sick leave and euros, a year in the country.

    Every edition is run under every scenario, with the same people and the same luck; the first of them is what the
    others are compared with. A person of the run stands for 17.9 million people divided by --people.
    """
    with extra("population"), clear_errors():
        if "list" in said["names"]:
            _list(said["lang"])
            return
        from ruggespraak.population.report import report
        from ruggespraak.population.uncertainty import summary, tables

        run, rates, expected = _run(said)
        if said["draws"] and len(run.options) < 2:
            raise click.UsageError("--draws: one option given, at least two (--edition, --scenario) expected")
        for folder in (said["out"], said["records"]):
            _is_new(folder)
        result = result_of(run, said["threads"], said["dask"])
        if expected and result.digest != expected:
            raise click.ClickException(f"the counts differ: {result.digest} made, {expected} in the manifest")
        found = report(result, rates)
        drawn, single = _uncertainty(run, rates, said["draws"], said["threads"]) if said["draws"] else (None, None)
        if drawn:
            found["uncertainty"] = tables(summary(drawn), single)
        if said["out"]:
            from ruggespraak.population import outputs

            outputs.write(result, found, said["out"], said["lang"], drawn, single)
        if said["records"]:
            from ruggespraak.population import records

            records.write(run, said["records"], progress=_progress("records"))
        if said["as_json"]:
            click.echo(json.dumps(found, ensure_ascii=False))
        else:
            show(found, said["lang"])


@contextmanager
def clear_errors() -> Iterator[None]:
    """What cannot be is one line and exit status 2."""
    from ruggespraak.population.parameters import ParameterError
    from ruggespraak.population.scenarios import ScenarioError
    from ruggespraak.population.simulate import RunError
    from ruggespraak.population.tables import TableError

    try:
        yield
    except (RunError, ScenarioError, ParameterError, TableError, UnknownEditionError) as error:
        raise click.UsageError(str(error)) from None
    except OSError as error:
        raise click.UsageError(f"{error.filename}: {error.strerror or error}") from None
    except KeyboardInterrupt:
        sys.exit(130)


def _list(lang: str) -> None:
    from ruggespraak.population.scenarios import scenarios

    for one in scenarios().values():
        click.echo(f"{one.id:24} {one.called(lang)}")


def _run(said: dict[str, Any]) -> tuple[Run, Any, str | None]:
    """The run that was asked for, the discount rates, and the hash that the counts must have."""
    from ruggespraak.population.people import total
    from ruggespraak.population.report import from_manifest
    from ruggespraak.population.scenarios import AS_NOW, scenario
    from ruggespraak.population.simulate import Option, Run

    if said["again"]:
        try:
            manifest = json.loads(said["again"].read_text(encoding="utf-8"))
        except ValueError as error:
            raise click.UsageError(f"{said['again']}: no JSON: {error}") from None
        run, rates = from_manifest(manifest)
        return run, rates, str(manifest.get("counts"))
    editions, names = said["editions"] or (DEFAULT,), said["names"] or (AS_NOW,)
    for edition in editions:
        if edition not in EDITIONS:
            raise UnknownEditionError(f"edition {edition!r} does not exist; choose from {', '.join(EDITIONS)}")
    options = tuple(Option(edition, scenario(name)) for edition in editions for name in names)
    run = Run(
        people=said["people"],
        years=said["years"],
        seed=said["seed"],
        options=options,
        parameters=_changed(said["changes"]),
        born=round(said["births"] * said["people"] / total()),
    )
    return run, _rates(said["discount"]), None


def _changed(changes: tuple[str, ...]) -> Any:
    from ruggespraak.population.parameters import parameters

    values = {}
    for change in changes:
        id, _, value = change.partition("=")
        try:
            values[id] = float(value)
        except ValueError:
            raise click.UsageError(f"--set {change}: ID=NUMBER expected, as price.scan=300") from None
    return parameters().changed(values)


def _rates(said: str) -> Any:
    from ruggespraak.population.money import Rates

    try:
        costs, effects = (float(part) / 100 for part in said.split("/"))
    except ValueError:
        raise click.UsageError(f"--discount {said}: two numbers in per cent expected, as 3/1.5") from None
    if not (0 <= costs <= 1 and 0 <= effects <= 1):
        raise click.UsageError(f"--discount {said}: from 0 to 100 expected")
    return Rates(costs, effects)


def _is_new(folder: Path | None) -> None:
    if folder and folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise click.UsageError(f"{folder}: is not empty; a new folder expected")


def result_of(run: Run, threads: int = 2, dask: str | None = None) -> Result:
    """Runs it, with a line that says that it compiles and how far it is."""
    from ruggespraak.population import compiled
    from ruggespraak.population.simulate import simulate as simulated

    run.given, run.care  # noqa: B018  what cannot be is refused before anything compiles or runs
    if not compiled.is_kept():
        click.echo("compiling the life of one person, once for this computer ...", err=True)
    if dask:
        with extra("dask"):
            from ruggespraak.population.cluster import run_on
        return run_on(run, None if dask == LOCAL else dask, progress=_progress("shards"))
    return simulated(run, threads, _progress("lives"))


def _progress(what: str) -> Progress | None:
    """A line that says how far it is, on a terminal only."""
    if not sys.stderr.isatty():
        return None

    def shown(done: int, of: int) -> None:
        bar = "█" * (30 * done // of)
        print(f"\r{what} {bar:30} {done}/{of}", end="\n" if done == of else "", file=sys.stderr, flush=True)

    return shown


def _uncertainty(run: Run, rates: Any, number: int, threads: int) -> tuple[Any, Any]:
    """The draws of all parameters, and each of them at its ends, with fewer people than the run itself."""
    from dataclasses import replace

    from ruggespraak.population.calibrate import stored
    from ruggespraak.population.uncertainty import draws, one_way

    smaller, fitted = replace(run, people=min(run.people, PEOPLE_A_DRAW)), stored()
    drawn = draws(smaller, number, run.seed, fitted, rates, threads, _progress("draws"))
    return drawn, one_way(smaller, fitted, rates, threads, _progress("parameters"))


def show(found: dict[str, Any], lang: str) -> None:
    """The table on the terminal: the first option as it is, the others as what they differ from it."""
    from rich.console import Console
    from rich.table import Table

    from ruggespraak.population.shown import MEASURES, lines
    from ruggespraak.population.words import number, word

    console = Console(highlight=False)
    first, *others = found["options"]
    fit = max(1, (console.width - LABEL) // COLUMN - 1)  # others beside the first, in one table
    for start in range(0, max(len(others), 1), fit):
        table = Table(title=word("report.a_year", lang))
        table.add_column("", min_width=LABEL - 6)
        table.add_column(_named(first, lang), justify="right")
        shown = others[start : start + fit]
        for option in shown:
            table.add_column(f"{_named(option, lang)}\n{word('report.extra', lang)}", justify="right")
        for place, (label, cells) in enumerate(lines([first, *shown], lang), 1):
            table.add_row(label, *cells, end_section=place == len(MEASURES))
        console.print(table)
    if "uncertainty" in found:
        console.print(_how_sure(found["uncertainty"], lang))
    console.print(found["about"][lang])
    manifest = found["manifest"]
    said = word("report.provenance", lang)
    console.print(
        said.format(
            people=number(manifest["people"], lang),
            years=manifest["years"],
            seed=manifest["seed"],
            digest=manifest["counts"][:12],
        ),
        style="dim",
    )


def _how_sure(said: dict[str, Any], lang: str) -> Any:
    """What the draws of all parameters say of each option, against the first, over the whole run."""
    from rich.table import Table

    from ruggespraak.population.words import short, word

    table = Table(title=word("report.how_sure", lang))
    for name in ("", "report.extra_cost", "report.extra_qaly", "report.best_at"):
        table.add_column(word(name, lang) if name else "", justify="right" if name else "left")
    chances = {row["threshold"]: row for row in said["acceptability"]}
    for option in dict.fromkeys(row["option"] for row in said["against"]):
        rows = {row["outcome"]: row for row in said["against"] if row["option"] == option}
        ranges = [
            f"{short(row['mean'], lang)} ({short(row['low'], lang)} – {short(row['high'], lang)})"
            for row in (rows["cost"], rows["qaly"])
        ]
        best = " / ".join(f"{100 * chances[at][f'ceac: {option}']:.0f} %" for at in (20_000, 50_000, 80_000))
        table.add_row(option, *ranges, best)
    return table


def as_markdown(found: dict[str, Any], lang: str) -> str:
    """The same table in Markdown, with all options beside one another."""
    from ruggespraak.population.shown import lines

    options = found["options"]
    head = [_named(option, lang).replace("\n", ", ") for option in options]
    rows = ["| | " + " | ".join(head) + " |", "|---|" + "---:|" * len(head)]
    rows += [f"| {label} | {' | '.join(cells)} |" for label, cells in lines(options, lang)]
    return "\n".join([*rows, "", found["about"][lang]])


def _named(option: dict[str, Any], lang: str) -> str:
    from ruggespraak.population.scenarios import scenario

    return f"{option['edition'].partition('@')[0]}\n{scenario(option['scenario']).called(lang)}"
