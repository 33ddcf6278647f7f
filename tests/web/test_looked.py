"""A patient who is signed in: her record in her account, and who looked in it; another's record does not exist."""

import re
from datetime import timedelta
from unittest.mock import patch

import pytest

from signing import an_account, care_giver, signed_in
from test_mine import BORN, GOING_WELL, NAME, PLAIN, TODAY, link, patient, rows_of, same_words, visits

WHY = "Ze lag op de grond en kon niet praten."


@pytest.fixture
def gps():
    from ruggespraak.clinic.models import Practice

    return Practice.objects.create(name="De Wervel", profession="gp")


@pytest.fixture(autouse=True)
def nobody_stays():
    """The visits of these tests are over after them: others count who is there."""
    yield
    from django.contrib.sessions.models import Session

    Session.objects.all().delete()


def as_account(account=None, lang="en"):
    """Somebody who is signed in, with a code by e-mail only."""
    visitor = visits(lang)
    signed_in(visitor.client, account or an_account(), strong=False)
    return visitor


def linked(episode, lang="en"):
    """The patient of this episode, signed in, with her record in her account."""
    visitor = as_account(lang=lang)
    visitor.get(f"{link(episode)}account/").post(f"{link(episode)}account/", {"year": str(BORN)})
    assert visitor.path == f"/{lang}/mine/records/"
    return visitor


def looked_at(episode):
    return f"mine/records/{episode.patient.pk}/looked/"


def does(what, episode, account, role="gp", page="patient", **more):
    """A care giver does this with the record, as the access log has it."""
    from ruggespraak.clinic import log

    more = {"reason": "", "emergency": False} | more
    actor = log.Actor(role, account.pk, episode.practice.pk, "192.0.2.7", more["emergency"])
    return log.note(what, actor, page, [episode.patient], more["reason"])


def in_an_emergency(episode, account):
    """A care giver opens the record, which is open to somebody else only, because she is in danger; and reads it."""
    from ruggespraak.clinic.models import Emergency

    episode.patient.only_for.add(care_giver(episode.practice, "gp"))
    visitor = visits()
    signed_in(visitor.client, account)
    at = f"practice/episode/{episode.pk}/emergency/"
    visitor.get(at).post(at, {"kind": "danger", "why": WHY})
    assert visitor.path == f"/en/practice/episode/{episode.pk}/"
    return Emergency.objects.get(patient=episode.patient, account=account)


def table(visitor):
    """The rows of the table, each cell in plain words."""
    body = re.search(r"<tbody>(.*?)</tbody>", visitor.page, re.S)
    rows = re.findall(r"<tr>(.*?)</tr>", body.group(1), re.S) if body else []
    return [[same_words(cell) for cell in re.findall(r"<t[hd].*?>(.*?)</t[hd]>", row, re.S)] for row in rows]


# -- her record in her account -----------------------------------------------------------------------------------------


def test_she_adds_her_record_to_her_account_and_finds_it_without_the_link(gps):
    from ruggespraak.clinic import record

    episode = patient(gps)
    visitor = linked(episode)
    assert "De Wervel" in visitor.page
    (check_in,) = re.findall(r'href="/en/(mine/[^"/]+/)">Tell how it is now', visitor.page)
    visitor.get(check_in).post(check_in, GOING_WELL)
    assert visitor.path == f"/en/{check_in}course/"
    assert record.history(episode)[-1].fact.by == "patient"
    assert ("access", "mine_link", "patient") in rows_of(episode)
    assert ("read", "mine_home", "patient") in rows_of(episode)


def test_whoever_must_see_a_doctor_reads_that_first_among_her_records(gps):
    visitor = linked(patient(gps, ago=1, told={**PLAIN, "saddle_numbness": True}))
    assert "A doctor must look at you first" in visitor.page


