"""The offer as schema.org tells it, and the choice between it and the stored JSON."""

from __future__ import annotations

from typing import Any

import pytest

from raccord.reference.job_offer_codes import ContractType
from raccord.resources.job_offers.job_posting import make_job_posting
from tests.partners import Partner, Partners
from tests.resources.offers import PATH, make_offer, write_offer

Json = dict[str, Any]
LD = "application/ld+json"
EMPLOYMENT_TYPES = {"FULL_TIME", "PART_TIME", "CONTRACTOR", "TEMPORARY", "INTERN", "VOLUNTEER", "PER_DIEM", "OTHER"}


@pytest.fixture
async def partner(partners: Partners) -> Partner:
    return await partners.add("logiciel", kind="ACI")


async def translate(partner: Partner, **fields: object) -> Json:
    offer = await write_offer(partner, make_offer(partner.structure_id, **fields))
    response = await partner.get(f"{PATH}/{offer['id']}", accept=LD)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == LD
    return dict(response.json())


async def test_an_offer_is_a_job_posting(partner: Partner) -> None:
    structure = (await partner.get(f"/v1/structures/{partner.structure_id}")).json()
    posting = await translate(partner, publication={"starts_on": "2026-11-20"})

    assert posting["@type"] == "JobPosting"
    assert posting["title"] == "Maraîcher / Maraîchère (H/F)"
    assert posting["datePosted"] == "2026-11-20"
    assert posting["validThrough"].endswith("T23:59:59+01:00")
    assert posting["employmentType"] == ["PART_TIME", "TEMPORARY"]
    assert posting["hiringOrganization"] == {
        "@type": "Organization",
        "name": structure["name"],
        "legalName": structure["name"],
        "identifier": structure["siret"],
    }
    assert posting["jobLocation"] == [
        {
            "@type": "Place",
            "address": {
                "@type": "PostalAddress",
                "postalCode": "69001",
                "addressLocality": "Lyon",
                "addressRegion": "69",
                "addressCountry": "FR",
            },
            "geo": {"@type": "GeoCoordinates", "latitude": 45.7676, "longitude": 4.8344},
        }
    ]
    assert posting["baseSalary"]["value"] == {"@type": "QuantitativeValue", "unitText": "HOUR", "value": 11.88}
    assert posting["totalJobOpenings"] == 2
    assert posting["directApply"] is True
    assert posting["jobImmediateStart"] is True
    assert posting["experienceRequirements"] == "no requirements"
    assert posting["occupationalCategory"]["codeValue"] == "A1405"
    assert posting["identifier"]["value"] == "O-1"
    assert "jobLocationType" not in posting
    assert None not in posting.values()


async def test_what_the_texts_hold_is_escaped(partner: Partner) -> None:
    posting = await translate(
        partner, description='Un <script>alert("x")</script> & deux\nlignes\n\nUn autre', wanted_profile="Soigneux"
    )

    assert posting["description"] == (
        "<p>Un &lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; deux<br>lignes</p><p>Un autre</p><p>Soigneux</p>"
    )


async def test_remote_work_says_from_where_one_may_apply(partner: Partner) -> None:
    posting = await translate(
        partner, work_mode="remote", workplaces=None, pay={"min": "1900", "max": "2100.50", "period": "month"}
    )

    assert posting["jobLocationType"] == "TELECOMMUTE"
    assert posting["applicantLocationRequirements"] == {"@type": "Country", "name": "FR"}
    assert posting["baseSalary"]["value"] == {
        "@type": "QuantitativeValue", "unitText": "MONTH", "minValue": 1900.0, "maxValue": 2100.5,
    }  # fmt: skip


