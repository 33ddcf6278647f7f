"""A patient of another system, opened from there and from here in a real browser, and answers that go back.

That system is ``tests/fhir/smart_world.py``: it refuses what a real one refuses. Whatever goes wrong between the two, a
care giver reads what to do, and no token stands in a page, an address, a table or a log.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from browser import HEIGHT, WIDE, Visit, judged, looked_at, served
from ruggespraak.pathway.codes.addresses import FINDINGS
from ruggespraak.pathway.texts import LANGUAGES
from smart_world import SmartWorld

SITE = """
import json, os, sys
port, folder, fhir = sys.argv[1:]
os.environ.update(RUG_SITE=f"http://127.0.0.1:{port}", RUG_EXCHANGE=f"{folder}/exchange.toml", RUG_LOG="json")
os.dup2(os.open(f"{folder}/log", os.O_CREAT | os.O_WRONLY | os.O_APPEND), 2)
from ruggespraak.web.server import Server, prepare

prepare(f"{folder}/site.sqlite3")
import django.db
from ruggespraak.clinic.models import Practice

gps = Practice.objects.get(profession="gp")
with open(f"{folder}/exchange.toml", "w") as file:
    for url, name in ((fhir, "HIS Voorbeeld"), ("http://127.0.0.1:9/fhir", "HIS Weg")):
        file.write(f'[[server]]\\nurl = "{url}"\\nname = "{name}"\\nclient_id = "app"\\npractice = "{gps.id}"\\n')
