"""Translations of a plan's words: titles, summaries, open questions.

Quotations stay what they are. Their translation is ours, stands beside them and is called so. A
file has a word for everything in the plan that can be translated, and for nothing else.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from geo.arguments import show
from geo.errors import Fault, PlanError
from geo.files.bounded import read_bounded
from geo.files.content import decode_text
from geo.files.toml import parse_toml
from geo.plans.plan import Plan
from geo.plans.validation import meant

__all__ = ["PlanWords", "Texts", "load_plan_words", "parse_plan_words", "translatable"]

Texts: TypeAlias = dict[str, Any]
"""Texts by key, nested as the plan is; clauses, readings and options stand under their ids."""

_MOST_BYTES: Final = 4 * 2**20
_OF_PLAN: Final = ("title", "title_short", "note")
_OF_SOURCE: Final = ("title", "publisher")
_OF_CLAUSE: Final = ("article", "quote", "reading", "reason", "place")
_OF_OPTION: Final = ("label", "meaning")


@dataclass(frozen=True)
class PlanWords:
    """Words of a plan in another language.

    Parameters
    ----------
    plan
        Id of the plan.
    texts
        In the form of :func:`translatable`; ``quote`` and ``left_open_by`` are translations of
        the text's own words.
    originals
        What the plan itself says, in the same form.
    """

    plan: str
    texts: Texts
    originals: Texts


def _texts(owner: object, keys: tuple[str, ...]) -> Texts:
    return {key: getattr(owner, key) for key in keys if getattr(owner, key, "")}


def translatable(plan: Plan) -> Texts:
    """Gather what a plan says in words.

    Parameters
    ----------
    plan
        The plan.

    Returns
    -------
    dict
        The plan's own texts by key. ``name`` of a reading is its id in words.
    """
    readings = {}
    for reading in plan.reading:
        texts: Texts = {"name": reading.id.replace("_", " ")}
        texts |= _texts(reading, ("question", "left_open_by"))
        texts |= {"option": {option.id: _texts(option, _OF_OPTION) for option in reading.option}}
        if reading.oblast_list is not None:
            texts |= {"oblast_list": _texts(reading.oblast_list, _OF_OPTION)}
        readings[reading.id] = texts
    return {
        **_texts(plan, _OF_PLAN),
        "source": _texts(plan.source, _OF_SOURCE),
        "clause": {clause.id: _texts(clause, _OF_CLAUSE) for clause in plan.clause},
        **({"reading": readings} if readings else {}),
    }


def _faults(wanted: Mapping[str, Any], found: object, key: str = "") -> Iterator[Fault]:
    """Compare two trees of texts."""
    if not isinstance(found, Mapping):
        yield Fault(key, "expected a table")
        return
    for name in found.keys() - wanted.keys():
        message = f"there is nothing of this name to translate{meant(name, wanted)}"
        yield Fault(f"{key}{name}", message)
    for name, text in wanted.items():
        at = f"{key}{name}"
        if name not in found:
            yield Fault(at, "expected a translation; got none")
        elif isinstance(text, Mapping):
            yield from _faults(text, found[name], f"{at}.")
        elif not isinstance(found[name], str) or not found[name].strip():
            yield Fault(at, f"expected a text; got {show(found[name])}")


def parse_plan_words(mapping: Mapping[str, Any], plan: Plan, *, name: str) -> PlanWords:
    """Check the words of a plan in another language.

    Parameters
    ----------
    mapping
        In the form of ``data/plans/uk/*.toml``.
    plan
        The plan that they belong to.
    name
        What to call it in messages, usually the file.

    Returns
    -------
    PlanWords
        A text for everything that :func:`translatable` has.

    Raises
    ------
    PlanError
        Lists every text that is missing, empty, or belongs to nothing in the plan.
    """
    texts = dict(mapping)
    faults = []
    if (version := texts.pop("schema_version", None)) != 1:
        faults.append(Fault("schema_version", f"expected 1; got {show(version)}"))
    if (belongs := texts.pop("plan", None)) != plan.id:
        faults.append(Fault("plan", f"expected {plan.id!r}; got {show(belongs)}"))
    originals = translatable(plan)
    faults += sorted(_faults(originals, texts), key=lambda fault: fault.key)
    if faults:
        raise PlanError(name, faults)
    return PlanWords(plan.id, texts, originals)


def load_plan_words(path: Path, plan: Plan) -> PlanWords | None:
    """Load the words of a plan in another language.

    Parameters
    ----------
    path
        A TOML file in the form of ``data/plans/uk/*.toml``.
    plan
        The plan that they belong to.

    Returns
    -------
    PlanWords or None
        None where there is no such file: the plan is then shown in its own language.

    Raises
    ------
    DataFormatError
        The file cannot be read.
    PlanError
        It is no TOML, or does not fit the plan; lists every fault.
    """
    if not path.exists():
        return None
    content = read_bounded(path, most_bytes=_MOST_BYTES, what="the translation of a plan")
    try:
        mapping = parse_toml(decode_text(content, name=str(path)))
    except ValueError as error:
        raise PlanError(str(path), [Fault("", f"expected TOML ({error})")]) from None
    return parse_plan_words(mapping, plan, name=str(path))
