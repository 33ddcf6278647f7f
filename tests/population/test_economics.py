"""Health economics: published examples first, then examples of our own, by hand or in closed form."""

from math import cos, erf, exp, log, pi, radians, sin, sqrt

import numpy as np
import pytest
from scipy.special import ndtri

from ruggespraak.population.economics import (
    DISTRIBUTIONS,
    QUADRANTS,
    acceptability,
    compare,
    discount,
    draw,
    evppi,
    incremental,
    net_monetary_benefit,
    plane,
    quadrant,
    sobol,
    split_variance,
    tornado,
)

# Published examples.


def hiv(lamivudine_years: int) -> tuple[float, float]:
    """Cost and life years of zidovudine, with lamivudine in the first years.

    Chancellor et al., PharmacoEconomics 1997;12:54-66 (pubmed.ncbi.nlm.nih.gov/10169387), as in Briggs, Claxton and
    Sculpher, Decision Modelling for Health Economic Evaluation, exercise 2.5. Inputs as in the reproduction of heemod:
    github.com/pierucci/heemod, vignettes/i_reproduction.Rmd. Costs count at the end of each of 20 years.
    """
    seen = np.array([[1251, 350, 116, 17], [0, 731, 512, 15], [0, 0, 1312, 437], [0, 0, 0, 1]])
    alone = seen / seen.sum(axis=1, keepdims=True)
    both = 0.509 * alone * (1 - np.eye(4))
    both += np.diag(1 - both.sum(axis=1))
    yearly = np.array([2756 + 2278, 3052 + 2278, 9007 + 2278, 0])
    at, costs, alive = np.array([1.0, 0, 0, 0]), [], 0.0
    for year in range(20):
        with_lamivudine = year < lamivudine_years
        at = at @ (both if with_lamivudine else alone)
        costs.append(at @ yearly + (2086.5 * at[:3].sum() if with_lamivudine else 0))
        alive += at[:3].sum()
    return float(discount(0.06, 20) / sqrt(1.06) @ costs), alive


def test_two_years_of_lamivudine_cost_6276_pounds_a_life_year() -> None:
    """Results: github.com/ajsims1704/rdecision, tests/testthat/test-model-AZT.R, which cites the book's tables."""
    (cost, years), (more_cost, more_years) = hiv(0), hiv(2)
    assert (round(cost), round(years, 3)) == (44663, 7.991)
    assert (round(more_cost), round(more_years, 3)) == (50602, 8.937)
    found = compare(more_cost, more_years, cost, years)
    assert found.quadrant == "costs more, does more"
    assert found.icer is not None
    assert round(found.icer) == 6276


def test_the_analysis_of_11_treatments_of_clostridioides_is_dampacks() -> None:
    """github.com/DARTH-git/dampack, vignettes/cdiff_icers.csv (Rajasingham et al., doi.org/10.1093/cid/ciz318)."""
    treatments = {
        "s3": (57336.0059896538, 12.9399639202408),
        "s27": (57541.2526373815, 13.0140640696275),
        "s33": (57642.2587507842, 13.0389116321918),
        "s31": (57934.0743411241, 13.0966257932217),
        "s43": (58072.1137208494, 13.11285766912),
        "s44": (58665.7823044647, 13.1283328397025),
        "s39": (57814.6470919581, 13.0462790163185),
        "s4": (57887.481549326, 12.9970657153765),
        "s13": (58018.6252420203, 13.0650412387992),
        "s37": (58081.7947984323, 13.1029711156978),
        "s20": (58634.2026441398, 13.1100568867995),
    }
    ranked = {option.name: option for option in incremental(treatments)}
    assert {
        name: option.against_previous.icer for name, option in ranked.items() if option.against_previous
    } == pytest.approx(
        {
            "s27": 2769.85470915263,
            "s33": 4065.03105249231,
            "s31": 5056.2216470406,
            "s43": 8504.2160616553,
            "s44": 38362.6519947134,
        },
        rel=1e-9,
    )
    assert ranked["s3"].status == "on the frontier"
    assert ranked["s39"].status == "extendedly dominated"
    assert {name for name, option in ranked.items() if option.status == "dominated"} == {"s4", "s13", "s37", "s20"}


