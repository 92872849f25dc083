"""Read bytes and text of files, whatever their encoding."""

__all__: list[str] = []
