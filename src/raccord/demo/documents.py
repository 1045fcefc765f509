"""Hold the form of the demonstration's documents, as its loader receives them; not the resources' shapes."""

from typing import NotRequired, TypedDict

# One step that the loader plays: the transition's name and its payload.
TransitionStep = tuple[str, dict[str, str]]


class AddressDocument(TypedDict):
    """Describe where a structure is."""

    line_1: NotRequired[str]
    line_2: NotRequired[str]
    postal_code: str
    city: str
    insee_code: str
    department: str


class LocationDocument(TypedDict):
    """Locate a structure, in decimal degrees."""

    latitude: float
    longitude: float


class ConventionDocument(TypedDict):
    """Describe the convention of an IAE employer."""

    kind: str
    asp_id: str
    is_active: bool
    deactivated_on: NotRequired[str]


class AnnexDocument(TypedDict):
    """Describe a financial annex."""

    number: str
    state: str
    starts_on: str
    ends_on: str


class StructureDocument(TypedDict):
    """Describe a structure."""

    external_id: str
    kind: str
    siret: str | None
    name: str
    brand: NotRequired[str]
    description: NotRequired[str]
    naf_code: NotRequired[str]
    phone: NotRequired[str]
    email: NotRequired[str]
    website: NotRequired[str]
    address: AddressDocument
    location: NotRequired[LocationDocument]
    habilitation: NotRequired[str]
    is_brsa: bool
    parent_siret: NotRequired[str]
    is_antenna: bool
    is_open_to_spontaneous_applications: NotRequired[bool]
    spontaneous_applications_open_since_on: NotRequired[str]
    created_from: NotRequired[str]
    opening_hours: NotRequired[str]
    networks: NotRequired[list[str]]
    safir_code: NotRequired[str]
    is_service_provider: NotRequired[bool]
    convention: NotRequired[ConventionDocument]
    financial_annexes: NotRequired[list[AnnexDocument]]
    source_updated_on: NotRequired[str]


class ServiceDocument(TypedDict):
    """Describe a service; its structure is named by its external id."""

    external_id: str
    structure_external_id: str
    name: str
    description: str
    kind: str
    topics: list[str]
    audiences: list[str]
    fee: str
    fee_details: NotRequired[str]
    reception_modes: list[str]
    address: AddressDocument
    location: NotRequired[LocationDocument]
    eligibility_zones: list[str]
    phone: NotRequired[str]
    email: NotRequired[str]
    mobilisation_modes: NotRequired[list[str]]
    mobilisers: NotRequired[list[str]]
    opening_hours: NotRequired[str]
    hours_per_week: NotRequired[float]
    duration_weeks: NotRequired[int]
    source_updated_on: str


class JobOfferDocument(TypedDict):
    """Describe a job offer; structure is the external id of its employer, empty where only `employer` names it."""

    external_id: str
    structure: str
    employer: NotRequired[dict[str, str]]
    title: str
    description: str
    wanted_profile: str
    occupation: dict[str, str]
    workplaces: list[dict[str, object]]
    work_mode: str
    contract: dict[str, object]
    working_time: dict[str, object]
    pay: dict[str, object]
    openings: dict[str, int]
    requirements: dict[str, object]
    mobility: dict[str, object]
    iae: NotRequired[dict[str, object]]
    application: dict[str, object]
    is_published: bool
    licence: NotRequired[dict[str, str]]
    provenance: NotRequired[dict[str, str]]


class PersonDocument(TypedDict):
    """Describe a person; managing_structure is the external id of a structure."""

    external_id: str
    first_name: str
    last_name: str
    birth_date: str
    email: NotRequired[str]
    phone: NotRequired[str]
    postal_code: NotRequired[str]
    city: NotRequired[str]
    managing_structure: str


class PrescriptionDocument(TypedDict):
    """Describe a prescription by external ids, and the transitions that lead it to its target state.

    Shape: played whole and in list order; another prescription's acceptance makes an `obsolete` one so.
    """

    external_id: str
    person: str
    prescriber_structure: str
    recipient_structure: str
    sender_kind: str
    message: str
    job_title: NotRequired[str]
    prescribed_on: str
    transitions: list[TransitionStep]
    target_state: str


class ParticipantDocument(TypedDict):
    """Describe the part that a structure takes in a path."""

    structure: str
    role: str
    started_on: str
    ended_on: NotRequired[str]


class CareerPathDocument(TypedDict):
    """Describe a career path by external ids."""

    external_id: str
    person: str
    framework: str
    status: str
    started_on: str
    title: NotRequired[str]
    participants: list[ParticipantDocument]
