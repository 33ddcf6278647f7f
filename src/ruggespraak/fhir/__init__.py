"""The pathway and its cases in the words of others: FHIR R4, CQL and CDS Hooks. Pure functions: no web, no database.

``cql`` writes every rule of an edition as CQL; ``questionnaire``, ``plan``, ``terminology`` and ``package`` write what
another engine needs to run it. ``read`` takes findings out of somebody else's resources, each with where it came from;
``write`` and ``care`` make resources of a case and its decision, ``person`` and ``audit_event`` of whose it is and who
did what; ``cards`` makes the cards of CDS Hooks.
"""
