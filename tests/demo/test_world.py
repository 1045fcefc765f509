"""Check the demonstration world: deterministic, coherent, and unable to be mistaken for real data."""

import json
import re
from collections import Counter, defaultdict
from dataclasses import asdict
from datetime import date

import pytest

from raccord.demo.documents import PrescriptionDocument
from raccord.demo.identifiers import compute_luhn_digit, make_siret
from raccord.demo.world import World, build_world
from raccord.kernel.validation import validate_content
from raccord.reference.career_path_codes import CareerPathFramework, CareerPathStatus, ParticipantRole
from raccord.reference.communes import load_communes
from raccord.reference.lists import LISTS_BY_NAME
from raccord.reference.prescription_codes import GEIQ_REASONS, SIAE_REASONS, PrescriptionState
from raccord.reference.shipped import read_rows
from raccord.reference.structure_kinds import EMPLOYER_KINDS, PRESCRIBER_KINDS, SIAE_KINDS, StructureKind
from raccord.resources.registry import KINDS_BY_NAME
from raccord.resources.structures.activity import find_activity
from raccord.resources.structures.convention import parse_annex_number

TODAY = date(2026, 11, 22)
FICTIONAL_PHONE = re.compile(r"\+33(19900|26191|35301|46571|53649|63998)\d{4}")

# The moves of an employer as published: the demonstration must play none that is absent here.
PUBLISHED_MOVES: dict[str, tuple[set[str], str]] = {
    "process": ({"new", "pool"}, "processing"),
    "postpone": ({"new", "pool", "processing", "prior_to_hire"}, "postponed"),
    "add_to_pool": ({"new", "processing", "postponed", "cancelled", "obsolete"}, "pool"),
    "move_to_prior_to_hire": (
        {"new", "pool", "processing", "postponed", "obsolete", "refused", "cancelled"},
        "prior_to_hire",
    ),
    "accept": ({state.value for state in PrescriptionState} - {"accepted"}, "accepted"),
    "refuse": ({"new", "pool", "processing", "postponed", "prior_to_hire"}, "refused"),
    "cancel": ({"accepted"}, "cancelled"),
}
MADE_OBSOLETE = {"new", "processing", "postponed"}


@pytest.fixture(scope="module")
def world() -> World:
    """Build the default world once."""
    return build_world(today=TODAY)


def dump_world(world: World) -> str:
    """Write a world as JSON text."""
    return json.dumps(asdict(world), ensure_ascii=False)


def play_prescriptions(prescriptions: list[PrescriptionDocument]) -> dict[str, str]:
    """Play every transition by the published table and give the final states by external id."""
    states: dict[str, str] = {}
    siblings: dict[str, list[str]] = defaultdict(list)
    for prescription in prescriptions:
        key, person = prescription["external_id"], prescription["person"]
        states[key] = "new"
        siblings[person].append(key)
        for move, _ in prescription["transitions"]:
            origins, target = PUBLISHED_MOVES[move]
            assert states[key] in origins, f"{key}: {move} from {states[key]}"
            states[key] = target
            if move == "accept":
                others = {other for other in siblings[person] if other != key and states[other] in MADE_OBSOLETE}
                states.update(dict.fromkeys(others, "obsolete"))
    return states


@pytest.mark.no_cover  # what made the world of the other tests, twice again
def test_the_same_seed_and_day_give_the_same_bytes(world: World) -> None:
    """Build twice, compare bytes; another seed gives another world."""
    assert dump_world(build_world(today=TODAY)) == dump_world(world)
    assert dump_world(build_world(7, today=TODAY)) != dump_world(world)


