"""What could not be read of a source, line by line: in a file that whoever keeps the source can work through.

A broken line never stops a reading and never vanishes. It stands in the file of rejects as soon as it is found, with
the reason; here only numbers are kept, however many there are. Beside them are counted the lines that were read, and
those that were passed over because they count for nothing: a visit that was cancelled, a kind that is not read.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from pathlib import Path
from types import TracebackType

from ruggespraak.consult.case import LONGEST_SHOWN

COLUMNS = ("file", "line", "reason")
PART = "part of a line"
"""The kind of reason of something in a line of which the rest was read: that line is counted as read."""

Counts = dict[str, Counter[str]]


class Rejects:
    """A CSV file of ``file,line,reason`` that is being written; a context manager.

    ``counts``: how often each kind of reason occurred, by file. The kind is what stands before the first colon of a
    reason. ``passed``: how many lines were passed over, by file and why. ``read``: how many were read, by file.
    Opening it raises OSError where it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.counts: Counts = defaultdict(Counter)
        self.passed: Counts = defaultdict(Counter)
        self.read: Counter[str] = Counter()
        self._file = path.open("w", encoding="utf-8", errors="backslashreplace", newline="")
        self._rows = csv.writer(self._file)
        self._rows.writerow(COLUMNS)

    def __enter__(self) -> Rejects:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, file: str, line: int | None, reason: str) -> None:
        """This line cannot be used. ``line``: from 1; None where it is about the whole file."""
        self.counts[file][reason.partition(":")[0]] += 1
        self._rows.writerow((file, "" if line is None else line, reason))


def shown(value: object) -> str:
    """What stands there, short enough for a reason."""
    if value is None:
        return "nothing"
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    words = repr(value)
    return words if len(words) <= LONGEST_SHOWN else words[: LONGEST_SHOWN - 3] + "..."
