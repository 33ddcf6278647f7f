"""A real browser on the real server: visitors who click what they read, and judges who look along.

A visitor finds everything by its words (labels, legends, the texts of the pathway), never by a name in the page. What
the visitor asks of the network, keeps on the device or leaves in the address is watched all the way.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Response, sync_playwright

from ruggespraak.consult import Case
from ruggespraak.documents.general import LEAFLETS
from ruggespraak.logic import Finding, Value
from ruggespraak.pathway.findings import VOCABULARY
from ruggespraak.pathway.texts import LANGUAGES, choice, item, table, text

AXE = Path(__file__).parent / "judges" / "node_modules" / "axe-core" / "axe.min.js"
NO_AXE = "axe-core is not here: npm ci --prefix tests/web/judges"
CHROMIUM = shutil.which("chromium")
NO_CHROMIUM = "chromium is not here: sudo apt-get install chromium"
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
WIDE, NARROW, NARROWEST = 1280, 360, 320  # CSS pixels; 320 is what WCAG 2.2 asks for (1.4.10)
HEIGHT = 800
PATIENCE = 10_000  # milliseconds for anything to appear

UNCLEAR = "?"

RUN = r"\?((option|years|people|seed)=[a-z0-9_]*((/|%2F)[a-z0-9_]+)?&?)+|[0-9a-f]{64}(\.json|/[a-z]+\.svg)"
ADDRESS = re.compile(
    r"/(nl|en)/(check/((\d+|answers|result|erase|erased)/|result-(a4|a5|booklet)\.pdf)?"
    rf"|leaflets/(({'|'.join(LEAFLETS)})(/|-(a4|a5|booklet)\.pdf))?|country/(run/({RUN})?)?|about/|privacy/|nothing-here/)?"
)
FRAGMENT = re.compile(r"(main|place|who|source-\d+|field-\d+)?")
"""All that an address may hold: a language, fixed words, a number; of a run of the country its settings or its hash."""

WORDS = {
    "nl": {
        "start": "Begin de zelfcheck", "me": "Ik heb zelf pijn", "begin": "Begin",
        "yes": "Ja", "no": "Nee", "unclear": "Weet ik niet", "on": "Verder", "back": "Terug", "change": "Wijzig",
        "none": "Geen van deze", "rest_no": "Nee bij de rest", "more": "Eerst meer vragen beantwoorden",
        "stop": "Stop hier even", "all_advice": "Lees het hele advies", "advice": "Bekijk mijn advies",
        "answers": "Kijk uw antwoorden na", "erase": "Wis mijn antwoorden", "erased": "Uw antwoorden zijn gewist",
        "pdf": "Als PDF op A4", "skip": "Naar de inhoud", "wrong": "Er klopt nog iets niet",
        "rest": "Hier staat nog geen antwoord bij alles", "changed": "Deze vraag is veranderd",
        "too_old": "Deze pagina is te oud", "no_page": "Deze pagina bestaat niet",
        "days": "dagen", "weeks": "weken", "years": "jaren",
        "low_back": "Onder in mijn rug", "groin": "Mijn lies",
        "lower_leg_left": "Mijn linker onderbeen of voet", "upper_leg_left": "Mijn linker bovenbeen",
        "no_pain": "Geen pijn in mijn rug of benen",
    },
    "en": {
        "start": "Start the self-check", "me": "I have the pain myself", "begin": "Begin",
        "yes": "Yes", "no": "No", "unclear": "I don't know", "on": "Go on", "back": "Back", "change": "Change",
        "none": "None of these", "rest_no": "No to the rest", "more": "Answer more questions first",
        "stop": "Stop here for a moment", "all_advice": "Read all of the advice", "advice": "See my advice",
        "answers": "Check your answers", "erase": "Erase my answers", "erased": "Your answers are erased",
        "pdf": "As a PDF on A4", "skip": "Skip to the main part", "wrong": "Something is not right yet",
        "rest": "Some of these have no answer yet", "changed": "This question has changed",
        "too_old": "This page is too old", "no_page": "This page does not exist",
        "days": "days", "weeks": "weeks", "years": "years",
        "low_back": "Low in my back", "groin": "My groin",
        "lower_leg_left": "My left lower leg or foot", "upper_leg_left": "My left upper leg",
        "no_pain": "No pain in my back or legs",
    },
}  # fmt: skip
"""What a visitor looks for on the page. Written out here, so that a page that says something else is noticed."""


# The server and the browser: one of each for a worker of pytest


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def unhurried() -> dict[str, str]:
    """The environment of a site that begins with nothing of ours, and lets one address do as much as it likes."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("RUG_", "DJANGO_"))}
    return own | {"RUG_ANSWERS_A_MINUTE": "100000", "RUG_PDFS_A_MINUTE": "100000"}


