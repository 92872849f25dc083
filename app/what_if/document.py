"""Answer a what-if: apply a plan to a user's line, area or shifted line."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

import numpy as np
import shapely
from shapely.errors import ShapelyError

from app.datasets.catalogue import Catalogue, Selection
from app.documents.clause_effects import describe_effects
from app.documents.common import METHOD, face_properties, list_sources, write_totals
from app.documents.compare import (
    CatalogueOfSources,
    Compared,
    Differing,
    describe_comparison,
    describe_differences,
    parse_reference,
    select_reference,
)
from app.documents.geojson import simplify_for_display, write_feature, write_features
from app.errors import InputFault, UnusableInputError
from app.what_if.request import Detail, WhatIfRequest
from geo.arrays import Geometries
from geo.control_areas.to_line import contact_line_from_area
from geo.errors import (
    ConservationError,
    ContradictorySidesError,
    DataFormatError,
    FeaturesError,
    InvalidGeometryError,
    LineDoesNotSplitError,
    LineError,
    PlanError,
    SettlementError,
    UndecidedError,
)
from geo.formats.reader import read_features
from geo.geometry.topology import topology_of
from geo.io.control import ControlFile, control_of
from geo.io.drawn import Sketch, sketch_of
from geo.lines.shift import Shift, shift_line
from geo.lines.split import split_by_contact_line
from geo.model.boundaries import Boundaries
from geo.model.contact_line import ContactLine
from geo.model.line_series import Nearest
from geo.model.partition import Partition
from geo.model.provenance import Provenance
from geo.places.gazetteer import Gazetteer, place_in_faces
from geo.plans.clause_lines import clause_lines
from geo.plans.plan import Plan, check_plan, parse_plan
from geo.plans.selection import choose_day, read_plan
from geo.scenario import build_scenario
from geo.statistics.tables import By

__all__ = ["WhatIf", "answer_what_if", "describe_what_if", "plain_plan"]

SOURCE: Final = "what-if"
_KINDS: Final = (
    (LineDoesNotSplitError, "does_not_separate"),
    (ContradictorySidesError, "contradictory_sides"),
)


@dataclass(frozen=True, eq=False)
class WhatIf:
    """The result for a user's line and plan, and what it is compared with.

    ``plan_lines`` has the lines at which the clauses of a user's own plan begin, as far as they are
    known; it is ``None`` where the plan is ours.
    """

    selection: Selection
    reference: Selection
    shift: Shift | None
    plan_lines: Mapping[str, int] | None = None

    @property
    def compared(self) -> Compared:
        """From the reference (``a``) to the what-if (``b``)."""
        a, b = self.reference, self.selection
        return Compared(a, b, a.scenario.compare(b.scenario))


def answer_what_if(grounds: CatalogueOfSources, request: WhatIfRequest) -> WhatIf:
    """Apply a plan to a line, either of them the user's own.

    Parameters
    ----------
    grounds
        Gives the catalogue of a source and boundaries, such as :meth:`Catalogue.using`.
    request
        What is asked.

    Returns
    -------
    WhatIf
        Nothing is kept.

    Raises
    ------
    UnusableInputError
        Lists what is wrong with the plan or the line; names feature and place.
    UnknownPlanError, UnknownDateError
        There is no such plan, or no line to compare with.
    ReadingError
        The plan has no such reading or option.
    """
    catalogue = grounds(request.source, request.boundaries)
    plan = read_plan(_plan(catalogue, request.plan), catalogue.dataset.boundaries, request.readings)
    dates = catalogue.dataset.lines.dates
    day = choose_day(plan, dates, request.day, named=tuple(request.readings))
    reference = _reference(grounds, request, plan, day)
    line = _line(catalogue, request, day)
    divided, shift = _divide(catalogue, line, request)
    dataset = catalogue.dataset
    try:
        scenario = build_scenario(
            dataset.boundaries,
            divided.partition.line,
            plan,
            dataset.observations,
            divided=divided,
        )
    except PlanError as error:
        raise _plan_faults(error) from error
    lines = None if isinstance(request.plan, str | None) else clause_lines(request.plan_text)
    return WhatIf(Selection(scenario, dataset), reference, shift, lines)


# --- plan and reference ------------------------------------------------------------------------


def _plan(catalogue: Catalogue, given: str | Mapping[str, Any] | None) -> Plan:
    if given is None or isinstance(given, str):
        return catalogue.plan(given)
    try:
        plan = parse_plan(plain_plan(given), name="plan")
        check_plan(plan, catalogue.dataset.boundaries)
    except PlanError as error:
        raise _plan_faults(error) from error
    return plan


def plain_plan(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return a plan as a file has it, if it is as ``GET /api/plans/{id}`` writes it."""
    stated = dict(given)
    stated.pop("links", None)
    for plural, singular in (("clauses", "clause"), ("readings", "reading")):
        if plural in stated and singular not in stated:
            stated[singular] = stated.pop(plural)
    return stated


