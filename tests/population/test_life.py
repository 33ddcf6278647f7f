"""One life: what is counted of it adds up, follows the laws that it was given, and is the same compiled or not."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st
from worlds import ALL, ALWAYS, born_now, for_ever, lived, of, only, world, yearly

from ruggespraak.population import compiled, laws, people
from ruggespraak.population.kernel import address, given
from ruggespraak.population.kernel.life import GOLDEN, NEWBORN
from ruggespraak.population.kernel.lives import lives
from ruggespraak.population.kernel.tally import (
    BORN,
    CARRIED,
    CAUSES,
    DAY,
    GROUPS,
    MEASURES,
    PERSON,
    RADICULAR,
    STATES,
    WEEK,
    WEEKS,
    YEAR,
)
from ruggespraak.population.parameters import parameters
from ruggespraak.population.scenarios import scenario
from ruggespraak.population.simulate import MOST_PEOPLE, MOST_YEARS, Option, Run

PENSION = 67 * YEAR
PEOPLE, YEARS = 20_000, 4
# Another edition and other habits from the third year on; people are born.
RUN = Run(
    people=PEOPLE,
    years=YEARS,
    born=250,
    since=2,
    options=(Option(), Option("leaflet", scenario("full_adherence"))),
)
PAIN = ("pain_mild", "pain_moderate", "pain_severe")
HOURS = (*PAIN, "lived", "lived_ever", "sick", "disabled")


@pytest.fixture(scope="module")
def country():
    """Counts, and the log, of a whole country."""
    return lived(world(RUN, option=1), high=RUN.lives, rows=1_500_000)


@pytest.fixture(scope="module")
def alive(country):
    """Until which hour each person is counted, by number."""
    deaths = of(country[1], "deaths")
    until = dict(zip(deaths["person"].tolist(), deaths["hour"].tolist(), strict=True))
    return lambda persons: np.array([until.get(person, YEARS * YEAR) for person in persons.tolist()])


def near(found, expected, n):
    """A share of n that was found is the one expected, within four standard errors."""
    assert abs(found - expected) < 4 * np.sqrt(expected * (1 - expected) / n), (found, expected, n)


def at(measure):
    return MEASURES.index(measure)


# -- laws that are known beforehand


def newborns(years=100, **changes):
    """A hundred thousand people in their first year of age, and only what is asked of them."""
    base = world(Run(people=100_000, years=years), **changes)
    return base | {"guide": born_now(base["guide"])}


def test_who_is_born_today_lives_and_dies_as_the_life_table_says():
    one = newborns(chances={"ever": 0})
    counts, _ = lived(one)
    found = yearly(counts, 100)
    left = people.rescaled()
    ages = (np.arange(200) + 0.5) / 200  # at the start, all within the first year
    for sex in (people.MEN, people.WOMEN):
        at_birth = np.interp(ages, np.arange(121), left[sex])
        alive = np.array([np.mean(np.interp(ages + year, np.arange(121), left[sex]) / at_birth) for year in range(101)])
        deaths, lives_lived = (found[:, sex, :, at(name)].sum(axis=1) for name in ("deaths", "lived"))
        expected = 50_000 * -np.diff(alive)
        assert np.all(np.abs(deaths - expected) < 4.5 * np.sqrt(expected + 1))
        # Years lived are the integral of who is alive.
        whole = 50_000 * (alive[:-1] + alive[1:]).sum() / 2
        assert lives_lived.sum() / YEAR == pytest.approx(whole, rel=0.003)
        assert np.all(lives_lived / YEAR <= 50_002 - np.cumsum(deaths) + deaths)


def test_with_one_hazard_for_all_ages_the_share_who_ever_had_it_follows():
    hazard, some = 0.02, 0.8
    first = np.round(np.exp(-hazard * np.arange(121)) * ALWAYS)
    one = newborns(
        years=60,
        chances={"ever": laws.level(some), "comes": 0, "within_year": 0},
        levels={"death": ALWAYS, "first": first, "later": ALWAYS},
    )
    counts, _ = lived(one)
    found = yearly(counts, 60).sum(axis=(1, 2))
    ages = (np.arange(1000) + 0.5) / 1000
    for year in range(60):
        assert found[year, at("lived")] == 100_000 * YEAR
        over = [1 - np.exp(-hazard * (ages + year + part)).mean() for part in (np.arange(10) + 0.5) / 10]
        near(found[year, at("lived_ever")] / found[year, at("lived")], some * np.mean(over), 100_000)
    assert found[:, at("episodes")].sum() == found[:, at("first_episodes")].sum()  # it never comes back


def test_pain_comes_back_as_published_38_56_and_69_of_100_within_3_6_and_12_months():
    one = world(
        Run(people=20_000, years=8),
        chances={"ever": ALWAYS, "comes": 0},
        levels={"death": ALWAYS, "first": np.where(np.arange(121) == 0, ALWAYS, 0), "later": ALWAYS},
        tables={"nonspecific_kngf": 0},  # over within the hour
    )
    one["guide"] = born_now(one["guide"])
    onsets = of(lived(one, rows=600_000)[1], "in_pain")
    last = np.append(np.diff(onsets["person"]) != 0, True)
    gap = np.where(last, laws.NEVER, np.append(np.diff(onsets["hour"]), 0) - 1)[onsets["hour"] < 6 * YEAR]
    assert len(gap) > 30_000
    for days, back in ((91, 0.38), (182, 0.56), (365, 0.69)):
        near(np.mean(gap <= days * DAY), back, len(gap))


@pytest.mark.parametrize(
    ("changes", "law", "points"),
    [
        ({"comes": 0}, "kngf", {30: 0.25, 90: 0.50, 365: 0.72}),
        ({"comes": 0}, "leaflet", {14: 0.50, 90: 0.95}),
        ({"comes": ALWAYS}, "kngf", {30: 0.25, 90: 0.50, 365: 0.72}),
        ({"comes": ALWAYS}, "leaflet", {14: 0.50, 90: 0.95}),
    ],
)
def test_pain_is_over_when_its_law_says(changes, law, points):
    """Counted from the first consult, or from the onset where there is none."""
    one = world(
        Run(people=40_000, years=2),
        chances={"ever": ALWAYS, **changes},
        policy={"law": ("kngf", "leaflet").index(law)},
        levels={"death": ALWAYS, "first": np.where(np.arange(121) == 0, ALWAYS, 0), "later": ALWAYS},
    )
    one |= {"guide": born_now(one["guide"]), "causes": only("nonspecific")}
    _, log = lived(one, rows=1_500_000)
    pains = of(log, "in_pain")
    first = pains["episode"] == 0
    hours = pains["amount"][first].astype(float)
    consults = of(log, "gp_cases")
    if changes["comes"]:
        early = consults["episode"] == 0
        seen = dict(zip(consults["person"][early].tolist(), consults["hour"][early].tolist(), strict=True))
        known = np.array([person in seen for person in pains["person"][first].tolist()])
        consult = np.array([seen[person] for person in pains["person"][first][known].tolist()])
        hours = (pains["hour"] + pains["amount"])[first][known] - consult
    else:
        assert not len(consults["hour"])
    assert len(hours) > 15_000
    for days, over in points.items():
        near(np.mean(hours <= days * DAY), over, len(hours))


def test_of_who_has_a_hernia_three_in_four_recover_within_12_weeks_without_surgery():
    """NHG55: 75 %. Counted from the first consult; an own choice of two courses, so within two points."""
    one = world(
        Run(people=40_000, years=2),
        chances={"ever": ALWAYS, "comes": ALWAYS, "paresis": 0},
        policy={"wants_surgery": 0, "asks_surgery_later": 0},
        levels={"death": ALWAYS, "first": np.where(np.arange(121) == 0, ALWAYS, 0), "later": ALWAYS},
    )
    one |= {"guide": born_now(one["guide"]), "causes": only("radicular")}
    counts, log = lived(one, rows=3_000_000)
    assert yearly(counts, 2)[..., at("operation")].sum() == 0
    consults, pains = of(log, "gp_cases"), of(log, "in_pain")
    ends = {
        (person, episode): hour
        for person, episode, hour in zip(
            pains["person"].tolist(), pains["episode"].tolist(), (pains["hour"] + pains["amount"]).tolist(), strict=True
        )
    }
    whose = zip(consults["person"].tolist(), consults["episode"].tolist(), consults["hour"].tolist(), strict=True)
    hours = np.array([ends[person, episode] - hour for person, episode, hour in whose])
    assert np.mean(hours <= 84 * DAY) == pytest.approx(0.75, abs=0.02)


def test_who_is_off_work_is_back_as_published_and_claims_after_two_years():
    """50 % within a week, 65 % within a month, 93 % within half a year; here the pain never ends."""
    base = Run(people=150_000, years=4)
    rows = dict(zip(given.TABLES, world(base)["tables"], strict=True))
    one = world(
        base,
        chances={"ever": ALWAYS, "comes": 0, "absent_mild": ALWAYS, "employed": ALWAYS},
        levels={"death": ALWAYS},
        tables={"nonspecific_kngf": for_ever(rows["nonspecific_kngf"])},
    )
    _, log = lived(one, rows=1_500_000)
    sick, claims = of(log, "sick"), of(log, "disability_claims")
    early = (sick["hour"] > 0) & (sick["hour"] < 2 * YEAR - 2 * DAY)
    assert early.sum() > 1000
    spells = sick["amount"][early]
    for days, back in ((7, 0.50), (30, 0.65), (182, 0.93)):
        near(np.mean(spells < days * DAY), back, len(spells))
    assert spells.max() == 730 * DAY
    both = np.isin(sick["person"][early & (sick["amount"] == 730 * DAY)], claims["person"])
    assert both.all()


# -- nothing is lost, nothing is counted twice


def test_by_cause_adds_up_to_what_is_counted_by_year(country):
    counts, _ = country
    start = YEARS * 2 * 10 * len(MEASURES)
    by_cause = counts[start : start + len(CAUSES) * len(MEASURES)].reshape(len(CAUSES), len(MEASURES))
    assert by_cause.sum(axis=0).tolist() == yearly(counts, YEARS).sum(axis=(0, 1, 2)).tolist()
    cases, episodes = by_cause[:, at("gp_cases")], by_cause[:, at("episodes")]
    assert np.all(np.abs(cases - episodes)[1:] <= 4 * np.sqrt(episodes[1:] + 1))  # who has a cause goes to a GP
    assert by_cause[1:, at("episodes")].sum() > 1000


def test_the_log_adds_up_to_the_counts(country):
    counts, log = country
    totals = yearly(counts, YEARS).sum(axis=(0, 1, 2))
    for number, name in enumerate(MEASURES):
        assert of(log, name)["amount"].sum() == totals[number], name
    assert np.all(yearly(counts, YEARS) >= 0)


def test_nothing_happens_before_the_run_after_it_or_after_a_death(country, alive):
    _, log = country
    counted = log["measure"] < len(MEASURES)
    hour, amount = log["hour"][counted], log["amount"][counted]
    lasting = np.isin(log["measure"][counted], [at(name) for name in HOURS])
    until = alive(log["person"][counted])
    dies = log["measure"][counted] == at("deaths")
    assert np.all((hour >= 0) & ((hour < until) | dies))
    assert np.all(hour[lasting] + amount[lasting] <= until[lasting])


def test_every_onset_ends_in_one_recovery_or_is_cut_by_death_or_the_end(country):
    """The log has one end of every onset, after it; the next onset comes after that end."""
    _, log = country
    onsets, ends = of(log, "episodes"), of(log, "in_pain")
    key = lambda rows: list(zip(rows["person"].tolist(), rows["episode"].tolist(), strict=True))  # noqa: E731
    counted = Counter(key(onsets))
    assert set(counted.values()) == {1}
    begun = ends["hour"] >= 0
    assert Counter([one for one, is_in in zip(key(ends), begun, strict=True) if is_in]) == counted
    assert np.all(ends["amount"] > 0)
    same = np.diff(ends["person"]) == 0
    assert np.all(np.diff(ends["episode"])[same] >= 1)
    assert np.all((ends["hour"] + ends["amount"])[:-1][same] < ends["hour"][1:][same])


def test_every_note_of_a_contact_is_followed_by_the_end_of_that_pain():
    """Also of what was long ago: who reads the log knows by that row where an episode ends."""
    severe = {"comes": ALWAYS, "radicular_severe": ALWAYS, "returns_root": ALWAYS}
    one = world(Run(people=20_000, years=1), chances=severe, policy={"wants_surgery": ALWAYS}, causes=only("radicular"))
    _, log = lived(one, rows=1_000_000)
    contacts, ends = (
        {*zip(*(of(log, name)[key].tolist() for key in ("person", "episode")), strict=True)}
        for name in ("clinical_state", "in_pain")
    )
    assert contacts <= ends
    assert (of(log, "clinical_state")["hour"] < 0).any()


def test_somebody_in_pain_is_counted_once_in_each_year_in_which_it_hurts(country, alive):
    _, log = country
    seen = of(log, "people_in_pain")
    counted = Counter(zip(seen["person"].tolist(), (seen["hour"] // YEAR).tolist(), strict=True))
    assert set(counted.values()) == {1}
    hurts = set()
    pains = of(log, "in_pain")
    until = np.minimum(pains["hour"] + pains["amount"], alive(pains["person"]))
    for person, start, end in zip(pains["person"].tolist(), pains["hour"].tolist(), until.tolist(), strict=True):
        hurts |= {(person, year) for year in range(max(start, 0) // YEAR, -(-end // YEAR))}
    assert set(counted) == hurts


def test_nobody_is_in_pain_or_off_work_longer_than_they_live(country):
    _, log = country
    hours = {name: Counter() for name in ("lived", "ever", "pain", "work")}
    for part, names in (
        ("lived", ["lived"]),
        ("ever", ["lived_ever"]),
        ("pain", PAIN),
        ("work", ["sick", "disabled"]),
    ):
        for name in names:
            rows = of(log, name)
            for person, amount in zip(rows["person"].tolist(), rows["amount"].tolist(), strict=True):
                hours[part][person] += amount
    assert all(hours["pain"][person] <= ever <= hours["lived"][person] for person, ever in hours["ever"].items())
    assert hours["pain"].keys() <= hours["ever"].keys()
    assert all(work <= hours["lived"][person] for person, work in hours["work"].items())
    assert hours["work"]


def test_sick_leave_lies_in_a_working_life_and_in_the_pain(country):
    _, log = country
    sick, claims = of(log, "sick"), of(log, "disability_claims")
    born = births(RUN)
    for rows in (sick, claims, of(log, "sick_spells"), of(log, "sick_friction")):
        age = rows["hour"] - np.array([born[person] for person in rows["person"].tolist()])
        assert np.all((age >= 18 * YEAR) | (rows["hour"] == 0))
        lasts = rows["amount"] if rows is sick else 0
        assert np.all(age + lasts <= PENSION)
    pains = of(log, "in_pain")
    spans = {
        (person, episode): (start, start + hours)
        for person, episode, start, hours in zip(
            *(pains[name].tolist() for name in ("person", "episode", "hour", "amount")), strict=True
        )
    }
    for person, episode, start, hours in zip(
        *(sick[name].tolist() for name in ("person", "episode", "hour", "amount")), strict=True
    ):
        first, last = spans[person, episode]
        assert max(first, 0) <= start
        assert start + hours <= last


def test_nobody_is_off_work_beyond_67_or_claims_after_it():
    """Everybody is 65 or 66, at home for a pain that does not end, as soon as it begins."""
    base = Run(people=5_000, years=4)
    rows = dict(zip(given.TABLES, world(base)["tables"], strict=True))
    one = world(
        base,
        chances={"ever": ALWAYS, "comes": ALWAYS // 2, "absent": ALWAYS, "absent_mild": ALWAYS, "employed": ALWAYS},
        tables={name: for_ever(rows[name]) for name in ("nonspecific_kngf", "radicular", "specific", "sick")},
        levels={"death": ALWAYS, "first": np.interp(np.arange(121), [65, 69], [ALWAYS, 0]).round()},
    )
    one |= {"causes": only("nonspecific")}
    one["guide"] = np.repeat([0, ALWAYS // 2, ALWAYS], [2 * 65 + 1, 1, len(one["guide"]) - 2 * 65 - 2])
    _, log = lived(one, rows=200_000)
    sick = of(log, "sick")
    age_at_end = sick["hour"] + sick["amount"] + ages(one)[sick["person"]]
    assert np.all(age_at_end <= PENSION)
    assert np.sum(age_at_end == PENSION) > 500
    claims = of(log, "disability_claims")
    assert 0 < len(claims["hour"]) < 500
    assert np.all(claims["hour"] + ages(one)[claims["person"]] < PENSION)


def ages(one):
    """Hours lived when the run begins, of everybody who is alive then."""
    rank = (np.arange(one["cohort"]) * GOLDEN) & (ALWAYS - 1)
    cell = np.searchsorted(one["guide"], rank, side="right") - 1
    begin, end = one["guide"][cell], one["guide"][cell + 1]
    return (cell >> 1) * YEAR + (rank - begin) * YEAR // (end - begin)


def test_an_alarm_of_which_nobody_asks_or_tells_is_found_by_a_hospital_alone():
    """Also when it first comes to a GP after six weeks, when a picture could be considered for another reason."""
    base = Run(people=20_000, years=3)
    late = np.full_like(world(base)["tables"][0], 60 * DAY)
    one = world(
        base,
        chances={"comes": ALWAYS, "told": 0, "shows": ALWAYS, "returns": ALWAYS},
        policy={"asks": 0, "scan_anyway_back": 0, "refers_anyway_back": 0, "follows": ALWAYS},
        tables={"delay": late},
        causes=only("cauda_equina"),
    )
    counts, log = lived(one, rows=1_000_000)
    assert yearly(counts, 3)[..., at("alarms_missed")].sum() > 1_000
    alone = Counter(zip(*(of(log, "emergency")[name].tolist() for name in ("person", "episode", "hour")), strict=True))
    for measure in ("operation", "neurologist", "scan", "hours_late"):
        rows = of(log, measure)
        assert {*zip(*(rows[name].tolist() for name in ("person", "episode", "hour")), strict=True)} == set(alone)
    ends = of(log, "in_pain")
    over = {
        (person, episode): start + hours
        for person, episode, start, hours in zip(
            *(ends[name].tolist() for name in ("person", "episode", "hour", "amount")), strict=True
        )
    }
    assert all(hour < over[person, episode] for person, episode, hour in alone)
    assert len(alone) < len(of(log, "gp_cases")["hour"])  # of some it was over before they got worse


def births(run):
    """The hour of birth of everybody who lives in the run, by number."""
    namespace = compiled.built(lambda function: function, {"episode": lambda *_: 1 << 60})
    given_to, found = world(run), {}
    me = np.zeros(CARRIED, np.int64)
    counts, log = np.zeros(10**6, np.int64), np.zeros((0, 6), np.int64)
    for person in range(run.lives):
        namespace["life"](counts, log, me, person, *given_to.values())
        found[int(me[PERSON])] = int(me[BORN])
    return found


def test_the_weeks_after_an_onset_show_everybody_who_can_still_be_seen(country, alive):
    """In each week and group: as many people as there were onsets whose person lives, in the run, after that week."""
    counts, log = country
    steps = counts[-len(GROUPS) * WEEKS * len(STATES) :].reshape(len(GROUPS), WEEKS, len(STATES))
    weeks = steps.cumsum(axis=1)
    assert np.all(weeks >= 0)
    pains = of(log, "in_pain")
    begun = pains["hour"] >= 0
    followed = (alive(pains["person"]) - pains["hour"])[begun] // WEEK
    group = np.minimum(pains["cause"][begun], len(GROUPS) - 1)
    recovered = STATES.index("recovered")
    for number in range(len(GROUPS)):
        for week in range(WEEKS):
            seen = (group == number) & (followed > week)
            assert weeks[number, week, :-1].sum() == seen.sum()  # who is at home sick is in another state as well
            over = pains["amount"][begun] // WEEK <= week
            assert weeks[number, week, recovered] == (seen & over).sum()


def test_an_episode_is_operated_once_and_its_pain_is_over_no_later_for_it():
    severe = {"comes": ALWAYS, "radicular_severe": ALWAYS, "returns_root": ALWAYS}
    one = world(
        Run(people=30_000, years=3),
        chances=severe | {"paresis": ALWAYS // 2, "told": 0},
        policy={"wants_surgery": ALWAYS // 2, "asks_surgery_later": ALWAYS // 2, "asks": ALWAYS // 4},
        causes=only("radicular"),
    )
    counts, log = lived(one, rows=3_000_000)
    operated = of(log, "operation")
    assert len(operated["hour"]) > 1000
    assert max(Counter(zip(operated["person"].tolist(), operated["episode"].tolist(), strict=True)).values()) == 1
    steps = counts[-len(GROUPS) * WEEKS * len(STATES) :].reshape(len(GROUPS), WEEKS, len(STATES))
    assert np.all(steps.cumsum(axis=1) >= 0)
    none = world(
        Run(people=30_000, years=3),
        chances=severe | {"paresis": 0},
        policy={"wants_surgery": 0, "asks_surgery_later": 0},
        causes=only("radicular"),
    )
    after, before = (
        {
            person: amount
            for person, episode, amount in zip(
                *(of(found, "in_pain")[name].tolist() for name in ("person", "episode", "amount")), strict=True
            )
            if episode == 0
        }
        for found in (log, lived(none, rows=3_000_000)[1])
    )
    assert all(after[person] <= before[person] for person in after.keys() & before.keys())
    assert any(after[person] < before[person] for person in after.keys() & before.keys())


def test_sessions_of_physiotherapy_end_with_the_pain(country):
    _, log = country
    ends = of(log, "in_pain")
    over = {
        (person, episode): start + hours
        for person, episode, start, hours in zip(
            *(ends[name].tolist() for name in ("person", "episode", "hour", "amount")), strict=True
        )
    }
    sessions = of(log, "physiotherapist")
    assert all(
        hour < over[person, episode]
        for person, episode, hour in zip(
            *(sessions[name].tolist() for name in ("person", "episode", "hour")), strict=True
        )
    )


def test_a_radicular_case_is_scanned_within_three_months_once_at_most(country):
    _, log = country
    scanned = of(log, "radicular_scanned")
    assert max(Counter(zip(scanned["person"].tolist(), scanned["episode"].tolist(), strict=True)).values()) == 1
    assert set(scanned["cause"].tolist()) == {RADICULAR}


def test_rates_at_an_age_are_the_same_in_every_year_when_nothing_changes():
    """What a run begins with is what it would have come to: pain, disability and new cases do not drift."""
    found = yearly(lived(world(Run(people=150_000, years=30)))[0], 30).sum(axis=1)
    grown = found[:, 4:7]  # 40 to 69
    first, last = grown[:5].sum(axis=0), grown[-5:].sum(axis=0)
    for names, most in ((PAIN, 0.04), (["disabled"], 0.5), (["gp_cases"], 0.04)):
        rates = [sum(years[:, at(name)] for name in names) / years[:, at("lived")] for years in (first, last)]
        assert np.all(np.abs(np.log(rates[0] / rates[1])) < most), names


# -- the same everywhere


@pytest.mark.parametrize("option", [0, 1])
def test_plain_python_counts_the_same_to_the_bit(option):
    one = world(RUN, option=option)
    for low, high in ((0, 250), (PEOPLE - 10, PEOPLE + 150)):
        fast, fast_log = lived(one, low, high, rows=60_000)
        slow, slow_log = lived(one, low, high, rows=60_000, by=lives)
        assert fast.tolist() == slow.tolist()
        assert all(fast_log[name].tolist() == slow_log[name].tolist() for name in fast_log)
        assert slow.sum() > 0


WIDEST = {
    "everything at its highest": {one.id: one.high for one in parameters().known.values() if one.unit[:5] != "share"},
    "everything at its lowest": {one.id: one.low for one in parameters().known.values()},
}


@pytest.mark.parametrize("which", WIDEST)
def test_no_number_outgrows_63_bits(which):
    """Compiled, whole numbers wrap without a word; run as Python on the same arrays, numpy says so."""
    run = Run(people=MOST_PEOPLE, years=MOST_YEARS, born=MOST_PEOPLE, parameters=parameters().changed(WIDEST[which]))
    never = for_ever(world(run)["tables"][0])
    for changes in ({}, {"tables": {"nonspecific_kngf": never, "radicular_severe": never, "sick": never}}):
        one = world(run, chances={"longer": ALWAYS, "shorter": ALWAYS - 1, "ever": ALWAYS}, **changes)
        with np.errstate(over="raise"):
            for low in (0, MOST_PEOPLE - 20, MOST_PEOPLE, run.lives - 20):
                fast, _ = lived(one, low, low + 20)
                assert lived(one, low, low + 20, by=lives)[0].tolist() == fast.tolist()


# -- addresses


def recorded(people=300):
    """Every address at which something is drawn in some hundred lives, and how often, with its person's number."""
    drawn = []

    def draw(seed, person, episode, purpose):
        drawn.append((int(person), int(episode), int(purpose)))
        return address.draw(seed, person, episode, purpose)

    namespace = compiled.built(lambda function: function, {"draw": draw})
    run = Run(people=1_000, years=30, born=100)
    one = world(run, chances={"ever": ALWAYS, "comes": ALWAYS // 2}, causes=only("radicular"))
    for low in (0, run.people):
        lived(one, low, low + people, by=namespace["lives"])
    return drawn


def test_no_address_is_drawn_from_twice():
    drawn = recorded()
    assert len(drawn) > 10_000
    assert max(Counter(drawn).values()) == 1
    assert {purpose for _, _, purpose in drawn} >= {*range(7), 8, 9, 10, 11}


def test_contacts_stay_off_the_other_purposes():
    names = ("DEATH_AND_KIND", "BEFORE", "COURSE", "CASE", "SURGERY", "WAITS", "NEXT")
    fixed = [getattr(address, name) for name in names]
    contacts = [address.FIRST_CONTACT + 2 * contact + word for contact in range(address.CONTACTS) for word in (0, 1)]
    assert len({*fixed, *contacts}) == len(fixed) + len(contacts)
    assert max(contacts) < 1 << 16


PERSONS = st.integers(0, (1 << 48) - 1)
ADDRESSES = st.tuples(st.integers(0, 2**63 - 1), PERSONS, st.integers(0, 2**32 - 1), st.integers(0, 2**16 - 1))


@for_all(ADDRESSES, ADDRESSES)
def test_two_addresses_are_never_one_counter(one, other):
    """Seed, person, episode and purpose can be read back from what the cipher is given."""
    packed = []
    namespace = compiled.built(lambda function: function, {"philox": lambda *words: packed.append(words)})
    for seed, person, episode, purpose in (one, other):
        namespace["draw"](seed, person, episode, purpose)
        low, high, third, fourth, key, rest = packed[-1]
        assert all(0 <= word < 1 << 32 for word in packed[-1])
        assert (low | (high & 0xFFFF) << 32, high >> 16, third, fourth) == (person, purpose, episode, 0)
        assert key | rest << 32 == seed
    assert (packed[0] == packed[1]) == (one == other)


def test_the_numbers_of_the_largest_run_fit_an_address():
    assert MOST_PEOPLE <= NEWBORN
    assert NEWBORN + MOST_PEOPLE * MOST_YEARS < 1 << 48


def test_the_names_of_the_log_are_those_of_what_is_counted():
    assert ALL[: len(MEASURES)] == MEASURES
