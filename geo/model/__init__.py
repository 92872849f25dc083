"""Types that the engine computes with."""

__all__: list[str] = []
