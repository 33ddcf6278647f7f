"""Who gets other care under another edition: found by proof, the smallest first, and nobody left out."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

from ruggespraak.cli import main
from ruggespraak.consult import decide, read_case
from ruggespraak.consult.ready import ready
from ruggespraak.pathway.editions import edition
from ruggespraak.pathway.rules import Act, Complaint, Urgency, Use
from ruggespraak.proof.diff import OTHER, Compared, Difference, acts, aspects, diff
from ruggespraak.proof.words import as_data, as_markdown, as_text

CURRENT, LEAFLET = edition("current"), edition("leaflet")


@cache
def compared(first: str, second: str) -> Compared:
    return diff(edition(first), edition(second), timeout=600)  # by the clock, of a machine that does much else


def by(rule: str, first: str = "leaflet", second: str = "current") -> Difference:
    """The difference that this rule makes."""
    (found,) = [one for one in compared(first, second).differences if rule in one.rules]
    return found


def done_only(one: Difference) -> tuple[set[Act], set[Act]]:
    """The acts that only the first, and only the second edition does."""
    return set(acts(one.first) - acts(one.second)), set(acts(one.second) - acts(one.first))


# -- what a difference is --------------------------------------------------------------------------------------------


def test_every_alarm_that_the_leaflet_does_not_know_is_found_with_a_patient():
    found = {rule for one in compared("leaflet", "current").differences for rule in one.rules if one.by == "current"}
    assert {alarm.id for alarm in CURRENT.alarms} - {"R2", "R3"} <= found
    assert compared("leaflet", "current").complete


def test_the_most_urgent_difference_comes_first():
    steps = [abs(one.first.urgency - one.second.urgency) for one in compared("leaflet", "current").differences]
    assert steps == sorted(steps, reverse=True)
    assert steps[0] >= 3


@pytest.mark.control("C-25")
def test_the_patient_gets_other_care_does_not_contradict_herself_and_is_decided_as_shown():
    for one in compared("leaflet", "current").differences:
        assert aspects(one.first, one.second), one.rules
        assert not one.first.conflicts, one.rules
        for name, shown_as in (("leaflet", one.first), ("current", one.second)):
            decided = decide(replace(one.case, edition=name)).as_json()
            assert decided == {**shown_as.as_json(), "case": None}, one.rules


def by_one_rule() -> list[Difference]:
    return [
        one
        for one in compared("leaflet", "current").differences
        if len(one.rules) == 1 and one.rules != (OTHER,) and one.rules[0] not in set(Complaint)
    ]


def test_the_patient_is_the_smallest_without_any_one_answer_the_rule_changes_nothing():
    assert len(by_one_rule()) > 20
    for one in by_one_rule():
        here, there = ready(one.by), ready("leaflet" if one.by == "current" else "current")
        (rule,) = one.rules
        for left_out in one.case.answers:
            answers = {id: value for id, value in one.case.answers.items() if id != left_out}
            smaller = replace(one.case, answers=answers)
            mine, theirs = decide(smaller, here=here), decide(smaller, here=there)
            holds = rule in mine.established or rule in {advice.id for advice in mine.plan}
            changed = set(one.aspects) & set(aspects(mine, theirs))
            if holds and changed:  # then it is another rule that changes it
                assert not _brought(rule, mine, theirs, one.by), (rule, left_out)


def _brought(rule: str, mine, theirs, by: str) -> bool:
    """Whether the rule itself gives something that the other edition does not."""
    here = edition(by)
    found = [one for one in (*here.alarms, *here.recommendations) if one.id == rule]
    (it,) = found
    refers = {one.to for one in it.refer} - {one.to for one in theirs.refer}
    higher = it.urgency and it.urgency == mine.urgency > theirs.urgency
    done = set(getattr(it, "does", ())) - acts(theirs) - {Act.EXPLAIN, Act.INFORM, Act.ASK, Act.SAFETY_NET}
    return bool(refers or higher or done)


def test_an_edition_is_the_same_as_itself():
    assert diff(CURRENT, CURRENT) == Compared("current", "current", (), ())


@pytest.mark.control("C-25")
def test_a_moved_number_is_shown_by_somebody_between_the_old_and_the_new():
    later = CURRENT.revise("later", "1", parameters={"weigh_surgery_from": 56})
    found = diff(CURRENT, later)
    (weighed,) = [one for one in found.differences if "weigh_surgery" in one.rules]
    assert found.complete
    assert Act.DISCUSS_SURGERY in acts(weighed.first)
    assert Act.DISCUSS_SURGERY not in acts(weighed.second)
    days = weighed.case.answers.get("duration_days") or (weighed.case.on - weighed.case.answers["onset_date"]).days
    assert 42 <= days < 56


def test_what_no_single_rule_does_is_shown_too():
    """Doubt raises the urgency (R18) where one edition knows an alarm and the other does not."""
    rest = [one for one in compared("leaflet", "current").differences if one.rules == (OTHER,)]
    assert any(one.case.unclear and one.second.urgency > one.first.urgency for one in rest)


def test_a_change_that_hides_behind_a_rule_for_everybody_is_shown_too():
    """One act more for all, and a measured fever that is none: the second is not explained by the first."""
    (phone,) = [rule for rule in CURRENT.recommendations if rule.id == "whom_do_i_phone"]
    louder = CURRENT.revise("louder", "1", replace=[replace(phone, does=phone.does | {Act.SEE_GP})])
    deaf = replace(louder, derivations=tuple(one for one in CURRENT.derivations if one.finding != "fever_reported"))
    found = diff(CURRENT, deaf)
    rest = [one for one in found.differences if one.rules == (OTHER,)]
    assert any("fever_c" in one.case.answers and one.first.urgency > one.second.urgency for one in rest)


def test_a_number_that_changes_no_aspect_is_told():
    slower = CURRENT.revise("slower", "1", parameters={"review_same_day": 2})
    found = diff(CURRENT, slower)
    assert not found.differences
    assert found.numbers == (("review_same_day", 1.0, 2.0),)
    assert "review_same_day 1 → 2" in as_text(found, "en")


@pytest.mark.control("C-25")
def test_what_the_solver_gives_up_on_makes_the_overview_incomplete():
    found = diff(LEAFLET, CURRENT, timeout=1e-6)
    assert not found.complete
    assert "R1 (current)" in found.undecided
    assert "not complete" in as_text(found, "en")


# -- evidence §0.1: where the leaflet and newer evidence differ ------------------------------------------------------


def test_x2_exercise_at_once_or_after_three_weeks_without_progress():
    leaflet, _ = done_only(by("leaflet_posture_exercise_painkillers"))
    assert Act.EXERCISE in leaflet
    _, current = done_only(by("exercise"))
    assert by("exercise").case.answers.get("improving") is False or by("exercise").case.answers["course"] != "better"
    assert current & {Act.EXERCISE, Act.PHYSIOTHERAPY}


def test_x4_the_orthopaedist_for_what_is_mainly_a_back():
    one = by("leaflet_which_specialist_orthopaedist")
    assert one.first.complaint is Complaint.NONSPECIFIC
    assert Act.REFER_ORTHOPAEDIST in done_only(one)[0]


def test_x5_at_six_weeks_the_leaflet_scans_and_the_guideline_discusses():
    one = by("leaflet_weigh_surgery")
    assert Act.SCAN in done_only(one)[0]
    assert Act.DISCUSS_SURGERY in acts(one.second)
    assert one.second.imaging is Use.CONSIDER
    assert (one.first.imaging_by, one.second.imaging_by) == (None, "specialist")


def test_x6_paralysis_is_one_rule_and_makes_no_difference():
    rules = {rule for one in compared("leaflet", "current").differences for rule in one.rules}
    assert not rules & {"R2", "R3"}
    drop = read_case({"findings": {"foot_drop": True}})
    assert {decide(replace(drop, edition=name)).urgency for name in ("leaflet", "current")} == {Urgency.EMERGENCY}


def test_x7_posture_advice_is_the_leaflets_only():
    assert Act.POSTURE_ADVICE in done_only(by("leaflet_posture_exercise_painkillers"))[0]


def test_x8_painkillers_whatever_else_or_only_while_nothing_is_alarming():
    one = by("leaflet_hernia_painkillers")
    assert Act.PARACETAMOL in done_only(one)[0]
    assert one.second.urgency >= Urgency.SAME_DAY


def test_x12_a_hernia_is_examined_before_it_is_called_probable():
    one = by("examine_root")
    assert one.second.certainty == "possible"
    assert Act.EXAMINE in done_only(one)[1]


# X1, X9, X10 and X11 are figures and X3 is about words: they change no decision, and the overview has no rule for them.


# -- three countries -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pair", [("current", "nice"), ("current", "acp"), ("nice", "acp")], ids=" ".join)
def test_three_countries_give_the_same_urgency_complaint_imaging_and_referral(pair):
    found = compared(*pair)
    assert found.complete
    assert {aspect for one in found.differences for aspect in one.aspects} == {"acts"}


def test_paracetamol_is_advised_in_the_netherlands_only():
    for other in ("nice", "acp"):
        assert Act.PARACETAMOL in done_only(by("paracetamol", "current", other))[0]


def test_worries_and_work_are_asked_at_the_first_contact_in_england_only():
    one = by("mind_nice", "current", "nice")
    assert "duration_days" not in one.case.answers
    assert Act.PSYCHOSOCIAL in done_only(one)[1]


# -- the command -----------------------------------------------------------------------------------------------------


def rug(*arguments: str):
    return CliRunner().invoke(main, ["diff", *arguments])


def shown(found: dict) -> set[tuple]:
    """Which rules change what, and how many answers it takes: of equally small patients any may be shown."""
    return {
        (rule, one["by"], tuple(one["aspects"]), len(one["case"]["findings"]))
        for one in found["differences"]
        for rule in one["rules"]
        if len(one["rules"]) == 1
    }


def test_the_page_for_clinicians_shows_the_differences_of_now():
    page = json.loads((Path(__file__).parents[2] / "docs" / "proof.json").read_text(encoding="utf-8"))
    for found in page["differences"]:
        assert changes(found) == changes(as_data(compared(found["first"], found["second"]))), "docs/making/proofs.py"


def changes(found: dict) -> set[tuple]:
    """Which rules change something. What a rule that shares its patient changes is told together."""
    return {(rule, one["by"]) for one in found["differences"] for rule in one["rules"]}


def test_json_says_the_same_as_the_overview_and_its_cases_can_be_read():
    found = rug("current", "acp", "--json")
    assert found.exit_code == 0
    assert shown(json.loads(found.stdout)) == shown(as_data(compared("current", "acp")))
    for one in json.loads(found.stdout)["differences"]:
        assert read_case(one["case"])


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_markdown_is_a_table_with_a_row_for_every_group(lang):
    page = as_markdown(compared("leaflet", "current"), lang)
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    assert len(rows) == len(compared("leaflet", "current").differences) + 1
    assert len({row.count(" | ") for row in rows}) == 1
    assert rug("current", "acp", "--markdown", "--lang", lang).stdout.startswith(page[:5])


def test_a_change_in_this_checkout_is_compared_with_what_was_committed():
    if not (Path(__file__).parents[2] / ".git").exists():
        pytest.skip("no checkout")
    found = rug("current@HEAD", "current", "--json")
    assert found.exit_code == 0, found.stderr
    assert json.loads(found.stdout)["first"] == "current@HEAD"


@pytest.mark.parametrize(
    ("first", "problem"),
    [
        ("curent", "edition 'curent' does not exist"),
        ("current@nowhere", "cannot read the edition at revision 'nowhere'"),
    ],
)
def test_an_edition_or_revision_that_does_not_exist_is_named(first, problem):
    found = rug(first, "current")
    assert found.exit_code == 2
    assert problem in found.stderr
