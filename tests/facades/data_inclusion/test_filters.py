"""The parameters of data·inclusion find what they find there."""

from __future__ import annotations

from tests.facades.data_inclusion.conftest import Client, Directory

Cases = list[tuple[dict[str, object], list[str]]]
LYON_1, VILLEURBANNE, GRENOBLE = "69381", "69266", "38185"


STRUCTURE_CASES: Cases = [
    ({"sources": ["soliguide"]}, ["soliguide--1"]),
    ({"sources": ["editeur", "dora"]}, ["dora--42", "editeur--A-1"]),
    ({"code_departement": "38"}, ["soliguide--1"]),
    ({"slug_departement": "isere"}, ["soliguide--1"]),
    ({"code_departement": "69", "slug_departement": "isere"}, ["dora--42"]),
    ({"slug_region": "auvergne-rhone-alpes"}, ["dora--42", "soliguide--1"]),
    ({"code_region": "11"}, []),
    ({"code_commune": LYON_1}, ["dora--42"]),
    # A city has its arrondissements.
    ({"code_commune": "69123"}, ["dora--42"]),
    ({"reseaux_porteurs": ["plie"]}, ["dora--42"]),
    ({"reseaux_porteurs": ["aci", "caf"]}, ["soliguide--1", "editeur--A-1"]),
    ({"inconnu": "x"}, ["dora--42", "soliguide--1", "editeur--A-1"]),
]


async def test_structures(consumer: Client, directory: Directory) -> None:
    await directory.add_gathered_structure("soliguide--1", code_insee=GRENOBLE, reseaux_porteurs=["caf"])
    await directory.add_own("structures", "A-1", kind="ACI", name="Les Jardins")

    for parameters, found in STRUCTURE_CASES:
        assert await consumer.list_ids("/structures", **parameters) == found, parameters


SERVICE_CASES: Cases = [
    ({"thematiques": ["numerique--maitriser-les-fondamentaux-du-numerique"]}, ["dora--a"]),
    # Two filters that answer 500 there: categories of unequal size, a category with a theme.
    ({"thematiques": ["numerique", "sante"]}, ["dora--a", "dora--b"]),
    ({"thematiques": ["sante", "numerique--maitriser-les-fondamentaux-du-numerique"]}, ["dora--a", "dora--b"]),
    ({"publics": ["seniors"]}, ["dora--b"]),
    ({"publics": ["jeunes"]}, ["dora--a", "dora--b"]),
    ({"recherche_public": "jeune"}, ["dora--a"]),
    ({"recherche_public": "de 16 À"}, ["dora--a"]),
    ({"recherche_public": "%"}, []),
    ({"frais": ["gratuit"]}, ["dora--b"]),
    ({"modes_accueil": ["a-distance"]}, ["dora--b"]),
    ({"types": ["atelier", "formation"]}, ["dora--a", "dora--b"]),
    ({"types": ["formation"]}, ["dora--b"]),
    ({"code_departement": "38"}, ["dora--b"]),
    ({"score_qualite_minimum": 0}, ["dora--a", "dora--b"]),
    ({"score_qualite_minimum": 0.8}, ["dora--a"]),
]


async def test_services(consumer: Client, directory: Directory) -> None:
    await directory.add_gathered_service("dora--a")
    await directory.add_gathered_service(
        "dora--b",
        thematiques=["sante--addictions"],
        publics=["tous-publics"],
        publics_precisions=None,
        frais="gratuit",
        frais_precisions=None,
        modes_accueil=["a-distance"],
        type="formation",
        code_insee=GRENOBLE,
        description="Brève.",
        courriel=None,
        telephone=None,
        lien_mobilisation=None,
        date_maj="2020-01-01",
    )

    for parameters, found in SERVICE_CASES:
        assert await consumer.list_ids("/services", **parameters) == found, parameters


async def add_services_around(directory: Directory) -> None:
    near = {"code_insee": VILLEURBANNE, "latitude": 45.77, "longitude": 4.88}
    far = {"code_insee": GRENOBLE, "latitude": 45.19, "longitude": 5.72}
    await directory.add_gathered_service("dora--proche", **near, zone_eligibilite=None)
    await directory.add_gathered_service("dora--loin", **far, zone_eligibilite=None)
    await directory.add_gathered_service(
        "dora--a-distance", **far, zone_eligibilite=["france"], modes_accueil=["a-distance"]
    )
    await directory.add_gathered_service("dora--autre-zone", **near, zone_eligibilite=["38"])
    await directory.add_gathered_service("dora--departement", **near, zone_eligibilite=["69"])
    await directory.add_gathered_service("dora--epci", **near, zone_eligibilite=["200046977"])


async def test_a_search_keeps_what_is_open_to_the_commune_and_near_or_remote(
    consumer: Client, directory: Directory
) -> None:
    await add_services_around(directory)

    page = await consumer.read("/search/services", code_commune=LYON_1)

    found = {item["service"]["id"]: item["distance"] for item in page["items"]}
    assert [*found] == ["dora--departement", "dora--epci", "dora--proche", "dora--a-distance"]
    assert found["dora--a-distance"] is None
    assert 1 <= found["dora--proche"] <= 8


async def test_a_point_stands_in_for_the_commune(consumer: Client, directory: Directory) -> None:
    await add_services_around(directory)

    by_point = await consumer.list_ids("/search/services", lat=45.19, lon=5.72)
    by_both = await consumer.list_ids("/search/services", code_commune=GRENOBLE, lat=45.77, lon=4.88)

    # Around a point alone, nobody's commune closes a service.
    assert by_point == ["dora--loin", "dora--a-distance"]
    assert by_both == ["dora--autre-zone", "dora--proche", "dora--a-distance"]


async def test_a_search_from_nowhere_lists_without_distance(consumer: Client, directory: Directory) -> None:
    await add_services_around(directory)

    page = await consumer.read("/search/services", thematiques=["numerique"], size=2)

    assert (page["total"], page["size"]) == (6, 2)
    assert {item["distance"] for item in page["items"]} == {None}


async def test_a_search_may_leave_out_the_services_of_twins(consumer: Client, directory: Directory) -> None:
    await directory.add_gathered_structure("dora--42", siret="00010000800010")
    await directory.add_gathered_service("dora--a")
    await directory.add_own(
        "structures", "A-1", kind="ACI", name="Les Jardins", siret="00010000800010", source_updated_on="2026-06-01"
    )
    await directory.add_own(
        "services", "S-1", structure_external_id="A-1", name="Atelier", description="Un atelier ouvert à tous."
    )

    assert await consumer.list_ids("/search/services") == ["dora--a", "editeur--S-1"]
    assert await consumer.list_ids("/search/services", exclure_doublons=True) == ["editeur--S-1"]