def test_the_analysis_of_six_options_is_that_of_dampacks_own_test() -> None:
    """github.com/DARTH-git/dampack, tests/testthat/test_calculate_icers.R."""
    options = {
        "E": (55000, 5),
        "D": (35000, 4),
        "C": (25000, 3),
        "B": (10000, 2),
        "A": (12000, 1.5),
        "UC": (5000, 1),
    }
    told = [(one.name, one.status, one.against_previous and one.against_previous.icer) for one in incremental(options)]
    assert told == [
        ("UC", "on the frontier", None),
        ("B", "on the frontier", 5000),
        ("A", "dominated", None),
        ("C", "extendedly dominated", None),
        ("D", "on the frontier", 12500),
        ("E", "on the frontier", 20000),
    ]


def test_knowing_the_market_is_worth_350_dollars() -> None:
    """Stock, fund and certificate in a market that rises (50 %), stays (30 %) or falls (20 %): here ten draws.

    liquisearch.com/expected_value_of_perfect_information/example
    """
    earned = np.repeat([[1500, 900, 500], [300, 600, 500], [-800, -200, 500]], [5, 3, 2], axis=0)
    found = acceptability(-earned, np.zeros_like(earned), [0])
    assert found.evpi == pytest.approx([350])
    assert found.best.tolist() == [0]
    assert found.ceac.tolist() == [[0.5, 0.3, 0.2]]
    assert found.ceaf.tolist() == [0.5]


def test_a_published_relative_risk_and_its_interval_come_back_as_quantiles() -> None:
    """Chancellor et al. 1997: 0.509 (95 % CI 0.365 to 0.710), pubmed.ncbi.nlm.nih.gov/10169387."""
    quantiles = draw("lognormal", 0.365, 0.509, 0.710, [0.025, 0.5, 0.975])
    assert quantiles.round(3).tolist() == [0.365, 0.509, 0.71]


# Own examples, computed by hand or in closed form.


def test_a_year_counts_as_if_all_of_it_fell_in_its_middle() -> None:
    assert discount(0.21, 2) == pytest.approx([1 / 1.1, 1 / 1.1 / 1.21])
    assert discount(0, 3).tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("cost", "effect", "words", "icer"),
    [
        (-100, 0.5, "dominates", None),
        (100, -0.5, "dominated", None),
        (-100, 0, "dominates", None),
        (0, 0.5, "dominates", None),
        (100, 0, "dominated", None),
        (0, -0.5, "dominated", None),
        (100, 0.5, "costs more, does more", 200),
        (-100, -0.5, "costs less, does less", 200),
        (0, 0, "no difference", None),
    ],
)
def test_no_difference_is_told_as_a_negative_ratio(cost: float, effect: float, words: str, icer: float | None) -> None:
    found = compare(1000 + cost, 10 + effect, 1000, 10)
    assert (found.quadrant, found.icer) == (words, icer)
    assert quadrant(cost, effect) == words


def test_net_benefit_is_effect_in_euros_less_cost() -> None:
    assert net_monetary_benefit([[100, 50]], [[0.5, 0]], 1000).tolist() == [[400, -50]]


def test_an_option_that_changes_nothing_is_not_called_dominated() -> None:
    ranked = incremental(
        {"as now": (100, 1), "same": (100, 1), "worse": (100, 0.5), "dearer": (200, 1), "better": (300, 2)}
    )
    assert [(one.name, one.status) for one in ranked] == [
        ("as now", "on the frontier"),
        ("same", "same as the one before"),
        ("worse", "dominated"),
        ("dearer", "dominated"),
        ("better", "on the frontier"),
    ]


def test_extended_dominance_falls_back_as_far_as_it_must() -> None:
    """Steps of 10, 20 and 30 a unit, until one of 5 a unit shows that both in the middle are a bad buy."""
    ranked = incremental({"a": (0, 0), "b": (10, 1), "c": (30, 2), "d": (60, 3), "e": (60.1, 12)})
    assert [one.name for one in ranked if one.status == "extendedly dominated"] == ["b", "c", "d"]
    last = ranked[-1].against_previous
    assert last is not None
    assert last.icer == pytest.approx(60.1 / 12)


