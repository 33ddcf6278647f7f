"""The consult in the terminal: how lines are read, when it interrupts, and what the result says, in which order."""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from datetime import date
from io import StringIO

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from ruggespraak.cli.consult import BAD_INPUT, INTERRUPTED, consult
from ruggespraak.cli.dialogue import Dialogue, Mistake, Stage, answer, begin
from ruggespraak.cli.show import show
from ruggespraak.consult import Case, Screen, as_json, decide
from ruggespraak.pathway.editions import EDITIONS
from ruggespraak.pathway.findings import VOCABULARY
from ruggespraak.pathway.rules import Urgency
from ruggespraak.pathway.texts import LANGUAGES, long_date, table, text, word

ON = date(2026, 11, 23)
YES = {"nl": "j", "en": "y"}
MORE = {"nl": "v", "en": "m"}
HEADINGS = ("what_it_is", "what_to_expect", "what_you_do", "when_to_call")
PLAIN_BACK = {"low_back_pain": True, "course": "better", "age_years": 46, "duration_days": 10}


# Helpers: a dialogue at some screen, and a person who answers all of them


def at(*items, lang="nl", checklist=None, by="patient", **answers):
    """A dialogue that shows just these findings."""
    case = Case(on=ON, answered_by=by, answers=answers)
    return Dialogue(case, lang, screen=Screen(items, checklist), number=1)


def alarms(lang="nl", by="patient"):
    """The first screen of a consult."""
    found = begin(Case(on=ON, answered_by=by), lang)
    assert found.asked.checklist == "alarm"
    return found


SADDLE = str(alarms().asked.items.index("saddle_numbness") + 1)  # what somebody with a numb saddle types


def line_of(dialogue, person):
    """What this person types on this screen; whatever they do not name is no."""
    if dialogue.stage is Stage.ALARM:
        return MORE[dialogue.lang]
    if dialogue.stage is Stage.OTHERS:
        return YES[dialogue.lang]
    items = dialogue.asked.items
    if len(items) > 1:
        said = [f"?{n}" if person.get(id) == "?" else str(n) for n, id in enumerate(items, 1) if person.get(id)]
        return " ".join(said) or "0"
    finding, value = VOCABULARY[items[0]], person.get(items[0])
    if value == "?":
        return "?"
    if finding.kind == "boolean":
        return YES[dialogue.lang] if value else "n"
    if finding.kind == "choice":
        return str(finding.choices.index(value) + 1) if value else "?"
    return "?" if value is None else str(value)


def whole_consult(person, lang="nl", by="patient"):
    """Every dialogue of one person's consult, from the first to the last."""
    dialogue = begin(Case(on=ON, answered_by=by), lang)
    steps = [dialogue]
    while dialogue.stage is not Stage.DONE:
        dialogue = answer(dialogue, line_of(dialogue, person))
        assert isinstance(dialogue, Dialogue), dialogue
        steps.append(dialogue)
    return steps


def shown(case, lang="nl", audience="patient", width=88):
    console = Console(file=StringIO(), width=width, highlight=False, markup=False, emoji=False)
    show(decide(case, lang), lang, audience, console)
    return console.file.getvalue()


def on_one_line(output):
    return " ".join(output.replace("│", " ").replace("┃", " ").split())


def result_of(person, lang="nl", audience="patient", width=88):
    return shown(whole_consult(person, lang, audience)[-1].case, lang, audience, width)


def ran(*arguments, width=88, **how):
    return CliRunner().invoke(consult, list(arguments), env={"COLUMNS": str(width)}, **how)


# Reading lines


def test_numbers_say_yes_and_the_others_wait_for_their_own_question():
    after = answer(at("steroids_long", "pregnant", "diabetes", checklist="history"), "1, 3")
    assert after.stage is Stage.OTHERS
    assert after.case.answers == {"steroids_long": True, "diabetes": True}
    assert after.rest == ("pregnant",)


@pytest.mark.parametrize(("line", "answers", "unclear"), [
    ("j", {"steroids_long": True, "pregnant": False}, set()),
    ("n", {"steroids_long": True}, set()),
    ("", {"steroids_long": True}, set()),
    ("?", {"steroids_long": True}, {"pregnant"}),
])  # fmt: skip
def test_the_others_are_no_only_when_the_person_says_so(line, answers, unclear):
    asked = answer(at("steroids_long", "pregnant", checklist="history"), "1")
    after = answer(asked, line)
    assert after.case.answers == answers
    assert after.case.unclear == unclear
    assert after.stage is not Stage.OTHERS


