"""What point 21 means on the day of the plan: categories, attributes, figures, places."""

import math
from dataclasses import replace

import numpy as np
import pytest
import shapely

import geo
from drawn import ANCHOR, make_line
from geo.errors import ContradictorySidesError, OutsideCountryError, PlanError, UnknownPlaceError
from geo.plans.plan import Category, Change, Flag, Forces, Recognition

A, B = "point21-axios", "point21-cbs"
ALL = [A, B, "freeze-everywhere", "borders-1991"]


def by_face(scenario):
    partition = scenario.partition
    return {
        (oblast, str(holder)): outcome
        for oblast, holder, outcome in zip(
            partition.oblast_id, partition.held_by, scenario.settlement.outcomes, strict=True
        )
    }


@pytest.mark.parametrize("plan", ALL)
def test_categories_add_up_to_the_country(scenarios, plan):
    scenario = scenarios[plan]
    rows = scenario.table("category").rows
    whole = scenario.boundaries.area_km2.sum()
    assert sum(row["area_km2"] for row in rows) == pytest.approx(whole, rel=1e-9)
    assert sum(row["share_of_country"] for row in rows) == pytest.approx(1, rel=1e-9)
    assert [row["category"] for row in rows] == [str(category) for category in Category][:5]
    for row in rows:
        held = row["ukraine_held_km2"] + row["russia_held_km2"]
        assert held == pytest.approx(row["area_km2"], rel=1e-9)


@pytest.mark.parametrize("plan", ALL)
def test_layers_hold_every_face_once(scenarios, plan):
    scenario = scenarios[plan]
    rows = np.concatenate([layer.rows for layer in scenario.layers])
    assert sorted(rows) == list(range(len(scenario.partition)))
    for layer in scenario.layers:
        assert layer.area_km2 == pytest.approx(geo.area_km2(layer.geometry).sum(), rel=1e-12)


def test_figures_of_plan_a_lie_in_the_published_range(scenarios):
    areas = {row["category"]: row["area_km2"] for row in scenarios[A].table("category").rows}
    assert 6000 <= areas["buffer_zone"] <= 6450
    assert 1600 <= areas["relinquished"] <= 2200


@pytest.mark.parametrize(
    ("name", "category", "clauses"),
    [
        ("Kramatorsk", "buffer_zone", ("21.1", "21.4")),
        ("Слов'янськ", "buffer_zone", ("21.1", "21.4")),
        ("Kherson", "retained", ("21.2",)),
        ("Мелітополь", "frozen", ("21.2",)),
        ("Sievierodonetsk", "de_facto_recognized", ("21.1",)),
        ("Sevastopol", "de_facto_recognized", ("21.1",)),
        ("Kyiv", "retained", ()),
        ("Dvorichna", "relinquished", ("21.3",)),
    ],
)
def test_places_under_plan_a(scenarios, name, category, clauses):
    first = scenarios[A].find_place(name)[0]
    assert (first.outcome.category, first.outcome.clauses) == (category, clauses)
    assert tuple(clause.id for clause in first.clauses) == clauses


def test_kinburn_spit_is_relinquished(scenarios):
    location = scenarios[A].locate(31.70, 46.49)
    assert location.oblast == "UA-48"
    assert location.outcome.category is Category.RELINQUISHED
    assert location.outcome.change is Change.RUSSIA_WITHDRAWS


def test_the_buffer_zone_in_both_texts(scenarios):
    a, b = (by_face(scenarios[plan])["UA-14", "ukraine"] for plan in (A, B))
    assert a.category is b.category is Category.BUFFER_ZONE
    assert a.forces_allowed is b.forces_allowed is Forces.NONE
    assert a.change is b.change is Change.UKRAINE_WITHDRAWS
    assert a.recognised_as is Recognition.RUSSIA_INTERNATIONAL
    assert b.recognised_as is Recognition.RUSSIA_DE_FACTO  # from provision a, on all of Donetsk


def test_frozen_land_in_both_texts(scenarios):
    a, b = (by_face(scenarios[plan])["UA-65", "russia"] for plan in (A, B))
    assert a.recognised_as is Recognition.RUSSIA_DE_FACTO_ALONG_LINE
    assert a.change is Change.RECOGNITION_ONLY
    assert b.recognised_as is Recognition.NOT_STATED
    assert b.change is Change.NONE
    assert Flag.RECOGNITION_NOT_STATED in b.flags and Flag.RECOGNITION_NOT_STATED not in a.flags


def test_ukrainian_held_luhansk_is_recognised_but_not_left(scenarios):
    for plan in (A, B):
        outcome = by_face(scenarios[plan])["UA-09", "ukraine"]
        assert outcome.category is Category.DE_FACTO_RECOGNIZED
        assert outcome.change is Change.RECOGNITION_ONLY
        assert outcome.forces_allowed is Forces.UKRAINE
        assert outcome.flags == (Flag.RECOGNISED_WITHOUT_WITHDRAWAL,)


