"""A condition as an Ibis expression: one rule, unchanged, on DuckDB, Polars, PostgreSQL or Spark.

Unknown is NULL, and SQL's own ``and``, ``or`` and ``not`` are Kleene's. What is not Kleene's is not used on what can be
NULL: ``least`` and ``greatest`` pass over it, and ``sum`` does too. ``case`` takes it for no: only a count asks that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import reduce
from operator import and_, ge, gt, le, lt, or_

import ibis
import ibis.expr.types as ir

from ruggespraak.logic import And, AtLeast, Compare, Expression, Finding, In, Named, Not, Or, Unless

_COMPARED = {"<": lt, "<=": le, ">": gt, ">=": ge}
NO_CHOICE = ("",)  # no choice of any finding: "one of none" stays unknown while the choice is; SQL has no empty list


def to_ibis(expression: Expression, column: Callable[[Finding], ir.Column]) -> ir.BooleanValue:
    """The condition over these columns: true, false, or NULL while it is unknown.

    ``column``: where a finding's answers stand: booleans, numbers or texts (choices), NULL where unknown. Raises
    TypeError for a node that it does not know.
    """

    def kleene(node: Expression) -> ir.BooleanValue:
        match node:
            case Finding():
                return column(node)
            case Compare(finding, operator, limit):
                return _COMPARED[operator](column(finding), float(limit))
            case In(finding, choices):
                return column(finding).isin(sorted(choices) or NO_CHOICE)
            case Named(_, part):
                return kleene(part)
            case Not(part):
                return ~kleene(part)
            case And(parts):
                return reduce(and_, map(kleene, parts)) if parts else ibis.literal(True)
            case Or(parts):
                return reduce(or_, map(kleene, parts)) if parts else ibis.literal(False)
            case AtLeast(n, parts):
                return at_least(n, map(kleene, parts))
            case Unless(part, exception):
                return kleene(part) & ~established(kleene(exception))
        raise TypeError(f"no Ibis for {type(node).__name__}")

    return kleene(expression)


def established(condition: ir.BooleanValue) -> ir.BooleanValue:
    """Whether this is true; unknown is not. Never NULL."""
    return condition.fill_null(False)


def possible(condition: ir.BooleanValue) -> ir.BooleanValue:
    """Whether this is true or may still be. Never NULL."""
    return condition.fill_null(True)


def at_least(n: int, conditions: Iterable[ir.BooleanValue]) -> ir.BooleanValue:
    """At least n of these: two counters, of what is true and of what may be; neither ever meets a NULL."""
    all_of_them = tuple(conditions)  # an unknown one is no "if", nor is its opposite
    known_true = sum((one.ifelse(1, 0) for one in all_of_them), start=ibis.literal(0))
    possibly_true = sum(((~one).ifelse(0, 1) for one in all_of_them), start=ibis.literal(0))
    return ibis.cases((known_true >= n, True), (possibly_true >= n, ibis.null("boolean")), else_=False)


# -- many conditions over one table -----------------------------------------------------------------------------------

PART = "part_"  # begins the name of a column that holds what several conditions share


Stages = list[dict[str, Expression]]


def with_columns(table: ir.Table, stages: Stages, wanted: Iterable[str]) -> ir.Table:
    """These columns of the table and of the ``stages`` over it."""
    wanted = list(wanted)
    asked = [{finding.id for part in stage.values() for finding in part.findings()} for stage in stages]
    for place, stage in enumerate(stages):
        later = set(wanted).union(*asked[place + 1 :])
        passed_on = [name for name in table.columns if name in later]
        # A view of its own: Ibis would else write the stages into one another.
        table = table.select(*passed_on, **_over(table, stage)).view()
    return table.select(*wanted)


def _over(table: ir.Table, conditions: Mapping[str, Expression]) -> dict[str, ir.BooleanValue]:
    """Each condition over the columns of this table that are named as the findings."""
    return {name: to_ibis(condition, lambda finding: table[finding.id]) for name, condition in conditions.items()}


def in_stages(conditions: Mapping[str, Expression]) -> Stages:
    """The conditions and the parts that they share, by name: each over findings, and over what earlier stages name.

    A whole edition written out has a hundred thousand nodes, and four hundred when what its rules share is worked out
    once.
    """
    uses = Counter(map(_bare, conditions.values()))

    def count(node: Expression) -> None:
        for part in map(_bare, node.children()):
            uses[part] += 1
            if uses[part] == 1:
                count(part)

    for condition in list(uses):
        count(condition)
    names = {_bare(condition): name for name, condition in conditions.items()}
    stages: Stages = []
    done: dict[Expression, tuple[int, Expression]] = {}

    def over_columns(node: Expression) -> tuple[int, Expression]:
        """The first stage in which this can be worked out, and how."""
        if node not in done:
            parts = [over_columns(_bare(part)) for part in node.children()]
            stage = max((first for first, _ in parts), default=0)
            written = _of(node, [part for _, part in parts])
            if node in names or (uses[node] > 1 and parts and not isinstance(node, Not)):
                name = names.get(node, f"{PART}{len(done)}")
                stages.extend({} for _ in range(stage + 1 - len(stages)))
                stages[stage][name] = written
                stage, written = stage + 1, Finding(name)
            done[node] = stage, written
        return done[node]

    for name, condition in conditions.items():
        stage, written = over_columns(_bare(condition))
        if written != Finding(name):  # the same as a condition of another name
            stages.extend({} for _ in range(stage + 1 - len(stages)))
            stages[stage][name] = written
    return stages


def _bare(node: Expression) -> Expression:
    """The condition without its name."""
    return _bare(node.part) if isinstance(node, Named) else node


def _of(node: Expression, parts: list[Expression]) -> Expression:
    """The same kind of node, of these parts."""
    match node:
        case And() | Or() | AtLeast():
            return replace(node, parts=tuple(parts))
        case Not():
            return Not(*parts)
        case Unless(_, exception):
            part, condition = parts
            return Unless(part, condition.named(exception.name))
    return node
