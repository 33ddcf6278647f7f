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

# What the table on the terminal shows, in this order; --json, and the files of --out, have everything.
SHOWN = (
    "gp_cases", "radicular_cases", "people_in_pain", "pain_severe", "gp", "physiotherapist", "neurologist",
    "orthopaedist", "x_ray", "scan", "scan_needless", "operation", "alarms", "alarms_missed", "hours_late", "sick",
    "disability_claims",
)  # fmt: skip
LOCAL = "local"


@click.command()
@click.option("--people", type=int, default=100_000, show_default=True, help="How many lives.")
@click.option("--years", type=int, default=10, show_default=True, help="How many years.")
@click.option("--seed", type=int, default=1, show_default=True, help="The luck of the run.")
@click.option(
    "--edition", "editions", multiple=True, metavar="E", help=f"One of {', '.join(EDITIONS)}; more than once."
)
@click.option("--scenario", "names", multiple=True, metavar="S", help="A scenario; more than once. 'list' names them.")
@click.option("--births", type=int, default=0, show_default=True, help="Births a year in the country.")
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
    with extra("population"), _clear_errors():
        if "list" in said["names"]:
            _list(said["lang"])
            return
        run, rates, expected = _run(said)
        for folder in (said["out"], said["records"]):
            _is_new(folder)
        result = _result(run, said)
        if expected and result.digest != expected:
            raise click.ClickException(f"the counts differ: {result.digest} made, {expected} in the manifest")
        found = _report(result, rates, said["draws"], said["seed"])
        if said["out"]:
            _write(result, found, said["out"], said["lang"])
        if said["records"]:
            from ruggespraak.population.records import write

            write(run, said["records"], progress=_progress("records"))
        if said["as_json"]:
            click.echo(json.dumps(found, ensure_ascii=False))
        else:
            _show(found, said["lang"])


@contextmanager
def _clear_errors() -> Iterator[None]:
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
        id, is_set, value = change.partition("=")
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


def _result(run: Run, said: dict[str, Any]) -> Result:
    from ruggespraak.population import compiled
    from ruggespraak.population.simulate import simulate as simulated

    run.given, run.care  # noqa: B018  what cannot be is refused before anything compiles or runs
    if not compiled.is_kept():
        click.echo("compiling the life of one person, once for this computer ...", err=True)
    if said["dask"]:
        with extra("dask"):
            from ruggespraak.population.cluster import run_on
        return run_on(run, None if said["dask"] == LOCAL else said["dask"], progress=_progress("shards"))
    return simulated(run, said["threads"], _progress("lives"))


def _progress(what: str) -> Progress | None:
    """A line that says how far it is, on a terminal only."""
    if not sys.stderr.isatty():
        return None

    def shown(done: int, of: int) -> None:
        bar = "█" * (30 * done // of)
        print(f"\r{what} {bar:30} {done}/{of}", end="\n" if done == of else "", file=sys.stderr, flush=True)

    return shown


def _report(result: Result, rates: Any, draws: int, seed: int) -> dict[str, Any]:
    from ruggespraak.population.report import report

    return report(result, rates)


def _write(result: Result, found: dict[str, Any], folder: Path, lang: str) -> None:
    """Manifest, results and plots, all or nothing."""
    import shutil
    import tempfile

    import pyarrow
    import pyarrow.parquet

    from ruggespraak.population.report import rows

    folder.parent.mkdir(parents=True, exist_ok=True)
    half = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}-"))
    try:
        (half / "manifest.json").write_text(json.dumps(found["manifest"], indent=2) + "\n", encoding="utf-8")
        (half / "results.json").write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        pyarrow.parquet.write_table(pyarrow.table(rows(result)), half / "results.parquet")
        if folder.exists():
            folder.rmdir()
        half.chmod(0o755)
        half.rename(folder)
    except BaseException:
        shutil.rmtree(half, ignore_errors=True)
        raise


def _show(found: dict[str, Any], lang: str) -> None:
    """The table on the terminal: the first option as it is, the others as what they differ from it."""
    from rich.console import Console
    from rich.table import Table

    from ruggespraak.population.words import word

    console = Console(highlight=False)
    first, *others = found["options"]
    table = Table(title=word("report.a_year", lang), caption=found["about"][lang], caption_justify="left")
    table.add_column("")
    table.add_column(_named(first, lang), justify="right")
    for other in others:
        table.add_column(f"{_named(other, lang)}\n{word('report.extra', lang)}", justify="right")
    for measure in SHOWN:
        rows = [one["measures"][measure] for one in found["options"]]
        label = f"{word(f'measure.{measure}', lang)}"
        table.add_row(
            label, _amount(rows[0]["value"], rows[0]["error"], lang), *(_extra(row, lang) for row in rows[1:])
        )
    table.add_section()
    for perspective in ("care", "friction", "human_capital"):
        rows = [one["euros"][perspective] for one in found["options"]]
        millions = [{key: value / 1e6 for key, value in row.items()} for row in rows]
        label = f"{word(f'perspective.{perspective}', lang)} ({word('unit.million_euro', lang)})"
        table.add_row(
            label,
            _amount(millions[0]["value"], millions[0]["error"], lang),
            *(_extra(row, lang) for row in millions[1:]),
        )
    rows = [one["quality_lost"] for one in found["options"]]
    table.add_row(
        word("report.quality_lost", lang),
        _amount(rows[0]["value"], rows[0]["error"], lang),
        *(_extra(row, lang) for row in rows[1:]),
    )
    console.print(table)
    manifest = found["manifest"]
    console.print(
        word("report.provenance", lang).format(
            people=_number(manifest["people"], lang),
            years=manifest["years"],
            seed=manifest["seed"],
            digest=manifest["counts"][:12],
        ),
        style="dim",
    )


def _named(option: dict[str, Any], lang: str) -> str:
    from ruggespraak.population.scenarios import scenario

    return f"{option['edition'].partition('@')[0]}\n{scenario(option['scenario']).called(lang)}"


def _number(value: float, lang: str) -> str:
    said = f"{value:,.0f}" if abs(value) >= 100 or value == 0 else f"{value:,.1f}"
    return said.translate(str.maketrans(",.", ".,")) if lang == "nl" else said


def _amount(value: float, error: float, lang: str) -> str:
    return f"{_number(value, lang)} ± {_number(1.96 * error, lang)}"


def _extra(row: dict[str, float], lang: str) -> str:
    if row["extra"] == 0 and row["extra_error"] == 0:
        return "="
    sign = "+" if row["extra"] > 0 else "−" if row["extra"] < 0 else ""
    return f"{sign}{_number(abs(row['extra']), lang)} ± {_number(1.96 * row['extra_error'], lang)}"
