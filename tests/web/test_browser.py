"""The patient's website in a real browser: what people click, read, hear and print, and what never leaves the page."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from browser import (
    NARROW,
    WIDE,
    Person,
    Visit,
    judged,
    looked_at,
    plain,
    says_nothing,
    scrolls_sideways,
)
from patients import filled
from ruggespraak.consult import Case, Decision, decide
from ruggespraak.consult.ready import ready
from ruggespraak.documents.general import LEAFLETS
from ruggespraak.documents.result import headline, sentence
from ruggespraak.logic import Literal
from ruggespraak.pathway.findings import CLINICIAN
from ruggespraak.pathway.rules import Complaint, Tier, Urgency
from ruggespraak.pathway.texts import LANGUAGES, long_date, plan_text, text, word

WHOLE = os.environ.get("RUG_CHECK") == "whole"
MOST_PAGES = 40

LEG = {"low_back_pain": False, "leg_pain": True, "leg_pain_side": "left", "leg_pain_below_knee": True}

PLAIN = Person("plain back", {"age_years": 40, "duration_days": (10, "days")})
HERNIA = Person(
    "hernia at 7 weeks",
    {
        "age_years": 45,
        "duration_days": (7, "weeks"),
        "course": "same",
        "leg_worse_than_back": True,
        "cough_sneeze_strain": True,
        "leg_pain_dermatomal": True,
        "wants_surgery_weighed": True,
    },
    places=("lower_leg_left",),
    pointing_tells=LEG | {"pain_location": "leg"},
)
CAUDA = Person("cauda equina", {"age_years": 45, "duration_days": (2, "days"), "saddle_numbness": True})
BECHTEREW = Person(
    "Bechterew",
    {
        "age_years": 28,
        "duration_days": (2, "years"),
        "ibp_improves_exercise": True,
        "ibp_no_improve_rest": True,
        "ibp_night_improves_up": True,
        "uveitis": True,
    },
)
PREGNANT = Person("pregnant", {"age_years": 30, "duration_days": (20, "days"), "pregnant": True})
UNSURE = Person("don't know to everything", knows_nothing=True)

THAT_WAIT = ("stay_active", "outlook_back", "outlook_root", "paracetamol", "nsaid", "balance", "gp_first")
"""Advice for who can wait: beside an alarm it would tell somebody to stay at home."""

IN_BOTH_LANGUAGES = pytest.mark.parametrize("lang", LANGUAGES)


# Whole journeys


def steps(visit: Visit, person: Person) -> Iterator[None]:
    """From the start page to all answers, one page at a time, filled in but not sent yet; alarms are passed by."""
    visit.begin()
    for _ in range(MOST_PAGES):
        if visit.heading == visit.word("answers"):
            return
        if visit.asks:
            visit.fill_in(person)
        yield
        visit.press("more" if visit.interrupted else "on")
    raise AssertionError(f"a check without an end: {visit.addresses}")


def to_answers(visit: Visit, person: Person) -> Visit:
    for _ in steps(visit, person):
        pass
    return visit


def to_result(visit: Visit, person: Person) -> Visit:
    to_answers(visit, person).follow("advice")
    return visit


@dataclass
class Came:
    """What somebody read who came to the advice."""

    decision: Decision
    read: str
    lang: str

    def reads(self, *advice: str) -> bool:
        return all(plain(plan_text(one, self.lang)) in self.read for one in advice)

    def reads_any(self, *advice: str) -> bool:
        return any(self.reads(one) for one in advice)

    @property
    def is_told_of_no_alarm(self) -> bool:
        return word("word.no_alarm_told", self.lang) in self.read


def comes_to_the_advice(visit: Visit, person: Person) -> Came:
    """The whole way of this person. Whoever it is: each page on it can be used by everybody, and what the pathway
    decides on these answers is what stands there."""
    problems, titles = [], {}
    for _ in steps(visit, person):
        problems += looked_at_once(visit)
        titles[visit.heading] = visit.page.title()
    problems += looked_at_once(visit)
    visit.follow("advice")
    problems += looked_at(visit)
    assert not problems
    assert len(set(titles.values())) == len(titles), "two pages with one title"

    decision, lang = decide(visit.told, visit.lang), visit.lang
    assert visit.page.locator(".card h2").inner_text() == headline(decision, lang)
    for stands in (
        word(f"complaint.{decision.complaint}.name", lang)[1:],
        long_date(decision.review.on, lang),
        *(text("alarms", id, "says", lang) for id in decision.established),
        *(text("suspects", id, "name", lang) for id in decision.suspected),
        *(one.patient_does for one in decision.refer if one.when >= decision.urgency),
    ):
        assert plain(stands) in visit.read
    return Came(decision, visit.read, lang)


@IN_BOTH_LANGUAGES
def test_a_plain_back_reads_to_keep_moving_and_of_no_phone_call_today(visits: Callable[..., Visit], lang: str) -> None:
    came = comes_to_the_advice(visits(lang), PLAIN)
    assert came.decision.urgency is Urgency.SELF_CARE
    assert came.decision.complaint is Complaint.NONSPECIFIC
    assert came.reads("stay_active")
    assert came.is_told_of_no_alarm
    assert word("urgency.same_day.headline", lang)[1:] not in came.read
    assert word("urgency.emergency.headline", lang)[1:] not in came.read


@IN_BOTH_LANGUAGES
def test_a_hernia_at_seven_weeks_reads_of_weighing_surgery_and_by_when(visits: Callable[..., Visit], lang: str) -> None:
    visit = visits(lang)
    came = comes_to_the_advice(visit, HERNIA)
    assert visit.told.answers["duration_days"] == 49
    assert came.decision.urgency is Urgency.ROUTINE
    assert came.decision.complaint is Complaint.RADICULAR
    assert came.decision.imaging_by == "specialist"
    assert came.reads("weigh_surgery")
    last = visit.told.on + timedelta(hours=next(one.within_hours for one in came.decision.refer))
    assert long_date(last, lang) in came.read


@IN_BOTH_LANGUAGES
def test_a_numb_saddle_that_answers_everything_stays_an_emergency(visits: Callable[..., Visit], lang: str) -> None:
    came = comes_to_the_advice(visits(lang), CAUDA)
    assert came.decision.urgency is Urgency.EMERGENCY
    assert came.decision.complaint is Complaint.SPECIFIC
    assert came.reads("seek_care_now")
    assert not came.reads_any(*THAT_WAIT)
    assert not came.is_told_of_no_alarm


@IN_BOTH_LANGUAGES
def test_a_numb_saddle_is_told_to_phone_after_the_first_page_and_never_to_wait(
    visits: Callable[..., Visit], lang: str
) -> None:
    visit = visits(lang).begin()
    visit.answer(CAUDA)
    assert visit.interrupted
    assert visit.page.locator(".card h2").inner_text() == sentence(word("urgency.emergency.headline", lang))
    assert visit.page.locator("main a[href='tel:112']").is_visible()
    assert plain(text("alarms", "R1", "says", lang)) in visit.read
    visit.follow("all_advice")
    assert plain(plan_text("seek_care_now", lang)) in visit.read
    assert word("word.no_alarm_told", lang) not in visit.read
    for advice in THAT_WAIT:
        assert plain(plan_text(advice, lang)) not in visit.read


@IN_BOTH_LANGUAGES
def test_what_fits_bechterew_leads_by_way_of_the_gp_to_the_rheumatologist(
    visits: Callable[..., Visit], lang: str
) -> None:
    came = comes_to_the_advice(visits(lang), BECHTEREW)
    assert came.decision.urgency is Urgency.ROUTINE
    assert came.decision.complaint is Complaint.SPECIFIC
    assert [one.to for one in came.decision.refer] == ["rheumatologist"]
    assert plain(text("referrals", "rheumatologist", "patient_does", lang)) in came.read
    assert not came.is_told_of_no_alarm


@pytest.mark.control("C-59")
@IN_BOTH_LANGUAGES
def test_a_pregnant_woman_reads_that_this_plan_is_not_made_for_her(visits: Callable[..., Visit], lang: str) -> None:
    came = comes_to_the_advice(visits(lang), PREGNANT)
    assert came.decision.urgency is Urgency.ROUTINE
    assert came.decision.complaint is Complaint.OUTSIDE
    assert came.reads("explain_outside", "nsaid_not")
    assert not came.reads("nsaid")


@IN_BOTH_LANGUAGES
def test_who_knows_nothing_is_sent_today_and_never_reassured(visits: Callable[..., Visit], lang: str) -> None:
    visit = visits(lang)
    came = comes_to_the_advice(visit, UNSURE)
    assert not visit.told.answers
    assert came.decision.urgency is Urgency.SAME_DAY
    assert came.decision.complaint is Complaint.UNDETERMINED
    assert plain(text("alarms", "R18", "says", lang)) in came.read
    assert not came.is_told_of_no_alarm
    assert word("urgency.self_care.headline", lang)[1:] not in came.read
    assert not came.reads_any(*THAT_WAIT)


# Every page


SEEN: set[tuple[str, str]] = set()


def looked_at_once(visit: Visit) -> list[str]:
    """As ``looked_at``, for a page that nobody met yet: a question is the same page for everybody who gets it."""
    asked = visit.page.locator("main :is(h1, legend, summary, dt)").all_inner_texts()
    key = (visit.lang, visit.page.title() + plain(" ".join(asked)))
    if key in SEEN:
        return []
    SEEN.add(key)
    return looked_at(visit)


@IN_BOTH_LANGUAGES
def test_the_pages_that_are_the_same_for_everybody_can_be_used_by_everybody(
    visits: Callable[..., Visit], lang: str
) -> None:
    visit = visits(lang)
    names = (
        "",
        "check/",
        "check/erased/",
        "leaflets/",
        "country/",
        "country/run/",
        "about/",
        "privacy/",
        "nothing-here/",
    )
    paths = [*names, *(f"leaflets/{id}/" for id in LEAFLETS)]
    assert len(LEAFLETS) == 7
    problems, titles = [], {}
    for path in paths:
        problems += looked_at(visit.goto(path))
        titles[path] = visit.page.title()
    assert not problems
    assert len(set(titles.values())) == len(paths)
    assert all(title.removesuffix(" – Ruggespraak") for title in titles.values())


@IN_BOTH_LANGUAGES
def test_a_page_where_something_went_wrong_can_be_used_by_everybody(visits: Callable[..., Visit], lang: str) -> None:
    visit = visits(lang)
    problems = []

    visit.goto("check/").press("begin")  # nobody chosen
    assert visit.page.get_by_text(visit.word("wrong")).is_visible()
    problems += looked_at(visit)

    visit.begin().press("on")  # a list of which everything is left alone
    assert visit.page.get_by_text(visit.word("rest")).is_visible()
    problems += looked_at(visit)
    visit.press("rest_no")

    for _ in steps_on(visit, PLAIN):  # of each kind of question: sent empty, or with what cannot be
        if visit.has_chart:
            for place in ("low_back", "no_pain"):
                visit.pick(visit.page.locator("main .places"), visit.word(place))
        elif visit.page.get_by_role("textbox").count():
            visit.page.get_by_role("textbox").fill("-3")
        visit.press("on")
        if visit.page.get_by_text(visit.word("wrong")).count():
            problems += looked_at_once(visit)
        elif visit.page.get_by_text(visit.word("rest")).count():
            visit.press("rest_no")
    assert not problems


def steps_on(visit: Visit, person: Person) -> Iterator[None]:
    """The pages of a check that is under way; each is answered as this person would, unless it was answered already."""
    for _ in range(MOST_PAGES):
        if not visit.asks:
            return
        number = visit.path
        yield
        if visit.path == number:
            visit.goto(number.split("/", 2)[2])
            visit.answer(person)
    raise AssertionError("a check without an end")


@IN_BOTH_LANGUAGES
def test_a_page_of_yesterday_and_a_question_that_changed_say_so_to_everybody(
    visits: Callable[..., Visit], lang: str
) -> None:
    visit = visits(lang).begin()
    visit.answer(PLAIN)
    other = visit.page
    visit.page = visit.context.new_page()
    visit.goto("check/1/")
    visit.answer(CAUDA)  # in a second window: what follows is asked anew
    visit.press("more")
    visit.page = other
    visit.answer(PLAIN)
    assert visit.heading == visit.word("changed")
    problems = looked_at(visit)

    visit.begin()
    visit.fill_in(PLAIN)
    visit.context.clear_cookies()
    visit.press("on")
    assert visit.heading == visit.word("too_old")
    problems += looked_at(visit)
    assert not problems


def test_in_the_dark_every_kind_of_page_can_be_read(visits: Callable[..., Visit]) -> None:
    visit = visits("nl", color_scheme="dark")
    problems, kinds = [], set()

    def look() -> None:
        problems.extend(f"{visit.path}: {wrong}" for wrong in judged(visit.page, "color-contrast"))

    for path in (
        "",
        "check/",
        "leaflets/",
        f"leaflets/{next(iter(LEAFLETS))}/",
        "country/",
        "country/run/",
        "nothing-here/",
    ):
        visit.goto(path)
        look()
    for _ in steps(visit, HERNIA):
        kind = visit.has_chart, *sorted({finding.kind for finding in visit.questions()}), len(visit.questions()) > 1
        if kind not in kinds:
            look()
        kinds.add(kind)
    look()
    visit.follow("advice")
    look()
    visit.begin().press("on")
    look()
    visit.fill_in(CAUDA)
    visit.press("rest_no")
    assert visit.interrupted
    look()
    visit.follow("all_advice")
    look()
    assert not problems
    assert len(kinds) == 5  # a list, yes or no, choices, a number, the body chart


# Enlarged, by keyboard, without JavaScript


@pytest.mark.control("C-60")
@IN_BOTH_LANGUAGES
def test_enlarged_to_200_percent_nothing_is_out_of_reach(visits: Callable[..., Visit], lang: str) -> None:
    visit = visits(lang, width=WIDE // 2, height=400, device_scale_factor=2)
    problems = []

    def look() -> None:
        if scrolls_sideways(visit.page):
            problems.append(f"{visit.path} scrolls sideways")
        for one in visit.page.locator("main :is(button, a.nhsuk-button):visible").all():
            one.scroll_into_view_if_needed()
            one.click(trial=True)  # fails where something lies over it

    look()
    for _ in steps(visit, HERNIA):
        look()
    look()
    visit.follow("advice")
    look()
    visit.begin()
    visit.answer(CAUDA)
    assert visit.interrupted
    look()
    assert not problems


LOOK_OF_FOCUS = """(one) => {
    const around = [one, one.closest('label'), one.closest('.answer'), one.nextElementSibling, one.parentElement];
    const parts = around.filter(Boolean).flatMap(it => [null, '::before', '::after'].map(part => {
        const style = getComputedStyle(it, part);
        return [style.outline, style.boxShadow, style.backgroundColor, style.borderColor, style.borderWidth];
    }));
    return JSON.stringify(parts);
}"""
HAS_FOCUS = """() => {
    const one = document.activeElement;
    const group = one.closest('fieldset');
    const words = one.matches('input') ? [...(one.labels || [])].map(it => it.innerText).join(' ') : one.innerText;
    return {
        tag: one.tagName, type: one.type || '', words, checked: !!one.checked,
        group: group?.querySelector('legend')?.innerText || '',
    };
}"""


class Keys:
    """A visitor without a mouse. Each time that the focus moves on, it must have been seen where it was."""

    def __init__(self, visit: Visit) -> None:
        self.visit, self.page = visit, visit.page
        self.unseen: list[str] = []

    def tab(self) -> dict[str, Any]:
        before = self.page.evaluate_handle("document.activeElement")
        focused = before.evaluate(LOOK_OF_FOCUS)
        self.page.keyboard.press("Tab")
        if focused == before.evaluate(LOOK_OF_FOCUS) and before.evaluate("it => it.matches('a, button, input')"):
            self.unseen.append(f"{self.visit.path}: {before.evaluate('it => it.outerHTML')[:120]}")
        return self.at()

    def at(self) -> dict[str, Any]:
        found: dict[str, Any] = self.page.evaluate(HAS_FOCUS)
        return found | {"words": plain(found["words"]), "group": plain(found["group"])}

    def to(self, words: str, group: str | None = None) -> None:
        """Tabs until the focus is on what has these words."""
        found = self.at()
        for _ in range(120):
            if found["words"] == words and (group is None or found["group"] == group):
                return
            found = self.tab()
        raise AssertionError(f"no way by keyboard to {words} on {self.visit.path}")

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)

    def enter(self, words: str) -> None:
        self.to(words)
        with self.page.expect_navigation():
            self.press("Enter")


@pytest.mark.control("C-60")
def test_somebody_without_a_mouse_comes_from_the_start_page_to_the_advice(visits: Callable[..., Visit]) -> None:
    visit = visits("nl").goto()
    keys, page = Keys(visit), visit.page

    assert keys.tab()["words"] == visit.word("skip")
    box = page.get_by_role("link", name=visit.word("skip")).bounding_box()
    assert box
    assert min(box["x"], box["y"]) >= 0, "the skip link is not seen when it has the focus"
    keys.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"

    keys.enter(visit.word("start"))
    keys.to(visit.word("me"))
    keys.press("Space")
    keys.enter(visit.word("begin"))

    for finding, group in list(visit.questions().items()):  # the first list, point by point
        legend = plain(group.locator("legend").inner_text())
        keys.to(visit.word("yes"), legend)
        keys.press("Space")
        keys.press("ArrowRight")
        assert keys.at()["words"] == visit.word("no"), finding.id
        assert keys.at()["checked"]
    keys.enter(visit.word("on"))

    for _ in range(MOST_PAGES):
        if not visit.asks:
            break
        if visit.has_chart:
            keys.to(visit.word("low_back"))
            keys.press("Space")
            keys.enter(visit.word("on"))
            keys.enter(visit.word("rest_no"))
        elif visit.page.get_by_role("textbox").count():
            self_test_of_the_error_summary(visit, keys)
            page.keyboard.type("40")
            if page.get_by_label(visit.word("days"), exact=True).count():
                keys.to(visit.word("days"))
                keys.press("Space")
            keys.enter(visit.word("on"))
        else:
            keys.enter(visit.word("none"))
    assert visit.heading == visit.word("answers")
    keys.enter(visit.word("advice"))
    assert visit.page.locator(".card h2").is_visible()
    for _ in range(20):
        keys.tab()
    assert not keys.unseen


def self_test_of_the_error_summary(visit: Visit, keys: Keys) -> None:
    """Sent without an answer, the page opens with the focus on what is wrong; from there a link leads to the field."""
    keys.enter(visit.word("on"))
    assert visit.page.evaluate("document.activeElement.getAttribute('role')") == "alert"
    assert keys.tab()["tag"] == "A"
    keys.press("Enter")
    assert keys.at()["tag"] == "INPUT"
    assert keys.at()["type"] == "text"


@IN_BOTH_LANGUAGES
def test_without_javascript_the_whole_way_works_with_drawing_paper_and_erasing(
    visits: Callable[..., Visit], lang: str
) -> None:
    visit = to_result(visits(lang, java_script_enabled=False), HERNIA)
    assert visit.page.locator(".card h2").inner_text() == headline(decide(visit.told, lang), lang)
    assert visit.download("pdf").startswith(b"%PDF")
    visit.press("erase")
    assert visit.heading == visit.word("erased")
    visit.goto("check/result/")
    assert visit.page.get_by_role("button", name=visit.word("begin"), exact=True).is_visible(), "it was not erased"


def test_touching_the_drawing_is_pointing_and_the_list_says_what_was_touched(visits: Callable[..., Visit]) -> None:
    for width in (WIDE, NARROW):
        visit = visits("nl", width=width, java_script_enabled=False)
        for _ in steps(visit, PLAIN):
            if visit.asks and visit.has_chart:
                break
        drawn = visit.page.locator(".places__drawing label")
        assert drawn.count() == 10
        for n in range(drawn.count()):
            label = drawn.nth(n)
            box = label.locator(".place__touch, .place__area").first
            where = visit.page.locator(f"#{label.get_attribute('for')}")
            before = where.is_checked()
            visit.page.mouse.click(*inside(box))
            assert where.is_checked() is not before, f"{label.get_attribute('for')} at {width} pixels"


def inside(shape: Any) -> tuple[float, float]:
    """A point on the screen that lies within this shape."""
    shape.scroll_into_view_if_needed()
    found = shape.evaluate(
        """(it) => {
            const box = it.getBBox(), screen = it.getScreenCTM();
            for (let step = 1; step < 400; step++) {
                const at = new DOMPoint(box.x + box.width * ((step * 0.618) % 1), box.y + box.height * step / 400);
                if (it.isPointInFill(at)) {
                    const seen = at.matrixTransform(screen);
                    const top = document.elementFromPoint(seen.x, seen.y);
                    if (top && top.closest('label') === it.closest('label')) return [seen.x, seen.y];
                }
            }
            return null;
        }"""
    )
    assert found, "nowhere to touch this place"
    return found[0], found[1]


# Alarms


def smallest_answers() -> Iterator[tuple[str, list[Literal]]]:
    """For each hard alarm of today or now the smallest sets of a patient's answers that make it that urgent."""
    here = ready("current")
    for rule in here.alarms:
        if rule.rule.tier is not Tier.HARD or rule.rule.urgency < Urgency.SAME_DAY:
            continue
        found = [here.alphabet.literals_in(bits) for bits in rule.implicants]
        mine = [one for one in found if all(literal.finding.who != CLINICIAN for literal in one)]
        least = [one for one in mine if all(urgency(without(one, part)) < rule.rule.urgency for part in one)]
        for one in sorted(least or mine, key=len):
            yield rule.rule.id, one


