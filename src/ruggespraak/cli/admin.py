"""``rug admin``: what the operator of a site does to it, on the machine on which it runs; the access log has each."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from functools import wraps
from pathlib import Path
from typing import Any

import click

from ruggespraak import __version__
from ruggespraak.cli.extra import extra
from ruggespraak.cli.site import RefusedError, site

BROKEN = 1
FILE = click.Path(path_type=Path, dir_okay=False)


@click.group()
def admin() -> None:
    """For who runs a site: its tables, its first practice, copies of everything, and the access log.

    It takes the settings of the environment (RUG_...), as "rug serve" does.
    """


def on_the_site(does: Callable[..., None]) -> Callable[..., None]:
    """A command that needs the site's settings and database. What cannot be done is one line, and exit status 2."""

    @wraps(does)
    def made(**given: Any) -> None:
        with site():
            from ruggespraak.clinic.backup import BackupError
            from ruggespraak.clinic.log import BrokenLogError

            try:
                does(**given)
            except BackupError as error:
                raise RefusedError(str(error)) from None
            except BrokenLogError as error:
                click.echo(f"the access log is broken: {error}", err=True)
                sys.exit(BROKEN)

    return made


def _of_this_version() -> None:
    from ruggespraak.clinic import upkeep

    if upkeep.missing() or upkeep.newer():
        raise RefusedError(f"the tables are not of version {__version__}: rug admin upgrade")


@admin.command()
@on_the_site
def upgrade() -> None:
    """Make the tables, or bring them to this version. Stop the site and make a backup first."""
    from django.core.management import call_command

    from ruggespraak.clinic import log, upkeep

    before, missing = upkeep.applied(), upkeep.missing()
    if newer := upkeep.newer():
        raise RefusedError(f"the tables are of a newer version than {__version__} ({newer[-1]}): install that one")
    if not missing:
        click.echo(f"nothing to do: the tables are of version {__version__}")
        return
    call_command("migrate", verbosity=0)
    if before:
        log.note(log.What.OPERATOR, log.OPERATOR, "upgrade")
    came_from = [name for name in before if name.startswith("clinic.")]
    click.echo(f"from {came_from[-1] if came_from else 'nothing'} to version {__version__}: {len(missing)} migrations")


@admin.command()
@click.argument("name")
@click.option("--profession", type=click.Choice(["gp", "physiotherapist"]), required=True, help="Whose practice it is.")
@click.option("--manager", metavar="EMAIL", required=True, help="Who manages it, and adds everybody else.")
@click.option("--manager-name", metavar="NAME", default="", help="How colleagues and the access log know them.")
@on_the_site
def practice(name: str, profession: str, manager: str, manager_name: str) -> None:
    """Make a practice and its manager, who then signs in on the site and adds the care givers."""
    from django.core.exceptions import ValidationError
    from django.core.validators import validate_email
    from django.db import transaction
    from django.utils import timezone

    from ruggespraak.clinic import log
    from ruggespraak.clinic.models import Account, Member, Practice
    from ruggespraak.clinic.roles import Role

    _of_this_version()
    longest = Practice._meta.get_field("name").max_length
    if not 0 < len(name.strip()) <= longest or len(manager_name) > longest:
        raise RefusedError(f"NAME and --manager-name: up to {longest} characters expected")
    try:
        validate_email(manager)
    except ValidationError:
        raise RefusedError(f"--manager {manager}: an e-mail address expected") from None
    if Practice.objects.filter(name=name.strip()).exists():
        raise RefusedError(f"there is a practice named {name.strip()} already")
    with transaction.atomic():
        made = Practice.objects.create(name=name.strip(), profession=profession)
        known = Account.objects.filter(email=manager.lower()).first()
        who = known or Account.objects.create_account(manager, manager_name)
        Member.objects.create(account=who, practice=made, role=str(Role.MANAGER), since=timezone.localdate())
        log.note(log.What.OPERATOR, log.Actor("operator", practice=made.pk), "practice")
    click.echo(f"{made.name} ({profession}) is there; {manager.lower()} manages it, and signs in on the site")


@admin.command("legal-check")
@click.option("--by", metavar="NAME", required=True, help="Who looked at it, and answers for it.")
@click.option("--how", metavar="TEXT", required=True, help="What was looked at, and where that is written down.")
@on_the_site
def legal_check(by: str, how: str) -> None:
    """Record that somebody checked whether patients may use this version in public (RUG_PUBLIC=1).

    This software is not a certified medical device. Whether the law lets you offer its self-check to everybody, as what
    and under whose responsibility, is for you to find out; a new version asks for a new check.
    """
    from ruggespraak.clinic import log
    from ruggespraak.clinic.models import LegalCheck

    _of_this_version()
    longest = LegalCheck._meta.get_field("by").max_length
    if not 0 < len(by.strip()) <= longest or not how.strip():
        raise RefusedError(f"--by and --how: something expected, and a name of up to {longest} characters")
    LegalCheck.objects.create(by=by.strip(), how=how.strip(), version=__version__)
    log.note(log.What.OPERATOR, log.OPERATOR, "legal-check")
    click.echo(f"recorded: {by.strip()} checked version {__version__}")


@admin.command("verify-log")
@click.option("--known", metavar="NUMBER:HASH", help="What this command said before: must still hold.")
@on_the_site
def verify_log(known: str | None) -> None:
    """Read the whole access log and say whether anything was changed or cut off; if so, where, with exit status 1.

    Keep what it says last, NUMBER:HASH, on another machine: with --known it shows that nothing was cut off since.
    """
    from ruggespraak.clinic import log

    _of_this_version()
    found = log.verify(_known(known) if known else None)
    log.note(log.What.OPERATOR, log.OPERATOR, "verify-log")
    click.echo(f"whole, {found.rows} rows; it ends at {found.number}:{found.hash}")


def _known(given: str) -> tuple[int, str]:
    number, _colon, hash = given.partition(":")
    if not number.isdecimal() or set(hash) - set("0123456789abcdef") or len(hash) not in (0, 64):
        raise RefusedError(f"--known {given}: NUMBER:HASH expected, as this command says them")
    return int(number), hash


@admin.command()
@click.argument("file", type=FILE)
@on_the_site
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
@on_the_site
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
@on_the_site
def move(to: str) -> None:
    """Copy everything but the sessions to another database: TO is postgresql://... or a file, new or empty.

    Stop the site first: what is written meanwhile stays behind. Afterwards set RUG_DATABASE to TO.
    """
    from ruggespraak.clinic import backup as copies
    from ruggespraak.clinic.database import SCHEME

    if to.startswith(SCHEME):
        with extra("postgres"):
            import psycopg  # noqa: F401
    made = copies.move(to)
    click.echo(
        f"{made.rows} rows of {len(made.tables)} tables, read back and compared; set RUG_DATABASE to the new one"
    )


@admin.command()
@on_the_site
def retention() -> None:
    """Delete what is older than it may be kept: rows of the access log, and records of twenty years ago."""
    from ruggespraak.clinic import log, upkeep

    _of_this_version()
    log.note(log.What.OPERATOR, log.OPERATOR, "retention")
    for name, does in upkeep.OLD.items():
        click.echo(f"{name}: {does(date.today())}")
