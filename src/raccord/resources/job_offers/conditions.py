"""The parts of a job offer that tell for whom it is and how to answer: requirements, access, insertion, application."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, TypeAdapter, ValidationError, model_validator

from raccord.kernel.clock import read_now
from raccord.kernel.shapes import (
    Day,
    Email,
    Line,
    Paragraphs,
    Phone,
    Shape,
    SourceName,
    WebAddress,
    WorkingInstant,
    explain_refusal,
)
from raccord.reference.eligibility_codes import EligibilityCriterion
from raccord.reference.job_offer_codes import (
    ApplicationModeType,
    ConvergenceProgramme,
    DisabilityCommitment,
    ExperienceLevel,
    Obstacle,
    ObstacleAcceptance,
    RequirementLevel,
    TravelFrequency,
)
from raccord.reference.licences import LicenceCode
from raccord.reference.qualification_codes import CefrLevel, DrivingLicence
from raccord.resources.job_offers.parts import OgrCode, SourceCode

Question = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f\x7f]*$")]
LanguageCode = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]


class RequiredExperience(Shape):
    """The experience that is expected."""

    level: ExperienceLevel | None = Field(None, description="Débutant accepté, souhaitée ou exigée.")
    months: int | None = Field(None, ge=0, le=600, description="Durée d'expérience.")
    source_label: Line | None = Field(None, description="Libellé de la source.")
    comment: Line | None = Field(None, description="Commentaire de la source.")


class RequiredEducation(Shape):
    """A training or diploma that is expected."""

    code: SourceCode | None = Field(None, description="Code de la formation dans la source.")
    domain: Line | None = Field(None, description="Domaine de formation.")
    level: int | None = Field(None, ge=1, le=8, description="Niveau du cadre européen des certifications.")
    level_label: Line | None = Field(None, description="Niveau, tel que la source l'écrit.")
    comment: Line | None = Field(None, description="Commentaire de la source.")
    requirement: RequirementLevel | None = Field(None, description="Souhaitée ou exigée.")


class RequiredSkill(Shape):
    """A skill that is expected."""

    code: OgrCode | None = Field(None, description="Code OGR de la compétence.")
    label: Line = Field(description="Compétence.")
    requirement: RequirementLevel | None = Field(None, description="Souhaitée ou exigée.")


class OfferQuality(Shape):
    """A personal quality that is hoped for."""

    label: Line = Field(description="Savoir-être professionnel.")
    description: Line | None = Field(None, description="Ce qu'il veut dire.")


class RequiredLanguage(Shape):
    """A language that is expected."""

    code: LanguageCode | None = Field(None, description="Langue (ISO 639).")
    label: Line | None = Field(None, description="Langue, telle que la source l'écrit.")
    level: CefrLevel | None = Field(None, description="Niveau du cadre européen commun (CECRL).")
    requirement: RequirementLevel | None = Field(None, description="Souhaitée ou exigée.")


class RequiredDrivingLicence(Shape):
    """A driving licence that is expected."""

    code: DrivingLicence | None = Field(None, description="Catégorie de permis.", examples=["B"])
    label: Line | None = Field(None, description="Permis, tel que la source l'écrit.")
    requirement: RequirementLevel | None = Field(None, description="Souhaité ou exigé.")


class OfferRequirements(Shape):
    """What is expected of candidates."""

    experience: RequiredExperience | None = Field(None, description="Expérience.")
    educations: list[RequiredEducation] | None = Field(None, max_length=20, description="Formations.")
    skills: list[RequiredSkill] | None = Field(None, max_length=50, description="Compétences.")
    qualities: list[OfferQuality] | None = Field(None, max_length=20, description="Savoir-être.")
    languages: list[RequiredLanguage] | None = Field(None, max_length=10, description="Langues.")
    driving_licences: list[RequiredDrivingLicence] | None = Field(None, max_length=10, description="Permis.")
    tools: list[Line] | None = Field(None, max_length=20, description="Outils à connaître.")
    access_conditions: list[Line] | None = Field(None, max_length=20, description="Conditions d'accès.")
    is_resume_required: bool | None = Field(None, description="CV obligatoire.")


class OfferMobility(Shape):
    """How one comes to work, and travels for it."""

    travel: TravelFrequency | None = Field(None, description="Fréquence des déplacements.")
    travel_area: Line | None = Field(None, description="Zone des déplacements, telle que la source l'écrit.")
    is_vehicle_required: bool | None = Field(None, description="Véhicule nécessaire.")
    is_reachable_by_public_transport: bool | None = Field(None, description="Accessible en transports en commun.")
    has_shifted_hours: bool | None = Field(None, description="Horaires décalés.")
    has_housing: bool | None = Field(None, description="Logement possible.")
    has_travel_aid: bool | None = Field(None, description="Aide au déplacement.")
    is_itinerant: bool | None = Field(None, description="Sans lieu fixe : chantiers, tournées.")


class OfferAccessibility(Shape):
    """What the offer says to people with a disability."""

    is_open_to_disabled_workers: bool | None = Field(None, description="Ouverte aux bénéficiaires de l'OETH.")
    is_adapted_company: bool | None = Field(None, description="Proposée par une entreprise adaptée.")
    is_committed_employer: bool | None = Field(None, description="Employeur « handi-engagé ».")
    commitment: DisabilityCommitment | None = Field(None, description="D'où vient l'engagement de l'employeur.")
    adaptations: list[Line] | None = Field(None, max_length=20, description="Aménagements proposés.")
    acceslibre_url: WebAddress | None = Field(None, description="Fiche Acceslibre du lieu.")
    physical_constraints: list[Line] | None = Field(None, max_length=20, description="Contraintes physiques du poste.")


class AcceptedObstacle(Shape):
    """What the employer says of one obstacle that candidates may meet."""

    obstacle: Obstacle = Field(description="Frein.")
    acceptance: ObstacleAcceptance = Field(description="Accepté, accompagné ou incompatible avec le poste.")
    detail: Line | None = Field(None, description="Précision.")


class IaeSupport(Shape):
    """The social and professional support that comes with the work."""

    is_internal: bool | None = Field(None, description="Assuré par l'employeur lui-même.")
    hours_per_week: Annotated[float, Field(ge=0, le=48)] | None = Field(None, description="Heures par semaine.")


class IaeMission(Shape):
    """The mission of a temporary contract. Who uses it is between the parties, and not published."""

    reason: Line | None = Field(None, description="Motif du recours.")
    starts_on: Day | None = Field(None, description="Début de la mission.")
    ends_on: Day | None = Field(None, description="Fin de la mission.")


class IaeClause(Shape):
    """The social clause of a public contract under which the offer stands."""

    is_qpv_required: bool | None = Field(None, description="Réservée aux résidents de quartiers prioritaires.")
    market_context: Paragraphs | None = Field(None, description="Marché dans lequel l'offre s'inscrit.")
    hours: int | None = Field(None, ge=0, le=1_000_000, description="Heures d'insertion du marché.")


class OfferIae(Shape):
    """What is particular to insertion par l'activité économique."""

    is_pass_required: bool | None = Field(None, description="PASS IAE requis.")
    is_prescription_required: bool | None = Field(None, description="Prescription requise.")
    targeted_criteria: list[EligibilityCriterion] | None = Field(
        None, max_length=len(EligibilityCriterion), description="Publics visés : une information, jamais un filtre."
    )
    accepted_obstacles: list[AcceptedObstacle] | None = Field(
        None, max_length=len(Obstacle), description="Freins acceptés, accompagnés ou incompatibles."
    )
    support: IaeSupport | None = Field(None, description="Accompagnement.")
    is_gateway: bool | None = Field(None, description="Contrat passerelle.")
    convergence: ConvergenceProgramme | None = Field(None, description="Programme Convergence.")
    mission: IaeMission | None = Field(None, description="Mission de travail temporaire.")
    clause: IaeClause | None = Field(None, description="Clause sociale.")


