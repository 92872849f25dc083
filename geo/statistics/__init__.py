"""Tables of areas and of withdrawals."""

__all__: list[str] = []
