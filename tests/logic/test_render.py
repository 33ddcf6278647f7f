"""A rule in words and in pictures: readable, unambiguous, and safe to put on a page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import combinations
from xml.etree import ElementTree

import pytest
from hypothesis import given

from logic.toy import (
    RULES,
    VOCABULARY,
    Just,
    answers,
    brakes_fail,
    chain_skips,
    expressions,
    frame_cracked,
    front_tread,
    just_cleaned,
    noise,
    ridden_km,
    say,
)
from ruggespraak.logic import (
    ALWAYS,
    NEVER,
    And,
    Expression,
    Finding,
    Named,
    Or,
    all_of,
    any_of,
    at_least,
    sentence,
    svg,
    table_row,
)

LANGS = ["nl", "en"]
EVERY_RULE = [(lang, name) for lang in LANGS for name in RULES]


def plain(thing: Finding | Named, there: bool) -> str:
    """The bare id, or "no" and the id."""
    return ("" if there else "no ") + (thing.name if isinstance(thing, Named) else thing.id)


def always(words: str):
    """The same words for everything."""

    def same(thing: Finding | Named, there: bool) -> str:  # noqa: ARG001  (what ``sentence`` calls)
        return words

    return same


# -- sentences -----------------------------------------------------------------------------------------------------

SENTENCES = {
    ("nl", "stop_riding"): "onveilig (de remmen falen of een scheur in het frame)",
    ("en", "stop_riding"): "unsafe (the brakes fail or a crack in the frame)",
    ("nl", "new_tyres"): (
        "een versleten band (profiel van de voorband hoogstens 1,5 mm of profiel van de achterband hoogstens 1,5 mm)"
    ),
    ("nl", "mechanic_now"): "onveilig (de remmen falen of een scheur in het frame) of geluid: grind",
    ("nl", "listen_again"): (
        "‘geluid: click of grind’, tenzij geluid van het schoonmaken (net schoongemaakt en geluid: click)"
    ),
    ("en", "service"): (
        "at least 2 of (the chain skips; a wheel wobbles; the lights are broken; "
        "a worn tyre (tread of the front tyre at most 1.5 mm or tread of the rear tyre at most 1.5 mm))"
    ),
    ("nl", "overhaul"): (
        "gereden afstand ten minste 10000 km of (gereden afstand meer dan 2000 km en ‘geluid: click of grind’)"
    ),
    ("en", "overhaul"): (
        "distance ridden at least 10000 km or (distance ridden more than 2000 km and ‘noise: click or grind’)"
    ),
    ("en", "ride_on"): (
        "not (unsafe (the brakes fail or a crack in the frame)) and not (a worn tyre (tread of the front tyre "
        "at most 1.5 mm or tread of the rear tyre at most 1.5 mm)) and the lights work"
    ),
    ("nl", "lights_told"): "de verlichting werkt of de verlichting is stuk",
    ("nl", "greeting"): "altijd",
    ("en", "greeting"): "always",
}


@pytest.mark.parametrize(("lang", "name"), SENTENCES)
def test_a_rule_reads_as_a_sentence(lang, name):
    assert sentence(RULES[name], lang, say(lang)) == SENTENCES[lang, name]


@pytest.mark.parametrize(("lang", "name"), EVERY_RULE)
def test_every_rule_has_a_sentence_without_code_or_double_brackets(lang, name):
    text = sentence(RULES[name], lang, say(lang))
    assert text == text.strip()
    assert text.count("(") == text.count(")")
    for ugly in ("((", "))) ", "  ", "_", "()", "&", "|", "~", "frozenset", "None"):
        assert ugly not in text


@pytest.mark.parametrize("lang", LANGS)
def test_a_name_stands_alone_when_it_is_not_opened(lang):
    word = {"nl": "onveilig of geluid: grind", "en": "unsafe or noise: grind"}[lang]
    assert sentence(RULES["mechanic_now"], lang, say(lang), open_names=False) == word


def test_the_words_of_the_other_nodes():
    assert sentence(NEVER, "nl", plain) == "nooit"
    assert sentence(NEVER, "en", plain) == "never"
    assert sentence(~(front_tread < 3), "nl", plain) == "niet (front_tread minder dan 3 mm)"
    assert sentence(~~brakes_fail, "en", plain) == "not (no brakes_fail)"
    assert sentence(front_tread >= 2.5, "en", plain) == "front_tread at least 2.5 mm"
    assert sentence(noise.one_of("grind", "click"), "en", plain) == "noise: click or grind"


@pytest.mark.parametrize("use", [sentence, lambda *args: svg(args[0], "result", *args[1:])])
def test_a_node_without_words_is_refused(use):
    with pytest.raises(TypeError, match="no words for Just"):
        use(Just(True), "en", plain)


def test_a_limit_is_written_as_the_language_writes_numbers():
    assert sentence(front_tread >= 2.25, "nl", plain) == "front_tread ten minste 2,25 mm"
    assert sentence(front_tread >= 2.25, "en", plain) == "front_tread at least 2.25 mm"
    assert sentence(ridden_km > 1_234_567, "nl", plain) == "ridden_km meer dan 1234567 km"


def test_choices_and_units_are_said_in_the_words_that_are_passed_in():
    words = {"click": "klikken", "grind": "knarsen", "km": "kilometer"}

    def value(finding: Finding, word: str) -> str:
        assert word in (*finding.choices, finding.unit)
        return words[word]

    text = "gereden afstand ten minste 10000 kilometer of (gereden afstand meer dan 2000 kilometer en ‘geluid: "
    assert sentence(RULES["overhaul"], "nl", say("nl"), value=value) == f"{text}klikken of knarsen’)"
    assert "klikken of knarsen’)</desc>" in svg(RULES["overhaul"], "Beurt", "nl", say("nl"), value)


def test_a_name_that_only_repeats_its_finding_is_said_once():
    assert sentence(brakes_fail.named("brakes_fail"), "en", plain) == "brakes_fail"
    assert sentence(brakes_fail.named("brakes"), "en", plain) == "brakes (brakes_fail)"


def test_words_with_an_or_of_their_own_do_not_run_into_their_neighbours():
    words = {"brakes_fail": "a cable or a pad is worn", "chain_skips": "the chain skips"}
    rule = brakes_fail & chain_skips
    text = sentence(rule, "en", lambda thing, there: words[thing.id] if there else "")
    assert text == "‘a cable or a pad is worn’ and the chain skips"


def test_and_within_or_is_told_from_or_within_and():
    left, right = (brakes_fail & chain_skips) | frame_cracked, brakes_fail & (chain_skips | frame_cracked)
    assert sentence(left, "en", plain) == "(brakes_fail and chain_skips) or frame_cracked"
    assert sentence(right, "en", plain) == "brakes_fail and (chain_skips or frame_cracked)"


@given(expressions(), answers())
def test_a_sentence_can_be_read_back_and_means_the_same(rule, given_):
    text = sentence(rule, "en", plain)
    assert read(text).value(given_) is rule.value(given_)


# A reader that knows only brackets: within one pair of them it takes "and" or "or", never both.

_TOKEN = re.compile(
    r"\(|\)|‘|’|; |, unless |at least \d+ of |(?:less than|at most|more than|at least) [\d.]+ k?m?m\b|: |\w+| "
)


@dataclass
class Reader:
    tokens: list[str]

    def peek(self) -> str:
        return self.tokens[0] if self.tokens else ""

    def take(self, *expected: str) -> str:
        token = self.tokens.pop(0)
        assert not expected or token in expected, f"{token!r} read, {expected} expected"
        return token

    def whole(self) -> Expression:
        """Parts with one and the same word between them."""
        parts, words = [self.part()], set()
        while self.tokens[:1] == [" "] and self.tokens[1] in ("and", "or"):
            self.take(" ")
            words.add(self.take("and", "or"))
            self.take(" ")
            parts.append(self.part())
        assert len(words) <= 1, "and and or stand within one pair of brackets"
        whole = parts[0] if not words else all_of(parts) if words == {"and"} else any_of(parts)
        if self.peek() == ", unless ":
            assert len(parts) == 1
            self.take()
            exception = self.part()
            assert isinstance(exception, Named)
            return whole.unless(exception)
        return whole

    def bracketed(self) -> Expression:
        self.take("(")
        inner = self.whole()
        self.take(")")
        return inner

    def part(self) -> Expression:
        if self.peek() == "(":
            return self.bracketed()
        if self.peek() == "‘":
            self.take()
            inner = self.part()
            self.take("’")
            return inner
        if found := re.fullmatch(r"at least (\d+) of ", self.peek()):
            self.take()
            self.take("(")
            parts = [self.whole()]
            while self.peek() == "; ":
                self.take()
                parts.append(self.whole())
            self.take(")")
            return at_least(int(found[1]), parts)
        word = self.take()
        if word in ("always", "never"):
            return ALWAYS if word == "always" else NEVER
        if word == "not":
            self.take(" ")
            return ~self.bracketed()
        if word == "no":
            self.take(" ")
            return ~VOCABULARY[self.take()]
        if word in ("concept", "exception"):
            self.take(" ")
            return self.bracketed().named(word)
        finding = VOCABULARY[word]
        if self.peek() == ": ":
            self.take()
            chosen = [self.take(*noise.choices)]
            while self.tokens[:2] == [" ", "or"] and self.tokens[3] in noise.choices:
                self.tokens = self.tokens[3:]
                chosen.append(self.take())
            return finding.one_of(*chosen)
        if finding.kind == "number":
            self.take(" ")
            *words, limit, unit = self.take().split(" ")
            assert unit == finding.unit
            compare = {"less than": "__lt__", "at most": "__le__", "more than": "__gt__", "at least": "__ge__"}
            return getattr(finding, compare[" ".join(words)])(float(limit))
        return finding


def read(text: str) -> Expression:
    tokens = _TOKEN.findall(text)
    assert "".join(tokens) == text
    reader = Reader(tokens)
    rule = reader.whole()
    assert not reader.tokens, f"{''.join(reader.tokens)!r} left over in {text!r}"
    return rule


# -- tables --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "row"),
    [
        (["a", "b"], "| a | b |"),
        (["a|b", "c"], r"| a\|b | c |"),
        (["a\nb"], "| a b |"),
        (["a\r\nb", "c\rd"], "| a b | c d |"),
        (["", "a"], "|  | a |"),
    ],
)
def test_a_table_row_is_one_line_whatever_its_cells_hold(cells, row):
    assert table_row(cells) == row
    assert len(table_row(cells).splitlines()) == 1


@pytest.mark.parametrize(("lang", "name"), EVERY_RULE)
def test_a_rule_fits_in_a_table(lang, name):
    row = table_row([name, sentence(RULES[name], lang, say(lang))])
    assert len(re.findall(r"(?<!\\)\|", row)) == 3


# -- SVG -----------------------------------------------------------------------------------------------------------

SVG = "{http://www.w3.org/2000/svg}"
FONT = 13
LETTER = 0.5 * FONT  # the mean width of a letter of a sans serif
ROUND = 0.1  # coordinates are written with few digits


@dataclass(frozen=True)
class Box:
    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height

    def overlaps(self, other: Box) -> bool:
        beside = self.right <= other.left + ROUND or other.right <= self.left + ROUND
        return not (beside or self.bottom <= other.top + ROUND or other.bottom <= self.top + ROUND)


@dataclass(frozen=True)
class Drawing:
    root: ElementTree.Element
    page: Box
    boxes: list[Box]
    texts: list[tuple[float, float, str]]
    paths: list[tuple[float, ...]]

    @property
    def words(self) -> str:
        return " ".join(text for _, _, text in self.texts)


def draw(rule: Expression, result: str, lang: str, words) -> Drawing:
    root = ElementTree.fromstring(svg(rule, result, lang, words))
    return Drawing(
        root,
        Box(*map(float, root.attrib["viewBox"].split())),
        [Box(*(float(rect.attrib[key]) for key in ("x", "y", "width", "height"))) for rect in root.iter(f"{SVG}rect")],
        [(float(text.attrib["x"]), float(text.attrib["y"]), text.text or "") for text in root.iter(f"{SVG}text")],
        [
            tuple(map(float, re.fullmatch(r"M(\S+) (\S+)H(\S+)V(\S+)H(\S+)", path.attrib["d"]).groups()))
            for path in root.iter(f"{SVG}path")
        ],
    )


def check(drawing: Drawing) -> None:
    for box in drawing.boxes:
        assert drawing.page.left <= box.left
        assert box.right <= drawing.page.right + ROUND
        assert drawing.page.top <= box.top
        assert box.bottom <= drawing.page.bottom + ROUND
    assert not any(one.overlaps(other) for one, other in combinations(drawing.boxes, 2))
    for x, y, text in drawing.texts:
        around = [box for box in drawing.boxes if box.left < x < box.right and box.top < y < box.bottom]
        assert len(around) == 1, f"{text!r} stands in no box"
        assert x + len(text) * LETTER <= around[0].right, f"{text!r} is wider than its box"
        assert y - FONT >= around[0].top - 1
    for left, start, bend, end, right in drawing.paths:
        assert left < bend < right
        assert any(abs(box.right - left) < ROUND and box.top < start < box.bottom for box in drawing.boxes)
        assert any(abs(box.left - right) < ROUND and box.top < end < box.bottom for box in drawing.boxes)


@pytest.mark.parametrize(("lang", "name"), EVERY_RULE)
def test_a_picture_of_a_rule_has_a_title_a_description_and_all_in_its_place(lang, name):
    drawing = draw(RULES[name], "Naar de fietsenmaker", lang, say(lang))
    assert (drawing.root.tag, drawing.root.attrib["role"], drawing.root.attrib["lang"]) == (f"{SVG}svg", "img", lang)
    assert [child.tag for child in drawing.root][:2] == [f"{SVG}title", f"{SVG}desc"]
    assert drawing.root.findtext(f"{SVG}title") == "Naar de fietsenmaker"
    assert drawing.root.findtext(f"{SVG}desc") == sentence(RULES[name], lang, say(lang))
    check(drawing)


@given(expressions())
def test_every_picture_has_all_in_its_place(rule):
    drawing = draw(rule, "See a mechanic", "en", plain)
    check(drawing)
    assert len(drawing.paths) == len(drawing.boxes) - 1


@pytest.mark.parametrize("name", RULES)
def test_a_picture_shows_every_finding_of_the_rule(name):
    shown = draw(RULES[name], "Result", "en", plain).words
    # a concept that is one condition under a name shows its name; all others are opened
    assert all(finding.id in shown for finding in RULES[name].findings())


def test_an_exception_hangs_on_a_dashed_line():
    assert svg(RULES["listen_again"], "Luister", "nl", say("nl")).count("stroke-dasharray") == 1
    assert "stroke-dasharray" not in svg(RULES["overhaul"], "Luister", "nl", say("nl"))


NASTY = [
    '<script>alert("1")</script>',
    'say "stop"',
    "]]-->",
    "a\nb",
    "#quot; & co",
    "end",
    "'; drop",
    "x" * 200,
    "",
]


@pytest.mark.parametrize("words", [*NASTY, "two words " * 40])
def test_no_words_can_break_out_of_a_picture(words):
    rule = (brakes_fail & chain_skips) | (front_tread < 3) | noise.one_of("click", "grind")
    drawing = draw(rule, words, "en", always(words))
    check(drawing)
    assert {element.tag for element in drawing.root.iter()} == {
        f"{SVG}{tag}" for tag in ("svg", "title", "desc", "rect", "path", "text")
    }
    assert "<script" not in svg(rule, words, "en", always(words))


def test_a_finding_named_with_a_script_is_shown_as_it_is_named():
    drawing = draw(brakes_fail, "R", "en", always("<script>"))
    assert "<script>" in drawing.words
    assert drawing.root.findtext(f"{SVG}desc") == "<script>"


def test_long_words_are_broken_over_lines():
    drawing = draw(Finding("f"), "R", "en", always("rijwielherstelwerkplaats " * 4))
    assert len([text for _, _, text in drawing.texts if "rijwiel" in text]) == 4
    check(drawing)


@pytest.mark.parametrize("node", [And, Or])
def test_a_rule_of_very_many_parts_still_fits(node):
    check(draw(node(tuple(RULES.values()) * 5), "Result", "nl", say("nl")))


def test_a_tall_result_beside_one_small_fact_still_fits():
    check(draw(brakes_fail, "A long story about what must be done now " * 6, "en", plain))
    check(draw(brakes_fail | just_cleaned | (ridden_km > 3), "A long story about what to do " * 9, "en", plain))
