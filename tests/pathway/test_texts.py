"""Every word that a person reads: in both languages, for everything that needs words, plain, and safe to follow."""

import ast
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from readability import (
    LONGEST_MEAN_SENTENCE,
    LONGEST_SENTENCE,
    LOWEST_SCORE,
    flesch_douma,
    glossary,
    is_rare,
    rare_words,
    sentences,
    words,
)
from ruggespraak.logic import Named
from ruggespraak.pathway.editions import EDITIONS, edition, referrals
from ruggespraak.pathway.findings import CLINICIAN, VOCABULARY
from ruggespraak.pathway.findings.consequences import CONFLICTS
from ruggespraak.pathway.numbers import (
    AGE_ADULT,
    CHRONIC_FROM,
    CLOCK_CORD,
    CLOCK_DEFICIT,
    CLOCK_LEG,
    CLOCK_LOCAL,
    MRC_MILD,
    MRC_SEVERE,
    NO_IMPROVEMENT_FROM,
    ONSET_LISTHESIS,
    ONSET_MALIGNANCY,
    PSYCHOSOCIAL_FROM,
    RECHECK_ON,
    RESIDUAL_URINE,
    SEEN_ROUTINE,
    SEEN_WITHIN_DAYS,
    WEIGH_SURGERY_FROM,
)
from ruggespraak.pathway.rules import Act, Complaint, Parameter, Recommendation, Referral, Status, Urgency, Use
from ruggespraak.pathway.texts import LANGUAGES, about, item, plan_text, say, table, term, text, word

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(
    path.name.removesuffix(".toml") for path in files("ruggespraak.pathway.texts").iterdir() if ".toml" in path.name
)
BILINGUAL = [
    name for name in FILES if name != "leaflet_sentences"
]  # that one says who carries a sentence, not what it says
HERE = [edition(name) for name in EDITIONS]
ADVICE = {advice.id: advice for one in HERE for advice in one.recommendations}
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
FIGURE = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True)
class Words:
    """One text in its two languages, and where it stands."""

    file: str
    path: tuple[str, ...]
    nl: str
    en: str

    def __str__(self) -> str:
        return "/".join((self.file, *self.path))

    @property
    def langs(self) -> tuple[tuple[str, str], ...]:
        return ("nl", self.nl), ("en", self.en)

    @property
    def for_patient(self) -> bool:
        """Whether a patient reads this; whatever is not known to be for a clinician only is."""
        id, part = self.path[0], self.path[-1]
        if about(self.file)["audience"] == "clinician" or part in ("term", "clinician_does"):
            return False
        if self.file == "findings":
            return VOCABULARY[id].who != CLINICIAN
        if self.file == "screens":
            return all(VOCABULARY[finding].who != CLINICIAN for finding in items_of(id))
        if self.file == "words":
            return (
                id not in NOT_FOR_PATIENTS
                and not (id == "urgency" and part == "name")
                and self.path not in FOR_CLINICIANS
            )
        if self.file == "letters":
            return not id.startswith(("letter_", "examination_"))
        if id in ADVICE:
            return ADVICE[id].audience == "patient"
        return not (self.file == "alarms" and part == "name")


# Sections of words.toml for a clinician, or for whoever works with files; dates, keys and units are no sentences.
NOT_FOR_PATIENTS = {"act", "addressee", "cannot", "date", "input", "legend", "mark", "soep", "status", "unit"}
FOR_CLINICIANS = {
    ("ask", "examination"),
    ("ask", "others_examined"),
    ("ask", "values"),
    ("result", "clinician_does"),
    ("result", "no_alarm_known"),
    ("result", "not_examined"),
    ("result", "not_excluded"),
    ("result", "patient_does"),
    ("result", "suspected"),
}


def texts_in(file: str, entry: dict, path: tuple[str, ...]) -> Iterator[Words]:
    if set(LANGUAGES) & set(entry):
        yield Words(file, path, entry.get("nl", ""), entry.get("en", ""))
    for part, inner in entry.items():
        if isinstance(inner, dict):
            yield from texts_in(file, inner, (*path, part))


def items_of(screen: str) -> list[str]:
    return [id for id, entry in table("findings").items() if entry.get("screen") == screen]


TEXTS = [one for file in BILINGUAL for id, entry in table(file).items() for one in texts_in(file, entry, (id,))]
PATIENT = [one for one in TEXTS if one.for_patient]


def lower_words(words: str) -> list[str]:
    return [word.lower().replace("’", "'") for word in WORD.findall(words)]


def without_placeholders(words: str) -> str:
    return re.sub(r"{\w*}", "", words)


