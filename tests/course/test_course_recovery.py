"""Expected recovery: sourced points only, each with its source, its outcome and its spread."""

import csv
from importlib.resources import files
from itertools import pairwise

import pytest

from ruggespraak.course import expected
from ruggespraak.course.recovery import wilson
from ruggespraak.pathway.editions import EDITIONS
from ruggespraak.pathway.rules import Complaint, Status


def rows(package: str, name: str) -> list[dict[str, str]]:
    with files(package).joinpath(name).open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


ROWS = rows("ruggespraak.course", "recovery.csv")
SOURCES = {row["key"] for row in rows("ruggespraak.pathway", "sources.csv")}
EVERY_CURVE = [curve for complaint in Complaint for edition in EDITIONS for curve in expected(complaint, edition)]


@pytest.mark.control("C-50")
def test_every_point_has_a_source_that_exists_and_was_read_or_reported():
    for row in ROWS:
        assert row["source"] in SOURCES
        assert row["status"] in {"V", "V-2"}, "figures from memory and own choices are never shown as facts"


def test_the_stecr_figures_are_left_out():
    assert not any(row["source"] == "STECR" for row in ROWS)


def test_a_figure_that_was_only_reported_shows_as_such():
    reported = [p for c in expected("radicular") for p in c.points if p.status is Status.REPORTED]
    assert [(point.day, point.fraction) for point in reported] == [(84, 0.5)]


def test_every_curve_is_one_source_and_one_outcome():
    for edition in EDITIONS:
        for complaint in Complaint:
            names = [(curve.source, curve.outcome) for curve in expected(complaint, edition)]
            assert len(names) == len(set(names))
    assert len({curve.id for curve in EVERY_CURVE}) == len({(curve.source, curve.outcome) for curve in EVERY_CURVE})


def test_back_at_work_is_not_free_of_pain():
    at_day_14 = [c for c in expected("nonspecific") if any(p.day == 14 for p in c.points)]
    assert [curve.outcome for curve in at_day_14] == ["at_work"]


def test_only_nonspecific_and_radicular_pain_have_an_expectation():
    assert {complaint for complaint in Complaint if expected(complaint)} == {
        Complaint.NONSPECIFIC,
        Complaint.RADICULAR,
    }


def test_the_leaflets_figures_stand_only_in_its_own_edition_and_never_alone():
    assert not any(curve.source == "S4" for curve in expected("nonspecific", "current"))
    own = expected("nonspecific", "leaflet")
    assert [(p.day, p.fraction) for c in own if c.source == "S4" for p in c.points] == [(14, 0.5), (90, 0.95)]
    assert {curve.source for curve in own} > {"S4"}


def test_what_the_current_edition_says_of_a_plain_back_at_three_months():
    at_90 = {(c.source, c.outcome): c.at(90)[0].fraction for c in expected("nonspecific") if c.at(90)[0] is c.at(90)[1]}
    assert at_90 == {
        ("KNGF-BELOOP", "full_recovery"): 0.50,
        ("KNGF-BELOOP", "at_work"): 0.90,
        ("HEN08", "at_work"): 0.83,
        ("ITZ", "recovered_by_then"): 0.33,
    }


def test_points_are_in_order_and_go_one_way():
    for curve in EVERY_CURVE:
        for earlier, later in pairwise(curve.points):
            assert earlier.day < later.day
            falls = curve.measure == "scale"
            assert (later.fraction < earlier.fraction) == falls


def test_between_two_points_both_are_given_and_nothing_is_drawn():
    (curve,) = [c for c in expected("nonspecific") if c.id == "curve_kngf_beloop_full_recovery"]
    before, after = curve.at(45)
    assert (before.day, after.day) == (30, 90)
    assert curve.at(30) == (before, before)
    assert curve.at(5) == (None, before)
    assert curve.at(400) == (after, None)


@pytest.mark.parametrize(
    ("fraction", "n", "low", "high"),
    # Newcombe, Statistics in Medicine 1998;17:857-872, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29
    [
        (81 / 263, 263, 0.2553, 0.3662),
        (15 / 148, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1 / 29, 29, 0.0061, 0.1718),
    ],
)
def test_wilsons_interval_is_the_published_one(fraction, n, low, high):
    assert wilson(fraction, n) == pytest.approx((low, high), abs=5e-5)


def test_wilson_refuses_what_is_no_part_of_a_group():
    for fraction, n in ((1.2, 10), (-0.1, 10), (0.5, 0)):
        with pytest.raises(ValueError, match="no part of a group"):
            wilson(fraction, n)


def test_a_spread_is_given_by_the_source_or_computed_from_n_or_not_given():
    for curve in EVERY_CURVE:
        for point in curve.points:
            bounded = point.low is not None or point.day_low is not None
            assert bounded == (point.spread is not None)
            assert (point.spread == "wilson") == (point.n is not None)
            if point.low is not None:
                assert 0 <= point.low <= point.fraction <= point.high <= 1
            if point.day_low is not None:
                assert point.day_low <= point.day <= point.day_high
    assert any(point.spread is None for curve in EVERY_CURVE for point in curve.points)


def test_every_curve_says_from_when_its_source_counts():
    assert {curve.counted_from for curve in EVERY_CURVE} == {"onset", "consult", "trial", "unknown"}
