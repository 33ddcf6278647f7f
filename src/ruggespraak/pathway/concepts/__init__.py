"""Concepts: named conditions that several rules share. Read them as definitions."""