# -- who read it, where it comes from ---------------------------------------------------------------------------------


@pytest.mark.parametrize("file", FILES)
def test_every_file_of_texts_says_who_read_it_and_when_and_for_whom_it_is(file):
    said = about(file)
    assert set(said) == {"reviewer", "date", "audience"}
    assert said["reviewer"].strip()
    assert isinstance(said["date"], date)
    assert said["audience"] in ("patient", "clinician")


def known_sources() -> set[str]:
    with files("ruggespraak.pathway").joinpath("sources.csv").open(encoding="utf-8", newline="") as lines:
        return {row["key"] for row in csv.DictReader(lines)}


@pytest.mark.parametrize("file", [name for name in BILINGUAL if name != "words"])
def test_every_text_names_a_source_that_exists_or_says_that_it_is_our_own_choice(file):
    known = known_sources()
    strangers = {id: entry.get("source") for id, entry in table(file).items()}
    strangers = {id: named for id, named in strangers.items() if not named or not set(named.split()) <= known}
    assert {id: named for id, named in strangers.items() if named != "own choice"} == {}


def test_the_words_of_a_rule_name_the_sources_of_the_rule():
    for here in HERE:
        rules = [("alarms", rule) for rule in here.alarms] + [("reviews", rule) for rule in here.reviews]
        rules += [("leaflet" if rule.id.startswith("leaflet_") else "plan", rule) for rule in here.recommendations]
        for file, rule in rules:
            assert table(file)[rule.id]["source"] == (" ".join(rule.because) or "own choice"), rule.id
    for referral in every_referral():
        assert table("referrals")[referral.id]["source"] == (" ".join(referral.because) or "own choice"), referral.id


# -- a text for everything, and everything for a text -----------------------------------------------------------------


def every_referral() -> list[Referral]:
    return [one for one in vars(referrals).values() if isinstance(one, Referral)]


def names_in_rules() -> set[str]:
    """The names of all concepts of which a rule, a picture, a consequence or a conflict speaks."""
    found = set()
    for here in HERE:
        spoken = [rule.when for rule in (*here.rules(), *here.derivations, *here.conflicts)]
        spoken += [one.probable for one in here.classes if one.probable is not None] + list(here.concepts.values())
        spoken += [when for alarm in here.alarms for _, when in alarm.imaging if when is not None]
        found |= {node.name for when in spoken for node in when.walk() if isinstance(node, Named)}
    return {"before" if name.startswith("before_") else name for name in found}


NEEDED = {
    "findings": set(VOCABULARY),
    "screens": {entry["screen"] for entry in table("findings").values() if "screen" in entry},
    "alarms": {alarm.id for here in HERE for alarm in here.alarms} | {"R18", "R19"},
    "referrals": {one.id for one in every_referral()},
    "reviews": {review.id for here in HERE for review in here.reviews},
    "tests": {test for here in HERE for alarm in here.alarms for test in alarm.tests},
    "conflicts": {one.id for one in CONFLICTS} | {"onset_and_duration", "first_onset_after_age"},
    "concepts": names_in_rules() - set(VOCABULARY),
    "suspects": {alarm.suspects for here in HERE for alarm in here.alarms if alarm.suspects},
    "plan": {advice.id for here in HERE if here.id != "leaflet" for advice in here.recommendations},
    "leaflet": {advice.id for advice in edition("leaflet").recommendations},
}


@pytest.mark.parametrize("file", NEEDED)
def test_everything_that_needs_words_has_them_and_no_words_are_left_over(file):
    assert set(table(file)) == NEEDED[file]


def test_every_file_of_texts_is_looked_after_by_a_test():
    elsewhere = {
        "recovery": "tests/course/test_course_texts.py",
        "leaflet_sentences": "tests/pathway/test_leaflet.py",
        "leaflets": "tests/documents/test_general.py",
        "pictures": "tests/documents/test_pictures.py",
        "country": "tests/documents/test_country.py",
        "letters": "tests/documents/test_letters.py",
        "exchange": "tests/fhir/test_definitions.py",
        "cards": "tests/fhir/test_cards.py",
    }
    assert set(FILES) == {*NEEDED, *elsewhere, "words"}


def test_a_referral_that_no_rule_gives_is_for_what_was_unclear_or_not_asked_or_for_the_overview():
    given = {one.id for here in HERE for rule in (*here.alarms, *here.recommendations) for one in rule.refer}
    assert {one.id for one in every_referral()} - given == {"unclear_today", "unclear_days", "not_asked", "overview"}


