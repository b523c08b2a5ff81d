import pytest
from django.core.cache import cache

from booking.models import Appointment
from communes.models import Cabin, Commune, Service, Site
from tests.api.caller import Caller, booking, make_key


@pytest.fixture
def caller(commune: Commune, site: Site, cabin: Cabin) -> Caller:
    cache.clear()
    return Caller(make_key(commune))


@pytest.fixture
def visit(caller: Caller, commune: Commune, service: Service, site: Site) -> Appointment:
    caller.post("/appointments", booking(service, site))
    return Appointment.objects.get()
