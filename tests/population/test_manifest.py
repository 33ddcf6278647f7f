"""A run is made again from its manifest, or what stands in the way is named."""

from __future__ import annotations

import json

import pytest

from ruggespraak.population import compiled
from ruggespraak.population.money import Rates
from ruggespraak.population.parameters import ParameterError, parameters
from ruggespraak.population.report import from_manifest, manifest
from ruggespraak.population.scenarios import scenario
from ruggespraak.population.simulate import Option, Run, RunError, simulate

RATES = Rates(0.04, 0.015)
RUN = Run(
    people=640,
    years=2,
    seed=7,
    options=(Option(), Option("leaflet", scenario("surgery_late"))),
    parameters=parameters().changed({"price.scan": 300, "onset.never": 0.21}),
    since=1,
    born=3,
)


@pytest.fixture(scope="module")
def said():
    return json.dumps(manifest(simulate(RUN), RATES))


def test_it_is_the_same_run(said):
    run, rates = from_manifest(json.loads(said))
    assert (run, rates) == (RUN, RATES)
    assert simulate(run).digest == json.loads(said)["counts"]


def places(of, before=()):
    for name in of if isinstance(of, dict) else range(len(of)):
        yield (*before, name)
        if isinstance(of[name], dict | list):
            yield from places(of[name], (*before, name))


def made_of(manifest):
    """The run, or the error that says why there is none."""
    try:
        return from_manifest(manifest)[0]
    except ValueError as error:
        return error


NOT_READ = {"versions", "price_year", "weight"}  # they say where the run was made, and follow from the rest


def test_whatever_is_left_out_or_is_something_else_is_an_error_of_ours(said):
    """Not an error of Python, and never another run under the same name."""
    for place in places(json.loads(said)):
        if place[0] in NOT_READ:
            continue
        for wrong in (None, -1, "x", [], {}, 1.5, True, float("nan"), 10**400, ...):
            altered = of = json.loads(said)
            for name in place[:-1]:
                of = of[name]
            of[place[-1]] = wrong
            if wrong is ...:
                del of[place[-1]]
            found = made_of(altered)
            if isinstance(found, Run):
                assert found.digest == RUN.digest, (place, wrong)
            else:
                assert type(found).__module__.startswith("ruggespraak."), (place, wrong, found)


@pytest.mark.parametrize("none", [None, [], "x", 3, {}])
def test_what_is_no_manifest_is_said(none):
    with pytest.raises(RunError, match="manifest: options: nothing given, a list expected"):
        from_manifest(none)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("people", "x", "people: 'x' given, a whole number expected"),
        ("people", 640.0, "people: 640.0 given, a whole number expected"),
        ("people", 3, "people: 3 given, 64 to"),
        ("options", [], "options: none given"),
        ("discount", {"costs": 3, "effects": 1.5}, "discount: 3 and 1.5 given, 0 to 1 expected"),
        ("counts", None, "counts: nothing given, a text expected"),
        ("seed", 8, "not of the run that it describes"),
        ("kernel", "0" * 64, "the kernel, or the compiler under it, is another one"),
        ("parameters", "0" * 64, "the parameters of this installation are others"),
    ],
)
def test_what_stands_in_the_way_is_named(name, value, says, said):
    with pytest.raises(RunError, match=says):
        from_manifest(json.loads(said) | {name: value})


def test_a_parameter_out_of_its_range_is_named(said):
    with pytest.raises(ParameterError, match=r"price\.scan: 9999 given, 150 to 400 expected"):
        from_manifest(json.loads(said) | {"changed": {"price.scan": 9999}})


def test_other_rules_are_told_from_another_kernel(said, monkeypatch):
    altered = json.loads(said)
    altered["options"][1]["fingerprint"] = "0" * 64
    with pytest.raises(RunError, match=r"edition leaflet@.* has other rules now"):
        from_manifest(altered)
    monkeypatch.setattr(compiled, "_SOURCES", "0" * 64)
    with pytest.raises(RunError, match="the kernel"):
        from_manifest(json.loads(said))
