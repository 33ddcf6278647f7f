"""Who works for a practice: added and ended by who manages it."""

import pytest

from workplace import BACK, Office, words

NEW = {"do": "add", "email": "nieuw@example.org", "name": "Nieuwe Collega", "role": "gp"}


@pytest.fixture
def mail(monkeypatch):
    """The mail that was sent."""
    from django.conf import settings
    from django.core import mail

    monkeypatch.setattr(settings, "EMAIL_BACKEND", "django.core.mail.backends.locmem.EmailBackend")
    monkeypatch.setattr(mail, "outbox", [], raising=False)
    return mail.outbox


class Manager:
    def __init__(self, practice=None):
        from ruggespraak.clinic.models import Practice
        from signing import care_giver, signed_in
        from visitor import Visitor

        self.practice = practice or Practice.objects.create(name="Praktijk De Proef", profession="gp")
        self.account = care_giver(self.practice, "manager")
        self.visitor = Visitor("en")
        signed_in(self.visitor.client, self.account)

    def does(self, **fields):
        page = f"practice/{self.practice.id}/members/"
        self.visitor.get(page)
        return self.visitor.post(page, fields)

    def ends(self, account, role):
        return self.does(do="end", member=self.practice.members.get(account=account, role=role, until=None).pk)

    def noted(self):
        from ruggespraak.clinic import log

        return [row.page for row in log.of_practice(self.practice.pk).filter(event="access")]


@pytest.fixture
def manager():
    return Manager()


@pytest.fixture
def fresh_mail():
    """An e-mail address that nobody has yet."""
    from uuid import uuid4

    return f"{uuid4().hex}@example.org"


def account(email):
    from ruggespraak.clinic.models import Account

    return Account.objects.get(email=email)


def held(practice):
    return sorted(practice.members.filter(until=None).values_list("role", flat=True))


def test_somebody_who_is_added_gets_a_mail_without_a_secret_and_can_work(manager, mail, fresh_mail):
    from signing import signed_in
    from visitor import Visitor

    assert "Nieuwe Collega" in manager.does(**NEW | {"email": fresh_mail.upper()}).page
    one = account(fresh_mail)
    assert not one.has_usable_password()
    assert manager.noted() == [f"added/gp/{one.pk}"]
    (message,) = mail
    assert message.to == [fresh_mail]
    assert message.body.rstrip().endswith("/nl/account/sign-in/")
    visitor = Visitor("en")
    signed_in(visitor.client, one)
    assert visitor.get(f"practice/{manager.practice.id}/").response.status_code == 200


def test_who_has_an_account_keeps_it_and_gets_a_role(manager):
    from signing import an_account

    nameless, known = an_account(), an_account("Eerdere Naam")
    for one in (nameless, known):
        manager.does(**NEW | {"email": one.email, "role": "nurse"})
        one.refresh_from_db()
    assert (nameless.name, known.name) == ("Nieuwe Collega", "Eerdere Naam")
    assert held(manager.practice) == ["manager", "nurse", "nurse"]


def test_a_role_is_ended_and_stays_on_record(manager):
    gp = Office(practice=manager.practice)
    episode = gp.patient(BACK)
    manager.ends(gp.account, "gp")
    assert held(manager.practice) == ["manager"]
    assert manager.practice.members.get(account=gp.account).until == gp.clock()
    assert manager.noted() == [f"ended/gp/{gp.account.pk}"]
    assert gp.open(episode).path.startswith("/nl/account/sign-in/"), "the last role ends every session"


def test_who_still_works_elsewhere_stays_signed_in(manager):
    from ruggespraak.clinic.models import Member

    gp, elsewhere = Office(practice=manager.practice), Office()
    Member.objects.create(account=gp.account, practice=elsewhere.practice, role="gp", since=gp.clock())
    manager.ends(gp.account, "gp")
    assert gp.worklist().response.status_code == 404
    assert gp.visitor.get(f"practice/{elsewhere.practice.id}/").response.status_code == 200


