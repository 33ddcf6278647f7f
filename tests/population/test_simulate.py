"""A run: what another way to simulate comes to, the same bits however it is run, scenarios that do what they say."""

import os
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from oracle import BATCHES, Country
from worlds import ALWAYS, lived, of, world

from ruggespraak.pathway.editions import UnknownEditionError, edition
from ruggespraak.population import compiled, simulate, tables
from ruggespraak.population.kernel import tally
from ruggespraak.population.kernel.tally import DAY, MEASURES
from ruggespraak.population.parameters import ParameterError, parameters
from ruggespraak.population.scenarios import Scenario, ScenarioError, scenario, scenarios
from ruggespraak.population.simulate import Option, Run, RunError, counted
from ruggespraak.population.tables import TableError, given

WHOLE = os.environ.get("RUG_CHECK") == "whole"
CARE = [one for one in scenarios() if one not in ("as_now", "leaflet_optimism")]  # how fast one recovers is nature


def options(*ids):
    return tuple(Option("current", scenario(id)) for id in ids)


def total(result, measure):
    """Per option, over the country and all years."""
    return result.total(measure).sum(axis=-1)


# -- against another way to simulate

# Rare things made common: the widest values of their ranges.
RARE = {
    "kind.paresis": 0.01, "kind.unbearable": 0.05, "kind.false_alarm": 0.06, "kind.cauda_equina": 0.001,
    "kind.tumour": 0.012, "kind.aneurysm": 0.001, "kind.infection": 0.0005, "kind.axial_spa": 0.01,
    "kind.listhesis": 0.02, "practice.wants_surgery": 0.3, "practice.asks_surgery_later": 0.4,
    "practice.scan_anyway_root": 0.2, "practice.refers_anyway_back": 0.05, "practice.psychology": 0.15,
    "practice.pain_team": 0.1, "practice.occupational": 0.6,
    "effect.needless_scan": 0.1, "effect.physiotherapy": 0.1, "work.absent": 0.6,
}  # fmt: skip


@pytest.mark.parametrize(("edition_id", "changes"), [("current", {}), ("leaflet", {}), ("current", RARE)])
def test_the_country_in_numpy_comes_to_the_same(edition_id, changes):
    """Every measure over three years, of 300,000 people each, within four standard errors of the difference."""
    number, years = 1_000_000 if WHOLE else 300_000, 3
    here = parameters().changed(changes)
    other = Country(number, years, here, edition_id, seed=11).counts
    run = Run(people=number, years=years, seed=5, parameters=here, options=(Option(edition_id),))
    ours = simulate.simulate(run).yearly[0].sum(axis=(1, 2, 3)).astype(float)
    apart = {}
    for place, measure in enumerate(MEASURES):
        error = np.sqrt(BATCHES * (ours[:, place].var(ddof=1) + other[:, place].var(ddof=1)))
        assert ours[:, place].sum() > 0 or not changes, measure
        apart[measure] = (ours[:, place].sum() - other[:, place].sum()) / max(error, 1)
    assert max(map(abs, apart.values())) < 4, apart


# -- scenarios under the same luck


def test_the_same_policy_under_another_name_differs_in_nothing():
    twin = Scenario("twin", "Tweeling", "Twin", {})
    copy = edition("leaflet").revise("leaflet_copy", "1")
    run = Run(
        people=20_000, years=5, born=200, since=1,
        options=(Option("leaflet"), Option("leaflet", twin), Option(copy)),
    )  # fmt: skip
    counts = simulate.simulate(run).counts
    assert counts[0].any()
    assert not (counts - counts[0]).any()


@pytest.mark.parametrize("since", [0, 5])
def test_a_policy_changes_nothing_before_the_year_in_which_it_begins(since):
    run = Run(people=30_000, years=8, since=since, options=(*options("as_now", *CARE), Option("leaflet")))
    yearly = simulate.simulate(run).yearly
    difference = yearly - yearly[0]
    assert not difference[:, :, :since].any()
    for number in range(1, len(run.options)):
        assert difference[number, :, since:].any(), run.options[number].id
        assert difference[number, :, since].any(), run.options[number].id  # from its first year on


