"""Check the shipped sample of communes."""

from raccord.reference.communes import load_communes
from raccord.reference.departments import Department

UNINHABITED = {"984", "989"}


def test_communes_cover_every_inhabited_department() -> None:
    """Leave out nobody but the two territories where nobody lives."""
    communes = load_communes()

    assert {commune.department for commune in communes} == set(Department) - UNINHABITED
    assert len({commune.insee_code for commune in communes}) == len(communes)
    assert 290 <= len(communes) <= 321


def test_communes_have_plausible_codes_and_coordinates() -> None:
    """Refuse a swapped column: codes start with their département, mainland coordinates lie in France."""
    for commune in load_communes():
        assert len(commune.insee_code) == 5
        assert commune.insee_code.startswith(commune.department)
        assert len(commune.postal_code) == 5
        assert commune.postal_code.isdigit()
        assert -90 <= commune.latitude <= 90
        assert -180 <= commune.longitude <= 180
        if len(commune.department) == 2:
            assert 41 < commune.latitude < 51.5
            assert -5.5 < commune.longitude < 10
