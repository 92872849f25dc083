"""Populated places: names, coordinates, and which land each lies on."""

__all__: list[str] = []
