"""Dependence of figures on readings, sources and clauses; comparison with published figures."""

__all__: list[str] = []