async def test_an_offer_read_elsewhere_links_there_with_its_licence(partner: Partner) -> None:
    posting = await translate(
        partner,
        provenance={"system": "autre", "url": "https://www.example.com/o/1"},
        licence={"code": "open_licence_2", "url": "https://www.example.com/licence"},
        application={"modes": [{"type": "url", "value": "https://www.example.com/postuler"}]},
    )

    assert posting["sameAs"] == "https://www.example.com/o/1"
    assert posting["license"] == "https://www.example.com/licence"
    assert posting["directApply"] is False


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("text/html", "application/json"),
        (f"{LD}, application/json", "application/json"),
        (f"{LD}, application/json;q=0.9", LD),
        (f"{LD};q=0.2, application/json;q=0.3", "application/json"),
        (f"{LD};q=0", "application/json"),
        (f"{LD};q=much", "application/json"),
        (f"text/html, {LD};q=0.5, */*;q=0.1", LD),
    ],
)
async def test_the_form_is_the_one_preferred(partner: Partner, accept: str, media_type: str) -> None:
    offer = await write_offer(partner, make_offer(partner.structure_id))

    for path in (f"{PATH}/{offer['id']}", f"{PATH}/by-source/{partner.source}/O-1"):
        response = await partner.get(path, accept=accept)
        assert (response.status_code, response.headers["content-type"]) == (200, media_type)
        assert response.headers["vary"] == "Accept"


async def test_each_form_has_its_tag_and_both_name_the_version(partner: Partner) -> None:
    offer = await write_offer(partner, make_offer(partner.structure_id))
    path = f"{PATH}/{offer['id']}"
    plain, linked = await partner.get(path), await partner.get(path, accept=LD)

    assert plain.headers["etag"] != linked.headers["etag"]
    again = await partner.get(path, accept=LD, if_none_match=linked.headers["etag"])
    assert (again.status_code, again.headers["vary"]) == (304, "Accept")
    assert (await partner.get(path, accept=LD, if_none_match=plain.headers["etag"])).status_code == 200
    changed = await partner.patch(path, {"title": "Autre titre (H/F)"}, if_match=linked.headers["etag"])
    assert changed.status_code == 200


@pytest.mark.parametrize("contract", list(ContractType))
def test_every_contract_has_an_employment_type(contract: ContractType) -> None:
    base: Json = {
        "source": "s",
        "external_id": "1",
        "title": "t",
        "updated_at": "2026-11-25",
        "created_at": "2026-11-25",
    }
    document: Json = {**base, "status": "active", "contract": {"type": contract.value}}

    told = make_job_posting(document, None, "https://raccord.test/1")["employmentType"]

    assert isinstance(told, list)
    assert {str(value) for value in told} <= EMPLOYMENT_TYPES
    assert told


@pytest.mark.parametrize("status", ["filled", "suspended", "expired"])
def test_an_offer_that_is_not_open_ended_when_it_stopped(status: str) -> None:
    document: Json = {
        "source": "s", "external_id": "1", "title": "t", "updated_at": "2026-11-25", "created_at": "2026-11-01",
        "status": status, "status_changed_at": "2026-11-24T10:00:00Z", "published_at": "2026-11-01T10:00:00Z",
        "expires_on": "2027-01-01",
    }  # fmt: skip

    assert make_job_posting(document, None, "https://raccord.test/1")["validThrough"] == "2026-11-24T10:00:00Z"


@pytest.mark.parametrize(("day", "end"), [("2027-01-01", "T23:59:59+01:00"), ("2027-07-01", "T23:59:59+02:00")])
def test_the_last_day_ends_at_midnight_in_paris(day: str, end: str) -> None:
    document: Json = {
        "source": "s", "external_id": "1", "title": "t", "updated_at": "2026-11-25", "created_at": "2026-11-01",
        "status": "active", "published_at": "2026-11-01T10:00:00Z", "expires_on": day,
    }  # fmt: skip

    assert make_job_posting(document, None, "https://raccord.test/1")["validThrough"] == f"{day}{end}"


@pytest.mark.parametrize("transition", [None, "submit", "cancel", "archive"])
async def test_what_was_never_published_is_no_job_posting(partner: Partner, transition: str | None) -> None:
    offer = await write_offer(partner, make_offer(partner.structure_id, is_published=False))
    path = f"{PATH}/{offer['id']}"
    if transition is not None:
        assert (await partner.move(path, transition)).status_code == 200

    for address in (path, f"{PATH}/by-source/{partner.source}/O-1"):
        refused = await partner.get(address, accept=LD)
        assert (refused.status_code, refused.headers["content-type"]) == (406, "application/problem+json")
        assert refused.headers["vary"] == "Accept"
        assert refused.json()["code"] == "not_acceptable"
        assert "/publication" in refused.json()["detail"]
    assert (await partner.get(path, accept=f"{LD}, */*;q=0.1")).status_code == 406
    assert (await partner.get(path)).status_code == 200
