"""What a person sees in the terminal: a question, an alarm, the result.

The result is the document that ``documents.result`` makes, drawn in letters; pictures are left out, and so is what a
page shows on request only. Colour only repeats what the words say. Nothing here decides anything.
"""

from __future__ import annotations

from collections.abc import Iterable

from rich.box import HEAVY, ROUNDED
from rich.console import Console, Group
from rich.panel import Panel
from rich.rule import Rule
from rich.text import Text

from ruggespraak.consult import Case, Decision, Screen
from ruggespraak.documents.content import Block, Card, Document, Mark, Paragraph, Part, Points
from ruggespraak.documents.result import MOST_LISTED, OPEN, alarm_card, result, sentence
from ruggespraak.pathway.findings import CLINICIAN, VOCABULARY
from ruggespraak.pathway.rules import Status, Urgency
from ruggespraak.pathway.texts import choice, item, table, term, told, word

COLOURS = {
    str(Urgency.EMERGENCY): "red",
    str(Urgency.SAME_DAY): "red",
    str(Urgency.WITHIN_DAYS): "yellow",
    str(Urgency.ROUTINE): "cyan",
    str(Urgency.SELF_CARE): "green",
    OPEN: "cyan",
}
PRESSING = (str(Urgency.EMERGENCY), str(Urgency.SAME_DAY))


# The result


def show(decision: Decision, lang: str, audience: str, console: Console) -> None:
    """The whole result, in its fixed order. ``audience``: patient, proxy or clinician."""
    _Page(result(decision, lang, audience), console).draw()


def show_alarm(decision: Decision, alarms: Iterable[str], lang: str, audience: str, console: Console) -> None:
    """The interruption: these alarms, and what to do at once."""
    console.print(_panel(alarm_card(decision, alarms, lang, audience), lang))


class _Page:
    """One document on one console."""

    def __init__(self, document: Document, console: Console) -> None:
        self.document, self.console = document, console
        self.apart = False

    def draw(self) -> None:
        document = self.document
        self.gap()
        if document.card:
            self.console.print(_panel(document.card, document.lang))
            self.apart = False
        for section in document.sections:
            self.heading(section.title)
            self.blocks(section.blocks)
        self.heading(word("word.sources", document.lang))
        self.rows([(str(one.number), Text(one.text)) for one in document.sources], style="dim")
        for lines in (document.notes, document.closing):
            self.gap()
            for line in lines:
                self.say(line, style="dim")

    def blocks(self, blocks: Iterable[Block]) -> None:
        """Prose with an empty line around it, lists close together."""
        for block in blocks:
            if isinstance(block, Paragraph):
                self.say(block.text, _mark(block.mark, self.document.lang), style="bold" if block.strong else "")
                if block.mark:
                    self.gap()
            elif isinstance(block, Points):
                mark = _mark(block.mark, self.document.lang)
                last = len(block.items)
                self.rows(("•", _marked(line, mark if n == last else "")) for n, line in enumerate(block.items, 1))
            elif isinstance(block, Part) and any(isinstance(one, Paragraph | Points) for one in block.blocks):
                self.gap()
                self.say(block.title, style="bold")
                self.blocks(block.blocks)
                self.gap()

    def gap(self) -> None:
        """One empty line, never two."""
        if not self.apart:
            self.console.print()
        self.apart = True

    def heading(self, words: str) -> None:
        self.gap()
        self.console.print(Rule(Text(words, style="bold"), align="left", style="dim"))
        self.console.print()

    def say(self, words: str, mark: str = "", style: str = "") -> None:
        self.rows([("", _marked(words, mark, style))])

    def rows(self, rows: Iterable[tuple[str, Text]], style: str = "") -> None:
        show_rows(rows, self.console, style)
        self.apart = False


def _mark(mark: Mark | None, lang: str) -> str:
    """The numbers of the sources, and how well the claim was seen where that is not "read in the source"."""
    if mark is None:
        return ""
    names = [",".join(str(number) for number in mark.numbers)] if mark.numbers else []
    if mark.status is not Status.READ:
        names.append(word(f"mark.{mark.status}", lang))
    return f"[{', '.join(names)}]"


def _marked(words: str, mark: str, style: str = "") -> Text:
    found = Text(words, style=style)
    return found.append(f" {mark}", style="dim not bold") if mark else found


def _panel(card: Card, lang: str) -> Panel:
    """The care card: how soon, why, and where it presses also what to do now."""
    colour = COLOURS[card.level]
    lines = [Text(card.title, style=f"bold {colour}")]
    for block in card.blocks:
        if isinstance(block, Paragraph):
            lines.append(_marked(block.text, _mark(block.mark, lang), "bold" if block.strong else ""))
        elif isinstance(block, Points):
            lines += [Text(f"• {one}") for one in block.items]
    spaced = [part for line in lines for part in (line, Text())][:-1]
    return Panel(
        Group(*spaced),
        title=Text(word("word.how_urgent", lang)),
        title_align="left",
        border_style=colour,
        box=HEAVY if card.level in PRESSING else ROUNDED,
        padding=(1, 2),
    )


