"""Cards of CDS Hooks 2.0: what a care giver should know at this moment, in the screens of their own system.

``patient_view`` speaks when a record is opened, ``order_cards`` when something is ordered; both say nothing where there
is nothing to say. ``services`` is what they offer, and what they need to know. Nothing is ever done by itself: there
are suggestions, and no system actions.
"""
