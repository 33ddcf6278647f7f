"""The records: how far the care of a practice or a region followed the pathway, by the same rules as in the consult.

From records to a report, in this order:

- ``extract`` (CSV ``files``), ``ndjson`` (FHIR), ``parquet`` and ``rows`` (in memory) read, where need be by
  ``splitting`` a file into lines; what cannot be read is among the ``rejects``. All give ``records``: the tables of an
  audit. ``episodes`` puts what happened into episodes.
- ``looks``: what was known at every contact with the GP. ``outcome``: what the rules of an edition say of it, through
  ``to_ibis``, the one place where a rule becomes a query.
- ``care``: each look beside what was done. ``measures``: the one held against the other; imaging without indication is
  ``picture_without_indication``. ``hedis``: the measure of another country.
- ``figures`` counts, ``report`` tells, in the ``words`` of ``words.toml``. ``audit`` is all of it from end to end, on
  any ``engine``.

Nothing is imported here: what an audit needs (``ruggespraak[audit]``) may not be installed. What others use is below,
each by its own name.
"""

__all__ = [
    "audit",
    "engine",
    "extract",
    "figures",
    "hedis",
    "measures",
    "ndjson",
    "parquet",
    "records",
    "rejects",
    "report",
    "rows",
    "to_ibis",
    "words",
]
