"""Why a condition has the value it has, and what would change it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import product

from ruggespraak.logic.alphabet import Alphabet, Form, Literal, Reading
from ruggespraak.logic.expression import Expression, Kleene
from ruggespraak.logic.finding import Answers
from ruggespraak.logic.source import compiled, nodes


class Trace:
    """One evaluation: the value, the value of every node, and on request the reasons.

    ``values``: the value of each of ``evaluator.nodes``, in that order; the last is that of the whole.
    """

    __slots__ = ("answers", "evaluator", "values")

    def __init__(self, evaluator: Evaluator, answers: Answers, values: tuple[Kleene, ...]) -> None:
        self.evaluator = evaluator
        self.answers = answers
        self.values = values

    @property
    def value(self) -> Kleene:
        return self.values[-1]

    @property
    def nodes(self) -> list[tuple[Expression, Kleene]]:
        """Every node with its value, children before parents."""
        return list(zip(self.evaluator.nodes, self.values, strict=True))

    def reasons(self) -> list[Literal]:
        """The smallest set of known literals that already gives this value. Of an unknown value: none."""
        if self.value is None:
            return []
        implicants, reading = self.evaluator.implicants(self.value), self.evaluator.alphabet.read(self.answers)
        enough = [mask for mask in implicants if mask & ~reading.true == 0]
        return self.evaluator.alphabet.literals_in(enough[0]) if enough else []

    def would_change(self) -> list[Literal]:
        """The smallest set of literals that do not hold now and would turn the value round, if they did.

        For an unknown value: those that would make it true.
        """
        alphabet, goal = self.evaluator.alphabet, self.value is not True
        lacking = alphabet.everything & ~alphabet.read(self.answers).true
        implicants = self.evaluator.implicants(goal)
        for mask in sorted(implicants, key=lambda mask: ((mask & lacking).bit_count(), mask & lacking)):
            changes = alphabet.literals_in(mask & lacking)
            if self._turns(alphabet.literals_in(mask), changes, goal):
                return changes
        return []

    def _turns(self, literals: list[Literal], changes: list[Literal], goal: bool) -> bool:
        """Whether these changes can give this value: they may establish an exception, and then they do not."""
        changed = list(dict.fromkeys(literal.finding for literal in changes))
        fitting = []
        for finding in changed:
            asked = [literal for literal in literals if literal.finding == finding]
            values = self.evaluator.alphabet.samples(finding)
            fitting.append([value for value in values if all(literal.holds(value) for literal in asked)])
        ids = [finding.id for finding in changed]
        trials = (dict(zip(ids, values, strict=True)) for values in product(*fitting))
        return any(self.evaluator.run({**self.answers, **trial})[-1] is goal for trial in trials)


class Evaluator:
    """A condition made ready: compiled once, evaluated often, explained on demand."""

    def __init__(self, expression: Expression) -> None:
        self.expression = expression
        self.nodes = nodes(expression)
        self.run: Callable[[Answers], tuple[Kleene, ...]] = compiled(expression)
        self.alphabet = Alphabet()
        self._forms: dict[bool, Form] = {
            True: self.alphabet.form(expression),
            False: self.alphabet.form(expression, negate=True),
        }
        self._implicants: dict[bool, list[int]] = {}

    def __call__(self, answers: Answers) -> Trace:
        return Trace(self, answers, self.run(answers))

    def implicants(self, value: bool) -> list[int]:
        """The smallest sets of literals that give this value."""
        if value not in self._implicants:
            self._implicants[value] = self.alphabet.implicants(self._forms[value])
        return self._implicants[value]

    def bounds(self, answers: Answers) -> tuple[bool, bool]:
        """(certainly true, possibly true) over everything that is still unknown."""
        reading: Reading = self.alphabet.read(answers)
        form = self._forms[True]
        return form.holds(reading.true), form.holds(self.alphabet.possible(reading))


@lru_cache(maxsize=512)
def evaluator(expression: Expression) -> Evaluator:
    """The evaluator of this condition, made once."""
    return Evaluator(expression)


def evaluate(expression: Expression, answers: Answers) -> Trace:
    """Evaluates a condition with a full trace. To evaluate one condition often, keep its ``evaluator``."""
    return evaluator(expression)(answers)
