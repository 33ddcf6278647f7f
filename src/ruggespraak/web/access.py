"""The one way into a page of a practice or a record: who asks, in which role, whether they may; and it is noted.

A page says what is done on it (``roles.Act``); the table there says who may. Another practice's page, or record, does
not exist for who does not work there. What was opened is in the access log before it is shown: where that cannot be
written, nothing is shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any
from uuid import UUID

from allauth.account.authentication import get_authentication_records
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ruggespraak.clinic import log
from ruggespraak.clinic.log import Actor, What
from ruggespraak.clinic.models import Account, Emergency, Episode, Member, Patient, Practice
from ruggespraak.clinic.roles import MAY, Act, Role

View = Callable[..., HttpResponse]
STRONG = {"mfa", "socialaccount", "demo"}
"""How a care giver must have signed in: with a passkey or a second factor, or with the employer's account, of which
``adapter`` demands the same. In a demonstration anybody is anybody."""

ROLES = {
    Role.GP: _("GP"),
    Role.PHYSIOTHERAPIST: _("Physiotherapist"),
    Role.NURSE: _("Practice nurse"),
    Role.MANAGER: _("Practice manager"),
    Role.PRIVACY_OFFICER: _("Privacy officer"),
}
"""In which role somebody works."""


@dataclass(frozen=True, slots=True)
class Acting:
    """A care giver at work. ``role``: the one in which they may do this; ``held``: all of theirs here; ``emergency``:
    what opened a closed record."""

    account: Account
    practice: Practice
    role: Role
    held: frozenset[Role]
    address: str
    emergency: Emergency | None = None

    @property
    def actor(self) -> Actor:
        """As the access log knows them."""
        return Actor(str(self.role), self.account.pk, self.practice.pk, self.address, self.emergency is not None)

    def may(self, act: Act) -> bool:
        """Whether they may do this here, in any of their roles."""
        return bool(self.held & MAY[act])

    def must(self, act: Act, page: str, patient: Patient) -> None:
        """For what is more than the page itself: raises PermissionDenied where they may not, and notes that."""
        if not self.may(act):
            log.note(What.REFUSED, self.actor, page, [patient])
            raise PermissionDenied


def roles_in(account: Account, practice: UUID) -> frozenset[Role]:
    """In which roles somebody works for this practice now."""
    held = Member.objects.filter(account=account, practice=practice, until=None).values_list("role", flat=True)
    return frozenset(Role(role) for role in held)


def strong(request: HttpRequest) -> bool:
    """Whether this session was opened with more than one factor."""
    return any(one["method"] in STRONG for one in get_authentication_records(request, request.user))


def address_of(request: HttpRequest) -> str:
    """Where the request came from, as the server saw it."""
    return str(request.META.get("REMOTE_ADDR", ""))


def page_of(request: HttpRequest) -> str:
    """The name of this page, as the access log has it."""
    return str(request.resolver_match.url_name) if request.resolver_match else ""


def private(view: View) -> View:
    """A page that no browser keeps and no search engine lists."""

    @wraps(view)
    def guarded(request: HttpRequest, **values: Any) -> HttpResponse:
        found = view(request, **values)
        found["Cache-Control"] = "no-store"
        found["X-Robots-Tag"] = "noindex"
        return found

    return guarded


def for_care_givers(view: View) -> View:
    """A page for who is signed in with more than one factor, of whatever practice. The view gets their ``account``."""

    @wraps(view)
    @private
    def guarded(request: HttpRequest, **values: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not strong(request):
            return redirect("second_factor")
        return view(request, account=request.user, **values)

    return guarded


def of_practice(act: Act) -> Callable[[View], View]:
    """A page of a practice, on which this is done. The view gets ``acting`` instead of the practice's id."""

    def made(view: View) -> View:
        @wraps(view)
        @for_care_givers
        def guarded(request: HttpRequest, account: Account, practice: UUID, **values: Any) -> HttpResponse:
            here = get_object_or_404(Practice, pk=practice)
            return view(request, acting=_acting(request, account, here, act), **values)

        return guarded

    return made


