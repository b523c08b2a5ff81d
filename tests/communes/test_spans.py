"""How a stretch of time is said, and public holidays are named."""

from datetime import date, datetime

import pytest
from django.utils import timezone

from communes.opening.holidays import holiday_name
from core.templatetags.spans import span
from tests.factories import PARIS

pytestmark = pytest.mark.usefixtures("tuesday")

NBSP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        ((17, 0), (18, 0), "jeudi 17 décembre"),
        ((17, 0), (17, 13), "jeudi 17 décembre, jusqu’à 13:00"),
        ((17, 13), (18, 0), "jeudi 17 décembre, à partir de 13:00"),
        ((17, 9), (17, 13), "jeudi 17 décembre, 9:00–13:00"),
        ((17, 0), (19, 0), "du jeudi 17 décembre au vendredi 18 décembre"),
        ((17, 13), (19, 0), "du jeudi 17 décembre, 13:00, au vendredi 18 décembre"),
        ((17, 0), (18, 13), "du jeudi 17 décembre au vendredi 18 décembre, 13:00"),
        ((17, 9), (18, 13), "du jeudi 17 décembre, 9:00, au vendredi 18 décembre, 13:00"),
    ],
)
def test_midnight_at_either_end_is_not_said(start: tuple[int, int], end: tuple[int, int], said: str) -> None:
    first, last = (datetime(2026, 12, *each, tzinfo=PARIS) for each in (start, end))
    with timezone.override(PARIS):
        said_here = span(first, last)
    assert said_here.replace(NBSP, " ") == said


def test_the_name_of_a_holiday_is_written_as_french_is() -> None:
    assert holiday_name("76498", date(2027, 1, 1)) == "Jour de l’an"
