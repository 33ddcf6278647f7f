"""Every rule of an edition as CQL, for other people's engines.

``libraries`` gives two: the findings, read from FHIR Observations of one day, and the rules, which know nothing of FHIR
and rest on whatever library of that name is beside them. ``from_parameters`` is another one: the answers as parameters.
Three values here are CQL's own three values: null is unknown, never no.
"""

from ruggespraak.fhir.cql.findings import FINDINGS_LIBRARY, from_parameters
from ruggespraak.fhir.cql.library import CqlLibrary, libraries

__all__ = ["FINDINGS_LIBRARY", "CqlLibrary", "from_parameters", "libraries"]
