"""What a health economist and a GP asked of the country, where the answer can be counted."""

import math
from dataclasses import replace

import numpy as np
import pytest
from worlds import lived, of, world

from ruggespraak.pathway.rules import Status
from ruggespraak.population import money, people
from ruggespraak.population.kernel.tally import BANDS, DAY, MEASURES, YEAR
from ruggespraak.population.parameters import parameters
from ruggespraak.population.report import report
from ruggespraak.population.scenarios import scenario, scenarios
from ruggespraak.population.simulate import Option, Run, simulate, summed
from ruggespraak.population.tables import _causes, _older
from ruggespraak.population.targets import reached, targets


def options(*ids):
    return tuple(Option(scenario=scenario(id)) for id in ids)


# -- what is said of a number


def test_what_was_read_names_who_says_it():
    for one in (*parameters().known.values(), *targets()):
        if one.status in (Status.READ, Status.REPORTED):
            assert one.because or "Deyo 1992" in one.note, one.id


def test_prices_of_the_manual_of_2014_are_raised_alike():
    """By about a third; an hour of work is that of 31 hours in seven days."""
    of_2014 = {"gp": 33, "specialist": 91, "emergency": 259, "hospital_day": 476, "sick_day": 34.75 * 31 / 7}
    for name, price in of_2014.items():
        assert 1.28 < parameters()[f"price.{name}"] / price < 1.40, name


# -- who has what


def test_radicular_pain_by_age_is_as_published_by_people_and_not_by_case():
    """NHG55-05: 11 of 1,000 people over 65 where 16 are at 45-64, and 9 of all ages."""
    counts = simulate(Run(people=400_000, years=1)).yearly.sum(axis=(0, 1, 2, 3)).astype(float)
    cases, years = (counts[:, MEASURES.index(one)] for one in ("radicular_cases", "lived"))
    middle = np.array([0, 0, 0, 0, 0.5, 1, 0.5, 0, 0, 0])
    rate = (middle @ cases) / (middle @ years)
    assert cases[7:].sum() / years[7:].sum() / rate == pytest.approx(11 / 16, rel=0.08)
    assert cases.sum() / years.sum() / rate == pytest.approx(9 / 16, rel=0.08)


def test_a_limit_of_age_within_a_band_is_followed_within_it():
    assert _older(55).tolist() == [0] * 5 + [0.5] + [1] * (BANDS - 6)
    assert (1 - _older(20)).tolist() == [1, 1] + [0] * (BANDS - 2)
    fracture = np.diff(_causes(parameters()), axis=1, prepend=0)[:, 3] / 2**32
    young, old = (parameters()[f"kind.fracture_{one}"] for one in ("young", "old"))
    assert fracture[4:7] == pytest.approx([young, (young + old) / 2, old], abs=1e-8)


# -- what is done


