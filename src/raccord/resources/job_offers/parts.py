"""The parts of a job offer that tell the job: occupation, places, contract, hours, pay."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from raccord.kernel.shapes import (
    Day,
    InseeCode,
    Line,
    NafCode,
    Paragraphs,
    PostalCode,
    Shape,
    Siret,
    WebAddress,
    explain_refusal,
)
from raccord.reference.classifications import Classification
from raccord.reference.departments import Department
from raccord.reference.job_offer_codes import (
    ContractScheme,
    ContractType,
    DelegationRole,
    DurationUnit,
    PayBasis,
    PayPeriod,
    PlacePrecision,
    StartKind,
    WorkingTime,
)
from raccord.reference.structure_kinds import StructureKind

SourceCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,40}$")]
RomeCode = Annotated[str, StringConstraints(pattern=r"^[A-N][0-9]{4}$"), Field(examples=["A1414"])]
OgrCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,6}$")]
CountryCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
CurrencyCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
# Money is text, so that no reader takes it for a binary fraction.
Amount = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,8}(?:[.][0-9]{1,2})?$")]
Hours = Annotated[float, Field(ge=0, le=48, multiple_of=0.25)]


class OfferEmployer(Shape):
    """The employer of an offer as its source tells it, where it has no record in Raccord."""

    siret: Siret | None = Field(None, description="SIRET de l'établissement.")
    kind: StructureKind | None = Field(None, description="Type de structure, s'il est connu.")
    name: Line | None = Field(None, description="Raison sociale.")
    brand: Line | None = Field(None, description="Enseigne.")
    description: Paragraphs | None = Field(None, description="Présentation de l'employeur.")
    website: WebAddress | None = Field(None, description="Site web.")
    logo_url: WebAddress | None = Field(None, description="Adresse du logo.")
    naf_code: NafCode | None = Field(None, description="Code NAF rév. 2, sans point.", examples=["8899B"])
    sector_label: Line | None = Field(None, description="Secteur d'activité, tel que la source l'écrit.")
    size_label: Line | None = Field(None, description="Tranche d'effectif, telle que la source l'écrit.")
    opco: Line | None = Field(None, description="Opérateur de compétences.")
    idcc: SourceCode | None = Field(None, description="Convention collective (IDCC).")


class OfferDelegate(Shape):
    """Who publishes or employs for the employer: a training centre, an employers' group, an agency."""

    siret: Siret | None = Field(None, description="SIRET.")
    name: Line | None = Field(None, description="Nom.")
    role: DelegationRole = Field(description="À quel titre il agit ; l'entreprise utilisatrice ne se publie pas.")

    @model_validator(mode="after")
    def check_role(self) -> Self:
        """Keep out of an open record who uses a temporary worker.

        Errors: delegate_not_published.
        """
        if self.role is DelegationRole.USER_COMPANY:
            raise explain_refusal(
                "delegate_not_published", "L'entreprise utilisatrice ne se publie pas.", "A user company is not public."
            )
        return self


class OfferClassification(Shape):
    """The job in another classification than the ROME."""

    system: Classification = Field(description="Classification.")
    code: SourceCode = Field(description="Code dans cette classification.")


class OfferOccupation(Shape):
    """What the job is, in the ROME of France Travail."""

    rome_code: RomeCode | None = Field(None, description="Code ROME du métier.")
    rome_label: Line | None = Field(None, description="Libellé du métier, tel que la source l'écrit.")
    appellation_code: OgrCode | None = Field(None, description="Code OGR de l'appellation.", examples=["11987"])
    appellation_label: Line | None = Field(None, description="Libellé de l'appellation, tel que la source l'écrit.")
    other_rome_codes: list[RomeCode] | None = Field(
        None, max_length=20, description="Autres métiers que l'offre concerne."
    )
    rome_version: SourceCode | None = Field(None, description="Version du ROME.", examples=["4.60"])
    classifications: list[OfferClassification] | None = Field(
        None, max_length=10, description="Codes dans d'autres classifications."
    )


class Workplace(Shape):
    """One place where the work is done."""

    label: Line | None = Field(None, description="Lieu, tel que la source l'écrit.", examples=["57 - METZ"])
    address: Line | None = Field(None, description="Numéro et voie.")
    postal_code: PostalCode | None = Field(None, description="Code postal.")
    insee_code: InseeCode | None = Field(None, description="Code INSEE de la commune.")
    city: Line | None = Field(None, description="Commune.")
    department: Department | None = Field(None, description="Code du département.")
    country: CountryCode | None = Field(None, description="Code pays ISO 3166-1 ; absent pour la France.")
    latitude: float | None = Field(None, ge=-90, le=90, description="Latitude en degrés (WGS 84).")
    longitude: float | None = Field(None, ge=-180, le=180, description="Longitude en degrés (WGS 84).")
    precision: PlacePrecision | None = Field(None, description="Ce que les coordonnées désignent.")
    external_id: SourceCode | None = Field(None, description="Identifiant du lieu dans la source.")

    @model_validator(mode="after")
    def check_point(self) -> Self:
        """Keep both coordinates together."""
        if (self.latitude is None) != (self.longitude is None):
            raise explain_refusal(
                "half_a_point", "Latitude et longitude vont ensemble.", "Latitude and longitude go together."
            )
        return self


