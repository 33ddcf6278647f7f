"""What the operator of a site does to it, as ``rug admin`` offers it. The access log has each of them."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from ruggespraak import __version__
from ruggespraak.clinic import log, upkeep
from ruggespraak.clinic.log import OPERATOR, Actor, Verified, What
from ruggespraak.clinic.models import Account, LegalCheck, Member, Practice
from ruggespraak.clinic.refused import RefusedError
from ruggespraak.clinic.roles import Role
from ruggespraak.clinic.sign_ins import forget_factors


def of_this_version() -> None:
    """Raises RefusedError where the tables are older or newer than this software."""
    if newer := upkeep.newer():
        raise RefusedError(f"the tables are of a newer version than {__version__} ({newer[-1]}): install that one")
    if missing := upkeep.missing():
        raise RefusedError(f"the tables are not of version {__version__} ({missing[0]} is missing): rug admin upgrade")


def upgrade() -> tuple[str, int]:
    """Brings the tables to this version: from which migration of the clinic, and how many were applied."""
    before, missing = upkeep.applied(), upkeep.missing()
    if not missing or upkeep.newer():
        of_this_version()
    else:
        call_command("migrate", verbosity=0)
        if before:
            log.note(What.OPERATOR, OPERATOR, "upgrade")
    return max((name for name in before if name.startswith("clinic.")), default=""), len(missing)


@transaction.atomic
def begin_practice(name: str, profession: str, manager: str, manager_name: str) -> Practice:
    """A practice, and who manages it: an account that is there already, or a new one."""
    of_this_version()
    longest = Practice._meta.get_field("name").max_length
    if not 0 < len(name) <= longest or len(manager_name) > longest:
        raise RefusedError(f"NAME and --manager-name: up to {longest} characters expected")
    try:
        Account._meta.get_field("email").clean(manager, None)
    except ValidationError:
        raise RefusedError(f"--manager {manager}: an e-mail address expected") from None
    if Practice.objects.filter(name=name).exists():
        raise RefusedError(f"there is a practice named {name} already")
    made = Practice.objects.create(name=name, profession=profession)
    known = Account.objects.filter(email=manager.lower()).first()
    account = known or Account.objects.create_account(manager, manager_name)
    Member.objects.create(account=account, practice=made, role=str(Role.MANAGER), since=timezone.localdate())
    log.note(What.OPERATOR, Actor("operator", practice=made.pk), "practice")
    return made


@transaction.atomic
def lost_device(email: str) -> None:
    """Somebody lost what they sign in with. Every practice where they work has a row of it."""
    of_this_version()
    account = Account.objects.filter(email=email.lower()).first()
    if account is None:
        raise RefusedError(f"{email}: nobody has an account with this e-mail address")
    forget_factors(account)
    where = account.memberships.filter(until=None).values_list("practice", flat=True).distinct()
    for practice in where or (None,):
        log.note(What.OPERATOR, Actor("operator", account.pk, practice), "lost-device")


@transaction.atomic
def legal_check(by: str, how: str) -> None:
    """Somebody checked whether patients may use this version in public."""
    of_this_version()
    longest = LegalCheck._meta.get_field("by").max_length
    if not 0 < len(by) <= longest or not how:
        raise RefusedError(f"--by and --how: something expected, and a name of up to {longest} characters")
    LegalCheck.objects.create(by=by, how=how, version=__version__)
    log.note(What.OPERATOR, OPERATOR, "legal-check")


def verify_log(known: str | None) -> Verified:
    """The whole access log. ``known``: NUMBER:HASH, as it was written down before. Raises BrokenLogError."""
    of_this_version()
    found = log.verify(_known(known) if known else None)
    log.note(What.OPERATOR, OPERATOR, "verify-log")
    return found


def _known(given: str) -> tuple[int, str]:
    number, _colon, hash = given.partition(":")
    if not number.isdecimal() or set(hash) - set("0123456789abcdef") or len(hash) not in (0, 64):
        raise RefusedError(f"--known {given}: NUMBER:HASH expected, as this command says them")
    return int(number), hash


def retention() -> dict[str, int]:
    """Deletes what is older than it may be kept; how much of what."""
    of_this_version()
    log.note(What.OPERATOR, OPERATOR, "retention")
    return {name: does(timezone.localdate()) for name, does in upkeep.OLD.items()}
