"""Another engine applies the PlanDefinition of the package: it ends with the actions that ``rug decide`` has.

A small $apply of its own: an action applies where every condition is true, and what is null is left out with all that
is in it, as the reference implementation does. Its conditions are names that engines of others evaluated; what it does
is looked up by address and version.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from engines import RUN, Said, package, plan_of, rules, runs
from ruggespraak.consult import Case, decide
from ruggespraak.fhir.cql.outcome import next_look
from ruggespraak.fhir.names import Resource
from ruggespraak.pathway.codes.addresses import ORDERS
from ruggespraak.pathway.editions import edition, referrals
from ruggespraak.pathway.texts import text

each_edition = pytest.mark.parametrize("id", RUN)
OF_ALL_ALARMS = {
    "R18_today": referrals.UNCLEAR_TODAY,
    "R18_days": referrals.UNCLEAR_DAYS,
    "R19": referrals.NOT_ASKED,
    "overview": referrals.OVERVIEW,
}
"""Actions that speak of all alarms at once, and of no rule; each sends somebody to the GP."""
PRIORITIES = ("routine", "urgent", "asap", "stat")
USES = ("not-useful", "consider", "needed")


def applies(action: Resource, said: Said) -> bool:
    return all(said[one["expression"]["expression"]] is True for one in action.get("condition", ()))


def applied(action: Resource, said: Said) -> Iterator[Resource]:
    """This action and those in it, as far as they apply."""
    if applies(action, said):
        yield action
        for inner in action.get("action", ()):
            yield from applied(inner, said)


def brought(plan: Resource, said: Said) -> dict[str, Any]:
    """Everything that the plan brings this patient. A rule holds where the first of its three actions applies."""
    groups = {action["id"]: action for action in plan["action"]}
    looks = groups.pop("next_look")["action"]
    of_all = {id: group for id in OF_ALL_ALARMS if applies(group := groups.pop(id), said)}
    rules = {id: group["action"][0] for id, group in groups.items() if applies(group["action"][0], said)}
    done = [(begin, *one) for begin in (*rules.values(), *of_all.values()) for one in activities(begin, said)]
    return {
        "rules": set(rules),
        "of all alarms": set(of_all),
        "refer": referred(done),
        "picture": pictured(done),
        "tests": {what["code"]["text"] for _, _, what in done if what["id"].startswith("test-")},
        "does": {what["id"][4:].replace("-", "_") for _, _, what in done if what["id"].startswith("act-")},
        "look": [one["id"] for one in looks if applies(one, said)],
    }


Done = list[tuple[Resource, Resource, Resource]]
"""What begins it (a rule that holds), the action, and the activity that this stands for."""


def activities(begin: Resource, said: Said) -> Iterator[tuple[Resource, Resource]]:
    for action in applied(begin, said):
        if "definitionCanonical" in action:
            yield action, package()[action["definitionCanonical"]]


def referred(done: Done) -> dict[str, int]:
    """To whom, and within how many hours: of more reasons the most urgent."""
    found: dict[str, int] = {}
    for _, action, what in done:
        for code in what["code"].get("coding", ()):
            assert code["system"] == ORDERS
            to, hours = code["code"].removeprefix("referral_"), action["timingRange"]["high"]["value"]
            found[to] = min(found.get(to, hours), hours)
    return found


def pictured(done: Done) -> tuple[str | None, int | None]:
    """What a picture is worth, and within how many days: the shortest clock of the most urgent rules that say so."""
    found = [
        (next(use for use in USES if what["id"].startswith(f"picture-{use}")), begin["priority"], hours_of(action))
        for begin, action, what in done
        if what["id"].startswith("picture-")
    ]
    if not found:
        return None, None
    use, priority, _ = max(found, key=lambda one: (USES.index(one[0]), PRIORITIES.index(one[1])))
    clocks = [hours for *same, hours in found if same == [use, priority] and hours is not None]
    return use.replace("-", "_"), min(clocks) // 24 if clocks else None


def hours_of(action: Resource) -> int | None:
    hours: int | None = action["timingRange"]["high"]["value"] if "timingRange" in action else None
    return hours


def decided(case: Case) -> dict[str, Any]:
    """The same of our own decision."""
    found = decide(case)
    asked_of_gp = " ".join(one.clinician_does for one in found.refer if one.to == "gp")
    does = {name: text("referrals", referral.id, "clinician_does", "nl") for name, referral in OF_ALL_ALARMS.items()}
    return {
        "rules": {*found.established, *(one.id for one in found.plan)},
        "of all alarms": {name for name, says in does.items() if says in asked_of_gp},
        "refer": {one.to: one.within_hours for one in found.refer},
        "picture": (found.as_json()["imaging"], (found.scan_by - found.on).days if found.scan_by else None),
        "tests": {one["what"] for one in found.tests},
        "does": {str(act) for one in found.plan for act in one.does},
        "look": [found.review.id],
    }


@each_edition
@pytest.mark.parametrize("which", ["random", "by hand"])
def test_who_applies_the_plan_ends_with_the_same_actions_as_we_do(which, id):
    plan = plan_of(id)
    for case, said in runs(id)[which].each():
        assert brought(plan, said) == decided(case), case


def test_every_action_on_unclear_or_open_answers_and_every_next_look_is_tried():
    everybody = [said for which in ("random", "by hand") for _, said in runs("current")[which].each()]
    names = [*OF_ALL_ALARMS, *(next_look(one) for one in edition("current").reviews)]
    assert {name: any(said[name] for said in everybody) for name in names} == dict.fromkeys(names, True)


@each_edition
def test_of_each_rule_just_one_of_the_three_actions_applies_to_any_patient(id):
    groups = [action for action in plan_of(id)["action"] if action["id"] in rules(id)]
    assert len(groups) == len(rules(id))
    unknown = 0
    for case, said in runs(id)["random"].each():
        for group in groups:
            which = [applies(action, said) for action in group["action"]]
            assert sum(which) == 1, (group["id"], case)
            unknown += which[2]
    assert unknown > len(groups)