def test_when_every_number_is_mentioned_nothing_is_asked_about_the_others():
    after = answer(at("steroids_long", "diabetes", checklist="history"), "1 ?2")
    assert after.stage is not Stage.OTHERS
    assert after.case.answers == {"steroids_long": True}
    assert after.case.unclear == {"diabetes"}


@pytest.mark.parametrize(("lang", "line"), [
    ("nl", "0"), ("nl", "geen"), ("nl", " Geen van deze "), ("en", "0"), ("en", "none"), ("en", "none of these"),
])  # fmt: skip
def test_none_of_these_is_no_to_each_item_shown(lang, line):
    before = alarms(lang)
    after = answer(before, line)
    assert after.case.answers == dict.fromkeys(before.asked.items, False)


def test_left_alone_is_unknown_and_not_asked_again():
    before = alarms()
    after = answer(before, "")
    assert not after.case.answers
    assert not after.case.unclear
    assert not set(after.asked.items) & set(before.asked.items)
    assert "saddle_numbness" in decide(after.case).ask


@pytest.mark.parametrize("lang", LANGUAGES)
def test_do_not_know_is_unclear_and_never_no(lang):
    before = alarms(lang)
    after = answer(before, "?")
    assert not after.case.answers
    assert after.case.unclear == set(before.asked.items)
    one = answer(at("leg_pain", lang=lang), "?")
    assert one.case.unclear == {"leg_pain"}
    assert "leg_pain" not in one.case.answers


def test_one_number_can_be_not_known_beside_others():
    before = alarms()
    after = answer(before, "?2")
    assert after.stage is Stage.OTHERS
    assert after.case.unclear == {before.asked.items[1]}


BAD_LINES = ("x", "j", "1 x", "99", "0 1", "1 0", "1 ?1", "1=5", "? 2", "-1", "1-3", "1.5", "²", "?2=5", ",", "\x1b[A")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("line", BAD_LINES)
def test_a_line_that_cannot_be_read_is_one_clear_line_and_changes_nothing(lang, line):
    found = answer(alarms(lang), line)
    assert isinstance(found, Mistake)
    assert found.says
    assert "\n" not in found.says
    assert "{" not in found.says
    assert "\x1b" not in found.says


@pytest.mark.control("C-21")
@pytest.mark.parametrize(("line", "value"), [
    ("46", 46), ("46 jaar", 46), ("0", 0), ("120", 120), ("46,5", 46.5), ("46.5", 46.5),
    ("-1", None), ("121", None), ("1.000", None), ("1e2", None), ("vijftig", None), ("46 weken", None),
    ("9" * 5000, None), ("nan", None), ("४६", None),
])  # fmt: skip
def test_a_number_is_read_with_its_unit_or_not_at_all(line, value):
    found = answer(at("age_years"), line)
    if value is None:
        assert isinstance(found, Mistake)
        assert "0 tot 120" in found.says
    else:
        assert found.case.answers["age_years"] == value


@pytest.mark.parametrize(("lang", "line", "days"), [
    ("nl", "56", 56), ("nl", "8 weken", 56), ("nl", "8w", 56), ("en", "8 weeks", 56), ("nl", "56 dagen", 56),
])  # fmt: skip
def test_days_may_be_given_as_weeks(lang, line, days):
    assert answer(at("duration_days", lang=lang), line).case.answers["duration_days"] == days


def test_months_are_not_guessed_at():
    assert isinstance(answer(at("duration_days"), "2 maanden"), Mistake)


@pytest.mark.parametrize(("lang", "line", "value"), [
    ("nl", "j", True), ("nl", "JA", True), ("nl", "n", False), ("en", "y", True), ("en", "no", False),
])  # fmt: skip
def test_one_yes_or_no_question_is_answered_by_its_letter(lang, line, value):
    assert answer(at("leg_pain", lang=lang), line).case.answers["leg_pain"] is value


@pytest.mark.parametrize("line", ["y", "0", "1", "jn", "misschien"])
def test_a_yes_or_no_question_takes_nothing_else(line):
    assert isinstance(answer(at("leg_pain"), line), Mistake)