@pytest.mark.parametrize(("second", "status"), [(10, "on the frontier"), (9.9, "extendedly dominated")])
def test_a_step_is_extendedly_dominated_only_by_a_next_one_that_is_cheaper(second: float, status: str) -> None:
    assert incremental({"a": (0, 0), "b": (10, 1), "c": (10 + second, 2)})[1].status == status


def test_the_option_to_choose_is_not_always_the_one_with_the_highest_chance() -> None:
    """Benefits of 1, 1, 1 and 0, 0, 9: the second wins one draw of three, and is worth 3 on average."""
    found = acceptability([[0, 0], [0, 0], [0, 0]], [[1, 0], [1, 0], [1, 9]], [1, 0])
    assert found.best[0] == 1
    assert found.ceac[0] == pytest.approx([2 / 3, 1 / 3])
    assert found.ceaf[0] == pytest.approx(1 / 3)
    assert found.evpi == pytest.approx([11 / 3 - 3, 0])
    assert found.ceac[1].tolist() == [0.5, 0.5]  # at threshold 0 they are equal in every draw, and share


def unit_loss(mean: float, deviation: float) -> float:
    """E max(0, X) - max(0, E X) of a normal X: what knowing X is worth where one may leave it."""
    z = mean / deviation
    return deviation * exp(-z * z / 2) / sqrt(2 * pi) + mean * (1 + erf(z / sqrt(2))) / 2 - max(mean, 0)


