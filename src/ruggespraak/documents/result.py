"""What a decision says to one reader, as a document: the same on a screen, on paper and in a terminal.

One order, for everybody and in both languages (from NHS care cards, Thuisarts and GOV.UK): how urgent, what it is and
how sure, what to expect, what you do, your first questions, a picture or not, when to come back and when to phone at
once, who will help, what is open, and where it comes from. Words come from the texts. Nothing here decides anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, timedelta

from ruggespraak.consult import Advice, Decision, Refer
from ruggespraak.documents.content import Block, Card, Document, Mark, Paragraph, Part, Points, Section
from ruggespraak.documents.prognosis import expectations
from ruggespraak.documents.sources import Sources
from ruggespraak.pathway.editions import edition
from ruggespraak.pathway.rules import Alarm, Complaint, Recommendation, Urgency
from ruggespraak.pathway.texts import item, long_date, table, term, text, word

MOST_LISTED = 8  # questions that a lay person sees by name of those still open
NOT_THE_GP = ("ambulance", "surgical_team")  # who is phoned instead of the GP or huisartsenpost
OPEN = "open"  # the level of a card while it cannot be said yet
SENTENCE = re.compile(r"(?<=[.?!])\s+")


def result(decision: Decision, lang: str, audience: str = "patient") -> Document:
    """The whole result in words. ``audience``: patient, proxy or clinician."""
    return _Result(decision, lang, audience).document()


def drawn_result(decision: Decision, lang: str, audience: str, days: float | None) -> Document:
    """The whole result, with pictures of what to expect. ``days``: how long the pain is there, if that is known."""
    return _Result(decision, lang, audience).document(
        lambda sources: expectations(decision, days, lang, sources),
    )


def alarm_card(decision: Decision, alarms: Iterable[str], lang: str, audience: str = "patient") -> Card:
    """The interruption: these alarms, and what to do at once. Where it comes from, the result says."""
    here = _Result(decision, lang, audience)
    card = here.card(here.strongest([here.alarm(id) for id in alarms]), others=())
    bare = (replace(block, mark=None) if isinstance(block, Paragraph) else block for block in card.blocks)
    return replace(card, blocks=tuple(bare))


def headline(decision: Decision, lang: str, audience: str = "patient") -> str:
    """How soon, in one line. While alarm questions are open, "routine" is not an answer yet (PATHWAY §4, R19)."""
    if decision.cannot_be_said:
        return word("word.not_said_yet", lang)
    part = "name" if audience == "clinician" else "headline"
    return sentence(word(f"urgency.{decision.urgency}.{part}", lang))


def sentence(words: str) -> str:
    """The words with a capital in front."""
    return words[:1].upper() + words[1:]


class _Result:
    """One decision for one reader; numbers the sources in the order in which they are named."""

    def __init__(self, decision: Decision, lang: str, audience: str) -> None:
        self.decision, self.lang = decision, lang
        self.audience = audience
        self.for_clinician = audience == "clinician"
        # Where somebody must phone now or today, a lay person reads of nothing that can come later.
        self.presses = not self.for_clinician and decision.urgency >= Urgency.SAME_DAY
        self.edition = edition(decision.edition.partition("@")[0])
        self.sources = Sources(lang)

    def document(self, drawn: Callable[[Sources], tuple[Block, ...]] = lambda _sources: ()) -> Document:
        card = self.card_of_the_result()
        helpers = "result.patient_does" if self.for_clinician else "word.who_will_help"
        made = (
            Section("what_it_is", self.word("word.what_it_is"), tuple(self.what_it_is())),
            Section("what_to_expect", self.word("word.what_to_expect"), (*self.what_to_expect(), *drawn(self.sources))),
            Section("what_you_do", self.word("word.what_you_do"), tuple(self.what_you_do())),
            Section("questions", self.word("section.questions"), tuple(self.questions())),
            Section("picture", self.word("word.picture"), tuple(self.picture())),
            Section("when_to_call", self.word("word.when_to_call"), tuple(self.when_to_call())),
            Section("who_will_help", self.word(helpers), tuple(self.who_will_help())),
            Section("open", self.word("result.open"), tuple(self.open())),
            Section("conflicts", self.word("word.conflicts"), tuple(self.conflicts())),
        )
        return Document(
            lang=self.lang,
            title=self.word("result.title"),
            card=card,
            sections=tuple(section for section in made if section.blocks),
            sources=self.sources.listed(),
            notes=self.sources.notes(),
            closing=self.closing(),
        )

    # Words

    def word(self, name: str, **values: object) -> str:
        found = word(name, self.lang)
        return found.format(**values) if values else found

    def day(self, day: date) -> str:
        return long_date(day, self.lang)

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

    def plan(self, advices: Iterable[Advice]) -> list[Block]:
        return [Paragraph(one.text, self.sources.mark(one.because, one.status)) for one in advices]

    # How urgent

    def card_of_the_result(self) -> Card:
        decision = self.decision
        alarms = self.strongest([self.alarm(id) for id in decision.established])
        highest = max((one.urgency for one in alarms), default=Urgency.SELF_CARE)
        others = []
        if decision.urgency >= Urgency.WITHIN_DAYS and decision.urgency > highest:
            others.append("R18")  # an alarm that stayed unclear made it this urgent
        if decision.cannot_be_said:
            others.append("R19")  # it says "not yet": beside anything urgent it would weaken that
        return self.card(alarms, others)

    @staticmethod
    def strongest(alarms: list[Alarm]) -> list[Alarm]:
        """The most urgent first; of one red flag (a row of PATHWAY §4) only its most urgent form."""
        highest = {one.row: one.urgency for one in sorted(alarms, key=lambda one: one.urgency)}
        return sorted((one for one in alarms if one.urgency == highest[one.row]), key=lambda one: -one.urgency)

    def card(self, alarms: list[Alarm], others: Iterable[str]) -> Card:
        """How soon, why, and where it presses also what to do now.

        "No alarm sign" is said only where nothing alarming was told and nothing unclear counts as one: beside "phone
        now" it would only confuse.
        """
        decision, part = self.decision, "name" if self.for_clinician else "says"
        told = [(text("alarms", one.id, part, self.lang), self.sources.mark(one.because, one.status)) for one in alarms]
        told += [(text("alarms", id, part, self.lang), self.sources.mark(())) for id in others]
        blocks: list[Block] = [Paragraph(says, mark) for says, mark in told]
        if not alarms and "R18" not in others:
            none = "result.no_alarm_known" if self.for_clinician else "word.no_alarm_told"
            blocks.insert(0, Paragraph(self.word(none)))
        if "R18" in others and not self.for_clinician:
            blocks.append(Points(tuple(item(id, self.lang) for id in decision.unclear[:MOST_LISTED])))
        if decision.urgency >= Urgency.SAME_DAY and decision.refer:
            first = decision.refer[0]
            if self.for_clinician:
                blocks.append(Paragraph(first.clinician_does, strong=True))
            blocks.append(Paragraph(first.patient_does, strong=not self.for_clinician))
        level = OPEN if decision.cannot_be_said else str(decision.urgency)
        return Card(level, headline(decision, self.lang, self.audience), tuple(blocks))

    # The sections, in their order

    def what_it_is(self) -> list[Block]:
        decision, part = self.decision, "term" if self.for_clinician else "name"
        found: list[Block] = [Paragraph(sentence(self.word(f"complaint.{decision.complaint}.{part}")), strong=True)]
        if decision.certainty:
            sure = self.word(f"certainty.{decision.certainty}")
            found.append(Paragraph(self.word("result.how_sure", what=sure)))
        course = [
            self.word(f"{name}.{value}")
            for name, value in (("phase", decision.phase), ("pattern", decision.pattern))
            if value
        ]
        if course:
            found.append(Paragraph(self.word("result.how_long", what=", ".join(course))))
        if decision.also:
            found.append(Paragraph(self.word("result.also", what=self.word(f"complaint.{decision.also}.{part}"))))
        if decision.suspected:
            names = "; ".join(text("suspects", id, part, self.lang) for id in decision.suspected)
            found.append(Paragraph(self.word("result.suspected" if self.for_clinician else "not_excluded", what=names)))
        return found + self.plan(self.advice("what_it_is"))

    def what_to_expect(self) -> list[Block]:
        return self.plan(self.advice("expect") or self._when_over())

    def _when_over(self) -> list[Advice]:
        """The answer to "when is it over". Where the plan knows nothing else to expect, this is what to expect."""
        return [one for one in self.advice("questions") if _question(one) == "when_over"]

    def what_you_do(self) -> list[Block]:
        found: list[Block] = []
        if self.for_clinician:
            found += self._clinician_does()
        for section in ("now", "today", "week") if self.presses else ("now", "today", "week", "later"):
            if advices := self.advice(section):
                found.append(Part(self.word(f"section.{section}"), tuple(self.plan(advices)), section))
        return found

    def _clinician_does(self) -> list[Block]:
        blocks: list[Block] = []
        for one in self.decision.refer:
            to = self.word(f"addressee.{one.to}")
            blocks.append(Paragraph(f"{to} ({self.word(f'urgency.{one.when}.name')})", strong=True))
            blocks.append(Paragraph(one.clinician_does, self.sources.mark(one.because)))
        blocks += self.plan(self.advice("now", "today", "week", "later", audience="clinician"))
        return [Part(self.word("result.clinician_does"), tuple(blocks))] if blocks else []

    def questions(self) -> list[Block]:
        """What everybody asks first. Whom to phone stands with "when to phone"."""
        elsewhere = ["whom_do_i_phone"] + ([] if self.advice("expect") else ["when_over"])
        asked = [(_question(one), one) for one in self.advice("questions")]
        return [
            Part(self.word(f"question.{question}"), tuple(self.plan([one])), str(question), folded=True)
            for question, one in asked
            if question not in elsewhere
        ]

    def picture(self) -> list[Block]:
        """An X-ray or scan: what it is worth, whose order it is, by when; and the tests that help."""
        decision = self.decision
        advised = self.advice("not_useful")
        found = self.plan(advised)
        if self.for_clinician or not advised:
            lines = [self.word(f"imaging.{'none' if decision.imaging is None else decision.imaging}")]
            if decision.imaging_by:
                lines.append(self.word(f"imaging_by.{decision.imaging_by}"))
            if decision.scan_by and not self.presses:
                lines.append(self.word("result.at_the_latest", date=self.day(decision.scan_by)))
            found.insert(0, Paragraph(". ".join(lines) + "."))
        if decision.tests:
            tests = tuple(f"{one['what']}. {one['because']}" for one in decision.tests)
            found.append(Part(self.word("word.tests"), (Points(tests),), "tests"))
        return found

    def when_to_call(self) -> list[Block]:
        decision = self.decision
        look, otherwise = ("result.next_look", "result.not_better")
        if decision.urgency >= Urgency.WITHIN_DAYS:
            look, otherwise = ("result.check_on", "result.not_seen")
        review = self.edition.rule(decision.review.id)
        why = f"{decision.review.why} {self.word(otherwise)}"
        found: list[Block] = [
            Paragraph(self.word(look, date=self.day(decision.review.on)), strong=True),
            Paragraph(why, self.sources.mark(review.because, review.status)),
        ]
        for one in self.advice("safety_net"):
            first, *signs = SENTENCE.split(one.text)
            points = Points(tuple(signs), self.sources.mark(one.because, one.status))
            found.append(Part(self.word("section.safety_net"), (Paragraph(first), points), "safety_net"))
        if not (self.presses and decision.refer and decision.refer[0].to in NOT_THE_GP):
            found += [
                Part(self.word("question.whom_do_i_phone"), tuple(self.plan([one])), "whom_do_i_phone")
                for one in self.advice("questions")
                if _question(one) == "whom_do_i_phone"
            ]
        return found

    def who_will_help(self) -> list[Block]:
        """Who helps, and by when. Where it presses, only what is as urgent: anything later would speak against it."""
        refer = self.decision.refer
        on_the_card = {refer[0].patient_does} if refer and self.presses else set()
        if self.presses:
            refer = tuple(one for one in refer if one.when >= self.decision.urgency)
        lines: dict[str, Mark] = {}
        for one in refer:
            if one.patient_does not in on_the_card:
                lines.setdefault(self._by_when(one), self.sources.mark(one.because))
        return [Paragraph(line, mark) for line, mark in lines.items()]

    def _by_when(self, refer: Refer) -> str:
        """What the patient does, with the last day for it where it is not today."""
        if refer.when >= Urgency.SAME_DAY:
            return refer.patient_does
        last = self.decision.on + timedelta(hours=refer.within_hours)
        return f"{refer.patient_does} {self.word('result.at_the_latest', date=self.day(last))}."

    def open(self) -> list[Block]:
        decision = self.decision
        found: list[Block] = []
        if decision.not_excluded > decision.urgency:
            name = self.word(f"urgency.{decision.not_excluded}.name")
            found.append(
                Paragraph(
                    self.word("result.not_excluded", what=name)
                    if self.for_clinician
                    else self.word("result.may_be_sooner")
                )
            )
        found += self._listed("word.still_to_ask", decision.ask)
        found += self._listed("word.unclear", decision.unclear)
        if not (decision.ask or decision.unclear):
            found.append(Paragraph(self.word("result.nothing_open")))
        if self.for_clinician:
            if decision.not_examined > decision.urgency:
                name = self.word(f"urgency.{decision.not_examined}.name")
                found.append(Paragraph(self.word("result.not_examined", what=name)))
            found += self._listed("word.to_examine", decision.examine)
        elif _examination_counts(decision):
            found.append(Paragraph(self.word("result.examination_counts")))
        return found

    def _listed(self, title: str, findings: tuple[str, ...]) -> list[Block]:
        """Findings by name: all for a clinician, in one paragraph; the most alarming ones for anybody else."""
        if not findings:
            return []
        if self.for_clinician:
            names = sentence("; ".join(term(id, self.lang) for id in findings))
            return [Part(self.word(title), (Paragraph(f"{names}."),))]
        named = [item(id, self.lang) for id in findings[:MOST_LISTED]]
        if len(findings) > MOST_LISTED:
            named.append(self.word("result.and_more", n=len(findings) - MOST_LISTED))
        return [Part(self.word(title), (Points(tuple(named)),))]

    def conflicts(self) -> list[Block]:
        told = tuple(one["text"] for one in self.decision.conflicts)
        return [Points(told)] if told else []

    def closing(self) -> tuple[str, ...]:
        name = f"{self.edition.title[self.lang]}, {self.edition.version}"
        return (
            f"{self.word('result.made_on', date=self.day(self.decision.on), edition=name)}.",
            f"{self.word('result.read_again', date=self.day(self.edition.review_by))}.",
            f"{self.word('word.not_device')}. {self.word('word.awaiting_review')}.",
        )


def _question(advice: Advice) -> str | None:
    """The question that this line of the plan answers, of those that everybody asks first."""
    return next((id for id in table("words")["question"] if advice.id.startswith(id)), None)


def _examination_counts(decision: Decision) -> bool:
    """Whether a lay person is told that an examination may show something more urgent (DESIGN §4).

    Only where a symptom points there or a question about it is open. A plain back with every alarm denied is the one
    case where neither is so ("probable" is said of nonspecific back pain only then): there it would only frighten.
    """
    plain = decision.complaint is Complaint.NONSPECIFIC and decision.certainty == "probable"
    return decision.not_examined > decision.urgency and not plain
