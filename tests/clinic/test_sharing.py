"""What a patient gives away herself: a code that opens once, a link that is only hers, and all that is kept of her."""

import json
import math
from datetime import date, timedelta
from unittest.mock import patch

import pytest

from at_once import at_once
from clinic_people import CANCER, NUMB, PLAIN, answers, episode, practice
from ruggespraak.consult import read_case
from ruggespraak.course import Contact

ON = date(2026, 1, 5)
WHO = {"name": "Naam Achternaam", "born": 1980, "email": "", "lang": "nl"}
CASE = {"on": ON.isoformat(), "answered_by": "patient", "findings": {**NUMB, "fever_reported": "unclear"}}


@pytest.fixture
def gps():
    return practice()


def case():
    return read_case(CASE)


def later(**time):
    """The clock of the site, so much later."""
    from django.utils import timezone

    return patch.object(timezone, "now", return_value=timezone.now() + timedelta(**time))


# -- a kept result -----------------------------------------------------------------------------------------------------


def test_a_kept_result_is_the_patients_first_answers_in_the_practice_that_has_the_code(gps):
    from ruggespraak.clinic import record, sharing

    code = sharing.keep(case())
    assert sharing.look(code) == case()
    taken = sharing.take(code, gps, WHO, ON + timedelta(days=2))
    (happened,) = record.history(taken)
    assert taken.practice == gps
    assert taken.patient.who == WHO
    assert (happened.event.told, happened.event.unclear) == (NUMB, {"fever_reported"})
    assert (happened.event.on, happened.fact.by) == (ON, "patient")
    assert taken.alarm_open


def test_a_code_opens_once(gps):
    from ruggespraak.clinic import sharing

    code = sharing.keep(case())
    sharing.take(code, gps, WHO, ON)
    for use in (lambda: sharing.look(code), lambda: sharing.take(code, gps, WHO, ON)):
        with pytest.raises(sharing.CodeError):
            use()
    assert gps.patients.count() == 1


def test_two_who_take_it_at_once_do_not_both_have_it(gps):
    from ruggespraak.clinic import sharing

    for _ in range(5):
        code = sharing.keep(case())
        before = gps.patients.count()
        outcomes = at_once(3, lambda code=code: sharing.take(code, gps, WHO, ON))
        assert [type(one) for one in outcomes].count(sharing.CodeError) == 2
        assert gps.patients.count() == before + 1


def test_nothing_is_lost_when_taking_fails_halfway(gps):
    from ruggespraak.clinic import record, sharing

    code = sharing.keep(case())
    with patch.object(record, "add", side_effect=OSError("power")), pytest.raises(OSError, match="power"):
        sharing.take(code, gps, WHO, ON)
    assert gps.patients.count() == 0
    assert sharing.look(code) == case()


@pytest.mark.parametrize(
    "typed",
    [
        str.lower, str.strip, lambda code: code.replace("-", ""), lambda code: code.replace("-", " "),
        lambda code: f"  {code.lower()}. ", lambda code: "\n".join(code.split("-")),
        lambda code: code.replace("-", "\N{EN DASH}"),
    ],
)  # fmt: skip
def test_a_code_may_be_typed_sloppily(typed):
    from ruggespraak.clinic import sharing

    assert sharing.look(typed(sharing.keep(case()))) == case()


def test_a_code_has_no_letter_that_is_read_as_another():
    from ruggespraak.clinic import sharing

    assert not set("IO01") & set(sharing.LETTERS)
    assert len(set(sharing.LETTERS)) == 32


@pytest.mark.parametrize("wrong", ["", " ", "-", "?", "AAAA-AAAA-AAAA-AAAA", "ß" * 16, "A" * 10_000, "0101-0101"])
def test_a_wrong_code_opens_nothing(gps, wrong):
    from ruggespraak.clinic import sharing

    sharing.keep(case())
    for use in (lambda: sharing.look(wrong), lambda: sharing.take(wrong, gps, WHO, ON)):
        with pytest.raises(sharing.CodeError):
            use()


def test_a_code_with_one_letter_wrong_opens_nothing():
    from ruggespraak.clinic import sharing

    code = sharing.keep(case())
    for place in (0, 6, 18):
        other = "A" if code[place] != "A" else "B"
        with pytest.raises(sharing.CodeError):
            sharing.look(code[:place] + other + code[place + 1 :])


