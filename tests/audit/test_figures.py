"""The figures are the counts of the cases; and what is small cannot be worked out from what is left."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import date
from itertools import chain

import ibis
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.stats import binom, binomtest

from ruggespraak.audit.engine import connected
from ruggespraak.audit.figures import PARTS, PRICES, binomial_limit, cost, figures, funnel, suppressed, wilson
from ruggespraak.audit.hedis import AGES
from ruggespraak.audit.measures import CASES
from ruggespraak.population.parameters import parameters

TYPES = dict.fromkeys(CASES, "string") | {"date": "date", "met": "boolean", "reason": "boolean", "shown": "boolean"}
PICTURE = "picture_without_indication"


def case(met, practice="1", on=date(2024, 1, 1), measure=PICTURE, reason=False, shown=True, excluded=None):
    return {
        "measure": measure, "practice": practice, "person": "p", "episode": "e", "date": on, "excluded": excluded,
        "met": met, "reason": reason, "shown": shown,
    }  # fmt: skip


def found(rows):
    return figures(connected().create_table("cases", ibis.memtable(rows, schema=TYPES)))


def of(found, id=PICTURE):
    return next(one for one in found["measures"] if one["id"] == id)


@pytest.fixture(scope="module")
def some():
    return found(
        [
            *[case(True)] * 6, *[case(False)] * 3, case(False, reason=True), *[case(None)] * 2, case(None, shown=False),
            *[case(None, excluded="outside")] * 4, *[case(False, practice=None, on=date(2024, 3, 31))] * 2,
            case(True, practice="2", on=date(2024, 4, 1)), case(True, measure="no_dated_review"),
        ]
    )  # fmt: skip


def test_a_case_is_met_or_not_or_it_cannot_be_said_and_who_is_left_out_is_in_none_of_these(some):
    one = of(some)
    assert [one[name] for name in ("of", *PARTS, "not_met_with_reason", "shown")] == [16, 7, 6, 3, 1, 2]
    assert one["excluded"] == {"outside": 4}


@pytest.mark.control("C-46")
def test_the_rate_is_of_what_is_known_and_the_bounds_are_of_all(some):
    one = of(some)
    assert one["rate"]["value"] == 6 / 13
    assert (one["rate"]["low"], one["rate"]["high"]) == wilson(6, 13)
    assert one["bounds"] == [6 / 16, 8 / 16]


def test_each_practice_and_quarter_has_its_own_counts_also_that_of_nobody_known(some):
    practices = {one["practice"]: one["of"] for one in of(some)["practices"]}
    assert practices == {"1": 13, "2": 1, None: 2}
    assert [(one["from"], one["of"]) for one in of(some)["trend"]] == [("2024-01-01", 15), ("2024-04-01", 1)]


def test_of_what_nobody_knows_there_is_no_rate():
    one = of(found([case(None), case(None)]))
    assert one["rate"] is None
    assert one["bounds"] == [0, 1]
    assert one["practices"][0]["value"] is None


def test_every_measure_is_there_without_cases_too_and_all_of_it_is_json(some):
    assert of(some, "hernia_scanned_early")["of"] == 0
    assert of(some, "hedis_lbp_18_75")["rate"] is None
    assert json.loads(json.dumps(some)) == some


@pytest.mark.parametrize(("events", "n"), [(0, 5), (5, 5), (1, 7), (40, 100), (3, 4000)])
def test_the_interval_is_wilsons(events, n):
    expected = binomtest(events, n).proportion_ci(method="wilson")
    assert wilson(events, n) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_of_nothing_there_is_no_interval():
    assert wilson(0, 0) is None


@pytest.mark.parametrize("share", [0.01, 0.3, 0.97])
@pytest.mark.parametrize("n", [1, 8, 250, 3000])
@pytest.mark.parametrize("below", [0.001, 0.025, 0.975])
def test_a_funnel_lies_between_the_two_counts_that_chance_parts_there(n, share, below):
    count = binom.ppf(below, n, share)
    assert max(count - 1, 0) / n - 1e-9 <= binomial_limit(n, share, below) <= count / n + 1e-9


def test_a_funnel_narrows_around_the_rate():
    rows = funnel(0.2, 400)
    assert rows[0]["n"] == 1
    assert rows[-1]["n"] == 400
    for row in rows:
        assert row["low_998"] <= row["low_95"] <= 0.2 <= row["high_95"] <= row["high_998"]
    assert rows[-1]["high_95"] - rows[-1]["low_95"] < 0.1


# What it costs


def test_only_pictures_that_were_not_useful_for_certain_cost_and_each_kind_its_own():
    engine = connected()
    rows = [
        case(False) | {"episode": "a"}, case(False) | {"episode": "b"}, case(True) | {"episode": "c"},
        case(None) | {"episode": "d"}, case(None, excluded="outside") | {"episode": "e"},
    ]  # fmt: skip
    kinds = {"a": "x_ray", "b": "ct", "c": "mri", "d": "mri", "e": "mri"}
    pictures = [
        {"episode": one, "date": date(2024, 1, 1), "kind": kind, "ordered_by": "gp"} for one, kind in kinds.items()
    ]
    cases = engine.create_table("cases", ibis.memtable(rows, schema=TYPES))
    spent = cost(cases, ibis.memtable(pictures))
    assert spent["not_met"] == {"x_ray": 1, "scan": 1}
    assert spent["unknown"] == {"x_ray": 0, "scan": 1}
    assert spent["euros"] == {"value": 310, "low": 180, "high": 500}


def test_two_pictures_on_one_day_cost_twice_and_no_more():
    engine = connected()
    cases = engine.create_table("cases", ibis.memtable([case(False), case(False)], schema=TYPES))
    pictures = [
        {"episode": "e", "date": date(2024, 1, 1), "kind": kind, "ordered_by": "gp"} for kind in ("mri", "x_ray")
    ]
    assert cost(cases, ibis.memtable(pictures))["not_met"] == {"x_ray": 1, "scan": 1}


def test_the_prices_are_those_of_the_country():
    known = {kind: parameters().known[f"price.{kind}"] for kind in PRICES}
    assert {kind: (one.value, one.low, one.high) for kind, one in known.items()} == PRICES


# Small cells

ROW = st.tuples(*[st.integers(0, 14) | st.integers(0, 60)] * 3).filter(any)


PLACES = ("total", "practices", "trend")


@st.composite
def counts(draw, practices):
    """The parts of so many practices and of two quarters, which add up to the same."""
    parts = draw(st.lists(ROW, min_size=practices, max_size=practices))
    first = np.sum([[draw(st.integers(0, cell)) for cell in row] for row in parts], axis=0)
    total = np.sum(parts, axis=0)
    return {"total": np.array([total]), "practices": np.array(parts), "trend": np.array([first, total - first])}


def measure(id, counts):
    def row(parts):
        met, not_met, unknown = (int(part) for part in parts)
        return {
            "met": met, "not_met": not_met, "unknown": unknown, "of": met + not_met + unknown, "value": 0.5,
            "not_met_with_reason": not_met // 2, "shown": unknown,
        }  # fmt: skip

    one = row(counts["total"][0]) | {"id": id, "rate": {"value": 0.5}, "bounds": [], "excluded": {}, "funnel": [{}]}
    one["practices"] = [{"practice": str(number), **row(parts)} for number, parts in enumerate(counts["practices"])]
    return one | {"trend": [{"from": number, **row(parts)} for number, parts in enumerate(counts["trend"])]}


@st.composite
def lists(draw):
    """Figures of one measure: practices that add up to a total, and quarters that do so too."""
    return {"measures": [measure(PICTURE, draw(counts(draw(st.integers(1, 4)))))], "cost": None}


def cells_of(one):
    """Each row of a measure: its place, number and counts."""
    rows = {"total": [one], "practices": one["practices"], "trend": one["trend"]}
    return [(place, number, row) for place in PLACES for number, row in enumerate(rows[place])]


def worked_out(blocks, tables):
    """The small counts that the shown tables tell exactly.

    ``blocks``: counts that nobody is in twice; ``tables``: measures, each with the blocks that it is the sum of.
    """
    places = [(place, number) for place in PLACES for number in range(len(blocks[0][place]))]
    keys = [(block, *place, part) for block in range(len(blocks)) for place in places for part in range(len(PARTS))]
    cells = {key: number for number, key in enumerate(keys)}
    rows, values = [], []

    def sum_of(of, place, number, parts):
        row = np.zeros(len(cells))
        row[[cells[block, place, number, part] for block in of for part in parts]] = 1
        return row

    def known(row, value):
        rows.append(row)
        values.append(value)

    for block in range(len(blocks)):
        for name in ("practices", "trend"):
            for part in range(len(PARTS)):
                those = [sum_of([block], *place, [part]) for place in places if place[0] == name]
                known(sum_of([block], "total", 0, [part]) - np.sum(those, axis=0), 0)
    for shown, of in tables:
        for place, number, row in cells_of(shown):
            for part, name in enumerate(PARTS):
                if row[name] is not None:
                    known(sum_of(of, place, number, [part]), row[name])
            if row["of"] is not None:
                known(sum_of(of, place, number, range(len(PARTS))), row["of"])
    told = LinearConstraint(np.array(rows), values, values)
    found = []
    for of in {*((block,) for block in range(len(blocks))), *(tuple(of) for _, of in tables)}:
        for place, number in places:
            for part in range(len(PARTS)):
                if not 0 < sum(blocks[block][place][number][part] for block in of) < 10:
                    continue
                wanted = sum_of(of, place, number, [part])
                least, most = (
                    milp(sign * wanted, constraints=told, integrality=np.ones(len(cells)), bounds=Bounds(0, 10_000))
                    for sign in (1, -1)
                )
                if round(least.fun) == round(-most.fun):
                    found.append((of, place, number, PARTS[part]))
    return found


@pytest.mark.control("C-48")
@settings(max_examples=25)
@given(st.integers(1, 4).flatmap(counts))
def test_no_small_count_is_shown_or_can_be_worked_out(counts):
    (shown,) = suppressed({"measures": [measure(PICTURE, counts)]})["measures"]
    assert worked_out([counts], [(shown, [0])]) == []


@settings(max_examples=10)
@given(st.integers(1, 3).flatmap(lambda practices: st.tuples(counts(practices), counts(practices))))
def test_nor_from_one_age_of_hedis_taken_from_the_other(both):
    younger, rest = both
    older = {place: younger[place] + rest[place] for place in PLACES}
    given = [measure(id, counts) for id, counts in zip(AGES, (younger, older), strict=True)]
    shown = suppressed({"measures": given})["measures"]
    assert worked_out([younger, rest], [(shown[0], [0]), (shown[1], [0, 1])]) == []


def test_where_few_are_older_the_figures_of_the_younger_go():
    younger = [case(True, measure="hedis_lbp_18_50")] * 40 + [
        case(None, measure="hedis_lbp_18_50", excluded="cancer")
    ] * 20
    older = [case(True, measure="hedis_lbp_18_75")] * 43 + [
        case(None, measure="hedis_lbp_18_75", excluded="cancer")
    ] * 21
    after = suppressed(found(younger + older))
    assert [of(after, id)["met"] for id in AGES] == [None, 43]
    assert [of(after, id)["of"] for id in AGES] == [None, 43]
    assert [of(after, id)["excluded"] for id in AGES] == [{"cancer": None}, {"cancer": 21}]


@given(lists())
def test_what_is_made_of_a_small_count_goes_with_it(found):
    (one,) = suppressed(found)["measures"]
    for row in chain([one], one["practices"], one["trend"]):
        if row["met"] is None:
            told = ("not_met", "unknown", "not_met_with_reason", "shown", "value", "rate", "bounds")
            assert all(row.get(name) is None for name in told)
        else:
            assert not any(0 < row[name] < 10 for name in ("of", *PARTS, "not_met_with_reason", "shown"))


def test_large_counts_and_noughts_stay_and_the_figures_given_are_left_as_they_were():
    given = found([*[case(True)] * 20, *[case(False)] * 30, *[case(None, excluded="outside")] * 3])
    before = deepcopy(given)
    one = of(suppressed(given))
    assert [one[part] for part in PARTS] == [20, 30, 0]
    assert one["excluded"] == {"outside": None}
    assert given == before


def test_a_funnel_does_not_tell_how_large_the_largest_hidden_practice_is():
    of_two = [[case(True, id)] * 30 + [case(False, id)] * 20 for id in ("1", "2")]
    large = [[case(True, id)] * 90 + [case(False, id)] * 20 + [case(None, id)] * 3 for id in ("3", "4")]
    given = found([*chain(*of_two, *large), *[case(None, "2")] * 20])
    assert of(given)["funnel"][-1]["n"] == 110
    after = of(suppressed(given))
    assert [row["met"] for row in after["practices"]] == [30, 30, None, None]
    assert after["funnel"] == funnel(after["rate"]["value"], 50)


def test_what_pictures_cost_does_not_tell_how_few_had_a_reason():
    given = found([*[case(True)] * 3, *[case(False)] * 40, *[case(None)] * 50])
    given["cost"] = {"not_met": {"x_ray": 0, "scan": 40}, "unknown": {"x_ray": 0, "scan": 50}}
    assert suppressed(given)["cost"] is None


def test_the_size_of_the_records_does_not_tell_how_few_were_left_out():
    rows = [*[case(True, measure="alarms_not_asked")] * 50, case(True, measure="alarms_not_asked", excluded="outside")]
    given = found(rows) | {"manifest": {"looks": 51, "people": 40}}
    assert suppressed(given)["manifest"] == {"looks": None, "people": 40}
    given["manifest"]["looks"] = 80  # and so it is of more than this measure
    assert suppressed(given)["manifest"]["looks"] == 80


def test_a_manifest_loses_its_small_counts_too():
    told = {"source": "here", "people": 9, "loose": {"operations": 3, "imaging": 12}, "rejects": {"a": {"b": 1}}}
    assert suppressed(found([]) | {"manifest": told})["manifest"] == {
        "source": "here", "people": None, "loose": {"operations": None, "imaging": 12}, "rejects": {"a": {"b": None}},
    }  # fmt: skip
