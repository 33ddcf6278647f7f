"""What goes out to other engines: whole, valid, in two languages, and never with an unknown that reads as a no."""

import gzip
import io
import json
import random
import re
import tarfile
from base64 import b64decode
from collections import Counter
from collections.abc import Iterator
from functools import cache

import pytest

from judges import judged
from patients import ON, VALUES
from ruggespraak.consult import Case
from ruggespraak.consult.ready import Ready, ready
from ruggespraak.fhir.cql import from_parameters, libraries
from ruggespraak.fhir.definitions.package import archive, definitions, file_name, files
from ruggespraak.fhir.definitions.questionnaire import ONLY_AFTER
from ruggespraak.fhir.names import Resource
from ruggespraak.logic import Value
from ruggespraak.pathway.codes import CODES, ORDERS
from ruggespraak.pathway.codes.addresses import ANSWERS, BASE, FINDINGS, NOT_KNOWN, RULES, UNCLEAR
from ruggespraak.pathway.editions import EDITIONS, edition
from ruggespraak.pathway.findings import CLINICIAN, VOCABULARY
from ruggespraak.pathway.rules import Urgency
from ruggespraak.pathway.texts import table, word

TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"
each_edition = pytest.mark.parametrize("id", EDITIONS)


@cache
def exported() -> tuple[Resource, ...]:
    return tuple(definitions(EDITIONS))


def one(kind: str, id: str) -> Resource:
    (found,) = (it for it in exported() if (it["resourceType"], it["id"]) == (kind, id))
    return found


