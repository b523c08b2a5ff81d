"""Ticks counted by the database."""

from datetime import UTC, datetime

import pytest

from booking.engine.timeline import ceil_tick, floor_tick
from booking.models import Appointment
from booking.ticks import CeilTick, FloorTick
from communes.models import Cabin, Service
from tests.factories import make_appointment

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 11, 24, 10, 0, tzinfo=UTC),
        datetime(2026, 11, 24, 10, 4, 59, 999999, tzinfo=UTC),
        datetime(2026, 11, 24, 10, 5, 0, 1, tzinfo=UTC),
        datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
    ],
)
def test_the_database_counts_ticks_as_the_timeline_does(
    cabin: Cabin, service: Service, moment: datetime
) -> None:
    make_appointment(cabin, service, moment)

    counted = Appointment.objects.values_list(FloorTick("starts_at"), CeilTick("starts_at")).get()

    assert counted == (floor_tick(moment), ceil_tick(moment))
