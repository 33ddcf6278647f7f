"""The practice's pages and the patient's own pages in a real browser: every page, both languages, two widths."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from browser import HEIGHT, WIDE, Visit, judged, looked_at, served
from ruggespraak.pathway.texts import LANGUAGES

SITE = """
import json, sys, tempfile
from datetime import date, timedelta
from ruggespraak.web.server import Server, prepare

with tempfile.TemporaryDirectory() as folder:
    prepare(f"{folder}/site.sqlite3")
    import django.db, django.utils.timezone
    from ruggespraak.clinic import record
    from ruggespraak.clinic.log import Actor, What, note
    from ruggespraak.clinic.models import Account, Emergency, Episode, Practice
    from ruggespraak.clinic.sharing import link_of
    from ruggespraak.clinic.worklist import worklist

    gps = Practice.objects.get(profession="gp")
    rows, _ = worklist(gps, date.today(), 0, 200)
    pressing = {row.reason: row.episode for row in rows}
    calm = Episode.objects.filter(practice=gps, alarm_open=False, next_contact__gt=date.today()).first()
    mine = Episode.objects.filter(practice=gps, alarm_open=False, patient__key__gt=b"").order_by("id")
    hernia = next(one for one in mine if record.replayed(one).decision.complaint == "radicular")
    nurse, gp = (Account.objects.get(email=f"{who}@example.org") for who in ("assistent", "huisarts"))
    rest = Episode.objects.filter(practice=gps, next_contact=date.today())
    closed, opened = rest.exclude(pk__in=[pressing["due"].pk, hernia.pk])[:2]
    for one in (closed, opened):
        one.patient.only_for.set([nurse])
    row = note(What.EMERGENCY, Actor("gp", gp.pk, gps.pk, "", True), "emergency", [opened.patient], "Ligt op straat")
    until = django.utils.timezone.now() + timedelta(hours=1)
    Emergency.objects.create(account=gp, patient=opened.patient, row=row, until=until)
    said = {
        "closed": str(closed.id),
        "opened": str(opened.id),
        "practices": [str(one.id) for one in Practice.objects.all()],
        "gps": str(gps.id),
        "episodes": {**{reason: str(one.id) for reason, one in pressing.items()}, "calm": str(calm.id)},
        "hernia": str(hernia.id),
        "links": [link_of(calm), link_of(pressing["alarm"])],
    }
    django.db.connections.close_all()
    Server(f"127.0.0.1:{sys.argv[1]}", lambda: print(json.dumps(said), flush=True)).run()
"""


@pytest.fixture(scope="module")
def site() -> Iterator[dict[str, Any]]:
    """A site with the demonstration practice, and where its pages are."""
    with served(SITE) as made:
        yield made


@pytest.fixture
def visit(chromium, site) -> Iterator[Any]:
    opened: list[Visit] = []

    def made(lang: str, **how: Any) -> Visit:
        opened.append(Visit.new(chromium, site["address"], lang, viewport={"width": WIDE, "height": HEIGHT}, **how))
        return opened[-1]

    yield made
    for one in opened:
        one.context.close()


def sign_in(here: Visit, name: str) -> None:
    """As one of the invented people, with one click."""
    here.context.clear_cookies()
    here.goto("account/sign-in/")
    with here.page.expect_navigation():
        here.page.get_by_role("button", name=name).first.click()


def of_the_practice(site) -> dict[str, list[str]]:
    """The pages of a practice, for each of its people who sees them."""
    episodes = [f"practice/episode/{id}/" for id in dict.fromkeys([*site["episodes"].values(), site["hernia"]])]
    hernia, opened = (f"practice/episode/{site[name]}/" for name in ("hernia", "opened"))
    return {
        "Alex Artsema": [
            "practice/", f"practice/{site['gps']}/", f"practice/{site['gps']}/new/", *episodes, f"{hernia}examination/",
            f"{hernia}correct/1/", f"{hernia}weigh/", f"practice/episode/{site['closed']}/emergency/", opened,
            f"{opened}examination/",
        ],
        "Bo Praktijksma": [hernia],
        "Chris Regelinga": ["practice/", f"practice/{site['gps']}/members/", f"practice/{site['gps']}/audit/"],
        "Dominique Wakersma": [f"practice/{site['gps']}/log/"],
    }  # fmt: skip


def of_a_patient(site) -> list[str]:
    calm, alarm = site["links"]
    return [
        "mine/open/", f"mine/{calm}/", f"mine/{calm}/course/", f"mine/{calm}/everything/", f"mine/{alarm}/",
        f"mine/{alarm}/course/", "mine/not-a-link/",
    ]  # fmt: skip


def each(here: Visit, site, pages) -> Iterator[str]:
    """Opens each of these pages; those of the practice as who sees them."""
    found = pages(site)
    for name, paths in found.items() if isinstance(found, dict) else [("", found)]:
        if name:
            sign_in(here, name)
        for path in paths:
            here.goto(path)
            yield path


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("pages", [of_the_practice, of_a_patient], ids=["practice", "patient"])
def test_every_page_can_be_heard_enlarged_and_read_on_a_small_screen(visit, site, pages, lang):
    here = visit(lang)
    assert [wrong for _path in each(here, site, pages) for wrong in looked_at(here)] == []


@pytest.mark.parametrize("pages", [of_the_practice, of_a_patient], ids=["practice", "patient"])
def test_in_the_dark_every_page_can_be_read(visit, site, pages):
    here = visit("nl", color_scheme="dark")
    wrong = [f"{path}: {said}" for path in each(here, site, pages) for said in judged(here.page, "color-contrast")]
    assert wrong == []


def test_a_worklist_can_be_worked_through_with_the_keyboard_alone(visit, site):
    here = visit("en")
    sign_in(here, "Alex Artsema")
    here.goto(f"practice/{site['gps']}/")
    for _ in range(60):
        here.page.keyboard.press("Tab")
        focused = here.page.evaluate("document.activeElement.getAttribute('href') || ''")
        if "/practice/episode/" in focused:
            break
    assert "/practice/episode/" in focused
    here.page.keyboard.press("Enter")
    here.page.wait_for_url("**/practice/episode/**")


def test_a_closed_record_is_opened_in_an_emergency_and_signed_off(visit, site):
    gp, guard = visit("en"), visit("en")
    sign_in(gp, "Alex Artsema")
    gp.goto(f"practice/episode/{site['closed']}/")
    assert gp.heading == "A closed record"
    gp.page.get_by_label("The patient is in danger now").check()
    gp.page.get_by_label("What is going on").fill("Fell, and cannot stand up")
    gp.page.get_by_role("button", name="Open the record in an emergency").click()
    gp.page.wait_for_url("**/practice/episode/*/")
    assert "this record is closed to you, and open until" in gp.read
    sign_in(guard, "Dominique Wakersma")
    assert "Fell, and cannot stand up" in guard.read
    waiting = guard.page.get_by_role("button", name="I judged this: sign off")
    before = waiting.count()
    waiting.last.click()
    guard.page.wait_for_load_state()
    assert waiting.count() == before - 1
    assert "Fell, and cannot stand up" not in guard.read


def test_nothing_of_the_practice_is_asked_of_another_host(visit, site):
    here = visit("nl")
    for pages in (of_the_practice, of_a_patient):
        assert list(each(here, site, pages))
    assert {url for url in here.requests if not url.startswith(site["address"])} == set()
