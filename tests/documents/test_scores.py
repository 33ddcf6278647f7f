"""Somebody's own scores: less pain is lower, days count from the onset, and a group is shown on its own days only."""

from __future__ import annotations

from datetime import date, timedelta
from xml.etree import ElementTree

import pytest

from ruggespraak.course import expected
from ruggespraak.documents.scores import SCORED, course_plot, course_table
from ruggespraak.documents.svg import COLOURS
from ruggespraak.pathway.texts import LANGUAGES, long_date, text

SVG = "{http://www.w3.org/2000/svg}"
TODAY = date(2026, 3, 6)
ONSET = TODAY - timedelta(days=50)
(BAND,) = (curve for curve in expected("nonspecific") if curve.id == "curve_menez_mean_pain_new")
in_each_language = pytest.mark.parametrize("lang", LANGUAGES)


def on(day: int) -> date:
    return ONSET + timedelta(days=day)


PAIN = {"pain_back_nrs": [(on(3), 7), (on(28), 4.5), (on(45), 3)]}


def drawing(picture) -> ElementTree.Element:
    return ElementTree.fromstring(picture.svg)


def own_dots(picture) -> list[tuple[float, float]]:
    """The own scores; the key has one too, above them, when a group is drawn."""
    found = [
        (float(one.get("cx", "")), float(one.get("cy", "")))
        for one in drawing(picture).iter(f"{SVG}circle")
        if one.get("class") == "accent"
    ]
    return found[1:] if any(one.get("class") == "mark" for one in drawing(picture).iter()) else found


def bars(picture) -> list[ElementTree.Element]:
    return [one for one in drawing(picture).iter(f"{SVG}rect") if one.get("class") == "mark"][
        1:
    ]  # the first is the key


@pytest.mark.parametrize("finding", ["pain_back_nrs", "pain_leg_nrs"])
def test_less_pain_is_always_lower_and_later_is_always_further_to_the_right(finding):
    dots = own_dots(course_plot({finding: PAIN["pain_back_nrs"]}, ONSET, TODAY, "nl"))
    assert [x for x, _ in dots] == sorted(x for x, _ in dots)
    assert [y for _, y in dots] == sorted(y for _, y in dots)


def test_being_able_to_do_more_is_higher():
    (_, first), (_, last) = own_dots(course_plot({"activity_score": [(on(3), 2), (on(45), 8)]}, ONSET, TODAY, "nl"))
    assert last < first


def test_the_group_stands_on_its_own_days_with_its_intervals_and_nothing_between():
    picture = course_plot(PAIN, ONSET, TODAY, "nl", BAND)
    passed_and_next = [point for point in BAND.points if point.day <= 182]
    assert len(bars(picture)) == len(passed_and_next) == 3
    level = {one.text: float(one.get("y", "")) - 4.5 for one in drawing(picture).iter(f"{SVG}text")}
    for bar, point in zip(bars(picture), passed_and_next, strict=True):
        height = (level["0"] - level["10"]) * (point.high - point.low)
        assert float(bar.get("height", "")) == pytest.approx(height, abs=0.2)
        top = level["0"] - (level["0"] - level["10"]) * point.high
        assert float(bar.get("y", "")) == pytest.approx(top, abs=0.2)
    lines = [one for one in drawing(picture).iter(f"{SVG}line") if one.get("class") == "mark"]
    assert all(float(one.get("x2", "")) - float(one.get("x1", "")) == pytest.approx(18, abs=0.2) for one in lines)
    assert not any(one.get("class") == "mark" for one in drawing(picture).iter(f"{SVG}path"))


@pytest.mark.parametrize("finding", ["pain_leg_nrs", "activity_score"])
def test_no_group_stands_beside_a_score_of_which_no_source_has_one(finding):
    picture = course_plot({finding: PAIN["pain_back_nrs"]}, ONSET, TODAY, "nl", BAND)
    assert "mark" not in {one.get("class") for one in drawing(picture).iter()}
    assert text("letters", "scores_plot", "people", "nl") not in picture.caption


