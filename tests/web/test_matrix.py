"""Who may open what: every address x everybody x one's own practice, another one, and a closed record; read and sent.

What is expected is written out here by hand, by the name of the address, and not taken from ``roles.MAY``. The
addresses are those of the site: a page without an expectation fails. A page of the practice stands in ``OWN``; one that
is open to everybody, or to whoever is signed in, stands in ``OPEN`` or ``SIGNED_IN``.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass

import pytest

from ruggespraak.consult import Case
from workplace import CAUDA, SENT_WHO, WHO, a_day

ROLES = ("gp", "physiotherapist", "nurse", "manager", "privacy_officer")
STRANGERS = ("nobody", "patient", "patient with a passkey", "gp without a second factor", "gp who is inactive")
PEOPLE = (*STRANGERS, *ROLES)

# What happens: a status, or where one is led to.
SIGN_IN, SECOND, EMERGENCY = "account_login", "second_factor", "emergency"
STRANGE = {
    "nobody": SIGN_IN,
    "patient": SECOND,
    "patient with a passkey": 404,
    "gp without a second factor": SECOND,
    "gp who is inactive": SIGN_IN,
}
"""Every page of a practice, for who does not work there or has not shown who they are."""


def for_roles(gp, physiotherapist, nurse, manager, privacy_officer):
    return dict(zip(ROLES, (gp, physiotherapist, nurse, manager, privacy_officer), strict=True))


CARE = for_roles(200, 200, 200, 403, 403)
DOCTOR = for_roles(200, 200, 403, 403, 403)


def care(leads_to):
    return for_roles(leads_to, leads_to, leads_to, 403, 403)


OWN = {
    "worklist": (CARE, care("episode")),
    "new": (CARE, care("new_question")),
    "new_question": (CARE, care(409)),
    "new_examination": (CARE, care("episode")),
    "episode": (CARE, care("episode")),
    "examination": (CARE, care("episode")),
    "correct": (DOCTOR, for_roles("episode", "episode", 403, 403, 403)),
    "letter": (DOCTOR, DOCTOR),
    "work_plan": (DOCTOR, DOCTOR),
    "weigh": (DOCTOR, DOCTOR),
    "weigh_pdf": (DOCTOR, DOCTOR),
    "emergency": (care("episode"), care("episode")),
    "members": (for_roles(403, 403, 403, 200, 403), for_roles(403, 403, 403, "members", 403)),
    "cards": (for_roles(200, 200, 200, 200, 403),) * 2,
    "audit": (for_roles(200, 200, 200, 200, 403), for_roles("audit", "audit", "audit", "audit", 403)),
    "audit_picture": (for_roles("audit", "audit", "audit", "audit", 403),) * 2,
    "audit_cases": (care("audit"),) * 2,
    "log": (for_roles(403, 403, 403, 403, 200), for_roles(403, 403, 403, 403, "log")),
    "smart_standalone": (care("worklist"), care(405)),
    "smart_known": (care(409),) * 2,
    "write_back": (for_roles("episode", "episode", 403, 403, 403),) * 2,
}
"""A page of the practice where one works: read, and its form sent. In this order: who is new is asked, then kept."""

TO_CARE, TO_DOCTOR = care(EMERGENCY), for_roles(EMERGENCY, EMERGENCY, 403, 403, 403)
CLOSED = {
    "episode": TO_CARE,
    "examination": TO_CARE,
    "correct": TO_DOCTOR,
    "letter": TO_DOCTOR,
    "work_plan": TO_DOCTOR,
    "weigh": TO_DOCTOR,
    "weigh_pdf": TO_DOCTOR,
    "write_back": TO_DOCTOR,
    "emergency": CARE,
}
"""A record that is open to somebody else only; read or sent."""

NOT_NOTED = {
    "new", "new_question", "new_examination", "emergency", "cards", "audit_picture", "audit_cases", "smart_standalone",
    "smart_known",
}  # fmt: skip
"""Pages of a practice that show nothing of a record."""


OPEN = {
    "start": (200, 200), "about": (200, 200), "privacy": (200, 200), "country": (200, 200),
    "country_run": (200, 405), "country_run_plot": (404, 405), "country_run_json": (404, 405),
    "leaflets": (200, 200), "leaflet": (200, 200), "leaflet_pdf": (200, 200),
    "begin": (200, 200), "question": ("begin", 403), "answers": ("begin", 403), "result": ("begin", 403),
    "result_pdf": ("begin", 403), "erase": (405, "erased"), "erased": (200, 200),
    "mine_kept": ("begin", 403), "mine_open": (200, 200), "mine_opened": ("mine_open", "mine_open"),
    "mine_opened_pdf": ("mine_open", "mine_open"), "mine_erased": (200, 200),
    "mine": (200, 200), "mine_course": (200, 200), "mine_leaflet": (200, 200), "mine_everything": (200, 400),
    "mine_over": (405, "mine_course"), "mine_back": (405, "mine"),
    "account_inactive": (200, 405), "account_email": ("mfa_index", "mfa_index"),
    "mfa_list_webauthn": ("mfa_index", "mfa_index"), "to_employer": (405, 404), "as_somebody": (405, 404),
    "openid_connect_callback": (404, 404),
    "smart_keys": (200, 405), "smart_callback": (409, 405), "live": (200, 405), "ready": (200, 405),
    "decide": (405, 415), "openapi": (200, 405),
    "cds_services": (200, 405), "cds_service": (405, 404), "cds_feedback": (405, 404),
    "fhir_metadata": (200, 405), "fhir": (404, 404),
}  # fmt: skip
"""A page that is the same for everybody; those below ``mine`` open with the link in their address, whoever has it.
Read, and an empty form sent."""


def signed_in_as(anybody, without=SIGN_IN, **others):
    """For who is signed in, for who is not, and for those who are not anybody (by the first words of who they are)."""
    found = dict.fromkeys(PEOPLE, anybody) | {"nobody": without, "gp who is inactive": without}
    return found | {who.replace("_", " ") if who not in ROLES else who: happens for who, happens in others.items()}


HOME = signed_in_as(
    "worklist", patient="mine_home", patient_with_a_passkey="mine_home", manager="members", privacy_officer="log"
)
SIGNS_IN = (signed_in_as("home", 200),) * 2
HAS_TO = (signed_in_as(200, patient=SECOND, gp_without_a_second_factor=SECOND),) * 2
CARE_GIVERS = {"patient": SECOND, "gp_without_a_second_factor": SECOND}
HERS = (signed_in_as(404, patient=200),) * 2
HERS_OR_TREATED = signed_in_as(
    200, 401, patient_with_a_passkey=404, gp_without_a_second_factor=403, manager=403, privacy_officer=403
)
SIGNED_IN = {
    "practices": HAS_TO,
    "home": (HOME, HOME),
    "account_login": SIGNS_IN,
    "account_request_login_code": SIGNS_IN,
    "mfa_login_webauthn": SIGNS_IN,
    "account_signup": SIGNS_IN,
    "account_confirm_login_code": (signed_in_as("home", "account_request_login_code"), signed_in_as("home", 403)),
    "mfa_authenticate": (signed_in_as("home"), signed_in_as("home", 403)),
    "account_email_verification_sent": (signed_in_as("account_email"), signed_in_as("account_email", 403)),
    "account_logout": (signed_in_as(200, "start"), signed_in_as("start", "start")),
    "second_factor": (signed_in_as("home", patient=200, gp_without_a_second_factor=200),) * 2,
    "mfa_index": (signed_in_as(200), signed_in_as(405)),
    "delete_account": (
        signed_in_as(404, patient=200, patient_with_a_passkey=200),
        signed_in_as(404, patient="start", patient_with_a_passkey="start"),
    ),
    "end_sign_ins": (signed_in_as(405, 405), signed_in_as("mfa_index")),
    "mfa_reauthenticate": (signed_in_as(403),) * 2,
    "mfa_reauthenticate_webauthn": (signed_in_as(403),) * 2,
    "mfa_add_webauthn": (signed_in_as(200),) * 2,
    "mfa_remove_webauthn": (signed_in_as(404),) * 2,
    "mfa_activate_totp": (signed_in_as(200),) * 2,
    "mfa_deactivate_totp": (signed_in_as(404),) * 2,
    "mfa_view_recovery_codes": (signed_in_as(404), signed_in_as(405)),
    "mfa_generate_recovery_codes": (signed_in_as(200),) * 2,
    "mine_home": (signed_in_as(200),) * 2,
    "mine_unlink": (signed_in_as(405, 405), signed_in_as(404, patient="mine_home")),
    "mine_link": (signed_in_as(409, patient="mine_home"),) * 2,
    "fhir_everything": (signed_in_as(200, 401), signed_in_as(405, 405)),
    "fhir_everything_of": (HERS_OR_TREATED, signed_in_as(405, 405)),
    "mine_looked": HERS,
    "mine_looked_pdf": HERS,
    "smart_launch": (signed_in_as(403, **CARE_GIVERS), signed_in_as(405, 405)),
}
"""A page of one's own account, or of a record that is linked to it: read, and an empty form sent. The record is the
patient's; the patient with a passkey has another one."""


