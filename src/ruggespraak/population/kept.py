"""What takes long and never changes is made once and kept on this computer, under the hash of what it was made from.

In ``$XDG_CACHE_HOME/ruggespraak`` (``~/.cache/ruggespraak``). A file is written whole or not at all; one that cannot be
read is made anew; where nothing can be written, it is made each time.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt


def folder() -> Path:
    """Where it is kept."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ruggespraak"


def kept(name: str, make: Callable[[], npt.NDArray[np.int64]]) -> npt.NDArray[np.int64]:
    """The array with this name; made where it is not there yet."""
    path = folder() / f"{name}.npy"
    with contextlib.suppress(OSError, ValueError, EOFError):
        found: npt.NDArray[np.int64] = np.load(path, allow_pickle=False)
        return found
    made = make()
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, half = tempfile.mkstemp(dir=path.parent, suffix=".npy")
        with os.fdopen(handle, "wb") as file:
            np.save(file, made)
        Path(half).replace(path)
    return made
