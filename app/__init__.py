"""HTTP, pages and command line in front of :mod:`geo`."""
