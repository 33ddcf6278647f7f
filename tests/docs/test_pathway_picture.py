"""The picture of the pathway says what the edition decides, and can be read by who does not see it."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from pathway_picture import BACK, ROOT, WEEKS, WORDS, lived, picture

from ruggespraak.pathway import numbers
from ruggespraak.pathway.editions import edition
from ruggespraak.pathway.texts import LANGUAGES, text, word

CURRENT = edition("current")
SVG = "{http://www.w3.org/2000/svg}"


def bar(person, what):
    lane = lived(person, CURRENT, "en")
    return next(one for one in lane.bars if one.what.startswith(what))


def test_an_operation_is_talked_about_from_the_sixth_to_the_eighth_week_and_a_scan_waits_until_then():
    talk, no_scan = bar(ROOT, "a talk about an operation"), bar(ROOT, WORDS["en"]["not_yet"])
    assert talk.start == numbers.WEIGH_SURGERY_FROM / 7 == no_scan.end
    assert talk.what.endswith("week 6 to 8")


def test_a_plain_back_is_never_scanned_however_long_it_lasts():
    assert bar(BACK, WORDS["en"]["no"]).end == WEEKS


def test_somebody_looks_again_within_the_first_two_weeks_and_until_the_end():
    for person in (ROOT, BACK):
        looks = lived(person, CURRENT, "en").looks
        assert looks[0] <= 2
        assert looks == tuple(sorted(looks))
        assert looks[-1] >= 12


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_suspicion_and_urgency_stands_in_it_and_in_its_description(lang):
    root = ET.fromstring(picture(lang))
    drawn = " ".join(one.text or "" for one in root.iter(f"{SVG}text"))
    about = root.findtext(f"{SVG}desc") or ""
    assert root.findtext(f"{SVG}title")
    for alarm in CURRENT.alarms:
        assert word(f"urgency.{alarm.urgency}.name", lang) in drawn
        if alarm.suspects:
            assert text("suspects", alarm.suspects, "term", lang) in about