def without(literals: list[Literal], part: Literal) -> list[Literal]:
    return [one for one in literals if one is not part]


def urgency(literals: list[Literal]) -> Urgency:
    return decide(filled(Case(on=date.today(), answered_by="patient"), literals)).urgency


def alarms() -> list[Any]:
    """One way to each alarm, and each that is a single answer; with RUG_CHECK=whole all ways."""
    listed, seen = [], set()
    for alarm, literals in smallest_answers():
        if WHOLE or alarm not in seen or len(literals) == 1:
            answers = dict(filled(Case(on=date.today()), literals).answers)
            listed.append(pytest.param(alarm, answers, id=f"{alarm}: {' + '.join(answers)}"))
        seen.add(alarm)
    return listed


GOES_ALONG = {
    "pain_uncontrolled_despite_opioid": {"opioid_current": True, "pain_unbearable": True},
    "spinal_procedure_days_ago": {"recent_spinal_or_urological_procedure": True},
}
"""Who tells the one has told the others: nobody contradicts themselves here."""


@pytest.mark.parametrize(("alarm", "answers"), alarms())
def test_what_cannot_wait_is_said_within_two_pages_of_the_answer(
    visits: Callable[..., Visit], alarm: str, answers: dict[str, Any]
) -> None:
    wanted = next(rule.rule.urgency for rule in ready("current").alarms if rule.rule.id == alarm)
    headlines = {
        sentence(word(f"urgency.{one}.headline", "nl")) for one in Urgency if one >= max(wanted, Urgency.SAME_DAY)
    }
    along = {id: value for sign, others in GOES_ALONG.items() if sign in answers for id, value in others.items()}
    person = Person(alarm, {"age_years": 40, "duration_days": (10, "days"), "course": "same"} | along | answers)
    visit = visits("nl").begin()
    told: set[str] = {"low_back_pain"}  # everybody here points there
    pages_after = 0
    while not (visit.interrupted and visit.page.locator(".card h2").inner_text() in headlines):
        if told.issuperset(answers):
            pages_after += 1
            assert pages_after <= 2
        assert visit.asks or visit.interrupted, f"no alarm on the way: {visit.addresses}"
        if visit.interrupted:
            visit.press("more")
        else:
            told |= answer_quickly(visit, person)
    assert visit.page.locator("main a[href='tel:112']").is_visible()


