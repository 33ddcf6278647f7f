"""Words and pictures on paper and on screen: what a document says, as a tree, and its accessible PDF.

A document (``content``) says what stands where, before anybody decides how it looks: the website makes a page of it,
the terminal a text, ``pdf`` a PDF/UA-1 or a booklet. For one patient there are the ``result`` of a decision, the
``personal`` leaflet and, for the GP, its lines in SOEP; ``letters`` and the work plan; ``weigh``, on which an operation
is weighed together; ``scores`` over time. For everybody there are ``general`` leaflets, ``country``, and what goes with
an ``examination``. ``pictures`` (of ``svg``), ``prognosis`` and ``sources`` are what several of them show.

Each is imported by its own name: who only reads a result waits for no typesetter (``ruggespraak[web]``).
"""

__all__ = [
    "content",
    "country",
    "examination",
    "general",
    "letters",
    "pdf",
    "personal",
    "pictures",
    "prognosis",
    "result",
    "scores",
    "sources",
    "weigh",
]
