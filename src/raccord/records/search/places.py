"""Cells of the map, by which an index finds what is near, and the distance that settles it. Pure arithmetic."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

EARTH_RADIUS_KM = 6371.0088
KM_PER_DEGREE = 111.2
# A cell of the fine grid is about 17 km by 15 km in France; the coarse one is for wide circles.
FINE, COARSE = (0.15, 0.2), (0.75, 1.0)
FINE_UP_TO_KM = 50
EVERYWHERE = "cell:everywhere"


@dataclass(frozen=True)
class Circle:
    """What is within a distance of a point.

    Units: degrees (WGS 84) and kilometres.
    """

    latitude: float
    longitude: float
    radius_km: float


def list_cells(latitude: float, longitude: float) -> list[str]:
    """List the cells that hold the point, one of each grid."""
    return [
        _name_cell(name, math.floor(latitude / height), math.floor(longitude / width))
        for name, (height, width) in (("f", FINE), ("c", COARSE))
    ]


def cover_circle(circle: Circle) -> list[str]:
    """List the cells that the circle may touch, of the grid that fits its size."""
    name, (height, width) = ("f", FINE) if circle.radius_km <= FINE_UP_TO_KM else ("c", COARSE)
    reach = circle.radius_km / KM_PER_DEGREE * 1.01
    # Where the circle comes nearest to a pole, a degree of longitude is shortest.
    edge = min(89.0, abs(circle.latitude) + reach)
    aside = min(180.0, reach / math.cos(math.radians(edge)))
    rows = _span(circle.latitude - reach, circle.latitude + reach, height)
    columns = list(_span(circle.longitude - aside, circle.longitude + aside, width))
    return [_name_cell(name, row, column) for row in rows for column in columns]


def measure_km(circle: Circle, latitude: float, longitude: float) -> float:
    """Measure the distance from the centre (haversine)."""
    from_latitude, to_latitude = math.radians(circle.latitude), math.radians(latitude)
    half = math.sin((to_latitude - from_latitude) / 2) ** 2
    aside = math.sin(math.radians(longitude - circle.longitude) / 2) ** 2
    chord = half + math.cos(from_latitude) * math.cos(to_latitude) * aside
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(chord)))


def write_distance(latitude: str, longitude: str) -> str:
    """Write the SQL of the same distance, from the point of the two placeholders to that of the row."""
    return (
        f"(2 * {EARTH_RADIUS_KM} * asin(least(1, sqrt(sin(radians(s.latitude - {latitude}) / 2) ^ 2 + "
        f"cos(radians({latitude})) * cos(radians(s.latitude)) * "
        f"sin(radians(s.longitude - {longitude}) / 2) ^ 2))))"
    )


def _span(low: float, high: float, step: float) -> Iterator[int]:
    yield from range(math.floor(low / step), math.floor(high / step) + 1)


def _name_cell(grid: str, row: int, column: int) -> str:
    return f"cell:{grid}{row}.{column}"
