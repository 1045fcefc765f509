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
    created_from: NotRequired[str]


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
