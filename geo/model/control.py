"""Control: who holds a place on the day of the line."""

from enum import StrEnum

__all__ = ["Control"]


class Control(StrEnum):
    """Holder of a place on the day of the line.

    "Holds" means what the source of the line means by it; the word says nothing about title.
    Internationally recognised borders are those of United Nations General Assembly resolution
    68/262 (27 March 2014).
    """

    UKRAINE = "ukraine"
    RUSSIA = "russia"

    @property
    def other(self) -> "Control":
        """The holder on the far side of the line."""
        return Control.RUSSIA if self is Control.UKRAINE else Control.UKRAINE