def test_a_choice_is_a_number_of_the_list():
    assert answer(at("course"), "3").case.answers["course"] == "worse"
    assert all(isinstance(answer(at("course"), line), Mistake) for line in ("0", "4", "worse", "1 2"))


def test_a_date_is_a_day_that_has_been():
    assert answer(at("onset_date"), "2026-11-01").case.answers["onset_date"] == date(2026, 11, 1)
    assert answer(at("onset_date"), ON.isoformat()).case.answers["onset_date"] == ON
    for line in ("2026-11-24", "2026-02-30", "1 november", "01-11-2026"):
        assert isinstance(answer(at("onset_date"), line), Mistake)


# Back, stop


def test_back_restores_what_was_known_exactly():
    first = alarms()
    second = answer(first, "0")
    third = answer(second, "?")
    assert answer(third, "<") == second
    assert answer(answer(third, "<"), "<") == first
    assert answer(second, "?") == third


def test_back_leads_to_the_whole_screen_from_the_question_about_the_others():
    first = answer(alarms(), "0")
    others = answer(first, "1")
    assert others.stage is Stage.OTHERS
    assert answer(others, "<") == first
    assert answer(answer(others, "j"), "<") == first


def test_back_from_an_alarm_takes_the_answer_back():
    first = alarms()
    interrupted = answer(first, SADDLE)
    assert interrupted.stage is Stage.ALARM
    assert answer(interrupted, "<") == first
    assert answer(answer(answer(interrupted, "v"), "j"), "<") == first
    assert not answer(interrupted, "<").met


def test_there_is_no_way_back_from_the_first_question():
    assert answer(alarms(), "<") == Mistake(word("mistake.first", "nl"))


@pytest.mark.parametrize("lines", [[], ["0"], ["0", "1"], [SADDLE]])
def test_stopping_keeps_what_was_said_and_says_what_was_not_asked(lines):
    dialogue = alarms()
    for line in lines:
        dialogue = answer(dialogue, line)
    stopped = answer(dialogue, "q")
    assert stopped.stage is Stage.DONE
    assert stopped.case == dialogue.case
    result = shown(stopped.case)
    assert word("word.still_to_ask", "nl") in result
    if not stopped.met:
        assert word("word.not_said_yet", "nl") in result


# Alarms


@pytest.mark.parametrize("finding", [
    "weakness_progressive", "saddle_numbness", "urinary_retention", "urinary_incontinence_new",
    "faecal_incontinence_new", "lhermitte", "significant_trauma", "sudden_severe_tearing", "pulsating_abdomen",
    "foot_drop",
])  # fmt: skip
@pytest.mark.parametrize("by", ["patient", "proxy", "clinician"])
def test_an_emergency_interrupts_at_the_first_screen_before_anything_else_is_asked(finding, by):
    first = alarms(by=by)
    after = answer(first, str(first.asked.items.index(finding) + 1))
    assert after.stage is Stage.ALARM
    assert after.new
    assert decide(after.case).urgency >= Urgency.SAME_DAY


def test_after_an_alarm_enter_stops_and_more_goes_on_with_the_others():
    interrupted = answer(alarms(), SADDLE)
    assert answer(interrupted, "").stage is Stage.DONE
    assert answer(interrupted, "v").stage is Stage.OTHERS
    assert isinstance(answer(interrupted, SADDLE), Mistake)
    assert isinstance(answer(interrupted, "j"), Mistake)


def test_an_alarm_interrupts_once_and_another_one_again():
    interruptions = [
        step.new
        for step in whole_consult({"low_back_pain": True, "weak_leg_reported": True, "fever_reported": True})
        if step.stage is Stage.ALARM
    ]
    assert len(interruptions) >= 2
    told = [id for new in interruptions for id in new]
    assert len(told) == len(set(told))


def test_an_alarm_that_is_only_unclear_does_not_interrupt_and_still_counts():
    after = answer(alarms(), f"?{SADDLE}")
    assert after.stage is Stage.OTHERS
    result = on_one_line(shown(answer(after, "j").case))
    assert word("urgency.same_day.headline", "nl") in result
    assert word("word.no_alarm_told", "nl") not in result
    assert text("alarms", "R18", "says", "nl") in result


# Clinicians


