"""How figures depend on readings, sources and clauses, and how they compare with published ones."""

__all__: list[str] = []
