"""Runs the source that decides on a patient of whom nothing is fixed: what is proven is the very code that runs.

``consult`` writes plain Python for each edition: what follows from an answer, which exceptions stand, what it comes to.
Its language is small (whole numbers as sets of bits, conditions, if, max), and here it is read statement by statement,
with a formula of Z3 in the place of every bit. No rule, and nothing that is said of all rules together, is written a
second time.

Values, in the place of Python's:

- a whole number that holds bits: ``Bits``, a formula per bit;
- a small number that is chosen (an urgency, a place in a list): ``Choice``, a formula per number;
- a truth: a formula, or True or False where nothing is open.
"""

from __future__ import annotations

import ast
import operator as operators
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from itertools import product
from typing import Any

import z3

Truth = Any
"""A formula of Z3, or True or False."""


# -- truths, with everything that is fixed taken out at once ----------------------------------------------------------


def every(parts: Iterable[Truth]) -> Truth:
    """All of them hold; of none: true."""
    found = []
    for part in parts:
        if part is False:
            return False
        if part is not True:
            found.append(part)
    return True if not found else found[0] if len(found) == 1 else _joined(z3.Z3_mk_and, found)


def some(parts: Iterable[Truth]) -> Truth:
    """One of them holds, or more; of none: false."""
    found = []
    for part in parts:
        if part is True:
            return True
        if part is not False:
            found.append(part)
    return False if not found else found[0] if len(found) == 1 else _joined(z3.Z3_mk_or, found)


def _joined(make: Callable[..., Any], parts: Sequence[z3.BoolRef]) -> z3.BoolRef:
    """z3.And and z3.Or look at every part anew; of parts that are known to be formulas that takes most of the time."""
    context = parts[0].ctx
    return z3.BoolRef(make(context.ref(), len(parts), (z3.Ast * len(parts))(*(part.ast for part in parts))), context)


def no(part: Truth) -> Truth:
    """It does not hold."""
    return (not part) if isinstance(part, bool) else z3.Not(part)


def same(left: Truth, right: Truth) -> Truth:
    """Both hold or neither does; of numbers: they are equal."""
    if isinstance(left, bool):
        left, right = right, left
    if isinstance(right, bool):
        return left if right else no(left)
    return left == right


def either(condition: Truth, left: Truth, right: Truth) -> Truth:
    """left where the condition holds, else right."""
    if isinstance(condition, bool):
        return left if condition else right
    if left is right:
        return left
    if left is True:
        return some([condition, right])
    if left is False:
        return every([no(condition), right])
    if right is True:
        return some([no(condition), left])
    if right is False:
        return every([condition, left])
    return z3.If(condition, left, right)


def at_least(n: int, parts: Sequence[Truth]) -> Truth:
    """So many of them hold, or more."""
    n -= sum(part is True for part in parts)
    open_ = [part for part in parts if not isinstance(part, bool)]
    if n <= 0:
        return True
    if n > len(open_):
        return False
    if n == 1:
        return some(open_)
    return every(open_) if n == len(open_) else z3.AtLeast(*open_, n)


def formula(part: Truth) -> z3.BoolRef:
    """The truth as Z3 takes it."""
    return z3.BoolVal(part) if isinstance(part, bool) else part


def holds_in(model: z3.ModelRef, part: Truth) -> bool:
    """Whether this holds in a model; of what the model leaves open it takes one way."""
    return part if isinstance(part, bool) else z3.is_true(model.eval(part, model_completion=True))


# -- numbers ----------------------------------------------------------------------------------------------------------


class Bits:
    """A whole number as a truth per bit. ``width`` bits; a negative Python number has every higher bit set."""

    def __init__(self, bits: Sequence[Truth]) -> None:
        self.bits = tuple(bits)

    def _with(self, other: Bits | int) -> Sequence[Truth]:
        if isinstance(other, Bits):
            return other.bits
        return _flags(other, len(self.bits))

    def __and__(self, other: Bits | int) -> Bits:
        if isinstance(other, int):
            flags = _flags(other, len(self.bits))
            return Bits([bit if flag else False for bit, flag in zip(self.bits, flags, strict=True)])
        return Bits([every(pair) for pair in zip(self.bits, self._with(other), strict=True)])

    def __or__(self, other: Bits | int) -> Bits:
        return Bits([some(pair) for pair in zip(self.bits, self._with(other), strict=True)])

    def __invert__(self) -> Bits:
        return Bits([no(bit) for bit in self.bits])

    __rand__, __ror__ = __and__, __or__

    def any(self) -> Truth:
        """Some bit is set."""
        return some(self.bits)

    def equals(self, other: Bits | int) -> Truth:
        """Every bit is the same."""
        return every(same(*pair) for pair in zip(self.bits, self._with(other), strict=True))

    def of(self, mask: int) -> list[Truth]:
        """The bits of this mask."""
        return [self.bits[index] for index in _places(mask)]


@cache
def _flags(number: int, width: int) -> tuple[bool, ...]:
    return tuple(bool(number >> index & 1) for index in range(width))


