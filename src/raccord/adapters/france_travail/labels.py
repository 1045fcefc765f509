"""The labels in which France Travail says what an offer proposes: read into values, and written from them.

Source: labels of the API Offres d'emploi v2, decimals with a point (2019) or a comma (since 2022).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

_AMOUNT = r"[0-9]{1,8}(?:[.,][0-9]{1,2})?"
_SALARY = re.compile(
    rf"(?P<period>Mensuel|Annuel|Horaire|Autre|Cachet) de (?P<low>{_AMOUNT}) Euros(?: à (?P<high>{_AMOUNT}) Euros)?"
    r"(?: sur (?P<months>[0-9]{1,2}(?:[.,][0-9]{1,2})?) mois)?"
)
_HOURS = re.compile(
    r"(?P<hours>[0-9]{1,2})H(?P<minutes>[0-5][0-9])?(?:/semaine)?(?:[ \n](?P<schedule>\S.*))?", re.DOTALL
)
_EXPERIENCE = re.compile(
    r"(?P<count>[0-9]{1,3}) (?P<unit>mois|an\(s\)|ans|an)(?: - (?P<comment>\S.*))?", re.IGNORECASE | re.DOTALL
)
_DURATION = re.compile(r"(?P<contract>\S.*) - (?P<count>[0-9]{1,4}(?:[.,][0-9]{1,2})?) (?P<unit>Mois|Jour\(s\))")
_PLACE = re.compile(r"(?P<department>[0-9]{2}|2[AB]|9[78][0-9]) - (?P<city>\S.*)")
_DRIVING_LICENCE = re.compile(r"(?P<code>[A-Z0-9]{1,3}) - (?P<label>\S.*)")
BEGINNER = "Débutant accepté"

SalaryPeriod = Literal["Mensuel", "Annuel", "Horaire", "Autre", "Cachet"]
DurationUnit = Literal["Mois", "Jour(s)"]


@dataclass(frozen=True)
class SalaryLabel:
    """What a salary label says.

    Units: euros for the period; months paid in a year.
    """

    period: SalaryPeriod
    low: Decimal
    high: Decimal | None = None
    months: Decimal | None = None


@dataclass(frozen=True)
class HoursLabel:
    """What a label of working time says.

    Units: minutes in a week.
    """

    minutes: int
    schedule: str | None = None


@dataclass(frozen=True)
class ExperienceLabel:
    """What a label of experience says; no months: beginners are accepted."""

    months: int | None
    comment: str | None = None


@dataclass(frozen=True)
class ContractLabel:
    """What the label of a contract with a duration says."""

    contract: str
    count: Decimal
    unit: DurationUnit


@dataclass(frozen=True)
class PlaceLabel:
    """What the label of a place in a département says."""

    department: str
    city: str


@dataclass(frozen=True)
class DrivingLicenceLabel:
    """What the label of a driving licence says."""

    code: str
    label: str


def parse_salary(label: str) -> SalaryLabel | None:
    """Read the label of a salary; None for another form."""
    found = _SALARY.fullmatch(label)
    if found is None:
        return None
    low, high, months = (_read_decimal(found[name]) for name in ("low", "high", "months"))
    assert low is not None
    return SalaryLabel(_PERIODS[found["period"]], low, high, months)


def write_salary(salary: SalaryLabel) -> str:
    """Write the label of a salary."""
    high = f" à {_write_amount(salary.high)} Euros" if salary.high is not None else ""
    months = f" sur {_write_decimal(salary.months)} mois" if salary.months is not None else ""
    return f"{salary.period} de {_write_amount(salary.low)} Euros{high}{months}"


def parse_hours(label: str) -> HoursLabel | None:
    """Read the label of a working time; None for another form."""
    found = _HOURS.fullmatch(label)
    if found is None:
        return None
    return HoursLabel(60 * int(found["hours"]) + int(found["minutes"] or 0), found["schedule"])


def write_hours(hours: HoursLabel) -> str:
    """Write the label of a working time."""
    whole, minutes = divmod(hours.minutes, 60)
    schedule = f" {hours.schedule}" if hours.schedule is not None else ""
    return f"{whole}H{minutes:02d}{schedule}" if minutes else f"{whole}H{schedule}"


def parse_experience(label: str) -> ExperienceLabel | None:
    """Read the label of an experience; None for another form."""
    if label == BEGINNER:
        return ExperienceLabel(None)
    found = _EXPERIENCE.fullmatch(label)
    if found is None:
        return None
    months = int(found["count"]) * (1 if found["unit"].lower() == "mois" else 12)
    return ExperienceLabel(months, found["comment"])


def write_experience(experience: ExperienceLabel) -> str:
    """Write the label of an experience."""
    if experience.months is None:
        return BEGINNER
    years, rest = divmod(experience.months, 12)
    duration = f"{years} an(s)" if years and not rest else f"{experience.months} mois"
    return duration if experience.comment is None else f"{duration} - {experience.comment}"


def parse_contract(label: str) -> ContractLabel | None:
    """Read the label of a contract with its duration; None for one without."""
    found = _DURATION.fullmatch(label)
    if found is None:
        return None
    count = _read_decimal(found["count"])
    assert count is not None
    return ContractLabel(found["contract"], count, "Mois" if found["unit"] == "Mois" else "Jour(s)")


def write_contract(contract: ContractLabel) -> str:
    """Write the label of a contract with its duration."""
    return f"{contract.contract} - {_write_decimal(contract.count)} {contract.unit}"


def parse_place(label: str) -> PlaceLabel | None:
    """Read the label of a place; None for a region, the country, or another form."""
    found = _PLACE.fullmatch(label)
    return PlaceLabel(found["department"], found["city"]) if found is not None else None


def write_place(place: PlaceLabel) -> str:
    """Write the label of a place."""
    return f"{place.department} - {place.city}"


def parse_driving_licence(label: str) -> DrivingLicenceLabel | None:
    """Read the label of a driving licence; None for another form."""
    found = _DRIVING_LICENCE.fullmatch(label)
    return DrivingLicenceLabel(found["code"], found["label"]) if found is not None else None


def write_driving_licence(licence: DrivingLicenceLabel) -> str:
    """Write the label of a driving licence."""
    return f"{licence.code} - {licence.label}"


_PERIODS: dict[str, SalaryPeriod] = {
    "Mensuel": "Mensuel",
    "Annuel": "Annuel",
    "Horaire": "Horaire",
    "Autre": "Autre",
    "Cachet": "Cachet",
}


def _read_decimal(text: str | None) -> Decimal | None:
    return Decimal(text.replace(",", ".")) if text is not None else None


def _write_amount(amount: Decimal | None) -> str:
    return f"{amount:.2f}".replace(".", ",")


def _write_decimal(number: Decimal | None) -> str:
    text = f"{number:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", ",")
