"""What a person sees in the terminal: a question, an alarm, the result. Words come from the texts, order from here.

The result has one order, for everybody and in both languages (from NHS care cards, Thuisarts and GOV.UK): how urgent,
what it is and how sure, what to expect, what you do, when to phone, what is open, and where it comes from. Colour only
repeats what the words say. Nothing here decides anything.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

from rich.box import HEAVY, ROUNDED
from rich.console import Console, Group
from rich.panel import Panel
from rich.rule import Rule
from rich.text import Text

from ruggespraak.consult import Advice, Case, Decision, Refer, Screen
from ruggespraak.pathway.editions import edition
from ruggespraak.pathway.findings import CLINICIAN, VOCABULARY
from ruggespraak.pathway.rules import Alarm, Complaint, Recommendation, Status, Urgency
from ruggespraak.pathway.texts import choice, item, long_date, table, term, text, told, word

COLOURS = {
    Urgency.EMERGENCY: "red",
    Urgency.SAME_DAY: "red",
    Urgency.WITHIN_DAYS: "yellow",
    Urgency.ROUTINE: "cyan",
    Urgency.SELF_CARE: "green",
}
MOST_LISTED = 8  # questions that a lay person sees by name of those still open
SENTENCE = re.compile(r"(?<=[.?!])\s+")
OF_THE_LEAFLET = re.compile(r"S\d+")


# Words


def headline(decision: Decision, lang: str, audience: str) -> str:
    """How soon, in one line. While alarm questions are open, "routine" is not an answer yet (PATHWAY §4, R19)."""
    if decision.unsaid and decision.urgency <= Urgency.ROUTINE:
        return word("word.not_said_yet", lang)
    part = "name" if audience == "clinician" else "headline"
    return _sentence(word(f"urgency.{decision.urgency}.{part}", lang))


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


@cache
def _sources() -> Mapping[str, Mapping[str, str]]:
    """The list of sources, by key. "Idem" is written out: here a source does not stand below the one it belongs to."""
    found: dict[str, Mapping[str, str]] = {}
    whole = ""
    listed = files("ruggespraak.pathway").joinpath("sources.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(listed.splitlines()):
        title, part = row["title"], row["title"].removeprefix("idem, ")
        if title == part:
            whole = title.partition(":")[0]
        found[row["key"]] = {**row, "title": title if title == part else f"{whole}: {part}"}
    return found


# The page


class _Page:
    """One result on one console: remembers the sources that were named, so that each has a number."""

    def __init__(self, decision: Decision, lang: str, audience: str, console: Console) -> None:
        self.decision, self.lang, self.console = decision, lang, console
        self.for_clinician = audience == "clinician"
        self.audience = audience
        # Where somebody must phone now or today, a lay person reads of nothing that can come later.
        self.presses = not self.for_clinician and decision.urgency >= Urgency.SAME_DAY
        self.edition = edition(decision.edition.partition("@")[0])
        self.numbers: dict[str, int] = {}
        self.leaflet: set[str] = set()
        self.marks: set[Status] = set()
        self.apart = False

    def word(self, name: str, **values: object) -> str:
        found = word(name, self.lang)
        return found.format(**values) if values else found

    def day(self, day: date) -> str:
        return long_date(day, self.lang)

    def finding(self, finding: str) -> str:
        return _sentence(term(finding, self.lang)) if self.for_clinician else item(finding, self.lang)

    def alarm(self, id: str) -> Alarm:
        found = self.edition.rule(id)
        assert isinstance(found, Alarm)
        return found

    def advice(self, *sections: str, audience: str = "patient") -> list[Advice]:
        """The lines of the plan in these sections, meant for this reader."""
        return [
            one
            for section in sections
            for one in self.decision.plan
            if one.section == section and self._meant_for(one) == audience
        ]

    def _meant_for(self, advice: Advice) -> str:
        rule = self.edition.rule(advice.id)
        assert isinstance(rule, Recommendation)
        return rule.audience

    def mark(self, because: Iterable[str], status: str = Status.READ) -> str:
        """The numbers of the sources, and how well the claim was seen where that is not "read in the source"."""
        numbers = set()
        for key in because:
            if OF_THE_LEAFLET.fullmatch(key):
                self.leaflet.add(key)
                key = "S"
            numbers.add(self.numbers.setdefault(key, len(self.numbers) + 1))
        names = [",".join(str(number) for number in sorted(numbers))] if numbers else []
        seen = Status(status) if numbers else Status.OWN_CHOICE
        self.marks.add(seen)
        if seen is not Status.READ:
            names.append(self.word(f"mark.{seen}"))
        return f"[{', '.join(names)}]"

    def gap(self) -> None:
        """One empty line, never two."""
        if not self.apart:
            self.console.print()
        self.apart = True

    def heading(self, words: str) -> None:
        self.gap()
        self.console.print(Rule(Text(words, style="bold"), align="left", style="dim"))
        self.console.print()

    def under(self, words: str) -> None:
        self.gap()
        self.say(words, style="bold")

    def say(self, words: str, mark: str = "", style: str = "") -> None:
        self.rows([("", _marked(words, mark, style))])

    def points(self, lines: Iterable[str], mark: str = "") -> None:
        listed = list(lines)
        self.rows(("•", _marked(line, mark if line is listed[-1] else "")) for line in listed)

    def rows(self, rows: Iterable[tuple[str, Text]], style: str = "") -> None:
        show_rows(rows, self.console, style)
        self.apart = False

    def plan(self, advices: Iterable[Advice]) -> None:
        for one in advices:
            self.say(one.text, self.mark(one.because, one.status))
            self.gap()


def _marked(words: str, mark: str, style: str = "") -> Text:
    found = Text(words, style=style)
    return found.append(f" {mark}", style="dim not bold") if mark else found


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


# The result


def show(decision: Decision, lang: str, audience: str, console: Console) -> None:
    """The whole result, in its fixed order. ``audience``: patient, proxy or clinician."""
    page = _Page(decision, lang, audience, console)
    _how_urgent(page)
    _what_it_is(page)
    _what_to_expect(page)
    _what_you_do(page)
    _when_to_call(page)
    _what_is_open(page)
    _conflicts(page)
    _where_it_comes_from(page)


def show_alarm(decision: Decision, alarms: Iterable[str], lang: str, audience: str, console: Console) -> None:
    """The interruption: these alarms, and what to do at once."""
    page = _Page(decision, lang, audience, console)
    console.print(_card(page, _strongest([page.alarm(id) for id in alarms]), others=()))


def _how_urgent(page: _Page) -> None:
    decision = page.decision
    alarms = _strongest([page.alarm(id) for id in decision.established])
    highest = max((one.urgency for one in alarms), default=Urgency.SELF_CARE)
    others = []
    if decision.urgency >= Urgency.WITHIN_DAYS and decision.urgency > highest:
        others.append("R18")  # an alarm that stayed unclear made it this urgent
    if decision.unsaid and decision.urgency <= Urgency.ROUTINE:
        others.append("R19")  # it says "not yet": beside anything urgent it would weaken that
    page.gap()
    page.console.print(_card(page, alarms, others))
    page.apart = False


def _strongest(alarms: list[Alarm]) -> list[Alarm]:
    """The most urgent first; of one red flag (a row of PATHWAY §4) only its most urgent form."""
    highest = {one.row: one.urgency for one in sorted(alarms, key=lambda one: one.urgency)}
    return sorted((one for one in alarms if one.urgency == highest[one.row]), key=lambda one: -one.urgency)


def _card(page: _Page, alarms: list[Alarm], others: Iterable[str]) -> Panel:
    """The care card: how soon, why, and where it presses also what to do now.

    "No alarm sign" is said only where nothing alarming was told and nothing unclear counts as one: beside "phone now"
    it would only confuse.
    """
    decision, lang = page.decision, page.lang
    colour = COLOURS[decision.urgency]
    lines = [Text(headline(decision, lang, page.audience), style=f"bold {colour}")]
    if not alarms and "R18" not in others:
        lines.append(Text(page.word("word.no_alarm_told")))
    for one in alarms:
        words = text("alarms", one.id, "name" if page.for_clinician else "says", lang)
        lines.append(_marked(words, page.mark(one.because, one.status)))
    lines += [
        _marked(text("alarms", id, "name" if page.for_clinician else "says", lang), page.mark(())) for id in others
    ]
    if decision.urgency >= Urgency.SAME_DAY and decision.refer:
        first = decision.refer[0]
        if page.for_clinician:
            lines.append(Text(first.clinician_does, style="bold"))
        lines.append(Text(first.patient_does, style="" if page.for_clinician else "bold"))
    spaced = [part for line in lines for part in (line, Text())][:-1]
    return Panel(
        Group(*spaced),
        title=Text(page.word("word.how_urgent")),
        title_align="left",
        border_style=colour,
        box=HEAVY if decision.urgency >= Urgency.SAME_DAY else ROUNDED,
        padding=(1, 2),
    )


def _what_it_is(page: _Page) -> None:
    decision = page.decision
    part = "term" if page.for_clinician else "name"
    page.heading(page.word("word.what_it_is"))
    page.say(_sentence(page.word(f"complaint.{decision.complaint}.{part}")), style="bold")
    if decision.certainty:
        page.say(f"{page.word('word.how_sure')}: {page.word(f'certainty.{decision.certainty}')}")
    course = [
        page.word(f"{name}.{value}")
        for name, value in (("phase", decision.phase), ("pattern", decision.pattern))
        if value
    ]
    if course:
        page.say(page.word("result.how_long", what=", ".join(course)))
    if decision.also:
        page.say(page.word("result.also", what=page.word(f"complaint.{decision.also}.{part}")))
    if decision.suspected:
        names = "; ".join(text("suspects", id, part, page.lang) for id in decision.suspected)
        page.say(page.word("result.suspected" if page.for_clinician else "not_excluded", what=names))
    page.gap()
    page.plan(page.advice("what_it_is"))


def _what_to_expect(page: _Page) -> None:
    page.heading(page.word("word.what_to_expect"))
    page.plan(page.advice("expect") or _when_over(page))


def _when_over(page: _Page) -> list[Advice]:
    """The answer to "when is it over". Where the plan knows nothing else to expect, this is what to expect."""
    return [one for one in page.advice("questions") if _question(one) == "when_over"]


def _question(advice: Advice) -> str | None:
    """The question that this line of the plan answers, of those that everybody asks first."""
    return next((id for id in table("words")["question"] if advice.id.startswith(id)), None)


def _what_you_do(page: _Page) -> None:
    page.heading(page.word("word.what_you_do"))
    if page.for_clinician:
        _clinician_does(page)
    else:
        _who_will_help(page)
    for section in ("now", "today", "week") if page.presses else ("now", "today", "week", "later"):
        if advices := page.advice(section):
            page.under(page.word(f"section.{section}"))
            page.plan(advices)
    if not page.for_clinician:
        _picture(page)
        _tests(page)
    elif kept := page.advice("not_useful"):
        page.under(page.word("section.not_useful"))
        page.plan(kept)
    _questions(page)


def _who_will_help(page: _Page) -> None:
    """Who helps, and by when. Where it presses, only what is as urgent: anything later would speak against it."""
    refer = page.decision.refer
    on_the_card = {refer[0].patient_does} if refer and page.presses else set()
    if page.presses:
        refer = tuple(one for one in refer if one.when >= page.decision.urgency)
    lines = {_by_when(page, one): one for one in refer if one.patient_does not in on_the_card}
    if lines:
        page.under(page.word("word.who_will_help"))
    for line, one in lines.items():
        page.say(line, page.mark(one.because))
        page.gap()


def _by_when(page: _Page, refer: Refer) -> str:
    """What the patient does, with the last day for it where it is not today."""
    if refer.when >= Urgency.SAME_DAY:
        return refer.patient_does
    last = page.decision.on + timedelta(hours=refer.within_hours)
    return f"{refer.patient_does} {page.word('result.at_the_latest', date=page.day(last))}."


def _clinician_does(page: _Page) -> None:
    decision = page.decision
    advices = page.advice("now", "today", "week", "later", audience="clinician")
    page.under(page.word("result.clinician_does"))
    for one in decision.refer:
        to = page.word(f"addressee.{one.to}")
        page.say(f"{to} ({page.word(f'urgency.{one.when}.name')})", style="bold")
        page.say(one.clinician_does, page.mark(one.because))
        page.gap()
    page.plan(advices)
    _picture(page)
    _tests(page)
    if decision.refer:
        page.under(page.word("result.patient_does"))
        for does in dict.fromkeys(_by_when(page, one) for one in decision.refer):
            page.say(does)


def _picture(page: _Page) -> None:
    """An X-ray or scan: what it is worth, whose order it is, by when."""
    decision = page.decision
    page.under(page.word("word.picture"))
    advised = [] if page.for_clinician else page.advice("not_useful")
    if not advised:
        lines = [page.word(f"imaging.{'none' if decision.imaging is None else decision.imaging}")]
        if decision.imaging_by:
            lines.append(page.word(f"imaging_by.{decision.imaging_by}"))
        if decision.scan_by and not page.presses:
            lines.append(page.word("result.at_the_latest", date=page.day(decision.scan_by)))
        page.say(". ".join(lines) + ".")
    page.plan(advised)


def _tests(page: _Page) -> None:
    if page.decision.tests:
        page.under(page.word("word.tests"))
        page.points(f"{one['what']}. {one['because']}" for one in page.decision.tests)


def _questions(page: _Page) -> None:
    """What everybody asks first. Whom to phone stands with "when to phone"."""
    elsewhere = ["whom_do_i_phone"] + ([] if page.advice("expect") else ["when_over"])
    asked = [one for one in page.advice("questions") if _question(one) not in elsewhere]
    if asked:
        page.heading(page.word("section.questions"))
    for one in asked:
        page.under(page.word(f"question.{_question(one)}"))
        page.plan([one])


def _when_to_call(page: _Page) -> None:
    decision = page.decision
    page.heading(page.word("word.when_to_call"))
    for one in page.advice("safety_net"):
        first, *signs = SENTENCE.split(one.text)
        page.say(first)
        page.points(signs, page.mark(one.because, one.status))
    page.gap()
    page.plan(one for one in page.advice("questions") if _question(one) == "whom_do_i_phone")
    look, otherwise = ("result.next_look", "result.not_better")
    if decision.urgency >= Urgency.WITHIN_DAYS:
        look, otherwise = ("result.check_on", "result.not_seen")
    page.say(page.word(look, date=page.day(decision.review.on)), style="bold")
    review = page.edition.rule(decision.review.id)
    page.say(f"{decision.review.why} {page.word(otherwise)}", page.mark(review.because, review.status))


def _what_is_open(page: _Page) -> None:
    decision = page.decision
    page.heading(page.word("result.open"))
    if decision.not_excluded > decision.urgency:
        page.say(
            page.word("result.not_excluded", what=page.word(f"urgency.{decision.not_excluded}.name"))
            if page.for_clinician
            else page.word("result.may_be_sooner")
        )
    _listed(page, "word.still_to_ask", decision.ask)
    _listed(page, "word.unclear", decision.unclear)
    page.gap()
    if not (decision.ask or decision.unclear):
        page.say(page.word("result.nothing_open"))
        page.gap()
    if page.for_clinician:
        if decision.not_examined > decision.urgency:
            name = page.word(f"urgency.{decision.not_examined}.name")
            page.say(page.word("result.not_examined", what=name))
        _listed(page, "word.to_examine", decision.examine)
    elif _examination_counts(decision):
        page.say(page.word("result.examination_counts"))


def _examination_counts(decision: Decision) -> bool:
    """Whether a lay person is told that an examination may show something more urgent (DESIGN §4).

    Only where a symptom points there or a question about it is open. A plain back with every alarm denied is the one
    case where neither is so ("probable" is said of nonspecific back pain only then): there it would only frighten.
    """
    plain = decision.complaint is Complaint.NONSPECIFIC and decision.certainty == "probable"
    return decision.not_examined > decision.urgency and not plain


def _listed(page: _Page, title: str, findings: tuple[str, ...]) -> None:
    """Findings by name: all of them for a clinician, in one paragraph; the most alarming ones for anybody else."""
    if not findings:
        return
    page.under(page.word(title))
    if page.for_clinician:
        page.say(f"{_sentence('; '.join(term(id, page.lang) for id in findings))}.")
        return
    names = [item(id, page.lang) for id in findings[:MOST_LISTED]]
    if len(findings) > MOST_LISTED:
        names.append(page.word("result.and_more", n=len(findings) - MOST_LISTED))
    page.points(names)


def _conflicts(page: _Page) -> None:
    if page.decision.conflicts:
        page.heading(page.word("word.conflicts"))
        page.points(one["text"] for one in page.decision.conflicts)


def _where_it_comes_from(page: _Page) -> None:
    page.heading(page.word("word.sources"))
    page.rows([(str(n), Text(_source(page, key))) for key, n in page.numbers.items()], style="dim")
    page.gap()
    for status in Status:
        if status in page.marks:
            page.say(page.word(f"legend.{status}"), style="dim")
    page.gap()
    name = f"{page.edition.title[page.lang]}, {page.edition.version}"
    page.say(f"{page.word('result.made_on', date=page.day(page.decision.on), edition=name)}.", style="dim")
    page.say(f"{page.word('result.read_again', date=page.day(page.edition.review_by))}.", style="dim")
    page.say(f"{page.word('word.not_device')}. {page.word('word.awaiting_review')}.", style="dim")


def _source(page: _Page, key: str) -> str:
    if key == "S":
        return page.word("result.leaflet", sentences=", ".join(sorted(page.leaflet, key=lambda key: int(key[1:]))))
    row = _sources()[key]
    made = ", ".join(part for part in (row["organisation"], row["year"]) if part != "–")
    return f"{row['title']}. {made}." if made else f"{row['title']}."


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
            show_rows([("•", Text(_sentence(line))) for line in lines], console)


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
        return [(str(n), Text(_sentence(choice(finding, value, lang)))) for n, value in enumerate(asked.choices, 1)]
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