def normal_draws(draws: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Two options of which the second adds 0.3 + p + q, p and q normal with deviations 1 and 2; and what matters not.

    Effect carries p and cost carries q, so that at threshold 1 their sum decides.
    """
    p, half_q, nothing = ndtri(sobol(draws, 3, seed=7)).T
    none = np.zeros(draws)
    return np.column_stack([none, -2 * half_q]), np.column_stack([none, 0.3 + p]), p, nothing


def test_evpi_and_evppi_are_those_of_the_normal_law() -> None:
    cost, effect, p, nothing = normal_draws(4096)
    assert acceptability(cost, effect, [1]).evpi == pytest.approx([unit_loss(0.3, sqrt(5))], rel=0.01)
    assert evppi(cost, effect, [1], p) == pytest.approx([unit_loss(0.3, 1)], rel=0.01)
    assert evppi(cost, effect, [1], cost[:, 1]) == pytest.approx([unit_loss(0.3, 2)], rel=0.01)
    assert 0 <= evppi(cost, effect, [1], nothing)[0] < 0.01 * unit_loss(0.3, 1)


def test_evppi_follows_a_benefit_that_bends() -> None:
    """Of |p| - 1, p normal: E max(0, |p| - 1) = 2 (density(1) - chance(p > 1)); unlearned it is below 0, and left."""
    p = ndtri(sobol(4096, 1, seed=7))[:, 0]
    effect = np.column_stack([np.zeros(4096), np.abs(p) - 1])
    known = 2 * (exp(-0.5) / sqrt(2 * pi) - (1 - erf(1 / sqrt(2))) / 2)
    assert evppi(np.zeros((4096, 2)), effect, [1], p) == pytest.approx([known], rel=0.03)


def test_evppi_does_not_depend_on_the_scale_of_the_parameter() -> None:
    cost, effect, p, _ = normal_draws(256)
    assert evppi(cost, effect, [0.5, 1, 2], p) == pytest.approx(evppi(cost, effect, [0.5, 1, 2], np.exp(5 * p)))


def test_a_parameter_that_is_fixed_or_yes_or_no_has_an_evppi_too() -> None:
    """Yes brings 1 and no brings -1, half of the draws each: to know which is worth 1/2."""
    yes = np.repeat([1.0, 0.0], 50)
    effect = np.column_stack([np.zeros(100), 2 * yes - 1])
    assert evppi(np.zeros((100, 2)), effect, [1], yes) == pytest.approx([0.5])
    assert evppi(np.zeros((100, 2)), effect, [1], np.full(100, 3.0)) == pytest.approx([0], abs=1e-12)


def test_the_ellipse_holds_95_of_100_draws_of_a_normal_cloud() -> None:
    """Tiny effects and large costs, related: the units must not spoil the short axis."""
    a, b = ndtri(sobol(4096, 2, seed=3)).T
    effect, cost = 2e-5 + 1e-5 * a, 500 + 10_000 * (0.8 * a + 0.6 * b)
    found = plane(cost, effect)
    turn = radians(found.angle)
    across, up = effect - found.extra_effect, cost - found.extra_cost
    along = (across * cos(turn) + up * sin(turn)) / found.axes[0]
    aside = (up * cos(turn) - across * sin(turn)) / found.axes[1]
    assert np.mean(along**2 + aside**2 <= 1) == pytest.approx(0.95, abs=0.005)
    assert np.mean(aside**2) == pytest.approx(np.mean(along**2), rel=1e-3)
    assert (found.extra_cost, found.extra_effect) == pytest.approx((500, 2e-5), rel=0.01)


def test_the_shares_of_the_quadrants_are_counted_and_add_to_1() -> None:
    found = plane([1, 1, -1, -1, 0, 1, 1, 1], [1, -1, 1, -1, 0, 1, 1, 1])
    assert found.shares == dict(zip(QUADRANTS, [1 / 8, 1 / 8, 4 / 8, 1 / 8, 1 / 8], strict=True))


def test_the_parameters_have_what_monte_carlo_error_leaves() -> None:
    found = split_variance([1, 2, 3], [0.25, 0.5, 0.75])
    assert (found.between_draws, found.monte_carlo, found.parameters) == (1, 0.5, 0.5)
    assert split_variance([1, 2, 3], [2, 2, 2]).parameters == 0


def test_monte_carlo_error_is_taken_off_for_what_it_is() -> None:
    """Parameters of variance 4, each draw simulated with 25 people of variance 100: 4 + 4 between the draws."""
    random = np.random.default_rng(5)
    people = random.normal(0, 2, (20_000, 1)) + random.normal(0, 10, (20_000, 25))
    found = split_variance(people.mean(axis=1), people.var(axis=1, ddof=1) / 25)
    assert found.monte_carlo == pytest.approx(4, rel=0.03)
    assert found.parameters == pytest.approx(4, rel=0.05)


def test_a_sobol_design_has_one_point_in_every_stripe() -> None:
    design = sobol(64, 5, seed=1)
    assert (np.sort((design * 64).astype(int), axis=0) == np.arange(64)[:, None]).all()
    assert (sobol(64, 5, seed=1) == design).all()
    assert (sobol(64, 5, seed=2) != design).any()
    assert (design * 2**31 % 2 == 1).all()  # midway between two points of the grid: never 0, never 1


@pytest.mark.parametrize(
    ("law", "low", "value", "high"), [("beta", 0.1, 0.25, 0.4), ("beta", 0.01, 0.04, 0.09), ("gamma", 20, 60, 200)]
)
def test_beta_and_gamma_keep_the_value_as_mean_and_the_width_as_deviation(
    law: str, low: float, value: float, high: float
) -> None:
    drawn = draw(law, low, value, high, (np.arange(100_000) + 0.5) / 100_000)
    assert drawn.mean() == pytest.approx(value, rel=1e-4)
    assert drawn.std() == pytest.approx((high - low) / 3.92, rel=1e-3)


def test_lognormal_keeps_the_value_as_median_and_moves_its_interval() -> None:
    drawn = draw("lognormal", 1, 2, 9, [0.025, 0.5, 0.975])
    assert drawn[1] == 2
    assert log(drawn[2] / drawn[0]) == pytest.approx(log(9), rel=1e-4)


def test_uniform_fills_its_range_and_fixed_does_not_move() -> None:
    assert draw("uniform", 10, 11, 20, [0.25, 0.5]).tolist() == [12.5, 15]
    assert draw("fixed", 10, 11, 20, [[0.25, 0.5]]).tolist() == [[11, 11]]


@pytest.mark.parametrize("law", DISTRIBUTIONS)
def test_a_higher_uniform_is_never_a_lower_value(law: str) -> None:
    drawn = draw(law, 0.05, 0.2, 0.5, np.linspace(1e-9, 1 - 1e-9, 999))
    assert (np.diff(drawn) >= 0).all()
    assert np.isfinite(drawn).all()


def test_a_tornado_has_the_widest_bar_on_top() -> None:
    bars = tornado({"price": (9, 11), "share": (14, 6), "days": (10, 10), "wage": (8, 10)})
    assert [(bar.name, bar.swing) for bar in bars] == [("share", 8), ("price", 2), ("wage", 2), ("days", 0)]


# What cannot be.


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("normal", 0, 1, 2, 0.5), "'normal': give one of beta, gamma"),
        (("beta", 0.3, 0.2, 0.4, 0.5), r"beta of 0.2 \(0.3 to 0.4\): the value must lie between"),
        (("gamma", 1, float("nan"), 2, 0.5), "gamma of nan .* must lie between"),
        (("uniform", 1, 2, float("inf"), 0.5), "uniform of 2 .* must lie between"),
        (("gamma", 2, 2, 2, 0.5), "bounds that differ expected"),
        (("gamma", -1, 2, 3, 0.5), "numbers above 0 expected"),
        (("gamma", 0, 0, 3, 0.5), "numbers above 0 expected"),
        (("lognormal", 0, 2, 3, 0.5), "numbers above 0 expected"),
        (("beta", 0.5, 0.9, 1.2, 0.5), "bounds within 0-1 expected"),
        (("beta", 0, 0.01, 0.9, 0.5), "not too wide"),
        (("beta", 0, 1, 1, 0.5), "not too wide"),
        (("gamma", 1, 2, 3, [0.5, 1.0]), "uniforms between 0 and 1 expected"),
    ],
)
def test_a_range_that_cannot_be_drawn_from_is_named(arguments: tuple[object, ...], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        draw(*arguments)  # type: ignore[arg-type]


def test_what_cannot_be_is_refused_with_what_was_expected() -> None:
    pair = np.zeros((100, 2))
    for call, says in [
        (lambda: discount(3, 10), "discount rate 3: give a share of 1"),
        (lambda: discount(-0.01, 10), "discount rate -0.01"),
        (lambda: discount(0.03, 0), "0 years: give at least 1"),
        (lambda: compare(float("nan"), 1, 1, 1), "nan in cost and 0 in effect: finite numbers expected"),
        (lambda: incremental({"x": (1, 1), "y": (float("inf"), 2)}), "option y: cost inf and effect 2"),
        (lambda: plane([1, 2], [1]), "both"),
        (lambda: acceptability(pair, pair[:50], [1]), r"cost \(100, 2\) and effect \(50, 2\)"),
        (lambda: acceptability(pair[:1], pair[:1], [1]), "at least 2 draws"),
        (lambda: acceptability(pair, pair, [-1]), "thresholds .* 0 or more"),
        (lambda: acceptability(pair, np.where(np.arange(100)[:, None] == 7, np.nan, pair), [1]), "effect of draw 7"),
        (lambda: evppi(pair, pair, [1], np.zeros(99)), "one finite value for each of 100 draws"),
        (lambda: evppi(pair[:63], pair[:63], [1], np.zeros(63)), "63 draws: give at least 64"),
        (lambda: split_variance([1, 2], [1]), r"\(2,\) and variances \(1,\)"),
        (lambda: split_variance([1, 2], [1, -1]), "no variance below 0"),
        (lambda: sobol(1000, 2, 1), "1000 draws: give a power of two"),
        (lambda: sobol(0, 2, 1), "0 draws: give a power of two"),
        (lambda: sobol(8, 0, 1), "0 dimensions"),
    ]:
        with pytest.raises(ValueError, match=says):
            call()
