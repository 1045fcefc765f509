"""Hold the licences under which offers are used again, and what each obliges to; who applies them is not known here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from raccord.kernel.text import Text
from raccord.reference.code_list import CodeList, build_codes


class LicenceCode(StrEnum):
    """Name the terms under which an offer may be used again."""

    OPEN_LICENCE_2 = "open_licence_2"
    CC_BY_4 = "cc_by_4"
    ODBL_1 = "odbl_1"
    FRANCE_TRAVAIL = "france_travail"
    PARTNER_ONLY = "partner_only"
    OTHER = "other"


@dataclass(frozen=True)
class Licence:
    """Terms of reuse.

    Units: an offer that was not seen at its source for `must_refresh_within_hours` is no longer shown to others.
    """

    label: Text
    attribution: Text
    url: str | None = None
    must_refresh_within_hours: int | None = None
    allows_onward_export: bool = True


LICENCES_BY_CODE: Mapping[LicenceCode, Licence] = MappingProxyType(
    {
        LicenceCode.OPEN_LICENCE_2: Licence(
            Text("Licence Ouverte 2.0", "Open Licence 2.0"),
            Text("Citez la source et la date de mise à jour.", "Cite the source and the date of its last update."),
            "https://www.etalab.gouv.fr/licence-ouverte-open-licence/",
        ),
        LicenceCode.CC_BY_4: Licence(
            Text("Creative Commons Attribution 4.0", "Creative Commons Attribution 4.0"),
            Text(
                "Citez l'auteur, liez la licence, signalez vos changements.",
                "Credit the author, link the licence, indicate changes.",
            ),
            "https://creativecommons.org/licenses/by/4.0/",
        ),
        LicenceCode.ODBL_1: Licence(
            Text("Open Database License 1.0", "Open Database License 1.0"),
            Text(
                "Citez la base ; partagez de même ce que vous en tirez.",
                "Credit the database; share alike what you make of it.",
            ),
            "https://opendatacommons.org/licenses/odbl/1-0/",
        ),
        LicenceCode.FRANCE_TRAVAIL: Licence(
            Text("Licence de réutilisation de France Travail", "France Travail reuse licence"),
            Text(
                "Affichez la source, la dernière mise à jour et le lien vers la licence ; signalez vos changements ; "
                "rafraîchissez au moins toutes les 24 heures et répercutez les suppressions.",
                "Show the source, the last update and the link to the licence; tell your changes; refresh at least "
                "every 24 hours and propagate deletions.",
            ),
            must_refresh_within_hours=24,
            allows_onward_export=False,
        ),
        LicenceCode.PARTNER_ONLY: Licence(
            Text("Diffusion par Raccord seul", "Shown through Raccord alone"),
            Text("Ne rediffusez pas cette offre.", "Do not pass this offer on."),
            allows_onward_export=False,
        ),
        LicenceCode.OTHER: Licence(
            Text("Autre licence, nommée dans l'offre", "Another licence, named in the offer"),
            Text("Lisez les termes nommés dans l'offre.", "Read the terms named in the offer."),
            allows_onward_export=False,
        ),
    }
)


def _list_attributes(licence: Licence) -> dict[str, str]:
    hours = licence.must_refresh_within_hours
    return {
        "allows_onward_export": "yes" if licence.allows_onward_export else "no",
        "attribution_fr": licence.attribution.fr,
        "attribution_en": licence.attribution.en,
        **({"must_refresh_within_hours": str(hours)} if hours is not None else {}),
        **({"url": licence.url} if licence.url is not None else {}),
    }


LICENCES = CodeList(
    name="licences",
    version="2026-11",
    source="Licence Ouverte 2.0, CC BY 4.0, ODbL 1.0, France Travail reuse licence (art. 4 and 5.2)",
    codes=build_codes(
        {code: (licence.label.fr, licence.label.en) for code, licence in LICENCES_BY_CODE.items()},
        attributes={code: _list_attributes(licence) for code, licence in LICENCES_BY_CODE.items()},
    ),
)
