"""What the pathway says of every look in the records, as columns: the counterpart of ``consult.outcome``.

The rules are the edition's own, and so is the way in which answers are read (``consult.ready``): what follows from
what, that of two answers which disagree the more alarming one counts, and what may set an alarm aside. Those are
conditions too, so they are put into the rules here, as rules; what is left is Kleene's logic on columns (``to_ibis``).

A column that ends a question is true where a decision says so, false where no answer could still make it so, and NULL
in between.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, auto
from functools import cache

import ibis
import ibis.expr.types as ir

from ruggespraak.audit.engine import kept
from ruggespraak.audit.to_ibis import Stages, established, in_stages, possible, to_ibis, with_columns
from ruggespraak.logic import (
    NEVER,
    And,
    AtLeast,
    Compare,
    Expression,
    Finding,
    In,
    Named,
    Not,
    Or,
    Unless,
    all_of,
    any_of,
)
from ruggespraak.pathway.editions import EDITIONS
from ruggespraak.pathway.editions import edition as edition_by_id
from ruggespraak.pathway.findings import CLINICIAN
from ruggespraak.pathway.rules import Act, Alarm, Complaint, Edition, Recommendation, Tier, Urgency, Use

KINDS = tuple(kind for kind in Complaint if kind is not Complaint.UNDETERMINED)
LEVELS = tuple(level for level in sorted(Urgency, reverse=True) if level)
USES = tuple(sorted(Use, reverse=True))
SINCE = {"duration_days": "onset_date", "sick_listed_days": "sick_leave_start"}
"""Days that are counted from a date where nobody told their number (``consult.ready``)."""

# What the rules ask of a look beside its findings.
BY_ONSET = Finding("duration_by_onset", "number")  # days by the date of onset, where that differs from what was told
PASSED = Finding("days_passed", "number")  # where neither is known: it is at least so long; 0 where it is known
BY_CLINICIAN = Finding("by_clinician")
DOUBT = Finding("doubt")


def addressees() -> tuple[str, ...]:
    """Everybody to whom a rule of any edition sends people."""
    editions = map(edition_by_id, EDITIONS)
    return tuple(dict.fromkeys(one.to for here in editions for rule in _sending(here) for one in rule.refer))


def _sending(edition: Edition) -> tuple[Alarm | Recommendation, ...]:
    return (*edition.alarms, *edition.recommendations)


def _pictures_when(edition: Edition) -> list[Expression]:
    """The conditions of their own that pictures of alarms have."""
    return [when for alarm in edition.alarms for _, when in alarm.imaging if when is not None]


@cache
def needed(edition: Edition) -> tuple[Finding, ...]:
    """The findings that an outcome looks at, in the edition's order."""
    rules = (*_sending(edition), *edition.classes)
    asked = {finding.id for rule in rules for finding in rule.when.findings()}
    asked |= {finding.id for when in _pictures_when(edition) for finding in when.findings()}
    for one in reversed(edition.derivations):  # a later one may rest on what an earlier one fills in
        if one.finding in asked:
            asked |= {finding.id for finding in one.when.findings()}
    asked |= {date for days, date in SINCE.items() if days in asked}
    return tuple(finding for id, finding in edition.findings.items() if id in asked)


def decided(engine: ibis.BaseBackend, looks: ir.Table, edition: Edition, keep: Iterable[str] = ()) -> ir.Table:
    """The looks, and what the edition says of each; worked out once and kept on the engine.

    The columns of the findings give way to these; those of ``keep`` stay, with what follows from other answers.

    - ``established``, ``possible``: 0 to 4 (``Urgency``): the most urgent rule that holds, and that may still hold;
    - ``imaging``, ``imaging_open``: needed, consider, not_useful or NULL: what is established, and the most that any
      completion brings (``imaging_not_excluded`` of a decision);
    - ``complaint``: the kind that a decision says; ``is_KIND``: whether it is that under every completion, or none;
    - ``refer_TO``: some rule sends there (not R18 and R19, which send whoever was not sure to the GP);
    - ``does_ACT``, ``forbids_ACT``, ``alarm_ID``: of the plan, and of the edition's alarms;
    - ``unasked``: no hard alarm is established, and one that a person can answer is open. Never NULL.

    An answer "unclear" is unknown. Of advice that gives way to doubt (``Edition.careful``) a decision says no where
    the doubt is about that; the looks tell only that some answer was unclear, so then it is NULL.
    """
    findings = [finding.id for finding in needed(edition)]
    answers = _answers(looks, edition)
    told = [name for name in looks.columns if name not in findings]
    names, stages = _conditions(edition)
    table = with_columns(looks.select(*told, **answers), stages, [*told, *keep, *names])
    outcome = {**_urgency(table), **_imaging(table), **_complaint(table, edition), **_unasked(table)}
    plain = [name for name in names if not name.startswith(INNER)]
    return kept(engine, table.select(*told, *keep, *plain, **outcome), "decided")


