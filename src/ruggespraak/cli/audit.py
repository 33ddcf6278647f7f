"""``rug audit``: a practice's or a region's records held against the pathway."""

from __future__ import annotations

import json
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ruggespraak.cli.country import readable, table
from ruggespraak.cli.extra import extra
from ruggespraak.cli.simulate import clear_errors, progress
from ruggespraak.pathway.editions import DEFAULT, EDITIONS
from ruggespraak.pathway.texts import LANGUAGES

if TYPE_CHECKING:
    from ruggespraak.audit.audit import Progress
    from ruggespraak.audit.records import Records
    from ruggespraak.audit.rejects import Rejects

GAP = 90  # days
REJECTS = "rejects.csv"
POSTGRES = ("postgres", "postgresql")
COUNTS = slice(1, 4)  # of the columns of the report's first table: met, not met, unknown
KINDS = {".ndjson": "FHIR", ".csv": "CSV", ".parquet": "Parquet"}
"""Of records, by the end of the names of their files."""


@click.command()
@click.argument("records", type=click.Path(path_type=Path))
@click.option(
    "--out", required=True, type=click.Path(path_type=Path),
    help="A new folder for the report (HTML), all figures, the cases behind them (Parquet), and what was rejected.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="The figures as JSON, and nothing else.")
@click.option("--edition", default=DEFAULT, show_default=True, metavar="E", help=f"One of {', '.join(EDITIONS)}.")
@click.option(
    "--gap", type=click.IntRange(1, 3650), metavar="DAYS",
    help=f"So long without a contact for the back ends an episode; Parquet has its own.  [default: {GAP}]",
)  # fmt: skip
@click.option(
    "--until", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE",
    help="The last day of which the records tell.  [default: that of the last contact]",
)  # fmt: skip
@click.option("--suppress", is_flag=True, help="Without numbers below 10, and without the cases.")
@click.option("--engine", metavar="URL", help="Where it is computed: spark://…, postgres://…; else in this process.")
@click.option("--lang", type=click.Choice(LANGUAGES), default="nl", show_default=True, help="Of what is said here.")
def audit(**said: Any) -> None:
    """Hold records against the pathway: how often care followed it, how often not, and how often nobody can say.

    RECORDS is a folder: FHIR Bulk Data (.ndjson), an extract of a GP's system (.csv), or the tables of 'rug simulate
    --records' (.parquet). The report names nobody; the cases and what was rejected hold ids. Not a certified medical
    device.
    """
    readable()
    with _ended(), extra("audit"), clear_errors():
        found = _made(**said)
        if said["as_json"]:
            click.echo(json.dumps(found))
        else:
            _show(found, said["lang"])


@contextmanager
def _ended() -> Iterator[None]:
    """Who ends it otherwise than by Ctrl-C leaves no half folder either: patients are in it."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _made(
    records: Path, out: Path, edition: str, gap: int | None, until: datetime | None, suppress: bool,
    engine: str | None, **_said: Any,
) -> dict[str, Any]:  # fmt: skip
    """Writes the folder, whole or not at all; the figures."""
    from ruggespraak.audit.audit import audit as audited_by
    from ruggespraak.audit.figures import suppressed
    from ruggespraak.audit.rejects import Rejects
    from ruggespraak.audit.report import put
    from ruggespraak.folder import whole
    from ruggespraak.pathway.editions import edition as expected

    expected(edition)
    read = _reader(records, gap)
    # Inside the new folder too: what cannot be read there is no fault of the folder.
    with (
        whole(out) as folder,
        clear_errors(),
        _engine_errors(records, out),
        tempfile.TemporaryDirectory(dir=folder) as work,
    ):
        connection = _connected(engine, Path(work))
        with Rejects(folder / REJECTS) as rejects, _told(rejects, out):
            of = read(connection, rejects, until.date() if until else None)
            _expect_past(of)
        made = audited_by(of, edition, _stages())
        made.found["manifest"] |= _account(rejects, of)
        if suppress:
            made = replace(made, found=suppressed(made.found))
        put(made, folder)
        if suppress:
            (folder / "cases.parquet").unlink()  # small numbers can be counted from it
    return made.found


# What is read, and where


def _reader(folder: Path, gap: int | None) -> Callable[[Any, Rejects, date | None], Records]:
    """What reads the records in this folder, by what lies there."""
    kind = _kind(folder)
    if kind == "Parquet" and gap:
        raise click.UsageError("--gap: given, and the episodes stand in Parquet already")
    from ruggespraak.audit.extract import read_extract
    from ruggespraak.audit.ndjson.loading import read_ndjson
    from ruggespraak.audit.parquet import read_parquet

    days = gap or GAP
    return {
        "Parquet": lambda engine, rejects, until: read_parquet(engine, folder, until, rejects),
        "CSV": lambda engine, rejects, until: read_extract(engine, folder, rejects, days, until),
        "FHIR": lambda engine, rejects, until: read_ndjson(engine, folder, rejects, days, until, progress("bytes")),
    }[kind]


def _kind(folder: Path) -> str:
    from ruggespraak.audit.records import TABLES

    if not folder.is_dir():
        raise click.UsageError(f"{folder}: no such folder; a folder of records expected")
    files = [path.name.removesuffix(".gz") if path.name not in TABLES else ".parquet" for path in folder.iterdir()]
    kinds = {KINDS[end] for name in files for end in KINDS if name.endswith(end)}
    if len(kinds) != 1:
        there = " and ".join(sorted(kinds)) or "no records"
        raise click.UsageError(f"{folder}: {there} found, files of one kind expected: {', '.join(KINDS)}")
    return kinds.pop()


def _connected(url: str | None, work: Path) -> Any:
    from ruggespraak.audit.engine import SPARK, connected

    if url is None:
        return connected(work=work)
    scheme = url.partition("://")[0]
    ours = "spark" if url.startswith(SPARK) else "postgres" if scheme in POSTGRES else None
    with extra(ours) if ours else extra(scheme, of="ibis-framework"):
        return connected(url, work=work)


def _expect_past(of: Records) -> None:
    """Days that are still to come would count as days in which nothing was done. Simulated lives may lie there."""
    last = of["contacts"].date.max().to_pyarrow().as_py()
    if of.until > date.today() and last and of.until > last:
        raise click.UsageError(f"--until {of.until}: not past yet; {date.today()} or earlier expected")


@contextmanager
def _engine_errors(records: Path, out: Path) -> Iterator[None]:
    """A file that is damaged inside, a disk or a memory that is full: one line, as any other bad input."""
    import duckdb
    import pyarrow

    try:
        yield
    except (duckdb.Error, pyarrow.ArrowException) as error:
        if isinstance(error, duckdb.ProgrammingError) and not isinstance(error, duckdb.InvalidInputException):
            raise  # a mistake of ours
        raise click.UsageError(f"{records}: {str(error).splitlines()[0]}") from None
    except OSError as error:
        if error.filename or not error.strerror:  # it says the place itself
            raise
        raise click.UsageError(f"{out}: {error.strerror}") from None


# What is said


@contextmanager
def _told(rejects: Rejects, out: Path) -> Iterator[None]:
    """How much was rejected, also where nothing could be read and there is no folder."""
    try:
        yield
    except ValueError:
        for file, kinds in rejects.counts.items():
            for kind, many in kinds.items():
                click.echo(f"{file}: {many} × {kind}", err=True)
        raise
    if many := sum(sum(kinds.values()) for kinds in rejects.counts.values()):
        click.echo(f"{many} rejected: {out / REJECTS} says which and why", err=True)


def _account(rejects: Rejects, of: Records) -> dict[str, Any]:
    """What became of every line that was read, and how many events stand in no episode."""
    found: dict[str, Any] = {
        name: {file: dict(sorted(counts.items())) for file, counts in sorted(getattr(rejects, of_which).items())}
        for name, of_which in (("rejects", "counts"), ("passed", "passed"))
    }
    found["read"] = dict(sorted(rejects.read.items()))
    if (loose := of.tables.get("loose")) is not None:
        counted = loose.group_by("table").agg(many=loose.count()).order_by("table").to_pyarrow()
        found["loose"] = {row["table"]: row["many"] for row in counted.to_pylist()}
    return found


def _stages() -> Progress | None:
    """A line that says how far it is, on a terminal only."""
    if not sys.stderr.isatty():
        return None

    def shown(stage: int, of: int, name: str) -> None:
        print(f"\r\x1b[K{stage}/{of} {name} ...", end="\n" if stage == of else "", file=sys.stderr, flush=True)

    return shown


def _show(found: dict[str, Any], lang: str) -> None:
    """The three findings, and how often each measure was met."""
    from rich.console import Console

    from ruggespraak.audit.report import three
    from ruggespraak.audit.report.tables import tables
    from ruggespraak.audit.words import word

    console = Console(highlight=False, markup=False, emoji=False)
    for one in three(found, lang):
        console.print(word(f"told.{one.kind}", lang), style="bold")
        console.print(" ".join(one.says) + "\n")
    measures, *_ = tables(found, lang)
    table(console, measures.caption, measures.head[COUNTS], [(row[0], row[COUNTS]) for row in measures.rows])
    console.print(word("report.unknown_is_not_no", lang), word("about.device", lang))
