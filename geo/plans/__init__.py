"""Plans: their clauses, open questions and translations, and what they decide about land."""

__all__: list[str] = []
