"""A condition as two formulas of Z3: when it is true, and when it is false. Where neither holds, it is unknown.

The one translation of the rules' language to Z3. Written from the truth tables in ``logic.expression``; a test compares
it with the interpreter and with compiled Python on random cases.
"""

from __future__ import annotations

from collections.abc import Callable

from ruggespraak.logic import And, AtLeast, Compare, Expression, Finding, In, Named, Not, Or, Unless
from ruggespraak.proof.run import Truth, at_least, every, no, some

Kleene = tuple[Truth, Truth]
"""(true, false); never both."""


class Translation:
    """Conditions over one patient. ``literal``: what this patient's answers say of the smallest conditions.

    ``exceptions``: another translation, by which an exception goes (an alarm is set aside on what is known only).
    """

    def __init__(
        self, literal: Callable[[Finding | Compare | In], Kleene], exceptions: Translation | None = None
    ) -> None:
        self._literal = literal
        self._exceptions = exceptions or self
        self._done: dict[Expression, Kleene] = {}

    def __call__(self, expression: Expression) -> Kleene:
        """When it is true, when it is false. Raises TypeError for a node that it does not know."""
        if expression not in self._done:
            self._done[expression] = self._translated(expression)
        return self._done[expression]

    def _translated(self, expression: Expression) -> Kleene:
        match expression:
            case Finding() | Compare() | In():
                return self._literal(expression)
            case Named(_, part):
                return self(part)
            case Not(part):
                true, false = self(part)
                return false, true
            case And(parts):
                return every(self(part)[0] for part in parts), some(self(part)[1] for part in parts)
            case Or(parts):
                return some(self(part)[0] for part in parts), every(self(part)[1] for part in parts)
            case AtLeast(n, parts):
                return (
                    at_least(n, [self(part)[0] for part in parts]),
                    at_least(len(parts) - n + 1, [self(part)[1] for part in parts]),
                )
            case Unless(part, exception):
                (true, false), (excepted, _) = self(part), self._exceptions(exception)
                return every([true, no(excepted)]), some([false, excepted])
        raise TypeError(f"no formula for {type(expression).__name__}")

    def possible(self, expression: Expression) -> Truth:
        """True, or unknown."""
        return no(self(expression)[1])
