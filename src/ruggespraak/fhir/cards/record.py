"""What is known of the patient whose record is open, as the cards need it: the decision, and what stands beside it.

What could not be looked up is unknown, and so is what contradicts itself: both are said, and neither is ever a no.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from ruggespraak.consult import Advice, Case, Decision, decide
from ruggespraak.course.answers import WHO_ONE_IS, signs
from ruggespraak.fhir.cards.card import says, section
from ruggespraak.fhir.cards.services import NEEDED
from ruggespraak.fhir.read.origin import Found, Origin, Reading
from ruggespraak.fhir.write.resource import cited, sources
from ruggespraak.fhir.write.words import alarm, complaint, reasons, standing
from ruggespraak.logic import Value
from ruggespraak.pathway.editions import edition
from ruggespraak.pathway.findings import VOCABULARY
from ruggespraak.pathway.rules import Act, Alarm, Recommendation, Urgency
from ruggespraak.pathway.texts import long_date, term, text, word

MOST = 6  # findings that a card lists to ask, and to examine (own choice)
RECENT = 365  # days that an answer or a problem is a reason to speak, where nothing is urgent (own choice)
NOTHING: Mapping[str, bool] = {}
COMPLAINTS = ("low_back_pain", "leg_pain")
NOT_A_COMPLAINT = WHO_ONE_IS | {"prior_imaging"}
INSTEAD = (
    Act.STAY_ACTIVE, Act.EXERCISE, Act.PHYSIOTHERAPY, Act.PARACETAMOL, Act.NSAID, Act.PSYCHOSOCIAL, Act.PAIN_TEAM,
    Act.DISCUSS_SURGERY,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What is known.

    ``back``: there is a complaint of the back, or somebody went through its questions. ``answers``: what was told, by
    day; ``lapsed``: of these the answers about this complaint that are too old to build on; ``origins``: where each
    finding comes from. ``lacking``: the keys of ``services`` that could not be looked up; True for one that was tried
    and failed, False for one that did not come. ``doubts``: lines on what of the record could not be used.
    """

    case: Case
    decision: Decision
    lang: str
    back: bool = True
    answers: Mapping[date, Mapping[str, Value]] = field(default_factory=dict)
    lapsed: Mapping[str, Value] = field(default_factory=dict)
    origins: Mapping[str, Origin] = field(default_factory=dict)
    lacking: Mapping[str, bool] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Nothing failed, and nothing that is needed did not come."""
        return not self.missed

    @property
    def missed(self) -> list[str]:
        """What may hold an alarm, and is not here: whatever failed, and what is needed and did not come."""
        return [key for key, tried in self.lacking.items() if tried or key in NEEDED]

    @property
    def label(self) -> str:
        """Whose word the cards are."""
        rules = edition(self.case.edition)
        return f"Ruggespraak: {rules.title[self.lang]}"

    @property
    def how_soon(self) -> str:
        """The urgency, as a care giver says it; while alarm questions are open, "routine" is not an answer yet."""
        if self.decision.cannot_be_said:
            return says("not_said", self.lang)
        return word(f"urgency.{self.decision.urgency}.name", self.lang)

    @property
    def alarms(self) -> list[Alarm]:
        """The established alarms, the most urgent first."""
        rules = edition(self.case.edition)
        found = [rule for id in self.decision.established if isinstance(rule := rules.rule(id), Alarm)]
        return sorted(found, key=lambda rule: -rule.urgency)

    @property
    def planned(self) -> frozenset[Act]:
        """What the plan does."""
        return frozenset(act for one in self.decision.plan for act in one.does)

    @property
    def forbidden(self) -> frozenset[Act]:
        """What must not be done now."""
        rules = edition(self.case.edition)
        advised = [rules.rule(one.id) for one in self.decision.plan]
        named = [rule for rule in (*self.alarms, *advised) if isinstance(rule, Alarm | Recommendation)]
        return frozenset().union(*(rule.forbids for rule in named))

    @property
    def suspicion(self) -> str:
        """What is suspected, in words: the diseases, or else the alarms; the most urgent first."""
        if suspected := dict.fromkeys(rule.suspects for rule in self.alarms if rule.suspects):
            return ", ".join(text("suspects", id, "term", self.lang) for id in suspected)
        return ", ".join(text("alarms", rule.id, "name", self.lang) for rule in self.alarms)

    @property
    def unclear(self) -> str:
        """The alarm questions of which the answer stayed unclear: those that one answer makes worse than another."""
        asked = (id for id in self.decision.unclear if id in signs().findings and VOCABULARY[id].worse)
        return ", ".join(term(id, self.lang) for id in asked)

    @property
    def feared(self) -> bool:
        """It is urgent because an answer stayed unclear: what is established can wait for longer."""
        return self.urgent and all(one.urgency < self.decision.urgency for one in self.alarms)

    @property
    def topic(self) -> str:
        """What this is about: what is feared or suspected, or else the kind of complaint."""
        found = self.unclear if self.feared else self.suspicion
        return found or word(f"complaint.{self.decision.complaint}.term", self.lang)

    @property
    def urgent(self) -> bool:
        """Somebody must look within days, or sooner."""
        return self.decision.urgency >= Urgency.WITHIN_DAYS

    @property
    def indicator(self) -> str:
        """How a screen shows an alarm as urgent as this."""
        if self.decision.urgency >= Urgency.SAME_DAY:
            return "critical"
        return "warning" if self.urgent else "info"

    @property
    def excluded(self) -> bool:
        """Nothing that could still be told is more urgent than what is known."""
        return self.whole and self.decision.not_excluded <= self.decision.urgency


def record_of(reading: Reading, lang: str, lacking: Mapping[str, bool] = NOTHING) -> Record:
    """The record as it was read. ``lacking``: as the record has it."""
    case = reading.case(reading.on)
    decision = decide(case, lang)
    answers: dict[date, dict[str, Value]] = {}
    for one in (*reading.older, *reading.found.values()):
        if one.origin.on and one.value is not None and one.origin.code is None:
            answers.setdefault(one.origin.on, {})[one.finding] = one.value
    return Record(
        case=case,
        decision=decision,
        lang=lang,
        back=_is_about_a_back(reading, decision),
        answers=answers,
        lapsed=_lapsed(reading),
        origins={id: one.origin for id, one in reading.found.items()},
        lacking=lacking,
        doubts=tuple(_doubts(reading, decision, lacking, lang)),
    )


def _lapsed(reading: Reading) -> dict[str, Value]:
    """What was answered about this complaint and is too old to build on; not what was told before it began."""
    began = max((one.on for one in _complaints(reading) if one.code and one.on), default=date.min)
    told = (
        one for one in reading.stale if one.origin.on and one.origin.on >= began and _recent(one.origin, reading.on)
    )
    return {one.finding: one.value for one in told if one.value is not None}


def _is_about_a_back(reading: Reading, decision: Decision) -> bool:
    """A complaint that is there or likely; or somebody went through our questions and said no such thing as "no pain".

    What is longer ago than a year counts while it is urgent: a problem stays on a list for longer than it hurts.
    """
    if decision.urgency >= Urgency.WITHIN_DAYS and _asked(reading):
        return True
    if any(_recent(one, reading.on) for one in _complaints(reading)):
        return True
    denied = any(reading.found[id].value is False for id in COMPLAINTS if id in reading.found)
    return not denied and any(_recent(one.origin, reading.on) for one in _asked(reading))


def _complaints(reading: Reading) -> list[Origin]:
    """Where it says that there is, or may be, a complaint of the back."""
    said = [reading.found[id] for id in COMPLAINTS if id in reading.found]
    hinted = [one.origin for one in reading.hints if one.finding in COMPLAINTS]
    return [*(one.origin for one in said if one.value is True), *hinted]


def _asked(reading: Reading) -> list[Found]:
    """What was said in our own codes, beside who somebody is and what was done before."""
    return [one for id, one in reading.found.items() if one.origin.code is None and id not in NOT_A_COMPLAINT]


def _recent(origin: Origin, on: date) -> bool:
    return origin.on is None or (on - origin.on).days <= RECENT


def _doubts(reading: Reading, decision: Decision, lacking: Mapping[str, bool], lang: str) -> Iterator[str]:
    """What of the record could not be used, each in a line; nothing where there is nothing of its kind."""
    differ = [one[0].finding for one in reading.conflicts]
    hints = [one.finding for one in reading.hints if one.finding not in reading.found]
    for id, listed in (
        ("lacking", [says(f"data_{key}", lang) for key in lacking]),
        ("conflicting", [term(id, lang) for id in differ]),
        ("hinted", [term(id, lang) for id in hints]),
    ):
        names = list(dict.fromkeys(listed))
        if names:
            more = [says("more_open", lang, n=str(len(names) - MOST))] if len(names) > MOST else []
            yield says(id, lang, what="; ".join([*names[:MOST], *more]))
    if {one.finding for one in reading.stale} & {*decision.ask, *decision.examine}:
        yield says("too_old", lang)  # which those are stands among what to ask


# What a card says behind its summary


def detail(record: Record, *parts: list[str]) -> str:
    """These sections, and below them what of the record is doubtful and what nobody has reviewed."""
    lang = record.lang
    closing = f"*{word('word.not_device', lang)}. {word('word.awaiting_review', lang)}.*"
    beware = section("beware", record.doubts, lang)
    return "\n\n".join([*(line for part in parts for line in part), *beware, closing])


def to_do(record: Record) -> list[str]:
    """Who must see this patient, how soon, and what the care giver does."""
    lines = (
        f"{word(f'addressee.{one.to}', record.lang)}, {word(f'urgency.{one.when}.name', record.lang)}: "
        f"{cited(one.clinician_does, one.because, one.status, record.lang)}"
        for one in record.decision.refer
    )
    return section("do", lines, record.lang)


def instead(record: Record) -> list[str]:
    """What the plan holds for this complaint."""
    listed = (word(f"act.{act}", record.lang) for act in INSTEAD if act in record.planned)
    return section("instead", listed, record.lang)


def alarm_detail(record: Record) -> str:
    """Everything of an alarm: who does what, why, a picture and tests; and what to ask, while that is still of use."""
    ask = record.decision.urgency < Urgency.EMERGENCY
    return detail(
        record, to_do(record), because(record), picture(record), blood(record), still_open(record) if ask else [],
        cited_sources(record),
    )  # fmt: skip


def because(record: Record, *more: str) -> list[str]:
    """The alarms with the answers that establish them, and where those come from; which kind of complaint this is."""
    found, lang = record.decision, record.lang
    answers = dict.fromkeys(id for why in found.established.values() for id in why)
    lines = [
        *(alarm(one, found, lang) for one in record.alarms),
        *(_told(id, record.origins[id], lang) for id in answers if id in record.origins),
    ]
    return kind_of_complaint(record, *lines, *more)


def kind_of_complaint(record: Record, *before: str) -> list[str]:
    """Which kind of complaint this is, and how certain that is; after the lines ``before``."""
    found, lang = record.decision, record.lang
    return section("why", [*before, complaint(found, lang), *standing(found, lang)], lang)


def _told(finding: str, origin: Origin, lang: str) -> str:
    """Who says so, and of which day that is. No word of anybody else stands on a card, so none can turn it round."""
    who = says(f"told_by_{origin.by}" if origin.by else "told_in_record", lang)
    day = long_date(origin.on, lang) if origin.on else says("undated", lang)
    return f"{term(finding, lang)}: {who}, {day}"


def advice(record: Record, rule: Advice, *more: str) -> list[str]:
    """Why a rule of the plan says what it says: in words for a care giver, and the answers that made it so."""
    lang = record.lang
    lines = [cited(says(rule.id, lang), rule.because, rule.status, lang), "; ".join(reasons(rule.why, lang))]
    return kind_of_complaint(record, *lines, *more)


def picture(record: Record) -> list[str]:
    """Whether a picture is needed, on whose order, and by when."""
    found, lang = record.decision, record.lang
    if not found.imaging:
        return []
    use = says(f"picture_{found.imaging}", lang)
    by = f". {word(f'imaging_by.{found.imaging_by}', lang)}" if found.imaging_by else ""
    until = word("result.at_the_latest", lang).format(date=long_date(found.scan_by, lang)) if found.scan_by else ""
    return section("picture", [f"{use}{by}.", until and f"{until}."], lang)


def blood(record: Record) -> list[str]:
    """Tests, each with what it is for."""
    tests = dict.fromkeys(test for one in record.alarms for test in one.tests)
    return section("blood", (says(test, record.lang) for test in tests), record.lang)


def still_open(record: Record) -> list[str]:
    """What to ask and what to examine, the most alarming first; what stayed unclear comes before it."""
    found, lang = record.decision, record.lang
    asked = [*found.unclear, *(id for id in found.ask if id not in found.unclear)]
    return [
        *section("still_ask", _first(asked, lang), lang),
        *section("still_examine", _first(found.examine, lang), lang),
    ]


def _first(findings: list[str] | tuple[str, ...], lang: str) -> Iterator[str]:
    yield from (term(id, lang) for id in findings[:MOST])
    if len(findings) > MOST:
        yield says("more_open", lang, n=str(len(findings) - MOST))


def cited_sources(record: Record, *keys: str) -> list[str]:
    """What the keys stand for that this card names."""
    alarms = [key for one in record.alarms for key in one.because]
    referrals = [key for one in record.decision.refer for key in one.because]
    line = sources([*alarms, *referrals, *keys], record.lang)
    return [line] if line else []