@pytest.mark.parametrize("edition", ["current", "leaflet", "nice"])
def test_nobody_is_sent_to_a_psychologist_before_12_weeks(edition):
    """Before that the pathway says to talk about worries with the GP."""
    run = Run(people=20_000, years=2, options=(Option(edition, scenario("full_adherence")),))
    _, log = lived(world(run), rows=2_000_000)
    onset = dict(_episodes(of(log, "in_pain")))
    days = [(hour - onset[episode]) // DAY for episode, hour in _episodes(of(log, "psychologist"))]
    assert len(days) > 5
    assert min(days) >= 84


def _episodes(rows):
    """Of each row: person and number of the episode, and the hour."""
    keys = zip(rows["person"].tolist(), rows["episode"].tolist(), strict=True)
    return zip(keys, rows["hour"].tolist(), strict=True)


def test_who_is_not_operated_has_the_same_pain_in_every_scenario():
    """Person by person: a contact, a scan or a referral more moves no later luck."""
    ids = [id for id in scenarios() if id != "leaflet_optimism"]
    run, pains, touched = Run(people=20_000, years=4, options=options(*ids)), [], set()
    for option in range(len(ids)):
        _, log = lived(world(run, option), rows=2_000_000)
        rows, found = of(log, "in_pain"), {}
        for person, *row in zip(*(rows[name].tolist() for name in ("person", "hour", "amount", "cause")), strict=True):
            if row[0] < 3 * YEAR:  # what begins later can be operated after the run, which is not in the log
                found.setdefault(person, []).append(row)
        pains.append(found)
        touched |= set(of(log, "operation")["person"].tolist())
    same = set(pains[0]) - touched
    assert len(same) > 5_000
    for one in pains[1:]:
        assert sum(one[person] != pains[0][person] for person in same) == 0


# -- money


def test_who_pays_adds_up_to_care_and_sick_leave_until_a_replacement_works():
    run = Run(people=20_000, years=2, options=options("as_now", "surgery_late"))
    used = money.used(simulate(run))
    together = sum(money.by_payer(used, run.parameters).values())
    assert together == pytest.approx(money.cost(used, run.parameters, "friction"))


# -- how sure


def test_the_error_by_luck_is_how_far_seeds_differ():
    """Over 80 seeds, for six measures and three differences: the standard deviation, itself known to about 8 %."""
    ids, found, errors = ("as_now", "full_adherence", "scan_everybody", "surgery_late"), [], []
    measures = ("people_in_pain", "pain_severe", "gp", "physiotherapist", "scan", "sick")
    for seed in range(80):
        used = money.used(simulate(Run(people=10_000, years=1, seed=seed, options=options(*ids)))).sum(axis=2)
        each = [used[0, :, MEASURES.index(one)] for one in measures]
        for option, one in enumerate(("gp", "scan", "pain_severe"), 1):
            each.append(used[option, :, MEASURES.index(one)] - used[0, :, MEASURES.index(one)])
        value, error = summed(np.stack(each))
        found.append(value)
        errors.append(error)
    ratio = np.sqrt(np.mean(np.square(errors), axis=0)) / np.std(found, axis=0, ddof=1)
    assert np.all((ratio > 0.7) & (ratio < 1.4)), ratio


@pytest.mark.parametrize("end", ["low", "high"])
def test_every_parameter_can_go_to_its_ends(end):
    """Nothing negative is counted, and whatever is reported is a number."""
    base = parameters()
    for id, one in base.known.items():
        run = Run(people=640, years=1, options=options("as_now", "surgery_late"))
        result = simulate(replace(run, parameters=base.changed({id: getattr(one, end)})))
        assert result.yearly.min() >= 0, id
        assert result.weeks.min() >= 0, id
        assert math.isfinite(sum(_numbers(report(result)["options"]))), id


def _numbers(found):
    if isinstance(found, dict | list):
        for one in found.values() if isinstance(found, dict) else found:
            yield from _numbers(one)
    elif isinstance(found, float):
        yield found


def test_64_people_in_whom_nothing_happens_divide_by_nothing():
    """Of no cases there is no share: not a number, and no error."""
    never = parameters().changed({"onset.never": 0.33, "onset.first": 0.02})
    seen = [reached(simulate(Run(people=64, years=1, seed=seed, parameters=never))) for seed in range(20)]
    assert any(math.isnan(one["radicular_imaged"]) for one in seen)
    assert all(one["new_gp_cases"] >= 0 for one in seen)


# -- the same run is the same counts


def test_a_run_that_reads_another_table_is_another_run(monkeypatch):
    """Also where the table is of no parameter: who lives here, or how radicular pain goes with age."""
    before = Run().digest
    assert Run().digest == before
    monkeypatch.setattr("ruggespraak.population.tables.RADICULAR_BY_BAND", np.full(BANDS, 0.5))
    other = Run().digest
    guide = people.guide().copy()
    guide[1] += 1
    monkeypatch.setattr(people, "guide", lambda: guide)
    assert len({before, other, Run().digest}) == 3