def test_deaths_and_years_lived_are_the_same_in_every_scenario():
    run = Run(people=20_000, years=10, options=options(*scenarios()))
    yearly = simulate.simulate(run).yearly
    for measure in ("lived", "deaths", "lived_ever", "first_episodes"):
        place = MEASURES.index(measure)
        assert not (yearly - yearly[0])[..., place].any(), measure


def test_the_same_luck_makes_a_difference_far_surer_than_other_luck():
    """The variance of the difference in money and pain between two scenarios, with the same seed and with another."""
    run = Run(people=100_000, years=5, options=options("as_now", "full_adherence"))
    same, other = simulate.simulate(run), simulate.simulate(replace(run, seed=2))
    for measure, factor in (("gp", 10), ("pain_severe", 100), ("physiotherapist", 1.5)):
        with_luck = np.var(same.total(measure)[1] - same.total(measure)[0])
        without = np.var(other.total(measure)[1] - same.total(measure)[0])
        assert without > factor * with_luck, (measure, without / with_luck)


def test_what_each_scenario_says_happens():
    run = Run(people=100_000, years=3, options=options(*scenarios()))
    found = simulate.simulate(run)
    names = list(scenarios())
    now = names.index("as_now")
    per = {measure: total(found, measure) for measure in MEASURES}

    def of_now(measure, name):
        return per[measure][names.index(name)] / per[measure][now]

    assert of_now("scan", "scan_everybody") > 5
    assert of_now("scan", "nobody_before_6_weeks") < 0.7
    assert of_now("alarms_missed", "nobody_before_6_weeks") > 1.5
    assert of_now("alarms_missed", "full_adherence") < 0.3
    assert of_now("scan_needless", "full_adherence") == 0
    assert of_now("physiotherapy_courses", "physiotherapy_first") > 1
    assert of_now("operation", "surgery_late") < 1 < of_now("operation", "surgery_early")
    assert of_now("pain_severe", "surgery_early") < 1 < of_now("pain_severe", "surgery_late")
    assert of_now("pain_mild", "leaflet_optimism") < 0.5


def first_contacts(log):
    """The hour of onset of each episode, and of its first contact, by person and number."""
    onsets, cases = of(log, "in_pain"), of(log, "gp_cases")
    keys = [list(zip(rows["person"].tolist(), rows["episode"].tolist(), strict=True)) for rows in (onsets, cases)]
    return dict(zip(keys[0], onsets["hour"].tolist(), strict=True)), dict(
        zip(keys[1], cases["hour"].tolist(), strict=True)
    )


def events(log, measure):
    rows = of(log, measure)
    return list(zip(*(rows[name].tolist() for name in ("person", "episode", "hour")), strict=True))


@pytest.mark.parametrize(
    ("id", "measures", "days"),
    [
        ("nobody_before_6_weeks", ("scan", "neurologist", "orthopaedist", "operation"), 42),
        ("surgery_late", ("operation",), 182),
    ],
)
def test_nothing_is_done_before_the_day_that_a_scenario_names(id, measures, days):
    """Counted from the onset; a paresis or cauda equina that comes to a hospital by itself is not held up."""
    one = world(Run(people=50_000, years=3, options=options(id)), chances={"paresis": 0})
    _, log = lived(one, rows=2_000_000)
    onset, _ = first_contacts(log)
    alone = {(person, episode) for person, episode, _ in events(log, "emergency")}
    checked = 0
    for measure in measures:
        rows = of(log, measure)
        for person, episode, hour, cause in zip(
            *(rows[name].tolist() for name in ("person", "episode", "hour", "cause")), strict=True
        ):
            if cause < tally.FIRST_SPECIFIC and (person, episode) not in alone:
                checked += 1
                assert (hour - onset[person, episode]) // DAY >= days
    assert checked > 10


