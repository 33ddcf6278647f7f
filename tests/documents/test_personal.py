"""The personal leaflet: one order, the person's own answers, and nothing calm beside what presses."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients import cases
from ruggespraak.consult import Case, decide
from ruggespraak.documents.content import Document, Paragraph, Part, Picture, Points
from ruggespraak.documents.personal import personal
from ruggespraak.documents.result import OPEN, alarm_card, result
from ruggespraak.pathway.rules import Urgency
from ruggespraak.pathway.texts import LANGUAGES, item, table, term, text, word

ON = date(2026, 1, 15)
DENIED = {
    "saddle_numbness": False, "urinary_retention": False, "urinary_incontinence_new": False,
    "faecal_incontinence_new": False, "foot_drop": False, "weak_leg_reported": False, "weakness_progressive": False,
}  # fmt: skip
HERNIA = {
    "low_back_pain": True, "leg_pain": True, "leg_pain_below_knee": True, "leg_worse_than_back": True,
    "cough_sneeze_strain": True, "duration_days": 49, "course": "same", "age_years": 46, **DENIED,
}  # fmt: skip
CAUDA = {"low_back_pain": True, "saddle_numbness": True}
ORDER = [
    "what_it_is", "what_to_expect", "what_you_do", "questions", "picture", "when_to_call", "who_will_help", "open",
    "conflicts", "why", "to_take_along", "for_gp",
]  # fmt: skip


def case(answers, by="patient", unclear=()):
    return Case(on=ON, answers=answers, unclear=frozenset(unclear), answered_by=by)


def words_of(document: Document):
    for block in document.blocks():
        if isinstance(block, Paragraph):
            yield block.text
        elif isinstance(block, Points):
            yield from block.items
        elif isinstance(block, Part):
            yield block.title


def marks_of(document: Document):
    return [mark for block in document.blocks() if (mark := getattr(block, "mark", None))]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("answers", [HERNIA, CAUDA, {"low_back_pain": True, "leg_pain": False}, {}])
def test_everybody_reads_in_the_same_order(answers, lang):
    sections = [one.id for one in personal(case(answers), lang).sections]
    assert sections == [id for id in ORDER if id in sections]
    assert {"what_it_is", "what_to_expect", "when_to_call", "to_take_along", "for_gp"} <= set(sections)


@given(cases(answered_by="patient"), st.sampled_from(LANGUAGES))
def test_any_person_gets_a_whole_leaflet_with_every_mark_in_its_list_of_sources(one, lang):
    document = personal(replace(one, edition="current"), lang)
    listed = [source.number for source in document.sources]
    assert listed == list(range(1, len(listed) + 1))
    assert {number for mark in marks_of(document) for number in mark.numbers} == set(listed)
    assert all(words.strip() for words in words_of(document))
    assert word("word.not_device", lang) in document.closing[-1]


@given(cases(answered_by="patient"))
def test_both_languages_have_the_same_shape_and_the_same_sources(one):
    nl, en = (personal(replace(one, edition="current"), lang) for lang in LANGUAGES)
    assert [section.id for section in nl.sections] == [section.id for section in en.sections]
    assert [type(block) for block in nl.blocks()] == [type(block) for block in en.blocks()]
    assert [mark.numbers for mark in marks_of(nl)] == [mark.numbers for mark in marks_of(en)]


@pytest.mark.control("C-12")
def test_who_must_phone_reads_of_nothing_that_can_come_later():
    document = personal(case(CAUDA), "nl")
    assert document.card.level == "emergency"
    assert [block for block in document.blocks() if isinstance(block, Picture)] == []
    ids = {block.id for block in document.blocks() if isinstance(block, Part)}
    assert "later" not in ids
    assert document.card.blocks[-1].strong
    assert "Bel nu" in document.card.blocks[-1].text


def test_open_alarm_questions_look_like_no_answer_and_not_like_a_calm_one():
    document = personal(case({"low_back_pain": True, "leg_pain": False}), "nl")
    assert document.card.level == OPEN
    assert document.card.title == word("word.not_said_yet", "nl")


def test_how_sure_it_is_rests_on_what_was_told():
    said = list(words_of(result(decide(case(HERNIA)), "nl")))
    assert any("op grond van wat u vertelde" in words for words in said)


def test_why_names_the_persons_own_answers():
    section = personal(case(HERNIA), "nl").section("why")
    told = {line for part in section.blocks for line in part.blocks[0].items}
    assert item("leg_pain_below_knee", "nl") in told
    assert any(line.endswith(": 49") for line in told)
    leads = {line for part in section.blocks for line in part.blocks[-1].items}
    surgery = table("plan")["weigh_surgery"]["nl"].split(". ")[0]
    assert any(line.startswith(surgery) for line in leads)


def test_why_names_only_what_this_person_answered():
    for answers in (HERNIA, CAUDA):
        told = set(answers) | {"improving", "relief_sufficient"}  # these two follow from how it goes
        why = {id for advice in decide(case(answers)).plan for id in advice.why}
        assert why <= told


def test_what_stayed_unclear_goes_along_as_a_question():
    questions = personal(case(HERNIA, unclear=["numb_leg"]), "nl").section("to_take_along").blocks[0].items
    unclear = item("numb_leg", "nl")
    assert any(unclear[1:] in question for question in questions)
    assert all(question.endswith("?") for question in questions)


def test_the_gps_text_has_told_denied_unclear_and_not_asked_apart():
    subjective = personal(case(HERNIA, unclear=["numb_leg"]), "nl").section("for_gp").blocks[0].text
    told, _, rest = subjective.partition(word("soep.denied", "nl").partition("{")[0])
    denied, _, rest = rest.partition(word("soep.unclear", "nl").partition("{")[0])
    unclear, _, open_ones = rest.partition(word("soep.not_asked", "nl").partition("{")[0])
    assert term("leg_pain_below_knee", "nl") in told
    assert term("saddle_numbness", "nl") in denied
    assert term("saddle_numbness", "nl") not in told
    assert term("numb_leg", "nl") in unclear
    assert term("significant_trauma", "nl") in open_ones


def test_the_gps_text_never_says_examined():
    lines = [block.text for block in personal(case(CAUDA), "nl").section("for_gp").blocks]
    assert [line[:2] for line in lines] == ["S:", "O:", "E:", "P:"]
    assert lines[1] == f"O: {word('soep.not_examined', 'nl')}"
    assert text("alarms", "R1", "name", "nl") in lines[2]


@pytest.mark.control("C-65")
@pytest.mark.parametrize("by", ["patient", "proxy"])
def test_the_gp_reads_who_answered(by):
    assert word(f"soep.{by}", "nl") in personal(case(CAUDA, by), "nl").section("for_gp").blocks[0].text


def test_an_interruption_shows_its_own_alarms_and_what_to_do():
    decision = decide(case({**CAUDA, "cancer_history": True}))
    card = alarm_card(decision, ["R1"], "nl")
    assert card.level == "emergency"
    said = [block.text for block in card.blocks]
    assert text("alarms", "R1", "says", "nl") in said
    assert text("alarms", "R5", "says", "nl") not in said
    assert said[-1] == decision.refer[0].patient_does


def test_a_result_is_as_urgent_as_its_decision():
    for answers in (HERNIA | {"fever_reported": True}, CAUDA, HERNIA):
        decision = decide(case(answers))
        expected = str(decision.urgency) if decision.urgency > Urgency.ROUTINE or not decision.unsaid else OPEN
        assert result(decision, "nl").card.level == expected
