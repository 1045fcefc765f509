"""A structure and a service in the form of data·inclusion, whole, and strategies over all their fields."""

from __future__ import annotations

from hypothesis import strategies as st

from raccord.adapters.data_inclusion.payloads import ServicePayload, StructurePayload
from raccord.kernel.strict_json import JsonObject
from raccord.reference.networks import NETWORKS
from raccord.reference.service_codes import AUDIENCES, MOBILISATION_MODES
from raccord.reference.topics import TOPICS
from tests.adapters.payloads import draw_payloads

FULL_STRUCTURE: JsonObject = {
    "source": "dora",
    "id": "dora--42",
    "nom": "Maison de l'emploi inventée",
    "date_maj": "2026-03-02",
    "description": "Accueil, orientation et accompagnement des demandeurs d'emploi.",
    "lien_source": "https://dora.example/structures/42",
    "siret": "00010000800010",
    "commune": "Lyon",
    "code_postal": "69001",
    "code_insee": "69381",
    "adresse": "1 rue de la Fontaine",
    "complement_adresse": "Bâtiment A",
    "longitude": 4.8344,
    "latitude": 45.7676,
    "telephone": "+33199000000",
    "courriel": "accueil@maison.example",
    "site_web": "https://maison.example",
    "horaires_accueil": "Mo-Fr 08:30-12:30; PH off",
    "accessibilite_lieu": "https://acceslibre.beta.gouv.fr/app/69-lyon/a/mairie/erp/maison/",
    "reseaux_porteurs": ["maisons-de-l-emploi", "plie"],
    "adresse_certifiee": "1 Rue de la Fontaine 69001 Lyon",
    "score_qualite": 0.82,
    "doublons": [{"source": "soliguide", "id": "soliguide--7"}],
}
FULL_SERVICE: JsonObject = {
    "source": "dora",
    "id": "dora--service-1",
    "structure_id": "dora--42",
    "nom": "Atelier numérique",
    "date_maj": "2026-03-02",
    "description": "Apprendre à envoyer un courriel et à remplir un formulaire en ligne.",
    "lien_source": "https://dora.example/services/1",
    "type": "atelier",
    "thematiques": ["numerique--maitriser-les-fondamentaux-du-numerique"],
    "frais": "payant",
    "frais_precisions": "10 € par an",
    "publics": ["jeunes", "demandeurs-emploi"],
    "publics_precisions": "De 16 à 25 ans.",
    "conditions_acces": "Habiter la métropole.",
    "commune": "Lyon",
    "code_postal": "69001",
    "code_insee": "69381",
    "adresse": "1 rue de la Fontaine",
    "complement_adresse": "2e étage",
    "longitude": 4.8344,
    "latitude": 45.7676,
    "telephone": "+33199000001",
    "courriel": "atelier@maison.example",
    "modes_accueil": ["en-presentiel"],
    "zone_eligibilite": ["69", "200046977"],
    "contact_nom_prenom": "Accueil de la maison",
    "lien_mobilisation": "https://maison.example/inscription",
    "modes_mobilisation": ["telephoner", "utiliser-lien-mobilisation"],
    "mobilisable_par": ["usagers", "professionnels"],
    "mobilisation_precisions": "Sur rendez-vous.",
    "volume_horaire_hebdomadaire": 2.5,
    "nombre_semaines": 4,
    "horaires_accueil": "Tu 14:00-17:00",
    "adresse_certifiee": "1 Rue de la Fontaine 69001 Lyon",
    "score_qualite": 0.9,
}

_CHOSEN = {
    "source": st.just("dora"),
    "id": st.sampled_from(["dora--42", "dora--x:y"]),
    "structure_id": st.just("dora--42"),
    "nom": st.sampled_from(["Maison", "Maison.", "x" * 150, "ab", "x" * 200]),
    "date_maj": st.sampled_from(["2026-03-02", "1999-01-01", "2999-01-01", "2026-03-02T10:00:00+01:00", "hier"]),
    "description": st.sampled_from(["abcde", "x" * 10_000, "abc"]),
    "siret": st.sampled_from(["00010000800010", "12345678901234"]),
    "code_postal": st.sampled_from(["69001", "6900"]),
    "code_insee": st.sampled_from(["69381", "2A004", "97411", "XXXXX"]),
    "longitude": st.floats(-200, 200),
    "latitude": st.floats(-100, 100),
    "telephone": st.sampled_from(["+33199000000", "01 99 00 00 00", "3949", "sur rendez-vous"]),
    "courriel": st.sampled_from(["accueil@maison.example", "Accueil@MAISON.example", "non"]),
    "site_web": st.sampled_from(["https://maison.example", "maison.example"]),
    "horaires_accueil": st.sampled_from(["Mo-Fr 08:30-12:30; PH off", "le matin"]),
    "reseaux_porteurs": st.lists(st.sampled_from([*NETWORKS.values[:5], "réseau nouveau"]), max_size=4),
    "thematiques": st.lists(st.sampled_from([*TOPICS.values[:5], "nouvelle--thematique"]), max_size=4),
    "publics": st.lists(st.sampled_from([*AUDIENCES.values]), max_size=4),
    "modes_mobilisation": st.lists(st.sampled_from([*MOBILISATION_MODES.values]), max_size=4),
    "zone_eligibilite": st.lists(st.sampled_from(["france", "69", "69381", "200046977", "99100", "Lyon"]), max_size=4),
    "frais": st.sampled_from(["gratuit", "payant", "selon revenu"]),
    "volume_horaire_hebdomadaire": st.floats(0, 500),
}
STRUCTURES = draw_payloads(StructurePayload, _CHOSEN)
SERVICES = draw_payloads(ServicePayload, _CHOSEN)
