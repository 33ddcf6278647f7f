"""A run in pictures: what is drawn is what was counted, it can be read, and the same run is the same file."""

import re
import subprocess
import sys
from functools import cache

import matplotlib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import to_hex
from matplotlib.patches import Ellipse

from plotted import DEFICIENCIES, legible, texts, told_apart, written
from ruggespraak import drawing
from ruggespraak.population import economics, money, plots
from ruggespraak.population.kernel.tally import BANDS, DAY, GROUPS, MEASURES, STATES, WEEKS, YEAR, size
from ruggespraak.population.scenarios import scenario
from ruggespraak.population.simulate import BATCHES, Option, Result, Run, RunError
from ruggespraak.population.targets import targets
from ruggespraak.population.words import word
from ruggespraak.wording import JOIN, LANGS, number

YEARS = 3
ONE = (Option(),)
EDITIONS = (Option("current"), Option("leaflet"))
MIXED = (Option("current"), Option("leaflet", scenario("full_adherence")), Option("current", scenario("surgery_late")))
SIX = tuple(
    Option("current", scenario(id))
    for id in ("as_now", "full_adherence", "scan_everybody", "nobody_before_6_weeks", "surgery_early", "surgery_late")
)
in_both = pytest.mark.parametrize("lang", LANGS)


def made(options=ONE, **of_run):
    """A run of 179,000 people, so that each counts for a hundred, of which nothing is counted yet."""
    run = Run(people=179_000, years=YEARS, options=options, **of_run)
    return Result(run, np.zeros((len(options), BATCHES, size(YEARS)), dtype=np.int64))


def counted(options=ONE, seed=1, **of_run):
    """The same with counts that could be: drawn, and the second and later options a little off."""
    result = made(options, **of_run)
    random = np.random.default_rng(seed)
    lived = 179_000 * YEAR // BATCHES // 2 // BANDS
    each = random.poisson(40, result.yearly.shape[1:]) + 10
    result.yearly[...] = each
    result.yearly[..., MEASURES.index("lived")] = lived
    for name in plots.PAIN:
        result.yearly[..., MEASURES.index(name)] = lived // 20 + each[..., 0] * 100
    for option in range(1, len(options)):
        result.yearly[option] += random.poisson(2 * option, result.yearly.shape[1:])
    result.yearly[1:, ..., MEASURES.index("scan")] *= 30
    for group in range(len(GROUPS)):
        stays(result, group, {"own_care": 10, "gp": 6, "specialist": 2, "operated": 1, "recovered": 1})
    return result


def stays(result, group, people, weeks=WEEKS):
    """In each batch so many people are in each state for so many weeks."""
    steps = result.counts[..., -len(GROUPS) * WEEKS * len(STATES) :].reshape(*result.weeks.shape)
    for state, many in people.items():
        steps[:, :, group, 0, STATES.index(state)] += many
        if weeks < WEEKS:
            steps[:, :, group, weeks, STATES.index(state)] -= many


def beside(figure, label):
    """What stands in the row of this label, from left to right."""
    boxes = {one: one.get_window_extent() for one in texts(figure)}
    row = next(box for one, box in boxes.items() if one.get_text() == label)
    middle = (row.y0 + row.y1) / 2
    there = [(box.x0, one.get_text()) for one, box in boxes.items() if box.y0 < middle < box.y1 and box.x0 > row.x1]
    return [text for _, text in sorted(there)]


@cache
def of_draws(lang="nl"):
    """What an uncertainty analysis could have found, drawn."""
    about = plots.provenance_of_draws(counted(SIX), lang, 64, 5_000)
    named = plots.names(counted(SIX).run, lang)
    random = np.random.default_rng(1)
    extra = {
        name: (random.normal(5 * at, 3, 64), random.normal(0.001 * at, 0.0005, 64)) for at, name in enumerate(named[1:])
    }
    cost, effect = (np.column_stack([np.zeros(64), *(pair[at] for pair in extra.values())]) for at in (0, 1))
    found = economics.acceptability(cost, effect, np.linspace(0, 80_000, 21))
    reached = {one.id: one.value + (at % 5 - 2) * one.spread for at, one in enumerate(targets())}
    ends = {id: (0.95 * value, 1.06 * value) for id, value in reached.items()}
    return {
        "plane": plots.plane(extra, 20_000, about, lang),
        "acceptability": plots.acceptability(found, named, about, lang),
        "tornado": plots.tornado(bars(), 1e9, "perspective.friction", about, lang, of=named[1]),
        "fit": plots.fit(reached, about, lang, ends),
    }


