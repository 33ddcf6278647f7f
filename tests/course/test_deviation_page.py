"""docs/deviation.md says what the rule is and how often it is wrong: with the numbers of the code, measured anew."""

import importlib.util
import json
import re
import sys
from pathlib import Path

import pytest

from ruggespraak.course import MILESTONES
from ruggespraak.course.deviation import PAIN_CHANGE
from ruggespraak.course.instruments import (
    ACTIVITY_CHANGE,
    ONE_ACTIVITY_CHANGE,
    OREBRO_AT_RISK_FROM,
    START_BACK_HIGH_FROM,
    START_BACK_LOW_TO,
)
from ruggespraak.pathway.numbers import ACUTE_TO, RECHECK_ON, WEIGH_SURGERY_FROM

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "benchmarks" / "deviation.py"
PAGE = (ROOT / "docs" / "deviation.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def benchmark():
    spec = importlib.util.spec_from_file_location("deviation_rates", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def measured(benchmark):
    return benchmark.rates()


def test_the_page_has_the_figures_that_the_script_measures(benchmark, measured):
    assert benchmark.page(measured) == PAGE, "stale: run python benchmarks/deviation.py --write"


def test_the_rule_on_the_page_has_the_numbers_of_the_code():
    days = [f"{int(moment)}" for moment in MILESTONES]
    for quoted in (
        f"telt {RECHECK_ON:g} dagen mee",
        f"tot dag {RECHECK_ON:g} na het begin",
        f"op dag {', '.join(days[:-1])} en {days[-1]}",
        f"vanaf dag {WEIGH_SURGERY_FROM:g} dat de pijn niet genoeg",
        f"pijn {PAIN_CHANGE:g} punten hoger dan het eerste cijfer, of activiteiten {ACTIVITY_CHANGE:g} punten lager",
        f"acute fase komt ({ACUTE_TO / 7:g} weken)",
        f"{ACTIVITY_CHANGE:g} punten, bij één activiteit {ONE_ACTIVITY_CHANGE:g}",
        f"| {OREBRO_AT_RISK_FROM:g} ([LINT]",
        f"tot en met {START_BACK_LOW_TO:g} laag; daarboven {START_BACK_HIGH_FROM:g} of 5",
    ):
        assert quoted in PAGE, quoted


def test_every_source_that_the_page_links_to_is_on_the_page_of_sources():
    sources = (ROOT / "docs" / "pathway" / "nl" / "sources.md").read_text(encoding="utf-8").lower()
    for key, anchor in re.findall(r"\[([\w-]+)\]\(pathway/nl/sources\.md#([\w-]+)\)", PAGE):
        assert anchor == key.lower()
        assert f'id="{anchor}"' in sources


def test_who_recovers_is_seldom_called_worse_and_who_gets_worse_is_found(measured):
    well, ill = measured["false alarms"], measured["missed"]
    assert all(rates["worse"]["ever"] < 10 for rates in well.values())
    assert all(rates["slower"]["84"] < 10 for rates in well.values())
    assert ill["worsens"]["not slower or worse"]["84"] < 1
    assert ill["worsens"]["never slower or worse"] < 3
    assert ill["stays"]["never slower or worse"] < 10


@pytest.mark.control("C-51")
def test_the_page_does_not_hide_where_the_rule_is_weak(measured):
    average, ill = measured["false alarms"]["as_expected"], measured["missed"]
    assert average["slower"]["14"] > 40, "Trager op dag 14 zegt weinig"
    noisy = measured["false alarms, large error"]["as_expected"]
    assert noisy["worse"]["ever"] > 2 * average["worse"]["ever"], "Erger is soms toeval"
    assert ill["stays"]["not slower or worse"]["84"] > 10, "Wie gelijk blijft, wordt niet altijd gezien"
    assert ill["slow"]["not slower or worse"]["84"] > 75, "Traag herstel telt op den duur als op koers"
    assert ill["stays"]["not behind or worse"]["28"] > 50, "Gelijk is breed"
    assert ill["relapses"]["never slower or worse"] > 20, "Na een terugval"


def test_the_simulated_average_goes_through_the_points_of_the_source(benchmark):
    for point in benchmark.CURVE.points:
        assert benchmark.MEAN_AT_START * benchmark.as_the_group(point.day) == pytest.approx(10 * point.fraction)


def test_a_smaller_sample_is_the_same_each_time_and_can_be_read_by_a_machine(benchmark):
    assert json.loads(json.dumps(benchmark.rates(20))) == json.loads(json.dumps(benchmark.rates(20)))


@pytest.mark.parametrize("asked", ["", "--json"])
def test_the_script_prints_its_tables_or_its_figures(asked, benchmark, measured, monkeypatch, capsys):
    monkeypatch.setattr(benchmark, "rates", lambda: measured)
    monkeypatch.setattr(sys, "argv", ["deviation.py", *asked.split()])
    benchmark.main()
    printed = capsys.readouterr().out.strip()
    assert printed == (json.dumps(measured, indent=2) if asked else benchmark.tables(measured))
