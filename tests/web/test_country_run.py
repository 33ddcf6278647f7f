"""The page that runs the country: from its address to a result, once for everybody, and what cannot be asked."""

import json
import os
import re
import subprocess
import sys
from datetime import timedelta
from functools import cache
from html import unescape
from urllib.parse import quote

import pytest

from ruggespraak.pathway.texts import LANGUAGES

SMALL = "option=current/as_now&option=current/scan_everybody&years=1&people=10000"
ALONE = "option=leaflet/as_now&years=1&people=10000"
ASKS = {"options": ["current/as_now"], "years": 1, "people": 10_000, "seed": 1}


@pytest.fixture(autouse=True)
def nothing_yet():
    from ruggespraak.clinic.models import CountryRun

    CountryRun.objects.all().delete()
    yield
    CountryRun.objects.all().delete()


@pytest.fixture
def here(monkeypatch):
    """Runs are made in this process, when a test says so (``made``)."""
    from ruggespraak.web import country_job

    monkeypatch.setattr(country_job, "work", lambda: None)
    monkeypatch.setattr(country_job, "computed", computed_here)


@cache
def computed_here(asks):
    from ruggespraak.web import country_made

    return json.dumps(country_made.made(json.loads(asks)))


@pytest.fixture
def fails(here, monkeypatch):  # noqa: ARG001
    """Every run ends without a result."""
    from ruggespraak.web import country_job

    def fail(_asks):
        raise subprocess.CalledProcessError(1, "country_made")

    monkeypatch.setattr(country_job, "computed", fail)


def visitor(lang="nl"):
    from visitor import Visitor

    return Visitor(lang)


def opened(query, lang="nl"):
    return visitor(lang).get(f"country/run/?{query}")


def made(query, lang="nl"):
    """The page of the result."""
    from ruggespraak.web import country_job

    opened(query, lang)
    country_job.work_off()
    return opened(query, lang)


def rows():
    from ruggespraak.clinic.models import CountryRun

    return CountryRun.objects.count()


def words(page):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def cells(page):
    """The table: what a row is called, and its cells."""
    body = re.search(r"<tbody>(.*?)</tbody>", page, re.S)[1]
    found = (re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S) for row in re.findall(r"<tr>(.*?)</tr>", body, re.S))
    return {unescape(label): [unescape(one) for one in rest] for label, *rest in found}


# -- from the address to the result ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("lang", LANGUAGES)
def test_who_opens_an_address_waits_and_then_reads_the_result(lang):
    from ruggespraak.population.money import ABOUT
    from ruggespraak.web import country_job

    waits = opened(SMALL, lang)
    assert waits.response.status_code == 202
    assert '<meta http-equiv="refresh" content="5">' in waits.page
    assert rows() == 1
    country_job.work_off()

    result = opened(SMALL, lang)
    assert result.response.status_code == 200
    assert "refresh" not in result.page
    read = words(result.page)
    assert ABOUT[lang] in read
    assert {"nl": "geen gecertificeerd medisch hulpmiddel", "en": "not a certified medical device"}[lang] in read
    assert {"nl": "10.000 mensen, 1 jaar, startgetal 1", "en": "10,000 people, 1 years, seed 1"}[lang] in read
    assert re.search({"nl": r"[\d.]+ meer scans", "en": r"[\d,]+ more scans"}[lang], read)
    scans = cells(result.page)["scans"]
    assert scans[1].startswith("+")
    assert "±" in scans[0]


@pytest.mark.usefixtures("here")
def test_the_pictures_come_first_from_this_site_with_words_for_who_cannot_see_them():
    page = made(SMALL).page
    drawn = re.findall(r'<img src="([^"]*)" alt="([^"]*)"', page)
    assert [re.search(r"/(\w+)\.svg$", url)[1] for url, _alt in drawn] == ["differences", "weeks", "burden", "money"]
    assert page.index("<img") < page.index("<h2")
    for url, alt in drawn:
        found = visitor().client.get(url)
        assert found["Content-Type"] == "image/svg+xml"
        assert b"<svg" in found.content
        assert b"style" not in found.content, "the Content-Security-Policy of the site forbids it"
        assert len(alt) > 20


@pytest.mark.usefixtures("here")
def test_a_single_choice_is_described_and_compared_with_nothing():
    page = made(ALONE).page
    assert "differences.svg" not in page
    assert "De huisarts ziet in dat jaar" in words(page)
    assert {len(one) for one in cells(page).values()} == {1}


