"""Areas of control: turn one into the contact line inside the country."""

__all__: list[str] = []
