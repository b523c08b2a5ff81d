from datetime import date
from zoneinfo import ZoneInfo, available_timezones

import phonenumbers
import pytest

from communes.opening.holidays import is_public_holiday, public_holidays
from core.insee import TERRITORIES, default_timezone, department, is_insee_code, phone_region

MAINLAND = {
    date(2026, 1, 1),
    date(2026, 4, 6),
    date(2026, 5, 1),
    date(2026, 5, 8),
    date(2026, 5, 14),
    date(2026, 5, 25),
    date(2026, 7, 14),
    date(2026, 8, 15),
    date(2026, 11, 1),
    date(2026, 11, 11),
    date(2026, 12, 25),
}


def test_a_mainland_commune_has_the_eleven_national_holidays():
    assert public_holidays("76498", [2026]) == MAINLAND


@pytest.mark.parametrize(
    ("insee_code", "more"),
    [
        ("67482", {date(2026, 4, 3), date(2026, 12, 26)}),  # Strasbourg
        ("68224", {date(2026, 4, 3), date(2026, 12, 26)}),  # Mulhouse
        ("57463", {date(2026, 4, 3), date(2026, 12, 26)}),  # Metz
        ("97411", {date(2026, 12, 20)}),  # Saint-Denis de La Réunion
        ("97209", {date(2026, 5, 22), date(2026, 7, 21)}),  # Fort-de-France
        ("97302", {date(2026, 6, 10)}),  # Cayenne
        ("97608", {date(2026, 4, 27)}),  # Mamoudzou
        ("97502", set()),  # Saint-Pierre
        ("98818", {date(2026, 9, 24)}),  # Nouméa
        ("54395", set()),  # Nancy: Lorraine, not Moselle
        ("2A004", set()),  # Ajaccio
    ],
)
def test_the_insee_code_brings_the_holidays_of_its_territory(insee_code, more):
    assert public_holidays(insee_code, [2026]) == MAINLAND | more


def test_several_years_are_asked_at_once():
    days = public_holidays("76498", range(2026, 2028))
    assert {day.year for day in days} == {2026, 2027}
    assert days == public_holidays("76498", [2027, 2026, 2027])


def test_one_day_is_asked_alone():
    assert is_public_holiday("67482", date(2026, 12, 26))
    assert not is_public_holiday("76498", date(2026, 12, 26))
    assert is_public_holiday("97411", date(2026, 12, 20))
    assert not is_public_holiday("76498", date(2026, 12, 20))


@pytest.mark.parametrize("prefix", TERRITORIES)
def test_every_territory_is_known_to_the_libraries(prefix):
    code = prefix.ljust(5, "0")
    assert default_timezone(code) in available_timezones()
    assert ZoneInfo(default_timezone(code)).key == default_timezone(code)
    assert phone_region(code) in phonenumbers.SUPPORTED_REGIONS
    assert public_holidays(code, [2026]) >= {date(2026, 7, 14)}


@pytest.mark.parametrize(
    ("insee_code", "time_zone", "region"),
    [
        ("76498", "Europe/Paris", "FR"),
        ("67482", "Europe/Paris", "FR"),
        ("97105", "America/Guadeloupe", "GP"),
        ("97411", "Indian/Reunion", "RE"),
        ("97502", "America/Miquelon", "PM"),
        ("97608", "Indian/Mayotte", "YT"),
        ("97701", "America/St_Barthelemy", "BL"),
        ("97801", "America/Marigot", "MF"),
        ("98611", "Pacific/Wallis", "WF"),
        ("98735", "Pacific/Tahiti", "PF"),
        ("98731", "Pacific/Marquesas", "PF"),  # Nuku-Hiva
        ("98719", "Pacific/Gambier", "PF"),
        ("98818", "Pacific/Noumea", "NC"),
    ],
)
def test_the_insee_code_brings_clock_and_telephone_region(insee_code, time_zone, region):
    assert (default_timezone(insee_code), phone_region(insee_code)) == (time_zone, region)


def test_the_form_of_an_insee_code():
    assert all(map(is_insee_code, ["76498", "01001", "2A004", "2B033", "97411", "98818", "95018"]))
    assert not any(
        map(is_insee_code, ["", "7649", "764980", "2C004", "00001", "96001", "97911", "98101", "7649a"])
    )
    assert [department(code) for code in ("76498", "2A004", "97411")] == ["76", "2A", "974"]
