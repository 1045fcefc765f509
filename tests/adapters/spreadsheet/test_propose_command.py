"""`raccord sync propose`: a person sees what a table was taken for, and has settings to put right."""

from __future__ import annotations

import json
from pathlib import Path

from raccord.adapters.spreadsheet.connection import SheetSettings
from tests.commands import run_raccord, run_raccord_measured

TABLE = """Structures de la Loire

Identifiant;Raison sociale;Type;CP;Ville du siège;Suivi\x1b[2J
A1;Jardins;ACI;1000;Bourg;Moi
A2;Éole;Chantier;42000;Saint-Étienne;Toi
"""


def test_settings_are_proposed_and_the_rows_are_shown(tmp_path: Path) -> None:
    table, saved = tmp_path / "a.csv", tmp_path / "a.json"
    table.write_text(TABLE, "utf-8")

    ran = run_raccord_measured("sync", "propose", "structures", str(table), "--save", str(saved))

    assert ran.returncode == 0, ran.stderr
    settings = SheetSettings.model_validate_json(saved.read_text("utf-8"))
    assert (settings.header_row, settings.files, settings.mapping.external_id) == (3, "a.csv", "Identifiant")
    assert set(settings.mapping.fields) == {"name", "kind", "address.postal_code"}
    assert "? Ville du siège -> address.city" in ran.stderr
    assert 'A1: {"name": "Jardins", "kind": "ACI", "address": {"postal_code": "01000"}}' in ran.stderr
    assert "1 of them would be refused" in ran.stderr
    assert "! /kind enum" in ran.stderr
    assert "\x1b" not in ran.stderr


def test_what_a_person_has_put_right_is_not_overwritten(tmp_path: Path) -> None:
    table, saved = tmp_path / "a.csv", tmp_path / "a.json"
    table.write_text(TABLE, "utf-8")
    saved.write_text("{}", "utf-8")

    ran = run_raccord("sync", "propose", "structures", str(table), "--save", str(saved))

    assert (ran.returncode, saved.read_text("utf-8")) == (2, "{}")


def test_what_is_not_complete_says_what_is_missing(tmp_path: Path) -> None:
    table = tmp_path / "a.csv"
    table.write_text("Code postal;Commentaire\n42000;x\n", "utf-8")

    ran = run_raccord("sync", "propose", "structures", str(table))

    assert ran.returncode == 0
    assert json.loads(ran.stdout)["mapping"]["external_id"] == ""
    assert "! name: required" in ran.stderr


def test_what_is_no_table_is_said_in_one_line(tmp_path: Path) -> None:
    table = tmp_path / "a.xlsx"
    table.write_bytes(b"no workbook")

    ran = run_raccord("sync", "propose", "structures", str(table))

    assert ran.returncode == 2
    assert "Traceback" not in ran.stderr