@contextmanager
def served(script: str, *words: str) -> Iterator[dict[str, Any]]:
    """A site of its own that this script makes: it gets a port and these words, and prints what it made, as JSON."""
    port = free_port()
    command = [sys.executable, "-c", script, str(port), *words]
    server = subprocess.Popen(command, env=unhurried(), stdout=subprocess.PIPE, text=True)
    assert server.stdout
    said = server.stdout.readline()
    assert said, "the site does not start"
    yield json.loads(said) | {"address": f"http://127.0.0.1:{port}"}
    server.terminate()
    server.wait(timeout=20)


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """``rug demo`` on a port of its own."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "ruggespraak.cli", "demo", "--port", str(port), "--no-browser"],
        env=unhurried(),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout
    said = server.stdout.readline()
    assert said, "rug demo does not start"
    yield said.split()[0].rstrip("/")
    server.send_signal(signal.SIGINT)
    server.wait(timeout=20)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip(NO_CHROMIUM)
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def visits(chromium: Browser, address: str) -> Iterator[Any]:
    """Opens the site as a new visitor; at the end nothing personal may have gone anywhere."""
    opened: list[Visit] = []

    def visit(lang: str = "nl", width: int = WIDE, height: int = HEIGHT, **how: Any) -> Visit:
        opened.append(Visit.new(chromium, address, lang, viewport={"width": width, "height": height}, **how))
        return opened[-1]

    yield visit
    problems = [problem for one in opened for problem in one.kept_private()]
    for one in opened:
        one.context.close()
    assert not problems, problems


# A person and a visit


@dataclass(frozen=True, eq=False)
class Person:
    """Somebody with back pain: what is so (finding -> answer), where it hurts, and what pointing there tells.

    A number of days may be given as a number and a unit: ``(7, "weeks")``. What is not named is a no; for whom
    ``knows_nothing`` it is "I don't know".
    """

    name: str
    has: Mapping[str, Any] = field(default_factory=dict)
    places: tuple[str, ...] = ("low_back",)
    pointing_tells: Mapping[str, Value] = field(default_factory=lambda: {"low_back_pain": True, "leg_pain": False})
    knows_nothing: bool = False

    def of(self, finding: Finding) -> Any:
        """This person's answer to this question."""
        if self.knows_nothing:
            return UNCLEAR
        return self.has.get(finding.id, False if finding.kind == "boolean" else UNCLEAR)

    def __str__(self) -> str:
        return self.name


DAYS = {"days": 1, "weeks": 7, "years": 365}


def as_value(told: Any) -> Value:
    """The answer as a case has it."""
    return told[0] * DAYS[told[1]] if isinstance(told, tuple) else told