@pytest.mark.usefixtures("here")
def test_what_can_be_downloaded_makes_the_same_run_again_to_the_bit():
    from ruggespraak.population.report import from_manifest
    from ruggespraak.population.simulate import simulate

    page = made(SMALL)
    url = re.search(r'href="([^"]*\.json)"', page.page)[1]
    found = page.client.get(url)
    assert found["Content-Disposition"].startswith('attachment; filename="ruggespraak-')
    manifest = found.json()["manifest"]
    run, _rates = from_manifest(manifest)
    assert simulate(run).digest == manifest["counts"]
    assert manifest["counts"][:12] in page.page


@pytest.mark.usefixtures("here")
def test_the_other_language_has_the_same_run():
    page = made(SMALL, "nl").page
    other = unescape(re.search(r'class="header__language" href="([^"]*)"', page)[1])
    assert other == f"/en/country/run/?{SMALL}"
    assert visitor("en").get(other.removeprefix("/en/")).response.status_code == 200
    assert rows() == 1


@pytest.mark.usefixtures("here")
def test_another_number_for_the_luck_is_another_run_and_stays_in_the_form():
    page = made(f"{ALONE}&seed=7")
    assert page.fields["seed"] == [("text", "7", False)]
    assert "seed=7" in page.page
    assert "seed" not in made(ALONE).fields
    assert rows() == 2


def test_the_page_about_the_country_leads_there_and_back():
    assert 'href="/nl/country/run/"' in visitor().get("country/").page
    form = visitor().get("country/run/")
    assert 'class="nhsuk-back-link" href="/nl/country/"' in form.page
    assert {"years", "option", "people"} & form.fields.keys() == {"years"}  # the others are lists
    assert form.page.count('name="option"') == 3
    assert rows() == 0


@pytest.mark.usefixtures("here")
def test_nobody_who_looks_gets_a_cookie_and_no_search_engine_keeps_it():
    found = opened(SMALL)
    assert not found.client.cookies
    assert 'content="noindex, nofollow"' in found.page
    assert "Niets van wat u invult" not in found.page  # what was chosen is kept


def test_a_process_of_its_own_makes_it_without_our_keys(monkeypatch):
    from ruggespraak.web import country_job

    given, run = {}, subprocess.run
    monkeypatch.setattr(subprocess, "run", lambda *what, **how: given.update(how) or run(*what, **how))
    found = json.loads(country_job.computed(json.dumps(ASKS)))
    assert found["report"]["manifest"]["people"] == 10_000
    assert not [name for name in given["env"] if name.startswith(("RUG_", "DJANGO_", "CREDENTIALS"))]


# -- once --------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    "again",
    [
        SMALL,
        quote(SMALL, safe="=&"),
        "people=10000&years=1&option=current/as_now&option=current/scan_everybody",
        f"{SMALL}&option=&seed=1&from=elsewhere",
    ],
)
def test_the_same_settings_are_one_run_however_they_are_written(again):
    assert opened(SMALL).response.status_code == 202
    assert opened(again).response.status_code == 202
    assert rows() == 1


@pytest.mark.usefixtures("here")
def test_the_order_of_the_choices_is_another_run():
    opened(SMALL)
    opened("option=current/scan_everybody&option=current/as_now&years=1&people=10000")
    assert rows() == 2


@pytest.mark.usefixtures("here")
def test_another_version_of_the_software_computes_anew(monkeypatch):
    from ruggespraak.web import country_asked

    assert made(ALONE).response.status_code == 200
    monkeypatch.setattr(country_asked, "_software", lambda: "another one")
    assert opened(ALONE).response.status_code == 202


@pytest.mark.usefixtures("here")
def test_looking_only_at_the_head_of_a_page_starts_nothing():
    visitor().client.head(f"/nl/country/run/?{SMALL}")
    assert rows() == 0


@pytest.mark.usefixtures("here")
def test_each_run_is_taken_up_by_one_and_anew_where_that_one_vanished():
    from django.utils import timezone

    from ruggespraak.clinic.models import CountryRun
    from ruggespraak.web import country_job

    opened(SMALL)
    opened(ALONE)
    first, second = country_job.taken(), country_job.taken()
    assert json.loads(first.asks)["options"][-1] == "current/scan_everybody"
    assert first.pk != second.pk
    assert country_job.taken() is None
    CountryRun.objects.filter(pk=first.pk).update(began=timezone.now() - country_job.LOST - timedelta(seconds=1))
    assert country_job.taken().pk == first.pk
    assert country_job.taken() is None


# -- where it ends -----------------------------------------------------------------------------------------------------


