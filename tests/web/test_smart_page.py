"""A patient of another system, from its launch to what goes back: who may, what is written once, what is in the log.

The other system is ``fake_fhir``: a few lines that offer SMART, give a token and hold what a test puts there.
"""

import json
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from django.test import override_settings

import test_accounts
from fake_fhir import Fake, fake_fhir, reply
from ruggespraak.pathway.codes.addresses import FINDINGS
from signing import care_giver, signed_in
from test_accounts import asks, code_in, gives, sets_up_an_app, totp
from visitor import Visitor
from workplace import NAME, Office, facts

clock, mail = test_accounts.clock, test_accounts.mail
TOKEN = "a-token-that-nobody-may-read"
PATIENT = {
    "resourceType": "Patient", "id": "p1", "birthDate": "1980-05",
    "name": [{"use": "official", "given": ["Wilhelmina"], "family": "Onmiskenbaar"}],
    "communication": [
        {"language": {"coding": [{"code": "nl"}]}},
        {"language": {"coding": [{"code": "en-GB"}]}, "preferred": True},
    ],
}  # fmt: skip


def said(finding, value=True, of="p1", **more):
    return {
        "resourceType": "Observation", "id": finding.replace("_", "-"), "status": "final",
        "subject": {"reference": f"Patient/{of}"}, "code": {"coding": [{"system": FINDINGS, "code": finding}]},
        "effectiveDateTime": time.strftime("%Y-%m-%d"), "valueBoolean": value, **more,
    }  # fmt: skip


@dataclass
class There:
    """The other system, and what it holds and gives."""

    fake: Fake
    held: dict = field(default_factory=lambda: defaultdict(list))
    grants: dict = field(default_factory=dict)
    written: dict = field(default_factory=dict)

    def __post_init__(self):
        self.held["Patient"] = [PATIENT]
        self.fake.answer = self.answer

    def answer(self, request):
        url = urlsplit(request.path)
        path = url.path.removeprefix("/fhir/")
        if path == ".well-known/smart-configuration":
            base = self.fake.url
            says = {"authorization_endpoint": f"{base}/authorize", "token_endpoint": f"{base}/token"}
            return reply(request, json.dumps({**says, "code_challenge_methods_supported": ["S256"]}).encode())
        if path == "token":
            says = {"access_token": TOKEN, "token_type": "Bearer", "expires_in": 600, "patient": "p1", **self.grants}
            return reply(request, json.dumps(says).encode())
        if request.command == "POST":
            unless = request.headers["If-None-Exist"]
            new = unless not in self.written
            self.written[unless] = json.loads(self.fake.asked[-1][3])
            return reply(request, b"", 201 if new else 200)
        if path.startswith("Patient/"):
            return reply(request, json.dumps(self.held["Patient"][0]).encode())
        entry = [{"resource": one} for one in self.held[path]]
        return reply(request, json.dumps({"resourceType": "Bundle", "type": "searchset", "entry": entry}).encode())


@pytest.fixture
def there(site):  # noqa: ARG001
    from django.core.cache import cache

    cache.clear()
    with fake_fhir() as fake:
        yield There(fake)


@pytest.fixture
def office(there, tmp_path):
    """A GP at work, whose practice is on the list of that system."""
    made = Office(lang="en")
    list_of(tmp_path, there, made.practice)
    with override_settings(EXCHANGE=str(tmp_path / "list.toml")):
        yield made


def list_of(folder, there, practice):
    (folder / "list.toml").write_text(
        f'[[server]]\nurl = "{there.fake.url}"\nname = "HIS Proef"\nclient_id = "app"\npractice = "{practice.pk}"\n'
    )


def launches(client, there):
    """Opens this patient there; the address of her page here."""
    sent = client.get("/smart/launch/", {"iss": there.fake.url, "launch": "abc"}, headers={"accept-language": "en"})
    if sent.status_code != 200:
        return sent
    return comes_back(client, there_in(sent))


def comes_back(client, there, **answer):
    """With a code and what was sent along, at the address that was sent along."""
    asked = dict(parse_qsl(urlsplit(there).query))
    answer = {"code": "c0de", "state": asked["state"], **answer}
    return client.get(urlsplit(asked["redirect_uri"]).path, answer, headers={"accept-language": "en"})


def there_in(page):
    return page.content.decode().partition('content="0; url=')[2].partition('"')[0].replace("&amp;", "&")


def opened(office, there):
    """The visitor on the page of the patient who was opened."""
    came = launches(office.visitor.client, there)
    assert came.status_code == 302, came.content
    return office.visitor.get(came["Location"].removeprefix("/en/"))


