"""What a site does not do, and why: one line for its operator."""


class RefusedError(ValueError):
    """It cannot be done like this: it says what stands in the way, and what was expected."""
