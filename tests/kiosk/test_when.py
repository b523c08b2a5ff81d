"""How a screen says until when it is closed: never a weekday that might be this week's."""

from datetime import datetime

import pytest
from django.utils import timezone, translation

from kiosk.templatetags.kiosk import until
from tests.factories import PARIS, at


@pytest.mark.parametrize(
    ("opens", "words"),
    [
        (at(13, 30), "13:30"),
        (at(9, day=25), "demain à 09:00"),
        (at(9, day=30), "lundi à 09:00"),
        (datetime(2026, 12, 1, 9, tzinfo=PARIS), "mardi 1er décembre à 09:00"),
        (datetime(2026, 12, 2, 9, tzinfo=PARIS), "mercredi 2 décembre à 09:00"),
    ],
)
def test_a_day_of_another_week_has_its_date(opens: datetime, words: str) -> None:
    with timezone.override(PARIS), translation.override("fr"):
        assert until(opens, at(12, 30)) == words
