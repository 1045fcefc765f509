"""The parts of an offer that France Travail says in a label: the label's fields, and the label when they are edited.

A label stays as it came while the fields that it says are what it says; edited, it is written anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from raccord.adapters.france_travail import codes, labels
from raccord.adapters.pairs import get_at, get_text, list_objects
from raccord.kernel.strict_json import JsonObject
from raccord.reference.departments import DEPARTMENTS
from raccord.reference.job_offer_codes import (
    CONTRACT_TYPES,
    ContractType,
    DurationUnit,
    ExperienceLevel,
    PayPeriod,
)
from raccord.reference.qualification_codes import DRIVING_LICENCES

_PERIODS: Mapping[labels.SalaryPeriod, PayPeriod] = {
    "Mensuel": PayPeriod.MONTH,
    "Annuel": PayPeriod.YEAR,
    "Horaire": PayPeriod.HOUR,
    "Cachet": PayPeriod.FEE,
}
_PERIOD_WORDS: Mapping[str, labels.SalaryPeriod] = {period: word for word, period in _PERIODS.items()}
_UNITS: Mapping[labels.DurationUnit, DurationUnit] = {"Mois": DurationUnit.MONTH, "Jour(s)": DurationUnit.DAY}
_MAX_MINUTES, _QUARTER = 48 * 60, 15
_MAX_MONTHS_PER_YEAR, _MAX_EXPERIENCE_MONTHS, _MAX_DURATION = 24, 600, 1200


@dataclass(frozen=True)
class Labelled:
    """A part whose label says some of its fields.

    Shape: `write` is given the part and its present label, and answers None where there is nothing to say.
    """

    part: str
    label: str
    fields: tuple[str, ...]
    read: Callable[[str], JsonObject]
    write: Callable[[JsonObject, str], str | None]

    def add_fields(self, part: JsonObject) -> None:
        """Add to the part the fields that its label says."""
        part.update(self.read(get_text(part, self.label)))

    def refresh_label(self, part: JsonObject) -> None:
        """Write the part's label anew if it no longer says the part's fields."""
        label = get_text(part, self.label)
        if {name: part[name] for name in self.fields if name in part} == self.read(label):
            return
        written = self.write(part, label)
        part.pop(self.label, None)
        if written is not None:
            part[self.label] = written


def read_parts(content: JsonObject) -> None:
    """Add to the content what its labels say, in place."""
    _read_contract(content)
    for labelled, part in _list_labelled(content):
        labelled.add_fields(part)
    working_time = content.get("working_time")
    if isinstance(working_time, dict) and "schedules" not in working_time:
        schedule = read_schedule(working_time)
        working_time |= {"schedules": [schedule]} if schedule else {}


def refresh_parts(content: JsonObject) -> None:
    """Bring the labels of the content up to its fields, in place."""
    contract = content.get("contract")
    if isinstance(contract, dict):
        _refresh_contract(contract)
    for labelled, part in _list_labelled(content):
        labelled.refresh_label(part)
    experience = get_at(content, "requirements/experience")
    if isinstance(experience, dict) and get_text(experience, "source_label") == labels.BEGINNER:
        written = write_experience(experience, "")
        experience |= {"source_label": written} if written else {}


def read_schedule(working_time: JsonObject) -> str | None:
    """Read the schedule at the end of a label of working time."""
    hours = labels.parse_hours(get_text(working_time, "source_label"))
    return " ".join(hours.schedule.split()) if hours is not None and hours.schedule is not None else None


def read_salary(label: str) -> JsonObject:
    """Read the fields of a salary; none where the period is not said, or the amounts contradict each other."""
    salary = labels.parse_salary(label)
    period = _PERIODS.get(salary.period) if salary is not None else None
    if salary is None or period is None or (salary.high is not None and salary.high < salary.low):
        return {}
    fields: JsonObject = {"min": f"{salary.low:.2f}", "period": period.value}
    if salary.high is not None:
        fields["max"] = f"{salary.high:.2f}"
    if salary.months is not None and 1 <= salary.months <= _MAX_MONTHS_PER_YEAR:
        fields["months_per_year"] = float(salary.months)
    return fields


def write_salary(pay: JsonObject, _label: str) -> str | None:
    """Write the label of a salary."""
    period, low, high = _PERIOD_WORDS.get(get_text(pay, "period")), pay.get("min"), pay.get("max")
    if period is None or (low is None and high is None):
        return None
    months = pay.get("months_per_year")
    return labels.write_salary(
        labels.SalaryLabel(
            period,
            Decimal(str(low if low is not None else high)),
            Decimal(str(high)) if high is not None and low is not None else None,
            Decimal(str(months)) if months is not None else None,
        )
    )


def read_hours(label: str) -> JsonObject:
    """Read the fields of a working time; none beyond what a week may hold."""
    hours = labels.parse_hours(label)
    if hours is None or hours.minutes > _MAX_MINUTES or hours.minutes % _QUARTER:
        return {}
    return {"weekly_hours_min": hours.minutes / 60}


def write_hours(working_time: JsonObject, label: str) -> str | None:
    """Write the label of a working time, with the schedule of the one before."""
    hours = working_time.get("weekly_hours_min")
    if not isinstance(hours, int | float):
        return None
    before = labels.parse_hours(label)
    return labels.write_hours(labels.HoursLabel(round(60 * hours), before.schedule if before is not None else None))


def read_experience(label: str) -> JsonObject:
    """Read the months of an experience."""
    experience = labels.parse_experience(label)
    months = experience.months if experience is not None else None
    return {"months": months} if months is not None and months <= _MAX_EXPERIENCE_MONTHS else {}


def write_experience(experience: JsonObject, label: str) -> str | None:
    """Write the label of an experience, with the comment of the one before."""
    months, level = experience.get("months"), experience.get("level")
    if isinstance(months, int):
        before = labels.parse_experience(label)
        return labels.write_experience(labels.ExperienceLabel(months, before.comment if before else None))
    return {
        ExperienceLevel.BEGINNER_ACCEPTED.value: labels.BEGINNER,
        ExperienceLevel.DESIRED.value: "Expérience souhaitée",
        ExperienceLevel.REQUIRED.value: "Expérience exigée",
    }.get(str(level))


def read_duration(label: str) -> JsonObject:
    """Read the duration at the end of a contract's label."""
    contract = labels.parse_contract(label)
    if contract is None or contract.count > _MAX_DURATION:
        return {}
    count = float(contract.count)
    return {"duration_min": count, "duration_max": count, "duration_unit": _UNITS[contract.unit].value}


