"""The access log of one practice, for who guards its privacy: per day and per person, and what is still to be judged.

A patient stands here by the first characters of a random id: who reads the log sees no record. Equal rows of one day
are one line with a count. A filter is in the address, and is never a name. That the log was read is in the log.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db import transaction
from django.db.models import Case, Count, Max, Q, QuerySet, UUIDField, Value, When
from django.db.models.functions import TruncDate
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ruggespraak.clinic import log
from ruggespraak.clinic.log import What
from ruggespraak.clinic.models import Account, Emergency, LogRow, Practice
from ruggespraak.clinic.roles import Act, Role
from ruggespraak.clinic.sealing import ErasedError
from ruggespraak.pathway.texts import long_date
from ruggespraak.web.access import ROLES, Acting, of_practice
from ruggespraak.web.pages import lang_of, today
from ruggespraak.web.period import PERIOD, period_in
from ruggespraak.web.practice_forms import shared, stale, tampered
from ruggespraak.web.practice_patient import short

A_PAGE = 50  # lines
SHOWN_FIRST = timedelta(days=7)  # before today, where no period was asked for (own choice)

EVENTS = {
    What.READ: gettext_lazy("read"),
    What.WRITE: gettext_lazy("wrote"),
    What.EXPORT: gettext_lazy("made a letter or a copy"),
    What.ERASE: gettext_lazy("erased the record"),
    What.EMERGENCY: gettext_lazy("opened a closed record in an emergency"),
    What.SIGN_OFF: gettext_lazy("signed off an emergency"),
    What.ACCESS: gettext_lazy("changed who may do or see what"),
    What.REFUSED: gettext_lazy("was refused"),
    What.SIGN_IN: gettext_lazy("signed in"),
    What.SIGN_IN_FAILED: gettext_lazy("could not sign in"),
    What.SIGN_OUT: gettext_lazy("signed out"),
    What.OPERATOR: gettext_lazy("did upkeep of the site"),
}
"""What happened."""

PAGES = {
    "worklist": gettext_lazy("worklist"),
    "episode": gettext_lazy("patient's page"),
    "examination": gettext_lazy("examination"),
    "correct": gettext_lazy("correction"),
    "letter": gettext_lazy("letter"),
    "work_plan": gettext_lazy("work plan"),
    "weigh": gettext_lazy("weighing an operation"),
    "weigh_pdf": gettext_lazy("weighing an operation"),
    "new": gettext_lazy("new patient"),
    "emergency": gettext_lazy("a closed record"),
    "open_to": gettext_lazy("who may open the record"),
    "edition": gettext_lazy("newer edition"),
    "members": gettext_lazy("who works here"),
    "audit": gettext_lazy("our care and the pathway"),
    "audit_cases": gettext_lazy("the patients behind a number"),
    "log": gettext_lazy("access log"),
    "fhir_everything": gettext_lazy("the record as FHIR"),
    "fhir_everything_of": gettext_lazy("the record as FHIR"),
    "smart_launch": gettext_lazy("opened from another system"),
    "smart_standalone": gettext_lazy("opened from another system"),
    "smart_callback": gettext_lazy("opened from another system"),
    "smart_known": gettext_lazy("opened from another system"),
    "write_back": gettext_lazy("sent back to another system"),
}
"""On which page."""
LISTS = ("worklist", "audit_cases")
"""Pages that show many patients at once."""
WHERE = (What.READ, What.WRITE, What.EXPORT, What.ACCESS, What.REFUSED)
"""What is done on a page that is worth its name."""

OTHERS = {
    "patient": gettext_lazy("patient"),
    "proxy": gettext_lazy("somebody for the patient"),
    "system": gettext_lazy("the software by itself"),
    "operator": gettext_lazy("who keeps this site running"),
    "none": gettext_lazy("no role here"),
}
"""Who acts without working here."""


@of_practice(Act.LOG)
def page(request: HttpRequest, acting: Acting) -> HttpResponse:
    """What is still to be signed off; then who did what, in a period."""
    if request.method == "POST":
        return _sign_off(request, acting)
    log.note(What.READ, acting.actor, "log")
    asked, errors = _asked(request.GET, acting.practice)
    lines = _lines(acting.practice, asked)
    total = lines.count()
    pages = max(1, -(-total // A_PAGE))
    at = min(asked["page"], pages)
    found = {
        "waiting": _waiting(acting),
        "rows": _told(list(lines[(at - 1) * A_PAGE : at * A_PAGE])),
        "people": _people(acting.practice),
        "events": [(str(what), says) for what, says in EVENTS.items()],
        "asked": asked,
        "query": _query(asked),
        "total": total,
        "page": at,
        "pages": pages,
        "errors": errors,
    }
    return render(request, "practice/log.html", shared(request, acting) | found)


# What was asked for


def _asked(sent: Mapping[str, str], practice: Practice) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """The filter, and what is wrong with it. What no page offers is passed over."""
    days, errors = period_in(sent)
    number, who, event = (sent.get(name, "") for name in ("page", "who", "event"))
    return {
        "since": days["since"] or (days["until"] or today()) - SHOWN_FIRST,
        "until": days["until"] or today(),
        "who": who if who in {str(id) for id, _name in _people(practice)} else "",
        "event": event if event in set(What) else "",
        "emergencies": sent.get("emergencies") == "yes",
        "page": max(int(number), 1) if number.isascii() and number.isdigit() and len(number) < 6 else 1,
    }, errors


def _query(asked: Mapping[str, Any]) -> str:
    """The same filter, for another page of it."""
    kept = {name: asked[name] for name in (*PERIOD, "who", "event") if asked[name]}
    return urlencode(kept | ({"emergencies": "yes"} if asked["emergencies"] else {}))


def _people(practice: Practice) -> list[tuple[UUID, str]]:
    """Who works or worked here."""
    people = Account.objects.filter(pk__in=practice.members.values("account")).order_by("name", "email")
    return [(one.pk, one.name) for one in people]


# The lines


def _lines(practice: Practice, asked: Mapping[str, Any]) -> QuerySet[LogRow, dict[str, Any]]:
    """One line for equal rows of one day, the newest first. Who stood on the same list are one line too."""
    found = log.of_practice(practice.pk).order_by()
    found = found.filter(at__gte=log.midnight(asked["since"]), at__lt=log.midnight(asked["until"] + timedelta(days=1)))
    if asked["who"]:
        found = found.filter(account=asked["who"])
    if asked["event"]:
        found = found.filter(event=asked["event"])
    if asked["emergencies"]:
        found = found.filter(Q(emergency=True) | Q(event=str(What.SIGN_OFF)))
    listed = When(event=str(What.READ), page__in=LISTS, then=Value(None))
    whose = Case(listed, default="patient", output_field=UUIDField(null=True))
    same = ("account", "role", "event", "page", "whose", "emergency", "about")
    grouped = found.annotate(day=TruncDate("at"), whose=whose).values("day", *same)
    many = grouped.annotate(times=Count("number"), records=Count("patient", distinct=True))
    return many.annotate(last=Max("number"), at_last=Max("at")).order_by("-last")


def _told(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    changed = {id for line in lines if (id := _changed(line["page"]))}
    people = Account.objects.in_bulk({line["account"] for line in lines if line["account"]} | changed)
    return [
        {
            "day": short(line["day"]),
            "time": f"{timezone.localtime(line['at_last']):%H:%M}",
            "times": line["times"] if line["whose"] or not line["records"] else 1,
            "who": _name(people.get(line["account"]), line["account"]),
            "role": _role(line["role"]),
            "did": EVENTS[What(line["event"])],
            "where": _where(line["page"], people) if line["event"] in WHERE else "",
            "record": _record(line["whose"], line["records"]),
            "emergency": line["emergency"],
        }
        for line in lines
    ]


def _record(patient: UUID | None, records: int) -> str:
    if patient:
        return str(patient)[:8]
    return ngettext("%(num)s record", "%(num)s records", records) % {"num": records} if records else "–"


def _name(account: Account | None, id: UUID | None) -> str:
    return account.name if account and account.name else str(id)[:8] if id else ""


def _role(role: str) -> str:
    return str(ROLES[Role(role)] if role in set(Role) else OTHERS.get(role, role))


def _changed(page: str) -> UUID | None:
    """Whose role was changed: ``practice_members`` writes that as what/role/account."""
    return UUID(page.split("/")[2]) if page.count("/") == 2 else None


def _where(page: str, people: Mapping[UUID, Account]) -> str:
    id = _changed(page)
    if id is None:
        return str(PAGES.get(page, _("own pages")))
    did, role, _id = page.split("/")
    says = _("%(who)s became %(role)s") if did == "added" else _("%(who)s is no longer %(role)s")
    return says % {"who": _name(people.get(id), id), "role": _role(role)}


# Signing off


def _waiting(acting: Acting) -> list[dict[str, Any]]:
    """What was opened in an emergency and nobody has judged, the oldest first."""
    open_ones = Emergency.objects.filter(patient__practice=acting.practice, signed_by=None)
    open_ones = open_ones.select_related("account", "patient").order_by("at")
    rows = LogRow.objects.in_bulk([one.row for one in open_ones])
    return [
        {
            "id": one.pk,
            "who": _name(one.account, one.account_id),
            "day": long_date(timezone.localdate(one.at), lang_of()),
            "time": f"{timezone.localtime(one.at):%H:%M}",
            "patient": str(one.patient_id)[:8],
            "why": _why(one, rows.get(one.row)),
            "own": one.account_id == acting.account.pk,
        }
        for one in open_ones
    ]


def _why(one: Emergency, row: LogRow | None) -> str:
    try:
        return log.reason_of(row, one.patient) if row else "–"
    except ErasedError:
        return _("The record was erased, and the reason with it.")


def _sign_off(request: HttpRequest, acting: Acting) -> HttpResponse:
    """It was judged. Nobody judges what they opened themselves."""
    onward = reverse("log", kwargs={"practice": acting.practice.pk})
    number = request.POST.get("emergency", "")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return tampered(request, onward)
    with transaction.atomic():
        waiting = Emergency.objects.select_for_update(of=("self",)).select_related("patient")
        one = waiting.filter(pk=number, patient__practice=acting.practice, signed_by=None).first()
        if one is None:
            return stale(request, onward)
        if one.account_id == acting.account.pk:
            return tampered(request, onward)
        one.signed_by, one.signed_at = acting.account, timezone.now()
        one.save(update_fields=["signed_by", "signed_at"])
        log.note(What.SIGN_OFF, acting.actor, "log", [one.patient], about=one.row)
    return redirect(onward)


urlpatterns: list[Any] = [path("practice/<uuid:practice>/log/", page, name="log")]
