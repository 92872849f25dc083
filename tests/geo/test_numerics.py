"""Elementary functions of IEEE operations: right to the last digits, and exact sums of products."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from geo import numerics

Pair = tuple[Callable[..., np.ndarray], Callable[..., float], float, float]

ONE: dict[str, Pair] = {
    "sin": (numerics.sin, math.sin, -100.0, 100.0),
    "cos": (numerics.cos, math.cos, -100.0, 100.0),
    "arcsin": (numerics.arcsin, math.asin, -1.0, 1.0),
    "arctanh": (numerics.arctanh, math.atanh, -0.999, 0.999),
    "exp": (numerics.exp, math.exp, -50.0, 50.0),
    "log": (numerics.log, math.log, 1e-9, 1e9),
    "erf": (numerics.erf, math.erf, -5.0, 5.0),
}
TWO: dict[str, Pair] = {
    "arctan2": (numerics.arctan2, math.atan2, -1e6, 1e6),
    "hypot": (numerics.hypot, math.hypot, -1e6, 1e6),
}


@pytest.mark.parametrize("name", ONE)
def test_a_function_is_what_the_c_library_computes(name: str) -> None:
    """An independent implementation, which differs by some units of the last place at most."""
    ours, theirs, low, high = ONE[name]
    values = np.concatenate([np.linspace(low, high, 20_001), [low, high, (low + high) / 2.0]])
    expected = np.array([theirs(value) for value in values.tolist()])
    close = 16.0 * np.spacing(np.maximum(np.abs(expected), 1.0))
    if name == "exp":
        close = 4.0 * np.spacing(expected)
    assert (np.abs(ours(values) - expected) <= close).all()


@pytest.mark.parametrize("name", TWO)
@given(
    st.floats(-1e6, 1e6, allow_subnormal=False).filter(lambda value: not 0 < abs(value) < 1e-100),
    st.floats(-1e6, 1e6, allow_subnormal=False).filter(lambda value: not 0 < abs(value) < 1e-100),
)
@example(0.0, 0.0)
@example(-1.0, 0.0)
@example(1.0, -1.0)
@example(0.0, -1.0)
def test_a_function_of_two_is_what_the_c_library_computes(name: str, y: float, x: float) -> None:
    ours, theirs, _, _ = TWO[name]
    assert float(ours(y, x)) == pytest.approx(theirs(y, x), rel=4e-15, abs=1e-300)


@given(
    st.lists(st.floats(-25.0, 25.0), min_size=2, max_size=40),
    st.randoms(use_true_random=False),
)
def test_sums_of_whole_products_have_no_order(values: list[float], order: object) -> None:
    moved = numerics.whole(values, 2.0**-14)
    along = numerics.whole(values[::-1], 2.0**-22)
    shuffled = list(range(len(values)))
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    exact = sum(int(a) * int(b) for a, b in zip(moved, along, strict=True))
    assert float(moved @ along) == exact == float(moved[shuffled] @ along[shuffled])
    assert np.abs(moved * 2.0**-14 - values).max() <= 2.0**-15