# One practice, its record, and everybody


@dataclass
class Place:
    """A practice with a record, one that is closed, and what its addresses are made of."""

    practice: object
    episode: object
    closed: object

    def address(self, name, episode):
        from django.urls import reverse

        of_all = {
            "worklist": {},
            "new": {},
            "new_question": {"number": 1},
            "new_examination": {},
            "members": {},
            "cards": {},
            "audit": {},
            "audit_picture": {"name": "overview"},
            "audit_cases": {"measure": "no_dated_review"},
            "log": {},
            "smart_standalone": {"number": 1},
            "smart_known": {"launch": "0"},
        }
        more = {"correct": {"number": 1}, "letter": {"to": "neurologist"}}
        if name in of_all:
            return reverse(name, kwargs={"practice": self.practice.pk} | of_all[name])
        return reverse(name, kwargs={"episode": episode.pk} | more.get(name, {}))

    def sends(self, name, episode):
        """A form that would write, if it were read."""
        episode.refresh_from_db()
        forms = {
            "worklist": lambda: {"code": kept(), **SENT_WHO},
            "new": lambda: SENT_WHO,
            "episode": lambda: {"do": "phone"},
            "examination": lambda: {"slr_positive": "yes"},
            "correct": lambda: {"low_back_pain": "yes"},
            "members": lambda: {"do": "add", "email": f"{uuid.uuid4().hex}@example.org", "name": "X", "role": "gp"},
            "log": lambda: {"emergency": self.emergency().pk},
        }
        return {"so_far": episode.facts_so_far, **forms.get(name, dict)()}

    def emergency(self):
        from django.utils import timezone

        from ruggespraak.clinic.models import Emergency
        from signing import care_giver

        by = care_giver(self.practice, "gp")
        return Emergency.objects.create(account=by, patient=self.closed.patient, row=0, until=timezone.now())


