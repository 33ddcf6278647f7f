"""``make screenshots``: the pictures of the website in ``docs/pictures``, each of ``rug demo`` itself.

Its visitors find their way by what they read, as those of the tests in a browser do (``tests/web/browser.py``). Days on
the pictures are those of the day that they were made; all else is the same each time.
"""

from __future__ import annotations

import io
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DOCS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(DOCS.parent / "tests"), str(DOCS.parent / "tests" / "web")]

from PIL import Image  # noqa: E402
from playwright.sync_api import Browser, Locator, Page, sync_playwright  # noqa: E402

from browser import ARGUMENTS, CHROMIUM, NO_CHROMIUM, Person, Visit, free_port, unhurried  # noqa: E402
from ruggespraak.pathway.texts import LANGUAGES  # noqa: E402

PICTURES = DOCS / "pictures"
WIDE, SCREEN = 1200, 900
PHONE, PHONE_SCREEN = 390, 844
MOST_BYTES = 250_000
A_FIRST_RUN = 300_000  # milliseconds: it compiles
RUN = "country/run/?option=current%2Fas_now&option=current%2Ffull_adherence&option=current%2Fscan_everybody"

EXPECT = {"nl": "Wat u kunt verwachten", "en": "What to expect"}
BOTH = {"low_back_pain": True, "leg_pain": True, "leg_pain_side": "left", "leg_pain_below_knee": True}
HERNIA = Person(
    "leg pain for seven weeks",
    {
        "age_years": 45,
        "duration_days": (7, "weeks"),
        "course": "same",
        "leg_worse_than_back": True,
        "cough_sneeze_strain": True,
        "leg_pain_dermatomal": True,
        "wants_surgery_weighed": True,
    },
    places=("low_back", "lower_leg_left"),
    pointing_tells=BOTH,
)
NUMB = Person("a numb saddle", {"age_years": 45, "duration_days": (2, "days"), "saddle_numbness": True})


@contextmanager
def demo() -> Iterator[str]:
    """``rug demo`` on a port of its own."""
    command = [sys.executable, "-m", "ruggespraak.cli", "demo", "--no-browser", "--port", str(free_port())]
    server = subprocess.Popen(command, env=unhurried(), stdout=subprocess.PIPE, text=True)
    assert server.stdout
    yield server.stdout.readline().split()[0].rstrip("/")
    server.send_signal(signal.SIGINT)
    server.wait(timeout=20)


def keep(name: str, page: Page, top: float = 0, bottom: float | None = None) -> None:
    """The page over its whole width, one screen from ``top`` on or down to ``bottom``, as a PNG of 256 colours."""
    size = page.viewport_size
    assert size
    part = {"x": 0, "y": top, "width": size["width"], "height": (bottom or top + size["height"]) - top}
    shot = Image.open(io.BytesIO(page.screenshot(clip=part, full_page=True, animations="disabled")))
    path = PICTURES / f"{name}.png"
    shot.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)
    assert path.stat().st_size < MOST_BYTES, f"{path.name} is {path.stat().st_size:,} bytes"
    print(f"docs/pictures/{path.name}")


def edges(part: Locator) -> tuple[float, float]:
    """Just above and just below this part of a page."""
    top, bottom = part.evaluate(
        "it => { const at = it.getBoundingClientRect(); return [at.top + scrollY, at.bottom + scrollY] }"
    )
    return top - 16, bottom + 16


def on_a_phone(browser: Browser, address: str, lang: str) -> None:
    """The first question, the advice for somebody with a hernia, and what who must phone at once is told."""
    screen = {"width": PHONE, "height": PHONE_SCREEN}
    visit = Visit.new(browser, address, lang, viewport=screen).begin()
    keep(f"patient_question.{lang}", visit.page)
    visit.answer(NUMB)
    keep(f"patient_alarm.{lang}", visit.page)

    visit = Visit.new(browser, address, lang, viewport=screen).begin()
    while visit.heading != visit.word("answers"):
        if visit.asks:
            visit.fill_in(HERNIA)
        visit.press("more" if visit.interrupted else "on")
    visit.follow("advice")
    keep(f"patient_result.{lang}", visit.page)
    keep(f"patient_expect.{lang}", visit.page, edges(visit.page.get_by_role("heading", name=EXPECT[lang]))[0])


def in_the_practice(browser: Browser, address: str) -> None:
    """The worklist, as the demonstration's GP sees it."""
    visit = Visit.new(browser, address, "en", viewport={"width": WIDE, "height": SCREEN})
    visit.goto("account/sign-in/")
    with visit.page.expect_navigation():
        visit.page.get_by_role("button", name="Alex Artsema").first.click()
    visit.goto("practice/")
    with visit.page.expect_navigation():
        visit.page.get_by_role("link", name="Worklist").first.click()
    keep("practice", visit.page)


def of_the_country(browser: Browser, address: str) -> None:
    """What three ways of caring mean for a year, for 100,000 people."""
    visit = Visit.new(browser, address, "en", viewport={"width": WIDE, "height": SCREEN})
    visit.goto(f"{RUN}&years=1&people=100000")
    plot = visit.page.locator("main img").first
    plot.wait_for(timeout=A_FIRST_RUN)
    keep("country", visit.page, bottom=edges(plot)[1])


def of_the_records(browser: Browser) -> None:
    """The report on what practices of an invented country recorded; no practice has so much of its own in the demo."""
    with tempfile.TemporaryDirectory() as folder:
        rug = [sys.executable, "-m", "ruggespraak.cli"]
        lived = ["simulate", "--people", "20000", "--years", "1", "--records", f"{folder}/records"]
        for words in (lived, ["audit", f"{folder}/records", "--out", f"{folder}/report"]):
            subprocess.run([*rug, *words], check=True, stdout=subprocess.DEVNULL)
        page = browser.new_page(viewport={"width": WIDE, "height": SCREEN})
        page.goto(f"file://{folder}/report/report.en.html")
        keep("audit", page, *edges(page.locator("main img").first))


def main() -> None:
    if CHROMIUM is None:
        sys.exit(NO_CHROMIUM)
    with sync_playwright() as player, demo() as address:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for lang in LANGUAGES:
            on_a_phone(browser, address, lang)
        in_the_practice(browser, address)
        of_the_country(browser, address)
        of_the_records(browser)
        browser.close()


if __name__ == "__main__":
    main()