def sends(office, **answers):
    """Sends the form as it is filled in, with these answers besides."""
    visitor = office.visitor
    filled = {name: value for name, value in visitor.filled.items() if not name.endswith("-unclear")}
    who = {name: visitor.fields[name][0][1] for name in ("name", "born", "email") if name in visitor.fields}
    so_far = office.so_far if "so_far" in visitor.fields else {}
    who |= {"lang": "en"} if who else {}
    return visitor.post(visitor.path.removeprefix("/en/"), {**filled, **who, **so_far, **answers})


def sends_back(office):
    """Looks at what goes back of the one patient of this office, and sends it."""
    here = f"practice/episode/{episode_of(office).pk}/write-back/"
    return sends_shown(office.visitor.get(here))


def sends_shown(visitor, **instead):
    """Sends what the page shows that goes back."""
    shown = {name: visitor.fields[name][0][1] for name in ("so_far", "shown")}
    return visitor.post(visitor.path.removeprefix("/en/"), shown | instead)


def rows(page=None):
    from ruggespraak.clinic.models import LogRow

    found = LogRow.objects.order_by("number")
    return list(found.filter(page=page) if page else found)


def patients(office):
    from ruggespraak.clinic.models import Patient

    return Patient.objects.filter(practice=office.practice)


def episode_of(office):
    from ruggespraak.clinic.models import Episode

    return Episode.objects.get(practice=office.practice)


def in_session(office):
    """What the session holds of launches."""
    from django.conf import settings

    from ruggespraak.web.sessions import SessionStore

    session = SessionStore(office.visitor.client.cookies[settings.SESSION_COOKIE_NAME].value)
    return json.dumps({name: session.get(name) for name in ("smart_asked", "smart_open")})


# -- into the record ---------------------------------------------------------------------------------------------------


def test_a_new_patient_is_in_the_record_as_the_care_giver_confirmed_her_and_the_log_knows_each_step(office, there):
    there.held["Observation"] = [said("low_back_pain"), said("leg_pain", False)]
    before = len(rows())
    page = opened(office, there)
    assert page.title == "What is known of this patient"
    assert page.fields["name"][0][1] == NAME
    assert page.fields["born"][0][1] == "1980"
    assert '<option value="en" selected>' in page.page
    assert page.filled["low_back_pain"] == "yes"
    assert patients(office).count() == 0
    sends(office, leg_pain="yes")
    patient = patients(office).get()
    assert patient.who == {"name": NAME, "born": 1980, "email": "", "lang": "en"}
    assert facts(episode_of(office)) == ["answers"]
    assert [(row.event, row.page) for row in rows()[before:]] == [
        ("read", "smart_known"), ("read", "smart_known"), ("write", "smart_known"), ("read", "episode"),
    ]  # fmt: skip
    assert rows("smart_known")[-1].patient == patient.pk


def test_what_was_left_open_is_not_answered(office, there):
    from ruggespraak.clinic import record

    there.held["Observation"] = [said("low_back_pain")]
    opened(office, there)
    sends(office)
    (answers,) = record.history(episode_of(office))
    assert answers.event.told == {"low_back_pain": True, "age_years": answers.event.told["age_years"]}
    assert answers.event.unclear == frozenset()


def test_what_is_not_used_of_her_record_is_not_kept_for_a_minute(office, there):
    address = {"address": [{"line": ["Dorpsstraat 1"]}], "telecom": [{"value": "0612345678"}]}
    there.held["Patient"] = [{**PATIENT, **address}]
    there.held["Condition"] = [{"resourceType": "Condition", "id": "c1", "code": {"text": "Schurft"}}]
    there.held["Observation"] = [said("cancer_history", note=[{"text": "gezien"}])]
    opened(office, there)
    kept = in_session(office)
    assert "gezien" in kept
    for other in ("Dorpsstraat", "0612345678", "Schurft"):
        assert other not in kept
    sends(office)
    assert "gezien" not in in_session(office)


def test_who_it_is_must_be_filled_in_and_what_was_answered_stays(office, there):
    opened(office, there)
    page = sends(office, name="", low_back_pain="yes")
    assert "Fill in a name." in page.page
    assert page.filled["low_back_pain"] == "yes"
    assert patients(office).count() == 0


def test_pressing_the_button_twice_makes_one_patient(office, there):
    opened(office, there)
    address = office.visitor.path
    sends(office, low_back_pain="yes")
    office.visitor.post(address.removeprefix("/en/"), {"name": NAME, "born": "1980", "lang": "en"})
    assert office.visitor.title == "Patient"
    assert patients(office).count() == 1


