"""The shape of a career path: the person, who takes part, where it stands, and the employment it led to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, Field, model_validator

from raccord.kernel.shapes import Day, Envelope, Line, Shape, explain_refusal
from raccord.reference.career_path_codes import CareerPathFramework, CareerPathStatus, ParticipantRole


class Participant(Shape):
    """A structure that takes part in a path, for a time."""

    structure_id: UUID = Field(description="Structure.")
    role: ParticipantRole = Field(description="Rôle dans le parcours.")
    started_on: Day = Field(description="Premier jour.")
    ended_on: Day | None = Field(None, description="Dernier jour ; l'accès de la structure cesse après.")

    @model_validator(mode="after")
    def check_dates(self) -> Self:
        """Keep the dates in order."""
        if self.ended_on is not None and self.ended_on < self.started_on:
            raise explain_refusal("ends_before_start", "Fin avant le début.", "Ends before it starts.")
        return self


class EmploymentPeriod(Shape):
    """An employment that an accepted prescription led to."""

    prescription_id: UUID = Field(description="Prescription acceptée.")
    structure_id: UUID = Field(description="Employeur.")
    started_on: Day = Field(description="Premier jour.")
    ended_on: Day | None = Field(None, description="Dernier jour prévu.")


class CareerPathInput(Shape):
    """A career path as its source describes it."""

    person_id: UUID = Field(description="Personne, sous l'identifiant propre à votre logiciel.")
    framework: CareerPathFramework = Field(description="Cadre de l'accompagnement.")
    title: Line | None = Field(None, description="Intitulé local, sans donnée personnelle.")
    started_on: Day = Field(description="Début.")
    participants: list[Participant] = Field(
        min_length=1, max_length=50, description="Structures qui y prennent part, dont un référent."
    )

    @model_validator(mode="after")
    def check_referent(self) -> Self:
        """Keep one single referent at most at a time."""
        referents = [p for p in self.participants if p.role is ParticipantRole.SINGLE_REFERENT and not p.ended_on]
        if len(referents) > 1:
            raise explain_refusal(
                "several_referents", "Un seul référent unique à la fois.", "One single referent at a time."
            )
        return self


class CareerPathCourse(Shape):
    """What Raccord keeps of a path's course."""

    status: CareerPathStatus = Field(CareerPathStatus.DRAFT, description="Situation du parcours.")
    status_changed_at: AwareDatetime | None = Field(None, description="Instant du dernier changement (UTC).")
    ended_on: Day | None = Field(None, description="Fin du parcours.")
    employment_periods: list[EmploymentPeriod] = Field(
        default=[], description="Emplois nés de prescriptions acceptées."
    )


class CareerPath(CareerPathCourse, CareerPathInput, Envelope):
    """A career path as the caller may see it."""

    restrictions: list[str] = Field(default=[], description="Catégories de données masquées pour cet appel.")

    @classmethod
    def list_required(cls) -> Iterable[str]:
        """List what no projection withholds."""
        return (*Envelope.model_fields, "person_id", "status", "restrictions")


class CareerPathTransition(Shape):
    """A transition of a career path."""

    transition: Literal[
        "request_orientation",
        "activate",
        "suspend",
        "resume",
        "end",
        "cancel",
        "start_employment",
        "cancel_employment",
    ] = Field(description="Transition demandée.")
    ended_on: Day | None = Field(None, description="Dernier jour ; obligatoire pour end.")
