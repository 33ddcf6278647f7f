"""What a package offers to others is named where it begins, is there, and is not slower to get than it must be."""

import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec

import pytest

PACKAGES = (
    "logic", "pathway", "consult", "course", "proof", "population", "audit", "documents", "fhir", "clinic", "web",
)  # fmt: skip
HEAVY = ("django", "ibis", "matplotlib", "numba", "numpy", "scipy", "typst", "z3")


def is_there(package, name):
    """An attribute, or a module that can be imported."""
    return hasattr(package, name) or bool(find_spec(f"{package.__name__}.{name}"))


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_names_what_others_may_use_and_has_it(name):
    package = import_module(f"ruggespraak.{name}")
    assert package.__doc__
    assert len(package.__all__) >= 5
    assert [one for one in package.__all__ if not is_there(package, one)] == []


@pytest.mark.parametrize("name", [name for name in PACKAGES if name != "proof"])
def test_a_package_can_be_imported_without_what_only_an_extra_installs(name):
    code = f"import sys, ruggespraak.{name}; print(*sorted({{*{HEAVY}}} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == []
