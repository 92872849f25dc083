"""Endpoints outside of ``/api``: the page, tiles, OGC API, metadata and service state."""