@dataclass
class Visit:
    """One visitor in a browser of its own: what was told, and what was asked of the network."""

    address: str
    lang: str
    context: BrowserContext
    page: Page
    told: Case = field(default_factory=lambda: Case(on=date.today(), answered_by="patient"))
    requests: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    began: bool = False

    @classmethod
    def new(cls, chromium: Browser, address: str, lang: str, **how: Any) -> Visit:
        context = chromium.new_context(**{"viewport": {"width": WIDE, "height": HEIGHT}} | how)
        context.set_default_timeout(PATIENCE)
        return cls(address, lang, context, context.new_page())

    def __post_init__(self) -> None:
        self.context.on("request", lambda request: self.requests.append(request.url))
        self.context.on("response", self._answered)
        self.page.on("framenavigated", lambda frame: self.addresses.append(frame.url))
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.page.on("console", lambda said: self._said(said.type, said.text))

    def _answered(self, response: Response) -> None:
        """A page may say that something is wrong; what it is drawn with may not be missing."""
        if response.status >= 400 and response.request.resource_type != "document":
            self.faults.append(f"{response.status}: {response.url}")

    def _said(self, kind: str, text: str) -> None:
        """What the browser complains of; that a page answers with 404 is told elsewhere."""
        if kind in ("error", "warning") and "the server responded with a status of" not in text:
            self.faults.append(f"{kind}: {text}")

    # Getting about

    def word(self, name: str) -> str:
        return WORDS[self.lang][name]

    def goto(self, path: str = "") -> Visit:
        self.page.goto(f"{self.address}/{self.lang}/{path}")
        return self

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.address)

    @property
    def heading(self) -> str:
        return plain(self.page.locator("h1").inner_text())

    @property
    def read(self) -> str:
        """All that stands in the main part of the page, folded pieces too."""
        return plain(self.page.locator("main").text_content() or "")

    def press(self, name: str) -> None:
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=self.word(name), exact=True).first.click()

    def follow(self, name: str) -> None:
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=self.word(name), exact=True).first.click()

    def download(self, name: str) -> bytes:
        with self.page.expect_download() as found:
            self.page.get_by_role("link", name=self.word(name), exact=True).first.click()
        return Path(found.value.path()).read_bytes()

    def begin(self) -> Visit:
        self.goto()
        self.follow("start")
        self.pick(self.page.locator("main"), self.word("me"))
        self.press("begin")
        self.began = True
        return self

    # Answering

    @property
    def asks(self) -> bool:
        return bool(re.fullmatch(r"/(nl|en)/check/\d+/", self.path)) and not self.interrupted

    @property
    def interrupted(self) -> bool:
        return self.heading == self.word("stop")

    def pick(self, group: Locator, label: str) -> None:
        """Clicks on these words, as a person does, whatever lies there; what was chosen before is left so."""
        said = group.locator("label").filter(has_text=re.compile(rf"^\s*{re.escape(label)}\s*$")).last
        if not said.evaluate("it => it.control.checked"):
            said.click(force=True)
            assert said.evaluate("it => it.control.checked"), f"a click on “{label}” does not choose it"

    def questions(self) -> dict[Finding, Locator]:
        """What this page asks, by the words it uses: each question with the part of the page that asks it."""
        groups = self.page.locator("main fieldset.answer-row")
        legends = self.page.locator("main fieldset.answer-row > legend").all_inner_texts()
        no_answer = {"nl": "Nog geen antwoord", "en": "No answer yet"}[self.lang]
        asked = [plain(legend.removesuffix(no_answer)) for legend in legends]
        found = {BY_ITEM[self.lang][words]: groups.nth(n) for n, words in enumerate(asked)}
        if not found and not self.has_chart and self.heading in BY_QUESTION[self.lang]:
            found = {BY_QUESTION[self.lang][self.heading]: self.page.locator("main form").first}
        return found

    @property
    def has_chart(self) -> bool:
        return bool(self.page.locator("main .places").count())

    def fill_in(self, person: Person) -> set[str]:
        """Answers everything on this page as this person would, without sending it. The findings that were answered."""
        answers: dict[str, Value] = {}
        unclear: set[str] = set()
        if self.has_chart:
            places = self.page.locator("main .places")
            for place in ("unclear",) if person.knows_nothing else person.places:
                self.pick(places, self.word(place))
            if person.knows_nothing:
                unclear |= {"low_back_pain", "leg_pain"}
            else:
                answers |= person.pointing_tells
        for finding, group in self.questions().items():
            told = person.of(finding)
            self._answer(finding, group, told)
            if told == UNCLEAR:
                unclear.add(finding.id)
            else:
                answers[finding.id] = as_value(told)
        kept = {id: value for id, value in self.told.answers.items() if id not in unclear}
        self.told = replace(self.told, answers={**kept, **answers}, unclear=self.told.unclear | unclear)
        return unclear | answers.keys()

    def _answer(self, finding: Finding, group: Locator, told: Any) -> None:
        if told == UNCLEAR:
            self.pick(group, self.word("unclear"))
        elif finding.kind == "boolean":
            self.pick(group, self.word("yes" if told else "no"))
        elif finding.kind == "choice":
            self.pick(group, choice(finding.id, told, self.lang))
        else:
            number, unit = told if isinstance(told, tuple) else (told, None)
            group.get_by_role("textbox").fill(f"{number:g}")
            if unit or finding.unit == "days":
                self.pick(group, self.word(unit or "days"))

    def answer(self, person: Person) -> set[str]:
        """Answers this page and goes on. The findings that were answered."""
        found = self.fill_in(person)
        self.press("on")
        return found

    # What may never happen

    def kept_private(self) -> list[str]:
        """What went elsewhere, stayed on the device, or stands in an address: nothing, but for the one cookie."""
        elsewhere = [url for url in self.requests if not url.startswith(f"{self.address}/")]
        found = [f"asked elsewhere: {url}" for url in elsewhere] + self.faults
        ours = [url for url in (*self.requests, *self.addresses) if url.startswith(self.address)]
        found += [f"in an address: {url}" for url in dict.fromkeys(ours) if not says_nothing(self.address, url)]
        found += [f"a cookie: {cookie}" for cookie in self.context.cookies() if not _is_the_session(cookie)]
        if self.began and len(self.context.cookies()) > 1:
            found.append("more than one cookie")
        for store in ("localStorage", "sessionStorage"):
            if self.page.url.startswith(self.address) and self.page.evaluate(f"{store}.length"):
                found.append(f"something in {store}")
        return found