def write_duration(contract: JsonObject, label: str) -> str | None:
    """Write the label of a contract with its duration."""
    before = labels.parse_contract(label)
    name = before.contract if before is not None else label or _name_contract(contract)
    count = contract.get("duration_max", contract.get("duration_min"))
    if count is None:
        return name
    unit: labels.DurationUnit = "Jour(s)" if contract.get("duration_unit") == DurationUnit.DAY else "Mois"
    return labels.write_contract(labels.ContractLabel(name, Decimal(str(count)), unit))


def read_place(label: str) -> JsonObject:
    """Read the département and the commune of a place; a département may stand alone."""
    place = labels.parse_place(label)
    if place is None or place.department not in DEPARTMENTS:
        return {}
    is_department = DEPARTMENTS.label(place.department, "fr").casefold() == place.city.casefold()
    return {"department": place.department, **({} if is_department else {"city": place.city})}


def write_place(place: JsonObject, _label: str) -> str | None:
    """Write the label of a place."""
    department, city = get_text(place, "department"), get_text(place, "city")
    if department in DEPARTMENTS:
        return labels.write_place(labels.PlaceLabel(department, city or DEPARTMENTS.label(department, "fr")))
    return city or None


def read_driving_licence(label: str) -> JsonObject:
    """Read the category of a driving licence."""
    licence = labels.parse_driving_licence(label)
    return {"code": licence.code} if licence is not None and licence.code in DRIVING_LICENCES else {}


def write_driving_licence(licence: JsonObject, label: str) -> str | None:
    """Write the label of a driving licence."""
    code = get_text(licence, "code")
    if not code:
        return label or None
    return labels.write_driving_licence(labels.DrivingLicenceLabel(code, DRIVING_LICENCES.label(code, "fr")))


_PARTS = (
    Labelled("pay", "source_label", ("min", "max", "period", "months_per_year"), read_salary, write_salary),
    Labelled("working_time", "source_label", ("weekly_hours_min",), read_hours, write_hours),
    Labelled("requirements/experience", "source_label", ("months",), read_experience, write_experience),
    Labelled(
        "contract", "source_label", ("duration_min", "duration_max", "duration_unit"), read_duration, write_duration
    ),
)
_ITEMS = (
    Labelled("workplaces", "label", ("department", "city"), read_place, write_place),
    Labelled("requirements/driving_licences", "label", ("code",), read_driving_licence, write_driving_licence),
)


def _list_labelled(content: JsonObject) -> list[tuple[Labelled, JsonObject]]:
    parts = [(labelled, get_at(content, labelled.part)) for labelled in _PARTS]
    found = [(labelled, part) for labelled, part in parts if isinstance(part, dict)]
    return found + [(labelled, item) for labelled in _ITEMS for item in list_objects(get_at(content, labelled.part))]


def _read_contract(content: JsonObject) -> None:
    contract = content.setdefault("contract", {})
    assert isinstance(contract, dict)
    nature = get_text(contract, "source_nature_code")
    contract["type"] = codes.find_contract_type(get_text(contract, "source_type_code"), nature).value
    scheme = codes.SCHEMES.get(nature)
    if scheme is not None:
        schemes = contract.get("schemes")
        others = [value for value in schemes if value != scheme] if isinstance(schemes, list) else []
        contract["schemes"] = [scheme.value, *others]


def _refresh_contract(contract: JsonObject) -> None:
    """Bring the pair of codes up to the type, if it no longer stands for it."""
    pair = (get_text(contract, "source_type_code"), get_text(contract, "source_nature_code"))
    if get_text(contract, "type") == codes.find_contract_type(*pair):
        return
    for name in ("source_type_code", "source_nature_code", "source_label"):
        contract.pop(name, None)
    type_code, nature_code = codes.find_contract_codes(get_text(contract, "type"))
    contract |= {"source_type_code": type_code} if type_code else {}
    contract |= {"source_nature_code": nature_code} if nature_code else {}
    if contract["type"] != ContractType.UNSPECIFIED:
        contract["source_label"] = _name_contract(contract)


def _name_contract(contract: JsonObject) -> str:
    name = codes.CONTRACT_LABELS.get(get_text(contract, "source_type_code"))
    return name or CONTRACT_TYPES.label(get_text(contract, "type"), "fr")
