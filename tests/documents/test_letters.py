"""Letters and the work plan: each reader gets what that reader needs, and no silence reads as a no."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from words_on_paper import words_of

from patients import cases
from ruggespraak.consult import Case, decide
from ruggespraak.documents.content import Document, Paragraph, Part, Table
from ruggespraak.documents.letters import (
    ADDRESSEES,
    ALWAYS_SAID,
    CAUDA,
    DRUGS,
    GROUPS,
    NERVE,
    STEPS,
    TOLD,
    WANTED,
    Person,
    letter,
    work_plan,
)
from ruggespraak.documents.pdf import pdf
from ruggespraak.pathway.editions import EDITIONS, edition
from ruggespraak.pathway.findings import CLINICIAN, VOCABULARY
from ruggespraak.pathway.rules import Urgency
from ruggespraak.pathway.texts import LANGUAGES, choice, item, long_date, table, term, text, word

ON = date(2026, 1, 15)
SOMEBODY = Person("A. de Vries", 1979)
SENDER = "dr. J. Bakker"
BACK = {"low_back_pain": True, "leg_pain": False, "duration_days": 30, "course": "same", "pain_back_nrs": 6}
CAUDA_TOLD = {"low_back_pain": True, "saddle_numbness": True, "urinary_retention": False}
HERNIA = {
    "low_back_pain": True, "leg_pain": True, "leg_pain_below_knee": True, "leg_worse_than_back": True,
    "duration_days": 49, "relief_sufficient": False, "wants_surgery_weighed": True, "slr_positive": True,
    "mrc_ankle_dorsiflexion": 5, "reflex_reduced": False, "opioid_current": True, **dict.fromkeys(CAUDA[:4], False),
}  # fmt: skip
to_each = pytest.mark.parametrize("to", ADDRESSEES)
in_each_language = pytest.mark.parametrize("lang", LANGUAGES)


def case(answers, unclear=(), by="clinician"):
    return Case(on=ON, answers=answers, unclear=frozenset(unclear), answered_by=by)


def written(to: str, one: Case, lang: str = "nl") -> Document:
    return letter(to, one, decide(one, lang), SOMEBODY, SENDER, lang)


def part(document: Document, section: str, id: str) -> str:
    (found,) = (one for one in document.section(section).blocks if isinstance(one, Part) and one.id == id)
    return "\n".join(one.text for one in found.blocks if isinstance(one, Paragraph)).lower()


# -- who gets what ---------------------------------------------------------------------------------------------------


def may(to: str) -> set[str]:
    return {id for group in TOLD[to] for id in group}


def test_every_finding_stands_in_one_group_so_that_somebody_decided_who_gets_it():
    assert Counter(id for group in GROUPS for id in group) == Counter(list(VOCABULARY))


def test_the_gp_gets_everything_and_nobody_else_does():
    assert may("gp") == set(VOCABULARY)
    assert all(may(to) < set(VOCABULARY) for to in ADDRESSEES if to != "gp")


@pytest.mark.parametrize("to", ["psychologist", "back_advice_centre"])
def test_the_psychologist_and_the_back_advice_centre_get_nothing_of_bladder_sex_drugs_or_examination(to):
    assert may(to) & {*CAUDA, *DRUGS, *NERVE} == set()
    assert {id for id in may(to) if VOCABULARY[id].who == CLINICIAN} == set()
    document = written(to, case({**HERNIA, "ivdu": True}))
    assert "examination" not in [section.id for section in document.sections]  # also not "not examined": that is untrue


@to_each
def test_what_is_wanted_and_what_is_always_said_may_be_told(to):
    assert set(WANTED[to]) <= may(to)
    assert set(ALWAYS_SAID) <= set(VOCABULARY)


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_an_alarm_that_sends_somebody_to_a_specialist_can_be_named_to_that_specialist(edition_id):
    for alarm in edition(edition_id).alarms:
        for referral in alarm.refer:
            if referral.to in TOLD:
                assert {finding.id for finding in alarm.when.findings()} <= may(referral.to), alarm.id


def names(id: str, lang: str) -> list[str]:
    return [term(id, lang).partition(":")[0].lower(), item(id, lang).lower()] if id != "low_back_pain" else []


@pytest.mark.control("C-61")
@settings(max_examples=40)
@given(cases(), st.sampled_from(ADDRESSEES), st.sampled_from(LANGUAGES))
def test_no_letter_names_a_finding_that_its_addressee_does_not_get(one, to, lang):
    document = written(to, replace(one, edition="current"), lang)
    own_words = {name for id in may(to) for name in names(id, lang)}
    with_findings = [one for one in document.sections if one.id in ("told", "examination", "course")]
    here = words_of(replace(document, sections=tuple(with_findings)))
    for id in set(VOCABULARY) - may(to):
        for name in names(id, lang):
            if not any(name in other for other in own_words):  # "diabetes" in "diabetes mellitus"
                assert not re.search(rf"(?<!\w){re.escape(name)}(?!\w)", here.lower()), (to, id)


def test_an_alarm_is_named_only_to_who_gets_the_answers_that_it_rests_on():
    urgent = case(CAUDA_TOLD)
    name, suspect = text("alarms", "R1", "name", "nl"), text("suspects", "cauda_equina", "term", "nl")
    assert name in words_of(written("neurologist", urgent))
    for to in ("psychologist", "back_advice_centre", "physiotherapist", "rheumatologist"):
        assert name not in words_of(written(to, urgent))
        assert suspect not in words_of(written(to, urgent))


# -- what a letter says ----------------------------------------------------------------------------------------------


@to_each
@in_each_language
def test_every_letter_says_to_whom_about_whom_what_is_asked_and_asks_to_confirm(to, lang):
    document = written(to, case(HERNIA), lang)
    words = words_of(document)
    assert document.title == text("letters", f"letter_to_{to}", "title", lang)
    assert all(part in words for part in (SOMEBODY.name, str(SOMEBODY.born), SENDER, long_date(ON, lang)))
    assert document.sections[-1].id == "confirm"
    assert text("letters", "letter_confirm", "says", lang) in words
    assert pdf(document).startswith(b"%PDF")


@given(cases(), st.sampled_from(ADDRESSEES))
@settings(max_examples=30)
def test_both_languages_have_the_same_shape_and_every_mark_its_source(one, to):
    nl, en = (written(to, replace(one, edition="current"), lang) for lang in LANGUAGES)
    assert [section.id for section in nl.sections] == [section.id for section in en.sections]
    assert [type(block) for block in nl.blocks()] == [type(block) for block in en.blocks()]
    marks = [block.mark for block in nl.blocks() if getattr(block, "mark", None)]
    assert {number for mark in marks for number in mark.numbers} <= {source.number for source in nl.sources}
    assert all(line.strip() for line in words_of(nl).splitlines())


def test_nobody_writes_to_a_stranger():
    with pytest.raises(ValueError, match="no letter to 'employer': choose from gp"):
        written("employer", case(BACK))


@pytest.mark.control("C-61")
def test_present_denied_unclear_and_not_asked_stay_four_apart():
    document = written("neurologist", case(CAUDA_TOLD, unclear=["faecal_incontinence_new"]))
    where = {id: part(document, "told", id) for id in ("present", "denied", "unclear", "not_asked")}
    for id, finding in (
        ("present", "saddle_numbness"), ("denied", "urinary_retention"), ("unclear", "faecal_incontinence_new"),
        ("not_asked", "urinary_incontinence_new"),
    ):  # fmt: skip
        named = term(finding, "nl").lower()
        lines = {place: words.rstrip(".").split("; ") for place, words in where.items()}
        assert [place for place, told in lines.items() if {named, f"{named}: nee"} & set(told)] == [id]


def test_who_was_not_examined_was_not_examined_and_that_is_said():
    (nothing,) = written("neurologist", case(CAUDA_TOLD)).section("examination").blocks
    assert nothing == Paragraph(text("letters", "letter_examination", "nothing", "nl"))
    words = words_of(written("neurologist", case(HERNIA)))
    assert "Positieve proef van Lasègue" in words
    assert "Verlaagde KPR of APR: nee" in words
    assert "Niet onderzocht: " in words


@in_each_language
def test_blood_thinner_and_opioid_are_always_said_also_when_nobody_asked(lang):
    def lines(answers, unclear=()):
        section = written("neurologist", case(answers, unclear), lang).section("course")
        (found,) = (one for one in section.blocks if isinstance(one, Part) and one.id == "medicines")
        return found.blocks[0].items

    def line(id: str, state: str) -> str:
        words = text("letters", "letter_medicines", state, lang).format(what=term(id, lang))
        return words[0].upper() + words[1:]

    assert lines(BACK) == tuple(line(id, "not_asked") for id in ALWAYS_SAID)
    told = lines({**BACK, "opioid_current": False}, unclear=["anticoagulant"])
    assert told == (line("anticoagulant", "unclear"), line("opioid_current", "no"))
    assert lines({**BACK, "anticoagulant": True})[0] == line("anticoagulant", "yes")


@pytest.mark.control("C-61")
@in_each_language
def test_an_urgent_letter_says_so_first_and_asks_to_phone(lang):
    document = written("neurologist", case(CAUDA_TOLD), lang)
    assert document.card.level == "emergency"
    assert document.card.title.lower() == word("urgency.emergency.name", lang)
    assert text("letters", "letter_urgent", "phone", lang) in words_of(document)
    assert long_date(ON, lang) in words_of(document)


def test_a_letter_that_is_not_urgent_has_no_card_and_a_date_two_weeks_on():
    document = written("neurologist", case(HERNIA))
    assert document.card is None
    assert long_date(ON + timedelta(days=14), "nl") in words_of(document)


@settings(max_examples=60)
@given(cases(), st.sampled_from(ADDRESSEES))
def test_whoever_must_be_seen_soon_is_never_sent_a_letter_that_looks_calm(one, to):
    decision = decide(replace(one, edition="current"))
    document = letter(to, one, decision, SOMEBODY, SENDER, "nl")
    if decision.urgency >= Urgency.WITHIN_DAYS:
        assert document.card is not None
        assert document.card.level == str(decision.urgency)


def test_a_physiotherapist_gets_no_patient_with_an_alarm_without_being_told_that_a_doctor_comes_first():
    document = written("physiotherapist", case(CAUDA_TOLD))
    assert document.card.title == text("letters", "letter_urgent", "first", "nl")


def test_a_physiotherapist_who_finds_an_alarm_sends_it_to_the_gp_with_all_of_it():
    words = words_of(written("gp", case({**HERNIA, "fever_reported": True}, by="clinician")))
    assert text("alarms", "R8", "name", "nl") in words
    assert "koorts volgens patiënt" in words.lower()


def test_an_emergency_goes_to_the_gp_as_an_emergency_also_when_somebody_else_is_who_acts():
    document = written("gp", case(CAUDA_TOLD))
    assert document.card.level == "emergency"
    assert document.card.title == "Spoed: direct"
    assert text("referrals", "neurologist_now", "clinician_does", "nl") in words_of(document)
    assert text("referrals", "neurologist_now", "patient_does", "nl") in words_of(document)


def test_whom_the_pathway_does_not_send_anybody_to_gets_no_date_that_it_did_not_set():
    assert text("letters", "letter_question", "routine", "nl") in words_of(written("psychologist", case(BACK)))
    assert long_date(ON + timedelta(days=14), "nl") in words_of(written("neurologist", case(HERNIA)))


@pytest.mark.control("C-11")
@in_each_language
def test_no_alarm_established_is_never_said_as_nothing_wrong(lang):
    words = words_of(written("orthopaedist", case(BACK), lang))
    assert text("letters", "letter_conclusion", "no_alarm", lang) in words
    assert {"nl": "niet gevraagd is niet afwezig", "en": "not asked is not absent"}[lang] in words


# -- the work plan ---------------------------------------------------------------------------------------------------


def clinical_words(lang: str) -> set[str]:
    """Everything that names a complaint, a finding, a suspicion, a medicine or a specialist."""
    found = {name for id in VOCABULARY for name in (term(id, lang), item(id, lang))}
    found |= {choice(id, value, lang) for id in VOCABULARY for value in VOCABULARY[id].choices}
    found |= {text("suspects", id, part, lang) for id in table("suspects") for part in ("name", "term")}
    found |= {word(f"complaint.{id}.{part}", lang) for id in table("words")["complaint"] for part in ("name", "term")}
    found |= {text("alarms", id, "name", lang) for id in table("alarms")}
    found |= {word(f"urgency.{one}.{part}", lang) for one in Urgency for part in ("name", "headline")}
    found |= {word(f"act.{act}", lang) for act in ("nsaid", "paracetamol", "scan", "operate")}
    return {name.lower() for name in found} - {"werk", "work", "sport", "anders", "other", "nee", "no"}


NEVER = {
    "nl": r"rug|hernia|been\b|zenuw|pijn|klacht|ziek|diagnose|arts\b(?<!bedrijfsarts)|medicijn|huisarts|lrs",
    "en": r"\bback\b|disc|\bleg\b|nerve|pain|complaint|\bill|diagnos|doctor|medicine|\bgp\b|sciatica|symptom",
}


@pytest.mark.control("C-61")
@settings(max_examples=60)
@given(cases(), st.sampled_from(LANGUAGES))
def test_no_employer_reads_a_complaint_a_finding_a_medicine_or_an_answer(one, lang):
    one = replace(one, answers={**one.answers, "works": True}, edition="current")
    words = words_of(work_plan(one, decide(one, lang), SOMEBODY, lang)).lower()
    for name in clinical_words(lang):
        assert not re.search(rf"(?<!\w){re.escape(name)}(?!\w)", words), name
    assert not re.search(NEVER[lang], words)
    assert str(SOMEBODY.born) not in words


@settings(max_examples=40)
@given(cases(), cases())
def test_two_people_with_the_same_first_day_of_work_get_the_same_plan_whatever_they_answered(one, other):
    plans = []
    for each in (one, other):
        each = replace(each, answers={**each.answers, "works": True}, edition="current")
        decision = decide(each)
        calm = replace(decision, urgency=Urgency.ROUTINE, on=ON)
        plans.append(work_plan(each, calm, SOMEBODY, "nl"))
    assert plans[0] == plans[1]


@in_each_language
def test_the_plan_builds_up_in_steps_with_dates_and_names_the_occupational_physician(lang):
    one = case({**BACK, "works": True})
    document = work_plan(one, decide(one, lang), SOMEBODY, lang)
    (steps,) = (block for block in document.blocks() if isinstance(block, Table))
    assert [row[0] for row in steps.rows] == [long_date(ON + timedelta(days=days), lang) for days in STEPS]
    assert text("letters", "work_talk", "physician", lang) in words_of(document)
    assert document.sections[-1].id == "to_take_along"  # paper draws lines there
    assert document.sources == ()  # their titles name the complaint
    assert pdf(document).startswith(b"%PDF")


def test_who_must_be_seen_soon_does_not_begin_before_that_was_looked_at():
    one = case({**CAUDA_TOLD, "works": True})
    decision = decide(one)
    begins = long_date(decision.review.on + timedelta(days=1), "nl")
    assert text("letters", "work_plan", "not_yet", "nl").format(date=begins) in words_of(
        work_plan(one, decision, SOMEBODY, "nl")
    )


def test_who_does_not_work_gets_no_work_plan():
    one = case({**BACK, "works": False})
    with pytest.raises(ValueError, match="no work plan without work"):
        work_plan(one, decide(one), SOMEBODY, "nl")


@in_each_language
@pytest.mark.skipif(not shutil.which("pdftotext"), reason="to read a PDF: apt-get install poppler-utils")
def test_nothing_on_the_paper_of_a_work_plan_says_that_it_is_about_a_back(lang):
    one = case({**BACK, "sick_listed_days": 10})
    made = pdf(work_plan(one, decide(one, lang), SOMEBODY, lang))
    assert b"Ruggespraak" not in made
    page = subprocess.run(["pdftotext", "-", "-"], input=made, capture_output=True, check=True).stdout.decode().lower()
    assert SOMEBODY.name.lower() in page
    assert not re.search(r"rug|back|spine", page.replace("feedback", ""))