# -- the answers, with what follows from them (consult.ready) ---------------------------------------------------------


def _answers(looks: ir.Table, edition: Edition) -> dict[str, ir.Value]:
    """Per finding and other column that a rule asks for what is known, in the order of the edition's derivations."""
    known: dict[str, ir.Value] = {finding.id: looks[finding.id] for finding in needed(edition)}
    for days, start in SINCE.items():
        if start in known:
            since = looks.date.delta(known[start], unit="day").cast("float64")
            if days == "duration_days":
                differs = (since - known[days]).abs() > 1
                known[BY_ONSET.id] = established(differs).ifelse(since, known[days].coalesce(since))
            known[days] = known[days].coalesce(since)
    unknown = known["duration_days"].isnull()
    known[PASSED.id] = unknown.ifelse(looks.at_least.coalesce(0), 0).cast("float64")
    rules = _Rules(edition)
    for one in edition.derivations:
        if one.finding in known:
            follows = established(to_ibis(rules.read(one.when), lambda finding: known[finding.id]))
            if not one.overrules:
                follows = follows & known[one.finding].isnull()
            known[one.finding] = follows.ifelse(one.value, known[one.finding])
    for finding in needed(edition):
        if finding.who == CLINICIAN:
            known[_given(finding).id] = known[finding.id].notnull()
    return known


def _given(finding: Finding) -> Finding:
    """Whether there is an answer. Never NULL."""
    return Finding(f"{finding.id}_given")


# -- the rules, with how answers are read -----------------------------------------------------------------------------


class _Mode(Enum):
    """What counts: what is known; what is certain (it may set an alarm aside); what a person can tell."""

    KNOWN, CERTAIN, TOLD = auto(), auto(), auto()


class _Rules:
    """Reads the conditions of an edition as ``consult.ready`` does."""

    def __init__(self, edition: Edition) -> None:
        self.careful = edition.careful
        in_alarms = [alarm.when for alarm in edition.alarms] + _pictures_when(edition)
        nodes = (node for condition in in_alarms for node in condition.walk())
        self.refutations = {node.exception for node in nodes if isinstance(node, Unless)}
        self.read = cache(self._read)

    def _read(self, condition: Expression, mode: _Mode = _Mode.KNOWN, denied: bool = False) -> Expression:
        """The condition as it counts in this mode. ``denied``: it stands under a Not, so its opposite must count.

        Where two answers disagree, a condition and its opposite can both be so: that is why it matters.
        """
        match condition:
            case Finding() | Compare() | In():
                return _literal(condition, mode, denied)
            case Named(_, part):
                return self.read(part, mode, denied)
            case Not(part):
                return Not(self.read(part, mode, not denied))
            case And(parts):
                return And(tuple(self.read(part, mode, denied) for part in parts))
            case Or(parts):
                return Or(tuple(self.read(part, mode, denied) for part in parts))
            case AtLeast(n, parts):
                return AtLeast(n, tuple(self.read(part, mode, denied) for part in parts))
            case Unless(part, exception) if denied:  # not this: not the part, or the exception
                return And((self.read(part, mode, denied), Not(self.read(exception, mode))))
            case Unless(part, exception):
                return self._unless(self.read(part, mode), exception)
        raise TypeError(f"no way to read {type(condition).__name__}")

    def _unless(self, part: Expression, exception: Named) -> Expression:
        """An alarm is set aside by what is certain; careful advice gives way to doubt too."""
        is_refutation = exception in self.refutations
        read = self.read(exception, _Mode.CERTAIN if is_refutation else _Mode.KNOWN)
        stands = Unless(part, read.named(exception.name))
        if is_refutation or exception.name not in self.careful:
            return stands
        return And((stands, Not(And((DOUBT, read)))))


def _literal(literal: Finding | Compare | In, mode: _Mode, denied: bool) -> Expression:
    (finding,) = literal.findings()
    read: Expression = literal
    if isinstance(literal, Compare) and finding.id == "duration_days":
        read = _lasting(literal, mode, denied)
    if finding.who != CLINICIAN or mode is _Mode.KNOWN:
        return read
    counts = BY_CLINICIAN if mode is _Mode.CERTAIN else _given(finding)
    return Or((read, Not(counts))) if denied else And((read, counts))


