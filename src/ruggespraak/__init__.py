"""Ruggespraak: Dutch back-pain care, as a patient leaflet and the guidelines describe it, as one executable pathway.

The rules (`pathway`) are written once and run in four places: one patient now (`consult`), one patient over time
(`course`), what was recorded (`audit`), and the country (`population`). `proof` holds what must be so for everybody.
"""

__version__ = "0.9.0"
