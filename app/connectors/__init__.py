"""Connectors: published lines and boundaries, fetched by the user into the user's own cache.

The only part of the program that touches the network, and only when ``point21 fetch`` is run.
"""
