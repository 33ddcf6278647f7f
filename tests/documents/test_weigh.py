"""Wait or surgery: both options with the same denominator, one outcome a picture, and never beside an alarm."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from xml.etree import ElementTree

import pytest
from words_on_paper import words_of

from ruggespraak.consult import Case, decide
from ruggespraak.course import expected
from ruggespraak.documents.content import Document, Picture
from ruggespraak.documents.pdf import pdf
from ruggespraak.documents.pictures import moment
from ruggespraak.documents.weigh import (
    HALF,
    OPERATED,
    OPTIONS,
    SITTING,
    TRIAL,
    YEAR,
    Pair,
    half_picture,
    pair_picture,
    said,
    weigh_surgery,
)
from ruggespraak.pathway.numbers import WEIGH_SURGERY_FROM
from ruggespraak.pathway.rules import Status
from ruggespraak.pathway.texts import LANGUAGES, text

SVG = "{http://www.w3.org/2000/svg}"
ON = date(2026, 1, 15)
DENIED = dict.fromkeys(
    ("saddle_numbness", "urinary_retention", "urinary_incontinence_new", "faecal_incontinence_new", "foot_drop",
     "weak_leg_reported", "weakness_progressive"), False,
)  # fmt: skip
HERNIA = {
    "low_back_pain": True, "leg_pain": True, "leg_pain_below_knee": True, "leg_worse_than_back": True,
    "cough_sneeze_strain": True, "duration_days": 49, "relief_sufficient": False, **DENIED,
}  # fmt: skip
PAIRS = (HALF, YEAR, OPERATED)
in_each_language = pytest.mark.parametrize("lang", LANGUAGES)
of_each_pair = pytest.mark.parametrize("pair", PAIRS, ids=lambda one: one.id)


def page(lang="nl", **answers) -> Document:
    one = Case(on=ON, answers={**HERNIA, **answers})
    return weigh_surgery(one, decide(one, lang), lang)


def drawn(pair: Pair, lang: str) -> Picture:
    return half_picture(pair, lang) if pair is HALF else pair_picture(pair, lang)


def figures(words: str) -> list[int]:
    return [int(found) for found in re.findall(r"\d+", words)]


def many(pair: Pair, option: str) -> int:
    return round(pair.of(option).fraction * 100)


# -- the figures -----------------------------------------------------------------------------------------------------


def test_the_people_who_waited_are_those_of_the_expected_course():
    (curve,) = (one for one in expected("radicular") if one.id == "curve_peul07_recovered")
    for pair, point in zip((HALF, YEAR), curve.points, strict=True):
        wait = pair.wait
        assert (wait.day, wait.fraction, wait.n, wait.status) == (point.day, point.fraction, point.n, point.status)


def test_figures_of_the_trial_are_those_of_the_evidence():
    assert TRIAL == {"wait": 142, "surgery": 141}
    assert [(many(pair, "wait"), many(pair, "surgery")) for pair in PAIRS] == [(50, 50), (95, 95), (39, 89)]
    assert (HALF.wait.day, HALF.surgery.day) == (12 * 7, 4 * 7)
    assert HALF.status is Status.REPORTED
    assert SITTING == {"worse": (2.2, 1.7, 3.0), "not_worse": (1.3, 0.8, 2.2)}


@in_each_language
@pytest.mark.parametrize("pair", [YEAR, OPERATED], ids=lambda one: one.id)
def test_as_many_are_filled_of_a_hundred_for_each_option_as_the_trial_counted(pair, lang):
    groups = [
        one
        for one in ElementTree.fromstring(pair_picture(pair, lang).svg).iter(f"{SVG}g")
        if (one.get("class") or "").startswith("people ")
    ]
    assert [one.get("class") for one in groups] == ["people wait", "people surgery"]
    for option, group in zip(OPTIONS, groups, strict=True):
        count = Counter("filled" if one.get("fill") else "open" for one in group)
        assert count == Counter(filled=many(pair, option), open=100 - many(pair, option))


def test_the_bar_of_waiting_is_three_times_as_long_as_that_of_surgery():
    bars = [
        float(one.get("width", ""))
        for one in ElementTree.fromstring(half_picture(HALF, "nl").svg).iter(f"{SVG}rect")
        if one.get("class") == "mark"
    ]
    assert bars[0] == pytest.approx(3 * bars[1], abs=0.2)


# The eight items of IPDAS on probabilities, for a pair of options.


def gives_the_probability(pair, lang):
    return all(many(pair, option) in figures(said(pair, lang)["number"]) for option in OPTIONS)


def names_the_group(pair, lang):
    return {"nl": "groepen in Nederland", "en": "groups in the Netherlands"}[lang] in said(pair, lang)["group"]


def gives_natural_frequencies(pair, lang):
    of = {"nl": "van de 100 mensen", "en": "of 100 people"}[lang]
    return said(pair, lang)["number"].count(of) == 2 and "%" not in " ".join(said(pair, lang).values())


def names_the_time(pair, lang):
    number, counted = said(pair, lang)["number"], text("pictures", "counted_trial", "says", lang)
    return (
        all(moment(pair.of(option).day, lang) in number for option in OPTIONS)
        and said(pair, lang)["counted"] == counted
    )


def keeps_denominator_and_period(pair, lang):
    """Both options in parts of 100; on the same day, but where the day itself is what differs."""
    return figures(said(pair, lang)["number"]).count(100) == 4 and (pair is HALF or pair.wait.day == pair.surgery.day)


def says_how_sure(pair, lang):
    sure = said(pair, lang)["sure"]
    if pair is HALF:
        return text("recovery", "curve_no_spread", "says", lang) in sure and not figures(sure)
    bounds = [round(part * 100) for option in OPTIONS for part in (pair.of(option).low, pair.of(option).high)]
    return [figure for figure in figures(sure) if figure != 100] == bounds


def gives_more_than_one_view(pair, lang):
    shown = "".join(one.text or "" for one in ElementTree.fromstring(drawn(pair, lang).svg).iter(f"{SVG}text"))
    share = {"nl": "de helft", "en": "half"}[lang]
    return all(str(many(pair, option)) in shown for option in OPTIONS) and share in said(pair, lang)["number"]


def is_balanced(pair, lang):
    """Of each option those who did and those who did not; waiting first, as everywhere on the page; no promise."""
    number = said(pair, lang)["number"]
    rest = all(100 - many(pair, option) in figures(number) for option in OPTIONS)
    order = [number.index(text("letters", "weigh_picture", option, lang)) for option in OPTIONS]
    return (
        rest
        and order == sorted(order)
        and {"nl": "geen belofte", "en": "no promise"}[lang] in said(pair, lang)["group"]
    )


IPDAS = (
    gives_the_probability, names_the_group, gives_natural_frequencies, names_the_time, keeps_denominator_and_period,
    says_how_sure, gives_more_than_one_view, is_balanced,
)  # fmt: skip


@in_each_language
@of_each_pair
@pytest.mark.parametrize("item", IPDAS, ids=lambda item: item.__name__)
def test_every_figure_for_the_choice_passes_the_eight_items_for_decision_aids(item, pair, lang):
    assert item(pair, lang)


@in_each_language
@of_each_pair
def test_all_of_that_stands_below_the_picture_and_the_number_also_in_its_words(pair, lang):
    picture = drawn(pair, lang)
    assert all(words in picture.caption for words in said(pair, lang).values())
    assert said(pair, lang)["number"] in picture.alt
    assert text("letters", f"weigh_{pair.id}", "outcome", lang) in picture.alt


@of_each_pair
def test_the_median_is_marked_as_second_hand_and_the_counts_as_read(pair):
    marks = {block.id: block.mark for block in page().blocks() if isinstance(block, Picture)}
    assert marks[f"weigh_{pair.id}"].status is (Status.REPORTED if pair is HALF else Status.READ)


# -- the page --------------------------------------------------------------------------------------------------------


def test_nobody_without_a_radicular_complaint_weighs_an_operation():
    one = Case(on=ON, answers={"low_back_pain": True, "leg_pain": False, **DENIED})
    with pytest.raises(ValueError, match="no surgery to weigh: the complaint is nonspecific"):
        weigh_surgery(one, decide(one), "nl")


@in_each_language
def test_the_page_has_the_choice_who_must_go_at_once_the_figures_and_room_for_what_matters(lang):
    document = page(lang)
    ids = [section.id for section in document.sections]
    assert ids == ["choice", "at_once", "figures", "sitting", "harm", "talk", "to_take_along"]
    assert document.card is None
    no_difference = {"nl": "Na een jaar was er geen verschil", "en": "After a year there was no difference"}[lang]
    assert no_difference in words_of(document)
    assert pdf(document).startswith(b"%PDF")


@in_each_language
def test_both_options_get_about_as_many_words(lang):
    wait, surgery = (len(text("letters", "weigh_choice", f"{option}_is", lang).split()) for option in OPTIONS)
    assert abs(wait - surgery) <= 5


@in_each_language
@pytest.mark.parametrize(("answer", "own"), [(True, "yes"), (False, "no"), (None, "unknown")])
def test_whether_sitting_hurts_more_is_the_patients_own_answer_or_not_known(answer, own, lang):
    answers = {} if answer is None else {"pain_worse_sitting": answer}
    others = {"yes", "no", "unknown"} - {own}
    words = words_of(page(lang, **answers))
    assert text("letters", "weigh_sitting", own, lang) in words
    assert all(text("letters", "weigh_sitting", other, lang) not in words for other in others)


@in_each_language
def test_what_can_go_wrong_has_only_sourced_figures_and_says_what_is_not_there(lang):
    words = text("letters", "weigh_harm", "problems", lang) + text("letters", "weigh_harm", "again", lang)
    assert sorted(re.findall(r"\d+(?:[.,]\d+)*", words.replace(",", "."))) == sorted(
        ["1.6", "100", "4", "100", "6.895", "7.3", "100"]
    )
    assert text("letters", "weigh_harm", "ask", lang) in words_of(page(lang))


@in_each_language
def test_the_six_weeks_of_the_page_are_those_of_the_pathway(lang):
    weeks = {6: {"nl": "zes", "en": "six"}}[int(WEIGH_SURGERY_FROM / 7)][lang]
    assert all(f"{weeks} " in text("letters", "weigh_choice", part, lang) for part in ("both", "early"))


def test_before_six_weeks_the_page_says_that_the_choice_mostly_comes_later():
    early = text("letters", "weigh_choice", "early", "nl")
    assert early in words_of(page(duration_days=20))
    assert early not in words_of(page(duration_days=42))


@pytest.mark.parametrize("alarm", [{"saddle_numbness": True}, {"mrc_ankle_dorsiflexion": 3}])
def test_who_must_go_at_once_sees_no_choice_and_no_figure(alarm):
    document = page(**alarm)
    assert document.card.level in ("emergency", "same_day")
    assert [section.id for section in document.sections] == ["at_once"]
    assert not any(isinstance(block, Picture) for block in document.blocks())
    listed = {source.number for source in document.sources}
    assert {
        number for block in document.blocks() if getattr(block, "mark", None) for number in block.mark.numbers
    } == listed
