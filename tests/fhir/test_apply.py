"""Another engine applies the PlanDefinition of the package: it ends with the actions that ``rug decide`` has.

A small $apply of its own: an action applies where every condition is true, and what is null is left out with all that
is in it, as the reference implementation does. Its conditions are names that engines of others evaluated; what it does
is looked up by address and version.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from engines import RUN, Said, package, plan_of, rules, runs
from ruggespraak.consult import Case, decide
from ruggespraak.fhir.cql.outcome import next_look
from ruggespraak.fhir.names import ORDERS, Resource
from ruggespraak.pathway.editions import edition

each_edition = pytest.mark.parametrize("id", RUN)
OF_ALL_ALARMS = ("R18_today", "R18_days", "R19", "overview")
"""Actions that speak of all alarms at once, and of no rule."""


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
    of_all = [groups.pop(id) for id in OF_ALL_ALARMS]
    holds = {id: group["action"][0] for id, group in groups.items() if applies(group["action"][0], said)}
    done = [
        (action, package()[action["definitionCanonical"]])
        for begin in (*holds.values(), *of_all)
        for action in applied(begin, said)
        if "definitionCanonical" in action
    ]
    return {
        "rules": set(holds),
        "refer": referred(done),
        "imaging": most_useful(named(done, "picture")),
        "tests": {what["code"]["text"] for _, what in done if what["id"].startswith("test-")},
        "does": {id.replace("-", "_") for id in named(done, "act")},
        "look": [one["id"] for one in looks if applies(one, said)],
    }


def named(done: list[tuple[Resource, Resource]], kind: str) -> list[str]:
    return [what["id"].removeprefix(f"{kind}-") for _, what in done if what["id"].startswith(f"{kind}-")]


def referred(done: list[tuple[Resource, Resource]]) -> dict[str, int]:
    """To whom, and within how many hours: of more reasons the most urgent."""
    found: dict[str, int] = {}
    for action, what in done:
        for code in what["code"].get("coding", ()):
            assert code["system"] == ORDERS
            to, hours = code["code"].removeprefix("referral_"), action["timingRange"]["high"]["value"]
            found[to] = min(found.get(to, hours), hours)
    return found


def most_useful(pictures: Iterable[str]) -> str | None:
    """Of pictures as ``needed-specialist``."""
    found = [one.replace("not-useful", "not_useful").partition("-")[0] for one in pictures]
    return next((use for use in ("needed", "consider", "not_useful") if use in found), None)


def decided(case: Case) -> dict[str, Any]:
    """The same of our own decision."""
    found = decide(case)
    return {
        "rules": {*found.established, *(one.id for one in found.plan)},
        "refer": {one.to: one.within_hours for one in found.refer},
        "imaging": found.as_json()["imaging"],
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
