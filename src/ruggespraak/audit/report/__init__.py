"""What an audit found, for the talk in a practice: three findings in words, then pictures, then tables."""

from ruggespraak.audit.report.outputs import put, write
from ruggespraak.audit.report.page import body
from ruggespraak.audit.report.told import Told, three

__all__ = ["Told", "body", "put", "three", "write"]