def nodes(part: object) -> Iterator[Resource]:
    """Every object within."""
    if isinstance(part, dict):
        yield part
        for inner in part.values():
            yield from nodes(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from nodes(inner)


def items(of: Resource) -> Iterator[Resource]:
    """Every item of a questionnaire, in the order of the form."""
    for item in of.get("item", ()):
        yield item
        yield from items(item)


def actions(of: Resource) -> Iterator[Resource]:
    for action in of.get("action", ()):
        yield action
        yield from actions(action)


# All of them ---------------------------------------------------------------------------------------------------------


def test_the_judges_find_nothing_wrong_with_any_definition_of_any_edition():
    assert judged(exported()) == []


def test_every_address_of_ours_that_a_definition_names_is_in_the_package_in_that_version():
    there = {(it["url"], it["version"]) for it in exported() if "url" in it}
    urls = {url for url, _ in there}
    named = {
        said
        for it in exported()
        for node in nodes(it)
        for value in node.values()
        for said in (value if isinstance(value, list) else [value])
        if isinstance(said, str) and said.startswith(f"{BASE}/")
    }
    assert {said for said in named if "|" not in said} - urls == set()
    assert {tuple(said.split("|")) for said in named if "|" in said} <= there


def test_whoever_points_to_a_resource_of_the_package_finds_it():
    there = {f"{it['resourceType']}/{it['id']}" for it in exported()}
    for it in exported():
        if it["resourceType"] == "Provenance":
            assert {target["reference"] for target in it["target"]} <= there


def test_every_code_of_ours_that_a_definition_names_is_in_its_code_system():
    systems = {
        it["url"]: {concept["code"] for concept in it["concept"]}
        for it in exported()
        if it["resourceType"] == "CodeSystem"
    }
    named = Counter(
        (node["system"], node["code"]) for it in exported() for node in nodes(it) if "code" in node and "system" in node
    )
    ours = {(system, code) for system, code in named if system.startswith(BASE)}
    assert {system for system, _ in ours} == set(systems)
    assert {(system, code) for system, code in ours if code not in systems[system]} == set()


WORDS = ("title", "description", "textEquivalent")


def test_what_a_person_reads_stands_in_both_languages():
    same = set()
    for it in exported():
        found = [(node, name) for node in nodes(it) for name in WORDS if isinstance(node.get(name), str)]
        found += [(node, "text") for node in items(it)]
        assert found or it["resourceType"] == "Provenance"
        same |= {node[name] for node, name in found if english(node, name) == node[name]}
    assert same == SAME


def english(node: Resource, name: str) -> str:
    ((_, lang), (_, content)) = [tuple(part.values()) for part in node[f"_{name}"]["extension"][0]["extension"]]
    assert (node[f"_{name}"]["extension"][0]["url"], lang) == (TRANSLATION, "en")
    return str(content)


SAME = {"paracetamol", "Ambulance", "Psoriasis", "CRP in mg/L", "CRP, in mg/L?"}  # terms of art


@pytest.mark.control("C-58")
def test_a_definition_says_that_no_clinician_has_reviewed_it_and_that_it_is_no_medical_device():
    for it in exported():
        if it["resourceType"] == "Provenance":
            continue
        assert (it["status"], it["experimental"]) == ("draft", True)
        assert {"approvalDate", "lastReviewDate", "reviewer", "endorser"} & set(it) == set()
        for lang, says in (("nl", it["description"]), ("en", english(it, "description"))):
            assert word("word.not_device", lang) in says
            assert word("word.awaiting_review", lang) in says
            assert word("word.not_device", lang) in it["text"]["div"]


@pytest.mark.control("C-23")
@each_edition
def test_an_edition_says_when_it_must_be_read_again_and_where_it_comes_from(id):
    here = edition(id)
    for kind in ("Questionnaire", "PlanDefinition"):
        assert one(kind, id)["effectivePeriod"] == {"end": here.review_by.isoformat()}
        assert one(kind, id)["version"] == here.version
    named = {entity["what"]["identifier"]["value"] for entity in one("Provenance", id)["entity"]}
    rules = (*here.alarms, *here.recommendations)
    assert named == {f"edition/{id}/{here.version}"} | {
        f"source/{key}"
        for rule in rules
        for because in (rule.because, *(to.because for to in rule.refer))
        for key in because
    }


# The questionnaire ---------------------------------------------------------------------------------------------------


@each_edition
def test_every_finding_of_an_edition_is_asked_once_and_those_of_an_examination_apart(id):
    form = one("Questionnaire", id)
    asked = [item["linkId"] for item in items(form) if item["linkId"] in VOCABULARY]
    assert sorted(asked) == sorted(edition(id).findings)
    (examination,) = (item for item in form["item"] if item["linkId"] == "examination")
    examined = {item["linkId"] for item in items(examination)} & set(VOCABULARY)
    assert examined == {id for id, finding in VOCABULARY.items() if finding.who == CLINICIAN}


@each_edition
def test_what_a_rule_reads_is_not_among_the_questions_that_change_nothing(id):
    form = one("Questionnaire", id)
    rest = {item["linkId"] for group in items(form) if group["linkId"].endswith("more") for item in items(group)}
    assert rest & set(ready(id).alphabet.masks) == set()
    assert len(rest) > 0


def test_the_hard_alarms_are_asked_first():
    first = one("Questionnaire", "current")["item"][0]
    assert first["linkId"] == "alarm"
    assert {"saddle_numbness", "foot_drop", "urinary_retention"} <= {item["linkId"] for item in first["item"]}


@each_edition
def test_every_question_lets_a_person_say_that_she_does_not_know(id):
    links = {item["linkId"]: item for item in items(one("Questionnaire", id))}
    for finding in edition(id).findings.values():
        if finding.kind in ("boolean", "choice"):
            options = [option["valueCoding"] for option in links[finding.id]["answerOption"]]
            assert (ANSWERS, UNCLEAR) in [(option["system"], option["code"]) for option in options]
            assert all(english(option, "display") for option in options)
        else:
            assert links[finding.id + NOT_KNOWN]["type"] == "boolean"


@each_edition
def test_no_question_is_required_and_none_has_an_answer_that_nobody_gave(id):
    for item in items(one("Questionnaire", id)):
        assert {"required", "initial"} & set(item) == set()
        assert not any("initialSelected" in option for option in item.get("answerOption", ()))


@each_edition
def test_no_answer_is_extracted_into_an_observation_or_filled_in_from_one(id):
    """The codes of others beside a question would stand beside a no, or let a code of others answer it."""
    urls = {
        part["url"].rpartition("/")[2] for item in items(one("Questionnaire", id)) for part in item.get("extension", ())
    }
    assert urls == {"questionnaire-itemControl", "questionnaire-unit", "minValue", "maxValue"}


@each_edition
def test_a_question_is_shown_or_hidden_by_equals_and_exists_only(id):
    """Every other comparison with an answer that is not there is false in some engines and null in others."""
    links = [item["linkId"] for item in items(one("Questionnaire", id))]
    found = set()
    for item in items(one("Questionnaire", id)):
        for condition in item.get("enableWhen", ()):
            found.add(condition["operator"])
            assert condition["question"] in links
            if condition["operator"] == "exists":
                assert item["linkId"] == condition["question"] + NOT_KNOWN
    assert found == {"=", "exists"}


def sent(value: Value) -> str:
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def shown(finding: str, case: Case) -> bool:
    """Whether the form shows this question to somebody with these answers."""
    for question, code in ONLY_AFTER[finding]:
        if code == UNCLEAR and question in case.unclear:
            return True
        if question in case.answers and sent(case.answers[question]) == code.removeprefix(f"{question}."):
            return True
    return False


@pytest.mark.parametrize("id", ["current", "leaflet"])
@pytest.mark.parametrize("finding", ONLY_AFTER)
def test_a_question_that_is_hidden_could_not_have_raised_or_set_aside_an_alarm(finding, id):
    pick, here = random.Random(finding), ready(id)
    tried = 0
    while tried < 100:
        case = somebody(pick, id, without=finding)
        if shown(finding, case):
            continue
        tried += 1
        for value in VALUES[finding]:
            told = Case(on=ON, answers={**case.answers, finding: value}, unclear=case.unclear, edition=id)
            assert alarms(here, told) == alarms(here, case), (value, case)


def somebody(pick: random.Random, id: str, without: str) -> Case:
    """A person with all sorts of answers; the ones on which this question hangs are often among them."""
    near = [question for question, _ in ONLY_AFTER[without]]
    ids = {*pick.sample(sorted(VALUES), 25), *(one for one in near if pick.random() < 0.7)} - {without}
    unclear = frozenset(one for one in ids if pick.random() < 0.1)
    return Case(
        on=ON, answers={one: pick.choice(VALUES[one]) for one in sorted(ids - unclear)}, unclear=unclear, edition=id
    )


def alarms(here: Ready, case: Case) -> list[tuple[str, int]]:
    """The alarms that stand, and those that an unclear answer leaves to be feared."""
    known = here.read(case)
    readings = (known.true, known.true | known.unclear)
    return [
        (rule.rule.id, unclear) for rule in here.alarms for unclear, true in enumerate(readings) if rule.holds(true)
    ]


# The plan ------------------------------------------------------------------------------------------------------------


@each_edition
def test_every_rule_has_an_action_for_when_it_holds_for_when_not_and_for_when_nobody_can_say(id):
    here = edition(id)
    rules = {rule.id for rule in (*here.alarms, *here.recommendations)}
    groups = [action for action in one("PlanDefinition", id)["action"] if "code" in action]
    assert [group["code"][0]["coding"][0] for group in groups] == [
        {"system": RULES, "code": group["id"]} for group in groups
    ]
    assert {group["id"] for group in groups} == rules
    for group in groups:
        name = group["id"]
        assert conditions(group) == [name, f"{name}: no", f"{name}: unknown"]
        holds, not_, unknown = group["action"]
        assert holds["action"], name
        assert {"definitionCanonical", "action"} & set(not_) == set()
        assert unknown["definitionCanonical"].startswith(f"{BASE}/Questionnaire/{id}|")


def conditions(group: Resource) -> list[str]:
    return [name for action in group["action"] for name in named_in(action)]


def named_in(action: Resource) -> list[str]:
    """The conditions of an action: names in the Library, so that an engine needs no CQL but that."""
    given = [(one["kind"], one["expression"]) for one in action.get("condition", ())]
    assert {(kind, expression["language"]) for kind, expression in given} <= {("applicability", "text/cql-identifier")}
    return [expression["expression"] for _, expression in given]


@each_edition
def test_every_name_in_a_condition_is_defined_in_the_cql_of_that_edition(id):
    (rules,) = (one for one in libraries(edition(id)) if one.includes)
    defined = set(re.findall(r'^define "([^"]+)"', rules.text, re.MULTILINE))
    named = {name for action in actions(one("PlanDefinition", id)) for name in named_in(action)}
    assert len(named) > 3 * len(edition(id).alarms)
    assert named - defined == set()


@each_edition
def test_who_answers_what_the_third_action_asks_makes_the_rule_known(id):
    here, pick = edition(id), random.Random(id)
    rules = {rule.id: rule for rule in (*here.alarms, *here.recommendations)}
    for group in one("PlanDefinition", id)["action"]:
        if group["id"] not in rules:
            continue
        asked = [
            code["code"]
            for needed in group["action"][2].get("input", ())
            for code in needed["codeFilter"][0]["code"]
            if code["system"] == FINDINGS
        ]
        for _ in range(20):
            answers = {finding: pick.choice(VALUES[finding]) for finding in asked}
            assert rules[group["id"]].when.value(answers) is not None


@each_edition
def test_the_more_urgent_an_alarm_the_higher_its_priority_and_each_claim_names_its_sources(id):
    order = ["routine", "urgent", "asap", "stat"]
    for alarm in edition(id).alarms:
        (group,) = (action for action in one("PlanDefinition", id)["action"] if action["id"] == alarm.id)
        holds, _, unknown = group["action"]
        assert order.index(holds["priority"]) == alarm.urgency - Urgency.ROUTINE
        assert unknown["priority"] == holds["priority"]
        *sources, seen = holds["documentation"]
        assert tuple(source["label"] for source in sources) == alarm.because
        assert seen["label"] == (alarm.status if alarm.because else "D")


@each_edition
def test_who_is_referred_hears_within_how_many_hours(id):
    here = edition(id)
    for alarm in here.alarms:
        (group,) = (action for action in one("PlanDefinition", id)["action"] if action["id"] == alarm.id)
        sent_to = [action for action in group["action"][0]["action"] if "/refer-" in action["definitionCanonical"]]
        assert len(sent_to) == len(alarm.refer)
        for action in sent_to:
            assert action["timingRange"]["high"]["value"] == here.parameter(f"seen_{alarm.urgency}")


@each_edition
def test_an_unclear_or_open_alarm_brings_somebody_to_a_doctor_in_another_engine_too(id):
    rules = {rule.id for rule in (*edition(id).alarms, *edition(id).recommendations)}
    others = [action for action in one("PlanDefinition", id)["action"] if action["id"] not in rules]
    assert [(action["id"], action.get("priority")) for action in others] == [
        ("R18_today", "asap"), ("R18_days", "urgent"), ("R19", "routine"), ("overview", "routine"), ("next_look", None),
    ]  # fmt: skip
    for action in others[:-1]:
        (referral,) = action["action"]
        assert "/refer-" in referral["definitionCanonical"]


@each_edition
def test_every_moment_to_look_again_is_in_the_plan_in_days_or_as_a_day_from_the_onset(id):
    looks = one("PlanDefinition", id)["action"][-1]["action"]
    assert [look["id"] for look in looks] == [review.id for review in edition(id).reviews]
    for look, review in zip(looks, edition(id).reviews, strict=True):
        if review.on_day is None:
            assert (look["timingDuration"]["value"], look["timingDuration"]["code"]) == (review.after, "d")
        else:
            assert f" {review.on_day:g} " in look["description"]


@each_edition
def test_the_cql_goes_out_as_it_was_written(id):
    for library in libraries(edition(id)):
        (content,) = one("Library", f"{library.name}-{library.version}")["content"]
        assert (content["contentType"], b64decode(content["data"]).decode()) == ("text/cql", library.text)


def test_the_cql_goes_out_as_text_too_and_with_the_answers_as_parameters_for_who_has_no_fhir():
    written = files(["leaflet"])
    for library in libraries(edition("leaflet")):
        assert written[f"cql/{library.name}-{library.version}.cql"].decode() == library.text
    (other,) = (text.decode() for name, text in written.items() if name.startswith("cql-without-fhir/"))
    assert other == from_parameters(edition("leaflet").version)


# Codes ---------------------------------------------------------------------------------------------------------------


def test_every_code_of_others_goes_out_with_how_it_relates_and_how_certain_it_is_but_none_that_is_unsure():
    sure = {(one.code, one.relation, one.certainty) for one in (*CODES, *ORDERS) if one.certainty != "unsure"}
    complaints = {(one.code, one.relation, one.certainty) for one in CODES if not one.finding}
    out = {
        (target["code"], target["equivalence"], target["extension"][0]["valueCode"])
        for id in ("findings", "orders")
        for group in one("ConceptMap", id)["group"]
        for element in group["element"]
        for target in element["target"]
    }
    assert out <= sure
    assert sure - out <= complaints


def test_a_question_bears_only_codes_that_mean_the_same():
    same = {(one.about, one.code) for one in CODES if one.relation == "equivalent" and one.certainty != "unsure"}
    for item in items(one("Questionnaire", "current")):
        if item["linkId"] in VOCABULARY:
            ours, *theirs = item["code"]
            assert (ours["system"], ours["code"]) == (FINDINGS, item["linkId"])
            assert {(item["linkId"], code["code"]) for code in theirs} == {
                pair for pair in same if pair[0] == item["linkId"]
            }


def test_every_order_that_has_codes_has_a_name():
    named = {concept["code"] for concept in one("CodeSystem", "orders")["concept"]}
    assert {code.about.removeprefix("order:") for code in ORDERS} <= named


def test_every_word_of_the_exchange_is_used():
    """The words have a file of their own, which ``tests/pathway/test_texts.py`` leaves to this test."""
    said = json.dumps(exported(), ensure_ascii=False)
    for id, entry in table("exchange").items():
        for part, words in entry.items():
            if part != "source" and id not in ("written", "package"):
                for lang in ("nl", "en"):
                    assert words[lang].partition("{")[0] in said, (id, part, lang)


# The package ---------------------------------------------------------------------------------------------------------


def unpacked() -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(archive(exported()))) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar.getmembers()}