def test_two_colleagues_at_once_make_one_patient(office, there):
    opened(office, there)
    other = Office(lang="en", practice=office.practice, role="gp")
    opened(other, there)
    sends(other, low_back_pain="yes")
    sends(office, low_back_pain="no")
    assert office.visitor.response.status_code == 409
    assert patients(office).count() == 1
    assert facts(episode_of(office)) == ["answers"]


def test_who_is_known_already_is_found_and_a_record_that_changed_meanwhile_is_not_written_over(office, there):
    from ruggespraak.clinic import record
    from ruggespraak.course import Contact
    from workplace import a_day

    opened(office, there)
    sends(office, low_back_pain="yes")
    assert "In your record: " + NAME in opened(office, there).page
    record.add(episode_of(office), Contact(a_day()), "gp")
    sends(office, leg_pain="yes")
    assert office.visitor.response.status_code == 409
    assert facts(episode_of(office)) == ["answers", "contact"]
    opened(office, there)
    sends(office, leg_pain="yes")
    assert facts(episode_of(office)) == ["answers", "contact", "answers"]


def known_here(office, **who):
    """A patient whom this office had before that system opened her."""
    from ruggespraak.clinic import record
    from workplace import WHO, a_day

    patient = record.new_patient(office.practice, {**WHO, **who}, a_day(-30))
    return record.open_episode(patient, a_day(-30))


def says_who(office, who):
    """Presses the button that says who it is."""
    return office.visitor.post(office.visitor.path.removeprefix("/en/"), {"is": who})


def test_a_patient_who_was_in_the_record_before_goes_on_there_when_the_care_giver_says_that_it_is_she(office, there):
    episode = known_here(office, name=NAME.upper())
    page = opened(office, there)
    assert "There is a record under this name and year of birth" in page.page
    assert str(episode.pk) in page.page
    says_who(office, episode.patient_id)
    assert rows("smart_known")[-1].event == "read"
    assert ("write", episode.patient_id) in [(row.event, row.patient) for row in rows("smart_known")]
    assert "In your record: " + NAME.upper() in page.page
    sends(office, low_back_pain="yes")
    assert (patients(office).count(), facts(episode)) == (1, ["answers"])


def test_that_it_is_she_can_be_taken_back(office, there):
    episode = known_here(office)
    opened(office, there)
    says_who(office, episode.patient_id)
    page = says_who(office, "somebody_else")
    assert "In your record" not in page.page
    assert "There is a record under this name" in page.page
    sends(office, low_back_pain="yes")
    assert (patients(office).count(), facts(episode)) == (2, [])


def test_no_record_is_offered_but_an_open_one_of_this_practice_with_that_name_and_year(office, there):
    from ruggespraak.clinic import record
    from signing import an_account

    elsewhere = Office(lang="en")
    others = [known_here(office, born=1981), known_here(office, name="Anna Anders"), known_here(elsewhere)]
    closed, erased = known_here(office), known_here(office)
    closed.patient.only_for.set([an_account("De enige die mag")])
    record.erase(erased.patient)
    for one in (*others, closed, erased):
        assert "There is a record under this name" not in opened(office, there).page
        assert says_who(office, one.patient_id).response.status_code == 400
    assert not [row for row in rows("smart_known") if (row.event, row.practice) == ("write", office.practice.pk)]


@pytest.mark.control("C-36")
def test_another_name_there_is_noticed(office, there):
    opened(office, there)
    sends(office, low_back_pain="yes")
    assert "These are not the same" not in opened(office, there).page
    there.held["Patient"] = [{**PATIENT, "birthDate": "1990-05-04"}]
    assert "These are not the same" in opened(office, there).page


def test_an_episode_that_had_ended_opens_again(office, there):
    from ruggespraak.clinic import record
    from ruggespraak.course import Contact, Recovery
    from workplace import a_day

    opened(office, there)
    sends(office, low_back_pain="yes", saddle_numbness="yes", urinary_retention="yes")
    for event in (Contact(a_day(), seen=True), Recovery(a_day())):
        record.add(episode_of(office), event, "gp")
    there.held["Observation"] = [said("saddle_numbness", False)]
    page = opened(office, there)
    assert "This episode had ended" in page.page
    assert "Cauda equina" not in page.page  # it was of then
    assert page.filled["saddle_numbness"] == "no"
    sends(office, leg_pain="yes")
    assert facts(episode_of(office)) == ["answers", "contact", "recovery", "relapse", "answers"]


def test_a_record_that_is_closed_to_somebody_is_closed_from_there_too(office, there):
    from signing import an_account

    opened(office, there)
    sends(office, low_back_pain="yes")
    patients(office).get().only_for.set([an_account("De enige die mag")])
    assert opened(office, there).title == "A closed record"


