"""What is planted in synthetic lives is found in their records: each rate, and each picture where it was made."""

from __future__ import annotations

import planted
import pytest

PEOPLE = 15_000  # a million in benchmarks/audit.py --loop
MOST_OFF = 4  # standard deviations


@pytest.fixture(scope="module")
def all_asked(tmp_path_factory):
    """Records of GPs who ask about everything, and do much beside the pathway."""
    return planted.loop(tmp_path_factory.mktemp("loop") / "all", PEOPLE)


@pytest.fixture(scope="module")
def half_asked(tmp_path_factory):
    return planted.loop(tmp_path_factory.mktemp("loop") / "half", PEOPLE, asks=0.5)


@pytest.mark.parametrize("run", ["all_asked", pytest.param("half_asked", marks=pytest.mark.slow)])
def test_every_planted_rate_is_found(run, request):
    found = planted.rates(request.getfixturevalue(run))
    assert {one.id.partition(",")[0] for one in found} == set(planted.PLANTED)
    assert {one.id: one.z for one in found if abs(one.z) >= MOST_OFF} == {}
    assert sum(one.of for one in found) > 5_000


def test_where_all_was_asked_every_needless_picture_is_found_in_its_episode_and_no_other(all_asked):
    pairs = planted.needless(all_asked)
    assert len(pairs) > 100
    assert all(found == true for found, true in pairs)


def test_where_all_was_asked_every_missed_alarm_that_cannot_wait_is_found_in_its_episode(all_asked):
    assert all(found == true for found, true in planted.missed(all_asked))


def test_where_half_was_asked_no_picture_is_called_needless_that_was_not(half_asked):
    assert all(found <= true for found, true in planted.needless(half_asked))


def test_what_was_not_asked_read_as_no_makes_far_more_pictures_needless(half_asked):
    told = planted.read_as_no(half_asked)
    measure = next(one for one in half_asked.audited.found["measures"] if one["id"] == "picture_without_indication")
    assert measure["not_met"] == told["certain"]
    assert measure["not_met"] + measure["shown"] == told["as_no"]
    assert told["as_no"] > 1.5 * told["certain"]


def test_an_audit_says_what_it_was_made_of(all_asked):
    manifest = all_asked.audited.found["manifest"]
    assert manifest["edition"] == "current@2026.1"
    assert (manifest["people"], manifest["since"]) == (PEOPLE, "2024-01-01")
    assert manifest["looks"] > manifest["episodes"] > 1_000
    absent = {one["id"]: one["absent"] for one in all_asked.audited.found["measures"] if one["absent"]}
    assert absent == {"opioid_chronic_nonspecific": "medication"}


def test_what_pictures_without_indication_cost_is_counted_from_the_same_pictures(all_asked):
    found = all_asked.audited.found
    measure = next(one for one in found["measures"] if one["id"] == "picture_without_indication")
    assert sum(found["cost"]["not_met"].values()) == measure["not_met"]
