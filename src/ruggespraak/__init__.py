"""Ruggespraak: Dutch back-pain care, as a patient leaflet and the guidelines describe it, as one executable pathway.

The rules are written once and answer for one patient now (`consult`) and for one patient over time (`course`).
"""

__version__ = "0.9.0"
