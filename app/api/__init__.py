"""Endpoints under ``/api``, one file a topic."""