def test_a_clinician_examines_after_everything_that_can_be_asked():
    steps = [step for step in whole_consult(PLAIN_BACK, by="clinician") if step.stage is Stage.ASK]
    examined = [all(VOCABULARY[id].who == "clinician" for id in step.asked.items) for step in steps]
    assert any(examined)
    assert examined == sorted(examined)


def test_a_patient_is_never_asked_for_what_only_an_examination_gives():
    for step in whole_consult(PLAIN_BACK):
        if step.stage is Stage.ASK:
            assert all(VOCABULARY[id].who != "clinician" for id in step.asked.items)


STRENGTH = ("mrc_hip_flexion", "mrc_knee_extension", "mrc_ankle_dorsiflexion", "mrc_big_toe_extension",
            "mrc_plantar_flexion")  # fmt: skip


@pytest.mark.parametrize("line", ["5 5 4 5 5", "5,5,4,5,5", "1=5 2=5 3=4 4=5 5=5", "5=5 1=5 2=5 3=4 4=5"])
def test_strength_is_typed_in_a_row_or_by_number(line):
    after = answer(at(*STRENGTH, checklist="strength", by="clinician"), line)
    assert after.case.answers == dict(zip(STRENGTH, (5, 5, 4, 5, 5), strict=True))


@pytest.mark.parametrize("line", ["5", "5 5 5 5 6", "1=6", "1", "1=", "1=x", "6=5", "5 5 5 5"])
def test_half_a_row_of_strength_is_not_guessed_at(line):
    assert isinstance(answer(at(*STRENGTH, checklist="strength", by="clinician"), line), Mistake)


@pytest.mark.parametrize("line", ["0", "", "geen", "Kracht niet onderzocht"])
def test_strength_that_nobody_tested_stays_open(line):
    after = answer(at(*STRENGTH, checklist="strength", by="clinician"), line)
    assert not after.case.answers


def test_a_value_stands_beside_numbers_and_the_others_are_asked_about():
    items = ("anal_tone_reduced", "perianal_sensation_reduced", "post_void_residual_ml")
    after = answer(at(*items, checklist="perineum", by="clinician"), "3=120")
    assert after.stage is Stage.OTHERS
    assert after.rest == items[:2]
    done = answer(after, "j")
    assert done.case.answers == dict.fromkeys(items[:2], False) | {items[2]: 120}


# The whole dialogue


TYPED = st.one_of(
    st.sampled_from(["0", "", "?", "1", "2", "1 3", "?1", "j", "n", "46", "8 weken", "<", "v"]), st.text(max_size=8)
)


@pytest.mark.control("C-10")
@given(lines=st.lists(TYPED, max_size=40), by=st.sampled_from(["patient", "clinician"]))
def test_whatever_is_typed_nothing_is_asked_twice_and_nothing_becomes_no_unsaid(lines, by):
    dialogue = begin(Case(on=ON, answered_by=by), "nl")
    for line in lines:
        if dialogue.stage is Stage.DONE:
            break
        after = answer(dialogue, line)
        if isinstance(after, Mistake):
            assert after.says
            continue
        if line.strip() != "<":
            assert not (after.stage is Stage.ASK and set(after.asked.items) & dialogue.shown)
            assert dialogue.case.answers.items() <= after.case.answers.items()
        if line.strip() in ("", "?"):
            assert after.case.answers == dialogue.case.answers
        assert not after.case.answers.keys() & after.case.unclear
        dialogue = after


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("person", [PLAIN_BACK, {"low_back_pain": True, "leg_pain": True, "course": "same"}, {}])
def test_every_consult_comes_to_an_end_with_a_result(person, lang):
    steps = whole_consult(person, lang)
    assert not decide(steps[-1].case).ask
    assert len([step for step in steps if step.stage is Stage.ASK]) <= 25


# The result


PEOPLE = {
    "plain": PLAIN_BACK,
    "hernia": {"low_back_pain": True, "leg_pain": True, "leg_pain_below_knee": True, "leg_worse_than_back": True,
               "cough_sneeze_strain": True, "leg_pain_dermatomal": True, "duration_days": 56, "course": "same",
               "age_years": 46, "wants_surgery_weighed": True, "relief_sufficient": False},
    "cauda": {"low_back_pain": True, "saddle_numbness": True, "age_years": 46},
    "unclear": {**PLAIN_BACK, "urinary_retention": "?"},
    "cancer": {**PLAIN_BACK, "cancer_history": True},
    "child": {**PLAIN_BACK, "age_years": 12},
}  # fmt: skip