def test_who_was_erased_is_not_recognised(office, there):
    from ruggespraak.clinic import record
    from ruggespraak.clinic.models import KnownElsewhere

    opened(office, there)
    sends(office, low_back_pain="yes")
    patient = patients(office).get()
    assert KnownElsewhere.objects.filter(patient=patient).exists()
    record.erase(patient)
    assert not KnownElsewhere.objects.filter(patient=patient).exists()
    assert "In your record" not in opened(office, there).page


def test_how_the_other_system_knows_her_is_not_written_down(office, there):
    from ruggespraak.clinic.models import KnownElsewhere

    opened(office, there)
    sends(office, low_back_pain="yes")
    key = KnownElsewhere.objects.get(patient=patients(office).get()).key
    assert len(key) == 64
    with override_settings(MASTER_KEY="B" * 43 + "="):
        from ruggespraak.clinic.elsewhere import known

        assert known(office.practice, there.fake.url, "p1") is None
    other = Office(lang="en")
    assert known(office.practice, there.fake.url, "p1").key == key
    assert known(other.practice, there.fake.url, "p1") is None


# -- what is read ------------------------------------------------------------------------------------------------------


def test_what_is_somebody_else_s_is_not_believed_and_that_is_said(office, there):
    there.held["Observation"] = [said("low_back_pain"), said("saddle_numbness", of="p2")]
    page = opened(office, there)
    assert "saddle_numbness" not in page.filled
    assert "measurements and findings: read in part only" in page.page
    assert page.filled["low_back_pain"] == "yes"


@pytest.mark.parametrize(
    ("change", "believed"),
    [
        ({"subject": {"reference": "https://elsewhere.example/fhir/Patient/p1"}}, False),
        ({"subject": {"reference": "{here}/Patient/p1"}}, True),
        ({"subject": {"reference": "Patient/p1/_history/2"}}, True),
        ({"id": None}, False),
        ({"id": "a name with spaces"}, False),
    ],
    ids=str,
)
def test_the_same_number_elsewhere_is_somebody_else_and_what_has_no_name_is_not_read(office, there, change, believed):
    one = {**said("cancer_history"), **change}
    there.held["Observation"] = [json.loads(json.dumps(one).replace("{here}", there.fake.url))]
    page = opened(office, there)
    assert ("cancer_history" in page.filled) is believed
    assert ("measurements and findings: read in part only" in page.page) is not believed


@pytest.mark.parametrize(
    "odd",
    [
        {"communication": 5}, {"communication": [{"language": {"coding": 5}}]}, {"birthDate": "\ud800"}, {"name": 5},
        {"name": [{"text": "\ud800<script>alert(1)</script>\x00"}]}, {"communication": {"language": [["nl"]]}},
    ],
    ids=str,
)  # fmt: skip
def test_whatever_a_patient_there_looks_like_her_page_opens(office, there, odd):
    there.held["Patient"] = [{**PATIENT, **odd}]
    page = opened(office, there)
    assert page.title == "What is known of this patient"
    assert "<script>" not in page.page


@pytest.mark.control("C-36")
def test_a_patient_who_is_another_one_is_not_opened(office, there):
    there.held["Patient"] = [{**PATIENT, "id": "p2"}]
    assert opened(office, there).response.status_code == 502


def test_what_a_scope_leaves_out_is_unknown_and_said(office, there):
    there.grants["scope"] = "launch patient/Patient.r patient/Observation.rs?category=laboratory"
    there.held["Condition"] = [{"resourceType": "Condition"}]
    page = opened(office, there)
    assert "measurements and findings: read in part only" in page.page
    assert "problems: not allowed by the other system" in page.page
    assert not [path for _method, path, _headers, _body in there.fake.asked if "Condition" in path]


def test_a_converted_number_can_be_sent_as_it_is_shown(office, there):
    value = {"value": 100.3, "unit": "F", "system": "http://unitsofmeasure.org", "code": "[degF]"}
    one = said("fever_c", valueQuantity=value)
    del one["valueBoolean"]
    there.held["Observation"] = [one]
    page = opened(office, there)
    assert page.filled["fever_c"] == "37.94"
    assert sends(office).title == "Patient"


# -- what is filled in -------------------------------------------------------------------------------------------------


def measured(finding, value, **more):
    """A number without a unit."""
    quantity = {"value": value, "unit": "1", "system": "http://unitsofmeasure.org", "code": "1"}
    one = said(finding, valueQuantity=quantity, **more)
    del one["valueBoolean"]
    return one


