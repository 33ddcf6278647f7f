"""The page on the command ``rug``: what each command says of itself with ``--help``."""

from __future__ import annotations

from collections.abc import Iterator

import click

from ruggespraak.cli import COMMANDS, main

COLUMNS = 100


def page() -> str:
    """Every command with its help."""
    rows = [f"| [`rug {name}`](#rug-{name}) | {about} |" for name, about in COMMANDS.items()]
    return "\n\n".join(["# Commands", "\n".join(["| command | does |", "|---|---|", *rows]), *_helps(main, "rug", 2)])


def _helps(group: click.Group, called: str, level: int) -> Iterator[str]:
    with click.Context(group, info_name=called) as context:
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            assert command is not None
            told = click.Context(command, info_name=f"{called} {name}", terminal_width=COLUMNS).get_help()
            yield f"{'#' * level} rug {f'{called} {name}'.removeprefix('rug ')}\n\n```text\n{told}\n```"
            if isinstance(command, click.Group):
                yield from _helps(command, f"{called} {name}", level + 1)
