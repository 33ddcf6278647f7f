"""What the answers are worth: against closed forms where a toy stands in for the country, and on the country itself."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from ruggespraak.population import uncertainty
from ruggespraak.population.calibrate import Posterior
from ruggespraak.population.economics import discount
from ruggespraak.population.kernel.tally import MEASURES, YEAR, size
from ruggespraak.population.money import OLD_COSTS, OLD_EFFECTS, Rates
from ruggespraak.population.parameters import ParameterError, Parameters, parameters
from ruggespraak.population.people import total
from ruggespraak.population.scenarios import Scenario, scenario
from ruggespraak.population.simulate import BATCHES, Option, Result, Run
from ruggespraak.population.uncertainty import (
    MONEY,
    PEOPLE,
    THRESHOLDS,
    UncertaintyError,
    convergence,
    design,
    draws,
    interval,
    one_way,
    outcome,
    summary,
    tables,
)

AS_NOW = Option()
VISITS, HEALTHY = 100, 10 * YEAR  # of the toy: more visits to a GP, and fewer hours of mild pain, in each batch
SMALL = Run(people=2_000, years=2, options=(AS_NOW, Option(scenario=scenario("scan_everybody"))))


def only(*ids: str, base: Parameters | None = None) -> Parameters:
    """The parameters, of which only these vary."""
    known = (base or parameters()).known
    return Parameters({id: one if id in ids else replace(one, distribution="fixed") for id, one in known.items()})


def toy_run(known: Parameters) -> Run:
    """One person stands for one."""
    return Run(people=total(), years=1, options=(AS_NOW, Option("leaflet")), parameters=known)


def toy(run: Run, threads: int = 2) -> Result:  # noqa: ARG001
    """A country in which the second option takes visits, and gives health, whatever the parameters."""
    result = Result(run, np.zeros((len(run.options), BATCHES, size(run.years)), dtype=np.int64))
    per_batch = result.yearly[:, :, 0, 0, 3]  # options, batches, measures
    per_batch[:, :, MEASURES.index("pain_mild")] = 2 * HEALTHY
    per_batch[1:, :, MEASURES.index("gp")] = VISITS
    per_batch[1:, :, MEASURES.index("pain_mild")] = HEALTHY
    return result


@pytest.fixture
def toy_country(monkeypatch: pytest.MonkeyPatch) -> list[Run]:
    """The toy stands in for the country; every run of it is noted."""
    seen: list[Run] = []

    def noted(run: Run, threads: int = 2) -> Result:
        seen.append(run)
        return toy(run, threads)

    monkeypatch.setattr(uncertainty, "simulate", noted)
    return seen


COST = VISITS * BATCHES * float(discount(0.03, 1)[0])  # times the price of a visit
QALYS = 10 * BATCHES * float(discount(0.015, 1)[0])  # times the quality lost


# Draws.


@pytest.mark.usefixtures("toy_country")
def test_when_only_a_price_varies_the_extra_cost_has_the_law_of_the_price() -> None:
    price = parameters().known["price.gp"]
    found = summary(draws(toy_run(only("price.gp")), 1024)).against[0].cost
    deviation = (price.high - price.low) / 3.92
    law = stats.gamma((price.value / deviation) ** 2, scale=deviation**2 / price.value)
    assert found.mean == pytest.approx(COST * price.value, rel=1e-3)
    assert (found.low, found.high) == pytest.approx((COST * law.ppf(0.025), COST * law.ppf(0.975)), rel=3e-3)
    assert found.parameters == pytest.approx(COST * deviation, rel=0.01)
    assert found.monte_carlo == pytest.approx(0, abs=1e-6)


@pytest.mark.usefixtures("toy_country")
def test_a_parameter_that_nothing_depends_on_and_fixed_others_give_no_spread() -> None:
    found = draws(toy_run(only("price.pain_team")), 16)
    assert found.ids == ("price.pain_team",)
    assert np.ptp(found.values) > 0
    assert np.ptp(found.each("cost"), axis=0).tolist() == [0, 0]
    assert np.ptp(found.each("qaly"), axis=0).tolist() == [0, 0]


@pytest.mark.usefixtures("toy_country")
def test_cost_and_qalys_are_discounted_at_the_rates_asked_for() -> None:
    run = toy_run(only("price.pain_team"))
    old = draws(run, 2, rates=Rates(OLD_COSTS, OLD_EFFECTS))
    price, quality = run.parameters["price.gp"], run.parameters["quality.mild"]
    assert old.each("cost", "care")[0, 1] == pytest.approx(VISITS * BATCHES * price * 1.04**-0.5)
    assert np.diff(old.each("qaly")[0])[0] == pytest.approx(10 * BATCHES * quality * 1.015**-0.5)


def test_the_design_covers_each_range_with_one_draw_in_each_part_of_it() -> None:
    ids, values = design(parameters(), 64, 1)
    known = parameters().known
    assert set(ids) == {id for id, one in known.items() if one.distribution != "fixed"}
    for id, column in zip(ids, values.T, strict=True):
        one = known[id]
        if one.distribution == "uniform":
            parts = np.floor((column - one.low) / (one.high - one.low) * 64)
            assert sorted(parts) == list(range(64)), id


def test_one_of_twenty_draws_lies_beyond_a_95_percent_interval() -> None:
    ids, values = design(only("price.scan"), 1024, 1)
    one = parameters().known[ids[0]]
    beyond = (values < one.low) | (values > one.high)
    assert beyond.mean() == pytest.approx(0.05, abs=0.01)


def test_what_was_fitted_comes_from_rows_of_the_posterior_each_as_often() -> None:
    rows = np.array([[0.1, 0.4], [0.2, 0.3], [0.3, 0.2], [0.4, 0.1]])
    fitted = Posterior(("onset.first", "onset.later"), rows, np.zeros((4, 0)), 0.5)
    ids, values = design(parameters(), 64, 1, fitted)
    assert ids[-2:] == ["onset.first", "onset.later"]
    assert len(set(ids)) == len(ids)
    found, often = np.unique(values[:, -2:], axis=0, return_counts=True)
    assert found.tolist() == rows.tolist()
    assert often.tolist() == [16] * 4


@pytest.mark.usefixtures("toy_country")
def test_draws_in_which_a_course_does_not_rise_are_left_out_and_counted() -> None:
    known = dict(parameters().known)
    for id, low, high in (("work.back_week", 0.4, 0.62), ("work.back_month", 0.5, 0.8)):
        known[id] = replace(known[id], low=low, high=high, distribution="uniform")
    crossing = only("work.back_week", "work.back_month", base=Parameters(known))
    _, values = design(crossing, 64, 1)
    possible = values[values[:, 0] < values[:, 1]]
    assert 0 < len(possible) < 64
    found = draws(toy_run(crossing), 64)
    assert found.left_out == 64 - len(possible)
    assert found.values.tolist() == possible.tolist()


def test_progress_counts_every_draw(toy_country: list[Run]) -> None:
    said: list[tuple[int, int]] = []
    draws(toy_run(only("price.gp")), 4, progress=lambda done, of: said.append((done, of)))
    assert said == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert len(toy_country) == 5  # and the base case


def test_draws_stay_within_what_a_unit_allows() -> None:
    known = parameters()
    assert known.drawn({"price.scan": 9_999.0})["price.scan"] == 9_999
    assert known.drawn({"kind.severe": 0.9})["kind.severe"] == 0.9
    with pytest.raises(ParameterError, match=r"kind\.severe: 1\.1 drawn, 0 to 1 expected"):
        known.drawn({"kind.severe": 1.1})
    with pytest.raises(ParameterError, match=r"'kind\.sever' does not exist"):
        known.drawn({"kind.sever": 0.1})


# Luck apart from parameters.


def test_the_parameters_are_told_from_luck_that_draws_share_and_luck_that_they_do_not() -> None:
    """In batch b of draw d: 10 + T[d] / 64 + S[b] + N[d, b], with deviations 40, 3 and 2."""
    random = np.random.default_rng(1)
    parameter, shared, own = random.normal(0, 40, 4096), random.normal(0, 3, (4096, 64)), random.normal(0, 2, 64)
    found = [interval(10 + parameter[:, None] / 64 + shared + own)]
    assert found[0].parameters == pytest.approx(40, rel=0.03)
    assert found[0].mean == pytest.approx(640 + 64 * own.mean(), abs=2)
    assert found[0].monte_carlo == pytest.approx(own.std(ddof=1) * 8, rel=0.02)


@pytest.mark.parametrize("name", MONEY)
def test_another_seed_moves_the_mean_by_no_more_than_the_monte_carlo_error_says(name: str) -> None:
    one, other = (getattr(summary(draws(replace(SMALL, seed=seed), 32)).against[0], name) for seed in (11, 12))
    assert one.monte_carlo > 0
    assert abs(one.mean - other.mean) < 4 * np.hypot(one.monte_carlo, other.monte_carlo)


def test_the_error_in_a_draw_is_how_far_its_batches_differ() -> None:
    found = draws(SMALL, 2)
    scans = outcome(found.found, "scan")
    extra = scans[1, 1] - scans[1, 0]
    assert found.differences("scan")[1][1].tolist() == [0, pytest.approx(8 * extra.std(ddof=1))]


# The country itself.


def test_options_that_are_the_same_differ_by_exactly_0_in_every_draw() -> None:
    same = Option(scenario=Scenario("the_same", "Hetzelfde", "The same", {}))
    found = draws(replace(SMALL, options=(AS_NOW, same)), 16)
    assert np.ptp(found.found.sum(axis=(1, 2, 3))) > 0
    assert not np.any(found.found[:, 1] - found.found[:, 0])
    said = summary(found)
    assert said.against[0].plane.shares["no difference"] == 1
    assert said.against[0].compared.icer is None
    assert (said.acceptability.ceac == 0.5).all()
    assert (said.acceptability.evpi == 0).all()


def test_the_same_arguments_give_the_same_bits_in_one_thread_or_two() -> None:
    one, two = draws(SMALL, 4, threads=1), draws(SMALL, 4, threads=2)
    assert one.found.tobytes() == two.found.tobytes()
    assert one.values.tobytes() == two.values.tobytes()
    assert draws(SMALL, 4, seed=2).values.tobytes() != one.values.tobytes()


def test_a_scan_for_everybody_costs_more_in_every_draw() -> None:
    said = summary(draws(SMALL, 16), "care")
    assert said.against[0].cost.low > 0
    assert said.against[0].measures["scan"].low > 0
    assert said.acceptability.best[0] == 0


# The summary.


@pytest.mark.usefixtures("toy_country")
def test_the_summary_of_the_toy_is_what_its_two_numbers_say() -> None:
    found = draws(toy_run(only("price.gp", "quality.mild")), 256)
    said = summary(found, threshold=20_000)
    one = said.against[0]
    price, quality = found.values.T
    assert found.ids == ("price.gp", "quality.mild")
    assert one.compared.quadrant == "costs more, does more"
    assert one.compared.icer == pytest.approx(COST * price.mean() / (QALYS * quality.mean()))
    assert one.at_base.icer == pytest.approx(COST * parameters()["price.gp"] / (QALYS * 0.05))
    assert one.plane.shares["costs more, does more"] == 1
    worth = THRESHOLDS * QALYS * quality[:, None] > COST * price[:, None]
    assert said.acceptability.ceac[:, 1] == pytest.approx(worth.mean(axis=0))
    assert one.net_benefit.mean == pytest.approx(20_000 * one.qaly.mean - one.cost.mean)


@pytest.mark.usefixtures("toy_country")
def test_the_parameters_that_matter_are_named_first_with_the_way_they_pull() -> None:
    found = draws(toy_run(only("price.gp", "quality.mild", "price.pain_team")), 256)
    said = summary(found, threshold=7_000)
    assert {one.id: one.correlation > 0 for one in said.partial[:2]} == {"quality.mild": True, "price.gp": False}
    assert said.partial[2].id == "price.pain_team"
    assert abs(said.partial[2].correlation) < 0.2


@pytest.mark.usefixtures("toy_country")
def test_knowing_the_one_parameter_that_varies_is_worth_as_much_as_knowing_everything() -> None:
    found = draws(toy_run(only("price.gp")), 1024)
    said = summary(found)
    even = COST * parameters()["price.gp"] / (QALYS * 0.05)  # where the options are worth the same
    at = [20_000.0, 50_000.0, 80_000.0]
    assert said.partial[0].evppi == pytest.approx(np.interp(at, THRESHOLDS, said.acceptability.evpi), abs=1)
    assert THRESHOLDS[said.acceptability.evpi.argmax()] == pytest.approx(even, abs=1_000)
    assert said.acceptability.evpi.max() > 0


@pytest.mark.usefixtures("toy_country")
def test_fewer_draws_than_a_regression_needs_give_no_evppi() -> None:
    assert summary(draws(toy_run(only("price.gp")), 32)).partial == ()


# One way.


def test_the_tornado_is_sorted_and_a_bar_is_a_price_at_its_bounds(toy_country: list[Run]) -> None:
    found = one_way(toy_run(parameters()))
    bars = found.bars(threshold=20_000)
    assert [bar.swing for bar in bars] == sorted((bar.swing for bar in bars), reverse=True)
    one = next(bar for bar in bars if bar.name == "price.gp")
    benefit, price = 20_000 * QALYS * 0.05, parameters().known["price.gp"]
    assert (one.at_low, one.at_high) == pytest.approx((benefit - COST * price.low, benefit - COST * price.high))
    assert {bar.name for bar in bars if bar.swing} == {"price.gp", "quality.mild"}
    ranges = {id: (one.low, one.high) for id, one in parameters().known.items() if one.low < one.high}
    assert {row["parameter"]: (row["low"], row["high"]) for row in found.rows()} == ranges
    # prices and the value of quality take no run of their own
    assert len(toy_country) == 1 + 2 * sum(not id.startswith(("price.", "quality.")) for id in ranges)


@pytest.mark.usefixtures("toy_country")
def test_a_tornado_of_a_measure_is_of_its_difference_a_year() -> None:
    found = one_way(toy_run(only("price.gp")))
    assert all((bar.at_low, bar.at_high) == (VISITS * BATCHES,) * 2 for bar in found.bars(name="gp"))


@pytest.mark.usefixtures("toy_country")
def test_what_was_fitted_goes_to_the_ends_of_its_posterior() -> None:
    rows = np.linspace(0.1, 0.3, 101)[:, None]
    fitted = Posterior(("onset.first",), rows, np.zeros((101, 0)), 0.5)
    found = one_way(toy_run(parameters()), fitted)
    place = found.ids.index("onset.first")
    assert (found.low[place], found.high[place]) == pytest.approx((0.105, 0.295))


@pytest.mark.usefixtures("toy_country")
def test_a_bound_with_which_the_country_cannot_be_is_named() -> None:
    known = dict(parameters().known)
    known["work.back_week"] = replace(known["work.back_week"], high=0.8)
    with pytest.raises(UncertaintyError, match=r"work\.back_week at 0\.8, all others as they are: points of a course"):
        one_way(toy_run(Parameters(known)))


def test_one_way_on_the_country_says_how_much_of_a_bar_is_luck() -> None:
    known = parameters().known
    narrow = {
        id: one if id == "price.scan" else replace(one, low=one.value, high=one.value) for id, one in known.items()
    }
    found = one_way(replace(SMALL, parameters=Parameters(narrow))).rows(name="cost", perspective="care")
    assert [row["parameter"] for row in found] == ["price.scan"]
    assert found[0]["at_low"] < found[0]["at_base"] < found[0]["at_high"]
    assert 0 < found[0]["error"] < found[0]["swing"]


# Convergence and tables.


@pytest.mark.usefixtures("toy_country")
def test_an_exact_country_has_settled_at_once_and_the_last_step_is_all_draws() -> None:
    found = draws(toy_run(only("price.gp")), 128)
    settled = convergence(found)
    assert settled.people.tolist() == list(PEOPLE)
    assert settled.draws.tolist() == [16, 32, 64, 128]
    # of the toy, so many visits whatever the people, and each of them stands for more
    assert settled.by_people[:, 1, 0] * PEOPLE == pytest.approx(COST * parameters()["price.gp"] * total())
    assert settled.error[:, 1] == pytest.approx(0, abs=1e-3)
    assert settled.by_draws[-1, 1, 0] == pytest.approx(summary(found).against[0].cost.mean)
    assert not settled.by_draws[:, 0].any()


def test_more_people_have_less_error() -> None:
    settled = convergence(draws(SMALL, 2), (2_000, 32_000))
    assert settled.error[1, 1, 0] < settled.error[0, 1, 0] / 2


@pytest.mark.usefixtures("toy_country")
def test_a_table_has_the_same_columns_in_every_row_and_nothing_but_plain_values() -> None:
    run = toy_run(only("price.gp", "quality.mild"))
    found = draws(run, 64)
    made = tables(summary(found), one_way(run), convergence(found, (10_000,)))
    assert set(made) == {"against", "measures", "acceptability", "information", "one_way", "convergence"}
    for name, rows in made.items():
        assert len({tuple(row) for row in rows}) == 1, name
    assert json.loads(json.dumps(made, allow_nan=False)) == made
    assert len(made["acceptability"]) == 101


# What cannot be.


@pytest.mark.usefixtures("toy_country")
def test_what_cannot_be_is_named_with_what_was_expected() -> None:
    run = toy_run(only("price.gp"))
    found = draws(run, 2)
    single = one_way(run)
    alone = replace(run, options=(AS_NOW,))
    for wrong, message in (
        (lambda: draws(run, 100), "100 draws: give a power of two"),
        (lambda: draws(run, 1), "draws: 1 of 1 can be run, at least 2 expected"),
        (lambda: draws(toy_run(only()), 2), "parameters: all are fixed"),
        (lambda: summary(draws(alone, 2)), "options: current/as_now given, at least one more"),
        (lambda: one_way(alone), "options: current/as_now given, at least one more"),
        (lambda: found.each("happiness"), "outcome 'happiness': one of cost, qaly, net_benefit or a measure"),
        (lambda: found.each("cost", "patient"), "perspective 'patient': one of care, friction, human_capital"),
        (lambda: found.each("net_benefit", threshold=-1), "threshold -1: euros per QALY"),
        (lambda: single.bars(0), "option 0: 1 to 1 expected"),
        (lambda: convergence(found, (10,)), "people: 10 given, 64 to"),
    ):
        with pytest.raises(ValueError, match=message):
            wrong()
