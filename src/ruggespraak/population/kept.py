"""What takes long and never changes is made once and kept on this computer, under the hash of what it was made from.

In ``$XDG_CACHE_HOME/ruggespraak`` (``~/.cache/ruggespraak``). A file ends with the hash of its name and of what it
holds: one that is torn, was altered or is of something else is made anew. It is written whole or not at all; where
nothing can be written, it is made each time.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

HASH = hashlib.sha256().digest_size


def folder() -> Path:
    """Where it is kept. Raises FileNotFoundError for who has no home."""
    home = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(home):  # the standard says to pass over any other
        home = os.path.expanduser("~/.cache")
    if not os.path.isabs(home):
        raise FileNotFoundError("this user has no home directory")
    return Path(home, "ruggespraak")


def kept(name: str, make: Callable[[], npt.NDArray[np.int64]]) -> npt.NDArray[np.int64]:
    """The array with this name; made where it is not there yet."""
    held = read(name)
    if held is not None:
        found: npt.NDArray[np.int64] = np.load(io.BytesIO(held), allow_pickle=False)
        return found
    made = make()
    content = io.BytesIO()
    np.save(content, made)
    write(name, content.getvalue())
    return made


def read(name: str) -> bytes | None:
    """What is kept under this name; None where nothing is, or not what was written."""
    try:
        said = (folder() / name).read_bytes()
    except OSError:
        return None
    held = said[:-HASH]
    return held if said[-HASH:] == _hash(name, held) else None


def write(name: str, held: bytes) -> None:
    """Keeps this under the name, where that can be."""
    with contextlib.suppress(OSError):
        write_whole(folder() / name, held + _hash(name, held))


def write_whole(path: Path, content: bytes) -> None:
    """Writes a file, and the folders above it, whole or not at all. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, half = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".half")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(half).replace(path)
    except BaseException:
        Path(half).unlink(missing_ok=True)
        raise


def _hash(name: str, held: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + held).digest()
