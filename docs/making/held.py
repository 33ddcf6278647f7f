"""Which tests say by a mark that they hold something: ``@pytest.mark.control("C-14")`` and the like."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Test:
    __test__ = False  # pytest would collect it by its name

    file: str  # from the root of the repository
    name: str
    quick: bool  # part of make test

    @property
    def sentence(self) -> str:
        return self.name.removeprefix("test_").replace("_", " ")

    def link(self, from_folder: str) -> str:
        return f"[{self.sentence}]({from_folder}{self.file})"


Decorated = tuple[Test, list[ast.expr]]


@cache
def functions() -> dict[str, list[Decorated]]:
    """The test functions of each file, with their decorators."""
    found: dict[str, list[Decorated]] = {}
    tests = ROOT / "tests"
    for path in sorted([*tests.glob("test_*.py"), *tests.glob("*/test_*.py")]):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        slow_file = any(
            ast.unparse(node.targets[0]) == "pytestmark" and "mark.slow" in ast.unparse(node.value)
            for node in tree.body
            if isinstance(node, ast.Assign)
        )
        file = path.relative_to(ROOT).as_posix()
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                slow = slow_file or any(ast.unparse(one) == "pytest.mark.slow" for one in node.decorator_list)
                found.setdefault(file, []).append((Test(file, node.name, not slow), node.decorator_list))
    return found


def marked(mark: str) -> dict[str, list[Test]]:
    """What is held -> the tests that are marked with it."""
    found: dict[str, list[Test]] = {}
    for test, decorators in chain.from_iterable(functions().values()):
        for one in decorators:
            if isinstance(one, ast.Call) and ast.unparse(one.func) == f"pytest.mark.{mark}":
                for id in map(ast.literal_eval, one.args):
                    found.setdefault(id, []).append(test)
    return found


def named(node: str) -> Test:
    """The test of ``tests/file.py::test_name``. Raises KeyError where there is none."""
    file, _, name = node.partition("::")
    for test, _ in functions().get(file, ()):
        if test.name == name:
            return test
    raise KeyError(node)
