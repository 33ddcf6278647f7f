"""The report of an audit as a file of its own, opened from a disk: everybody can read it, and it asks for nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from browser import NARROWEST, WIDE, judged, scrolls_sideways
from practices import some
from ruggespraak.audit.report import put
from ruggespraak.wording import LANGS


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("report")
    of = some()
    put(replace(of, found=of.found | {"manifest": of.found["manifest"] | {"source": f"CSV: {'long' * 40}"}}), made)
    return made


@dataclass
class Opened:
    """A report in a browser: what it asked for, and what the browser complained of."""

    page: Page
    asked: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


@pytest.fixture
def opens(chromium: Browser, folder: Path) -> Iterator[Callable[..., Opened]]:
    opened: list[Opened] = []

    def opens(lang: str, **how: object) -> Opened:
        context = chromium.new_context(**{"viewport": {"width": WIDE, "height": 800}} | how)  # type: ignore[arg-type]
        one = Opened(context.new_page())
        one.page.on("request", lambda request: one.asked.append(request.url))
        one.page.on("console", lambda said: one.faults.append(said.text))
        one.page.on("pageerror", lambda error: one.faults.append(str(error)))
        one.page.goto(f"file://{folder}/report.{lang}.html")
        opened.append(one)
        return one

    yield opens
    for one in opened:
        one.page.context.close()


@pytest.mark.parametrize("lang", LANGS)
def test_everybody_can_read_the_report_on_any_screen_and_it_asks_for_nothing(
    opens: Callable[..., Opened], lang: str
) -> None:
    one = opens(lang)
    drawn = one.page.locator("main img").evaluate_all("all => all.map(one => [one.complete, one.naturalWidth])")
    assert len(drawn) == 3
    assert all(complete and wide > 700 for complete, wide in drawn)
    one.page.set_viewport_size({"width": NARROWEST, "height": 800})
    assert not scrolls_sideways(one.page)
    assert judged(one.page) == []
    assert [url for url in one.asked if not url.startswith("data:")] == [one.page.url]
    assert one.faults == []


def test_it_can_be_read_in_the_dark_with_all_of_it_open(opens: Callable[..., Opened]) -> None:
    one = opens("nl", color_scheme="dark", viewport={"width": NARROWEST, "height": 800})
    one.page.evaluate("document.querySelectorAll('details').forEach(it => it.open = true)")
    assert judged(one.page) == []
    assert not scrolls_sideways(one.page)


def test_who_uses_a_keyboard_comes_to_the_main_part_first_and_can_move_a_wide_table(
    opens: Callable[..., Opened],
) -> None:
    one = opens("en", viewport={"width": NARROWEST, "height": 800})
    one.page.keyboard.press("Tab")
    assert one.page.evaluate("document.activeElement.textContent") == "Skip to the main part"
    one.page.keyboard.press("Enter")
    assert one.page.evaluate("document.activeElement.id") == "main"
    table = one.page.get_by_role("region", name="All measures", exact=True)
    table.focus()
    one.page.keyboard.press("ArrowRight")
    one.page.wait_for_function("it => it.scrollLeft > 0", arg=table.element_handle())


def test_on_paper_nothing_is_folded_away_or_cut_off(opens: Callable[..., Opened]) -> None:
    one = opens("nl", viewport={"width": 680, "height": 960})  # A4 within its margins
    one.page.emulate_media(media="print")
    folded = one.page.locator(".nhsuk-details__text").first
    assert folded.evaluate("it => it.checkVisibility({contentVisibilityAuto: true}) && it.offsetHeight > 20")
    wide = "[...document.querySelectorAll('.table')].map(it => it.scrollWidth - it.clientWidth)"
    assert max(one.page.evaluate(wide)) <= 0
