"""Whatever another time of an appointment is offered through exchange can be had."""

from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from booking import actions
from booking.enums import Status
from booking.free.slots import find_slots
from booking.models import Appointment
from tests.booking.towns import SYSTEM, Town
from tests.factories import TUESDAY, at, make_service
from tests.profiles import SLOW_WORLDS, share

pytestmark = pytest.mark.django_db

MINUTES = (15, 30, 45)
visits = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from(MINUTES), st.sampled_from([0, 0, 15]), st.integers(0, 9)),
    min_size=4,
    max_size=16,
)


def crowd(visits) -> list[Appointment]:
    """A morning of three equal cabins, each filled from nine o'clock on; some visits are holds that have run
    out, which keep nothing busy any more."""
    town = Town()
    town.add_helper()
    cabins = [town.cabin, town.add_cabin(), town.add_cabin()]
    services = {n: make_service(town.commune, duration_min=n, turnaround_min=0) for n in MINUTES}
    free_from = [at(9, day=25)] * 3
    made = []
    for number, minutes, pause, kind in visits:
        start = free_from[number] + timedelta(minutes=pause)
        if start + timedelta(minutes=minutes) > at(12, day=25):
            continue
        how = {"status": Status.HELD, "held_until": TUESDAY} if kind == 0 else {}
        made.append(town.given(start, service=services[minutes], cabin=cabins[number], **how))
        free_from[number] = made[-1].blocked_until
    return [each for each in made if each.status == Status.BOOKED]


@pytest.mark.hypothesis
@settings(max_examples=share(0.05), deadline=None, suppress_health_check=SLOW_WORLDS)
@given(visits)
def test_every_move_that_is_offered_through_exchange_can_be_made(visits) -> None:
    with transaction.atomic():
        for moved in crowd(visits):
            found = find_slots(
                commune=moved.commune,
                service=moved.service,
                with_helper=moved.with_helper,
                start=date(2026, 11, 25),
                end=date(2026, 11, 26),
                moving=moved,
                now=TUESDAY,
            )
            for offer in (each for each in found.offers if each.via_exchange):
                with transaction.atomic():
                    again = Appointment.objects.get(pk=moved.pk)
                    actions.reschedule(
                        appointment=again, site=again.site, start=offer.start, by=SYSTEM, now=TUESDAY
                    )
                    assert (again.starts_at, again.ends_at) == (offer.start, offer.end)
                    transaction.set_rollback(True)
        transaction.set_rollback(True)