django.db.connections.close_all()
Server(f"127.0.0.1:{port}", lambda: print(json.dumps({"gps": str(gps.id)}), flush=True)).run()
"""
WHO = "pat-7c31f0"
NAME = "Wilhelmina Onmiskenbaar"
TODAY = date.today()
TOKEN = re.compile(r"eyJ[\w-]{10,}\.eyJ")
"""Every token of that system is a JWT."""
WORDS = {
    "nl": {
        "known": "Wat is bekend van deze patiënt", "write": "Opslaan in het dossier en beslissen",
        "see": "Bekijk wat wordt verstuurd", "send": "Versturen", "name": "Naam",
    },
    "en": {
        "known": "What is known of this patient", "write": "Write in the record and decide",
        "see": "See what is sent", "send": "Send this", "name": "Name",
    },
}  # fmt: skip


def person(id: str, name: str = NAME) -> dict[str, Any]:
    given, _space, family = name.partition(" ")
    names = [{"use": "official", "given": [given], "family": family}]
    return {"resourceType": "Patient", "id": id, "name": names, "birthDate": "1980-05-04", "gender": "female"}


def said(id: str, finding: str, of: str = WHO, days: int = 2, **value: Any) -> dict[str, Any]:
    """An answer in our own code, so many days ago."""
    return {
        "resourceType": "Observation", "id": id, "status": "final", "subject": {"reference": f"Patient/{of}"},
        "code": {"coding": [{"system": FINDINGS, "code": finding}]},
        "effectiveDateTime": (TODAY - timedelta(days=days)).isoformat(), **value,
    }  # fmt: skip


def problem(id: str, code: str, text: str, of: str = WHO) -> dict[str, Any]:
    active = "http://terminology.hl7.org/CodeSystem/condition-clinical"
    return {
        "resourceType": "Condition", "id": id, "subject": {"reference": f"Patient/{of}"},
        "clinicalStatus": {"coding": [{"system": active, "code": "active"}]},
        "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icpc-1-NL", "code": code}], "text": text},
        "recordedDate": "2024-02-03",
    }  # fmt: skip


RESOURCES = [
    person(WHO),
    person("pat-nothing", "Niemand Bekend"),
    person("pat-second", "Tweede Bezoek"),
    person("pat-half", "Halve Zending"),
    person("pat-left", "Linker Tabblad"),
    person("pat-right", "Rechter Tabblad"),
    *(person(f"pat-looks-{lang}", "Kijk Hier") for lang in LANGUAGES),
    *(
        said(f"looks-{lang}-{n}", "saddle_numbness", of=f"pat-looks-{lang}", valueBoolean=n == 1)
        for lang in LANGUAGES
        for n in (1, 2)
    ),
    said("back", "low_back_pain", valueBoolean=True),
    said("leg", "leg_pain", valueBoolean=False),
    said("fever", "fever_reported", valueBoolean=False, days=40),
    said("numb-yes", "saddle_numbness", valueBoolean=True),
    said("numb-no", "saddle_numbness", valueBoolean=False),
    problem("sugar", "T90", "Diabetes"),
    said("back-2", "low_back_pain", of="pat-second", valueBoolean=True),
]


@pytest.fixture(scope="module")
def site(running: SmartWorld, tmp_path_factory) -> Iterator[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("smart")
    with served(SITE, str(folder), running.fhir) as made:
        yield made | {"folder": folder}


@pytest.fixture
def visit(chromium, site) -> Iterator[Any]:
    """A visitor; at the end no page and no address of ours may have held a token or said who it is about."""
    opened: list[Visit] = []
    wrong: list[str] = []

    def made(lang: str = "nl", **how: Any) -> Visit:
        how = {"viewport": {"width": WIDE, "height": HEIGHT}, "locale": lang} | how
        here = Visit.new(chromium, site["address"], lang, **how)
        opened.append(here)
        return here

    yield made
    for one in opened:
        ours = [url for url in (*one.requests, *one.addresses) if url.startswith(site["address"])]
        wrong += [f"in an address: {url}" for url in ours if re.search(r"eyJ|Onmiskenbaar|pat-", url)]
        one.context.close()
    assert wrong == []


def launched(here: Visit, world: SmartWorld, patient: str = WHO, **more: str) -> int:
    """The other system opens this patient, and who is not signed in signs in; the status of the page that follows."""
    query = urlencode({"iss": world.fhir, "launch": world.launch(patient)} | more)
    return arrives(here, lambda: here.page.goto(f"{here.address}/smart/launch/?{query}"))


def arrives(here: Visit, does: Any) -> int:
    """Does this, signs in where that is asked, and follows where it leads until a page of ours stays; its status."""
    statuses = []
    here.page.on("response", lambda it: it.request.is_navigation_request() and statuses.append(it.status))
    does()
    if "/sign-in/" in here.page.url:
        here.page.get_by_role("button", name="Alex Artsema").first.click()
    expect(here.page.locator("meta[http-equiv=refresh]")).to_have_count(0, timeout=30_000)  # theirs may be slow
    here.page.wait_for_load_state()
    assert not TOKEN.search(here.page.content())
    return statuses[-1]


def word(here: Visit, name: str) -> str:
    return WORDS[here.lang][name]


def submit(here: Visit, name: str) -> None:
    with here.page.expect_navigation():
        here.page.get_by_role("button", name=name).last.click()
    assert not TOKEN.search(here.page.content())


def question(here: Visit, label: str) -> Any:
    return here.page.locator("main fieldset, main .asked").filter(has_text=label).last


def group(here: Visit, label: str) -> Any:
    """The question with these words."""
    return here.page.locator("fieldset").filter(has=here.page.locator(f"legend:text-is('{label}')"))


def answer(here: Visit, label: str) -> str:
    chosen = group(here, label).locator("input:checked")
    return str(chosen.get_attribute("value")) if chosen.count() else ""


def origin(here: Visit, label: str) -> str:
    """What stands below this question."""
    return str(group(here, label).locator("xpath=ancestor::div[1]/following-sibling::p[1]").inner_text())


def kept_elsewhere(site) -> str:
    """Everything that our site left on the disk: its tables, their journal, and its log."""
    return "".join(file.read_bytes().decode("latin-1") for file in site["folder"].iterdir())


# -- from there and back -----------------------------------------------------------------------------------------------


def test_what_is_known_there_is_filled_in_confirmed_and_sent_back_once(visit, world):
    here = visit("en")
    assert launched(here, world) == 200
    assert here.heading == word(here, "known")
    assert "Cauda equina" in here.page.locator(".callout--now").inner_text()
    assert here.page.get_by_label("Name", exact=True).input_value() == NAME
    assert here.page.get_by_label("Year of birth").input_value() == "1980"
    assert (answer(here, "Low back pain"), answer(here, "Radiating pain")) == ("yes", "no")
    assert answer(here, "Diabetes mellitus") == "yes"
    assert "problems, 3-2-2024" in here.read
    assert "ICPC-1-NL T90, code believed to be right" in here.read
    assert answer(here, "Saddle anaesthesia") == "yes"
    assert "These disagree: yes" in here.read
    assert "These disagree: no" in here.read
    assert answer(here, "Reported fever") == ""
    assert "Too old, ask again: no" in here.read
    assert answer(here, "History of cancer") == ""
    group(here, "Crossed straight leg raise positive").get_by_label("No", exact=True).check()
    here.page.get_by_label("Leave open: Radiating pain").check()
    group(here, "Diabetes mellitus").get_by_label("No", exact=True).check()
    submit(here, word(here, "write"))
    assert here.heading == NAME
    assert "Diabetes mellitus" not in here.page.locator("#answers ul").inner_text()
    assert "Radiating pain" not in "".join(here.page.locator("#answers").inner_text().partition("Not asked")[:1])

    here.page.get_by_role("link", name=word(here, "see")).click()
    here.page.wait_for_url("**/write-back/")
    assert "gekruiste Lasègue: nee" in here.read
    assert world.resources("CarePlan") == world.resources("QuestionnaireResponse") == []
    submit(here, word(here, "send"))
    assert here.read.count("Sent.") == 2
    (answers,), (plan,) = world.resources("QuestionnaireResponse"), world.resources("CarePlan")
    assert answers["subject"] == plan["subject"] == {"reference": f"Patient/{WHO}"}

    here.page.reload()  # a browser sends the form again
    assert len(world.resources("CarePlan")) == 1
    here.page.get_by_role("link", name="Patient", exact=True).click() if here.heading != NAME else None
    here.page.wait_for_load_state()
    assert here.page.get_by_role("link", name=word(here, "see")).count() == 0


def test_a_patient_who_was_opened_before_is_found_in_the_record_and_sent_again_only_when_something_changed(
    visit, world
):
    here = visit("nl")
    for times in (1, 2):
        assert launched(here, world, "pat-second") == 200
        assert ("In uw dossier" in here.read) == (times == 2)
        assert here.page.get_by_label("Naam", exact=True).count() == (times == 1)
        group(here, "Rijbroekanesthesie").get_by_label("Nee", exact=True).check()
        submit(here, word(here, "write"))
        assert here.heading == "Tweede Bezoek"
        address = here.page.url
        here.page.goto(f"{address}write-back/")
        submit(here, word(here, "send"))
        assert here.read.count("Verstuurd.") == 2
        mine = [one for one in world.resources("CarePlan") if one["subject"]["reference"].endswith("pat-second")]
        assert len(mine) == times
    here.goto("practice/")
    assert launched(here, world, "pat-second") == 200


def test_nothing_is_written_twice_where_the_first_time_half_of_it_failed(visit, world):
    here = visit("en")
    assert launched(here, world, "pat-half") == 200
    group(here, "Low back pain").get_by_label("Yes", exact=True).check()
    submit(here, word(here, "write"))
    here.page.goto(f"{here.page.url}write-back/")
    world.control(answers={"CarePlan": "500"})
    submit(here, word(here, "send"))
    assert "Sent." in here.read
    assert "Not sent: the other system does not take it." in here.read
    world.control()
    submit(here, "Try again")
    assert "It was there already." in here.read
    for kind in ("QuestionnaireResponse", "CarePlan"):
        mine = [one for one in world.resources(kind) if one["subject"]["reference"].endswith("pat-half")]
        assert len(mine) == 1


def test_with_two_patients_open_in_two_tabs_each_gets_her_own_answers_here_and_there(visit, world):
    left = visit("en")
    assert launched(left, world, "pat-left") == 200
    right = replace(left, page=left.context.new_page())
    assert launched(right, world, "pat-right") == 200
    for tab, answered in ((left, "Yes"), (right, "No")):
        group(tab, "Low back pain").get_by_label(answered, exact=True).check()
    for tab, name in ((left, "Linker Tabblad"), (right, "Rechter Tabblad")):
        assert f"This is about {name}, born in 1980." in tab.read
        submit(tab, word(tab, "write"))
        assert tab.heading == name
    for tab, name in ((left, "Linker Tabblad"), (right, "Rechter Tabblad")):
        tab.page.goto(f"{tab.page.url}write-back/")
        assert f"In your record: {name}, born in 1980." in tab.read
        submit(tab, word(tab, "send"))
        assert tab.read.count("Sent.") == 2
    for id, answered in (("pat-left", "yes"), ("pat-right", "no")):
        (mine,) = [one for one in world.resources("QuestionnaireResponse") if one["subject"]["reference"].endswith(id)]
        said_there = {one["linkId"]: one["answer"][0].get("valueCoding", {}).get("code") for one in items(mine)}
        assert said_there["low_back_pain"] == answered


def items(resource: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every item with an answer, however deep."""
    for one in resource.get("item", []):
        if "answer" in one:
            yield one
        yield from items(one)


