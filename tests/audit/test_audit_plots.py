"""The pictures of a report: what is drawn is what was counted, it can be read, and nobody is named."""

from datetime import date
from functools import cache

import pytest
from matplotlib.colors import to_hex

from plotted import DEFICIENCIES, legible, texts, told_apart, written
from practices import audited, case, some
from ruggespraak.audit.figures import suppressed
from ruggespraak.audit.report import plots
from ruggespraak.audit.report.tables import beyond
from ruggespraak.drawing import AMBER, TEAL, alt, svg
from ruggespraak.wording import JOIN, LANGS

in_both = pytest.mark.parametrize("lang", LANGS)
PICTURE = "picture_without_indication"


@cache
def drawn(lang):
    return plots.drawn(some().found, lang)


def of(*counts, practice="1", date=None):
    more = {"date": date} if date else {}
    answers = [answer for answer, many in zip((True, False, None), counts, strict=True) for _ in range(many)]
    return [case(PICTURE, answer, number, practice=practice, **more) for number, answer in enumerate(answers)]


@in_both
def test_no_words_leave_the_sheet_or_lie_over_other_words(lang):
    legible(drawn(lang))


@in_both
def test_letters_are_at_least_11_pixels_high_on_a_sheet_of_800(lang):
    for figure in drawn(lang).values():
        assert figure.get_figwidth() * 100 == 800
        assert min(one.get_fontsize() for one in texts(figure)) * 100 / 72 > 10.9


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
@pytest.mark.parametrize("colours", [plots.PARTS.values(), (TEAL, AMBER, plots.NEAR)])
def test_the_colour_blind_can_tell_the_parts_apart(colours, deficiency):
    told_apart(colours, deficiency)


def test_the_same_figures_are_the_same_picture():
    again = plots.drawn(some().found, "nl")["trend"]
    assert svg(again) == svg(drawn("nl")["trend"])


def test_the_bar_of_a_measure_has_three_parts_and_what_is_not_known_is_none_of_the_others():
    figure = plots.drawn(audited(of(6, 3, 1)).found, "en")["overview"]
    (axes,) = figure.axes
    assert [round(part.get_width(), 9) for part in axes.patches] == [0.3, 0.1, 0.6]
    assert [part.get_hatch() for part in axes.patches] == [None, "////", None]
    assert "Picture or scan without a reason in the pathway (10)" in written(figure)
    assert f"Picture or scan without a reason in the pathway 30{JOIN}% and 10{JOIN}%" in alt(figure)


def test_a_practice_beyond_what_chance_explains_has_another_colour_and_another_shape():
    cases = [one for id in range(8) for one in of(80, 20, 0, practice=str(id))] + of(20, 80, 0, practice="8")
    figure = plots.drawn(audited(cases).found, "en")["funnel"]
    dots = {line.get_marker(): line for line in figure.axes[0].lines if line.get_marker() in ("o", "D")}
    assert [len(dots[shape].get_xdata()) for shape in ("o", "D")] == [9, 1]
    assert (dots["D"].get_xdata()[0], dots["D"].get_ydata()[0]) == (100, 0.8)
    assert to_hex(dots["D"].get_markerfacecolor()) == AMBER
    assert alt(figure) == "Practices beyond the line of 99.8%: Picture or scan without a reason in the pathway 1 of 9."


def test_a_quarter_of_which_nothing_is_known_has_no_dot():
    cases = of(5, 5, 0, date=date(2024, 1, 9)) + of(0, 0, 9, date=date(2024, 4, 9)) + of(8, 2, 0, date=date(2024, 9, 9))
    figure = plots.drawn(audited(cases).found, "en")["trend"]
    (line,) = figure.axes[0].lines
    assert list(zip(line.get_xdata(), line.get_ydata(), strict=True)) == [(0, 0.5), (2, 0.2)]
    assert alt(figure).endswith(f"50{JOIN}% (2024 Q1) and 20{JOIN}% (2024 Q3).")


def test_one_practice_has_no_funnel_and_one_quarter_no_trend():
    assert set(plots.drawn(audited(of(6, 3, 1)).found, "nl")) == {"overview"}


def test_practices_that_all_do_the_same_or_have_few_cases_have_no_funnel():
    alike = [one for id in ("1", "2") for one in of(90, 0, 0, practice=id)]
    few = [one for id in ("1", "2") for one in of(5, 4, 0, practice=id)]
    assert "funnel" not in plots.drawn(audited(alike).found, "nl")
    assert "funnel" not in plots.drawn(audited(few).found, "nl")


def test_cases_of_no_known_practice_are_no_practice_in_a_funnel():
    one = [*of(80, 20, 0, practice="1"), *of(20, 80, 0, practice=None)]
    assert "funnel" not in plots.drawn(audited(one).found, "nl")
    figure = plots.drawn(audited([*one, *of(70, 30, 0, practice="2")]).found, "en")["funnel"]
    assert alt(figure).endswith(" of 2.")


def test_a_practice_is_beyond_the_limits_as_they_are_drawn():
    limits = [{"n": n, "low_998": 0.0, "high_998": high} for n, high in ((1, 1.0), (101, 0.5))]
    row = {"met": 21, "not_met": 30}
    assert beyond({"funnel": limits}, row | {"value": 0.76})
    assert not beyond({"funnel": limits}, row | {"value": 0.74})


def test_where_every_practice_is_hidden_there_is_no_funnel():
    cases = [one for id in ("1", "2") for one in of(80, 7, 0, practice=id)]
    assert set(plots.drawn(suppressed(audited(cases).found), "nl")) == {"overview"}


def test_an_axis_says_what_its_ticks_are():
    cases = [one for id in ("1", "2") for one in of(930, 70, 0, practice=id)]
    figure = plots.drawn(audited(cases).found, "nl")["funnel"]
    assert {f"2,5{JOIN}%", f"5{JOIN}%", f"7,5{JOIN}%"} <= set(written(figure))


def test_what_is_hidden_is_not_drawn():
    found = suppressed(audited(of(60, 3, 1) + of(50, 4, 0, practice="2")).found)
    assert plots.drawn(found, "nl") == {}


@in_both
def test_no_practice_is_named_in_a_picture(lang):
    cases = [one for id in ("Rugoord", "Elders") for one in of(80, 20, 0, practice=id)]
    for figure in plots.drawn(audited(cases).found, lang).values():
        assert not {"Rugoord", "Elders"} & {word for said in [*written(figure), alt(figure)] for word in said.split()}
