"""The pictures of a result: as many people as the source counted, nothing promised, readable by everybody."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from readability import glossary, rare_words
from ruggespraak.consult import decide, read_case
from ruggespraak.course import expected
from ruggespraak.course.recovery import Curve, Point
from ruggespraak.documents.content import Block, Paragraph, Part, Picture
from ruggespraak.documents.pictures import (
    MILESTONES,
    Stop,
    along,
    chance,
    how_long,
    icon_array,
    milestones,
    moment,
    recovery_curves,
    recovery_table,
    road,
)
from ruggespraak.documents.prognosis import DRAWN, expectations
from ruggespraak.documents.sources import Sources
from ruggespraak.documents.svg import BOLD_LETTER, COLOURS, LETTER
from ruggespraak.pathway.editions import EDITIONS
from ruggespraak.pathway.rules import Complaint, Urgency
from ruggespraak.pathway.texts import LANGUAGES, table, text

SVG = "{http://www.w3.org/2000/svg}"
DURATIONS = (None, 0.5, 1, 3, 14, 23, 49, 84, 200, 365, 1000, 20000)
CURVES = {curve.id: curve for complaint in Complaint for edition in EDITIONS for curve in expected(complaint, edition)}
POINTS = [(curve, point) for curve in CURVES.values() if curve.measure == "people" for point in curve.points]
SCALES = [curve for curve in CURVES.values() if curve.measure != "people"]

every_point = pytest.mark.parametrize(("curve", "point"), POINTS, ids=lambda one: getattr(one, "id", None))
in_each_language = pytest.mark.parametrize("lang", LANGUAGES)


def stops(day: float | None, lang: str, ahead: int = 14) -> tuple[Stop, ...]:
    if day is None:
        return milestones(lang)
    name = text("pictures", "road", "next", lang)
    return (*milestones(lang), Stop(day + ahead, name, "woensdag\n30 september", own=True))


def every_picture(lang: str) -> list[Picture]:
    roads = [road(day, stops(day, lang), lang) for day in DURATIONS]
    arrays = [icon_array(curve, point, lang) for curve, point in POINTS]
    plots = [
        plot
        for complaint in DRAWN
        for edition in EDITIONS
        for day in DURATIONS
        for plot in plots_of(expected(complaint, edition), day, lang)
    ]
    return [*roads, *arrays, *plots]


def plots_of(curves: Iterable[Curve], day: float | None, lang: str) -> list[Picture]:
    return [picture for picture, _ in recovery_curves(list(curves), day, lang)]


PICTURES = [(picture, lang) for lang in LANGUAGES for picture in every_picture(lang)]
DRAWINGS = [(ElementTree.fromstring(picture.svg), picture) for picture, _ in PICTURES]


def figures(words: str) -> list[int]:
    return [int(found) for found in re.findall(r"\d+", words)]


def words_in(drawing: ElementTree.Element) -> list[str]:
    return [one.text or "" for one in drawing.iter(f"{SVG}text")]


def people_in(picture: Picture) -> Counter[str]:
    group = next(one for one in ElementTree.fromstring(picture.svg).iter(f"{SVG}g") if one.get("class") == "people")
    return Counter("filled" if one.get("fill") else "open" for one in group)


# -- a hundred people ------------------------------------------------------------------------------------------------


@in_each_language
@every_point
def test_as_many_of_the_hundred_are_filled_as_the_source_counted(curve, point, lang):
    many = round(point.fraction * 100)
    assert people_in(icon_array(curve, point, lang)) == Counter(filled=many, open=100 - many)


@pytest.mark.parametrize("curve", SCALES, ids=lambda one: one.id)
def test_a_mean_score_is_never_drawn_as_people(curve):
    with pytest.raises(ValueError, match="counts no people"):
        icon_array(curve, curve.points[0], "nl")
    assert plots_of([curve], 3, "nl") == []


@dataclass(frozen=True)
class Told:
    """What is said below the picture of one figure."""

    curve: Curve
    point: Point
    lang: str

    @property
    def said(self) -> dict[str, str]:
        return chance(self.curve, self.point, self.lang)

    @property
    def many(self) -> int:
        return round(self.point.fraction * 100)


def gives_the_probability(one: Told) -> bool:
    return one.many in figures(one.said["number"]) and one.curve.measure == "people"


def names_the_group(one: Told) -> bool:
    group = {"nl": "groep", "en": "group"}[one.lang]
    return group in one.said["outcome"] and len(one.said["group"]) > 20


def gives_natural_frequencies(one: Told) -> bool:
    of = {"nl": "van de 100 mensen", "en": "of 100 people"}[one.lang]
    return f"{one.many} {of}" in one.said["number"] and "%" not in " ".join(one.said.values())


def names_the_time(one: Told) -> bool:
    counted = text("pictures", f"counted_{one.curve.counted_from}", "says", one.lang)
    return moment(one.point.day, one.lang) in one.said["number"] and one.said["counted"] == counted


def keeps_denominator_and_period(one: Told) -> bool:
    """Both parts of the 100, on the same day, in one sentence."""
    sentence = one.said["number"].split(".")[0]
    return figures(sentence).count(100) == 2 and sentence.count(moment(one.point.day, one.lang)) == 1


def says_how_sure(one: Told) -> bool:
    found = figures(one.said["sure"])
    if one.point.low is not None:
        return found[:2] == [round(one.point.low * 100), round(one.point.high * 100)]
    if one.point.day_low is not None:
        return found == [one.point.day_low, one.point.day_high]
    return text("recovery", "curve_no_spread", "says", one.lang) in one.said["sure"] and not found


def gives_more_than_one_view(one: Told) -> bool:
    """A picture, a number, and words for it."""
    picture, many = icon_array(one.curve, one.point, one.lang), one.many
    share = "half" if many == 50 else "more" if many > 50 else "less"
    return (
        people_in(picture)["filled"] == many
        and any(str(many) in words for words in words_in(ElementTree.fromstring(picture.svg)))
        and one.said["number"].endswith(f"{text('pictures', 'share', share, one.lang)}.")
    )


def is_balanced(one: Told) -> bool:
    """How many have reached it and how many have not, and it promises nothing."""
    many, promise = one.many, {"nl": "geen belofte", "en": "no promise"}[one.lang]
    beside = figures(one.said["number"].replace(moment(one.point.day, one.lang), "", 1))
    return beside == [many, 100, 100 - many, 100] and promise in one.said["outcome"]


IPDAS = (
    gives_the_probability, names_the_group, gives_natural_frequencies, names_the_time, keeps_denominator_and_period,
    says_how_sure, gives_more_than_one_view, is_balanced,
)  # fmt: skip


@in_each_language
@pytest.mark.parametrize("item", IPDAS, ids=lambda item: item.__name__)
def test_every_figure_about_people_passes_the_eight_items_for_decision_aids(item, lang):
    failed = [f"{c.id} {p.day}" for c, p in POINTS if not item(Told(c, p, lang))]
    assert failed == []


@in_each_language
@every_point
def test_all_of_that_stands_below_the_picture_and_the_number_also_in_its_words(curve, point, lang):
    said, picture = chance(curve, point, lang), icon_array(curve, point, lang)
    assert all(part in picture.caption for part in said.values())
    assert said["number"] in picture.alt
    assert text("recovery", curve.id, "outcome", lang) in picture.alt


@in_each_language
def test_the_picture_names_its_one_outcome_and_its_day(lang):
    for curve, point in POINTS:
        drawn = " ".join(words_in(ElementTree.fromstring(icon_array(curve, point, lang).svg)))
        assert text("recovery", curve.id, "outcome", lang) in drawn
        assert moment(point.day, lang) in drawn


# -- the road --------------------------------------------------------------------------------------------------------


def height_of_the_sign(day: float) -> float:
    drawing = ElementTree.fromstring(road(day, stops(day, "nl"), "nl").svg)
    return float(next(drawing.iter(f"{SVG}ellipse")).get("cy", ""))


@in_each_language
def test_somebody_sees_where_they_are_whether_it_is_three_days_or_seven_weeks(lang):
    for day, time in ((3, {"nl": "3 dagen", "en": "3 days"}), (49, {"nl": "7 weken", "en": "7 weeks"})):
        picture = road(day, stops(day, lang), lang)
        assert text("pictures", "road", "you", lang) in words_in(ElementTree.fromstring(picture.svg))
        assert all(time[lang] in said for said in (picture.alt, picture.caption))
    heights = [height_of_the_sign(day) for day in (1, 3, 14, 49, 84, 200, 400, 900)]
    assert heights == sorted(heights, reverse=True)
    assert all(lower - higher > 5 for lower, higher in pairwise(heights))


@in_each_language
def test_where_nobody_knows_how_long_there_is_no_sign_and_it_is_said(lang):
    picture = road(None, milestones(lang), lang)
    assert text("pictures", "road", "you", lang) not in words_in(ElementTree.fromstring(picture.svg))
    assert all(text("pictures", "road", "unknown", lang) in said for said in (picture.alt, picture.caption))
    assert "accent" not in picture.svg


def test_somebody_with_pain_for_years_stands_beyond_the_last_milestone():
    assert height_of_the_sign(4000) < height_of_the_sign(MILESTONES[-1]) - 20


def test_a_stone_says_its_day_and_the_words_of_a_stone_are_there_for_every_milestone():
    assert [stop.name for stop in milestones("nl")] == ["2 weken", "6 weken", "12 weken", "1 jaar"]
    assert {id for id in table("pictures") if id.startswith("stop_")} == {f"stop_{day:.0f}" for day in MILESTONES}


@in_each_language
def test_the_road_tells_in_words_all_that_it_shows(lang):
    picture = road(23, stops(23, lang), lang)
    for stop in stops(23, lang):
        assert stop.name in picture.alt
        assert " ".join(stop.says.split()) in picture.alt


@in_each_language
def test_the_road_promises_nothing(lang):
    cured = {"nl": r"\b(genezen|hersteld|pijnvrij|klaar|finish)\b", "en": r"\b(cured|recovered|pain-free|finish)\b"}
    for day in DURATIONS:
        picture = road(day, stops(day, lang), lang)
        assert not re.search(cured[lang], picture.svg + picture.caption, re.IGNORECASE)
        assert text("pictures", "road", "caption", lang) in picture.caption


@pytest.mark.parametrize("ahead", [0, 1, 3, 14, 84])
@pytest.mark.parametrize("day", [0.5, 1, 3, 13, 40, 83, 364, 5000])
def test_the_own_place_and_the_next_moment_never_cover_each_other(day, ahead):
    drawing = ElementTree.fromstring(road(day, stops(day, "nl", ahead), "nl").svg)
    foot = {words.text: float(words.get("y", "")) for words in drawing.iter(f"{SVG}text")}
    assert foot["U bent hier"] - foot["30 september"] >= 14
    assert foot["U bent hier"] <= float(drawing.get("viewBox", "").split()[3]) - 20


def test_days_lie_between_their_milestones_and_what_is_past_the_end_lies_at_the_end():
    knots = (0.0, 14.0, 42.0)
    assert [along(day, knots) for day in (-1, 0, 7, 14, 28, 42, 99)] == [0, 0, 0.25, 0.5, 0.75, 1, 1]


@pytest.mark.parametrize(
    ("days", "nl"),
    [(0.2, "een paar uur"), (1, "1 dag"), (13, "13 dagen"), (14, "2 weken"), (84, "12 weken"), (119, "17 weken"),
     (150, "5 maanden"), (700, "23 maanden"), (730, "2 jaar"), (3650, "10 jaar")],
)  # fmt: skip
def test_how_long_it_is_there_is_said_as_people_say_it(days, nl):
    assert how_long(days, "nl") == nl


# -- all points ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("complaint", DRAWN)
def test_every_point_is_drawn_with_its_bar_and_nothing_is_drawn_between_two_points(complaint, edition):
    curves = [curve for curve in expected(complaint, edition) if curve.measure == "people"]
    points = [point for curve in curves for point in curve.points]
    bars = sum((point.low is not None) + (point.day_low is not None) for point in points)
    drawn = [one for plot in plots_of(curves, None, "nl") for one in ElementTree.fromstring(plot.svg).iter()]
    marks = Counter((one.tag.removeprefix(SVG), one.get("class")) for one in drawn)
    keys = len(curves)  # beside the name of each source its shape
    assert marks["circle", "mark"] + marks["rect", "mark"] == len(points) + keys
    assert marks["path", "mark"] == bars
    assert {tag for tag, role in marks if role == "mark"} <= {"circle", "rect", "path"}
    for bar in drawn:  # up and down through one point, or sideways: never from one to another
        if bar.tag == f"{SVG}path":
            assert re.fullmatch(r"M[\d.]+ [\d.]+[VH][\d.]+(M[\d.]+ [\d.]+[vh]12){2}", bar.get("d", ""))
    assert not {"polyline", "polygon"} & {tag for tag, _ in marks}


@in_each_language
@pytest.mark.parametrize("complaint", DRAWN)
def test_each_outcome_has_a_drawing_of_its_own_that_names_whose_figures_it_shows(complaint, lang):
    drawn = list(recovery_curves(expected(complaint), 23, lang))
    outcomes = [{text("recovery", curve.id, "outcome", lang) for curve in curves} for _, curves in drawn]
    assert all(len(one) == 1 for one in outcomes)
    assert len(set.union(*outcomes)) == len(drawn)
    for (picture, curves), (outcome,) in zip(drawn, outcomes, strict=True):
        assert picture.alt.startswith(outcome)
        for curve in curves:
            source = f"people_{curve.source}".lower().replace("-", "_")
            assert text("pictures", source, "short", lang).lower() in picture.caption.lower()
            since = text("pictures", f"counted_{curve.counted_from}", "says", lang)
            assert since.lower() in picture.caption.lower()


def test_a_point_lies_where_its_source_puts_it():
    curve = CURVES["curve_hen08_full_recovery"]
    drawing = ElementTree.fromstring(plots_of([curve], None, "nl")[0].svg)
    dots = [one for one in drawing.iter(f"{SVG}circle") if one.get("class") == "mark"]
    levels = {one.text: float(one.get("y", "")) for one in drawing.iter(f"{SVG}text")}
    wanted = levels["0"] + (levels["100"] - levels["0"]) * 0.72 - 4.5
    assert float(dots[-1].get("cy", "")) == pytest.approx(wanted, abs=0.2)


@in_each_language
def test_no_two_sources_of_one_outcome_look_alike(lang):
    for complaint in DRAWN:
        for edition in EDITIONS:
            outcomes = Counter(
                text("recovery", curve.id, "outcome", lang)
                for curve in expected(complaint, edition)
                if curve.measure == "people"
            )
            assert max(outcomes.values()) <= 2  # one is a dot, one a square


@in_each_language
@pytest.mark.parametrize("complaint", DRAWN)
def test_the_plot_tells_every_figure_in_words_and_so_does_the_table(complaint, lang):
    curves = expected(complaint)
    told_in_all = " ".join(plot.alt for plot in plots_of(curves, 23, lang))
    rows = recovery_table(curves, lang).rows
    assert len(rows) == sum(len(curve.points) for curve in curves)
    listed = [(curve, point) for curve in curves for point in curve.points]
    for (curve, point), row in zip(listed, rows, strict=True):
        assert text("recovery", curve.id, "outcome", lang) in row[0]
        assert round(point.fraction * 100) in figures(row[2])
        if curve.measure == "people":
            told = text("pictures", "plot", "point", lang)
            assert told.format(n=round(point.fraction * 100), moment=moment(point.day, lang)) in told_in_all


@in_each_language
def test_a_figure_from_second_hand_says_so_in_the_table(lang):
    reported = {"nl": "uit tweede hand", "en": "second-hand"}[lang]
    rows = [row for row in recovery_table(expected("radicular"), lang).rows if reported in row[-1]]
    assert [row[2] for row in rows] == [text("pictures", "table", "people", lang).format(n=50)]


def test_every_source_of_a_curve_is_named_and_no_name_is_left_over():
    used = {f"people_{curve.source}".lower().replace("-", "_") for curve in CURVES.values()}
    assert used == {id for id in table("pictures") if id.startswith("people_")}
    counted = {f"counted_{curve.counted_from}" for curve in CURVES.values()}
    assert counted == {id for id in table("pictures") if id.startswith("counted_")}


# -- every drawing ---------------------------------------------------------------------------------------------------


def test_a_drawing_fits_any_column_and_says_in_words_what_it_shows():
    for drawing, picture in DRAWINGS:
        assert drawing.tag == f"{SVG}svg"
        assert drawing.get("role") == "img"
        assert drawing.get("aria-label") == picture.alt
        assert picture.alt.strip()
        assert drawing.get("width") is None
        assert drawing.get("height") is None
        assert float(drawing.get("viewBox", "").split()[2]) <= 360


def test_two_pictures_on_one_page_share_no_id_and_none_brings_a_style_or_a_script():
    forbidden = {f"{SVG}{tag}" for tag in ("style", "script", "foreignObject", "defs", "use", "image", "a")}
    for drawing, _ in DRAWINGS:
        for one in drawing.iter():
            assert one.get("id") is None
            assert one.get("style") is None
            assert one.tag not in forbidden
            assert not any("var(" in value or "url(" in value for value in one.attrib.values())


def test_whatever_has_a_colour_has_one_and_its_role_with_it():
    for drawing, _ in DRAWINGS:
        assert drawing.get("fill") == "none"
        for one in list(drawing.iter())[1:]:
            colours = [value for name in ("fill", "stroke") if (value := one.get(name))]
            if one.tag == f"{SVG}g":
                assert colours == []
            else:
                assert colours == [COLOURS[one.get("class", "")]]


def test_all_words_can_be_read_and_stay_within_the_drawing():
    for drawing, picture in DRAWINGS:
        _, _, width, height = map(float, drawing.get("viewBox", "").split())
        for words in drawing.iter(f"{SVG}text"):
            said, size = words.text or "", float(words.get("font-size", ""))
            wide = len(said) * size * (BOLD_LETTER if words.get("font-weight") else LETTER)
            x, y = float(words.get("x", "")), float(words.get("y", ""))
            left = {"start": x, "middle": x - wide / 2, "end": x - wide}[words.get("text-anchor", "")]
            assert size >= 13, said
            assert -1 <= left <= left + wide <= width + 1, f"{picture.id}: {said}"
            assert size * 0.8 <= y <= height - size * 0.2, f"{picture.id}: {said}"


def contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    bright, dark = sorted((light(one), light(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.control("C-60")
def test_words_and_shapes_stand_out_from_the_paper():
    for role in ("ink", "mark", "accent"):
        assert contrast(COLOURS[role], COLOURS["paper"]) >= 4.5, role
    assert contrast(COLOURS["line"], COLOURS["paper"]) >= 3


def test_both_languages_draw_the_same_figures():
    for nl, en in zip(*(every_picture(lang) for lang in LANGUAGES), strict=True):
        assert nl.id == en.id
        assert Counter(figures(nl.caption)) == Counter(figures(en.caption))
        assert Counter(figures(nl.alt)) == Counter(figures(en.alt))


def test_a_picture_is_the_same_every_time():
    assert every_picture("nl") == every_picture("nl")


def test_no_caption_holds_a_word_that_nobody_explains():
    assert {
        word for picture, lang in PICTURES if lang == "nl" for word in rare_words(picture.caption, glossary())
    } == set()


# -- what to expect --------------------------------------------------------------------------------------------------

CASES = [
    json.loads(line)
    for name in ("published", "own")
    for line in (Path(__file__).parent.parent / "cases" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
]
DECISIONS = [
    (decide(read_case(raw, edition=edition)), raw["findings"].get("duration_days"))
    for raw in CASES
    for edition in EDITIONS
]


def shown(decision, days, lang="nl") -> tuple[Block, ...]:
    days = days if isinstance(days, int | float) else None
    return expectations(decision, days, lang, Sources(lang))


def pictures(blocks: tuple[Block, ...]) -> list[Picture]:
    found = [block for block in blocks if isinstance(block, Picture)]
    return found + [one for block in blocks if isinstance(block, Part) for one in pictures(block.blocks)]


def of(complaint: Complaint):
    return next(one for one, _ in DECISIONS if one.complaint is complaint and one.urgency < Urgency.SAME_DAY)


def test_the_cases_hold_patients_of_every_kind():
    assert {one.complaint for one, _ in DECISIONS if one.urgency < Urgency.SAME_DAY} >= set(DRAWN)
    assert any(one.urgency >= Urgency.SAME_DAY for one, _ in DECISIONS)


@in_each_language
def test_beside_phone_now_nothing_stands_that_can_come_later(lang):
    for decision, days in DECISIONS:
        if decision.urgency >= Urgency.SAME_DAY:
            assert shown(decision, days, lang) == ()


@in_each_language
def test_the_road_comes_first_and_says_below_it_how_long_it_has_been(lang):
    for decision, days in DECISIONS:
        if decision.urgency < Urgency.SAME_DAY:
            first, *_ = shown(decision, days, lang)
            assert isinstance(first, Picture)
            assert first.id == "road"
            known = isinstance(days, int | float)
            assert (how_long(days, lang) if known else text("pictures", "road", "unknown", lang)) in first.caption


def test_a_complaint_without_figures_has_the_road_alone_and_that_is_said():
    for decision, days in DECISIONS:
        if decision.urgency < Urgency.SAME_DAY and decision.complaint not in DRAWN:
            blocks = shown(decision, days)
            assert [one.id for one in pictures(blocks)] == ["road"]
            assert isinstance(blocks[-1], Paragraph)
            assert blocks[-1].text == text("pictures", "expect", "no_figures", "nl")
            assert "Bel uw huisarts" not in pictures(blocks)[0].svg  # its stones say a time and nothing else


@pytest.mark.parametrize("complaint", DRAWN)
@pytest.mark.parametrize("edition", EDITIONS)
def test_what_is_drawn_as_people_is_a_point_of_a_source(complaint, edition):
    points = {(c.source, c.outcome, p.day) for c in expected(complaint, edition) for p in c.points}
    assert set(DRAWN[complaint]) <= points


def test_who_must_be_seen_within_days_reads_no_stone_that_says_to_phone_in_six_weeks():
    soon = replace(of(Complaint.NONSPECIFIC), urgency=Urgency.WITHIN_DAYS)
    assert "Bel uw huisarts" not in pictures(shown(soon, 3))[0].svg
    assert "Bel uw huisarts" in pictures(shown(of(Complaint.NONSPECIFIC), 3))[0].svg


def test_back_at_work_always_stands_beside_fully_recovered():
    shown_ids = [one.id for one in pictures(shown(of(Complaint.NONSPECIFIC), 10))]
    assert shown_ids[1:3] == ["curve_kngf_beloop_full_recovery_90", "curve_kngf_beloop_at_work_90"]


def test_the_leaflets_own_figure_is_never_a_picture_of_people():
    for decision, days in DECISIONS:
        assert not any(one.id.startswith("curve_s4") for one in pictures(shown(decision, days)))


def test_who_has_had_pain_for_longer_than_the_people_counted_is_told_so_and_sees_no_hundred_people():
    blocks = shown(of(Complaint.NONSPECIFIC), 3000)
    first, *others = (one.id for one in pictures(blocks))
    assert first == "road"
    assert others
    assert all(id.startswith("plot_") for id in others)
    assert any(isinstance(b, Paragraph) and b.text == text("pictures", "expect", "longer", "nl") for b in blocks)


def test_all_figures_are_folded_away_below():
    for complaint in DRAWN:
        last = shown(of(complaint), 10)[-1]
        assert isinstance(last, Part)
        assert last.folded
        first = last.blocks[0]
        assert isinstance(first, Paragraph)
        assert text("recovery", "curve_between", "says", "nl") in first.text


def test_every_picture_says_where_it_comes_from_and_none_has_the_id_of_another():
    for decision, days in DECISIONS:
        found = pictures(shown(decision, days))
        assert len({one.id for one in found}) == len(found)
        assert all(one.mark is not None for one in found)
        assert all(one.mark.numbers for one in found if one.mark and one.id != "road")