def kept():
    from ruggespraak.clinic.sharing import keep

    return keep(Case(on=a_day(), answers=CAUDA, answered_by="patient"))


def a_record(practice):
    from ruggespraak.clinic import record
    from ruggespraak.course import Answers

    episode = record.open_episode(record.new_patient(practice, WHO, a_day()), a_day())
    record.add(episode, Answers(a_day(), {**CAUDA, "works": True}, frozenset(), "patient"), "patient")
    return episode


@pytest.fixture(scope="module")
def places(site):  # noqa: ARG001
    """Two practices."""
    from ruggespraak.clinic.models import Practice
    from signing import an_account

    made = []
    for name in ("Praktijk De Proef", "Praktijk Elders"):
        practice = Practice.objects.create(name=name, profession="gp")
        made.append(Place(practice, a_record(practice), a_record(practice)))
        made[-1].closed.patient.only_for.set([an_account("De enige die mag")])
    return made


@pytest.fixture(scope="module")
def clients(places):
    """Everybody of the first practice, with what they open pages with."""
    return {who: client_of(who, places[0]) for who in PEOPLE}


@pytest.fixture(autouse=True)
def no_figures(monkeypatch):
    """Who asks for the figures of a practice makes none here."""
    from ruggespraak.web import practice_audit_job

    monkeypatch.setattr(practice_audit_job, "ask", lambda *_asked: None)


def client_of(who, place):
    from django.test import Client

    from signing import an_account, care_giver, signed_in

    client = Client()
    if who == "nobody":
        return client
    if who.startswith("patient"):
        account = an_account()
        hers = (place.closed if "passkey" in who else place.episode).patient
        type(hers).objects.filter(pk=hers.pk).update(account=account)
        return signed_in(client, account, strong="passkey" in who)
    account = care_giver(place.practice, who.partition(" ")[0])
    signed_in(client, account, strong="without" not in who)
    if "inactive" in who:
        account.is_active = False
        account.save()
    return client


def happened(response):
    """A status, or the name of the page that one is led to."""
    from django.urls import resolve

    if response.status_code == 302:
        return resolve(response["Location"].partition("?")[0].partition("#")[0]).url_name
    return response.status_code


def written():
    """All that is stored but the access log and the sessions, in one figure."""
    from django.apps import apps

    found = hashlib.sha256()
    for model in apps.get_models():
        if model._meta.model_name not in ("logrow", "loghead", "session", "signin"):
            for row in model._base_manager.order_by("pk").values_list():
                found.update(repr(row).encode())
    return found.hexdigest()