PARTS = {
    "alarms": {"name", "says"},
    "concepts": {"says"},
    "conflicts": {"says"},
    "findings": {"question", "item", "term", "why"},
    "leaflet": set(LANGUAGES),
    "plan": set(LANGUAGES),
    "referrals": {"patient_does", "clinician_does"},
    "reviews": {"why"},
    "screens": {"title", "why", "none"},
    "suspects": {"name", "term"},
    "tests": {"what", "because"},
}


@pytest.mark.parametrize("file", PARTS)
def test_every_entry_has_all_its_parts_and_no_other(file):
    optional = {"choices", "screen"} if file == "findings" else set()
    for id, entry in table(file).items():
        assert set(entry) - optional == PARTS[file] | {"source"}, id


@pytest.mark.parametrize("id", VOCABULARY)
def test_every_answer_that_can_be_chosen_has_words(id):
    assert tuple(table("findings")[id].get("choices", {})) == VOCABULARY[id].choices


IMAGES = [image for here in HERE for alarm in here.alarms for image, _ in alarm.imaging]
IMAGES += [advice.imaging for advice in ADVICE.values() if advice.imaging]
MEMBERS = {
    "urgency": {str(one) for one in Urgency},
    "complaint": {str(one) for one in Complaint},
    "certainty": {"probable", "possible"},
    "imaging": {str(one) for one in Use} | {"none"},
    "imaging_by": {image.by for image in IMAGES if image.by},
    "phase": {"acute", "subacute", "chronic"},
    "pattern": {"first", "recurrent", "persistent"},
    "section": {advice.section for advice in ADVICE.values()},
    "status": {str(one) for one in Status},
    "mark": {str(one) for one in Status if one is not Status.READ},
    "legend": {str(one) for one in Status},
    "act": {str(one) for one in Act},
    "addressee": {one.to for one in every_referral()},
    "unit": {one.unit for one in VOCABULARY.values()} - {"", "0-10"},
}


@pytest.mark.parametrize("section", MEMBERS)
def test_every_value_that_a_decision_can_take_has_a_word_and_no_word_is_left_over(section):
    assert set(table("words")[section]) == MEMBERS[section]


def test_every_question_that_everybody_asks_first_has_its_heading_and_each_answer_stands_under_one():
    headings = set(table("words")["question"])
    answers = {advice.id for advice in ADVICE.values() if advice.section == "questions"}
    under = {id: [heading for heading in headings if id.startswith(heading)] for id in answers}
    assert {id for id, found in under.items() if len(found) != 1} == set()
    assert {found[0] for found in under.values()} == headings


# Words that wait for a page of their own; whoever uses one takes it off this list.
NOT_USED_YET = {
    "word.against",
    "word.for",
    "word.none_of_these",
    "word.screen",
    "word.skip",
    "word.stop",
    "word.the_result",
    "word.why_asked",
}
FILLED_IN = {"cannot", "input", "mistake", "question", "soep", "take_along"}  # the code makes these names, or takes all


def test_every_word_of_the_interface_is_used_and_every_word_that_is_used_exists():
    used = {node.value for node in strings_in_code() if re.fullmatch(r"[a-z_]+\.[\w-]+", node.value)}
    fixed = set(table("words")) - set(MEMBERS) - FILLED_IN - set(LANGUAGES)
    fixed = {section for section in fixed if set(LANGUAGES) - set(table("words")[section])}  # not_excluded is one text
    there = {f"{section}.{name}" for section in fixed for name in table("words")[section]}
    assert there - used == NOT_USED_YET
    assert {name for name in used if name.partition(".")[0] in fixed} <= there


def strings_in_code() -> Iterator[ast.Constant]:
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node


# -- two languages, one meaning ---------------------------------------------------------------------------------------


def test_every_text_has_words_in_both_languages():
    assert [str(one) for one in TEXTS if not (one.nl.strip() and one.en.strip())] == []


def test_no_text_has_spaces_around_it_or_two_in_a_row():
    assert [str(one) for one in TEXTS for _, said in one.langs if said != " ".join(said.split())] == []


# The same word in both languages, or none: terms of art, units, and the names of what is tested.
SAME = {
    "addressee/ambulance", "act/paracetamol", "crp_mg_l/item", "crp_mg_l/question", "crp_mg_l/term", "diabetes/term",
    "hla_b27/term", "ibd/term", "listhesis/term", "psoriasis/item", "psoriasis/term", "soep/alarms", "unit/MRC",
    "unit/cm", "unit/mg/L", "unit/ml", "worry_distress/term",
}  # fmt: skip


