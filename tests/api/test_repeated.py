"""The same booking again, from a caller that sends no Idempotency-Key."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection

from booking.actions import bookings, placing
from booking.models import Appointment, Resident
from communes.models import Cabin, Commune, Service, Site
from tests.api.caller import Caller, booking, make_key, problem
from tests.clocks import SetClock
from tests.factories import TUESDAY, at, make_cabin, make_service

pytestmark = pytest.mark.usefixtures("tuesday")

NOBODY_KNOWN = {"first_name": "Zoé", "last_name": "Martin"}
WHO = {
    "with a phone": {**NOBODY_KNOWN, "phone": "06 39 98 12 34"},
    "with an address": {**NOBODY_KNOWN, "email": "Zoe@example.org"},
    "with a name alone": NOBODY_KNOWN,
    "without letters": {"first_name": "🙂", "last_name": "-"},
}
everybody = pytest.mark.parametrize("who", WHO.values(), ids=WHO)


@pytest.fixture
def second_cabin(site: Site) -> Cabin:
    return make_cabin(site)


def refused(response: Any, first: Any) -> bool:
    assert problem(response) == (409, "already_booked")
    assert response.json()["error"]["details"] == {"appointment": first.json()["id"]}
    return Appointment.objects.count() == 1 and Resident.objects.count() == 1


@everybody
def test_the_same_again_is_refused_with_the_id_of_the_first(
    caller: Caller, service: Service, site: Site, second_cabin: Cabin, who: dict[str, str]
) -> None:
    body = booking(service, site, resident=who)
    first = caller.post("/appointments", body)
    assert first.status_code == 201
    assert refused(caller.post("/appointments", body), first)


def test_the_same_again_is_refused_so_where_the_place_is_full_too(
    caller: Caller, service: Service, site: Site
) -> None:
    first = caller.post("/appointments", booking(service, site))
    assert refused(caller.post("/appointments", booking(service, site)), first)


def test_whoever_means_it_says_so(caller: Caller, service: Service, site: Site, second_cabin: Cabin) -> None:
    caller.post("/appointments", booking(service, site))
    assert caller.post("/appointments", booking(service, site, allow_overlap=True)).status_code == 201


def test_another_person_service_or_time_is_another_booking(
    caller: Caller, service: Service, site: Site, second_cabin: Cabin
) -> None:
    other = make_service(service.commune)
    assert caller.post("/appointments", booking(service, site)).status_code == 201
    assert caller.post("/appointments", booking(service, site, at(15))).status_code == 201
    assert caller.post("/appointments", booking(other, site, at(16))).status_code == 201
    assert caller.post("/appointments", booking(service, site, resident=NOBODY_KNOWN)).status_code == 201


def test_after_a_minute_it_is_no_repetition(
    caller: Caller, service: Service, site: Site, second_cabin: Cabin, set_clock: SetClock
) -> None:
    body = booking(service, site, resident=NOBODY_KNOWN)
    caller.post("/appointments", body)
    set_clock(TUESDAY + timedelta(seconds=59))
    assert problem(caller.post("/appointments", body)) == (409, "already_booked")
    set_clock(TUESDAY + timedelta(seconds=60))
    assert caller.post("/appointments", body).status_code == 201


def test_what_was_cancelled_meanwhile_can_be_booked_again(
    caller: Caller, service: Service, site: Site
) -> None:
    first = caller.post("/appointments", booking(service, site)).json()
    caller.post(f"/appointments/{first['id']}/cancel")
    assert caller.post("/appointments", booking(service, site)).status_code == 201


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("cabins", [1, 2])
def test_of_two_at_the_same_moment_one_is_booked(
    commune: Commune, service: Service, site: Site, monkeypatch: pytest.MonkeyPatch, cabins: int
) -> None:
    """Both have found a free cabin, and nobody of that name, before either of them books."""
    cache.clear()
    for _each in range(cabins):
        make_cabin(site)
    key, meet, answers = make_key(commune), threading.Barrier(2), []
    look = placing.look

    def both_have_looked(*args: Any, **how: Any) -> Any:
        found = look(*args, **how)
        meet.wait(20)
        return found

    def ask() -> None:
        answers.append(Caller(key).post("/appointments", booking(service, site)))
        connection.close()

    monkeypatch.setattr(bookings, "look", both_have_looked)
    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    first, second = sorted(answers, key=lambda each: each.status_code)
    assert first.status_code == 201
    assert refused(second, first)
