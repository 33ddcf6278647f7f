"""The vocabulary: what can be asked, of whom, and what counts as an answer."""

import csv
import re
from collections import Counter
from importlib.resources import files

import pytest

from ruggespraak.logic import AnswerError, Finding
from ruggespraak.pathway import codes, findings
from ruggespraak.pathway.editions import EDITIONS, edition
from ruggespraak.pathway.findings import CLINICIAN, DERIVED, PATIENT, PATIENT_THEN_CLINICIAN, VOCABULARY
from ruggespraak.pathway.rules import Complaint
from ruggespraak.pathway.texts import LANGUAGES, table, text

COLUMNS = ["id", "type", "unit", "min", "max", "choices", "worse", "who", "note"]
WORSE = {"boolean": {"", "present", "absent"}, "number": {"", "higher", "lower"}, "date": {""}}
OF_KIND = {kind: [one for one in VOCABULARY.values() if one.kind == kind] for kind in ("number", "choice", "date")}


def rows(folder: str, name: str) -> list[dict[str, str]]:
    with files(f"ruggespraak.pathway.{folder}").joinpath(name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


FINDINGS = rows("findings", "findings.csv")
CODES = rows("codes", "codes.csv")
ORDERS = rows("codes", "orders.csv")


# -- findings.csv -----------------------------------------------------------------------------------------------------


def test_every_finding_stands_in_the_file_once_with_all_its_columns():
    assert all(list(row) == COLUMNS and None not in row.values() for row in FINDINGS)
    assert [row["id"] for row in FINDINGS] == list(VOCABULARY)
    assert max(Counter(row["id"] for row in FINDINGS).values()) == 1
    assert [row["id"] for row in FINDINGS if not re.fullmatch(r"[a-z][a-z0-9]*(_[A-Za-z0-9]+)*", row["id"])] == []


def test_only_the_start_of_sick_leave_is_of_another_kind_than_the_file_says():
    assert [row["id"] for row in FINDINGS if row["type"] != VOCABULARY[row["id"]].kind] == ["sick_leave_start"]


@pytest.mark.parametrize("finding", VOCABULARY.values(), ids=repr)
def test_a_finding_is_of_a_kind_that_can_be_asked_has_somebody_to_answer_it_and_a_worse_direction_of_its_kind(finding):
    assert finding.kind in ("boolean", "number", "choice", "date")
    assert finding.who in (PATIENT, PATIENT_THEN_CLINICIAN, CLINICIAN, DERIVED)
    assert finding.worse in WORSE.get(finding.kind, {"", *finding.choices})


@pytest.mark.parametrize("finding", VOCABULARY.values(), ids=repr)
def test_only_a_number_has_a_range_and_a_unit_and_only_a_choice_has_choices(finding):
    if finding.kind == "number":
        assert finding.unit
        assert finding.minimum is not None
        assert finding.maximum is not None
        assert finding.minimum < finding.maximum
    else:
        assert (finding.unit, finding.minimum, finding.maximum) == ("", None, None)
    assert (len(finding.choices) > 1) == (finding.kind == "choice")
    assert len(set(finding.choices)) == len(finding.choices)


# PATHWAY §2, by hand: what must be there, of whom, and what makes it worse.
NEW_FINDINGS = {
    "leg_pain_dermatomal": ("boolean", PATIENT_THEN_CLINICIAN, "present"),
    "foot_drop": ("boolean", PATIENT_THEN_CLINICIAN, "present"),
    "heel_walk_fails": ("boolean", PATIENT_THEN_CLINICIAN, "present"),
    "toe_walk_fails": ("boolean", PATIENT_THEN_CLINICIAN, "present"),
    "slr_positive": ("boolean", CLINICIAN, "present"),
    "crossed_slr": ("boolean", CLINICIAN, "present"),
    "reflex_reduced": ("boolean", CLINICIAN, "present"),
    "reflex_brisk": ("boolean", CLINICIAN, "present"),
    "clinician_concern": ("boolean", CLINICIAN, "present"),
    "bilateral_since_days": ("number", PATIENT, ""),
    "relief_sufficient": ("boolean", PATIENT, "absent"),
    "improving": ("boolean", PATIENT, "absent"),
    "wants_surgery_weighed": ("boolean", PATIENT, ""),
    "fever_reported": ("boolean", PATIENT, "present"),
    "pain_unbearable": ("boolean", PATIENT, "present"),
    "pregnant": ("boolean", PATIENT, ""),
    "pregnant_possible": ("boolean", PATIENT, ""),
    "trauma_days_ago": ("number", PATIENT, ""),
    "spinal_procedure_days_ago": ("number", PATIENT, ""),
    "sick_listed_days": ("number", PATIENT, ""),
    "cancer_pain_unchanged": ("boolean", PATIENT, ""),
    "known_aaa": ("boolean", PATIENT, "present"),
}


@pytest.mark.parametrize("id", NEW_FINDINGS)
def test_a_finding_that_the_pathway_adds_is_what_the_pathway_says_of_it(id):
    finding = VOCABULARY[id]
    assert (finding.kind, finding.who, finding.worse) == NEW_FINDINGS[id]


def test_every_cauda_sign_that_a_patient_can_have_had_before_can_be_told_to_be_old():
    before = {id for id in VOCABULARY if id.endswith("_before_episode")}
    new = {id.removesuffix("_before_episode") for id in before}
    assert new < set(VOCABULARY)
    assert all(VOCABULARY[id].worse == "" and VOCABULARY[id].who == PATIENT for id in before)
    assert all(VOCABULARY[id].worse == "present" for id in new)


# -- answers ----------------------------------------------------------------------------------------------------------


def refused(finding: Finding, raw: object) -> bool:
    """Whether this is no answer; the error then says to what, and what was expected."""
    try:
        finding.accept(raw)
    except AnswerError as error:
        return (error.finding, error.expected) == (finding.id, finding.expected)
    return False


@pytest.mark.parametrize("finding", OF_KIND["number"], ids=repr)
def test_a_number_is_taken_at_both_ends_of_its_range_and_nowhere_beyond(finding):
    low, high = finding.minimum, finding.maximum
    assert finding.accept(low) == low
    assert finding.accept(high) == high
    assert finding.accept(int(high)) == high
    assert refused(finding, low - 0.001)
    assert refused(finding, high + 0.001)
    assert refused(finding, -high - 1)


@pytest.mark.parametrize("finding", OF_KIND["choice"], ids=repr)
def test_a_choice_is_one_of_its_choices_as_they_are_written(finding):
    assert [finding.accept(choice) for choice in finding.choices] == list(finding.choices)
    assert refused(finding, finding.choices[0].swapcase())
    assert refused(finding, "")
    assert refused(finding, [finding.choices[0]])


@pytest.mark.parametrize("finding", OF_KIND["date"], ids=repr)
def test_a_date_is_a_day_that_exists_written_as_year_month_day(finding):
    assert str(finding.accept("2024-02-29")) == "2024-02-29"
    for wrong in ("2025-02-29", "2025-2-1", "01-02-2025", "20250201", "2025-W01-1", "2025-02-01T10:00", 20250201, ""):
        assert refused(finding, wrong), wrong


WRONG = (None, "yes", "ja", "true", 1, 0, 1.0, float("nan"), float("inf"), -float("inf"), True, [], {}, "5", b"1", ())


@pytest.mark.parametrize("finding", VOCABULARY.values(), ids=repr)
def test_nothing_is_taken_for_an_answer_of_another_kind(finding):
    fits = {"boolean": (bool,), "number": (int, float), "choice": (), "date": ()}[finding.kind]
    for wrong in WRONG:
        of_kind = type(wrong) in fits and not (finding.kind == "number" and wrong not in (0, 1))
        assert of_kind or refused(finding, wrong), wrong


@pytest.mark.parametrize("finding", VOCABULARY.values(), ids=repr)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_finding_can_be_asked_and_says_why_it_is_asked(finding, lang):
    for part in ("question", "item", "term", "why"):
        assert text("findings", finding.id, part, lang).strip()
    assert text("findings", finding.id, "question", lang).endswith(("?", ".", ").")), finding


def test_a_finding_is_imported_by_its_name():
    from ruggespraak.pathway.findings import saddle_numbness

    assert saddle_numbness is VOCABULARY["saddle_numbness"]


def test_a_misspelt_finding_is_no_finding_and_the_nearest_one_is_named():
    with pytest.raises(AttributeError, match=r"no finding 'sadle_numbness'; did you mean 'saddle_numbness'\?"):
        _ = findings.sadle_numbness
    with pytest.raises(ImportError, match="sadle_numbness"):
        from ruggespraak.pathway.findings import sadle_numbness  # noqa: F401


def test_a_word_that_looks_like_no_finding_brings_no_suggestion():
    with pytest.raises(AttributeError, match=r"no finding 'xyzzy'$"):
        _ = findings.xyzzy


def test_every_finding_can_be_seen_in_its_module():
    assert {"VOCABULARY", *VOCABULARY} <= set(dir(findings))


@pytest.mark.parametrize("name", EDITIONS)
def test_a_rule_speaks_only_of_findings_that_are_in_the_vocabulary(name):
    here = edition(name)
    spoken = {
        finding for rule in (*here.rules(), *here.derivations, *here.conflicts) for finding in rule.when.findings()
    }
    assert spoken <= set(VOCABULARY.values())
    assert {one.finding for one in here.derivations} <= set(VOCABULARY)


@pytest.mark.parametrize("name", EDITIONS)
def test_what_follows_from_an_answer_is_itself_an_answer_that_can_be(name):
    for one in edition(name).derivations:
        assert VOCABULARY[one.finding].accept(one.value) == one.value, one


# -- screens ----------------------------------------------------------------------------------------------------------

SCREENS = {
    screen: [VOCABULARY[id] for id, entry in table("findings").items() if entry.get("screen") == screen]
    for screen in table("screens")
}


@pytest.mark.parametrize("screen", SCREENS)
def test_a_checklist_is_all_for_the_patient_or_all_for_the_examination(screen):
    assert len(SCREENS[screen]) > 1
    assert len({one.who == CLINICIAN for one in SCREENS[screen]}) == 1


def test_the_checklists_that_only_an_examination_fills_in_are_these():
    examined = {screen for screen, items in SCREENS.items() if items[0].who == CLINICIAN}
    assert examined == {"strength", "reflexes", "perineum", "blood"}


@pytest.mark.parametrize("screen", sorted(SCREENS.keys() - {"strength", "blood", "perineum"}))
def test_none_of_these_can_be_said_to_a_whole_checklist(screen):
    assert {one.kind for one in SCREENS[screen]} == {"boolean"}


# -- codes ------------------------------------------------------------------------------------------------------------

SYSTEMS = {
    "SNOMED-CT": r"\d{6,18}",
    "LOINC": r"\d{1,7}-\d",
    "ICPC-1-NL": r"[A-Z]\d{2}(\.\d{2})?",
    "ICPC-2": r"[A-Z]\d{2}",
    "ICD-10": r"[A-Z]\d{2}(\.\d{1,2})?",
    "ATC": r"[A-Z]\d{2}[A-Z]{1,2}(\d{2})?",
}
PARTS = ("ICPC-1-NL", "ICD-10", "ATC")  # where a longer code is a part of the shorter one
COLUMNS_OF_CODES = ["about", "system", "code", "version", "certainty", "relation", "below", "note"]


def about(row: dict[str, str]) -> bool:
    """Whether a code is about a finding, a choice, or a complaint: its kind, what is suspected, or a phase."""
    finding, _, complaint = row["about"].rpartition(":")
    kinds = {*Complaint, *table("suspects"), "chronic", "spondylosis", "unassigned"}
    choices = {f"{one.id}.{choice}" for one in OF_KIND["choice"] for choice in one.choices}
    return complaint in kinds if finding == "complaint" else complaint in {*VOCABULARY, *choices}


def test_every_code_is_about_something_and_says_how_certain_it_is_and_how_it_relates_to_ours():
    for row in CODES + ORDERS:
        assert list(row) == COLUMNS_OF_CODES
        assert None not in row.values(), row
        assert about(row) or row["about"].startswith("order:"), row
        assert row["certainty"] in ("seen", "believed", "unsure"), row
        assert row["relation"] in ("equivalent", "narrower", "wider", "inexact"), row
        assert row["version"], row


def test_the_files_are_read_as_they_are_written():
    for rows, read in ((CODES, codes.CODES), (ORDERS, codes.ORDERS)):
        assert [(one.about, one.system, one.code, one.relation) for one in read] == [
            (row["about"], row["system"], row["code"], row["relation"]) for row in rows
        ]


def test_only_an_order_is_in_the_file_of_orders():
    assert {row["about"].partition(":")[0] for row in ORDERS} == {"order"}
    assert not any(row["about"].startswith("order:") for row in CODES)


def test_a_code_that_nobody_may_export_says_so():
    for row in CODES:
        if row["about"] == "complaint:unassigned":
            assert row["certainty"] == "unsure"
            assert "do not export" in row["note"]


def test_every_code_looks_like_a_code_of_its_system():
    strange = [row for row in CODES + ORDERS if not re.fullmatch(SYSTEMS[row["system"]], row["code"])]
    assert strange == []


def test_a_longer_code_counts_only_in_a_system_whose_codes_grow():
    assert {row["system"] for row in CODES + ORDERS if row["below"]} <= set(PARTS)
    assert {row["below"] for row in CODES + ORDERS} == {"", "yes"}


def test_nothing_has_the_same_code_twice():
    assert max(Counter((row["about"], row["system"], row["code"]) for row in CODES + ORDERS).values()) == 1


def test_a_code_orders_one_thing_and_is_no_finding():
    assert max(Counter((row["system"], row["code"]) for row in ORDERS).values()) == 1
    shared = {(row["system"], row["code"]) for row in CODES} & {(row["system"], row["code"]) for row in ORDERS}
    assert shared == {("ATC", "N02A")}  # ordered it is an order, in use it is a finding


def test_a_code_of_an_order_that_was_seen_says_where():
    for row in ORDERS:
        assert row["certainty"] == "seen", row
        assert "; " in row["note"], row


def test_a_code_of_a_finding_that_was_seen_says_where():
    """By the edition, or behind what it means."""
    seen = [row for row in CODES if row["certainty"] == "seen"]
    assert [row for row in seen if row["version"] == "not stated" and "; " not in row["note"]] == []


def test_a_code_names_an_edition_only_where_it_was_seen_there():
    assert {row["version"] for row in CODES + ORDERS if row["certainty"] != "seen"} == {"not stated"}


def test_who_lost_water_or_stool_for_years_has_not_lost_it_now():
    """A code that does not say "new" establishes no sign that must be new."""
    new = [one for one in codes.CODES if (one.finding or "").endswith("_new") or one.finding == "urinary_retention"]
    assert len(new) >= 6
    assert not any(one.establishes for one in new)


@pytest.mark.control("C-38")
def test_what_we_are_unsure_of_establishes_nothing():
    assert not any(one.establishes for one in codes.CODES if one.certainty == "unsure")
    assert not any(one.establishes for one in codes.CODES if one.relation in ("wider", "inexact"))
    assert any(one.establishes for one in codes.CODES if one.relation == "narrower")


@pytest.mark.control("C-38")
def test_l84_is_two_things_in_two_editions():
    dutch, international = codes.meanings("ICPC-1-NL", "L84"), codes.meanings("ICPC-2", "L84")
    assert [one.about for one in dutch] == ["complaint:spondylosis"]
    assert [one.about for one in international] == ["complaint:nonspecific"]
    assert not international[0].establishes


def test_type_2_diabetes_is_diabetes_where_the_dutch_code_has_a_dot():
    assert [one.about for one in codes.meanings("ICPC-1-NL", "T90.02")] == ["diabetes"]
    assert codes.meanings("ICPC-2", "T90.02") == ()


def test_a_longer_code_is_a_part_only_behind_a_dot_and_a_medicine_only_of_its_group():
    assert codes.meanings("ICPC-1-NL", "T901") == codes.meanings("ICPC-1-NL", "T9") == ()
    assert codes.meanings("ICD-10", "M451") == ()
    assert [one.about for one in codes.meanings("ICD-10", "S32.05")] == ["significant_trauma", "complaint:fracture"]


def test_bones_that_are_only_thin_are_no_osteoporosis():
    assert [one.establishes for one in codes.meanings("ICPC-1-NL", "L95.01")] == [True]
    assert [one.establishes for one in codes.meanings("ICPC-1-NL", "L95.02")] == [False]


@pytest.mark.parametrize("code", ["A79", "B74.01", "L71", "R84", "X76.01", "Y77", "S77.03"])
def test_a_cancer_on_the_list_of_a_gp_is_a_reason_to_ask(code):
    assert [(one.about, one.establishes) for one in codes.meanings("ICPC-1-NL", code)] == [("cancer_history", False)]


def test_a_cancer_in_a_hospital_is_a_cancer():
    for code in ("C34.1", "C50.9", "C61", "C64", "C73", "C90.0"):
        assert [(one.about, one.establishes) for one in codes.meanings("ICD-10", code)] == [("cancer_history", True)]
    assert codes.meanings("ICD-10", "C44.3") == ()


def test_a_group_of_medicines_has_its_medicines_and_no_neighbours():
    oxycodone = codes.meanings("ATC", "N02AA05")
    assert [(one.about, one.establishes) for one in oxycodone] == [("opioid_current", True), ("order:opioid", True)]
    assert codes.meanings("ATC", "N02BE01") == ()
    assert codes.meanings("ATC", "N02") == ()


@pytest.mark.parametrize("code", ["", ".", "L86 ", "L86-", "l86", "3" * 10_000, "L86\n", "٣", "*"])
def test_what_is_no_code_means_nothing(code):
    assert [one for system in SYSTEMS for one in codes.meanings(system, code)] == []


def test_a_code_of_a_choice_is_that_answer_and_one_of_a_number_is_none():
    assert [one.value for one in codes.meanings("SNOMED-CT", "8517006")] == ["former"]
    assert [one.value for one in codes.meanings("LOINC", "8310-5")] == [None]
    assert {one.value for one in codes.CODES if one.finding and VOCABULARY[one.finding].kind == "boolean"} == {True}
    assert [one.finding for one in codes.CODES if one.about == "complaint:radicular"] == [None] * 5


def verhoeff(code: str) -> bool:
    """Whether the last digit of a SNOMED CT code is right for the others."""
    turn = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)

    def permuted(digit: int, times: int) -> int:
        for _ in range(times):
            digit = turn[digit]
        return digit

    def times(a: int, b: int) -> int:
        if a < 5:
            return (a + b) % 5 if b < 5 else (a + b - 5) % 5 + 5
        return (a - 5 - b) % 5 + 5 if b < 5 else (a - b) % 5

    check = 0
    for place, digit in enumerate(reversed(code)):
        check = times(check, permuted(int(digit), place % 8))
    return check == 0


def luhn(code: str) -> bool:
    """Whether the last digit of a LOINC code is right for the others."""
    digits = [int(digit) for digit in code.replace("-", "")]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def test_the_check_digit_of_every_code_is_right():
    for rows in (CODES, ORDERS):
        assert [row["code"] for row in rows if row["system"] == "SNOMED-CT" and not verhoeff(row["code"])] == []
        assert [row["code"] for row in rows if row["system"] == "LOINC" and not luhn(row["code"])] == []
