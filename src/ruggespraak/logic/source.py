"""A condition as plain Python: one line per node, three values, every intermediate value kept.

The source stands on its own (no import), so that it can be read, archived beside a decision, or run elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable

from ruggespraak.logic.expression import And, AtLeast, Compare, Expression, In, Kleene, Named, Not, Or, Unless
from ruggespraak.logic.finding import Answers, Finding


def nodes(expression: Expression) -> list[Expression]:
    """The distinct nodes of the tree, children before parents; the last one is the expression itself."""
    return list(dict.fromkeys(expression.walk()))


def python_source(expression: Expression, name: str = "evaluate") -> str:
    """A function ``name(a)`` from answers (id -> value or None) to the values of ``nodes(expression)``."""
    findings = sorted(expression.findings(), key=lambda finding: finding.id)
    local = {finding: f"f{index}" for index, finding in enumerate(findings)}
    number: dict[Expression, str] = {}
    body = [f"    {local[finding]} = get({finding.id!r})" for finding in findings]
    for index, node in enumerate(nodes(expression)):
        if isinstance(node, Finding | Named):  # another name for a value that is there already
            number[node] = local[node] if isinstance(node, Finding) else number[node.part]
        else:
            number[node] = f"v{index}"
            body.append(f"    v{index} = {_line(node, number, local)}")
    results = ", ".join(number.values())
    return "\n".join([f"def {name}(a):", "    get = a.get", *body, f"    return ({results},)", ""])


def _line(node: Expression, number: dict[Expression, str], local: dict[Finding, str]) -> str:
    values = [number[child] for child in node.children()]
    match node:
        case Compare(finding, operator, limit):
            return f"None if {local[finding]} is None else {local[finding]} {operator} {limit!r}"
        case In(finding, choices):
            return f"None if {local[finding]} is None else {local[finding]} in {tuple(sorted(choices))!r}"
        case Not():
            return f"None if {values[0]} is None else not {values[0]}"
        case And():
            return _first_of("False", "True", values)
        case Or():
            return _first_of("True", "False", values)
        case AtLeast(n):
            true = " + ".join(f"({value} is True)" for value in values) or "0"
            possible = " + ".join(f"({value} is not False)" for value in values) or "0"
            return f"True if {true} >= {n} else None if {possible} >= {n} else False"
        case Unless():
            return f"False if {values[1]} is True else {values[0]}"
    raise TypeError(f"no Python for {type(node).__name__}")


def _first_of(decisive: str, otherwise: str, values: list[str]) -> str:
    if not values:
        return otherwise
    found = " or ".join(f"{value} is {decisive}" for value in values)
    unknown = " or ".join(f"{value} is None" for value in values)
    return f"{decisive} if {found} else None if {unknown} else {otherwise}"


def compiled(expression: Expression) -> Callable[[Answers], tuple[Kleene, ...]]:
    """The same function, ready to call."""
    scope: dict[str, Callable[[Answers], tuple[Kleene, ...]]] = {}
    exec(python_source(expression), scope)
    return scope["evaluate"]
