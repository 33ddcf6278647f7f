"""Records as FHIR R4 resources, one a line: the files of a Bulk Data export, read and checked at speed.

The way of a line: ``audit.splitting`` finds it, whatever its length; ``decoding`` makes a resource of it, of the types
of ``shapes``; ``events`` and ``answers`` say what it tells, with ``said`` for what all kinds have in common; ``lines``
makes columns of that; ``loading`` brings the rows of all files together, judges them beside each other and puts them in
episodes. No line stops the reading, and none vanishes: it was read, passed over by its own word, or stands among the
rejects with the reason.

What says "no" and what says nothing is told apart as in ``fhir.read``, which reads one patient; a test holds the two
against each other.
"""
