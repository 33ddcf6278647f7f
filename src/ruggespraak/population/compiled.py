"""The kernel, compiled by numba: once for this computer, kept under the hash of its own sources.

The functions of ``kernel`` are plain Python and stay so (``plain`` runs them as they stand, which is slow and is what
the tests hold the compiled ones against). Here the same functions are given to a compiler, each with the compiled
others in place of the plain ones.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import platform
import sys
import tempfile
import zipfile
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from ruggespraak.population import kept
from ruggespraak.population.kernel import address, age, cell, episode, life, lives, philox, quantile, tally

MODULES = (philox, quantile, address, tally, age, cell, episode, life, lives)  # a module after those that it uses
Function = Callable[..., Any]
# What an argument is goes by its name: a row of whole numbers, rows of them, or else one.
LINES = ("counts", "me", "guide", "chances", "policy")
PLANES = ("log", "levels", "tables", "causes", "policies", "cells")


def _read() -> str:
    found = hashlib.sha256()
    for path in [*sorted(Path(tally.__file__).parent.glob("*.py")), Path(__file__)]:  # and how it is compiled
        found.update(path.name.encode() + path.read_bytes())
    found.update(f"{version('numba')} {sys.version} {platform.machine()}".encode())
    return found.hexdigest()


_SOURCES = _read()  # when this is imported, as the functions are: a file that changes later is not what is run


def sources() -> str:
    """The hash of everything that the machine code comes from."""
    return _SOURCES


def built(jit: Callable[[Function], Any], instead: dict[str, Any] | None = None) -> dict[str, Any]:
    """Every function of the kernel, by name, each given to ``jit``; ``instead``: functions by name that are not taken
    from the kernel (a GPU adds in another way)."""
    made: dict[Any, Any] = {}
    functions: dict[str, Any] = dict(instead or {})
    for module in MODULES:
        copy = ModuleType(module.__name__)
        scope = vars(copy)
        scope.update({name: _replaced(value, made) for name, value in vars(module).items()})
        for name, value in vars(module).items():
            if isinstance(value, FunctionType) and value.__module__ == module.__name__:
                ours = FunctionType(value.__code__, scope, name, value.__defaults__)
                ours.__module__, ours.__qualname__ = module.__name__, name
                functions.setdefault(name, None)
                if functions[name] is None:
                    functions[name] = jit(ours)
                made[value] = scope[name] = functions[name]
        made[module] = copy
    return functions


def _replaced(value: Any, made: dict[Any, Any]) -> Any:
    try:
        return made.get(value, value)
    except TypeError:  # what cannot be hashed is no function
        return value


@cache
def compiled() -> Function:
    """``kernel.lives.lives`` as machine code; the first call on a computer compiles, later ones read what was kept.

    numba keeps machine code as files and looks for them in more than one place, by the hash of ``lives.py`` alone. So
    it gets an empty folder for the moment, and what it left there is kept whole (``kept``), under the hash of all.
    """
    import numba

    before, held = numba.config.CACHE_DIR, kept.read(_name())  # type: ignore[attr-defined]
    with contextlib.suppress(OSError), tempfile.TemporaryDirectory(prefix="ruggespraak-") as room:
        if held:
            zipfile.ZipFile(io.BytesIO(held)).extractall(room)
        numba.config.CACHE_DIR = room  # type: ignore[attr-defined]
        try:
            found = _jitted(ready=held is not None, keep=True)
        finally:
            numba.config.CACHE_DIR = before  # type: ignore[attr-defined]
        files = [path for path in sorted(Path(room).rglob("*")) if path.is_file()]
        if files:  # or else it is from somewhere else
            if not held:
                archive = io.BytesIO()
                with zipfile.ZipFile(archive, "w") as written:
                    for path in files:
                        written.write(path, path.relative_to(room))
                kept.write(_name(), archive.getvalue())
            return found
    return _jitted(ready=False, keep=False)


def _jitted(*, ready: bool, keep: bool) -> Function:
    """``lives`` given to numba. ``ready``: as machine code of it lies there, the inner functions need no compiling."""
    import numba

    line, plane, number = numba.int64[::1], numba.int64[:, ::1], numba.int64
    kinds = dict.fromkeys(LINES, line) | dict.fromkeys(PLANES, plane)

    njit: Any = numba.njit  # its types know less than it does

    def jit(function: Function) -> Any:
        # Without its types named, a function is compiled anew for each constant that it is called with.
        named = function.__code__.co_varnames[: function.__code__.co_argcount]
        options: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": False}
        if function.__name__ == "lives" or not ready:
            options["signature_or_function"] = tuple(kinds.get(name, number) for name in named)
        if function.__name__ == "lives":
            return njit(cache=keep, **options)(function)
        # Compiled into it, never called from Python; without counting references to arrays, which never change hands.
        return njit(no_cpython_wrapper=True, no_cfunc_wrapper=True, forceinline=True, **options)(function)

    found: Function = built(jit)["lives"]
    return found


def place() -> Path:
    """The folder for the machine code of these sources, in ``kept.folder``."""
    return Path(f"kernel-{sources()[:16]}")


def _name() -> str:
    """The file: numba reads it again for the same processor, settings and source file, and no other."""
    from llvmlite import binding  # type: ignore[import-untyped]

    settings = sorted((name, value) for name, value in os.environ.items() if name.startswith("NUMBA_"))
    features, code = binding.get_host_cpu_features().flatten(), Path(lives.__file__)
    said = f"{binding.get_host_cpu_name()} {features} {settings} {code} {code.stat().st_mtime_ns}"
    return str(place() / hashlib.sha256(said.encode()).hexdigest()[:16])


def is_kept() -> bool:
    """Whether it has been compiled on this computer before."""
    return kept.read(_name()) is not None
