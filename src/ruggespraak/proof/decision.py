"""What an edition decides for a patient of whom nothing is fixed: the source that ``consult`` runs, run on formulas."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from ruggespraak.consult.outcome import source
from ruggespraak.consult.ready import Condition, Ready
from ruggespraak.logic import Compare, Finding, Form, In, opposite
from ruggespraak.pathway.rules import Act, Complaint, Use
from ruggespraak.proof.patient import Patient
from ruggespraak.proof.run import Bits, Choice, Program, Truth, as_choice, every, no, some
from ruggespraak.proof.translate import Kleene, Translation


class Symbolic:
    """The decision of one edition for one patient, as formulas.

    The attributes that are Bits are those of ``consult.ready.Known``; those that are a Choice are the numbers of an
    outcome (``imaging`` counts -1 for none, ``complaint`` is a place in ``here.complaints``).
    """

    def __init__(self, patient: Patient) -> None:
        self.patient = patient
        self.here: Ready = patient.here
        alphabet = self.here.alphabet
        self.width = len(alphabet.literals) + len(alphabet.exceptions)
        parts = [self.here.follow_source, self.here.standing_source, source(self.here)]
        self.program = Program("\n".join(parts), self.width)
        self._read()
        self._literals = {literal.expression: literal.index for literal in alphabet.literals}
        self.means = Translation(self._meant)
        """Conditions by their expression, on the answers and what follows from them: what a rule says."""
        self._outcome()

    def _read(self) -> None:
        told, settled, said, doubtful = self.patient.told()
        clinician = Bits([bool(self.here.clinician >> bit & 1) for bit in range(self.width)])
        trusted = Bits([some([self.patient.by_clinician, no(bit)]) for bit in clinician.bits])
        reader = _Reader(self.here, self.program)
        read: tuple[Bits, ...] = reader.reading(told, settled, said, trusted, doubtful)
        self.true, self.certain, self.known, self.not_asked, self.unclear, self.not_examined = read
        self.followed = reader.followed

    def index_of(self, expression: Finding | Compare | In) -> int | None:
        """The place of this literal among the bits, if a rule asks it this way round."""
        return self._literals.get(expression)

    def _meant(self, expression: Finding | Compare | In) -> Kleene:
        if expression in self._literals:
            index = self._literals[expression]
            true = self.followed.bits[index]
            return true, every([self.known.bits[index], no(true)])
        if opposite(expression) in self._literals:
            index = self._literals[opposite(expression)]
            false = self.followed.bits[index]
            return every([self.known.bits[index], no(false)]), false
        return self.patient.says(expression)

    def _outcome(self) -> None:
        raw = self.program.run("outcome", self.true, self.not_asked, self.unclear, self.not_examined)
        self.urgency, self.established, self.not_excluded, self.examined = map(as_choice, raw[:4])
        self.complaint, self.imaging, self.imaging_not_excluded = map(as_choice, raw[4:7])
        self.refer: Bits = raw[7] if isinstance(raw[7], Bits) else as_choice(raw[7]).bits(self.width)
        self.open: Choice = as_choice(raw[8])

    # what holds

    def on(self, condition: Condition | Form, reading: Bits | None = None) -> Truth:
        """Whether a condition holds on these bits; as a rule on what is true."""
        form = condition.form if isinstance(condition, Condition) else condition
        reading = self.true if reading is None else reading
        return self.program.once(lambda _: self.program.holds(form.source(), reading), [reading], form)

    @cached_property
    def told(self) -> Bits:
        """As ``Known.told``."""
        return self.true | self.not_asked | self.unclear & ~self.not_examined

    @cached_property
    def may_be(self) -> Bits:
        """As ``Known.possible``."""
        return self.told | self.not_examined

    @cached_property
    def advised(self) -> dict[str, Truth]:
        """Per recommendation whether it stands in the plan."""
        return {rule.rule.id: self.on(rule) for rule in self.here.recommendations}

    @cached_property
    def suspected(self) -> dict[str, Truth]:
        """Per suspicion whether it is established."""
        found: dict[str, list[Truth]] = {}
        for rule in self.here.alarms:
            if rule.rule.suspects:
                found.setdefault(rule.rule.suspects, []).append(self.on(rule))
        return {name: some(truths) for name, truths in found.items()}

    def does(self, *acts: Act) -> Truth:
        """Whether the plan does one of these."""
        return some(self.advised[rule.rule.id] for rule in self.here.recommendations if rule.rule.does & set(acts))

    def is_a(self, complaint: Complaint) -> Truth:
        """Whether the kind of complaint is this one."""
        kinds = self.here.complaints
        return some(truth for place, truth in self.complaint.values.items() if kinds[place] is complaint)

    def sent(self, to: str) -> Truth:
        """Whether this person is sent to this addressee."""
        return self.refer.bits[self.here.addressees.index(to)] if to in self.here.addressees else False

    def pictured(self, use: Use | None) -> Truth:
        """Whether imaging is exactly this useful."""
        return self.imaging.values.get(-1 if use is None else int(use), False)


class _Reader:
    """``Ready.reading`` as it stands, with the two functions that it calls run on formulas."""

    reading: Any = Ready.reading

    def __init__(self, here: Ready, program: Program) -> None:
        self.person, self.clinician = here.person, here.clinician
        self._program = program

    def _follow(self, true: Bits, known: Bits, said: Bits) -> Any:
        self.followed, known, unclear = self._program.run("follow", true, known, said)
        return self.followed, known, unclear

    def _standing(self, true: Bits, certain: Bits, unclear: Bits) -> Any:
        return self._program.run("standing", true, certain, unclear)
