"""Compare two settlements on the same boundaries."""

__all__: list[str] = []