def says_nothing(address: str, url: str) -> bool:
    path, _, fragment = url.removeprefix(address).partition("#")
    if re.fullmatch(r"/static/[\w./-]+|/favicon\.ico|/", path):
        return not fragment
    return bool(ADDRESS.fullmatch(path) and FRAGMENT.fullmatch(fragment))


def _is_the_session(cookie: Mapping[str, Any]) -> bool:
    """A random id that no script can read and that goes when the browser closes."""
    return (
        cookie["name"] == "session"
        and cookie["httpOnly"]
        and cookie["sameSite"] == "Lax"
        and cookie["expires"] == -1
        and bool(re.fullmatch(r"[a-z0-9]{32}", cookie["value"]))
    )


def plain(text: str) -> str:
    """On one line, without soft hyphens."""
    return " ".join(text.replace("\u00ad", "").split())


def _by_words(words: Callable[[str, str], str]) -> dict[str, dict[str, Finding]]:
    """For each language the findings by what the page says of them."""
    return {
        lang: {plain(words(id, lang)): VOCABULARY[id] for id in table("findings") if id in VOCABULARY}
        for lang in LANGUAGES
    }


BY_ITEM = _by_words(item)
BY_QUESTION = _by_words(lambda id, lang: text("findings", id, "question", lang))


# Judges


def judged(page: Page, *only: str) -> list[str]:
    """What axe-core finds wrong on this page, in words. ``only``: by these rules; else by every rule that is no longer
    tried out, good practice included."""
    if not AXE.exists():
        pytest.skip(NO_AXE)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    rules = {"runOnly": list(only)} if only else {"rules": {"target-size": {"enabled": True}}}
    found = page.evaluate("how => axe.run(how)", rules | {"resultTypes": ["violations"]})
    return [
        f"{wrong['id']} ({wrong['impact']}): {node['target']} {node['failureSummary']}"
        for wrong in found["violations"]
        for node in wrong["nodes"]
    ]


def scrolls_sideways(page: Page) -> bool:
    return bool(page.evaluate("document.scrollingElement.scrollWidth > window.innerWidth"))


def looked_at(visit: Visit) -> list[str]:
    """What is wrong with this page for somebody who hears it, enlarges it or has a small screen."""
    page = visit.page
    wide = page.viewport_size
    found = []
    if (headings := page.locator("h1").count()) != 1:
        found.append(f"{headings} headings of the first level")
    if page.locator("html").get_attribute("lang") != visit.lang:
        found.append("another language than it says")
    for width in (WIDE, NARROW, NARROWEST):
        page.set_viewport_size({"width": width, "height": HEIGHT})
        if scrolls_sideways(page):
            found.append(f"scrolls sideways at {width} pixels")
        if width != NARROWEST:
            found += [f"at {width} pixels: {wrong}" for wrong in judged(page)]
    page.set_viewport_size(wide)
    return [f"{visit.path} “{page.title()}”: {wrong}" for wrong in found]
