"""What people call the fields in the headers of their tables; the glossary's names are among them.

A name stands under a dotted field, or under its last part for all fields that end so.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# Of any kind.
_PLACES = {
    "line_1": "adresse|adresse ligne 1|address_line_1|adresse_ligne_1|addresse_ligne_1|voie|rue|numéro et voie"
    "|adresse postale",
    "line_2": "complément d'adresse|complement_adresse|address_line_2|adresse_ligne_2|addresse_ligne_2|adresse 2"
    "|bâtiment",
    "postal_code": "code postal|CP|code_postal|post_code|lieuTravail.codePostal|zip",
    "city": "commune|ville|city|localité|lieuTravail.libelle|nom de la commune",
    "insee_code": "code INSEE de la commune|code INSEE|code_insee|insee_city|lieuTravail.commune|code commune",
    "department": "département|department|departement|dpt|dept|numéro de département",
    "resolved_address": "adresse reconnue|adresse_certifiee|ban_api_resolved_address",
    "geocoding_score": "score de géocodage",
    "latitude": "latitude|lat|lieuTravail.latitude",
    "longitude": "longitude|lon|lng|long|lieuTravail.longitude",
    "phone": "téléphone|telephone|phone|tél|tel|numéro de téléphone|téléphone de contact",
    "email": "courriel|email|e-mail|mail|adresse mail|adresse électronique|mél",
    "topics": "thématiques|thematiques|thematiques (services)|thèmes|thématique",
    "source_url": "page chez la source|lien source|lien_source|lien de la fiche|url source",
    "source_updated_on": "mise à jour chez la source|updated_at|date de mise à jour|date_maj|mise à jour"
    "|dernière mise à jour|mis_a_jour_le|modifié le|màj",
    "opening_hours": "horaires d'accueil|horaires_accueil|horaires|horaires d'ouverture",
    "structure_external_id": "identifiant de la structure|structure_id|id structure|code structure|structure",
}
_STRUCTURES = {
    "kind": "type de structure|type|kind|catégorie|forme|nature de la structure",
    "siret": "SIRET|numéro SIRET|n° SIRET|siret",
    "siren": "SIREN|numéro SIREN",
    "parent_siret": "SIRET de la structure mère|siret (structure mère)|SIRET du siège|siret mère",
    "is_antenna": "antenne|source USER_CREATED|est une antenne",
    "name": "raison sociale|nom|name|raison_sociale|entreprise.nom|nom de la structure|structure|dénomination|intitulé",
    "brand": "enseigne|brand|nom d'usage|nom commercial|sigle",
    "description": "présentation|description|entreprise.description|présentation de la structure|activité|activités",
    "uid": "identifiant public stable",
    "provided_support": "accompagnement proposé",
    "is_service_provider": "porte des services",
    "is_searchable": "proposée dans les recherches",
    "spontaneous_applications_open_since_on": "ouverte aux candidatures spontanées depuis"
    "|spontaneous_applications_open_since",
    "has_blocked_applications": "candidatures bloquées|block_job_applications",
    "applications_blocked_on": "candidatures bloquées depuis|block_job_applications_at",
    "rdv_solidarites_id": "identifiant RDV-Solidarités",
    "naf_code": "code NAF|naf|codeNAF|APE|code APE",
    "website": "site web|site_web|website|site internet|site|entreprise.url|url",
    "habilitation": "habilitation du prescripteur|habilitation|authorization_status",
    "is_brsa": "suit des bénéficiaires du RSA|is_brsa|RSA|brsa",
    "networks": "réseaux|réseaux porteurs|reseaux_porteurs|réseau",
    "is_open_to_spontaneous_applications": "ouverte aux candidatures spontanées|candidatures spontanées",
    "safir_code": "code SAFIR|safir|code agence",
    "convention.asp_id": "identifiant ASP|id ASP",
    "accessibility_url": "accessibilité|accessibilite_lieu|acceslibre",
    "created_from": "origine de la fiche",
}
_SERVICES = {
    "name": "nom du service|nom|name|intitulé|titre|service|intitulé du service|action",
    "description": "description|présentation|présentation du service|contenu|descriptif",
    "kind": "type de service|type|nature du service",
    "fee": "frais|coût|tarif",
    "fee_details": "frais_precisions|précisions sur les frais",
    "audiences": "publics|public|public visé|profils",
    "audience_details": "publics_precisions|précisions sur le public",
    "access_conditions": "conditions d'accès|conditions_acces|conditions|prérequis",
    "contact_name": "contact|contact_nom_prenom|nom du contact|référent",
    "reception_modes": "modes d'accueil|modes_accueil|mode d'accueil",
    "mobilisation_modes": "modes de mobilisation|modes_mobilisation|modes d'orientation",
    "mobilisers": "mobilisable par|mobilisable_par|personnes mobilisatrices",
    "mobilisation_details": "mobilisation_precisions|comment mobiliser",
    "mobilisation_url": "lien de mobilisation|lien_mobilisation|lien d'inscription",
    "hours_per_week": "volume horaire hebdomadaire|volume_horaire_hebdomadaire|heures par semaine",
    "duration_weeks": "nombre de semaines|nombre_semaines|durée en semaines",
    "eligibility_zones": "zone d'éligibilité|zone_eligibilite|territoire",
}
_JOB_OFFERS = {
    "title": "custom_name|intitulé du poste|intitulé|poste|titre|métier|emploi|offre|fonction",
    "description": "description|descriptif|missions|description du poste",
    "origin": "naissance de l'offre|creation_source",
    "work_mode": "mode de travail",
    "acquired_skills": "compétences acquises en poste",
    "qualification": "qualification|qualificationCode",
    "is_manager_status": "statut de cadre|cadre",
    "wanted_profile": "profile_description|profil recherché|profil|profil souhaité",
    "occupation.rome_code": "code ROME|ROME|romeCode",
    "occupation.rome_label": "libellé ROME|romeLibelle|métier ROME",
    "contract.type": "type de contrat|contrat|typeContrat|nature du contrat",
    "contract.starts_on": "date de début|début|prise de poste|date d'embauche",
    "contract.ends_on": "date de fin|fin de contrat",
    "contract.duration_max": "durée du contrat",
    "working_time.weekly_hours_min": "heures hebdomadaires|heures par semaine|durée hebdomadaire|temps de travail",
    "pay.min": "salaire|salaire minimum|rémunération",
    "pay.max": "salaire maximum",
    "openings.open_count": "nombre de postes|postes|nombre de postes ouverts|nb postes|nombrePostes",
    "employer.siret": "SIRET de l'employeur|SIRET|siret employeur",
    "employer.name": "employeur|entreprise|nom de l'employeur|structure employeuse",
    "workplaces.0.address": "adresse|lieu de travail|adresse du lieu de travail",
    "publication.starts_on": "date de publication|publiée le",
    "publication.ends_on": "date limite|date de fin de publication",
    "is_published": "publication voulue par la source|recrutement_ouvert|publiée|en ligne|publier",
    "structure_external_id": "identifiant de la structure|structure_id|id structure|code structure",
}


def _split(names: Mapping[str, str]) -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType({field: tuple(listed.split("|")) for field, listed in names.items()})


SHARED = _split(_PLACES)
WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {"structures": _split(_STRUCTURES), "services": _split(_SERVICES), "job_offers": _split(_JOB_OFFERS)}
)
# What names a row, best first.
NAMES = (
    "identifiant", "id", "external_id", "identifiant unique", "identifiant interne", "code", "référence", "ref",
    "numéro", "n°", "clé", "uid", "SIRET",
)  # fmt: skip
