"""Strict JSON: what cannot be read is named, and nothing is lost."""

from __future__ import annotations

import json
from typing import Any

from ruggespraak.consult import Case, CaseError, read_case
from ruggespraak.consult.case import LONGEST_SHOWN


def case_in(data: bytes, edition: str, first: bool = True) -> Case:
    """The case that this JSON holds. Raises ValueError, and where a part of it can still be read CaseError.

    ``first``: these are the first bytes of their file, where a byte order mark may stand.
    """
    try:
        raw, problems = _parsed(data, first)
        case = read_case(raw, edition=edition)
    except CaseError as error:
        raise CaseError([*problems, *error.problems], error.readable) from None
    except UnicodeDecodeError as error:
        raise ValueError(f"byte {error.start + 1} (0x{error.object[error.start]:02x}) is not UTF-8") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, position {error.colno}" if "\n" in error.doc else f"position {error.colno}"
        raise ValueError(f"not JSON at {place} ({error.msg}); one JSON object expected") from None
    except RecursionError:
        raise ValueError("nested too deep; one JSON object expected") from None
    if problems:
        raise CaseError(problems, case)
    return case


def _parsed(data: bytes, first: bool) -> tuple[object, list[str]]:
    """What JSON says, and the keys that stand in it twice.

    What is no number to us (NaN, or a number of hundreds of digits) stays the text that it is: no answer fits it.
    """
    problems: list[str] = []

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:  # keeping only the last would lose an answer; a yes is kept, to name an alarm by
                problems.append(f"{key!r:.{LONGEST_SHOWN}} stands twice in one object; expected once")
            if found.get(key) is not True:
                found[key] = value
        return found

    text = data.rstrip(b"\r\n").decode("utf-8-sig" if first else "utf-8")
    return json.loads(text, object_pairs_hook=once, parse_constant=str, parse_int=_whole), problems


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) <= LONGEST_SHOWN else digits