@cache
def every(lang):
    """Every plot there is, of six options."""
    return plots.of_run(counted(SIX), lang) | of_draws(lang)


def bars():
    known = plots.parameters().known
    vary = [id for id, one in known.items() if one.distribution != "fixed"]
    return economics.tornado({id: (1e9 - 4e8 / (at + 1), 1e9 + 3e8 / (at + 1)) for at, id in enumerate(vary)})


# -- what can be read


@in_both
@pytest.mark.parametrize("options", [ONE, EDITIONS, MIXED], ids=["one", "editions", "mixed"])
def test_no_words_leave_the_sheet_or_lie_over_other_words(options, lang):
    legible(plots.of_run(counted(options), lang))


@in_both
def test_nor_do_they_with_six_options_or_in_the_plots_of_an_uncertainty_analysis(lang):
    legible(every(lang))


@in_both
def test_letters_are_at_least_11_pixels_high_on_a_sheet_of_800(lang):
    for figure in every(lang).values():
        assert figure.get_figwidth() * 100 == 800
        assert min(one.get_fontsize() for one in texts(figure)) * 100 / 72 > 10.9


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
@pytest.mark.parametrize(
    "colours", [drawing.SERIES, plots.STACK.values(), plots.PAYER.values(), plots.SEVERITY.values()]
)
def test_the_colour_blind_can_tell_the_colours_of_a_plot_apart(colours, deficiency):
    told_apart(colours, deficiency)


@given(
    st.lists(st.floats(0, 10), min_size=1, max_size=8),
    st.floats(0.1, 1),
)
def test_labels_are_moved_apart_in_the_order_of_what_they_belong_to(wanted, apart):
    places = drawing.spread(wanted, apart, 0, 10)
    assert min(places) >= 0
    assert max(places) <= 10 + 1e-9
    order = np.argsort(wanted, kind="stable")
    assert np.all(np.diff(np.array(places)[order]) > apart - 1e-9)


def test_labels_that_do_not_touch_stay_where_they_belong():
    assert drawing.spread([8.0, 2.0, 5.0], 1, 0, 10) == pytest.approx([8, 2, 5])


# -- which file it is


def test_the_same_run_is_the_same_file_to_the_byte_whatever_the_reader_has_set():
    first = [drawing.svg(one) for one in plots.of_run(counted(EDITIONS)).values()]
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "black", "svg.fonttype": "none"}):
        again = [drawing.svg(one) for one in plots.of_run(counted(EDITIONS)).values()]
    assert first == again
    assert first[0] != drawing.svg(plots.weeks(counted(EDITIONS, seed=2)))  # of another run: another digest
    small = plots.burden(counted())
    assert drawing.png(small) == drawing.png(plots.burden(counted()))


def test_a_plot_refers_to_nothing_outside_itself_and_has_no_date():
    for figure in every("nl").values():
        body = drawing.svg(figure)
        assert body.startswith('<?xml version="1.0" encoding="utf-8" standalone="no"?>\n<svg ')
        assert not re.search("<image|<dc:date|DOCTYPE", body)
        links = re.findall(r'(?:href|src)="([^"]*)"|url\(([^)]*)\)', body)
        assert links
        assert {"".join(one)[:1] for one in links} == {"#"}


