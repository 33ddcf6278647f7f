"""Our Questionnaire on a screen that is not ours: LHC-Forms, in a real browser. What is answered there comes back as
what was meant, and what nobody answered as nothing."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page

from judges import JUDGES
from ruggespraak.fhir.definitions.questionnaire import questionnaire
from ruggespraak.fhir.names import Resource
from ruggespraak.fhir.read import read
from ruggespraak.logic import Finding
from ruggespraak.pathway.editions import edition

pytestmark = pytest.mark.slow

LFORMS = JUDGES / "lforms" / "node_modules" / "lforms" / "dist" / "lforms"
NO_LFORMS = "LHC-Forms is not here: npm ci --prefix tests/judges/lforms"
SCRIPTS = ("webcomponent/assets/lib/zone.min.js", "webcomponent/lhc-forms.js", "fhir/R4/lformsFHIR.min.js")
ON = date(2026, 3, 10)
EDITION = edition()
QUESTIONNAIRE = questionnaire(EDITION)
UNCLEAR = None
CODES = {True: "yes", False: "no", UNCLEAR: "unclear"}


def items(within: Resource) -> Iterator[Resource]:
    for one in within.get("item", ()):
        yield one
        yield from items(one)


ITEMS = {item["linkId"]: item for item in items(QUESTIONNAIRE)}


@dataclass(frozen=True)
class Form:
    """The questions on that screen, found by their words."""

    page: Page

    def group(self, finding: Finding) -> Locator:
        return self.page.get_by_role("radiogroup", name=ITEMS[finding.id]["text"], exact=True)

    def field(self, finding: Finding) -> Locator:
        return self.page.get_by_role("textbox", name=ITEMS[finding.id]["text"], exact=True)

    def not_known(self, finding: Finding) -> Locator:
        """The "I do not know" beside a number or a date: all have the same words, so by its place."""
        return self.page.locator(f'lhc-item[id^="item-{finding.id}/unclear/"]')

    def asks(self, finding: Finding) -> bool:
        return self.group(finding).count() + self.field(finding).count() == 1

    def answer(self, finding: Finding, value: Any) -> None:
        if ITEMS[finding.id]["type"] == "choice":
            code = CODES.get(value, f"{finding.id}.{value}")
            options = (option["valueCoding"] for option in ITEMS[finding.id]["answerOption"])
            words = next(option["display"] for option in options if option["code"] == code)
            self.group(finding).get_by_text(words, exact=True).click()
        elif value is UNCLEAR:
            self.not_known(finding).get_by_text("Yes", exact=True).click()
        else:
            written = value.strftime("%m/%d/%Y") if isinstance(value, date) else f"{value:g}"
            self.field(finding).fill(written)
            self.field(finding).press("Enter")

    def response(self) -> Resource:
        made: Resource = self.page.evaluate("LForms.Util.getFormFHIRData('QuestionnaireResponse', 'R4')")
        return made

    def findings(self) -> dict[str, Any]:
        """What we read in what this screen makes of the answers."""
        reading = read([self.response()], ON)
        assert (reading.conflicts, reading.passed, reading.stale) == ((), (), ())
        return {id: one.value for id, one in reading.found.items()}


@pytest.fixture
def form(chromium: Browser) -> Iterator[Form]:
    if not LFORMS.exists():
        pytest.skip(NO_LFORMS)
    page = chromium.new_page()
    page.clock.set_fixed_time(f"{ON}T12:00:00")
    page.set_content('<!doctype html><title>Somebody else</title><div id="form"></div>')
    page.add_style_tag(path=LFORMS / "webcomponent" / "styles.css")
    for script in SCRIPTS:
        page.add_script_tag(path=LFORMS / script)
    page.evaluate("it => LForms.Util.addFormToPage(it, 'form')", QUESTIONNAIRE)
    page.get_by_role("radiogroup").first.wait_for()
    yield Form(page)
    page.close()


def finding(id: str) -> Finding:
    return EDITION.findings[id]


def test_what_nobody_answered_is_no_finding(form):
    assert form.response()["resourceType"] == "QuestionnaireResponse"
    assert form.findings() == {}


def test_yes_no_and_not_known_come_back_as_that(form):
    told = {
        "saddle_numbness": True, "foot_drop": False, "pregnant": UNCLEAR, "leg_pain_side": "left", "age_years": 46,
        "fever_c": 38.5, "onset_date": date(2026, 2, 1), "duration_days": UNCLEAR, "sick_leave_start": UNCLEAR,
    }  # fmt: skip
    for id, value in told.items():
        form.answer(finding(id), value)
    assert form.findings() == told


def test_to_deny_not_knowing_is_no_answer(form):
    form.not_known(finding("age_years")).get_by_text("No", exact=True).click()
    assert form.findings() == {}


def anything(given: Finding, chance: random.Random) -> Any:
    """Any answer to this question, "I do not know" among them."""
    if given.kind == "number":
        least, most = (int(end or 0) for end in (given.minimum, given.maximum or 100))
        return chance.choice([chance.randint(least, most), UNCLEAR])
    if given.kind == "date":
        return chance.choice([ON - timedelta(days=chance.randint(0, 400)), UNCLEAR])
    return chance.choice([*(given.choices or (True, False)), UNCLEAR])


EVERYBODY: Mapping[str, Callable[[Finding, random.Random], Any]] = {
    "knows nothing": lambda *_: UNCLEAR,
    "says whatever": anything,
}


@pytest.mark.parametrize("who", EVERYBODY)
def test_every_question_that_is_shown_comes_back_as_it_was_answered(form, who):
    chance = random.Random(who)
    told = {}
    for id in ITEMS:
        if id in EDITION.findings and form.asks(finding(id)):
            told[id] = EVERYBODY[who](finding(id), chance)
            form.answer(finding(id), told[id])
    shown = {id: value for id, value in told.items() if form.asks(finding(id))}
    assert len(shown) > 100
    assert form.findings() == shown
