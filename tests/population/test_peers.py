"""The benchmark of peers is right before it is quick: our technique, NumPy and C give the answer of the equations."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

from peers.probe import in_c, in_numba, in_numpy, model
from population_peers import Contender, wrong

PEOPLE = 300_000


@pytest.fixture(scope="module")
def exact():
    return model.expected()


def z(costs: np.ndarray, mean: float) -> float:
    return (costs.mean() - mean) / (costs.std() / len(costs) ** 0.5)


def test_the_equations_agree_with_a_hundred_million_people(exact):
    """Simulated in C beforehand: 2043.06 ± 0.22 euros and 6.3042 episodes a person."""
    cost, episodes = exact
    assert cost == pytest.approx(2043.06, abs=3 * 0.22)
    assert episodes == pytest.approx(6.3042, abs=0.001)


def test_smaller_steps_do_not_change_what_the_equations_say(exact):
    assert model.expected(steps_a_day=3) == pytest.approx(exact, rel=1e-4)


def test_our_technique_agrees_with_the_equations_and_with_numpy(exact):
    whole, episodes = in_numba.lives(PEOPLE, 11)
    ours = whole / in_numba.EURO
    theirs, episodes_there = in_numpy.lives(PEOPLE, 11)
    assert abs(z(ours, exact[0])) < 4
    assert abs(z(theirs, exact[0])) < 4
    apart = (ours.mean() - theirs.mean()) / ((ours.var() + theirs.var()) / PEOPLE) ** 0.5
    assert abs(apart) < 4
    assert episodes / PEOPLE == pytest.approx(exact[1], abs=0.02)
    assert episodes_there / PEOPLE == pytest.approx(exact[1], abs=0.02)


def test_a_life_is_the_same_among_few_or_many_and_as_plain_python():
    costs, _ = in_numba.lives(200, 5)
    fewer, episodes = in_numba.lives(50, 5)
    plain = [in_numba.life.py_func(person, 5, in_numba.TABLES) for person in range(50)]
    assert costs[:50].tolist() == fewer.tolist() == [cost for cost, _ in plain]
    assert episodes == sum(times for _, times in plain)


@pytest.mark.skipif(not shutil.which("gcc"), reason="needs gcc")
def test_c_on_our_tables_costs_the_same_for_every_person():
    ours, episodes = in_numba.lives(20_000, 3)
    costs, episodes_there = in_c.lives_tables(20_000, 3)
    assert np.array_equal(costs, ours)
    assert episodes_there == episodes


def test_without_gcc_the_rows_in_c_are_left_out_with_a_reason(monkeypatch):
    monkeypatch.setenv("PATH", "")
    in_c.compiled.cache_clear()
    with pytest.raises(ImportError, match="gcc is missing"):
        in_c.lives_tables(10, 1)


def test_a_contender_with_another_mean_or_another_bit_is_named(exact):
    def dear(people, seed):
        costs, episodes = in_numba.lives(people, seed)
        return costs + 200 * in_numba.EURO, episodes

    ours, other = Contender("ours", in_numba.lives, 20_000), Contender("too dear", dear, 20_000)
    for one in (ours, other):
        one.round(1)
    assert wrong([ours], exact[0]) == []
    mean, bits = wrong([ours, other], exact[0])
    assert mean.startswith("too dear: mean cost 22")
    assert bits == "what a person costs differs between: ours; too dear"