def test_without_an_onset_days_count_from_the_first_score_and_no_group_is_drawn():
    picture = course_plot(PAIN, None, TODAY, "nl", BAND)
    assert "mark" not in {one.get("class") for one in drawing(picture).iter()}
    assert "We tellen vanaf uw eerste cijfer" in picture.caption


@in_each_language
def test_today_is_marked_in_every_plot(lang):
    picture = course_plot({**PAIN, "activity_score": [(on(3), 2)]}, ONSET, TODAY, lang)
    today = [
        one for one in drawing(picture).iter(f"{SVG}text") if one.text == text("letters", "scores_plot", "today", lang)
    ]
    assert len(today) == 2
    x = {float(one.get("x", "")) for one in today}
    assert len(x) == 1
    assert x.pop() > max(x for x, _ in own_dots(picture))


@in_each_language
def test_the_words_tell_all_that_is_drawn_and_which_way_is_better(lang):
    picture = course_plot({**PAIN, "activity_score": [(on(3), 2), (on(45), 7)]}, ONSET, TODAY, lang, BAND)
    for day in (3, 28, 45):
        assert long_date(on(day), lang) in picture.alt
    assert {"nl": "4,5 op", "en": "4.5 on"}[lang] in picture.alt
    assert {"nl": "2,3 na 6 weken (tussen 2,1 en 2,5)", "en": "2.3 after 6 weeks (between 2.1 and 2.5)"}[
        lang
    ] in picture.alt
    for part in ("pain", "doing"):
        assert text("letters", "scores_plot", part, lang) in picture.alt
        assert text("letters", "scores_plot", part, lang) in picture.caption
    assert text("letters", "scores_plot", "between", lang) in picture.caption
    assert text("letters", "scores_plot", "people", lang) in picture.caption


@pytest.mark.parametrize("days", [0, 1, 14, 50, 200, 400, 3000, 20000])
def test_it_can_be_drawn_on_the_first_day_and_after_many_years(days):
    last = ONSET + timedelta(days=days)
    picture = course_plot({"pain_back_nrs": [(ONSET, 8), (last, 0)]}, ONSET, last, "nl", BAND)
    assert all(20 <= x <= 330 for x, _ in own_dots(picture))
    for one in drawing(picture).iter():
        for part in ("fill", "stroke"):
            if one.get(part) not in (None, "none"):
                assert one.get(part) == COLOURS[one.get("class", "")]


def test_who_gave_no_score_has_no_drawing_and_a_stranger_among_the_scores_is_named():
    with pytest.raises(ValueError, match="no scores to draw"):
        course_plot({"pain_back_nrs": []}, ONSET, TODAY, "nl")
    with pytest.raises(ValueError, match="no score 'fever_c': choose from pain_back_nrs"):
        course_plot({"fever_c": [(ONSET, 38)]}, ONSET, TODAY, "nl")


@in_each_language
def test_the_table_has_every_score_the_newest_first_and_none_of_tomorrow(lang):
    scores = {**PAIN, "activity_score": [(on(3), 2), (on(60), 9)]}
    rows = course_table(scores, ONSET, TODAY, lang).rows
    assert [row[0] for row in rows] == [long_date(on(day), lang) for day in (45, 28, 3, 3)]
    assert {row[3] for row in rows} == {"7", {"nl": "4,5", "en": "4.5"}[lang], "3", "2"}
    assert rows[0][1] == {"nl": "6 weken", "en": "6 weeks"}[lang]
    assert course_table({}, ONSET, TODAY, lang).rows == ()


@in_each_language
@pytest.mark.parametrize("finding", SCORED)
def test_every_score_has_its_name_and_both_ends_in_words(finding, lang):
    picture = course_plot({finding: [(on(3), 5)]}, ONSET, TODAY, lang)
    shown = " ".join(one.text or "" for one in drawing(picture).iter(f"{SVG}text"))
    assert all(text("letters", f"scores_{finding}", part, lang) in shown for part in ("name", "high", "low"))
