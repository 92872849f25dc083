"""Read the project's data, and users' lines, areas, boundaries and sources."""

__all__: list[str] = []