def test_all_plots_of_a_run_are_written_as_svg_and_png(tmp_path):
    files = drawing.write(plots.of_run(counted(EDITIONS), "en"), tmp_path / "plots")
    names = ("weeks", "burden", "money", "differences", "over_years")
    assert [one.name for one in files] == [f"{name}.{kind}" for name in names for kind in ("svg", "png")]
    assert all(one.read_bytes()[:4] in (b"<?xm", b"\x89PNG") for one in files)
    assert "Compared with NL 2021" in (tmp_path / "plots" / "differences.svg").read_text(encoding="utf-8")


def test_no_display_and_no_pyplot_is_asked_for():
    ask = "import sys, ruggespraak.population.plots; sys.exit('matplotlib.pyplot' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", ask], check=False).returncode == 0


# -- what every plot says


@in_both
def test_every_plot_says_of_which_run_it_is_and_what_it_shows(lang):
    result = counted(SIX)
    people, digest = number(179_000, lang), result.digest[:12]
    for figure in every(lang).values():
        said = " ".join(written(figure))
        assert people in said
        assert digest in said
        assert "current@" in said
        assert drawing.alt(figure).endswith(".")
        assert "{" not in said + drawing.alt(figure)
        assert re.search(r"\d", drawing.alt(figure))


@pytest.mark.control("C-49")
@in_both
def test_every_plot_with_euros_says_that_prices_are_own_choices(lang):
    for name in ("money", "plane", "acceptability", "tornado", "fit"):
        assert money.ABOUT[lang] in " ".join(written(every(lang)[name])), name
    visits = plots.tornado(bars(), 1e9, "measure.gp", "about", lang)
    assert money.ABOUT[lang] not in " ".join(written(visits))


def test_options_are_called_by_what_sets_them_apart():
    assert plots.names(made(SIX[:2]).run, "nl") == ("Zoals nu", "Iedereen volgt het zorgpad")
    assert plots.names(made(EDITIONS).run, "en") == ("NL 2021", "The leaflet as it was written")
    assert plots.names(made(MIXED).run, "en")[2] == "NL 2021 · No operation before 26 weeks, unless urgent"


# -- what is drawn is what was counted


def test_the_weeks_show_the_share_of_who_can_still_be_seen():
    result = made()
    stays(result, 0, {"own_care": 1, "recovered": 3})
    stays(result, 0, {"gp": 4}, weeks=10)
    stays(result, 0, {"at_home_sick": 2})
    stays(result, 1, {"recovered": 1})
    figure = plots.weeks(result)
    assert f"hersteld 75{JOIN}%" in written(figure)
    assert f"zorgt voor zichzelf 25{JOIN}%" in written(figure)
    assert f"bij de huisarts 0{JOIN}%" in written(figure)  # it was half of them in the first weeks
    assert f"ziek thuis van het werk 50{JOIN}%" in written(figure)
    assert f"Na 52 weken is hersteld: aspecifieke lagerugpijn (75{JOIN}%)" in drawing.alt(figure)


def test_who_is_in_no_group_has_an_empty_panel_that_says_so():
    result = made()
    stays(result, 0, {"recovered": 1})
    assert written(plots.weeks(result, "en")).count("none in this run") == 2


def test_a_run_of_which_no_week_is_left_is_drawn_as_far_as_it_goes():
    result = made()
    for group in range(len(GROUPS)):
        stays(result, group, {"recovered": 1}, weeks=20)
    assert drawing.alt(plots.weeks(result)).startswith("Na 19 weken")


def test_the_burden_is_days_and_cases_by_years_lived():
    result = made()
    result.yearly[0, :, 0, 0, 4, MEASURES.index("lived")] = 100 * YEAR  # men of 40-49, the first year
    result.yearly[0, :, 0, 0, 4, MEASURES.index("pain_mild")] = 100 * 30 * DAY
    result.yearly[0, :, 0, 0, 4, MEASURES.index("pain_severe")] = 100 * 7 * DAY
    result.yearly[0, :, 0, 1, 7, MEASURES.index("lived")] = 100 * YEAR
    result.yearly[0, :, 0, 1, 7, MEASURES.index("gp_cases")] = 9
    said = written(plots.burden(result))
    assert said.count("37") == 1
    assert said.count("90") == 1
    assert drawing.alt(plots.burden(result)) == (
        "De meeste dagen pijn per jaar: 37 bij mannen van 40–49 en 0 bij vrouwen van 0–9; "
        "per 1.000 mensen komen er het meest bij de huisarts: 90 bij vrouwen van 70–79."
    )


