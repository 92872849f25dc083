"""Read features from files of every format."""

__all__: list[str] = []