@pytest.mark.parametrize("audience", ["patient", "proxy", "clinician"])
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("who", PEOPLE)
def test_the_result_has_one_order(who, lang, audience):
    result = result_of(PEOPLE[who], lang, audience)
    lines = [line.rstrip(" ─╮┓").lstrip("╭┏─━ ").rstrip(" ─━╮┓") for line in result.splitlines()]
    headings = [word(f"word.{name}", lang) for name in ("how_urgent", *HEADINGS)]
    headings += [word("result.open", lang), word("word.sources", lang)]
    if who == "unclear" and audience != "clinician":  # the card says what to do now, and nothing may wait beside it
        headings.remove(word("word.what_you_do", lang))
    places = [lines.index(heading) for heading in headings]
    assert places == sorted(places)
    closing = on_one_line(result)
    assert closing.endswith(f"{word('word.not_device', lang)}. {word('word.awaiting_review', lang)}.")


@pytest.mark.parametrize("who", PEOPLE)
def test_english_shows_no_dutch(who):
    result = result_of(PEOPLE[who], "en") + result_of(PEOPLE[who], "en", "clinician")
    titles = result.index("Sources")
    assert not re.search(r"\b(de|het|een|uw|niet|van|wat|bel)\b", result[:titles])
    for part in ("section", "word", "question", "result", "urgency"):
        for found in _every(table("words")[part]):
            if found["nl"] != found["en"] and "{" not in found["nl"]:
                assert found["nl"] not in result


def _every(entry):
    """Every pair of nl and en below an entry."""
    if set(entry) == set(LANGUAGES):
        yield entry
    else:
        for part in entry.values():
            yield from _every(part)


def test_nl_and_en_of_every_word_of_the_interface_fill_in_the_same():
    for found in _every(table("words")):
        assert set(re.findall(r"{\w+}", found["nl"])) == set(re.findall(r"{\w+}", found["en"])), found


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("width", [40, 88])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_line_is_wider_than_the_terminal_and_none_ends_in_a_space(edition, width, lang):
    result = ran("--example", "--lang", lang, "--edition", edition, width=width).output
    assert all(len(line) <= width for line in result.splitlines())
    assert not re.search(r" $", result, re.MULTILINE)
    assert "\n\n\n" not in result


@pytest.mark.control("C-11")
def test_open_alarm_questions_are_not_an_all_clear():
    result = on_one_line(shown(Case(on=ON, answers={"low_back_pain": True, "leg_pain": False})))
    assert word("word.not_said_yet", "nl") in result
    assert word("word.no_alarm_told", "nl") in result
    assert text("alarms", "R19", "says", "nl") in result
    assert word("urgency.routine.headline", "nl") not in result


def test_not_said_yet_never_stands_beside_an_emergency():
    result = on_one_line(shown(Case(on=ON, answers={"saddle_numbness": True})))
    assert word("urgency.emergency.headline", "nl") in result
    assert text("alarms", "R19", "says", "nl") not in result
    assert word("word.not_said_yet", "nl") not in result
    assert word("word.no_alarm_told", "nl") not in result


@pytest.mark.control("C-11")
def test_no_alarm_is_said_to_be_no_alarm_in_what_was_told():
    assert word("word.no_alarm_told", "nl") in result_of(PLAIN_BACK)


def test_a_lay_person_with_an_emergency_reads_one_thing_to_do_first_and_of_nothing_later():
    case = Case(on=ON, answers={"low_back_pain": True, "saddle_numbness": True, "cancer_history": True})
    first = decide(case).refer[0].patient_does
    lay = on_one_line(shown(case))
    assert lay.count(first) == 1
    assert lay.index(first) < lay.index(word("word.what_it_is", "nl"))
    assert word("section.later", "nl") not in lay
    assert word("result.at_the_latest", "nl").split("{")[0] not in lay


