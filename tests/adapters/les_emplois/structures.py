"""A structure with its positions in the form of Les emplois, whole, and a strategy over all its fields."""

from __future__ import annotations

from hypothesis import strategies as st

from raccord.adapters.les_emplois.labels import CONTRACT_LABELS
from raccord.adapters.les_emplois.payloads import StructurePayload
from raccord.kernel.strict_json import JsonObject
from tests.adapters.payloads import draw_payloads

FULL_STRUCTURE: JsonObject = {
    "id": "5f0ad1ca-6b0e-4f36-9d8e-0a1b2c3d4e5f",
    "cree_le": "2021-03-02T09:15:00.123456+01:00",
    "mis_a_jour_le": "2026-07-14T23:30:00+02:00",
    "siret": "00010000800010",
    "type": "ACI",
    "raison_sociale": "LES JARDINS DU RACCORD (DEMO)",
    "enseigne": "Les Jardins",
    "telephone": "0199000000",
    "courriel": "accueil@jardins.example",
    "site_web": "https://jardins.example",
    "description": "Un chantier d'insertion.",
    "bloque_candidatures": False,
    "addresse_ligne_1": "1 rue de la Fontaine",
    "addresse_ligne_2": "Bâtiment A",
    "code_postal": "69001",
    "ville": "Lyon",
    "departement": "69",
    "postes": [
        {
            "id": 1234,
            "rome": "Maraîchage (légumes) (A1405)",
            "cree_le": "2026-01-05T10:00:00+01:00",
            "mis_a_jour_le": "2026-10-05T10:00:00.500000+02:00",
            "recrutement_ouvert": "True",
            "description": "Culture de légumes biologiques.",
            "appellation_modifiee": "Maraîcher / Maraîchère (H/F)",
            "type_contrat": "CDD insertion",
            "nombre_postes_ouverts": 3,
            "lieu": {
                "nom": "Villeurbanne",
                "departement": "69",
                "code_postaux": ["69100", "69626"],
                "code_insee": "69266",
            },
            "profil_recherche": "Débutants bienvenus.",
        },
        {
            "id": 1235,
            "rome": "Cuisine (G1602)",
            "cree_le": "2026-01-05T10:00:00+01:00",
            "mis_a_jour_le": "2026-10-05T10:00:00+02:00",
            "recrutement_ouvert": "True",
            "description": "",
            "appellation_modifiee": "",
            "type_contrat": "CDD-I PHC",
            "nombre_postes_ouverts": 1,
            "lieu": None,
            "profil_recherche": "",
        },
    ],
}

_INSTANTS = st.datetimes().map(lambda at: f"{at.isoformat()}+02:00")
_PLACES = st.sampled_from(["69", "2A", "974", "99"])
STRUCTURES = draw_payloads(
    StructurePayload,
    {
        "id": st.uuids().map(str) | st.integers(0, 9_999),
        "cree_le": _INSTANTS,
        "mis_a_jour_le": _INSTANTS,
        "siret": st.sampled_from(["00010000800010", "12345678999901", "123456789"]),
        "type": st.sampled_from(["ACI", "ETTI", "AI", "GEIQ", "RESERVED"]),
        "raison_sociale": st.sampled_from(["LES JARDINS", "x" * 255]),
        "enseigne": st.sampled_from(["LES JARDINS", "Jardins", ""]),
        "site_web": st.sampled_from(["https://jardins.example", "", "jardins"]),
        "courriel": st.sampled_from(["a@jardins.example", ""]),
        "telephone": st.sampled_from(["0199000000", ""]),
        "code_postal": st.sampled_from(["69001", ""]),
        "departement": _PLACES,
        "code_postaux": st.lists(st.sampled_from(["69001", "69100", "x"]), max_size=3),
        "code_insee": st.sampled_from(["69266", "2A004", "x"]),
        "rome": st.sampled_from(["Cuisine (G1602)", "Cuisine", "Maraîchage (légumes) (A1405)", "(G1602)"]),
        "recrutement_ouvert": st.sampled_from(["True", "False", "true", True, False]),
        "type_contrat": st.sampled_from([*CONTRACT_LABELS.values(), "Contrat doctoral", ""]),
        "appellation_modifiee": st.sampled_from(["Cuisinier", "Cuisine", "", "x" * 300]),
        "nombre_postes_ouverts": st.integers(0, 99_999),
    },
).map(lambda payload: {**payload, "id": str(payload["id"]), "postes": _number(payload.get("postes"))})


def _number(positions: object) -> list[object]:
    """Give the drawn positions the numbers that they have there."""
    found = positions if isinstance(positions, list) else []
    return [{**position, "id": number} for number, position in enumerate(found)]