def test_a_code_opens_for_two_weeks_and_what_it_opened_is_then_gone():
    from ruggespraak.clinic import sharing
    from ruggespraak.clinic.models import Handed

    code = sharing.keep(case())
    with later(days=13, hours=23):
        assert sharing.look(code) == case()
    with later(days=14, seconds=1):
        with pytest.raises(sharing.CodeError):
            sharing.look(code)
        kept = sharing.keep(case())
        assert Handed.objects.count() == 1
        assert sharing.look(kept) == case()


def test_a_code_cannot_be_guessed_in_the_time_that_there_is():
    """Counted: all codes, beside a thousand guesses a second at a thousand kept results, for as long as one is kept."""
    from ruggespraak.clinic import sharing

    codes = len(sharing.LETTERS) ** (sharing.GROUPS * sharing.EACH)
    assert math.log2(codes) == 80
    guesses = 1000 * sharing.KEPT_FOR.total_seconds()
    assert guesses * 1000 / codes < 1e-11


def test_no_two_codes_are_the_same_and_every_letter_is_used():
    from ruggespraak.clinic import sharing

    codes = [sharing.keep(case()) for _ in range(60)]
    assert len(set(codes)) == 60
    assert set("".join(codes)) == {*sharing.LETTERS, "-"}


def test_what_the_database_holds_tells_nothing_without_the_code():
    from cryptography.fernet import Fernet, InvalidToken

    from ruggespraak.clinic import sharing
    from ruggespraak.clinic.models import Handed

    code, other = sharing.keep(case()), sharing.keep(case())
    first, second = (Handed.objects.get(code=sharing._hashed(one)) for one in (code, other))
    for row in (first, second):
        held = bytes(row.content) + row.code.encode()
        for word in (b"saddle", b"fever", b"2026", b"patient", code.encode(), code.replace("-", "").encode()):
            assert word not in held
    assert first.content != second.content  # the same answers, kept twice, are not seen to be the same
    with pytest.raises(InvalidToken):
        Fernet(sharing._key(other)).decrypt(bytes(first.content))


# -- the link ----------------------------------------------------------------------------------------------------------


def test_a_link_leads_to_its_own_patient_and_tells_nothing_about_her(gps):
    from ruggespraak.clinic import sharing

    one, other = episode(gps, ON), episode(gps, ON)
    token = sharing.link_of(one)
    assert (sharing.episode_of(token), sharing.episode_of(sharing.link_of(other))) == (one, other)
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")
    assert one.patient_id.hex not in token


@pytest.mark.control("C-35")
def test_a_link_that_was_tampered_with_leads_nowhere(gps):
    from ruggespraak.clinic import sharing

    one, other = episode(gps, ON), episode(gps, ON)
    token = sharing.link_of(one)
    id, stamp, signature = token.split(".")
    wrong = [token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :] for place in range(len(token))]
    wrong += [
        "", "x", ".", "..", id, f"{id}.{stamp}", f"{id}..{signature}", f"{token}.", f" {token}", token.upper(),
        ".".join([other.id.hex, stamp, signature]), ".".join([str(one.id), stamp, signature]), "\0", "é.é.é",
    ]  # fmt: skip
    for one_wrong in wrong:
        with pytest.raises(sharing.LinkError):
            sharing.episode_of(one_wrong)


def test_a_link_that_was_signed_for_something_else_leads_nowhere(gps):
    from django.core import signing

    from ruggespraak.clinic import sharing

    one = episode(gps, ON)
    for salt in ("", "django.core.signing", "check-out"):
        token = signing.TimestampSigner(salt=salt or "x").sign(one.id.hex).replace(":", ".")
        with pytest.raises(sharing.LinkError):
            sharing.episode_of(token)


@pytest.mark.control("C-35")
def test_a_link_lasts_four_weeks(gps):
    import time

    from ruggespraak.clinic import sharing

    one = episode(gps, ON)
    token, now = sharing.link_of(one), time.time()
    week = 7 * 24 * 3600
    with patch("django.core.signing.time.time", return_value=now + 4 * week - 60):
        assert sharing.episode_of(token) == one
    with patch("django.core.signing.time.time", return_value=now + 4 * week + 60), pytest.raises(sharing.LinkError):
        sharing.episode_of(token)


