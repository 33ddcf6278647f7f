"""The kind of complaint as a condition of its own: a class that holds while none before it does."""

from ruggespraak.logic import Expression, any_of
from ruggespraak.pathway.rules import Class, Complaint


def is_a(complaint: Complaint, classes: tuple[Class, ...]) -> Expression:
    """The condition that the kind of complaint *is* this one: a class that holds while none before it does."""
    found: list[Expression] = []
    for index, one in enumerate(classes):
        if one.complaint is complaint:
            before = any_of(earlier.when for earlier in classes[:index]).named(f"before_{complaint}_{index}")
            found.append(one.when.unless(before) if index else one.when)
    return any_of(found).named(f"is_{complaint}")