def show_rows(rows: Iterable[tuple[str, Text]], console: Console, style: str = "") -> None:
    """Lines with a key in front, indented; what does not fit goes on below the words. No key: words alone.

    Wrapped here and not in a table of rich: that fills every line up with spaces.
    """
    listed = list(rows)
    widest = max((len(key) for key, _ in listed), default=0)
    for key, words in listed:
        front = f"  {key:>{widest}}  " if widest else "  "
        for line in words.wrap(console, console.width - len(front)):
            line.rstrip()
            console.print(Text.assemble((front, "bold"), line), style=style)
            front = " " * len(front)


def show_lines(lines: Iterable[str], console: Console, style: str = "") -> None:
    """Lines from the margin, wrapped without spaces at their ends."""
    for line in lines:
        for part in Text(line).wrap(console, console.width):
            part.rstrip()
            console.print(part, style=style)


# A person's answers


def show_case(case: Case, lang: str, audience: str, console: Console) -> None:
    """The answers of one person, in words: told, not known, denied (the most alarming first)."""
    named = term if audience == "clinician" else item
    said = [told(VOCABULARY[id], value, lang, audience) for id, value in case.answers.items() if value is not False]
    unclear = [named(id, lang) for id in VOCABULARY if id in case.unclear]
    denied = [named(id, lang) for id in _alarming_first(id for id, value in case.answers.items() if value is False)]
    if audience != "clinician" and len(denied) > MOST_LISTED:
        denied[MOST_LISTED:] = [word("result.and_more", lang).format(n=len(denied) - MOST_LISTED)]
    for title, lines in (
        ("answers.told", said),
        ("answers.unclear", unclear),
        ("answers.denied", ["; ".join(denied)] if audience == "clinician" and denied else denied),
    ):
        if lines:
            console.print()
            show_rows([("", Text(word(title, lang), style="bold"))], console)
            show_rows([("•", Text(sentence(line))) for line in lines], console)


def _alarming_first(findings: Iterable[str]) -> list[str]:
    """What stands on the alarm checklist first; the rest in the order that it had."""
    return sorted(findings, key=lambda id: table("findings")[id].get("screen") != "alarm")


# A question


def show_header(number: str, notes: Iterable[str], lang: str, console: Console) -> None:
    """What stands above every question: where we are, and what this is not."""
    show_lines([f"Ruggespraak · {number} · {word('ask.header', lang)}", *notes], console, style="dim")
    console.print()


def show_question(screen: Screen, hint: str, lang: str, audience: str, console: Console) -> None:
    """One question, or a checklist: what is asked, why, and what can be answered. ``hint``: how to type it."""
    one, several = screen.items[0], len(screen.items) > 1
    entry = table("screens")[screen.checklist] if several and screen.checklist else table("findings")[one]
    show_lines([entry["title" if several else "question"][lang]], console, style="bold")
    show_lines([entry["why"][lang]], console, style="dim")
    console.print()
    if several:
        rows = [(str(n), _item(id, lang, audience)) for n, id in enumerate(screen.items, 1)]
        rows += [("0", Text(entry["none"][lang])), ("?", Text(word("ask.dont_know", lang)))]
    else:
        rows = _ways_to_answer(one, hint, lang)
        rows.append(("?", Text(word("word.dont_know", lang))))
    show_rows(rows, console)
    console.print()
    if several:
        show_lines([hint], console)


def _item(finding: str, lang: str, audience: str) -> Text:
    """What the patient would say; for a clinician with the term beside it, where that is another word."""
    says, named = item(finding, lang), term(finding, lang)
    found = Text(says)
    if audience == "clinician" and VOCABULARY[finding].who != CLINICIAN and named.casefold() != says.casefold():
        found.append(f" · {named}", style="dim")
    return found


def _ways_to_answer(finding: str, hint: str, lang: str) -> list[tuple[str, Text]]:
    asked = VOCABULARY[finding]
    if asked.kind == "boolean":
        return yes_or_no(word("word.yes", lang), word("word.no", lang), lang)
    if asked.kind == "choice":
        return [(str(n), Text(sentence(choice(finding, value, lang)))) for n, value in enumerate(asked.choices, 1)]
    return [("", Text(hint))]


def show_others(rest: Iterable[str], lang: str, audience: str, console: Console) -> None:
    """The question about the points of a checklist that were not mentioned."""
    named = list(rest)
    examined = all(VOCABULARY[id].who == CLINICIAN for id in named)
    show_lines([word("ask.others_examined" if examined else "ask.others", lang)], console, style="bold")
    console.print()
    show_rows([("•", _item(id, lang, audience)) for id in named], console)
    console.print()
    rows = yes_or_no(word("ask.others_yes", lang), word("ask.others_no", lang), lang)
    show_rows([*rows, ("?", Text(word("word.dont_know", lang)))], console)
    console.print()


def yes_or_no(yes: str, no: str, lang: str) -> list[tuple[str, Text]]:
    return [(word("input.yes", lang).split()[0], Text(yes)), (word("input.no", lang).split()[0], Text(no))]