def test_the_link_of_an_erased_patient_leads_nowhere(gps):
    from ruggespraak.clinic import record, sharing

    one = episode(gps, ON)
    token = sharing.link_of(one)
    record.erase(one.patient)
    with pytest.raises(sharing.LinkError):
        sharing.episode_of(token)


# -- everything that is kept of her ------------------------------------------------------------------------------------


def full(of):
    """Two episodes with a correction, a contact and a choice."""
    from ruggespraak.clinic import record
    from ruggespraak.clinic.models import Choice

    one = episode(of, ON, told={}, name="Naam Achternaam")
    first = record.add(one, answers(ON, NUMB), "patient")
    record.correct(first, answers(ON, PLAIN), "gp", ON + timedelta(days=1))
    record.add(one, Contact(ON + timedelta(days=2), seen=True), "gp")
    second = record.open_episode(one.patient, ON + timedelta(days=90))
    told = record.add(second, answers(ON + timedelta(days=90), CANCER), "patient")
    reason = one.patient.seal(f"choice {told.number} explain_cause", "Eerst zelf gebeld.")
    Choice.objects.create(decision=told.decisions.get(), advice="explain_cause", follows=False, reason=reason, by="gp")
    return one.patient


def test_the_export_holds_every_fact_and_every_decision_as_they_are_kept(gps):
    from ruggespraak.clinic import record, sharing
    from ruggespraak.clinic.models import Decision

    patient = full(gps)
    found = json.loads(json.dumps(sharing.exported(patient)))
    first, second = found["episodes"]
    assert found["identity"] == patient.who
    assert found["since"] == ON.isoformat()
    assert [fact["what"] for fact in first["facts"]] == ["answers", "answers", "contact"]
    assert [fact["corrected"] for fact in first["facts"]] == [True, False, False]
    assert [fact["by"] for fact in first["facts"]] == ["patient", "gp", "gp"]
    assert first["facts"][0]["says"]["findings"] == NUMB  # also what was corrected
    assert first["facts"][1]["says"]["findings"] == PLAIN
    assert second["facts"][0]["says"]["findings"] == CANCER
    kept = Decision.objects.filter(fact__episode__patient=patient).order_by("pk")
    exported = [one for part in (first, second) for one in part["decisions"]]
    assert len(exported) == len(kept) >= 4
    for one, decision in zip(exported, kept, strict=True):
        said = {"on": decision.on.isoformat(), "edition": decision.edition, **record.known(decision)}
        assert {key: one[key] for key in said} == said


def test_the_export_holds_what_a_care_giver_did_with_the_advice(gps):
    from ruggespraak.clinic import sharing

    found = json.dumps(sharing.exported(full(gps)))
    assert "Eerst zelf gebeld." in found


def test_the_export_holds_nothing_of_others(gps):
    from ruggespraak.clinic import sharing

    other = episode(gps, ON, {**PLAIN, "age_years": 93}, name="Iemand Anders")
    found = json.dumps(sharing.exported(full(gps)))
    for word in ("Iemand", '"age_years": 93', other.patient.who["email"], str(other.pk)):
        assert word not in found


def test_the_export_holds_who_looked(gps):
    from ruggespraak.clinic import log, sharing

    patient = full(gps)
    log.note(log.What.READ, log.Actor("patient"), "my_course", [patient])
    (look,) = json.loads(json.dumps(sharing.exported(patient)))["looked"]
    assert (look["role"], look["did"], look["times"], look["practice"]) == ("patient", "read", 1, gps.name)


@pytest.mark.parametrize("by", ["patient", "proxy"])
def test_who_reads_by_the_link_is_who_told_last(gps, by):
    from ruggespraak.clinic import record, sharing

    one = episode(gps, ON, told={})
    assert sharing.reader_of(one) == "patient"
    record.add(one, answers(ON, PLAIN, by), by)
    record.add(one, Contact(ON), "gp")
    assert sharing.reader_of(one) == by


def test_there_is_nothing_to_export_of_an_erased_patient(gps):
    from ruggespraak.clinic import record, sharing
    from ruggespraak.clinic.sealing import ErasedError

    patient = full(gps)
    record.erase(patient)
    with pytest.raises(ErasedError):
        sharing.exported(patient)