def answer_quickly(visit: Visit, person: Person) -> set[str]:
    """As ``Visit.answer``; but a list of which nothing is so is denied with one button."""
    asked = {finding.id for finding in visit.questions()}
    if len(asked) > 1 and not any(person.has.get(id) for id in asked) and not visit.has_chart:
        visit.press("none")
        return asked
    return visit.answer(person)


@pytest.mark.parametrize(
    "sign",
    [
        {"age_years": 76, "sex_at_birth": "male"},
        {"night_pain": True},
        {"weight_loss_unexplained": True},
        {"osteoporosis_known": True},
    ],
    ids=lambda sign: next(iter(sign)),
)
def test_a_single_soft_sign_does_not_interrupt(visits: Callable[..., Visit], sign: dict[str, Any]) -> None:
    person = Person("soft", PLAIN.has | {"course": "same"} | sign)
    visit = visits("nl")
    for _ in steps(visit, person):
        assert not visit.interrupted


# What is kept, and where


def test_reading_leaves_no_cookie_and_answering_leaves_one(visits: Callable[..., Visit]) -> None:
    visit = visits("nl")
    for path in ("", "leaflets/", "country/", "country/run/", "about/", "privacy/", "nothing-here/"):
        visit.goto(path)
        assert not visit.context.cookies(), path
    to_result(visit, PLAIN)
    assert len(visit.context.cookies()) == 1
    visit.press("erase")
    assert not visit.context.cookies()


