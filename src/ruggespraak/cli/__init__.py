"""The command ``rug``. A command is imported only when it is called: ``rug --help`` is there at once."""

from __future__ import annotations

from importlib import import_module

import click

COMMANDS = {
    "admin": "for who runs a site: upgrade, backup, restore, move, verify the access log",
    "audit": "records held against the pathway: a practice's or a region's",
    "consult": "a consult about back pain, in the terminal",
    "decide": "cases in, decisions out (JSON lines)",
    "demo": "the website, on this computer",
    "diff": "who gets other care under another edition",
    "export": "the pathway for other systems: FHIR definitions and CQL",
    "leaflet": "the personal leaflet of one case, as a PDF",
    "prove": "what must hold for every patient: proven, or a patient of whom it does not",
    "serve": "the website for real, with the settings of the environment",
    "simulate": "the country: 17.9 million lives through the pathway",
}


class Lazy(click.Group):
    """Commands that are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = getattr(import_module(f"{__name__}.{cmd_name}"), cmd_name)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="ruggespraak", message="%(prog)s %(version)s")
def main() -> None:
    """Ruggespraak: the care for back pain as one pathway. Not a certified medical device; in an emergency, call 112."""
