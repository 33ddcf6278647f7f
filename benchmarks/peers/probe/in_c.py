"""The probe in C: ``lives.c``, compiled by gcc -O3 -march=native for this machine, and called in this process."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
from peers.probe import in_numba as whole
from peers.probe import model

GCC = ("gcc", "-O3", "-march=native", "-shared", "-fPIC")
MODEL = (ctypes.c_double * 14)(
    model.DAYS, model.FIRST, model.AGAIN, model.SHAPE, model.SCALE, model.SCAN_ON, model.SCAN_SHARE, model.CHRONIC_ON,
    model.CHRONIC_SHARE, model.CHRONIC_MEAN, model.ONSET, model.SCAN, model.ACUTE, model.CHRONIC,
)  # fmt: skip
WHOLE = (ctypes.c_int64 * 9)(
    whole.DAYS, whole.SCAN_ON, whole.SCAN_LEVEL, whole.CHRONIC_ON, whole.CHRONIC_LEVEL, whole.ONSET, whole.SCAN,
    whole.ACUTE, whole.CHRONIC,
)  # fmt: skip


@cache
def compiled() -> ctypes.CDLL:
    """Raises ImportError where gcc is missing or fails."""
    if not shutil.which("gcc"):
        raise ImportError("gcc is missing: install it for the rows in C")
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "lives.so"
        made = subprocess.run(
            [*GCC, Path(__file__).with_name("lives.c"), "-o", library, "-lm"], capture_output=True, text=True
        )
        if made.returncode:
            raise ImportError(f"gcc could not compile lives.c:\n{made.stderr}")
        lives = ctypes.CDLL(str(library))
    for one in (lives.lives_libm, lives.lives_tables):
        one.restype = ctypes.c_int64
    return lives


def address(array: np.ndarray) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)


def lives_libm(people: int, seed: int) -> tuple[np.ndarray, int]:
    """What each person costs, in euros, and the episodes of all."""
    costs = np.empty(people, np.float64)
    return costs, compiled().lives_libm(address(costs), ctypes.c_int64(people), ctypes.c_uint32(seed), MODEL)


def lives_tables(people: int, seed: int) -> tuple[np.ndarray, int]:
    """What each person costs, in 1/EURO of ``in_numba``, and the episodes of all."""
    costs, tables = np.empty(people, np.int64), np.ascontiguousarray(whole.TABLES)
    here = address(costs), ctypes.c_int64(people), ctypes.c_uint32(seed), WHOLE, address(tables)
    return costs, compiled().lives_tables(*here)
