"""A job offer as schema.org tells it: a pure translation, for search engines and whoever reads JSON-LD.

Source: schema.org JobPosting; Google's requirements for job postings (title, description, datePosted, jobLocation).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from html import escape

from raccord.kernel.clock import PARIS
from raccord.kernel.refusals import JsonValue
from raccord.kernel.strict_json import JsonObject, read_object
from raccord.reference.job_offer_codes import CONTRACT_TYPES

_PERIODS = {"hour": "HOUR", "day": "DAY", "month": "MONTH", "year": "YEAR"}
# By the employment type that the contract's crosswalk gives, which the working time makes more exact.
_FULL_OR_PART = {"full_time": "FULL_TIME", "part_time": "PART_TIME"}
_LAST_SECOND = time(23, 59, 59)
_CLOSED_APPLICATION = frozenset({"platform"})


def make_job_posting(document: JsonObject, structure: JsonObject | None, address: str) -> JsonObject:
    """Translate the offer.

    Shape: `structure` is its employer's record, where it has one; what is unknown is left out.
    """
    posting: JsonObject = {
        "@context": "https://schema.org/",
        "@type": "JobPosting",
        "url": address,
        "identifier": {"@type": "PropertyValue", "name": document["source"], "value": document["external_id"]},
        "title": document["title"],
        "description": _write_html(document),
        "datePosted": _find_date_posted(document),
        "dateModified": document["updated_at"],
        "validThrough": _write_end(document),
        "employmentType": _list_employment_types(document),
        "hiringOrganization": _describe_organisation(document, structure),
        "jobLocation": _list_places(document),
        "baseSalary": _describe_pay(document),
        "totalJobOpenings": read_object(document, "openings").get("open_count"),
        "directApply": _is_direct(document),
        "inLanguage": "fr",
        **_describe_remote(document),
        **_describe_occupation(document),
        **_describe_requirements(document),
        **_describe_time(document),
        **_describe_provenance(document),
    }
    return {name: value for name, value in posting.items() if value not in (None, [], "")}


def _write_html(document: JsonObject) -> str:
    """Write description and profile as HTML: escaped, since their Markdown may hold anything."""
    texts = [str(document[name]) for name in ("description", "wanted_profile") if document.get(name)]
    blocks = [block for text in texts for block in text.split("\n\n") if block.strip()]
    return "".join(f"<p>{escape(block.strip()).replace(chr(10), '<br>')}</p>" for block in blocks)


def _find_date_posted(document: JsonObject) -> JsonValue:
    published = document.get("published_at") or document["created_at"]
    return read_object(document, "publication").get("starts_on") or str(published)[:10]


def _write_end(document: JsonObject) -> JsonValue:
    """Write the end of the last day, in Paris; an offer that is not open is told as such by its past end."""
    if document["status"] != "active":
        return document.get("status_changed_at") or document["updated_at"]
    end = read_object(document, "publication").get("applications_end_on") or document.get("expires_on")
    if end is None:
        return None
    return datetime.combine(date.fromisoformat(str(end)), _LAST_SECOND, PARIS).isoformat()


def _list_employment_types(document: JsonObject) -> list[JsonValue]:
    contract = read_object(document, "contract")
    if "type" not in contract:
        return []
    told = CONTRACT_TYPES.by_value[str(contract["type"])].crosswalk.get("schema_org", "OTHER")
    part = _FULL_OR_PART.get(str(read_object(document, "working_time").get("time")))
    if part is None:
        return [told]
    return [part] if told in _FULL_OR_PART.values() else [part, told]


def _describe_organisation(document: JsonObject, structure: JsonObject | None) -> JsonObject | None:
    told: Mapping[str, JsonValue] = structure if structure is not None else read_object(document, "employer")
    name = told.get("brand") or told.get("name")
    if not name:
        return None
    organisation: JsonObject = {
        "@type": "Organization",
        "name": name,
        "legalName": told.get("name"),
        "sameAs": told.get("website"),
        "logo": told.get("logo_url"),
        "identifier": told.get("siret"),
    }
    return {key: value for key, value in organisation.items() if value is not None}


def _list_places(document: JsonObject) -> list[JsonValue]:
    places = document.get("workplaces")
    return [_describe_place(place) for place in (places if isinstance(places, list) else ()) if isinstance(place, dict)]


def _describe_place(place: JsonObject) -> JsonObject:
    address: JsonObject = {
        "@type": "PostalAddress",
        "streetAddress": place.get("address"),
        "postalCode": place.get("postal_code"),
        "addressLocality": place.get("city") or place.get("label"),
        "addressRegion": place.get("department"),
        "addressCountry": place.get("country", "FR"),
    }
    described: JsonObject = {
        "@type": "Place",
        "address": {name: value for name, value in address.items() if value is not None},
    }
    if "latitude" in place:
        point: JsonObject = {"latitude": place["latitude"], "longitude": place["longitude"]}
        described["geo"] = {"@type": "GeoCoordinates", **point}
    return described


def _describe_pay(document: JsonObject) -> JsonObject | None:
    pay = read_object(document, "pay")
    unit = _PERIODS.get(str(pay.get("period")))
    least, most = pay.get("min"), pay.get("max")
    if unit is None or (least is None and most is None):
        return None
    value: JsonObject = {"@type": "QuantitativeValue", "unitText": unit}
    if least is not None and most in (None, least):
        value["value"] = float(str(least))
    else:
        bounds = (("minValue", least), ("maxValue", most))
        value |= {name: float(str(bound)) for name, bound in bounds if bound is not None}
    return {"@type": "MonetaryAmount", "currency": pay["currency"], "value": value}


def _describe_remote(document: JsonObject) -> JsonObject:
    if document.get("work_mode") != "remote":
        return {}
    return {
        "jobLocationType": "TELECOMMUTE",
        "applicantLocationRequirements": {"@type": "Country", "name": "FR"},
    }


def _describe_occupation(document: JsonObject) -> JsonObject:
    occupation = read_object(document, "occupation")
    if "rome_code" not in occupation:
        return {}
    label = occupation.get("rome_label") or occupation.get("appellation_label") or occupation["rome_code"]
    category: JsonObject = {
        "@type": "CategoryCode",
        "inCodeSet": "ROME",
        "codeValue": occupation["rome_code"],
        "name": label,
    }
    return {"occupationalCategory": category}


def _describe_requirements(document: JsonObject) -> JsonObject:
    requirements = read_object(document, "requirements")
    described: JsonObject = {}
    experience = requirements.get("experience")
    if isinstance(experience, dict) and "months" in experience:
        described["experienceRequirements"] = {
            "@type": "OccupationalExperienceRequirements",
            "monthsOfExperience": experience["months"],
        }
    elif isinstance(experience, dict) and experience.get("level") == "beginner_accepted":
        described["experienceRequirements"] = "no requirements"
    skills = requirements.get("skills")
    labels: list[JsonValue] = [skill["label"] for skill in _list_objects(skills)]
    return {**described, "skills": labels}


def _describe_time(document: JsonObject) -> JsonObject:
    hours, contract = read_object(document, "working_time"), read_object(document, "contract")
    weekly = hours.get("weekly_hours_min", hours.get("weekly_hours_max"))
    return {
        "workHours": hours.get("source_label") or (f"{weekly} h par semaine" if weekly is not None else None),
        "jobStartDate": contract.get("starts_on"),
        "jobImmediateStart": True if contract.get("start") == "as_soon_as_possible" else None,
    }


def _describe_provenance(document: JsonObject) -> JsonObject:
    licence = read_object(document, "licence")
    return {
        "sameAs": read_object(document, "provenance").get("url"),
        "license": licence.get("url") or licence.get("label") or licence.get("code"),
    }


def _is_direct(document: JsonObject) -> JsonValue:
    """Tell whether one applies where the offer is read, and not on another site."""
    modes = _list_objects(read_object(document, "application").get("modes"))
    return any(mode["type"] in _CLOSED_APPLICATION for mode in modes) if modes else None


def _list_objects(value: JsonValue) -> list[JsonObject]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
