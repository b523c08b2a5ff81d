"""Who may begin when residents come early, wait for the cabin, or wait for a late helper."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from booking.enums import Status
from booking.models import Appointment, Delay
from communes.models import Cabin, Commune, Service
from tests.clocks import SetClock
from tests.factories import at, make_appointment, make_resident
from tests.kiosk.test_arrival import key, status

pytestmark = pytest.mark.django_db


def asked(kiosk: Client) -> str:
    return kiosk.get(reverse("screen-arrival")).content.decode()


def half_hour(cabin: Cabin, service: Service, number: str, hour: int, minute: int = 0) -> Appointment:
    start = at(hour, minute)
    resident = make_resident(service.commune, first_name="Alain", last_name="Aubry")
    ends = start + timedelta(minutes=30)
    return make_appointment(
        cabin, service, start, ends_at=ends, blocked_until=ends, number=number, resident=resident
    )


@pytest.fixture
def first(cabin: Cabin, service: Service) -> Appointment:
    """10:00 to 10:30, alone; has not come yet."""
    return half_hour(cabin, service, "100000", 10)


@pytest.fixture
def second(first: Appointment, cabin: Cabin, service: Service, commune: Commune) -> Appointment:
    """10:30 to 11:15, alone."""
    return make_appointment(cabin, service, at(10, 30), resident=make_resident(commune), number="200000")


# ---- without helper ----


def test_who_comes_early_does_not_take_the_time_of_who_comes_before(
    kiosk: Client, first: Appointment, second: Appointment, set_clock: SetClock
) -> None:
    set_clock(at(10, 2))
    assert "pas encore libre" in key(kiosk, "200000")
    assert status(second) == Status.ARRIVED
    assert "Alain A." in asked(kiosk)
    assert "Installez-vous" in key(kiosk, "100000")
    assert status(first) == Status.IN_SESSION


def test_nor_a_time_that_begins_meanwhile(
    kiosk: Client, cabin: Cabin, service: Service, set_clock: SetClock
) -> None:
    make_appointment(
        cabin, service, at(10, 15), ends_at=at(10, 30), blocked_until=at(10, 30), status=Status.BOOKED
    )
    later = make_appointment(cabin, service, at(10, 30), number="200000")
    set_clock(at(10, 5))
    key(kiosk, "200000")
    assert status(later) == Status.ARRIVED


def test_who_comes_early_begins_early_where_nobody_comes_before(
    kiosk: Client, cabin: Cabin, service: Service, set_clock: SetClock
) -> None:
    early = make_appointment(cabin, service, at(10, 30), number="200000")
    set_clock(at(10, 5))
    assert "Installez-vous" in key(kiosk, "200000")
    assert status(early) == Status.IN_SESSION


def test_who_waited_for_the_cabin_begins_by_name_when_it_is_free(
    kiosk: Client, cabin: Cabin, service: Service, second: Appointment, first: Appointment
) -> None:
    Appointment.objects.filter(pk=first.pk).update(status=Status.IN_SESSION)
    key(kiosk, "200000")
    assert 'name="number"' in asked(kiosk)
    Appointment.objects.filter(pk=first.pk).update(status=Status.DONE)
    page = asked(kiosk)
    assert "Fatima B." in page
    who = page.split('name="who" value="')[1].split('"', maxsplit=1)[0]
    kiosk.post(reverse("screen-arrival-confirm"), {"who": who})
    assert status(second) == Status.IN_SESSION


def test_who_waits_for_a_helper_is_not_asked_again(
    kiosk: Client, cabin: Cabin, service: Service, bob: Agent
) -> None:
    make_appointment(
        cabin,
        service,
        at(10, 30),
        resident=make_resident(service.commune),
        helper=bob,
        status=Status.ARRIVED,
    )
    assert 'name="number"' in asked(kiosk)


def test_the_next_one_may_arrive_while_someone_is_alone_in_the_cabin(
    kiosk: Client, first: Appointment, second: Appointment
) -> None:
    Appointment.objects.filter(pk=first.pk).update(status=Status.IN_SESSION)
    shown = kiosk.get(reverse("screen-board")).content.decode()
    assert "J’ai terminé" in shown
    assert f'data-open="{reverse("screen-arrival")}"' in shown


# ---- a helper who is late ----


@pytest.fixture
def helped(cabin: Cabin, service: Service, commune: Commune, bob: Agent) -> Appointment:
    """10:30 to 10:50, with Bob, who is there at 11:00 only."""
    Delay.objects.create(helper=bob, until_at=at(11), said_at=at(10, 20))
    return make_appointment(
        cabin,
        service,
        at(10, 30),
        ends_at=at(10, 50),
        blocked_until=at(10, 50),
        resident=make_resident(commune),
        helper=bob,
        number="482913",
    )


def test_nobody_is_late_for_a_helper_who_is(kiosk: Client, helped: Appointment, set_clock: SetClock) -> None:
    set_clock(at(10, 45))
    page = key(kiosk, "482913")
    assert 'data-verdict="welcome"' in page
    assert "commencera vers 11\N{NO-BREAK SPACE}h" in page
    assert status(helped) == Status.ARRIVED


def test_nothing_is_over_before_its_helper_has_come(
    kiosk: Client, helped: Appointment, set_clock: SetClock
) -> None:
    set_clock(at(10, 53))
    assert 'data-verdict="welcome"' in key(kiosk, "482913")
    assert status(helped) == Status.ARRIVED


def test_it_is_over_once_the_helper_was_there(
    kiosk: Client, helped: Appointment, set_clock: SetClock
) -> None:
    set_clock(at(11, 1))
    assert 'data-verdict="passed"' in key(kiosk, "482913")
