"""Elementary functions that give the same digits on every processor.

numpy and the C library have several versions of sine, exponential and so on, choose one by what
the processor can do, and the versions differ in the last digit. Here they are made of ``+ - * /``
and the square root only, one operation at a time on whole arrays: IEEE 754 prescribes the result
of each to the last bit. Sums of products differ with the order in which a library adds;
:func:`whole` makes factors of which every order gives the same sum.

References
----------
IEEE 754-2019, section 5.4.1. Cody, W. J. and Waite, W. (1980). Software Manual for the Elementary
Functions. Prentice-Hall (reduction of the argument in parts of a constant).
"""

import math
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = [
    "arcsin",
    "arctan2",
    "arctanh",
    "cos",
    "erf",
    "exp",
    "hypot",
    "log",
    "sin",
    "whole",
]

Floats = npt.NDArray[np.float64]

# Each constant in parts: a multiple of the first by a small whole number has no rounding error.
_HALF_PI: Final = (
    float.fromhex("0x1.921fb54400000p+0"),
    float.fromhex("0x1.0b4611a600000p-34"),
    float.fromhex("0x1.3198a2e037073p-69"),
)
_LN2: Final = (float.fromhex("0x1.62e42fee00000p-1"), float.fromhex("0x1.a39ef35793c76p-33"))
_SQRT_HALF: Final = math.sqrt(0.5)
_SINE: Final = tuple((-1.0) ** k / math.factorial(2 * k + 1) for k in range(1, 10))
_COSINE: Final = tuple((-1.0) ** k / math.factorial(2 * k) for k in range(2, 10))
_EXPONENTIAL: Final = tuple(1.0 / math.factorial(k) for k in range(2, 15))
_ARCTANGENT: Final = tuple((-1.0) ** k / (2 * k + 1) for k in range(1, 14))
_LOGARITHM: Final = tuple(1.0 / (2 * k + 1) for k in range(1, 13))
_ERF_TERMS: Final = 90


def _polynomial(coefficients: tuple[float, ...], x: Floats) -> Floats:
    """Evaluate a polynomial, the coefficient of the lowest power first (Horner)."""
    total = np.full_like(x, coefficients[-1])
    for coefficient in reversed(coefficients[:-1]):
        total *= x
        total += coefficient
    return total