class OfferContract(Shape):
    """The contract proposed. The pair of codes of the source is kept beside the canonical type."""

    type: ContractType = Field(description="Type de contrat.")
    schemes: list[ContractScheme] | None = Field(
        None, max_length=len(ContractScheme), description="Dispositifs dont le contrat relève."
    )
    source_type_code: SourceCode | None = Field(None, description="Code du type dans la source.", examples=["CDD"])
    source_nature_code: SourceCode | None = Field(None, description="Code de la nature dans la source.")
    source_label: Line | None = Field(None, description="Libellé du contrat dans la source.")
    duration_min: float | None = Field(None, ge=0, le=1200, description="Durée minimale, dans son unité.")
    duration_max: float | None = Field(None, ge=0, le=1200, description="Durée maximale, dans son unité.")
    duration_unit: DurationUnit | None = Field(None, description="Unité de la durée.")
    is_renewable: bool | None = Field(None, description="Contrat renouvelable.")
    start: StartKind | None = Field(None, description="Dès que possible, ou à une date.")
    starts_on: Day | None = Field(None, description="Date de début ; avec start on_date.")
    is_start_flexible: bool | None = Field(None, description="La date de début peut-elle être discutée ?")
    ends_on: Day | None = Field(None, description="Fin du contrat.")

    @model_validator(mode="after")
    def check_duration(self) -> Self:
        """Keep the duration whole, with bounds in order and a unit, and the date of start to the kind that has one."""
        if (self.starts_on is not None) != (self.start is StartKind.ON_DATE):
            raise explain_refusal(
                "start_incoherent", "starts_on va avec start on_date.", "starts_on goes with the start on_date."
            )
        bounds = [bound for bound in (self.duration_min, self.duration_max) if bound is not None]
        if bounds != sorted(bounds):
            raise explain_refusal("bounds_reversed", "Le minimum dépasse le maximum.", "The minimum is above.")
        if bool(bounds) != (self.duration_unit is not None):
            raise explain_refusal(
                "duration_without_unit", "Une durée va avec son unité.", "A duration goes with its unit."
            )
        return self


class OfferWorkingTime(Shape):
    """How much one works, and when."""

    weekly_hours_min: Hours | None = Field(None, description="Heures par semaine, au moins.")
    weekly_hours_max: Hours | None = Field(None, description="Heures par semaine, au plus.")
    time: WorkingTime | None = Field(None, description="Temps plein ou partiel.")
    schedules: list[Line] | None = Field(None, max_length=20, description="Horaires, tels que la source les écrit.")
    is_variable: bool | None = Field(None, description="Horaires variables.")
    source_label: Line | None = Field(None, description="Libellé de la durée de travail dans la source.")

    @model_validator(mode="after")
    def check_order(self) -> Self:
        """Keep the bounds in order."""
        if (self.weekly_hours_min or 0) > (self.weekly_hours_max if self.weekly_hours_max is not None else 48):
            raise explain_refusal("bounds_reversed", "Le minimum dépasse le maximum.", "The minimum is above.")
        return self


class PayComplement(Shape):
    """What is added to the pay."""

    code: SourceCode | None = Field(None, description="Code du complément dans la source.")
    label: Line = Field(description="Complément de salaire.")


class OfferPay(Shape):
    """What the work is paid."""

    min: Amount | None = Field(None, description="Montant minimal.", examples=["1801.80"])
    max: Amount | None = Field(None, description="Montant maximal.", examples=["1950.00"])
    currency: CurrencyCode = Field("EUR", description="Monnaie (ISO 4217).")
    period: PayPeriod | None = Field(None, description="Période que le montant paie.")
    months_per_year: float | None = Field(None, ge=1, le=24, description="Nombre de mois payés par an.")
    is_gross: bool | None = Field(None, description="Montant brut.")
    basis: PayBasis | None = Field(None, description="Ce qui fixe le salaire.")
    source_label: Line | None = Field(None, description="Libellé du salaire dans la source.")
    comment: Line | None = Field(None, description="Commentaire de la source.")
    complements: list[PayComplement] | None = Field(None, max_length=30, description="Compléments de salaire.")

    @model_validator(mode="after")
    def check_amounts(self) -> Self:
        """Keep the amounts in order, and their period with them."""
        if self.min is not None and self.max is not None and float(self.min) > float(self.max):
            raise explain_refusal("bounds_reversed", "Le minimum dépasse le maximum.", "The minimum is above.")
        if self.period is None and (self.min or self.max):
            raise explain_refusal(
                "pay_without_period", "Un montant va avec sa période.", "An amount goes with its period."
            )
        return self


class OfferOpenings(Shape):
    """How many people are looked for."""

    open_count: int = Field(1, ge=0, le=10_000, description="Postes ouverts.")
    filled_count: int = Field(0, ge=0, le=10_000, description="Postes pourvus.")
