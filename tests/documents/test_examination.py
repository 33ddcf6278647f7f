"""What goes with the examination form: four bands that are named, six grades, and a reflex for the root it tests."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from ruggespraak.documents.examination import BEHIND, IN_FRONT, ROOTS, TESTED, dermatomes, mrc, reflexes
from ruggespraak.documents.svg import COLOURS, WIDTH
from ruggespraak.pathway.findings import VOCABULARY
from ruggespraak.pathway.numbers import MRC_SEVERE
from ruggespraak.pathway.rules import Status
from ruggespraak.pathway.texts import LANGUAGES, text

SVG = "{http://www.w3.org/2000/svg}"
in_each_language = pytest.mark.parametrize("lang", LANGUAGES)


@in_each_language
def test_each_band_is_named_on_both_sides_of_the_leg_and_in_the_words_beside_it(lang):
    picture = dermatomes(lang)
    named = [one.text for one in ElementTree.fromstring(picture.svg).iter(f"{SVG}text")]
    for root in ROOTS:
        assert named.count(root) == 2
        assert f"{root}:" in picture.alt
    assert all(text("letters", "examination_dermatomes", part, lang) in named for part in ("front", "back", "right"))


@in_each_language
def test_the_drawing_says_that_it_is_from_memory(lang):
    picture = dermatomes(lang)
    assert picture.mark.status is Status.MEMORY
    assert picture.mark.numbers == ()
    assert {"nl": "uit het geheugen", "en": "from memory"}[lang] in picture.caption


@pytest.mark.parametrize("bands", [IN_FRONT, BEHIND], ids=["front", "back"])
def test_no_band_sticks_out_of_the_leg_and_none_lies_over_another(bands):
    def edges(root: str, y: float) -> tuple[float, float] | None:
        band = bands[root]
        for (start, *first), (end, *last) in pairwise(band):
            if start <= y <= end:
                share = (y - start) / (end - start)
                low, high = (a + share * (b - a) for a, b in zip(first, last, strict=True))
                return low, high
        return None

    for y in range(0, 335, 5):
        spans = sorted(found for root in ROOTS if (found := edges(root, y)))
        assert all(0 <= low <= high <= 1 for low, high in spans)
        assert all(one[1] <= other[0] + 0.07 for one, other in pairwise(spans)), y


@in_each_language
def test_the_drawing_fits_and_has_only_colours_of_a_role(lang):
    drawing = ElementTree.fromstring(dermatomes(lang).svg)
    assert drawing.get("viewBox", "").split()[2] == f"{WIDTH:g}"
    for one in drawing.iter():
        for part in ("fill", "stroke"):
            if one.get(part) not in (None, "none"):
                assert one.get(part) == COLOURS[one.get("class", "")]
    paths = " ".join(path.get("d", "") for path in drawing.iter(f"{SVG}path"))
    places = [float(x) for x, _ in re.findall(r"([\d.]+) ([\d.]+)", paths)]
    assert len(places) > 500
    assert all(0 <= x <= WIDTH for x in places)


@in_each_language
def test_strength_has_six_grades_and_severe_goes_up_to_the_threshold_of_the_pathway(lang):
    grades = mrc(lang)
    assert [row[0][0] for row in grades.rows] == list("012345")
    severe = {"nl": "ernstige parese", "en": "severe paresis"}[lang]
    assert [severe in row[0] for row in grades.rows] == [grade <= MRC_SEVERE for grade in range(6)]
    threshold = {"nl": "(grens)", "en": "(threshold)"}[lang]
    assert [row[0][0] for row in grades.rows if threshold in row[0]] == [f"{MRC_SEVERE:g}"]
    assert {"nl": "zwaartekracht", "en": "gravity"}[lang] in grades.rows[3][1]


@in_each_language
def test_the_knee_jerk_is_of_l3_and_l4_and_the_ankle_jerk_of_s1(lang):
    by_root = {row[0]: row[1] for row in reflexes(lang).rows}
    assert by_root["L3-L4"] == text("letters", "examination_reflexes", "knee", lang)
    assert by_root["S1"] == text("letters", "examination_reflexes", "ankle", lang)
    assert by_root["L5"] == text("letters", "examination_reflexes", "none", lang)


def test_every_movement_of_which_the_pathway_asks_the_strength_is_in_the_table():
    asked = {id.removeprefix("mrc_") for id in VOCABULARY if id.startswith("mrc_")}
    assert {movement for _, movements in TESTED.values() for movement in movements} == asked
