"""What a booking over the API asks of the database: most of its time goes into its statements."""

from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents.models import Agent
from booking.models import Appointment
from communes.models import Commune, Service, Site
from tests.api.caller import Caller, booking, make_key
from tests.factories import at, make_cabin, make_shift

pytestmark = [pytest.mark.usefixtures("tuesday"), pytest.mark.django_db(transaction=True)]

FATIMA = {"first_name": "Fatima", "last_name": "Bensaïd", "phone": "06 39 98 12 34"}
LEA = {"first_name": "Léa", "last_name": "Petit", "phone": "06 39 98 56 78"}


@pytest.fixture
def caller(commune: Commune, site: Site, service: Service, bob: Agent) -> Caller:
    """Two cabins, one helper, and a first booking, after which nothing has to be set up any more."""
    cache.clear()
    make_cabin(site)
    make_cabin(site)
    make_shift(bob, site, at(14), at(17))
    caller = Caller(make_key(commune))
    assert caller.post("/appointments", wanted(service, site, hour=14)).status_code == 201
    return caller


def wanted(service: Service, site: Site, *, hour: int, resident: dict[str, str] = FATIMA) -> dict[str, Any]:
    return booking(service, site, at(hour), with_helper=True, resident=resident)


def statements(caller: Caller, body: dict[str, Any], status: int) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        answer = caller.post("/appointments", body)
    assert answer.status_code == status, answer.content
    # Of a statement that PostgreSQL has planned already, Django shows what it was given.
    told = (each["sql"].removeprefix("QUERY = ").lstrip("'(") for each in captured.captured_queries)
    return [sql.split()[0] for sql in told]


def test_someone_new_is_booked_in_eighteen_statements(caller: Caller, service: Service, site: Site) -> None:
    asked = statements(caller, wanted(service, site, hour=15, resident=LEA), 201)
    assert asked == [
        *["SELECT"] * 3,  # the key with its commune; the service with the site; the resident
        *["SELECT"] * 3,  # the day: places, skills, what is taken
        "BEGIN",
        "UPDATE",  # takes the site, if nothing has changed there since
        "SELECT",  # has the same been booked within the last minute?
        *["INSERT"] * 2,  # resident, phone
        *["SAVEPOINT", "INSERT", "RELEASE"],  # appointment: its number may be taken
        *["INSERT"] * 2,  # event, unread event
        "COMMIT",
        "SELECT",  # the doorbell: a sweep is about to run already
    ]


def test_someone_known_takes_one_more_for_their_record_and_what_they_have_at_that_time(
    caller: Caller, service: Service, site: Site
) -> None:
    asked = statements(caller, wanted(service, site, hour=15), 201)
    assert asked == [
        *["SELECT"] * 4,  # as above, and who helped them last
        *["SELECT"] * 3,
        "BEGIN",
        "UPDATE",
        "SELECT",  # their record, which nobody may merge or purge meanwhile
        "SELECT",  # are they expected elsewhere then?
        *["SAVEPOINT", "INSERT", "RELEASE"],
        *["INSERT"] * 2,
        "UPDATE",  # they no longer wait for it
        "COMMIT",
        "SELECT",
    ]


def test_who_comes_too_late_is_told_so_in_seven_reads_and_locks_nothing(
    caller: Caller, service: Service, site: Site
) -> None:
    assert statements(caller, wanted(service, site, hour=14, resident=LEA), 409) == ["SELECT"] * 7
    assert Appointment.objects.count() == 1
