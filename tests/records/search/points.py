"""Points around a place, for tests of what is near."""

from __future__ import annotations

import math

from raccord.records.search.places import Circle


def go_towards(circle: Circle, share: float, angle: float) -> tuple[float, float]:
    """Find the point at about this bearing from the centre and this share of the radius."""
    latitude = circle.latitude + share * circle.radius_km / 111.2 * math.cos(angle)
    aside = share * circle.radius_km / 111.2 * math.sin(angle) / math.cos(math.radians(circle.latitude))
    return latitude, circle.longitude + aside
