"""The true story, over the API: a prescription is sent, seen, accepted; the path moves; a stranger sees nothing."""

from __future__ import annotations

from tests.partners import Partners


async def test_a_prescription_goes_from_prescriber_to_employer_and_back(partners: Partners) -> None:
    prescriber = await partners.add("prescripteur", kind="ML")
    employer = await partners.add("employeur", kind="ACI")
    stranger = await partners.add("etranger", kind="EI")
    person = await prescriber.add_person()
    sent = await prescriber.prescribe(person, employer.structure_id)

    changes, _ = await employer.read_feed()
    [seen] = [change for change in changes if change["kind"] == "prescriptions"]
    assert (seen["type"], seen["id"]) == ("created", sent["id"])
    read = (await employer.get(f"/v1/prescriptions/{sent['id']}")).json()
    assert read["state"] == "new"
    assert read["person_id"] != person["id"]
    known = (await employer.get(f"/v1/people/{read['person_id']}")).json()
    assert known["last_name"] == "Exemple"

    answer = await employer.move(f"/v1/prescriptions/{sent['id']}", "accept", hiring_start_on="2026-12-01")
    assert answer.status_code == 200, answer.text

    after, _ = await prescriber.read_feed()
    assert (await prescriber.get(f"/v1/prescriptions/{sent['id']}")).json()["state"] == "accepted"
    [path_id] = {change["id"] for change in after if change["kind"] == "career_paths"}
    path = (await prescriber.get(f"/v1/career-paths/{path_id}")).json()
    assert path["status"] == "active"
    assert path["employment_periods"][0]["structure_id"] == employer.structure_id

    nothing, _ = await stranger.read_feed()
    assert not [change for change in nothing if change["kind"] != "structures"]
    for address in (
        f"/v1/prescriptions/{sent['id']}",
        f"/v1/career-paths/{path_id}",
        f"/v1/people/{person['id']}",
    ):
        assert (await stranger.get(address)).status_code == 404
