"""Les emplois with the faults that it is told to have."""

from __future__ import annotations

import copy

from starlette.requests import Request
from starlette.responses import Response

from raccord.demo.les_emplois import LesEmplois
from raccord.kernel.database import Database
from raccord.kernel.strict_json import JsonObject, dump_json
from raccord.records.store import Put, Writer, put_one
from raccord.resources.structures.kind import STRUCTURES
from tests.adapters.les_emplois.structures import FULL_STRUCTURE
from tests.adapters.stand_in import FakeTime, Row, StandIn

USER, DEPARTMENT, COMPANY, SERVICE = ("a" * 40, "d" * 40, "c" * 40, "5" * 40)
NIR = "294057546398065"
PERSONS = f"D-1; {NIR}; EXEMPLE; Camille; 1994-05-17\nD-2;{NIR};AUTRE;Dominique;1980-01-01\n"
MANAGING = "01920000-0000-7000-8000-000000000001"


class LesEmploisTool(StandIn):
    """The tool. Its throttles count by the clock that it is given."""

    def __init__(
        self, rows: list[Row], clock: FakeTime | None = None, applications: dict[str, list[JsonObject]] | None = None
    ) -> None:
        super().__init__(rows)
        clock = clock or FakeTime()
        self.platform = LesEmplois(
            self.rows,
            clock.now,
            {USER: "user", DEPARTMENT: "department", COMPANY: "company", SERVICE: "service"},
            applications or {},
        )

    async def answer(self, request: Request) -> Response:
        return self.platform.answer(request, await request.body())


def make_siae(number: int, **fields: object) -> Row:
    """Make a structure as it sends them, with two positions."""
    row: Row = copy.deepcopy(dict(FULL_STRUCTURE))
    positions = [{**each, "id": 10 * number + place} for place, each in enumerate(row["postes"])]
    own = {"id": f"5f0ad1ca-6b0e-4f36-9d8e-{number:012}", "raison_sociale": f"CHANTIER {number}", "siret": None}
    return {**row, **own, "postes": positions, **fields}


def make_siaes(count: int) -> list[Row]:
    return [make_siae(number) for number in range(1, count + 1)]


def make_application(number: int = 1, **fields: object) -> JsonObject:
    """Make an application as the search answers them."""
    row: Row = {
        "identifiant_unique": f"8d3c3f2e-0000-4000-8000-{number:012}",
        "cree_le": "2026-10-02T23:30:00+02:00",
        "mis_a_jour_le": f"2026-11-{number:02}T10:00:00+01:00",
        "dernier_changement_le": "2026-11-01T10:00:00+01:00",
        "statut": "processing",
        "candidat_nir": NIR,
        "candidat_nom": "EXEMPLE",
        "candidat_prenom": "Camille",
        "candidat_date_naissance": "1994-05-17",
        "candidat_email": "camille.exemple@example.org",
        "candidat_telephone": "0639980001",
        "candidat_pass_iae_statut": "VALID",
        "candidat_pass_iae_numero": "999990000001",
        "candidat_pass_iae_date_debut": "2026-01-01",
        "candidat_pass_iae_date_fin": "2027-12-31",
        "entreprise_type": "ACI",
        "entreprise_nom": "CHANTIER 1",
        "entreprise_siret": "00010000800010",
        "entreprise_adresse": "1 rue de la Fontaine 69001 Lyon",
        "entreprise_employeur_email": "employeur@jardins.example",
        "orientation_emetteur_type": "prescripteur",
        "orientation_emetteur_sous_type": "ML",
        "orientation_emetteur_nom": "Inventée",
        "orientation_emetteur_prenom": "Alex",
        "orientation_emetteur_email": "alex@mission.example",
        "orientation_emetteur_organisme": "Mission locale inventée",
        "orientation_emetteur_organisme_telephone": "0199000000",
        "orientation_postes_recherches": [{"rome": "A1405", "titre": "Maraîcher", "ville": "Lyon"}],
        "orientation_candidat_message": "Disponible dès décembre.",
        "orientation_candidat_cv": "https://emplois.example/cv/1",
        "contrat_date_debut": None,
        "contrat_date_fin": None,
        "contrat_poste_retenu": None,
    }
    return {**row, **fields}


async def make_managing_structure(database: Database) -> str:
    """Write the structure that follows the persons, from another source."""
    async with database.begin() as tx:
        made = await put_one(
            tx, STRUCTURES, Writer("departement", "departement", "test"),
            Put("69", dump_json({"name": "Département inventé", "kind": "DEPT"})),
        )  # fmt: skip
    return str(made.id)