@pytest.mark.parametrize(
    ("path", "fine"),
    [
        ("/nl/check/4/", True),
        ("/en/check/answers/", True),
        ("/nl/check/result-a4.pdf", True),
        ("/nl/check/result/#source-3", True),
        ("/nl/country/run/?option=current%2Fas_now&option=&years=900&people=10000", True),
        ("/nl/country/run/?age=40", False),
        ("/nl/check/4/?age=40", False),
        ("/nl/check/saddle_numbness/", False),
        ("/nl/check/4/#age_years", False),
    ],
)
def test_an_address_that_tells_of_anybody_is_noticed(path: str, fine: bool) -> None:
    assert says_nothing("http://localhost", f"http://localhost{path}") is fine


# Going back, changing, printing


FILLED_IN = """() => [...document.querySelectorAll('main input:not([type=hidden])')].map(
    it => [it.labels[0]?.innerText, it.type === 'text' ? it.value : it.checked])"""


def test_going_back_and_loading_again_keep_every_answer(visits: Callable[..., Visit]) -> None:
    visit = visits("nl")
    page = visit.page
    for _ in steps(visit, PLAIN):
        filled_in_at = page.url
        told = page.evaluate(FILLED_IN)
        visit.press("on")
        came_to = page.url
        page.go_back()
        assert page.url == filled_in_at
        assert page.evaluate(FILLED_IN) == told
        page.reload()
        assert page.evaluate(FILLED_IN) == told
        page.go_forward()
        assert page.url == came_to
        visit.goto(filled_in_at.split("/", 4)[4])