YESTERDAY = {"effectiveDateTime": (date.today() - timedelta(days=1)).isoformat()}


@pytest.mark.control("C-30")
def test_good_news_an_examination_and_a_score_of_another_day_are_shown_and_wait_for_an_answer(office, there):
    from ruggespraak.clinic import record

    there.held["Observation"] = [
        said("saddle_numbness", False, **YESTERDAY), said("slr_positive", **YESTERDAY), said("foot_drop", **YESTERDAY),
        said("urinary_retention", False), measured("pain_leg_nrs", 7, **YESTERDAY), measured("pain_back_nrs", 6),
    ]  # fmt: skip
    page = opened(office, there)
    filled = {name: page.filled.get(name) for name in ("urinary_retention", "foot_drop", "pain_back_nrs")}
    assert filled == {"urinary_retention": "no", "foot_drop": "yes", "pain_back_nrs": "6"}
    assert not {"saddle_numbness", "slr_positive", "pain_leg_nrs"} & page.filled.keys()
    assert "Not filled in, ask again: no (measurements and findings" in page.page
    assert "Not filled in, ask again: 7 (measurements and findings" in page.page
    assert "Told before, ask again" in page.page
    sends(office)
    (answers,) = record.history(episode_of(office))
    assert set(answers.event.told) == {"age_years", "urinary_retention", "foot_drop", "pain_back_nrs"}


def test_an_alarm_of_our_record_is_not_taken_away_by_what_another_system_says(office, there):
    from ruggespraak.clinic import record

    opened(office, there)
    sends(office, low_back_pain="yes", saddle_numbness="yes", urinary_retention="yes")
    there.held["Observation"] = [said("saddle_numbness", False), said("urinary_retention", False)]
    page = opened(office, there)
    assert "Cauda equina" in page.page.partition("<h1>")[0]
    assert not {"saddle_numbness", "urinary_retention"} & page.filled.keys()
    assert "In your record: yes (care giver, " in page.page
    assert "Not as in your record" in page.page
    sends(office)
    assert record.replayed(episode_of(office)).value("saddle_numbness") is True
    opened(office, there)
    sends(office, saddle_numbness="no")
    assert record.replayed(episode_of(office)).value("saddle_numbness") is False


def test_an_alarm_there_is_filled_in_and_stands_above_whatever_our_record_says(office, there):
    opened(office, there)
    sends(office, low_back_pain="yes", saddle_numbness="no", urinary_retention="no")
    there.held["Observation"] = [said(one, **YESTERDAY) for one in ("saddle_numbness", "urinary_retention")]
    page = opened(office, there)
    assert page.filled["saddle_numbness"] == "yes"
    assert "Cauda equina" in page.page.partition("<h1>")[0]
    assert "In your record: no (care giver, " in page.page


def test_what_was_sent_back_is_not_told_anew_by_opening_the_patient_again(office, there):
    """A "no" of our own comes back from there: another day it waits, and does not begin to count from that day."""
    there.held["Observation"] = [said("low_back_pain")]
    opened(office, there)
    sends(office, saddle_numbness="no")
    sends_back(office)
    sent = next(one for one in there.written.values() if one["resourceType"] == "QuestionnaireResponse")
    there.held["QuestionnaireResponse"] = [{**sent, "id": "back"}]
    assert opened(office, there).filled["saddle_numbness"] == "no"
    then = (date.today() - timedelta(days=6)).isoformat()
    there.held["QuestionnaireResponse"] = [{**sent, "id": "back", "authored": then}]
    page = opened(office, there)
    assert "saddle_numbness" not in page.filled
    assert "Not filled in, ask again: no (questionnaires, " in page.page


def test_what_the_care_giver_leaves_open_is_gone(office, there):
    from ruggespraak.clinic import record

    there.held["Observation"] = [said("low_back_pain"), said("cancer_history")]
    page = opened(office, there)
    assert ("radio", "", False) in page.fields["cancer_history"]
    assert "Leave open" in page.page
    sends(office, cancer_history="")
    (answers,) = record.history(episode_of(office))
    assert "cancer_history" not in {*answers.event.told, *answers.event.unclear}


@pytest.mark.control("C-36")
def test_beside_the_button_stands_whom_it_is_about(office, there):
    page = opened(office, there)
    assert f"This is about {NAME}, born in 1980." in page.page.rpartition("<button")[0][-400:]


# -- back --------------------------------------------------------------------------------------------------------------