def _plan_faults(error: PlanError) -> UnusableInputError:
    faults = [InputFault(f"plan.{fault.key}".rstrip("."), fault.message) for fault in error.faults]
    return UnusableInputError(faults)


def _reference(
    grounds: CatalogueOfSources, request: WhatIfRequest, plan: Plan, day: date
) -> Selection:
    """Find what the result is compared with: what is asked for, or the plan on its own line."""
    if request.reference is not None:
        wanted = parse_reference(request.reference, parameter="reference")
        return select_reference(
            grounds, wanted, nearest=Nearest.ON_OR_BEFORE, boundaries=request.boundaries
        )
    catalogue = grounds(request.source, request.boundaries)
    known = isinstance(request.plan, str) or plan.id in catalogue.dataset.plans
    readings = request.readings if isinstance(request.plan, str | None) else {}
    return catalogue.select(
        plan.id if known else None, day, nearest=Nearest.ON_OR_BEFORE, readings=readings
    )


# --- line --------------------------------------------------------------------------------------


def _sketch(
    drawn: Mapping[str, Any] | ControlFile, request: WhatIfRequest, boundaries: Boundaries
) -> Sketch:
    """Read what the user drew, or turn its faults into those of the request."""
    try:
        control = (
            drawn
            if isinstance(drawn, ControlFile)
            else control_of(read_features(drawn, layer=request.part.layer), request.part)
        )
        several = len(control.selected.dates) > 1
        return sketch_of(
            control,
            country=topology_of(boundaries).country,
            day=request.day if several else None,
        )
    except UndecidedError as error:
        raise UnusableInputError([_undecided_fault(error)]) from error
    except FeaturesError as error:
        faults = [
            InputFault("line", f"{fault}.", fault.feature, fault.lon_deg, fault.lat_deg)
            for fault in error.faults
        ]
        raise UnusableInputError(faults) from error
    except DataFormatError as error:
        raise UnusableInputError([InputFault("line", str(error))]) from error


def _line(catalogue: Catalogue, request: WhatIfRequest, day: date) -> ContactLine:
    if request.line is None:
        return catalogue.line(day, nearest=Nearest.ON_OR_BEFORE)
    boundaries = catalogue.dataset.boundaries
    sketch = _sketch(request.line, request, boundaries)
    said = Provenance(
        title="A line drawn by the user", source=SOURCE, date=day.isoformat(),
        licence="the user's", attribution="the user", sha256=sketch.sha256,
    )  # fmt: skip
    if not sketch.is_area:
        lines = shapely.MultiLineString(list(shapely.get_parts(sketch.geometry)))
        return ContactLine(
            day, lines, SOURCE, "drawn by the user", said,
            source_id=SOURCE, united=sketch.united, basis=said.title,
        )  # fmt: skip
    with _Blamed():
        line = contact_line_from_area(
            sketch.geometry, boundaries, day=day, source=SOURCE, provenance=said
        )
    return replace(line, source_id=SOURCE, united=sketch.united, basis="An area drawn by the user")


def _undecided_fault(error: UndecidedError) -> InputFault:
    """Offer the choice as a request makes it: with the member ``part``; a file says it itself."""
    if error.name:
        return InputFault("line", str(error), choices=error.choices)
    listed = json.dumps(error.choices[:10], ensure_ascii=False)
    message = f"{error.why}. Choose one of them with the member 'part': {listed}."
    return InputFault("line", message, choices=error.choices)


class _Blamed:
    """Turns what the engine says of a member of a request into faults of that member."""

    def __init__(self, member: str = "line") -> None:
        self._member = member

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: object, _: object) -> None:
        if isinstance(error, LineError):
            raise UnusableInputError([_line_fault(error, self._member)]) from error
        if isinstance(error, ConservationError | InvalidGeometryError | ShapelyError):
            words = str(error) if isinstance(error, SettlementError) else type(error).__name__
            message = f"the line cannot divide the country: {words}. Simplify it, or repair it."
            raise UnusableInputError([InputFault(self._member, message)]) from error


