"""Structures with their positions, and applications, as Les emplois de l'inclusion sends them.

Source: Les emplois, API v1, GET /siaes/ and POST /candidatures/recherche/, August 2026.
"""

from __future__ import annotations

from raccord.adapters.payload import Payload


class PlacePayload(Payload):
    """The commune of a position."""

    nom: str | None = None
    departement: str | None = None
    code_postaux: list[str] | None = None
    code_insee: str | None = None


class PositionPayload(Payload):
    """A position. `recrutement_ouvert` is text, `rome` a label with its code in parentheses."""

    id: int
    rome: str | None = None
    cree_le: str | None = None
    mis_a_jour_le: str | None = None
    recrutement_ouvert: str | bool | None = None
    description: str | None = None
    appellation_modifiee: str | None = None
    type_contrat: str | None = None
    nombre_postes_ouverts: int | None = None
    lieu: PlacePayload | None = None
    profil_recherche: str | None = None


class StructurePayload(Payload):
    """A structure. The address lines are misspelt there."""

    id: str
    cree_le: str | None = None
    mis_a_jour_le: str | None = None
    siret: str | None = None
    type: str | None = None
    raison_sociale: str | None = None
    enseigne: str | None = None
    telephone: str | None = None
    courriel: str | None = None
    site_web: str | None = None
    description: str | None = None
    bloque_candidatures: bool | None = None
    addresse_ligne_1: str | None = None
    addresse_ligne_2: str | None = None
    code_postal: str | None = None
    ville: str | None = None
    departement: str | None = None
    postes: list[PositionPayload] | None = None


class WantedPositionPayload(Payload):
    """A position that an application is for."""

    rome: str | None = None
    titre: str | None = None
    ville: str | None = None


class ApplicationPayload(Payload):
    """An application. What names the person beyond identity and contact is dropped before it comes here."""

    identifiant_unique: str
    cree_le: str
    mis_a_jour_le: str | None = None
    dernier_changement_le: str | None = None
    statut: str
    candidat_nir: str | None = None
    candidat_nom: str | None = None
    candidat_prenom: str | None = None
    candidat_date_naissance: str | None = None
    candidat_email: str | None = None
    candidat_telephone: str | None = None
    candidat_pass_iae_statut: str | None = None
    candidat_pass_iae_numero: str | None = None
    candidat_pass_iae_date_debut: str | None = None
    candidat_pass_iae_date_fin: str | None = None
    entreprise_type: str | None = None
    entreprise_nom: str | None = None
    entreprise_siret: str | None = None
    entreprise_adresse: str | None = None
    entreprise_employeur_email: str | None = None
    orientation_emetteur_type: str | None = None
    orientation_emetteur_sous_type: str | None = None
    orientation_emetteur_nom: str | None = None
    orientation_emetteur_prenom: str | None = None
    orientation_emetteur_email: str | None = None
    orientation_emetteur_organisme: str | None = None
    orientation_emetteur_organisme_telephone: str | None = None
    orientation_postes_recherches: list[WantedPositionPayload] | None = None
    orientation_candidat_message: str | None = None
    orientation_candidat_cv: str | None = None
    contrat_date_debut: str | None = None
    contrat_date_fin: str | None = None
    contrat_poste_retenu: WantedPositionPayload | None = None
