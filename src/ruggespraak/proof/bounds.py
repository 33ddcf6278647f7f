"""Property 11: what a rule calls unknown can still turn out either way, and what it calls settled cannot.

Kleene's logic can be too careful: it calls "yes or no" unknown. Here is shown that for no rule that brings an urgency
it is, over every completion that ``read_case`` accepts. That some completion exists is itself found without a search
over completions: in negation normal form a finding of one polarity is best answered in that direction, whatever the
rest is; only findings of which no value satisfies every literal (numbers with several limits, choices, findings that
an exception turns round) are gone through value by value.
"""

from __future__ import annotations

from itertools import product

from ruggespraak.logic import (
    Alphabet,
    And,
    AtLeast,
    Expression,
    Form,
    Literal,
    Named,
    Not,
    Or,
    Unless,
)
from ruggespraak.pathway.rules import Alarm, Recommendation
from ruggespraak.proof.patient import COUNTED_FROM, Patient
from ruggespraak.proof.properties import Subject, Wrong, Wrongs
from ruggespraak.proof.run import Bits, Program, Truth, either, every, no, some


def urgent(subject: Subject) -> list[Alarm | Recommendation]:
    """The rules that bring an urgency."""
    return [*subject.here.edition.alarms, *(rule for rule in subject.here.edition.recommendations if rule.urgency)]


def bounds_exact(subject: Subject) -> Wrongs:
    """11: Kleene's bounds of every urgency rule are the exact ones; dates are days before a rule sees them."""
    patient = subject.patient
    fuller = patient.fuller(fixed=COUNTED_FROM.values(), name="completed")
    undated = no(some(patient.known[date] for date in COUNTED_FROM.values() if date in patient.known))
    for rule in urgent(subject):
        true, false = patient.says(rule.when)
        later_true, later_false = fuller.says(rule.when)
        newly = some(
            every([fuller.says(node.exception)[0], no(patient.says(node.exception)[0])])
            for node in rule.when.walk()
            if isinstance(node, Unless)
        )
        can_be, can_fail = completable(patient, rule.when, True), completable(patient, rule.when, False)
        yield Wrong(f"{rule.id} can be", every([undated, no(false), no(can_be)]), patient)
        yield Wrong(f"{rule.id} can fail", every([undated, no(true), no(can_fail)]), patient)
        yield Wrong(f"{rule.id} cannot be", every([undated, false, later_true]), patient, fuller)
        yield Wrong(f"{rule.id} cannot fail", every([undated, true, later_false, no(newly)]), patient, fuller)


def completable(patient: Patient, condition: Expression, wanted: bool) -> Truth:
    """Whether some completion gives this value: exact, over every value of every unknown finding."""
    alphabet = Alphabet()
    form = alphabet.form(without_exceptions(condition), negate=not wanted)
    program = Program("", len(alphabet.literals))
    told = [patient.says(literal.expression) for literal in alphabet.literals]
    by_finding: dict[str, list[Literal]] = {}
    for literal in alphabet.literals:
        by_finding.setdefault(literal.finding.id, []).append(literal)
    chosen = product(*(_best(alphabet, literals) for literals in by_finding.values()))
    return some(_filled(program, form, told, frozenset().union(*sets)) for sets in chosen)


def _filled(program: Program, form: Form, told: list[tuple[Truth, Truth]], answered: frozenset[int]) -> Truth:
    """The form where what is unknown makes exactly these literals true."""
    bits = [either(some(pair), pair[0], index in answered) for index, pair in enumerate(told)]
    return program.holds(form.source(), Bits(bits))


def _best(alphabet: Alphabet, literals: list[Literal]) -> list[frozenset[int]]:
    """What one answer to a finding can make true of its literals; what another answer only adds to is left out."""
    sets = {
        frozenset(one.index for one in literals if one.holds(value)) for value in alphabet.samples(literals[0].finding)
    }
    return [one for one in sets if not any(one < other for other in sets)]


def without_exceptions(condition: Expression) -> Expression:
    """The same for a patient of whom all is known: there an exception is an "and not"."""
    match condition:
        case Unless(part, exception):
            return And((without_exceptions(part), Not(without_exceptions(exception.part))))
        case Named(name, part):
            return Named(name, without_exceptions(part))
        case Not(part):
            return Not(without_exceptions(part))
        case And(parts):
            return And(tuple(map(without_exceptions, parts)))
        case Or(parts):
            return Or(tuple(map(without_exceptions, parts)))
        case AtLeast(n, parts):
            return AtLeast(n, tuple(map(without_exceptions, parts)))
    return condition
