"""Operations on geometries that know nothing of plans, lines or files."""

__all__: list[str] = []
