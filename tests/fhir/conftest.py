"""The browser of the tests of the pages, for somebody else's screen."""

from browser import chromium

__all__ = ["chromium"]
