"""``rug simulate``: the country under one or more editions and scenarios."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click
from click.core import ParameterSource

from ruggespraak.cli.country import readable, show
from ruggespraak.cli.extra import extra
from ruggespraak.pathway.editions import DEFAULT, EDITIONS, UnknownEditionError
from ruggespraak.pathway.texts import LANGUAGES

if TYPE_CHECKING:
    from ruggespraak.population.money import Rates
    from ruggespraak.population.simulate import Progress, Result, Run

LOCAL = "local"
MOST_BIRTHS, MOST_DRAWS = 1_000_000, 1 << 16
PEOPLE_A_DRAW = 20_000  # at most
# What a manifest says, and so is not said beside it.
OF_A_MANIFEST = ("people", "years", "seed", "editions", "names", "births", "changes", "discount", "draws")


@click.command()
@click.option("--people", type=int, default=100_000, show_default=True, help="How many lives.")
@click.option("--years", type=int, default=10, show_default=True, help="How many years.")
@click.option("--seed", type=int, default=1, show_default=True, help="The luck of the run.")
@click.option(
    "--edition", "editions", multiple=True, metavar="E", help=f"One of {', '.join(EDITIONS)}; more than once."
)
@click.option("--scenario", "names", multiple=True, metavar="S", help="A scenario; more than once. 'list' names them.")
@click.option(
    "--births", type=click.IntRange(0, MOST_BIRTHS), default=0, show_default=True, help="Births a year in the country."
)
@click.option(
    "--set", "changes", multiple=True, metavar="ID=VALUE", help="Another value for a parameter, as price.scan=300."
)
@click.option(
    "--discount",
    default="3/1.5",
    show_default=True,
    metavar="C/E",
    help="Of the whole run, in per cent: costs/effects.",
)
@click.option("--draws", type=int, default=0, help="How sure: so many draws of all parameters, a power of two.")
@click.option("--json", "as_json", is_flag=True, help="The results as JSON, and nothing else.")
@click.option("--out", type=click.Path(path_type=Path), help="A new folder for tables (Parquet), plots and manifest.")
@click.option(
    "--records",
    type=click.Path(path_type=Path),
    help="A new folder for what practices would have stored, under the first edition and scenario.",
)
@click.option(
    "--dask",
    is_flag=False,
    flag_value=LOCAL,
    metavar="ADDRESS",
    help="Spread the run over a Dask cluster; without an address one of this computer.",
)
@click.option("--again", type=click.Path(path_type=Path), help="Make the run of this manifest again, and compare.")
@click.option("--threads", type=click.IntRange(1, 256), default=2, show_default=True, help="At most so many at once.")
@click.option("--lang", type=click.Choice(LANGUAGES), default="nl", show_default=True, help="Language of the texts.")
def simulate(**said: Any) -> None:
    """Live many lives through the pathway: complaints, care, sick leave and euros, a year in the country.

    Every edition is run under every scenario, with the same people and the same luck; the first of them is what the
    others are compared with. A person of the run stands for 17.9 million people divided by --people.
    """
    readable()
    with extra("population"), clear_errors():
        if "list" in said["names"]:
            _list(said["lang"])
            return
        asked = _of_manifest(said["again"]) if said["again"] else _asked(said)
        if asked.draws:
            _check_draws(asked.run)
        _check_folders(said["out"], said["records"])
        result = result_of(asked.run, said["threads"], said["dask"])
        if asked.counts and result.digest != asked.counts:
            raise click.ClickException(f"the counts differ: {result.digest} made, {asked.counts} in the manifest")
        _tell(asked, result, said)


class Asked(NamedTuple):
    """What is to be run; ``counts``: the hash that the counts must have, of a manifest."""

    run: Run
    rates: Rates
    draws: int
    counts: str = ""


@contextmanager
def clear_errors() -> Iterator[None]:
    """What cannot be is one line and exit status 2; who stops it gets 130."""
    try:
        yield
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise click.UsageError(f"{error.filename}: {reason}" if error.filename else reason) from None
    except ValueError as error:
        if not type(error).__module__.startswith("ruggespraak."):  # not one of ours
            raise
        raise click.UsageError(str(error)) from None


def _list(lang: str) -> None:
    from ruggespraak.population.scenarios import scenarios

    for one in scenarios().values():
        click.echo(f"{one.id:24} {one.called(lang)}")


def _asked(said: dict[str, Any]) -> Asked:
    from ruggespraak.population.people import total
    from ruggespraak.population.scenarios import AS_NOW, scenario
    from ruggespraak.population.simulate import Option, Run

    editions, names = said["editions"] or (DEFAULT,), said["names"] or (AS_NOW,)
    for edition in editions:
        if edition not in EDITIONS:
            raise UnknownEditionError(f"edition {edition!r} does not exist; choose from {', '.join(EDITIONS)}")
    run = Run(
        people=said["people"],
        years=said["years"],
        seed=said["seed"],
        options=tuple(Option(edition, scenario(name)) for edition in editions for name in names),
        parameters=_changed(said["changes"]),
        born=round(said["births"] * said["people"] / total()),
    )
    return Asked(run, _rates(said["discount"]), _power_of_two(said["draws"]))


def _of_manifest(path: Path) -> Asked:
    from ruggespraak.population.report import from_manifest

    context = click.get_current_context()
    for option in context.command.params:
        if option.name in OF_A_MANIFEST and context.get_parameter_source(option.name) is ParameterSource.COMMANDLINE:
            raise click.UsageError(f"{option.opts[0]}: given beside --again, whose manifest says it already")
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise click.UsageError(f"{path}: no JSON: {error}") from None
    run, rates = from_manifest(manifest)
    return Asked(run, rates, _power_of_two(manifest["draws"]), manifest["counts"])


def _changed(changes: tuple[str, ...]) -> Any:
    from ruggespraak.population.parameters import parameters

    values: dict[str, float] = {}
    for change in changes:
        id, _, value = change.partition("=")
        if id in values:
            raise click.UsageError(f"--set {change}: {id} given twice, once expected")
        try:
            values[id] = float(value)
        except ValueError:
            raise click.UsageError(f"--set {change}: ID=NUMBER expected, as price.scan=300") from None
    return parameters().changed(values)


def _rates(said: str) -> Rates:
    from ruggespraak.population.money import Rates

    try:
        costs, effects = (float(part) / 100 for part in said.split("/"))
    except ValueError:
        raise click.UsageError(f"--discount {said}: two numbers in per cent expected, as 3/1.5") from None
    if not (0 <= costs <= 1 and 0 <= effects <= 1):
        raise click.UsageError(f"--discount {said}: from 0 to 100 expected")
    return Rates(costs, effects)


def _power_of_two(draws: int) -> int:
    if draws and not (2 <= draws <= MOST_DRAWS and draws & (draws - 1) == 0):
        raise click.UsageError(f"--draws: {draws} given, a power of two from 2 to {MOST_DRAWS} expected")
    return draws


def _check_draws(run: Run) -> None:
    from ruggespraak.population.calibrate import stored
    from ruggespraak.population.parameters import parameters

    if len(run.options) < 2:
        raise click.UsageError("--draws: one option given, at least two (--edition, --scenario) expected")
    for id in stored().ids:
        if run.parameters[id] != parameters()[id]:
            raise click.UsageError(f"--set {id}: --draws takes it from what was fitted, whatever its value is here")


def _check_folders(out: Path | None, records: Path | None) -> None:
    """Before a run that may take long."""
    from ruggespraak.folder import expect_new

    for folder in (out, records):
        if folder:
            expect_new(folder)
    if out and records and out.absolute().is_relative_to(records.absolute()):
        raise click.UsageError(f"--out {out}: lies in --records {records}, another folder expected")


def result_of(run: Run, threads: int = 2, dask: str | None = None) -> Result:
    """Runs it, with a line that says that it compiles and how far it is."""
    from ruggespraak.population import compiled
    from ruggespraak.population.simulate import simulate as simulated

    run.given, run.care  # noqa: B018  what cannot be is refused before anything compiles or runs
    if dask is not None:
        with extra("dask"):
            from ruggespraak.population.cluster import run_on
    if dask in (None, LOCAL) and not compiled.is_kept():
        click.echo("compiling the life of one person, once for this computer ...", err=True)
    if dask is not None:
        return run_on(run, None if dask == LOCAL else dask, progress=progress("shards"))
    return simulated(run, threads, progress("lives"))


def progress(what: str) -> Progress | None:
    """A line that says how far it is and how long it takes still, on a terminal only."""
    if not sys.stderr.isatty():
        return None
    began, room = time.monotonic(), max(0, min(30, shutil.get_terminal_size().columns - 40))

    def shown(done: int, of: int) -> None:
        left = (time.monotonic() - began) * (of - done) / done
        bar = f"{'█' * (room * done // of):{room}}"
        wait = f"{left / 60:.0f} min" if left > 90 else f"{left:.0f} s"
        end = "\n" if done == of else f", {wait} left"
        print(f"\r\x1b[K{what} {bar} {done}/{of}", end=end, file=sys.stderr, flush=True)

    return shown


def _tell(asked: Asked, result: Result, said: dict[str, Any]) -> None:
    """Writes what was asked for: folders, and the tables or JSON."""
    from ruggespraak.population.report import report

    run, lang = asked.run, said["lang"]
    found = report(result, asked.rates, asked.draws)
    drawn = single = None
    if asked.draws:
        from ruggespraak.population.uncertainty import ABOUT, summary, tables

        drawn, single = _uncertainty(asked, said["threads"])
        design = {"draws": asked.draws, "left_out": drawn.left_out, "people": drawn.run.people}
        found["uncertainty"] = tables(summary(drawn), single) | design | {"about": ABOUT}
    if said["out"]:
        from ruggespraak.population import outputs

        outputs.write(result, found, said["out"], lang, drawn, single)
    if said["records"]:
        from ruggespraak.population import records

        records.write(run, said["records"], progress=progress("records"))
        if len(run.options) > 1:
            click.echo(f"records: of {run.options[0].id}, the first of {len(run.options)} options", err=True)
    if said["as_json"]:
        click.echo(json.dumps(found))
    else:
        show(found, lang)


def _uncertainty(asked: Asked, threads: int) -> tuple[Any, Any]:
    """The draws of all parameters, and each of them at its ends, with fewer people than the run itself."""
    from dataclasses import replace

    from ruggespraak.population.calibrate import stored
    from ruggespraak.population.uncertainty import draws, one_way

    run, fitted = asked.run, stored()
    people = min(run.people, PEOPLE_A_DRAW)
    smaller = replace(run, people=people, born=round(run.born * people / run.people))
    drawn = draws(smaller, asked.draws, run.seed, fitted, asked.rates, threads, progress("draws"))
    return drawn, one_way(smaller, fitted, asked.rates, threads, progress("parameters"))
