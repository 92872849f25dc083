"""Layers of a file, and the choice among them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import shapely

from geo.formats.features import Faults, RawLayer
from geo.formats.file_choice import find_named, undecided

__all__ = ["ALL_LAYERS", "LayerHandle", "Opened", "choose_layers"]

ALL_LAYERS: Final = "*"
"""Chooses all layers together."""


@dataclass(frozen=True, eq=False)
class LayerHandle:
    """A layer that can be read.

    Parameters
    ----------
    name
        The name that is shown, and with which it is chosen.
    read
        Reads it; faults of its features are added to what is given.
    also
        Other names with which it can be chosen.
    usable
        Whether it holds lines or polygons, where that is known without reading it.
    """

    name: str
    read: Callable[[Faults], RawLayer]
    also: tuple[str, ...] = ()
    usable: bool | None = None


@dataclass(frozen=True, eq=False)
class Opened:
    """Layers of an opened file.

    Parameters
    ----------
    layers
        Its layers.
    stated
        What it says of its origin beside its layers.
    """

    layers: list[LayerHandle]
    stated: Mapping[str, Any] = field(default_factory=dict)


def choose_layers(
    handles: Sequence[LayerHandle], wanted: str | None, faults: Faults
) -> list[RawLayer]:
    """Read the layer that is wanted, or the only one that holds lines or polygons.

    Parameters
    ----------
    handles
        All layers of the file.
    wanted
        Name of a layer, :data:`ALL_LAYERS`, or ``None``.
    faults
        Where faults of the chosen layers are added; knows the file's name.

    Returns
    -------
    list of RawLayer
        One layer, or all of them.

    Raises
    ------
    DataFormatError
        There is no such layer, or there are several and none was chosen; lists them.
    """
    if wanted is not None and wanted != ALL_LAYERS:
        return [_find(faults.name, handles, wanted).read(faults)]
    if len(handles) == 1:
        return [handles[0].read(faults)]
    found = [Faults(faults.name) for _ in handles]
    read = {
        row: handle.read(found[row]) for row, handle in enumerate(handles) if handle.usable is None
    }
    usable = [
        row
        for row, handle in enumerate(handles)
        if handle.usable or (row in read and (found[row].found or _holds_shapes(read[row])))
    ]
    if len(usable) > 1 and wanted != ALL_LAYERS:
        names = [handles[row].name for row in usable]
        why = f"has {len(names)} layers; {ALL_LAYERS} takes all of them together"
        raise undecided(faults.name, why, "layer", [*names, ALL_LAYERS])
    chosen = usable or range(len(handles))
    layers = [
        replace(read.get(row) or handles[row].read(found[row]), name=handles[row].name)
        for row in chosen
    ]
    for row in chosen:
        faults.extend(found[row])
    return layers


def _find(name: str, handles: Sequence[LayerHandle], wanted: str) -> LayerHandle:
    own = find_named(wanted, [handle.name for handle in handles])
    if own is not None:
        return next(handle for handle in handles if handle.name == own)
    also = find_named(wanted, [known for handle in handles for known in handle.also])
    matching = [handle for handle in handles if also in handle.also]
    if len(matching) == 1:
        return matching[0]
    raise undecided(name, f"has no layer {wanted!r}", "layer", [one.name for one in handles])


def _holds_shapes(layer: RawLayer) -> bool:
    """Tell whether there is more than points."""
    held = shapely.get_dimensions(layer.geometry)
    return bool(np.any((held > 0) & ~shapely.is_empty(layer.geometry)))