@pytest.mark.control("C-18")
def test_no_text_is_the_same_in_both_languages_but_for_names_and_units():
    assert {"/".join(one.path) for one in TEXTS if one.nl == one.en} == SAME


@pytest.mark.control("C-18")
def test_what_is_filled_in_is_the_same_in_both_languages():
    def filled_in(words: str) -> set[str]:
        return set(re.findall(r"{(\w*)}", words))

    assert [str(one) for one in TEXTS if filled_in(one.nl) != filled_in(one.en)] == []


@pytest.mark.control("C-18")
def test_the_figures_are_the_same_in_both_languages():
    def figures(words: str) -> list[str]:
        return sorted(found.replace(",", ".") for found in FIGURE.findall(words))

    assert {str(one): (one.nl, one.en) for one in TEXTS if figures(one.nl) != figures(one.en)} == {}


COUNTED = {
    "twee": "two", "drie": "three", "vier": "four", "vijf": "five", "zes": "six", "acht": "eight", "tien": "ten",
    "twaalf": "twelve", "twintig": "twenty", "vijftig": "fifty",
}  # fmt: skip
PERIOD = {"dagen": "days", "weken": "weeks", "maanden": "months", "maand": "month", "jaar": "year"}


def test_a_number_of_days_weeks_or_months_in_words_is_the_same_in_both_languages():
    def periods(words: str, counted: list[str], named: list[str]) -> list[tuple[int, int]]:
        found = re.findall(rf"\b({'|'.join(counted)}) ({'|'.join(named)})\b", words.lower())
        return sorted((counted.index(many), named.index(period)) for many, period in found)

    for one in TEXTS:
        nl = periods(one.nl, list(COUNTED), list(PERIOD))
        assert nl == periods(one.en, list(COUNTED.values()), list(PERIOD.values())), str(one)


DUTCH = {
    "als", "bel", "bij", "dan", "deze", "een", "geen", "heeft", "het", "huisarts", "kunt", "maar", "met", "naar",
    "niet", "ook", "pijn", "uw", "van", "voor", "wordt", "zijn",
}  # fmt: skip
ENGLISH = {
    "and", "are", "can", "doctor", "for", "from", "have", "if", "must", "not", "pain", "phone", "that", "the", "there",
    "they", "this", "when", "with", "you", "your",
}  # fmt: skip


def test_the_english_texts_are_english_and_the_dutch_are_dutch():
    assert {str(one): found for one in TEXTS if (found := DUTCH & set(lower_words(one.en)))} == {}
    assert {str(one): found for one in TEXTS if (found := ENGLISH & set(lower_words(one.nl)))} == {}


def test_asking_for_words_that_do_not_exist_is_a_key_error():
    for missing in (
        lambda: text("alarms", "R99", "says", "nl"),
        lambda: text("alarms", "R1", "sings", "nl"),
        lambda: text("alarms", "R1", "says", "fr"),
        lambda: plan_text("nonsense", "nl"),
        lambda: plan_text("leaflet_nonsense", "nl"),
        lambda: word("urgency.tomorrow.headline", "nl"),
        lambda: item("nonsense", "nl"),
        lambda: term("nonsense", "nl"),
    ):
        with pytest.raises(KeyError):
            missing()


def test_a_clinician_reads_a_finding_that_is_absent_as_no():
    assert say("nl")(VOCABULARY["foot_drop"], False) == "geen klapvoet"
    assert say("en")(VOCABULARY["foot_drop"], False) == "no foot drop"
    assert say("en")(VOCABULARY["foot_drop"], True) == "foot drop"


# -- plain Dutch for patients (B1) ------------------------------------------------------------------------------------
#
# A sentence: no more than 15 words, none of them rare. What is read in one go: easy by the score, and of three
# sentences or more also short on average (of one or two, the mean says no more than the longest).

HARD_WORDS = {
    "aneurysma": "in brackets, behind the plain words: who has one knows this word from the hospital",
    "basaalcelkanker": "the one kind of cancer that does not count: who had it was told this name",
    "beenmerg": "the forerunner that does count: plainer words would be wrong",
    "beenmergkanker": "the forerunner that does count: plainer words would be wrong",
    "bse": "the name of the test, as it stands on the form for the laboratory",
    "colitis": "the name of a disease, for those who have it",
    "crohn": "the name of a disease, for those who have it",
    "crp": "the name of the test, as it stands on the form for the laboratory",
    "hla-b": "the name of the test, as it stands on the form for the laboratory",
    "nvvn": "the address of a website",
    "ulcerosa": "the name of a disease, for those who have it",
}
HARD_TEXTS = {
    "findings/diabetes": "three long words in two short sentences; everybody knows 'suikerziekte'",
    "words/question/may_i_drive": "three words, one of them 'autorijden'",
    "words/not_excluded": "three words, before what is filled in",
}


