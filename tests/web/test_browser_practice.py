"""The practice's pages and the patient's own pages in a real browser: every page, both languages, two widths."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from browser import HEIGHT, WIDE, Visit, judged, looked_at
from ruggespraak.pathway.texts import LANGUAGES

SITE = """
import json, sys, tempfile
from datetime import date
from ruggespraak.web.server import Server, prepare

with tempfile.TemporaryDirectory() as folder:
    prepare(f"{folder}/site.sqlite3")
    import django.db
    from ruggespraak.clinic import record
    from ruggespraak.clinic.models import Episode, Practice
    from ruggespraak.clinic.sharing import link_of
    from ruggespraak.clinic.worklist import worklist

    gps = Practice.objects.get(profession="gp")
    rows, _ = worklist(gps, date.today(), 0, 200)
    pressing = {row.reason: row.episode for row in rows}
    calm = Episode.objects.filter(practice=gps, alarm_open=False, next_contact__gt=date.today()).first()
    mine = Episode.objects.filter(practice=gps, alarm_open=False, patient__key__gt=b"").order_by("id")
    hernia = next(one for one in mine if record.replayed(one).decision.complaint == "radicular")
    said = {
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
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen([sys.executable, "-c", SITE, str(port)], stdout=subprocess.PIPE, text=True)
    assert server.stdout
    said = server.stdout.readline()
    assert said, "the site does not start"
    yield json.loads(said) | {"address": f"http://127.0.0.1:{port}"}
    server.terminate()
    server.wait(timeout=20)


@pytest.fixture
def visit(chromium, site) -> Iterator[Any]:
    opened: list[Visit] = []

    def made(lang: str, **how: Any) -> Visit:
        opened.append(Visit.new(chromium, site["address"], lang, viewport={"width": WIDE, "height": HEIGHT}, **how))
        return opened[-1]

    yield made
    for one in opened:
        one.context.close()


def of_the_practice(site) -> list[str]:
    """The pages of a care giver, the worklist first: it says for which practice she works."""
    episodes = [f"practice/episode/{id}/" for id in dict.fromkeys([*site["episodes"].values(), site["hernia"]])]
    hernia = f"practice/episode/{site['hernia']}/"
    return [
        f"practice/{site['gps']}/", f"practice/{site['gps']}/new/", *episodes, f"{hernia}examination/",
        f"{hernia}correct/1/", f"{hernia}weigh/",
    ]  # fmt: skip


def of_a_patient(site) -> list[str]:
    calm, alarm = site["links"]
    return [
        "mine/open/", f"mine/{calm}/", f"mine/{calm}/course/", f"mine/{calm}/everything/", f"mine/{alarm}/",
        f"mine/{alarm}/course/", "mine/not-a-link/",
    ]  # fmt: skip


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("pages", [of_the_practice, of_a_patient], ids=["practice", "patient"])
def test_every_page_can_be_heard_enlarged_and_read_on_a_small_screen(visit, site, pages, lang):
    here = visit(lang)
    problems = []
    for path in ["practice/", *pages(site)] if pages is of_the_practice else pages(site):
        here.goto(path)
        problems += looked_at(here)
    assert problems == []


@pytest.mark.parametrize("pages", [of_the_practice, of_a_patient], ids=["practice", "patient"])
def test_in_the_dark_every_page_can_be_read(visit, site, pages):
    here = visit("nl", color_scheme="dark")
    problems = []
    for path in pages(site):
        here.goto(path)
        problems += [f"{path}: {wrong}" for wrong in judged(here.page, "color-contrast")]
    assert problems == []


def test_a_worklist_can_be_worked_through_with_the_keyboard_alone(visit, site):
    here = visit("en")
    here.goto(f"practice/{site['gps']}/")
    for _ in range(60):
        here.page.keyboard.press("Tab")
        focused = here.page.evaluate("document.activeElement.getAttribute('href') || ''")
        if "/practice/episode/" in focused:
            break
    assert "/practice/episode/" in focused
    here.page.keyboard.press("Enter")
    here.page.wait_for_url("**/practice/episode/**")


def test_nothing_of_the_practice_is_asked_of_another_host(visit, site):
    here = visit("nl")
    for path in (*of_the_practice(site), *of_a_patient(site)):
        here.goto(path)
    assert {url for url in here.requests if not url.startswith(site["address"])} == set()
