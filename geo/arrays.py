"""Types of the arrays that tables of shapes are made of."""

import numpy as np
import numpy.typing as npt

__all__ = ["Geometries", "Strings"]


Geometries = npt.NDArray[np.object_]

Strings = npt.NDArray[np.object_]
