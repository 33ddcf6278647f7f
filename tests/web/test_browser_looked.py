"""A patient in a real browser adds her record to her account and reads who looked in it, on every screen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from browser import HEIGHT, WIDE, Visit, judged, looked_at, served
from ruggespraak.pathway.texts import LANGUAGES

SITE = """
import json, sys
sys.path[:0] = sys.argv[2:]
from database import prepared
prepared()
import django.db
from django.conf import settings
from django.test import Client
from ruggespraak.clinic.log import What
from ruggespraak.clinic.models import Practice
from ruggespraak.web.server import Server
from signing import an_account, care_giver, signed_in
from test_looked import does, in_an_emergency
from test_mine import PLAIN, link, patient

gps = Practice.objects.create(name="De Wervel", profession="gp")
hers = [patient(gps, ago=1, told={**PLAIN, "saddle_numbness": True}) for _ in range(3)]
account, doctor = an_account(), care_giver(gps, "gp", "Anna de Arts")
for _ in range(2):
    does(What.READ, hers[0], doctor)
in_an_emergency(hers[0], doctor)
hers[0].patient.account = account
hers[0].patient.save()
cookie = signed_in(Client(), account, strong=False).cookies[settings.SESSION_COOKIE_NAME].value
said = {"links": [link(one) for one in hers[1:]], "looked": str(hers[0].patient.pk), "cookie": cookie}
django.db.connections.close_all()
Server(f"127.0.0.1:{sys.argv[1]}", lambda: print(json.dumps(said), flush=True)).run()
"""


@pytest.fixture(scope="module")
def site() -> Iterator[dict[str, Any]]:
    """A site with three records of one patient, of which one is in her account."""
    here = Path(__file__).parent
    with served(SITE, str(here), str(here.parent)) as made:
        yield made


@pytest.fixture
def visit(chromium, site) -> Iterator[Any]:
    opened: list[Visit] = []

    def made(lang: str, **how: Any) -> Visit:
        found = Visit.new(chromium, site["address"], lang, viewport={"width": WIDE, "height": HEIGHT}, **how)
        found.context.add_cookies([{"name": "session", "value": site["cookie"], "url": site["address"]}])
        opened.append(found)
        return found

    yield made
    for one in opened:
        one.context.close()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_from_her_link_to_who_looked_every_page_can_be_heard_enlarged_and_read_on_a_small_screen(visit, site, lang):
    here = visit(lang).goto(f"{site['links'][LANGUAGES.index(lang)]}account/")
    problems = looked_at(here)
    for year in ("1900", "1980"):
        here.page.fill("#year", year)
        here.page.locator("main form button").click()
        here.page.wait_for_load_state()
        problems += looked_at(here)
    assert here.path == f"/{lang}/mine/records/"
    assert here.page.locator(".callout--now").count() >= 1  # who must see a doctor reads that among her records
    here.goto(f"mine/records/{site['looked']}/looked/")
    assert "Anna de Arts" in here.read
    problems += looked_at(here)
    here.goto(f"mine/records/{site['looked']}/looked/?since=2026-02-30")
    problems += looked_at(here)
    assert problems == []
    assert {url for url in here.requests if not url.startswith(site["address"])} == set()


def test_in_the_dark_every_page_can_be_read(visit, site):
    here = visit("nl", color_scheme="dark")
    problems = []
    for page in ("", f"{site['looked']}/looked/"):
        here.goto(f"mine/records/{page}")
        problems += [f"{page}: {wrong}" for wrong in judged(here.page, "color-contrast")]
    assert problems == []