def test_it_goes_back_once_by_who_may_and_the_token_is_gone_then(office, there):
    opened(office, there)
    sends(office, low_back_pain="yes")
    here = f"practice/episode/{episode_of(office).pk}/"
    assert TOKEN in in_session(office)
    page = office.visitor.get(f"{here}write-back/")
    assert there.written == {}
    assert page.title == "Send back to HIS Proef"
    sends_shown(office.visitor)
    assert sorted(one["resourceType"] for one in there.written.values()) == ["CarePlan", "QuestionnaireResponse"]
    assert TOKEN not in in_session(office)
    assert rows("write_back")[-1].event == "export"
    assert office.visitor.get(f"{here}write-back/").title == "Patient"
    opened(office, there)
    assert "See what is sent" not in office.visitor.get(here).page
    assert "The last decision was sent back to the other system." in office.visitor.page


@pytest.mark.control("C-45")
def test_before_anything_goes_back_it_says_of_whom_it_is_there_and_here(office, there):
    opened(office, there)
    sends(office, low_back_pain="yes", name="Anna Anders")
    page = office.visitor.get(f"practice/episode/{episode_of(office).pk}/write-back/").page
    assert f"HIS Proef knows this patient as {NAME}, born in 1980. In your record: Anna Anders, born in 1980." in page
    assert "If not, send nothing." in page


@pytest.mark.control("C-45")
def test_nothing_goes_back_when_the_record_changed_since_it_was_shown(office, there):
    from ruggespraak.clinic import record
    from ruggespraak.course import Contact
    from workplace import a_day

    opened(office, there)
    sends(office, low_back_pain="yes")
    here = f"practice/episode/{episode_of(office).pk}/write-back/"
    office.visitor.get(here)
    record.add(episode_of(office), Contact(a_day()), "gp")
    assert sends_shown(office.visitor).response.status_code == 409
    assert sends_shown(office.visitor.get(here), shown="something else").response.status_code == 409
    assert there.written == {}


def test_what_the_care_giver_did_with_an_advice_goes_with_the_plan_and_is_shown_first(office, there):
    from ruggespraak.clinic import record

    opened(office, there)
    sends(office, low_back_pain="yes")
    here = f"practice/episode/{episode_of(office).pk}/"
    choices = [name for name in office.visitor.fields if name.startswith("choice-")]
    advice = choices[0].removeprefix("choice-")
    office.visitor.get(f"{here}write-back/")
    decision = record.history(episode_of(office))[-1].fact.decisions.get()
    record.choose(decision, advice, False, "Eerst een foto, want zij viel.", "gp", office.account)
    assert sends_shown(office.visitor).response.status_code == 409  # it is not what was shown
    assert "Afwijken: Eerst een foto, want zij viel." in office.visitor.get(f"{here}write-back/").page
    sends_shown(office.visitor)
    plan = next(one for one in there.written.values() if one["resourceType"] == "CarePlan")
    (said,) = [said["text"] for one in plan["activity"] for said in one.get("progress", [])]
    assert said == "Afwijken: Eerst een foto, want zij viel."


def test_answers_of_an_earlier_day_do_not_go_back_as_if_they_were_told_today(office, there):
    from ruggespraak.clinic import elsewhere

    episode = office.patient({"low_back_pain": True, "saddle_numbness": False}, on=-5)
    elsewhere.learn(episode.patient, there.fake.url, "p1")
    opened(office, there)
    sends(office, leg_pain="yes")
    sends_back(office)
    answers = next(one for one in there.written.values() if one["resourceType"] == "QuestionnaireResponse")
    assert "saddle_numbness" not in json.dumps(answers)
    assert "leg_pain" in json.dumps(answers)


def test_what_arrived_is_not_sent_again_to_a_system_that_keeps_everything_it_is_sent(office, there):
    answer, kept = there.fake.answer, []

    def keeps_all(request):
        if request.command != "POST" or request.path.endswith("/token"):
            return answer(request)
        kind = request.path.rpartition("/")[2]
        fails = kind == "CarePlan" and kept.count("CarePlan") == 0
        kept.append(kind)
        return reply(request, b"", 500 if fails else 201)

    there.fake.answer = keeps_all
    opened(office, there)
    sends(office, low_back_pain="yes")
    assert "Not sent: the other system does not take it." in sends_back(office).page
    assert "Try again" in office.visitor.page
    sends_shown(office.visitor)
    assert sorted(kept) == ["CarePlan", "CarePlan", "QuestionnaireResponse"]
    assert "The last decision was sent back" in office.open(episode_of(office)).page