def test_the_package_holds_every_definition_and_lists_each():
    inside = unpacked()
    assert set(inside) == {f"package/{name}" for name in (".index.json", "package.json", *map(file_name, exported()))}
    assert [json.loads(inside[f"package/{file_name(it)}"]) for it in exported()] == list(exported())
    listed = {entry["filename"]: entry for entry in json.loads(inside["package/.index.json"])["files"]}
    assert {name: entry.get("url") for name, entry in listed.items()} == {
        file_name(it): it.get("url") for it in exported()
    }


def test_the_package_says_what_it_is_and_what_it_rests_on():
    manifest = json.loads(unpacked()["package/package.json"])
    assert re.fullmatch(r"[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+", manifest["name"])
    assert re.fullmatch(r"\d+\.\d+\.\d+", manifest["version"])
    assert (manifest["fhirVersions"], manifest["dependencies"]) == (["4.0.1"], {"hl7.fhir.r4.core": "4.0.1"})
    assert manifest["canonical"] == BASE


def test_the_same_pathway_gives_the_same_package_whoever_makes_it_and_when():
    packed = archive(exported())
    assert packed == archive(definitions(EDITIONS))
    assert packed[4:8] == bytes(4)  # gzip's own date
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(packed))) as tar:
        members = tar.getmembers()
    assert {(one.mtime, one.uid, one.gid, one.uname, one.gname) for one in members} == {(0, 0, 0, "", "")}
    assert [one.name for one in members] == sorted(one.name for one in members)


@each_edition
def test_one_edition_alone_goes_out_as_it_does_among_the_others(id):
    alone = {file_name(it): it for it in definitions([id])}
    among = {file_name(it): it for it in exported()}
    assert {name: among[name] for name in alone} == alone
    named = {name for name in alone if name.startswith(("Questionnaire-", "PlanDefinition-"))}
    assert named == {f"Questionnaire-{id}.json", f"PlanDefinition-{id}.json"}
