"""The general leaflets: the whole source leaflet, corrected, safe to follow, and the same in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import pytest

from ruggespraak.course.recovery import expected
from ruggespraak.documents.content import Document, Paragraph, Part, Points, Section, Table
from ruggespraak.documents.general import EVERY, LEAFLETS, carried, figure, leaflet, written
from ruggespraak.pathway.numbers import (
    CHRONIC_FROM,
    NO_IMPROVEMENT_FROM,
    PROCEDURE_RECENT,
    PSYCHOSOCIAL_FROM,
    RECHECK_ON,
    WEIGH_SURGERY_FROM,
)
from ruggespraak.pathway.rules import Complaint, Status
from ruggespraak.pathway.texts import LANGUAGES, about, plan_text, table, word

SENTENCES = table("leaflet_sentences")["sentence"]
DRAWN = {(id, lang): leaflet(id, lang) for id in LEAFLETS for lang in LANGUAGES}
NO_SECTION = ("source", "title", "short")
WEEK = 7

each_leaflet = pytest.mark.parametrize("id", LEAFLETS)
in_each_language = pytest.mark.parametrize("lang", LANGUAGES)


def entries() -> Iterator[tuple[str, str, dict]]:
    """Every section as it is written: leaflet, section, entry."""
    for id in (*LEAFLETS, EVERY):
        for name, part in table("leaflets")[id].items():
            if isinstance(part, dict) and name not in NO_SECTION and "title" in part:
                yield id, name, part


ENTRIES = {f"{id}.{name}": part for id, name, part in entries()}


def said(section: Section) -> str:
    """Everything that a section says, in its order."""

    def of(blocks: tuple) -> Iterator[str]:
        for block in blocks:
            match block:
                case Paragraph():
                    yield block.text
                case Points():
                    yield from block.items
                case Table():
                    yield from (block.caption, *block.head, *(cell for row in block.rows for cell in row))
                case Part():
                    yield from (block.title, *of(block.blocks))

    return " ".join((section.title, *of(section.blocks)))


def whole(document: Document) -> str:
    return " ".join((document.title, *map(said, document.sections)))


def figures(words: str) -> list[str]:
    return re.findall(r"\d+(?:[.,]\d+)*", words.replace("HLA-B27", ""))


# -- the whole source leaflet ---------------------------------------------------------------------------------------

# What the section that carries a sentence must say of it, in Dutch: the meaning, as a few words of it.
MEANS = {
    "L01": "volgt een oudere folder",
    "L02": "gemaakt met nvvn.org",
    "L03": "Veel klachten",
    "L04": "de pijn zit in uw onderrug of komt daar vandaan",
    "L05": "geen ziekte zo veel voor",
    "L06": "Drie van de vier mensen",
    "L07": "Elk jaar krijgt 5 procent het nieuw",
    "L08": "500 miljoen euro voor de zorg",
    "L09": "ruim tien keer zo veel",
    "L10": "meer dan 5 miljard",
    "L11": "Voor andere soorten zijn er andere folders",
    "L12": "hoe u ze herkent. Ook staat er wat helpt",
    "L13": "niet één vast probleem met de rug",
    "L14": "geen plek, gewricht of oorzaak aan te wijzen",
    "L15": "Veel dingen spelen samen",
    "L16": "Zenuwen",
    "L17": "Al die delen kunnen meedoen aan de pijn",
    "L18": "een moeilijke naam",
    "L19": "genoeg voor een goed plan",
    "L20": "niet nodig",
    "L21": "iets te zien dat is veranderd",
    "L22": "dat zegt vaak niets over de pijn",
    "L23": "Wie geen rugpijn heeft, heeft het ook vaak",
    "L24": "Bestaat er dan rugpijn met één oorzaak? Ja",
    "L25": "weinig mensen",
    "L26": "veel duidelijker waar de pijn van komt",
    "L27": "Bechterew is een soort reuma",
    "L28": "met uw verhaal en met onderzoek",
    "L29": "een test van uw bloed, en soms een foto",
    "L30": "Hoe het meestal gaat",
    "L31": "is bij iedereen anders",
    "L32": "Meestal trekt het na een tijd weer weg",
    "L33": "95 van de 100 geen klachten meer",
    "L34": "Uw huisarts heeft richtlijnen",
    "L35": "Houd dat kort en bouw daarna stap voor stap op",
    "L36": "oefentherapie of fitness",
    "L37": "chronisch",
    "L38": "soms door overbelasting en soms zomaar",
    "L39": "langer dan twaalf weken? Dan heet dat chronisch",
    "L40": "geen aparte oorzaak te vinden. Een foto of scan helpt dan niet",
    "L41": "Dat is naar voor u. Voor uw arts is het dat ook",
    "L42": "is er goed advies",
    "L43": "Rust roest",
    "L44": "blijf bewegen",
    "L45": "uw lijf en uw rug zo fit als kan",
    "L46": "Dan wordt de pijn in uw rug vaak ook weer erger",
    "L47": "Zoek een evenwicht, zodat u meestal gewoon kunt leven en werken",
    "L48": "Wat een hernia is",
    "L49": "steekt een schijf naar buiten uit",
    "L50": "van kraakbeen",
    "L51": "gaan daar de zenuwen naar uw benen doorheen",
    "L52": "dat heet ischias",
    "L53": "een plek in uw been of voet die doof is",
    "L54": "vrij makkelijk herkent",
    "L55": "Dan kan een neuroloog helpen",
    "L56": "doet de rug zelf vaak weinig pijn",
    "L57": "niet elke pijn in het been is een hernia",
    "L58": "weken in bed blijven",
    "L59": "Uit onderzoek weten we dat dit niet helpt",
    "L60": "Een paar dagen rust maakt de pijn even minder",
    "L61": "Ga daarna steeds meer bewegen",
    "L62": "Zeker in het begin kan een pijnstiller u helpen",
    "L63": "U let ook op uw houding en op hoe u beweegt",
    "L64": "beetje bij beetje minder",
    "L65": "na zes tot acht weken niet genoeg",
    "L66": "of een scan en een operatie zin hebben",
    "L67": "zo klem zitten dat een spier verlamd raakt",
    "L68": "De huisarts",
    "L69": "Een rug zit ingewikkeld in elkaar",
    "L70": "elke rug is anders",
    "L71": "houdt het overzicht",
    "L72": "samen met een fysiotherapeut een plan maken",
    "L73": "Dat hangt af van wat u heeft, en hoe lang al",
    "L74": "Heeft u ischias, en ook andere klachten in uw been?",
    "L75": "naar een orthopeed als vooral de rug pijn doet",
    "L76": "centra met advies over de rug",
    "L77": "De bedrijfsarts denkt mee",
    "L78": "Vragen om mee te nemen",
    "L79": "Uw huisarts is er ook voor uw vragen",
}


@pytest.mark.parametrize("sentence", [one["id"] for one in SENTENCES])
def test_every_sentence_of_the_source_leaflet_stands_in_a_general_leaflet_with_its_meaning(sentence):
    places = carried(sentence)
    assert places, "no general leaflet carries it"
    sections = [DRAWN[LEAFLETS[0] if id == EVERY else id, "nl"].section(name) for id, name in places]
    assert any(MEANS[sentence] in said(section) for section in sections), [said(section) for section in sections]


def test_every_section_of_the_source_leaflet_has_a_place_for_its_heading_and_its_last_sentence():
    chapters: dict[str, list[str]] = {}
    for one in SENTENCES:
        chapters.setdefault(one["chapter"], []).append(one["id"])
    assert len(chapters) == 9
    assert [name for name, ids in chapters.items() if not (carried(ids[0]) and carried(ids[-1]))] == []


def test_no_section_says_that_it_carries_a_sentence_that_does_not_exist():
    named = {sentence for part in ENTRIES.values() for sentence in part.get("carries", ())}
    assert named == {one["id"] for one in SENTENCES} == set(MEANS)


# Where newer evidence says something else (the list X1-X12 of the evidence; X10 agrees): the section that says so.
DIFFERS = {
    "X1 recovery": "acute.recovery",
    "X2 short and long": "acute.steps",
    "X3 the word": "nonspecific.name",
    "X4 orthopaedist": "who.orthopaedist",
    "X5 scan": "hernia.weigh",
    "X6 paralysis": "hernia.paralysis",
    "X7 posture": "acute.exercise",
    "X8 painkillers": "acute.painkillers",
    "X8 painkillers, hernia": "hernia.painkillers",
    "X9 cost, X10 ever, X11 new": "nonspecific.common",
    "X12 recognising": "hernia.recognise",
}


@pytest.mark.parametrize("place", DIFFERS.values(), ids=DIFFERS.keys())
@in_each_language
def test_where_newer_evidence_differs_the_reader_hears_what_the_old_leaflet_said(place, lang):
    id, name = place.split(".")
    section = DRAWN[id, lang].section(name)
    parts = [block for block in section.blocks if isinstance(block, Part)]
    assert [part.title for part in parts] == [table("leaflets")[EVERY]["old"][lang]]
    assert re.search({"nl": "oude folder", "en": "old leaflet"}[lang], said(section), re.IGNORECASE)


# -- every leaflet --------------------------------------------------------------------------------------------------


@each_leaflet
@in_each_language
def test_every_leaflet_opens_in_one_sentence(id, lang):
    first = DRAWN[id, lang].sections[0]
    assert (first.id, len(first.blocks)) == ("in_short", 1)
    assert first.blocks[0].strong
    assert len(re.findall(r"[.?!](?:\s|$)", first.blocks[0].text)) == 1


@each_leaflet
@in_each_language
def test_every_leaflet_says_before_all_else_when_to_phone_at_once_and_whom(id, lang):
    phone = DRAWN[id, lang].sections[1]
    assert (phone.id, phone.title) == ("phone", word("section.safety_net", lang))
    assert plan_text("safety_net", lang) in said(phone)
    assert plan_text("whom_do_i_phone", lang) in said(phone)
    signs = next(block for block in phone.blocks if isinstance(block, Points))
    assert len(signs.items) == 7, "one sign a line"


@each_leaflet
@in_each_language
def test_every_leaflet_has_questions_to_take_along_to_the_gp(id, lang):
    questions = DRAWN[id, lang].section("to_take_along")
    assert {"nl": "huisarts", "en": "GP"}[lang] in said(questions)
    points = next(block for block in questions.blocks if isinstance(block, Points))
    assert 3 <= len(points.items) <= 5
    assert all(point.endswith("?") for point in points.items)


@pytest.mark.control("C-58")
@each_leaflet
@in_each_language
def test_every_leaflet_says_when_it_was_written_that_nobody_reviewed_it_and_what_it_is_not(id, lang):
    dated, what_it_is = DRAWN[id, lang].closing
    assert about("leaflets")["reviewer"] == "nobody yet"
    assert isinstance(about("leaflets")["date"], date)
    assert str(about("leaflets")["date"].year) in dated
    assert word("word.awaiting_review", lang) in what_it_is
    assert word("word.not_device", lang) in what_it_is


@each_leaflet
@in_each_language
def test_whatever_a_leaflet_claims_has_a_mark_and_every_mark_a_source(id, lang):
    document = DRAWN[id, lang]
    numbers = {source.number for source in document.sources}
    for section in document.sections:
        marks = [block.mark for block in section.blocks if isinstance(block, (Paragraph, Points)) and block.mark]
        assert marks, section.id
        assert {number for mark in marks for number in mark.numbers} <= numbers
    assert document.notes


@each_leaflet
def test_both_languages_have_the_same_sections_sources_marks_and_figures(id):
    nl, en = DRAWN[id, "nl"], DRAWN[id, "en"]
    assert [section.id for section in nl.sections] == [section.id for section in en.sections]
    assert [source.number for source in nl.sources] == [source.number for source in en.sources]
    assert [getattr(block, "mark", None) for block in nl.blocks()] == [
        getattr(block, "mark", None) for block in en.blocks()
    ]
    for dutch, english in zip(nl.sections, en.sections, strict=True):
        swapped = [found.translate(str.maketrans(",.", ".,")) for found in figures(said(english))]
        assert sorted(figures(said(dutch))) == sorted(swapped), dutch.id


def test_a_leaflet_that_does_not_exist_is_a_key_error():
    for wrong in ("every", "about", "neck"):
        with pytest.raises(KeyError):
            leaflet(wrong, "nl")


# -- what no patient may read ---------------------------------------------------------------------------------------

HARMS = {
    "nl": r"aspecifiek|slijt|versleten|degenerat|verouderd|kapot|gescheurd|niets aan de hand|gegarandeerd"
    r"|\bmg\b|milligram|dosis|tablet|(keer|maal|x) (per|op een) dag",
    "en": r"non-?specific|wear|worn|degenerat|damaged|torn|nothing wrong|guarantee"
    r"|\bmg\b|milligram|\bdose|tablet|times (a|per) day",
}


@each_leaflet
@in_each_language
def test_no_leaflet_frightens_hushes_promises_or_names_a_dose(id, lang):
    assert re.findall(HARMS[lang], whole(DRAWN[id, lang]), re.IGNORECASE) == []


@pytest.mark.control("C-50")
@each_leaflet
@in_each_language
def test_the_leaflets_own_95_never_stands_alone_and_is_no_promise(id, lang):
    for section in DRAWN[id, lang].sections:
        if "95" in figures(said(section)):
            place = f"{id}.{section.id}"
            spoken = said(section)
            assert place in ("acute.recovery", "hernia.operation"), place
            assert re.search({"nl": "geen belofte", "en": "not a promise"}[lang], spoken)
            if place == "acute.recovery":  # the old leaflet's; beside it stands what the guideline found
                (old,) = (block for block in section.blocks if isinstance(block, Part))
                assert {"95", "50"} <= set(figures(old.blocks[0].text))
                assert spoken.index("25") < spoken.index("95"), "the guideline's own figures come first"


# -- every figure ---------------------------------------------------------------------------------------------------

# Figures that no file of the pathway keeps: what they are, and where the evidence (clinical.md) has them.
EVIDENCE = {
    ("nonspecific.common", "low"): (50, "§7a lifetime_lbp 50–80%: KNGF-EPI, V"),
    ("nonspecific.common", "high"): (80, "§7a lifetime_lbp 50–80%: KNGF-EPI, V"),
    ("nonspecific.common", "year"): (2017, "§7a new_gp_lbp and §7d medical_neckback: both 2017"),
    ("nonspecific.common", "new"): (900000, "§7a new_gp_lbp, just under 900,000: KNGF-EPI, V"),
    ("nonspecific.common", "care"): (937, "§7d medical_neckback €937 M: KNGF-MAAT, V"),
    ("nonspecific.common", "then"): (2007, "§7d total_nl, last year: LAMB, V"),
    ("nonspecific.common", "total"): (3.5, "§7d total_nl €3.5 bn: LAMB, V"),
    ("nonspecific.common", "fresh"): (5, "§0 S13, 5% new a year"),
    ("nonspecific.common", "care_then"): (500, "§0 S13, medical ≈ €500 M"),
    ("nonspecific.common", "total_then"): (5, "§0 S13, > €5 bn"),
    ("chronic.course", "none"): (0, "§7b pain_mean_persistent, scale 0–100: MENEZ, V"),
    ("chronic.course", "worst"): (100, "§7b pain_mean_persistent, scale 0–100: MENEZ, V"),
    ("chronic.course", "start"): (51, "§7b pain_mean_persistent, base: MENEZ, V"),
    ("chronic.course", "weeks"): (33, "§7b pain_mean_persistent, 6 wk: MENEZ, V"),
    ("chronic.course", "year"): (23, "§7b pain_mean_persistent, 52 wk: MENEZ, V"),
    ("hernia.operation", "later"): (39, "§7c Peul 2007, 55 (39%) of those who waited: PEUL07, V"),
    ("hernia.later", "years"): (2, "§7c Peul 2008, 2 years: PEUL08, V"),
    ("specific.few", "serious"): (9, "§2 0.9% of 1,172: HEN09, V"),
    ("specific.few", "of"): (1000, "§2 0.9% of 1,172, as natural frequency"),
    ("specific.signs", "sign"): (80, "§2 80.4% had ≥ 1 red flag: HEN09, V"),
    ("specific.bechterew", "share"): (16, "§2 R9, 16% of chronic LBP 18–45: CAFA, V"),
    ("who.orthopaedist", "of"): (20, "§0.1 X4, ~1 in 20: NTVG14, V"),
    ("who.orthopaedist", "one"): (1, "§0.1 X4, ~1 in 20: NTVG14, V"),
    ("not_useful.scan", "people"): (3110, "§3b MRI in asymptomatic people, 33 articles: BRIN15, V"),
    ("not_useful.scan", "young"): (20, "§3b idem, age 20"),
    ("not_useful.scan", "old"): (80, "§3b idem, age 80"),
    ("not_useful.scan", "changed_young"): (37, "§3b idem, degeneration at 20"),
    ("not_useful.scan", "changed_old"): (96, "§3b idem, degeneration at 80"),
    ("not_useful.scan", "bulge_young"): (30, "§3b idem, bulge at 20"),
    ("not_useful.scan", "bulge_old"): (84, "§3b idem, bulge at 80"),
    ("not_useful.scan", "protrusion_young"): (29, "§3b idem, protrusion at 20"),
    ("not_useful.scan", "protrusion_old"): (43, "§3b idem, protrusion at 80"),
    ("not_useful.scan", "age"): (50, "§3b counterpoint ≤ 50 y: BRIN15b, V"),
}
KEPT = {(place, name): kept for place, part in ENTRIES.items() for name, kept in part.get("figures", {}).items()}
HUNDRED = {key for key, kept in KEPT.items() if kept == 100 and key[1] == "of"}  # of how many people


def test_every_figure_that_stands_only_in_a_leaflet_is_in_the_evidence():
    loose = {key: kept for key, kept in KEPT.items() if not isinstance(kept, str) and key not in HUNDRED}
    assert loose == {key: value for key, (value, _) in EVIDENCE.items()}


def test_the_source_of_a_figure_is_a_source_of_its_section():
    for key, kept in KEPT.items():
        named = ENTRIES[key[0]]["source"].split()
        if isinstance(kept, str) and " " in kept:
            assert kept.split()[0] in named, key
        elif isinstance(kept, str):
            assert set(figure(kept).because) & set(named), key
        elif key in EVIDENCE and (source := re.search(r": ([A-Z][A-Za-z\d-]+), V", EVIDENCE[key][1])):
            assert source[1] in named, key


def test_no_section_says_that_a_figure_was_seen_better_than_it_was():
    second_hand = {
        (curve.source, curve.outcome, point.day)
        for complaint in Complaint
        for curve in expected(complaint, "leaflet")
        for point in curve.points
        if point.status != Status.READ
    }
    assert second_hand
    for (place, name), kept in KEPT.items():
        if isinstance(kept, str) and " " in kept:
            source, outcome, day = kept.split()
            if (source, outcome, int(day)) in second_hand:
                assert ENTRIES[place]["status"] == Status.REPORTED, (place, name)


def test_a_figure_that_is_kept_elsewhere_is_the_same_there():
    assert figure("KNGF-BELOOP full_recovery 90") == 50
    assert figure("S4 free_of_complaints 90") == 95
    assert figure("onset_spa") == 45
    for wrong in ("KNGF-BELOOP full_recovery 91", "onset_of_nothing"):
        with pytest.raises(KeyError):
            figure(wrong)


def test_every_figure_is_used_and_none_stands_in_the_words_themselves():
    for place, part in ENTRIES.items():
        if "source" not in part:
            continue
        own = {key: value for key, value in part.items() if key not in ("carries", "figures", "source", "status")}
        filled = set(re.findall(r"{(\w+)}", str(own)))
        cells = {f"{row}_{column}" for row in part.get("table", {}).get("rows", ()) for column in part["table"]["head"]}
        assert filled <= set(part.get("figures", {})) <= filled | cells, place
        bare = re.sub(r"{\w+}|\b112\b", "", str(own))
        assert figures(bare) == [], place


def test_a_number_is_written_as_its_language_writes_it_and_a_year_without_a_point():
    assert [written(number, "nl") for number in (900000, 3.5, 2017, 50)] == ["900.000", "3,5", "2017", "50"]
    assert [written(number, "en") for number in (900000, 3.5, 2017, 50)] == ["900,000", "3.5", "2017", "50"]


# Numbers of the pathway that a leaflet says in words: when the number changes, the words must.
IN_WORDS = {2: ("twee", "two"), 3: ("drie", "three"), 6: ("zes", "six"), 12: ("twaalf", "twelve")}
QUOTED = [
    ("acute.not_better", RECHECK_ON, "na {} weken", "after {} weeks"),
    ("acute.not_better", NO_IMPROVEMENT_FROM, "na {} weken nog niet alles", "after {} weeks"),
    ("acute.exercise", PSYCHOSOCIAL_FROM, "na {} weken niet minder", "after {} weeks"),
    ("chronic.long", CHRONIC_FROM, "langer dan {} weken", "longer than {} weeks"),
    ("chronic.next", CHRONIC_FROM, "al {} weken of langer", "for {} weeks or longer"),
    ("hernia.weigh", WEIGH_SURGERY_FROM, "na {} tot acht weken", "after {} to eight weeks"),
    ("hernia.paralysis", WEIGH_SURGERY_FROM, "geen {} weken", "{} weeks"),
    ("who.neurologist", WEIGH_SURGERY_FROM, "na {} tot acht weken", "after {} to eight weeks"),
    ("specific.procedure", PROCEDURE_RECENT, "geen {} weken geleden", "less than {} weeks ago"),
    ("specific.cancer", NO_IMPROVEMENT_FROM, "na {} weken is het niet beter", "after {} weeks it is no better"),
]


@pytest.mark.parametrize(("place", "number", "nl", "en"), QUOTED)
def test_a_number_of_the_pathway_in_words_is_the_number_of_the_rules(place, number, nl, en):
    id, name = place.split(".")
    dutch, english = IN_WORDS[int(number / WEEK)]
    assert nl.format(dutch) in said(DRAWN[id, "nl"].section(name))
    assert en.format(english) in said(DRAWN[id, "en"].section(name))


# -- what must be said ----------------------------------------------------------------------------------------------

MUST_SAY = {
    ("hernia", "weigh"): ("Die vraagt de huisarts niet aan, maar de neuroloog",),
    ("hernia", "operation"): ("Met een operatie ging het herstel sneller. Na een jaar was er geen verschil",),
    ("hernia", "cauda"): ("minder tussen uw benen", "plassen", "ontlasting", "twee benen", "seks", "dag en nacht"),
    ("acute", "work"): ("gaat vaak sneller dan zonder pijn zijn",),
    ("chronic", "flare"): ("ziek of moe", "verdriet of zorgen"),
    ("specific", "signs"): ("Schrik dan niet", "Meer tekens samen zeggen meer"),
    ("specific", "infection"): ("Geen koorts zegt niet alles",),
    ("specific", "artery"): ("Bel 112",),
    ("not_useful", "opioid"): ("Stop niet ineens",),
    ("not_useful", "medicines"): ("Blijf ze dan gewoon gebruiken",),
}


@pytest.mark.parametrize(("id", "name"), MUST_SAY)
def test_what_may_not_be_left_out_is_said(id, name):
    spoken = said(DRAWN[id, "nl"].section(name))
    assert [words for words in MUST_SAY[id, name] if words not in spoken] == []


def test_a_scan_of_people_without_pain_is_told_as_natural_frequencies_by_age():
    (shown,) = (block for block in DRAWN["not_useful", "nl"].section("scan").blocks if isinstance(block, Table))
    assert "100 mensen zonder rugpijn" in shown.caption
    assert [row[1:] for row in shown.rows] == [("37", "96"), ("30", "84"), ("29", "43")]


@pytest.mark.parametrize("name", ["neurologist", "orthopaedist", "rheumatologist", "pain_team", "physiotherapist"])
def test_who_treats_the_back_also_says_when_it_is_not_needed(name):
    assert re.search(r"niet nodig|heeft u dit niet nodig", said(DRAWN["who", "nl"].section(name)))


@pytest.mark.control("C-17")
@in_each_language
def test_ibuprofen_is_named_only_with_the_question_whether_it_is_safe(lang):
    for id in LEAFLETS:
        for section in DRAWN[id, lang].sections:
            for block in section.blocks:
                if isinstance(block, Paragraph) and "ibuprofen" in block.text:
                    assert block.text == plan_text("nsaid_ask", lang)
