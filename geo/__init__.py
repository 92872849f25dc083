"""A published territorial proposal, applied to geometries and measured.

The stair: :func:`load_boundaries`, :func:`load_contact_line`, :func:`load_plan` →
:func:`split_by_contact_line` → :func:`apply_plan` → :func:`make_layers` → :func:`tabulate`;
:func:`build_scenario` walks all of it. Nothing here prints, reads the environment or touches the
network.
"""

from geo import notebook_cards as _cards  # noqa: F401  tells notebooks what to show of the types below
from geo.analysis.clause_effects import ClauseEffect, ClauseEffects, clause_effects
from geo.analysis.sensitivity import FigureRange, ReadingRanges, explore_readings
from geo.analysis.source_spread import BandBy, Disputed, SourceBand, measure_band
from geo.analysis.verification import (
    Check,
    PublishedFigure,
    PublishedFigures,
    Verdict,
    load_published_figures,
    verify_figures,
)
from geo.comparison.compare import CompareBy, Comparison, Difference, compare_settlements
from geo.comparison.place_changes import PlaceChange
from geo.control_areas.to_line import contact_line_from_area
from geo.crs import GEOGRAPHIC_CRS, METRIC_CRS
from geo.errors import SettlementError
from geo.formats.features import Features
from geo.formats.reader import read_features
from geo.histories.history import History, each_day, history
from geo.histories.table import HistoryTable
from geo.io.boundaries import read_boundaries
from geo.io.control import ControlFile, ControlKind, read_control, read_control_file
from geo.io.drawn import Sketch, read_sketch
from geo.io.load import (
    data_directory,
    load_boundaries,
    load_contact_line,
    load_contact_lines,
    load_observations,
    load_plan,
    load_plans,
)
from geo.io.sources import FileSource, RefittedSource, open_source
from geo.lines.from_places import Waters, contact_line_from_observations
from geo.lines.shift import Shift, shift_line
from geo.lines.split import split_by_contact_line
from geo.measure import area_km2, distance_km, length_km
from geo.model.boundaries import Boundaries
from geo.model.contact_line import ContactLine
from geo.model.control import Control
from geo.model.identity import Identity
from geo.model.line_series import ControlSource, LineSeries
from geo.model.observations import Observations, Places
from geo.model.partition import Partition, SplitReport
from geo.model.provenance import Provenance
from geo.place_search import Found, Nearby, find_nearest_place, search_places
from geo.places.gazetteer import Disagreement, Gazetteer, place_in_faces
from geo.places.location import Location, Place
from geo.places.name_index import How
from geo.plans.alternatives import Alternative, list_alternatives
from geo.plans.layers import Layer, make_layers
from geo.plans.outcomes import Outcome, Settlement, apply_plan
from geo.plans.plan import (
    Basis,
    Category,
    Change,
    Flag,
    Forces,
    Plan,
    Recognition,
    check_plan,
    parse_plan,
)
from geo.scenario import Scenario, build_partition, build_scenario
from geo.statistics.tables import By, Column, Table, tabulate
from geo.uncertainty.estimate import Uncertainty, estimate_uncertainty

__all__ = [
    "GEOGRAPHIC_CRS",
    "METRIC_CRS",
    "Alternative",
    "BandBy",
    "Basis",
    "Boundaries",
    "By",
    "Category",
    "Change",
    "Check",
    "ClauseEffect",
    "ClauseEffects",
    "Column",
    "CompareBy",
    "Comparison",
    "ContactLine",
    "Control",
    "ControlFile",
    "ControlKind",
    "ControlSource",
    "Difference",
    "Disagreement",
    "Disputed",
    "Features",
    "FigureRange",
    "FileSource",
    "Flag",
    "Forces",
    "Found",
    "Gazetteer",
    "History",
    "HistoryTable",
    "How",
    "Identity",
    "Layer",
    "LineSeries",
    "Location",
    "Nearby",
    "Observations",
    "Outcome",
    "Partition",
    "Place",
    "PlaceChange",
    "Places",
    "Plan",
    "Provenance",
    "PublishedFigure",
    "PublishedFigures",
    "ReadingRanges",
    "Recognition",
    "RefittedSource",
    "Scenario",
    "Settlement",
    "SettlementError",
    "Shift",
    "Sketch",
    "SourceBand",
    "SplitReport",
    "Table",
    "Uncertainty",
    "Verdict",
    "Waters",
    "apply_plan",
    "area_km2",
    "build_partition",
    "build_scenario",
    "check_plan",
    "clause_effects",
    "compare_settlements",
    "contact_line_from_area",
    "contact_line_from_observations",
    "data_directory",
    "distance_km",
    "each_day",
    "estimate_uncertainty",
    "explore_readings",
    "find_nearest_place",
    "history",
    "length_km",
    "list_alternatives",
    "load_boundaries",
    "load_contact_line",
    "load_contact_lines",
    "load_observations",
    "load_plan",
    "load_plans",
    "load_published_figures",
    "make_layers",
    "measure_band",
    "open_source",
    "parse_plan",
    "place_in_faces",
    "read_boundaries",
    "read_control",
    "read_control_file",
    "read_features",
    "read_sketch",
    "search_places",
    "shift_line",
    "split_by_contact_line",
    "tabulate",
    "verify_figures",
]
