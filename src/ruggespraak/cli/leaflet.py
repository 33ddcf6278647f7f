"""``rug leaflet CASE -o FILE.pdf``: the personal leaflet of one case."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import click

from ruggespraak.cli.extra import extra
from ruggespraak.cli.refused import Refused
from ruggespraak.consult import Case, CaseError
from ruggespraak.consult.contract import case_in
from ruggespraak.pathway.editions import DEFAULT, EDITIONS
from ruggespraak.pathway.texts import LANGUAGES


@click.command()
@click.argument("case")
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="PDF to write.")
@click.option("--lang", type=click.Choice(LANGUAGES), default="nl", show_default=True, help="Language.")
@click.option("--edition", type=click.Choice(EDITIONS), default=DEFAULT, show_default=True, help="Edition.")
@click.option(
    "--paper",
    type=click.Choice(["a4", "a5", "booklet"]),
    default="a4",
    show_default=True,
    help="Pages of A4 or A5, or sheets of A4 that fold into an A5 booklet.",
)
def leaflet(case: str, output: Path, lang: str, edition: str, paper: str) -> None:
    """The personal leaflet of one CASE (a JSON file; - is standard input) as an accessible PDF."""
    with extra("web"):
        from ruggespraak.documents.pdf import printed
    from ruggespraak.documents.personal import personal

    _write(output, printed(personal(_read(case, edition), lang), paper))


def _read(name: str, edition: str) -> Case:
    """The case in this file; raises Refused where there is none."""
    try:
        return case_in(sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes(), edition)
    except CaseError as error:
        raise Refused(*(f"{name}: {problem}" for problem in error.problems)) from None
    except OSError as error:
        raise Refused(f"{name}: {error.strerror or error}") from None
    except ValueError as error:
        raise Refused(f"{name}: {error}") from None


def _write(output: Path, content: bytes) -> None:
    """The whole file, or nothing: it is written beside its place and then moved there.

    What is no file (a pipe, a device) is written to as it is.
    """
    output = output.resolve()
    try:
        if output.exists() and not output.is_file():
            output.write_bytes(content)
            return
        with tempfile.NamedTemporaryFile(dir=output.parent, prefix=f".{output.name}.", delete=False) as beside:
            try:
                beside.write(content)
                beside.close()
                os.chmod(beside.name, 0o666 & ~_umask())
                os.replace(beside.name, output)
            except BaseException:
                Path(beside.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise Refused(f"{output}: {error.strerror or error}") from None


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