def _line_fault(error: LineError, member: str) -> InputFault:
    """Say what is wrong with a line so that a program can say it in other words."""
    kind = next((word for fault, word in _KINDS if isinstance(error, fault)), None)
    gap_km = error.gap_km if isinstance(error, LineDoesNotSplitError) else None
    lon, lat = error.lon_deg, error.lat_deg
    return InputFault(member, str(error), lon=lon, lat=lat, kind=kind, gap_km=gap_km)


def _divide(
    catalogue: Catalogue, line: ContactLine, request: WhatIfRequest
) -> tuple[Gazetteer, Shift | None]:
    dataset = catalogue.dataset
    shift: Shift | None = None
    with _Blamed():
        partition: Partition = split_by_contact_line(dataset.boundaries, line)
    if request.shift is not None:
        wanted = request.shift
        with _Blamed("shift"):
            shift = shift_line(
                partition,
                wanted.km,
                into=wanted.into,
                between=wanted.between,
                within=wanted.within,
            )
        partition = _moved(shift, partition)
    return place_in_faces(partition, dataset.observations.on(partition.line.date)), shift


def _moved(shift: Shift, before: Partition) -> Partition:
    """Give a moved line the source of what-ifs; its hash is that of what was asked."""
    if shift.partition is before:
        return before
    line = shift.partition.line
    return replace(shift.partition, line=replace(line, source_id=SOURCE))


# --- the answer --------------------------------------------------------------------------------


def describe_what_if(result: WhatIf, detail: Detail = Detail.FULL) -> dict[str, Any]:
    """Give the whole result: figures, layers, line, and the difference from the reference.

    Parameters
    ----------
    result
        What was computed.
    detail
        ``full``, ``display`` (faces simplified together) or ``none``.

    Returns
    -------
    dict
        For :func:`app.documents.geojson.write_json`.
    """
    selection, scenario, compared = result.selection, result.selection.scenario, result.compared
    document: dict[str, Any] = {
        "identity": selection.identity,
        "reference": result.reference.identity,
        "method": METHOD,
        "line": _describe_line(result),
        "shift": None if result.shift is None else _describe_shift(result.shift),
        "statistics": {by.value: list(scenario.table(by).rows) for by in By},
        "totals": write_totals(scenario),
        "difference": describe_comparison(compared),
        "sources": list_sources(selection),
    }
    if result.plan_lines is not None:
        document["effects"] = describe_effects(scenario, result.plan_lines)
    if detail is Detail.NONE:
        return document
    shapes = scenario.partition.geometry
    if detail is Detail.DISPLAY:
        shapes = simplify_for_display(shapes)
    return {
        **document,
        "contact_line": write_feature(scenario.line.geometry, document["line"], feature_id=SOURCE),
        "layers": _describe_faces(result, shapes),
        "differs": describe_differences(compared, Differing.CATEGORY),
        "changed_hands": describe_differences(compared, Differing.HELD_BY),
    }


def _describe_faces(result: WhatIf, shapes: Geometries) -> dict[str, Any]:
    scenario = result.selection.scenario
    facts = [face_properties(scenario, row) for row in range(len(scenario.partition))]
    ids = [f"{row['oblast']}:{row['held_by']}" for row in facts]
    return write_features(np.asarray(shapes, dtype=object), facts, ids=ids)


def _describe_line(result: WhatIf) -> dict[str, Any]:
    scenario = result.selection.scenario
    line, report = scenario.line, scenario.partition.report
    return {
        "date": line.date.isoformat(),
        "source": line.source,
        "method": line.method,
        "length_km": scenario.contact_line_km,
        "drawn_length_km": line.length_km,
        "extended_ends": _ends(report.extended_ends),
        "trimmed_ends": _ends(report.trimmed_ends),
    }


def _ends(ends: Sequence[Any]) -> list[dict[str, float]]:
    return [end._asdict() for end in ends]


def _describe_shift(shift: Shift) -> dict[str, Any]:
    return {
        "km": shift.km,
        "into": shift.into.value,
        "stretch_km": shift.stretch_km,
        "moved_km2": shift.moved_km2,
        "km2_per_km": shift.km2_per_km,
    }