def test_who_is_not_signed_in_signs_in_first_and_then_comes_back_to_the_same_page(gps):
    from django.urls import reverse

    episode = patient(gps)
    for page in (f"{link(episode)}account/", "mine/records/", looked_at(episode)):
        answer = visits().client.get(f"/en/{page}")
        assert answer.status_code == 302
        assert answer["Location"] == f"{reverse('account_login')}?next=/en/{page}"


def test_who_finds_her_link_cannot_have_her_record_in_an_account_without_her_birth_year(gps):
    episode, visitor = patient(gps), as_account()
    at = f"{link(episode)}account/"
    for year in ("", "1981", "1982", "1983", "1984", str(BORN)):  # the last one is right, and too late
        visitor.get(at).post(at, {"year": year})
        assert visitor.title.startswith("Error:")
    episode.patient.refresh_from_db()
    assert episode.patient.account is None
    assert NAME not in visitor.page
    assert [page for event, page, _role in rows_of(episode) if event == "refused"].count("birth year") == 5


def test_somebody_elses_page_cannot_put_his_record_in_her_account(gps):
    """She is signed in; he knows his own link and birth year, and makes her browser send the form."""
    his, hers = patient(gps), as_account()
    answer = hers.client.post(f"/en/{link(his)}account/", {"year": str(BORN)})
    assert answer.status_code == 403
    his.patient.refresh_from_db()
    assert his.patient.account is None


def test_a_record_belongs_to_one_account(gps):
    episode = patient(gps)
    linked(episode)
    other = as_account()
    other.get(f"{link(episode)}account/").post(f"{link(episode)}account/", {"year": str(BORN)})
    assert other.response.status_code == 409
    assert "linked to another account" in other.page
    assert "De Wervel" not in other.get("mine/records/").page


def test_she_takes_it_out_of_her_account_and_her_link_still_works(gps):
    episode = patient(gps)
    visitor = linked(episode)
    visitor.post(f"mine/records/{episode.patient.pk}/unlink/", {})
    assert "No record belongs to this account yet" in visitor.page
    assert visitor.get(looked_at(episode)).response.status_code == 404
    assert visitor.get(link(episode)).response.status_code == 200
    assert ("access", "mine_unlink", "patient") in rows_of(episode)


def test_taking_it_out_is_never_done_by_a_link_or_by_somebody_elses_page(gps):
    episode = patient(gps)
    visitor = linked(episode)
    at = f"/en/mine/records/{episode.patient.pk}/unlink/"
    assert visitor.client.get(at).status_code == 405
    assert visitor.client.post(at).status_code == 403
    episode.patient.refresh_from_db()
    assert episode.patient.account


@pytest.mark.parametrize("page", ["looked/", "looked.pdf", "unlink/"])
def test_another_patients_record_does_not_exist_for_her_and_nothing_is_written_down_of_it(gps, page):
    mine, other = patient(gps), patient(gps)
    visitor = linked(mine)
    linked(other)
    before = rows_of(other)
    at = f"mine/records/{other.patient.pk}/{page}"
    found = visitor.post(at, {}) if page == "unlink/" else visitor.get(at)
    assert found.response.status_code == 404
    assert rows_of(other) == before
    other.patient.refresh_from_db()
    assert other.patient.account


def test_a_care_giver_does_not_read_a_patients_page_about_who_looked(gps):
    episode = patient(gps)
    linked(episode)
    gp = visits()
    signed_in(gp.client, care_giver(gps, "gp"))
    assert gp.get(looked_at(episode)).response.status_code == 404


# -- who looked --------------------------------------------------------------------------------------------------------


