"""Romanise Ukrainian names by the official table of 2010."""

from typing import Final

__all__ = ["romanise"]

_ANYWHERE: Final = dict(
    zip(
        "абвгґдежзиійклмнопрстуфхцчшщьюя'’ʼєї",
        [
            "a",
            "b",
            "v",
            "h",
            "g",
            "d",
            "e",
            "zh",
            "z",
            "y",
            "i",
            "i",
            "k",
            "l",
            "m",
            "n",
            "o",
            "p",
            "r",
            "s",
            "t",
            "u",
            "f",
            "kh",
            "ts",
            "ch",
            "sh",
            "shch",
            "-",
            "iu",
            "ia",
            "-",
            "-",
            "-",
            "ie",
            "i",
        ],
        strict=True,
    )
)
_AT_START: Final = {"є": "ye", "ї": "yi", "й": "y", "ю": "yu", "я": "ya"}


def romanise(name: str) -> str:
    """Return the Latin form of a Ukrainian name.

    Parameters
    ----------
    name
        In Ukrainian spelling.

    Returns
    -------
    str
        Romanised; characters outside the Ukrainian alphabet stay as they are.

    References
    ----------
    Cabinet of Ministers of Ukraine, resolution No. 55 of 27 January 2010.
    """
    words = name.lower().replace("зг", "z\u0000").split(" ")
    return " ".join("-".join(_word(part) for part in word.split("-")) for word in words)


def _word(word: str) -> str:
    letters = [
        _AT_START.get(letter) if index == 0 and letter in _AT_START else _ANYWHERE.get(letter)
        for index, letter in enumerate(word)
    ]
    text = "".join(
        letter if latin is None else latin.replace("-", "")
        for letter, latin in zip(word, letters, strict=True)
    )
    return text.replace("\u0000", "gh").capitalize()
