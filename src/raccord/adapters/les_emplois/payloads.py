"""Structures and their positions as Les emplois de l'inclusion sends them.

Source: Les emplois, API v1, GET /siaes/, August 2026.
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
