"""Property 10: when asking stops, no answer that is still to be had changes the decision; and none is asked in vain.

``consult.ask`` lists what is missing of the smallest sets of answers (implicants) that would reach a rung: a higher
urgency, another kind of complaint, another picture, another addressee, an alarm set aside. That a rung *can* be reached
by answers is one condition on the bits, because rules are monotone functions of them; so what asking looks for is said
here without its lists, from the same rungs. Two searches then:

- *enough*: somebody of whom nothing is asked any more, and who yet has answers that change the outcome;
- *not in vain*: somebody and a smallest set of answers that is asked for, which leaves the outcome as it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from ruggespraak.consult.ask import Rungs, rungs
from ruggespraak.consult.ready import Condition
from ruggespraak.pathway.findings import CLINICIAN, VOCABULARY
from ruggespraak.pathway.rules import Urgency
from ruggespraak.proof.decision import Symbolic
from ruggespraak.proof.patient import COUNTED_FROM, Patient
from ruggespraak.proof.properties import Subject, Wrong, Wrongs
from ruggespraak.proof.run import Bits, Choice, Truth, as_choice, either, every, no, same, some


def enough_asked(subject: Subject) -> Wrongs:
    """10: when nothing is asked any more, no answer that the person can still give changes the outcome."""
    it, later, asking = _asked(subject)
    stopped = no(some([*(rung.opening for rung in asking.climbs()), *asking.setting_aside()]))
    # What stayed unclear stays so, also by way of what follows from another answer.
    fitting = every([later.patient.contradicts_no_more_than(it.patient), no((it.unclear & later.known).any())])
    for name, change in changes(it, later):
        yield Wrong(name, every([stopped, fitting, change]), it.patient, later.patient)


def not_in_vain(subject: Subject) -> Wrongs:
    """10: everything that is asked has a completion that changes the outcome: each smallest set of answers does.

    What is asked in order to set an alarm aside needs no proof: ``consult.ask`` has then seen two completions of which
    the outcomes differ, and one of the two differs from now.
    """
    it, later, asking = _asked(subject)
    told = asking.told
    unchanged = no(some([*(change for _, change in changes(it, later)), asking.settles(later)]))
    fewer = {id: told & ~it.here.alphabet.masks.get(id, 0) for id in it.patient.ids}
    kept = {id: same(later.patient.known[id], it.patient.known[id]) for id in it.patient.ids}
    for base, climbs in groupby(asking.climbs(), lambda climb: climb.base):
        all_told, less_told = base | told, {id: base | rest for id, rest in fewer.items()}
        for climb in climbs:
            smallest = [it.on(climb.rung, all_told)]
            for id, mask in it.here.alphabet.masks.items():
                needed = no(it.on(climb.rung, less_told[id])) if mask & climb.rung.bits else False
                smallest.append(some([kept[id], needed]))
            dates = [kept[date] for date in COUNTED_FROM.values() if date in kept]
            wrong = every([climb.opening, *smallest, *dates, unchanged])
            yield Wrong(climb.name, wrong, it.patient, later.patient)


def _asked(subject: Subject) -> tuple[Symbolic, Symbolic, Asking]:
    """The decision now, the decision with more told, and what is asked for in between."""
    it = subject.decision
    later = Symbolic(answered(it.patient))
    return it, later, Asking(it, later.followed & it.not_asked & it.here.alphabet.everything)


def answered(patient: Patient) -> Patient:
    """The same person with more of what a person can tell. What stayed unclear stays so."""
    examined = {id for id in patient.ids if VOCABULARY[id].who == CLINICIAN}
    later = patient.fuller(fixed=examined, name="told")
    unsure = every(some([no(patient.unclear[id]), no(later.known[id])]) for id in patient.ids if id not in examined)
    return later.given(unsure)


def changes(before: Symbolic, after: Symbolic) -> Iterator[tuple[str, Truth]]:
    """Ways in which two outcomes differ: urgency, kind of complaint, imaging, addressees."""
    yield "urgency", no(before.urgency.equals(after.urgency))
    kinds = dict.fromkeys(before.here.complaints)
    yield "complaint", no(every(same(before.is_a(kind), after.is_a(kind)) for kind in kinds))
    yield "imaging", no(before.imaging.equals(after.imaging))
    yield "refer", no(before.refer.equals(after.refer))


@dataclass(frozen=True, slots=True)
class Climb:
    """A rung that answers of this person may still reach: when it is asked for, and on top of which bits."""

    name: str
    opening: Truth
    rung: Condition
    base: Bits


class Asking:
    """What ``consult.ask`` asks for, as conditions. ``told``: the literals (bits) that the person may still tell."""

    def __init__(self, it: Symbolic, told: Bits) -> None:
        self.it = it
        self.rungs: Rungs = rungs(it.here)
        self.told = told
        self.with_told = it.true | told
        self.with_all = it.true | it.not_asked

    def climbs(self) -> Iterator[Climb]:
        """Per rung whether a set of answers that only this person gives is asked for."""
        yield from self._urgency()
        yield from self._complaint()
        yield from self._imaging()
        yield from self._referral()

    def _urgency(self) -> Iterator[Climb]:
        it = self.it
        hesitant = it.true | it.unclear
        for level, rung in self.rungs.urgency.items():
            opening = every([self._below(level), it.on(rung, self.with_all)])
            yield Climb(f"urgency {level}", opening, rung, it.true)
            if level >= Urgency.SAME_DAY:  # R18
                reached = every([no(it.on(rung, hesitant)), it.on(rung, hesitant | it.not_asked)])
                opening = every([it.unclear.any(), self._below(Urgency(level - 1)), reached])
                yield Climb(f"R18 {level}", opening, rung, hesitant)

    def _below(self, level: Urgency) -> Truth:
        """The urgency is lower, without what R19 adds."""
        it = self.it
        by_r19 = every([it.urgency.values.get(int(Urgency.ROUTINE), False), no(self.lasting)])
        return no(either(by_r19, it.established.at_least(level), it.urgency.at_least(level)))

    def _first(self, conditions: list[Condition], place: int) -> Truth:
        """Some answers make this the first condition that holds; for all but the first those that are told."""
        it = self.it
        if place == 0:
            return it.on(conditions[0], self.with_all)
        earlier = some(it.on(condition, self.with_told) for condition in conditions[:place])
        return every([it.on(conditions[place], self.with_told), no(earlier)])

    def _complaint(self) -> Iterator[Climb]:
        it, kinds = self.it, self.it.here.complaints
        classes: list[Condition] = list(it.here.classes)
        for place, chosen in it.complaint.values.items():
            for earlier in range(place):
                if kinds[earlier] is not kinds[place]:
                    opening = every([chosen, self._first(classes, earlier)])
                    yield Climb(f"complaint {kinds[earlier]}", opening, classes[earlier], it.true)

    def _imaging(self) -> Iterator[Climb]:
        uses, pictures = list(self.rungs.imaging), list(self.rungs.imaging.values())
        for place, use in enumerate(uses):
            opening = every([no(self.it.imaging.at_least(use)), self._first(pictures, place)])
            yield Climb(f"imaging {use}", opening, pictures[place], self.it.true)

    def _referral(self) -> Iterator[Climb]:
        it = self.it
        for to, rung in self.rungs.refer.items():
            opening = every([no(it.on(rung)), no(self._stays(to)), it.on(rung, self.with_all)])
            yield Climb(f"refer {to}", opening, rung, it.true)

    def settles(self, later: Symbolic) -> Truth:
        """What R19 adds as long as somebody was not asked (routine, the GP) is now there on its own account."""
        it = self.it
        gp = self.rungs.refer["gp"]
        changed = some([no(it.established.equals(later.established)), no(same(it.on(gp), later.on(gp)))])
        return every([no(self.lasting), changed])

    @cached_property
    def lasting(self) -> Truth:
        """A hard alarm stands, or is open because somebody does not know: what R19 adds stays, whatever is asked."""
        it = self.it
        return it.on(self.rungs.hard, it.true | it.unclear & ~it.not_examined)

    def _stays(self, to: str) -> Truth:
        it = self.it
        sent = it.refer.bits[it.here.addressees.index(to)]
        return every([sent, self.lasting]) if to == "gp" else sent

    # setting aside

    def setting_aside(self) -> Iterator[Truth]:
        """Per refutation whether it is asked for: by itself, or after those of the others that are told."""
        nothing = Bits([False] * self.it.width)
        for bit in self.sets:
            if not self._only_examined(bit):
                after = nothing
                for other, (also, mask) in self.sets.items():
                    if other != bit:
                        told = every([also, *(some([no(one), has]) for one, has in self._pairs(mask))])
                        after = after | Bits([every([told, one]) for one in mask.bits])
                yield from (self._sets_aside(bit, rest) for rest in (nothing, after))

    def _pairs(self, mask: Bits) -> Iterator[tuple[Truth, Truth]]:
        return zip(mask.bits, self.told.bits, strict=True)

    def _sets_aside(self, bit: int, rest: Bits) -> Truth:
        """Whether this refutation changes the outcome after what the rest sets aside."""
        asked, mask = self.sets[bit]
        both = mask | rest
        return every([asked, no(same_outcome(self.set_aside(both, both), self.set_aside(both, rest & ~mask)))])

    def _only_examined(self, bit: int) -> bool:
        (implicant,) = self.it.here.refutations[bit].implicants
        return bool(implicant & self.it.here.clinician)

    @cached_property
    def sets(self) -> dict[int, tuple[Truth, Bits]]:
        """Per refutation whether it can still set an alarm aside that stands or is feared, and what is missing."""
        it, found = self.it, {}
        available, feared = it.not_asked | it.not_examined, it.true | it.unclear
        for bit, refutation in it.here.refutations.items():
            (implicant,) = refutation.implicants  # every refutation of the pathway is one set of answers
            used = some(it.on(rule, feared) for rule in it.here.alarms if rule.bits & bit)
            standing = it.true.bits[bit.bit_length() - 1]
            missing = ~it.certain & implicant
            alive = every(some([no(need), has]) for need, has in zip(missing.bits, available.bits, strict=True))
            found[bit] = every([used, standing, alive]), missing
        return found

    def set_aside(self, told: Bits, certain: Bits) -> tuple[Choice, Choice, Choice, Bits]:
        """The outcome with these literals told too, those of ``certain`` with the power to set aside."""
        it = self.it
        bare = it.true & it.here.alphabet.everything
        true = it.program.run("standing", bare | told, it.certain | certain, it.unclear)
        nothing = Bits([False] * it.width)
        raw = it.program.run("outcome", true, nothing, it.unclear, nothing)
        return as_choice(raw[0]), as_choice(raw[4]), as_choice(raw[5]), raw[7]


def same_outcome(one: tuple[Choice, Choice, Choice, Bits], other: tuple[Choice, Choice, Choice, Bits]) -> Truth:
    """Two outcomes as ``Asking.set_aside`` gives them: urgency, kind of complaint, imaging, addressees."""
    return every([*(a.equals(b) for a, b in zip(one[:3], other[:3], strict=True)), one[3].equals(other[3])])