def test_somebody_always_manages_the_practice(manager):
    manager.ends(manager.account, "manager")
    assert "Somebody must manage the practice" in manager.visitor.page
    second = Manager(manager.practice)
    second.ends(manager.account, "manager")
    second.ends(second.account, "manager")
    assert held(manager.practice) == ["manager"]


@pytest.mark.parametrize("email", ["", "geen adres", f"a@{'x.' * 126}nl"])
def test_no_practice_begins_with_a_manager_who_cannot_have_an_account(site, email):  # noqa: ARG001
    from ruggespraak.clinic.operations import begin_practice
    from ruggespraak.clinic.refused import RefusedError

    with pytest.raises(RefusedError, match="an e-mail address expected"):
        begin_practice(f"Praktijk {email}"[:50], "gp", email, "Wie Beheert")


def test_the_page_says_while_nobody_guards_privacy(manager, fresh_mail):
    says = "Nobody guards privacy here"
    assert says in manager.does(**NEW | {"email": fresh_mail}).page
    assert says not in manager.does(**NEW | {"email": fresh_mail, "role": "privacy_officer"}).page
    assert says in manager.ends(account(fresh_mail), "privacy_officer").page


def test_nobody_is_added_twice_in_a_role(manager, mail, fresh_mail):
    for _ in range(2):
        manager.does(**NEW | {"email": fresh_mail})
    assert "works here in this role already" in words(manager.visitor.page)
    manager.does(**NEW | {"email": fresh_mail, "role": "manager"})
    assert held(manager.practice) == ["gp", "manager", "manager"]
    assert len(mail) == 2


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"email": ""}, 200), ({"email": "geen adres"}, 200), ({"name": ""}, 200), ({"name": "x" * 121}, 200),
        ({"email": "a@example.org\nBcc: b@example.org"}, 200), ({"email": f"a@{'x.' * 126}nl"}, 200),
        ({"role": "boss"}, 400), ({"role": ""}, 400), ({"do": "fly"}, 400), ({"do": ""}, 400),
        ({"do": "end"}, 400), ({"do": "end", "member": "²"}, 400), ({"do": "end", "member": "1" * 30}, 400),
        ({"do": "end", "member": "999999999"}, 409),
    ],
)  # fmt: skip
def test_who_cannot_be_is_not_added_or_ended(manager, mail, wrong, status):
    manager.does(**NEW | wrong)
    assert manager.visitor.response.status_code == status
    assert "<h1" in manager.visitor.page
    assert held(manager.practice) == ["manager"]
    assert mail == []


def test_a_manager_ends_nobody_of_another_practice(manager):
    gp = Office()
    number = gp.practice.members.get().pk
    manager.does(do="end", member=number)
    assert manager.visitor.response.status_code == 409
    assert held(gp.practice) == ["gp"]


def test_a_mail_server_that_is_down_does_not_stop_a_manager(manager, fresh_mail, monkeypatch):
    from django.core.mail import EmailMessage

    def down(*_):
        raise ConnectionRefusedError

    monkeypatch.setattr(EmailMessage, "send", down)
    manager.does(**NEW | {"email": fresh_mail})
    assert held(manager.practice) == ["gp", "manager"]


def test_one_sees_the_practices_where_one_works_and_no_other():
    from ruggespraak.clinic.models import Practice

    gp = Office(lang="en")
    Practice.objects.create(name="Andere Praktijk", profession="gp")
    page = gp.visitor.get("practice/").page
    assert "Praktijk De Proef" in page
    assert "Andere Praktijk" not in page
    assert f"/practice/{gp.practice.id}/members/" not in page


def test_what_is_in_the_log_about_roles_is_said_in_words(manager, fresh_mail):
    from signing import care_giver, signed_in

    manager.does(**NEW | {"email": fresh_mail})
    manager.ends(account(fresh_mail), "gp")
    signed_in(manager.visitor.client, care_giver(manager.practice, "privacy_officer"))
    page = words(manager.visitor.get(f"practice/{manager.practice.id}/log/").page)
    assert "Nieuwe Collega became GP" in page
    assert "Nieuwe Collega is no longer GP" in page
