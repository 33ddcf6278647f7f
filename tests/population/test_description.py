"""The description of the country for reviewers is of the model as it is, and says what does not fit."""

from __future__ import annotations

import re
from pathlib import Path

import description
import numpy as np
import pytest
import trial

import population
from ruggespraak.pathway.rules import Status
from ruggespraak.population import calibrate
from ruggespraak.population.parameters import parameters
from ruggespraak.population.targets import targets

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "population.md").read_text(encoding="utf-8")
FIGURES = description.figures()
RUN = "run `python docs/making/population.py`, then `make docs`"
RUN_AND_WRITE = "run `python docs/making/population.py --write`, then `make docs`"


# -- the figures


def test_the_figures_are_of_the_model_as_it_is_now():
    """A small run of every scenario counts the same as when the figures were made: rules, habits, tables and life."""
    assert FIGURES["parameters"] == parameters().digest, f"the parameters are others now: {RUN}"
    assert FIGURES["checked"] == population.checked(), f"the lives are others now: {RUN}"


def test_the_base_case_is_about_as_good_as_the_best_fit():
    """On luck that the fit has not seen."""
    assert FIGURES["base"]["chi2"] < FIGURES["fit"]["chi2"] + 8, RUN_AND_WRITE


@pytest.mark.control("C-49")
def test_every_target_that_is_missed_has_a_reason_on_the_right_side():
    why = description.said()["why"]
    for one in targets():
        if abs(description.off(one)) >= 1:
            assert one.id in why, f"population.toml has no reason for {one.id}"
            assert why[one.id]["side"] == description.side(one), f"the reason for {one.id} is for the other side"


def test_every_reason_is_about_a_target():
    assert description.said()["why"].keys() <= {one.id for one in targets()}


def test_the_virtual_trial_comes_near_the_published_one():
    found, published = FIGURES["trial"]["found"], trial.PUBLISHED
    assert found["patients"] > 1_000
    for name, value in published.items():
        within = 6 if name == "mean_to_operation_waiting" else 3 if "_to_" in name else 0.06
        assert found[name] == pytest.approx(value, abs=within), name


def test_first_times_are_few_of_the_new_cases():
    leaflet = FIGURES["leaflet"]
    assert leaflet["run"]["first_episodes"] < leaflet["most_at_once"] < leaflet["run"]["gp_cases"]
    assert leaflet["first_among_gp_cases"] < 0.2


def test_no_figure_names_this_machine():
    assert str(Path.home()) not in (ROOT / "docs" / "population.json").read_text(encoding="utf-8")


# -- writing the fit


def test_the_stored_posterior_is_of_the_parameters_that_are_fitted_now():
    found, known = calibrate.stored(), parameters().known
    assert set(found.ids) == {one.id for one in known.values() if one.fitted}, RUN_AND_WRITE
    for id, column in zip(found.ids, found.draws.T, strict=True):
        assert known[id].low <= column.min() < column.max() <= known[id].high, id
    assert len(found.draws) >= 200


def test_of_the_posterior_every_fourth_step_of_each_walker_is_kept():
    steps = np.repeat(np.arange(8.0), population.WALKERS)[:, None]
    lines = population.draws(calibrate.Posterior(("onset.first",), steps, steps, 0.3)).splitlines()
    assert lines == ["onset.first", *["0"] * population.WALKERS, *["4"] * population.WALKERS]


def test_only_the_value_of_a_fitted_parameter_is_written():
    before = population.VALUES.read_text(encoding="utf-8")
    after = population.written(before, {"onset.first": 0.1234567, "work.absent": 0.2})
    changed = {new for old, new in zip(before.splitlines(), after.splitlines(), strict=True) if old != new}
    assert changed == {"value = 0.1235", "value = 0.2"}


def test_a_value_of_nothing_is_refused():
    with pytest.raises(ValueError, match=r"0 places for onset\.nothing"):
        population.written(population.VALUES.read_text(encoding="utf-8"), {"onset.nothing": 1.0})


# -- the page


def test_every_parameter_and_every_target_stands_on_the_page():
    for one in parameters().known.values():
        (row,) = [
            line
            for line in PAGE.splitlines()
            if line.startswith(f"| `{one.id}` | {one.value:g} |") and one.unit in line
        ]
        if one.own_choice:
            assert "**own choice: fitted**" in row or "**this project's own choice**" in row, one.id
    for one in targets():
        assert one.unit in PAGE


@pytest.mark.control("C-49")
def test_the_page_counts_the_own_choices():
    own = sum(one.status is Status.OWN_CHOICE for one in parameters().known.values())
    assert f"Of its {len(parameters())} parameters {own} are this project's own choice" in PAGE


def test_all_28_items_of_cheers_and_8_of_trace_are_answered():
    cheers = PAGE.partition("## CHEERS 2022")[2].partition("## TRACE")[0]
    rows = re.findall(r"^\| (\d+) \| [^|]+ \| ([^|]+) \|$", cheers, re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, 29))
    assert all(answer.strip() for _, answer in rows)
    trace = PAGE.partition("## TRACE")[2]
    assert len(re.findall(r"^\| [A-Z]", trace, re.MULTILINE)) == 8


def test_every_test_that_is_named_exists():
    for one in description.said()["checked"]:
        for name in one["tests"]:
            path, _, test = name.partition("::")
            assert f"def {test}(" in (ROOT / path).read_text(encoding="utf-8"), name


def test_every_picture_is_told_in_words():
    for name, alt in FIGURES["pictures"].items():
        assert len(alt) > 20, name
        assert f"](pictures/{name}.svg)" in PAGE
