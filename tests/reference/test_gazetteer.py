"""Communes and occupations are found by their codes, on what ships."""

from __future__ import annotations

import pytest

from raccord.reference.gazetteer import (
    find_by_postal_code,
    find_centres,
    find_commune,
    find_communes,
    find_occupation,
    list_arrondissements,
    list_communes_of_epci,
)
from tests.peers import World

pytestmark = pytest.mark.full_reference


async def test_a_commune_is_placed_in_its_territories(world: World) -> None:
    metz = await find_commune(world.database, "57463")

    assert metz is not None
    assert (metz.name, metz.department, metz.region, metz.epci) == ("Metz", "57", "44", "200039865")
    assert (metz.postal_codes, metz.parent) == (("57000", "57050", "57070"), None)
    assert metz.location is not None
    assert metz.location.precision == "commune"
    assert await find_commune(world.database, "99999") is None


async def test_a_commune_without_a_centre_of_its_own_has_an_approximate_one(world: World) -> None:
    found = await find_communes(world.database, ["01001", "97617", "98411", "nothing"])

    assert sorted(found) == ["01001", "97617", "98411"]
    assert found["01001"].location is not None
    assert found["01001"].location.precision == "epci"
    assert found["98411"].location is None
    assert sorted(await find_centres(world.database, found)) == ["01001", "97617"]


async def test_arrondissements_belong_to_their_city(world: World) -> None:
    for city, count in (("75056", 20), ("69123", 9), ("13055", 16), ("57463", 0)):
        districts = await list_arrondissements(world.database, city)
        assert len(districts) == count
        assert {district.parent for district in districts} <= {city}
        assert all(district.location and district.location.precision == "commune" for district in districts)
    assert (await list_arrondissements(world.database, "57")) == []


async def test_a_postal_code_finds_its_communes_the_largest_first(world: World) -> None:
    assert (await find_by_postal_code(world.database, "57050"))[0].insee_code == "57463"
    assert {commune.insee_code for commune in await find_by_postal_code(world.database, "75001")} == {"75056", "75101"}
    for nothing in ("57463", "", "5705", "' | '", "５７０５０"):
        assert await find_by_postal_code(world.database, nothing) == []


async def test_the_communes_of_a_group_are_found(world: World) -> None:
    communes = await list_communes_of_epci(world.database, "200039865")

    assert communes[0].name == "Metz"
    assert len(communes) == 46
    assert {commune.epci for commune in communes} == {"200039865"}


async def test_an_occupation_has_its_domains(world: World) -> None:
    baker = await find_occupation(world.database, "D1102")

    assert baker is not None
    assert (baker.label, baker.domain, baker.great_domain) == ("Boulanger / Boulangère", "D11", "D")
    assert baker.parent is None
    assert await find_occupation(world.database, "D9999") is None
