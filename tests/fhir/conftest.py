"""The practice of somebody else, for the tests that are launched from one."""

from smart_world import running, world

__all__ = ["running", "world"]
