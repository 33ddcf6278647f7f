"""The practice's records: patients, episodes, facts that only add up, decisions that can be made again, reminders.

All that is stored is stored here, in the tables of ``models``; what an episode is, ``course`` makes of its facts. Who
works with a record goes by ``record`` (write and read), ``worklist`` (who needs somebody now), ``sharing`` (what a
patient gives away) and ``audited`` (the practice's own figures). Every one of them is in the access ``log``, which
``looked`` shows the patient; ``roles`` says who may. The operator has ``operations`` and ``backup``; each day has
``upkeep`` and ``jobs``.

A Django app (``ruggespraak[web]``): its modules are imported by their own name, once Django has its settings.
"""

__all__ = [
    "audited",
    "backup",
    "database",
    "demonstration",
    "elsewhere",
    "facts",
    "jobs",
    "log",
    "looked",
    "models",
    "operations",
    "record",
    "refused",
    "retention",
    "roles",
    "sealing",
    "sharing",
    "sign_ins",
    "upkeep",
    "worklist",
]
