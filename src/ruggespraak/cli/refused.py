"""How a command says that it cannot be done like this."""

from __future__ import annotations

from typing import IO, Any

import click


class Refused(click.ClickException):
    """It cannot be done like this: a line for each reason, by the name of the command, and exit status 2."""

    exit_code = 2

    def __init__(self, *reasons: str) -> None:
        super().__init__("\n".join(reasons))
        self.reasons, self.command = reasons, click.get_current_context().command_path

    def show(self, file: IO[Any] | None = None) -> None:  # noqa: ARG002
        for reason in self.reasons:
            click.echo(f"{self.command}: {reason}", err=True)
