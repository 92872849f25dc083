"""A cache that computes each value once, for several threads."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, TypeVar

__all__ = ["Memo"]

Key = TypeVar("Key", bound=Hashable)
Made = TypeVar("Made")


@dataclass(eq=False)
class _Slot(Generic[Made]):
    lock: Lock = field(default_factory=Lock)
    made: Made | None = None


class Memo(Generic[Key, Made]):
    """Keeps what was made, each thing made once, up to a number of things.

    Parameters
    ----------
    most
        How many things are kept; the ones used longest ago are dropped first.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = Lock()
        self._slots: OrderedDict[Key, _Slot[Made]] = OrderedDict()

    def get(self, key: Key, make: Callable[[], Made]) -> Made:
        """Return what is kept under a key, or make it; others who ask for it wait."""
        with self._lock:
            slot = self._slots.setdefault(key, _Slot())
            self._slots.move_to_end(key)
            while len(self._slots) > self._most:
                self._slots.popitem(last=False)
        with slot.lock:
            if slot.made is None:
                slot.made = make()
            return slot.made

    def peek(self, key: Key) -> Made | None:
        """Return what is kept under a key, without waiting and without counting as use."""
        slot = self._slots.get(key)
        return None if slot is None else slot.made
