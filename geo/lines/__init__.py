"""Contact lines: split the country by one, repair, shift and smooth one, make one from places."""

__all__: list[str] = []