@cache
def _places(mask: int) -> tuple[int, ...]:
    """The places of the bits of a mask that is not negative."""
    return tuple(index for index in range(mask.bit_length()) if mask >> index & 1)


class Choice:
    """A small number as a truth per value; exactly one of them holds."""

    def __init__(self, values: Mapping[int, Truth]) -> None:
        self.values = {value: truth for value, truth in values.items() if truth is not False}

    def map(self, change: Callable[[int], int]) -> Choice:
        """The number that ``change`` makes of it."""
        found: dict[int, list[Truth]] = {}
        for value, truth in self.values.items():
            found.setdefault(change(value), []).append(truth)
        return Choice({value: some(truths) for value, truths in found.items()})

    def at_least(self, n: int) -> Truth:
        """It is this number, or a higher one."""
        return some(truth for value, truth in self.values.items() if value >= n)

    def equals(self, other: Choice) -> Truth:
        """Both are the same number."""
        values = sorted({*self.values, *other.values})
        return every(same(self.values.get(n, False), other.values.get(n, False)) for n in values)

    def max(self, other: Choice) -> Choice:
        """The higher of the two."""
        highest = sorted({*self.values, *other.values})
        reached = [some([self.at_least(n), other.at_least(n)]) for n in highest] + [False]
        return Choice({n: every([reached[i], no(reached[i + 1])]) for i, n in enumerate(highest)})

    def bits(self, width: int) -> Bits:
        """The number, of 0 and up, as a truth per bit."""
        assert all(0 <= value < 1 << width for value in self.values)
        return Bits(
            [some(truth for value, truth in self.values.items() if value >> index & 1) for index in range(width)]
        )


class Count(list[Truth]):
    """So many of these hold: ``(x & 6).bit_count() + (y) >= 2``."""


# -- statements and expressions ---------------------------------------------------------------------------------------


@cache
def parsed(source: str) -> ast.Module:
    """The source as a tree; each source is read once."""
    return ast.parse(source)


class Program:
    """Functions of one generated source, ready to run on formulas. ``width``: bits of a whole number."""

    def __init__(self, source: str, width: int) -> None:
        self.width = width
        self._made: dict[Any, tuple[Truth, Sequence[Truth]]] = {}
        self.functions = {one.name: one for one in parsed(source).body if isinstance(one, ast.FunctionDef)}

    def once(self, join: Callable[[Sequence[Any]], Any], parts: Sequence[Any], name: object = None) -> Any:
        """The join of these very parts, made once: two readings that agree on them share it."""
        key = (name or join, *map(id, parts))
        if key not in self._made:
            self._made[key] = join(parts), parts  # the parts stay alive, and so do their ids
        return self._made[key][0]

    def run(self, name: str, *arguments: Any) -> Any:
        """What the function returns for these arguments: Bits, Choice, truths."""
        function = self.functions[name]
        names = [one.arg for one in function.args.args]
        run = _Run(self, dict(zip(names, arguments, strict=True)))
        return run.body(function.body)

    def holds(self, source: str, x: Bits) -> Truth:
        """The truth of one condition on the bits ``x``, as ``Form.source`` writes it."""
        (statement,) = parsed(source).body
        assert isinstance(statement, ast.Expr)
        return _Run(self, {"x": x}).truth(statement.value)


