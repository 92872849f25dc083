"""Normalise and transliterate names, and reduce them to their sound.

Three strengths of sameness. :func:`normalise_name` forgets case, accents, apostrophes and hyphens.
:func:`romanise` writes Ukrainian by the table in force. :func:`reduce_name` forgets which table
somebody used, and whether they wrote Ukrainian or Russian letters: ``Слов'янськ``, ``Slov'yans'k``,
``Slovjansk`` and ``Sloviansk`` are one.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

__all__ = ["drop_type_words", "normalise_name", "reduce_name", "retype", "romanise"]

_MANY_NAMES: Final = 100_000
_APOSTROPHES: Final = dict.fromkeys(map(ord, "'’ʼ`´ʹ‘′"), None)
_HYPHENS: Final = "-‐‑–—"


def _table(letters: str, written: str) -> dict[str, str]:
    """Pair letters with how they are written; ``-`` is nothing."""
    pairs = zip(letters.split(), written.split(), strict=True)
    return {letter: "" if new == "-" else new for letter, new in pairs}


_ROMAN: Final = _table(
    "а б в г ґ д е ж  з и і й к л м н о п р с т у ф х  ц  ч  ш  щ    є  ї ю  я  ь ' ’ ʼ",
    "a b v h g d e zh z y i i k l m n o p r s t u f kh ts ch sh shch ie i iu ia - - - -",
)
_FIRST: Final = {"є": "ye", "ї": "yi", "й": "y", "ю": "yu", "я": "ya"}

_SOUNDS: Final = _table(
    "а б в г ґ д ж з и і й ї ы к л м н о п р с т у ў ф х ц ч ш щ  е є э ё ю  я  ь ъ",
    "a b v h h d z z i i i i i k l m n o p r s t u v f h c c s sc e e e e iu ia - -",
) | _table(
    "ł ı ø đ ß æ w q g x kh zh zgh sh sz shch szcz ch cz tch tsch ts tz y j",
    "l i o d s e v k h h h  z  zh  s  s  sc   sc   c  c  c   c    c  c  i i",
)
_SOUND: Final = re.compile("|".join(sorted(_SOUNDS, key=len, reverse=True)))
_REPEATED: Final = re.compile(r"(.)\1+")
_NO_LETTER: Final = re.compile(r"[\W_]+")

_LATIN_KEYS: Final = "qwertyuiop[]asdfghjkl;'zxcvbnm,."
_LAYOUTS: Final = ("йцукенгшщзхїфівапролджєячсмитьбю", "йцукенгшщзхъфывапролджэячсмитьбю")


@lru_cache(maxsize=_MANY_NAMES)  # the same names come back for every date
def normalise_name(name: str) -> str:
    """Fold a name for comparison: case, accents, apostrophes, hyphens and spaces.

    Parameters
    ----------
    name
        A name in Latin or Cyrillic letters.

    Returns
    -------
    str
        The folded name. Ukrainian letters such as і, ї and й are kept apart.
    """
    folded = unicodedata.normalize("NFC", name).casefold().translate(_APOSTROPHES)
    folded = "".join(" " if letter in _HYPHENS else letter for letter in folded)
    latin = unicodedata.normalize("NFD", folded)
    if not any("Ѐ" <= letter <= "ӿ" for letter in folded):
        folded = "".join(letter for letter in latin if not unicodedata.combining(letter))
    return " ".join(folded.split())


# Ukrainian, Russian and Latin; one letter needs a dot or a blank after it, as all others do.
_TYPE_WORDS: Final = (
    "м|с|х|г|д|п|ст|см|смт|сел|сел-ще|селище(?: міського типу)?|місто|село|хутір|хут|хутор"
    "|нп|н[.] ?п|населений пункт|населённый пункт|населенный пункт|станиця|станица|станція"
    "|город|гор|пгт|п[.]г[.]т|пос|пос[её]лок(?: городского типа)?|дер|деревня"
    "|m|s|c|v|smt|pgt|misto|selo|selyshche|khutir|gorod|posyolok|poselok"
    "|(?:the )?(?:city|town|village|settlement|urban-type settlement)(?: of)?"
)
_TYPE_BEFORE: Final = re.compile(rf"\W*(?:{_TYPE_WORDS})(?:[.]\s*|\s+)(?=\w)", re.IGNORECASE)


def drop_type_words(name: str) -> str:
    """Drop what kind of place it is from before a name: "м. Торецьк", "the city of Kyiv".

    Parameters
    ----------
    name
        As somebody wrote it.

    Returns
    -------
    str
        The name alone. Some names begin with such a word ("Хутір-Михайлівський", "Станиця
        Луганська"): look for the whole first.

    Examples
    --------
    >>> [drop_type_words(name) for name in ("смт Велика Новосілка", "С.ВЕСЕЛЕ", "Село", "Сміла")]
    ['Велика Новосілка', 'ВЕСЕЛЕ', 'Село', 'Сміла']
    """
    return _TYPE_BEFORE.sub("", name, count=1) if _TYPE_BEFORE.match(name) else name


def romanise(name: str) -> str:
    """Write a Ukrainian name in Latin letters by the official table.

    Parameters
    ----------
    name
        A name in Ukrainian letters; others stay as they are.

    Returns
    -------
    str
        The name with its capitals.

    References
    ----------
    Cabinet of Ministers of Ukraine, resolution 55 of 27 January 2010, "Some issues of
    transliteration of the Ukrainian alphabet by the Latin alphabet".

    Examples
    --------
    >>> [romanise(name) for name in ("Слов'янськ", "Єнакієве", "Згурівка", "Ямпіль")]
    ['Sloviansk', 'Yenakiieve', 'Zghurivka', 'Yampil']
    """
    written = []
    before = " "
    for letter in unicodedata.normalize("NFC", name):
        small = letter.lower()
        found = _ROMAN.get(small, letter)
        if small in _FIRST and not (before.isalpha() or before in "'’ʼ"):
            found = _FIRST[small]
        if small == "г" and before.lower() == "з":
            found = "gh"
        written.append(found.capitalize() if letter != small and found else found)
        before = letter
    return "".join(written)


@lru_cache(maxsize=_MANY_NAMES)
def reduce_name(name: str) -> str:
    """Reduce a name to what all ways of writing it have in common.

    Letters that are confused between Ukrainian and Russian, between tables of transliteration
    (official 2010, BGN/PCGN 1965, ISO 9, Polish and German habits) and by the ear fall together;
    signs, doubled letters and what is neither letter nor digit fall out.

    Parameters
    ----------
    name
        A name in Latin or Cyrillic letters; anything else stays as it is.

    Returns
    -------
    str
        Small letters, words parted by one space. Not for people to read.

    Examples
    --------
    >>> {reduce_name(name) for name in ("Єнакієве", "Yenakiieve", "Jenakijewe", "Yenakiyeve")}
    {'enakeve'}
    """
    composed = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", name).casefold())
    carons = composed.translate(_APOSTROPHES).translate(_CARONS)
    letters = "".join(letter if "Ѐ" <= letter <= "ӿ" else _bare(letter) for letter in carons)
    sounds = _SOUND.sub(lambda found: _SOUNDS[found[0]], letters)
    words = [_REPEATED.sub(r"\1", word) for word in _NO_LETTER.split(sounds) if word]
    return " ".join(word.replace("ie", "e") for word in words)


_CARONS: Final = str.maketrans({"č": "ch", "š": "sh", "ž": "zh", "ż": "zh", "ś": "s"})


def _bare(letter: str) -> str:
    if letter < "\x80":
        return letter
    apart = unicodedata.normalize("NFD", letter)
    return "".join(part for part in apart if not unicodedata.combining(part))


def retype(text: str) -> tuple[str, ...]:
    """Say what was meant by a text that was typed with the wrong keyboard layout.

    Parameters
    ----------
    text
        As it was typed.

    Returns
    -------
    tuple of str
        The same keys on the Ukrainian and the Russian layout, if the text is Latin, or on the
        Latin one, if it is Cyrillic. Empty when no key would give another letter.

    Examples
    --------
    >>> retype("rhfvfnjhcmr")[0]
    'краматорськ'
    """
    small = text.casefold()
    tables = [str.maketrans(_LATIN_KEYS, layout) for layout in _LAYOUTS]
    tables += [str.maketrans(layout, _LATIN_KEYS) for layout in _LAYOUTS]
    return tuple(dict.fromkeys(new for table in tables if (new := small.translate(table)) != small))