def test_the_money_of_an_option_is_what_its_payers_pay():
    result = counted(EDITIONS)
    paid = money.by_payer(money.used(result), result.run.parameters)
    total = [number(sum(one[at].sum() for one in paid.values()) / YEARS / 1e6, "en") for at in (0, 1)]
    figure = plots.money_by_payer(result, "en")
    assert set(total) < set(written(figure))
    assert drawing.alt(figure) == (
        f"A year in million euro: NL 2021 ({total[0]}); The leaflet as it was written ({total[1]})."
    )


def test_a_difference_has_its_amount_its_interval_and_what_it_was():
    result = made(SIX[:2])
    result.yearly[:, :, 0, 0, 0, MEASURES.index("gp")] = 30
    result.yearly[1, :, 0, 0, 0, MEASURES.index("gp")] += 3  # 64 batches, each of 100 in the country, in 3 years
    result.yearly[:, :, 0, 0, 0, MEASURES.index("scan")] = 30
    result.yearly[1, ::2, 0, 0, 0, MEASURES.index("scan")] += 6
    result.yearly[1, 1::2, 0, 0, 0, MEASURES.index("scan")] -= 5
    figure = plots.differences(result, "en")
    assert beside(figure, "visits to the GP") == ["+6,400", "64,000"]
    change, was = beside(figure, "scans")
    middle, wide = 32 * (6 - 5) * 100 / 3, 1.96 * np.std([600 / 3, -500 / 3] * 32, ddof=1) * 8
    assert (change, was) == (
        f"+{middle:,.0f} ± {wide:,.0f}".replace("1,067", "1,070").replace("2,897", "2,900"),
        "64,000",
    )
    dots = [line for axes in figure.axes for line in axes.lines if line.get_marker() == "o"]
    assert dots[0].get_xdata()[0] == pytest.approx(10)
    filled = [to_hex(dot.get_markerfacecolor()) == drawing.TEAL for dot in dots]
    assert filled == [True, False]  # what is not there in the base has no percentage
    assert drawing.alt(figure) == "Compared with As now: Everybody follows the pathway (+6,400 visits to the GP)."


def test_options_that_do_the_same_differ_in_nothing():
    result = counted(SIX[:2])
    result.counts[1] = result.counts[0]
    figure = plots.differences(result)
    for id in plots.COMPARED:
        assert beside(figure, word(id, "nl"))[0] == "0"
    assert drawing.alt(figure) == "Vergeleken met Zoals nu: Iedereen volgt het zorgpad (±0)."


def test_one_option_differs_from_nothing_and_is_refused():
    with pytest.raises(RunError, match="a run of 1 option given, 2 or more expected"):
        plots.differences(counted())
    assert "differences" not in plots.of_run(counted())


def test_the_years_have_a_line_for_each_option_and_say_who_is_not_born():
    result = made(EDITIONS, since=1)
    result.yearly[0, :, :, 0, 0, MEASURES.index("operation")] = [1, 2, 3]
    result.yearly[1, :, :, 0, 0, MEASURES.index("operation")] = [1, 1, 1]
    figure = plots.over_years(result)
    lines = [line.get_ydata() for line in figure.axes[2].lines if len(line.get_xdata()) == YEARS]
    assert np.array_equal(lines, [[6400, 6400, 6400], [6400, 12800, 19200]])  # the base on top
    assert "van 6.400 naar 19.200 operaties" in drawing.alt(figure)
    assert "vanaf hier verschillen ze" in written(figure)
    assert "niemand geboren" in " ".join(written(figure))
    assert "niemand geboren" not in " ".join(written(plots.over_years(made(EDITIONS, born=100))))


