"""Cells and circles: what is within a circle stands in a cell that covers it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raccord.kernel.database import Database
from raccord.records.search.places import (
    NO_ZONE,
    Circle,
    cover_circle,
    describe_cap,
    find_zone,
    list_cells,
    list_zones,
    measure_km,
    write_distance,
    write_within,
)
from tests.records.search.points import go_towards

latitudes = st.floats(-60, 60)
longitudes = st.floats(-170, 170)
ROWS = (
    "(SELECT *, NULL::float8[] AS more_points FROM unnest($1::float8[], $2::float8[]) AS p (latitude, longitude)) AS s"
)


@given(latitudes, longitudes, st.floats(0.1, 200), st.floats(0, 1), st.floats(0, 2 * math.pi))
def test_a_circle_covers_every_point_within(
    latitude: float, longitude: float, radius: float, share: float, angle: float
) -> None:
    circle = Circle(latitude, longitude, radius)
    to_latitude, to_longitude = go_towards(circle, share, angle)

    if measure_km(circle, to_latitude, to_longitude) <= radius:
        assert set(list_cells(to_latitude, to_longitude)) & set(cover_circle(circle))
        assert find_zone([(to_latitude, to_longitude)]) in list_zones(circle)


def test_what_is_in_two_zones_or_nowhere_is_in_none() -> None:
    lille, lyon = (50.63, 3.06), (45.76, 4.83)

    assert find_zone([lille]) != find_zone([lyon])
    assert {find_zone([lille, lyon]), find_zone([]), find_zone([(48.39, -4.49)])} == {NO_ZONE}
    assert list_zones(Circle(*lille, 25)) == [NO_ZONE, find_zone([lille])]


@given(latitudes, longitudes, st.floats(0.1, 200))
def test_a_cover_is_bounded(latitude: float, longitude: float, radius: float) -> None:
    assert 1 <= len(cover_circle(Circle(latitude, longitude, radius))) <= 200


@pytest.mark.parametrize(
    ("point", "kilometres"),
    [((48.8566, 2.3522), 204), ((50.6292, 3.0573), 0), ((43.2965, 5.3698), 834)],
    ids=["Paris", "Lille", "Marseille"],
)
def test_distances_from_lille_are_those_of_the_map(point: tuple[float, float], kilometres: float) -> None:
    assert measure_km(Circle(50.6292, 3.0573, 25), *point) == pytest.approx(kilometres, abs=2)


async def test_postgresql_measures_the_same(database: Database) -> None:
    points = [(48.8566, 2.3522), (50.6292, 3.0573), (43.2965, 5.3698), (-21.1151, 55.5364)]
    circle = Circle(50.6292, 3.0573, 25)
    rows = await database.fetch(
        f"SELECT {write_distance('$3::float8', '$4::float8', '$5::float8')} AS km FROM {ROWS}",
        [point[0] for point in points],
        [point[1] for point in points],
        *describe_cap(circle)[:3],
    )

    assert [row["km"] for row in rows] == pytest.approx([measure_km(circle, *point) for point in points], abs=0.001)


@pytest.mark.parametrize("share", [0.999, 1.001])
@pytest.mark.parametrize("radius", [0.1, 1, 25, 200])
async def test_postgresql_draws_the_line_there(database: Database, radius: float, share: float) -> None:
    circle = Circle(50.6292, 3.0573, radius)
    aside = math.degrees(radius * share / 6371.0088) / math.cos(math.radians(circle.latitude))
    point = (circle.latitude, circle.longitude + aside)
    rows = await database.fetch(
        f"SELECT {write_within(*(f'${place}::float8' for place in range(3, 7)))} AS is_within FROM {ROWS}",
        [point[0]],
        [point[1]],
        *describe_cap(circle),
    )

    assert rows[0]["is_within"] == (measure_km(circle, *point) <= radius) == (share < 1)