def test_only_a_clinician_reads_what_is_meant_for_clinicians():
    lay, clinician = (on_one_line(result_of(PEOPLE["hernia"], audience=by)) for by in ("patient", "clinician"))
    for words in ("Verwijs naar de neuroloog", "Lumbosacraal radiculair syndroom (LRS)", "MRC heupflexie"):
        assert words not in lay.replace("NHG-Standaard Lumbosacraal radiculair syndroom", "")
    assert "Verwijs naar de neuroloog" in clinician
    assert "Lumbosacraal radiculair syndroom (LRS)" in clinician
    assert word("imaging_by.specialist", "nl") in clinician
    assert word("result.clinician_does", "nl") in clinician


def test_a_clinician_reads_by_when_the_scan_must_be_made():
    case = Case(on=ON, answers={"low_back_pain": True, "leg_pain": False, "cancer_history": True})
    scan_by = decide(case).scan_by
    assert scan_by
    assert word("result.at_the_latest", "nl").format(date=long_date(scan_by, "nl")) in on_one_line(
        shown(case, audience="clinician")
    )


def test_a_lay_person_with_a_plain_back_is_not_frightened_by_what_was_not_examined():
    plain, leg = whole_consult(PLAIN_BACK)[-1].case, whole_consult(PEOPLE["hernia"])[-1].case
    words = word("result.examination_counts", "nl")
    assert decide(plain).not_examined > decide(plain).urgency
    assert words not in on_one_line(shown(plain))
    assert words in on_one_line(shown(leg))


@pytest.mark.parametrize(("lang", "first_of_december"), [
    ("nl", "dinsdag 1 december 2026"), ("en", "Tuesday 1 December 2026"),
])  # fmt: skip
def test_dates_are_written_out(lang, first_of_december):
    assert long_date(date(2026, 12, 1), lang) == first_of_december
    assert len({long_date(date(2026, month, 1), lang) for month in range(1, 13)}) == 12


def test_the_review_is_dated_in_words():
    for person in PEOPLE.values():
        case = whole_consult(person)[-1].case
        assert long_date(decide(case).review.on, "nl") in on_one_line(shown(case))


def test_own_choices_are_marked_where_they_stand_and_explained_below():
    result = on_one_line(result_of(PLAIN_BACK))
    for id in ("may_i_drive", "how_do_i_sleep"):
        assert f"{table('plan')[id]['nl']} [{word('mark.D', 'nl')}]" in result
    assert word("legend.D", "nl") in result


def test_every_number_in_the_result_has_its_source_and_every_source_its_number():
    result = result_of(PEOPLE["hernia"])
    body, _, listed = result.partition(f"\n{word('word.sources', 'nl')} ")
    used = {int(n) for mark in re.findall(r"\[([\d,]+)[,\]]", body) for n in mark.strip(",").split(",")}
    sources = [int(n) for n in re.findall(r"^ +(\d+)  ", listed, re.MULTILINE)]
    assert used == set(sources)
    assert sources == list(range(1, len(sources) + 1))


def test_the_questions_that_everybody_asks_are_answered_under_their_question():
    result = on_one_line(result_of(PLAIN_BACK))
    for name, question in table("words")["question"].items():
        if name != "whom_do_i_phone":  # stands under "when to phone"
            assert question["nl"] in result


@pytest.mark.control("C-07")
def test_what_is_not_clear_and_what_does_not_fit_are_named():
    case = Case(
        on=ON,
        answers={"low_back_pain": True, "leg_pain": False, "leg_pain_below_knee": True},
        unclear=frozenset({"night_pain"}),
    )
    assert decide(case).conflicts
    result = on_one_line(shown(case))
    assert word("word.unclear", "nl") in result
    assert text("findings", "night_pain", "item", "nl") in result
    assert word("word.conflicts", "nl") in result
    assert decide(case).conflicts[0]["text"] in result


# Without a terminal


