"""Any rule as a sentence, a row of a table, or a flow chart. The words of the findings are passed in."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from ruggespraak.logic.expression import And, AtLeast, Compare, Expression, In, Named, Not, Or, Unless
from ruggespraak.logic.finding import Finding

Say = Callable[[Finding | Named, bool], str]
"""From a finding (or a named concept) and whether it is there, to words: ``say(leak, False)`` -> "no leak"."""


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


def sentence(expression: Expression, lang: str, say: Say, open_names: bool = True) -> str:
    """The condition in words. ``open_names``: a named concept is followed by what it stands for."""
    return _words(expression, LANGUAGES[lang], say, open_names, outer=True)


def _words(node: Expression, words: Language, say: Say, open_names: bool, outer: bool = False) -> str:
    def inner(part: Expression, outer: bool = False) -> str:
        return _words(part, words, say, open_names, outer)

    match node:
        case Finding():
            return say(node, True)
        case Not(Finding() as finding):
            return say(finding, False)
        case Compare(finding, operator, limit):
            number = f"{limit:.10g}".replace(".", words.decimal)
            return f"{say(finding, True)} {words.compare[operator]} {number}"
        case In(finding, choices):
            chosen = [choice for choice in finding.choices if choice in choices]
            text = f"{say(finding, True)}: {f' {words.or_} '.join(chosen)}"
            return text if outer or len(chosen) == 1 else f"({text})"
        case Named(_, part):
            name = say(node, True)
            return f"{name} ({inner(part, outer=True)})" if open_names else name
        case Not(part):
            return f"{words.not_} ({inner(part, outer=True)})"
        case And(()):
            return words.always
        case Or(()):
            return words.never
        case And(parts):
            text = f" {words.and_} ".join(inner(part) for part in parts)
        case Or(parts):
            text = f" {words.or_} ".join(inner(part) for part in parts)
        case AtLeast(n, parts):
            return f"{words.at_least.format(n=n)} ({'; '.join(inner(part) for part in parts)})"
        case Unless(part, exception):
            text = f"{inner(part)}, {words.unless} {inner(exception)}"
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
    shape: str = "fact"  # fact, joint, result


def _boxes(node: Expression, words: Language, say: Say) -> _Box:
    def joint(text: str, parts: Sequence[Expression]) -> _Box:
        return _Box(text, tuple(_boxes(part, words, say) for part in parts), "joint")

    match node:
        case And(parts) if parts:
            return joint(words.and_, parts)
        case Or(parts) if parts:
            return joint(words.or_, parts)
        case AtLeast(n, parts):
            return joint(words.at_least.format(n=n), parts)
        case Unless(part, exception):
            return joint(words.unless, (part, exception))
        case Named(_, part) if not isinstance(part, Finding | Compare | In):
            return _Box(say(node, True), (_boxes(part, words, say),), "joint")
        case Not(Finding()):
            return _Box(_words(node, words, say, False))
        case Not(part):
            return joint(words.not_, (part,))
    return _Box(_words(node, words, say, False, outer=True))


_MERMAID = str.maketrans({'"': "#quot;", "#": "#35;", "<": "#lt;", ">": "#gt;", "\n": " "})


def mermaid(expression: Expression, result: str, lang: str, say: Say) -> str:
    """The rule as a Mermaid flow chart, facts on the left, the result on the right."""
    lines = ["flowchart LR"]

    def draw(box: _Box) -> str:
        name = f"n{len(lines)}"
        left, right = {"fact": ("[", "]"), "joint": ("{{", "}}"), "result": ("([", "])")}[box.shape]
        lines.append(f'    {name}{left}"{box.text.translate(_MERMAID)}"{right}')
        for child in box.children:
            lines.append(f"    {draw(child)} --> {name}")
        return name

    draw(_Box(result, (_boxes(expression, LANGUAGES[lang], say),), "result"))
    return "\n".join(lines) + "\n"


_WIDTH, _LINE, _GAP_X, _GAP_Y, _WRAP = 210, 17, 46, 12, 30


def svg(expression: Expression, result: str, lang: str, say: Say) -> str:
    """The rule as an SVG flow chart with a title and a description. Colours follow the page (currentColor)."""
    root = _Box(result, (_boxes(expression, LANGUAGES[lang], say),), "result")

    def depth(box: _Box) -> int:
        return 1 + max((depth(child) for child in box.children), default=-1) if box.children else 0

    columns = depth(root)
    drawn: list[str] = []
    bottom: float = _GAP_Y

    def place(box: _Box, level: int) -> tuple[float, float]:
        """Draws the box and what leads to it; returns (its left edge, its middle height)."""
        nonlocal bottom
        x = (columns - level) * (_WIDTH + _GAP_X) + _GAP_Y
        lines = textwrap.wrap(box.text, _WRAP) or [""]
        height = _LINE * len(lines) + 14
        if box.children:
            before = bottom
            ends = [place(child, level + 1) for child in box.children]
            middle = (ends[0][1] + ends[-1][1]) / 2
            middle = max(middle, before + height / 2)
            bottom = max(bottom, middle + height / 2 + _GAP_Y)
            for left, y in ends:
                bend = x - _GAP_X / 2
                path = f"M{left + _WIDTH:g} {y:g}H{bend:g}V{middle:g}H{x:g}"
                drawn.append(f'<path d="{path}" fill="none" stroke="currentColor" opacity=".5"/>')
        else:
            middle = bottom + height / 2
            bottom += height + _GAP_Y
        radius = {"fact": 3, "joint": 14, "result": 3}[box.shape]
        stroke = 3 if box.shape == "result" else 1
        drawn.append(
            f'<rect x="{x:g}" y="{middle - height / 2:g}" width="{_WIDTH}" height="{height}" rx="{radius}" '
            f'fill="none" stroke="currentColor" stroke-width="{stroke}"/>'
        )
        for row, line in enumerate(lines):
            y = middle - height / 2 + 7 + _LINE * (row + 0.75)
            drawn.append(f'<text x="{x + 10:g}" y="{y:g}" fill="currentColor">{escape(line)}</text>')
        return x, middle

    place(root, 0)
    width, height = (columns + 1) * (_WIDTH + _GAP_X) - _GAP_X + 2 * _GAP_Y, bottom
    about = escape(sentence(expression, lang, say))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img" lang="{lang}" '
        f'font-family="sans-serif" font-size="13"><title>{escape(result)}</title><desc>{about}</desc>'
        f"{''.join(drawn)}</svg>\n"
    )