@pytest.mark.control("C-53")
def test_she_reads_who_looked_in_which_role_and_what_they_did_the_newest_first(gps):
    from ruggespraak.clinic.log import What

    episode = patient(gps)
    visitor = linked(episode)
    doctor, nurse = care_giver(gps, "gp", "Anna de Arts"), care_giver(gps, "nurse", "Bo Prik")
    does(What.READ, episode, nurse, "nurse", page="worklist")
    does(What.WRITE, episode, doctor)
    rows = table(visitor.get(looked_at(episode)))
    whom = [(who, what) for _, who, what in rows]
    assert whom[0] == ("You", "read in your record")  # also that she looks now
    assert whom[1:3] == [
        ("Anna de Arts, GP, De Wervel", "wrote in your record"),
        ("Bo Prik, practice nurse, De Wervel", "saw your name on the list of who needs care"),
    ]
    assert "emergency" not in str(rows)
    assert "192.0.2.7" not in visitor.page


def test_equal_rows_of_one_day_are_one_with_how_often(gps):
    from ruggespraak.clinic.log import What

    episode = patient(gps)
    visitor, doctor = linked(episode), care_giver(gps, "gp", "Anna de Arts")
    for _ in range(3):
        does(What.READ, episode, doctor)
    does(What.EXPORT, episode, doctor)
    rows = [(when, what) for when, who, what in table(visitor.get(looked_at(episode))) if "Anna" in who]
    assert [what for _, what in rows] == ["made a letter or a copy", "read in your record"]
    assert "3 times, the last at" in rows[1][0]
    assert "times" not in rows[0][0]


def test_of_an_emergency_she_reads_why_and_whether_the_privacy_officer_signed_it_off(gps):
    from django.utils import timezone

    episode = patient(gps)
    visitor, doctor = linked(episode), care_giver(gps, "gp", "Anna de Arts")
    emergency = in_an_emergency(episode, doctor)
    rows = [row for row in table(visitor.get(looked_at(episode))) if "Anna" in row[1]]
    for (*_, what), did in zip(rows, ("read in your record", "opened your closed record"), strict=True):
        assert what.startswith(f"{did} – in an emergency, because: ")
        assert what.endswith(f"{WHY} The privacy officer has not signed it off yet.")
    emergency.signed_by, emergency.signed_at = care_giver(gps, "privacy_officer"), timezone.now()
    emergency.save()
    rows = [row for row in table(visitor.get(looked_at(episode))) if "Anna" in row[1]]
    assert all("signed it off on" in what for *_, what in rows)


def test_what_is_read_after_an_emergency_is_not_part_of_it(gps):
    from ruggespraak.clinic.log import What

    episode = patient(gps)
    visitor, doctor, other = linked(episode), care_giver(gps, "gp", "Anna"), care_giver(gps, "gp", "Bart")
    in_an_emergency(episode, doctor)
    does(What.WRITE, episode, doctor)
    does(What.READ, episode, other)
    said = {(who[:4], what) for _, who, what in table(visitor.get(looked_at(episode)))}
    assert {("Anna", "wrote in your record"), ("Bart", "read in your record")} <= said


def test_she_chooses_the_days(gps):
    from django.utils import timezone

    from ruggespraak.clinic.log import What

    episode = patient(gps)
    visitor, doctor = linked(episode), care_giver(gps, "gp", "Anna de Arts")
    for days, what in ((3, What.WRITE), (2, What.READ)):
        with patch.object(timezone, "now", return_value=timezone.now() - timedelta(days=days)):
            does(what, episode, doctor)
    two, three = TODAY - timedelta(days=2), TODAY - timedelta(days=3)
    for query, seen in (
        (f"since={three}&until={three}", ["wrote in your record"]),
        (f"since={three}&until={two}", ["read in your record", "wrote in your record"]),
        (f"until={three}", ["wrote in your record"]),
        (f"until={TODAY - timedelta(days=9)}", []),
    ):
        visitor.get(f"{looked_at(episode)}?{query}")
        assert [row[2] for row in table(visitor)] == seen
        assert ("Nobody looked in these days" in visitor.page) == (not seen)
    assert f'type="date" value="{TODAY - timedelta(days=9)}"' in visitor.page