def rows(visit: Visit) -> dict[str, str]:
    keys = visit.page.locator("main dt").all_inner_texts()
    return dict(zip(keys, visit.page.locator("main dd.nhsuk-summary-list__value").all_inner_texts(), strict=True))


@IN_BOTH_LANGUAGES
def test_who_changes_one_answer_comes_back_to_all_answers_with_the_rest_kept(
    visits: Callable[..., Visit], lang: str
) -> None:
    visit = to_answers(visits(lang), PLAIN)
    before = rows(visit)
    age = text("findings", "age_years", "question", lang)
    with visit.page.expect_navigation():
        visit.page.get_by_role("link", name=f"{visit.word('change')} {age}", exact=True).click()
    assert visit.page.get_by_role("textbox").input_value() == "40"
    visit.page.get_by_role("textbox").fill("44")
    visit.press("on")
    assert visit.heading == visit.word("answers")
    after = rows(visit)
    assert [key for key in before if before[key] != after.get(key)] == [age]
    assert "44" in after[age]
    assert before.keys() == after.keys()


@IN_BOTH_LANGUAGES
def test_on_paper_what_is_folded_on_the_screen_can_be_read_and_no_menu(
    visits: Callable[..., Visit], tmp_path: Path, lang: str
) -> None:
    reader = shutil.which("pdftotext")
    if reader is None:
        pytest.skip("pdftotext is not here: sudo apt-get install poppler-utils")
    visit = to_result(visits(lang), PLAIN)
    folded = visit.page.locator("main details p").all_text_contents()
    assert folded
    paper = tmp_path / "result.pdf"
    visit.page.pdf(path=str(paper), format="A4")
    printed = subprocess.run([reader, str(paper), "-"], capture_output=True, text=True, check=True).stdout
    for one in folded:
        assert letters(one) in letters(printed), one
    menu = "header nav, .header__language, footer p, footer ul, .nhsuk-skip-link, .nhsuk-back-link"
    for one in visit.page.locator(menu).all_text_contents():
        assert letters(one) not in letters(printed), one


def letters(text: str) -> str:
    """Without spaces and hyphens: where a line ends is the paper's choice."""
    return re.sub(r"[\s\u00ad\u2010-]", "", text)
