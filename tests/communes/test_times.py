"""Days as people say them, also on the first of a month; hours in sentences."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from core.templatetags import spans, times

FIRST = date(2026, 12, 1)
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("filtered", "said"),
    [
        (times.day, "mardi 1er décembre"),
        (times.day_number, "1er"),
        (times.day_month, "1er décembre"),
        (times.day_month_year, "1er décembre 2026"),
        (times.short_day, "1er déc."),
        (times.day_year, "mardi 1er décembre 2026"),
    ],
)
def test_the_first_of_a_month_is_said_rightly_in_french(
    filtered: Callable[[date | datetime | None], str], said: str
) -> None:
    with translation.override("fr"):
        assert filtered(FIRST) == said
        assert filtered(None) == ""


def test_other_days_and_other_languages_have_plain_numbers() -> None:
    with translation.override("fr"):
        assert times.day_month_year(date(2026, 12, 2)) == "2 décembre 2026"
    with translation.override("en"):
        assert times.day_number(FIRST) == "1"


@pytest.mark.parametrize(
    ("at", "french", "english"),
    [
        (time(9), "9 h", "9:00"),
        (time(9, 5), "9 h 05", "9:05"),
        (time(14, 30), "14 h 30", "14:30"),
        (time(0), "0 h", "0:00"),
    ],
)
def test_a_sentence_says_the_hour_as_people_write_it(at: time, french: str, english: str) -> None:
    with translation.override("fr"):
        assert times.hour_in_sentence(at) == french.replace(" ", NO_BREAK_SPACE)
        assert times.hour_in_sentence(None) == ""
    with translation.override("en"):
        assert times.hour_in_sentence(at) == english


def test_an_instant_in_a_sentence_is_told_in_the_time_of_the_commune() -> None:
    instant = datetime(2026, 12, 1, 8, 30, tzinfo=UTC)
    with translation.override("fr"):
        with timezone.override(ZoneInfo("Indian/Reunion")):
            assert times.hour_in_sentence(instant) == "12 h 30".replace(" ", NO_BREAK_SPACE)
        with timezone.override(ZoneInfo("Europe/Paris")):
            assert times.hour_in_sentence(instant) == "9 h 30".replace(" ", NO_BREAK_SPACE)


def test_a_duration_keeps_its_number_and_its_unit_together() -> None:
    with translation.override("fr"):
        said = [spans.duration(minutes) for minutes in (45, 120, 150)]
    assert said == [each.replace(" ", NO_BREAK_SPACE) for each in ("45 min", "2 h", "2 h 30")]