def test_a_run_that_fails_says_so_and_can_be_tried_again_after_a_minute(fails, monkeypatch):  # noqa: ARG001
    from ruggespraak.web import country_job

    page = made(ALONE)
    assert page.title == "De berekening is niet gelukt"
    assert "refresh" not in page.page
    assert rows() == 1
    monkeypatch.setattr(country_job, "AGAIN", timedelta(0))
    assert opened(ALONE).response.status_code == 202
    assert rows() == 1


@pytest.mark.usefixtures("fails")
def test_what_failed_is_said_to_the_operator_and_stops_no_other(caplog):
    from ruggespraak.web import country_job

    opened(ALONE)
    opened(SMALL)
    country_job.work_off()
    assert [record.msg for record in caplog.records] == ["a run of the country failed"] * 2


def test_a_process_that_cannot_read_what_is_asked_is_a_failure_and_no_result():
    from ruggespraak.web import country_job

    with pytest.raises(subprocess.CalledProcessError):
        country_job.computed("nothing that can be read")


@pytest.mark.usefixtures("here")
def test_where_too_many_wait_no_other_is_added_and_what_waits_goes_on(monkeypatch):
    from ruggespraak.web import country_job

    monkeypatch.setattr(country_job, "WAITING", 1)
    opened(SMALL)
    full = opened(ALONE)
    assert full.response.status_code == 503
    assert full.response["Retry-After"] == "60"
    assert full.title == "Er wordt te veel tegelijk berekend"
    assert rows() == 1
    assert opened(SMALL).response.status_code == 202
    country_job.work_off()
    assert opened(ALONE).response.status_code == 202


@pytest.mark.usefixtures("here")
def test_one_address_cannot_start_without_end_but_looks_as_often_as_it_likes(monkeypatch):
    from django.conf import settings

    monkeypatch.setattr(settings, "PDFS_A_MINUTE", 1)
    one = visitor()
    assert [one.get(f"country/run/?{SMALL}").response.status_code for _ in range(3)] == [202] * 3
    assert one.get(f"country/run/?{ALONE}").response.status_code == 429
    assert rows() == 1


@pytest.mark.usefixtures("here")
def test_the_oldest_result_goes_where_there_are_too_many(monkeypatch):
    from ruggespraak.web import country_job

    monkeypatch.setattr(country_job, "KEPT", 1)
    made(SMALL)
    made(ALONE)
    assert rows() == 1
    assert opened(ALONE).response.status_code == 200
    assert opened(SMALL).response.status_code == 202


def test_a_picture_or_file_of_a_run_that_is_not_there_is_not_there():
    for path in (f"country/run/{'0' * 64}/weeks.svg", f"country/run/{'0' * 64}.json", "country/run/1/weeks.svg"):
        assert visitor().get(path).response.status_code == 404


# -- what cannot be asked ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "field", "says"),
    [
        ("option=current/as_nwo", "option-1", "Choice 1: “current/as_nwo” does not exist. Choose one from the list."),
        ("option=&option=&option=nl/as_now", "option-3", "Choice 3: “nl/as_now” does not exist."),
        ("option=current", "option-1", "Choice 1: “current” does not exist."),
        ("option=acp/as_now&option=acp/as_now", "option-2", "Choice 2: you chose this before."),
        ("years=10", "option-1", "Choice 1: nothing is chosen."),
        (f"{ALONE}&option=nice/as_now&option=acp/as_now&option=current/as_now", "option-3", "Choice 4: this is one"),
        ("option=acp/as_now&years=900", "years", "you gave “900”. Fill in a whole number from 1 to 30."),
        ("option=acp/as_now&years=0", "years", "you gave “0”."),
        ("option=acp/as_now&years=1e1", "years", "you gave “1e1”."),
        ("option=acp/as_now&years=٣", "years", "you gave “٣”."),
        ("option=acp/as_now&years=", "years", "you gave “”."),
        ("option=acp/as_now&people=5", "people", "you gave “5”. Choose one of these: 10000, 20000, 50000, 100000."),
        ("option=acp/as_now&people=1000000000", "people", "you gave “1000000000”."),
        ("option=acp/as_now&seed=-1", "seed", "you gave “-1”. Fill in a whole number from 0 to 999999."),
        (f"option={'x' * 5000}", "option-1", f"Choice 1: “{'x' * 40}…” does not exist."),
    ],
)
def test_what_cannot_be_run_is_said_at_its_field(query, field, says):
    page = opened(query, "en")
    assert page.response.status_code == 400
    assert page.title.startswith("Error:")
    assert rows() == 0
    said = dict(re.findall(r'<li><a href="#([^"]+)">([^<]*)</a>', page.page))
    assert says in unescape(said[field])
    assert f'id="{field}"' in page.page
    assert f'id="error-{field}"' in page.page