def _lasting(literal: Compare, mode: _Mode, denied: bool) -> Expression:
    """How long the pain is there: told, or by the date of onset, or at least since the first contact.

    Of two that disagree each counts where it is more alarming, and only what they agree on is certain.
    """
    both = (literal, Compare(BY_ONSET, literal.operator, literal.limit))
    by_answers = And(both) if denied is not (mode is _Mode.CERTAIN) else Or(both)
    by_records = Compare(PASSED, literal.operator, literal.limit)
    return Or((by_answers, by_records)) if literal.operator in (">", ">=") else And((by_answers, by_records))


# -- what all rules come to -------------------------------------------------------------------------------------------

INNER = "rules_"  # begins the name of a condition of which only what follows from it is told


@cache
def _conditions(edition: Edition) -> tuple[tuple[str, ...], Stages]:
    """The columns of which the outcome is made, and the stages that make them."""
    rules = _Rules(edition)
    here = {rule: rules.read(rule.when) for rule in _sending(edition)}

    def some(holds: Iterable[Alarm | Recommendation]) -> Expression:
        return any_of(here[rule] for rule in holds)

    found = {f"alarm_{alarm.id}": here[alarm] for alarm in edition.alarms}
    for to in addressees():
        found[f"refer_{to}"] = some(rule for rule in here if any(one.to == to for one in rule.refer))
    for act in Act:
        found[f"does_{act}"] = some(rule for rule in edition.recommendations if act in rule.does)
        found[f"forbids_{act}"] = some(rule for rule in here if act in rule.forbids)
    for level in LEVELS:
        found[f"{INNER}{level}"] = some(rule for rule in here if rule.urgency is level)
    pictures = [
        (image.use, here[alarm] if when is None else all_of([here[alarm], rules.read(when)]))
        for alarm in edition.alarms
        for image, when in alarm.imaging
    ]
    pictures += [(one.imaging.use, here[one]) for one in edition.recommendations if one.imaging]
    for use in USES:
        found[f"{INNER}{use}"] = any_of(condition for one, condition in pictures if one is use)
    for place, one in enumerate(edition.classes):
        found[f"{INNER}class_{place}"] = rules.read(one.when)
    for kind in KINDS:
        is_it = _is(kind, edition)
        found[f"{INNER}{kind}"] = rules.read(is_it)
        found[f"{INNER}surely_{kind}"] = rules.read(is_it, denied=True)
    hard = [alarm for alarm in edition.alarms if alarm.tier is Tier.HARD]
    found[f"{INNER}hard"] = some(hard)
    found[f"{INNER}hard_told"] = any_of(rules.read(alarm.when, _Mode.TOLD) for alarm in hard)
    return tuple(found), in_stages(found)


def _is(kind: Complaint, edition: Edition) -> Expression:
    """That the first class that holds is one of this kind."""
    found: Expression = NEVER
    for one in reversed(edition.classes):
        found = Or((one.when, found)) if one.complaint is kind else And((Not(one.when), found))
    return found


def _urgency(table: ir.Table) -> dict[str, ir.Value]:
    steps = [(table[f"{INNER}{level}"], int(level)) for level in LEVELS]
    return {
        "established": ibis.cases(*steps, else_=0).cast("int8"),
        "possible": ibis.cases(*((possible(holds), level) for holds, level in steps), else_=0).cast("int8"),
    }


def _imaging(table: ir.Table) -> dict[str, ir.Value]:
    steps = [(table[f"{INNER}{use}"], str(use)) for use in USES]
    return {
        "imaging": ibis.cases(*steps),
        "imaging_open": ibis.cases(*((possible(holds), use) for holds, use in steps)),
    }


def _complaint(table: ir.Table, edition: Edition) -> dict[str, ir.Value]:
    """The first class that holds; and per kind, whether it is that whatever is still answered."""
    steps = [(table[f"{INNER}class_{place}"], str(one.complaint)) for place, one in enumerate(edition.classes)]
    found: dict[str, ir.Value] = {"complaint": ibis.cases(*steps, else_=str(Complaint.UNDETERMINED))}
    for kind in KINDS:
        may_be, surely = table[f"{INNER}{kind}"], table[f"{INNER}surely_{kind}"]
        found[f"is_{kind}"] = surely | (may_be & ibis.null("boolean"))
    return found


def _unasked(table: ir.Table) -> dict[str, ir.Value]:
    return {"unasked": possible(table[f"{INNER}hard_told"]) & ~established(table[f"{INNER}hard"])}
