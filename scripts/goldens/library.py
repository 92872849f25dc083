"""What `import geo` offers, and what its objects say of the default settlement."""

from __future__ import annotations

import enum
import inspect
import numbers
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from typing import Any, Final

import geo

from .answers import Answer, make_answer

__all__ = ["call_library"]

DAY: Final = date(2025, 11, 21)


def call_library() -> list[Answer]:
    """Call the public names of the library on the shipped data."""
    parts = (_offered, _loaded, _settled, _tables, _derived, _faults)
    return [make_answer(name, {}, text) for part in parts for name, text in part()]


def _offered() -> Iterator[tuple[str, str]]:
    """Yield the names, parameters and members."""
    yield "geo.__all__", "\n".join(_offer(name) for name in geo.__all__)


def _offer(name: str) -> str:
    value = getattr(geo, name)
    if isinstance(value, type) and issubclass(value, enum.Enum):
        return f"{name}: {', '.join(str(member.value) for member in value)}"
    if isinstance(value, type):
        members = [each for each in dir(value) if not each.startswith("_")]
        inherited = {*dir(Exception), *dir(object), *_pydantic_members()}
        return f"{name}: {', '.join(each for each in members if each not in inherited)}"
    if callable(value):
        return f"{name}({', '.join(map(_parameter, inspect.signature(value).parameters.values()))})"
    return f"{name} = {str(value)[:40]}"


def _pydantic_members() -> list[str]:
    from pydantic import BaseModel

    return dir(BaseModel)


def _parameter(parameter: inspect.Parameter) -> str:
    simple = parameter.default is None or isinstance(parameter.default, bool | str | numbers.Number)
    default = "" if parameter.default is parameter.empty else "=…"
    if simple and default:
        default = f"={parameter.default!s}"
    star = "*" if parameter.kind is parameter.KEYWORD_ONLY else ""
    return f"{star}{parameter.name}{default}"


def _loaded() -> Iterator[tuple[str, str]]:
    """Yield what the files hold."""
    loads: dict[str, Callable[[], Any]] = {
        "load_boundaries": geo.load_boundaries,
        "load_contact_line": lambda: geo.load_contact_line(DAY),
        "load_contact_lines": geo.load_contact_lines,
        "load_observations": geo.load_observations,
        "load_published_figures": geo.load_published_figures,
    }
    for name, load in loads.items():
        yield from _show(f"geo.{name}", load())
    for plan in geo.load_plans().values():
        clauses = [f"{clause.id} {clause.kind}" for clause in plan.clauses]
        yield f"geo.load_plans {plan.id}", "\n".join([plan.title, str(plan.published), *clauses])


@cache
def _scenario(plan: str = "point21-axios") -> geo.Scenario:
    return geo.build_scenario(
        geo.load_boundaries(),
        geo.load_contact_line(DAY),
        geo.load_plan(plan),
        geo.load_observations(),
    )


def _settled() -> Iterator[tuple[str, str]]:
    """Yield the steps of a settlement."""
    scenario = _scenario()
    yield from _show("scenario", scenario)
    yield "scenario.summary", str(scenario.summary())
    yield "scenario.identity", f"{scenario.identity}\n{scenario.identity.to_dict()}"
    yield from _show("scenario.partition", scenario.partition)
    yield "scenario.partition report", repr(scenario.partition.report)
    yield from _show("scenario.settlement", scenario.settlement)
    for layer in scenario.layers:
        yield from _show(f"layer {layer.category}", layer)
    for name in ("Kramatorsk", "Donetsk", "Kherson"):
        yield f"scenario.find_place {name}", "\n".join(map(repr, scenario.find_place(name)))
    yield "scenario.locate", repr(scenario.locate(37.58, 48.72))
    yield "geo.clause_effects", "\n".join(map(repr, geo.clause_effects(scenario)))


def _tables() -> Iterator[tuple[str, str]]:
    """Yield columns and sums of every table as a frame."""
    for plan in ("point21-axios", "point21-cbs"):
        scenario = _scenario(plan)
        for by in geo.By:
            table = scenario.table(by)
            yield f"{plan} table {by.value}", _describe_frame(table.to_dataframe())
            if plan == "point21-axios":
                yield f"{plan} table {by.value} CSV", table.to_csv()


def _derived() -> Iterator[tuple[str, str]]:
    """Yield what is computed from more than one settlement."""
    scenario, other = _scenario(), _scenario("borders-1991")
    compared = scenario.compare(other)
    yield from _show("scenario.compare", compared)
    for by in geo.CompareBy:
        yield f"compared by {by.value}", _describe_frame(compared.table(by).to_dataframe())
    moved = geo.shift_line(scenario.partition, 5, into=geo.Control.UKRAINE)
    yield "geo.shift_line", f"{moved.moved_km2!r} {moved.km2_per_km!r}"
    for text in ("kramat", "Артемівськ", "48.72, 37.58"):
        yield f"geo.search_places {text}", "\n".join(map(repr, geo.search_places(scenario, text)))
    yield "geo.find_nearest_place", repr(geo.find_nearest_place(scenario, 37.58, 48.72))
    checks = geo.verify_figures(scenario.partition, geo.load_published_figures())
    yield "geo.verify_figures", "\n".join(map(repr, checks))
    told = geo.history(
        geo.load_plan("point21-axios"),
        geo.load_contact_lines(),
        boundaries=geo.load_boundaries(),
        observations=geo.load_observations(),
        first=date(2025, 11, 1),
        last=date(2025, 12, 1),
    )
    yield from _show("geo.history", told)
    yield "geo.history frame", _describe_frame(told.to_dataframe())


def _faults() -> Iterator[tuple[str, str]]:
    """Yield the words of errors."""
    faults: dict[str, Callable[[], Any]] = {
        "load_plan": lambda: geo.load_plan("point21-axois"),
        "load_contact_line": lambda: geo.load_contact_line(date(2020, 1, 1)),
        "find_place": lambda: _scenario().find_place("Qqqqqq"),
        "locate": lambda: _scenario().locate(0.0, 0.0),
        "parse_plan": lambda: geo.parse_plan({"id": "x", "clause": [{"kind": "frezze"}]}),
        "read_features": lambda: geo.read_features("nowhere.geojson"),
    }
    for name, fail in faults.items():
        try:
            text = f"no error: {fail()!r}"
        except geo.SettlementError as error:
            text = f"{type(error).__name__}: {error}"
        yield f"fault {name}", text


def _show(name: str, value: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401
    """Yield how an object shows itself in a notebook, and its frame if it has one."""
    card = getattr(value, "_repr_html_", None)
    yield name, repr(value) if card is None else str(card())
    frame = getattr(value, "to_geodataframe", None)
    if frame is not None:
        yield f"{name} as a frame", _describe_frame(frame())


def _describe_frame(frame: Any) -> str:  # noqa: ANN401
    """Write the columns of a frame, with the sum of numbers and the number of distinct texts."""
    lines = [f"{len(frame)} rows"]
    for name in frame.columns:
        column = frame[name]
        if str(column.dtype) == "geometry":
            lines.append(f"{name}: {', '.join(sorted(set(column.geom_type.dropna())))}")
        elif column.dtype.kind in "fiu":
            lines.append(f"{name}: sum {float(column.sum()):.9g}")
        else:
            lines.append(f"{name}: {len(set(map(str, column)))} distinct")
    return "\n".join(lines)