def read_in_one_go() -> dict[str, str]:
    """What stands together: a question with why it is asked, a heading with why, and every other text by itself."""
    found: dict[str, str] = {}
    for one in PATIENT:
        together = one.file in ("findings", "screens") and one.path[-1] in ("question", "title", "why")
        name = f"{one.file}/{one.path[0]}" if together else str(one)
        found[name] = f"{found.get(name, '')} {without_placeholders(one.nl)}".strip()
    return {name: said for name, said in found.items() if words(said)}


def too_hard(said: str) -> list[str]:
    lengths = [len(words(sentence)) for sentence in sentences(said)]
    found = []
    if re.search(r"[.?!]", said) and (score := flesch_douma(said)) < LOWEST_SCORE:
        found.append(f"score {score:.0f}")
    if len(lengths) > 2 and (mean := sum(lengths) / len(lengths)) > LONGEST_MEAN_SENTENCE:
        found.append(f"{mean:.1f} words a sentence")
    return found


@pytest.mark.control("C-19")
def test_what_a_patient_reads_is_plain_dutch():
    hard = {name: found for name, said in read_in_one_go().items() if (found := too_hard(said))}
    assert hard.keys() - HARD_TEXTS.keys() == set(), hard
    assert HARD_TEXTS.keys() - hard.keys() == set(), "no longer hard: take them off the list"


@pytest.mark.control("C-19")
def test_no_sentence_for_a_patient_has_more_than_fifteen_words():
    long = [(str(one), said) for one in PATIENT for said in sentences(one.nl) if len(words(said)) > LONGEST_SENTENCE]
    assert long == []


@pytest.mark.control("C-19")
def test_a_patient_reads_no_rare_word_that_nobody_explains():
    rare = {word: str(one) for one in PATIENT for word in rare_words(without_placeholders(one.nl), glossary())}
    assert rare.keys() - HARD_WORDS.keys() == set(), rare
    assert HARD_WORDS.keys() - rare.keys() == set(), "no longer read by a patient: take them off the list"


def test_the_list_of_rare_words_that_are_allowed_holds_only_rare_words_in_their_order():
    listed = Path(ROOT / "tests/glossary_nl.txt").read_text(encoding="utf-8").split()
    assert listed == sorted(set(listed))
    assert [word for word in listed if not is_rare(word)] == []
    assert set(listed) & set(HARD_WORDS) == set()


# -- what a patient is never told -------------------------------------------------------------------------------------

UNIT_OF_A_DOSE = r"(mg|milligram|gram|ml|milliliter|druppels?|tablet(ten)?|pil(len)?|capsules?|drops?|pills?|tablets?)"
NEVER = {
    "nl": [
        r"aspecifiek",
        r"slijtage",
        r"versleten",
        r"niets aan de hand",
        r"tussen de oren",
        r"milligram",
        r"\bmg\b",
        r"dagelijkse dosis",
        r"\bdosis\b",
        rf"(\d+|\b(een|één|twee|drie|vier|zes|acht)\b) ?{UNIT_OF_A_DOSE}\b",
        r"\b\w+ (keer|maal|x) (per|op een|in de|elke) dag\b",
        r"\bom de \w+ uur\b",
    ],
    "en": [
        r"non-?specific",
        r"wear and tear",
        r"worn",
        r"nothing (is )?wrong",
        r"\bin your mind\b",
        r"milligram",
        r"\bmg\b",
        r"daily dose",
        r"\bdose\b",
        rf"(\d+|\b(one|two|three|four|six|eight)\b) ?{UNIT_OF_A_DOSE}\b",
        r"\b(once|twice|\w+ times) (a|per|each|every) day\b",
        r"\bevery \w+ hours\b",
    ],
}


@pytest.mark.control("C-17")
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("never", range(len(NEVER["nl"])))
def test_no_patient_reads_a_word_that_frightens_or_hushes_and_none_reads_a_dose(lang, never):
    said = [(str(one), getattr(one, lang)) for one in PATIENT]
    assert [found for found in said if re.search(NEVER[lang][never], found[1], re.IGNORECASE)] == []


@pytest.mark.parametrize(
    ("lang", "dose"),
    [("nl", "Neem 2 tabletten"), ("nl", "500 mg"), ("nl", "drie keer per dag"), ("nl", "om de zes uur"),
     ("nl", "twee pillen"),
     ("en", "two tablets"), ("en", "three times a day"), ("en", "every six hours"), ("en", "400mg")],
)  # fmt: skip
def test_a_dose_would_be_seen(lang, dose):
    assert any(re.search(never, dose, re.IGNORECASE) for never in NEVER[lang])


