"""How job offers are searched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from raccord.kernel.strict_json import JsonObject, read_number, read_object, read_objects, read_text, read_texts
from raccord.records.search.entry import Entry, Place, Searchable, SearchParameters
from raccord.records.search.tables import make_search_table, make_shelves
from raccord.reference.job_offer_codes import (
    ContractScheme,
    ContractType,
    Obstacle,
    ObstacleAcceptance,
    OfferStatus,
    WorkingTime,
    WorkMode,
)
from raccord.reference.structure_kinds import STRUCTURE_KINDS, StructureKind
from raccord.resources.job_offers.licensing import find_visible_until
from raccord.resources.search_places import find_place

# A ROME code of any level: great domain, domain, occupation.
RomeLevel = Annotated[str, StringConstraints(pattern=r"^[A-N](?:[0-9]{2}(?:[0-9]{2})?)?$"), Field(examples=["A1405"])]
# Whole time is 35 hours a week, 52 weeks a year.
_MONTHLY = {"hour": 35 * 52 / 12, "day": 260 / 12, "month": 1, "year": 1 / 12}
_FLAGS = (
    ("accessibility", "is_open_to_disabled_workers"), ("accessibility", "is_adapted_company"),
    ("accessibility", "is_committed_employer"), ("mobility", "is_reachable_by_public_transport"),
    ("mobility", "is_vehicle_required"), ("iae", "is_pass_required"),
)  # fmt: skip


class JobOfferSearch(SearchParameters):
    """What job offers are searched by."""

    rome: list[RomeLevel] | None = Field(
        None, max_length=200, description="Codes ROME : métier (et ceux de sa famille), domaine ou grand domaine."
    )
    contract_type: list[ContractType] | None = Field(None, max_length=30, description="Types de contrat (l'un d'eux).")
    scheme: list[ContractScheme] | None = Field(None, max_length=20, description="Dispositifs (l'un d'eux).")
    structure_kind: list[StructureKind] | None = Field(
        None, max_length=43, description="Types d'employeur (l'un d'eux)."
    )
    work_mode: list[WorkMode] | None = Field(None, max_length=3, description="Sur site, hybride, à distance.")
    working_time: list[WorkingTime] | None = Field(None, max_length=3, description="Temps plein ou partiel.")
    accepted_obstacle: list[Obstacle] | None = Field(
        None, max_length=10, description="Freins que l'employeur accepte ou accompagne (l'un d'eux)."
    )
    is_open_to_disabled_workers: bool | None = Field(None, description="Ouverte aux bénéficiaires de l'OETH.")
    is_adapted_company: bool | None = Field(None, description="Proposée par une entreprise adaptée.")
    is_committed_employer: bool | None = Field(None, description="Employeur « handi-engagé ».")
    is_reachable_by_public_transport: bool | None = Field(None, description="Accessible en transports en commun.")
    is_vehicle_required: bool | None = Field(None, description="Véhicule nécessaire.")
    is_licence_required: bool | None = Field(None, description="Permis de conduire exigé.")
    is_qpv_required: bool | None = Field(None, description="Réservée aux résidents de quartiers prioritaires.")
    is_pass_required: bool | None = Field(None, description="PASS IAE requis.")
    is_beginner_accepted: bool | None = Field(None, description="Débutants acceptés.")
    max_experience_months: float | None = Field(None, ge=0, le=600, description="Expérience exigée, en mois, au plus.")
    min_weekly_hours: float | None = Field(None, ge=0, le=48, description="Heures par semaine, au moins.")
    max_weekly_hours: float | None = Field(None, ge=0, le=48, description="Heures par semaine, au plus.")
    min_monthly_pay_eur: float | None = Field(
        None, ge=0, le=100_000, description="Salaire mensuel brut à temps plein, en euros, au moins."
    )
    sort: Literal["relevance", "date", "distance", "least_applied"] | None = Field(  # type: ignore[assignment]  # wider
        None,
        description="Ordre : relevance (par défaut avec q), distance (par défaut avec un centre), date, ou "
        "least_applied : les offres les moins demandées d'abord.",
    )


def derive_entry(document: JsonObject, structure: JsonObject | None) -> Entry | None:
    """Make the entry of an offer that is active: the others are not to be found."""
    if document["status"] != OfferStatus.ACTIVE or read_text(document, "origin") == "hiring":
        return None
    occupation = read_object(document, "occupation")
    romes = [read_text(occupation, "rome_code"), *read_texts(occupation, "other_rome_codes")]
    labels = [read_text(occupation, name) for name in ("appellation_label", "rome_label")]
    return Entry(
        title=" ".join([str(document["title"]), *filter(None, labels)]),
        text=" ".join(_list_texts(document, structure)),
        published_at=datetime.fromisoformat(str(document["published_at"])),
        tags={name: set(values) for name, values in _list_tags(document, structure)},
        places=tuple(_list_places(document, structure)),
        is_everywhere=document.get("work_mode") == WorkMode.REMOTE,
        occupations=tuple(filter(None, romes)),
        appellation=read_text(occupation, "appellation_code"),
        numbers=_read_numbers(document),
        visible_until=find_visible_until(document),
    )


def _list_texts(document: JsonObject, structure: JsonObject | None) -> Iterator[str]:
    employer = read_object(document, "employer")
    requirements = read_object(document, "requirements")
    parts = [(document, "description"), (document, "wanted_profile"), (employer, "name"), (employer, "brand")]
    parts += [(structure, "name"), (structure, "brand")] if structure is not None else []
    parts += [(place, "city") for place in read_objects(document, "workplaces")]
    parts += [(skill, "label") for skill in read_objects(requirements, "skills")]
    for part, name in parts:
        yield read_text(part, name) or ""
    for kind in _list_kinds(document, structure):
        yield f"{kind} {STRUCTURE_KINDS.label(kind, 'fr')}"


def _list_kinds(document: JsonObject, structure: JsonObject | None) -> list[str]:
    kind = read_text(structure if structure is not None else read_object(document, "employer"), "kind")
    return [kind] if kind else []


def _list_tags(document: JsonObject, structure: JsonObject | None) -> Iterator[tuple[str, Iterable[str]]]:
    contract = read_object(document, "contract")
    requirements, iae = read_object(document, "requirements"), read_object(document, "iae")
    yield "contract_type", filter(None, [read_text(contract, "type")])
    yield "scheme", read_texts(contract, "schemes")
    yield "structure_kind", _list_kinds(document, structure)
    yield "work_mode", filter(None, [read_text(document, "work_mode")])
    yield "working_time", filter(None, [read_text(read_object(document, "working_time"), "time")])
    yield (
        "accepted_obstacle",
        [
            str(item["obstacle"])
            for item in read_objects(iae, "accepted_obstacles")
            if item["acceptance"] != ObstacleAcceptance.INCOMPATIBLE
        ],
    )
    for part, flag in _FLAGS:
        yield flag, [_say(read_object(document, part).get(flag))]
    licences = read_objects(requirements, "driving_licences")
    yield "is_licence_required", [_say(any(licence.get("requirement") == "required" for licence in licences))]
    yield "is_qpv_required", [_say(read_object(iae, "clause").get("is_qpv_required"))]
    level = read_text(read_object(requirements, "experience"), "level")
    yield "is_beginner_accepted", [_say(level == "beginner_accepted")]


def _say(value: object) -> str:
    return "true" if value is True else "false"


def _list_places(document: JsonObject, structure: JsonObject | None) -> Iterator[Place]:
    """List the places of work; an offer that names none is where its structure is."""
    workplaces = read_objects(document, "workplaces")
    if not workplaces and structure is not None:
        yield find_place(structure)
    for place in workplaces:
        yield Place(
            insee_code=read_text(place, "insee_code"),
            postal_code=read_text(place, "postal_code"),
            department=read_text(place, "department"),
            latitude=read_number(place, "latitude"),
            longitude=read_number(place, "longitude"),
        )


def _read_numbers(document: JsonObject) -> dict[str, float | None]:
    pay, time = read_object(document, "pay"), read_object(document, "working_time")
    amount, period = read_text(pay, "min") or read_text(pay, "max"), read_text(pay, "period")
    rate = _MONTHLY.get(period or "")
    hours = read_number(time, "weekly_hours_min")
    experience = read_object(read_object(document, "requirements"), "experience")
    return {
        "applications": read_number(read_object(document, "signals"), "pending_applications_count") or 0,
        "monthly_pay_eur": float(amount) * rate if amount and rate else None,
        "weekly_hours": hours if hours is not None else read_number(time, "weekly_hours_max"),
        "experience_months": read_number(experience, "months"),
    }


SEARCH = Searchable(
    table=make_search_table("job_offers", "applications", "monthly_pay_eur", "weekly_hours", "experience_months"),
    parameters=JobOfferSearch,
    derive=derive_entry,
    facets=(
        "contract_type", "scheme", "structure_kind", "work_mode", "working_time", "accepted_obstacle", "occupation",
        "is_open_to_disabled_workers", "is_adapted_company", "is_reachable_by_public_transport",
    ),
    conditions={
        # An offer that says nothing of experience asks for none.
        "max_experience_months": "coalesce(s.experience_months, 0) <= {}",
        "min_weekly_hours": "s.weekly_hours >= {}",
        "max_weekly_hours": "s.weekly_hours <= {}",
        "min_monthly_pay_eur": "s.monthly_pay_eur >= {}",
    },
    parent="structure_id",
    companion="contract_type",
    shelves=make_shelves("job_offers"),
)  # fmt: skip