def test_the_world_has_the_announced_size_and_mix(world: World) -> None:
    """Count structures by group and the documents of each kind."""
    kinds = Counter(structure["kind"] for structure in world.structures)

    assert len(world.structures) == 1000
    assert sum(kinds[kind] for kind in SIAE_KINDS) == 600
    assert sum(kinds[kind] for kind in EMPLOYER_KINDS - SIAE_KINDS) == 50
    assert sum(kinds[kind] for kind in PRESCRIBER_KINDS) == 350
    assert all(kinds[kind] >= 3 for kind in PRESCRIBER_KINDS)
    assert len(world.services) == 1500
    assert len(world.job_offers) == 2000
    assert len(world.people) == len(world.career_paths) == 200
    assert len(world.prescriptions) >= 200


def test_external_ids_are_unique_and_links_resolve(world: World) -> None:
    """Follow every reference from one document to another."""
    structures = {structure["external_id"]: structure for structure in world.structures}
    people = {person["external_id"] for person in world.people}

    assert len(structures) == 1000
    assert len(people) == 200
    assert len({item["external_id"] for item in world.prescriptions}) == len(world.prescriptions)
    assert {person["managing_structure"] for person in world.people} <= set(structures)
    assert {path["person"] for path in world.career_paths} == people
    for prescription in world.prescriptions:
        assert prescription["person"] in people
        assert structures[prescription["prescriber_structure"]]["kind"] in PRESCRIBER_KINDS
        assert structures[prescription["recipient_structure"]]["kind"] in EMPLOYER_KINDS
    for path in world.career_paths:
        assert {participant["structure"] for participant in path["participants"]} <= set(structures)


def test_sirets_pass_luhn_and_belong_to_no_company(world: World) -> None:
    """Check SIREN and SIRET keys, the unattributed prefix and the natural key SIRET + kind."""
    with_siret = [(item["siret"], item["kind"]) for item in world.structures if item["siret"] is not None]

    assert len(set(with_siret)) == len(with_siret) > 950
    assert len({siret for siret, _ in with_siret}) < len(with_siret)
    for siret, _ in with_siret:
        assert re.fullmatch(r"000\d{11}", siret)
        assert compute_luhn_digit(siret[:8]) == siret[8]
        assert compute_luhn_digit(siret[:13]) == siret[13]


@pytest.mark.parametrize(("payload", "digit"), [("7992739871", "3"), ("0", "0"), ("73282932", "0")])
def test_luhn_digit_agrees_with_known_numbers(payload: str, digit: str) -> None:
    """Compare with the textbook number and a published example SIREN."""
    assert compute_luhn_digit(payload) == digit


def test_sirets_differ() -> None:
    """Give another SIRET for another number."""
    assert len({make_siret(number) for number in range(2000)}) == 2000


def test_contacts_are_fictional(world: World) -> None:
    """Allow only the numbers reserved for fiction and the domains reserved for examples."""
    for document in [*world.structures, *world.services, *world.people]:
        if "phone" in document:
            assert FICTIONAL_PHONE.fullmatch(document["phone"])
        if "email" in document:
            assert re.fullmatch(r"[a-z0-9.-]+@example\.(org|com)", document["email"])
    for structure in world.structures:
        assert ".example.com" in structure.get("website", ".example.com")


def test_documents_are_labelled_as_synthetic(world: World) -> None:
    """Let no reader take a document for a real one."""
    assert all(document["name"].endswith("(démo)") for document in [*world.structures, *world.services])
    assert all(3 <= len(structure["name"]) <= 150 for structure in world.structures)
    assert all(person["last_name"].endswith("-Démo") for person in world.people)


def test_structures_stand_on_real_communes(world: World) -> None:
    """Compare each address with the shipped communes; all of them are used."""
    communes = {commune.insee_code: commune for commune in load_communes()}

    for structure in world.structures:
        address, location = structure["address"], structure["location"]
        commune = communes[address["insee_code"]]
        assert (address["city"], address["postal_code"]) == (commune.name, commune.postal_code)
        assert address["department"] == commune.department
        assert abs(location["latitude"] - commune.latitude) < 0.01
    assert {structure["address"]["insee_code"] for structure in world.structures} == set(communes)