@pytest.mark.control("C-45")
def test_a_button_that_is_pressed_twice_sends_once(office, there):
    from django.test import Client

    answer, second = there.fake.answer, []
    opened(office, there)
    sends(office, low_back_pain="yes")
    page = office.visitor.get(f"practice/episode/{episode_of(office).pk}/write-back/")
    form = {name: page.fields[name][0][1] for name in ("so_far", "shown")}
    tab = Client()
    tab.cookies = office.visitor.client.cookies

    def pressed_again(request):
        if request.command == "POST" and not second:
            second.append(None)
            thread = threading.Thread(target=lambda: second.append(tab.post(page.path, form)))
            thread.start()
            thread.join()
        return answer(request)

    there.fake.answer = pressed_again
    sends_shown(page)
    assert second[1].status_code == 409
    assert "It is being sent already" in second[1].content.decode()
    assert (
        len([1 for method, path, _headers, _body in there.fake.asked if method == "POST" and "token" not in path]) == 2
    )


def test_once_sent_no_token_for_her_is_left_however_often_she_was_opened(office, there):
    opened(office, there)
    sends(office, low_back_pain="yes")
    there.grants["access_token"] = "another-token"
    opened(office, there)
    sends(office, leg_pain="yes")
    assert TOKEN in in_session(office)
    sends_back(office)
    assert "another-token" not in in_session(office)
    assert TOKEN not in in_session(office)


def test_a_practice_nurse_opens_and_writes_and_sends_nothing_back(there, tmp_path):
    nurse = Office(lang="en", role="nurse")
    list_of(tmp_path, there, nurse.practice)
    with override_settings(EXCHANGE=str(tmp_path / "list.toml")):
        opened(nurse, there)
        sends(nurse, low_back_pain="yes")
        assert "See what is sent" not in nurse.visitor.page
        assert nurse.visitor.get(f"practice/episode/{episode_of(nurse).pk}/write-back/").response.status_code == 403


# -- who, and how long -------------------------------------------------------------------------------------------------


def test_who_is_not_signed_in_signs_in_first_with_a_second_factor_and_then_goes_on(office, there, mail, clock):
    secret = sets_up_an_app(office.visitor)
    clock(60)
    came = Visitor("en")
    found = came.client.get("/smart/launch/", {"iss": there.fake.url, "launch": "abc"})
    (wanted,) = parse_qs(urlsplit(found["Location"]).query)["next"]
    assert dict(parse_qsl(urlsplit(wanted).query)) == {"iss": there.fake.url, "launch": "abc"}
    asks(came, office.account.email, next=wanted)
    gives(came, code_in(mail[-1]), next=wanted)
    assert came.path == "/en/account/sign-in/second/"
    assert there.fake.asked == []
    came.get("account/sign-in/second/").post("account/sign-in/second/", {"code": totp(secret)})
    assert came.path == wanted
    assert "HIS Proef" in came.title


def test_a_care_giver_of_another_practice_finds_nothing_and_that_is_in_the_log(office, there):
    other = Office(lang="en")
    assert launches(other.visitor.client, there).status_code == 404
    assert rows("smart_launch")[-1].event == "refused"
    address = opened(office, there).path
    assert other.visitor.client.get(address).status_code == 404


def test_the_privacy_officer_reads_what_was_opened_from_there_and_sent_back(office, there):
    from django.urls import reverse

    opened(office, there)
    sends(office, low_back_pain="yes")
    sends_back(office)
    officer = Visitor("en")
    signed_in(officer.client, care_giver(office.practice, "privacy_officer"))
    page = officer.get(reverse("log", kwargs={"practice": office.practice.pk})[len("/nl/") :]).page
    assert "opened from another system" in page
    assert "sent back to another system" in page
    assert NAME not in page


def test_a_manager_opens_no_patient(there, tmp_path):
    from django.test import Client

    from ruggespraak.clinic.models import Practice

    practice = Practice.objects.create(name="Praktijk De Proef", profession="gp")
    list_of(tmp_path, there, practice)
    manager = signed_in(Client(), care_giver(practice, "manager"))
    with override_settings(EXCHANGE=str(tmp_path / "list.toml")):
        assert launches(manager, there).status_code == 403


def test_a_token_that_has_ended_is_thrown_away(office, there, monkeypatch):
    page = opened(office, there)
    assert TOKEN in in_session(office)
    later = time.time() + 601
    monkeypatch.setattr(time, "time", lambda: later)
    assert office.visitor.get(page.path.removeprefix("/en/")).title == "This patient is no longer open here"
    assert TOKEN not in in_session(office)


def test_a_server_that_is_no_longer_listed_is_no_longer_asked(office, there):
    page = opened(office, there)
    there.fake.asked.clear()
    with override_settings(EXCHANGE=""):
        assert office.visitor.get(page.path.removeprefix("/en/")).title == "This patient is no longer open here"
    assert there.fake.asked == []