def test_a_care_giver_begins_on_the_worklist_and_chooses_the_patient_there(visit, world, site):
    here = visit("en")
    world.control(patient="pat-nothing")
    arrives(here, lambda: here.goto(f"practice/{site['gps']}/"))
    status = arrives(here, lambda: here.page.get_by_role("link", name="Choose in HIS Voorbeeld").click())
    assert (status, here.heading) == (200, word(here, "known"))
    assert "Niemand Bekend" in here.read
    assert "Not everything could be read" not in here.read
    assert answer(here, "Low back pain") == ""


# -- what can go wrong -------------------------------------------------------------------------------------------------

WRONG = {
    "another state": ({"wrong_state": True}, 409, "This answer does not belong to what you asked"),
    "denied": ({"denied": True}, 403, "The other system does not allow it"),
    "a code that is too old": ({"token_error": "invalid_grant"}, 409, "This took too long"),
    "a client that is not known": ({"token_error": "invalid_client"}, 502, "The other system refuses this site"),
    "no patient": ({"no_patient": True}, 409, "No patient was chosen"),
    "a token that is refused": ({"token_refused": True}, 409, "This patient is no longer open here"),
    "a page to sign in": ({"answers": {"*": "html"}}, 502, "The other system gives an answer that we cannot read"),
    "an error": ({"answers": {"Patient": "500"}}, 502, "The other system gives an answer that we cannot read"),
    "an outcome": ({"answers": {"Patient": "outcome"}}, 502, "The other system gives an answer that we cannot read"),
    "nobody answers": ({"delay_ms": 6000}, 504, "The other system does not answer"),
}


