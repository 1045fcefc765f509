"""Hold the sample of real communes on which the demonstration stands; not the whole of the INSEE code."""

from dataclasses import dataclass
from functools import cache

from raccord.reference.shipped import read_rows


@dataclass(frozen=True)
class SampleCommune:
    """Locate a commune.

    Units: latitude and longitude are decimal degrees, WGS 84.
    """

    insee_code: str
    name: str
    postal_code: str
    department: str
    region: str
    latitude: float
    longitude: float


@cache
def load_communes() -> tuple[SampleCommune, ...]:
    """Read the shipped sample of communes, once."""
    return tuple(
        SampleCommune(
            insee_code=row["insee_code"],
            name=row["name"],
            postal_code=row["postal_code"],
            department=row["department"],
            region=row["region"],
            latitude=float(row["latitude"]),
            longitude=float(row["longitude"]),
        )
        for row in read_rows("communes_sample.csv")
    )
