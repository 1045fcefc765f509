"""Whether an offer may be published: pure rules on the offer and its employer, one finding for each field.

What is refused keeps an offer from being active, whoever asks and however it comes; what is warned of is told only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from raccord.kernel.refusals import FieldError
from raccord.kernel.strict_json import JsonObject, read_object
from raccord.kernel.text import Text
from raccord.reference.job_offer_codes import ContractType, OfferOrigin
from raccord.reference.structure_kinds import SIAE_KINDS, StructureKind
from raccord.resources.job_offers.discrimination import find_criteria
from raccord.resources.job_offers.employers import Employer

_SIAE_CONTRACTS = frozenset(
    {
        ContractType.FIXED_TERM_INCLUSION,
        ContractType.FIXED_TERM_USAGE,
        ContractType.TEMP_MISSION,
        ContractType.TEMP_MISSION_INCLUSION,
        ContractType.AI_PLACEMENT,
        ContractType.PROFESSIONAL_TRAINING,
        ContractType.OTHER,
    }
)
_CONVERGENCE = frozenset({ContractType.FIXED_TERM_INCLUSION_PHC, ContractType.FIXED_TERM_INCLUSION_CVG})
_TRAINING = frozenset({ContractType.APPRENTICESHIP, ContractType.PROFESSIONAL_TRAINING, ContractType.OTHER})
# Kinds that are not here may propose any contract. Source: Les emplois de l'inclusion, August 2026.
ALLOWED_CONTRACTS: Mapping[StructureKind, frozenset[ContractType]] = {
    **dict.fromkeys(SIAE_KINDS, _SIAE_CONTRACTS),
    StructureKind.ACI: _SIAE_CONTRACTS | _CONVERGENCE,
    StructureKind.EITI: frozenset({ContractType.BUSINESS_CREATION, ContractType.OTHER}),
    StructureKind.GEIQ: _TRAINING,
    StructureKind.OPCS: _TRAINING | {ContractType.PERMANENT, ContractType.FIXED_TERM},
}
_CDDI = _CONVERGENCE | {ContractType.FIXED_TERM_INCLUSION}
CDDI_MONTHS = (4, 24)
CDDI_HOURS = 20
_DAYS_PER_MONTH = 30.4
# What is already said better elsewhere: an offer with a place has its department.
_TEXTS = ("title", "description", "wanted_profile")


@dataclass(frozen=True)
class Finding:
    """What keeps an offer from being published, or may surprise its readers: on which field, and why."""

    pointer: str
    code: str
    message: Text
    is_warning: bool = False

    def as_error(self) -> FieldError:
        """Say it as the error of a request."""
        return FieldError("pointer", self.pointer, self.code, self.message)


@dataclass(frozen=True)
class Case:
    """What the rules look at.

    Shape: `structure` is the employer's record, None if the offer names none, or one that is gone.
    """

    document: JsonObject
    structure: Employer | None
    today: date

    @property
    def contract_type(self) -> ContractType | None:
        """The type of the contract, if it is told."""
        told = read_object(self.document, "contract").get("type")
        return ContractType(str(told)) if told is not None else None


def find_obstacles(document: JsonObject, structure: Employer | None, today: date) -> list[Finding]:
    """Find what is wrong with the offer: the first finding on each field, refusals before warnings."""
    case = Case(document, structure, today)
    found: dict[str, Finding] = {}
    for rule in (*_REFUSALS, *_WARNINGS):
        for finding in rule(case):
            found.setdefault(finding.pointer, finding)
    return list(found.values())


def list_refusals(findings: Iterable[Finding]) -> list[Finding]:
    """Keep what forbids to publish."""
    return [finding for finding in findings if not finding.is_warning]


def _check_required(case: Case) -> Iterator[Finding]:
    document = case.document
    missing = Text("Obligatoire pour publier.", "Required to publish.")
    # What was published elsewhere without a description is not held back here.
    for name in ("contract",) if document.get("provenance") else ("description", "contract"):
        if not document.get(name):
            yield Finding(f"/{name}", "required_to_publish", missing)
    occupation = read_object(document, "occupation")
    if not occupation.get("rome_code") and not occupation.get("appellation_code"):
        yield Finding("/occupation", "required_to_publish", missing)
    if case.contract_type is ContractType.UNSPECIFIED and not document.get("provenance"):
        yield Finding("/contract/type", "required_to_publish", missing)


def _check_employer(case: Case) -> Iterator[Finding]:
    document = case.document
    if document.get("structure_id"):
        if case.structure is None or not case.structure.can_recruit(case.today):
            message = Text("Cette structure ne recrute pas en ce moment.", "This structure does not recruit now.")
            yield Finding("/structure_id", "structure_inactive", message)
    elif not document.get("provenance") and not read_object(document, "employer").get("name"):
        message = Text("Nommez l'employeur, par sa fiche ou ici.", "Name the employer, by its record or here.")
        yield Finding("/structure_id", "employer_missing", message)


def _check_contract(case: Case) -> Iterator[Finding]:
    if case.structure is None or case.structure.kind is None or case.contract_type is None:
        return
    allowed = ALLOWED_CONTRACTS.get(case.structure.kind)
    if allowed is not None and case.contract_type not in allowed:
        kind, codes = case.structure.kind, ", ".join(sorted(allowed))
        message = Text(f"Contrats d'une structure {kind} : {codes}.", f"Contracts of a structure {kind}: {codes}.")
        yield Finding("/contract/type", "contract_not_allowed", message)


def _check_place(case: Case) -> Iterator[Finding]:
    document = case.document
    is_placeless = document.get("work_mode") == "remote" or read_object(document, "mobility").get("is_itinerant")
    if not document.get("workplaces") and not is_placeless:
        message = Text("Un lieu, sauf à distance ou itinérant.", "A place, unless remote or itinerant.")
        yield Finding("/workplaces", "place_missing", message)


def _check_application(case: Case) -> Iterator[Finding]:
    if not read_object(case.document, "application").get("modes"):
        message = Text("Au moins une façon de candidater.", "At least one way to apply.")
        yield Finding("/application/modes", "application_mode_missing", message)


def _check_openings(case: Case) -> Iterator[Finding]:
    openings = read_object(case.document, "openings")
    if not openings.get("open_count"):
        yield Finding("/openings/open_count", "no_opening", Text("Aucun poste ouvert.", "No opening."))
    if case.document.get("origin") == OfferOrigin.HIRING:
        message = Text("Née d'une embauche, elle ne se publie pas.", "Made by a hiring, it is never published.")
        yield Finding("/origin", "never_published", message)


def _check_end(case: Case) -> Iterator[Finding]:
    end = case.document.get("expires_on")
    if end is not None and str(end) < case.today.isoformat():
        yield Finding(
            "/publication/ends_on",
            "already_ended",
            Text("Fin déjà passée : donnez-en une autre (ends_on).", "The end has passed: give another (ends_on)."),
        )


def _check_texts(case: Case) -> Iterator[Finding]:
    """Refuse conditions on the person in free text; targeted criteria are information, and not looked at."""
    for name in _TEXTS:
        text = case.document.get(name)
        grounds = find_criteria(str(text), case.contract_type) if text else []
        if grounds:
            fr, en = (" ".join(ground.message[place] for ground in grounds) for place in (0, 1))
            yield Finding(f"/{name}", "discriminatory_criterion", Text(f"{fr} (L1132-1)", f"{en} (L1132-1)"))


def _warn_of_duration(case: Case) -> Iterator[Finding]:
    if case.contract_type not in _CDDI:
        return
    contract = read_object(case.document, "contract")
    least, most = contract.get("duration_min"), contract.get("duration_max", contract.get("duration_min"))
    months = _DAYS_PER_MONTH if contract.get("duration_unit") == "day" else 1
    is_short = least is not None and float(str(least)) / months < CDDI_MONTHS[0]
    is_long = most is not None and float(str(most)) / months > CDDI_MONTHS[1]
    if is_short or is_long:
        message = Text("Un CDDI dure de 4 à 24 mois, sauf exceptions.", "A CDDI lasts 4 to 24 months, but exceptions.")
        yield Finding("/contract/duration_min", "unusual_duration", message, is_warning=True)


def _warn_of_hours(case: Case) -> Iterator[Finding]:
    hours = read_object(case.document, "working_time").get("weekly_hours_min")
    if case.contract_type in _CDDI and hours is not None and float(str(hours)) < CDDI_HOURS:
        message = Text("Un CDDI est d'au moins 20 h, sauf exceptions.", "A CDDI is of 20 h or more, but exceptions.")
        yield Finding("/working_time/weekly_hours_min", "unusual_hours", message, is_warning=True)


def _warn_of_absences(case: Case) -> Iterator[Finding]:
    told = Text("Utile à qui cherche.", "Useful to those who look.")
    for name in ("description", "working_time", "pay"):
        if not case.document.get(name):
            yield Finding(f"/{name}", "recommended", told, is_warning=True)


_Rule = Callable[[Case], Iterator[Finding]]
_REFUSALS: tuple[_Rule, ...] = (
    _check_required,
    _check_employer,
    _check_contract,
    _check_place,
    _check_application,
    _check_openings,
    _check_end,
    _check_texts,
)
_WARNINGS: tuple[_Rule, ...] = (_warn_of_duration, _warn_of_hours, _warn_of_absences)
