"""Resources of a consult: what was told and decided (``consult``, ``care``), whose it is (``person``), and who did what
(``audit_event``). ``resource`` is what all of them share."""