_VALUES: dict[ApplicationModeType, TypeAdapter[object]] = {
    ApplicationModeType.URL: TypeAdapter(WebAddress),
    ApplicationModeType.EMAIL: TypeAdapter(Email),
    ApplicationModeType.PHONE: TypeAdapter(Phone),
}


class ApplicationMode(Shape):
    """One way to apply."""

    type: ApplicationModeType = Field(description="Plateforme, adresse, courriel, téléphone ou sur place.")
    value: Annotated[str, StringConstraints(min_length=1, max_length=2_000, pattern=r"^[^\x00-\x1f\x7f]*$")] | None = (
        Field(None, description="Adresse, courriel ou numéro du service qui reçoit ; jamais une personne.")
    )

    @model_validator(mode="after")
    def check_value(self) -> Self:
        """Check that the value is what its type says.

        Errors: application_value_missing, application_value_invalid.
        """
        rule = _VALUES.get(self.type)
        if rule is None:
            return self
        if self.value is None:
            raise explain_refusal(
                "application_value_missing", "Ce mode va avec une valeur.", "This mode goes with a value."
            )
        try:
            rule.validate_strings(self.value)
        except ValidationError:
            raise explain_refusal(
                "application_value_invalid", "Valeur qui ne va pas avec ce mode.", "Not a value of this mode."
            ) from None
        return self