class _Run:
    """One call of one function: its names and what they hold."""

    def __init__(self, program: Program, names: dict[str, Any]) -> None:
        self.program = program
        self.names = names

    def body(self, statements: Sequence[ast.stmt]) -> Any:
        for statement in statements:
            match statement:
                case ast.Return(value) if value is not None:
                    return self.value(value)
                case ast.If(test, then, otherwise):
                    self._branch(self.truth(test), then, otherwise)
                case ast.Assign(targets, value):
                    self._assign(targets, self.value(value))
                case ast.AugAssign(ast.Name(name), operator, value):
                    self.names[name] = self._operate(operator, self.names[name], self.value(value))
                case _:
                    raise TypeError(f"no formula for {ast.unparse(statement)}")
        return None

    def _branch(self, condition: Truth, then: list[ast.stmt], otherwise: list[ast.stmt]) -> None:
        left, right = _Run(self.program, dict(self.names)), _Run(self.program, dict(self.names))
        if left.body(then) is not None or right.body(otherwise) is not None:
            raise TypeError("no formula for a return inside an if")
        for name in {*left.names, *right.names}:
            here, there = left.names.get(name), right.names.get(name)
            # A name that only one branch gives is used in no other.
            self.names[name] = there if here is None else here if there is None else self.merge(condition, here, there)

    def _assign(self, targets: list[ast.expr], value: Any) -> None:
        for target in targets:
            if isinstance(target, ast.Tuple):
                for one, part in zip(target.elts, value, strict=True):
                    self._assign([one], part)
            else:
                assert isinstance(target, ast.Name)
                self.names[target.id] = value

    def merge(self, condition: Truth, left: Any, right: Any) -> Any:
        """left where the condition holds, else right."""
        if left is right:
            return left
        if isinstance(left, Bits) or isinstance(right, Bits):
            pairs = zip(self.as_bits(left).bits, self.as_bits(right).bits, strict=True)
            return Bits([either(condition, *pair) for pair in pairs])
        left, right = as_choice(left), as_choice(right)
        values = {*left.values, *right.values}
        return Choice(
            {n: either(condition, left.values.get(n, False), right.values.get(n, False)) for n in sorted(values)}
        )

    def as_bits(self, value: Any) -> Bits:
        return value if isinstance(value, Bits) else as_choice(value).bits(self.program.width)

    def truth(self, node: ast.expr) -> Truth:
        match node:
            case ast.BoolOp(operator, parts):
                join = some if isinstance(operator, ast.Or) else every
                return self.program.once(join, [self.truth(part) for part in parts])
            case ast.UnaryOp(ast.Not(), part):
                return no(self.truth(part))
            case ast.Compare(
                ast.BinOp(bits, ast.BitAnd(), ast.Constant(int(mask))), [how], [ast.Constant(int(limit))]
            ) if (isinstance(how, ast.NotEq) and limit == 0) or (isinstance(how, ast.Eq) and limit == mask):
                # the usual form
                chosen = self.as_bits(self.value(bits)).of(mask)
                return self.program.once(some if isinstance(how, ast.NotEq) else every, chosen)
            case ast.Compare(left, [operator], [right]):
                return self._compare(operator, self.value(left), self.value(right))
        value = self.value(node)
        if isinstance(value, Bits):
            return value.any()
        if isinstance(value, Choice):
            return some(truth for number, truth in value.values.items() if number)
        return bool(value) if isinstance(value, int) else value

    def _compare(self, operator: ast.cmpop, left: Any, right: Any) -> Truth:
        if isinstance(left, Count):
            assert isinstance(operator, ast.GtE)
            assert isinstance(right, int)
            n = right
            return self.program.once(_at_least(n), left)
        if isinstance(left, Bits) or isinstance(right, Bits):
            equal = self.as_bits(left).equals(self.as_bits(right))
            return equal if isinstance(operator, ast.Eq) else no(equal)
        pairs = product(as_choice(left).values.items(), as_choice(right).values.items())
        return some(every([a, b]) for (one, a), (other, b) in pairs if _COMPARE[type(operator)](one, other))

    def value(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant(value):
                return value
            case ast.Name(name):
                return self.names[name]
            case ast.Tuple(parts):
                return tuple(self.value(part) for part in parts)
            case ast.IfExp(test, then, otherwise):
                return self.merge(self.truth(test), self.value(then), self.value(otherwise))
            case ast.UnaryOp(ast.Invert(), part):
                value = self.value(part)
                return ~value if isinstance(value, int | Bits) else ~self.as_bits(value)
            case ast.UnaryOp(ast.USub(), part):
                return -self.value(part)
            case ast.BinOp(left, operator, right):
                return self._operate(operator, self.value(left), self.value(right))
            case ast.BoolOp(ast.Or(), [left, right]) if isinstance(first := self.value(left), Choice):
                return self.merge(self.truth(left), first, self.value(right))
            case ast.Call(ast.Attribute(bits, "bit_count"), []):
                return Count(self.as_bits(self.value(bits)).bits)
            case ast.Call(ast.Name("max"), [left, right]):
                return as_choice(self.value(left)).max(as_choice(self.value(right)))
            case ast.Call(ast.Name(name), arguments):
                return self.program.run(name, *(self.value(one) for one in arguments))
            case ast.Compare() | ast.BoolOp() | ast.UnaryOp(ast.Not()):
                return self.truth(node)
        raise TypeError(f"no formula for {ast.unparse(node)}")

    def _operate(self, operator: ast.operator, left: Any, right: Any) -> Any:
        if not isinstance(left, Bits) or not isinstance(right, Bits):
            return self._operated(operator, left, right)
        return self.program.once(lambda pair: self._operated(operator, *pair), [left, right], type(operator))

    def _operated(self, operator: ast.operator, left: Any, right: Any) -> Any:
        match operator:
            case ast.Add():
                return Count([*(left if isinstance(left, Count) else [left]), *_counted(right)])
            case ast.Sub():
                return as_choice(left).map(lambda n: n - right)
            case ast.BitAnd() if isinstance(left, int) and isinstance(right, int):
                return left & right
            case ast.BitAnd():
                return self.as_bits(left) & (right if isinstance(right, int) else self.as_bits(right))
            case ast.BitOr():
                return self.as_bits(left) | (right if isinstance(right, int) else self.as_bits(right))
        raise TypeError(f"no formula for {ast.unparse(operator)}")


@cache
def _at_least(n: int) -> Callable[[Sequence[Truth]], Truth]:
    return lambda parts: at_least(n, parts)


_COMPARE: dict[type, Callable[[int, int], bool]] = {
    ast.Eq: operators.eq,
    ast.NotEq: operators.ne,
    ast.Lt: operators.lt,
    ast.Gt: operators.gt,
    ast.GtE: operators.ge,
}


def _counted(value: Any) -> list[Truth]:
    return value if isinstance(value, Count) else [value]


def as_choice(value: Any) -> Choice:
    """A number of Python, or one that is chosen."""
    return value if isinstance(value, Choice) else Choice({int(value): True})
