"""A year played through the real actions: every figure equals what the script says by itself."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from booking.models import Appointment, MonthlySum, VisitRecord
from core.days import months_before
from privacy.purge import purge
from reporting.figures.numbers import Numbers
from reporting.figures.periods import PeriodKind, period_of
from reporting.figures.reading import read
from tests.clocks import SetClock
from tests.reporting.scripted_year import YEAR, Story, play, write

pytestmark = pytest.mark.django_db
PARIS = ZoneInfo("Europe/Paris")


def shown(story: Story) -> dict[tuple[str, str], int]:
    """What « Chiffres » reads of the year, as the script counts it."""
    sites = list(story.commune.sites.all())
    now = read(story.commune, period_of(PeriodKind.YEAR, date(YEAR, 6, 1)), None, sites=sites).now
    months = [
        read(story.commune, period_of(PeriodKind.MONTH, date(YEAR, month, 1)), None, sites=sites).now
        for month in range(1, 13)
    ]
    assert sum(each.visits for each in months) == now.visits
    return counted(now)


def counted(now: Numbers) -> dict[tuple[str, str], int]:
    cells = {
        (dimension, code): each.visits
        for dimension, codes in now.by.items()
        for code, each in codes.items()
        if each.visits
    }
    whole = {"persons": now.persons, "used": now.used_min, "booked": now.booked_min}
    return cells | {("all", name): value for name, value in whole.items()}


@pytest.mark.parametrize("count", [80, pytest.param(4000, marks=pytest.mark.long)])
def test_every_figure_of_a_year_is_what_was_scripted(count: int, set_clock: SetClock) -> None:
    story = write(count, seed=count)
    play(story)
    expected = story.counts()
    assert shown(story) == expected

    over = datetime(YEAR + 2, 2, 1, 4, tzinfo=PARIS)
    closed = months_before(over, story.commune.retention_months)
    assert closed > datetime(YEAR, 12, 31, tzinfo=PARIS) + timedelta(days=1)
    set_clock(over)
    purge(commune=story.commune, now=over)
    assert not Appointment.objects.exists() and not VisitRecord.objects.exists()
    assert MonthlySum.objects.exists()
    assert shown(story) == expected
