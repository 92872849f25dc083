"""Files in, geometry out: the readers of every format, and the sources made of them."""

__all__: list[str] = []
