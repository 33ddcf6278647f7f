"""The pathway and its cases in the words of others: FHIR R4, CQL and CDS Hooks. Pure functions: no web, no database.

``definitions`` and ``cql`` are an edition, for another engine. ``read`` takes findings out of somebody else's
resources, each with where it came from; ``write`` makes resources of a case and its decision; ``cards`` makes the cards
of CDS Hooks. ``names`` and ``units`` are what they have in common.

Each is imported by its own name, and needs no extra: a resource is what JSON has, a dictionary.
"""

__all__ = [
    "cards",
    "cql",
    "definitions",
    "names",
    "read",
    "units",
    "write",
]
