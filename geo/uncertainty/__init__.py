"""Carry the positional uncertainty of the line to the areas."""

__all__: list[str] = []