def noted():
    from ruggespraak.clinic.models import LogHead

    return LogHead.objects.get().number


# -- the pages of a practice -------------------------------------------------------------------------------------------


def cells(who, where, refused):
    """What somebody tries there, and what should happen: that which is refused, or the rest."""
    for name in CLOSED if where == "closed" else OWN:
        for method in ("get", "post"):
            if who in STRANGE:
                should = STRANGE[who]
            elif where == "elsewhere":
                should = 404
            else:
                should = CLOSED[name][who] if where == "closed" else OWN[name][method == "post"][who]
            if refused == (should in (403, 404, SIGN_IN, SECOND, EMERGENCY)):
                yield name, method, should


@pytest.mark.control("C-34")
@pytest.mark.parametrize("where", ["own", "elsewhere", "closed"])
@pytest.mark.parametrize("who", PEOPLE)
def test_who_may_not_is_refused_and_nothing_is_written_but_in_the_log(places, clients, who, where):
    place = places[where == "elsewhere"]
    episode = place.closed if where == "closed" else place.episode
    tried = [(*cell, place.sends(cell[0], episode)) for cell in cells(who, where, refused=True)]
    before, wrong = written(), []
    for name, method, should, form in tried:
        rows = noted()
        found = happened(getattr(clients[who], method)(place.address(name, episode), form if method == "post" else {}))
        if found != should:
            wrong.append(f"{method} {name}: {found}, {should} expected")
        if should not in (SIGN_IN, SECOND) and noted() == rows:
            wrong.append(f"{method} {name}: not in the access log")
    assert wrong == []
    assert written() == before


@pytest.mark.parametrize("where", ["own", "closed"])
@pytest.mark.parametrize("who", ROLES)
def test_who_may_is_served_and_that_is_in_the_log(places, clients, who, where):
    place, wrong = places[0], []
    for name, method, should in cells(who, where, refused=False):
        episode = place.closed if where == "closed" else place.episode
        if (name, method) == ("correct", "post"):
            episode = a_record(place.practice)  # what was corrected is not corrected again
        form = place.sends(name, episode) if method == "post" and where == "own" else {}
        rows = noted()
        found = happened(getattr(clients[who], method)(place.address(name, episode), form))
        if found != should:
            wrong.append(f"{method} {name}: {found}, {should} expected")
        if name not in NOT_NOTED and noted() == rows:
            wrong.append(f"{method} {name}: not in the access log")
    assert wrong == []


# -- every other page --------------------------------------------------------------------------------------------------


def addresses():
    """Every address of the site: its name and what it is made of."""
    from django.urls import get_resolver

    def walked(patterns):
        for one in patterns:
            if hasattr(one, "url_patterns"):
                yield from walked(one.url_patterns)
            else:
                yield one.name, tuple(one.pattern.converters)

    return list(walked(get_resolver().url_patterns))


def address(name, parts, place):
    """With the link of the record, its patient, and otherwise something that is or that is not there."""
    from django.urls import reverse

    from ruggespraak.clinic.sharing import link_of
    from ruggespraak.documents.general import LEAFLETS

    made_of = {
        "token": link_of(place.episode), "patient": place.episode.patient_id, "paper": "a4", "number": 1, "pk": 1,
        "provider_id": "employer", "key": "0" * 64, "plot": "weeks", "host": "ehr.example",
        "id": uuid.uuid4() if name == "as_somebody" else next(iter(LEAFLETS)),
    }  # fmt: skip
    return reverse(name, kwargs={part: made_of[part] for part in parts})


@pytest.mark.control("C-34")
def test_every_address_has_an_expectation_and_every_expectation_an_address(site):  # noqa: ARG001
    assert {name for name, _parts in addresses()} == {*OWN, *OPEN, *SIGNED_IN}
    assert len({*OWN, *OPEN, *SIGNED_IN}) == len(OWN) + len(OPEN) + len(SIGNED_IN)


@pytest.mark.parametrize("who", PEOPLE)
def test_everybody_else_s_pages_are_for_whom_they_are(places, who):
    from django.core.cache import cache

    cache.clear()  # nobody has tried to sign in yet
    wrong = []
    for name, parts in addresses():
        for number, method in enumerate(("get", "post")):
            if name in OWN:
                continue
            should = OPEN[name][number] if name in OPEN else SIGNED_IN[name][number][who]
            client_of("patient", places[0])  # whose record it is, until it is who tries
            found = happened(getattr(client_of(who, places[0]), method)(address(name, parts, places[0])))
            if found != should:
                wrong.append(f"{method} {name}: {found}, {should} expected")
    assert wrong == []
