"""``rug export fhir DIR``: the pathway as FHIR definitions, as CQL and as a FHIR package, for another engine.

The folder is written whole or not at all. Beside the files stands a list of them with what each must hold: a folder of
which that is true was made here and may be made anew; anything else that is there already stays.
"""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import click

from ruggespraak.cli.refused import Refused
from ruggespraak.pathway.editions import EDITIONS
from ruggespraak.pathway.texts import LANGUAGES, text

LIST = "export.json"


@click.group()
def export() -> None:
    """The pathway for other systems."""


@export.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--edition",
    "editions",
    multiple=True,
    type=click.Choice(EDITIONS),
    help="Only this one; may be given more than once.  [all]",
)
@click.option("--lang", type=click.Choice(LANGUAGES), default="nl", show_default=True, help="Language.")
def fhir(folder: Path, editions: tuple[str, ...], lang: str) -> None:
    """Write the pathway to the new folder DIR: FHIR R4 definitions, their CQL, and a FHIR package with all of them."""
    from ruggespraak.fhir.definitions.package import files

    into = folder.resolve()
    try:
        _expect_room(into)
        made = files(editions or EDITIONS)
        _write(into, made | {LIST: _list(made)})
    except OSError as error:
        raise Refused(f"{into}: {error.strerror or error}") from None
    click.echo(text("exchange", "written", "says", lang).format(n=len(made), where=folder))


def _expect_room(into: Path) -> None:
    """Refuses a place where something stands that this command did not write."""
    if not into.exists():
        return
    if into == Path.cwd():  # it would be replaced while somebody stands in it
        raise Refused(f"{into}: this is the folder you are in; a new folder expected")
    if not into.is_dir():
        raise Refused(f"{into}: a file stands there, a new or empty folder expected")
    there = {
        path.relative_to(into).as_posix(): path for path in into.rglob("*") if path.is_symlink() or not path.is_dir()
    }
    listed = _listed(there.pop(LIST, None))
    for name, path in sorted(there.items()):
        if name not in listed or listed[name] != sha256(path.read_bytes()).hexdigest():
            why = f"{name} stands there, which rug export did not write; a new or empty folder expected"
            raise Refused(f"{into}: {why}")


def _list(made: Mapping[str, bytes]) -> bytes:
    """What each file must hold, as a SHA-256."""
    return json.dumps({name: sha256(content).hexdigest() for name, content in made.items()}, indent=2).encode()


def _listed(path: Path | None) -> Mapping[str, str]:
    """The list of an earlier export; nothing where there is none that can be read."""
    try:
        found = json.loads(path.read_bytes()) if path else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _write(into: Path, made: Mapping[str, bytes]) -> None:
    """The whole folder, or nothing: it is written beside its place and then takes it."""
    mark = secrets.token_hex(4)
    half, old = (into.with_name(f".{into.name}.{mark}.{state}") for state in ("half", "old"))
    try:
        half.mkdir()
        for name, content in made.items():
            (half / name).parent.mkdir(exist_ok=True)
            (half / name).write_bytes(content)
        if into.exists():
            into.rename(old)
        try:
            half.rename(into)
        except BaseException:
            if old.exists():
                old.rename(into)
            raise
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(half, ignore_errors=True)