def test_all_that_is_wrong_is_said_at_once_and_what_was_typed_stays():
    page = opened("option=current/as_now&option=x&years=900&people=5&seed=y", "en")
    assert re.findall(r'<li><a href="#([^"]+)"', page.page) == ["option-2", "years", "people", "seed"]
    assert page.fields["years"] == [("text", "900", False)]
    assert page.page.count('value="current/as_now" selected') == 1


def test_what_is_given_back_is_never_part_of_the_page():
    page = opened("option=<b>x</b>&years=%22%3E<script>", "en").page
    assert "<b>x" not in page
    assert "<script" not in page
    assert "&lt;b&gt;x" in page


# -- without what computes ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_without_the_extra_the_page_says_which_line_installs_it(monkeypatch, lang):
    from ruggespraak.web import country_asked

    monkeypatch.setattr(country_asked, "find_spec", lambda name: None if name == "numba" else True)
    for path in ("country/run/", f"country/run/?{SMALL}"):
        found = visitor(lang).get(path)
        assert found.response.status_code == 200
        assert "pip install 'ruggespraak[web,population]'" in unescape(found.page)
    assert rows() == 0


def test_the_site_needs_none_of_it(site):
    script = (
        "import sys\n"
        "sys.modules.update(dict.fromkeys(('emcee', 'matplotlib', 'numba', 'numpy', 'pyarrow', 'scipy')))\n"
        "from ruggespraak.web.wsgi import application\n"
        "from django.test import Client\n"
        "seen = [Client().get(f'/nl/{path}').status_code for path in ('', 'check/', 'country/', 'country/run/')]\n"
        "assert seen == [200] * 4, seen\n"
    )
    done = subprocess.run([sys.executable, "-c", script], env=dict(os.environ), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert site


# -- what is said of it ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "error", "says"),
    [
        (790_912.0, 4_490.0, "790,900 ± 8,800"),
        (6_060_300.0, 18_900.0, "6.060 ± 0.037 million"),
        (-1_645_000.0, 24_700.0, "−1.645 ± 0.048 million"),
        (974_000_000.0, 10_200_000.0, "974 ± 20 million"),
        (11.84, 0.5, "11.84 ± 0.98"),
        (0.0, 0.0, "0"),
        (3.0, 5_000.0, "0 ± 9,800"),
    ],
)
def test_a_figure_is_no_finer_than_two_digits_of_its_interval(value, error, says):
    from ruggespraak.population.shown import rounded

    assert rounded(value, error, "en").replace("\N{NO-BREAK SPACE}", " ") == says


def option(name="current/as_now", **extra):
    """An option in which these measures differ, by so much and with such an error; of everything there was 1,000."""
    from ruggespraak.population.money import PERSPECTIVES
    from ruggespraak.web.country_told import TOLD

    def figure(id):
        more, error = extra.get(id, (0.0, 0.0))
        return {"value": 1000.0 + more, "error": 10.0, "extra": more, "extra_error": error}

    measures = {id: figure(id) for id in (*TOLD, "pain_severe")}
    return {"option": name, "measures": measures, "euros": {id: figure(id) for id in PERSPECTIVES}}


def told(**extra):
    from django.utils.translation import override

    from ruggespraak.web.country_told import sentences

    with override("en"):
        ((name, says),) = sentences({"options": [option(), option("other", **extra)]}, ["Now", "Other"], "en")
    assert name == "Other"
    return " ".join(says).replace("\N{NO-BREAK SPACE}", " ")


def test_what_changes_most_is_said_first_and_what_chance_can_do_is_not_said():
    says = told(scan=(500.0, 10.0), gp=(-100.0, 10.0), operation=(900.0, 800.0), sick=(50.0, 10.0))
    assert says.startswith("This changes most in a year: 500 more scans, and 100 fewer visits to the GP.")
    assert "operations" not in says
    assert told(scan=(500.0, 10.0)).startswith("One thing changes most in a year: 500 more scans.")


def test_nothing_is_said_to_change_where_nothing_surely_does():
    says = told(scan=(10.0, 9.0), care=(10.0, 9.0))
    assert says == (
        "We see no difference in care that is larger than chance. "
        "Whether care costs more or less, chance does not let us see. "
        "In how long people have severe pain we see no difference."
    )


def test_money_is_said_with_and_without_sick_leave_where_that_differs():
    assert "Care costs €20 less in a year. With sick leave it is €30 more." in told(
        care=(-20.0, 1.0), friction=(30.0, 1.0)
    )
    assert "sick leave" not in told(care=(20.0, 1.0), friction=(20.0, 1.0))
    assert "have 20 fewer days of severe pain" in told(pain_severe=(-20.0, 1.0))