def test_everybody_scanned_at_once_is_scanned_at_the_first_contact():
    one = world(
        Run(people=30_000, years=2, options=options("scan_everybody")), chances={"false_alarm": 0, "paresis": 0}
    )
    _, log = lived(one, rows=1_000_000)
    _, consult = first_contacts(log)
    scanned = {(person, episode, hour) for person, episode, hour in events(log, "scan")}
    causes = dict(zip(events(log, "gp_cases"), of(log, "gp_cases")["cause"].tolist(), strict=True))
    for (person, episode, hour), cause in causes.items():
        assert cause >= tally.FIRST_SPECIFIC or (person, episode, hour) in scanned
    assert len(consult) > 1_000


# -- the same bits however it is run


RUN = Run(people=5_003, years=3, born=101, options=options("as_now", "surgery_early"))


@pytest.fixture(scope="module")
def whole():
    return simulate.simulate(RUN, threads=1)


def test_threads_and_shards_change_no_bit(whole):
    assert simulate.simulate(RUN, threads=2).digest == whole.digest
    cuts = [0, 1, 63, 64, 2_500, RUN.people, RUN.people + 7, RUN.lives]
    parts = sum(counted(RUN, low, high) for low, high in pairwise(cuts))
    assert (parts == whole.counts).all()


def test_another_seed_is_another_country_and_the_same_seed_the_same(whole):
    assert simulate.simulate(RUN).digest == whole.digest
    assert simulate.simulate(replace(RUN, seed=2)).digest != whole.digest


def test_the_first_people_of_a_larger_country_of_the_same_seed_live_the_same_lives():
    few, many = (world(Run(people=people, years=3)) for people in (1_000, 50_000))
    assert lived(few, 0, 1_000)[0].tolist() == lived(many, 0, 1_000)[0].tolist()


def test_progress_is_told_for_every_batch():
    told = []
    simulate.simulate(RUN, threads=1, progress=lambda done, of_all: told.append((done, of_all)))
    assert told == [(number, 2 * simulate.BATCHES) for number in range(1, 2 * simulate.BATCHES + 1)]


@pytest.mark.control("C-49")
def test_what_the_run_says_of_itself_is_what_decides_the_counts():
    other = [
        replace(RUN, seed=2), replace(RUN, people=5_004), replace(RUN, years=2), replace(RUN, born=0),
        replace(RUN, since=1), replace(RUN, options=options("surgery_early", "as_now")),
        replace(RUN, options=(Option("leaflet"),)),
        replace(RUN, parameters=parameters().changed({"onset.never": 0.21})),
    ]  # fmt: skip
    digests = [RUN.digest, *(run.digest for run in other)]
    assert len(set(digests)) == len(digests)
    assert replace(RUN).digest == RUN.digest


# -- never a stale kernel


@pytest.mark.parametrize("name", sorted(path.name for path in Path(tally.__file__).parent.glob("*.py")))
def test_one_byte_of_the_kernel_is_another_place_for_its_machine_code(name, tmp_path, monkeypatch):
    for path in Path(tally.__file__).parent.glob("*.py"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(tally, "__file__", str(tmp_path / "tally.py"))
    assert compiled._read() == compiled.sources()
    path = tmp_path / name
    path.write_bytes(path.read_bytes() + b"#")
    other = compiled._read()
    assert other != compiled.sources()
    here = compiled.place()
    monkeypatch.setattr(compiled, "_SOURCES", other)
    assert compiled.place() != here
    assert compiled.place().name == f"kernel-{other[:16]}"


# -- what cannot be is refused before anything runs


def broken(**changes):
    """The tables of the base case with something wrong."""
    return replace(given(parameters()), **changes)


def with_hole(name, place, value):
    found = np.copy(getattr(given(parameters()), name))
    found[place] = value
    return {name: found}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"people": 0}, "people: 0 given, 64 to 1000000000 expected"),
        ({"people": -5}, "people: -5 given"),
        ({"years": 0}, "years: 0 given, 1 to 100 expected"),
        ({"years": 101}, "years: 101 given"),
        ({"seed": -1}, "seed: -1 given"),
        ({"since": 4}, "since: 4 given, 0 to 3 expected"),
        ({"born": -1}, "born: -1 given"),
        ({"options": ()}, "options: none given"),
        ({"options": options("as_now", "as_now")}, "each once expected"),
    ],
)
def test_a_run_that_cannot_be_is_not_made(changes, says):
    with pytest.raises(RunError, match=says):
        replace(RUN, **changes)