def test_a_run_of_one_year_and_one_without_anything_are_drawn_too():
    plain = Result(Run(people=100, years=1), np.zeros((1, BATCHES, size(1)), dtype=np.int64))
    for figure in plots.of_run(plain).values():
        assert drawing.png(figure)


# -- of an uncertainty analysis


def test_the_plane_has_the_ellipse_that_economics_gives():
    random = np.random.default_rng(3)
    cost, effect = random.normal(5, 2, 200), random.normal(0.001, 0.0004, 200)
    figure = plots.plane({"Scan": (cost, effect)}, 50_000, "about", "en", per="unit.a_year")
    found = economics.plane(cost, effect)
    ellipse = next(one for one in figure.axes[0].patches if isinstance(one, Ellipse))
    assert ellipse.get_center() == pytest.approx((found.extra_effect, found.extra_cost))
    assert (ellipse.width, ellipse.height, ellipse.angle) == pytest.approx(
        (*(2 * one for one in found.axes), found.angle)
    )
    assert "€50,000 per QALY" in written(figure)
    assert "extra cost a year, euro" in written(figure)


def test_acceptability_follows_the_option_that_is_best_on_average():
    found = economics.acceptability([[0, 1.0], [0, 1.0]], [[0, 1e-4], [0, 1e-4]], [0, 5_000, 20_000])
    figure = plots.acceptability(found, ["As now", "Scan"], "about", "en")
    assert drawing.alt(figure) == (
        f"Best on average at €0 per QALY is As now (chance 100{JOIN}%), at €20,000 Scan (chance 100{JOIN}%)."
    )
    assert f"Scan 100{JOIN}%" in written(figure)


def test_the_tornado_names_each_parameter_with_its_range_and_stars_own_choices():
    some = economics.tornado({"price.scan": (90.0, 130.0), "course.kngf_month": (99.0, 120.0)})
    figure = plots.tornado(some, 100.0, "measure.gp", "about", "en", ranges={"course.kngf_month": (0.1, 0.2)})
    known = plots.parameters().known["price.scan"]
    assert known.own_choice
    scan, month = f"price: scan*, {known.low:g} – {known.high:g}", "recovered at 30 days, 0.1 – 0.2"
    assert beside(figure, scan) == ["−10", "+30"]
    assert beside(figure, month) == ["−1", "+20"]
    assert "as it is: 100" in written(figure)
    assert "* Own choice or fitted: no source states this value." in " ".join(written(figure))


def test_a_bar_on_one_side_of_the_base_says_how_far_it_goes():
    figure = plots.tornado(economics.tornado({"price.scan": (110.0, 130.0)}), 100.0, "measure.gp", "about")
    assert [said for said in written(figure) if said.startswith(("+", "−"))] == ["+30"]


def test_the_fit_fills_what_was_fitted_and_leaves_open_what_was_held_out():
    reached = {one.id: one.value + one.spread for one in targets()}
    figure = plots.fit(reached, "about", "en", {"ever": (0.7, 0.8)})
    dots = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert [dot.get_xdata()[0] for dot in dots] == pytest.approx([1] * len(targets()))
    fitted = [to_hex(dot.get_markerfacecolor()) == drawing.TEAL for dot in dots]
    assert fitted == sorted((one.fit for one in targets()), reverse=True)
    assert beside(figure, "first hernia operations") == ["7,245", "6,895"]
    assert beside(figure, "ever had back pain, of adults") == [f"78.0{JOIN}%", f"75.0{JOIN}%"]
    assert "Whisker" in " ".join(written(figure))
    assert "Whisker" not in " ".join(written(plots.fit(reached, "about", "en")))


def test_a_plot_of_draws_says_of_how_many_people_they_are_and_what_is_compared_with_what():
    for name in ("plane", "acceptability", "tornado"):
        said = " ".join(" ".join(one.get_text() for one in texts(of_draws("en")[name])).split())
        assert "64 draws of the parameters, with 5,000 people. Difference from: As now, over the whole run" in said
    assert f"({plots.names(counted(SIX).run, 'en')[1]})" in " ".join(
        one.get_text() for one in texts(of_draws("en")["tornado"])
    )
