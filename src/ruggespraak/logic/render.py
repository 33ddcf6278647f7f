"""Any rule as a sentence, a row of a table, or a flow chart. The words of the findings are passed in."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from ruggespraak.logic.expression import And, AtLeast, Compare, Expression, In, Named, Not, Or, Unless
from ruggespraak.logic.finding import Finding

Say = Callable[[Finding | Named, bool], str]
"""From a finding (or a named concept) and whether it is there, to words: ``say(leak, False)`` -> "no leak"."""

Value = Callable[[Finding, str], str]
"""From a finding and one of its choices, or its unit, to words: ``value(age, "years")`` -> "jaar"."""


def _as_it_is(_: Finding, word: str) -> str:
    return word


@dataclass(frozen=True, slots=True)
class Language:
    """The few words that joining conditions takes."""

    and_: str
    or_: str
    not_: str
    at_least: str
    unless: str
    compare: dict[str, str]
    yes: str
    no: str
    unknown: str
    always: str
    never: str
    decimal: str


NL = Language(
    "en", "of", "niet", "ten minste {n} van", "tenzij",
    {"<": "minder dan", "<=": "hoogstens", ">": "meer dan", ">=": "ten minste"},
    "ja", "nee", "onbekend", "altijd", "nooit", ",",
)  # fmt: skip
EN = Language(
    "and", "or", "not", "at least {n} of", "unless",
    {"<": "less than", "<=": "at most", ">": "more than", ">=": "at least"},
    "yes", "no", "unknown", "always", "never", ".",
)  # fmt: skip
LANGUAGES = {"nl": NL, "en": EN}


@dataclass(frozen=True, slots=True)
class _Wording:
    """All words for one rendering."""

    joins: Language
    say: Say
    value: Value

    def leaf(self, node: Expression) -> str | None:
        """The words of the smallest conditions; None for any other."""
        match node:
            case Finding():
                return self.say(node, True)
            case Not(Finding() as finding):
                return self.say(finding, False)
            case Compare(finding, operator, limit):
                number = f"{limit:.10g}".replace(".", self.joins.decimal)
                text = f"{self.say(finding, True)} {self.joins.compare[operator]} {number}"
                return f"{text} {self.value(finding, finding.unit)}" if finding.unit else text
            case In(finding, choices):
                chosen = [self.value(finding, choice) for choice in finding.choices if choice in choices]
                return f"{self.say(finding, True)}: {f' {self.joins.or_} '.join(chosen)}"
            case Named(name, Finding(id)) if name == id:
                return self.say(node, True)
        return None


def sentence(expression: Expression, lang: str, say: Say, open_names: bool = True, value: Value = _as_it_is) -> str:
    """The condition in words. ``open_names``: a named concept is followed by what it stands for."""
    return _words(expression, _Wording(LANGUAGES[lang], say, value), open_names, outer=True)


def _words(node: Expression, words: _Wording, open_names: bool, outer: bool = False) -> str:
    def inner(part: Expression) -> str:
        leaf = words.leaf(part)
        if leaf is None:
            return _words(part, words, open_names)
        # A term with an "or" or a comma of its own must not run into its neighbours.
        runs_on = f" {words.joins.or_} " in leaf or f" {words.joins.and_} " in leaf or ", " in leaf
        return f"‘{leaf}’" if runs_on else leaf

    joins = words.joins
    if (leaf := words.leaf(node)) is not None:
        return leaf
    match node:
        case Named(_, part):
            name = words.say(node, True)
            return f"{name} ({_words(part, words, open_names, outer=True)})" if open_names else name
        case Not(part):
            return f"{joins.not_} ({_words(part, words, open_names, outer=True)})"
        case And(()):
            return joins.always
        case Or(()):
            return joins.never
        case And(parts):
            text = f" {joins.and_} ".join(inner(part) for part in parts)
        case Or(parts):
            text = f" {joins.or_} ".join(inner(part) for part in parts)
        case AtLeast(n, parts):
            return f"{joins.at_least.format(n=n)} ({'; '.join(inner(part) for part in parts)})"
        case Unless(part, exception):
            text = f"{inner(part)}, {joins.unless} {inner(exception)}"
        case _:
            raise TypeError(f"no words for {type(node).__name__}")
    return text if outer else f"({text})"


def table_row(cells: Sequence[str]) -> str:
    """A Markdown table row; a bar or a line break inside a cell cannot break the table."""
    return "| " + " | ".join(" ".join(cell.replace("|", "\\|").splitlines()) for cell in cells) + " |"


# -- flow charts: each part a box, the connective where they join ---------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Box:
    text: str
    children: tuple[_Box, ...] = ()
    shape: str = "fact"  # fact, concept, joint, result
    dashed: bool = False  # an exception: it takes away


def _boxes(node: Expression, words: _Wording, dashed: bool = False) -> _Box:
    def joint(text: str, parts: Sequence[Expression]) -> _Box:
        return _Box(text, tuple(_boxes(part, words) for part in parts), "joint", dashed)

    joins = words.joins
    match node:
        case And(parts) if parts:
            return joint(joins.and_, parts)
        case Or(parts) if parts:
            return joint(joins.or_, parts)
        case AtLeast(n, parts):
            return joint(joins.at_least.format(n=n), parts)
        case Unless(part, exception):
            return _Box(joins.unless, (_boxes(part, words), _boxes(exception, words, True)), "joint", dashed)
        case Named(_, Compare() | In() as part):
            return _Box(f"{words.say(node, True)} ({words.leaf(part)})", (), "fact", dashed)
        case Named(_, part) if words.leaf(node) is None:
            return _Box(words.say(node, True), (_boxes(part, words),), "concept", dashed)
        case Not(part) if words.leaf(node) is None:
            return joint(joins.not_, (part,))
    return _Box(_words(node, words, False), (), "fact", dashed)


_LINE, _GAP_X, _GAP_Y, _PAD = 17, 30, 12, 10
_CHARACTER = 8.2  # pixels that the widest usual sans-serif takes at 13 px
_WRAP = {"fact": 28, "concept": 24, "joint": 12, "result": 24}  # characters


def svg(expression: Expression, result: str, lang: str, say: Say, value: Value = _as_it_is) -> str:
    """The rule as an SVG flow chart with a title and a description; light and dark as the page is.

    Exceptions hang on dashed lines. Boxes of one depth share a column as wide as its longest line.
    """
    root = _Box(result, (_boxes(expression, _Wording(LANGUAGES[lang], say, value)),), "result")
    widths: list[float] = []

    def measure(box: _Box, level: int) -> None:
        longest = max(len(line) for line in _lines(box))
        widths.extend([0.0] * (level + 1 - len(widths)))
        widths[level] = max(widths[level], longest * _CHARACTER + 2 * _PAD)
        for child in box.children:
            measure(child, level + 1)

    measure(root, 0)
    lefts = [_GAP_Y + sum(widths[level + 1 :]) + _GAP_X * (len(widths) - 1 - level) for level in range(len(widths))]
    drawn: list[str] = []
    bottom = float(_GAP_Y)

    def place(box: _Box, level: int) -> tuple[float, float]:
        """Draws the box and what leads to it; returns (its right edge, its middle height)."""
        nonlocal bottom
        lines, x = _lines(box), lefts[level]
        width = max(len(line) for line in lines) * _CHARACTER + 2 * _PAD
        height = _LINE * len(lines) + 14
        middle = bottom + height / 2
        if box.children:
            before = bottom
            ends = [(child, *place(child, level + 1)) for child in box.children]
            middle = max((ends[0][2] + ends[-1][2]) / 2, before + height / 2)
            bottom = max(bottom, middle + height / 2 + _GAP_Y)
            for child, right, y in ends:
                dash = ' stroke-dasharray="4 4"' if child.dashed else ""
                path = f"M{right:g} {y:g}H{x - _GAP_X / 2:g}V{middle:g}H{x:g}"
                drawn.append(f'<path d="{path}" fill="none" stroke="currentColor" opacity=".5"{dash}/>')
        else:
            bottom += height + _GAP_Y
        drawn.extend(_frame(box, x, middle, width, height))
        return x + width, middle

    place(root, 0)
    width = lefts[0] + widths[0] + _GAP_Y
    about = escape(sentence(expression, lang, say, value=value))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {bottom:g}" role="img" lang="{lang}" '
        f'font-family="sans-serif" font-size="13" style="{_COLOURS}"><title>{escape(result)}</title>'
        f"<desc>{about}</desc>{''.join(drawn)}</svg>\n"
    )


def _frame(box: _Box, x: float, middle: float, width: float, height: float) -> Iterator[str]:
    """The outline of a box, and its words."""
    radius = {"fact": 3, "concept": 3, "joint": height / 2, "result": 3}[box.shape]
    stroke = 3 if box.shape == "result" else 1
    yield (
        f'<rect x="{x:g}" y="{middle - height / 2:g}" width="{width:g}" height="{height}" rx="{radius:g}" '
        f'fill="none" stroke="currentColor" stroke-width="{stroke}"/>'
    )
    for row, line in enumerate(_lines(box)):
        y = middle - height / 2 + 7 + _LINE * (row + 0.75)
        yield f'<text x="{x + _PAD:g}" y="{y:g}" fill="currentColor">{escape(line)}</text>'


_COLOURS = "color-scheme: light dark; color: light-dark(#1b1b1b, #eee); background: light-dark(#fff, #151515)"


def _lines(box: _Box) -> list[str]:
    return textwrap.wrap(box.text, _WRAP[box.shape]) or [""]