def of_record(act: Act, changes: Act | None = None) -> Callable[[View], View]:
    """A page about a patient. ``changes``: what sending its form is, where that is another act than reading it.

    The view gets ``acting`` and ``episode``. A record that is open to some only asks for the emergency first.
    """

    def made(view: View) -> View:
        @wraps(view)
        @for_care_givers
        def guarded(request: HttpRequest, account: Account, episode: UUID, **values: Any) -> HttpResponse:
            does = changes if changes and request.method == "POST" else act
            acting, found = _at_record(request, account, episode, does)
            try:
                acting = _opened(request, acting, found.patient)
            except ClosedError:
                return redirect("emergency", episode=found.pk)
            log.note(What.READ, acting.actor, page_of(request), [found.patient])
            return view(request, acting=acting, episode=found, **values)

        return guarded

    return made


class ClosedError(PermissionDenied):
    """This record is open to some of the practice, and not to who asks."""


def reader_of_record(request: HttpRequest, account: Account, patient: Patient) -> Acting:
    """A care giver who reads this record otherwise than on its page; the caller notes that.

    Raises Http404, PermissionDenied and ClosedError, each noted; an erased patient does not exist.
    """
    acting = _acting(request, account, patient.practice, Act.READ, patient)
    if patient.erased:
        raise Http404
    return _opened(request, acting, patient)


def _opened(request: HttpRequest, acting: Acting, patient: Patient) -> Acting:
    """The same, with the emergency in which they opened this record where it is closed. Raises ClosedError, noted."""
    if not closed_for(acting.account, patient):
        return acting
    if emergency := emergency_of(acting.account, patient):
        return replace(acting, emergency=emergency)
    log.note(What.REFUSED, acting.actor, page_of(request), [patient])
    raise ClosedError


def of_closed_record(view: View) -> View:
    """A page in front of a record that is not open to this care giver. Where it is open, it leads to the record."""

    @wraps(view)
    @for_care_givers
    def guarded(request: HttpRequest, account: Account, episode: UUID, **values: Any) -> HttpResponse:
        acting, found = _at_record(request, account, episode, Act.READ)
        if not closed_for(account, found.patient) or emergency_of(account, found.patient):
            return redirect("episode", episode=found.pk)
        return view(request, acting=acting, episode=found, **values)

    return guarded


def _at_record(request: HttpRequest, account: Account, episode: UUID, act: Act) -> tuple[Acting, Episode]:
    """Raises Http404 and PermissionDenied as ``_acting`` does; an erased patient does not exist."""
    found = get_object_or_404(Episode.objects.select_related("patient__practice", "practice"), pk=episode)
    acting = _acting(request, account, found.practice, act, found.patient)
    if found.patient.erased:
        raise Http404
    return acting, found


def _acting(
    request: HttpRequest, account: Account, practice: Practice, act: Act, patient: Patient | None = None
) -> Acting:
    """Raises Http404 for another practice and PermissionDenied for another role; both are noted, with whose record."""
    held = roles_in(account, practice.pk)
    role = next((role for role in Role if role in held & MAY[act]), None)
    if role is None:
        who = (
            Actor(min(held), account.pk, practice.pk, address_of(request))
            if held
            else Actor("none", account.pk, practice.pk)
        )
        log.note(What.REFUSED, who, page_of(request), [patient] if patient else [])
        raise PermissionDenied if held else Http404
    return Acting(account, practice, role, held, address_of(request))


# Records that are open to some only


def closed_for(account: Account, patient: Patient) -> bool:
    """Whether this record is open to some of the practice, and not to this one."""
    return patient.pk in closed_among([patient], account)


def closed_among(patients: Iterable[Patient], account: Account) -> set[UUID]:
    """Which of these records are open to some of the practice, and not to this one."""
    open_to: dict[UUID, set[UUID]] = defaultdict(set)
    rows = Patient.only_for.through.objects.filter(patient__in=[one.pk for one in patients])
    for patient, some in rows.values_list("patient_id", "account_id"):
        open_to[patient].add(some)
    return {patient for patient, some in open_to.items() if account.pk not in some}


def emergency_of(account: Account, patient: Patient) -> Emergency | None:
    """The emergency in which this care giver opened this closed record, while it lasts."""
    lasting = Emergency.objects.filter(account=account, patient=patient, until__gt=timezone.now())
    return lasting.order_by("until").last()