@pytest.mark.parametrize("day", ["yesterday", "2026-02-28", "2026-02-30", "' or 1=1", "9999-12-31", "0001-01-01"])
def test_a_day_that_is_none_is_said_and_never_a_fault(gps, day):
    episode = patient(gps)
    visitor = linked(episode)
    for name in ("since", "until"):
        visitor.get(f"{looked_at(episode)}?{name}={day}")
        assert visitor.response.status_code == 200
        assert visitor.title.startswith("Error:") == (day != "2026-02-28")
        assert visitor.get(f"mine/records/{episode.patient.pk}/looked.pdf?{name}={day}").response.status_code == 200


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_on_paper_stands_the_same(gps, lang):
    from ruggespraak.web import mine_looked

    episode = patient(gps)
    visitor = linked(episode, lang)
    in_an_emergency(episode, care_giver(gps, "gp", "Anna de Arts"))
    with patch.object(mine_looked, "printed", side_effect=mine_looked.printed) as drawn:
        visitor.get(looked_at(episode).rstrip("/") + ".pdf")
    assert visitor.response.content.startswith(b"%PDF")
    assert visitor.response["Cache-Control"] == "no-store"
    rows = drawn.call_args.args[0].sections[0].blocks[-1]
    assert any("Anna de Arts" in row[1] and WHY in row[2] for row in rows.rows)
    assert rows_of(episode)[-1] == ("export", "mine_looked", "patient")


def test_who_looked_is_part_of_all_that_is_kept(gps):
    episode = patient(gps)
    visitor = linked(episode)
    in_an_emergency(episode, care_giver(gps, "gp", "Anna de Arts"))
    visitor.post(f"{link(episode)}everything/", {"year": str(BORN), "go": "json"})
    looks = visitor.response.json()["looked"]
    assert (looks[0]["role"], looks[0]["did"]) == ("patient", "export")
    (why,) = {one["why"] for one in looks if one["name"] == "Anna de Arts"}
    assert why.endswith(WHY)
    visitor.post(f"{link(episode)}everything/", {"year": str(BORN), "go": "pdf"})
    assert visitor.response.content.startswith(b"%PDF")


# -- erased ------------------------------------------------------------------------------------------------------------


def test_after_erasing_who_looked_stays_in_the_log_and_tells_nothing_of_her(gps):
    from django.db import connection

    from ruggespraak.clinic import log
    from ruggespraak.clinic.looked import looked
    from ruggespraak.clinic.sealing import ErasedError

    account = an_account()
    episode, visitor = patient(gps), as_account(account)
    visitor.get(f"{link(episode)}account/").post(f"{link(episode)}account/", {"year": str(BORN)})
    in_an_emergency(episode, care_giver(gps, "gp"))
    visitor.get(looked_at(episode))
    before = log.of_patient(episode.patient).count()
    visitor.post(f"{link(episode)}everything/", {"year": str(BORN), "go": "erase"})
    assert rows_of(episode)[-1] == ("erase", "everything", "patient")
    assert log.of_patient(episode.patient).count() == before + 2  # reading the page, and erasing
    assert log.verify().rows >= before + 2
    episode.patient.refresh_from_db()
    with pytest.raises(ErasedError):
        looked(episode.patient)
    assert (episode.patient.account, bytes(episode.patient.identity)) == (None, b"")
    assert not log.of_patient(episode.patient).filter(account=account.pk).exists()
    with connection.cursor() as cursor:  # everything that the tables still say of her
        for name in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{name}"')
            kept = "".join(map(str, (row for row in cursor.fetchall() if episode.patient.pk.hex in str(row))))
            for told in (NAME, str(account.pk), account.pk.hex, WHY, "saddle"):
                assert told not in kept
    again = as_account(account)
    assert "No record belongs to this account yet" in again.get("mine/records/").page
    assert again.get(looked_at(episode)).response.status_code == 404