@pytest.mark.parametrize("audience", ["patient", "clinician"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_example_runs_without_a_terminal(lang, audience):
    result = ran("--example", "--lang", lang, "--as", audience)
    assert result.exit_code == 0, result.output
    told = on_one_line(result.output)
    assert told.index(word("answers.told", lang)) < told.index(word("word.how_urgent", lang))
    assert word("urgency.routine." + ("name" if audience == "clinician" else "headline"), lang).casefold() in (
        told.casefold()
    )
    assert word("answers.unclear", lang) in told


def test_the_example_is_the_same_on_every_day():
    assert ran("--example").output == ran("--example").output
    assert long_date(ON, "nl") in ran("--example").output


@pytest.mark.parametrize("lang", LANGUAGES)
def test_without_a_terminal_it_says_what_can_be_done_instead(lang):
    result = ran("--lang", lang, input="0\n0\n")
    assert result.exit_code == BAD_INPUT
    assert not result.stdout
    assert "rug consult FILE" in result.stderr
    assert "rug consult --example" in result.stderr


def written(tmp_path, content):
    file = tmp_path / "case.json"
    file.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return str(file)


def test_a_file_is_decided_and_read_for_whoever_answered(tmp_path):
    case = whole_consult(PEOPLE["hernia"], by="clinician")[-1].case
    file = written(tmp_path, as_json(case))
    assert ran(file).stdout == shown(case, audience="clinician")
    assert ran(file, "--as", "patient", "--lang", "en").stdout == shown(case, "en", "patient")
    assert ran("-", input=json.dumps(as_json(case))).stdout == shown(case, audience="clinician")


def test_an_edition_counts_where_the_case_names_none(tmp_path):
    title = "De folder, zoals hij is geschreven"
    file = written(tmp_path, {"on": "2026-11-23", "findings": {"low_back_pain": True}})
    assert title in on_one_line(ran(file, "--edition", "leaflet").stdout)
    assert title not in on_one_line(ran(file).stdout)


@pytest.mark.parametrize(("content", "says"), [
    (b"\xff{}", "UTF-8"),
    (b"", "not JSON at position 1"),
    (b'{"id": 1,\n"on" 2}', "line 2"),
    (b'{"findings": {"leg_pain": true, "leg_pain": false}}', "leg_pain"),
    (b"[" * 100_000, "deep"),
    (b"[]", "JSON object"),
    (b'{"findings": {"age_years": 200}}', "age_years"),
    (b'{"findings": {"saddle_numbnes": true}}', "saddle_numbness"),
    (b'{"findings": {"leg_pain": "ja"}}', "leg_pain"),
    (b'{"findings": {"age_years": NaN}}', "age_years"),
    (b'{"edition": "2019"}', "edition"),
    (b'{"on": "23-11-2026"}', "YYYY-MM-DD"),
])  # fmt: skip
def test_a_bad_file_is_named_with_what_is_wrong(tmp_path, content, says):
    file = written(tmp_path, content)
    result = ran(file)
    assert result.exit_code == BAD_INPUT
    assert not result.stdout
    assert file in result.stderr
    assert says in result.stderr
    assert "Traceback" not in result.stderr


def test_a_file_that_is_not_there_is_named(tmp_path):
    for name in (tmp_path / "none.json", tmp_path):
        result = ran(str(name), "--lang", "en")
        assert result.exit_code == BAD_INPUT
        assert f"{name}: cannot be opened" in result.stderr


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_alarm_in_a_bad_file_is_still_named(tmp_path, lang):
    file = written(tmp_path, {"findings": {"saddle_numbness": True, "age_years": -3}})
    result = ran(file, "--lang", lang)
    assert result.exit_code == BAD_INPUT
    assert text("alarms", "R1", "name", lang) in result.stderr
    assert word("urgency.emergency.headline", lang) in result.stderr
    harmless = ran(written(tmp_path, {"findings": {"low_back_pain": True, "age_years": -3}}), "--lang", lang)
    assert word("cannot.alarm", lang) not in harmless.stderr


def test_a_file_and_the_example_do_not_go_together(tmp_path):
    assert ran(written(tmp_path, {}), "--example").exit_code == BAD_INPUT


def test_importing_the_command_does_not_import_the_drawing():
    code = "import ruggespraak.cli.consult, sys; sys.exit('rich' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# With a terminal


class Terminal:
    """``rug consult`` on a terminal of its own."""

    def __init__(self, *arguments, home, width=80, **environment):
        command = [sys.executable, "-m", "ruggespraak.cli", "consult", *arguments]
        inherited = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "LINES", "NO_COLOR")}
        settings = {**inherited, "TERM": "xterm-256color", "HOME": str(home), **environment}
        self.pid, self.end = pty.fork()
        if self.pid == 0:
            os.chdir(home)
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell in the background leaves it ignored
            os.execve(command[0], command, settings)
        fcntl.ioctl(self.end, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
        self.all = ""

    def until_asked(self):
        """What is shown up to the next prompt, or up to the end."""
        found = b""
        limit = time.monotonic() + 60
        while not found.endswith(b"> "):
            ready, _, _ = select.select([self.end], [], [], max(0.0, limit - time.monotonic()))
            assert ready, f"nothing more came after {found!r}"
            try:
                part = os.read(self.end, 65536)
            except OSError:  # the other side has gone
                break
            if not part:
                break
            found += part
        self.all += found.decode()
        return re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", found.decode()).replace("\r\n", "\n")

    def types(self, line):
        if line == "\x03":
            time.sleep(1)  # between its prompt and its read() Python does not see a ^C; a person is never so quick
        os.write(self.end, line.encode() if line in ("\x03", "\x04") else f"{line}\n".encode())
        return self.until_asked()

    def exit_status(self):
        _, status = os.waitpid(self.pid, 0)
        os.close(self.end)
        return os.waitstatus_to_exitcode(status)


@pytest.mark.parametrize(("lang", "width"), [("nl", 80), ("en", 40)])
def test_a_whole_consult_in_a_terminal(tmp_path, lang, width):
    terminal = Terminal("--lang", lang, home=tmp_path, width=width)
    screen = terminal.until_asked()
    for number, step in enumerate(whole_consult(PLAIN_BACK, lang)[:-1], 1):
        seen = on_one_line(screen)
        if step.stage is Stage.ASK:
            assert word("ask.question", lang).format(n=step.number) in seen
            assert on_one_line(word("ask.header", lang)) in seen
            for id in step.asked.items if len(step.asked.items) > 1 else ():
                assert text("findings", id, "item", lang) in seen
        if number == 1:  # a line that cannot be read: the same screen, with the reason
            again = on_one_line(terminal.types("what?"))
            assert text("screens", "alarm", "title", lang) in again
            assert word("mistake.list", lang).format(n=len(step.asked.items)) in again
        screen = terminal.types(line_of(step, PLAIN_BACK))
    result = on_one_line(screen)
    assert word("urgency.self_care.headline", lang) in result
    assert result.endswith(f"{word('ask.remember', lang)}: {word('urgency.self_care.headline', lang)}.")
    assert all(len(line) <= width for line in screen.splitlines())
    assert terminal.exit_status() == 0
    assert not any(tmp_path.iterdir()), "something was stored"


def test_an_emergency_is_shown_at_once_in_a_terminal(tmp_path):
    terminal = Terminal("--as", "proxy", home=tmp_path)
    assert word("ask.proxy", "nl") in on_one_line(terminal.until_asked())
    alarm = on_one_line(terminal.types(SADDLE))
    assert word("ask.header", "nl") in alarm
    assert word("urgency.emergency.headline", "nl") in alarm
    assert text("referrals", "neurologist_now", "patient_does", "nl") in alarm
    assert word("word.still_to_ask", "nl") in on_one_line(terminal.types(""))
    assert terminal.exit_status() == 0


@pytest.mark.parametrize(("key", "status"), [("\x03", INTERRUPTED), ("\x04", 0)])
def test_leaving_is_polite_and_keeps_nothing(tmp_path, key, status):
    terminal = Terminal(home=tmp_path)
    terminal.until_asked()
    terminal.types("0")
    said = terminal.types(key)
    assert word("ask.goodbye", "nl") in said
    assert "Traceback" not in said
    assert terminal.exit_status() == status
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(("environment", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colour_is_left_out_when_asked(tmp_path, environment, coloured):
    terminal = Terminal(home=tmp_path, **environment)
    terminal.until_asked()
    terminal.types(SADDLE)
    terminal.types("q")
    terminal.exit_status()
    assert bool(re.search(r"\x1b\[(?:\d+;)*3[0-7]m", terminal.all)) is coloured


def test_leaving_after_an_alarm_repeats_what_matters_most(tmp_path):
    terminal = Terminal("--lang", "en", home=tmp_path)
    terminal.until_asked()
    terminal.types(SADDLE)
    said = on_one_line(terminal.types("\x04"))
    assert f"{word('ask.remember', 'en')}: {word('urgency.emergency.headline', 'en')}." in said
    assert terminal.exit_status() == 0


def test_no_pictures_stand_in_the_texts_of_the_terminal():
    every = json.dumps(table("words"), ensure_ascii=False)
    assert not [sign for sign in every if ord(sign) >= 0x2600]