def test_services_belong_to_structures_that_say_so(world: World) -> None:
    """Follow each service to its structure; every prescriber runs one at least, a few employers do."""
    structures = {structure["external_id"]: structure for structure in world.structures}
    providers = {service["structure_external_id"] for service in world.services}

    assert len({service["external_id"] for service in world.services}) == len(world.services)
    assert providers == {key for key, item in structures.items() if item.get("is_service_provider")}
    kinds = Counter(structures[key]["kind"] in PRESCRIBER_KINDS for key in providers)
    assert kinds[True] == 350
    assert 50 < kinds[False] < 200
    assert len({service["topics"][0] for service in world.services}) == 16


def test_offers_are_of_employers_and_of_known_occupations(world: World) -> None:
    """Follow each offer to its employer and to the ROME; most are published, a few are repeated by a partner."""
    structures = {structure["external_id"]: structure for structure in world.structures}
    occupations = {row["code"] for row in read_rows("rome_occupations.csv.gz")}
    own = [offer for offer in world.job_offers if offer["structure"]]

    assert len({offer["external_id"] for offer in world.job_offers}) == len(world.job_offers)
    assert {structures[offer["structure"]]["kind"] for offer in own} == EMPLOYER_KINDS - {StructureKind.EATT}
    assert {offer["occupation"]["rome_code"] for offer in own} <= occupations
    assert len({offer["occupation"]["rome_code"] for offer in own}) > 20
    assert all("fictive" in offer["description"] for offer in world.job_offers)
    assert 0.75 < sum(offer["is_published"] for offer in own) / len(own) < 0.95
    twins = [offer for offer in world.job_offers if not offer["structure"]]
    assert len(twins) == 60
    assert all("licence" in twin and "provenance" in twin and "employer" in twin for twin in twins)


def test_conventions_run_for_most_and_ended_for_some(world: World) -> None:
    """Give every IAE employer a convention; those of the demonstration's clients run."""
    activities = Counter[str]()
    for structure in world.structures:
        assert ("convention" in structure) == (structure["kind"] in SIAE_KINDS)
        if "convention" not in structure:
            continue
        activity = find_activity(json.loads(json.dumps(structure)))
        activities["grace" if activity.is_in_grace(TODAY) else str(activity.is_active(TODAY))] += 1
        if structure["external_id"] in world.employer_structures:
            assert activity.is_active(TODAY)
        for annex in structure["financial_annexes"]:
            assert parse_annex_number(annex["number"]).kind == structure["kind"]

    assert activities["True"] > 500
    assert min(activities["grace"], activities["False"]) > 5


def test_documents_are_what_their_shapes_take(world: World) -> None:
    """Validate each as the write door does."""
    for name, documents in (("structures", world.structures), ("services", world.services)):
        for document in documents:
            content = {key: value for key, value in document.items() if key != "external_id"}
            validate_content(KINDS_BY_NAME[name].content, json.dumps(content).encode())


def test_habilitation_follows_the_kind(world: World) -> None:
    """Give prescribers alone an authorisation, and only one that their kind may have."""
    validated = 0
    for structure in world.structures:
        habilitation = structure.get("habilitation")
        assert (habilitation is not None) == (structure["kind"] in PRESCRIBER_KINDS)
        assert ("is_open_to_spontaneous_applications" in structure) == (structure["kind"] in EMPLOYER_KINDS)
        assert (habilitation == "NOT_REQUIRED") == (structure["kind"] == "Autre")
        assert structure["siret"] is not None or structure["kind"] == "FT"
        if structure["kind"] == "ODC" and habilitation == "VALIDATED":
            assert structure["is_brsa"]
        validated += habilitation == "VALIDATED"
    assert validated > 280


