"""Long lines for a terminal, folded where the words allow it; a line of JSON stays whole, so that it can be copied."""

from __future__ import annotations

import shutil
import textwrap

WIDEST = 100  # wider does not read well


def folded(text: str) -> str:
    """The text with every line folded under its own indent."""
    width = min(WIDEST, shutil.get_terminal_size((WIDEST, 24)).columns)
    return "\n".join(_folded(line, width) for line in text.split("\n"))


def _folded(line: str, width: int) -> str:
    bare = line.lstrip()
    if len(line) <= width or bare.startswith("{"):
        return line
    indent = " " * (len(line) - len(bare) + 2 * bare.startswith("- "))
    return textwrap.fill(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
