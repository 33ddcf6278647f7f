"""The page that runs the country in a real browser: a form, a page that looks again by itself, and a result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from browser import NARROW, Visit, judged, looked_at, scrolls_sideways
from ruggespraak.pathway.texts import LANGUAGES

A_FIRST_RUN = 180_000  # milliseconds: it compiles
WORDS = {
    "nl": {
        "to": "Wat als we het anders doen? Reken het zelf uit", "page": "Wat als we het anders doen?",
        "years": "Hoeveel jaar", "people": "Hoeveel mensen", "third": "Keuze 3: en dit ook",
        "scan": "NL 2021 · Iedereen meteen een scan", "compute": "Reken uit", "figures": "In cijfers",
        "download": "Alle cijfers, als JSON",
    },
    "en": {
        "to": "What if we did it differently? Compute it yourself", "page": "What if we did it differently?",
        "years": "How many years", "people": "How many people", "third": "Choice 3: and with this",
        "scan": "NL 2021 · Everybody scanned at once", "compute": "Compute", "figures": "In figures",
        "download": "All figures, as JSON",
    },
}  # fmt: skip
"""What a visitor looks for on the page."""


def filled_in(visit: Visit, years: str) -> None:
    """By way of the page about the country; sent."""
    said, page = WORDS[visit.lang], visit.page
    visit.goto("country/")
    page.get_by_role("link", name=said["to"]).click()
    assert visit.heading == said["page"]
    page.get_by_label(said["years"]).fill(years)
    page.get_by_label(said["people"]).select_option("10000")
    page.get_by_label(said["third"]).select_option(label=said["scan"])
    with page.expect_navigation():
        page.get_by_role("button", name=said["compute"]).click()


def comes_to_the_result(visit: Visit) -> None:
    filled_in(visit, "1")
    figures = visit.page.get_by_role("heading", name=WORDS[visit.lang]["figures"], exact=True)
    figures.wait_for(timeout=A_FIRST_RUN)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_who_compares_three_choices_waits_and_reads_a_result_that_everybody_can_use(
    visits: Callable[..., Visit], lang: str
) -> None:
    visit = visits(lang)
    comes_to_the_result(visit)
    page = visit.page
    drawn = page.locator("main img").evaluate_all("all => all.map(one => [one.complete, one.naturalWidth, one.alt])")
    assert len(drawn) == 4
    assert all(complete and wide > 700 and alt for complete, wide, alt in drawn)
    assert page.locator("main thead th").count() == 3
    assert looked_at(visit) == []
    with page.expect_download() as found:
        page.get_by_role("link", name=WORDS[lang]["download"]).click()
    assert found.value.suggested_filename.endswith(".json")


def test_a_result_can_be_read_in_the_dark_and_on_a_phone(visits: Callable[..., Visit]) -> None:
    visit = visits("nl", color_scheme="dark", width=NARROW)
    comes_to_the_result(visit)
    assert judged(visit.page, "color-contrast") == []
    assert not scrolls_sideways(visit.page)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_cannot_be_run_is_said_on_a_page_that_everybody_can_use(visits: Callable[..., Visit], lang: str) -> None:
    visit = visits(lang)
    filled_in(visit, "900")
    assert visit.page.get_by_role("alert").get_by_text("900").is_visible()
    assert visit.page.get_by_label(WORDS[lang]["years"]).input_value() == "900"
    assert looked_at(visit) == []


def test_a_picture_that_is_opened_by_itself_keeps_its_colours(visits: Callable[..., Visit]) -> None:
    """The Content-Security-Policy of the site holds for it too, and forbids styles within it."""
    visit = visits("nl")
    comes_to_the_result(visit)
    url = visit.page.locator("main img").first.get_attribute("src")
    visit.page.goto(f"{visit.address}{url}")
    colours = visit.page.evaluate(
        "new Set([...document.querySelectorAll('path')].map(it => getComputedStyle(it).fill)).size"
    )
    assert colours > 2


def test_without_scripts_the_page_looks_again_by_itself(visits: Callable[..., Any]) -> None:
    visit = visits("nl", java_script_enabled=False)
    comes_to_the_result(visit)
    assert visit.page.locator("main img").count() == 4