def test_the_demo_clients_have_their_structures(world: World) -> None:
    """Find three authorised prescribers and four employers in one département."""
    structures = {structure["external_id"]: structure for structure in world.structures}
    prescribers = [structures[key] for key in world.prescriber_structures]
    employers = [structures[key] for key in world.employer_structures]

    assert [item["kind"] for item in prescribers] == ["ML", "PLIE", "FT"]
    assert [item["kind"] for item in employers] == ["ACI", "EI", "ETTI", "GEIQ"]
    assert {item["address"]["department"] for item in prescribers + employers} == {"69"}
    assert all(item["siret"] for item in prescribers + employers)
    assert all(item["habilitation"] == "VALIDATED" for item in prescribers)
    sent = [item for item in world.prescriptions if item["prescriber_structure"] in world.prescriber_structures]
    received = [item for item in world.prescriptions if item["recipient_structure"] in world.employer_structures]
    assert len(sent) > 0.8 * len(world.prescriptions)
    assert len(received) > 0.7 * len(world.prescriptions)


@pytest.mark.parametrize("seed", [2026, 1, 99])
def test_prescriptions_reach_their_states_by_published_moves(seed: int) -> None:
    """Play every transition by the table: all nine states are reached, each as announced."""
    prescriptions = build_world(seed, today=TODAY).prescriptions

    assert play_prescriptions(prescriptions) == {item["external_id"]: item["target_state"] for item in prescriptions}
    assert {item["target_state"] for item in prescriptions} == set(PrescriptionState)


def test_transitions_carry_what_they_require(world: World) -> None:
    """Check comments, refusal reasons by recipient, hiring dates, and the GEIQ's own state."""
    kinds = {structure["external_id"]: structure["kind"] for structure in world.structures}

    for prescription in world.prescriptions:
        kind = kinds[prescription["recipient_structure"]]
        for move, payload in prescription["transitions"]:
            if move == "postpone":
                assert payload["comment"]
            if move == "refuse":
                assert payload["refusal_reason"] in (GEIQ_REASONS if kind == "GEIQ" else SIAE_REASONS)
            if move == "move_to_prior_to_hire":
                assert kind == "GEIQ"
            if move == "accept":
                assert prescription["prescribed_on"] <= payload["hiring_start_on"] < TODAY.isoformat()
                assert payload.get("hiring_end_on", "9999-12-31") > payload["hiring_start_on"]


def test_nobody_applies_twice_to_the_same_employer(world: World) -> None:
    """Keep one prescription for a person and a recipient."""
    pairs = [(item["person"], item["recipient_structure"]) for item in world.prescriptions]

    assert len(set(pairs)) == len(pairs)


def test_dates_lie_in_the_past_and_ages_are_of_working_life(world: World) -> None:
    """Compare every date with today."""
    today = TODAY.isoformat()

    assert all(item["prescribed_on"] < today for item in world.prescriptions)
    for person in world.people:
        assert 18 <= (TODAY - date.fromisoformat(person["birth_date"])).days / 365.25 < 63
    for path in world.career_paths:
        assert path["started_on"] < today
        for participant in path["participants"]:
            assert path["started_on"] <= participant["started_on"] <= participant.get("ended_on", today) <= today


def test_career_paths_use_the_lists_and_follow_acceptances(world: World) -> None:
    """Let every status and role appear, one single referent per path, an active path for who was hired."""
    hired = {item["person"] for item in world.prescriptions if item["target_state"] == "accepted"}
    roles = [participant["role"] for path in world.career_paths for participant in path["participants"]]

    assert {path["status"] for path in world.career_paths} == set(CareerPathStatus)
    assert {path["framework"] for path in world.career_paths} <= set(CareerPathFramework)
    assert set(roles) == set(ParticipantRole)
    assert roles.count("single_referent") == len(world.career_paths)
    assert all(path["status"] == "active" for path in world.career_paths if path["person"] in hired)


def test_coded_fields_belong_to_their_lists(world: World) -> None:
    """Refuse a code that no list publishes."""
    for structure in world.structures:
        assert structure["kind"] in LISTS_BY_NAME["structure_kinds"]
        assert structure.get("created_from", "ASP") in LISTS_BY_NAME["structure_sources"]
        assert structure["address"]["department"] in LISTS_BY_NAME["departments"]