def test_flags_that_a_text_leaves_open(scenarios):
    a, b = by_face(scenarios[A]), by_face(scenarios[B])
    assert a["UA-63", "russia"].flags == (Flag.EXTENT_TO_BE_AGREED,)
    assert b["UA-63", "russia"].flags == ()
    assert a["UA-40", "russia"].flags == (Flag.NOT_NAMED_IN_TEXT,)
    assert a["UA-23", "ukraine"].flags == (Flag.RETAINED_BY_IMPLICATION,)
    assert a["UA-23", "ukraine"].category is Category.RETAINED
    assert a["UA-53", "ukraine"].clauses == ()


def test_baselines(scenarios):
    frozen = by_face(scenarios["freeze-everywhere"])
    assert {row.category for (_, holder), row in frozen.items() if holder == "russia"} == {
        Category.FROZEN
    }
    ledger = scenarios["freeze-everywhere"].table("change")
    assert ledger.rows == ()
    assert ledger.totals[0]["ukraine_leaves_km2"] == ledger.totals[0]["russia_leaves_km2"] == 0
    restored = scenarios["borders-1991"].table("country").rows[0]
    left = scenarios["borders-1991"].table("change").totals[0]["russia_leaves_km2"]
    assert left == pytest.approx(restored["russia_held_km2"], rel=1e-12)


@pytest.mark.parametrize("plan", ALL)
def test_the_ledger_adds_up(scenarios, plan):
    table = scenarios[plan].table("change")
    rows, [total] = table.rows, table.totals
    assert total["oblast"] == "total"
    for key in ("ukraine_leaves_km2", "russia_leaves_km2", "net_leaves_km2"):
        assert total[key] == pytest.approx(sum(row[key] for row in rows), abs=1e-9)
    for row in [*rows, total]:
        assert row["net_leaves_km2"] == pytest.approx(
            row["ukraine_leaves_km2"] - row["russia_leaves_km2"]
        )


@pytest.mark.parametrize("by", [geo.By.CHANGE, geo.By.LEAVING])
def test_totals_are_given_when_asked_for_and_never_among_the_rows(scenarios, by):
    scenario = scenarios["point21-axios"]
    table, frame = scenario.table(by), scenario.areas(by)
    assert set(frame["oblast"]) <= set(scenario.boundaries.ids)
    assert "total" not in table.to_csv()
    columns = [column.name for column in table.columns if column.unit in ("km2", "people")]
    asked = scenario.areas(by, totals=True)
    assert asked.iloc[: len(frame)].equals(frame)
    sums = asked.iloc[len(frame) :]
    assert set(sums["oblast"]) == {"total"}
    assert frame[columns].sum().to_numpy() == pytest.approx(sums[columns].sum().to_numpy())


@pytest.mark.parametrize("plan", ALL)
def test_who_is_recorded_where_a_side_leaves(scenarios, plan):
    scenario = scenarios[plan]
    change, leaving = (scenario.table(by, totals=True).rows for by in ("change", "leaving"))
    ledger = {row["oblast"]: row for row in change}
    rows = {(row["oblast"], row["leaves"]): row for row in leaving}
    for holder, change in (
        ("ukraine", Change.UKRAINE_WITHDRAWS),
        ("russia", Change.RUSSIA_WITHDRAWS),
    ):
        for oblast, line in ledger.items():
            row = rows.pop((oblast, holder), None)
            assert (row is None) == (line[f"{holder}_leaves_km2"] == 0), (oblast, holder)
            if row is None:
                continue
            faces = [
                number
                for number, outcome in enumerate(scenario.settlement.outcomes)
                if outcome.change is change
                and oblast in ("total", scenario.partition.oblast_id[number])
            ]
            population = scenario.gazetteer.places.population[
                np.isin(scenario.gazetteer.face, faces)
            ]
            assert row["area_km2"] == pytest.approx(line[f"{holder}_leaves_km2"], rel=1e-12)
            assert row["settlements"] == len(population)
            assert row["population_recorded"] == np.nansum(population)
            assert row["settlements_population_unknown"] == np.isnan(population).sum()
            open_to = line["to_be_agreed_km2"] if holder == "russia" else 0.0
            assert row["to_be_agreed_km2"] == pytest.approx(open_to, abs=1e-9)
    assert rows == {}


def test_what_the_text_leaves_to_agreement_is_told_apart(scenarios):
    a, b = (scenarios[plan].table("change").rows[-1] for plan in (A, B))
    assert a["to_be_agreed_km2"] == a["russia_leaves_km2"] > 0
    assert b["to_be_agreed_km2"] == 0 and b["russia_leaves_km2"] == a["russia_leaves_km2"]