def test_an_answer_counts_once_and_only_with_what_was_sent_along(office, there):
    client = office.visitor.client
    sent = there_in(client.get("/smart/launch/", {"iss": there.fake.url, "launch": "abc"}))
    for state in ("x", ""):
        assert comes_back(client, sent, state=state).status_code == 409
    assert comes_back(client, sent).status_code == 302
    assert comes_back(client, sent).status_code == 409


def test_an_answer_that_comes_in_at_the_address_of_another_system_brings_it_no_code(office, there):
    """Mix-up: a system of the list sends our user on to another one, whose code would then be taken to the first."""
    client = office.visitor.client
    sent = there_in(client.get("/smart/launch/", {"iss": there.fake.url, "launch": "abc"}))
    state = parse_qs(urlsplit(sent).query)["state"][0]
    there.fake.asked.clear()
    answer = client.get("/smart/callback/other.example/", {"code": "c0de", "state": state})
    assert answer.status_code == 409
    assert there.fake.asked == []
    assert comes_back(client, sent).status_code == 409  # it is spent


def test_who_comes_back_when_the_session_is_over_reads_that_and_takes_no_code_to_the_page_to_sign_in(office, there):
    from django.test import Client

    sent = there_in(office.visitor.client.get("/smart/launch/", {"iss": there.fake.url, "launch": "abc"}))
    answer = comes_back(Client(), sent)
    assert answer.status_code == 409
    assert "c0de" not in answer.content.decode()
    assert (answer["Cache-Control"], answer.cookies) == ("no-store", {})


# -- two at once -------------------------------------------------------------------------------------------------------


@pytest.mark.control("C-36")
def test_two_patients_who_are_opened_at_once_do_not_stand_in_each_other_s_way(office, there):
    """The second one is opened while the first request is still at the other system."""
    client, answer, opened_too = office.visitor.client, there.fake.answer, []
    moments = {"/fhir/token", "/fhir/Patient/p1"}

    def meanwhile(request):
        if request.path in moments:
            moments.remove(request.path)
            opened_too.append(launches_beside(office, there))
        return answer(request)

    there.fake.answer = meanwhile
    first = launches(client, there)
    assert first.status_code == 302
    assert client.get(first["Location"]).status_code == 200
    second, third = opened_too
    assert second.status_code == third.status_code == 302
    assert len({first["Location"], second["Location"], third["Location"]}) == 3
    assert client.get(second["Location"]).status_code == 200


def launches_beside(office, there):
    """Opens a patient in another tab of the same browser."""
    from django.test import Client

    tab = Client()
    tab.cookies = office.visitor.client.cookies
    found = []
    thread = threading.Thread(target=lambda: found.append(launches(tab, there)))
    thread.start()
    thread.join()
    return found[0]


def test_a_session_that_ends_while_a_patient_is_opened_keeps_nothing(office, there):
    from django.contrib.sessions.models import Session

    answer = there.fake.answer

    def signs_out(request):
        if request.path.endswith("/token"):
            Session.objects.all().delete()
        return answer(request)

    there.fake.answer = signs_out
    assert launches(office.visitor.client, there).status_code == 400
    assert Session.objects.count() == 0


def test_who_fills_in_the_form_longer_than_the_token_lasts_loses_nothing(office, there, monkeypatch):
    opened(office, there)
    later = time.time() + 601
    monkeypatch.setattr(time, "time", lambda: later)
    there.fake.asked.clear()
    assert sends(office, low_back_pain="yes").title == "Patient"
    assert patients(office).count() == 1
    assert "See what is sent" not in office.visitor.page
    assert (there.fake.asked, TOKEN in in_session(office)) == ([], False)


def test_a_system_that_refuses_a_patient_is_no_launch_that_has_ended(office, there):
    answer = there.fake.answer
    there.fake.answer = lambda request: reply(request, b"{}", 403) if "/Patient/" in request.path else answer(request)
    assert opened(office, there).title == "The other system refuses this site"


def test_signing_out_throws_everything_away(office, there):
    from django.contrib.sessions.models import Session

    opened(office, there)
    before = Session.objects.count()
    office.visitor.post("account/sign-out/", {})
    assert Session.objects.count() == before - 1


def test_no_token_is_in_any_table(office, there):
    from django.apps import apps

    opened(office, there)
    sends(office, low_back_pain="yes")
    told = "".join(repr(row) for model in apps.get_models() for row in model._base_manager.values_list())
    assert str(office.practice.pk) in told
    for secret in (TOKEN, NAME, TOKEN.encode().hex()):
        assert secret not in told