def test_what_goes_wrong_there_is_said_here_and_nothing_is_opened(visit, world):
    here, found = visit("en"), {}
    for what, (switches, _status, _says) in WRONG.items():
        world.control(**switches)
        found[what] = (switches, launched(here, world), here.heading)
        assert here.page.get_by_role("link", name="Go on").count() == 1, what
    assert found == WRONG


def test_a_system_that_is_not_on_the_list_opens_nothing(visit, world):
    here = visit("en")
    assert launched(here, world, iss="https://evil.example/fhir") == 403
    assert here.heading == "This system is not known here"
    assert not [url for url in here.requests if "evil.example" in url and not url.startswith(here.address)]


def test_what_may_not_be_read_or_cannot_be_is_said_and_the_rest_is_filled_in(visit, world):
    here = visit("en")
    scopes = "launch patient/Patient.r patient/Observation.rs patient/QuestionnaireResponse.rs patient/Procedure.rs?x=y"
    world.control(scope=scopes, answers={"QuestionnaireResponse": "html", "Observation": "500"})
    assert launched(here, world, "pat-nothing") == 200
    missing = here.page.locator("[aria-labelledby=missing-title]").inner_text()
    assert "problems: not allowed by the other system" in missing
    assert "questionnaires: cannot be read" in missing
    assert "procedures: read in part only" in missing
    assert "measurements and findings: cannot be read" in missing
    assert "That is not a no." in missing
    group(here, "Low back pain").get_by_label("Yes", exact=True).check()
    submit(here, word(here, "write"))
    assert here.page.get_by_role("link", name=word(here, "see")).count() == 0


def test_who_works_elsewhere_opens_nothing(visit, world, site):
    here = visit("en")
    here.goto("account/sign-in/")
    here.page.get_by_role("button", name="Eef Beweegstra").first.click()
    here.page.wait_for_load_state()
    assert launched(here, world) == 404
    here.goto(f"practice/{site['gps']}/elsewhere/choose/1/")
    assert here.heading == "This page does not exist"


def test_a_launch_is_of_the_session_that_asked_for_it(visit, world):
    gp, other = visit("en"), visit("en")
    assert launched(gp, world, "pat-nothing") == 200
    address = gp.page.url
    other.goto("account/sign-in/")
    other.page.get_by_role("button", name="Alex Artsema").first.click()
    other.page.wait_for_load_state()
    other.page.goto(address)
    assert other.heading == "This patient is no longer open here"


def test_no_token_and_no_name_is_left_on_the_disk(visit, world, site):
    here = visit("nl")
    assert launched(here, world, "pat-nothing") == 200
    kept = kept_elsewhere(site)
    assert "Huisartsen Het Voorbeeld" in kept  # it can be read
    assert not TOKEN.search(kept)
    for secret in ("Niemand Bekend", "pat-nothing", "Onmiskenbaar"):
        assert secret not in kept


# -- what it looks like ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_page_of_a_launch_can_be_heard_enlarged_and_read_on_a_small_screen(visit, world, lang):
    here = visit(lang)
    world.control(answers={"Condition": "500"})
    assert launched(here, world, f"pat-looks-{lang}") == 200
    wrong = looked_at(here)
    here.page.get_by_label(word(here, "name"), exact=True).fill("")
    submit(here, word(here, "write"))
    wrong += looked_at(here)
    here.page.get_by_label(word(here, "name"), exact=True).fill("Kijk Hier")
    submit(here, word(here, "write"))
    here.page.goto(f"{here.page.url}write-back/")
    wrong += looked_at(here)
    submit(here, word(here, "send"))
    wrong += looked_at(here)
    world.control(denied=True)
    assert launched(here, world) == 403
    wrong += looked_at(here)
    assert wrong == []


def test_in_the_dark_what_is_known_there_can_be_read(visit, world):
    here = visit("nl", color_scheme="dark")
    world.control(answers={"Condition": "500"})
    assert launched(here, world) == 200
    assert judged(here.page, "color-contrast") == []