def test_oblasts_add_up(scenarios):
    scenario = scenarios[A]
    for row in scenario.table("oblast").rows:
        assert row["ukraine_held_km2"] + row["russia_held_km2"] == pytest.approx(
            row["area_km2"], rel=1e-9
        )
        assert row["russia_held_share"] == pytest.approx(row["russia_held_km2"] / row["area_km2"])
        assert row["area_deviation"] == pytest.approx(
            row["area_km2"] / row["area_official_km2"] - 1
        )
    shares: dict[str, float] = {}
    for row in scenario.table("oblast,category").rows:
        shares[row["oblast"]] = shares.get(row["oblast"], 0) + row["share_of_oblast"]
    assert all(share == pytest.approx(1, rel=1e-9) for share in shares.values())
    assert len(shares) == 27


def test_the_line_is_measured_in_all_and_by_oblast(scenarios):
    scenario = scenarios[A]
    by_oblast = sum(row["contact_line_km"] for row in scenario.table("oblast").rows)
    country = shapely.coverage_union_all(scenario.boundaries.geometry)
    inside = shapely.intersection(scenario.line.geometry, country)
    assert by_oblast == pytest.approx(geo.length_km(np.array([inside]))[0], rel=1e-6)
    assert by_oblast == scenario.table("country").rows[0]["contact_line_km"]
    assert by_oblast <= scenario.line.length_km * (1 + 1e-9)


def test_a_stretch_along_an_oblast_border_counts_half_in_each(four):
    # 1° of border between A and B, then on between C and D
    partition = geo.split_by_contact_line(four, make_line([(32, 46.5), (32, 49.5)]), anchor=ANCHOR)
    plan = geo.load_plan("freeze-everywhere")
    settlement = geo.apply_plan(partition, plan)
    from geo.statistics.tables import contact_line_km_by_oblast

    lengths = contact_line_km_by_oblast(settlement)
    whole = geo.length_km(np.array([shapely.LineString([(32, 47), (32, 49)])]))[0]
    assert lengths.sum() == pytest.approx(whole)
    assert lengths[0] == pytest.approx(lengths[1])


def test_people_and_places_are_counted_once(scenarios):
    scenario = scenarios[A]
    country = scenario.table("country").rows[0]
    rows = scenario.table("category").rows
    places = scenario.gazetteer.places
    assert country["settlements"] == len(places)
    assert country["population_recorded"] == int(np.nansum(places.population))
    for key in ("settlements", "population_recorded", "settlements_population_unknown"):
        assert sum(row[key] for row in rows) == country[key]
        assert sum(row[key] for row in scenario.table("settlements").rows) == country[key]


def test_named_towns_of_the_buffer_zone(scenarios):
    towns = scenarios[A].towns(Category.BUFFER_ZONE)
    names = [town.name_en for town in towns]
    assert names[:2] == ["Kramatorsk", "Sloviansk"]
    assert all(town.population >= 10_000 for town in towns)
    assert all(town.oblast == "UA-14" for town in towns)


def test_locate_reports_the_distance_to_the_line(scenarios):
    location = scenarios[A].locate(37.5565, 48.7239)  # Kramatorsk
    plane = geo.crs.to_metric(shapely.segmentize(scenarios[A].line.geometry, 0.001))
    point = geo.crs.to_metric(shapely.Point(37.5565, 48.7239))
    assert location.distance_to_line_km == pytest.approx(point.distance(plane) / 1000, rel=1e-3)


def test_a_position_just_off_the_generalised_coast(scenarios):
    location = scenarios[A].locate(32.6146, 46.6370)  # Kherson, on the bank of the Dnipro
    assert (location.oblast, location.outcome.category) == ("UA-65", Category.RETAINED)
    assert 0 < location.outside_by_km < 0.5
    assert scenarios[A].locate(37.5565, 48.7239).outside_by_km == 0
    with pytest.raises(OutsideCountryError):
        scenarios[A].locate(32.6146, 46.6370, tolerance_km=0.01)


@pytest.mark.parametrize("position", [(0.0, 0.0), (30.5, 43.5), (48.7, 37.5), (36.6, 50.6)])
def test_positions_outside_the_country(scenarios, position):
    with pytest.raises(OutsideCountryError, match="inside Ukraine's internationally recognised"):
        scenarios[A].locate(*position)


@pytest.mark.parametrize(
    ("spelling", "oblast"),
    [
        ("Kiev", "UA-30"),
        ("Odessa", "UA-51"),
        ("Kharkov", "UA-63"),
        ("Dnipropetrovsk", "UA-12"),
        ("Zaporozhye", "UA-23"),
        ("Харьков", "UA-63"),
        ("Lvov", "UA-46"),
    ],
)
def test_cities_are_found_under_older_spellings(scenarios, spelling, oblast):
    first = scenarios[A].find_place(spelling)[0]
    assert first.place.population > 700_000
    assert first.oblast == oblast


