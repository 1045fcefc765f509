"""Structures and services as data·inclusion writes them.

Source: data-inclusion-schema v1 (20 fields of a structure, 33 of a service), and what its API adds.
"""

from __future__ import annotations

from raccord.adapters.payload import Payload


class Located(Payload):
    """What both say of themselves, and where they are."""

    source: str
    id: str
    nom: str
    date_maj: str
    description: str | None = None
    lien_source: str | None = None
    commune: str | None = None
    code_postal: str | None = None
    code_insee: str | None = None
    adresse: str | None = None
    complement_adresse: str | None = None
    longitude: float | None = None
    latitude: float | None = None
    telephone: str | None = None
    courriel: str | None = None
    horaires_accueil: str | None = None


class StructurePayload(Located):
    """A structure."""

    siret: str | None = None
    site_web: str | None = None
    accessibilite_lieu: str | None = None
    reseaux_porteurs: list[str] | None = None


class ServicePayload(Located):
    """A service."""

    structure_id: str
    type: str | None = None
    thematiques: list[str] | None = None
    frais: str | None = None
    frais_precisions: str | None = None
    publics: list[str] | None = None
    publics_precisions: str | None = None
    conditions_acces: str | None = None
    modes_accueil: list[str] | None = None
    zone_eligibilite: list[str] | None = None
    contact_nom_prenom: str | None = None
    lien_mobilisation: str | None = None
    modes_mobilisation: list[str] | None = None
    mobilisable_par: list[str] | None = None
    mobilisation_precisions: str | None = None
    volume_horaire_hebdomadaire: float | None = None
    nombre_semaines: int | None = None


class Twin(Payload):
    """Another record that their API takes for the same structure."""

    source: str | None = None
    id: str | None = None


class ListedStructure(StructurePayload):
    """A structure with what the API adds in its lists."""

    adresse_certifiee: str | None = None
    score_qualite: float | None = None
    doublons: list[Twin] | None = None


class ListedService(ServicePayload):
    """A service with what the API adds in its lists."""

    adresse_certifiee: str | None = None
    score_qualite: float | None = None
