"""``rug admin``: what the operator of a site does to it, on the machine on which it runs; the access log has each."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from ruggespraak import __version__
from ruggespraak.cli.site import on_the_site

BROKEN = 1
FILE = click.Path(path_type=Path, dir_okay=False)


@click.group()
def admin() -> None:
    """For who runs a site: its tables, its first practice, copies of everything, and the access log.

    It takes the settings of the environment (RUG_...), as "rug serve" does.
    """


def on_a_site(does: Callable[..., None]) -> Callable[..., None]:
    """A command that needs the site's settings and database."""

    @wraps(does)
    def made(**given: Any) -> None:
        with on_the_site():
            from ruggespraak.clinic.log import BrokenLogError

            try:
                does(**given)
            except BrokenLogError as error:
                click.echo(f"the access log is broken: {error}", err=True)
                sys.exit(BROKEN)

    return made


@admin.command()
@on_a_site
def upgrade() -> None:
    """Make the tables, or bring them to this version. Stop the site and make a backup first."""
    from ruggespraak.clinic import operations

    before, count = operations.upgrade()
    if count:
        click.echo(f"from {before or 'nothing'} to version {__version__}: {count} migrations")
    else:
        click.echo(f"nothing to do: the tables are of version {__version__}")


@admin.command()
@click.argument("name")
@click.option("--profession", type=click.Choice(["gp", "physiotherapist"]), required=True, help="Whose practice it is.")
@click.option("--manager", metavar="EMAIL", required=True, help="Who manages it, and adds everybody else.")
@click.option("--manager-name", metavar="NAME", default="", help="How colleagues and the access log know them.")
@on_a_site
def practice(name: str, profession: str, manager: str, manager_name: str) -> None:
    """Make a practice and its manager, who then signs in on the site and adds the care givers."""
    from ruggespraak.clinic import operations

    made = operations.begin_practice(name.strip(), profession, manager, manager_name.strip())
    click.echo(f"{made.name} ({profession}) is there; {manager.lower()} manages it, and signs in on the site")


@admin.command("lost-device")
@click.argument("email")
@on_a_site
def lost_device(email: str) -> None:
    """Forget the passkeys, app and recovery codes of EMAIL, who lost them, and end all their sessions.

    First make sure that it is them who asks, as surely as when they began: whoever reads their mail afterwards can sign
    in and set up a new one.
    """
    from ruggespraak.clinic import operations

    operations.lost_device(email)
    click.echo(f"{email.lower()} is signed out everywhere, and sets up a new second factor at the next sign-in")


@admin.command("legal-check")
@click.option("--by", metavar="NAME", required=True, help="Who looked at it, and answers for it.")
@click.option("--how", metavar="TEXT", required=True, help="What was looked at, and where that is written down.")
@on_a_site
def legal_check(by: str, how: str) -> None:
    """Record that somebody checked whether patients may use this version in public (RUG_PUBLIC=1).

    This software is not a certified medical device. Whether the law lets you offer its self-check to everybody, as what
    and under whose responsibility, is for you to find out; a new version asks for a new check.
    """
    from ruggespraak.clinic import operations

    operations.legal_check(by.strip(), how.strip())
    click.echo(f"recorded: {by.strip()} checked version {__version__}")


@admin.command("verify-log")
@click.option("--known", metavar="NUMBER:HASH", help="What this command said before: must still hold.")
@on_a_site
def verify_log(known: str | None) -> None:
    """Read the whole access log and say whether anything was changed or cut off; if so, where, with exit status 1.

    Keep what it says last, NUMBER:HASH, on another machine: with --known it shows that nothing was cut off since.
    """
    from ruggespraak.clinic import operations

    found = operations.verify_log(known)
    click.echo(f"whole, {found.rows} rows; it ends at {found.number}:{found.hash}")


@admin.command()
@click.argument("file", type=FILE)
@on_a_site
def backup(file: Path) -> None:
    """Write a copy of everything but the sessions to FILE, while the site goes on; and verify the access log.

    FILE holds what is sealed as it is sealed: without RUG_MASTER_KEY, which must be kept elsewhere, nobody reads it.
    """
    from ruggespraak.clinic import backup as copies
    from ruggespraak.clinic import log

    made = copies.backup(file)
    click.echo(
        f"{file}: {made.rows} rows of {len(made.tables)} tables; the access log ends at {made.number}:{made.hash}"
    )
    log.verify()


@admin.command()
@click.argument("file", type=FILE)
@click.option("--erased", type=FILE, help="The server's log since: who was erased in it is erased anew.")
@on_a_site
def restore(file: Path, erased: Path | None) -> None:
    """Put the backup FILE into the database that RUG_DATABASE names, which must be new or empty.

    All of it or nothing: every row and the access log are verified before they count.
    """
    from ruggespraak.clinic import backup as copies

    since = copies.erased_in(erased) if erased else None
    made, anew = copies.restore(file, since)
    click.echo(f"{made.rows} rows of {len(made.tables)} tables, as they were at {made.at}; verified")
    click.echo(f"the access log was whole up to {made.number}:{made.hash}")
    if erased is None:
        click.echo("whoever was erased after that moment can be read again: erase them (--erased, the server's log)")
    else:
        click.echo(f"erased anew: {anew}")


@admin.command()
@click.argument("to")
@on_a_site
def move(to: str) -> None:
    """Copy everything but the sessions to another database: TO is postgresql://... or a file, new or empty.

    With a password in it, give - and type or send TO: what stands in a command is seen by everybody on the machine.
    Stop the site first: what is written meanwhile stays behind. Afterwards set RUG_DATABASE to TO.
    """
    from ruggespraak.clinic import backup as copies

    made = copies.move(sys.stdin.readline().strip() if to == "-" else to)
    click.echo(
        f"{made.rows} rows of {len(made.tables)} tables, read back and compared; set RUG_DATABASE to the new one"
    )


@admin.command()
@on_a_site
def retention() -> None:
    """Delete what is older than it may be kept: rows of the access log, and records of twenty years ago."""
    from ruggespraak.clinic import operations

    for name, count in operations.retention().items():
        click.echo(f"{name}: {count}")