def _quarter_turns(angle: Floats) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Take the nearest number of right angles off; return the rest and the number modulo 4."""
    turns = np.rint(angle * (2.0 / math.pi))
    rest = angle
    for part in _HALF_PI:
        rest = rest - turns * part
    return rest, turns.astype(np.int64) & 3


def _sine_and_cosine(angle: npt.ArrayLike) -> tuple[Floats, Floats]:
    rest, turns = _quarter_turns(np.asarray(angle, dtype=np.float64))
    square = rest * rest
    sine = rest + rest * (square * _polynomial(_SINE, square))
    cosine = 1.0 - (0.5 * square - square * square * _polynomial(_COSINE, square))
    odd = (turns & 1).astype(bool)
    sine, cosine = np.where(odd, cosine, sine), np.where(odd, sine, cosine)
    return (
        np.where(turns >= 2, -sine, sine),
        np.where((turns == 1) | (turns == 2), -cosine, cosine),
    )


def sin(angle: npt.ArrayLike) -> Floats:
    """Return the sine.

    Parameters
    ----------
    angle
        Radians, any shape, of no more than some thousand turns.

    Returns
    -------
    numpy.ndarray
        Within two units of the last place.
    """
    return _sine_and_cosine(angle)[0]


def cos(angle: npt.ArrayLike) -> Floats:
    """Return the cosine.

    Parameters
    ----------
    angle
        Radians, any shape, of no more than some thousand turns.

    Returns
    -------
    numpy.ndarray
        Within two units of the last place.
    """
    return _sine_and_cosine(angle)[1]


def _arctangent(ratio: Floats) -> Floats:
    """Return the arctangent of numbers from 0 to 1."""
    for _ in range(2):  # half the angle: tan(a/2) = tan(a) / (1 + 1/cos(a))
        ratio = ratio / (1.0 + np.sqrt(1.0 + ratio * ratio))
    square = ratio * ratio
    return np.asarray(4.0 * (ratio + ratio * (square * _polynomial(_ARCTANGENT, square))))


def arctan2(y: npt.ArrayLike, x: npt.ArrayLike) -> Floats:
    """Return the angle of positions, from the x axis anticlockwise.

    Parameters
    ----------
    y, x
        Positions, shapes that fit each other.

    Returns
    -------
    numpy.ndarray
        Radians from -pi to pi; at the origin the signs of the zeros decide, as IEEE 754 says.
    """
    up, right = np.asarray(y, dtype=np.float64), np.asarray(x, dtype=np.float64)
    height, width = np.abs(up), np.abs(right)
    longer, shorter = np.maximum(height, width), np.minimum(height, width)
    angle = _arctangent(shorter / np.where(longer > 0.0, longer, 1.0))
    angle = np.where(height > width, 0.5 * math.pi - angle, angle)
    angle = np.where(np.signbit(right), math.pi - angle, angle)
    return np.asarray(np.copysign(angle, up))


def arcsin(sine: npt.ArrayLike) -> Floats:
    """Return the angle of a sine.

    Parameters
    ----------
    sine
        From -1 to 1, any shape.

    Returns
    -------
    numpy.ndarray
        Radians from -pi/2 to pi/2.
    """
    value = np.asarray(sine, dtype=np.float64)
    return arctan2(value, np.sqrt((1.0 - value) * (1.0 + value)))


def exp(power: npt.ArrayLike) -> Floats:
    """Return e to a power.

    Parameters
    ----------
    power
        From -700 to 700, any shape; what is less counts as -700.

    Returns
    -------
    numpy.ndarray
        Within two units of the last place.
    """
    value = np.maximum(np.asarray(power, dtype=np.float64), -700.0)
    doublings = np.rint(value * (1.0 / (_LN2[0] + _LN2[1])))
    rest = (value - doublings * _LN2[0]) - doublings * _LN2[1]
    result = 1.0 + (rest + rest * rest * _polynomial(_EXPONENTIAL, rest))
    return np.asarray(np.ldexp(result, doublings.astype(np.int64)))


def log(value: npt.ArrayLike) -> Floats:
    """Return the natural logarithm.

    Parameters
    ----------
    value
        Positive numbers, any shape.

    Returns
    -------
    numpy.ndarray
        Within three units of the last place.
    """
    mantissa, doublings = np.frexp(np.asarray(value, dtype=np.float64))
    small = mantissa < _SQRT_HALF
    mantissa, doublings = np.where(small, 2.0 * mantissa, mantissa), doublings - small
    ratio = (mantissa - 1.0) / (mantissa + 1.0)
    square = ratio * ratio
    part = 2.0 * (ratio + ratio * (square * _polynomial(_LOGARITHM, square)))
    return np.asarray(doublings * _LN2[0] + (doublings * _LN2[1] + part))


def arctanh(value: npt.ArrayLike) -> Floats:
    """Return the inverse hyperbolic tangent.

    Parameters
    ----------
    value
        Between -1 and 1, any shape; not made for numbers very near 0.

    Returns
    -------
    numpy.ndarray
        Within some units of the last place of 1.
    """
    number = np.asarray(value, dtype=np.float64)
    return np.asarray(0.5 * log((1.0 + number) / (1.0 - number)))


def hypot(x: npt.ArrayLike, y: npt.ArrayLike) -> Floats:
    """Return the length of vectors.

    Parameters
    ----------
    x, y
        Components, shapes that fit each other; their squares must be numbers.

    Returns
    -------
    numpy.ndarray
        Within one unit of the last place.
    """
    right, up = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    return np.asarray(np.sqrt(right * right + up * up))


def erf(value: npt.ArrayLike) -> Floats:
    """Return the error function.

    Parameters
    ----------
    value
        From -5 to 5, any shape.

    Returns
    -------
    numpy.ndarray
        Within some units of the last place.

    Notes
    -----
    The series of positive terms, Abramowitz and Stegun (1964), 7.1.6.
    """
    number = np.asarray(value, dtype=np.float64)
    square = number * number
    term = number.copy()
    total = number.copy()
    for k in range(1, _ERF_TERMS):
        term = term * (2.0 * square / (2.0 * k + 1.0))
        total = total + term
    return np.asarray(2.0 / math.sqrt(math.pi) * exp(-square) * total)


def whole(values: npt.ArrayLike, unit: float) -> Floats:
    """Count in whole units, so that sums of products are exact in whatever order they are added.

    Parameters
    ----------
    values
        Any shape.
    unit
        A power of two.

    Returns
    -------
    numpy.ndarray
        Whole numbers as float64: as long as a sum stays below 2**53, no library rounds it.
    """
    return np.asarray(np.rint(np.asarray(values, dtype=np.float64) / unit))
