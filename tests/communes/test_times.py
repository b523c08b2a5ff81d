"""Days as people say them, also on the first of a month."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from django.utils import translation

from core.templatetags import times

FIRST = date(2026, 12, 1)


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
