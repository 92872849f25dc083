"""OGC API – Features over the results of a scenario.

Imported when something under ``/ogc`` is asked for first, so that the server's start does not
wait for it.

References
----------
OGC 17-069r4, OGC API – Features – Part 1: Core corrigendum.
OGC 19-079r2, OGC API – Features – Part 3: Filtering.
OGC 21-065r2, Common Query Language (CQL2).
"""
