"""How hard Hypothesis searches: `quick`, the same cases each time, or `whole`, more and new ones (RUG_CHECK=whole)."""

import os

from hypothesis import settings

settings.register_profile("quick", derandomize=True, deadline=None, max_examples=100)
settings.register_profile("whole", deadline=None, max_examples=2000, print_blob=True)
settings.load_profile(os.environ.get("RUG_CHECK") or "quick")
