"""The website: a self-check that keeps nothing, the records of a practice and of its patients, and what others may ask.

A page is in the module that its address has in ``urls``: ``self_check`` and ``pages`` are for everybody, ``mine*`` for
a patient behind her link, ``practice*`` for who works there, ``accounts`` for signing in, ``country_*`` for the run of
the country. ``api``, ``cds*``, ``smart*`` and ``fhir_*`` are for other systems. ``access`` is the one way in, and notes
who came.

A Django project (``ruggespraak[web]``) that others start and do not build on. ``start`` looks whether it can be used
safely, ``server`` serves it; ``settings`` and ``wsgi`` are for Django; ``exchange`` reads its list of other systems.
"""

__all__ = [
    "exchange",
    "server",
    "settings",
    "start",
    "wsgi",
]
