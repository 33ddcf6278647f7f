"""The words of a course: every curve, verdict and reason has them, in both languages, in plain Dutch."""

import csv
import re
from importlib import import_module
from importlib.resources import files
from inspect import getsource

import pytest

from readability import glossary, hindrances
from ruggespraak.course import MILESTONES, expected, follow_up
from ruggespraak.pathway.editions import EDITIONS
from ruggespraak.pathway.rules import Complaint
from ruggespraak.pathway.texts import LANGUAGES, about, table

TEXTS = table("recovery")
SENTENCES = [(id, part) for id, entry in TEXTS.items() for part in ("says", "why") if part in entry]
CURVES = {curve.id: curve for complaint in Complaint for edition in EDITIONS for curve in expected(complaint, edition)}
ABOUT_CURVES = {"curve_between", "curve_no_spread", "curve_reported"}
REVIEWS = set(table("reviews"))
DEVIATION = getsource(import_module("ruggespraak.course.deviation"))


@pytest.mark.parametrize(("id", "part"), SENTENCES)
def test_the_dutch_is_plain(id, part):
    assert hindrances(TEXTS[id][part]["nl"], glossary()) == []


def test_every_entry_is_in_both_languages_and_has_a_source():
    with files("ruggespraak.pathway").joinpath("sources.csv").open(encoding="utf-8") as lines:
        known = {row["key"] for row in csv.DictReader(lines)}
    for entry in TEXTS.values():
        assert entry["source"] == "own choice" or set(entry["source"].split()) <= known
        for part in {"outcome", "says", "why"} & set(entry):
            assert set(entry[part]) == set(LANGUAGES)


def test_the_file_says_who_read_it():
    assert {"reviewer", "date", "audience"} <= set(about("recovery"))


def test_every_curve_has_words_and_no_words_are_left_over():
    assert {id for id in TEXTS if id.startswith("curve_")} == set(CURVES) | ABOUT_CURVES


@pytest.mark.control("C-50")
@pytest.mark.parametrize("id", sorted(CURVES))
def test_the_words_of_a_curve_name_a_group_its_year_and_no_promise(id):
    nl, en = TEXTS[id]["says"]["nl"], TEXTS[id]["says"]["en"]
    assert "groep" in nl
    assert "geen belofte" in nl
    assert "group" in en
    assert "no promise" in en
    with files("ruggespraak.pathway").joinpath("sources.csv").open(encoding="utf-8") as lines:
        year = next(row["year"] for row in csv.DictReader(lines) if row["key"] == CURVES[id].source)
    assert year == "undated" or (year in nl and year in en)


def test_every_verdict_has_words_and_no_words_are_left_over():
    used = set(re.findall(r'Verdict\.[A-Z_]+, "(\w+)"', DEVIATION)) | set(re.findall(r'return "(\w+)"', DEVIATION))
    used |= {"pain_rose", "activity_fell"} | {f"slower_{int(moment)}" for moment in MILESTONES}
    assert used == {id.removeprefix("deviation_") for id in TEXTS if id.startswith("deviation_")}


def test_every_reason_for_a_contact_has_words():
    used = {why for table in (follow_up.WAIT, follow_up.AFTER_SILENCE) for _, why in table.values()}
    used |= {"better_but_unseen", "after_seen", "relapse", "hand_over_unconfirmed", "got_worse", "first_questions"}
    have = {id.removeprefix("contact_") for id in TEXTS if id.startswith("contact_")}
    assert used <= have | REVIEWS
    assert have - used == {"needs_a_person"}
