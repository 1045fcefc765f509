"""Cells of the map, by which an index finds what is near, and the distance that settles it. Pure arithmetic."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

EARTH_RADIUS_KM = 6371.0088
KM_PER_DEGREE = 111.2
# Heights and widths in degrees: a cell of the fine grid is about 17 km by 15 km in France; the coarse one is for wide
# circles.
_GRIDS = {"f": (0.15, 0.2), "c": (0.75, 1.0)}
_ZONE = (3.0, 4.0)
FINE_UP_TO_KM = 50
# The distance asked for most: a record bears the cells of all who find it from so far, and one cell is looked for.
NEAR_KM = 25
NEAR_FROM_KM = 10
EVERYWHERE = "cell:everywhere"
_WIDE = "cell:c"
# The tables of search are cut along a third grid, by the boxes that hold nearly all of metropolitan France: who looks
# near a place reads the lists of its zone, and of what is in none.
ZONE_ROWS, ZONE_COLUMNS = range(14, 17), range(-1, 2)
ZONES = range(1, 1 + len(ZONE_ROWS) * len(ZONE_COLUMNS))
NO_ZONE = 0


@dataclass(frozen=True)
class Circle:
    """What is within a distance of a point.

    Units: degrees (WGS 84) and kilometres.
    """

    latitude: float
    longitude: float
    radius_km: float


def list_cells(latitude: float, longitude: float) -> list[str]:
    """List the cells that hold the point, one of each grid, and those from which it is near."""
    own = [_find_cell(latitude, longitude, grid) for grid in ("f", "c")]
    return own + [f"near:{cell}" for cell in _list_touched(Circle(latitude, longitude, NEAR_KM), "f")]


def cover_circle(circle: Circle) -> list[str]:
    """List the cells of which one at least is borne by whatever is in the circle."""
    if NEAR_FROM_KM < circle.radius_km <= NEAR_KM:
        return [f"near:{_find_cell(circle.latitude, circle.longitude, 'f')}"]
    return list(_list_touched(circle, "f" if circle.radius_km <= FINE_UP_TO_KM else "c"))


def list_wide_cells(latitude: float, longitude: float) -> list[str]:
    """List the wide cells from which the point is near, those that a circle of NEAR_KM around it may touch."""
    return [cell.removeprefix(_WIDE) for cell in _list_touched(Circle(latitude, longitude, NEAR_KM), "c")]


def find_wide_cell(circle: Circle) -> str:
    """Find the wide cell that holds the centre."""
    return _find_cell(circle.latitude, circle.longitude, "c").removeprefix(_WIDE)


def find_zone(points: Iterable[tuple[float, float]]) -> int:
    """Find the zone that holds all the points; none if there are several, or no point."""
    found = {
        _number_zone(math.floor(latitude / _ZONE[0]), math.floor(longitude / _ZONE[1]))
        for latitude, longitude in points
    }
    return found.pop() if len(found) == 1 else NO_ZONE


def list_zones(circle: Circle) -> list[int]:
    """List the zones that hold what may be in the circle."""
    reach, aside = _measure_reach(circle)
    rows = _span(circle.latitude - reach, circle.latitude + reach, _ZONE[0])
    columns = list(_span(circle.longitude - aside, circle.longitude + aside, _ZONE[1]))
    return sorted({NO_ZONE} | {_number_zone(row, column) for row in rows for column in columns})


def _number_zone(row: int, column: int) -> int:
    if row not in ZONE_ROWS or column not in ZONE_COLUMNS:
        return NO_ZONE
    return ZONES[ZONE_ROWS.index(row) * len(ZONE_COLUMNS) + ZONE_COLUMNS.index(column)]


def _find_cell(latitude: float, longitude: float, grid: str) -> str:
    height, width = _GRIDS[grid]
    return _name_cell(grid, math.floor(latitude / height), math.floor(longitude / width))


def _list_touched(circle: Circle, grid: str) -> Iterator[str]:
    """List the cells that the circle may touch."""
    height, width = _GRIDS[grid]
    reach, aside = _measure_reach(circle)
    shrink = reach / aside
    for row in _span(circle.latitude - reach, circle.latitude + reach, height):
        up = _measure_gap(circle.latitude, row * height, height)
        for column in _span(circle.longitude - aside, circle.longitude + aside, width):
            if math.hypot(up, shrink * _measure_gap(circle.longitude, column * width, width)) <= reach:
                yield _name_cell(grid, row, column)


def _measure_reach(circle: Circle) -> tuple[float, float]:
    """Measure how many degrees of latitude and of longitude the circle reaches, at most."""
    reach = circle.radius_km / KM_PER_DEGREE * 1.01
    # Where the circle comes nearest to a pole, a degree of longitude is shortest.
    edge = min(89.0, abs(circle.latitude) + reach)
    return reach, min(180.0, reach / math.cos(math.radians(edge)))


def _measure_gap(value: float, low: float, size: float) -> float:
    """Measure how far the value is from the stretch; 0 inside it."""
    return max(low - value, value - low - size, 0.0)


def measure_km(circle: Circle, latitude: float, longitude: float) -> float:
    """Measure the distance from the centre (haversine)."""
    from_latitude, to_latitude = math.radians(circle.latitude), math.radians(latitude)
    half = math.sin((to_latitude - from_latitude) / 2) ** 2
    aside = math.sin(math.radians(longitude - circle.longitude) / 2) ** 2
    chord = half + math.cos(from_latitude) * math.cos(to_latitude) * aside
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(chord)))


def describe_cap(circle: Circle) -> tuple[float, float, float, float]:
    """Give what SQL is told of a circle: its latitude's sine and cosine, its longitude, its arc's cosine."""
    latitude = math.radians(circle.latitude)
    return math.sin(latitude), math.cos(latitude), circle.longitude, math.cos(circle.radius_km / EARTH_RADIUS_KM)


def write_within(sine: str, cosine: str, longitude: str, arc: str) -> str:
    """Write the SQL that tells whether one of the row's points is in the circle."""
    return f"{_write_cosine(sine, cosine, longitude)} >= {arc}"


def write_distance(sine: str, cosine: str, longitude: str) -> str:
    """Write the SQL of the kilometres from the centre to the row's nearest point."""
    return f"{EARTH_RADIUS_KM} * acos(least(1, {_write_cosine(sine, cosine, longitude)}))"


def _write_cosine(sine: str, cosine: str, longitude: str) -> str:
    """Write the SQL of the cosine of the arc from the centre to the row's nearest point.

    Few rows have more points than one: of the others, the function is not called.
    """
    return (
        f"greatest(sin(radians(s.latitude)) * {sine} + cos(radians(s.latitude)) * {cosine} * "
        f"cos(radians(s.longitude - {longitude})), search_cosine(s.more_points, {sine}, {cosine}, {longitude}))"
    )


def _span(low: float, high: float, step: float) -> Iterator[int]:
    yield from range(math.floor(low / step), math.floor(high / step) + 1)


def _name_cell(grid: str, row: int, column: int) -> str:
    return f"cell:{grid}{row}.{column}"