def test_a_former_name_shared_by_two_towns_finds_both(scenarios):
    names = {found.place.name_en for found in scenarios[A].find_place("Artemivsk")}
    assert {"Bakhmut", "Kypuche"} <= names


def test_contested_places_are_marked_on_the_day_of_the_statement(
    scenarios, boundaries, lines, observations
):
    pokrovsk = scenarios[A].find_place("Pokrovsk")[0].place
    assert pokrovsk.contested
    assert not scenarios[A].find_place("Kramatorsk")[0].place.contested
    earlier = geo.build_scenario(boundaries, lines.lines[0], geo.load_plan(A), observations)
    assert not earlier.find_place("Pokrovsk")[0].place.contested


def test_ambiguous_names_are_all_listed(scenarios):
    found = scenarios[A].find_place("Mykhailivka")
    assert len(found) > 5
    people = [place.place.population or 0 for place in found]
    assert people == sorted(people, reverse=True)


def test_misspelt_names_get_suggestions(scenarios):
    with pytest.raises(UnknownPlaceError) as caught:
        scenarios[A].find_place("Kramatorks")
    assert caught.value.valid[0] == "Kramatorsk"


def test_a_plan_must_speak_of_all_land_that_russia_holds(boundaries, divided):
    mapping = geo.load_plan(A).model_dump()
    mapping["clause"] = [clause for clause in mapping["clause"] if clause["id"] != "21.2"]
    mapping["reading"] = []
    with pytest.raises(PlanError, match="UA-23, UA-65; add a clause"):
        geo.apply_plan(divided.partition, geo.parse_plan(mapping))


def test_the_data_version_changes_with_the_plan_and_only_then(
    boundaries, lines, observations, divided, scenarios
):
    line = lines.on(scenarios[A].line.date)
    again = geo.build_scenario(boundaries, line, geo.load_plan(A), observations, divided=divided)
    assert again.data_version == scenarios[A].data_version
    assert scenarios[B].data_version != scenarios[A].data_version


def test_frames_for_notebooks(scenarios):
    scenario = scenarios[A]
    frame = scenario.settlement.to_geodataframe()
    assert frame.crs == geo.GEOGRAPHIC_CRS
    assert list(frame.columns)[-1] == "geometry" and len(frame) == len(scenario.partition)
    layer = scenario.layer(Category.BUFFER_ZONE).to_geodataframe()
    assert layer["oblast"].tolist() == ["UA-14"]
    table = scenario.areas("category")
    assert table["area_km2"].tolist() == [
        row["area_km2"] for row in scenario.table("category").rows
    ]
    assert scenario.boundaries.to_geodataframe()["population_2022"].isna().sum() == 2
    assert scenario.line.to_geodataframe()["length_km"][0] == scenario.line.length_km


def test_csv_has_a_header_and_empty_cells_for_what_is_unknown():
    table = geo.Table(
        geo.By.COUNTRY,
        (geo.Column("a", "km2", "first"), geo.Column("b", "", "second")),
        ({"a": 1.5, "b": None}, {"a": 2.0, "b": 'say "x", y'}),
    )
    assert table.to_csv() == 'a,b\r\n1.5,\r\n2.0,"say ""x"", y"\r\n'


def test_figures_are_plain_python_numbers(scenarios):
    for by in geo.By:
        for row in scenarios[A].table(by).rows:
            for value in row.values():
                assert value is None or type(value) in {str, int, float}
                assert not (isinstance(value, float) and not math.isfinite(value))


def test_exchanged_sides_are_refused(boundaries, observations, lines):
    line = lines.on(geo.load_plan(A).line_date)
    around_kyiv = shapely.boundary(shapely.box(30.3, 50.3, 30.7, 50.6))
    with pytest.raises(
        ContradictorySidesError, match=r"observed places, .* among them, lie on the"
    ):
        geo.build_partition(boundaries, replace(line, geometry=around_kyiv), observations)


def test_a_supposed_line_is_accepted_and_its_disagreements_are_counted(
    boundaries, observations, lines
):
    line = lines.on(geo.load_plan(A).line_date)
    luhansk = shapely.boundary(boundaries.geometry[boundaries.index("UA-09")])
    divided = geo.build_partition(boundaries, replace(line, geometry=luhansk), observations)
    scenario = geo.build_scenario(boundaries, line, geo.load_plan(A), observations, divided=divided)
    count = scenario.table("country").rows[0]["settlements_other_side"]
    assert 1000 < count == len(divided.disagreements())
