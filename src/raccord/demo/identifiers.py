"""Make identifiers that are nobody's: fictional phone numbers, unattributed SIRETs; no real data here."""

import unicodedata

# Numbers that the regulator reserves for fiction, without the leading 0. Source: Arcep, decision 2018-0881.
FICTIONAL_PHONE_PREFIXES = {
    "01": "19900",
    "02": "26191",
    "03": "35301",
    "04": "46571",
    "05": "53649",
    "mobile": "63998",
}
# Which of the five areas a region dials; overseas territories borrow the south-west.
REGION_PHONE_AREAS = {
    "11": "01", "24": "02", "28": "02", "52": "02", "53": "02", "27": "03", "32": "03", "44": "03",
    "84": "04", "93": "04", "94": "04", "75": "05", "76": "05",
}  # fmt: skip


def compute_luhn_digit(digits: str) -> str:
    """Compute the digit that makes a number valid for Luhn's algorithm."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if position % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return str(-total % 10)


def make_siret(number: int) -> str:
    """Make a well-formed SIRET whose SIREN starts with 000, a prefix attributed to no company.

    Shape: 14 digits; SIREN and SIRET both pass Luhn's algorithm; distinct for numbers below 100,000.
    """
    siren = f"000{number:05d}"
    siren += compute_luhn_digit(siren)
    siret = f"{siren}0001"
    return siret + compute_luhn_digit(siret)


def make_phone(area: str, number: int) -> str:
    """Make a fictional telephone number in E.164 form."""
    return f"+33{FICTIONAL_PHONE_PREFIXES[area]}{number % 10_000:04d}"


def make_slug(text: str) -> str:
    """Reduce a text to lower-case ASCII words joined by hyphens."""
    decomposed = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "OE").replace("'", " "))
    ascii_text = decomposed.encode("ascii", "ignore").decode().lower()
    return "-".join("".join(letter if letter.isalnum() else " " for letter in ascii_text).split())
