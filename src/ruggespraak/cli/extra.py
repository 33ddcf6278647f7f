"""Commands that need more than the base installation say which line installs it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click


class MissingError(click.ClickException):
    """A part that was not installed."""

    exit_code = 2


@contextmanager
def extra(name: str, of: str = "ruggespraak") -> Iterator[None]:
    """Where an import inside fails for want of this extra, says how to get it and exits with 2."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name and error.name.startswith("ruggespraak"):
            raise
        raise MissingError(f"this needs {error.name}; install it with: pip install '{of}[{name}]'") from None