PHONE = {"nl": r"\b(bel|belt|bellen|telefoon|opbellen)\b", "en": r"\b(phone|call|ring)\b"}
SPECIALIST = {
    "nl": r"neuroloog|neurochirurg|orthopeed|reumatoloog|oncoloog|chirurg|internist|specialist|ziekenhuis|afdeling",
    "en": r"neurolog|neurosurg|orthopaed|rheumatolog|oncolog|surgeon|internist|specialist|hospital|\bward\b",
}


@pytest.mark.control("C-12")
@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_patient_is_told_to_phone_a_specialist_or_a_ward(lang):
    for one in PATIENT:
        for sentence in re.split(r"(?<=[.!?])\s+", getattr(one, lang)):
            phones = re.search(PHONE[lang], sentence, re.IGNORECASE)
            assert not (phones and re.search(SPECIALIST[lang], sentence, re.IGNORECASE)), f"{one}: {sentence}"


def test_only_after_an_operation_a_patient_phones_the_team_that_operated_and_else_the_gp():
    number = {id for id, entry in table("referrals").items() if "het nummer" in entry["patient_does"]["nl"]}
    assert number == {"surgical_team", "surgical_team_now"}
    for id in number:
        assert "uw huisarts of de huisartsenpost" in table("referrals")[id]["patient_does"]["nl"]


@pytest.mark.parametrize("referral", every_referral(), ids=lambda one: one.id)
@pytest.mark.parametrize(("lang", "door"), [("nl", r"huisarts|112"), ("en", r"\bGP\b|112")])
def test_whoever_is_sent_somewhere_goes_by_the_gp_or_by_112(referral, lang, door):
    assert re.search(door, text("referrals", referral.id, "patient_does", lang))


@pytest.mark.control("C-12")
@pytest.mark.parametrize("lang", LANGUAGES)
def test_who_must_phone_now_hears_what_to_do_when_the_practice_is_closed(lang):
    urgent = {
        one.id for here in HERE for alarm in here.alarms if alarm.urgency >= Urgency.SAME_DAY for one in alarm.refer
    } | {"unclear_today"}
    for id in urgent:
        assert re.search(r"huisartsenpost|112", text("referrals", id, "patient_does", lang)), id


OPIOID = {
    "nl": r"opio|morfine|oxycodon|tramadol|fentanyl|sterke pijnstiller",
    "en": r"opio|morphine|oxycodone|tramadol|fentanyl|strong painkiller",
}
STARTS = {
    "nl": r"\b(begin|beginnen|start|starten|probeer|proberen|neem|nemen|voorschrijven|schrijf|kunt u|mag u|helpt)\b",
    "en": r"\b(begin|start|starting|try|take|prescribe|you can|you may|helps)\b",
}


@pytest.mark.control("C-17")
@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_text_proposes_to_start_an_opioid(lang):
    about_those_in_use = {
        "findings",
        "words",
    }  # a question about what somebody takes; and the name of the forbidden act
    for one in TEXTS:
        for sentence in re.split(r"(?<=[.!?])\s+", getattr(one, lang)):
            if one.file not in about_those_in_use and re.search(OPIOID[lang], sentence, re.IGNORECASE):
                assert not re.search(STARTS[lang], sentence, re.IGNORECASE), f"{one}: {sentence}"


# -- in our own words -------------------------------------------------------------------------------------------------


def test_no_six_words_in_a_row_are_copied_from_the_leaflet():
    source = ROOT / "docs/source/leaflet-nl.txt"
    if not source.exists():
        pytest.skip("the leaflet's own text is not here")

    def sixes(words: str) -> set[tuple[str, ...]]:
        listed = lower_words(words)
        return set(zip(*(listed[start:] for start in range(6)), strict=False))

    leaflet = sixes(source.read_text(encoding="utf-8"))
    assert len(leaflet) > 500  # it is there, and it was read
    assert {str(one): found for one in TEXTS if (found := sixes(one.nl) & leaflet)} == {}


# -- the numbers of the pathway, as the texts say them ----------------------------------------------------------------
#
# Text, part, number, how many of its units go into one that the text names, and the words around it in both languages.
# {n} is the figure and {w} the word for it: both come from the number, so a number that changes fails here.

