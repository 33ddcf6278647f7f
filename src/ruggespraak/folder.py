"""A new folder, written whole or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class FolderError(ValueError):
    """A folder that cannot be written: where, and why."""


def expect_new(into: Path) -> None:
    """Raises FolderError where something stands already, or where no folder can be made."""
    if os.path.lexists(into):
        raise FolderError(f"{into}: something stands there, a new folder expected")
    above = next(one for one in into.absolute().parents if one.exists())
    if not (above.is_dir() and os.access(above, os.W_OK)):
        raise FolderError(f"{into}: no folder can be made in {above}")


@contextmanager
def whole(into: Path) -> Iterator[Path]:
    """A folder beside ``into`` that takes its name at the end, or is gone where anything fails. Raises FolderError."""
    expect_new(into)
    half = into.with_name(f".{into.name}.{secrets.token_hex(4)}.half")
    try:
        half.mkdir(parents=True)
        yield half
        half.rename(into)
    except OSError as error:
        raise FolderError(f"{into}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(half, ignore_errors=True)
