"""The labels of France Travail: what is written is read again as it was, in every quoted form."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given

from raccord.adapters.france_travail import labels
from raccord.adapters.france_travail.labels import (
    ContractLabel,
    DrivingLicenceLabel,
    ExperienceLabel,
    HoursLabel,
    PlaceLabel,
    SalaryLabel,
)
from tests.adapters.france_travail import offers


@given(offers.SALARIES)
def test_a_salary_is_read_as_it_was_written(salary: SalaryLabel) -> None:
    assert labels.parse_salary(labels.write_salary(salary)) == salary


@given(offers.HOURS)
def test_hours_are_read_as_they_were_written(hours: HoursLabel) -> None:
    assert labels.parse_hours(labels.write_hours(hours)) == hours


@given(offers.EXPERIENCES)
def test_an_experience_is_read_as_it_was_written(experience: ExperienceLabel) -> None:
    assert labels.parse_experience(labels.write_experience(experience)) == experience


@given(offers.CONTRACTS)
def test_a_contract_is_read_as_it_was_written(contract: ContractLabel) -> None:
    assert labels.parse_contract(labels.write_contract(contract)) == contract


@given(offers.PLACES)
def test_a_place_is_read_as_it_was_written(place: PlaceLabel) -> None:
    assert labels.parse_place(labels.write_place(place)) == place


@given(offers.DRIVING_LICENCES)
def test_a_driving_licence_is_read_as_it_was_written(licence: DrivingLicenceLabel) -> None:
    assert labels.parse_driving_licence(labels.write_driving_licence(licence)) == licence


@pytest.mark.parametrize(
    ("label", "salary"),
    [
        ("Mensuel de 1801.80 Euros sur 12 mois", SalaryLabel("Mensuel", Decimal("1801.80"), None, Decimal(12))),
        ("Mensuel de 1801,80 Euros à 1950,00 Euros", SalaryLabel("Mensuel", Decimal("1801.8"), Decimal(1950))),
        ("Annuel de 25000,00 Euros à 30000,00 Euros sur 12.0 mois",
         SalaryLabel("Annuel", Decimal(25000), Decimal(30000), Decimal(12))),
        ("Horaire de 11.65 Euros", SalaryLabel("Horaire", Decimal("11.65"))),
        ("Cachet de 100 Euros", SalaryLabel("Cachet", Decimal(100))),
        ("Autre de 1500,00 Euros", SalaryLabel("Autre", Decimal(1500))),
        ("Selon profil", None),
        ("Mensuel de ١٨٠١ Euros", None),
    ],
)  # fmt: skip
def test_salaries_of_both_periods_are_read(label: str, salary: SalaryLabel | None) -> None:
    assert labels.parse_salary(label) == salary


@pytest.mark.parametrize(
    ("label", "hours"),
    [
        ("35H Horaires normaux", HoursLabel(2100, "Horaires normaux")),
        ("39H Travail en 2X8", HoursLabel(2340, "Travail en 2X8")),
        ("35H Travail le samedi", HoursLabel(2100, "Travail le samedi")),
        ("37H30 Horaires normaux", HoursLabel(2250, "Horaires normaux")),
        ("24H", HoursLabel(1440)),
        ("35H/semaine\nTravail en journée", HoursLabel(2100, "Travail en journée")),
        ("Horaires normaux", None),
    ],
)
def test_hours_are_read(label: str, hours: HoursLabel | None) -> None:
    assert labels.parse_hours(label) == hours


@pytest.mark.parametrize(
    ("label", "experience"),
    [
        ("Débutant accepté", ExperienceLabel(None)),
        ("6 mois", ExperienceLabel(6)),
        ("6 Mois - en cuisine", ExperienceLabel(6, "en cuisine")),
        ("1 an(s)", ExperienceLabel(12)),
        ("2 An(s)", ExperienceLabel(24)),
        ("3 ans", ExperienceLabel(36)),
        ("Expérience exigée", None),
    ],
)
def test_experiences_are_read(label: str, experience: ExperienceLabel | None) -> None:
    assert labels.parse_experience(label) == experience


@pytest.mark.parametrize(
    ("label", "contract"),
    [
        ("Contrat à durée déterminée - 24 Mois", ContractLabel("Contrat à durée déterminée", Decimal(24), "Mois")),
        ("CDD - 3 Jour(s)", ContractLabel("CDD", Decimal(3), "Jour(s)")),
        ("CDD - remplacement - 6 Mois", ContractLabel("CDD - remplacement", Decimal(6), "Mois")),
        ("Contrat à durée indéterminée", None),
    ],
)
def test_durations_are_read(label: str, contract: ContractLabel | None) -> None:
    assert labels.parse_contract(label) == contract


@pytest.mark.parametrize(
    ("label", "place"),
    [
        ("57 - METZ", PlaceLabel("57", "METZ")),
        ("2A - AJACCIO", PlaceLabel("2A", "AJACCIO")),
        ("974 - ST DENIS", PlaceLabel("974", "ST DENIS")),
        ("Grand Est", None),
        ("France", None),
    ],
)
def test_places_are_read(label: str, place: PlaceLabel | None) -> None:
    assert labels.parse_place(label) == place