DAY, WEEK, MONTH = 24, 7, 28  # hours, days, days
QUOTED = [
    ("alarms R15_young name", AGE_ADULT, 1, "Jonger dan {n} jaar", "Under {n} years"),
    ("referrals child clinician_does", AGE_ADULT, 1, "jonger dan {n} jaar", "under {n}"),
    *(
        (f"plan what_may_i_take{which}", AGE_ADULT, 1, "onder de {n}?", "under {n}?")
        for which in ("", "_nice", "_acp")
    ),
    ("concepts began_after_50 says", ONSET_MALIGNANCY, 1, "na het {n}e jaar", "after the age of {n}"),
    ("concepts persistent says", CHRONIC_FROM, WEEK, "{n} weken of langer", "{n} weeks or longer"),
    ("findings step_off_L4L5 why", ONSET_LISTHESIS, 1, "onder de {n} jaar", "onset under {n}"),
    ("findings post_void_residual_ml why", RESIDUAL_URINE, 1, "Meer dan {n} ml", "More than {n} ml"),
    *(
        (f"findings {id} why", MRC_SEVERE, 1, "MRC {n} of lager", "MRC {n} or less")
        for id in VOCABULARY
        if VOCABULARY[id].unit == "MRC"
    ),
    *(
        (f"referrals {id} clinician_does", MRC_SEVERE, 1, "MRC {n} of lager", "MRC {n} or less")
        for id in ("strength_today", "strength_days", "strength_routine")
    ),
    ("referrals strength_today clinician_does", MRC_MILD, 1, "Laagste waarde {n}", "Lowest value {n}"),
    ("referrals oncologist_days clinician_does", CLOCK_LOCAL, DAY, "binnen {n} dagen", "within {n} days"),
    ("referrals oncologist_days clinician_does", CLOCK_LEG, DAY, "binnen {n} dagen", "within {n} days"),
    ("referrals oncologist_today clinician_does", CLOCK_DEFICIT, 1, "binnen {n} uur", "within {n} hours"),
    ("referrals oncologist_now clinician_does", CLOCK_CORD, 1, "binnen {n} uur", "within {n} hours"),
    ("words urgency.within_days headline", SEEN_WITHIN_DAYS, DAY, "Binnen {w} dagen", "within {w} days"),
    ("words urgency.within_days name", SEEN_WITHIN_DAYS, DAY, "binnen {w} dagen", "within {w} days"),
    ("words urgency.routine headline", SEEN_ROUTINE, 7 * DAY, "binnen {w} weken", "within {w} weeks"),
    ("words urgency.routine name", SEEN_ROUTINE, 7 * DAY, "binnen {w} weken", "within {w} weeks"),
    ("words phase.subacute", CHRONIC_FROM, WEEK, "nog geen {w} weken", "not yet for {w} weeks"),
    ("words phase.chronic", CHRONIC_FROM, WEEK, "langer dan {w} weken", "longer than {w} weeks"),
    ("plan exercise", PSYCHOSOCIAL_FROM, WEEK, "na {w} weken", "After {w} weeks"),
    ("plan weigh_surgery", WEIGH_SURGERY_FROM, WEEK, "na {w} weken", "After {w} weeks"),
    ("plan refer_for_surgery", WEIGH_SURGERY_FROM, WEEK, "LRS van {w} weken", "of {w} weeks or more"),
    ("plan no_scan_root_yet", WEIGH_SURGERY_FROM, WEEK, "de eerste {w} tot acht weken", "first {w} to eight weeks"),
    ("plan long_lasting", CHRONIC_FROM, WEEK, "al {w} weken of langer", "for {w} weeks or longer"),
    ("leaflet leaflet_weigh_surgery", WEIGH_SURGERY_FROM, WEEK, "Na {w} tot acht weken", "After {w} to eight weeks"),
    ("leaflet leaflet_hernia_not_yet", WEIGH_SURGERY_FROM, WEEK, "na {w} tot acht weken", "after {w} to eight weeks"),
    ("recovery deviation_slower_14 says", RECHECK_ON, WEEK, "na {n} weken", "After {n} weeks"),
    ("recovery deviation_slower_42 says", NO_IMPROVEMENT_FROM, WEEK, "na {n} weken", "After {n} weeks"),
    ("recovery deviation_slower_84 says", CHRONIC_FROM, MONTH, "na {n} maanden", "After {n} months"),
    ("recovery deviation_relief_not_enough says", WEIGH_SURGERY_FROM, WEEK, "na {n} weken", "after {n} weeks"),
]  # fmt: skip
IN_WORDS = {
    "nl": {2: "twee", 3: "drie", 4: "vier", 5: "vijf", 6: "zes", 7: "zeven", 8: "acht", 12: "twaalf"},
    "en": {2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight", 12: "twelve"},
}


def quoted(number: Parameter, per: int, around: str, lang: str) -> str:
    many = number / per
    return around.format(n=f"{many:g}", w=IN_WORDS[lang].get(many, f"{many:g}"))


def said_at(place: str, lang: str) -> str:
    file, *path = place.split()
    found = table(file)
    for part in ".".join(path).split("."):
        found = found[part]
    return found[lang]


@pytest.mark.control("C-20")
@pytest.mark.parametrize(("place", "number", "per", "nl", "en"), QUOTED, ids=lambda one: getattr(one, "name", None))
def test_a_number_of_the_pathway_is_the_same_in_the_texts_as_in_the_rules(place, number, per, nl, en):
    assert quoted(number, per, nl, "nl") in said_at(place, "nl")
    assert quoted(number, per, en, "en") in said_at(place, "en")


def test_no_text_quotes_a_number_that_is_another_one_in_a_revised_edition():
    revised = {one.name for here in HERE if here.revises for one in here.parameters if one is not here_now(one.name)}
    assert revised == {"acute_to"}
    assert [place for place, number, *_ in QUOTED if number.name in revised] == []


def here_now(name: str) -> Parameter:
    return edition("current").parameter(name)


# Figures that are no number of the pathway: what a source reports of a group, and clocks that no rule needs.
REPORTED = {
    "findings/slr_positive/why": "60 to 70 degrees: what the source calls positive; nobody compares with it",
    "leaflet/leaflet_burden": "the leaflet's own figures",
    "leaflet/leaflet_first_time": "the leaflet's own figures",
    "plan/comes_back": "how many have it again",
    "plan/examine_root": "how well history and examination tell",
    "plan/gp_first": "how many are referred",
    "plan/outlook_back": "how many recovered",
    "plan/outlook_first": "the year of a guideline",
    "plan/outlook_root": "how many recovered",
    "plan/refer_for_surgery": "how soon two regions see people",
    "plan/when_over_back": "how many recovered",
    "plan/when_over_root": "how many recovered",
    "referrals/oncologist_today/clinician_does": "48 hours after 7 days: no finding says how long a deficit is there",
}
NO_NUMBER = re.compile(r"\b112\b|\b[LS]\d\b(-[LS]\d\b)?|HLA-B27|MRC 0 (tot|to) 5|\bvan 0 tot \d+|\bfrom 0 to \d+")


# Interface words have none to hold; the figures of the others are held beside what they draw.
HELD_ELSEWHERE = ("words", "recovery", "pictures", "country", "letters")


def test_every_figure_in_a_text_is_a_number_of_the_pathway_or_is_said_to_be_reported():
    quotes: dict[str, list[str]] = {}
    for place, number, per, nl, _ in QUOTED:
        quotes.setdefault(place.replace(" ", "/"), []).append(quoted(number, per, nl, "nl"))
    loose = set()
    for one in TEXTS:
        said = one.nl
        for quote in quotes.get(str(one), []):
            said = said.replace(quote, "")
        if FIGURE.search(NO_NUMBER.sub("", said)) and one.file not in HELD_ELSEWHERE:
            loose.add(str(one))
    scales = {str(one) for one in TEXTS if one.file == "findings" and one.path[0] in SCALES}
    assert loose - scales == set(REPORTED)


# Questions with a scale of their own: the ends stand in findings.csv.
SCALES = {"pain_back_nrs", "pain_leg_nrs", "expect_recovery", "activity_score", "start_back_total", "start_back_psych"}


@pytest.mark.parametrize("id", sorted(SCALES - {"start_back_psych"}))
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_question_names_the_ends_of_its_scale(id, lang):
    finding = VOCABULARY[id]
    named = FIGURE.findall(text("findings", id, "question", lang))
    assert named == [f"{finding.minimum:g}", f"{finding.maximum:g}"]


def test_the_recommendations_for_a_clinician_are_the_only_ones_in_a_clinicians_words():
    assert {id for id, advice in ADVICE.items() if advice.audience == "clinician"} == {
        "refer_for_surgery",
        "examine_root",
        "stratify_nice",
        "imaging_nice",
        "weak_opioid_nice",
        "chronic_opioid_nice",
        "antidepressant_nice",
        "anticonvulsant_nice",
        "muscle_relaxant_acp",
        "second_line_acp",
        "oral_steroid_acp",
    }
    assert all(
        isinstance(advice, Recommendation) and advice.audience in ("patient", "clinician") for advice in ADVICE.values()
    )
