"""The records: how far the care of a practice or a region followed the pathway, by the same rules as in the consult."""
