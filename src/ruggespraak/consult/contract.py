"""The contract as bytes: a case in, read strictly, and a decision out; the same for the command and the API.

What cannot be read is named, and nothing is lost.
"""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from ruggespraak.consult.case import LONGEST_SHOWN, Case, CaseError, Problem, read_case
from ruggespraak.consult.decide import Decision, decide
from ruggespraak.consult.explain import explain
from ruggespraak.pathway.rules import Urgency


def case_in(data: bytes, edition: str, first: bool = True, today: date | None = None) -> Case:
    """The case that this JSON holds. Raises ValueError, and where a part of it can still be read CaseError.

    ``first``: these are the first bytes of their file, where a byte order mark may stand. ``today``: as ``read_case``.
    """
    try:
        raw, problems = _parsed(data, first)
        case = read_case(raw, edition=edition, today=today)
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


def _parsed(data: bytes, first: bool) -> tuple[object, list[Problem]]:
    """What JSON says, and the keys that stand in it twice.

    What is no number to us (NaN, or a number of hundreds of digits) stays the text that it is: no answer fits it.
    """
    problems: list[Problem] = []

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:  # keeping only the last would lose an answer; a yes is kept, to name an alarm by
                shown = f"{key!r:.{LONGEST_SHOWN}}"
                says = f"{shown} stands twice in one object; expected once"
                problems.append(Problem(shown, "twice in one object", "once", says))
            if found.get(key) is not True:
                found[key] = value
        return found

    text = data.rstrip(b"\r\n").decode("utf-8-sig" if first else "utf-8")
    return json.loads(text, object_pairs_hook=once, parse_constant=str, parse_int=_whole), problems


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) <= LONGEST_SHOWN else digits


def decision_out(case: Case, lang: str, explained: bool) -> bytes:
    """The decision as one line of JSON, without its end."""
    decision = decide(case, lang).as_json()
    if explained:
        decision["explain"] = explain(case, lang)
    # A lone surrogate in an id is no text in UTF-8; JSON's own escape for it is.
    return json.dumps(decision, ensure_ascii=False).encode("utf-8", "backslashreplace")


def alarm_in(error: CaseError) -> Decision | None:
    """The decision on what can still be read, where an alarm stands in that: a mistake elsewhere may not hide it."""
    decision = decide(error.readable)
    return decision if decision.urgency >= Urgency.WITHIN_DAYS and decision.established else None