class OfferApplication(Shape):
    """How to apply. The name of a contact person is not published: candidates write to a service."""

    modes: list[ApplicationMode] | None = Field(None, max_length=10, description="Façons de candidater.")
    questions: list[Question] | None = Field(None, max_length=3, description="Questions posées aux candidats.")
    is_open: bool = Field(True, description="Les candidatures sont-elles reçues ?")


class OfferPublication(Shape):
    """From when to when the offer is published, and where."""

    starts_on: Day | None = Field(None, description="Début de publication à la source.")
    ends_on: Day | None = Field(None, description="Dernier jour de publication.")
    applications_end_on: Day | None = Field(None, description="Dernier jour pour candidater.")
    channels: list[SourceCode] | None = Field(None, max_length=30, description="Canaux de diffusion.")
    is_multicast: bool | None = Field(None, description="Diffusée par plusieurs sites.")

    @model_validator(mode="after")
    def check_days(self) -> Self:
        """Keep the days in order."""
        if self.starts_on is not None and self.ends_on is not None and self.ends_on < self.starts_on:
            raise explain_refusal("ends_before_start", "Fin avant le début.", "Ends before it starts.")
        return self


class OfferLicence(Shape):
    """Under which terms the offer may be used again."""

    code: LicenceCode = Field(description="Licence.")
    label: Line | None = Field(None, description="Mention à afficher.")
    url: WebAddress | None = Field(None, description="Texte de la licence.")


class PartnerSite(Shape):
    """A site that the offer comes from or through."""

    name: Line = Field(description="Nom du partenaire.")
    url: WebAddress | None = Field(None, description="Offre chez le partenaire.")
    logo_url: WebAddress | None = Field(None, description="Adresse du logo.")


def _check_seen(value: datetime) -> datetime:
    """Refuse an offer seen later than now: a licence that asks for freshness counts from there.

    Clocks differ: an hour ahead passes.
    """
    if value > read_now() + timedelta(hours=1):
        raise explain_refusal("seen_in_future", "Cet instant n'est pas encore venu.", "This instant is yet to come.")
    return value


class OfferProvenance(Shape):
    """Where an offer comes from that was first published elsewhere."""

    system: SourceName = Field(description="Système d'origine.", examples=["france-travail"])
    external_id: SourceCode | None = Field(None, description="Identifiant dans le système d'origine.")
    origin_code: SourceCode | None = Field(None, description="Origine, dans les codes du système.")
    url: WebAddress | None = Field(None, description="Offre dans le système d'origine.")
    partners: list[PartnerSite] | None = Field(None, max_length=20, description="Partenaires de diffusion.")
    created_at: WorkingInstant | None = Field(None, description="Création dans le système d'origine (UTC).")
    updated_at: WorkingInstant | None = Field(None, description="Dernière actualisation par l'employeur (UTC).")
    received_at: WorkingInstant | None = Field(None, description="Première réception (UTC).")
    last_seen_at: Annotated[WorkingInstant, AfterValidator(_check_seen)] | None = Field(
        None, description="Dernière fois que l'offre y a été vue (UTC) : pas dans l'avenir."
    )


class OfferSignals(Shape):
    """What the source counts of the offer's course."""

    applications_count: int | None = Field(None, ge=0, le=1_000_000, description="Candidatures reçues.")
    pending_applications_count: int | None = Field(None, ge=0, le=1_000_000, description="Candidatures en attente.")
    is_short_of_candidates: bool | None = Field(None, description="Manque de candidats.")
    views_count: int | None = Field(None, ge=0, le=1_000_000_000, description="Consultations.")
