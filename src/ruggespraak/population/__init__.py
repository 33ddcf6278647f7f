"""The country: 17.9 million lives through the pathway, with what they need, what that costs, and under which rules.

``simulate.simulate(Run(...))`` lives them and counts; ``report`` makes a table of a run, ``plots`` draws it and
``outputs`` writes it as a folder; ``records`` writes what practices would have stored of the same lives.
``uncertainty`` says how sure it is, by the arithmetic of ``economics``; ``calibrate`` finds what no source gives. A
larger run goes in ``shards``, over a ``cluster`` (extra ``[dask]``) or on a GPU (``cuda``, extra ``[cuda]``).
``parameters`` and ``scenarios`` hold its numbers, ``words`` what they are called.

Each is imported by its own name, because some bring numba, SciPy or matplotlib along, and ``words`` nothing at all.
"""

__all__ = [
    "calibrate",
    "cluster",
    "cuda",
    "economics",
    "outputs",
    "parameters",
    "plots",
    "records",
    "report",
    "scenarios",
    "shards",
    "simulate",
    "uncertainty",
    "words",
]
