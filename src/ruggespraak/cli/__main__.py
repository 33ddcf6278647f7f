"""``python -m ruggespraak.cli`` is ``rug``."""

from ruggespraak.cli import main

main(prog_name="rug")