@pytest.fixture
def nothing_runs(monkeypatch):
    def runs():
        raise AssertionError("it ran")

    monkeypatch.setattr(compiled, "compiled", runs)


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"asks": 1.5}, ScenarioError, "scenario mine: asks 1.5 given, a share from 0 to 1 expected"),
        ({"wants_surgery": -0.1}, ScenarioError, "wants_surgery -0.1 given, a share from 0 to 1"),
        ({"patience": 2}, ScenarioError, "patience 2 given, a share"),
        ({"nothing_before": -1}, ScenarioError, "nothing_before -1 given, a number of days expected"),
        ({"law": "hope"}, ScenarioError, "law 'hope' given, one of"),
        ({"follows": "all"}, ScenarioError, "follows 'all' given"),
        ({"follow": 1}, ScenarioError, "follow is none of"),
    ],
)
@pytest.mark.usefixtures("nothing_runs")
def test_a_policy_that_cannot_be_is_named(changes, error, says):
    run = replace(RUN, options=(Option("current", Scenario("mine", "m", "m", changes)),))
    with pytest.raises(error, match=says):
        simulate.simulate(run)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"kind.severe": 0.9}, "kind.severe: 0.9 given, 0.2 to 0.4 expected"),
        ({"price.scan": float("nan")}, "price.scan: nan given"),
        ({"kind.strange": 0.1}, "parameter 'kind.strange' does not exist"),
    ],
)
def test_a_parameter_out_of_its_range_is_named(values, says):
    with pytest.raises(ParameterError, match=says):
        parameters().changed(values)


def test_a_scenario_or_an_edition_that_does_not_exist_is_named_with_its_neighbour():
    with pytest.raises(ScenarioError, match=r"'surgery_erly' does not exist; .* did you mean surgery_early"):
        scenario("surgery_erly")
    with pytest.raises(UnknownEditionError, match="'leeflet' does not exist"):
        simulate.simulate(replace(RUN, options=(Option("leeflet"),)))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (with_hole("tables", (2, 40), -1), r"tables\[2, 40\]: -1 given"),
        (with_hole("tables", (2, 40), 1 << 40), r"tables\[2, 40\]: 1099511627776 given"),
        (with_hole("tables", (0, 0), 5_000), r"tables\[0, 1\]: .* rising expected"),
        (with_hole("levels", (1, 60), 0), r"levels\[1, 61\]: .* falling expected"),
        (with_hole("causes", (3, 9), ALWAYS - 1), r"causes\[3, 9\]: 4294967295 given"),
        (with_hole("guide", 7, 0), r"guide\[0, 7\]: 0 given"),
        ({"chances": np.zeros(3, np.int64)}, r"chances: int64 of shape \(3,\) given"),
        ({"tables": np.zeros((13, 865))}, "tables: float64 of shape"),
    ],
)
def test_a_table_with_a_hole_is_refused_with_its_place(changes, says):
    with pytest.raises(TableError, match=says):
        tables.checked(broken(**changes))


@pytest.mark.usefixtures("nothing_runs")
def test_causes_that_are_more_than_all_cases_are_refused():
    known = dict(parameters().known)
    known["kind.radicular"] = replace(known["kind.radicular"], value=0.99, high=0.99)
    run = replace(RUN, parameters=type(parameters())(known))
    with pytest.raises(TableError, match="shares of the causes add up to"):
        simulate.simulate(run)


def test_numba_is_not_needed_to_be_told_what_is_wrong():
    """The check comes before the compiler is even imported."""
    code = (
        "import sys\n"
        "from ruggespraak.population.simulate import Run, RunError\n"
        "try:\n    Run(people=0)\n"
        "except RunError as error:\n    print(error, 'numba' in sys.modules)\n"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said == "people: 0 given, 64 to 1000000000 expected False\n"
