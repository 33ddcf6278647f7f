"""The country: 17.9 million lives through the pathway, with what they need, what that costs, and under which rules."""
