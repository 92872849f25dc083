"""Figures of a plan for every day of a source."""

__all__: list[str] = []
