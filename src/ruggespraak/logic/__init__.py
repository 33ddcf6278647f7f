"""The language of rules, and what can be done with a rule. Knows nothing of backs.

A rule is an immutable tree over findings in Kleene's three-valued logic. One tree is evaluated with its reasons
(``evaluate``), bounded over everything unknown (``Evaluator.bounds``), asked for its smallest patients
(``Alphabet.implicants``), compiled to plain Python (``python_source``), and drawn (``sentence``, ``svg``).
"""

from ruggespraak.logic.alphabet import Alphabet, Form, Literal, Missing, Reading, at_least_of, opposite, shared
from ruggespraak.logic.expression import (
    ALWAYS,
    NEVER,
    And,
    AtLeast,
    Compare,
    Expression,
    In,
    Kleene,
    Named,
    Not,
    Or,
    Unless,
    all_of,
    answered,
    any_of,
    at_least,
)
from ruggespraak.logic.finding import AnswerError, Answers, Finding, Value, Vocabulary, read_date
from ruggespraak.logic.render import sentence, svg, table_row
from ruggespraak.logic.source import nodes, python_source
from ruggespraak.logic.trace import Evaluator, Trace, evaluate, evaluator

__all__ = [
    "ALWAYS",
    "NEVER",
    "Alphabet",
    "And",
    "AnswerError",
    "Answers",
    "AtLeast",
    "Compare",
    "Evaluator",
    "Expression",
    "Finding",
    "Form",
    "In",
    "Kleene",
    "Literal",
    "Missing",
    "Named",
    "Not",
    "Or",
    "Reading",
    "Trace",
    "Unless",
    "Value",
    "Vocabulary",
    "all_of",
    "answered",
    "any_of",
    "at_least",
    "at_least_of",
    "evaluate",
    "evaluator",
    "nodes",
    "opposite",
    "python_source",
    "read_date",
    "sentence",
    "shared",
    "svg",
    "table_row",
]
